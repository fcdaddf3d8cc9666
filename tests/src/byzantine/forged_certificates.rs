//! Forges what proves decisions: answers of block sync under certificates with repeated signers, too few, or signatures given for another
//! height, round or block; with spoilt, missing or additional batches; and polka and round certificates of the same kinds, made from the
//! real votes of others. It lures the others into asking.

use super::wire::consensus;
use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_consensus::{ConsensusMessage, PolkaCertificate, RoundCertificate, RoundCertificateKind, RoundVote};
use landsea_node::message::{CommittedBlock, FetchMessage};
use landsea_p2p::Class;
use landsea_types::consensus::{Signed, VoteType};
use landsea_types::{BlockId, CommitCertificate, Height, Member, Signature, Vote};
use std::collections::VecDeque;

/// What reports call it.
pub const NAME: &str = "forged certificates";
/// Votes of others remembered.
const KEPT_MAX: usize = 64;

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let (eagerness_permille, forges_permille) = (rng.between(20, 200), rng.between(300, 1_000));
    Box::new(ForgedCertificates { rng, eagerness_permille, forges_permille, votes: VecDeque::new() })
}

/// See the module documentation.
struct ForgedCertificates {
    rng: Rng,
    /// How often it acts unasked, of 1000 moments.
    eagerness_permille: u64,
    /// Requests of block sync answered with a forgery, of 1000.
    forges_permille: u64,
    votes: VecDeque<Signed<Vote>>,
}

/// A committed height as the replica behind holds it.
fn real(me: &Puppeteer<'_>, height: Height) -> Option<CommittedBlock> {
    let snapshot = me.store.reader().snapshot();
    let (block, certificate) = (snapshot.block(height)?, snapshot.certificate(height)?);
    let batches = block.batches.iter().filter_map(|id| snapshot.batch(id)).collect();
    Some(CommittedBlock { block, certificate, batches })
}

/// A height that nobody has decided, under the signature of this member alone.
fn invented(me: &Puppeteer<'_>) -> Option<CommittedBlock> {
    let block = me.empty_block()?;
    let mut certificate =
        CommitCertificate { height: block.header.height, round: 0, block: block.id(), signatures: Vec::new() };
    let signature = me.sign(&certificate.precommit(me.member).sign_bytes(&me.chain.id()));
    certificate.signatures = me.chain.members().into_iter().map(|member| (member, signature)).collect();
    Some(CommittedBlock { block, certificate, batches: Vec::new() })
}

/// Repeats the first of a list until it has its old length.
fn repeat_first<T: Clone>(list: &mut [T]) {
    if let Some(first) = list.first().cloned() {
        list.fill(first);
    }
}

impl ForgedCertificates {
    /// Spoils one thing of a committed height.
    fn forge(&mut self, committed: &mut CommittedBlock) {
        let CommittedBlock { block, certificate, batches } = committed;
        match self.rng.between(0, 8) {
            0 => repeat_first(&mut certificate.signatures),
            1 => certificate.signatures.truncate(self.rng.between(0, 2) as usize),
            2 => certificate.height = certificate.height.next(),
            3 => certificate.round += 1,
            4 => {
                block.header.time = block.header.time.saturating_add(1);
                certificate.block = block.id();
            }
            5 => block.header.time = block.header.time.saturating_add(1),
            6 => certificate.signatures.iter_mut().for_each(|(member, _)| *member = Member::new(member.get() + 1)),
            7 => batches.clear(),
            _ => batches.iter_mut().for_each(|batch| {
                let mut signature = *batch.signature();
                signature.0[5] ^= 1;
                *batch = batch.with_signature(signature);
            }),
        }
    }

    fn answer(&mut self, me: &mut Puppeteer<'_>, to: Member, height: Height) -> bool {
        let committed = real(me, height).or_else(|| invented(me).filter(|c| c.block.header.height == height));
        let Some(mut committed) = committed else { return false };
        self.forge(&mut committed);
        me.send(to, Class::Fetch, FetchMessage::Committed { committed: Box::new(committed) }.encode());
        true
    }

    /// Signatures of votes like the first one, with the number of signers that it takes.
    fn like(&self, first: &Vote) -> Vec<(Member, Signature)> {
        let same = |v: &&Signed<Vote>| Vote { voter: first.voter, ..v.message.clone() } == *first;
        self.votes.iter().filter(same).map(|v| (v.message.voter, v.signature)).collect()
    }

