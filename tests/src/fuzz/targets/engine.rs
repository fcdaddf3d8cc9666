//! The consensus engine: what it hears from a bad member, and what it finds in its log after a restart.
//!
//! Four validators; the engine under test is the first. In [`messages`] the last one is bad and may sign what it likes; in [`log`] the log
//! of an engine that crashed comes back changed.

use crate::fuzz::caught::halts;
use crate::fuzz::{Answer, Check, corpus};
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_consensus::{
    ConsensusMessage, Durable, Engine, EngineConfig, Host, Input, Output, SignMark, SignStep, Timeouts, Timer,
    TimerKind,
};
use landsea_types::consensus::{Proposal, Signed, Validator, ValidatorSet, Vote, VoteType};
use landsea_types::crypto::Ed25519;
use landsea_types::{BlockId, ChainId, Height, Member, SecretKey};
use std::collections::BTreeMap;

const CHAIN: ChainId = ChainId([7; 32]);
const HEIGHT: Height = Height::new(1);
const OWN: BlockId = BlockId([0xA0; 32]);
const GOOD: BlockId = BlockId([0xB0; 32]);
const RIVAL: BlockId = BlockId([0xC0; 32]);
const BAD_MEMBER: u8 = 4;

/// Messages in one input, at most.
const MESSAGES_MAX: usize = 40;
/// Outputs that one input to the engine may lead to.
const OUTPUTS_MAX: usize = 64;

fn key(member: u8) -> SecretKey {
    SecretKey::from_seed([member; 32])
}

fn validators() -> ValidatorSet {
    let seat = |i: u8| Validator { member: Member::new(i), public_key: key(i).public() };
    ValidatorSet::new((1..=4).map(seat).collect()).expect("four distinct members")
}

/// The log and the mark of an engine; nothing is ever lost here.
#[derive(Clone)]
struct Disk {
    log: Vec<Vec<u8>>,
    mark: SignMark,
}

impl Durable for Disk {
    fn wal_append(&mut self, _: Height, _: u64, entry: &[u8]) {
        self.log.push(entry.to_vec());
    }
    fn flush(&mut self) {}
    fn advance_mark(&mut self, mark: SignMark) {
        assert!(mark > self.mark, "the mark goes back from {:?} to {mark:?}", self.mark);
        self.mark = mark;
    }
}

/// What was signed and sent, by step.
type Sent = BTreeMap<(Height, u32, SignStep), Option<BlockId>>;

/// One engine with its surroundings: blocks are built and judged at once, and every signed message is remembered.
struct Seat {
    me: u8,
    engine: Engine,
    disk: Disk,
    sent: Sent,
    sends: usize,
}

impl Seat {
    fn new(me: u8, disk: Disk, sent: Sent) -> Self {
        let config = EngineConfig {
            chain: CHAIN,
            me: Some(Member::new(me)),
            validators: validators(),
            timeouts: Timeouts::default(),
        };
        let engine = Engine::new(config, Height::ZERO, Some(disk.mark)).expect("a mark is there");
        Self { me, engine, disk, sent, sends: 0 }
    }

    fn fresh(me: u8) -> Self {
        Self::new(me, Disk { log: Vec::new(), mark: SignMark::new_key() }, Sent::new())
    }

    fn start(&mut self) {
        let wal = self.disk.log.clone();
        self.step(Input::StartHeight { height: HEIGHT, wal });
    }

    /// Hands in one input and answers what the engine asks for, until it asks nothing more.
    fn step(&mut self, input: Input) {
        let mut waiting = vec![input];
        while let Some(input) = waiting.pop() {
            let signer = key(self.me);
            let mut host = Host { durable: &mut self.disk, signer: &signer, suite: &Ed25519 };
            let outputs = self.engine.step(input, &mut host);
            self.engine.validate();
            assert!(outputs.len() <= OUTPUTS_MAX, "{} outputs of one step", outputs.len());
            waiting.extend(outputs.into_iter().filter_map(|o| self.answer(o)));
        }
    }

