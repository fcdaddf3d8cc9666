//! State proofs: the verifier of `types` against trees of random histories.

use crate::common::*;
use landsea_storage::disk::Column;
use landsea_storage::tree::{EMPTY_ROOT, leaf_changes, root_of};
use landsea_storage::{MemoryDisk, MemoryStore, RocksStore, Store, StoreConfig};
use landsea_types::state::{Family, Write};
use landsea_types::tree::ProofError;
use landsea_types::{Hash, Height};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<u64, u64>;

fn apply(model: &mut Model, changes: &[(u64, Option<u64>)]) {
    for (n, content) in changes {
        match content {
            Some(content) => model.insert(*n, *content),
            None => model.remove(n),
        };
    }
}

fn writes(changes: &[(u64, Option<u64>)]) -> Vec<Write> {
    changes.iter().map(|(n, content)| content.map_or_else(|| remove(*n), |content| put(*n, content))).collect()
}

fn expected_root(model: &Model) -> Hash {
    let mut leaves: Vec<_> = model.iter().map(|(n, content)| (key_of(*n), leaf(*content).value())).collect();
    leaves.sort_unstable();
    root_of(&leaves)
}

/// Checks inclusion of all members and exclusion of everything else, also against confused claims, and that the records of that height
/// are still there to be shown beside the proofs.
fn check_proofs(store: &dyn Store, height: Height, model: &Model) {
    let snapshot = store.reader().snapshot();
    let root = expected_root(model);
    for n in 0..40 {
        let key = key_of(n);
        let proof = snapshot.prove(height, &key).expect("inside the window");
        let record = model.get(&n).map(|content| leaf(*content));
        assert_eq!(snapshot.leaf_at(height, Family::Doc, &id(n)), record, "record {n} at {height}");
        let value = record.map(|leaf| leaf.value());
        assert_eq!(proof.verify(&root, &key, value.as_ref().map(|v| v.as_slice())), Ok(()), "leaf {n} at {height}");
        assert!(proof.verify(&root, &key, Some(&leaf(77).value())).is_err(), "another value of {n}");
        assert!(proof.verify(&Hash([1; 32]), &key, value.as_ref().map(|v| v.as_slice())).is_err(), "another root");
        if value.is_some() {
            assert_eq!(proof.verify(&root, &key, None), Err(ProofError::WrongLeaf), "presence passed for absence");
        }
    }
}

