//! Which key holds what. Numbers are big-endian, so that key order is number order.

use landsea_types::state::{Family, Table};
use landsea_types::{BatchId, BlockId, Height};
use smallvec::SmallVec;

/// Meta: the tip.
pub(crate) const TIP: &[u8] = b"tip";
/// Meta: the state root of the genesis.
pub(crate) const GENESIS_ROOT: &[u8] = b"genesis-root";
/// Meta: the format of everything else, see [`FORMAT`].
pub(crate) const FORMAT_KEY: &[u8] = b"format";
/// The format of the records that this release writes: 1 was the ledger's first part, 2 its second, 3
/// keeps the state tree in pages, 4 has a row for each document of a near-match combination, 5 keeps no record of what was
/// not there before, and lists of what a height replaced in one row.
pub(crate) const FORMAT: u32 = 5;
/// Meta: how far tree nodes were pruned.
pub(crate) const PRUNED: &[u8] = b"pruned";

const BLOCK: u8 = 0;
const CERTIFICATE: u8 = 1;
const OUTCOME: u8 = 2;

/// Number and fingerprint of a near-match combination.
const NEAR_COMBINATION_BYTES: usize = 1 + 32;

const BATCH_BODY: u8 = 0;
const BATCH_HEIGHT: u8 = 1;
const BATCH_UNDECIDED: u8 = 2;
const PROPOSED_BLOCK: u8 = 3;

/// Longest key without memory of its own; hardly any is longer.
const SHORT_KEY_BYTES: usize = 80;

/// A key of a column.
pub(crate) type Key = SmallVec<[u8; SHORT_KEY_BYTES]>;

fn join(parts: &[&[u8]]) -> Key {
    let mut key = Key::new();
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

fn at(height: Height) -> [u8; 8] {
    height.get().to_be_bytes()
}

/// Blocks: the block of a height.
pub(crate) fn block(height: Height) -> Key {
    join(&[&at(height), &[BLOCK]])
}
/// Blocks: the commit certificate of a height.
pub(crate) fn certificate(height: Height) -> Key {
    join(&[&at(height), &[CERTIFICATE]])
}
/// Blocks: one outcome of a height.
pub(crate) fn outcome(height: Height, index: u32) -> Key {
    join(&[&at(height), &[OUTCOME], &index.to_be_bytes()])
}
/// Blocks: the keys of all outcomes of a height, from and until.
pub(crate) fn outcomes(height: Height) -> (Key, Key) {
    (join(&[&at(height), &[OUTCOME]]), join(&[&at(height), &[OUTCOME + 1]]))
}

/// Batches: the signed batch.
pub(crate) fn batch(id: &BatchId) -> Key {
    join(&[&[BATCH_BODY], &id.0])
}
/// Batches: the height that decided a batch.
pub(crate) fn batch_height(id: &BatchId) -> Key {
    join(&[&[BATCH_HEIGHT], &id.0])
}
/// Batches: the mark of an undecided batch.
pub(crate) fn undecided(id: &BatchId) -> Key {
    join(&[&[BATCH_UNDECIDED], &id.0])
}
/// Batches: the marks of all undecided batches, from and until.
pub(crate) fn all_undecided() -> (Key, Key) {
    (join(&[&[BATCH_UNDECIDED]]), join(&[&[BATCH_UNDECIDED + 1]]))
}
/// Batches: an undecided proposal.
pub(crate) fn proposed(id: &BlockId) -> Key {
    join(&[&[PROPOSED_BLOCK], &id.0])
}
/// Batches: all undecided proposals, from and until.
pub(crate) fn all_proposed() -> (Key, Key) {
    (join(&[&[PROPOSED_BLOCK]]), join(&[&[PROPOSED_BLOCK + 1]]))
}

/// Wal: one entry of a height.
pub(crate) fn wal(height: Height, sequence: u64) -> Key {
    join(&[&at(height), &sequence.to_be_bytes()])
}
/// Wal: the entries of one height, from and until.
pub(crate) fn wal_of(height: Height) -> (Key, Key) {
    (join(&[&at(height)]), join(&[&at(height.next())]))
}
/// Wal: the entries of all heights up to and including one, from and until.
pub(crate) fn wal_through(height: Height) -> (Key, Key) {
    (Key::new(), join(&[&at(height.next())]))
}

/// Leaves: the record of an object.
pub(crate) fn leaf(family: Family, id: &[u8; 32]) -> Key {
    join(&[&[family as u8], id])
}
/// Leaves: the end of a family.
pub(crate) fn after_family(family: Family) -> Key {
    join(&[&[family as u8 + 1]])
}
/// Rows: a plain row.
pub(crate) fn row(table: Table, key: &[u8]) -> Key {
    join(&[&[table as u8], key])
}
/// Rows: the part of the key of a near-match row that all documents of a combination share; `None` for other keys.
pub(crate) fn combination(key: &[u8]) -> Option<&[u8]> {
    key.get(..1 + NEAR_COMBINATION_BYTES).filter(|prefix| prefix.first() == Some(&(Table::Near as u8)))
}

/// Changed: the leaves that a height changed.
pub(crate) fn changed(height: u64) -> Key {
    join(&[&height.to_be_bytes()])
}

/// Stale: the list of the pages replaced by those written at a height.
pub(crate) fn stale(height: u64) -> Key {
    join(&[&height.to_be_bytes()])
}
/// The height in a key of the stale column.
pub(crate) fn stale_height(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

const REPLACED_RECORD: u8 = 0;
const REPLACED_LIST: u8 = 1;

/// Replaced: the record that a leaf had until a height.
pub(crate) fn replaced(family: Family, id: &[u8; 32], by: Height) -> Key {
    join(&[&[REPLACED_RECORD, family as u8], id, &at(by)])
}
/// Replaced: the records that a leaf had until heights above one, from and until.
pub(crate) fn replaced_after(family: Family, id: &[u8; 32], height: Height) -> (Key, Key) {
    (replaced(family, id, height.next()), join(&[&[REPLACED_RECORD, family as u8], id, &[0xff; 9]]))
}
/// Replaced: the list of the leaves whose records a height replaced.
pub(crate) fn replaced_list(by: Height) -> Key {
    join(&[&[REPLACED_LIST], &at(by)])
}
/// The height in the key of such a list.
pub(crate) fn replaced_by(key: &[u8]) -> Option<Height> {
    let by = key.strip_prefix(&[REPLACED_LIST])?.try_into().ok()?;
    Some(Height::new(u64::from_be_bytes(by)))
}

/// Evidence: by height, then by digest.
pub(crate) fn evidence(height: Height, digest: &[u8; 32]) -> Key {
    join(&[&at(height), digest])
}
/// Evidence: all of it, from and until.
pub(crate) fn all_evidence() -> (Key, Key) {
    (Key::new(), join(&[&[0xff; 9]]))
}
