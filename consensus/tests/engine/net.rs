//! A deterministic network: virtual milliseconds, seeded delays, loss and reordering, crashes that forget unflushed writes.
//!
//! Every sent message passes the auditor, which knows all signatures ever released, and every decision is compared with all others.

use crate::disk::Disk;
use crate::rng::Rng;
use landsea_consensus::{
    ConsensusMessage, Engine, EngineConfig, Host, Input, Output, SignMark, SignStep, Timeouts, Timer,
};
use landsea_types::consensus::{
    CommitCertificate, Evidence, Proposal, Signed, Validator, ValidatorSet, Vote, VoteType,
};
use landsea_types::crypto::Ed25519;
use landsea_types::crypto::hash_of;
use landsea_types::{BlockId, ChainId, Height, Member, SecretKey};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const CHAIN: ChainId = ChainId([7; 32]);

pub(crate) fn key(index: usize) -> SecretKey {
    SecretKey::derive(&[3; 32], &format!("member-{index}"))
}

pub(crate) fn member(index: usize) -> Member {
    Member::new(index as u8 + 1)
}

pub(crate) fn validators(n: usize) -> ValidatorSet {
    let seats = (0..n).map(|i| Validator { member: member(i), public_key: key(i).public() });
    ValidatorSet::new(seats.collect()).expect("keys and members are distinct")
}

pub(crate) fn sign_vote(vote: Vote, index: usize) -> Signed<Vote> {
    Signed::<Vote>::new(vote, &CHAIN, &key(index))
}

pub(crate) fn sign_proposal(proposal: Proposal, index: usize) -> Signed<Proposal> {
    let signature = key(index).sign(&proposal.sign_bytes(&CHAIN));
    Signed { message: proposal, signature }
}

/// How a faulty node departs from its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Sends one proposal to some and another to the others.
    EquivocatingProposer,
    /// Sends its vote to some and a vote for nil to the others.
    DoubleVoter,
    /// Proposes blocks that every correct member finds invalid.
    InvalidProposer,
}

#[derive(Clone, Debug)]
enum Event {
    Deliver { from: usize, message: Vec<u8> },
    Fire { timer: Timer },
    Judge { height: Height, round: u32, block: BlockId },
    Build { height: Height, round: u32 },
    Start { height: Height },
    AskBlock { from: usize, height: Height },
    Certified { certificate: CommitCertificate },
}

pub(crate) struct Node {
    pub(crate) engine: Option<Engine>,
    pub(crate) disk: Disk,
    pub(crate) fault: Fault,
    timers: BTreeMap<Timer, u64>,
    /// Grows with every crash; events of an earlier life are dropped.
    life: u64,
    is_reader: bool,
    builds: u64,
}

/// What the links do to messages.
#[derive(Clone, Copy)]
pub(crate) struct Links {
    pub(crate) loss_percent: u64,
    pub(crate) delay_ms: u64,
}

pub(crate) struct Net {
    pub(crate) now: u64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Links,
    pub(crate) rng: Rng,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) faults: Vec<(Member, &'static str)>,
    /// Nodes whose links are cut.
    pub(crate) cut: BTreeSet<usize>,
    set: ValidatorSet,
    queue: BTreeMap<(u64, u64), (usize, u64, Event)>,
    next_event: u64,
    invalid: BTreeSet<BlockId>,
    released: BTreeMap<(Member, SignMark), BlockIdOrNil>,
    pub(crate) double_signs: Vec<(Member, SignMark)>,
    pub(crate) forks: Vec<Height>,
    decided: BTreeMap<Height, BlockId>,
    /// Fingerprint of everything that happened.
    pub(crate) digest: [u8; 32],
}

type BlockIdOrNil = Option<BlockId>;

