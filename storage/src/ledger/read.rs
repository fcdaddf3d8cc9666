//! Reads of committed state: on the store itself, and on snapshots of it.

use super::LedgerStore;
use crate::disk::{Disk, DiskRead};
use crate::error::must;
use crate::store::{Reader, Snapshot, Tip};
use crate::tables::Tables;
use crate::tree::Versions;
use landsea_types::consensus::Evidence;
use landsea_types::state::{Family, Leaf, StateRead, Table, tree_key};
use landsea_types::tree::StateProof;
use landsea_types::{Batch, BatchId, Block, CommitCertificate, Height, Outcome};
use std::sync::Arc;

impl<D: Disk> StateRead for LedgerStore<D> {
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        must(self.hot.get(family, id, || self.tables.leaf(family, id)))
    }
    fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        must(self.tables.row(table, key))
    }
    fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        must(self.tables.rows(table, from, until, limit))
    }
}

/// Takes snapshots of a disk.
#[derive(Debug)]
pub(super) struct LedgerReader<D> {
    disk: D,
    versions: Arc<Versions>,
}

impl<D: Disk> LedgerReader<D> {
    pub(super) fn new(disk: D, versions: Arc<Versions>) -> Self {
        Self { disk, versions }
    }
}

impl<D: Disk> Reader for LedgerReader<D> {
    fn snapshot(&self) -> Box<dyn Snapshot> {
        Box::new(LedgerSnapshot { tables: Tables(must(self.disk.view())), versions: self.versions.clone() })
    }
}

struct LedgerSnapshot<V> {
    tables: Tables<V>,
    versions: Arc<Versions>,
}

impl<V: DiskRead> StateRead for LedgerSnapshot<V> {
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        must(self.tables.leaf(family, id))
    }
    fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        must(self.tables.row(table, key))
    }
    fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        must(self.tables.rows(table, from, until, limit))
    }
}

impl<V: DiskRead + Send + Sync> Snapshot for LedgerSnapshot<V> {
    fn tip(&self) -> Tip {
        must(self.tables.tip()).unwrap_or_default()
    }
    fn block(&self, height: Height) -> Option<Block> {
        must(self.tables.block(height))
    }
    fn certificate(&self, height: Height) -> Option<CommitCertificate> {
        must(self.tables.certificate(height))
    }
    fn outcomes(&self, height: Height) -> Option<Vec<Outcome>> {
        must(self.tables.outcomes(height))
    }
    fn outcome(&self, height: Height, index: u32) -> Option<Outcome> {
        must(self.tables.outcome(height, index))
    }
    fn batch(&self, id: &BatchId) -> Option<Batch> {
        self.batch_height(id)?;
        must(self.tables.batch(id))
    }
    fn batch_height(&self, id: &BatchId) -> Option<Height> {
        must(self.tables.batch_height(id))
    }
    fn prove(&self, height: Height, key: &[u8; 32]) -> Option<StateProof> {
        if height < self.oldest_provable() || height > self.tip().height {
            return None;
        }
        must(self.versions.prove(&self.tables.0, height, key))
    }
    fn leaf_at(&self, height: Height, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        if height == self.tip().height {
            return self.leaf(family, id);
        }
        let key = tree_key(family, id);
        self.prove(height, &key)?.leaf.filter(|leaf| leaf.key.0 == key)?;
        must(self.tables.leaf_at(height, family, id))
    }
    fn oldest_provable(&self) -> Height {
        Height::new(must(self.tables.pruned()).oldest)
    }
    fn leaves(&self, family: Family, from: &[u8; 32], limit: usize) -> Vec<([u8; 32], Leaf)> {
        must(self.tables.leaves(family, from, limit))
    }
    fn evidence(&self) -> Vec<Evidence> {
        must(self.tables.evidence())
    }
}
