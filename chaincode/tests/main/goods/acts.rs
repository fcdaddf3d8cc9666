//! Operations on cells and lots with sensible values.

use crate::kit::*;
use landsea_types::operation::goods::*;
use landsea_types::operation::warehouse;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::Cell;
use landsea_types::role::{DocKind, LotKind};
use landsea_types::{Commit, DocId, LotId, Operation, Outcome, Qty, Uom};

/// Thousandths in a kilogram.
pub const KG: u64 = 1_000;

/// A bulk lot of aluminium under some keys.
pub fn lot_of(kilograms: u64, packages: u32, keys: &[&str]) -> NewLot {
    NewLot {
        kind: LotKind::Bulk,
        uom: Uom::KGM,
        qty: Qty::new(kilograms * KG),
        packages,
        goods_class: *b"760110",
        keys: keys.iter().map(|k| key(k)).collect(),
    }
}

/// A receipt of BOND for E6 over the given lots, each with its kilograms and keys.
pub fn bond_receipt(world: &World, number: &str, lots: &[(u64, &[&str])]) -> warehouse::Issue {
    let mut keys: Vec<&str> = lots.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
    keys.sort_unstable();
    keys.dedup();
    let paper = bond_paper(number, &keys);
    let mut receipt = world.receipt_body("BOND", "site of BOND", &paper);
    receipt.lots = lots.iter().map(|(kilograms, keys)| lot_of(*kilograms, 10, keys)).collect();
    warehouse::Issue { depositor: world.account("E6"), receipt }
}

/// The paper of such a receipt.
pub fn bond_paper(number: &str, keys: &[&str]) -> Paper {
    Paper::new(number, keys).arrived_in(&["L:LOCAL"])
}

/// A world with the open cell `S:ZJ-A07` of BOND.
pub fn world_with_cell() -> World {
    let mut world = World::new();
    world.open_cell("BOND", "site of BOND", "S:ZJ-A07");
    world
}

/// The same, counted at 500 t, with a receipt of E6 over 300 t in it.
pub fn stored_300_of_500() -> (World, DocId) {
    let mut world = world_with_cell();
    world.count_cell("S:ZJ-A07", 500_000);
    let doc = world.issue_at_bond("WR-ZJ-0301", &[(300_000, &["B:LZ-1", "B:LZ-2", "S:ZJ-A07"])]);
    (world, doc)
}

// ---- cells

impl World {
    /// `goods.cell_open` over kilograms.
    pub fn cell_open_op(&self, keeper: &str, site_name: &str, cell: &str) -> Operation {
        let ticket = self.ticket(keeper, DocKind::SITE, &Paper::new(site_name, &[cell]));
        Operation::GoodsCellOpen(CellOpen { ticket, uom: Uom::KGM })
    }
    /// Opens a cell.
    #[track_caller]
    pub fn open_cell(&mut self, keeper: &str, site_name: &str, cell: &str) -> Outcome {
        let op = self.cell_open_op(keeper, site_name, cell);
        self.ok(keeper, op, &[])
    }
    /// `goods.cell_count` of the current version, with SUP.
    pub fn cell_count_op(&self, cell: &str, kilograms: u64) -> Operation {
        let counted = self.cell(cell);
        Operation::GoodsCellCount(CellCount {
            cell: counted.key,
            expect_ver: counted.ver,
            counted: Qty::new(kilograms * KG),
            supervisor: self.account("SUP"),
            evidence: commit("counting protocol"),
        })
    }
    /// Counts a cell of BOND.
    #[track_caller]
    pub fn count_cell(&mut self, cell: &str, kilograms: u64) -> Outcome {
        let op = self.cell_count_op(cell, kilograms);
        self.ok("BOND", op, &["SUP"])
    }
    /// `goods.cell_block` of the current version.
    pub fn cell_block_op(&self, cell: &str) -> Operation {
        let cell = self.cell(cell);
        Operation::GoodsCellBlock(CellBlock { cell: cell.key, expect_ver: cell.ver, reason: commit("reason") })
    }
    /// `goods.cell_unblock` of the current version.
    pub fn cell_unblock_op(&self, cell: &str) -> Operation {
        let cell = self.cell(cell);
        Operation::GoodsCellUnblock(CellUnblock { cell: cell.key, expect_ver: cell.ver, reason: commit("reason") })
    }
    /// A cell by its key.
    #[track_caller]
    pub fn cell(&self, cell: &str) -> Cell {
        self.state.view().cell(&key(cell).key).expect("the cell is open")
    }
    /// What was counted and what receipts stand over, in kilograms.
    pub fn books(&self, cell: &str) -> (u64, u64) {
        let cell = self.cell(cell);
        (cell.counted.get() / KG, cell.receipts_sum.get() / KG)
    }
    /// Issues a receipt of BOND for E6.
    #[track_caller]
    pub fn issue_at_bond(&mut self, number: &str, lots: &[(u64, &[&str])]) -> DocId {
        let op = Operation::WarehouseIssue(bond_receipt(self, number, lots));
        doc_of(&self.ok("BOND", op, &["E6", "SUP"]))
    }
}

// ---- lots

impl World {
    /// `goods.unstuff` of the current version.
    pub fn unstuff_op(&self, lot: &LotId, keys: &[&str]) -> Operation {
        let keys = keys.iter().map(|k| key(k).key).collect();
        let expect_ver = self.lot(lot).ver;
        Operation::GoodsUnstuff(Unstuff { lot: *lot, expect_ver, keys, evidence: commit("unstuffing") })
    }
    /// `goods.reseal` of the current version; an empty name is no seal.
    pub fn reseal_op(&self, lot: &LotId, old: &str, new: &str) -> Operation {
        let seal = |name: &str| if name.is_empty() { Commit::default() } else { commit(name) };
        let expect_ver = self.lot(lot).ver;
        Operation::GoodsReseal(Reseal { lot: *lot, expect_ver, old_seal: seal(old), new_seal: seal(new) })
    }
    /// `goods.declare_loss` of the current version.
    pub fn loss_op(&self, lot: &LotId) -> Operation {
        let expect_ver = self.lot(lot).ver;
        Operation::GoodsDeclareLoss(DeclareLoss { lot: *lot, expect_ver, evidence: commit("survey") })
    }
    /// `goods.force_vacate`.
    pub fn vacate_op(&self, of: &str) -> Operation {
        Operation::GoodsForceVacate(ForceVacate { key: key(of).key, reason: commit("reason") })
    }
    /// The lots that occupy a key.
    pub fn occupants(&self, of: &str) -> Vec<LotId> {
        self.state.view().goods_key(&key(of).key)
    }
}
