//! The handle, the listener task and the task that owns all others.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
};

use tokio::{
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::{Instant, timeout},
};

use crate::{
    class::Class,
    config::{NetworkConfig, StartError},
    counters::{Counters, SharedCounters},
    events::{self, EventReceiver, EventSender},
    limits::Limits,
    link::PeerLink,
    outbox::SendError,
    peer::PeerTask,
    status::PeerStatus,
    transport::{Admitted, Dialer, Directory, Handshake, HandshakeError, Listener, public_key_of},
};

#[cfg(test)]
mod tests;

/// What all tasks and handles look at.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) counters: SharedCounters,
    pub(crate) jitter_seed: u64,
    peers: BTreeMap<u8, Arc<PeerLink>>,
}

/// A running network. Clones are handles to the same one.
///
/// It stops when [`Network::shutdown`] is called, when the last handle is dropped, or when the
/// [`EventReceiver`] is dropped.
#[derive(Clone, Debug)]
pub struct Network {
    shared: Arc<Shared>,
    address: SocketAddr,
    stop: Arc<watch::Sender<bool>>,
    stopped: watch::Receiver<()>,
}

impl Network {
    /// Listens, starts dialling the higher peers, and returns.
    ///
    /// Spawns one task, which owns all others, on the current tokio runtime.
    ///
    /// # Errors
    /// The configuration contradicts itself or the address cannot be listened on.
    pub async fn start(config: NetworkConfig) -> Result<(Self, EventReceiver), StartError> {
        config.validate()?;
        let directory = Arc::new(Directory::new(&config)?);
        let (listener, address) = listen(&config, &directory).await?;
        let shared = Arc::new(Shared::new(&config));
        let dialer = Arc::new(Dialer::new(config.secret_key, directory));
        let (events, receiver) = events::channel(&config.limits, config.peers.len());
        let (stop, stop_receiver) = watch::channel(false);
        let (stopped_sender, stopped) = watch::channel(());
        let own = Supervisor { shared: Arc::clone(&shared), dialer, events };
        tokio::spawn(async move {
            own.run(listener, stop_receiver).await;
            drop(stopped_sender);
        });
        tracing::info!(%address, peers = config.peers.len(), "listening for peers");
        Ok((Self { shared, address, stop: Arc::new(stop), stopped }, receiver))
    }

    /// Queues a message for one peer; never waits.
    ///
    /// Success means queued. A message is lost if its connection ends before it is written and
    /// read, or if its queue overflows: every class but [`Class::Fetch`] drops its oldest message
    /// to make room. Both are counted in [`Counters::dropped`] as far as this side can know.
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn send(&self, to: u8, class: Class, bytes: Arc<[u8]>) -> Result<(), SendError> {
        self.check_size(class, bytes.len())?;
        let link = self.shared.peers.get(&to).ok_or(SendError::UnknownPeer { peer: to })?;
        link.outbox.push(to, class, bytes)
    }

    /// Queues a message for every connected peer; returns how many that are. Never waits.
    ///
    /// # Errors
    /// Only [`SendError::Size`]. A peer that is not connected or has no room is passed over.
    pub fn broadcast(&self, class: Class, bytes: Arc<[u8]>) -> Result<usize, SendError> {
        self.check_size(class, bytes.len())?;
        let peers = self.shared.peers.values();
        let pushed = peers.filter(|link| link.outbox.push(link.member, class, Arc::clone(&bytes)).is_ok());
        Ok(pushed.count())
    }

    fn check_size(&self, class: Class, bytes: usize) -> Result<(), SendError> {
        let bytes_max = *self.shared.limits.message_bytes_max.get(class);
        if bytes == 0 || bytes > bytes_max {
            return Err(SendError::Size { bytes, bytes_max });
        }
        Ok(())
    }

    /// Tells that a peer sent what no honest peer sends: counts it, disconnects and bans the peer
    /// for a time that doubles with each fault. Unknown peers are ignored.
    pub fn report_fault(&self, peer: u8, reason: &'static str) {
        if let Some(link) = self.shared.peers.get(&peer) {
            tracing::warn!(member = peer, reason, "peer fault reported");
            link.record_fault(reason, Instant::now());
        }
    }

    /// Returns the address listened on, with the real port.
    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the state of every peer on the allow-list, by index.
    pub fn peers(&self) -> Vec<PeerStatus> {
        let now = Instant::now();
        self.shared.peers.values().map(|link| link.status(now)).collect()
    }

