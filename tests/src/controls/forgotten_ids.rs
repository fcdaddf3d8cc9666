//! Forget which transactions were executed: a peer has decided ones decided again.

use super::Control;
use super::plans::with_peer;
use super::wrapped::{StoreChange, open_changed};
use crate::byzantine::{Behaviour, Kind, Puppeteer};
use crate::cluster::Mutation;
use landsea_p2p::Class;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::state::Table;
use landsea_types::{Height, Member};

pub(super) const CONTROL: Control = Control {
    name: "forget the ids of executed transactions",
    caught_by: &["validity"],
    tolerates: &[],
    within: 3,
    plan: |seed| with_peer(seed, 4, 8, &PEER),
    mutation: |_| Box::new(Forgetful),
};

const NAME: &str = "decided transactions again";
static PEER: Kind = Kind { name: NAME, make: |_| Box::new(Replayer { seen: Height::ZERO }) };

/// Batches the transactions of every decided block once more.
struct Replayer {
    seen: Height,
}

impl Behaviour for Replayer {
    fn name(&self) -> &'static str {
        NAME
    }
    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if me.tip.height <= self.seen {
            return;
        }
        self.seen = me.tip.height;
        let snapshot = me.store.reader().snapshot();
        let block = snapshot.block(self.seen).expect("a committed height has a block");
        let Some(batch) = block.batches.first().and_then(|id| snapshot.batch(id)) else { return };
        let again = me.batch(me.now.get(), batch.body().transactions.clone());
        me.broadcast(Class::Batch, &borsh::to_vec(&again).expect("writing to a vector cannot fail"));
    }
}

struct Forgetful;

struct NoIds;

impl StoreChange for NoIds {
    fn row(&self, store: &dyn Store, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        if table == Table::Transaction { None } else { store.row(table, key) }
    }
}

impl Mutation for Forgetful {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, NoIds)
    }
}
