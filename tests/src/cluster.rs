//! Several production replicas in virtual time.
//!
//! Everything that happens stands in one queue, ordered by (time, number); handling one entry steps one replica and queues what its
//! actions lead to. After every step the replica validates itself, and every [property](crate::properties) compares what was signed and
//! committed with everything before. Randomness comes from one seeded generator, so a seed fixes the run; [`Cluster::trace`] is its hash.
//!
//! A member is running, down, or a **puppet**: connected, with no replica behind it, so that a test can speak for it. A running member
//! may have a [`Behaviour`](crate::byzantine::Behaviour) between its replica and the network.
//!
//! # Invariants
//! - A message arrives only over the connection it was sent on.
//! - A node that is down does nothing; what was queued for its earlier life is dropped.

mod actions;
mod happening;
mod lives;
mod mutation;
mod narrate;
mod network;
mod node;
mod puppeteer;

use crate::chain::{Chain, GENESIS_TIME};
use crate::properties::{Occurrence, Seen, Violation, check};
use crate::rng::Rng;
pub(crate) use actions::panic_message;
use happening::{Happening, Queue};
use landsea_consensus::{EngineStatus, SignMark};
use landsea_node::replica::{Event, SubmittedTransaction};
use landsea_p2p::Class;
use landsea_storage::{Store, Tip};
use landsea_types::crypto::Ed25519;
use landsea_types::{Height, Member, Outcome, Suite, Timestamp, Transaction, TxId};
pub use mutation::{Mutation, NoMutation};
pub use network::Faults;
use network::Network;
use node::Node;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a cluster is made of.
pub struct ClusterConfig {
    pub chain: Chain,
    /// Fixes everything that is drawn.
    pub seed: u64,
    pub faults: Faults,
    /// Signs and checks for every member, and judges what they did.
    pub suite: Arc<dyn Suite>,
    /// What stands between replicas and their surroundings.
    pub mutation: Box<dyn Mutation>,
    /// Whether a violation is kept in [`Cluster::violation`] instead of failing at once.
    pub keeps_violation: bool,
}

/// A height as the first member committed it.
#[derive(Clone, Debug)]
pub struct FreshHeight {
    pub height: Height,
    pub time: Timestamp,
    pub transactions: Vec<Transaction>,
    pub outcomes: Vec<Outcome>,
    /// Who committed it first.
    pub member: Member,
}

/// Hears of everything that happens, a line each.
pub type Narrator = Box<dyn FnMut(&str)>;

/// A running cluster.
pub struct Cluster {
    pub chain: Chain,
    seed: u64,
    now: Timestamp,
    rng: Rng,
    queue: Queue,
    network: Network,
    nodes: BTreeMap<Member, Node>,
    suite: Arc<dyn Suite>,
    mutation: Box<dyn Mutation>,
    seen: Seen,
    violation: Option<Violation>,
    keeps_violation: bool,
    fresh: Vec<FreshHeight>,
    steps: u64,
    trace: blake3::Hasher,
    narrator: Option<Narrator>,
    firms: u64,
}

impl Cluster {
    /// Starts `members` members with fresh keys and real signatures, connected to each other.
    pub fn new(members: usize, seed: u64, faults: Faults) -> Self {
        Self::with(ClusterConfig {
            chain: Chain::new(members, seed),
            seed,
            faults,
            suite: Arc::new(Ed25519),
            mutation: Box::new(NoMutation),
            keeps_violation: false,
        })
    }

