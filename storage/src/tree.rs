//! The authenticated tree: a binary sparse Merkle tree in pages of sixteen children or at most thirty-two leaves.
//!
//! Its hashing rule, and so every root and proof, is that of `jmt` 0.12 with BLAKE3, which is the oracle of the tests. Version = height. A
//! key is [`tree_key`] of an object, a value the 32 bytes of [`Leaf::value`](landsea_types::state::Leaf::value).
//!
//! [`StateTree::stage`] makes the next version in memory, so that a header can carry its root before anybody votes. The commit of a
//! height writes the list of its changed leaves, in its one batch; the pages themselves follow from records, so they are written only
//! every so many leaves, again in the batch of a height. At start the lists since then are applied, and the root must be the tip's.
//! Pages are never changed ([`page`]), so a reader keeps its version while later ones are made. Pages that a version replaces are
//! listed under the height that wrote their successors, and removed when the heights that still need them leave the window of
//! provable ones. A height between two writes is proven from the pages of the one below and the lists in between.

mod leaves;
mod node;
mod page;
mod update;

use crate::config::StoreConfig;
use crate::disk::{Changes, Column, Disk, DiskRead, Durability};
use crate::error::{DiskFault, must};
use crate::keys;
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::state::{Write, tree_key};
use landsea_types::tree::{EMPTY, ProofLeaf, StateProof, inner_hash, leaf_hash};
use landsea_types::{Hash, Height};
use node::{Change, Hasher};
use page::{Bytes, Child, LeafCache, PageId, Pages};
use quick_cache::sync::Cache;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};
use update::{Flushed, Update};

/// The root of a tree without leaves.
pub const EMPTY_ROOT: Hash = Hash(EMPTY);
/// Heights after which pages are written even when few leaves changed, so that a start applies few lists.
const FLUSH_HEIGHTS: u64 = 1_000;
/// Versions below the tip that stay in memory as they are.
const RECENT_VERSIONS: usize = 16;
/// Older versions between two writes that stay in memory once somebody asked for them.
const PAST_VERSIONS: usize = 8;
/// Expected bytes of a page of leaves, to size the cache.
const PAGE_BYTES: u64 = 2_000;

/// Changes of leaf values by tree key; `None` removes.
pub type LeafChanges = BTreeMap<[u8; 32], Option<[u8; 32]>>;

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

/// The leaves that a height changed, and the height whose pages its version builds on.
#[derive(BorshSerialize, BorshDeserialize)]
struct ChangedLeaves {
    flushed: u64,
    leaves: Vec<Change>,
}

/// The tree after a block that is not committed.
#[derive(Clone, Debug)]
pub struct StagedTree {
    height: Height,
    base: Hash,
    root: Child,
    changes: Vec<Change>,
    replaced: Vec<PageId>,
    hashes: u64,
}

impl PartialEq for StagedTree {
    /// The same changes on the same version.
    fn eq(&self, other: &Self) -> bool {
        let parts = |tree: &Self| (tree.height, tree.base, tree.root());
        parts(self) == parts(other) && self.changes == other.changes
    }
}

impl Eq for StagedTree {}

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
        Hash(self.root.node.hash)
    }
    /// Number of pages that this version replaces.
    pub fn replaced_pages(&self) -> usize {
        self.replaced.len()
    }
    /// Number of nodes that were hashed, for benchmarks.
    pub fn hashes(&self) -> u64 {
        self.hashes
    }
}

/// What readers on other threads share with the tree that commits.
#[derive(Debug)]
pub struct Versions {
    cache: LeafCache,
    /// The newest committed versions, oldest first.
    recent: RwLock<VecDeque<(u64, Child)>>,
    past: Cache<u64, Child>,
}

/// The committed tree of a store.
#[derive(Debug)]
pub struct StateTree {
    height: Height,
    root: Child,
    /// The last height whose pages were written.
    flushed: Option<u64>,
    /// Pages replaced since then.
    replaced: Vec<PageId>,
    /// Leaves changed since then.
    changed: usize,
    flush_leaves: usize,
    versions: Arc<Versions>,
}

impl StateTree {
    /// The tree before the genesis.
    pub fn empty(config: &StoreConfig) -> Self {
        let capacity = config.tree_cache_bytes as u64;
        let versions = Versions {
            cache: Cache::with_weighter((capacity / PAGE_BYTES) as usize, capacity, Bytes),
            recent: RwLock::default(),
            past: Cache::new(PAST_VERSIONS),
        };
        Self {
            height: Height::ZERO,
            root: Child::EMPTY,
            flushed: None,
            replaced: Vec::new(),
            changed: 0,
            flush_leaves: config.tree_flush_leaves,
            versions: Arc::new(versions),
        }
    }

