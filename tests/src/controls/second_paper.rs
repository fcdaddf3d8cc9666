//! Skip the look at goods keys: a second paper is issued over goods that another one stands for.

use super::Control;
use super::plans::trade;
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::Mutation;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::Member;
use landsea_types::state::{Family, Leaf};

pub(super) const CONTROL: Control = Control {
    name: "issue a second paper over the same goods",
    caught_by: &["the ledger does what the model does", "ledger invariants"],
    tolerates: &[],
    within: 3,
    plan: |seed| trade(seed, 80),
    mutation: |_| Box::new(AllGoodsFree),
};

struct AllGoodsFree;

struct NoGoodsKeys;

impl StoreChange for NoGoodsKeys {
    fn leaf(&self, store: &dyn Store, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        if family == Family::GoodsKey { None } else { store.leaf(family, id) }
    }
}

impl Mutation for AllGoodsFree {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, NoGoodsKeys)
    }
}