    /// A polka certificate with something wrong about it.
    fn polka(&mut self, me: &Puppeteer<'_>, first: &Vote) -> ConsensusMessage {
        let block = first.block.unwrap_or(BlockId([3; 32]));
        let mut certificate =
            PolkaCertificate { height: first.height, round: first.round, block, signatures: self.like(first) };
        match self.rng.between(0, 4) {
            0 => certificate.block = BlockId([self.rng.bits() as u8; 32]),
            1 => certificate.round = first.round.saturating_add(self.rng.between(1, 20) as u32),
            2 => certificate.signatures.resize(me.chain.members().len(), (first.voter, Signature([1; 64]))),
            3 => repeat_first(&mut certificate.signatures),
            _ => certificate.height = me.tip.height.next(),
        }
        ConsensusMessage::Polka { certificate }
    }

    /// A round certificate with something wrong about it.
    fn round(&mut self, me: &Puppeteer<'_>, first: &Vote) -> ConsensusMessage {
        let of_round = |v: &&Signed<Vote>| v.message.height == first.height && v.message.round == first.round;
        let vote = |v: &Signed<Vote>| {
            let Vote { kind, block, voter, .. } = v.message;
            RoundVote { kind, block, voter, signature: v.signature }
        };
        let mut votes: Vec<RoundVote> = self.votes.iter().filter(of_round).map(vote).collect();
        let kind = if self.rng.chance(500) { RoundCertificateKind::Skip } else { RoundCertificateKind::Precommit };
        let (mut height, mut round) = (first.height, first.round);
        match self.rng.between(0, 4) {
            0 => repeat_first(&mut votes),
            1 => round = round.saturating_add(self.rng.between(1, 1_000) as u32),
            2 => height = me.tip.height.next(),
            3 => votes.iter_mut().for_each(|v| v.kind = VoteType::Precommit),
            _ => votes.truncate(1),
        }
        ConsensusMessage::Round { certificate: RoundCertificate { height, round, kind, votes } }
    }

    /// A vote of the height in progress is worth most at once.
    fn on_vote(&mut self, me: &mut Puppeteer<'_>, vote: Signed<Vote>) {
        let now = vote.message.clone();
        self.votes.push_back(vote);
        self.votes.drain(..self.votes.len().saturating_sub(KEPT_MAX));
        if self.rng.chance(self.forges_permille / 4) {
            self.send_forged(me, &now);
        }
    }

    fn send_forged(&mut self, me: &mut Puppeteer<'_>, like: &Vote) {
        let to = me.anybody(&mut self.rng);
        let forged = if self.rng.chance(500) { self.polka(me, like) } else { self.round(me, like) };
        me.send(to, Class::Consensus, forged.encode());
    }

    fn act(&mut self, me: &mut Puppeteer<'_>) {
        let (to, height) = (me.anybody(&mut self.rng), me.tip.height);
        match self.rng.between(0, 4) {
            0 => {
                let height = height.saturating_add(self.rng.between(1, 2));
                me.send(to, Class::Fetch, FetchMessage::Tip { chain: me.chain.id(), height }.encode());
            }
            1 => {
                let height = height.saturating_add(self.rng.between(0, 1));
                self.answer(me, to, height);
            }
            _ => {
                let like = self.rng.pick(self.votes.make_contiguous()).map(|vote| vote.message.clone());
                like.into_iter().for_each(|like| self.send_forged(me, &like));
            }
        }
    }
}

impl Behaviour for ForgedCertificates {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_receive(&mut self, me: &mut Puppeteer<'_>, from: Member, class: Class, bytes: &[u8]) -> bool {
        if let Some(ConsensusMessage::Vote { vote, .. }) = consensus(class, bytes) {
            self.on_vote(me, vote);
        }
        let asked = if class == Class::Fetch { FetchMessage::decode(bytes) } else { None };
        match asked {
            Some(FetchMessage::WantCommitted { height }) if self.rng.chance(self.forges_permille) => {
                !self.answer(me, from, height)
            }
            _ => true,
        }
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if self.rng.chance(self.eagerness_permille) {
            self.act(me);
        }
    }
}
