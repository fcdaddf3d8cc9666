//! Every bound of the system, in one place, with the relations between them checked at compile time.

/// Largest encoded transaction, bytes.
pub const TRANSACTION_BYTES_MAX: usize = 64 * 1024;
/// Most operations in one transaction.
pub const OPERATIONS_MAX: usize = 16;
/// Most consents in one transaction.
pub const CONSENTS_MAX: usize = 64;
/// Most lots under one document.
pub const LOTS_MAX: usize = 256;
/// Most goods keys under one document.
pub const GOODS_KEYS_MAX: usize = 64;
/// Most legs of a through bill.
pub const LEGS_MAX: usize = 32;
/// Most documents that one pledge takes up.
pub const PLEDGE_DOCS_MAX: usize = 16;
/// Most documents in one pledge after some have been split.
pub const PLEDGE_PARTS_MAX: usize = 256;
/// Most keys of a party, ended ones included.
pub const PARTY_KEYS_MAX: usize = 64;
/// Most delegations of a party.
pub const DELEGATIONS_MAX: usize = 32;
/// Most tags of a party.
pub const PARTY_TAGS_MAX: usize = 64;
/// Most documents that one split makes.
pub const SPLIT_CHILDREN_MAX: usize = 64;
/// Most lots in one warehouse cell.
pub const CELL_LOTS_MAX: usize = 256;
/// Most objects on which one hold stands, after splits.
pub const HOLD_TARGETS_MAX: usize = 512;
/// Most holds that stand on one object or wait for it.
pub const HOLDS_PER_TARGET_MAX: usize = 64;
/// Most disputes among them, so that nobody can dispute an object out of reach of the authorities.
pub const DISPUTES_PER_TARGET_MAX: usize = 32;
/// Most use marks on one piece of evidence.
pub const USE_MARKS_MAX: usize = 256;
/// Most lots in one cargo event.
pub const EVENT_LOTS_MAX: usize = 64;
/// Most earlier pledgees that a pledge remembers.
pub const ASSIGNMENTS_MAX: usize = 64;
/// Most licences of a party.
pub const PARTY_LICENCES_MAX: usize = 64;
/// Most attestations in one case.
pub const ATTESTATIONS_MAX: usize = 64;
/// Most tags an attester publishes in one operation.
pub const TAGS_MAX: usize = 512;
/// Most tags in one case, over all its attestations.
pub const CASE_TAGS_MAX: usize = 4_096;
/// Most near-match combinations of a document.
pub const NEAR_COMBOS: usize = 8;
/// Most documents remembered under one near-match combination.
pub const NEAR_DOCS_MAX: usize = 16;
/// Due items handled by the sweep at the end of one block.
pub const SWEEP_ITEMS_MAX: usize = 1_000;

/// Most transactions that a client submits in one call.
pub const SUBMIT_BATCH_TRANSACTIONS_MAX: usize = 500;
/// Largest sum of their bytes.
pub const SUBMIT_BATCH_BYTES_MAX: usize = 512 * 1024;
/// Largest encoded batch, bytes.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// Most transactions in one batch.
pub const BATCH_TRANSACTIONS_MAX: usize = 1_000;
/// Most batches in one block.
pub const BLOCK_BATCHES_MAX: usize = 64;
/// Most transactions in one block.
pub const BLOCK_TRANSACTIONS_MAX: usize = 4_000;
/// Largest sum of batch bytes in one block.
pub const BLOCK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Signatures checked as one group.
pub const BATCH_VERIFY_MAX: usize = 1_024;

/// Largest consensus message (vote, proposal, certificate), bytes.
pub const CONSENSUS_MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Largest block header with its batch digests, bytes.
pub const BLOCK_MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// Largest answer to a fetch or block-sync request, bytes.
pub const FETCH_MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Bytes of committed blocks that a node sends to one member in a second.
pub const BLOCK_SYNC_BYTES_PER_SECOND_MAX: usize = 32 * 1024 * 1024;
/// What the smallest answer to a block-sync request counts, bytes.
pub const BLOCK_SYNC_ANSWER_BYTES_MIN: usize = 16 * 1024;

/// Unordered transactions a node holds, all origins.
pub const MEMPOOL_TRANSACTIONS_MAX: usize = 20_000;
/// Bytes of transactions that a node holds for its own clients before they are in a batch.
pub const MEMPOOL_PENDING_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Undecided batches a node holds per origin.
pub const MEMPOOL_BATCHES_PER_ORIGIN_MAX: usize = 64;
/// Heights ahead for which consensus messages are buffered.
pub const FUTURE_HEIGHTS_MAX: u64 = 4;
/// Consensus messages buffered per peer for future heights.
pub const FUTURE_MESSAGES_PER_PEER_MAX: usize = 256;
/// Unmatched headers kept per peer.
pub const HEADERS_PER_PEER_MAX: usize = 2;
/// Executed block overlays kept in memory.
pub const OVERLAYS_MAX: usize = 8;
/// Members of a network, at most.
pub const MEMBERS_MAX: usize = 64;
/// Results of one page of a query.
pub const PAGE_MAX: usize = 500;
/// Events read for one subscriber before reading waits until they are sent.
pub const SUBSCRIBER_QUEUE_MAX: usize = 1_024;

/// Heights ahead that `valid_until` may lie (parameter's upper limit).
pub const VALID_UNTIL_HEIGHTS_MAX: u64 = 1_000;
/// Siblings in one state proof.
pub const PROOF_SIBLINGS_MAX: usize = 256;
/// Largest certificate accepted by the verifier, bytes of JSON or borsh.
pub const CERTIFICATE_BYTES_MAX: usize = 4 * 1024 * 1024;

const _: () = assert!(TRANSACTION_BYTES_MAX <= BATCH_BYTES_MAX);
const _: () = assert!(TRANSACTION_BYTES_MAX <= SUBMIT_BATCH_BYTES_MAX && SUBMIT_BATCH_BYTES_MAX <= BATCH_BYTES_MAX);
const _: () = assert!(SUBMIT_BATCH_TRANSACTIONS_MAX <= BATCH_TRANSACTIONS_MAX);
const _: () = assert!(BATCH_BYTES_MAX <= BLOCK_BYTES_MAX);
const _: () = assert!(BATCH_BYTES_MAX <= MEMPOOL_PENDING_BYTES_MAX);
const _: () = assert!(BATCH_TRANSACTIONS_MAX <= BLOCK_TRANSACTIONS_MAX);
const _: () = assert!(BLOCK_BYTES_MAX < FETCH_MESSAGE_BYTES_MAX);
const _: () = assert!(BLOCK_BATCHES_MAX * 32 + 4096 <= BLOCK_MESSAGE_BYTES_MAX);
const _: () = assert!(GOODS_KEYS_MAX <= LOTS_MAX);
const _: () = assert!(TAGS_MAX <= CASE_TAGS_MAX);
const _: () = assert!(DISPUTES_PER_TARGET_MAX < HOLDS_PER_TARGET_MAX);
