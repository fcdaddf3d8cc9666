//! The replica: everything a node decides, as one synchronous state machine.
//!
//! [`Replica::step`] takes one [`Event`] and appends [`Action`]s; it reads no clock, opens no socket, starts no thread. One shell
//! performs the actions in production ([`crate::shell`]), another in the simulator. The path of a transaction:
//!
//! 1. [`Event::Submit`]: checked transactions are queued and sealed into a batch ([`mempool`]), which goes to all members.
//! 2. [`Event::BatchChecked`]: a member's batch, its signatures checked on the pool, waits to be ordered.
//! 3. The proposer builds a block from waiting batches and executes it ([`build`]); the others obtain, check and execute it
//!    ([`candidates`]) before they vote.
//! 4. The engine decides; [`commit`] writes the height in one synced batch and tells the shell.
//! 5. The next height starts when there is something to order, when others have started it, or when the idle time is over
//!    ([`pace`]). A member that is behind fetches committed heights ([`block_sync`]).
//!
//! # Invariants
//! - Every message is returned by the engine only after the flush that covers it; batches and blocks are written before.
//! - At most one height is in progress: the one above the store's tip.
//! - Every collection is bounded by a constant of `landsea_types::bounds`.

mod action;
mod block_sync;
mod build;
mod candidates;
mod commit;
mod consensus;
mod durable;
mod event;
mod mempool;
mod pace;
mod peers;

pub use action::{Action, CommittedHeight, TimerId};
pub use candidates::Prepared;
pub use durable::{MarkKeeper, NoMark};
pub use event::{Event, SubmittedTransaction};
pub use mempool::{Mempool, SUBMISSIONS_ON_THE_WAY_MAX};

use crate::message::{About, FetchMessage};
use block_sync::BlockSync;
use candidates::Candidates;
use landsea_consensus::{Engine, EngineConfig, EngineError, EngineStatus, Input, Timeouts};
use landsea_storage::{Store, Tip};
use landsea_types::consensus::ValidatorSet;
use landsea_types::genesis::{Genesis, ParamKey};
use landsea_types::{ChainId, Height, Member, SecretKey, Suite, Timestamp};
use pace::Pacing;
use peers::Peers;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What a replica is made of.
pub struct ReplicaConfig {
    pub genesis: Genesis,
    pub member: Member,
    pub validator_key: SecretKey,
    pub store: Box<dyn Store>,
    pub marks: Box<dyn MarkKeeper>,
    pub timeouts: Timeouts,
    /// Signs and checks everything; the one that the genesis names.
    pub suite: Arc<dyn Suite>,
}

/// The state machine of one validator.
pub struct Replica {
    chain: ChainId,
    member: Member,
    validator_key: SecretKey,
    validators: ValidatorSet,
    store: Box<dyn Store>,
    marks: Box<dyn MarkKeeper>,
    suite: Arc<dyn Suite>,
    engine: Engine,
    mempool: Mempool,
    candidates: Candidates,
    peers: Peers,
    block_sync: BlockSync,
    pacing: Pacing,
    /// Inputs for the engine; the first is being worked on.
    inputs: VecDeque<Input>,
    now: Timestamp,
}

impl Replica {
    /// Builds a replica over an initialised store.
    ///
    /// # Errors
    /// [`EngineError::NoSignMark`] when the validator key has no mark beside it.
    pub fn new(config: ReplicaConfig) -> Result<Self, EngineError> {
        let chain = config.genesis.chain_id();
        let validators = config.genesis.validator_set();
        let tip = config.store.tip();
        let engine_config =
            EngineConfig { chain, me: Some(config.member), validators: validators.clone(), timeouts: config.timeouts };
        let engine = Engine::new(engine_config, tip.height, config.marks.load())?;
        Ok(Self {
            chain,
            member: config.member,
            validator_key: config.validator_key,
            validators,
            store: config.store,
            marks: config.marks,
            suite: config.suite,
            engine,
            mempool: Mempool::new(config.member),
            candidates: Candidates::default(),
            peers: Peers::default(),
            block_sync: BlockSync::default(),
            pacing: Pacing::default(),
            inputs: VecDeque::new(),
            now: tip.time,
        })
    }

