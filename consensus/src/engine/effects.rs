//! Effects: what the core asks for in the middle of a step, answered at once.

use super::Host;
use crate::context::{
    CoreEffect, CoreHeight, CoreProposal, CoreResume, CoreSignedProposal, CoreSignedVote, CoreVote, Ledger,
};
use crate::convert;
use crate::guard::{Guard, OwnMessage};
use crate::message::ConsensusMessage;
use crate::output::Output;
use crate::timeouts::Timeouts;
use crate::verify::Checker;
use crate::wal::{JudgedBlock, Record, seal};
use arc_malachitebft_core_consensus::{
    ConsensusMsg, Effect, Input as CoreInput, LivenessMsg, MisbehaviorEvidence, Resumable, SignedConsensusMsg,
};
use arc_malachitebft_core_types as ct;
use landsea_types::consensus::{CertificateError, CommitCertificate, Evidence, Proposal, Signed};
use landsea_types::crypto::hash_of;
use landsea_types::{BlockId, Height, Member};
use std::collections::{BTreeMap, BTreeSet};

/// Why a block is known to the engine: the earliest signed proposal of it, or else a polka or precommit quorum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) round: u32,
    pub(super) proposer: Member,
    pub(super) pol_round: Option<u32>,
    by_proposal: bool,
    by_quorum: bool,
}

/// Everything of the engine that effects touch, apart from the core that is borrowed meanwhile.
///
/// - Only blocks in `blocks` ever get a verdict.
/// - After a decision no timer is set.
pub(super) struct Shell {
    pub(super) checker: Checker,
    pub(super) guard: Option<Guard>,
    timeouts: Timeouts,
    pub(super) height: Height,
    pub(super) next_seq: u64,
    unflushed: bool,
    /// Encoded records of the log that is being replayed; the core asks to persist them once more.
    pub(super) replayed: BTreeSet<Vec<u8>>,
    pub(super) blocks: BTreeMap<BlockId, Named>,
    pub(super) verdicts: BTreeMap<BlockId, bool>,
    /// Values on record for own proposals, by round.
    pub(super) own_values: BTreeMap<u32, BlockId>,
    /// The round for which the core wants a value.
    pub(super) build: Option<u32>,
    pub(super) decision: Option<CommitCertificate>,
    /// The last round that ended because a quorum precommitted nil.
    pub(super) left: Option<u32>,
    evidence_seen: BTreeSet<[u8; 32]>,
    pub(super) outputs: Vec<Output>,
}

impl Shell {
    pub(super) fn new(checker: Checker, guard: Option<Guard>, timeouts: Timeouts, height: Height) -> Self {
        Self {
            checker,
            guard,
            timeouts,
            height,
            next_seq: 0,
            unflushed: false,
            replayed: BTreeSet::new(),
            blocks: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            own_values: BTreeMap::new(),
            build: None,
            decision: None,
            left: None,
            evidence_seen: BTreeSet::new(),
            outputs: Vec::new(),
        }
    }

    /// Forgets the last height.
    pub(super) fn start_height(&mut self, height: Height, log_entries: usize) {
        self.height = height;
        self.next_seq = log_entries as u64;
        self.unflushed = false;
        self.replayed.clear();
        self.blocks.clear();
        self.verdicts.clear();
        self.own_values.clear();
        self.build = None;
        self.left = None;
        self.evidence_seen.clear();
    }

    pub(super) fn on_effect(&mut self, effect: CoreEffect, host: &mut Host<'_>) -> CoreResume {
        match effect {
            Effect::CancelAllTimeouts(r) => {
                self.outputs.push(Output::CancelTimers);
                r.resume_with(())
            }
            Effect::CancelTimeout(timeout, r) => {
                self.outputs.push(Output::CancelTimer { timer: convert::timer_from_core(self.height, timeout) });
                r.resume_with(())
            }
            Effect::ScheduleTimeout(timeout, r) => {
                self.set_timer(timeout);
                r.resume_with(())
            }
            Effect::StartRound(height, round, proposer, _, r) => {
                tracing::debug!(%height, %round, %proposer, "round started");
                r.resume_with(())
            }
            Effect::GetValue(_, round, _, r) => {
                self.build = round.as_u32();
                r.resume_with(())
            }
            Effect::WalAppend(height, input, r) => {
                self.append(height, &input, host);
                r.resume_with(())
            }
            Effect::Decide(certificate, _, r) => {
                self.conclude(convert::commit_from_core(&certificate));
                r.resume_with(())
            }
            Effect::Finalize(_, _, evidence, r) => {
                self.note_evidence(&evidence);
                r.resume_with(())
            }
            Effect::SignVote(vote, r) => r.resume_with(self.sign_vote(vote, host)),
            Effect::SignProposal(proposal, r) => r.resume_with(self.sign_proposal(proposal, host)),
            other => self.on_message_effect(other, host),
        }
    }

