//! The one batch of a height.

use super::LedgerStore;
use super::hot::LeafWrite;
use crate::disk::{Changes, Column, Disk};
use crate::error::must;
use crate::keys;
use crate::store::{Commit, Tip};
use crate::tables::{Pruned, Stale};
use crate::tree::{EMPTY_ROOT, flushed_below, leaf_changes};
use landsea_types::outcome::Outcomes;
use landsea_types::state::Write;
use landsea_types::{Batch, BatchId, Block, BlockId, ChainId, Height, Timestamp};

/// Pages, lists and records removed by one commit, at least; a block that replaces many pages removes twice as many as it
/// replaces, so that a backlog shrinks.
const PRUNED_PER_BLOCK: usize = 1_000;

impl<D: Disk> LedgerStore<D> {
    /// Height 0: genesis state, its root and the first tip. The block id is the chain id, the hash of the genesis.
    pub(super) fn write_genesis(&mut self, writes: &[Write], chain: ChainId, time: Timestamp) {
        let staged = self.tree.stage(self.disk(), Height::ZERO, &leaf_changes(writes));
        let (state_root, block_id) = (staged.root(), BlockId(chain.0));
        let tip = Tip { chain, height: Height::ZERO, block_id, state_root, time, header: None };
        assert_eq!(staged.base(), EMPTY_ROOT, "the genesis starts from an empty tree");
        let mut changes = Changes::default();
        let leaves = put_state(&mut changes, writes.to_vec());
        must(self.tree.commit(&self.tables.0, staged, &mut changes));
        changes.put_encoded(Column::Meta, keys::GENESIS_ROOT, &state_root);
        changes.put_encoded(Column::Meta, keys::FORMAT_KEY, &keys::FORMAT);
        self.write_with_tip(changes, tip);
        self.hot.follow(leaves);
    }

    pub(super) fn commit_height(&mut self, commit: Commit) {
        self.check(&commit);
        let Commit { block, certificate, batches, writes, outcomes, staged } = commit;
        let height = block.header.height;
        let mut changes = Changes::default();
        changes.put_encoded(Column::Blocks, keys::block(height), &block);
        changes.put_encoded(Column::Blocks, keys::certificate(height), &certificate);
        put_outcomes(&mut changes, height, &outcomes);
        self.put_batches(&mut changes, &block, &batches);
        self.put_replaced(&mut changes, height, &writes);
        let leaves = put_state(&mut changes, writes.into_list());
        let pruned = self.prune(&mut changes, height, staged.replaced_pages());
        must(self.tree.commit(&self.tables.0, staged, &mut changes));
        self.clear_undecided(&mut changes, height);
        self.write_with_tip(changes, child(&self.tip, block));
        self.hot.follow(leaves);
        self.pruned = pruned;
        self.proposed.retain(|_, proposed_for| *proposed_for > height);
    }

    fn write_with_tip(&mut self, mut changes: Changes, tip: Tip) {
        changes.put_encoded(Column::Meta, keys::TIP, &tip);
        self.write_synced(changes);
        self.tip = tip;
    }

    /// Whatever is wrong here would be carried to every later height.
    fn check(&self, commit: &Commit) {
        let header = &commit.block.header;
        let height = header.height;
        let ids: Vec<BatchId> = commit.batches.iter().map(Batch::id).collect();
        assert_eq!(header.chain_id, self.tip.chain, "commit of {height}: a block of another chain");
        assert_eq!(height, self.tip.height.next(), "commit of {height}: not the next height");
        assert_eq!(header.parent, self.tip.block_id, "commit of {height}: the parent is not the tip");
        assert_eq!(commit.certificate.height, height, "commit of {height}: the certificate is for another height");
        assert_eq!(
            commit.certificate.block,
            commit.block.id(),
            "commit of {height}: the certificate names another block"
        );
        assert_eq!(ids, commit.block.batches, "commit of {height}: these are not the block's batches");
        assert_eq!(commit.staged.height(), height, "commit of {height}: the tree was staged for another height");
        assert_eq!(
            commit.staged.base(),
            self.tip.state_root,
            "commit of {height}: the tree was staged on another state"
        );
        assert_eq!(commit.staged.root(), header.state_root, "commit of {height}: the state root differs");
        assert_eq!(commit.writes.hash(), header.writes_hash, "commit of {height}: the writes hash differs");
        assert_eq!(commit.outcomes.root(), header.outcomes_root, "commit of {height}: the outcomes root differs");
    }

