//! Several production replicas in virtual time.
//!
//! Everything that happens stands in one queue, ordered by (time, number); handling one entry steps one replica and queues what its
//! actions lead to. After every step the replica validates itself and [`checks::Checks`] compares what was signed and committed with
//! everything before. Randomness comes from one seeded generator, so a seed fixes the run; [`Cluster::trace`] is its hash.
//!
//! A member is running, down, or a **puppet**: connected, with no replica behind it, so that a test can speak for it.
//!
//! # Invariants
//! - A message arrives only over the connection it was sent on.
//! - A node that is down does nothing; what was queued for its earlier life is dropped.

mod actions;
pub mod checks;
mod happening;
mod network;
mod node;

use crate::chain::{Chain, GENESIS_TIME};
use crate::rng::Rng;
use checks::Checks;
use happening::{Happening, Queue};
use landsea_consensus::{EngineStatus, SignMark};
use landsea_node::replica::{Event, SubmittedTransaction};
use landsea_p2p::Class;
use landsea_storage::{Store, Tip};
use landsea_types::{Height, Member, Timestamp, Transaction, TxId};
pub use network::Faults;
use network::Network;
use node::{Life, Node};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A running cluster.
pub struct Cluster {
    pub chain: Chain,
    seed: u64,
    now: Timestamp,
    rng: Rng,
    queue: Queue,
    network: Network,
    nodes: BTreeMap<Member, Node>,
    checks: Checks,
    trace: blake3::Hasher,
    firms: u64,
}

