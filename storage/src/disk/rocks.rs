//! One RocksDB: the only file that imports it.

use super::mark::SyncMark;
use super::tail::find_recycled;
use super::{Change, Changes, Column, Disk, DiskRead, Durability, Row};
use crate::config::StoreConfig;
use crate::error::{DiskFault, OpenError, database_path};
use crate::keys::combination;
use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamily, ColumnFamilyDescriptor, DB, DBCompressionType,
    DBRecoveryMode, Direction, ErrorKind, IngestExternalFileOptions, IteratorMode, LogLevel, Options, ReadOptions,
    SliceTransform, SnapshotWithThreadMode, SstFileWriter, WriteBatch, WriteOptions,
};
use self_cell::self_cell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Background threads for flushes and compactions. Fifteen nodes share one laptop.
const BACKGROUND_JOBS: i32 = 2;
/// One memtable of one family, bytes; all together are bounded by [`StoreConfig::write_buffer_bytes`].
const FAMILY_WRITE_BUFFER_BYTES: usize = 16 << 20;
/// What an empty memtable allocates, bytes. The default is an eighth of the write buffer.
const ARENA_BLOCK_BYTES: usize = 64 << 10;
/// Tables of the newest level before they are merged with the next: their filters make them cheap to ask, merging is not.
const NEWEST_TABLES_MAX: i32 = 8;
/// Values of the column of batches from this size lie outside its tables and are never merged, bytes.
const BLOB_BYTES_MIN: u64 = 512;
/// Part of a memtable given to its filter.
const MEMTABLE_FILTER_SHARE: f64 = 0.05;
/// Parts of the list of open table files, as a power of two. Each part has its own bound: in 64, the default, some overflow long before
/// the whole does.
const OPEN_FILES_PARTS: i32 = 3;
/// Has a memtable look for a key's place from where it put the last one with the same first byte: a write is sorted by table and key, so
/// that its places lie close together. The binding has no setter for this one.
const PLACES_NEARBY: &str = "memtable_insert_with_hint_prefix_extractor=rocksdb.CappedPrefix.1";
/// RocksDB's own text logs: number and bytes of each.
const TEXT_LOGS: (usize, usize) = (2, 1 << 20);
/// The file in a data folder whose rows go into the database as a table of their own.
const LOADED_FILE: &str = "loaded.sst";
/// A part of a table's index, bytes.
const METADATA_BLOCK_BYTES: usize = 4 << 10;
/// Levels of tables, from the newest, that are not worth compressing: they are written again soon.
const PLAIN_LEVELS: usize = 2;
/// All levels of tables.
const LEVELS: usize = 7;
/// Bits per key of the filters that spare reads of absent keys. They stay in memory while a table is open.
const FILTER_BITS: f64 = 10.0;

/// Synced writes and flushes of this process.
static SYNCS: AtomicU64 = AtomicU64::new(0);

/// How often this process has waited for a database to be synced. What RocksDB syncs by itself while it compacts is not counted.
pub fn synced_writes() -> u64 {
    SYNCS.load(Relaxed)
}

#[derive(Debug)]
struct Inner {
    db: DB,
    mark: Mutex<SyncMark>,
    folder: PathBuf,
}

/// A RocksDB in a data folder, with its sync mark. Clones share it; the lock is released with the last one.
#[derive(Clone, Debug)]
pub struct RocksDisk(Arc<Inner>);

impl RocksDisk {
    /// Opens or creates the database in `folder`.
    ///
    /// # Errors
    /// [`OpenError::Processor`], [`OpenError::Locked`], [`OpenError::Damaged`] (also when synced records are missing) or
    /// [`OpenError::Io`].
    pub fn open(folder: &Path, config: &StoreConfig) -> Result<Self, OpenError> {
        check_processor()?;
        std::fs::create_dir_all(folder).map_err(|error| OpenError::io(folder, &error))?;
        let mark = open_mark(folder)?;
        check_tails(folder)?;
        let cache = Cache::new_lru_cache(config.block_cache_bytes);
        let families = Column::ALL.map(|c| ColumnFamilyDescriptor::new(c.name(), family_options(c, &cache)));
        let db = DB::open_cf_descriptors(&database_options(config), database_path(folder), families)
            .map_err(|error| classify(folder, &error))?;
        check_mark(folder, &db, &mark)?;
        Ok(Self(Arc::new(Inner { db, mark: Mutex::new(mark), folder: folder.to_path_buf() })))
    }

