//! What every store must do, run on both.

use crate::common::*;
use landsea_storage::{MemoryDisk, MemoryStore, OpenError, RocksStore, Store, StoreConfig};
use landsea_types::consensus::{Evidence, Signed, Vote, VoteType};
use landsea_types::state::{Family, Table, Writes};
use landsea_types::{BlockId, ChainId, Height, Member};

/// Runs a claim on a fresh store of each kind.
fn on_both(claim: impl Fn(&mut dyn Store)) {
    let mut memory = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
    claim(&mut memory);
    memory.validate();
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut rocks = RocksStore::open(folder.path(), StoreConfig::default()).expect("opens");
    claim(&mut rocks);
    rocks.validate();
}

#[test]
fn a_commit_shows_everything_it_wrote() {
    on_both(|store| {
        initialise(store);
        let batch = batch(1);
        store.put_batch(&batch);
        let commit =
            next(store, vec![put(5, 5), remove(1), row(b"b", Some(b"1")), row(b"a", None)], vec![batch.clone()]);
        store.commit(commit.clone());
        assert_eq!(store.tip().height, Height::new(1));
        assert_eq!(store.tip().state_root, commit.block.header.state_root);
        assert_eq!(store.leaf(Family::Doc, &id(5)), Some(leaf(5)));
        assert_eq!(store.leaf(Family::Doc, &id(1)), None);
        assert_eq!((store.row(Table::Near, b"a"), store.row(Table::Near, b"b")), (None, Some(b"1".to_vec())));
        let snapshot = store.reader().snapshot();
        assert_eq!(snapshot.block(Height::new(1)), Some(commit.block.clone()));
        assert_eq!(snapshot.certificate(Height::new(1)), Some(commit.certificate.clone()));
        assert_eq!(snapshot.outcomes(Height::new(1)), Some(commit.outcomes.to_vec()));
        assert_eq!(snapshot.outcome(Height::new(1), 1), commit.outcomes.get(1).cloned());
        assert_eq!(snapshot.batch(&batch.id()), Some(batch.clone()));
        assert_eq!(snapshot.batch_height(&batch.id()), Some(Height::new(1)));
        assert_eq!(snapshot.outcomes(Height::new(2)), None);
    });
}

#[test]
fn a_snapshot_does_not_see_later_commits() {
    on_both(|store| {
        initialise(store);
        let before = store.reader().snapshot();
        grow(store, 10);
        assert_eq!(before.tip().height, Height::ZERO);
        assert_eq!(before.leaf(Family::Doc, &id(10)), None);
        assert_eq!(store.reader().snapshot().tip().height, Height::new(1));
    });
}

#[test]
fn rows_are_scanned_in_key_order_within_their_table_and_limit() {
    on_both(|store| {
        initialise(store);
        let writes = [b"b1", b"b3", b"b2", b"c1"].map(|key| row(key, Some(key)));
        let commit = next(store, writes.to_vec(), vec![]);
        store.commit(commit);
        let found = |until: &[u8], limit| -> Vec<Vec<u8>> {
            store.scan(Table::Near, b"b", until, limit).into_iter().map(|(key, _)| key).collect()
        };
        assert_eq!(found(b"c", 9), [b"b1", b"b2", b"b3"].map(|k| k.to_vec()));
        assert_eq!(found(b"c", 2), [b"b1", b"b2"].map(|k| k.to_vec()));
        assert_eq!(found(b"a", 9), Vec::<Vec<u8>>::new());
        assert!(store.scan(Table::Holder, b"", b"zz", 9).is_empty());
    });
}

#[test]
fn the_same_genesis_gives_its_root_again_and_another_chain_is_refused() {
    on_both(|store| {
        let root = initialise(store);
        grow(store, 10);
        assert_eq!(initialise(store), root);
        assert_eq!(store.tip().height, Height::new(1), "initialising again changes nothing");
        let answer = store.initialise(&genesis(), ChainId([9; 32]), GENESIS_TIME);
        assert!(matches!(answer, Err(OpenError::WrongChain { found: CHAIN, .. })), "{answer:?}");
    });
}