impl Cluster {
    /// Starts `members` members with fresh keys, connected to each other.
    pub fn new(members: usize, seed: u64, faults: Faults) -> Self {
        let chain = Chain::new(members, seed);
        let nodes = chain.members().into_iter().map(|m| (m, Node::new(m))).collect();
        let mut cluster = Self {
            network: Network::new(faults),
            rng: Rng::new(seed),
            now: GENESIS_TIME.saturating_add(1_000),
            queue: Queue::default(),
            checks: Checks::default(),
            trace: blake3::Hasher::new(),
            firms: 0,
            nodes,
            chain,
            seed,
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
    /// The members that run.
    pub fn running(&self) -> Vec<Member> {
        self.nodes.values().filter(|n| n.is_running()).map(|n| n.member).collect()
    }
    /// Virtual time, milliseconds since 1970.
    pub fn now(&self) -> Timestamp {
        self.now
    }
    /// What was signed, committed and complained about so far.
    pub fn checks(&self) -> &Checks {
        &self.checks
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
    /// The lowest tip of the running members.
    pub fn lowest(&self) -> Height {
        self.running().into_iter().map(|m| self.tip(m).height).min().unwrap_or_default()
    }
    /// The highest tip of the running members.
    pub fn highest(&self) -> Height {
        self.running().into_iter().map(|m| self.tip(m).height).max().unwrap_or_default()
    }
    /// The hash of everything that was handled so far: equal for equal seeds and equal calls.
    pub fn trace(&self) -> blake3::Hash {
        self.trace.finalize()
    }

    // ---- Members come and go.

    /// Starts a member that is down, on what its disk holds, and connects it.
    pub fn start(&mut self, member: Member) {
        let node = self.nodes.get_mut(&member).expect("a member of this cluster");
        let life = node.start(&self.chain);
        self.queue.push(self.now, Happening::Own { node: member, life, event: Event::Started });
        for other in self.members() {
            if other != member && self.nodes[&other].is_up() {
                self.plan_connect(member, other);
            }
        }
    }
    /// The machine loses power: unflushed writes are gone.
    pub fn crash(&mut self, member: Member) {
        self.nodes[&member].disk.crash();
        self.take_down(member);
    }
    /// The process is killed and the machine stays up: what it wrote is there, flushed or not.
    pub fn kill(&mut self, member: Member) {
        self.take_down(member);
    }
    /// Performs only the first `actions` actions of the member's next step, then the machine loses power.
    pub fn crash_in_next_step(&mut self, member: Member, actions: usize) {
        self.nodes.get_mut(&member).expect("a member of this cluster").crash_after = Some(actions);
    }
    /// Replaces the disk of a member that is down by an empty one; the sign mark beside its key stays.
    pub fn wipe(&mut self, member: Member) {
        let node = self.nodes.get_mut(&member).expect("a member of this cluster");
        assert!(!node.is_up(), "member {member} must be down before its disk is wiped");
        node.wipe();
        self.checks.forget_height(member);
    }
    /// Replaces a member's replica by a puppet: connected, silent unless the test speaks for it with [`Cluster::inject`].
    pub fn make_puppet(&mut self, member: Member) {
        let node = self.nodes.get_mut(&member).expect("a member of this cluster");
        node.end(Life::Puppet);
    }
    /// Sets a member's clock before or after virtual time, milliseconds.
    pub fn set_clock_skew(&mut self, member: Member, ms: i64) {
        self.nodes.get_mut(&member).expect("a member of this cluster").skew_ms = ms;
    }
    fn take_down(&mut self, member: Member) {
        self.nodes.get_mut(&member).expect("a member of this cluster").end(Life::Down);
        for other in self.members() {
            self.plan_disconnect(member, other);
        }
    }

    // ---- The network.

    /// Cuts the connections between two groups until [`Cluster::heal`].
    pub fn cut(&mut self, some: &[Member], others: &[Member]) {
        for a in some {
            for b in others {
                self.network.cut(*a, *b);
                self.plan_disconnect(*a, *b);
            }
        }
    }
    /// Reconnects everybody who is up.
    pub fn heal(&mut self) {
        self.network.mend();
        let up: Vec<Member> = self.nodes.values().filter(|n| n.is_up()).map(|n| n.member).collect();
        for (i, a) in up.iter().enumerate() {
            for b in up.iter().skip(i + 1) {
                self.plan_connect(*a, *b);
            }
        }
    }
    /// Delivers bytes as if a connected member had sent them, past all faults of the network.
    pub fn inject(&mut self, from: Member, to: Member, class: Class, bytes: Vec<u8>) {
        let Some(link) = self.network.link(from, to) else { return };
        let message = Happening::Deliver { from, to, link, class, bytes: Arc::from(bytes) };
        self.queue.push(self.now, message);
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

    // ---- Time.

    /// Handles the next entry of the queue; `false` when nothing is left.
    pub fn advance(&mut self) -> bool {
        let Some((at, happening)) = self.queue.pop() else { return false };
        self.now = self.now.max(at);
        self.handle(happening);
        true
    }
    /// Runs for a time, milliseconds.
    pub fn run_for(&mut self, ms: u64) {
        let until = self.now.saturating_add(ms);
        while self.queue.next_at().is_some_and(|at| at <= until) {
            self.advance();
        }
        self.now = until;
    }
    /// Runs until the condition holds; `false` when it does not within `limit_ms`.
    pub fn run_until(&mut self, limit_ms: u64, condition: impl Fn(&Self) -> bool) -> bool {
        let until = self.now.saturating_add(limit_ms);
        while !condition(self) {
            if self.queue.next_at().is_none_or(|at| at > until) {
                self.now = until;
                return condition(self);
            }
            self.advance();
        }
        true
    }
    /// Runs until every running member has committed `height`.
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
            c.checks.height_of(&id).is_some_and(|height| c.running().into_iter().all(|m| c.tip(m).height >= height))
        };
        assert!(self.run_until(limit_ms, held), "{id} was not committed in {limit_ms} ms\n{}", self.describe());
    }

    /// One line per member, for failures.
    pub fn describe(&self) -> String {
        let lines: Vec<String> = self.nodes.values().map(Node::describe).collect();
        format!("seed {}, time {}\n{}", self.seed, self.now.since(GENESIS_TIME), lines.join("\n"))
    }

    /// Checks what must hold at the end: all running members agree, and nothing acknowledged is lost on any of them.
    ///
    /// # Panics
    /// When it does not.
    pub fn assert_sound(&self) {
        for member in self.running() {
            self.checks.assert_holds_everything(member, self.store(member));
        }
        self.checks.assert_no_equivocation();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("cluster state at the failure: {}", self.seed);
        }
    }
}
