//! The store over any disk: which keys each operation writes, and what a commit consists of.

mod commit;
mod hot;
mod read;
mod replaced;

use crate::config::StoreConfig;
use crate::disk::{Changes, Column, Disk, Durability, MemoryDisk, MemorySession, RocksDisk};
use crate::error::{DiskFault, OpenError, must};
use crate::keys;
use crate::store::{Commit, Reader, Store, Tip};
use crate::tables::{Pruned, Tables, encode};
use crate::tree::{StagedTree, StateTree, leaf_changes};
use hot::HotLeaves;
use landsea_types::consensus::Evidence;
use landsea_types::state::Write;
use landsea_types::{Batch, BatchId, Block, BlockId, ChainId, Hash, Height, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Rows read at once when all are read.
const ROWS_PER_READ: usize = 1_000;

/// The store on RocksDB.
pub type RocksStore = LedgerStore<RocksDisk>;
/// The store on a [`MemoryDisk`].
pub type MemoryStore = LedgerStore<MemorySession>;

/// A [`Store`] over a disk.
///
/// # Invariants
/// - `tip` is the tip on the disk, and `tree` the tree of its height.
/// - `hot` holds leaves of the tip only.
/// - `undecided` and `proposed` name exactly the undecided batches and proposals on the disk.
/// - `is_dirty` when a write waits for a flush.
#[derive(Debug)]
pub struct LedgerStore<D> {
    tables: Tables<D>,
    config: StoreConfig,
    tip: Tip,
    tree: StateTree,
    hot: HotLeaves,
    pruned: Pruned,
    undecided: BTreeSet<BatchId>,
    proposed: BTreeMap<BlockId, Height>,
    is_dirty: bool,
}

impl RocksStore {
    /// Opens or creates the store in a data folder. It is locked until the store and all its readers are dropped.
    ///
    /// # Errors
    /// See [`OpenError`]; the text names the next command.
    pub fn open(folder: impl AsRef<Path>, config: StoreConfig) -> Result<Self, OpenError> {
        Self::over(RocksDisk::open(folder.as_ref(), &config)?, config)
    }
}

impl MemoryStore {
    /// Opens the store on a memory disk. A store opened on it before is dead from here on.
    ///
    /// # Errors
    /// [`OpenError::Damaged`] when the disk was told to corrupt what opening reads.
    pub fn open(disk: &MemoryDisk, config: StoreConfig) -> Result<Self, OpenError> {
        Self::over(disk.open(), config)
    }
}

impl<D: Disk> LedgerStore<D> {
    /// Opens the store on any disk.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn over(disk: D, config: StoreConfig) -> Result<Self, OpenError> {
        let tables = Tables(disk);
        let tip = tables.tip()?.unwrap_or_default();
        check_format(&tables, &tip)?;
        let tree = match tip == Tip::default() {
            true => StateTree::empty(&config),
            false => StateTree::open(&tables.0, tip.height, tip.state_root, &config)?,
        };
        tree.drop_orphans(&tables.0)?;
        let pruned = tables.pruned()?;
        let undecided = tables.undecided()?.into_iter().collect();
        let proposed = tables.all_proposed()?.iter().map(|block| (block.id(), block.header.height)).collect();
        // What an earlier process wrote without a flush may be visible but not durable.
        let hot = HotLeaves::new(config.leaf_cache_bytes);
        Ok(Self { tables, config, tip, tree, hot, pruned, undecided, proposed, is_dirty: true })
    }

    fn disk(&self) -> &D {
        &self.tables.0
    }

    fn write_buffered(&mut self, changes: Changes) {
        must(self.disk().write(changes, Durability::Buffered));
        self.is_dirty = true;
    }

    fn write_synced(&mut self, changes: Changes) {
        must(self.disk().write(changes, Durability::Synced));
        self.is_dirty = false;
    }

    fn is_initialised(&self) -> bool {
        self.tip != Tip::default()
    }

    fn expect_chain(&self, expected: ChainId) -> Result<(), OpenError> {
        let found = self.tip.chain;
        if found == expected {
            return Ok(());
        }
        Err(OpenError::WrongChain { place: crate::disk::DiskRead::place(self.disk()), expected, found })
    }

    /// Reads every row, so that the disk checks all its checksums; returns their number. For `landsea node verify`.
    ///
    /// # Errors
    /// The first [`DiskFault`].
    pub fn read_all(&self) -> Result<u64, DiskFault> {
        Column::ALL.iter().map(|column| self.read_column(*column)).sum()
    }

    fn read_column(&self, column: Column) -> Result<u64, DiskFault> {
        let (mut from, mut rows) = (Vec::new(), 0);
        loop {
            let page = self.disk().scan(column, &from, &[0xff; 80], ROWS_PER_READ)?;
            rows += page.len() as u64;
            let Some((last, _)) = page.last() else { return Ok(rows) };
            from = [last.as_slice(), &[0]].concat();
        }
    }

    /// Checks the indexes in memory against the disk, for tests.
    ///
    /// # Panics
    /// When an invariant of the type does not hold.
    pub fn validate(&self) {
        assert_eq!(must(self.tables.tip()).unwrap_or_default(), self.tip, "the tip in memory differs from the disk");
        let undecided: BTreeSet<_> = must(self.tables.undecided()).into_iter().collect();
        assert_eq!(undecided, self.undecided, "the undecided batches in memory differ from the disk");
        let proposed: BTreeMap<_, _> =
            must(self.tables.all_proposed()).iter().map(|block| (block.id(), block.header.height)).collect();
        assert_eq!(proposed, self.proposed, "the proposals in memory differ from the disk");
    }
}

