//! One engine of four, driven by hand.

use crate::disk::Disk;
use crate::net::{CHAIN, key, member, sign_proposal, sign_vote, validators};
use landsea_consensus::{ConsensusMessage, Engine, EngineConfig, Host, Input, Output, Timeouts};
use landsea_types::consensus::{CommitCertificate, Proposal, Vote, VoteType};
use landsea_types::crypto::Ed25519;
use landsea_types::{BlockId, Height};

pub(crate) const A: BlockId = BlockId([0xAA; 32]);
pub(crate) const B: BlockId = BlockId([0xBB; 32]);
pub(crate) const C: BlockId = BlockId([0xCC; 32]);

/// The member with index `me` of four. At height 1 the proposers of rounds 0, 1, 2 are the indexes 1, 2, 3.
pub(crate) struct Solo {
    pub(crate) me: usize,
    pub(crate) engine: Engine,
    pub(crate) disk: Disk,
}

impl Solo {
    pub(crate) fn new(me: usize) -> Self {
        Self::over(me, Disk::new())
    }

    pub(crate) fn over(me: usize, disk: Disk) -> Self {
        let config = EngineConfig {
            chain: CHAIN,
            me: Some(member(me)),
            validators: validators(4),
            timeouts: Timeouts::default(),
        };
        let engine = Engine::new(config, disk.committed(), Some(disk.mark)).expect("the mark is there");
        Self { me, engine, disk }
    }

    /// Crashes and comes back with what was flushed.
    pub(crate) fn restart(mut self) -> Self {
        self.disk.crash();
        Self::over(self.me, self.disk)
    }

    pub(crate) fn step(&mut self, input: Input) -> Vec<Output> {
        let signer = key(self.me);
        let mut host = Host { durable: &mut self.disk, signer: &signer, suite: &Ed25519 };
        let outputs = self.engine.step(input, &mut host);
        self.engine.validate();
        outputs
    }

    pub(crate) fn start(&mut self, height: u64) -> Vec<Output> {
        let wal = self.disk.log();
        self.step(Input::StartHeight { height: Height::new(height), wal })
    }

    pub(crate) fn hear(&mut self, from: usize, message: ConsensusMessage) -> Vec<Output> {
        self.step(Input::Message { from: member(from), message })
    }

    pub(crate) fn propose(&mut self, round: u32, block: BlockId) -> Vec<Output> {
        self.step(Input::Propose { height: Height::new(1), round, block })
    }

    pub(crate) fn judge(&mut self, block: BlockId, valid: bool) -> Vec<Output> {
        self.step(Input::Verdict { height: Height::new(1), round: 0, block, valid })
    }
}

pub(crate) fn vote(kind: VoteType, height: u64, round: u32, block: Option<BlockId>, voter: usize) -> ConsensusMessage {
    let vote = Vote { kind, height: Height::new(height), round, block, voter: member(voter) };
    ConsensusMessage::Vote { vote: sign_vote(vote, voter), rebroadcast: false }
}

pub(crate) fn prevote(round: u32, block: Option<BlockId>, voter: usize) -> ConsensusMessage {
    vote(VoteType::Prevote, 1, round, block, voter)
}

pub(crate) fn precommit(round: u32, block: Option<BlockId>, voter: usize) -> ConsensusMessage {
    vote(VoteType::Precommit, 1, round, block, voter)
}

/// A proposal of height 1 by the member whose turn it is.
pub(crate) fn proposal(round: u32, block: BlockId, pol_round: Option<u32>) -> ConsensusMessage {
    let proposer = (1 + round as usize) % 4;
    let proposal = Proposal { height: Height::new(1), round, block, pol_round, proposer: member(proposer) };
    ConsensusMessage::Proposal { proposal: sign_proposal(proposal, proposer) }
}

pub(crate) fn certificate(height: u64, round: u32, block: BlockId, signers: &[usize]) -> CommitCertificate {
    let mut certificate = CommitCertificate { height: Height::new(height), round, block, signatures: vec![] };
    for i in signers {
        let vote = sign_vote(certificate.precommit(member(*i)), *i);
        certificate.signatures.push((member(*i), vote.signature));
    }
    certificate
}

/// The votes that a step sends: kind, round, block.
pub(crate) fn votes(outputs: &[Output]) -> Vec<(VoteType, u32, Option<BlockId>)> {
    let votes = outputs.iter().filter_map(|o| match o {
        Output::Send { message: ConsensusMessage::Vote { vote, .. } } => Some(&vote.message),
        _ => None,
    });
    votes.map(|v| (v.kind, v.round, v.block)).collect()
}

pub(crate) fn decision(outputs: &[Output]) -> Option<&CommitCertificate> {
    match outputs.last() {
        Some(Output::Decide { certificate }) => Some(certificate),
        _ => None,
    }
}
