//! Every bound of the RPC edge that no configuration changes, with how they relate. Numbers of connections, quotas and the times for a
//! request's head and body are in [`LimitsConfig`](crate::config::LimitsConfig).

use landsea_types::bounds::{SUBMIT_BATCH_BYTES_MAX, SUBMIT_BATCH_TRANSACTIONS_MAX};
use std::time::Duration;

/// Largest request body or WebSocket message: a batch of transactions as hex, with room for quotes and the envelope.
pub(super) const REQUEST_BYTES_MAX: u32 =
    2 * SUBMIT_BATCH_BYTES_MAX as u32 + 4 * SUBMIT_BATCH_TRANSACTIONS_MAX as u32 + 4_096;
/// Largest body that is read of a party which has spent its quota.
pub(super) const SPENT_BODY_BYTES_MAX: u64 = 16 * 1024;
/// Largest answer: a block's ids or a page of events.
pub(super) const RESPONSE_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Largest head of a request, and what is read of a connection at once.
pub(super) const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Headers of one request.
pub(super) const HEADERS_MAX: usize = 64;
/// Calls in one JSON-RPC batch.
pub(super) const CALLS_PER_BATCH_MAX: u32 = 64;
/// Calls of one connection that are under way or whose answers it has not taken; only a WebSocket can ask for more than one.
pub(super) const CALLS_AT_ONCE_MAX: usize = 128;
/// Subscriptions of one connection.
pub(super) const SUBSCRIPTIONS_MAX: u32 = 16;
/// Messages that wait for a WebSocket to take them.
pub(super) const MESSAGES_WAITING_MAX: u32 = 8;
/// Bytes of requests under way and of answers that are not taken, of one connection, of one address and of all.
pub(super) const OWED_BYTES_PER_CONNECTION_MAX: usize = 8 * 1024 * 1024;
pub(super) const OWED_BYTES_PER_ADDRESS_MAX: usize = 32 * 1024 * 1024;
pub(super) const OWED_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Requests and answers that are let through beyond those bounds; their number is bounded by that of calls.
pub(super) const SMALL_ANSWER_BYTES_MAX: usize = 4 * 1024;
/// Reads of many heights or records at the same time, of all parties. A party has one.
pub(super) const LONG_READS_MAX: usize = 2;
/// Threads that read the disk for clients; a node that stops takes one too.
pub(crate) const BLOCKING_THREADS_MAX: usize = 8;
/// Heights that are looked at for the price of one request.
pub(super) const HEIGHTS_PER_REQUEST: u64 = 100;
/// Parties and addresses whose quotas are remembered. Whoever is forgotten begins with a full one.
pub(super) const QUOTAS_MAX: usize = 16_384;
/// Tokens whose signature is known to hold.
pub(super) const TOKENS_MAX: usize = 4_096;
/// Connections of the operator's and of the metrics' listener, and of one address among them.
pub(super) const OPERATOR_CONNECTIONS_MAX: u32 = 32;

/// How long `submit_and_wait` waits for the commit.
pub(super) const COMMIT_WAIT: Duration = Duration::from_secs(60);
/// How long one call, or one batch of calls, may take in all.
pub(super) const ANSWER_TIME: Duration = Duration::from_secs(75);
/// How long a long read waits for a place.
pub(super) const LONG_READ_WAIT: Duration = Duration::from_secs(10);
/// How long a subscription far behind waits when the quota is spent.
pub(super) const SPENT_PAUSE: Duration = Duration::from_secs(1);
/// How long a TLS handshake may take.
pub(super) const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a connection may take no byte of its answer.
pub(super) const WRITE_TIME: Duration = Duration::from_secs(30);
/// Between two pings of a WebSocket.
pub(super) const PING_EVERY: Duration = Duration::from_secs(30);
/// A WebSocket client that is gone without a word must not hold its connection for ever; a starved one gets its time.
pub(super) const PONG_TIME: Duration = Duration::from_secs(90);
/// Pings that may stay unanswered for that long.
pub(super) const PONGS_MISSED_MAX: usize = 2;
/// How long open connections are given when the node stops.
pub(super) const STOP_TIME: Duration = Duration::from_secs(2);
/// Pause after a connection could not be accepted, for want of file descriptors as a rule.
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often the files of TLS are looked at.
pub(super) const RELOAD_EVERY: Duration = Duration::from_secs(5);

const _: () = assert!(COMMIT_WAIT.as_secs() < ANSWER_TIME.as_secs());
const _: () = assert!(LONG_READ_WAIT.as_secs() < ANSWER_TIME.as_secs());
const _: () = assert!(2 * LONG_READS_MAX <= BLOCKING_THREADS_MAX);
const _: () = assert!(PING_EVERY.as_secs() < PONG_TIME.as_secs());
const _: () = assert!(STOP_TIME.as_secs() < HANDSHAKE_TIME.as_secs());
const _: () = assert!(REQUEST_BYTES_MAX < RESPONSE_BYTES_MAX);
const _: () = assert!((REQUEST_BYTES_MAX + RESPONSE_BYTES_MAX) as usize <= OWED_BYTES_PER_CONNECTION_MAX);
const _: () = assert!(OWED_BYTES_PER_CONNECTION_MAX < OWED_BYTES_PER_ADDRESS_MAX);
const _: () = assert!(OWED_BYTES_PER_ADDRESS_MAX < OWED_BYTES_MAX);