#[test]
fn an_empty_genesis_has_the_empty_root_and_can_be_built_on() {
    on_both(|store| {
        let root = store.initialise(&[], CHAIN, GENESIS_TIME).expect("fresh");
        assert_eq!(root, landsea_storage::tree::EMPTY_ROOT);
        let empty = next(store, vec![], vec![]);
        store.commit(empty);
        assert_eq!(store.tip().state_root, root);
        grow(store, 3);
        let commit = next(store, vec![remove(3), remove(4)], vec![]);
        store.commit(commit);
        assert_eq!(store.tip().state_root, root, "removing every leaf gives the empty root again");
        grow(store, 5);
    });
}

#[test]
fn undecided_batches_and_proposals_are_kept_until_decided_or_dropped() {
    on_both(|store| {
        initialise(store);
        for n in 1..=3 {
            store.put_batch(&batch(n));
        }
        let (mine, later) = (proposal(1, 50), proposal(2, 60));
        store.put_block(&mine);
        store.put_block(&later);
        store.drop_batches(&[batch(3).id(), batch(4).id()]);
        assert_eq!(store.undecided_batches().len(), 2);
        assert_eq!(store.proposed_block(&mine.id()), Some(mine.clone()));
        let commit = next(store, vec![], vec![batch(1)]);
        store.commit(commit);
        assert_eq!(store.undecided_batches(), vec![batch(2)]);
        assert_eq!(store.proposed_block(&mine.id()), None, "proposals of a committed height are gone");
        assert_eq!(store.proposed_block(&later.id()), Some(later.clone()));
        store.drop_batches(&[batch(1).id()]);
        assert!(store.has_batch(&batch(1).id()), "decided batches are never dropped");
        assert!(store.reader().snapshot().batch(&batch(2).id()).is_none(), "snapshots show decided batches only");
    });
}

#[test]
fn wal_entries_come_back_in_order_and_end_with_their_height() {
    on_both(|store| {
        initialise(store);
        for (height, seq) in [(1, 300), (1, 2), (2, 1), (1, 1)] {
            store.wal_append(Height::new(height), seq, &[seq as u8]);
        }
        store.flush();
        assert_eq!(store.wal_entries(Height::new(1)), [vec![1], vec![2], vec![44]]);
        grow(store, 10);
        assert_eq!(store.wal_entries(Height::new(1)), Vec::<Vec<u8>>::new());
        assert_eq!(store.wal_entries(Height::new(2)), [vec![1]]);
    });
}

#[test]
fn evidence_is_kept_once_and_by_height() {
    on_both(|store| {
        initialise(store);
        let vote = |height, block| {
            let block = Some(BlockId([block; 32]));
            let vote =
                Vote { kind: VoteType::Prevote, height: Height::new(height), round: 0, block, voter: Member::new(2) };
            Signed::<Vote>::new(vote, &CHAIN, &keys()[1])
        };
        let of = |height| Evidence::Votes { first: vote(height, 1), second: vote(height, 2) };
        for height in [700, 3, 700] {
            store.put_evidence(&of(height));
        }
        assert_eq!(store.evidence(), vec![of(3), of(700)]);
        assert_eq!(store.reader().snapshot().evidence(), vec![of(3), of(700)]);
    });
}

#[test]
#[should_panic(expected = "the state root differs")]
fn a_staged_root_that_is_not_the_header_root_halts_before_the_disk() {
    let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    let mut commit = next(&store, vec![put(5, 5)], vec![]);
    commit.staged = store.stage(&[put(6, 6)]);
    store.commit(commit);
}

#[test]
#[should_panic(expected = "the parent is not the tip")]
fn a_block_with_another_parent_halts() {
    let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    let mut commit = next(&store, vec![], vec![]);
    commit.block.header.parent = BlockId([9; 32]);
    store.commit(commit);
}

#[test]
#[should_panic(expected = "the writes hash differs")]
fn writes_that_the_header_does_not_cover_halt() {
    let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    let mut commit = next(&store, vec![put(5, 5)], vec![]);
    let mut writes = commit.writes.to_vec();
    writes.push(row(b"extra", Some(b"1")));
    commit.writes = Writes::new(writes);
    store.commit(commit);
}
