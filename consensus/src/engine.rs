//! The engine: one step at a time around the core.

mod certified;
mod effects;
mod future;
mod message;
mod propose;
mod replay;
mod settle;

use crate::context::{Address, CoreInput, CoreState, Ledger};
use crate::convert;
use crate::guard::{Guard, SignMark, VoteSigner};
use crate::input::{Durable, Input};
use crate::message::ConsensusMessage;
use crate::output::Output;
use crate::timeouts::{Timeouts, Timer, TimerKind};
use crate::verify::Checker;
use arc_malachitebft_core_consensus::process;
use effects::Shell;
use future::FutureBuffer;
use landsea_types::consensus::{ValidatorSet, VoteType};
use landsea_types::{BlockId, ChainId, Height, Member, Suite};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// What an engine is made of.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Stands in everything that is signed.
    pub chain: ChainId,
    /// The member that this node votes for; `None` for a reader, which follows and never votes.
    pub me: Option<Member>,
    /// The validators of the first height that is started; see [`Engine::set_validators`].
    pub validators: ValidatorSet,
    pub timeouts: Timeouts,
}

/// Why an engine cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// A validator without a sign mark could have signed anything before.
    #[error(
        "member {member} has no sign mark beside its key: nothing says what the key has signed; \
         restore the mark, or run the explicit mark recovery command, which takes certified tips from the other members"
    )]
    NoSignMark { member: Member },
}

/// What a step may use. None of these can fail; see [`Durable`].
pub struct Host<'a> {
    pub durable: &'a mut dyn Durable,
    pub signer: &'a dyn VoteSigner,
    pub suite: &'a dyn Suite,
}

/// The step of the round, as far as the core has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// No height is in progress.
    Idle,
    Propose,
    Prevote,
    Precommit,
    /// The height is decided and waits to be committed and followed by the next one.
    Decided,
}

/// A view of the engine for metrics, RPC and the replica's pacing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineStatus {
    /// The height in progress, or the last one that was.
    pub height: Height,
    pub round: u32,
    pub step: Step,
    /// Round and block of the lock.
    pub locked: Option<(u32, BlockId)>,
    /// Round and block of the highest polka.
    pub valid: Option<(u32, BlockId)>,
    /// The highest decided height.
    pub decided: Height,
    /// Whether this validator signs nothing at this height because its sign mark is ahead of its log.
    pub observing: bool,
    /// The highest height of which a verified message has come. One Byzantine member can set this to anything: a hint only.
    pub highest_seen: Height,
    /// Verified messages of future heights that wait.
    pub buffered: usize,
}

/// The consensus engine. See the crate documentation for the protocol and the safety argument.
///
/// - `decided` grows by one with every [`Output::Decide`].
/// - The core exists from the first [`Input::StartHeight`] on and is replaced by the next one.
/// - Nothing is sent that the log, flushed, and the sign mark do not cover.
pub struct Engine {
    shell: Shell,
    core: Option<CoreState>,
    future: FutureBuffer,
    decided: Height,
    observing: bool,
    next_validators: Option<ValidatorSet>,
    ahead: BTreeMap<Member, Height>,
}

impl Engine {
    /// Builds an engine over a chain committed up to `committed`.
    ///
    /// `mark` is the sign mark beside the key; a reader has none.
    ///
    /// # Errors
    /// [`EngineError::NoSignMark`] for a validator without a mark.
    pub fn new(config: EngineConfig, committed: Height, mark: Option<SignMark>) -> Result<Self, EngineError> {
        let guard = match (config.me, mark) {
            (None, _) => None,
            (Some(member), None) => return Err(EngineError::NoSignMark { member }),
            (Some(member), Some(mark)) => Some(Guard::new(member, mark)),
        };
        let checker = Checker::new(config.chain, config.validators);
        Ok(Self {
            shell: Shell::new(checker, guard, config.timeouts, committed),
            core: None,
            future: FutureBuffer::default(),
            decided: committed,
            observing: false,
            next_validators: None,
            ahead: BTreeMap::new(),
        })
    }

