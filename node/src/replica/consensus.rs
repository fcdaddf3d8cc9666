//! Between the engine and the rest of the replica.

use super::durable::EngineDisk;
use super::peers::{broadcast, encode, send};
use super::{Action, Replica, TimerId};
use crate::message::FetchMessage;
use landsea_consensus::{ConsensusMessage, EngineStatus, Host, Input, Output, Step, Timer, TimerKind, VoteSigner};
use landsea_p2p::Class;
use landsea_types::consensus::Evidence;
use landsea_types::{BlockId, Height, Member, SecretKey, Signature, Suite};

/// A proposer whose link is down is not worth the whole wait, milliseconds.
const PROPOSE_TIMEOUT_LINK_DOWN_MS: u64 = 200;
/// Rounds in which the shortened wait applies.
const SHORT_ROUNDS: u32 = 3;

/// The validator key as the engine uses it.
struct Signer<'a> {
    key: &'a SecretKey,
    suite: &'a dyn Suite,
}

impl VoteSigner for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Signature {
        self.suite.sign(self.key, message)
    }
}

impl Replica {
    pub(super) fn on_consensus_bytes(&mut self, peer: Member, bytes: &[u8], actions: &mut Vec<Action>) {
        match ConsensusMessage::decode(bytes) {
            Ok(message) => self.on_consensus_message(peer, message, actions),
            Err(_) => actions.push(Action::PeerFault { peer, reason: "undecodable consensus message" }),
        }
    }

    fn on_consensus_message(&mut self, peer: Member, message: ConsensusMessage, actions: &mut Vec<Action>) {
        let height = message.height();
        self.peers.note_heard(peer, height.previous());
        if height <= self.store.tip().height {
            // A member that is stuck says so by repeating its votes; other stale votes are not answered.
            if message.is_rebroadcast() {
                self.send_committed(peer, height, actions);
            }
            return;
        }
        if height > self.next_height() {
            self.on_later_message(peer, height, actions);
        }
        self.feed(Input::Message { from: peer, message }, actions);
    }

    /// The engine tells once per member and height that somebody is ahead. A request of block sync may be lost after that, so every
    /// later message is a hint again: nothing is believed because of it.
    fn on_later_message(&mut self, peer: Member, height: Height, actions: &mut Vec<Action>) {
        self.peers.note_tip(peer, height.previous());
        self.consider_block_sync(actions);
    }

    /// Feeds the engine and carries out what it asks for. Inputs that arise on the way wait their turn, so that the outputs of one step
    /// are carried out in order before the next step.
    pub(super) fn feed(&mut self, input: Input, actions: &mut Vec<Action>) {
        self.inputs.push_back(input);
        if self.inputs.len() > 1 {
            return;
        }
        while let Some(input) = self.inputs.front().cloned() {
            for output in self.step_engine(input) {
                self.carry_out(output, actions);
            }
            self.inputs.pop_front();
        }
    }

    fn step_engine(&mut self, input: Input) -> Vec<Output> {
        let mut disk = EngineDisk { store: &mut *self.store, marks: &mut *self.marks };
        let signer = Signer { key: &self.validator_key, suite: &*self.suite };
        let mut host = Host { durable: &mut disk, signer: &signer, suite: &*self.suite };
        self.engine.step(input, &mut host)
    }

    fn carry_out(&mut self, output: Output, actions: &mut Vec<Action>) {
        match output {
            Output::Send { message } => self.send_message(message, actions),
            Output::Build { height, round } => self.on_build(height, round, actions),
            Output::Need { round, block, .. } => self.on_need(round, block, actions),
            Output::ShareBlock { block, .. } => self.share_block(block, actions),
            Output::SetTimer { timer, after_ms } => {
                let after_ms = self.timer_ms(timer, after_ms);
                actions.push(Action::SetTimer { timer: TimerId::Consensus(timer), after_ms });
            }
            Output::CancelTimer { timer } => actions.push(Action::CancelTimer { timer: TimerId::Consensus(timer) }),
            Output::CancelTimers => actions.push(Action::CancelConsensusTimers),
            Output::Decide { certificate } => self.on_decide(certificate, actions),
            Output::Evidence { evidence } => self.on_evidence(evidence, actions),
            Output::PeerFault { member, reason } => actions.push(Action::PeerFault { peer: member, reason }),
            Output::Ahead { member, height } => self.on_ahead(member, height, actions),
            Output::CertificateRefused { height, error } => {
                tracing::warn!(%height, %error, "commit certificate refused");
            }
        }
    }