    fn answer(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Send { message } => {
                self.remember(&message);
                None
            }
            Output::Build { height, round } => Some(Input::Propose { height, round, block: OWN }),
            Output::Need { height, round, block } => Some(Input::Verdict { height, round, block, valid: true }),
            _ => None,
        }
    }

    /// Checks that nothing else was ever signed for the step of a message. A recorded message whose bytes were damaged carries a
    /// signature that does not hold, and is no second signature.
    fn remember(&mut self, message: &ConsensusMessage) {
        self.sends += 1;
        let public = key(self.me).public();
        let (round, step, block) = match message {
            ConsensusMessage::Vote { vote: Signed { message: v, signature }, .. } => {
                if !public.verify_strict(&v.sign_bytes(&CHAIN), signature) {
                    return;
                }
                (v.round, step_of(v.kind), v.block)
            }
            ConsensusMessage::Proposal { proposal: Signed { message: p, signature } } => {
                if !public.verify_strict(&p.sign_bytes(&CHAIN), signature) {
                    return;
                }
                (p.round, SignStep::Propose, Some(p.block))
            }
            _ => return,
        };
        let first = *self.sent.entry((message.height(), round, step)).or_insert(block);
        assert_eq!(first, block, "signed twice at height {}, round {round}, {step:?}", message.height());
    }

    /// Hears a message from its signer, or from the bad member.
    fn hear(&mut self, message: ConsensusMessage) {
        self.step(Input::Message { from: Member::new(BAD_MEMBER), message });
    }

    fn time_out(&mut self, round: u32, kind: TimerKind) {
        self.step(Input::Timer { timer: Timer { height: HEIGHT, round, kind } });
    }

    fn summary(&self) -> Answer {
        let status = self.engine.status();
        let (lock, decided) = (status.locked.is_some(), status.decided == HEIGHT);
        let (round, sends) = (status.round.min(4), self.sends.min(8));
        format!(
            "{:?} round {round} lock {lock} decided {decided} sent {sends} buffered {}",
            status.step,
            status.buffered.min(2)
        )
    }
}

fn step_of(kind: VoteType) -> SignStep {
    match kind {
        VoteType::Prevote => SignStep::Prevote,
        VoteType::Precommit => SignStep::Precommit,
    }
}

fn vote(kind: VoteType, round: u32, block: Option<BlockId>, voter: u8) -> ConsensusMessage {
    let vote = Vote { kind, height: HEIGHT, round, block, voter: Member::new(voter) };
    ConsensusMessage::Vote { vote: Signed::<Vote>::new(vote, &CHAIN, &key(voter)), rebroadcast: false }
}

fn proposal(round: u32, block: BlockId, pol_round: Option<u32>) -> ConsensusMessage {
    let proposer = validators().proposer(HEIGHT, round).member;
    let message = Proposal { height: HEIGHT, round, block, pol_round, proposer };
    let signature = key(proposer.get()).sign(&message.sign_bytes(&CHAIN));
    ConsensusMessage::Proposal { proposal: Signed { message, signature } }
}

// ---- What a bad member says.

fn encode_script(messages: &[ConsensusMessage]) -> Vec<u8> {
    let encoded: Vec<Vec<u8>> = messages.iter().map(ConsensusMessage::encode).collect();
    borsh::to_vec(&encoded).expect("memory")
}

/// The corpus of [`messages`]: what others say in a round that decides, in one that fails, and in one that skips ahead.
pub fn sample_scripts() -> Vec<(&'static str, Vec<u8>)> {
    use VoteType::{Precommit, Prevote};
    let all = |kind, round, block| (2..=4).map(move |voter| vote(kind, round, block, voter));
    let decides = std::iter::once(proposal(0, GOOD, None)).chain(all(Prevote, 0, Some(GOOD))).chain(all(
        Precommit,
        0,
        Some(GOOD),
    ));
    let fails = all(Prevote, 0, None).chain(all(Precommit, 0, None)).chain([proposal(1, GOOD, None)]).chain(all(
        Prevote,
        1,
        Some(GOOD),
    ));
    let skips = all(Prevote, 3, None).chain([proposal(3, RIVAL, Some(2)), vote(Prevote, 0, Some(RIVAL), BAD_MEMBER)]);
    let twice = [vote(Prevote, 0, Some(GOOD), BAD_MEMBER), vote(Prevote, 0, Some(RIVAL), BAD_MEMBER)];
    let own = || corpus::load("consensus_message").into_iter().filter_map(|e| ConsensusMessage::decode(&e.bytes).ok());
    vec![
        ("decides.bin", encode_script(&decides.collect::<Vec<_>>())),
        ("fails.bin", encode_script(&fails.collect::<Vec<_>>())),
        ("skips.bin", encode_script(&skips.collect::<Vec<_>>())),
        ("votes_twice.bin", encode_script(&twice)),
        ("every_kind.bin", encode_script(&own().collect::<Vec<_>>())),
    ]
}

/// Signs again whatever stands in the bad member's name: its messages hold, those in other names do not.
fn signed_by_bad_member(message: ConsensusMessage) -> ConsensusMessage {
    let bad = Member::new(BAD_MEMBER);
    match message {
        ConsensusMessage::Vote { vote, rebroadcast } if vote.message.voter == bad => {
            ConsensusMessage::Vote { vote: Signed::<Vote>::new(vote.message, &CHAIN, &key(BAD_MEMBER)), rebroadcast }
        }
        ConsensusMessage::Proposal { proposal } if proposal.message.proposer == bad => {
            let signature = key(BAD_MEMBER).sign(&proposal.message.sign_bytes(&CHAIN));
            ConsensusMessage::Proposal { proposal: Signed { message: proposal.message, signature } }
        }
        other => other,
    }
}

