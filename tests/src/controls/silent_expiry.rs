//! Expire a pledge silently: from its maturity on nothing looks encumbered any more, although its grace runs.

use super::Control;
use super::plans::trade;
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::Mutation;
use crate::simulation::Plan;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::Member;
use landsea_types::record::{Encumbrance, Pledge};
use landsea_types::state::{Family, Leaf, Table};

pub(super) const CONTROL: Control = Control {
    name: "expire a pledge silently at maturity",
    caught_by: &["the ledger does what the model does", "ledger invariants"],
    // Execution again from the genesis, which some seeds end with, comes to another state.
    tolerates: &["replay from the genesis"],
    within: 30,
    plan: |seed| Plan { traffic_ms: (60, 300), ..trade(seed, 300) },
    mutation: |_| Box::new(SilentExpiry),
};

struct SilentExpiry;

struct UntilMaturity;

fn has_matured(store: &dyn Store, encumbrance: &Leaf) -> bool {
    let encumbrance: Encumbrance = borsh::from_slice(&encumbrance.record).expect("an encumbrance decodes");
    let pledge = store.row(Table::Pledge, &encumbrance.pledge.0).expect("an encumbrance names a pledge");
    let pledge: Pledge = borsh::from_slice(&pledge).expect("a pledge decodes");
    pledge.reg_until <= store.tip().time
}

impl StoreChange for UntilMaturity {
    fn leaf(&self, store: &dyn Store, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        let leaf = store.leaf(family, id)?;
        let is_hidden = family == Family::Encumbrance && has_matured(store, &leaf);
        (!is_hidden).then_some(leaf)
    }
}

impl Mutation for SilentExpiry {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, UntilMaturity)
    }
}
