//! Records of leaves as they were, for as long as their heights can be proved.
//!
//! A proof needs the record beside the path. When a height replaces or removes a leaf, what stood there before is kept under that
//! height, also when nothing did. The leaf as of a height is then the first record that a later height replaced, or the current one.

use super::LedgerStore;
use crate::disk::{Changes, Column, Disk};
use crate::error::must;
use crate::keys;
use crate::tables::{Pruned, encode};
use landsea_types::Height;
use landsea_types::state::{StateRead as _, Write};
use std::collections::BTreeSet;

impl<D: Disk> LedgerStore<D> {
    /// Keeps what the leaves written at a height held before it.
    pub(super) fn put_replaced(&self, changes: &mut Changes, height: Height, writes: &[Write]) {
        let leaves = writes.iter().filter_map(|write| match write {
            Write::Leaf { family, id, .. } => Some((*family, *id)),
            Write::Row { .. } => None,
        });
        for (family, id) in leaves.collect::<BTreeSet<_>>() {
            let before = self.leaf(family, &id);
            changes.put(Column::Replaced, keys::replaced(family, &id, height), encode(&before));
            changes.put(Column::Replaced, keys::replaced_entry(family, &id, height), Vec::new());
        }
    }

    /// Removes records that only heights below the oldest provable one had.
    pub(super) fn prune_replaced(&self, changes: &mut Changes, pruned: &mut Pruned, height: Height, limit: usize) {
        // What this very block replaces is not listed on the disk yet; the next one finds it.
        let through = pruned.oldest.min(height.get().saturating_sub(1));
        let (first, end) = keys::replaced_through(Height::new(through));
        let from = first.max(pruned.records.clone());
        if from >= end {
            return;
        }
        let rows = must(self.disk().scan(Column::Replaced, &from, &end, limit));
        let is_done = rows.len() < limit;
        for (entry, _) in rows {
            let record = keys::replaced_record_of(&entry).expect("the list holds only its own entries");
            changes.delete(Column::Replaced, record);
            pruned.records = [entry.as_slice(), &[0]].concat();
            changes.delete(Column::Replaced, entry);
        }
        if is_done {
            pruned.records = end;
        }
    }
}
