//! Durable state: one RocksDB, the authenticated tree and the in-memory double.
//!
//! A decided height reaches the disk as one atomic, synced batch of changes ([`Store::commit`]): block, certificate,
//! outcomes, batches, state rows and leaves, the tree's changes, the end of the consensus WAL of that height and the new [`Tip`].
//! Everything written before (WAL entries, undecided batches and proposals, evidence) is durable only after
//! [`Store::flush`], and nothing may leave the node before the flush that covers it.
//!
//! # Layers
//! - [`disk`]: ordered columns of bytes with atomic changes and snapshots; [`disk::RocksDisk`] and [`disk::MemoryDisk`].
//! - [`tree`]: the authenticated tree, in pages; `jmt` is the oracle of its tests.
//! - [`store`]: what the node sees: [`Store`] for the replica, [`Reader`] and [`Snapshot`] for everybody else.
//! - [`replay`]: checks a whole store, for `landsea node verify`.
//!
//! # Invariants
//! - A failed read, write or flush halts the process ([`error::halt`]); it is never retried and never logged and passed over.
//! - After any crash a store opens at a height boundary, with the WAL entries that were flushed.
//! - Records that were synced are never silently missing: a store that lost some refuses to open.

#![forbid(unsafe_code)]

pub mod config;
pub mod disk;
pub mod error;
mod keys;
pub mod ledger;
pub mod replay;
pub mod store;
mod tables;
pub mod tree;

pub use config::StoreConfig;
pub use disk::{MemoryDisk, synced_writes};
pub use error::{DiskFault, OpenError};
pub use ledger::{LedgerStore, MemoryStore, RocksStore};
pub use store::{Commit, Reader, Snapshot, Store, Tip};
pub use tree::StagedTree;
