//! Operations on receipts with sensible values.

use crate::goods::acts::KG;
use crate::kit::*;
use landsea_types::operation::warehouse::*;
use landsea_types::role::TerminateReason;
use landsea_types::{Commit, DocId, LotId, Operation, Outcome, Qty};

/// Some kilograms of a lot, with the packages and keys that leave with them.
pub fn part(lot: &LotId, kilograms: u64, packages: u32, keys: &[&str]) -> Part {
    let keys = keys.iter().map(|k| key(k).key).collect();
    Part { lot: *lot, qty: Qty::new(kilograms * KG), packages, keys }
}

/// A lot's move between cells.
pub fn relocation(lot: &LotId, from: &str, to: &str) -> Move {
    Move { lot: *lot, from: key(from).key, to: key(to).key }
}

impl World {
    /// `warehouse.deliver_partial` of the current version.
    pub fn partial_op(&self, doc: &DocId, parts: Vec<Part>) -> Operation {
        Operation::WarehouseDeliverPartial(DeliverPartial { doc: *doc, expect_ver: self.ver(doc), parts })
    }
    /// `warehouse.relocate` of the current version.
    pub fn relocate_op(&self, doc: &DocId, moves: Vec<Move>) -> Operation {
        Operation::WarehouseRelocate(Relocate { doc: *doc, expect_ver: self.ver(doc), moves })
    }
    /// `warehouse.extend_storage` of the current version, by days from the next block.
    pub fn extend_storage_op(&self, doc: &DocId, days: u64) -> Operation {
        let until = self.next_time().saturating_add(days * DAY);
        Operation::WarehouseExtendStorage(ExtendStorage { doc: *doc, expect_ver: self.ver(doc), until })
    }
    /// `warehouse.set_lien` of the current version.
    pub fn lien_op(&self, doc: &DocId, lien: bool) -> Operation {
        let charges = commit("charges unpaid");
        Operation::WarehouseSetLien(SetLien { doc: *doc, expect_ver: self.ver(doc), lien, charges })
    }
    /// `warehouse.terminate` of the current version.
    pub fn terminate_op(&self, doc: &DocId, step: Termination) -> Operation {
        Operation::WarehouseTerminate(Terminate { doc: *doc, expect_ver: self.ver(doc), step })
    }
    /// The notice that perishables will be sold.
    pub fn sale_notice_op(&self, doc: &DocId) -> Operation {
        self.terminate_op(doc, Termination::Notice { reason: TerminateReason::Perishable })
    }
    /// The statement that they were.
    pub fn sold_op(&self, doc: &DocId) -> Operation {
        self.terminate_op(doc, Termination::Sold { proceeds: commit("proceeds") })
    }
}
