//! The engine's durable side: log entries in the store, the sign mark beside the key.

use landsea_consensus::{Durable, SignMark};
use landsea_storage::Store;
use landsea_types::Height;

/// Keeps the sign mark outside the data folder. Failing to write it halts the process.
pub trait MarkKeeper: Send {
    /// The mark, if there is one.
    fn load(&self) -> Option<SignMark>;
    /// Replaces the mark durably before returning.
    fn store(&mut self, mark: SignMark);
}

/// A reader's mark: there is none, because it never signs.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMark;

impl MarkKeeper for NoMark {
    fn load(&self) -> Option<SignMark> {
        None
    }
    fn store(&mut self, mark: SignMark) {
        panic!("a node without a mark tried to sign at height {}", mark.height);
    }
}

/// Store and mark as the engine sees them for one step.
pub(super) struct EngineDisk<'a> {
    pub store: &'a mut dyn Store,
    pub marks: &'a mut dyn MarkKeeper,
}

impl Durable for EngineDisk<'_> {
    fn wal_append(&mut self, height: Height, seq: u64, entry: &[u8]) {
        self.store.wal_append(height, seq, entry);
    }
    fn flush(&mut self) {
        self.store.flush();
    }
    fn advance_mark(&mut self, mark: SignMark) {
        self.marks.store(mark);
    }
}
