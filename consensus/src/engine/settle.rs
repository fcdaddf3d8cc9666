//! The end of a step: what follows from the core's new state.

use super::{Engine, Host};
use crate::convert;
use crate::output::Output;
use crate::timeouts::{Timer, TimerKind};
use arc_malachitebft_core_types::{NilOrVal, Threshold, VoteType};
use landsea_types::BlockId;
use landsea_types::consensus::CommitCertificate;
use std::collections::BTreeMap;

impl Engine {
    pub(super) fn settle(&mut self, host: &mut Host<'_>) {
        self.answer_build(host);
        if self.is_in_progress() {
            self.name_blocks_of_quorums();
        }
        if self.is_in_progress() {
            self.decide_by_precommits(host);
        }
        self.leave_nil_rounds();
        self.collect_evidence();
    }

    /// The core waits after a quorum of precommits, for more of them might decide. When the quorum is for nil, none can: fewer than a quorum
    /// of members are left that may precommit a block, counting the faulty ones twice. So the round ends at once.
    fn leave_nil_rounds(&mut self) {
        let Some(core) = self.core.as_ref().filter(|_| self.is_in_progress()) else { return };
        let round = core.round();
        let is_nil = core.driver.votes().is_threshold_met(&round, VoteType::Precommit, Threshold::Nil);
        let Some(number) = round.as_u32().filter(|number| is_nil && self.shell.left != Some(*number)) else { return };
        self.shell.left = Some(number);
        let timer = Timer { height: self.shell.height, round: number, kind: TimerKind::Precommit };
        self.shell.outputs.push(Output::SetTimer { timer, after_ms: 0 });
    }

    /// Answers the core's wish for a value from the record, or passes it on.
    fn answer_build(&mut self, host: &mut Host<'_>) {
        let Some(round) = self.shell.build.take() else { return };
        if !self.may_propose(round) {
            return;
        }
        match self.shell.own_values.get(&round).copied() {
            Some(block) => self.propose(round, block, host),
            None => self.shell.outputs.push(Output::Build { height: self.shell.height, round }),
        }
    }

    fn name_blocks_of_quorums(&mut self) {
        let core = self.core.as_ref().expect("a height is in progress");
        let polkas = core.driver.polka_certificates().iter();
        let polkas = polkas.map(|c| (convert::round_number(c.round), c.value_id));
        let named: Vec<_> = polkas.chain(self.precommit_quorums()).collect();
        named.into_iter().for_each(|(round, block)| self.shell.name_by_quorum(round, block));
    }

    /// Rounds and blocks for which a quorum of precommits is held.
    fn precommit_quorums(&self) -> Vec<(u32, BlockId)> {
        let Some(core) = &self.core else { return Vec::new() };
        let mut tally: BTreeMap<(u32, BlockId), usize> = BTreeMap::new();
        for (round, votes) in core.driver.votes().all_rounds() {
            let precommits = votes.received_votes().iter().filter(|v| v.message.kind == VoteType::Precommit);
            for vote in precommits {
                if let NilOrVal::Val(block) = vote.message.value {
                    *tally.entry((convert::round_number(*round), block)).or_default() += 1;
                }
            }
        }
        let quorum = self.shell.checker.validators.quorum();
        tally.into_iter().filter(|(_, votes)| *votes >= quorum).map(|(at, _)| at).collect()
    }

    /// The core decides only with the signed proposal. When that was lost, a quorum of precommits and the checked block are enough.
    fn decide_by_precommits(&mut self, host: &mut Host<'_>) {
        let judged = |(_, block): &(u32, BlockId)| self.shell.verdicts.contains_key(block);
        let Some((round, block)) = self.precommit_quorums().into_iter().find(judged) else { return };
        let certificate = self.certificate_of(round, block);
        let checked = self.shell.checker.commit(&certificate, host.suite);
        assert_eq!(checked, Ok(()), "the precommits that the core accepted do not make a certificate");
        self.decide_by(certificate);
    }

    fn certificate_of(&self, round: u32, block: BlockId) -> CommitCertificate {
        let core = self.core.as_ref().expect("a height is in progress");
        let votes = core.driver.restore_precommits(arc_malachitebft_core_types::Round::new(round), &block);
        let mut signatures: Vec<_> = votes.iter().map(|v| (v.message.voter.0, v.signature)).collect();
        signatures.sort();
        CommitCertificate { height: self.shell.height, round, block, signatures }
    }

    fn collect_evidence(&mut self) {
        let Some(core) = &self.core else { return };
        for (first, second) in core.driver.votes().evidence().iter().flat_map(|(_, pairs)| pairs) {
            self.shell.note_double_vote(first, second);
        }
        for (first, second) in core.driver.proposals().evidence().iter().flat_map(|(_, pairs)| pairs) {
            self.shell.note_double_proposal(first, second);
        }
    }
}
