//! When the next height starts.
//!
//! The chain is paced by delaying the start of a height, never the answer to a proposer's turn: the others' timers run from the
//! start. A height starts when a batch waits to be ordered, when a verified message of it has come, or after the idle time, so that an
//! idle chain keeps certificates fresh and lets terms expire.

use super::{Action, Replica, TimerId};
use landsea_consensus::Input;
use landsea_types::Height;
use landsea_types::genesis::ParamKey;

/// The highest height that was started.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pacing {
    started: Height,
}

impl Replica {
    /// After a commit: go on at once if there is a reason, else after the idle time.
    pub(super) fn after_commit(&mut self, actions: &mut Vec<Action>) {
        if self.mempool.has_ready() || self.engine.status().buffered > 0 {
            self.start_next_height(actions);
        } else {
            let after_ms = self.param(ParamKey::IdleBlockMs);
            actions.push(Action::SetTimer { timer: TimerId::StartHeight, after_ms });
        }
        self.seal_batch(actions);
        self.continue_block_sync(actions);
    }

    /// A batch waits: start if no height is in progress.
    pub(super) fn start_if_needed(&mut self, actions: &mut Vec<Action>) {
        if self.mempool.has_ready() {
            self.start_next_height(actions);
        }
    }

    /// Starts the height above the tip unless it is in progress.
    pub(super) fn start_next_height(&mut self, actions: &mut Vec<Action>) {
        self.start_height(Vec::new(), actions);
    }

    pub(super) fn start_height(&mut self, wal: Vec<Vec<u8>>, actions: &mut Vec<Action>) {
        let height = self.next_height();
        if self.pacing.started >= height {
            return;
        }
        self.pacing.started = height;
        actions.push(Action::CancelTimer { timer: TimerId::StartHeight });
        self.feed(Input::StartHeight { height, wal }, actions);
    }
}
