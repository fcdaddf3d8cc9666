//! Records of leaves as they were, for as long as their heights can be proved.
//!
//! A proof needs the record beside the path. When a height replaces or removes a leaf, what stood there before is kept under that
//! height. Whether a leaf was there at all as of a height, the tree of that height says; if it was, it is the first record that a later
//! height replaced, or the current one. So a new leaf, which is most of them, costs nothing here.

use super::LedgerStore;
use crate::disk::{Changes, Column, Disk};
use crate::error::must;
use crate::keys;
use crate::tables::{Pruned, Replaced};
use landsea_types::Height;
use landsea_types::state::{StateRead as _, Write};
use std::collections::BTreeSet;

/// Lists of heights that are looked at together.
const LISTS_PER_READ: usize = 64;

impl<D: Disk> LedgerStore<D> {
    /// Keeps what the leaves written at a height held before it.
    pub(super) fn put_replaced(&self, changes: &mut Changes, height: Height, writes: &[Write]) {
        let leaves = writes.iter().filter_map(|write| match write {
            Write::Leaf { family, id, .. } => Some((*family, *id)),
            Write::Row { .. } => None,
        });
        let mut list = Vec::new();
        for (family, id) in leaves.collect::<BTreeSet<_>>() {
            let Some(before) = self.leaf(family, &id) else { continue };
            changes.put_encoded(Column::Replaced, keys::replaced(family, &id, height), &before);
            list.push((family, id));
        }
        if !list.is_empty() {
            changes.put_encoded(Column::Replaced, keys::replaced_list(height), &list);
        }
    }

    /// Removes records that only heights below the oldest provable one had, until about `limit` of them are gone.
    pub(super) fn prune_replaced(&self, changes: &mut Changes, pruned: &mut Pruned, height: Height, limit: usize) {
        // What this very block replaces is not listed on the disk yet; the next one finds it.
        let until = Height::new(pruned.oldest.min(height.get().saturating_sub(1))).next();
        let mut gone = 0;
        let lists = must(self.tables.replaced_lists(Height::new(pruned.records), until, LISTS_PER_READ));
        let is_all = lists.len() < LISTS_PER_READ;
        for Replaced { by, leaves } in lists {
            if gone >= limit {
                return;
            }
            leaves.iter().for_each(|(family, id)| changes.delete(Column::Replaced, keys::replaced(*family, id, by)));
            changes.delete(Column::Replaced, keys::replaced_list(by));
            (gone, pruned.records) = (gone + leaves.len(), by.next().get());
        }
        if is_all {
            pruned.records = until.get().max(pruned.records);
        }
    }
}
