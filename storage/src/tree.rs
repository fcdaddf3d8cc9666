//! The authenticated tree: the only file that knows `jmt`.
//!
//! Version = height. A key is [`tree_key`] of an object, a value the 32 bytes of [`Leaf::value`](landsea_types::state::Leaf::value).
//! [`StateTree::stage`] computes the next root without touching the disk, so that a header can carry it before anybody votes;
//! the staged nodes are written by the commit. Nodes that a version replaces are listed under that version, and removed when the
//! versions that still need them leave the window of provable heights.
//!
//! Two habits of `jmt` are corrected here: the root of every version is listed as stale by the next one even when nothing
//! changed (the library copies it and forgets the old one), and values are not stored at all, because the records lie in their own column.

use crate::disk::{Changes, Column, DiskRead};
use crate::error::{DiskFault, halt, must};
use crate::keys;
use borsh::{BorshDeserialize, BorshSerialize};
use jmt::proof::SparseMerkleProof;
use jmt::storage::{LeafNode, Node, NodeKey, TreeReader, TreeUpdateBatch};
use jmt::{JellyfishMerkleTree, KeyHash, OwnedValue, RootHash, SimpleHasher, Version};
use landsea_types::state::{Write, tree_key};
use landsea_types::tree::{EMPTY, ProofLeaf, StateProof, inner_hash, leaf_hash};
use landsea_types::{Hash, Height};
use std::collections::BTreeMap;

/// The root of a tree without leaves.
pub const EMPTY_ROOT: Hash = Hash(EMPTY);

/// Changes of leaf values by tree key; `None` removes.
pub type LeafChanges = BTreeMap<[u8; 32], Option<[u8; 32]>>;

/// BLAKE3 for `jmt`.
#[derive(Debug)]
pub struct Blake3(blake3::Hasher);

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

/// The tree after a block that is not committed: its root, the nodes to write and the nodes that become stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedTree {
    height: Height,
    base: Hash,
    root: Hash,
    nodes: Vec<(Vec<u8>, Vec<u8>)>,
    stale: Vec<Vec<u8>>,
}

impl StagedTree {
    /// The height whose state this is.
    pub fn height(&self) -> Height {
        self.height
    }
    /// The root that the changes were applied to.
    pub fn base(&self) -> Hash {
        self.base
    }
    /// The root for the header.
    pub fn root(&self) -> Hash {
        self.root
    }
    /// Number of nodes that this version replaces.
    pub fn stale_nodes(&self) -> usize {
        self.stale.len()
    }
    pub(crate) fn write_to(self, changes: &mut Changes) {
        for (key, node) in self.nodes {
            changes.put(Column::Nodes, key, node);
        }
        for node in self.stale {
            changes.put(Column::Stale, [keys::stale(self.height.get()), node].concat(), Vec::new());
        }
    }
}

/// The leaf changes among a block's writes; the last write of a key counts.
pub fn leaf_changes(writes: &[Write]) -> LeafChanges {
    let mut changes = LeafChanges::new();
    for write in writes {
        if let Write::Leaf { family, id, leaf } = write {
            changes.insert(tree_key(*family, id), leaf.as_ref().map(|leaf| leaf.value()));
        }
    }
    changes
}

/// The tree over a disk or a snapshot of one.
#[derive(Clone, Copy, Debug)]
pub struct StateTree<R>(R);

impl<R: DiskRead> StateTree<R> {
    /// Wraps the disk that holds the nodes.
    pub fn new(disk: R) -> Self {
        Self(disk)
    }

    /// The root of a version, or `None` when its nodes are not there.
    pub fn root(&self, version: Height) -> Option<Hash> {
        let tree = JellyfishMerkleTree::<_, Blake3>::new(self);
        let answer = tree.get_root_hash_option(version.get());
        answer.unwrap_or_else(|error| halt(&self.fault(&error))).map(|root| Hash(root.0))
    }