    fn put_batches(&mut self, changes: &mut Changes, block: &Block, batches: &[Batch]) {
        for (id, batch) in block.batches.iter().zip(batches) {
            if !crate::store::Store::has_batch(self, id) {
                changes.put_encoded(Column::Batches, keys::batch(id), batch);
            }
            if self.undecided.remove(id) {
                changes.delete(Column::Batches, keys::undecided(id));
            }
            changes.put_encoded(Column::Batches, keys::batch_height(id), &block.header.height);
        }
    }

    fn clear_undecided(&self, changes: &mut Changes, height: Height) {
        for (id, _) in self.proposed.iter().filter(|(_, proposed_for)| **proposed_for <= height) {
            changes.delete(Column::Batches, keys::proposed(id));
        }
        let (from, until) = keys::wal_through(height);
        changes.delete_range(Column::Wal, from, until);
    }

    /// Removes pages that no height inside the window needs, those replaced at or before its oldest height, and what lies beside them.
    fn prune(&self, changes: &mut Changes, height: Height, replaced_pages: usize) -> Pruned {
        let mut pruned = self.pruned.clone();
        let kept = self.config.proof_versions_kept;
        let oldest = (height.get() + 1).saturating_sub(kept);
        if kept == 0 || oldest == 0 {
            return pruned;
        }
        pruned.oldest = oldest.max(pruned.oldest);
        let limit = PRUNED_PER_BLOCK.max(replaced_pages.saturating_mul(2));
        self.prune_pages(changes, &mut pruned, height, limit);
        self.prune_changed(changes, &mut pruned, height, limit as u64);
        self.prune_replaced(changes, &mut pruned, height, limit);
        changes.put_encoded(Column::Meta, keys::PRUNED, &pruned);
        pruned
    }

    fn prune_pages(&self, changes: &mut Changes, pruned: &mut Pruned, height: Height, mut limit: usize) {
        // What this very block replaces is not listed on the disk yet; the next one finds it.
        let end = (pruned.oldest + 1).min(height.get());
        while limit > 0
            && let Some(Stale { height: listed, pages }) = must(self.tables.next_stale(pruned.stale, end))
        {
            let from = pruned.stale_pages as usize;
            let gone = pages.len().saturating_sub(from).min(limit);
            let is_done = from + gone >= pages.len();
            pages.into_iter().skip(from).take(gone).for_each(|page| changes.delete(Column::Nodes, page));
            limit -= gone;
            (pruned.stale, pruned.stale_pages) = (listed, (from + gone) as u64);
            if is_done {
                changes.delete(Column::Stale, keys::stale(listed));
                (pruned.stale, pruned.stale_pages) = (listed + 1, 0);
            }
        }
    }

    /// The oldest provable height is rebuilt from the pages below it and the lists since then; earlier lists serve nobody.
    fn prune_changed(&self, changes: &mut Changes, pruned: &mut Pruned, height: Height, limit: u64) {
        // The list of this very block is not on the disk yet.
        let oldest = pruned.oldest.min(height.get().saturating_sub(1));
        let Some(needed) = must(flushed_below(self.disk(), oldest)) else { return };
        let until = needed.min(pruned.changed.saturating_add(limit));
        for height in pruned.changed..until {
            changes.delete(Column::Changed, keys::changed(height));
        }
        pruned.changed = until.max(pruned.changed);
    }
}

fn child(parent: &Tip, block: Block) -> Tip {
    Tip {
        chain: parent.chain,
        height: block.header.height,
        block_id: block.id(),
        state_root: block.header.state_root,
        time: block.header.time,
        header: Some(block.header),
    }
}

fn put_outcomes(changes: &mut Changes, height: Height, outcomes: &Outcomes) {
    for (encoded, index) in outcomes.encoded().iter().zip(0..) {
        changes.put(Column::Blocks, keys::outcome(height, index), encoded);
    }
}

/// Returns the leaves, for the memory of them to follow once they are written.
fn put_state(changes: &mut Changes, writes: Vec<Write>) -> Vec<LeafWrite> {
    let mut leaves = Vec::new();
    for write in writes {
        match write {
            Write::Leaf { family, id, leaf } => {
                match &leaf {
                    Some(leaf) => changes.put_encoded(Column::Leaves, keys::leaf(family, &id), leaf),
                    None => changes.delete(Column::Leaves, keys::leaf(family, &id)),
                }
                leaves.push(((family, id), leaf));
            }
            Write::Row { table, key, value: Some(value) } => changes.put(Column::Rows, keys::row(table, &key), value),
            Write::Row { table, key, value: None } => changes.delete(Column::Rows, keys::row(table, &key)),
        }
    }
    leaves
}
