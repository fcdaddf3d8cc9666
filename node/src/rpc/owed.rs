//! What a client is owed: calls under way and answers that it has not taken yet, in number and in bytes.
//!
//! - A call has its place on the connection until the last byte of its answer is handed to the kernel, not until the answer is made.
//! - Bytes of requests under way and of answers not taken are bounded for a connection, for an address and for the node. What would
//!   go beyond is answered BUSY; only an answer too small to matter is given nevertheless, so that whoever submitted hears of it.
//! - While an answer is not taken, nothing more is read of its connection.

use super::bounds::{CALLS_AT_ONCE_MAX, OWED_BYTES_PER_CONNECTION_MAX, SMALL_ANSWER_BYTES_MAX};
use super::listen::Peer;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_io_timeout::TimeoutStream;

/// The books of one connection.
#[derive(Debug, Default)]
pub(super) struct Owed {
    calls: usize,
    /// Bytes that each answer still has to hand over, in the order of their making.
    answers: VecDeque<usize>,
    /// Bytes of requests under way and of answers.
    bytes: usize,
}

impl Owed {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// A call's or a batch's place on its connection.
pub(super) struct Place {
    peer: Peer,
    bytes: usize,
}

impl Place {
    /// A place for a request of so many bytes; none when the connection has too much under way.
    pub(super) fn take(peer: &Peer, bytes: usize) -> Option<Self> {
        let mut owed = peer.owed();
        let is_full = owed.calls + owed.answers.len() >= CALLS_AT_ONCE_MAX;
        if is_full || !reserve(peer, &mut owed, bytes) {
            return None;
        }
        owed.calls += 1;
        drop(owed);
        Some(Self { peer: peer.clone(), bytes })
    }

    /// Counts a part of the answer; `false` when there is no room for it.
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        let has_room = reserve(&self.peer, &mut self.peer.owed(), bytes);
        self.bytes += if has_room { bytes } else { 0 };
        has_room
    }

    /// The answer goes out: its bytes are owed until they are taken. `false` when there is no room for it.
    pub(super) fn answered(self, bytes: usize) -> bool {
        let peer = self.peer.clone();
        drop(self);
        let mut owed = peer.owed();
        let has_room = reserve(&peer, &mut owed, bytes);
        if has_room {
            owed.answers.push_back(bytes);
        }
        has_room
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut owed = self.peer.owed();
        owed.calls -= 1;
        owed.bytes -= self.bytes;
        self.peer.give_back(self.bytes);
    }
}

fn reserve(peer: &Peer, owed: &mut Owed, bytes: usize) -> bool {
    let is_small = bytes <= SMALL_ANSWER_BYTES_MAX;
    let has_room = is_small || owed.bytes + bytes <= OWED_BYTES_PER_CONNECTION_MAX;
    let reserved = has_room && peer.reserve(bytes, is_small);
    owed.bytes += if reserved { bytes } else { 0 };
    reserved
}

/// Bytes were handed to the kernel. Those of heads, pings and notices count with the answers, which only lets them end sooner.
fn taken(peer: &Peer, mut bytes: usize) {
    let mut owed = peer.owed();
    while bytes > 0
        && let Some(first) = owed.answers.front_mut()
    {
        let part = bytes.min(*first);
        *first -= part;
        bytes -= part;
        if *first == 0 {
            owed.answers.pop_front();
        }
        owed.bytes -= part;
        peer.give_back(part);
    }
}

/// The socket's own bound on writing; it lies under TLS, so that a handshake is bound too.
pub(super) fn bounded<S: AsyncRead + AsyncWrite>(socket: S, write_time: Duration) -> Pin<Box<TimeoutStream<S>>> {
    let mut stream = TimeoutStream::new(socket);
    stream.set_write_timeout(Some(write_time));
    Box::pin(stream)
}

/// A connection's bytes in clear, which keeps the books of its peer.
///
/// - Nothing is read while something written waits for the client.
/// - A connection that cannot be written to is not read either: the reader of a WebSocket would otherwise wait on for one who is gone.
pub(super) struct Stream<I> {
    io: I,
    peer: Peer,
    is_stuck: bool,
    is_dead: bool,
    reader: Option<Waker>,
}

impl<I> Stream<I> {
    pub(super) fn new(io: I, peer: Peer) -> Self {
        Self { io, peer, is_stuck: false, is_dead: false, reader: None }
    }

