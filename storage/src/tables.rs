//! Typed reads over a disk or a snapshot of one.

use crate::disk::{Column, DiskRead, Row};
use crate::error::DiskFault;
use crate::keys::{self, Key};
use crate::store::Tip;
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::consensus::Evidence;
use landsea_types::state::{Family, Leaf, Table};
use landsea_types::{Batch, BatchId, Block, BlockId, CommitCertificate, Hash, Height, Outcome};

/// How far old pages of the tree, and records beside them, were removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Pruned {
    /// Every list of replaced pages below this height is gone, with its pages.
    pub(crate) stale: u64,
    /// So many pages of the next list are gone.
    pub(crate) stale_pages: u64,
    /// The lowest height at which proofs are made.
    pub(crate) oldest: u64,
    /// Every list of replaced records below this height is gone, with its records.
    pub(crate) records: u64,
    /// Every list of changed leaves below this height is gone.
    pub(crate) changed: u64,
}

/// The keys of the pages that those written at a height replaced.
pub(crate) struct Stale {
    pub(crate) height: u64,
    pub(crate) pages: Vec<Vec<u8>>,
}

/// The leaves whose records a height replaced.
pub(crate) struct Replaced {
    pub(crate) by: Height,
    pub(crate) leaves: Vec<(Family, [u8; 32])>,
}

/// Reads of everything that the store keeps.
#[derive(Clone, Debug)]
pub(crate) struct Tables<R>(pub(crate) R);

/// The borsh encoding of a stored value.
pub(crate) fn encode(value: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to a vector cannot fail")
}

impl<R: DiskRead> Tables<R> {
    fn decode<T: BorshDeserialize>(&self, column: Column, bytes: &[u8]) -> Result<T, DiskFault> {
        borsh::from_slice(bytes).map_err(|error| DiskFault {
            action: format!("decoding a value of {}", column.name()),
            place: self.0.place(),
            detail: error.to_string(),
        })
    }
    fn get<T: BorshDeserialize>(&self, column: Column, key: &[u8]) -> Result<Option<T>, DiskFault> {
        self.0.get(column, key)?.map(|bytes| self.decode(column, &bytes)).transpose()
    }
    fn list<T: BorshDeserialize>(&self, column: Column, (from, until): (Key, Key)) -> Result<Vec<T>, DiskFault> {
        let rows = self.0.scan(column, &from, &until, usize::MAX)?;
        rows.iter().map(|(_, value)| self.decode(column, value)).collect()
    }

    pub(crate) fn tip(&self) -> Result<Option<Tip>, DiskFault> {
        self.get(Column::Meta, keys::TIP)
    }
    /// The format in which the store was begun; stores of the first format do not say.
    pub(crate) fn format(&self) -> Result<u32, DiskFault> {
        Ok(self.get(Column::Meta, keys::FORMAT_KEY)?.unwrap_or(1))
    }
    pub(crate) fn genesis_root(&self) -> Result<Option<Hash>, DiskFault> {
        self.get(Column::Meta, keys::GENESIS_ROOT)
    }
    pub(crate) fn pruned(&self) -> Result<Pruned, DiskFault> {
        Ok(self.get(Column::Meta, keys::PRUNED)?.unwrap_or_default())
    }

    /// The first list of replaced pages from a height on, below another.
    pub(crate) fn next_stale(&self, from: u64, until: u64) -> Result<Option<Stale>, DiskFault> {
        let rows = self.0.scan(Column::Stale, &keys::stale(from), &keys::stale(until), 1)?;
        let Some((key, list)) = rows.first() else { return Ok(None) };
        let height = keys::stale_height(key).expect("keys of the stale column are heights");
        Ok(Some(Stale { height, pages: self.decode(Column::Stale, list)? }))
    }