    fn advance_mark(&self, sequence: u64) -> Result<(), DiskFault> {
        // The mark is a plain number and a file; a panic elsewhere cannot leave it half changed.
        let mut mark = self.0.mark.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = mark.advance(sequence);
        answer.map_err(|error| self.0.fault(&format!("write of {}", mark.path().display()), &error.to_string()))
    }
}

impl Inner {
    fn fault(&self, action: &str, detail: &str) -> DiskFault {
        DiskFault { action: action.into(), place: self.folder.display().to_string(), detail: detail.into() }
    }
    /// Removes the name of a file. The database may hold the file itself under another: a process that ended while it took a loaded
    /// table over leaves both names, and writing to the file would damage the database.
    fn unlink(&self, path: &Path) -> Result<(), DiskFault> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(self.fault(&format!("removal of {}", path.display()), &error.to_string()))
            }
            _ => Ok(()),
        }
    }
    fn family(&self, column: Column) -> &ColumnFamily {
        self.db.cf_handle(column.name()).expect("every column family was opened")
    }
    fn read_fault(&self, column: Column, error: &rocksdb::Error) -> DiskFault {
        self.fault(&format!("read of {}", column.name()), error.as_ref())
    }
}

/// RocksDB finds out at compile time what it may use, so that a processor without it would end the process without a word.
fn check_processor() -> Result<(), OpenError> {
    #[cfg(target_arch = "x86_64")]
    if !(std::arch::is_x86_feature_detected!("sse4.2") && std::arch::is_x86_feature_detected!("pclmulqdq")) {
        return Err(OpenError::Processor { lacks: "SSE 4.2 or PCLMULQDQ" });
    }
    Ok(())
}

/// A database without a mark is refused: nobody can tell whether its log is whole.
fn open_mark(folder: &Path) -> Result<SyncMark, OpenError> {
    match SyncMark::open(folder) {
        Ok(Some(mark)) => Ok(mark),
        Ok(None) if database_path(folder).exists() => {
            Err(OpenError::damaged(folder, "synced.mark is missing, so lost log records could not be noticed"))
        }
        Ok(None) => SyncMark::create(folder).map_err(|error| OpenError::io(folder, &error)),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(OpenError::damaged(folder, error.to_string()))
        }
        Err(error) => Err(OpenError::io(folder, &error)),
    }
}

/// Opening would never return.
fn check_tails(folder: &Path) -> Result<(), OpenError> {
    match find_recycled(&database_path(folder)) {
        Ok(None) => Ok(()),
        Ok(Some(path)) => {
            Err(OpenError::damaged(folder, format!("{} holds a record that is never written", path.display())))
        }
        Err(error) => Err(OpenError::io(folder, &error)),
    }
}

fn check_mark(folder: &Path, db: &DB, mark: &SyncMark) -> Result<(), OpenError> {
    let (found, synced) = (db.latest_sequence_number(), mark.sequence());
    if found >= synced {
        return Ok(());
    }
    let detail = format!("the log ends at record {found}, but records up to {synced} were synced");
    Err(OpenError::damaged(folder, detail))
}

fn classify(folder: &Path, error: &rocksdb::Error) -> OpenError {
    let (place, detail) = (folder.display().to_string(), error.to_string());
    let is_lock = detail.contains("lock hold by current process") || detail.contains("While lock file");
    match error.kind() {
        ErrorKind::IOError if is_lock => OpenError::Locked { place, detail },
        // A table or log file that is not there counts as damage: the manifest names it.
        ErrorKind::IOError if !detail.contains("No such file or directory") => OpenError::Io { place, detail },
        _ => OpenError::Damaged { place, detail },
    }
}

fn database_options(config: &StoreConfig) -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    // PointInTime, the default, would open without records that were synced.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options.set_recycle_log_file_num(0);
    options.set_track_and_verify_wals_in_manifest(true);
    options.set_paranoid_checks(true);
    options.set_db_write_buffer_size(config.write_buffer_bytes);
    options.set_max_total_wal_size(config.log_bytes_max);
    options.set_max_background_jobs(BACKGROUND_JOBS);
    options.set_max_open_files(i32::try_from(config.open_files_max).unwrap_or(i32::MAX));
    options.set_table_cache_num_shard_bits(OPEN_FILES_PARTS);
    options.set_skip_stats_update_on_db_open(true);
    options.set_stats_dump_period_sec(0);
    options.set_stats_persist_period_sec(0);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(TEXT_LOGS.0);
    options.set_max_log_file_size(TEXT_LOGS.1);
    options
}