    /// Handles one input and returns what the replica must do, in order.
    ///
    /// # Panics
    /// On local faults: a damaged log, a failed write, a request to sign twice, a certified block that this node judged invalid. The
    /// process must halt.
    pub fn step(&mut self, input: Input, host: &mut Host<'_>) -> Vec<Output> {
        match input {
            Input::StartHeight { height, wal } => self.on_start_height(height, &wal, host),
            Input::Message { from, message } => self.on_message(from, message, host),
            Input::Propose { height, round, block } => self.on_propose(height, round, block, host),
            Input::Verdict { height, round: _, block, valid } => self.on_verdict(height, block, valid, host),
            Input::Certified { certificate } => self.on_certified(certificate, host),
            Input::Timer { timer } => self.on_timer(timer, host),
        }
        self.settle(host);
        self.release(host)
    }

    /// Sets the validators of the heights above the one in progress. Without a call they stay the same. The replica calls this when
    /// it has committed a block that changes the set, before it starts the next height.
    pub fn set_validators(&mut self, validators: ValidatorSet) {
        self.next_validators = Some(validators);
        if !self.is_in_progress() {
            self.adopt_validators();
        }
    }

    /// Own proposal, votes and round certificate of the round in progress, all released before: for a peer that has just connected.
    pub fn own_messages(&self) -> Vec<ConsensusMessage> {
        let Some(core) = self.core.as_ref().filter(|c| c.is_active_validator()) else { return Vec::new() };
        let votes = [&core.last_signed_prevote, &core.last_signed_precommit].into_iter().flatten();
        let votes =
            votes.map(|v| ConsensusMessage::Vote { vote: convert::signed_vote_from_core(v), rebroadcast: false });
        let entered = core.round_certificate().filter(|c| c.enter_round == core.round());
        let entered =
            entered.map(|c| ConsensusMessage::Round { certificate: convert::round_from_core(&c.certificate) });
        entered.into_iter().chain(self.own_proposal()).chain(votes).collect()
    }

    /// Whether a polka or a quorum of precommits of the height in progress names the block: from then on its time is not measured
    /// against a clock any more.
    pub fn is_named_by_quorum(&self, block: &BlockId) -> bool {
        self.shell.is_named_by_quorum(block)
    }

    /// The own proposal of the round in progress, if it was made.
    fn own_proposal(&self) -> Option<ConsensusMessage> {
        let (core, guard) = (self.core.as_ref()?, self.shell.guard.as_ref()?);
        let own = core.full_proposal_at_round_and_proposer(&core.height(), core.round(), &Address(guard.me))?;
        Some(ConsensusMessage::Proposal { proposal: convert::signed_proposal_from_core(&own.proposal) })
    }

    /// A view for metrics, RPC and pacing.
    pub fn status(&self) -> EngineStatus {
        let value = |v: &arc_malachitebft_core_types::Round, b: BlockId| (convert::round_number(*v), b);
        let round_state = self.core.as_ref().map(|c| c.driver.round_state());
        EngineStatus {
            height: self.shell.height,
            round: self.core.as_ref().and_then(|c| c.round().as_u32()).unwrap_or(0),
            step: self.current_step(),
            locked: round_state.and_then(|s| s.locked.as_ref()).map(|l| value(&l.round, l.value.0)),
            valid: round_state.and_then(|s| s.valid.as_ref()).map(|v| value(&v.round, v.value.0)),
            decided: self.decided,
            observing: self.observing,
            highest_seen: self.ahead.values().max().copied().unwrap_or(self.shell.height),
            buffered: self.future.len(),
        }
    }

    fn current_step(&self) -> Step {
        match &self.core {
            None => Step::Idle,
            Some(_) if !self.is_in_progress() => Step::Decided,
            Some(core) if core.driver.step_is_prevote() => Step::Prevote,
            Some(core) if core.driver.step_is_precommit() => Step::Precommit,
            Some(_) => Step::Propose,
        }
    }