/// A store that another release began is left alone: its records would be misread.
fn check_format<D: Disk>(tables: &Tables<D>, tip: &Tip) -> Result<(), OpenError> {
    let (found, known) = (tables.format()?, keys::FORMAT);
    if *tip == Tip::default() || found == known {
        return Ok(());
    }
    Err(OpenError::Format { place: crate::disk::DiskRead::place(&tables.0), found, known })
}

impl<D: Disk> Store for LedgerStore<D> {
    fn tip(&self) -> Tip {
        self.tip.clone()
    }

    fn initialise(&mut self, genesis_writes: &[Write], chain: ChainId, time: Timestamp) -> Result<Hash, OpenError> {
        if self.is_initialised() {
            self.expect_chain(chain)?;
            return Ok(self.tables.genesis_root()?.expect("the genesis root is written with the first tip"));
        }
        self.write_genesis(genesis_writes, chain, time);
        Ok(self.tip.state_root)
    }

    fn stage(&self, writes: &[Write]) -> StagedTree {
        self.tree.stage(self.disk(), self.tip.height.next(), &leaf_changes(writes))
    }

    fn commit(&mut self, commit: Commit) {
        assert!(self.is_initialised(), "a commit needs the genesis state");
        self.commit_height(commit);
    }

    fn wal_append(&mut self, height: Height, seq: u64, entry: &[u8]) {
        let mut changes = Changes::default();
        changes.put(Column::Wal, keys::wal(height, seq), entry);
        self.write_buffered(changes);
    }

    fn wal_entries(&self, height: Height) -> Vec<Vec<u8>> {
        must(self.tables.wal(height))
    }

    fn put_batch(&mut self, batch: &Batch) {
        let id = batch.id();
        if self.has_batch(&id) {
            return;
        }
        let mut changes = Changes::default();
        changes.put_encoded(Column::Batches, keys::batch(&id), batch);
        changes.put_encoded(Column::Batches, keys::undecided(&id), &id);
        self.write_buffered(changes);
        self.undecided.insert(id);
    }

    fn batch(&self, id: &BatchId) -> Option<Batch> {
        must(self.tables.batch(id))
    }

    fn has_batch(&self, id: &BatchId) -> bool {
        self.undecided.contains(id) || self.batch_height(id).is_some()
    }

    fn batch_height(&self, id: &BatchId) -> Option<Height> {
        must(self.tables.batch_height(id))
    }

    fn undecided_batches(&self) -> Vec<Batch> {
        let body = |id| self.batch(id).expect("an undecided batch is written together with its mark");
        self.undecided.iter().map(body).collect()
    }

    fn drop_batches(&mut self, ids: &[BatchId]) {
        let mut changes = Changes::default();
        for id in ids {
            if self.undecided.remove(id) {
                changes.delete(Column::Batches, keys::batch(id));
                changes.delete(Column::Batches, keys::undecided(id));
            }
        }
        if !changes.is_empty() {
            self.write_buffered(changes);
        }
    }

    fn put_block(&mut self, block: &Block) {
        let id = block.id();
        let height = block.header.height;
        if height <= self.tip.height || self.proposed.contains_key(&id) {
            return;
        }
        let mut changes = Changes::default();
        changes.put_encoded(Column::Batches, keys::proposed(&id), block);
        self.write_buffered(changes);
        self.proposed.insert(id, height);
    }

    fn proposed_block(&self, id: &BlockId) -> Option<Block> {
        must(self.tables.proposed(id))
    }

    fn put_evidence(&mut self, evidence: &Evidence) {
        let bytes = encode(evidence);
        let height = match evidence {
            Evidence::Votes { first, .. } => first.message.height,
            Evidence::Proposals { first, .. } => first.message.height,
        };
        let mut changes = Changes::default();
        changes.put(Column::Evidence, keys::evidence(height, blake3::hash(&bytes).as_bytes()), bytes);
        self.write_buffered(changes);
    }

    fn evidence(&self) -> Vec<Evidence> {
        must(self.tables.evidence())
    }

    fn flush(&mut self) {
        if self.is_dirty {
            must(self.disk().flush());
            self.is_dirty = false;
        }
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(read::LedgerReader::new(self.disk().clone(), self.tree.versions()))
    }
}
