//! Conversions between the wire types and the core's.

use crate::context::{
    Address, CoreHeight, CoreProposal, CoreSignedProposal, CoreSignedVote, CoreValue, CoreVote, Ledger,
};
use crate::message::{PolkaCertificate, RoundCertificate, RoundCertificateKind, RoundVote};
use crate::timeouts::{Timer, TimerKind};
use arc_malachitebft_core_types as ct;
use ct::{NilOrVal, Round};
use landsea_types::consensus::{CommitCertificate, Proposal, Signed, Vote, VoteType};
use landsea_types::{BlockId, Height};

/// A defined round as a number.
pub(crate) fn round_number(round: Round) -> u32 {
    round.as_u32().expect("messages and timers belong to a defined round")
}

fn optional_round(round: Option<u32>) -> Round {
    round.map_or(Round::Nil, Round::new)
}

fn kind_to_core(kind: VoteType) -> ct::VoteType {
    match kind {
        VoteType::Prevote => ct::VoteType::Prevote,
        VoteType::Precommit => ct::VoteType::Precommit,
    }
}

fn kind_from_core(kind: ct::VoteType) -> VoteType {
    match kind {
        ct::VoteType::Prevote => VoteType::Prevote,
        ct::VoteType::Precommit => VoteType::Precommit,
    }
}

fn block_to_core(block: Option<BlockId>) -> NilOrVal<BlockId> {
    block.map_or(NilOrVal::Nil, NilOrVal::Val)
}

fn block_from_core(value: &NilOrVal<BlockId>) -> Option<BlockId> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(id) => Some(*id),
    }
}

pub(crate) fn vote_to_core(vote: &Vote) -> CoreVote {
    CoreVote {
        kind: kind_to_core(vote.kind),
        height: CoreHeight(vote.height),
        round: Round::new(vote.round),
        value: block_to_core(vote.block),
        voter: Address(vote.voter),
    }
}

pub(crate) fn vote_from_core(vote: &CoreVote) -> Vote {
    Vote {
        kind: kind_from_core(vote.kind),
        height: vote.height.0,
        round: round_number(vote.round),
        block: block_from_core(&vote.value),
        voter: vote.voter.0,
    }
}

pub(crate) fn proposal_to_core(proposal: &Proposal) -> CoreProposal {
    CoreProposal {
        height: CoreHeight(proposal.height),
        round: Round::new(proposal.round),
        value: CoreValue(proposal.block),
        pol_round: optional_round(proposal.pol_round),
        proposer: Address(proposal.proposer),
    }
}

pub(crate) fn proposal_from_core(proposal: &CoreProposal) -> Proposal {
    Proposal {
        height: proposal.height.0,
        round: round_number(proposal.round),
        block: proposal.value.0,
        pol_round: proposal.pol_round.as_u32(),
        proposer: proposal.proposer.0,
    }
}

pub(crate) fn signed_vote_to_core(vote: &Signed<Vote>) -> CoreSignedVote {
    ct::SignedMessage::new(vote_to_core(&vote.message), vote.signature)
}

pub(crate) fn signed_vote_from_core(vote: &CoreSignedVote) -> Signed<Vote> {
    Signed { message: vote_from_core(&vote.message), signature: vote.signature }
}

pub(crate) fn signed_proposal_to_core(proposal: &Signed<Proposal>) -> CoreSignedProposal {
    ct::SignedMessage::new(proposal_to_core(&proposal.message), proposal.signature)
}

pub(crate) fn signed_proposal_from_core(proposal: &CoreSignedProposal) -> Signed<Proposal> {
    Signed { message: proposal_from_core(&proposal.message), signature: proposal.signature }
}

pub(crate) fn polka_to_core(polka: &PolkaCertificate) -> ct::PolkaCertificate<Ledger> {
    let signatures = polka.signatures.iter();
    ct::PolkaCertificate {
        height: CoreHeight(polka.height),
        round: Round::new(polka.round),
        value_id: polka.block,
        polka_signatures: signatures.map(|(m, s)| ct::PolkaSignature::new(Address(*m), *s)).collect(),
    }
}

pub(crate) fn polka_from_core(polka: &ct::PolkaCertificate<Ledger>) -> PolkaCertificate {
    PolkaCertificate {
        height: polka.height.0,
        round: round_number(polka.round),
        block: polka.value_id,
        signatures: polka.polka_signatures.iter().map(|s| (s.address.0, s.signature)).collect(),
    }
}

pub(crate) fn round_to_core(certificate: &RoundCertificate) -> ct::RoundCertificate<Ledger> {
    let signature = |v: &RoundVote| {
        ct::RoundSignature::new(kind_to_core(v.kind), block_to_core(v.block), Address(v.voter), v.signature)
    };
    ct::RoundCertificate {
        height: CoreHeight(certificate.height),
        round: Round::new(certificate.round),
        cert_type: match certificate.kind {
            RoundCertificateKind::Skip => ct::RoundCertificateType::Skip,
            RoundCertificateKind::Precommit => ct::RoundCertificateType::Precommit,
        },
        round_signatures: certificate.votes.iter().map(signature).collect(),
    }
}

pub(crate) fn round_from_core(certificate: &ct::RoundCertificate<Ledger>) -> RoundCertificate {
    let vote = |s: &ct::RoundSignature<Ledger>| RoundVote {
        kind: kind_from_core(s.vote_type),
        block: block_from_core(&s.value_id),
        voter: s.address.0,
        signature: s.signature,
    };
    RoundCertificate {
        height: certificate.height.0,
        round: round_number(certificate.round),
        kind: match certificate.cert_type {
            ct::RoundCertificateType::Skip => RoundCertificateKind::Skip,
            ct::RoundCertificateType::Precommit => RoundCertificateKind::Precommit,
        },
        votes: certificate.round_signatures.iter().map(vote).collect(),
    }
}

/// Signatures come in the order of arrival and leave ordered by member, as the wire format demands.
pub(crate) fn commit_from_core(certificate: &ct::CommitCertificate<Ledger>) -> CommitCertificate {
    let mut signatures: Vec<_> = certificate.commit_signatures.iter().map(|s| (s.address.0, s.signature)).collect();
    signatures.sort();
    CommitCertificate {
        height: certificate.height.0,
        round: round_number(certificate.round),
        block: certificate.value_id,
        signatures,
    }
}

pub(crate) fn timer_to_core(timer: Timer) -> ct::Timeout {
    let round = Round::new(timer.round);
    match timer.kind {
        TimerKind::Propose => ct::Timeout::propose(round),
        TimerKind::Prevote => ct::Timeout::prevote(round),
        TimerKind::Precommit => ct::Timeout::precommit(round),
        TimerKind::Rebroadcast => ct::Timeout::rebroadcast(round),
    }
}

pub(crate) fn timer_from_core(height: Height, timeout: ct::Timeout) -> Timer {
    let kind = match timeout.kind {
        ct::TimeoutKind::Propose => TimerKind::Propose,
        ct::TimeoutKind::Prevote => TimerKind::Prevote,
        ct::TimeoutKind::Precommit => TimerKind::Precommit,
        ct::TimeoutKind::Rebroadcast => TimerKind::Rebroadcast,
        ct::TimeoutKind::FinalizeHeight(_) => {
            panic!("no target time is ever set, so no height has a finalization period")
        }
    };
    Timer { height, round: round_number(timeout.round), kind }
}
