//! Every bound of the crate, with the relations between them checked at compile time.
//!
//! Memory per peer is the sum of: the outgoing queues (shared between peers on a broadcast), one
//! frame per class being written, the receive windows of the multiplexer, and one partly received
//! message per class. Memory for all peers together adds the incoming channels.

use std::time::Duration;

use crate::class::{Class, PerClass};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Largest payload of one frame in bytes. Between two frames a lower class yields to a higher one.
pub const FRAME_BYTES_MAX: usize = 64 * KIB;

/// Bytes in front of every frame: its length and the mark of the last frame of a message.
pub(crate) const FRAME_HEADER_BYTES: usize = 4;

/// Streams one connection may hold: four each way, and one more so that an extra one is seen.
pub(crate) const STREAMS_MAX: usize = 2 * Class::ALL.len() + 1;

/// Receive window every stream starts with, fixed by the Yamux specification.
const STREAM_WINDOW_BYTES: usize = 256 * KIB;

/// Bound on the receive windows of all streams of one connection together, in bytes.
pub(crate) const CONNECTION_WINDOW_BYTES_MAX: usize = 6 * MIB;

/// Pending TCP connections the kernel may hold for the listening socket.
pub(crate) const LISTEN_BACKLOG: u32 = 128;

/// After this many messages in strict priority order, one is taken in the opposite order.
///
/// It keeps a peer that floods the consensus class from starving the others for good.
pub(crate) const PRIORITY_RUN_MAX: u32 = 64;

/// Frames written in one go before the connection looks at what it has received.
pub(crate) const FRAMES_PER_TURN_MAX: usize = 16;

const MESSAGE_BYTES_MAX: PerClass<usize> =
    PerClass { consensus: 64 * KIB, header: 64 * KIB, fetch: 8 * MIB, batch: 2 * MIB };

const QUEUE_MESSAGES_MAX: PerClass<usize> = PerClass { consensus: 1024, header: 64, fetch: 64, batch: 256 };

const QUEUE_BYTES_MAX: PerClass<usize> =
    PerClass { consensus: 4 * MIB, header: 2 * MIB, fetch: 16 * MIB, batch: 16 * MIB };

const INCOMING_MESSAGES_MAX: PerClass<usize> = PerClass { consensus: 256, header: 32, fetch: 8, batch: 16 };

/// The tunable bounds of a [`Network`](crate::Network). The default is right for fifteen members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest message in bytes. All members must agree: a longer one is a peer fault.
    pub message_bytes_max: PerClass<usize>,
    /// Messages waiting for one peer.
    pub queue_messages_max: PerClass<usize>,
    /// Bytes waiting for one peer.
    pub queue_bytes_max: PerClass<usize>,
    /// Received messages, of all peers together, waiting for the consumer.
    pub incoming_messages_max: PerClass<usize>,
    /// First pause between two attempts to reach a peer, in milliseconds.
    pub reconnect_min_ms: u64,
    /// Longest pause between two attempts to reach a peer, in milliseconds (before jitter).
    pub reconnect_max_ms: u64,
    /// How long a peer is banned after its first fault, in milliseconds.
    pub fault_ban_min_ms: u64,
    /// Longest ban in milliseconds. A connection that lasted as long clears the record.
    pub fault_ban_max_ms: u64,
    /// Time for TCP, Noise and Yamux to agree, and again for the streams to open, in milliseconds.
    pub handshake_timeout_ms: u64,
    /// Pause between two keep-alive frames on a quiet connection, in milliseconds.
    pub keep_alive_ms: u64,
    /// Silent keep-alive periods after which a connection counts as dead.
    pub keep_alive_misses: u32,
    /// After a connection ends, time for the consumer to take what was received, in milliseconds.
    pub drain_ms: u64,
    /// Handshakes of unauthenticated callers in progress; the oldest gives way.
    pub pending_handshakes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes_max: MESSAGE_BYTES_MAX,
            queue_messages_max: QUEUE_MESSAGES_MAX,
            queue_bytes_max: QUEUE_BYTES_MAX,
            incoming_messages_max: INCOMING_MESSAGES_MAX,
            reconnect_min_ms: 100,
            reconnect_max_ms: 5_000,
            fault_ban_min_ms: 1_000,
            fault_ban_max_ms: 60_000,
            handshake_timeout_ms: 10_000,
            keep_alive_ms: 5_000,
            keep_alive_misses: 6,
            drain_ms: 1_000,
            pending_handshakes_max: 64,
        }
    }
}

