//! The pages of the tree, in memory and on disk.
//!
//! A page covers a subtree whose root lies four bits times its depth below the tree's. It is never changed: a change makes a new one
//! under the height that made it, so that (height, path) names one content for ever and old versions stay readable.

use super::leaves::{LEAVES_MAX, LeafPage};
use super::node::{Entry, Hasher, Kind, Node};
use crate::disk::{Column, DiskRead};
use crate::error::DiskFault;
use crate::tables::encode;
use borsh::{BorshDeserialize, BorshSerialize};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::sync::{Arc, OnceLock};

/// Children of a branch, and the bits that choose one.
pub(super) const FANOUT: usize = 16;
pub(super) const BITS: usize = 4;
/// Children of a branch that versions share together.
const GROUP: usize = 4;
/// Follows the height in the key of a version's root; longer than any path.
const ROOT_MARK: u8 = 0xff;

/// A page with what its parent knows of it.
#[derive(Clone, Debug)]
pub(super) struct Child {
    pub(super) node: Node,
    /// Leaves in the whole subtree.
    pub(super) leaves: u64,
    /// The height that made the page.
    pub(super) version: u64,
    pub(super) page: Page,
}

/// A page, or how to get it.
#[derive(Clone, Debug)]
pub(super) enum Page {
    Empty,
    /// At most [`LEAVES_MAX`] leaves; `None` when it lies on disk and perhaps in the cache.
    Leaves(Option<Arc<LeafPage>>),
    /// Read once, then kept: there are some twenty times fewer branches than leaves.
    Branch(Arc<OnceLock<Branch>>),
}

/// Sixteen children and the nodes above them, in heap order from 1.
///
/// A new version of a branch shares its children with the old one. They are shared in groups: to count one more owner of each child
/// would read sixteen places in memory that are in no cache.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    above: [Node; FANOUT],
    groups: [Arc<[Child; GROUP]>; FANOUT / GROUP],
}

impl Child {
    pub(super) const EMPTY: Child = Child { node: Node::EMPTY, leaves: 0, version: 0, page: Page::Empty };

    pub(super) fn of_leaves(page: LeafPage, version: u64) -> Self {
        let (node, leaves) = (page.root(), page.leaves().len() as u64);
        if leaves == 0 {
            return Self::EMPTY;
        }
        Self { node, leaves, version, page: Page::Leaves(Some(Arc::new(page))) }
    }

    pub(super) fn of_branch(branch: Branch, leaves: u64, version: u64) -> Self {
        Self { node: branch.above[1], leaves, version, page: Page::Branch(Arc::new(OnceLock::from(branch))) }
    }
}

impl Branch {
    pub(super) fn new(above: [Node; FANOUT], children: [Child; FANOUT]) -> Self {
        let mut children = children.into_iter();
        let mut next = |_| children.next().expect("groups hold as many as there are");
        Self { above, groups: std::array::from_fn(|_| Arc::new(std::array::from_fn(&mut next))) }
    }

    pub(super) fn child(&self, slot: usize) -> &Child {
        &self.groups[slot / GROUP][slot % GROUP]
    }
    pub(super) fn children(&self) -> impl Iterator<Item = &Child> {
        self.groups.iter().flat_map(|group| group.iter())
    }
    /// Changes one child; the nodes above it are not hashed.
    pub(super) fn set(&mut self, slot: usize, child: Child) {
        Arc::make_mut(&mut self.groups[slot / GROUP])[slot % GROUP] = child;
    }

    /// Hashes the nodes above the children in a bit set.
    pub(super) fn refresh(&mut self, changed: u16, hasher: &mut Hasher) {
        let mut dirty = u32::from(changed) << FANOUT;
        for heap in (1..FANOUT).rev() {
            if dirty >> (2 * heap) & 0b11 != 0 {
                self.above[heap] = hasher.join(&self.node(2 * heap), &self.node(2 * heap + 1));
                dirty |= 1 << heap;
            }
        }
    }

