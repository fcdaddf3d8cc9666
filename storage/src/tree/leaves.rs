//! A page of leaves: a whole subtree of at most [`LEAVES_MAX`] leaves with every node above them.
//!
//! Nodes lie in preorder: the left child follows its parent, the right one follows the left one's subtree. Leaves lie in key order,
//! which is the same order. A subtree is then one run of nodes and one run of leaves, and what a change does not touch is copied whole.

use super::node::{Change, Entry, Hasher, Kind, Node, split_at_bit};
use landsea_types::tree::key_bit;

/// Leaves in one page; a page that would hold more becomes a branch.
pub(super) const LEAVES_MAX: usize = 32;

/// A node with the sizes of its subtree.
#[derive(Clone, Copy, Debug)]
struct Placed {
    node: Node,
    nodes: u16,
    leaves: u16,
}

/// A subtree in preorder.
#[derive(Clone, Debug, Default)]
pub(super) struct LeafPage {
    nodes: Vec<Placed>,
    leaves: Vec<Entry>,
}

/// Where a subtree begins in both runs.
#[derive(Clone, Copy)]
struct Place {
    node: usize,
    leaf: usize,
}

const ROOT: Place = Place { node: 0, leaf: 0 };

impl LeafPage {
    /// The page of leaves sorted by key, at a depth in bits.
    pub(super) fn build(leaves: &[Entry], depth: usize, hasher: &mut Hasher) -> Self {
        let mut page = Self::default();
        page.push_built(leaves, depth, hasher);
        page
    }

    /// The root of the page.
    pub(super) fn root(&self) -> Node {
        self.nodes.first().map_or(Node::EMPTY, |placed| placed.node)
    }
    pub(super) fn leaves(&self) -> &[Entry] {
        &self.leaves
    }
    /// Bytes in memory.
    pub(super) fn weight(&self) -> u64 {
        (self.nodes.capacity() * size_of::<Placed>() + self.leaves.capacity() * size_of::<Entry>() + 64) as u64
    }

    /// Whether the page can take changes sorted by key without holding too many leaves.
    pub(super) fn has_room_for(&self, changes: &[Change]) -> bool {
        self.leaves.len() + changes.len() <= LEAVES_MAX || self.len_after(changes) <= LEAVES_MAX
    }

    fn len_after(&self, changes: &[Change]) -> usize {
        let mut len = self.leaves.len();
        for (key, value) in changes {
            let is_held = self.leaves.binary_search_by(|entry| entry.key.cmp(key)).is_ok();
            match value {
                Some(_) if !is_held => len += 1,
                None if is_held => len -= 1,
                _ => {}
            }
        }
        len
    }

    /// The page after changes sorted by key, each key once. Only what lies on their paths is hashed.
    pub(super) fn updated(&self, changes: &[Change], depth: usize, hasher: &mut Hasher) -> Self {
        let room = changes.len().min(LEAVES_MAX);
        let mut page = Self {
            nodes: Vec::with_capacity(self.nodes.len() + 2 * room),
            leaves: Vec::with_capacity(self.leaves.len() + room),
        };
        page.push_updated(self, ROOT, changes, depth, hasher);
        page
    }

    fn at(&self, place: Place) -> Placed {
        self.nodes.get(place.node).copied().unwrap_or(Placed { node: Node::EMPTY, nodes: 0, leaves: 0 })
    }
    fn left(&self, of: Place) -> Place {
        Place { node: of.node + 1, leaf: of.leaf }
    }
    fn right(&self, of: Place) -> Place {
        let left = self.at(self.left(of));
        Place { node: of.node + 1 + usize::from(left.nodes), leaf: of.leaf + usize::from(left.leaves) }
    }

    fn push_leaf(&mut self, entry: Entry, node: Node) {
        self.nodes.push(Placed { node, nodes: 1, leaves: 1 });
        self.leaves.push(entry);
    }
    fn push_empty(&mut self) {
        self.nodes.push(Placed { node: Node::EMPTY, nodes: 1, leaves: 0 });
    }
    fn push_copy(&mut self, old: &LeafPage, place: Place) {
        let size = old.at(place);
        self.nodes.extend_from_slice(&old.nodes[place.node..][..usize::from(size.nodes)]);
        self.leaves.extend_from_slice(&old.leaves[place.leaf..][..usize::from(size.leaves)]);
    }

