//! Own proposals and verdicts on the blocks of others.

use super::{Engine, Host};
use crate::context::{Address, CoreHeight, CoreInput, CoreValue};
use crate::wal::JudgedBlock;
use arc_malachitebft_core_consensus::LocallyProposedValue;
use arc_malachitebft_core_types::Round;
use landsea_types::{BlockId, Height};

impl Engine {
    /// Proposes a block, unless the round has moved on or a value is on record: the first one stands.
    pub(super) fn on_propose(&mut self, height: Height, round: u32, block: BlockId, host: &mut Host<'_>) {
        if height != self.shell.height || !self.may_propose(round) || self.shell.own_values.contains_key(&round) {
            return;
        }
        self.propose(round, block, host);
    }

    /// Whether this node is the proposer of the round in progress and still in its propose step.
    pub(super) fn may_propose(&self, round: u32) -> bool {
        self.is_in_progress()
            && self.core.as_ref().is_some_and(|core| {
                core.is_active_validator()
                    && core.round() == Round::new(round)
                    && core.driver.step_is_propose()
                    && core.get_proposer(core.height(), core.round()) == core.address()
            })
    }

    pub(super) fn propose(&mut self, round: u32, block: BlockId, host: &mut Host<'_>) {
        self.shell.build = None;
        self.shell.own_values.insert(round, block);
        let height = CoreHeight(self.shell.height);
        let value = LocallyProposedValue::new(height, Round::new(round), CoreValue(block));
        self.feed(CoreInput::Propose(value), host);
    }

    /// Passes a verdict to the core, if an accepted proposal, a polka or a precommit quorum named the block. Anything else would let
    /// junk headers use up the two places that the core has per round.
    ///
    /// # Panics
    /// When a block that was found valid is called invalid: checking must be deterministic.
    pub(super) fn on_verdict(&mut self, height: Height, block: BlockId, valid: bool, host: &mut Host<'_>) {
        if !self.is_in_progress() || height != self.shell.height {
            return;
        }
        let Some(named) = self.shell.blocks.get(&block).copied() else { return };
        let before = self.shell.verdicts.get(&block).copied();
        assert!(before != Some(true) || valid, "block {block} was found valid and then invalid at height {height}");
        if before == Some(valid) {
            return;
        }
        let Address(proposer) = Address(named.proposer);
        let judged = JudgedBlock { height, round: named.round, block, proposer, pol_round: named.pol_round, valid };
        self.feed(judged.to_core(), host);
    }
}
