//! Building the block that this node proposes.

use super::{Action, Replica};
use landsea_consensus::Input;
use landsea_types::Height;

impl Replica {
    /// The engine asks for a value: waiting batches in order of arrival, executed on the tip.
    pub(super) fn on_build(&mut self, height: Height, round: u32, actions: &mut Vec<Action>) {
        let tip = self.store.tip();
        let room = self.pacing.block_transactions();
        let mut batches = self.mempool.pick(room, |id| self.store.batch_height(id).is_some());
        // After a round without a decision the block may have been too much for the others: offer half.
        let fewer = batches.len() >> round.min(16);
        batches.truncate(fewer.max(1));
        let ids = batches.iter().map(|b| b.id).collect();
        let time = self.now.max(tip.time.saturating_add(1));
        let mut prepared = self.run(height, time, ids, batches);
        prepared.block.header = self.header_for(&prepared, self.member);
        self.keep_durable(&prepared);
        let block = prepared.block.id();
        self.candidates.set_own(prepared);
        self.feed(Input::Propose { height, round, block }, actions);
    }
}