    /// The tree of a committed height: the pages last written, and the lists of leaves changed since.
    ///
    /// # Errors
    /// [`DiskFault`] when pages or lists cannot be read or do not lead to `root`.
    pub fn open<R: DiskRead>(disk: &R, height: Height, root: Hash, config: &StoreConfig) -> Result<Self, DiskFault> {
        let mut tree = Self::empty(config);
        let pages = Pages { disk, cache: &tree.versions.cache };
        let Some(ChangedLeaves { flushed, .. }) = changed_leaves(disk, height.get())? else {
            return Err(fault(disk, format!("the leaves changed at height {height} are not listed")));
        };
        let (base, replaced, changed) = rebuilt(&pages, flushed, height.get())?;
        if base.node.hash != root.0 {
            return Err(fault(disk, format!("its root at height {height} is not the committed one")));
        }
        (tree.height, tree.root, tree.flushed) = (height, base, Some(flushed));
        (tree.replaced, tree.changed) = (replaced, changed);
        tree.publish();
        Ok(tree)
    }

    /// Applies changes to the committed version, in memory.
    pub fn stage<R: DiskRead>(&self, disk: &R, height: Height, changes: &LeafChanges) -> StagedTree {
        let changes: Vec<Change> =
            changes.iter().map(|(key, value)| (*key, value.map(|v| *blake3::hash(&v).as_bytes()))).collect();
        let pages = Pages { disk, cache: &self.versions.cache };
        let mut update = Update { pages, version: height.get(), hasher: Hasher::default(), replaced: Vec::new() };
        let root = must(update.apply(&self.root, &changes, 0));
        let Update { hasher, replaced, .. } = update;
        StagedTree { height, base: Hash(self.root.node.hash), root, changes, replaced, hashes: hasher.hashes }
    }

    /// Makes a staged version the committed one and adds what it writes to the batch of its height. Pages, when they are due, go to the
    /// disk before that batch, which refers to them.
    ///
    /// # Errors
    /// [`DiskFault`] when the pages cannot be written.
    pub fn commit<D: Disk>(&mut self, disk: &D, staged: StagedTree, batch: &mut Changes) -> Result<(), DiskFault> {
        assert_eq!(staged.base().0, self.root.node.hash, "the tree was staged on another version");
        self.height = staged.height;
        self.root = staged.root;
        self.changed += staged.changes.len();
        self.replaced.extend(staged.replaced);
        if self.is_flush_due() {
            self.flush(disk, batch)?;
        }
        let row = ChangedLeaves { flushed: self.flushed.expect("the genesis is flushed"), leaves: staged.changes };
        batch.put_encoded(Column::Changed, keys::changed(self.height.get()), &row);
        self.publish();
        Ok(())
    }

    fn is_flush_due(&self) -> bool {
        self.flushed.is_none_or(|flushed| {
            self.changed >= self.flush_leaves || self.height.get() >= flushed.saturating_add(FLUSH_HEIGHTS)
        })
    }

    fn flush<D: Disk>(&mut self, disk: &D, batch: &mut Changes) -> Result<(), DiskFault> {
        let version = self.height.get();
        let mut flushed = Flushed { pages: Vec::new(), leaves: Vec::new() };
        self.root = flushed.collect(&self.root, self.flushed, &[0; 32], 0);
        let mut rows: Vec<_> = flushed.pages.into_iter().map(|(id, page)| (id.key(), page)).collect();
        rows.push((page::root_key(version), page::encode_root(&self.root)));
        rows.sort_unstable();
        disk.load(Column::Nodes, rows)?;
        if let Some(before) = self.flushed {
            let gone: Vec<_> = self.replaced.drain(..).filter(|id| id.version() <= before).collect();
            gone.iter().for_each(|id| drop(self.versions.cache.remove(id)));
            let stale = gone.iter().map(PageId::key).chain([page::root_key(before)]);
            batch.put_encoded(Column::Stale, keys::stale(version), &stale.collect::<Vec<_>>());
        }
        for (id, page) in flushed.leaves {
            self.versions.cache.insert(id, page);
        }
        (self.flushed, self.changed) = (Some(version), 0);
        Ok(())
    }

