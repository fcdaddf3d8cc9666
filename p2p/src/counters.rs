//! Counts of what the network did, for metrics and tests.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::class::PerClass;

/// Totals since the network started. They never decrease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Authenticated callers that are not on the allow-list, and listed addresses where somebody
    /// else answered.
    pub strangers: u64,
    /// Incoming connections that never got through TCP, Noise and Yamux.
    pub handshakes_failed: u64,
    /// Listed peers turned away while banned, or for dialling when it was the local node's turn.
    pub refused: u64,
    /// Faults of all peers: junk seen here and what [`Network::report_fault`] was told.
    ///
    /// [`Network::report_fault`]: crate::Network::report_fault
    pub faults: u64,
    /// Frames received, keep-alives included.
    pub frames_in: u64,
    /// Frames written, keep-alives included.
    pub frames_out: u64,
    /// Payload bytes received.
    pub bytes_in: u64,
    /// Payload bytes written.
    pub bytes_out: u64,
    /// Messages accepted for sending and never written out: overflow, or the connection ended.
    pub dropped: PerClass<u64>,
}

/// The counts that do not belong to one peer.
#[derive(Debug, Default)]
pub(crate) struct SharedCounters {
    strangers: AtomicU64,
    handshakes_failed: AtomicU64,
    refused: AtomicU64,
    frames_in: AtomicU64,
    frames_out: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

impl SharedCounters {
    pub(crate) fn add_stranger(&self) {
        self.strangers.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_handshake_failed(&self) {
        self.handshakes_failed.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_frame_in(&self, payload_bytes: usize) {
        self.frames_in.fetch_add(1, Relaxed);
        self.bytes_in.fetch_add(payload_bytes as u64, Relaxed);
    }

    pub(crate) fn add_frame_out(&self, payload_bytes: usize) {
        self.frames_out.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(payload_bytes as u64, Relaxed);
    }

    /// Returns the counts of this moment, with those kept per peer left at zero.
    pub(crate) fn snapshot(&self) -> Counters {
        Counters {
            strangers: self.strangers.load(Relaxed),
            handshakes_failed: self.handshakes_failed.load(Relaxed),
            refused: self.refused.load(Relaxed),
            frames_in: self.frames_in.load(Relaxed),
            frames_out: self.frames_out.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            ..Counters::default()
        }
    }
}
