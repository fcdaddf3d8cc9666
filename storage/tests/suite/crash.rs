//! What survives a crash, on the memory disk that forgets and on copies of a RocksDB folder.

use crate::common::*;
use landsea_storage::{MemoryDisk, MemoryStore, OpenError, RocksStore, Store, StoreConfig};
use landsea_types::Height;
use landsea_types::state::{Family, StateRead};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

fn open(disk: &MemoryDisk) -> MemoryStore {
    MemoryStore::open(disk, StoreConfig::default()).expect("the disk is sound")
}

/// Runs what must halt and returns the message.
fn halted(action: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(action)).expect_err("a storage fault must halt");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

/// Copies a data folder as a killed process leaves it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("target folder");
    for entry in fs::read_dir(from).expect("source folder") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

#[test]
fn a_crash_forgets_what_was_not_flushed_and_keeps_what_was() {
    let disk = MemoryDisk::new();
    let mut store = open(&disk);
    initialise(&mut store);
    store.wal_append(Height::new(1), 1, b"kept");
    store.put_batch(&batch(1));
    store.flush();
    store.wal_append(Height::new(1), 2, b"lost");
    store.put_batch(&batch(2));
    store.put_block(&proposal(1, 50));
    disk.crash();
    let store = open(&disk);
    assert_eq!(store.wal_entries(Height::new(1)), [b"kept".to_vec()]);
    assert_eq!(store.undecided_batches(), vec![batch(1)]);
    assert_eq!(store.proposed_block(&proposal(1, 50).id()), None);
    store.validate();
}

#[test]
fn a_torn_tail_keeps_a_prefix_of_whole_writes() {
    for kept in 0..=4 {
        let disk = MemoryDisk::new();
        let mut store = open(&disk);
        initialise(&mut store);
        for seq in 0..4 {
            store.wal_append(Height::new(1), seq, &[seq as u8]);
        }
        disk.crash_keeping(kept);
        assert_eq!(open(&disk).wal_entries(Height::new(1)).len(), kept);
    }
}

#[test]
fn a_failed_commit_halts_and_leaves_the_old_tip_whole() {
    type Sabotage = fn(&MemoryDisk);
    let ways: [Sabotage; 2] = [MemoryDisk::fail_next_write, MemoryDisk::fail_next_flush];
    for sabotage in ways {
        let disk = MemoryDisk::new();
        let mut store = open(&disk);
        initialise(&mut store);
        grow(&mut store, 10);
        let tip = store.tip();
        sabotage(&disk);
        let message = halted(|| grow(&mut store, 20));
        assert!(message.contains("landsea node verify --data"), "{message}");
        let message = halted(|| store.flush_and_write());
        assert!(message.contains("an earlier write failed"), "{message}");
        disk.crash();
        let mut store = open(&disk);
        assert_eq!(store.tip(), tip);
        assert_eq!(store.leaf(Family::Doc, &id(20)), None);
        assert!(!store.has_batch(&batch(20).id()));
        grow(&mut store, 20);
        store.validate();
    }
}

/// One more write on a store that has failed.
trait WriteAgain {
    fn flush_and_write(&mut self);
}
impl WriteAgain for MemoryStore {
    fn flush_and_write(&mut self) {
        self.wal_append(Height::new(9), 1, b"after the fault");
        self.flush();
    }
}

#[test]
fn power_lost_inside_a_commit_leaves_the_tip_before_or_after_it_and_never_between() {
    for writes in 0..4 {
        let disk = MemoryDisk::new();
        let mut store = open(&disk);
        initialise(&mut store);
        let first = next(&store, vec![put(1, 1)], vec![batch(1)]);
        store.commit(first);
        store.put_batch(&batch(2));
        disk.lose_power_in(writes, usize::MAX);
        let second = next(&store, vec![put(2, 2)], vec![batch(2)]);
        let message = halted(|| {
            store.commit(second);
            store.flush();
            store.put_batch(&batch(3));
            store.flush();
        });
        assert!(message.contains("the power failed"), "{message}");
        let again = open(&disk);
        again.validate();
        assert_eq!(again.tip().height.get(), if writes == 0 { 1 } else { 2 }, "after {writes} writes");
    }
}