    /// The effects that publish or verify messages.
    fn on_message_effect(&mut self, effect: CoreEffect, host: &mut Host<'_>) -> CoreResume {
        match effect {
            Effect::PublishConsensusMsg(message, r) => {
                self.publish(message);
                r.resume_with(())
            }
            Effect::PublishLivenessMsg(message, r) => {
                self.publish_liveness(message);
                r.resume_with(())
            }
            Effect::RepublishVote(vote, r) => {
                self.send(ConsensusMessage::Vote { vote: convert::signed_vote_from_core(&vote), rebroadcast: true });
                r.resume_with(())
            }
            Effect::RepublishRoundCertificate(c, r) => {
                self.send(ConsensusMessage::Round { certificate: convert::round_from_core(&c) });
                r.resume_with(())
            }
            Effect::RestreamProposal(height, round, _, _, block, r) => {
                let round = convert::round_number(round);
                self.outputs.push(Output::ShareBlock { height: height.0, round, block });
                r.resume_with(())
            }
            Effect::VerifySignature(message, _, r) => r.resume_with(self.verify(&message, host)),
            Effect::VerifyCommitCertificate(c, _, _, r) => {
                r.resume_with(to_core(self.checker.commit(&convert::commit_from_core(&c), host.suite)))
            }
            Effect::VerifyPolkaCertificate(c, _, _, r) => {
                r.resume_with(to_core(self.checker.polka(&convert::polka_from_core(&c), host.suite)))
            }
            Effect::VerifyRoundCertificate(c, _, _, r) => {
                r.resume_with(to_core(self.checker.round(&convert::round_from_core(&c), host.suite)))
            }
            other => panic!("the core asked for something that this engine never starts: {other:?}"),
        }
    }

    fn send(&mut self, message: ConsensusMessage) {
        self.outputs.push(Output::Send { message });
    }

    fn publish(&mut self, message: SignedConsensusMsg<Ledger>) {
        self.send(match message {
            SignedConsensusMsg::Vote(v) => {
                ConsensusMessage::Vote { vote: convert::signed_vote_from_core(&v), rebroadcast: false }
            }
            SignedConsensusMsg::Proposal(p) => {
                ConsensusMessage::Proposal { proposal: convert::signed_proposal_from_core(&p) }
            }
        });
    }

    fn publish_liveness(&mut self, message: LivenessMsg<Ledger>) {
        self.send(match message {
            LivenessMsg::Vote(v) => {
                ConsensusMessage::Vote { vote: convert::signed_vote_from_core(&v), rebroadcast: false }
            }
            LivenessMsg::PolkaCertificate(c) => ConsensusMessage::Polka { certificate: convert::polka_from_core(&c) },
            LivenessMsg::SkipRoundCertificate(c) => {
                ConsensusMessage::Round { certificate: convert::round_from_core(&c) }
            }
        });
    }

    /// After the decision the rebroadcast timer would arm itself again and again; it is ignored.
    fn set_timer(&mut self, timeout: ct::Timeout) {
        if self.decision.is_none() {
            let timer = convert::timer_from_core(self.height, timeout);
            let after_ms = self.timeouts.after_ms(timer.kind, timer.round);
            self.outputs.push(Output::SetTimer { timer, after_ms });
        }
    }

    pub(super) fn conclude(&mut self, certificate: CommitCertificate) {
        self.outputs.push(Output::CancelTimers);
        self.decision = Some(certificate);
    }

    fn verify(&mut self, message: &ct::SignedMessage<Ledger, ConsensusMsg<Ledger>>, host: &Host<'_>) -> bool {
        let signature = message.signature;
        match &message.message {
            ConsensusMsg::Vote(v) => {
                self.checker.vote(&Signed { message: convert::vote_from_core(v), signature }, host.suite)
            }
            ConsensusMsg::Proposal(p) => {
                self.checker.proposal(&Signed { message: convert::proposal_from_core(p), signature }, host.suite)
            }
        }
    }

    /// Signs and checks the result: a key that is not the seat's would send votes that the log does not hold.
    fn sign_vote(&mut self, vote: CoreVote, host: &Host<'_>) -> CoreSignedVote {
        let message = convert::vote_from_core(&vote);
        let signature = self.sign(OwnMessage::Vote(message.clone()), host);
        let fits = self.checker.vote(&Signed { message, signature }, host.suite);
        assert!(fits, "the signing key is not the one registered for this member; check the key folder");
        ct::SignedMessage::new(vote, signature)
    }

    fn sign_proposal(&mut self, proposal: CoreProposal, host: &Host<'_>) -> CoreSignedProposal {
        let message = convert::proposal_from_core(&proposal);
        let signature = self.sign(OwnMessage::Proposal(message.clone()), host);
        let fits = self.checker.proposal(&Signed { message, signature }, host.suite);
        assert!(fits, "the signing key is not the one registered for this member; check the key folder");
        ct::SignedMessage::new(proposal, signature)
    }

    fn sign(&mut self, message: OwnMessage, host: &Host<'_>) -> landsea_types::Signature {
        let guard = self.guard.as_mut().expect("a reader holds no seat, so the core never asks it to sign");
        guard.sign(message, &self.checker.chain, host.signer)
    }