    /// Applies changes to the version below `height`, in memory. Height 0 starts from the empty tree.
    pub fn stage(&self, height: Height, changes: &LeafChanges) -> StagedTree {
        let base = match height.checked_sub(1) {
            None => EMPTY_ROOT,
            Some(parent) => self.root(parent).expect("the tree of the committed tip is never pruned"),
        };
        let (root, update) = self.update(height.get(), changes);
        let nodes = update.node_batch.nodes().iter().map(|(key, node)| (encode_key(key), encode(node))).collect();
        let mut stale: Vec<_> = update.stale_node_index_batch.iter().map(|index| encode_key(&index.node_key)).collect();
        if let Some(parent) = height.checked_sub(1) {
            let old_root = root_key(parent);
            if !stale.contains(&old_root) {
                stale.push(old_root);
            }
        }
        StagedTree { height, base, root: Hash(root.0), nodes, stale }
    }

    fn update(&self, version: Version, changes: &LeafChanges) -> (RootHash, TreeUpdateBatch) {
        let tree = JellyfishMerkleTree::<_, Blake3>::new(self);
        let removes = changes.values().any(Option::is_none);
        let answer = if removes || changes.is_empty() {
            let set = changes.iter().map(|(key, value)| (KeyHash(*key), value.map(|v| v.to_vec())));
            tree.put_value_set(set, version)
        } else {
            // One pass over the tree instead of one per key; the library has it for insertions only.
            let set = changes.iter().filter_map(|(key, value)| value.map(|v| (KeyHash(*key), v.to_vec()))).collect();
            tree.batch_put_value_sets(vec![set], None, version).map(|(roots, update)| (roots[0], update))
        };
        answer.unwrap_or_else(|error| halt(&self.fault(&error)))
    }

    /// A proof of what `key` holds at a version; `None` when the version is not there.
    pub fn prove(&self, version: Height, key: &[u8; 32]) -> Option<StateProof> {
        self.root(version)?;
        let tree = JellyfishMerkleTree::<_, Blake3>::new(self);
        let answer = tree.get_with_proof(KeyHash(*key), version.get());
        let (_, proof) = answer.unwrap_or_else(|error| halt(&self.fault(&error)));
        Some(convert(&proof))
    }

    fn node(&self, key: &NodeKey) -> Result<Option<Node>, DiskFault> {
        let Some(bytes) = self.0.get(Column::Nodes, &encode_key(key))? else { return Ok(None) };
        borsh::from_slice(&bytes).map(Some).map_err(|error| self.fault(&error))
    }

    fn fault(&self, error: &dyn std::fmt::Display) -> DiskFault {
        DiskFault { action: "walk of the state tree".into(), place: self.0.place(), detail: format!("{error:#}") }
    }
}

impl<R: DiskRead> TreeReader for StateTree<R> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(must(self.node(key)))
    }
    /// Values are not kept in the tree; a proof needs only their hashes, which lie in the leaf nodes.
    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(Some(OwnedValue::new()))
    }
    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        anyhow::bail!("the tree is never restored from the right edge")
    }
}

/// The root that a set of (tree key, value) pairs must have, computed without the tree: the second opinion of `replay`.
///
/// `leaves` must be sorted by key, each key once.
pub fn root_of(leaves: &[([u8; 32], [u8; 32])]) -> Hash {
    Hash(subtree(leaves, 0))
}

fn subtree(leaves: &[([u8; 32], [u8; 32])], depth: usize) -> [u8; 32] {
    match leaves {
        [] => EMPTY,
        [(key, value)] => leaf_hash(key, blake3::hash(value).as_bytes()),
        _ => {
            let middle = leaves.partition_point(|(key, _)| !landsea_types::tree::key_bit(key, depth));
            let (left, right) = leaves.split_at(middle);
            inner_hash(&subtree(left, depth + 1), &subtree(right, depth + 1))
        }
    }
}

/// The encoded key of a version's root: the empty path.
fn root_key(version: Height) -> Vec<u8> {
    [version.get().to_be_bytes().as_slice(), &[0]].concat()
}

fn encode(value: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to a vector cannot fail")
}

