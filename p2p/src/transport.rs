//! The one file that touches libp2p: TCP, Noise and Yamux under a plain interface.
//!
//! The rest of the crate sees member indexes, connections and byte streams. libp2p's `Transport` is
//! used directly and its `Swarm` is not: a permissioned mesh with one long-lived connection per
//! pair has nothing to discover, route or negotiate, and the few rules it has (who dials, who is
//! let in, which connection wins) are ours.
//!
//! A caller is authenticated by Noise before anything else it says is read: the remote proves the
//! possession of the Ed25519 key behind its peer id, and [`Directory`] turns that into an index.

use std::{
    collections::HashMap,
    future::{Future, poll_fn},
    io, iter,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use libp2p::{
    Multiaddr, PeerId, Transport as _,
    core::{
        Endpoint, StreamMuxer, UpgradeInfo,
        muxing::{StreamMuxerBox, StreamMuxerEvent, SubstreamBox},
        transport::{Boxed, DialOpts, ListenerId, PortUse, TransportEvent},
        upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade, Version},
    },
    futures::{AsyncRead as _, AsyncWrite as _, FutureExt as _, future},
    identity::{Keypair, PublicKey, ed25519},
    multiaddr::Protocol,
    noise, tcp,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    config::{NetworkConfig, StartError},
    limits::{CONNECTION_WINDOW_BYTES_MAX, LISTEN_BACKLOG, STREAMS_MAX},
};

type Upgraded = Boxed<(PeerId, StreamMuxerBox)>;

/// Returns the Ed25519 public key of a secret key (seed).
pub fn public_key_of(secret_key: [u8; 32]) -> [u8; 32] {
    ed25519_pair(secret_key).public().to_bytes()
}

fn ed25519_pair(mut secret_key: [u8; 32]) -> ed25519::Keypair {
    let secret = ed25519::SecretKey::try_from_bytes(&mut secret_key).expect("any 32 bytes are an Ed25519 secret key");
    ed25519::Keypair::from(secret)
}

/// The allow-list: which index belongs to which authenticated identity.
#[derive(Debug)]
pub(crate) struct Directory {
    members: HashMap<PeerId, u8>,
}

impl Directory {
    /// Reads the allow-list; refuses keys that are none, and the local key.
    pub(crate) fn new(config: &NetworkConfig) -> Result<Self, StartError> {
        let own = public_key_of(config.secret_key);
        let mut members = HashMap::new();
        for peer in &config.peers {
            let member = peer.member;
            if peer.public_key == own {
                return Err(StartError::OwnPeer { member });
            }
            let key =
                ed25519::PublicKey::try_from_bytes(&peer.public_key).map_err(|_| StartError::BadKey { member })?;
            members.insert(PublicKey::from(key).to_peer_id(), member);
        }
        Ok(Self { members })
    }

    fn admit(&self, (id, muxer): (PeerId, StreamMuxerBox)) -> Result<Admitted, HandshakeError> {
        match self.members.get(&id) {
            Some(&member) => Ok(Admitted { member, connection: Connection(muxer) }),
            None => Err(HandshakeError::Stranger { id: id.to_string() }),
        }
    }
}

/// A connection to a listed peer.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// Index the remote proved to have.
    pub(crate) member: u8,
    /// The connection, without streams so far.
    pub(crate) connection: Connection,
}

/// Why a connection was not admitted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    /// The remote authenticated as somebody who is not on the allow-list.
    #[error("{id} is not on the allow-list")]
    Stranger {
        /// The remote's libp2p peer id.
        id: String,
    },
    /// The remote did not get through TCP, Noise and Yamux.
    #[error("{0}")]
    Failed(io::Error),
}

/// An upgrade in progress; it owns everything it needs.
pub(crate) type Handshake = Pin<Box<dyn Future<Output = Result<Admitted, HandshakeError>> + Send + 'static>>;

fn handshake<F>(upgrade: F, directory: Arc<Directory>) -> Handshake
where
    F: Future<Output = io::Result<(PeerId, StreamMuxerBox)>> + Send + 'static,
{
    upgrade.map(move |upgraded| directory.admit(upgraded.map_err(HandshakeError::Failed)?)).boxed()
}

