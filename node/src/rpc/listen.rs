//! Accepting connections: how many there may be, how long each part of a request may take, and the end of all when the node stops.
//!
//! HTTP/1.1 only. Everything in front of the methods is bounded here, so that a client that is slow, silent or many costs its own connections.

use super::bounds::{
    ACCEPT_PAUSE, HANDSHAKE_TIME, HEAD_BYTES_MAX, HEADERS_MAX, OWED_BYTES_MAX, OWED_BYTES_PER_ADDRESS_MAX, WRITE_TIME,
};
use super::owed::{self, Owed};
use super::tls::Tls;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use jsonrpsee::server::{HttpResponse, StopHandle};
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// Answer to a connection for which there is no room, where it can be given in clear.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n\
    Content-Type: text/plain\r\nContent-Length: 53\r\n\r\nToo many connections: close some, or try again later\n";

/// Room for connections.
pub(super) struct Room {
    max: u32,
    max_per_address: u32,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: u32,
    refused: u64,
    /// Bytes that are owed.
    owed: usize,
    by_address: HashMap<IpAddr, OfAddress>,
}

/// What the connections of one address take.
#[derive(Default)]
struct OfAddress {
    connections: u32,
    owed: usize,
}

impl Room {
    pub(super) fn new(max: u32, max_per_address: u32) -> Arc<Self> {
        Arc::new(Self { max, max_per_address, taken: Mutex::default() })
    }
    /// Connections now, and how many there was no room for.
    pub(super) fn counts(&self) -> (u32, u64) {
        let taken = self.taken.lock().expect("no holder of this lock panics");
        (taken.all, taken.refused)
    }
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Peer> {
        let address = party(address);
        let mut taken = self.taken.lock().expect("no holder of this lock panics");
        let of_address = taken.by_address.get(&address).map_or(0, |of| of.connections);
        if taken.all >= self.max || of_address >= self.max_per_address {
            taken.refused += 1;
            return None;
        }
        taken.all += 1;
        taken.by_address.entry(address).or_default().connections += 1;
        drop(taken);
        Some(Peer(Arc::new(Seat { address, room: Arc::clone(self), owed: Mutex::default() })))
    }
    fn leave(&self, address: IpAddr, owed: usize) {
        self.give_back(address, owed);
        let mut taken = self.taken.lock().expect("no holder of this lock panics");
        taken.all -= 1;
        match taken.by_address.get_mut(&address) {
            Some(of) if of.connections > 1 => of.connections -= 1,
            _ => drop(taken.by_address.remove(&address)),
        }
    }
    /// Takes room for bytes that are owed to an address; a small number of them in any case.
    fn reserve(&self, address: IpAddr, bytes: usize, is_small: bool) -> bool {
        let mut taken = self.taken.lock().expect("no holder of this lock panics");
        let all = taken.owed + bytes;
        let Some(of) = taken.by_address.get_mut(&address) else { return false };
        let has_room = is_small || (all <= OWED_BYTES_MAX && of.owed + bytes <= OWED_BYTES_PER_ADDRESS_MAX);
        if has_room {
            of.owed += bytes;
            taken.owed = all;
        }
        has_room
    }
    fn give_back(&self, address: IpAddr, bytes: usize) {
        let mut taken = self.taken.lock().expect("no holder of this lock panics");
        taken.owed -= bytes;
        if let Some(of) = taken.by_address.get_mut(&address) {
            of.owed -= bytes;
        }
    }
    #[cfg(test)]
    pub(super) fn owed(&self) -> usize {
        self.taken.lock().expect("no holder of this lock panics").owed
    }
}

/// Whoever has one address of IPv6 has the 64 bits behind it.
fn party(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// Who is at the other end of a connection. Its place is free again once every copy is gone: a WebSocket and its calls keep one each.
#[derive(Clone)]
pub(super) struct Peer(Arc<Seat>);

struct Seat {
    address: IpAddr,
    room: Arc<Room>,
    owed: Mutex<Owed>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let owed = self.owed.lock().expect("no holder of this lock panics").bytes();
        self.room.leave(self.address, owed);
    }
}

