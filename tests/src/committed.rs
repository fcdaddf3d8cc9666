//! A stored version of the state as the invariants and the model read it.

use landsea_chaincode::invariants::WholeState;
use landsea_storage::Snapshot;
use landsea_types::state::{Family, Leaf, StateRead, Table};

/// Leaves read at a time.
const PAGE: usize = 1_000;

/// Longer than any key of a table, and after each.
const END: [u8; 128] = [0xff; 128];

/// What a store committed.
#[derive(Clone, Copy)]
pub struct Committed<'a>(pub &'a dyn Snapshot);

impl StateRead for Committed<'_> {
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        self.0.leaf(family, id)
    }
    fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        self.0.row(table, key)
    }
    fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.0.scan(table, from, until, limit)
    }
}

impl WholeState for Committed<'_> {
    fn each_leaf(&self, family: Family, visit: &mut dyn FnMut(&[u8; 32], &Leaf)) {
        let mut from = Some([0; 32]);
        while let Some(start) = from {
            let page = self.0.leaves(family, &start, PAGE);
            page.iter().for_each(|(id, leaf)| visit(id, leaf));
            from = page.last().filter(|_| page.len() == PAGE).and_then(|(last, _)| after(last));
        }
    }
    fn each_row(&self, table: Table, visit: &mut dyn FnMut(&[u8], &[u8])) {
        let rows = self.0.scan(table, &[], &END, usize::MAX);
        rows.iter().for_each(|(key, value)| visit(key, value));
    }
}

/// The id that follows another.
fn after(id: &[u8; 32]) -> Option<[u8; 32]> {
    let mut next = *id;
    for byte in next.iter_mut().rev() {
        let (sum, overflowed) = byte.overflowing_add(1);
        *byte = sum;
        if !overflowed {
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_after_another_carries_and_ends() {
        let mut id = [0; 32];
        id[31] = 0xff;
        let next = after(&id).expect("not the last");
        assert_eq!((next[30], next[31]), (1, 0));
        assert_eq!(after(&[0xff; 32]), None);
    }
}
