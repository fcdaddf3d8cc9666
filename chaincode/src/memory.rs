//! Committed state in memory: what tests and models run the chaincode on.

use crate::View;
use crate::invariants::WholeState;
use crate::view::decode_own;
use borsh::BorshDeserialize;
use landsea_types::state::{Family, Leaf, StateRead, Table, Write};
use std::collections::BTreeMap;

/// Leaves and rows in ordered maps. It has no tree and no roots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryState {
    /// Leaves by family and id.
    pub leaves: BTreeMap<(Family, [u8; 32]), Leaf>,
    /// Rows by table and key.
    pub rows: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
}

impl MemoryState {
    /// Applies a block's writes.
    pub fn apply(&mut self, writes: &[Write]) {
        for write in writes.iter().cloned() {
            match write {
                Write::Leaf { family, id, leaf: Some(leaf) } => drop(self.leaves.insert((family, id), leaf)),
                Write::Leaf { family, id, leaf: None } => drop(self.leaves.remove(&(family, id))),
                Write::Row { table, key, value: Some(value) } => drop(self.rows.insert((table, key), value)),
                Write::Row { table, key, value: None } => drop(self.rows.remove(&(table, key))),
            }
        }
    }
    /// Typed reads.
    pub fn view(&self) -> View<'_> {
        View::new(self)
    }
    /// The decoded records of a family.
    ///
    /// # Panics
    /// When a record is not of type `T`.
    pub fn records<T: BorshDeserialize>(&self, family: Family) -> BTreeMap<[u8; 32], T> {
        let all = self.leaves.iter().filter(|((f, _), _)| *f == family);
        all.map(|((_, id), leaf)| (*id, decode_own(&leaf.record))).collect()
    }
    /// The decoded rows of a table.
    ///
    /// # Panics
    /// When a row is not of type `T`.
    pub fn table<T: BorshDeserialize>(&self, table: Table) -> BTreeMap<Vec<u8>, T> {
        let all = self.rows.iter().filter(|((t, _), _)| *t == table);
        all.map(|((_, key), value)| (key.clone(), decode_own(value))).collect()
    }
}

impl StateRead for MemoryState {
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        self.leaves.get(&(family, *id)).cloned()
    }
    fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        self.rows.get(&(table, key.to_vec())).cloned()
    }
    fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let range = (table, from.to_vec())..(table, until.to_vec());
        self.rows.range(range).take(limit).map(|((_, k), v)| (k.clone(), v.clone())).collect()
    }
}

impl WholeState for MemoryState {
    fn each_leaf(&self, family: Family, visit: &mut dyn FnMut(&[u8; 32], &Leaf)) {
        let all = self.leaves.range((family, [0; 32])..=(family, [0xff; 32]));
        all.for_each(|((_, id), leaf)| visit(id, leaf));
    }
    fn each_row(&self, table: Table, visit: &mut dyn FnMut(&[u8], &[u8])) {
        let all = self.rows.range((table, Vec::new())..).take_while(|((t, _), _)| *t == table);
        all.for_each(|((_, key), value)| visit(key, value));
    }
}
