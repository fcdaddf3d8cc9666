//! Stores and disks that do one thing otherwise than in production.

use landsea_storage::disk::{Changes, Column, Disk, DiskRead, Durability, MemorySession, MemoryView, Row};
use landsea_storage::{
    Commit, DiskFault, LedgerStore, MemoryDisk, MemoryStore, OpenError, Reader, StagedTree, Store, StoreConfig, Tip,
};
use landsea_types::consensus::Evidence;
use landsea_types::state::{Family, Leaf, StateRead, Table, Write};
use landsea_types::{Batch, BatchId, Block, BlockId, ChainId, Hash, Height, Timestamp};
use std::sync::Arc;

/// What a store does otherwise. The default of each function is the store's own way.
pub(super) trait StoreChange: Send {
    /// The tip that the replica is told.
    fn tip(&self, tip: Tip) -> Tip {
        tip
    }
    /// What happens when the replica wants its writes durable.
    fn flush(&mut self, store: &mut dyn Store) {
        store.flush();
    }
    /// The log entries that the replica is told.
    fn wal_entries(&self, height: Height, entries: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let _ = height;
        entries
    }
    /// Where a log entry is kept that the replica numbers so.
    fn wal_seq(&self, seq: u64) -> u64 {
        seq
    }
    /// What the replica reads as a leaf.
    fn leaf(&self, store: &dyn Store, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        store.leaf(family, id)
    }
    /// What the replica reads as a row.
    fn row(&self, store: &dyn Store, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        store.row(table, key)
    }
}

/// A store with a change.
pub(super) struct Wrapped<C> {
    store: MemoryStore,
    change: C,
}

/// Opens a member's disk with a change of its store.
///
/// # Errors
/// As [`MemoryStore::open`].
pub(super) fn open_changed(disk: &MemoryDisk, change: impl StoreChange + 'static) -> Result<Box<dyn Store>, OpenError> {
    let store = MemoryStore::open(disk, StoreConfig::default())?;
    Ok(Box::new(Wrapped { store, change }))
}

impl<C: StoreChange> StateRead for Wrapped<C> {
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        self.change.leaf(&self.store, family, id)
    }
    fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        self.change.row(&self.store, table, key)
    }
    fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<Row> {
        self.store.scan(table, from, until, limit)
    }
}

impl<C: StoreChange> Store for Wrapped<C> {
    fn tip(&self) -> Tip {
        self.change.tip(self.store.tip())
    }
    fn initialise(&mut self, genesis_writes: &[Write], chain: ChainId, time: Timestamp) -> Result<Hash, OpenError> {
        self.store.initialise(genesis_writes, chain, time)
    }
    fn stage(&self, writes: &[Write]) -> StagedTree {
        self.store.stage(writes)
    }
    fn commit(&mut self, commit: Commit) {
        self.store.commit(commit);
    }
    fn wal_append(&mut self, height: Height, seq: u64, entry: &[u8]) {
        self.store.wal_append(height, self.change.wal_seq(seq), entry);
    }
    fn wal_entries(&self, height: Height) -> Vec<Vec<u8>> {
        self.change.wal_entries(height, self.store.wal_entries(height))
    }
    fn put_batch(&mut self, batch: &Batch) {
        self.store.put_batch(batch);
    }
    fn batch(&self, id: &BatchId) -> Option<Batch> {
        self.store.batch(id)
    }
    fn has_batch(&self, id: &BatchId) -> bool {
        self.store.has_batch(id)
    }
    fn batch_height(&self, id: &BatchId) -> Option<Height> {
        self.store.batch_height(id)
    }
    fn undecided_batches(&self) -> Vec<Batch> {
        self.store.undecided_batches()
    }
    fn drop_batches(&mut self, ids: &[BatchId]) {
        self.store.drop_batches(ids);
    }
    fn put_block(&mut self, block: &Block) {
        self.store.put_block(block);
    }
    fn proposed_block(&self, id: &BlockId) -> Option<Block> {
        self.store.proposed_block(id)
    }
    fn put_evidence(&mut self, evidence: &Evidence) {
        self.store.put_evidence(evidence);
    }
    fn evidence(&self) -> Vec<Evidence> {
        self.store.evidence()
    }
    fn flush(&mut self) {
        self.change.flush(&mut self.store);
    }
    fn reader(&self) -> Arc<dyn Reader> {
        self.store.reader()
    }
}

/// How a disk writes.
pub(super) type WriteWay = fn(&MemorySession, Changes, Durability) -> Result<(), DiskFault>;

/// A disk that writes in a way of its own.
#[derive(Clone)]
pub(super) struct OddDisk {
    session: MemorySession,
    way: WriteWay,
}

/// Opens a member's disk so that its store writes in another way.
///
/// # Errors
/// As [`LedgerStore::over`].
pub(super) fn open_writing(disk: &MemoryDisk, way: WriteWay) -> Result<Box<dyn Store>, OpenError> {
    let disk = OddDisk { session: disk.open(), way };
    Ok(Box::new(LedgerStore::over(disk, StoreConfig::default())?))
}

impl DiskRead for OddDisk {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
        self.session.get(column, key)
    }
    fn scan(&self, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
        self.session.scan(column, from, until, limit)
    }
    fn place(&self) -> String {
        self.session.place()
    }
}

impl Disk for OddDisk {
    type View = MemoryView;

    fn write(&self, changes: Changes, durability: Durability) -> Result<(), DiskFault> {
        (self.way)(&self.session, changes, durability)
    }
    fn load(&self, column: Column, rows: Vec<Row>) -> Result<(), DiskFault> {
        self.session.load(column, rows)
    }
    fn flush(&self) -> Result<(), DiskFault> {
        self.session.flush()
    }
    fn view(&self) -> Result<MemoryView, DiskFault> {
        self.session.view()
    }
}