fn family_options(column: Column, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    // Not in the cache: the filter of a large table outgrows a shard of it and would be read again for every key asked for.
    table.set_cache_index_and_filter_blocks(false);
    table.set_bloom_filter(FILTER_BITS, false);
    table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    table.set_metadata_block_size(METADATA_BLOCK_BYTES);
    let mut options = Options::default().get_options_from_string(PLACES_NEARBY).expect("RocksDB knows this option");
    options.set_block_based_table_factory(&table);
    options.set_write_buffer_size(FAMILY_WRITE_BUFFER_BYTES);
    options.set_max_write_buffer_number(2);
    options.set_level_zero_file_num_compaction_trigger(NEWEST_TABLES_MAX);
    options.set_arena_block_size(ARENA_BLOCK_BYTES);
    options.set_memtable_huge_page_size(0);
    // Most reads ask for what is not there: another transaction of that id, another paper over those goods.
    if matches!(column, Column::Leaves | Column::Rows) {
        options.set_memtable_whole_key_filtering(true);
        options.set_memtable_prefix_bloom_ratio(MEMTABLE_FILTER_SHARE);
    }
    // A pledge asks for other papers of the same combinations: filters spare it all tables but those of its own document's rows.
    if column == Column::Rows {
        let of_rows = SliceTransform::create("near-match combination", shared_prefix, Some(has_shared_prefix));
        options.set_prefix_extractor(of_rows);
    }
    // A batch is written once and never changed; by its digest it would be merged with all others again and again.
    if column == Column::Batches {
        options.set_enable_blob_files(true);
        options.set_min_blob_size(BLOB_BYTES_MIN);
    }
    // Tree nodes are hashes: they do not compress.
    let is_text = !matches!(column, Column::Nodes | Column::Stale | Column::Changed);
    let below = if is_text { DBCompressionType::Lz4 } else { DBCompressionType::None };
    let of_level = |level| if level < PLAIN_LEVELS { DBCompressionType::None } else { below };
    options.set_compression_per_level(&(0..LEVELS).map(of_level).collect::<Vec<_>>());
    options
}

fn shared_prefix(key: &[u8]) -> &[u8] {
    combination(key).unwrap_or(key)
}

fn has_shared_prefix(key: &[u8]) -> bool {
    combination(key).is_some()
}

/// Writes a table file, synced. Loaded are pages of the tree, which do not compress.
fn write_table(path: &Path, rows: &[Row]) -> Result<(), rocksdb::Error> {
    let mut options = Options::default();
    options.set_compression_type(DBCompressionType::None);
    let mut table = SstFileWriter::create(&options);
    table.open(path)?;
    rows.iter().try_for_each(|(key, value)| table.put(key, value))?;
    table.finish()
}

fn write_batch(inner: &Inner, changes: &Changes) -> WriteBatch {
    let families = Column::ALL.map(|column| inner.family(column));
    let family = |column: Column| families[column as usize];
    let mut batch = WriteBatch::with_capacity_bytes(changes.encoded_bytes());
    for change in changes.iter() {
        match change {
            Change::Put { column, key, value } => batch.put_cf(family(column), key, value),
            Change::Delete { column, key } => batch.delete_cf(family(column), key),
            Change::DeleteRange { column, from, until } => batch.delete_range_cf(family(column), from, until),
        }
    }
    batch
}

fn collect<I>(inner: &Inner, column: Column, rows: I, limit: usize) -> Result<Vec<Row>, DiskFault>
where
    I: Iterator<Item = Result<(Box<[u8]>, Box<[u8]>), rocksdb::Error>>,
{
    rows.take(limit)
        .map(|row| row.map(|(key, value)| (key.into_vec(), value.into_vec())))
        .collect::<Result<_, _>>()
        .map_err(|error| inner.read_fault(column, &error))
}

fn between(from: &[u8], until: &[u8]) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.set_iterate_upper_bound(until);
    // Filters know whole combinations: a scan across several must not ask them.
    options.set_total_order_seek(combination(from).is_none() || combination(from) != combination(until));
    options
}

impl DiskRead for RocksDisk {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
        let inner = &*self.0;
        inner.db.get_cf(inner.family(column), key).map_err(|error| inner.read_fault(column, &error))
    }
    fn scan(&self, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
        if from >= until {
            return Ok(Vec::new());
        }
        let mode = IteratorMode::From(from, Direction::Forward);
        let rows = self.0.db.iterator_cf_opt(self.0.family(column), between(from, until), mode);
        collect(&self.0, column, rows, limit)
    }
    fn place(&self) -> String {
        self.0.folder.display().to_string()
    }
}

