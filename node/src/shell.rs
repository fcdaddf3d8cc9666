//! The tokio shell: the only place with a clock, sockets and threads.
//!
//! The replica runs on a thread of its own. Everything received is handled before an expired timer, so that a starved process
//! does not take its own silence for the network's.

use crate::config::NodeConfig;
use crate::hub::{Hub, ReplicaStatus};
use crate::mark::{MarkError, MarkFile};
use crate::message::{About, FetchMessage};
use crate::metrics::Metrics;
use crate::open_files::make_room;
use crate::pool::{Answer, SignaturePool};
use crate::replica::{Action, Event, Replica, ReplicaConfig, SUBMISSIONS_ON_THE_WAY_MAX, SubmittedTransaction};
use crate::rpc;
use crate::timers::Timers;
use crate::verified::Verified;
use landsea_client::keys::{KeyError, KeyFile, KeyKind};
use landsea_consensus::{EngineError, Step, Timeouts};
use landsea_p2p::{Class, EventReceiver, Limits, Network, NetworkConfig, NetworkEvent, PeerConfig, StartError};
use landsea_storage::{OpenError, RocksStore, Store, StoreConfig};
use landsea_types::crypto::Ed25519;
use landsea_types::genesis::{Genesis, GenesisError, GenesisMember};
use landsea_types::{Member, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Submissions handed to the replica in one step, at most.
const SUBMISSIONS_PER_STEP: usize = 256;
/// Events handled in one go before due timers and submissions get their turn.
const EVENTS_PER_TURN: usize = 512;

/// How often a node tells the others of itself, for people who watch.
const ABOUT_EVERY: std::time::Duration = std::time::Duration::from_secs(3);

/// Why a node does not run. Each names what was wrong, where, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("genesis {path}: {source}")]
    Genesis { path: PathBuf, source: GenesisError },
    #[error("member {member:?} is not in the genesis {path}; its members are {known}")]
    UnknownMember { member: String, path: PathBuf, known: String },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the key in {path} is not the {kind} key that the genesis names for member {member:?}")]
    WrongKey { path: PathBuf, kind: &'static str, member: String },
    #[error("{path} does not hold a fingerprint key: expected 64 hex digits")]
    FingerprintKey { path: PathBuf },
    #[error("fingerprint key {path} may be read by others (mode {mode:04o}); run `chmod 600 {path}`")]
    ExposedFingerprintKey { path: PathBuf, mode: u32 },
    #[error(transparent)]
    Mark(#[from] MarkError),
    #[error(transparent)]
    Store(#[from] OpenError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("peer-to-peer network: {0}")]
    Network(#[from] StartError),
    #[error("RPC server on {address}: {problem}")]
    Rpc { address: std::net::SocketAddr, problem: String },
    #[error("TLS: {0}")]
    Tls(#[from] rpc::TlsError),
    #[error("cannot start the runtime: {0}")]
    Runtime(std::io::Error),
}

/// Everything read from files before anything starts.
pub(crate) struct Setup {
    pub(crate) config: NodeConfig,
    pub(crate) genesis: Genesis,
    pub(crate) member: GenesisMember,
    pub(crate) validator_key: landsea_types::SecretKey,
    pub(crate) fingerprint_key: [u8; 32],
    pub(crate) tls: Option<Arc<rpc::Tls>>,
    network_key: landsea_types::SecretKey,
}

/// Runs a node until SIGINT or SIGTERM.
///
/// # Errors
/// [`RunError`] when something it needs is missing or wrong; nothing has been changed then.
pub fn run(config: NodeConfig) -> Result<(), RunError> {
    let setup = load(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(setup.config.limits.worker_threads.max(1))
        .max_blocking_threads(rpc::BLOCKING_THREADS_MAX)
        .enable_all()
        .build()
        .map_err(RunError::Runtime)?;
    runtime.block_on(serve(setup))
}

fn read(path: &Path) -> Result<String, RunError> {
    std::fs::read_to_string(path).map_err(|source| RunError::Read { path: path.into(), source })
}

fn load(config: NodeConfig) -> Result<Setup, RunError> {
    let genesis = Genesis::from_json(&read(&config.genesis)?)
        .map_err(|source| RunError::Genesis { path: config.genesis.clone(), source })?;
    let member = genesis.member_by_code(&config.member).cloned().ok_or_else(|| {
        let known: Vec<&str> = genesis.members.iter().map(|m| m.code.as_str()).collect();
        let path = config.genesis.clone();
        RunError::UnknownMember { member: config.member.clone(), path, known: known.join(" ") }
    })?;
    let validator_key = load_key(&config.validator_key, KeyKind::Validator, &member.validator_key, &config.member)?;
    let network_key = load_key(&config.network_key, KeyKind::Network, &member.network_key, &config.member)?;
    let fingerprint_key = load_fingerprint_key(&config.fingerprint_key)?;
    let tls = config.tls.as_ref().map(rpc::Tls::load).transpose()?;
    Ok(Setup { tls, config, genesis, member, validator_key, fingerprint_key, network_key })
}

/// Whoever reads this key can try numbers against fingerprints: it is as secret as a signing key.
fn load_fingerprint_key(path: &Path) -> Result<[u8; 32], RunError> {
    use std::os::unix::fs::PermissionsExt as _;
    let text = read(path)?;
    let meta = std::fs::metadata(path).map_err(|source| RunError::Read { path: path.into(), source })?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(RunError::ExposedFingerprintKey { path: path.into(), mode });
    }
    landsea_types::parse_hex32(text.trim()).map_err(|_| RunError::FingerprintKey { path: path.into() })
}

fn load_key(
    path: &Path,
    kind: KeyKind,
    expected: &landsea_types::PublicKey,
    member: &str,
) -> Result<landsea_types::SecretKey, RunError> {
    let key = KeyFile::load_kind(path, kind)?;
    if key.public() == *expected {
        return Ok(key.secret);
    }
    let kind = if kind == KeyKind::Validator { "validator" } else { "network" };
    Err(RunError::WrongKey { path: path.into(), kind, member: member.into() })
}

async fn serve(setup: Setup) -> Result<(), RunError> {
    let marks = MarkFile::open(&MarkFile::path_beside(&setup.config.validator_key))?;
    let store = open_store(&setup)?;
    let reader = store.reader();
    let hub = Arc::new(Hub::new(store.tip().height));
    let metrics = Arc::new(Metrics::default());
    let replica = Replica::new(ReplicaConfig {
        genesis: setup.genesis.clone(),
        member: setup.member.index,
        validator_key: setup.validator_key.clone(),
        store: Box::new(store),
        marks: Box::new(marks),
        timeouts: Timeouts::default(),
        suite: Arc::new(Ed25519),
    })?;
    let (network, events) = Network::start(network_config(&setup)).await?;
    let (submit, submissions) = mpsc::channel(SUBMISSIONS_ON_THE_WAY_MAX);
    let (stop, stopped) = watch::channel(false);
    let (answers, answered) = mpsc::unbounded_channel();
    let chain = setup.genesis.chain_id();
    let threads = setup.config.limits.signature_threads;
    let verified = Arc::new(Verified::default());
    let pool = SignaturePool::start(threads, chain, setup.genesis.validator_set(), verified.clone(), answers)
        .map_err(RunError::Runtime)?;
    tracing::info!(member = %setup.config.member, chain = %chain.short(), height = %replica.tip().height,
        p2p = %network.local_address(), "node starts");
    let driver = Driver {
        replica,
        network: network.clone(),
        pool,
        hub: Arc::clone(&hub),
        metrics: Arc::clone(&metrics),
        timers: Timers::default(),
        actions: Vec::new(),
        about_due: Instant::now(),
    };
    let replica_thread = driver.spawn(events, answered, submissions, stopped).map_err(RunError::Runtime)?;
    let server = rpc::Server::start(setup, reader, hub, metrics, network.clone(), submit, verified).await?;
    wait_for_signal().await;
    tracing::info!("stopping");
    server.stop().await;
    let _ = stop.send(true);
    let _ = tokio::task::spawn_blocking(move || replica_thread.join()).await;
    network.shutdown().await;
    Ok(())
}

fn open_store(setup: &Setup) -> Result<RocksStore, RunError> {
    let kept = setup.config.limits.proof_versions_kept;
    let open_files_max = make_room(setup.config.limits.rpc_connections);
    let config = StoreConfig { proof_versions_kept: kept, open_files_max, ..StoreConfig::default() };
    let mut store = RocksStore::open(&setup.config.data_dir, config)?;
    let writes = landsea_chaincode::genesis_writes(&setup.genesis);
    store.initialise(&writes, setup.genesis.chain_id(), setup.genesis.time)?;
    Ok(store)
}

fn network_config(setup: &Setup) -> NetworkConfig {
    let peers = setup.config.peers.iter().filter_map(|peer| {
        let member = setup.genesis.member_by_code(&peer.member)?;
        let listed = member.index != setup.member.index;
        listed.then(|| PeerConfig {
            member: member.index.get(),
            public_key: member.network_key.0,
            address: peer.address,
        })
    });
    NetworkConfig {
        member: Some(setup.member.index.get()),
        secret_key: setup.network_key.to_seed(),
        listen: setup.config.p2p_listen,
        peers: peers.collect(),
        limits: Limits::default(),
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate()).expect("a signal handler can be installed");
    let mut int = signal(SignalKind::interrupt()).expect("a signal handler can be installed");
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

/// The local clock, milliseconds since 1970.
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The replica's thread.
struct Driver {
    replica: Replica,
    network: Network,
    pool: SignaturePool,
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
    timers: Timers,
    actions: Vec<Action>,
    /// When the others are next told of this node.
    about_due: Instant,
}

impl Driver {
    fn spawn(
        mut self,
        events: EventReceiver,
        answered: mpsc::UnboundedReceiver<Answer>,
        submissions: mpsc::Receiver<SubmittedTransaction>,
        stopped: watch::Receiver<bool>,
    ) -> std::io::Result<std::thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name("replica".into()).spawn(move || {
            runtime.block_on(async move {
                self.step(Event::Started);
                self.drive(events, answered, submissions, stopped).await;
            });
        })
    }

    async fn drive(
        &mut self,
        mut events: EventReceiver,
        mut answered: mpsc::UnboundedReceiver<Answer>,
        mut submissions: mpsc::Receiver<SubmittedTransaction>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut in_a_row = 0;
        loop {
            let due = self.timers.next().map_or(self.about_due, |timer| timer.min(self.about_due));
            in_a_row += 1;
            tokio::select! {
                biased;
                _ = stopped.changed() => return,
                () = std::future::ready(()), if in_a_row > EVENTS_PER_TURN => {
                    in_a_row = 0;
                    self.fire_timers();
                    self.submit_waiting(Vec::new(), &mut submissions);
                }
                Some(answer) = answered.recv() => {
                    self.step(Event::BatchChecked { checked: answer.checked, from: answer.from });
                }
                event = events.recv() => match event {
                    Some(event) => self.on_network(event),
                    None => panic!("the peer-to-peer network ended by itself: restart the node"),
                },
                Some(first) = submissions.recv() => self.submit_waiting(vec![first], &mut submissions),
                () = tokio::time::sleep_until(due) => { in_a_row = 0; self.fire_timers(); }
            }
        }
    }

    /// Hands over what clients have submitted by now.
    fn submit_waiting(
        &mut self,
        mut transactions: Vec<SubmittedTransaction>,
        submissions: &mut mpsc::Receiver<SubmittedTransaction>,
    ) {
        while transactions.len() < SUBMISSIONS_PER_STEP
            && let Ok(next) = submissions.try_recv()
        {
            transactions.push(next);
        }
        if !transactions.is_empty() {
            self.step(Event::Submit { transactions });
        }
    }

    fn fire_timers(&mut self) {
        while let Some(timer) = self.timers.take_due(Instant::now()) {
            self.metrics.on_timer();
            self.step(Event::Timer { timer });
        }
        if self.about_due <= Instant::now() {
            self.tell_about();
        }
    }

    /// What is lost of this is told again soon, so nobody waits for it.
    fn tell_about(&mut self) {
        self.about_due = Instant::now() + ABOUT_EVERY;
        let engine = self.replica.engine_status();
        let about = About {
            version: env!("CARGO_PKG_VERSION").into(),
            round: engine.round,
            peers: u8::try_from(self.replica.connected().len()).unwrap_or(u8::MAX),
            voting: !engine.observing,
        };
        let _ = self.network.broadcast(Class::Fetch, FetchMessage::About { about }.encode().into());
    }

    fn on_network(&mut self, event: NetworkEvent) {
        let event = match event {
            NetworkEvent::Connected { peer } => Event::PeerConnected { peer: Member::new(peer) },
            NetworkEvent::Disconnected { peer } => Event::PeerDisconnected { peer: Member::new(peer) },
            NetworkEvent::Message { peer, class, bytes } => {
                let peer = Member::new(peer);
                match class {
                    Class::Consensus => Event::ConsensusBytes { peer, bytes },
                    Class::Header => Event::BlockBytes { peer, bytes },
                    Class::Batch => Event::BatchBytes { peer, bytes },
                    Class::Fetch => Event::FetchBytes { peer, bytes },
                }
            }
        };
        self.step(event);
    }

    fn step(&mut self, event: Event) {
        let started = Instant::now();
        let mut actions = std::mem::take(&mut self.actions);
        self.replica.step(now(), event, &mut actions);
        self.metrics.on_step(started.elapsed().as_secs_f64());
        let mut inline = Vec::new();
        for action in actions.drain(..) {
            inline.extend(self.perform(action));
        }
        self.actions = actions;
        self.publish_status();
        for answer in inline {
            self.step(Event::BatchChecked { checked: answer.checked, from: answer.from });
        }
    }

    fn perform(&mut self, action: Action) -> Option<Answer> {
        match action {
            Action::Send { peer, class, bytes } => {
                let _ = self.network.send(peer.get(), class, bytes);
            }
            Action::Broadcast { class, bytes } => {
                let _ = self.network.broadcast(class, bytes);
            }
            Action::SetTimer { timer, after_ms } => self.timers.set(timer, after_ms, Instant::now()),
            Action::CancelTimer { timer } => self.timers.cancel(timer),
            Action::CancelConsensusTimers => self.timers.cancel_consensus(),
            Action::CheckBatch { batch, from } => return self.pool.check(batch, from),
            Action::Committed { committed } => {
                self.metrics.on_committed(&committed);
                self.hub.on_committed(&committed);
            }
            Action::PeerFault { peer, reason } => {
                tracing::warn!(%peer, reason, "peer fault");
                self.metrics.on_peer_fault(peer.get());
                self.network.report_fault(peer.get(), reason);
            }
            Action::EvidenceStored { member } => self.metrics.on_evidence(member.get()),
        }
        None
    }

    fn publish_status(&self) {
        let engine = self.replica.engine_status();
        self.hub.set_status(ReplicaStatus {
            round: engine.round,
            step: step_name(engine.step).into(),
            voting: !engine.observing,
            connected: self.replica.connected(),
            heights: self.replica.peer_heights(),
            about: self.replica.about_peers(),
            waiting_transactions: self.replica.waiting_transactions(),
            full: self.replica.is_filling(),
        });
    }
}

fn step_name(step: Step) -> &'static str {
    match step {
        Step::Idle => "idle",
        Step::Propose => "propose",
        Step::Prevote => "prevote",
        Step::Precommit => "precommit",
        Step::Decided => "decided",
    }
}