    pub(crate) fn block(&self, height: Height) -> Result<Option<Block>, DiskFault> {
        self.get(Column::Blocks, &keys::block(height))
    }
    pub(crate) fn certificate(&self, height: Height) -> Result<Option<CommitCertificate>, DiskFault> {
        self.get(Column::Blocks, &keys::certificate(height))
    }
    pub(crate) fn outcome(&self, height: Height, index: u32) -> Result<Option<Outcome>, DiskFault> {
        self.get(Column::Blocks, &keys::outcome(height, index))
    }
    /// `None` above the tip; an empty block has an empty list.
    pub(crate) fn outcomes(&self, height: Height) -> Result<Option<Vec<Outcome>>, DiskFault> {
        if self.0.get(Column::Blocks, &keys::block(height))?.is_none() {
            return Ok(None);
        }
        self.list(Column::Blocks, keys::outcomes(height)).map(Some)
    }

    pub(crate) fn batch(&self, id: &BatchId) -> Result<Option<Batch>, DiskFault> {
        self.get(Column::Batches, &keys::batch(id))
    }
    pub(crate) fn batch_height(&self, id: &BatchId) -> Result<Option<Height>, DiskFault> {
        self.get(Column::Batches, &keys::batch_height(id))
    }
    pub(crate) fn undecided(&self) -> Result<Vec<BatchId>, DiskFault> {
        self.list(Column::Batches, keys::all_undecided())
    }
    pub(crate) fn proposed(&self, id: &BlockId) -> Result<Option<Block>, DiskFault> {
        self.get(Column::Batches, &keys::proposed(id))
    }
    pub(crate) fn all_proposed(&self) -> Result<Vec<Block>, DiskFault> {
        self.list(Column::Batches, keys::all_proposed())
    }
    pub(crate) fn evidence(&self) -> Result<Vec<Evidence>, DiskFault> {
        self.list(Column::Evidence, keys::all_evidence())
    }

    pub(crate) fn wal(&self, height: Height) -> Result<Vec<Vec<u8>>, DiskFault> {
        let (from, until) = keys::wal_of(height);
        let rows = self.0.scan(Column::Wal, &from, &until, usize::MAX)?;
        Ok(rows.into_iter().map(|(_, entry)| entry).collect())
    }

    pub(crate) fn leaf(&self, family: Family, id: &[u8; 32]) -> Result<Option<Leaf>, DiskFault> {
        self.get(Column::Leaves, &keys::leaf(family, id))
    }
    /// A leaf that was there after a height, as it stood then: what the first later height replaced, or what stands now.
    pub(crate) fn leaf_at(&self, height: Height, family: Family, id: &[u8; 32]) -> Result<Option<Leaf>, DiskFault> {
        let (from, until) = keys::replaced_after(family, id, height);
        match self.0.scan(Column::Replaced, &from, &until, 1)?.first() {
            Some((_, record)) => self.decode(Column::Replaced, record).map(Some),
            None => self.leaf(family, id),
        }
    }
    /// The lists of replaced records from a height on, below another.
    pub(crate) fn replaced_lists(&self, from: Height, until: Height, limit: usize) -> Result<Vec<Replaced>, DiskFault> {
        let rows = self.0.scan(Column::Replaced, &keys::replaced_list(from), &keys::replaced_list(until), limit)?;
        let list = |(key, list): &Row| {
            let by = keys::replaced_by(key).expect("keys of the lists are heights");
            Ok(Replaced { by, leaves: self.decode(Column::Replaced, list)? })
        };
        rows.iter().map(list).collect()
    }
    pub(crate) fn leaves(
        &self,
        family: Family,
        from: &[u8; 32],
        limit: usize,
    ) -> Result<Vec<([u8; 32], Leaf)>, DiskFault> {
        let from = keys::leaf(family, from);
        let rows = self.0.scan(Column::Leaves, &from, &keys::after_family(family), limit)?;
        rows.iter().map(|(key, value)| Ok((self.leaf_id(key)?, self.decode(Column::Leaves, value)?))).collect()
    }
    fn leaf_id(&self, key: &[u8]) -> Result<[u8; 32], DiskFault> {
        self.decode(Column::Leaves, key.get(1..).unwrap_or_default())
    }
    pub(crate) fn row(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
        self.0.get(Column::Rows, &keys::row(table, key))
    }
    pub(crate) fn rows(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
        let rows = self.0.scan(Column::Rows, &keys::row(table, from), &keys::row(table, until), limit)?;
        Ok(rows.into_iter().map(|(key, value)| (key.get(1..).unwrap_or_default().to_vec(), value)).collect())
    }
}