    fn push_built(&mut self, leaves: &[Entry], depth: usize, hasher: &mut Hasher) {
        match leaves {
            [] => self.push_empty(),
            [entry] => self.push_leaf(*entry, hasher.leaf(entry)),
            _ => {
                let (left, right) = split_at_bit(leaves, |entry| &entry.key, depth);
                let start = self.open();
                self.push_built(left, depth + 1, hasher);
                self.push_built(right, depth + 1, hasher);
                self.close(start, hasher);
            }
        }
    }

    fn push_updated(&mut self, old: &LeafPage, place: Place, changes: &[Change], depth: usize, hasher: &mut Hasher) {
        if changes.is_empty() && place.node < old.nodes.len() {
            return self.push_copy(old, place);
        }
        match old.at(place).node.kind {
            Kind::Empty => self.push_built(&inserted(None, changes), depth, hasher),
            Kind::Leaf => self.push_built(&inserted(Some(old.leaves[place.leaf]), changes), depth, hasher),
            Kind::Inner => {
                let (left, right) = split_at_bit(changes, |change| &change.0, depth);
                let start = self.open();
                self.push_updated(old, old.left(place), left, depth + 1, hasher);
                self.push_updated(old, old.right(place), right, depth + 1, hasher);
                self.close(start, hasher);
            }
        }
    }

    /// Begins an inner node whose children follow.
    fn open(&mut self) -> Place {
        let start = Place { node: self.nodes.len(), leaf: self.leaves.len() };
        self.push_empty();
        start
    }

    /// Ends an inner node: hashes it, or takes it away where at most one leaf is left below it.
    fn close(&mut self, start: Place, hasher: &mut Hasher) {
        let (left, right) = (self.at(self.left(start)), self.at(self.right(start)));
        let node = hasher.join(&left.node, &right.node);
        let leaves = left.leaves + right.leaves;
        if leaves < 2 {
            self.nodes.truncate(start.node);
            self.nodes.push(Placed { node, nodes: 1, leaves });
            return;
        }
        self.nodes[start.node] = Placed { node, nodes: 1 + left.nodes + right.nodes, leaves };
    }

    /// Cuts the page into what sixteen pages four bits further down hold, and the nodes above them in heap order from 1.
    /// Nothing is hashed.
    pub(super) fn split(&self, depth: usize) -> ([Node; 16], [LeafPage; 16]) {
        let (mut above, mut pages) = ([Node::EMPTY; 16], <[LeafPage; 16]>::default());
        self.cut(ROOT, 1, depth, &mut above, &mut pages);
        (above, pages)
    }

    fn cut(&self, place: Place, heap: usize, depth: usize, above: &mut [Node; 16], pages: &mut [LeafPage; 16]) {
        let node = self.at(place).node;
        if heap >= 16 {
            return pages[heap - 16].push_copy(self, place);
        }
        above[heap] = node;
        match node.kind {
            Kind::Empty => {}
            // A lone leaf stands for every node on its way down.
            Kind::Leaf => {
                let below = 2 * heap + usize::from(key_bit(&self.leaves[place.leaf].key, depth));
                self.cut(place, below, depth + 1, above, pages);
            }
            Kind::Inner => {
                self.cut(self.left(place), 2 * heap, depth + 1, above, pages);
                self.cut(self.right(place), 2 * heap + 1, depth + 1, above, pages);
            }
        }
    }

    /// The leaf where the way to a key ends, if any; siblings on the way are pushed from the top down.
    pub(super) fn walk(&self, key: &[u8; 32], mut depth: usize, siblings: &mut Vec<[u8; 32]>) -> Option<Entry> {
        let mut place = ROOT;
        loop {
            match self.at(place).node.kind {
                Kind::Empty => return None,
                Kind::Leaf => return Some(self.leaves[place.leaf]),
                Kind::Inner => {
                    let (left, right) = (self.left(place), self.right(place));
                    let (on, off) = if key_bit(key, depth) { (right, left) } else { (left, right) };
                    siblings.push(self.at(off).node.hash);
                    (place, depth) = (on, depth + 1);
                }
            }
        }
    }
}

/// What a place that held at most one leaf holds after changes, in key order.
fn inserted(old: Option<Entry>, changes: &[Change]) -> Vec<Entry> {
    let kept = old.filter(|old| changes.iter().all(|(key, _)| *key != old.key));
    let new = changes.iter().filter_map(|(key, value)| value.map(|value_hash| Entry { key: *key, value_hash }));
    let mut all: Vec<Entry> = kept.into_iter().chain(new).collect();
    all.sort_unstable_by_key(|entry| entry.key);
    all
}
