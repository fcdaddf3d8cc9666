//! Faults of the disk, and what to do next about each.

use landsea_types::ChainId;
use std::path::{Path, PathBuf};

/// A read, write or sync that failed, or bytes that do not decode. It is a local fault: the process halts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action} failed in {place}: {detail}")]
pub struct DiskFault {
    /// What was attempted, such as "read of blocks".
    pub action: String,
    /// The data folder, or the name of the memory disk.
    pub place: String,
    /// What the disk answered.
    pub detail: String,
}

/// Why a store cannot be opened. The text names the next command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Bytes in the middle are damaged, or records that were synced are missing.
    #[error(
        "the store in {place} is damaged: {detail}. It is not opened, because it could have lost committed heights. \
         Next: run `landsea node verify --data {place}` for the details, then move the folder away and start the node again; \
         it restores itself from its peers by block sync"
    )]
    Damaged {
        /// The data folder.
        place: String,
        /// What is wrong.
        detail: String,
    },
    /// The processor cannot run RocksDB as it was built here.
    #[error(
        "this processor lacks {lacks}, with which RocksDB was built. Nothing was changed. Next: run the node on a processor that has it \
         (x86-64 servers since 2011; in a virtual machine choose a newer processor model), or remove the flags from `.cargo/config.toml` \
         and build again"
    )]
    Processor {
        /// Names of the missing instructions.
        lacks: &'static str,
    },
    /// Another process holds the folder.
    #[error(
        "the store in {place} is in use by another process: {detail}. Next: stop the other node, or give this one another \
         folder with `--data`"
    )]
    Locked {
        /// The data folder.
        place: String,
        /// What the lock answered.
        detail: String,
    },
    /// The folder belongs to another chain.
    #[error(
        "the store in {place} holds chain {found}, but the genesis file is that of chain {expected}. Next: give the genesis \
         file of that chain, or another folder with `--data`"
    )]
    WrongChain {
        /// The data folder.
        place: String,
        /// The chain that was asked for.
        expected: ChainId,
        /// The chain whose data lies there.
        found: ChainId,
    },
    /// Another release wrote the records in another format.
    #[error(
        "the store in {place} has format {found}, this release reads format {known}. Nothing was changed. Next: run the release \
         that wrote it; to try this one, make a new network (`landsea testnet up --dir DIR`) or give another folder with `--data`"
    )]
    Format {
        /// The data folder.
        place: String,
        /// The format of the store.
        found: u32,
        /// The format of this release.
        known: u32,
    },
    /// The operating system refused.
    #[error("the store in {place} cannot be opened: {detail}. Next: check permissions and free space of that folder")]
    Io {
        /// The data folder.
        place: String,
        /// What the system answered.
        detail: String,
    },
}

impl OpenError {
    pub(crate) fn io(place: &Path, error: &std::io::Error) -> Self {
        Self::Io { place: place.display().to_string(), detail: error.to_string() }
    }
    pub(crate) fn damaged(place: &Path, detail: impl Into<String>) -> Self {
        Self::Damaged { place: place.display().to_string(), detail: detail.into() }
    }
}

impl From<DiskFault> for OpenError {
    /// A fault while opening leaves the process running: the caller prints it and exits.
    fn from(fault: DiskFault) -> Self {
        let detail = format!("{}: {}", fault.action, fault.detail);
        Self::Damaged { place: fault.place, detail }
    }
}

/// Stops the process by panicking with the fault and the next command to run. The panic hook of `main` aborts.
pub fn halt(fault: &DiskFault) -> ! {
    tracing::error!(action = fault.action, place = fault.place, detail = fault.detail, "storage fault");
    panic!(
        "storage fault: {fault}. The node stops, so that nothing it cannot keep is published. Next: free or replace the disk \
         if it is full or broken, then run `landsea node verify --data {}`; if that reports damage, move the folder away and \
         start the node again: it restores itself from its peers by block sync",
        fault.place
    )
}

/// Unwraps a disk answer or halts.
pub(crate) fn must<T>(answer: Result<T, DiskFault>) -> T {
    answer.unwrap_or_else(|fault| halt(&fault))
}

/// The path of the RocksDB inside a data folder.
pub(crate) fn database_path(folder: &Path) -> PathBuf {
    folder.join("rocksdb")
}