/// Big-endian version ‖ number of nibbles ‖ path: sorted by version, so that new nodes are appended.
fn encode_key(key: &NodeKey) -> Vec<u8> {
    let path = encode(key.nibble_path());
    // Borsh of a path: the number of nibbles as u64, the number of bytes as u32, the bytes.
    let (nibbles, bytes) = (path[0], &path[12..]);
    [key.version().to_be_bytes().as_slice(), &[nibbles], bytes].concat()
}

/// The borsh shape of `jmt`'s proof, whose fields are private.
#[derive(BorshDeserialize)]
struct JmtProof {
    leaf: Option<JmtLeaf>,
    siblings: Vec<JmtSibling>,
}

#[derive(BorshDeserialize)]
struct JmtLeaf {
    key: [u8; 32],
    value_hash: [u8; 32],
}

#[derive(BorshDeserialize)]
enum JmtSibling {
    Null,
    Internal { left: [u8; 32], right: [u8; 32] },
    Leaf { key: [u8; 32], value_hash: [u8; 32] },
}

impl JmtSibling {
    fn hash(&self) -> Hash {
        Hash(match self {
            JmtSibling::Null => EMPTY,
            JmtSibling::Internal { left, right } => inner_hash(left, right),
            JmtSibling::Leaf { key, value_hash } => leaf_hash(key, value_hash),
        })
    }
}

fn convert(proof: &SparseMerkleProof<Blake3>) -> StateProof {
    let proof: JmtProof = borsh::from_slice(&encode(proof)).expect("the pinned library encodes proofs in this shape");
    let leaf = proof.leaf.map(|leaf| ProofLeaf { key: Hash(leaf.key), value_hash: Hash(leaf.value_hash) });
    StateProof { leaf, siblings: proof.siblings.iter().map(JmtSibling::hash).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Disk, Durability, MemoryDisk};
    use proptest::prelude::*;

    /// Few bits per key, so that paths are long and collide.
    fn key() -> impl Strategy<Value = [u8; 32]> {
        (0..16u8, prop::sample::select(vec![0u8, 1, 15, 31])).prop_map(|(last, byte)| {
            let mut key = [0x5a; 32];
            key[byte as usize] ^= last;
            key
        })
    }

    fn agree(proof: &SparseMerkleProof<Blake3>, root: Hash, key: [u8; 32], value: Option<&[u8]>) -> bool {
        let theirs = proof.verify(RootHash(root.0), KeyHash(key), value).is_ok();
        let ours = convert(proof).verify(&root, &key, value).is_ok();
        assert_eq!(ours, theirs, "the verifier and the oracle disagree on {proof:?} for {key:x?} = {value:x?}");
        ours
    }

    proptest! {
        #[test]
        fn our_verifier_agrees_with_the_oracle(
            set in prop::collection::btree_map(key(), any::<[u8; 32]>(), 0..20),
            asked in prop::collection::vec(key(), 1..20),
        ) {
            let disk = MemoryDisk::new().open();
            let tree = StateTree::new(&disk);
            let staged = tree.stage(Height::ZERO, &set.iter().map(|(key, value)| (*key, Some(*value))).collect());
            let root = staged.root();
            let mut changes = Changes::default();
            staged.write_to(&mut changes);
            disk.write(changes, Durability::Synced).expect("memory takes it");
            for key in &asked {
                let jmt = JellyfishMerkleTree::<_, Blake3>::new(&tree);
                let (_, proof) = jmt.get_with_proof(KeyHash(*key), 0).expect("the version is there");
                let value = set.get(key).map(|value| value.as_slice());
                prop_assert!(agree(&proof, root, *key, value));
                agree(&proof, root, *key, Some(&[9; 32]));
                agree(&proof, root, *key, None);
                agree(&proof, Hash([1; 32]), *key, value);
                // The same path for another key: both must judge the position alike.
                for other in &asked {
                    agree(&proof, root, *other, set.get(other).map(|value| value.as_slice()));
                    agree(&proof, root, *other, None);
                }
            }
        }
    }
}