    /// A node by its place in the heap; children begin at 16.
    pub(super) fn node(&self, heap: usize) -> Node {
        heap.checked_sub(FANOUT).map_or_else(|| self.above[heap], |slot| self.child(slot).node)
    }
}

/// Names a page for ever: the height that made it, its depth in steps of four bits, and the key bits that lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PageId {
    version: u64,
    depth: u8,
    path: [u8; 32],
}

impl PageId {
    /// The page on the way to a key at a depth in bits.
    pub(super) fn new(version: u64, key: &[u8; 32], depth: usize) -> Self {
        let mut path = *key;
        path.iter_mut().skip(depth.div_ceil(8)).for_each(|byte| *byte = 0);
        if !depth.is_multiple_of(8) {
            path[depth / 8] &= 0xf0;
        }
        Self { version, depth: (depth / BITS) as u8, path }
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Its key on disk: by height, so that new pages are appended.
    pub(super) fn key(&self) -> Vec<u8> {
        let path = &self.path[..usize::from(self.depth).div_ceil(2)];
        [self.version.to_be_bytes().as_slice(), &[self.depth], path].concat()
    }
}

/// The key of the root of a height whose pages were written.
pub(super) fn root_key(version: u64) -> Vec<u8> {
    [version.to_be_bytes().as_slice(), &[ROOT_MARK]].concat()
}

/// A child as its parent's page holds it on disk.
#[derive(BorshSerialize, BorshDeserialize)]
enum Stored {
    Empty,
    Leaf { hash: [u8; 32], version: u64 },
    Leaves { hash: [u8; 32], version: u64, leaves: u8 },
    Branch { hash: [u8; 32], version: u64, leaves: u64 },
}

fn stored(child: &Child) -> Stored {
    let Child { node: Node { hash, kind }, leaves, version, ref page } = *child;
    match page {
        Page::Empty => Stored::Empty,
        Page::Leaves(_) if kind == Kind::Leaf => Stored::Leaf { hash, version },
        Page::Leaves(_) => Stored::Leaves { hash, version, leaves: leaves as u8 },
        Page::Branch(_) => Stored::Branch { hash, version, leaves },
    }
}

fn from_stored(stored: Stored) -> Child {
    let inner = |hash| Node { kind: Kind::Inner, hash };
    match stored {
        Stored::Empty => Child::EMPTY,
        Stored::Leaf { hash, version } => {
            Child { node: Node { kind: Kind::Leaf, hash }, leaves: 1, version, page: Page::Leaves(None) }
        }
        Stored::Leaves { hash, version, leaves } => {
            Child { node: inner(hash), leaves: leaves.into(), version, page: Page::Leaves(None) }
        }
        Stored::Branch { hash, version, leaves } => {
            Child { node: inner(hash), leaves, version, page: Page::Branch(Arc::default()) }
        }
    }
}

pub(super) fn encode_root(root: &Child) -> Vec<u8> {
    encode(&stored(root))
}
pub(super) fn encode_branch(branch: &Branch) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FANOUT * 49);
    for child in branch.children() {
        stored(child).serialize(&mut bytes).expect("writing to a vector cannot fail");
    }
    bytes
}
/// Keys and value hashes in turn.
pub(super) fn encode_leaves(page: &LeafPage) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(page.leaves().len() * 64);
    for entry in page.leaves() {
        bytes.extend_from_slice(&entry.key);
        bytes.extend_from_slice(&entry.value_hash);
    }
    bytes
}

/// Pages of leaves by name, most used first.
pub(super) type LeafCache = Cache<PageId, Arc<LeafPage>, Bytes>;

/// Weighs pages by their bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes;

impl Weighter<PageId, Arc<LeafPage>> for Bytes {
    fn weight(&self, _: &PageId, page: &Arc<LeafPage>) -> u64 {
        page.weight()
    }
}

