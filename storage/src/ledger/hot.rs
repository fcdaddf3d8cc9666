//! Leaves of the committed state that execution reads again and again: firms, parameters, the documents of the day.
//!
//! Only the store that commits reads through it, so what it holds is always the tip's. Absence is kept too.

use crate::error::DiskFault;
use landsea_types::state::{Family, Leaf};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

type Key = (Family, [u8; 32]);
/// What became of a leaf.
pub(super) type LeafWrite = (Key, Option<Leaf>);

/// Bytes of an entry beside those of its record.
const ENTRY_BYTES: usize = 160;
/// Expected bytes of an entry, to size the cache.
const TYPICAL_BYTES: usize = 800;

#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Weighter<Key, Option<Leaf>> for Bytes {
    fn weight(&self, _: &Key, leaf: &Option<Leaf>) -> u64 {
        let record = leaf.as_ref().map_or(0, |leaf| leaf.public.len() + leaf.record.len());
        (ENTRY_BYTES + record) as u64
    }
}

/// See the module documentation.
#[derive(Debug)]
pub(super) struct HotLeaves(Cache<Key, Option<Leaf>, Bytes>);

impl HotLeaves {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Cache::with_weighter(bytes / TYPICAL_BYTES, bytes as u64, Bytes))
    }

    /// The leaf, from memory or from `read`.
    pub(super) fn get(
        &self,
        family: Family,
        id: &[u8; 32],
        read: impl FnOnce() -> Result<Option<Leaf>, DiskFault>,
    ) -> Result<Option<Leaf>, DiskFault> {
        let key = (family, *id);
        if let Some(held) = self.0.get(&key) {
            return Ok(held);
        }
        let leaf = read()?;
        self.0.insert(key, leaf.clone());
        Ok(leaf)
    }

    /// Follows the leaves that a committed height wrote.
    pub(super) fn follow(&self, leaves: Vec<LeafWrite>) {
        leaves.into_iter().for_each(|(key, leaf)| self.0.insert(key, leaf));
    }
}