impl Net {
    pub(crate) fn new(n: usize, seed: u64) -> Self {
        println!("network of {n}, seed {seed}");
        let node = |is_reader| Node {
            engine: None,
            disk: Disk::new(),
            fault: Fault::None,
            timers: BTreeMap::new(),
            life: 0,
            is_reader,
            builds: 0,
        };
        let mut net = Self {
            now: 0,
            nodes: (0..n).map(|_| node(false)).collect(),
            links: Links { loss_percent: 0, delay_ms: 40 },
            rng: Rng::new(seed),
            evidence: Vec::new(),
            faults: Vec::new(),
            cut: BTreeSet::new(),
            set: validators(n),
            queue: BTreeMap::new(),
            next_event: 0,
            invalid: BTreeSet::new(),
            released: BTreeMap::new(),
            double_signs: Vec::new(),
            forks: Vec::new(),
            decided: BTreeMap::new(),
            digest: [0; 32],
        };
        (0..n).for_each(|i| net.start(i));
        net
    }

    pub(crate) fn add_reader(&mut self) -> usize {
        let mut reader = Node {
            engine: None,
            disk: Disk::new(),
            fault: Fault::None,
            timers: BTreeMap::new(),
            life: 0,
            is_reader: true,
            builds: 0,
        };
        reader.disk.mark = SignMark::new_key();
        self.nodes.push(reader);
        self.start(self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Starts a node from its disk.
    pub(crate) fn start(&mut self, i: usize) {
        let (set, node) = (self.set.clone(), &mut self.nodes[i]);
        let me = (!node.is_reader).then(|| member(i));
        let config = EngineConfig { chain: CHAIN, me, validators: set, timeouts: Timeouts::default() };
        let engine = Engine::new(config, node.disk.committed(), me.map(|_| node.disk.mark));
        node.engine = Some(engine.expect("a validator has a mark"));
        let height = node.disk.committed().next();
        self.post(i, 0, Event::Start { height });
    }

    pub(crate) fn crash(&mut self, i: usize) {
        let node = &mut self.nodes[i];
        node.engine = None;
        node.life += 1;
        node.timers.clear();
        node.disk.crash();
    }

    pub(crate) fn is_up(&self, i: usize) -> bool {
        self.nodes[i].engine.is_some()
    }

    pub(crate) fn committed(&self, i: usize) -> Height {
        self.nodes[i].disk.committed()
    }

    /// The lowest committed height of the nodes that are up.
    pub(crate) fn lowest(&self) -> Height {
        let up = (0..self.nodes.len()).filter(|i| self.is_up(*i));
        up.map(|i| self.committed(i)).min().expect("some node is up")
    }

    /// Runs until every running node has committed `height`.
    ///
    /// # Panics
    /// When that takes longer than `limit_ms` of virtual time.
    pub(crate) fn run_to(&mut self, height: u64, limit_ms: u64) {
        let deadline = self.now + limit_ms;
        while self.lowest() < Height::new(height) {
            let heights: Vec<_> = (0..self.nodes.len()).map(|i| self.committed(i)).collect();
            assert!(self.now < deadline, "no progress to height {height} in {limit_ms} ms: {heights:?}");
            assert!(self.advance(), "nothing is left to happen at {heights:?}");
        }
    }

    /// Runs for a span of virtual time.
    pub(crate) fn run_for(&mut self, span_ms: u64) {
        let end = self.now + span_ms;
        while self.queue.first_key_value().is_some_and(|((at, _), _)| *at <= end) {
            self.advance();
        }
        self.now = end;
    }

    pub(crate) fn run_while(&mut self, mut unfinished: impl FnMut(&Self) -> bool, limit_ms: u64) {
        let deadline = self.now + limit_ms;
        while unfinished(self) {
            assert!(self.now < deadline && self.advance(), "the condition was not reached in {limit_ms} ms");
        }
    }

    /// Handles the next event.
    fn advance(&mut self) -> bool {
        let Some(((at, _), (i, life, event))) = self.queue.pop_first() else { return false };
        self.now = at;
        let node = &self.nodes[i];
        if node.engine.is_some() && node.life == life {
            self.handle(i, event);
        }
        true
    }

    fn handle(&mut self, i: usize, event: Event) {
        let input = match event {
            Event::Deliver { from, message } => {
                let message = ConsensusMessage::decode(&message).expect("nodes send what decodes");
                self.help(i, from, &message);
                Input::Message { from: member(from), message }
            }
            Event::Fire { timer } => {
                if self.nodes[i].timers.get(&timer) != Some(&self.now) {
                    return;
                }
                self.nodes[i].timers.remove(&timer);
                Input::Timer { timer }
            }
            Event::Judge { height, round, block } => {
                Input::Verdict { height, round, block, valid: !self.invalid.contains(&block) }
            }
            Event::Build { height, round } => Input::Propose { height, round, block: self.build(i, height, round) },
            Event::Start { height } => {
                if height != self.committed(i).next() {
                    return;
                }
                Input::StartHeight { height, wal: self.nodes[i].disk.log() }
            }
            Event::AskBlock { from, height } => return self.answer(i, from, height),
            Event::Certified { certificate } => Input::Certified { certificate },
        };
        self.step(i, input);
    }

    /// A stuck peer repeats votes of a height that is committed here: answer with the certificate.
    fn help(&mut self, i: usize, from: usize, message: &ConsensusMessage) {
        if message.is_rebroadcast() && message.height() <= self.committed(i) {
            self.answer(i, from, message.height());
        }
    }

    fn answer(&mut self, i: usize, to: usize, height: Height) {
        let index = height.get() as usize - 1;
        if let Some(certificate) = self.nodes[i].disk.chain.get(index).cloned() {
            self.transmit(i, to, Event::Certified { certificate });
        }
    }

    /// A new block; never the same one twice, so that building again after a crash shows.
    fn build(&mut self, i: usize, height: Height, round: u32) -> BlockId {
        self.nodes[i].builds += 1;
        let block = BlockId(hash_of("test-block", &(i as u64, height, round, self.nodes[i].builds)));
        if self.nodes[i].fault == Fault::InvalidProposer {
            self.invalid.insert(block);
        }
        block
    }

    fn step(&mut self, i: usize, input: Input) {
        self.absorb(&format!("{} {i} {input:?}", self.now));
        let node = &mut self.nodes[i];
        let engine = node.engine.as_mut().expect("only running nodes take steps");
        let flushes = node.disk.flushes;
        let signer = key(i);
        let mut host = Host { durable: &mut node.disk, signer: &signer, suite: &Ed25519 };
        let outputs = engine.step(input, &mut host);
        engine.validate();
        assert!(node.disk.flushes <= flushes + 1, "a step flushes at most once");
        if outputs.iter().any(|o| matches!(o, Output::Send { .. })) {
            assert!(node.disk.is_flushed(), "nothing leaves before the flush that covers it");
        }
        for output in outputs {
            self.absorb(&format!("{output:?}"));
            self.act(i, output);
        }
    }

    fn absorb(&mut self, text: &str) {
        self.digest = hash_of("digest", &(self.digest, text));
    }

    fn act(&mut self, i: usize, output: Output) {
        match output {
            Output::Send { message } => self.send(i, message),
            Output::Build { height, round } => self.post_soon(i, Event::Build { height, round }),
            Output::Need { height, round, block } => self.post_soon(i, Event::Judge { height, round, block }),
            Output::ShareBlock { .. } => {}
            Output::SetTimer { timer, after_ms } => {
                let at = self.now + after_ms;
                self.nodes[i].timers.insert(timer, at);
                self.post(i, after_ms, Event::Fire { timer });
            }
            Output::CancelTimer { timer } => {
                self.nodes[i].timers.remove(&timer);
            }
            Output::CancelTimers => self.nodes[i].timers.clear(),
            Output::Decide { certificate } => self.commit(i, certificate),
            Output::Evidence { evidence } => self.evidence.push(evidence),
            Output::PeerFault { member, reason } => self.faults.push((member, reason)),
            Output::Ahead { member, height } => self.catch_up(i, member, height),
            Output::CertificateRefused { .. } => panic!("only correct certificates travel here"),
        }
    }

    fn catch_up(&mut self, i: usize, ahead: Member, height: Height) {
        let next = self.committed(i).next();
        if height > next {
            let peer = ahead.get() as usize - 1;
            self.transmit(i, peer, Event::AskBlock { from: i, height: next });
        }
    }

    fn commit(&mut self, i: usize, certificate: CommitCertificate) {
        certificate.verify(&CHAIN, &self.set).expect("a decision carries a certificate that anybody can check");
        let decided = *self.decided.entry(certificate.height).or_insert(certificate.block);
        if decided != certificate.block {
            self.forks.push(certificate.height);
        }
        assert!(self.nodes[i].timers.is_empty(), "a decision leaves no timer running");
        let height = certificate.height.next();
        self.nodes[i].disk.commit(certificate);
        let pause = 1 + self.rng.below(20);
        self.post(i, pause, Event::Start { height });
    }

    fn send(&mut self, i: usize, message: ConsensusMessage) {
        if self.nodes[i].fault == Fault::None {
            self.audit(i, &message);
        }
        let other = self.other_face(i, &message);
        for to in (0..self.nodes.len()).filter(|to| *to != i) {
            let two_faced = other.as_ref().filter(|_| to % 2 == 0);
            let bytes = two_faced.unwrap_or(&message).encode();
            self.transmit(i, to, Event::Deliver { from: i, message: bytes });
            // Somebody must see both faces, or there is nothing to prove.
            if let Some(other) = other.as_ref().filter(|_| to == 1 || to == 2) {
                self.transmit(i, to, Event::Deliver { from: i, message: other.encode() });
                self.transmit(i, to, Event::Deliver { from: i, message: message.encode() });
            }
        }
    }

    /// The second message that a faulty node signs for the same step.
    fn other_face(&self, i: usize, message: &ConsensusMessage) -> Option<ConsensusMessage> {
        match (self.nodes[i].fault, message) {
            (Fault::EquivocatingProposer, ConsensusMessage::Proposal { proposal }) => {
                let block = BlockId(hash_of("other-face", &proposal.message.block));
                let proposal = sign_proposal(Proposal { block, ..proposal.message.clone() }, i);
                Some(ConsensusMessage::Proposal { proposal })
            }
            (Fault::DoubleVoter, ConsensusMessage::Vote { vote, .. }) if vote.message.block.is_some() => {
                let vote = sign_vote(Vote { block: None, ..vote.message.clone() }, i);
                Some(ConsensusMessage::Vote { vote, rebroadcast: false })
            }
            _ => None,
        }
    }

    /// Compares what a correct node releases with everything it released before, and with its mark.
    fn audit(&mut self, i: usize, message: &ConsensusMessage) {
        let (signer, at, block) = match message {
            ConsensusMessage::Vote { vote, .. } => {
                let step = match vote.message.kind {
                    VoteType::Prevote => SignStep::Prevote,
                    VoteType::Precommit => SignStep::Precommit,
                };
                let Vote { height, round, block, voter, .. } = vote.message;
                (voter, SignMark { height, round, step }, block)
            }
            ConsensusMessage::Proposal { proposal } => {
                let Proposal { height, round, block, proposer, .. } = proposal.message;
                (proposer, SignMark { height, round, step: SignStep::Propose }, Some(block))
            }
            ConsensusMessage::Polka { .. } | ConsensusMessage::Round { .. } => return,
        };
        if signer == member(i) {
            let disk = &self.nodes[i].disk;
            assert!(disk.loses_flushes || disk.mark >= at, "released {at:?} while the mark is {:?}", disk.mark);
            if *self.released.entry((signer, at)).or_insert(block) != block {
                self.double_signs.push((signer, at));
            }
        }
    }

    fn transmit(&mut self, from: usize, to: usize, event: Event) {
        let is_cut = self.cut.contains(&from) || self.cut.contains(&to);
        if is_cut || self.rng.chance(self.links.loss_percent) {
            return;
        }
        let delay = 1 + self.rng.below(self.links.delay_ms);
        self.post(to, delay, event);
    }

    fn post_soon(&mut self, i: usize, event: Event) {
        let delay = 1 + self.rng.below(self.links.delay_ms);
        self.post(i, delay, event);
    }

    fn post(&mut self, i: usize, delay_ms: u64, event: Event) {
        self.next_event += 1;
        let life = self.nodes[i].life;
        self.queue.insert((self.now + delay_ms, self.next_event), (i, life, event));
    }

    /// Asserts what holds after every run with correct disks.
    pub(crate) fn check_safety(&self) {
        assert!(self.forks.is_empty(), "two blocks were decided at {:?}", self.forks);
        assert!(self.double_signs.is_empty(), "correct members signed twice: {:?}", self.double_signs);
    }
}