fn upgraded_tcp(secret_key: [u8; 32]) -> Upgraded {
    let identity = Keypair::from(ed25519_pair(secret_key));
    let noise = noise::Config::new(&identity).expect("an Ed25519 key signs the Noise static key");
    let tcp = tcp::Config::new().nodelay(true).listen_backlog(LISTEN_BACKLOG);
    tcp::tokio::Transport::new(tcp).upgrade(Version::V1).authenticate(noise).multiplex(Multiplexer).boxed()
}

fn multiaddr(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(Protocol::Tcp(address.port()))
}

/// Opens connections to listed peers. Shared by all peer tasks.
pub(crate) struct Dialer {
    transport: Mutex<Upgraded>,
    directory: Arc<Directory>,
}

impl Dialer {
    pub(crate) fn new(secret_key: [u8; 32], directory: Arc<Directory>) -> Self {
        Self { transport: Mutex::new(upgraded_tcp(secret_key)), directory }
    }

    /// Dials an address and authenticates whoever answers.
    pub(crate) async fn dial(&self, address: SocketAddr) -> Result<Admitted, HandshakeError> {
        let options = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
        let dial = self
            .transport
            .lock()
            .expect("nothing panics while dialling")
            .dial(multiaddr(address), options)
            .map_err(|error| HandshakeError::Failed(io::Error::other(error)))?;
        handshake(dial, Arc::clone(&self.directory)).await
    }
}

/// Accepts connections on one address.
pub(crate) struct Listener {
    transport: Upgraded,
    directory: Arc<Directory>,
}

impl Listener {
    /// Listens on `address`; returns the listener and the address with the real port.
    pub(crate) async fn bind(
        secret_key: [u8; 32],
        address: SocketAddr,
        directory: Arc<Directory>,
    ) -> io::Result<(Self, SocketAddr)> {
        refuse_shared_port(address)?;
        let mut transport = upgraded_tcp(secret_key);
        transport.listen_on(ListenerId::next(), multiaddr(address)).map_err(io::Error::other)?;
        let mut listener = Self { transport, directory };
        let port = listener.bound_port().await?;
        Ok((listener, SocketAddr::new(address.ip(), port)))
    }

    async fn bound_port(&mut self) -> io::Result<u16> {
        loop {
            match self.next_event().await {
                TransportEvent::NewAddress { listen_addr, .. } => return port_of(&listen_addr),
                TransportEvent::ListenerClosed { reason, .. } => reason?,
                TransportEvent::ListenerError { error, .. } => return Err(error),
                TransportEvent::AddressExpired { .. } | TransportEvent::Incoming { .. } => {}
            }
        }
    }

    async fn next_event(&mut self) -> TransportEvent<<Upgraded as libp2p::Transport>::ListenerUpgrade, io::Error> {
        poll_fn(|cx| Pin::new(&mut self.transport).poll(cx)).await
    }

    /// Waits for a caller. Errors of single callers are survived; an error here is final.
    pub(crate) async fn accept(&mut self) -> io::Result<Handshake> {
        loop {
            match self.next_event().await {
                TransportEvent::Incoming { upgrade, .. } => {
                    return Ok(handshake(upgrade, Arc::clone(&self.directory)));
                }
                TransportEvent::ListenerClosed { reason, .. } => {
                    reason?;
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                TransportEvent::ListenerError { error, .. } => {
                    tracing::warn!(%error, "cannot accept a connection now");
                }
                TransportEvent::NewAddress { .. } | TransportEvent::AddressExpired { .. } => {}
            }
        }
    }
}

/// Refuses a port that another process listens on.
///
/// libp2p sets `SO_REUSEPORT`, so that two nodes started by mistake on one port would share its
/// callers without an error. A plain bind still notices.
fn refuse_shared_port(address: SocketAddr) -> io::Result<()> {
    if address.port() == 0 {
        return Ok(());
    }
    TcpListener::bind(address).map(drop)
}

fn port_of(address: &Multiaddr) -> io::Result<u16> {
    address
        .iter()
        .find_map(|part| if let Protocol::Tcp(port) = part { Some(port) } else { None })
        .ok_or_else(|| io::Error::other("the listening address has no TCP port"))
}

/// An authenticated, multiplexed connection. Dropping it closes the socket.
#[derive(Debug)]
pub(crate) struct Connection(StreamMuxerBox);

/// How a connection came to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionEnd {
    /// The socket was closed or failed.
    #[error("{0}")]
    Closed(io::Error),
    /// The remote broke the multiplexing protocol inside the encrypted channel.
    #[error("multiplexing protocol broken")]
    Junk,
}

