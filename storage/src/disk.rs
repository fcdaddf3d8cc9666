//! The seam below the store: ordered columns of bytes, atomic changes, snapshots, and one flush that makes all earlier changes durable.

mod mark;
mod memory;
mod rocks;
mod tail;

use crate::error::DiskFault;
use borsh::BorshSerialize;
pub use memory::{MemoryDisk, MemorySession, MemoryView};
pub use rocks::{RocksDisk, RocksView, synced_writes};

/// A key with its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// The columns of the store. What lies under which key is defined in `keys.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Chain, tip, genesis root, prune cursor.
    Meta,
    /// Blocks, certificates and outcomes by height.
    Blocks,
    /// Batches by digest with their heights, and undecided proposals.
    Batches,
    /// Consensus WAL by (height, sequence).
    Wal,
    /// Records of leaves by family and id.
    Leaves,
    /// Plain rows by table and key.
    Rows,
    /// Pages of the authenticated tree by (version, path), and the roots of the versions that wrote pages.
    Nodes,
    /// Pages by the version that replaced them.
    Stale,
    /// Changed leaves of the authenticated tree by height.
    Changed,
    /// Records of leaves as they were until a height replaced them.
    Replaced,
    /// Evidence of equivocation.
    Evidence,
}

impl Column {
    /// Every column; its number as an index is its place here.
    pub const ALL: [Column; 11] = [
        Column::Meta,
        Column::Blocks,
        Column::Batches,
        Column::Wal,
        Column::Leaves,
        Column::Rows,
        Column::Nodes,
        Column::Stale,
        Column::Changed,
        Column::Replaced,
        Column::Evidence,
    ];

    /// The name of the column family.
    pub const fn name(self) -> &'static str {
        match self {
            Column::Meta => "meta",
            Column::Blocks => "blocks",
            Column::Batches => "batches",
            Column::Wal => "wal",
            Column::Leaves => "leaves",
            Column::Rows => "rows",
            Column::Nodes => "nodes",
            Column::Stale => "stale",
            Column::Changed => "changed",
            Column::Replaced => "replaced",
            Column::Evidence => "evidence",
        }
    }
}

const _: () = {
    let mut place = 0;
    while place < Column::ALL.len() {
        assert!(Column::ALL[place] as usize == place, "a column's number is its place in the list");
        place += 1;
    }
};

/// One change of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Sets a key.
    Put { column: Column, key: &'a [u8], value: &'a [u8] },
    /// Removes a key; an absent one is fine.
    Delete { column: Column, key: &'a [u8] },
    /// Removes every key with `from <= key < until`.
    DeleteRange { column: Column, from: &'a [u8], until: &'a [u8] },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Put,
    Delete,
    DeleteRange,
}

/// Where the bytes of a change end: of its key or `from`, and of its value or `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Placed {
    kind: Kind,
    column: Column,
    middle: usize,
    end: usize,
}

/// Changes that become visible, and survive a crash, all together or not at all. Their bytes lie one behind the other in one piece of
/// memory: a height has tens of thousands of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    list: Vec<Placed>,
    bytes: Vec<u8>,
}

impl Changes {
    /// Sets a key.
    pub fn put(&mut self, column: Column, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.add(Kind::Put, column, key.as_ref(), value.as_ref());
    }
    /// Sets a key to the borsh encoding of a value.
    pub fn put_encoded(&mut self, column: Column, key: impl AsRef<[u8]>, value: &impl BorshSerialize) {
        self.bytes.extend_from_slice(key.as_ref());
        let middle = self.bytes.len();
        value.serialize(&mut self.bytes).expect("writing to a vector cannot fail");
        self.list.push(Placed { kind: Kind::Put, column, middle, end: self.bytes.len() });
    }
    /// Removes a key.
    pub fn delete(&mut self, column: Column, key: impl AsRef<[u8]>) {
        self.add(Kind::Delete, column, key.as_ref(), &[]);
    }
    /// Removes every key with `from <= key < until`.
    pub fn delete_range(&mut self, column: Column, from: impl AsRef<[u8]>, until: impl AsRef<[u8]>) {
        self.add(Kind::DeleteRange, column, from.as_ref(), until.as_ref());
    }
    fn add(&mut self, kind: Kind, column: Column, first: &[u8], second: &[u8]) {
        self.bytes.extend_from_slice(first);
        let middle = self.bytes.len();
        self.bytes.extend_from_slice(second);
        self.list.push(Placed { kind, column, middle, end: self.bytes.len() });
    }

    /// The changes in order.
    pub fn iter(&self) -> impl Iterator<Item = Change<'_>> {
        let mut begin = 0;
        self.list.iter().map(move |&Placed { kind, column, middle, end }| {
            let (first, second) = (&self.bytes[begin..middle], &self.bytes[middle..end]);
            begin = end;
            match kind {
                Kind::Put => Change::Put { column, key: first, value: second },
                Kind::Delete => Change::Delete { column, key: first },
                Kind::DeleteRange => Change::DeleteRange { column, from: first, until: second },
            }
        })
    }
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    /// Bytes of all keys and values, and of what a write adds to each.
    fn encoded_bytes(&self) -> usize {
        self.bytes.len() + self.list.len() * CHANGE_HEAD_BYTES
    }
}

/// What a change adds to its key and value in a write, at most: a tag, the column and two lengths.
const CHANGE_HEAD_BYTES: usize = 12;

/// Whether a write waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Returns once this write and all earlier ones would survive a power loss.
    Synced,
    /// Survives only after a later synced write or flush.
    Buffered,
}

/// Reads of one consistent or current state of the disk.
pub trait DiskRead {
    /// The value under a key.
    ///
    /// # Errors
    /// [`DiskFault`] when the disk fails or its checksum does not match.
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault>;

    /// At most `limit` rows with `from <= key < until`, in key order.
    ///
    /// # Errors
    /// As [`DiskRead::get`].
    fn scan(&self, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault>;

    /// Where the bytes lie, for messages.
    fn place(&self) -> String;
}

impl<T: DiskRead> DiskRead for &T {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
        (**self).get(column, key)
    }
    fn scan(&self, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
        (**self).scan(column, from, until, limit)
    }
    fn place(&self) -> String {
        (**self).place()
    }
}

/// A disk that one store writes and many readers take snapshots of. Clones share the disk.
pub trait Disk: DiskRead + Clone + Send + Sync + 'static {
    /// A consistent view that later writes do not change.
    type View: DiskRead + Send + Sync + 'static;

    /// Applies all changes or none.
    ///
    /// # Errors
    /// [`DiskFault`]; nothing may be written afterwards.
    fn write(&self, changes: Changes, durability: Durability) -> Result<(), DiskFault>;

    /// Adds rows in key order to a column, past the log: they are durable when this returns, whether or not earlier writes are. It is
    /// for many rows that nothing refers to yet; should the process end before something does, they are there all the same.
    ///
    /// # Errors
    /// [`DiskFault`]; nothing may be written afterwards.
    fn load(&self, column: Column, rows: Vec<Row>) -> Result<(), DiskFault>;

    /// Makes every earlier write durable.
    ///
    /// # Errors
    /// [`DiskFault`]; nothing may be written afterwards.
    fn flush(&self) -> Result<(), DiskFault>;

    /// Takes a snapshot.
    ///
    /// # Errors
    /// [`DiskFault`] when the disk is gone.
    fn view(&self) -> Result<Self::View, DiskFault>;
}
