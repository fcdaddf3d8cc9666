//! Differential tests against `jmt`: every root and every proof, through writes of pages, restarts and pruning.

use super::*;
use crate::disk::{Disk, Durability, MemoryDisk, MemorySession};
use jmt::mock::MockTreeStore;
use jmt::proof::SparseMerkleProof;
use jmt::{JellyfishMerkleTree, KeyHash, RootHash, SimpleHasher};
use proptest::prelude::*;

/// BLAKE3 for `jmt`.
#[derive(Debug)]
struct Blake3(blake3::Hasher);

impl SimpleHasher for Blake3 {
    fn new() -> Self {
        Self(blake3::Hasher::new())
    }
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
    fn finalize(self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// The borsh shape of `jmt`'s proof, whose fields are private.
#[derive(BorshDeserialize)]
struct JmtProof {
    leaf: Option<ProofLeaf>,
    siblings: Vec<JmtSibling>,
}

#[derive(BorshDeserialize)]
enum JmtSibling {
    Null,
    Internal { left: [u8; 32], right: [u8; 32] },
    Leaf { key: [u8; 32], value_hash: [u8; 32] },
}

fn converted(proof: &SparseMerkleProof<Blake3>) -> StateProof {
    let bytes = borsh::to_vec(proof).expect("writing to a vector cannot fail");
    let proof: JmtProof = borsh::from_slice(&bytes).expect("the pinned library encodes proofs in this shape");
    let hash = |sibling: &JmtSibling| match sibling {
        JmtSibling::Null => EMPTY,
        JmtSibling::Internal { left, right } => inner_hash(left, right),
        JmtSibling::Leaf { key, value_hash } => leaf_hash(key, value_hash),
    };
    StateProof { leaf: proof.leaf, siblings: proof.siblings.iter().map(|sibling| Hash(hash(sibling))).collect() }
}

/// The oracle, with all its versions.
struct Oracle {
    store: MockTreeStore,
    tip: u64,
}

impl Oracle {
    fn commit(&mut self, version: u64, changes: &LeafChanges) -> Hash {
        let tree = JellyfishMerkleTree::<_, Blake3>::new(&self.store);
        let set = changes.iter().map(|(key, value)| (KeyHash(*key), value.map(|v| v.to_vec())));
        let (root, update) = tree.put_value_set(set, version).expect("memory answers");
        self.store.write_tree_update_batch(update).expect("memory takes it");
        self.tip = version;
        Hash(root.0)
    }
    fn prove(&self, version: u64, key: &[u8; 32]) -> (SparseMerkleProof<Blake3>, Option<Vec<u8>>) {
        let tree = JellyfishMerkleTree::<_, Blake3>::new(&self.store);
        let (value, proof) = tree.get_with_proof(KeyHash(*key), version).expect("the version is there");
        (proof, value)
    }
}

/// Our tree on a disk that may be opened again.
struct Ours {
    disk: MemoryDisk,
    session: MemorySession,
    tree: StateTree,
    config: StoreConfig,
}

impl Ours {
    fn new(flush_leaves: usize, cache: usize) -> Self {
        let disk = MemoryDisk::new();
        let config = StoreConfig { tree_flush_leaves: flush_leaves, tree_cache_bytes: cache, ..StoreConfig::default() };
        Self { session: disk.open(), tree: StateTree::empty(&config), disk, config }
    }
    fn commit(&mut self, version: u64, changes: &LeafChanges) -> Hash {
        let staged = self.tree.stage(&self.session, Height::new(version), changes);
        let root = staged.root();
        let mut batch = Changes::default();
        self.tree.commit(&self.session, staged, &mut batch).expect("memory takes it");
        self.session.write(batch, Durability::Synced).expect("memory takes it");
        root
    }
    fn reopen(&mut self, version: u64, root: Hash) {
        self.session = self.disk.open();
        self.tree = StateTree::open(&self.session, Height::new(version), root, &self.config).expect("opens");
    }
    fn prove(&self, version: u64, key: &[u8; 32]) -> Option<StateProof> {
        let view = self.session.view().expect("memory answers");
        self.tree.versions().prove(&view, Height::new(version), key).expect("memory answers")
    }
}

/// Keys that share long prefixes with one another, and keys that share none.
fn key() -> impl Strategy<Value = [u8; 32]> {
    let close = (0..16u8, prop::sample::select(vec![0u8, 1, 2, 15, 31])).prop_map(|(last, byte)| {
        let mut key = [0x5a; 32];
        key[byte as usize] ^= last;
        key
    });
    let far = (0..400u16).prop_map(|n| *blake3::hash(&n.to_be_bytes()).as_bytes());
    prop_oneof![1 => close, 3 => far]
}

fn changes(most: usize) -> impl Strategy<Value = LeafChanges> {
    prop::collection::btree_map(key(), prop_oneof![4 => any::<[u8; 32]>().prop_map(Some), 2 => Just(None)], 0..most)
}

/// A history with blocks of all sizes, so that pages grow, split and merge.
fn history() -> impl Strategy<Value = Vec<(LeafChanges, bool)>> {
    let block = prop_oneof![4 => changes(8), 2 => changes(60), 1 => changes(400)];
    prop::collection::vec((block, prop::bool::weighted(0.2)), 1..14)
}

fn agree(ours: &Ours, oracle: &Oracle, root: Hash, version: u64, key: &[u8; 32]) {
    let (theirs, value) = oracle.prove(version, key);
    let proof = ours.prove(version, key).expect("the version is there");
    assert_eq!(proof, converted(&theirs), "the proof of {key:x?} at {version}");
    let value = value.as_deref();
    assert_eq!(proof.verify(&root, key, value), Ok(()), "{key:x?} at {version}");
    for claim in [None, Some([9u8; 32].as_slice())] {
        let theirs = theirs.verify(RootHash(root.0), KeyHash(*key), claim).is_ok();
        assert_eq!(proof.verify(&root, key, claim).is_ok(), theirs, "our verifier and the oracle's disagree");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn roots_and_proofs_of_every_version_are_those_of_the_oracle(
        history in history(),
        asked in prop::collection::vec(key(), 1..12),
        flush_leaves in prop::sample::select(vec![1usize, 30, 500, 100_000]),
        cache in prop::sample::select(vec![0usize, 20_000, 1 << 20]),
    ) {
        let (mut ours, mut oracle) = (Ours::new(flush_leaves, cache), Oracle { store: MockTreeStore::default(), tip: 0 });
        let mut roots = Vec::new();
        let mut model: BTreeMap<[u8; 32], [u8; 32]> = BTreeMap::new();
        for ((changes, restarts), version) in history.iter().zip(0..) {
            let root = ours.commit(version, changes);
            prop_assert_eq!(root, oracle.commit(version, changes));
            for (key, value) in changes {
                match value {
                    Some(value) => model.insert(*key, *value),
                    None => model.remove(key),
                };
            }
            let leaves: Vec<_> = model.iter().map(|(key, value)| (*key, *value)).collect();
            prop_assert_eq!(root, root_of(&leaves));
            prop_assert_eq!(ours.tree.root.leaves, model.len() as u64);
            roots.push(root);
            if *restarts {
                ours.reopen(version, root);
            }
            for key in &asked {
                agree(&ours, &oracle, root, version, key);
            }
        }
        // A reader has the disk only.
        ours.reopen(oracle.tip, *roots.last().expect("a history has a block"));
        for (root, version) in roots.iter().zip(0..) {
            for key in &asked {
                agree(&ours, &oracle, *root, version, key);
            }
        }
    }
}

#[test]
fn a_staged_version_that_is_not_committed_leaves_nothing_behind() {
    let (mut once, mut twice) = (Ours::new(20, 1 << 20), Ours::new(20, 1 << 20));
    for version in 0..30u64 {
        let key = |n: u64| *blake3::hash(&(version * 7 + n).to_be_bytes()).as_bytes();
        let wanted: LeafChanges = (0..9).map(|n| (key(n), Some([version as u8; 32]))).collect();
        let other: LeafChanges = (3..40).map(|n| (key(n), Some([0xee; 32]))).collect();
        let staged = twice.tree.stage(&twice.session, Height::new(version), &other);
        assert_ne!(staged.root(), twice.commit(version, &wanted));
        assert_eq!(once.commit(version, &wanted), Hash(twice.tree.root.node.hash));
    }
    assert_eq!(once.disk.rows(Column::Nodes), twice.disk.rows(Column::Nodes));
}

#[test]
fn only_nodes_on_changed_paths_are_hashed() {
    let mut tree = Ours::new(100_000, 1 << 30);
    let key = |n: u64| *blake3::hash(&n.to_be_bytes()).as_bytes();
    let all: LeafChanges = (0..20_000).map(|n| (key(n), Some([1; 32]))).collect();
    tree.commit(0, &all);
    for block in 1..20u64 {
        let changed: LeafChanges = (0..100).map(|n| (key((block * 6_151 + n * 199) % 20_000), Some([2; 32]))).collect();
        let staged = tree.tree.stage(&tree.session, Height::new(block), &changed);
        let least =
            least_hashes(&all.keys().copied().collect::<Vec<_>>(), &changed.keys().copied().collect::<Vec<_>>(), 0);
        assert_eq!(staged.hashes(), least);
    }
}

/// Nodes on the paths of changed keys in a tree of `keys`, both sorted.
fn least_hashes(keys: &[[u8; 32]], changed: &[[u8; 32]], depth: usize) -> u64 {
    if changed.is_empty() {
        return 0;
    }
    if keys.len() < 2 {
        return keys.len() as u64;
    }
    let (left, right) = node::split_at_bit(keys, |key| key, depth);
    let (changed_left, changed_right) = node::split_at_bit(changed, |key| key, depth);
    1 + least_hashes(left, changed_left, depth + 1) + least_hashes(right, changed_right, depth + 1)
}

#[test]
fn a_damaged_missing_or_exchanged_page_is_a_fault_that_names_it() {
    let key = |n: u64| *blake3::hash(&n.to_be_bytes()).as_bytes();
    let set = |from: u64, until: u64| (from..until).map(|n| (key(n), Some([1; 32]))).collect::<LeafChanges>();
    for damage in ["missing", "exchanged", "cut"] {
        let mut ours = Ours::new(1, 0);
        ours.commit(0, &set(0, 600));
        let root = ours.commit(1, &set(600, 700));
        let rows = ours.session.scan(Column::Nodes, &[], &[0xff; 80], usize::MAX).expect("memory answers");
        let pages: Vec<_> = rows.iter().filter(|(key, _)| key[7] == 1 && key[8] != 0xff).collect();
        for ((page, bytes), (_, other)) in pages.iter().zip(pages.iter().skip(1)) {
            let (good, mut batch) = (bytes.clone(), Changes::default());
            match damage {
                "missing" => batch.delete(Column::Nodes, page),
                "exchanged" => batch.put(Column::Nodes, page, other),
                _ => batch.put(Column::Nodes, page, &good[..good.len() - 1]),
            }
            ours.session.write(batch, Durability::Synced).expect("memory takes it");
            let opened =
                StateTree::open(&ours.session, Height::new(1), root, &ours.config).expect("no page is read yet");
            let view = ours.session.view().expect("memory answers");
            let faults = (0..700).filter_map(|n| opened.versions().prove(&view, Height::new(1), &key(n)).err());
            assert!(faults.count() > 0, "{damage}: page {page:x?} was believed");
            let mut batch = Changes::default();
            batch.put(Column::Nodes, page, good);
            ours.session.write(batch, Durability::Synced).expect("memory takes it");
        }
    }
}

#[test]
fn pages_of_a_height_that_was_not_committed_are_gone_after_a_start() {
    let key = |n: u64| *blake3::hash(&n.to_be_bytes()).as_bytes();
    let set = |from: u64, until: u64| (from..until).map(|n| (key(n), Some([1; 32]))).collect::<LeafChanges>();
    let mut ours = Ours::new(1, 0);
    let root = ours.commit(0, &set(0, 100));
    let before = ours.disk.rows(Column::Nodes);
    let staged = ours.tree.stage(&ours.session, Height::new(1), &set(100, 200));
    ours.tree.commit(&ours.session, staged, &mut Changes::default()).expect("memory takes it");
    ours.disk.crash();
    ours.reopen(0, root);
    assert!(ours.disk.rows(Column::Nodes) > before, "the pages are on the disk, what refers to them is not");
    ours.tree.drop_orphans(&ours.session).expect("memory answers");
    assert_eq!(ours.disk.rows(Column::Nodes), before);
    assert!(ours.prove(0, &key(7)).is_some(), "the committed version is whole");
}