impl Limits {
    /// Names the first relation between the bounds that does not hold.
    pub(crate) fn broken_relation(&self) -> Option<&'static str> {
        Class::ALL.into_iter().find_map(|class| self.broken_class_relation(class)).or_else(|| {
            let holds = [
                (self.reconnect_min_ms > 0, "reconnect_min_ms is zero"),
                (self.reconnect_min_ms <= self.reconnect_max_ms, "reconnect_min_ms > reconnect_max_ms"),
                (self.fault_ban_min_ms <= self.fault_ban_max_ms, "fault_ban_min_ms > fault_ban_max_ms"),
                (self.handshake_timeout_ms > 0, "handshake_timeout_ms is zero"),
                (self.keep_alive_ms > 0, "keep_alive_ms is zero"),
                (self.keep_alive_misses > 1, "keep_alive_misses is below two"),
                (self.pending_handshakes_max > 0, "pending_handshakes_max is zero"),
            ];
            holds.into_iter().find_map(|(holds, name)| (!holds).then_some(name))
        })
    }

    fn broken_class_relation(&self, class: Class) -> Option<&'static str> {
        let message = *self.message_bytes_max.get(class);
        let holds = [
            (message > 0, "message_bytes_max is zero"),
            (message <= *self.queue_bytes_max.get(class), "message_bytes_max > queue_bytes_max"),
            (*self.queue_messages_max.get(class) > 0, "queue_messages_max is zero"),
            (*self.incoming_messages_max.get(class) > 0, "incoming_messages_max is zero"),
        ];
        holds.into_iter().find_map(|(holds, name)| (!holds).then_some(name))
    }

    pub(crate) const fn handshake_timeout(&self) -> Duration {
        Duration::from_millis(self.handshake_timeout_ms)
    }

    pub(crate) const fn keep_alive(&self) -> Duration {
        Duration::from_millis(self.keep_alive_ms)
    }

    pub(crate) const fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}

const _: () = {
    assert!(STREAMS_MAX * STREAM_WINDOW_BYTES <= CONNECTION_WINDOW_BYTES_MAX);
    assert!(FRAME_BYTES_MAX <= STREAM_WINDOW_BYTES, "a frame fits in a fresh window");
    assert!(MESSAGE_BYTES_MAX.consensus <= FRAME_BYTES_MAX, "a vote is one frame");
    assert!(MESSAGE_BYTES_MAX.header <= FRAME_BYTES_MAX, "a header is one frame");
    assert!(MESSAGE_BYTES_MAX.consensus <= QUEUE_BYTES_MAX.consensus);
    assert!(MESSAGE_BYTES_MAX.header <= QUEUE_BYTES_MAX.header);
    assert!(MESSAGE_BYTES_MAX.fetch <= QUEUE_BYTES_MAX.fetch);
    assert!(MESSAGE_BYTES_MAX.batch <= QUEUE_BYTES_MAX.batch);
    assert!(INCOMING_MESSAGES_MAX.fetch * MESSAGE_BYTES_MAX.fetch <= 64 * MIB);
    assert!(INCOMING_MESSAGES_MAX.batch * MESSAGE_BYTES_MAX.batch <= 64 * MIB);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_limits_hold_their_relations() {
        assert_eq!(Limits::default().broken_relation(), None);
    }

    #[test]
    fn a_message_larger_than_its_queue_is_refused() {
        let mut limits = Limits::default();
        limits.queue_bytes_max.batch = MIB;
        assert_eq!(limits.broken_relation(), Some("message_bytes_max > queue_bytes_max"));
    }

    #[test]
    fn inverted_back_off_is_refused() {
        let limits = Limits { reconnect_min_ms: 6_000, ..Limits::default() };
        assert_eq!(limits.broken_relation(), Some("reconnect_min_ms > reconnect_max_ms"));
    }
}
