//! What arrives on a socket before and below messages.

use crate::fuzz::caught::stray_panics;
use crate::fuzz::{Answer, Check};
use landsea_p2p::{EventReceiver, FRAME_BYTES_MAX, Limits, Network, NetworkConfig, PeerConfig, ReadEnd, Received};
use landsea_types::SecretKey;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Largest message in these streams, bytes.
const MESSAGE_BYTES_MAX: usize = 150_000;

/// How a stream of frames ends, and the messages before.
#[derive(Debug, PartialEq, Eq)]
struct Stream {
    messages: Vec<Received>,
    is_junk: bool,
}

/// A stream read as a peer's is, compared with the format read off its description.
pub(super) fn frames() -> Check {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    Box::new(move |bytes| {
        let read = runtime.block_on(read_all(bytes));
        assert_eq!(read, described(bytes), "the stream is read otherwise than the format says");
        let long =
            read.messages.iter().filter(|m| matches!(m, Received::Message(b) if b.len() > FRAME_BYTES_MAX)).count();
        format!("{} messages, {long} long, junk {}", read.messages.len().min(4), read.is_junk)
    })
}

async fn read_all(mut stream: &[u8]) -> Stream {
    let mut messages = Vec::new();
    loop {
        match landsea_p2p::read_message(&mut stream, MESSAGE_BYTES_MAX, |_| {}).await {
            Ok(received) => messages.push(received),
            Err(end) => return Stream { messages, is_junk: matches!(end, ReadEnd::Junk { .. }) },
        }
    }
}

/// A frame is a little-endian `u32` and a payload; bit 31 marks a message's last frame, the rest is the payload's length.
fn described(mut stream: &[u8]) -> Stream {
    let (mut messages, mut message) = (Vec::new(), Vec::new());
    while let Some((header, rest)) = stream.split_first_chunk::<4>() {
        let header = u32::from_le_bytes(*header);
        let (length, is_last) = ((header & 0x7fff_ffff) as usize, header >> 31 == 1);
        let too_long = length > FRAME_BYTES_MAX || message.len() + length > MESSAGE_BYTES_MAX;
        if too_long || (length == 0 && !(is_last && message.is_empty())) {
            return Stream { messages, is_junk: true };
        }
        let Some(payload) = rest.get(..length) else { break };
        message.extend_from_slice(payload);
        stream = &rest[length..];
        if is_last {
            let whole = std::mem::take(&mut message);
            messages.push(if whole.is_empty() { Received::KeepAlive } else { Received::Message(whole) });
        }
    }
    Stream { messages, is_junk: false }
}

/// A listening network that nobody's bytes may end, and that no stranger gets into.
struct Listener {
    runtime: Runtime,
    network: Network,
    events: EventReceiver,
    panics: u64,
}

pub(super) fn handshake() -> Check {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let member = SecretKey::from_seed([2; 32]).public().0;
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let config = NetworkConfig {
        member: Some(2),
        secret_key: [1; 32],
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        peers: vec![PeerConfig { member: 1, public_key: member, address: nowhere }],
        limits: Limits::default(),
    };
    let (network, events) = runtime.block_on(Network::start(config)).expect("a free port");
    let mut listener = Listener { runtime, network, events, panics: stray_panics() };
    Box::new(move |bytes| listener.receive(bytes))
}

impl Listener {
    fn receive(&mut self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.network.local_address()).expect("the network listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        // The other side may close before it has read everything.
        let sent = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write)).is_ok();
        let mut answer = Vec::new();
        let closed = match stream.read_to_end(&mut answer) {
            Ok(_) => "closed",
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => "reset",
            Err(error) => panic!("the connection stays open: {error}"),
        };
        assert_eq!(stray_panics(), self.panics, "a task of the network panicked");
        let event = self.runtime.block_on(async { self.events.try_recv() });
        assert!(event.is_none(), "a stranger got through: {event:?}");
        assert!(answer.len() <= 64 << 10, "{} bytes are answered to a stranger", answer.len());
        assert!(self.network.peers().iter().all(|p| !p.connected && p.faults == 0), "a stranger passes for a peer");
        format!("{closed}, sent {sent}, answered {}", answer.len().min(100) / 10)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.runtime.block_on(self.network.shutdown());
    }
}