impl Connection {
    /// Opens a stream; the remote learns of it with the first byte written.
    pub(crate) async fn open(&mut self) -> Result<ByteStream, ConnectionEnd> {
        let stream = poll_fn(|cx| Pin::new(&mut self.0).poll_outbound(cx)).await;
        stream.map(ByteStream).map_err(ConnectionEnd::from_io)
    }

    /// Moves bytes in both directions until the remote opens a stream or the connection ends.
    ///
    /// Nothing moves on any stream of this connection unless this is being polled.
    pub(crate) async fn accept(&mut self) -> Result<ByteStream, ConnectionEnd> {
        let stream = poll_fn(|cx| Pin::new(&mut self.0).poll_inbound(cx)).await;
        stream.map(ByteStream).map_err(ConnectionEnd::from_io)
    }
}

impl ConnectionEnd {
    fn from_io(error: io::Error) -> Self {
        use yamux::ConnectionError as E;
        match error.get_ref().and_then(|inner| inner.downcast_ref::<E>()) {
            Some(E::Decode(yamux::FrameDecodeError::Io(_))) => Self::Closed(error),
            Some(E::Decode(_) | E::InvalidWindowUpdate) => Self::Junk,
            _ => Self::Closed(error),
        }
    }
}

/// One stream of a [`Connection`], with tokio's traits.
#[derive(Debug)]
pub(crate) struct ByteStream(SubstreamBox);

impl AsyncRead for ByteStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.0).poll_read(cx, buf.initialize_unfilled());
        read.map_ok(|bytes| buf.advance(bytes))
    }
}

impl AsyncWrite for ByteStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

/// Yamux with a bounded receive window.
///
/// libp2p's own Yamux upgrade fixes the bound at 1 GiB per connection and silently drops streams
/// that nobody accepts; both would let one peer take what all share.
#[derive(Clone, Copy, Debug)]
struct Multiplexer;

impl Multiplexer {
    fn config() -> yamux::Config {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(STREAMS_MAX);
        config.set_max_connection_receive_window(Some(CONNECTION_WINDOW_BYTES_MAX));
        config
    }
}

impl UpgradeInfo for Multiplexer {
    type Info = &'static str;
    type InfoIter = iter::Once<Self::Info>;

    fn protocol_info(&self) -> Self::InfoIter {
        iter::once("/yamux/1.0.0")
    }
}

impl<C> InboundConnectionUpgrade<C> for Multiplexer
where
    C: libp2p::futures::AsyncRead + libp2p::futures::AsyncWrite + Unpin,
{
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = future::Ready<io::Result<Muxer<C>>>;

    fn upgrade_inbound(self, socket: C, _: Self::Info) -> Self::Future {
        future::ok(Muxer(yamux::Connection::new(socket, Self::config(), yamux::Mode::Server)))
    }
}

impl<C> OutboundConnectionUpgrade<C> for Multiplexer
where
    C: libp2p::futures::AsyncRead + libp2p::futures::AsyncWrite + Unpin,
{
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = future::Ready<io::Result<Muxer<C>>>;

    fn upgrade_outbound(self, socket: C, _: Self::Info) -> Self::Future {
        future::ok(Muxer(yamux::Connection::new(socket, Self::config(), yamux::Mode::Client)))
    }
}

/// Adapts a Yamux connection to libp2p's trait.
struct Muxer<C>(yamux::Connection<C>);

impl<C> StreamMuxer for Muxer<C>
where
    C: libp2p::futures::AsyncRead + libp2p::futures::AsyncWrite + Unpin,
{
    type Substream = yamux::Stream;
    type Error = yamux::ConnectionError;

    fn poll_inbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<yamux::Stream, yamux::ConnectionError>> {
        self.0.poll_next_inbound(cx).map(|stream| stream.unwrap_or(Err(yamux::ConnectionError::Closed)))
    }

    fn poll_outbound(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<yamux::Stream, yamux::ConnectionError>> {
        self.0.poll_new_outbound(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), yamux::ConnectionError>> {
        self.0.poll_close(cx)
    }

    /// Does nothing: accepting streams is what drives a Yamux connection, and [`Connection`] never
    /// stops accepting.
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<StreamMuxerEvent, yamux::ConnectionError>> {
        Poll::Pending
    }
}
