//! What an operator may ask about a peer.

use crate::class::PerClass;

/// The state of one peer at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerStatus {
    /// Index of the peer.
    pub member: u8,
    /// Whether messages can be queued for it.
    pub connected: bool,
    /// Whether the local node dials it, or waits to be dialled.
    pub dialled: bool,
    /// Faults seen here or reported by the consumer, since the start.
    pub faults: u64,
    /// Reason of the last fault.
    pub last_fault: Option<&'static str>,
    /// Whether it is kept out because of a fault.
    pub banned: bool,
    /// The outgoing queues.
    pub queues: PerClass<QueueStatus>,
}

/// The state of one outgoing queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueStatus {
    /// Messages waiting.
    pub messages: usize,
    /// Bytes waiting.
    pub bytes: usize,
    /// Messages accepted and never written out, since the start.
    pub dropped: u64,
}