    /// Handles one event. `now` is the local clock, milliseconds since 1970; it is used for proposed block times and pacing only.
    ///
    /// # Panics
    /// On local faults (storage, a certified block this node finds invalid): the process must halt.
    pub fn step(&mut self, now: Timestamp, event: Event, actions: &mut Vec<Action>) {
        self.now = now;
        match event {
            Event::Started => self.on_started(actions),
            Event::PeerConnected { peer } => self.on_peer_connected(peer, actions),
            Event::PeerDisconnected { peer } => self.on_peer_disconnected(peer, actions),
            Event::ConsensusBytes { peer, bytes } => self.on_consensus_bytes(peer, &bytes, actions),
            Event::BlockBytes { peer, bytes } => self.on_block_bytes(peer, &bytes, actions),
            Event::BatchBytes { peer, bytes } => self.on_batch_bytes(peer, &bytes, actions),
            Event::FetchBytes { peer, bytes } => self.on_fetch_bytes(peer, &bytes, actions),
            Event::Submit { transactions } => self.on_submit(transactions, actions),
            Event::BatchChecked { checked, from } => self.on_batch_checked(checked, from, actions),
            Event::Timer { timer } => self.on_timer(timer, actions),
        }
    }

    fn on_started(&mut self, actions: &mut Vec<Action>) {
        for batch in self.store.undecided_batches() {
            self.mempool.note_in_check(&batch);
            actions.push(Action::CheckBatch { batch, from: None });
        }
        // What the process before this one wrote is visible, yet may not be durable: replay repeats its votes.
        self.store.flush();
        let wal = self.store.wal_entries(self.next_height());
        self.start_height(wal, actions);
    }

    fn on_timer(&mut self, timer: TimerId, actions: &mut Vec<Action>) {
        match timer {
            TimerId::Consensus(timer) => self.feed(Input::Timer { timer }, actions),
            TimerId::StartHeight => self.start_next_height(actions),
            TimerId::SealBatch => self.seal_batch(actions),
            TimerId::Fetch => self.fetch_again(actions),
            TimerId::RemindProposer => self.remind_proposer(actions),
            TimerId::EarlyBlock => self.examine_all(actions),
            TimerId::BlockSync => self.on_block_sync_timer(actions),
        }
    }

    fn on_fetch_bytes(&mut self, peer: Member, bytes: &[u8], actions: &mut Vec<Action>) {
        let Some(message) = FetchMessage::decode(bytes) else {
            return actions.push(Action::PeerFault { peer, reason: "undecodable fetch message" });
        };
        match message {
            FetchMessage::Tip { chain, height } => self.on_tip(peer, chain, height, actions),
            FetchMessage::WantBlock { block } => self.on_want_block(peer, block, actions),
            FetchMessage::Block { block } => self.on_block(peer, block, actions),
            FetchMessage::WantBatches { batches } => self.on_want_batches(peer, &batches, actions),
            FetchMessage::Batch { batch } => self.on_fetched_batch(peer, batch, actions),
            FetchMessage::WantCommitted { height } => self.on_want_committed(peer, height, actions),
            FetchMessage::Committed { committed } => self.on_committed(peer, *committed, actions),
            FetchMessage::About { about } => self.peers.note_about(peer, about),
        }
    }

    /// The committed tip.
    pub fn tip(&self) -> Tip {
        self.store.tip()
    }
    /// The engine's state, for status and metrics.
    pub fn engine_status(&self) -> EngineStatus {
        self.engine.status()
    }
    /// Transactions waiting to be ordered.
    pub fn waiting_transactions(&self) -> usize {
        self.mempool.transactions()
    }
    /// Whether no more transactions should be taken from clients.
    pub fn is_filling(&self) -> bool {
        self.mempool.is_filling()
    }
    /// Members with a connection.
    pub fn connected(&self) -> Vec<Member> {
        self.peers.connected().collect()
    }
    /// What connected members told of themselves.
    pub fn about_peers(&self) -> Arc<BTreeMap<Member, About>> {
        self.peers.about()
    }
    /// The heights that connected members seem to have committed, unverified.
    pub fn peer_heights(&self) -> Vec<(Member, Height)> {
        self.peers.heard().collect()
    }
    /// The store, for tests and the simulator.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Asserts the invariants between steps.
    ///
    /// # Panics
    /// When one does not hold.
    pub fn validate(&self) {
        assert!(self.inputs.is_empty(), "engine inputs are left over between steps");
        self.engine.validate();
        self.mempool.validate();
        self.candidates.validate();
        let (tip, in_progress) = (self.store.tip().height, self.engine.status().height);
        assert!(in_progress <= tip.next(), "height {in_progress} in progress above tip {tip}");
    }

    /// The height that is, or will next be, in progress.
    fn next_height(&self) -> Height {
        self.store.tip().height.next()
    }

    fn param(&self, key: ParamKey) -> u64 {
        let row = self.store.row(landsea_types::state::Table::Param, &key.number().to_be_bytes());
        row.and_then(|bytes| borsh::from_slice(&bytes).ok()).unwrap_or(key.default_value())
    }
}