    /// Starts all members of a chain.
    pub fn with(config: ClusterConfig) -> Self {
        let ClusterConfig { chain, seed, faults, suite, mutation, keeps_violation } = config;
        let nodes = chain.members().into_iter().map(|m| (m, Node::new(m))).collect();
        let mut cluster = Self {
            network: Network::new(faults),
            rng: Rng::new(seed),
            now: GENESIS_TIME.saturating_add(1_000),
            queue: Queue::default(),
            seen: Seen::new(&chain, Arc::clone(&suite)),
            violation: None,
            fresh: Vec::new(),
            steps: 0,
            trace: blake3::Hasher::new(),
            narrator: None,
            firms: 0,
            nodes,
            chain,
            seed,
            suite,
            mutation,
            keeps_violation,
        };
        for member in cluster.members() {
            cluster.start(member);
        }
        cluster
    }

    /// All members, whatever their state.
    pub fn members(&self) -> Vec<Member> {
        self.nodes.keys().copied().collect()
    }
    /// The members that run, Byzantine ones among them.
    pub fn running(&self) -> Vec<Member> {
        self.nodes.values().filter(|n| n.is_running()).map(|n| n.member).collect()
    }
    /// The running members that follow the protocol.
    pub fn correct(&self) -> Vec<Member> {
        self.running().into_iter().filter(|m| self.seen.is_correct(*m)).collect()
    }
    /// Virtual time, milliseconds since 1970.
    pub fn now(&self) -> Timestamp {
        self.now
    }
    /// What was signed, committed and complained about so far.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }
    /// The first violation, when the cluster keeps it; nothing happens after one.
    pub fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }
    /// Steps of replicas so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }
    /// The heights committed since the last call, in order.
    pub fn take_fresh(&mut self) -> Vec<FreshHeight> {
        std::mem::take(&mut self.fresh)
    }
    /// Changes the network's behaviour from now on.
    pub fn set_faults(&mut self, faults: Faults) {
        self.network.faults = faults;
    }
    /// A running member's committed tip.
    pub fn tip(&self, member: Member) -> Tip {
        self.store(member).tip()
    }
    /// A running member's store.
    pub fn store(&self, member: Member) -> &dyn Store {
        self.nodes[&member].replica().store()
    }
    /// A running member's engine.
    pub fn engine(&self, member: Member) -> EngineStatus {
        self.nodes[&member].replica().engine_status()
    }
    /// The sign mark beside a member's key.
    pub fn mark(&self, member: Member) -> SignMark {
        self.nodes[&member].mark.get()
    }
    /// The lowest tip of the running members that follow the protocol.
    pub fn lowest(&self) -> Height {
        self.correct().into_iter().map(|m| self.tip(m).height).min().unwrap_or_default()
    }
    /// The highest tip of the running members that follow the protocol.
    pub fn highest(&self) -> Height {
        self.correct().into_iter().map(|m| self.tip(m).height).max().unwrap_or_default()
    }
    /// The hash of everything that was handled so far: equal for equal seeds and equal calls.
    pub fn trace(&self) -> blake3::Hash {
        self.trace.finalize()
    }
    /// Tells everything that happens, a line each.
    pub fn narrate_to(&mut self, narrator: Narrator) {
        self.narrator = Some(narrator);
    }

    // ---- Transactions.

    /// Hands a checked transaction to a running member, as its RPC server does.
    pub fn submit(&mut self, member: Member, transaction: &Transaction) -> TxId {
        let id = transaction.id();
        let submitted = SubmittedTransaction { id, bytes: transaction.encode() };
        self.step(member, Event::Submit { transactions: vec![submitted] });
        id
    }
    /// Submits the onboarding of a firm that nobody has onboarded before, through its own branch.
    pub fn submit_new(&mut self, member: Member) -> TxId {
        self.firms += 1;
        let transaction = self.chain.branch(member).onboard(self.firms, self.tip(member).height, self.tip(member).time);
        self.submit(member, &transaction)
    }
    /// Delivers bytes as if a connected member had sent them, past all faults of the network.
    pub fn inject(&mut self, from: Member, to: Member, class: Class, bytes: Vec<u8>) {
        let Some(link) = self.network.link(from, to) else { return };
        let message = Happening::Deliver { from, to, link, class, bytes: Arc::from(bytes) };
        self.queue.push(self.now, message);
    }

    // ---- Time.

    /// Handles the next entry of the queue; `false` when nothing is left or a property is violated.
    pub fn advance(&mut self) -> bool {
        if self.violation.is_some() {
            return false;
        }
        let Some((at, happening)) = self.queue.pop() else { return false };
        self.now = self.now.max(at);
        self.handle(happening);
        true
    }
    /// When the next entry of the queue is due.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.queue.next_at()
    }
    /// Runs for a time, milliseconds.
    pub fn run_for(&mut self, ms: u64) {
        let until = self.now.saturating_add(ms);
        while self.queue.next_at().is_some_and(|at| at <= until) && self.advance() {}
        self.now = until;
    }
    /// Runs until the condition holds; `false` when it does not within `limit_ms`.
    pub fn run_until(&mut self, limit_ms: u64, condition: impl Fn(&Self) -> bool) -> bool {
        let until = self.now.saturating_add(limit_ms);
        while !condition(self) {
            if self.queue.next_at().is_none_or(|at| at > until) || !self.advance() {
                self.now = until;
                return condition(self);
            }
        }
        true
    }
    /// Runs until every running member that follows the protocol has committed `height`.
    ///
    /// # Panics
    /// When they have not within `limit_ms`: heights must move.
    pub fn run_to_height(&mut self, height: Height, limit_ms: u64) {
        let reached = self.run_until(limit_ms, |c| c.lowest() >= height);
        assert!(reached, "height {height} was not reached in {limit_ms} ms\n{}", self.describe());
    }
    /// Runs until some `more` heights above the highest tip are committed everywhere; see [`Cluster::run_to_height`].
    pub fn run_heights(&mut self, more: u64, limit_ms: u64) {
        self.run_to_height(self.highest().saturating_add(more), limit_ms);
    }
    /// Runs until a transaction is committed on every running member.
    ///
    /// # Panics
    /// When it is not within `limit_ms`.
    pub fn run_to_commit(&mut self, id: TxId, limit_ms: u64) {
        let held = |c: &Self| {
            c.seen.height_of(&id).is_some_and(|height| c.correct().into_iter().all(|m| c.tip(m).height >= height))
        };
        assert!(self.run_until(limit_ms, held), "{id} was not committed in {limit_ms} ms\n{}", self.describe());
    }

    /// One line per member, for failures.
    pub fn describe(&self) -> String {
        let lines: Vec<String> = self.nodes.values().map(Node::describe).collect();
        format!("seed {}, time {}\n{}", self.seed, self.now.since(GENESIS_TIME), lines.join("\n"))
    }

    /// Checks what must hold at the end: all members agree, and nothing acknowledged is lost on any of them.
    ///
    /// # Panics
    /// When it does not, unless the cluster keeps violations.
    pub fn assert_sound(&mut self) {
        let stores: Vec<_> = self.correct().into_iter().map(|m| (m, self.nodes[&m].replica().store())).collect();
        let found = check(&self.seen, &Occurrence::Ended { stores: &stores });
        self.object(found);
    }

    /// Reports whether the members reached a new common height after the faults were over; see [`Occurrence::Healed`].
    pub fn report_healed(&mut self, settled: bool, after_ms: u64) {
        let report = self.describe();
        self.observe(&Occurrence::Healed { settled, after_ms, report: &report });
    }

    fn observe(&mut self, occurrence: &Occurrence<'_>) {
        let found = check(&self.seen, occurrence);
        self.seen.note(occurrence);
        self.object(found);
    }

    /// Keeps the first violation, or fails with it.
    fn object(&mut self, found: Option<Violation>) {
        let Some(violation) = found else { return };
        assert!(self.keeps_violation, "{violation}\n{}", self.describe());
        self.violation.get_or_insert(violation);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("cluster state at the failure: {}", self.seed);
        }
    }
}