#[test]
fn power_lost_between_the_pages_of_the_tree_and_their_height_leaves_the_tip_before_it() {
    // A synced write is a write and a flush.
    for writes in 0..4 {
        let config = StoreConfig { tree_flush_leaves: 1, ..StoreConfig::default() };
        let disk = MemoryDisk::new();
        let mut store = MemoryStore::open(&disk, config).expect("opens");
        initialise(&mut store);
        let first = next(&store, vec![put(1, 1)], vec![batch(1)]);
        disk.lose_power_in(writes, 0);
        let message = halted(|| {
            store.commit(first);
            store.put_batch(&batch(2));
            store.flush();
        });
        assert!(message.contains("the power failed"), "{message}");
        let mut again = MemoryStore::open(&disk, config).expect("opens");
        again.validate();
        assert_eq!(again.tip().height.get(), u64::from(writes > 2), "after {writes} writes");
        let other = next(&again, vec![put(1, 2)], vec![batch(3)]);
        let root = other.staged.root();
        again.commit(other);
        assert_eq!(again.tip().state_root, root, "the next height builds on what was committed");
        drop(again);
        assert_eq!(MemoryStore::open(&disk, config).expect("opens").tip().state_root, root);
    }
}

#[test]
fn a_full_disk_halts_and_goes_on_where_it_was_once_there_is_space() {
    let disk = MemoryDisk::new();
    let mut store = open(&disk);
    initialise(&mut store);
    let first = next(&store, vec![put(1, 1)], vec![batch(1)]);
    disk.set_full(true);
    let message = halted(|| store.commit(first.clone()));
    assert!(message.contains("no space is left"), "{message}");
    disk.set_full(false);
    let mut again = open(&disk);
    assert_eq!(again.tip().height.get(), 0);
    again.commit(first);
    assert_eq!(again.tip().height.get(), 1);
}

#[test]
fn a_damaged_value_halts_the_reader_instead_of_being_served() {
    let disk = MemoryDisk::new();
    let mut store = open(&disk);
    initialise(&mut store);
    disk.corrupt_next_write();
    grow(&mut store, 10);
    let reader = store.reader();
    let message = halted(|| drop(reader.snapshot().leaf(Family::Doc, &id(10))));
    assert!(message.contains("checksum"), "{message}");
    assert!(matches!(MemoryStore::open(&disk, StoreConfig::default()), Err(OpenError::Damaged { .. })));
}

#[test]
fn a_dead_process_neither_reads_nor_writes() {
    let disk = MemoryDisk::new();
    let mut old = open(&disk);
    initialise(&mut old);
    let mut new = open(&disk);
    halted(|| old.wal_append(Height::new(1), 1, b"ghost"));
    new.wal_append(Height::new(1), 1, b"real");
    assert_eq!(new.wal_entries(Height::new(1)), [b"real".to_vec()]);
}

#[test]
fn rocksdb_reopens_with_the_same_tip_root_and_wal() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut store = RocksStore::open(folder.path(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    for n in 1..20 {
        grow(&mut store, n);
    }
    store.wal_append(Height::new(20), 1, b"entry");
    store.put_block(&proposal(20, 500));
    store.flush();
    let (tip, staged) = (store.tip(), store.stage(&[put(7, 70)]));
    drop(store);
    let store = RocksStore::open(folder.path(), StoreConfig::default()).expect("opens again");
    assert_eq!(store.tip(), tip);
    assert_eq!(store.stage(&[put(7, 70)]), staged);
    assert_eq!(store.wal_entries(Height::new(20)), [b"entry".to_vec()]);
    assert_eq!(store.proposed_block(&proposal(20, 500).id()), Some(proposal(20, 500)));
    store.validate();
}

#[test]
fn a_killed_process_leaves_every_flushed_write() {
    let (folder, copied) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut store = RocksStore::open(folder.path(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    grow(&mut store, 1);
    store.wal_append(Height::new(2), 1, b"entry");
    store.put_batch(&batch(9));
    store.flush();
    copy(folder.path(), copied.path());
    let mut survivor = RocksStore::open(copied.path(), StoreConfig::default()).expect("opens");
    assert_eq!(survivor.tip(), store.tip());
    assert_eq!(survivor.wal_entries(Height::new(2)), [b"entry".to_vec()]);
    assert_eq!(survivor.undecided_batches(), vec![batch(9)]);
    grow(&mut survivor, 2);
    survivor.validate();
}

#[test]
fn a_folder_in_use_is_refused_until_the_last_reader_is_gone() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = RocksStore::open(folder.path(), StoreConfig::default()).expect("opens");
    let refused = RocksStore::open(folder.path(), StoreConfig::default()).expect_err("locked");
    assert!(matches!(refused, OpenError::Locked { .. }), "{refused}");
    let snapshot = store.reader().snapshot();
    drop(store);
    assert!(matches!(RocksStore::open(folder.path(), StoreConfig::default()), Err(OpenError::Locked { .. })));
    drop(snapshot);
    RocksStore::open(folder.path(), StoreConfig::default()).expect("free again");
}
