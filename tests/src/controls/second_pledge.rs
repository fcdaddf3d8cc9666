//! Skip the look at what is pledged already: the same goods are pledged twice.

use super::Control;
use super::plans::trade;
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::Mutation;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::Member;
use landsea_types::state::{Family, Leaf};

pub(super) const CONTROL: Control = Control {
    name: "pledge what is pledged already",
    caught_by: &["the ledger does what the model does", "ledger invariants"],
    tolerates: &[],
    within: 3,
    plan: |seed| trade(seed, 80),
    mutation: |_| Box::new(NothingPledged),
};

struct NothingPledged;

struct NoEncumbrances;

impl StoreChange for NoEncumbrances {
    fn leaf(&self, store: &dyn Store, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        if family == Family::Encumbrance { None } else { store.leaf(family, id) }
    }
}

impl Mutation for NothingPledged {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, NoEncumbrances)
    }
}