    /// Checks the invariants that must hold between steps.
    ///
    /// # Panics
    /// When one does not hold.
    pub fn validate(&self) {
        assert!(self.shell.outputs.is_empty(), "outputs are left over between steps");
        assert!(self.shell.decision.is_none(), "a decision is left over between steps");
        assert!(self.shell.replayed.is_empty(), "a replay is left unfinished");
        let (height, decided) = (self.shell.height, self.decided);
        assert!(height <= decided.next(), "height {height} is in progress while {decided} is decided");
        self.future.validate(decided);
        if let Some(guard) = &self.shell.guard {
            guard.validate();
        }
        if let Some(core) = &self.core {
            assert_eq!(core.height().0, height, "core and engine work at different heights");
            assert!(!(self.observing && core.params.enabled), "an observing node must not sign");
        }
    }

    /// Whether a height has been started and is not decided.
    fn is_in_progress(&self) -> bool {
        self.core.is_some() && self.shell.decision.is_none() && self.shell.height > self.decided
    }

    fn on_timer(&mut self, timer: Timer, host: &mut Host<'_>) {
        if !self.is_in_progress() || timer.height != self.shell.height {
            return;
        }
        self.feed(CoreInput::TimeoutElapsed(convert::timer_to_core(timer)), host);
        let round = self.core.as_ref().and_then(|c| c.round().as_u32());
        if timer.kind == TimerKind::Rebroadcast && round == Some(timer.round) && !self.observing {
            let again = self.own_proposal().map(|message| Output::Send { message });
            self.shell.outputs.extend(again);
        }
    }

    /// Runs the core on one input. The generator lives and dies inside this call; effects are answered as they come.
    fn feed(&mut self, input: CoreInput, host: &mut Host<'_>) {
        let shell = &mut self.shell;
        let core = self.core.as_mut().expect("the core is fed only while a height is in progress");
        let result: Result<(), crate::context::CoreError> = process!(
            input: input, state: core, metrics: &(),
            with: effect => Ok::<_, Infallible>(shell.on_effect(effect, host))
        );
        if let Err(error) = result {
            panic!("the consensus core failed at height {}: {error}", self.shell.height);
        }
    }

    /// Flushes once if anything leaves, moves the mark, and hands out the outputs.
    fn release(&mut self, host: &mut Host<'_>) -> Vec<Output> {
        let mut outputs = std::mem::take(&mut self.shell.outputs);
        outputs.retain(|o| !matches!(o, Output::Need { block, .. } if self.shell.verdicts.contains_key(block)));
        if outputs.iter().any(is_send) {
            self.shell.make_durable(host);
            order_sends(&mut outputs);
        }
        if let Some(certificate) = self.shell.decision.take() {
            self.decided = certificate.height;
            outputs.push(Output::Decide { certificate });
        }
        outputs
    }
}

fn is_send(output: &Output) -> bool {
    matches!(output, Output::Send { .. })
}

/// The core publishes a vote after everything that follows from it. This puts causes first, the proposal above all, because the
/// others can start on its block while the votes are still under way.
fn order_sends(outputs: &mut [Output]) {
    let mut sends: Vec<Output> = outputs.iter().filter(|o| is_send(o)).cloned().collect();
    sends.sort_by_key(send_order);
    for (slot, send) in outputs.iter_mut().filter(|o| is_send(o)).zip(sends) {
        *slot = send;
    }
}

/// Round, then the order within a round.
fn send_order(output: &Output) -> (u32, u8) {
    let Output::Send { message } = output else { return (0, 0) };
    let rank = match message {
        ConsensusMessage::Round { .. } => 0,
        ConsensusMessage::Polka { .. } => 1,
        ConsensusMessage::Proposal { .. } => 2,
        ConsensusMessage::Vote { vote, .. } if vote.message.kind == VoteType::Prevote => 3,
        ConsensusMessage::Vote { .. } => 4,
    };
    (message.round(), rank)
}

impl Ledger {
    /// The address of a node that never votes: no member has index 0.
    fn reader() -> Address {
        Address(Member::new(0))
    }
}