    /// A proposal travels with its block; the step's flush covers both.
    fn send_message(&self, message: ConsensusMessage, actions: &mut Vec<Action>) {
        if let ConsensusMessage::Proposal { proposal } = &message {
            self.share_block(proposal.message.block, actions);
        }
        broadcast(actions, Class::Consensus, message.encode());
    }

    fn share_block(&self, id: BlockId, actions: &mut Vec<Action>) {
        if let Some(block) = self.held_block(&id) {
            broadcast(actions, Class::Header, encode(&block));
        }
    }

    /// Shortens the wait for a proposer that cannot reach this node, while a quorum could still decide without it.
    fn timer_ms(&self, timer: Timer, after_ms: u64) -> u64 {
        let is_short = timer.kind == TimerKind::Propose && self.is_wait_vain(timer.height, timer.round);
        if is_short { PROPOSE_TIMEOUT_LINK_DOWN_MS } else { after_ms }
    }

    fn is_wait_vain(&self, height: Height, round: u32) -> bool {
        let proposer = self.validators.proposer(height, round).member;
        let unreachable = proposer != self.member && !self.peers.is_connected(proposer);
        let quorum_up = self.peers.count() + 1 >= self.validators.quorum();
        round < SHORT_ROUNDS && unreachable && quorum_up
    }

    /// A proposer that goes down while its proposal is waited for is not worth the rest of the whole wait either.
    pub(super) fn on_peer_disconnected(&mut self, peer: Member, actions: &mut Vec<Action>) {
        self.peers.disconnected(peer);
        let EngineStatus { height, round, step, .. } = self.engine.status();
        let waits = height == self.next_height() && step == Step::Propose && !self.candidates.has_named();
        let is_proposer = self.validators.proposer(height, round).member == peer;
        if waits && is_proposer && self.is_wait_vain(height, round) && self.peers.cut_short(height, round) {
            let timer = TimerId::Consensus(Timer { height, round, kind: TimerKind::Propose });
            actions.push(Action::SetTimer { timer, after_ms: PROPOSE_TIMEOUT_LINK_DOWN_MS });
        }
    }

    fn on_evidence(&mut self, evidence: Evidence, actions: &mut Vec<Action>) {
        let member = match &evidence {
            Evidence::Votes { first, .. } => first.message.voter,
            Evidence::Proposals { first, .. } => first.message.proposer,
        };
        tracing::error!(%member, "equivocation: evidence stored");
        self.store.put_evidence(&evidence);
        actions.push(Action::EvidenceStored { member });
    }

    /// A member signed something above the height in progress: start the next height, or block sync.
    fn on_ahead(&mut self, member: Member, height: Height, actions: &mut Vec<Action>) {
        self.peers.note_tip(member, height.previous());
        if height == self.next_height() {
            self.start_next_height(actions);
        } else {
            self.consider_block_sync(actions);
        }
    }

    pub(super) fn on_want_committed(&mut self, peer: Member, height: Height, actions: &mut Vec<Action>) {
        self.send_committed(peer, height, actions);
    }

    pub(super) fn send_committed(&mut self, peer: Member, height: Height, actions: &mut Vec<Action>) {
        if !self.peers.may_be_served(peer, self.now) {
            return;
        }
        let answer = self.committed_block(height).map(|c| FetchMessage::Committed { committed: Box::new(c) }.encode());
        self.peers.note_served(peer, self.now, answer.as_ref().map_or(0, Vec::len));
        if let Some(bytes) = answer {
            send(actions, peer, Class::Fetch, bytes);
        }
    }
}