impl Peer {
    /// Where the connection comes from, as the kernel says. Nothing in a request changes it.
    pub(super) fn address(&self) -> IpAddr {
        self.0.address
    }
    /// What is owed on this connection. The room's lock may be taken while this one is held, not the other way.
    pub(super) fn owed(&self) -> MutexGuard<'_, Owed> {
        self.0.owed.lock().expect("no holder of this lock panics")
    }
    /// Takes room for bytes on the node.
    pub(super) fn reserve(&self, bytes: usize, is_small: bool) -> bool {
        self.0.room.reserve(self.0.address, bytes, is_small)
    }
    pub(super) fn give_back(&self, bytes: usize) {
        self.0.room.give_back(self.0.address, bytes);
    }
}

/// One listener.
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) room: Arc<Room>,
    pub(super) tls: Option<Arc<Tls>>,
    /// How long a connection may be silent before a request, its head included.
    pub(super) head_time: Duration,
    pub(super) stop: StopHandle,
}

impl Listener {
    pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
        TcpListener::bind(address).await.map_err(|e| format!("{e}; is another program running on this port?"))
    }

    /// Accepts until the node stops; `serve` makes the service of a connection.
    pub(super) async fn run<M, S>(self, serve: M)
    where
        M: Fn(Peer) -> S,
        S: Service<Request<Incoming>, Response = HttpResponse, Error = Infallible> + Send + 'static,
        S::Future: Send,
    {
        let stopped = self.stop.clone().shutdown();
        tokio::pin!(stopped);
        loop {
            let accepted = tokio::select! {
                accepted = self.socket.accept() => accepted,
                () = &mut stopped => return,
            };
            match accepted {
                Ok((stream, from)) => self.welcome(stream, from, &serve),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection; raise the limit of open files or lower `rpc_connections`");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn welcome<M, S>(&self, stream: TcpStream, from: SocketAddr, serve: &M)
    where
        M: Fn(Peer) -> S,
        S: Service<Request<Incoming>, Response = HttpResponse, Error = Infallible> + Send + 'static,
        S::Future: Send,
    {
        let Some(peer) = self.room.enter(from.ip()) else {
            if self.tls.is_none() {
                let _ = stream.try_write(FULL);
            }
            tracing::debug!(%from, "no room for a connection");
            return;
        };
        // Without it answers only come later.
        let _ = stream.set_nodelay(true);
        let (stream, service) = (owed::bounded(stream, WRITE_TIME), serve(peer.clone()));
        let (stop, head_time) = (self.stop.clone(), self.head_time);
        match self.tls.as_ref().map(|tls| tls.acceptor()) {
            None => drop(tokio::spawn(connection(stream, service, peer, head_time, stop))),
            Some(acceptor) => drop(tokio::spawn(async move {
                match tokio::time::timeout(HANDSHAKE_TIME, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => connection(stream, service, peer, head_time, stop).await,
                    Ok(Err(error)) => tracing::debug!(%from, %error, "TLS handshake failed"),
                    Err(_) => tracing::debug!(%from, "TLS handshake took too long"),
                }
            })),
        }
    }
}

/// Serves one connection to its end. The peer's place is kept until then.
async fn connection<I, S>(io: I, service: S, peer: Peer, head_time: Duration, stop: StopHandle)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = HttpResponse, Error = Infallible>,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_time).max_headers(HEADERS_MAX).max_buf_size(HEAD_BYTES_MAX);
    let io = TokioIo::new(owed::Stream::new(io, peer));
    let served = http.serve_connection(io, service).with_upgrades();
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.shutdown() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_cannot_take_all_the_room_and_places_are_given_back() {
        let room = Room::new(3, 2);
        let (a, b) = (address("192.0.2.1"), address("192.0.2.2"));
        let first = room.enter(a).expect("empty");
        let second = room.enter(a).expect("two of three");
        assert!(room.enter(a).is_none(), "two are all that an address gets");
        let third = room.enter(b).expect("another address");
        assert!(room.enter(address("192.0.2.3")).is_none(), "full");
        let copy = first.clone();
        drop((first, third));
        assert_eq!(room.counts(), (2, 2), "a copy keeps the place");
        drop((copy, second));
        assert_eq!(room.counts(), (0, 2));
        assert!(room.taken.lock().expect("a lock").by_address.is_empty());
    }

    #[test]
    fn addresses_of_one_subscriber_are_one_party() {
        assert_eq!(party(address("2001:db8::1")), party(address("2001:db8::ffff:1:2")));
        assert_ne!(party(address("2001:db8::1")), party(address("2001:db8:0:1::1")));
        assert_eq!(party(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }

    #[test]
    fn the_words_to_a_connection_without_room_have_the_length_they_name() {
        let text = std::str::from_utf8(FULL).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{text}");
    }
}