    /// Returns the totals since the start.
    pub fn counters(&self) -> Counters {
        let mut counters = self.shared.counters.snapshot();
        for peer in self.peers() {
            counters.faults += peer.faults;
            for class in Class::ALL {
                *counters.dropped.get_mut(class) += peer.queues.get(class).dropped;
            }
        }
        counters
    }

    /// Closes the listener and all connections, and waits until they are closed.
    ///
    /// What is queued is not written out. No `Disconnected` follows; the [`EventReceiver`] yields
    /// what had arrived and then `None`.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        let mut stopped = self.stopped.clone();
        while stopped.changed().await.is_ok() {}
    }
}

async fn listen(config: &NetworkConfig, directory: &Arc<Directory>) -> Result<(Listener, SocketAddr), StartError> {
    let address = config.listen;
    Listener::bind(config.secret_key, address, Arc::clone(directory))
        .await
        .map_err(|source| StartError::Listen { address, source })
}

impl Shared {
    fn new(config: &NetworkConfig) -> Self {
        let link = |peer| PeerLink::new(peer, config.dials(peer.member), &config.limits);
        let peers = config.peers.iter().map(|peer| (peer.member, Arc::new(link(peer)))).collect();
        let [a, b, c, d, e, f, g, h, ..] = public_key_of(config.secret_key);
        Self {
            limits: config.limits.clone(),
            counters: SharedCounters::default(),
            jitter_seed: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            peers,
        }
    }

    /// Hands an authenticated caller to its peer's task, if it was the caller's turn to dial.
    fn on_handshake(&self, handshake: Result<Admitted, HandshakeError>) {
        match handshake {
            Ok(Admitted { member, connection }) => match self.peers.get(&member) {
                Some(link) if !link.dials => link.incoming.put(connection),
                _ => {
                    self.counters.add_refused();
                    tracing::warn!(member, "refused a peer that should have been dialled");
                }
            },
            Err(error @ HandshakeError::Stranger { .. }) => {
                self.counters.add_stranger();
                tracing::warn!(%error, "refused a stranger");
            }
            Err(HandshakeError::Failed(error)) => {
                self.counters.add_handshake_failed();
                tracing::debug!(%error, "handshake failed");
            }
        }
    }
}

/// Starts all tasks and ends them together.
struct Supervisor {
    shared: Arc<Shared>,
    dialer: Arc<Dialer>,
    events: EventSender,
}

impl Supervisor {
    async fn run(self, listener: Listener, mut stop: watch::Receiver<bool>) {
        let mut tasks = JoinSet::new();
        tasks.spawn(accept_callers(listener, Arc::clone(&self.shared)));
        for link in self.shared.peers.values() {
            let shared = Arc::clone(&self.shared);
            let (dialer, events) = (Arc::clone(&self.dialer), self.events.clone());
            tasks.spawn(PeerTask::new(Arc::clone(link), shared, dialer, events).run());
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => {}
            () = self.events.closed() => {}
            Some(ended) = tasks.join_next() => on_early_end(ended),
        }
        tasks.shutdown().await;
    }
}

/// Tasks do not end by themselves while the consumer listens: this is a local fault.
fn on_early_end(ended: Result<(), tokio::task::JoinError>) {
    tracing::error!(?ended, "a task of the network ended; the network stops");
}

/// Accepts callers and authenticates a bounded number of them at once.
async fn accept_callers(mut listener: Listener, shared: Arc<Shared>) {
    let mut handshakes = JoinSet::new();
    let mut newest = VecDeque::<AbortHandle>::new();
    loop {
        tokio::select! {
            caller = listener.accept() => match caller {
                Ok(handshake) => {
                    make_room(&mut newest, &shared);
                    newest.push_back(handshakes.spawn(authenticate(handshake, Arc::clone(&shared))));
                }
                Err(error) => return tracing::error!(%error, "the listener failed"),
            },
            Some(_) = handshakes.join_next() => newest.retain(|handle| !handle.is_finished()),
        }
    }
}

/// Gives up the oldest handshake in progress if there is no room for another.
fn make_room(newest: &mut VecDeque<AbortHandle>, shared: &Shared) {
    if newest.len() < shared.limits.pending_handshakes_max {
        return;
    }
    if let Some(oldest) = newest.pop_front().filter(|oldest| !oldest.is_finished()) {
        oldest.abort();
        shared.counters.add_handshake_failed();
    }
}

async fn authenticate(handshake: Handshake, shared: Arc<Shared>) {
    let timed = timeout(shared.limits.handshake_timeout(), handshake).await;
    let timed_out = |_| HandshakeError::Failed(std::io::ErrorKind::TimedOut.into());
    shared.on_handshake(timed.map_err(timed_out).flatten());
}
