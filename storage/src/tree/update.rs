//! Applies changes to a version of the tree: new pages on their paths, everything else shared.

use super::leaves::{LEAVES_MAX, LeafPage};
use super::node::{Change, Entry, Hasher, Kind};
use super::page::{BITS, Branch, Child, FANOUT, Page, PageId, Pages};
use crate::disk::DiskRead;
use crate::error::DiskFault;
use std::sync::Arc;

/// Leaves below which a branch becomes one page again; well under the maximum, so that a page does not flutter.
const LEAVES_MERGED: u64 = LEAVES_MAX as u64 / 2;

/// One pass over a tree with changes sorted by key.
pub(super) struct Update<'a, R> {
    pub(super) pages: Pages<'a, R>,
    /// The height that new pages are made at.
    pub(super) version: u64,
    pub(super) hasher: Hasher,
    /// Pages of earlier heights that the new version no longer has.
    pub(super) replaced: Vec<PageId>,
}

impl<R: DiskRead> Update<'_, R> {
    /// The child after changes, each key once, all of them below it.
    ///
    /// # Errors
    /// [`DiskFault`] when a page on the way cannot be read.
    pub(super) fn apply(&mut self, child: &Child, changes: &[Change], depth: usize) -> Result<Child, DiskFault> {
        let Some((first, _)) = changes.first() else { return Ok(child.clone()) };
        self.replace(child, first, depth);
        match &child.page {
            Page::Empty => self.grown(&LeafPage::default(), changes, depth),
            Page::Leaves(_) => {
                let page = self.pages.leaves(child, first, depth)?;
                self.grown(&page, changes, depth)
            }
            Page::Branch(_) => {
                let branch = self.pages.branch(child, first, depth)?.clone();
                self.branched(branch, child.leaves, changes, depth)
            }
        }
    }

    fn grown(&mut self, page: &LeafPage, changes: &[Change], depth: usize) -> Result<Child, DiskFault> {
        if page.has_room_for(changes) {
            return Ok(Child::of_leaves(page.updated(changes, depth, &mut self.hasher), self.version));
        }
        let (above, parts) = page.split(depth);
        let children = parts.map(|part| Child::of_leaves(part, self.version));
        self.branched(Branch::new(above, children), page.leaves().len() as u64, changes, depth)
    }

    /// `leaves`: those below the branch before the changes.
    fn branched(
        &mut self,
        mut branch: Branch,
        mut leaves: u64,
        changes: &[Change],
        depth: usize,
    ) -> Result<Child, DiskFault> {
        let mut changed = 0u16;
        for part in changes.chunk_by(|a, b| slot(&a.0, depth) == slot(&b.0, depth)) {
            let slot = slot(&part[0].0, depth);
            let before = branch.child(slot);
            let after = self.apply(before, part, depth + BITS)?;
            leaves = leaves + after.leaves - before.leaves;
            branch.set(slot, after);
            changed |= 1 << slot;
        }
        if leaves <= LEAVES_MERGED {
            return self.merged(&branch, &changes[0].0, depth);
        }
        branch.refresh(changed, &mut self.hasher);
        Ok(Child::of_branch(branch, leaves, self.version))
    }

    /// Notes a page that the new version no longer has; what this very update made was never anywhere.
    fn replace(&mut self, child: &Child, on_the_way: &[u8; 32], depth: usize) {
        if !matches!(child.page, Page::Empty) && child.version != self.version {
            self.replaced.push(PageId::new(child.version, on_the_way, depth));
        }
    }

    fn merged(&mut self, branch: &Branch, on_the_way: &[u8; 32], depth: usize) -> Result<Child, DiskFault> {
        let mut leaves: Vec<Entry> = Vec::new();
        for (child, slot) in branch.children().zip(0u8..) {
            self.collect(child, &with_slot(on_the_way, slot, depth), depth + BITS, &mut leaves)?;
        }
        Ok(Child::of_leaves(LeafPage::build(&leaves, depth, &mut self.hasher), self.version))
    }

    fn collect(
        &mut self,
        child: &Child,
        on_the_way: &[u8; 32],
        depth: usize,
        leaves: &mut Vec<Entry>,
    ) -> Result<(), DiskFault> {
        self.replace(child, on_the_way, depth);
        match &child.page {
            Page::Empty => {}
            Page::Leaves(_) => leaves.extend_from_slice(self.pages.leaves(child, on_the_way, depth)?.leaves()),
            Page::Branch(_) => {
                let branch = self.pages.branch(child, on_the_way, depth)?;
                for (child, slot) in branch.children().zip(0u8..) {
                    self.collect(child, &with_slot(on_the_way, slot, depth), depth + BITS, leaves)?;
                }
            }
        }
        Ok(())
    }
}

/// Which child of a branch at a depth in bits a key lies in.
pub(super) fn slot(key: &[u8; 32], depth: usize) -> usize {
    usize::from(key[depth / 8] >> (BITS - depth % 8) & 0x0f)
}

