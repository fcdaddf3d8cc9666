//! Starting a height, with or without a log to replay.

use super::{Engine, Host};
use crate::context::{Address, CoreHeight, CoreInput, CoreState, Ledger, Seats};
use crate::output::Output;
use crate::verify::thresholds;
use crate::wal::Record;
use arc_malachitebft_core_consensus::{Params, ValuePayload};
use arc_malachitebft_core_types::VoteExtensionPolicy;
use landsea_types::Height;

/// The core's own queue for early messages stays empty: messages are buffered before it.
const CORE_QUEUE: usize = 1;

impl Engine {
    /// Starts the height above the last decided one: replays the log, then what was buffered.
    ///
    /// # Panics
    /// When the height is not the next one, is in progress already, or the log is damaged.
    pub(super) fn on_start_height(&mut self, height: Height, wal: &[Vec<u8>], host: &mut Host<'_>) {
        assert_eq!(
            height,
            self.decided.next(),
            "height {height} cannot start: {} is the last decided one",
            self.decided
        );
        assert!(!self.is_in_progress(), "height {height} is in progress already");
        let log: Vec<Record> = (0..).zip(wal).map(|(seq, entry)| Record::decode(height, seq, entry)).collect();
        self.adopt_validators();
        self.shell.start_height(height, log.len());
        self.shell.replayed = log.iter().map(Record::encode).collect();
        let may_sign = self.shell.guard.as_mut().is_some_and(|g| g.start_height(height, &log));
        self.observing = self.shell.guard.is_some() && !may_sign;
        self.core = Some(self.new_core(height, may_sign));
        self.start_core(height, !log.is_empty(), host);
        if !log.is_empty() {
            self.replay(&log, host);
        }
        for (from, message) in self.future.take(height) {
            self.on_message(from, message, host);
        }
    }

    /// Puts the announced validator set into force.
    pub(super) fn adopt_validators(&mut self) {
        if let Some(validators) = self.next_validators.take() {
            self.shell.checker.validators = validators;
        }
    }

    fn new_core(&self, height: Height, may_sign: bool) -> CoreState {
        let validators = self.shell.checker.validators.clone();
        let params = Params {
            address: self.shell.guard.as_ref().map_or(Ledger::reader(), |g| Address(g.me)),
            threshold_params: thresholds(validators.len()),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: may_sign,
        };
        CoreState::new(Ledger, CoreHeight(height), Seats::new(validators), params, CORE_QUEUE, CORE_QUEUE)
    }

    /// `target_time` is always `None`: the core would hold a height open by its own clock.
    fn start_core(&mut self, height: Height, is_restart: bool, host: &mut Host<'_>) {
        let seats = Seats::new(self.shell.checker.validators.clone());
        let policy = VoteExtensionPolicy::Disabled;
        self.feed(CoreInput::StartHeight(CoreHeight(height), seats, is_restart, None, policy), host);
    }

    /// Feeds the log to the core. What the core signed before, the log or the guard returns; what it logs again is not written twice.
    /// Replay repeats own votes by itself but not the own proposal, which may never have left.
    fn replay(&mut self, log: &[Record], host: &mut Host<'_>) {
        let inputs: Vec<CoreInput> = log.iter().map(Record::to_core).collect();
        self.remember_own_values(log);
        self.core_mut().index_wal_entries(inputs.iter());
        for input in inputs {
            if !self.is_in_progress() {
                break;
            }
            self.feed(input, host);
        }
        self.core_mut().reset_entries_index();
        self.shell.replayed.clear();
        if self.is_in_progress() && !self.observing {
            let proposal = self.own_proposal().map(|message| Output::Send { message });
            self.shell.outputs.extend(proposal);
        }
    }

    /// A value logged with this node as its proposer is what it proposes in that round, also after the restart.
    fn remember_own_values(&mut self, log: &[Record]) {
        let Some(me) = self.shell.guard.as_ref().map(|g| g.me) else { return };
        for record in log {
            if let Record::Value { value } = record
                && value.proposer == me
            {
                self.shell.own_values.entry(value.round).or_insert(value.block);
            }
        }
    }

    fn core_mut(&mut self) -> &mut CoreState {
        self.core.as_mut().expect("the height has just been started")
    }
}
