//! Verification of state proofs and of simple Merkle roots.
//!
//! The hashing rule is that of `jmt` 0.12 with BLAKE3 (which stays the oracle in tests): leaves hash
//! `"JMT::LeafNode" ‖ key ‖ blake3(value)`, inner nodes `"JMT::IntrnalNode" ‖ left ‖ right`, an empty subtree is a fixed placeholder.

use crate::{Hash, bounds::PROOF_SIBLINGS_MAX};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;

/// Hash of an empty subtree.
pub const EMPTY: [u8; 32] = *b"SPARSE_MERKLE_PLACEHOLDER_HASH__";

/// The leaf a proof ends in.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    serde::Serialize,
    serde::Deserialize,
    JsonSchema,
)]
pub struct ProofLeaf {
    pub key: Hash,
    pub value_hash: Hash,
}

/// A path from a leaf, or from an empty place, to the state root.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    serde::Serialize,
    serde::Deserialize,
    JsonSchema,
)]
pub struct StateProof {
    /// The leaf found on the way to the key: the key's own for inclusion; another one or none for exclusion.
    pub leaf: Option<ProofLeaf>,
    /// Sibling hashes from the bottom to the root.
    pub siblings: Vec<Hash>,
}

/// Why a state proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    #[error("the path is longer than the key")]
    TooLong,
    #[error("the proof ends in another leaf than it claims")]
    WrongLeaf,
    #[error("the value is not the one in the tree")]
    WrongValue,
    #[error("the path does not lead to the state root")]
    WrongRoot,
}

/// Hash of a leaf node.
pub fn leaf_hash(key: &[u8; 32], value_hash: &[u8; 32]) -> [u8; 32] {
    let mut h = blake3::Hasher::new();
    h.update(b"JMT::LeafNode").update(key).update(value_hash);
    *h.finalize().as_bytes()
}

/// Hash of an inner node.
pub fn inner_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut h = blake3::Hasher::new();
    h.update(b"JMT::IntrnalNode").update(left).update(right);
    *h.finalize().as_bytes()
}

/// Bit `index` of a key, counted from the most significant.
pub fn key_bit(key: &[u8; 32], index: usize) -> bool {
    key.get(index / 8).is_some_and(|byte| byte >> (7 - index % 8) & 1 == 1)
}

/// Number of leading bits two keys share.
pub fn common_prefix(a: &[u8; 32], b: &[u8; 32]) -> usize {
    (0..256).find(|i| key_bit(a, *i) != key_bit(b, *i)).unwrap_or(256)
}

impl StateProof {
    /// Checks that `key` holds `value` (or nothing, for `None`) under `root`.
    ///
    /// # Errors
    /// The first defect found; see [`ProofError`].
    pub fn verify(&self, root: &Hash, key: &[u8; 32], value: Option<&[u8]>) -> Result<(), ProofError> {
        if self.siblings.len() > PROOF_SIBLINGS_MAX {
            return Err(ProofError::TooLong);
        }
        self.check_leaf(key, value)?;
        let start = self.leaf.map_or(EMPTY, |l| leaf_hash(&l.key.0, &l.value_hash.0));
        let depth = self.siblings.len();
        let top = self.siblings.iter().enumerate().fold(start, |hash, (i, sibling)| {
            if key_bit(key, depth - 1 - i) { inner_hash(&sibling.0, &hash) } else { inner_hash(&hash, &sibling.0) }
        });
        if top == root.0 { Ok(()) } else { Err(ProofError::WrongRoot) }
    }

    fn check_leaf(&self, key: &[u8; 32], value: Option<&[u8]>) -> Result<(), ProofError> {
        match (value, self.leaf) {
            (Some(value), Some(leaf)) if leaf.key.0 == *key => {
                let same = leaf.value_hash.0 == *blake3::hash(value).as_bytes();
                if same { Ok(()) } else { Err(ProofError::WrongValue) }
            }
            (Some(_), _) => Err(ProofError::WrongLeaf),
            (None, Some(leaf)) if leaf.key.0 == *key => Err(ProofError::WrongLeaf),
            // Another leaf proves absence only where the key itself would have ended up.
            (None, Some(leaf)) if common_prefix(key, &leaf.key.0) < self.siblings.len() => Err(ProofError::WrongLeaf),
            (None, _) => Ok(()),
        }
    }
}

/// Root of a binary Merkle tree over encoded items; an odd node is carried up. Leaves and nodes have separate domains.
pub fn merkle_root(items: &[Vec<u8>]) -> Hash {
    let mut level: Vec<[u8; 32]> = items.iter().map(|item| merkle_leaf(item)).collect();
    while level.len() > 1 {
        level = level.chunks(2).map(merkle_node).collect();
    }
    Hash(level.first().copied().unwrap_or(EMPTY))
}

fn merkle_leaf(item: &[u8]) -> [u8; 32] {
    let mut h = blake3::Hasher::new();
    h.update(&[0]).update(item);
    *h.finalize().as_bytes()
}

fn merkle_node(pair: &[[u8; 32]]) -> [u8; 32] {
    match pair {
        [left, right] => {
            let mut h = blake3::Hasher::new();
            h.update(&[1]).update(left).update(right);
            *h.finalize().as_bytes()
        }
        [single] => *single,
        _ => EMPTY,
    }
}
