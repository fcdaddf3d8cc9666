//! Iterate in the order of a hash table: the lots of a document come in an order of the process's own.

use super::Control;
use super::plans::trade;
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::Mutation;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::Member;
use landsea_types::record::Doc;
use landsea_types::state::{Family, Leaf};

pub(super) const CONTROL: Control = Control {
    name: "iterate in hash order",
    caught_by: &["no correct member halts", "equal state roots", "liveness after healing"],
    tolerates: &[],
    within: 3,
    plan: |seed| trade(seed, 40),
    mutation: |_| Box::new(HashOrder),
};

struct HashOrder;

/// Lots as a table whose hash is keyed by the member gives them.
struct OwnOrder {
    member: Member,
}

impl OwnOrder {
    fn reordered(&self, leaf: Leaf) -> Leaf {
        let mut doc: Doc = borsh::from_slice(&leaf.record).expect("a document decodes");
        doc.lots.sort_by_key(|lot| {
            *blake3::Hasher::new().update(&[self.member.get()]).update(&lot.0).finalize().as_bytes()
        });
        Leaf { record: borsh::to_vec(&doc).expect("writing to a vector cannot fail"), ..leaf }
    }
}

impl StoreChange for OwnOrder {
    fn leaf(&self, store: &dyn Store, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        let leaf = store.leaf(family, id)?;
        Some(if family == Family::Doc { self.reordered(leaf) } else { leaf })
    }
}

impl Mutation for HashOrder {
    fn open_store(&mut self, member: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, OwnOrder { member })
    }
}