pub(super) fn messages() -> Check {
    Box::new(|bytes| {
        let Ok(script) = borsh::from_slice::<Vec<Vec<u8>>>(bytes) else { return "no script".into() };
        let mut seat = Seat::fresh(1);
        seat.start();
        for bytes in script.iter().take(MESSAGES_MAX) {
            if let Ok(message) = ConsensusMessage::decode(bytes) {
                seat.hear(signed_by_bad_member(message));
            }
        }
        // Whatever was said, the round can end by time.
        for kind in [TimerKind::Propose, TimerKind::Prevote, TimerKind::Precommit, TimerKind::Rebroadcast] {
            seat.time_out(0, kind);
        }
        seat.summary()
    })
}

// ---- What a damaged log says.

/// An input of [`log`]: which crash, and the log that came back.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Restart {
    /// Number of the scene the engine crashed in; see [`scenes`].
    pub scene: u8,
    pub log: Vec<Vec<u8>>,
}

/// Engines at the moment of a crash: after a prevote; after a precommit; in a second round; as the proposer of the first round; with a
/// polka seen and a timer fired.
fn scenes() -> Vec<Seat> {
    use VoteType::{Precommit, Prevote};
    let proposer = validators().proposer(HEIGHT, 0).member.get();
    let other = (1..=4).find(|m| *m != proposer).expect("four members");
    let begun = |me: u8| {
        let mut seat = Seat::fresh(me);
        seat.start();
        seat
    };
    let voters = |me: u8| (1..=4).filter(move |m| *m != me).take(2);
    let mut prevoted = begun(other);
    prevoted.hear(proposal(0, GOOD, None));
    let mut precommitted = begun(other);
    precommitted.hear(proposal(0, GOOD, None));
    voters(other).for_each(|v| precommitted.hear(vote(Prevote, 0, Some(GOOD), v)));
    let mut second_round = begun(other);
    second_round.time_out(0, TimerKind::Propose);
    voters(other).for_each(|v| second_round.hear(vote(Prevote, 0, None, v)));
    voters(other).for_each(|v| second_round.hear(vote(Precommit, 0, None, v)));
    second_round.time_out(0, TimerKind::Precommit);
    second_round.hear(proposal(1, GOOD, None));
    let proposed = begun(proposer);
    let mut timed_out = begun(other);
    timed_out.hear(proposal(0, GOOD, None));
    voters(other).for_each(|v| timed_out.hear(vote(Prevote, 0, (v % 2 == 0).then_some(GOOD), v)));
    timed_out.time_out(0, TimerKind::Prevote);
    vec![prevoted, precommitted, second_round, proposed, timed_out]
}

/// The corpus of [`log`]: the undamaged log of every scene.
pub fn sample_restarts() -> Vec<Restart> {
    (0u8..).zip(scenes()).map(|(scene, seat)| Restart { scene, log: seat.disk.log }).collect()
}

/// Starts an engine over a changed log and an unchanged mark, then tempts it: the proposer of the round offers another block, the others
/// vote for that one, timers fire. It may halt only because the log does not decode, and must never sign otherwise than before the crash.
pub(super) fn log() -> Check {
    let scenes: Vec<(u8, Disk, Sent)> = scenes().into_iter().map(|s| (s.me, s.disk, s.sent)).collect();
    Box::new(move |bytes| {
        let Ok(restart) = borsh::from_slice::<Restart>(bytes) else { return "no log".into() };
        let Some((me, disk, sent)) = scenes.get(usize::from(restart.scene)) else { return "no scene".into() };
        // Another scene's entries tell of another past, and are as sound as this one's: no member could tell.
        let is_foreign = |entry: &Vec<u8>| !disk.log.contains(entry) && scenes.iter().any(|s| s.1.log.contains(entry));
        if restart.log.iter().any(is_foreign) {
            return "log of another scene".into();
        }
        let disk = Disk { log: restart.log, mark: disk.mark };
        let mut seat = Seat::new(*me, disk, sent.clone());
        if halts(&["does not decode as version"], || seat.start()).is_none() {
            return "halted".into();
        }
        tempt(&mut seat);
        seat.summary()
    })
}

fn tempt(seat: &mut Seat) {
    let me = seat.me;
    for round in 0..2 {
        seat.hear(proposal(round, RIVAL, None));
        for kind in [VoteType::Prevote, VoteType::Precommit] {
            let rivals = (1..=4).filter(|m| *m != me).take(2);
            rivals.for_each(|voter| seat.hear(vote(kind, round, Some(RIVAL), voter)));
        }
        for kind in [TimerKind::Propose, TimerKind::Prevote, TimerKind::Precommit, TimerKind::Rebroadcast] {
            seat.time_out(round, kind);
        }
    }
}
