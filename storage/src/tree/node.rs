//! What one node of the binary tree tells its parent.

use landsea_types::tree::{EMPTY, inner_hash, leaf_hash};

/// What lies below a node. A subtree of one leaf is that leaf, at whatever depth it hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    Leaf,
    Inner,
}

/// The hash of a subtree, and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) hash: [u8; 32],
}

impl Node {
    pub(super) const EMPTY: Node = Node { kind: Kind::Empty, hash: EMPTY };
}

/// Hashes nodes and counts how many it hashed.
#[derive(Debug, Default)]
pub(super) struct Hasher {
    pub(super) hashes: u64,
}

impl Hasher {
    pub(super) fn leaf(&mut self, entry: &Entry) -> Node {
        self.hashes += 1;
        Node { kind: Kind::Leaf, hash: leaf_hash(&entry.key, &entry.value_hash) }
    }

    /// The node above two siblings: nothing above nothing, the leaf itself above a single one.
    pub(super) fn join(&mut self, left: &Node, right: &Node) -> Node {
        match (left.kind, right.kind) {
            (Kind::Empty, Kind::Empty | Kind::Leaf) => *right,
            (Kind::Leaf, Kind::Empty) => *left,
            _ => {
                self.hashes += 1;
                Node { kind: Kind::Inner, hash: inner_hash(&left.hash, &right.hash) }
            }
        }
    }
}

/// A leaf: its key and the hash of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: [u8; 32],
    pub(super) value_hash: [u8; 32],
}

/// The change of one leaf; `None` removes it.
pub(super) type Change = ([u8; 32], Option<[u8; 32]>);

/// Splits entries sorted by key at a bit: zeros first.
pub(super) fn split_at_bit<T>(sorted: &[T], key: impl Fn(&T) -> &[u8; 32], depth: usize) -> (&[T], &[T]) {
    let middle = sorted.partition_point(|item| !landsea_types::tree::key_bit(key(item), depth));
    sorted.split_at(middle)
}
