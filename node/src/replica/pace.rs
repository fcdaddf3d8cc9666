//! When the next height starts.
//!
//! The chain is paced by delaying the start of a height, never the answer to a proposer's turn: the others' timers run from the
//! start. A height starts when a batch waits to be ordered, when a verified message of it has come, or after the idle time, so that an
//! idle chain keeps certificates fresh and lets terms expire.
//!
//! A height costs every member milliseconds of work whatever it holds, so while few transactions wait, heights start no closer than
//! [`PACE_MS`] to one another. A transaction that comes to an idle chain waits for nothing.
//!
//! A block beyond what the members can execute in good time would make every later transaction wait, and at last the propose timeout
//! expire. So a proposer offers fewer transactions after a height that took long, and more after one that did not.
//!
//! A batch that never reached the proposer starts the height everywhere but there, and the proposer would hear of it only from the nil votes of the
//! others. So a member that misses the proposal for a while sends the proposer a batch, the smallest that waits.

use super::peers::send;
use super::{Action, Replica, TimerId};
use crate::message::FetchMessage;
use landsea_consensus::{EngineStatus, Input, Step};
use landsea_p2p::Class;
use landsea_types::bounds::BLOCK_TRANSACTIONS_MAX;
use landsea_types::genesis::ParamKey;
use landsea_types::{Height, Member, Timestamp};

/// How long the first proposal of a height is waited for before the proposer is sent a batch, milliseconds, and how much longer by every seat
/// between: mostly one member does it for all. The last of fifteen still comes before the propose timeout.
const REMIND_AFTER_MS: u64 = 400;
const REMIND_STEP_MS: u64 = 75;

/// The least time between the starts of two heights while fewer than [`PACED_TRANSACTIONS`] wait, milliseconds.
const PACE_MS: u64 = 20;
/// Transactions that are worth a height at once.
const PACED_TRANSACTIONS: usize = 200;

/// A height that took longer is followed by smaller blocks, milliseconds; one that took less than half of it by larger ones.
const LONG_HEIGHT_MS: u64 = 600;
/// Transactions that a block may always hold, however long heights take: where messages travel far, a smaller block gains nothing.
const BLOCK_TRANSACTIONS_MIN: usize = 500;

/// The highest height that was started, and when; and how many transactions the next proposed block may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pacing {
    started: Height,
    at: Timestamp,
    block_transactions: usize,
}

impl Default for Pacing {
    fn default() -> Self {
        Self { started: Height::ZERO, at: Timestamp::default(), block_transactions: BLOCK_TRANSACTIONS_MAX }
    }
}

impl Pacing {
    /// Transactions that a block proposed now may hold.
    pub(super) fn block_transactions(&self) -> usize {
        self.block_transactions
    }

    /// Learns from a height that now committed this many transactions, in its first round.
    pub(super) fn learn(&mut self, now: Timestamp, height: Height, transactions: usize) {
        let (took, before) = (now.since(self.at), self.block_transactions);
        self.block_transactions = match took {
            _ if height != self.started => before,
            _ if took > LONG_HEIGHT_MS => (transactions - transactions / 4).clamp(BLOCK_TRANSACTIONS_MIN, before),
            _ if took < LONG_HEIGHT_MS / 2 => (before + before / 8).min(BLOCK_TRANSACTIONS_MAX),
            _ => before,
        };
    }
}

impl Replica {
    /// After a commit: go on at once if there is a reason, else after the idle time.
    pub(super) fn after_commit(&mut self, actions: &mut Vec<Action>) {
        if self.engine.status().buffered > 0 {
            self.start_next_height(actions);
        } else if self.mempool.has_ready() {
            self.start_in_time(actions);
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
            self.start_in_time(actions);
        }
    }

    /// Starts the height above the tip now, or when the pace lets it.
    fn start_in_time(&mut self, actions: &mut Vec<Action>) {
        let passed = self.now.since(self.pacing.at);
        if self.pacing.started >= self.next_height() {
            return;
        }
        if passed >= PACE_MS || self.mempool.transactions() >= PACED_TRANSACTIONS {
            self.start_next_height(actions);
        } else {
            actions.push(Action::SetTimer { timer: TimerId::StartHeight, after_ms: PACE_MS - passed });
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
        (self.pacing.started, self.pacing.at) = (height, self.now);
        actions.push(Action::CancelTimer { timer: TimerId::StartHeight });
        self.set_reminder(height, actions);
        self.feed(Input::StartHeight { height, wal }, actions);
    }

    fn set_reminder(&self, height: Height, actions: &mut Vec<Action>) {
        let seats = self.validators.len() as u64;
        let proposer = self.validators.proposer(height, 0).member;
        let seat = |member: Member| self.validators.iter().position(|v| v.member == member).unwrap_or(0) as u64;
        let distance = (seat(self.member) + seats - seat(proposer)) % seats;
        if distance > 0 {
            let after_ms = REMIND_AFTER_MS + REMIND_STEP_MS * (distance - 1);
            actions.push(Action::SetTimer { timer: TimerId::RemindProposer, after_ms });
        }
    }

    /// The proposal has not come: the proposer may lack the batch for which the others have started.
    pub(super) fn remind_proposer(&mut self, actions: &mut Vec<Action>) {
        let EngineStatus { height, round, step, .. } = self.engine.status();
        let waits = height == self.next_height() && round == 0 && step == Step::Propose && !self.candidates.has_named();
        let proposer = self.validators.proposer(height, 0).member;
        if let Some(batch) = self.mempool.smallest().filter(|_| waits && self.peers.is_connected(proposer)) {
            send(actions, proposer, Class::Fetch, FetchMessage::Batch { batch: batch.batch.clone() }.encode());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pacing: &mut Pacing, took: u64, transactions: usize) -> usize {
        let height = Height::new(pacing.started.get() + 1);
        (pacing.started, pacing.at) = (height, Timestamp::new(1_000));
        pacing.learn(Timestamp::new(1_000 + took), height, transactions);
        pacing.block_transactions()
    }

    #[test]
    fn blocks_shrink_after_long_heights_and_grow_again_after_short_ones() {
        let mut pacing = Pacing::default();
        assert_eq!(after(&mut pacing, LONG_HEIGHT_MS, 4_000), BLOCK_TRANSACTIONS_MAX, "in good time");
        assert_eq!(after(&mut pacing, LONG_HEIGHT_MS + 1, 4_000), 3_000);
        assert_eq!(after(&mut pacing, LONG_HEIGHT_MS - 1, 3_000), 3_000);
        assert_eq!(after(&mut pacing, LONG_HEIGHT_MS / 2 - 1, 3_000), 3_375);
        assert_eq!(after(&mut pacing, 10_000, 1), BLOCK_TRANSACTIONS_MIN, "but never below the least");
        assert_eq!(after(&mut pacing, 10_000, 5_000), BLOCK_TRANSACTIONS_MIN, "a long height never lets them grow");
        pacing.learn(Timestamp::new(99_000), Height::new(99), 9);
        assert_eq!(pacing.block_transactions(), BLOCK_TRANSACTIONS_MIN, "a height that was fetched teaches nothing");
        for _ in 0..200 {
            after(&mut pacing, 1, 1);
        }
        assert_eq!(pacing.block_transactions(), BLOCK_TRANSACTIONS_MAX);
    }
}