/// Reads pages from the cache and the disk, and checks what it reads against the hash that the parent holds.
pub(super) struct Pages<'a, R> {
    pub(super) disk: &'a R,
    pub(super) cache: &'a LeafCache,
}

impl<R: DiskRead> Pages<'_, R> {
    /// The page of leaves on the way to a key.
    ///
    /// # Errors
    /// [`DiskFault`] when it cannot be read, is missing or is not the one that the parent names.
    pub(super) fn leaves(&self, child: &Child, key: &[u8; 32], depth: usize) -> Result<Arc<LeafPage>, DiskFault> {
        let held = match &child.page {
            Page::Leaves(Some(page)) => return Ok(page.clone()),
            Page::Leaves(None) => PageId::new(child.version, key, depth),
            Page::Empty | Page::Branch(_) => unreachable!("only a child with a page of leaves is asked for it"),
        };
        if let Some(page) = self.cache.get(&held) {
            return Ok(page);
        }
        let bytes = self.read(&held)?;
        let (entries, rest) = bytes.as_chunks::<64>();
        let entries: Vec<Entry> = entries.iter().map(entry).collect();
        let is_sorted = entries.is_sorted_by(|a, b| a.key < b.key) && rest.is_empty() && entries.len() <= LEAVES_MAX;
        let page = LeafPage::build(if is_sorted { &entries } else { &[] }, depth, &mut Hasher::default());
        if page.root() != child.node {
            return Err(self.wrong(&held));
        }
        let page = Arc::new(page);
        self.cache.insert(held, page.clone());
        Ok(page)
    }

    /// The branch on the way to a key.
    ///
    /// # Errors
    /// As [`Pages::leaves`].
    pub(super) fn branch<'c>(&self, child: &'c Child, key: &[u8; 32], depth: usize) -> Result<&'c Branch, DiskFault> {
        let Page::Branch(cell) = &child.page else { unreachable!("only a child with a branch is asked for it") };
        if let Some(branch) = cell.get() {
            return Ok(branch);
        }
        let id = PageId::new(child.version, key, depth);
        let bytes = self.read(&id)?;
        let stored = <[Stored; FANOUT]>::try_from_slice(&bytes).map_err(|_| self.wrong(&id))?;
        let mut branch = Branch::new([Node::EMPTY; FANOUT], stored.map(from_stored));
        branch.refresh(u16::MAX, &mut Hasher::default());
        if branch.node(1) != child.node {
            return Err(self.wrong(&id));
        }
        Ok(cell.get_or_init(|| branch))
    }

    /// The root of a height whose pages were written; `None` when they were not, or are gone.
    pub(super) fn root(&self, version: u64) -> Result<Option<Child>, DiskFault> {
        let Some(bytes) = self.disk.get(Column::Nodes, &root_key(version))? else { return Ok(None) };
        let root = Stored::try_from_slice(&bytes);
        root.map(from_stored).map(Some).map_err(|error| self.fault(format!("the root of height {version}: {error}")))
    }

    fn read(&self, id: &PageId) -> Result<Vec<u8>, DiskFault> {
        let bytes = self.disk.get(Column::Nodes, &id.key())?;
        bytes.ok_or_else(|| self.fault(format!("page {} of the state tree is missing", hex::encode(id.key()))))
    }
    fn wrong(&self, id: &PageId) -> DiskFault {
        self.fault(format!("page {} of the state tree is not the one that its parent names", hex::encode(id.key())))
    }
    fn fault(&self, detail: String) -> DiskFault {
        DiskFault { action: "walk of the state tree".into(), place: self.disk.place(), detail }
    }
}

fn entry(bytes: &[u8; 64]) -> Entry {
    let (mut key, mut value_hash) = ([0; 32], [0; 32]);
    key.copy_from_slice(&bytes[..32]);
    value_hash.copy_from_slice(&bytes[32..]);
    Entry { key, value_hash }
}
