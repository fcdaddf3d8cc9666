//! Commit: one atomic, synced batch per decided height.

use super::candidates::Prepared;
use super::{Action, CommittedHeight, Replica};
use crate::checked::CheckedBatch;
use landsea_storage::Commit;
use landsea_types::{Block, BlockId, CommitCertificate};
use std::sync::Arc;

impl Replica {
    pub(super) fn on_decide(&mut self, certificate: CommitCertificate, actions: &mut Vec<Action>) {
        let prepared = self.candidates.take(&certificate.block);
        let prepared = prepared.unwrap_or_else(|| self.prepare_again(&certificate.block));
        let Prepared { block, batches, writes, outcomes, staged } = prepared;
        let committed = CommittedHeight {
            height: certificate.height,
            round: certificate.round,
            header: block.header.clone(),
            outcomes: outcomes.clone(),
        };
        let decided = block.batches.clone();
        tracing::info!(height = %committed.height, round = committed.round, transactions = block.header.transactions, "committed");
        if committed.round == 0 {
            self.pacing.learn(self.now, committed.height, block.header.transactions as usize);
        }
        self.store.commit(Commit {
            block,
            certificate,
            batches: batches.iter().map(|b| b.batch.clone()).collect(),
            writes,
            outcomes,
            staged,
        });
        self.mempool.remove(&decided);
        self.drop_useless();
        self.candidates.clear(self.next_height());
        actions.push(Action::Committed { committed: Arc::new(committed) });
        self.after_commit(actions);
    }

    /// After a restart or an eviction the overlay is gone; block and batches are in the store, flushed before the vote.
    fn prepare_again(&self, id: &BlockId) -> Prepared {
        let block = self.held_block(id);
        let block = block.unwrap_or_else(|| panic!("decided block {id} is not held: run `landsea node verify`"));
        let batches = self.stored_batches(&block);
        self.execute_with(&block, batches).unwrap_or_else(|| {
            panic!("decided block {id} does not execute to its own roots: run `landsea node verify`")
        })
    }

    fn stored_batches(&self, block: &Block) -> Vec<Arc<CheckedBatch>> {
        let one = |id| {
            self.mempool.get(id).cloned().unwrap_or_else(|| {
                let batch = self.store.batch(id).unwrap_or_else(|| panic!("batch {id} of a decided block is not held"));
                self.check_decided(batch)
            })
        };
        block.batches.iter().map(one).collect()
    }

    /// Checks a batch that a quorum has decided or this node has voted for.
    pub(super) fn check_decided(&self, batch: landsea_types::Batch) -> Arc<CheckedBatch> {
        let origin = self.validators.get(batch.body().origin).expect("a decided batch has a validator as origin");
        CheckedBatch::check(batch, &self.chain, &origin.public_key, &*self.suite)
            .unwrap_or_else(|reason| panic!("a decided batch does not pass its check: {reason}"))
    }

    fn drop_useless(&mut self) {
        let useless = self.mempool.take_useless(self.next_height());
        if !useless.is_empty() {
            self.mempool.remove(&useless);
            self.store.drop_batches(&useless);
        }
    }
}