    /// Removes pages of a height that was not committed: the process ended between the pages and the batch that refers to them.
    ///
    /// # Errors
    /// [`DiskFault`] when the disk fails.
    pub fn drop_orphans<D: Disk>(&self, disk: &D) -> Result<(), DiskFault> {
        let from = self.flushed.map_or(0, |flushed| flushed.saturating_add(1)).to_be_bytes().to_vec();
        let until = vec![u8::MAX; size_of::<u64>()];
        if disk.scan(Column::Nodes, &from, &until, 1)?.is_empty() {
            return Ok(());
        }
        let mut changes = Changes::default();
        changes.delete_range(Column::Nodes, from, until);
        disk.write(changes, Durability::Synced)
    }

    fn publish(&self) {
        let mut recent = self.versions.recent.write().unwrap_or_else(PoisonError::into_inner);
        if recent.len() > RECENT_VERSIONS {
            recent.pop_front();
        }
        recent.push_back((self.height.get(), self.root.clone()));
    }

    /// The committed versions, for readers.
    pub fn versions(&self) -> Arc<Versions> {
        self.versions.clone()
    }
}

impl Versions {
    /// A proof of what `key` holds at a version that a view of the disk has; `None` when the version is not there.
    ///
    /// # Errors
    /// [`DiskFault`] when pages or lists cannot be read.
    pub fn prove<R: DiskRead>(
        &self,
        view: &R,
        version: Height,
        key: &[u8; 32],
    ) -> Result<Option<StateProof>, DiskFault> {
        let Some(root) = self.version(view, version.get())? else { return Ok(None) };
        let (leaf, siblings) = update::walk(&Pages { disk: view, cache: &self.cache }, &root, key)?;
        let leaf = leaf.map(|leaf| ProofLeaf { key: Hash(leaf.key), value_hash: Hash(leaf.value_hash) });
        Ok(Some(StateProof { leaf, siblings: siblings.into_iter().map(Hash).collect() }))
    }

    fn version<R: DiskRead>(&self, view: &R, version: u64) -> Result<Option<Child>, DiskFault> {
        if let Some(root) = self.recent(version).or_else(|| self.past.get(&version)) {
            return Ok(Some(root));
        }
        let Some(ChangedLeaves { flushed, .. }) = changed_leaves(view, version)? else { return Ok(None) };
        let (root, _, changed) = rebuilt(&Pages { disk: view, cache: &self.cache }, flushed, version)?;
        if changed > 0 {
            self.past.insert(version, root.clone());
        }
        Ok(Some(root))
    }

    fn recent(&self, version: u64) -> Option<Child> {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        let index = version.checked_sub(recent.front()?.0)?;
        recent.get(usize::try_from(index).ok()?).map(|(_, root)| root.clone())
    }
}

/// A version from the pages of `flushed` and the lists after it, with the pages replaced and the number of leaves changed since.
fn rebuilt<R: DiskRead>(
    pages: &Pages<'_, R>,
    flushed: u64,
    version: u64,
) -> Result<(Child, Vec<PageId>, usize), DiskFault> {
    let missing = |what: String| fault(pages.disk, format!("{what} to rebuild height {version} is missing"));
    let mut root = pages.root(flushed)?.ok_or_else(|| missing(format!("the root of height {flushed}")))?;
    let (mut replaced, mut changed) = (Vec::new(), 0);
    for height in flushed + 1..=version {
        let row = changed_leaves(pages.disk, height)?;
        let leaves = row.ok_or_else(|| missing(format!("the list of height {height}")))?.leaves;
        let mut update = Update { pages: Pages { ..*pages }, version: height, hasher: Hasher::default(), replaced };
        root = update.apply(&root, &leaves, 0)?;
        replaced = update.replaced;
        changed += leaves.len();
    }
    Ok((root, replaced, changed))
}

fn changed_leaves<R: DiskRead>(disk: &R, height: u64) -> Result<Option<ChangedLeaves>, DiskFault> {
    let Some(bytes) = disk.get(Column::Changed, &keys::changed(height))? else { return Ok(None) };
    borsh::from_slice(&bytes).map(Some).map_err(|error| fault(disk, format!("the list of height {height}: {error}")))
}

/// The height whose pages a version builds on, if the version is there.
///
/// # Errors
/// [`DiskFault`] when its list cannot be read.
pub(crate) fn flushed_below<R: DiskRead>(disk: &R, version: u64) -> Result<Option<u64>, DiskFault> {
    Ok(changed_leaves(disk, version)?.map(|row| row.flushed))
}

fn fault<R: DiskRead>(disk: &R, detail: String) -> DiskFault {
    DiskFault { action: "reading the state tree".into(), place: disk.place(), detail }
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

#[cfg(test)]
mod tests;