impl Disk for RocksDisk {
    type View = RocksView;

    fn write(&self, changes: Changes, durability: Durability) -> Result<(), DiskFault> {
        let mut options = WriteOptions::default();
        options.set_sync(durability == Durability::Synced);
        SYNCS.fetch_add(u64::from(durability == Durability::Synced), Relaxed);
        let answer = self.0.db.write_opt(write_batch(&self.0, &changes), &options);
        answer.map_err(|error| self.0.fault("write", error.as_ref()))?;
        match durability {
            // The one writer waits here, so this number is that of the write just synced.
            Durability::Synced => self.advance_mark(self.0.db.latest_sequence_number()),
            Durability::Buffered => Ok(()),
        }
    }

    fn load(&self, column: Column, rows: Vec<Row>) -> Result<(), DiskFault> {
        if rows.is_empty() {
            return Ok(());
        }
        let path = self.0.folder.join(LOADED_FILE);
        self.0.unlink(&path)?;
        SYNCS.fetch_add(1, Relaxed);
        let answer = write_table(&path, &rows).and_then(|()| {
            let mut options = IngestExternalFileOptions::default();
            options.set_move_files(true);
            self.0.db.ingest_external_file_cf_opts(self.0.family(column), &options, vec![&path])
        });
        answer.map_err(|error| self.0.fault(&format!("load of {}", column.name()), error.as_ref()))
    }

    fn flush(&self) -> Result<(), DiskFault> {
        let sequence = self.0.db.latest_sequence_number();
        SYNCS.fetch_add(1, Relaxed);
        self.0.db.flush_wal(true).map_err(|error| self.0.fault("flush", error.as_ref()))?;
        self.advance_mark(sequence)
    }

    fn view(&self) -> Result<RocksView, DiskFault> {
        Ok(RocksView(Pinned::new(self.0.clone(), |inner| Borrowed(inner.db.snapshot()))))
    }
}

struct Borrowed<'a>(SnapshotWithThreadMode<'a, DB>);

self_cell!(
    struct Pinned {
        owner: Arc<Inner>,
        #[covariant]
        dependent: Borrowed,
    }
);

/// A RocksDB snapshot that keeps its database open.
pub struct RocksView(Pinned);

