//! Prometheus metrics.

use crate::hub::Hub;
use crate::process_stats;
use crate::replica::CommittedHeight;
use landsea_p2p::Network;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::sync::Mutex;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MemberLabel {
    member: u32,
}

/// All metrics of a node. Names start with `landsea_`.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    height: Gauge,
    round: Gauge,
    peers: Gauge,
    waiting: Gauge,
    voting: Gauge,
    memory: Gauge,
    rounds: Counter,
    transactions: Family<CodeLabel, Counter>,
    peer_faults: Family<MemberLabel, Counter>,
    evidence: Family<MemberLabel, Counter>,
    strangers: Gauge,
    handshakes_failed: Gauge,
    p2p_bytes_in: Gauge,
    p2p_bytes_out: Gauge,
    p2p_frames_out: Gauge,
    syncs: Gauge,
    step_seconds: Histogram,
    timers_fired: Counter,
    connections: Gauge,
    connections_refused: Gauge,
    pub(crate) quota_refusals: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("landsea")),
            height: Gauge::default(),
            round: Gauge::default(),
            peers: Gauge::default(),
            waiting: Gauge::default(),
            voting: Gauge::default(),
            memory: Gauge::default(),
            rounds: Counter::default(),
            transactions: Family::default(),
            peer_faults: Family::default(),
            evidence: Family::default(),
            strangers: Gauge::default(),
            handshakes_failed: Gauge::default(),
            p2p_bytes_in: Gauge::default(),
            p2p_bytes_out: Gauge::default(),
            p2p_frames_out: Gauge::default(),
            syncs: Gauge::default(),
            step_seconds: Histogram::new(exponential_buckets(0.000_05, 4.0, 9)),
            timers_fired: Counter::default(),
            connections: Gauge::default(),
            connections_refused: Gauge::default(),
            quota_refusals: Counter::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&self) {
        let mut r = self.registry.lock().expect("no holder of this lock panics");
        r.register("height", "Committed height", self.height.clone());
        r.register("round", "Round in progress", self.round.clone());
        r.register("peers_connected", "Members with a connection", self.peers.clone());
        r.register("mempool_transactions", "Transactions waiting to be ordered", self.waiting.clone());
        r.register("voting", "1 while this node votes, 0 while it observes", self.voting.clone());
        r.register("memory_bytes", "Resident memory", self.memory.clone());
        r.register("rounds_failed", "Rounds that ended without a decision", self.rounds.clone());
        r.register("transactions", "Committed transactions by outcome code", self.transactions.clone());
        r.register("peer_faults", "Provable faults by member", self.peer_faults.clone());
        r.register("evidence", "Stored evidence of equivocation by member", self.evidence.clone());
        r.register("p2p_strangers", "Authenticated callers that are not on the allow-list", self.strangers.clone());
        r.register(
            "p2p_handshakes_failed",
            "Incoming connections that spoke no valid handshake",
            self.handshakes_failed.clone(),
        );
        r.register("p2p_bytes_in", "Payload bytes received from members", self.p2p_bytes_in.clone());
        r.register("p2p_bytes_out", "Payload bytes sent to members", self.p2p_bytes_out.clone());
        r.register("p2p_frames_out", "Frames sent to members", self.p2p_frames_out.clone());
        r.register("disk_syncs", "Synced writes and flushes of the store, and sign marks", self.syncs.clone());
        r.register("step_seconds", "Time of one replica step", self.step_seconds.clone());
        r.register("timers_fired", "Replica timers that fired", self.timers_fired.clone());
        r.register("rpc_connections", "Connections of clients", self.connections.clone());
        r.register(
            "rpc_connections_refused",
            "Connections for which there was no room",
            self.connections_refused.clone(),
        );
        r.register(
            "rpc_quota_refusals",
            "Calls refused because their party's quota was spent",
            self.quota_refusals.clone(),
        );
    }
    pub(crate) fn on_committed(&self, committed: &CommittedHeight) {
        self.height.set(committed.height.get() as i64);
        self.rounds.inc_by(u64::from(committed.round));
        for outcome in committed.outcomes.iter() {
            self.transactions.get_or_create(&CodeLabel { code: u32::from(outcome.code.number()) }).inc();
        }
    }
    pub(crate) fn on_peer_fault(&self, member: u8) {
        self.peer_faults.get_or_create(&MemberLabel { member: member.into() }).inc();
    }
    pub(crate) fn on_evidence(&self, member: u8) {
        self.evidence.get_or_create(&MemberLabel { member: member.into() }).inc();
    }
    pub(crate) fn on_step(&self, seconds: f64) {
        self.step_seconds.observe(seconds);
    }
    pub(crate) fn on_timer(&self) {
        self.timers_fired.inc();
    }
    /// Connections of clients, and how many there was no room for.
    pub(crate) fn set_connections(&self, (now, refused): (u32, u64)) {
        self.connections.set(now.into());
        self.connections_refused.set(i64::try_from(refused).unwrap_or(i64::MAX));
    }
    /// The text for a scrape.
    pub(crate) fn render(&self, hub: &Hub, network: &Network) -> String {
        let status = hub.status();
        self.height.set(hub.heights().borrow().get() as i64);
        self.round.set(status.round.into());
        self.peers.set(status.connected.len() as i64);
        self.waiting.set(status.waiting_transactions as i64);
        self.voting.set(status.voting.into());
        self.memory.set(process_stats::memory_bytes() as i64);
        let counters = network.counters();
        self.strangers.set(counters.strangers as i64);
        self.handshakes_failed.set(counters.handshakes_failed as i64);
        self.p2p_bytes_in.set(counters.bytes_in as i64);
        self.p2p_bytes_out.set(counters.bytes_out as i64);
        self.p2p_frames_out.set(counters.frames_out as i64);
        self.syncs.set(process_stats::syncs() as i64);
        let mut text = String::new();
        let registry = self.registry.lock().expect("no holder of this lock panics");
        encode(&mut text, &registry).expect("writing to a string cannot fail");
        text
    }
}
