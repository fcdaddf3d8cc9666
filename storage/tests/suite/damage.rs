//! Damaged bytes: a store that lost synced records must refuse to open.

use crate::common::*;
use crate::crash::copy;
use landsea_storage::disk::Column;
use landsea_storage::{MemoryDisk, MemoryStore, OpenError, RocksStore, Store, StoreConfig};
use landsea_types::Height;
use std::fs;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

const WAL_ENTRIES: u64 = 3;

/// A folder of a killed node: a few heights and some flushed WAL entries, all in the RocksDB log.
fn victim(folder: &Path) {
    let work = tempfile::tempdir().expect("temporary folder");
    let mut store = RocksStore::open(work.path(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    for n in 1..=3 {
        grow(&mut store, n);
    }
    for seq in 0..WAL_ENTRIES {
        store.wal_append(Height::new(4), seq, &[seq as u8; 60]);
    }
    store.flush();
    copy(work.path(), folder);
}

fn files(folder: &Path, suffix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("rocksdb")).expect("database folder");
    let mut all: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    all.retain(|path| path.to_string_lossy().ends_with(suffix) && fs::metadata(path).expect("size").len() > 0);
    all.sort();
    all
}

fn flip(path: &Path, offset: u64, mask: u8) {
    let file = fs::OpenOptions::new().read(true).write(true).open(path).expect("opens");
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).expect("inside the file");
    file.write_all_at(&[byte[0] ^ mask], offset).expect("written");
}

/// Whether the folder opens; what opens must be whole.
fn opens_whole(folder: &Path, what: &str) -> bool {
    match RocksStore::open(folder, StoreConfig::default()) {
        Err(OpenError::Damaged { detail, .. }) => {
            assert!(!detail.is_empty());
            false
        }
        Err(other) => panic!("{what}: damage is reported as {other:?}"),
        Ok(store) => {
            assert_eq!(store.tip().height, Height::new(3), "{what}: committed heights are missing");
            assert_eq!(
                store.wal_entries(Height::new(4)).len() as u64,
                WAL_ENTRIES,
                "{what}: flushed entries are missing"
            );
            true
        }
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_log_never_loses_a_synced_record() {
    let original = tempfile::tempdir().expect("temporary folder");
    victim(original.path());
    let log = files(original.path(), ".log").pop().expect("a log with the records");
    let bytes = fs::metadata(&log).expect("size").len();
    // Every byte of the first header and record start, of the end, and a stride that hits all other regions.
    let head = 0..24;
    let tail = bytes.saturating_sub(90)..bytes;
    let middle = (24..bytes).step_by((bytes / 60).max(1) as usize);
    let mut refused = 0;
    for offset in head.chain(middle).chain(tail) {
        for mask in [0x01, 0x80] {
            let damaged = tempfile::tempdir().expect("temporary folder");
            copy(original.path(), damaged.path());
            flip(&damaged.path().join("rocksdb").join(log.file_name().expect("name")), offset, mask);
            let what = format!("byte {offset} of {bytes} with mask {mask:#x}");
            refused += usize::from(!opens_whole(damaged.path(), &what));
        }
    }
    assert!(refused > 100, "only {refused} flips were noticed");
}

#[test]
fn a_cut_log_is_refused_when_synced_and_opens_when_only_the_unsynced_tail_is_gone() {
    let original = tempfile::tempdir().expect("temporary folder");
    victim(original.path());
    let log = files(original.path(), ".log").pop().expect("a log with the records");
    let bytes = fs::metadata(&log).expect("size").len();
    for cut in [1, 40, bytes / 2] {
        let damaged = tempfile::tempdir().expect("temporary folder");
        copy(original.path(), damaged.path());
        let path = damaged.path().join("rocksdb").join(log.file_name().expect("name"));
        fs::OpenOptions::new().write(true).open(path).expect("opens").set_len(bytes - cut).expect("cut");
        assert!(!opens_whole(damaged.path(), "cut log"), "a log without {cut} synced bytes was opened");
        assert!(!opens_whole(damaged.path(), "cut log, again"), "a refused store must stay refused");
    }
}

#[test]
fn a_torn_unsynced_record_is_dropped_without_complaint() {
    let (work, torn) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut store = RocksStore::open(work.path(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    store.wal_append(Height::new(1), 1, &[1; 60]);
    store.flush();
    store.wal_append(Height::new(1), 2, &[2; 60]);
    copy(work.path(), torn.path());
    let log = files(torn.path(), ".log").pop().expect("a log with the records");
    let bytes = fs::metadata(&log).expect("size").len();
    fs::OpenOptions::new().write(true).open(&log).expect("opens").set_len(bytes - 7).expect("cut");
    let store =
        RocksStore::open(torn.path(), StoreConfig::default()).expect("a torn tail is normal after a power loss");
    assert_eq!(store.wal_entries(Height::new(1)), [vec![1; 60]]);
}

#[test]
fn a_missing_log_or_mark_is_refused() {
    let original = tempfile::tempdir().expect("temporary folder");
    victim(original.path());
    let log = files(original.path(), ".log").pop().expect("a log with the records");
    for path in [PathBuf::from("rocksdb").join(log.file_name().expect("name")), PathBuf::from("synced.mark")] {
        let damaged = tempfile::tempdir().expect("temporary folder");
        copy(original.path(), damaged.path());
        fs::remove_file(damaged.path().join(&path)).expect("removed");
        assert!(!opens_whole(damaged.path(), "missing file"), "opened without {}", path.display());
    }
    let damaged = tempfile::tempdir().expect("temporary folder");
    copy(original.path(), damaged.path());
    fs::remove_dir_all(damaged.path().join("rocksdb")).expect("removed");
    assert!(!opens_whole(damaged.path(), "missing database"), "opened an emptied database");
}

#[test]
fn a_flipped_byte_in_a_table_file_is_refused_or_halts_the_read() {
    let original = tempfile::tempdir().expect("temporary folder");
    victim(original.path());
    // Opening moves the log into table files.
    drop(RocksStore::open(original.path(), StoreConfig::default()).expect("opens"));
    assert!(reads_everything(original.path()));
    let tables = files(original.path(), ".sst");
    assert!(!tables.is_empty(), "opening writes tables");
    for table in tables {
        let damaged = tempfile::tempdir().expect("temporary folder");
        copy(original.path(), damaged.path());
        flip(&damaged.path().join("rocksdb").join(table.file_name().expect("name")), 3, 0x10);
        // A store halts when opening reads a damaged row, so a panic counts as noticed.
        let is_served = catch_unwind(AssertUnwindSafe(|| reads_everything(damaged.path()))).unwrap_or(false);
        assert!(!is_served, "damage in {} was served", table.display());
    }
}

/// Reads every row; false when opening is refused or a read fails.
fn reads_everything(folder: &Path) -> bool {
    let Ok(store) = RocksStore::open(folder, StoreConfig::default()) else { return false };
    store.read_all().is_ok()
}

#[test]
fn a_store_of_another_format_is_left_alone_with_the_next_step_named() {
    let disk = MemoryDisk::new();
    let mut store = MemoryStore::open(&disk, StoreConfig::default()).expect("opens");
    initialise(&mut store);
    drop(store);
    disk.remove_rows(Column::Meta, |key| key == b"format");
    let error =
        MemoryStore::open(&disk, StoreConfig::default()).expect_err("the first format said nothing about itself");
    assert!(matches!(error, OpenError::Format { found: 1, known: 5, .. }), "{error:?}");
    assert!(error.to_string().contains("run the release that wrote it"), "{error}");
}