impl DiskRead for RocksView {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
        let inner = &**self.0.borrow_owner();
        let answer = self.0.borrow_dependent().0.get_cf(inner.family(column), key);
        answer.map_err(|error| inner.read_fault(column, &error))
    }
    fn scan(&self, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
        if from >= until {
            return Ok(Vec::new());
        }
        let inner = &**self.0.borrow_owner();
        let mode = IteratorMode::From(from, Direction::Forward);
        let rows = self.0.borrow_dependent().0.iterator_cf_opt(inner.family(column), between(from, until), mode);
        collect(inner, column, rows, limit)
    }
    fn place(&self) -> String {
        self.0.borrow_owner().folder.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::state::Table;

    #[test]
    fn memtables_look_for_places_nearby_in_every_column() {
        let folder = tempfile::tempdir().expect("a folder");
        let _disk = RocksDisk::open(folder.path(), &StoreConfig::default()).expect("opens");
        let files = std::fs::read_dir(database_path(folder.path())).expect("the folder is there");
        let mut paths: Vec<_> = files.map(|file| file.expect("an entry").path()).collect();
        paths.retain(|path| path.to_string_lossy().contains("OPTIONS-"));
        let text = std::fs::read_to_string(paths.iter().max().expect("RocksDB keeps its options")).expect("text");
        let set = text.lines().filter(|line| line.trim() == PLACES_NEARBY).count();
        assert_eq!(set, Column::ALL.len(), "{text}");
    }

    fn rows(value: &str) -> Vec<Row> {
        (0..100u8).map(|n| (vec![5, n], value.as_bytes().to_vec())).collect()
    }

    fn all(disk: &RocksDisk) -> Vec<Row> {
        disk.scan(Column::Nodes, &[0], &[9], usize::MAX).expect("the disk answers")
    }

    #[test]
    fn loaded_rows_are_there_after_a_start_and_replace_what_was_removed_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = StoreConfig::default();
        let disk = RocksDisk::open(folder.path(), &config).expect("opens");
        disk.load(Column::Nodes, rows("orphan")).expect("loads");
        let mut changes = Changes::default();
        changes.delete_range(Column::Nodes, [5], [9]);
        disk.write(changes, Durability::Synced).expect("writes");
        assert_eq!(all(&disk), Vec::new());
        disk.load(Column::Nodes, rows("page")).expect("loads");
        assert_eq!(all(&disk), rows("page"));
        drop(disk);
        let again = RocksDisk::open(folder.path(), &config).expect("opens");
        assert_eq!(all(&again), rows("page"));
    }

    #[test]
    fn scans_within_one_combination_and_across_several_see_every_row_in_memory_and_in_tables() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = |combination: u8, doc: u8| {
            [vec![Table::Near as u8, combination % 8], vec![combination; 32], vec![doc; 40]].concat()
        };
        // Every document has its own combination, and shares one with each of the others.
        let keys = |doc| [key(doc, doc), key(100, doc), vec![Table::Holder as u8, doc], vec![Table::Content as u8; 60]];
        let old = RocksDisk::open(folder.path(), &StoreConfig::default()).expect("opens");
        drop(old);
        {
            // As a store looks that was written before combinations were filtered: one table, one row in the log.
            let families = Column::ALL.map(|c| ColumnFamilyDescriptor::new(c.name(), Options::default()));
            let path = database_path(folder.path());
            let db = DB::open_cf_descriptors(&Options::default(), path, families).expect("opens");
            let rows = db.cf_handle(Column::Rows.name()).expect("it is there");
            for doc in [8, 9] {
                keys(doc).iter().for_each(|key| db.put_cf(rows, key, [doc]).expect("writes"));
                if doc == 8 {
                    db.flush_cf(rows).expect("flushes");
                }
            }
        }
        let disk = RocksDisk::open(folder.path(), &StoreConfig::default()).expect("opens");
        let mut written: std::collections::BTreeMap<_, _> =
            [8, 9].into_iter().flat_map(|doc| keys(doc).map(|key| (key, vec![doc]))).collect();
        for doc in 1..=7u8 {
            let mut changes = Changes::default();
            for key in keys(doc) {
                changes.put(Column::Rows, &key, [doc]);
                written.insert(key, vec![doc]);
            }
            disk.write(changes, Durability::Synced).expect("writes");
            if doc % 2 == 0 {
                disk.0.db.flush_cf(disk.0.family(Column::Rows)).expect("flushes");
            }
        }
        let bounds: Vec<Vec<u8>> = (0..=101u8).flat_map(|n| [key(n, 0), key(n, 3), key(n, u8::MAX)]).collect();
        let bounds = [bounds, vec![vec![], vec![Table::Near as u8], vec![Table::Holder as u8], vec![u8::MAX]]].concat();
        for from in &bounds {
            for until in bounds.iter().filter(|until| *until > from) {
                let expected: Vec<Row> =
                    written.range(from.clone()..until.clone()).map(|(k, v)| (k.clone(), v.clone())).collect();
                assert_eq!(disk.scan(Column::Rows, from, until, 100).expect("answers"), expected, "{from:?} {until:?}");
            }
        }
        let view = disk.view().expect("a snapshot");
        assert_eq!(view.scan(Column::Rows, &key(100, 0), &key(100, u8::MAX), 3).expect("answers").len(), 3);
        assert!(
            written.iter().all(|(key, value)| disk.get(Column::Rows, key).expect("answers").as_ref() == Some(value))
        );
    }

    #[test]
    fn a_file_name_left_by_a_process_that_ended_while_loading_harms_no_table() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = RocksDisk::open(folder.path(), &StoreConfig::default()).expect("opens");
        disk.load(Column::Nodes, rows("first")).expect("loads");
        let left = folder.path().join(LOADED_FILE);
        assert!(!left.exists(), "the database took the file over");
        let entries = std::fs::read_dir(database_path(folder.path())).expect("the database's folder");
        let tables =
            entries.map(|entry| entry.expect("an entry").path()).filter(|p| p.extension().is_some_and(|e| e == "sst"));
        for table in tables.collect::<Vec<_>>() {
            std::fs::hard_link(table, &left).expect("links");
            disk.load(Column::Stale, rows("second")).expect("loads");
        }
        drop(disk);
        let again = RocksDisk::open(folder.path(), &StoreConfig::default()).expect("opens");
        assert_eq!(all(&again), rows("first"));
    }
}