fn change() -> impl Strategy<Value = (u64, Option<u64>)> {
    (0..30u64, prop_oneof![3 => (0..50u64).prop_map(Some), 2 => Just(None)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn proofs_of_random_histories_verify_at_every_height(
        history in prop::collection::vec(prop::collection::vec(change(), 0..12), 1..8),
    ) {
        let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
        store.initialise(&[], CHAIN, GENESIS_TIME).expect("fresh");
        let mut models = vec![Model::new()];
        for changes in &history {
            let mut model = models.last().cloned().unwrap_or_default();
            apply(&mut model, changes);
            let commit = next(&store, writes(changes), vec![]);
            prop_assert_eq!(commit.staged.root(), expected_root(&model));
            store.commit(commit);
            models.push(model);
        }
        for (height, model) in (0..).map(Height::new).zip(&models) {
            check_proofs(&store, height, model);
        }
    }

    #[test]
    fn only_the_last_write_of_a_leaf_counts(changes in prop::collection::vec(change(), 1..40)) {
        let mut model = Model::new();
        apply(&mut model, &changes);
        let staged = leaf_changes(&writes(&changes));
        let kept = staged.values().flatten().count();
        prop_assert_eq!(kept, model.len());
    }
}

#[test]
fn large_trees_agree_with_the_second_opinion_with_and_without_removals() {
    let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
    let mut model: Model = (0..3_000).map(|n| (n, n)).collect();
    let genesis: Vec<_> = model.keys().map(|n| put(*n, *n)).collect();
    store.initialise(&genesis, CHAIN, GENESIS_TIME).expect("fresh");
    assert_eq!(store.tip().state_root, expected_root(&model));
    let changes: Vec<_> = (2_500..3_500).map(|n| (n, (n % 3 != 0).then_some(n + 1))).collect();
    for part in [&changes[..], &[(5_000, Some(1)), (5_001, Some(2))]] {
        apply(&mut model, part);
        let commit = next(&store, writes(part), vec![]);
        store.commit(commit);
        assert_eq!(store.tip().state_root, expected_root(&model));
    }
    check_proofs(&store, Height::new(2), &model);
}

#[test]
fn an_empty_tree_proves_absence() {
    let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
    store.initialise(&[], CHAIN, GENESIS_TIME).expect("fresh");
    let proof = store.reader().snapshot().prove(Height::ZERO, &key_of(1)).expect("the genesis is provable");
    assert_eq!(proof.verify(&EMPTY_ROOT, &key_of(1), None), Ok(()));
}

fn pruned_run(store: &mut dyn Store, heights: u64) -> Vec<Model> {
    store.initialise(&[], CHAIN, GENESIS_TIME).expect("fresh");
    let mut models = vec![Model::new()];
    for h in 1..=heights {
        let changes = [(h % 30, Some(h)), ((h + 11) % 30, None), ((h + 17) % 30, Some(h + 1))];
        // Some heights change nothing: their roots must go too.
        let changes = if h % 5 == 0 { &changes[..0] } else { &changes[..] };
        let mut model = models.last().cloned().unwrap_or_default();
        apply(&mut model, changes);
        let commit = next(store, writes(changes), vec![]);
        store.commit(commit);
        models.push(model);
    }
    models
}

fn check_window(store: &dyn Store, models: &[Model], kept: u64) {
    let tip = store.tip().height.get();
    let snapshot = store.reader().snapshot();
    for height in (tip + 1).saturating_sub(kept)..=tip {
        check_proofs(store, Height::new(height), &models[height as usize]);
    }
    assert!(snapshot.oldest_provable().get() <= tip + 1 - kept, "more was pruned than allowed");
    assert_eq!(snapshot.prove(Height::new(tip + 1), &key_of(1)), None, "a future height was proved");
    assert_eq!(snapshot.prove(Height::new(1), &key_of(1)), None, "a pruned height was proved");
}

#[test]
fn pruning_keeps_the_window_provable_and_forgets_the_rest() {
    for (kept, tree_flush_leaves) in [(1, 1), (2, 1), (10, 1), (1, 20), (2, 7), (10, 20)] {
        let config = StoreConfig { proof_versions_kept: kept, tree_flush_leaves, ..StoreConfig::default() };
        let disk = MemoryDisk::new();
        let mut memory = MemoryStore::open(&disk, config).expect("opens");
        let models = pruned_run(&mut memory, 60);
        check_window(&memory, &models, kept);
        assert!(disk.rows(Column::Nodes) < 400, "old nodes pile up");
        assert!(disk.rows(Column::Stale) < 300, "the list of old nodes piles up");
        assert!(disk.rows(Column::Changed) < 40, "the lists of changed leaves pile up");
        // Three leaves change at most heights; each leaves a record, all together a list.
        let (records, most) = (disk.rows(Column::Replaced), 4 * (kept as usize + 1));
        assert!(records <= most, "{records} replaced records for {kept} heights");
    }
    let config = StoreConfig { proof_versions_kept: 10, ..StoreConfig::default() };
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut rocks = RocksStore::open(folder.path(), config).expect("opens");
    let models = pruned_run(&mut rocks, 60);
    drop(rocks);
    let rocks = RocksStore::open(folder.path(), config).expect("opens again");
    check_window(&rocks, &models, 10);
}

#[test]
fn after_full_pruning_only_the_nodes_of_the_tip_remain() {
    let config = StoreConfig { proof_versions_kept: 1, tree_flush_leaves: 0, ..StoreConfig::default() };
    let disk = MemoryDisk::new();
    let mut store = MemoryStore::open(&disk, config).expect("opens");
    pruned_run(&mut store, 40);
    let commit = next(&store, (0..30).map(remove).collect(), vec![]);
    store.commit(commit);
    for _ in 0..3 {
        let commit = next(&store, vec![], vec![]);
        store.commit(commit);
    }
    assert_eq!(store.tip().state_root, EMPTY_ROOT);
    let nodes = disk.rows(Column::Nodes);
    assert!(nodes <= 2, "{nodes} nodes of an empty tree are left");
}

#[test]
fn zero_keeps_every_height() {
    let config = StoreConfig { proof_versions_kept: 0, ..StoreConfig::default() };
    let mut store = MemoryStore::open(&MemoryDisk::new(), config).expect("opens");
    let models = pruned_run(&mut store, 30);
    for (height, model) in (0..).map(Height::new).zip(&models) {
        check_proofs(&store, height, model);
    }
}