    /// Looks at how a write went, for the books and for the reader.
    fn wrote<T>(&mut self, result: Poll<io::Result<T>>, bytes: impl Fn(&T) -> usize) -> Poll<io::Result<T>> {
        let was_stuck = self.is_stuck;
        match &result {
            Poll::Pending => self.is_stuck = true,
            Poll::Ready(Ok(done)) => {
                self.is_stuck = false;
                taken(&self.peer, bytes(done));
            }
            Poll::Ready(Err(_)) => self.is_dead = true,
        }
        // Only what held the reader up: woken after every write, it would read, write and be woken for ever.
        if (was_stuck && result.is_ready() || self.is_dead)
            && let Some(reader) = self.reader.take()
        {
            reader.wake();
        }
        result
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Stream<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.is_dead {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let read = if self.is_stuck { Poll::Pending } else { Pin::new(&mut self.io).poll_read(cx, buf) };
        if read.is_pending() {
            self.reader = Some(cx.waker().clone());
        }
        read
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Stream<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_dead {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        self.wrote(written, |n| *n)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_dead {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.wrote(written, |n| *n)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_dead {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.wrote(flushed, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_dead {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::bounds::OWED_BYTES_PER_ADDRESS_MAX;
    use crate::rpc::listen::Room;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const LARGE: usize = 1024 * 1024;

    fn peers<const N: usize>(room: &std::sync::Arc<Room>) -> [Peer; N] {
        [(); N].map(|()| room.enter("192.0.2.1".parse().expect("an address")).expect("room"))
    }

    #[test]
    fn a_call_keeps_its_place_until_its_answer_is_taken() {
        let room = Room::new(1, 1);
        let [peer] = peers(&room);
        for _ in 0..CALLS_AT_ONCE_MAX {
            assert!(Place::take(&peer, 10).expect("a place").answered(100));
        }
        assert!(Place::take(&peer, 10).is_none(), "all places wait for their answers to be taken");
        taken(&peer, 99);
        assert!(Place::take(&peer, 10).is_none(), "a byte of the first is still owed");
        taken(&peer, 1);
        assert!(Place::take(&peer, 10).is_some());
        taken(&peer, usize::MAX);
        assert_eq!((peer.owed().bytes(), room.owed()), (0, 0));
    }

    #[test]
    fn the_bytes_of_a_connection_and_of_an_address_are_bounded_and_given_back() {
        const CONNECTIONS: usize = OWED_BYTES_PER_ADDRESS_MAX / OWED_BYTES_PER_CONNECTION_MAX + 1;
        let room = Room::new(99, 99);
        let peers: [Peer; CONNECTIONS] = peers(&room);
        let large = |peer: &Peer| Place::take(peer, 10).expect("a place").answered(LARGE);
        let answered = peers.each_ref().map(|peer| (0..64).filter(|_| large(peer)).count());
        let full = OWED_BYTES_PER_CONNECTION_MAX / LARGE;
        assert_eq!((answered[0], answered[CONNECTIONS - 1]), (full, 0), "the last connection finds nothing left");
        assert_eq!(room.owed(), OWED_BYTES_PER_ADDRESS_MAX);
        assert!(Place::take(&peers[0], 10).expect("a place").answered(100), "a small answer is always given");
        let mut batch = Place::take(&peers[1], 10).expect("a place");
        assert!(!batch.grow(LARGE));
        drop(batch);
        drop(peers);
        assert_eq!(room.owed(), 0);
    }

    /// Counts how often it was woken.
    #[derive(Default)]
    struct Woken(std::sync::atomic::AtomicUsize);

    impl std::task::Wake for Woken {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn a_write_that_goes_through_at_once_wakes_no_reader() {
        let room = Room::new(1, 1);
        let [peer] = peers(&room);
        let (_client, server) = tokio::io::duplex(64);
        let mut stream = Stream::new(bounded(server, Duration::from_secs(30)), peer);
        let woken = std::sync::Arc::new(Woken::default());
        let waker = Waker::from(std::sync::Arc::clone(&woken));
        let (mut cx, mut space) = (Context::from_waker(&waker), [0; 8]);
        assert!(Pin::new(&mut stream).poll_read(&mut cx, &mut ReadBuf::new(&mut space)).is_pending());
        assert!(Pin::new(&mut stream).poll_flush(&mut cx).is_ready());
        assert!(Pin::new(&mut stream).poll_write(&mut cx, b"answer").is_ready());
        assert_eq!(woken.0.load(std::sync::atomic::Ordering::Relaxed), 0, "an idle connection would never rest");
    }

    #[tokio::test]
    async fn a_connection_that_takes_nothing_is_not_read_and_ends_for_its_reader_too() {
        let room = Room::new(1, 1);
        let [peer] = peers(&room);
        let (mut client, server) = tokio::io::duplex(64);
        let (mut reader, mut writer) = tokio::io::split(Stream::new(bounded(server, Duration::from_millis(50)), peer));
        client.write_all(b"first").await.expect("it is read");
        let mut part = [0; 64];
        assert_eq!(reader.read(&mut part).await.expect("the first"), 5);
        let writing = tokio::spawn(async move { writer.write_all(&[0; 65]).await });
        tokio::task::yield_now().await;
        client.write_all(b"second").await.expect("there is room");
        let error = reader.read(&mut part).await.expect_err("nothing more is read");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(writing.await.expect("no panic").is_err());
    }
}