/// A key that lies in a child of the branch that another key's way passes at a depth in bits.
fn with_slot(key: &[u8; 32], slot: u8, depth: usize) -> [u8; 32] {
    let mut other = *key;
    let byte = &mut other[depth / 8];
    *byte = if depth.is_multiple_of(8) { *byte & 0x0f | slot << BITS } else { *byte & 0xf0 | slot };
    other
}

/// The pages that a flush writes, and those of leaves for the cache.
pub(super) struct Flushed {
    pub(super) pages: Vec<(PageId, Vec<u8>)>,
    pub(super) leaves: Vec<(PageId, Arc<LeafPage>)>,
}

impl Flushed {
    /// Collects every page made after a height; returns the child without the collected pages of leaves.
    pub(super) fn collect(&mut self, child: &Child, after: Option<u64>, on_the_way: &[u8; 32], depth: usize) -> Child {
        let is_old = |child: &Child| after.is_some_and(|after| child.version <= after);
        if is_old(child) {
            return child.clone();
        }
        let id = PageId::new(child.version, on_the_way, depth);
        match &child.page {
            Page::Empty | Page::Leaves(None) => child.clone(),
            Page::Leaves(Some(page)) => {
                self.pages.push((id, super::page::encode_leaves(page)));
                self.leaves.push((id, page.clone()));
                Child { page: Page::Leaves(None), ..child.clone() }
            }
            Page::Branch(cell) => {
                let held = cell.get().expect("a branch that is not on disk is in memory");
                self.pages.push((id, super::page::encode_branch(held)));
                let mut branch = held.clone();
                for slot in (0..FANOUT).filter(|slot| !is_old(held.child(*slot))) {
                    let below = with_slot(on_the_way, slot as u8, depth);
                    let flushed = self.collect(held.child(slot), after, &below, depth + BITS);
                    branch.set(slot, flushed);
                }
                Child::of_branch(branch, child.leaves, child.version)
            }
        }
    }
}

/// Where the way to a key ends: the leaf there, if any, and the siblings from the bottom to the root.
///
/// # Errors
/// [`DiskFault`] when a page on the way cannot be read.
pub(super) fn walk<R: DiskRead>(
    pages: &Pages<'_, R>,
    root: &Child,
    key: &[u8; 32],
) -> Result<(Option<Entry>, Vec<[u8; 32]>), DiskFault> {
    let (mut child, mut depth, mut siblings) = (root.clone(), 0, Vec::new());
    let leaf = loop {
        child = match &child.page {
            Page::Empty => break None,
            Page::Leaves(_) => {
                let page = pages.leaves(&child, key, depth)?;
                break page.walk(key, depth, &mut siblings);
            }
            Page::Branch(_) => {
                let branch = pages.branch(&child, key, depth)?;
                match pass(branch, key, depth, &mut siblings) {
                    Way::Ends => break None,
                    Way::Child(slot) => {
                        depth += BITS;
                        branch.child(slot).clone()
                    }
                    Way::Leaf(slot) => {
                        let there = with_slot(key, slot as u8, depth);
                        break lone(pages, branch.child(slot), &there, depth + BITS)?;
                    }
                }
            }
        };
    };
    siblings.reverse();
    Ok((leaf, siblings))
}

/// Where a way leads inside a branch.
enum Way {
    /// To an empty place.
    Ends,
    /// Through to a child.
    Child(usize),
    /// To a leaf that is alone under a node above the children.
    Leaf(usize),
}

fn pass(branch: &Branch, key: &[u8; 32], depth: usize, siblings: &mut Vec<[u8; 32]>) -> Way {
    let target = slot(key, depth) + FANOUT;
    for level in (0..BITS).rev() {
        let heap = target >> (level + 1);
        match branch.node(heap).kind {
            Kind::Empty => return Way::Ends,
            Kind::Leaf => {
                let below = heap << (level + 1)..(heap + 1) << (level + 1);
                let leaf = below.into_iter().find(|heap| branch.node(*heap).kind != Kind::Empty);
                return leaf.map_or(Way::Ends, |heap| Way::Leaf(heap - FANOUT));
            }
            Kind::Inner => siblings.push(branch.node(target >> level ^ 1).hash),
        }
    }
    Way::Child(target - FANOUT)
}

/// The only leaf of a child.
fn lone<R: DiskRead>(
    pages: &Pages<'_, R>,
    child: &Child,
    key: &[u8; 32],
    depth: usize,
) -> Result<Option<Entry>, DiskFault> {
    match &child.page {
        Page::Empty => Ok(None),
        Page::Leaves(_) => Ok(pages.leaves(child, key, depth)?.leaves().first().copied()),
        Page::Branch(_) => unreachable!("a branch holds more than one leaf"),
    }
}