    /// Logs an input, unless it comes from the log itself.
    fn append(&mut self, height: CoreHeight, input: &CoreInput<Ledger>, host: &mut Host<'_>) {
        assert_eq!(height.0, self.height, "the core logs for another height than the one in progress");
        let record = self.with_origin(Record::from_core(self.height, input));
        self.note_record(&record);
        let body = record.encode();
        if !self.replayed.contains(&body) {
            host.durable.wal_append(self.height, self.next_seq, &seal(self.height, self.next_seq, &body));
            self.next_seq += 1;
            self.unflushed = true;
        }
    }

    fn with_origin(&self, record: Record) -> Record {
        let holds = |message: OwnMessage| self.guard.as_ref().is_some_and(|g| g.holds(&message));
        match record {
            Record::Vote { vote, .. } => Record::Vote { own: holds(OwnMessage::Vote(vote.message.clone())), vote },
            Record::Proposal { proposal, .. } => {
                Record::Proposal { own: holds(OwnMessage::Proposal(proposal.message.clone())), proposal }
            }
            other => other,
        }
    }

    fn note_record(&mut self, record: &Record) {
        match record {
            Record::Proposal { proposal, .. } => self.name_by_proposal(&proposal.message),
            Record::Value { value } => self.note_verdict(value),
            Record::Vote { .. } | Record::Polka { .. } | Record::Timeout { .. } => {}
        }
    }

    fn note_verdict(&mut self, value: &JudgedBlock) {
        let valid = self.verdicts.entry(value.block).or_insert(value.valid);
        *valid |= value.valid;
    }

    /// The core has accepted a signed proposal: its block may be judged from now on.
    fn name_by_proposal(&mut self, proposal: &Proposal) {
        let Proposal { height, round, block, pol_round, proposer } = *proposal;
        let named = Named { round, proposer, pol_round, by_proposal: true, by_quorum: false };
        let known = self.blocks.entry(block).or_insert(named);
        if !known.by_proposal {
            *known = Named { by_quorum: known.by_quorum, ..named };
        }
        self.need(height, round, block);
    }

    /// A quorum of votes names the block. A block that waits for its time is asked for once more: the clock no longer matters.
    pub(super) fn name_by_quorum(&mut self, round: u32, block: BlockId) {
        let proposer = self.checker.validators.proposer(self.height, round).member;
        let named = Named { round, proposer, pol_round: None, by_proposal: false, by_quorum: false };
        let known = self.blocks.entry(block).or_insert(named);
        if !std::mem::replace(&mut known.by_quorum, true) {
            self.need(self.height, round, block);
        }
    }

    /// Whether a polka or a quorum of precommits has named the block.
    pub(super) fn is_named_by_quorum(&self, block: &BlockId) -> bool {
        self.blocks.get(block).is_some_and(|named| named.by_quorum)
    }

    fn need(&mut self, height: Height, round: u32, block: BlockId) {
        if !self.verdicts.contains_key(&block) {
            self.outputs.push(Output::Need { height, round, block });
        }
    }

    pub(super) fn note_evidence(&mut self, evidence: &MisbehaviorEvidence<Ledger>) {
        let votes = evidence.votes.iter().flat_map(|(_, pairs)| pairs);
        votes.for_each(|(first, second)| self.note_double_vote(first, second));
        let proposals = evidence.proposals.iter().flat_map(|(_, pairs)| pairs);
        proposals.for_each(|(first, second)| self.note_double_proposal(first, second));
    }

    pub(super) fn note_double_vote(&mut self, first: &CoreSignedVote, second: &CoreSignedVote) {
        let (first, second) = (convert::signed_vote_from_core(first), convert::signed_vote_from_core(second));
        self.surface(Evidence::Votes { first, second });
    }

    pub(super) fn note_double_proposal(&mut self, first: &CoreSignedProposal, second: &CoreSignedProposal) {
        let (first, second) = (convert::signed_proposal_from_core(first), convert::signed_proposal_from_core(second));
        self.surface(Evidence::Proposals { first, second });
    }

    fn surface(&mut self, evidence: Evidence) {
        if self.evidence_seen.insert(hash_of("evidence", &evidence)) {
            self.outputs.push(Output::Evidence { evidence });
        }
    }

    /// Log flush, then mark: after this, everything signed so far may leave.
    pub(super) fn make_durable(&mut self, host: &mut Host<'_>) {
        if self.unflushed {
            host.durable.flush();
            self.unflushed = false;
        }
        if let Some(guard) = &mut self.guard
            && let Some(mark) = guard.uncovered()
        {
            host.durable.advance_mark(mark);
            guard.covered(mark);
        }
    }
}

/// The core only wants to know whether a certificate holds; the engine has the reason.
fn to_core(result: Result<(), CertificateError>) -> Result<(), ct::CertificateError<Ledger>> {
    result.map_err(|error| {
        tracing::debug!(%error, "certificate refused");
        ct::CertificateError::VerificationError(None)
    })
}
