//! The walk over a whole store.

use crate::common::*;
use landsea_storage::disk::Column;
use landsea_storage::replay::{VerifyError, verify};
use landsea_storage::{MemoryDisk, MemoryStore, Store, StoreConfig};
use landsea_types::Height;
use landsea_types::consensus::ValidatorSet;

fn chain() -> MemoryStore {
    chain_on(&MemoryDisk::new())
}

fn chain_on(disk: &MemoryDisk) -> MemoryStore {
    let mut store = MemoryStore::open(disk, StoreConfig::default()).expect("opens");
    initialise(&mut store);
    for n in 1..=5 {
        grow(&mut store, n);
    }
    store
}

fn check(
    store: &dyn Store,
    mut set: impl FnMut(Height) -> Option<ValidatorSet>,
) -> Result<(u64, u64, u64), VerifyError> {
    let report = verify(&*store.reader().snapshot(), GENESIS_TIME, &mut set)?;
    Ok((report.blocks, report.batches, report.transactions))
}

#[test]
fn a_sound_store_is_reported_with_its_counts() {
    assert_eq!(check(&chain(), |_| Some(validators())), Ok((5, 5, 10)));
}

#[test]
fn a_store_of_height_zero_is_sound() {
    let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("opens");
    initialise(&mut store);
    assert_eq!(check(&store, |_| None), Ok((0, 0, 0)));
}

#[test]
fn a_certificate_of_too_few_is_found() {
    let mut store = chain();
    let mut commit = next(&store, vec![], vec![]);
    commit.certificate.signatures.pop();
    store.commit(commit);
    assert!(matches!(check(&store, |_| Some(validators())), Err(VerifyError::Certificate { .. })));
}

#[test]
fn another_validator_set_than_the_header_names_is_found() {
    let fewer = ValidatorSet::new(validators().as_slice()[1..].to_vec()).expect("distinct");
    let answer = check(&chain(), |height| Some(if height.get() < 3 { validators() } else { fewer.clone() }));
    assert!(matches!(answer, Err(VerifyError::ValidatorSet { height, .. }) if height == Height::new(3)), "{answer:?}");
    assert!(matches!(check(&chain(), |_| None), Err(VerifyError::Missing { .. })));
}

#[test]
fn a_leaf_that_the_tree_does_not_know_is_found() {
    let disk = MemoryDisk::new();
    let store = chain_on(&disk);
    disk.remove_rows(Column::Leaves, |key| key.last() == Some(&id(2)[31]));
    assert!(matches!(check(&store, |_| Some(validators())), Err(VerifyError::StateRoot { .. })));
}

#[test]
fn a_missing_batch_or_outcome_is_found() {
    let disk = MemoryDisk::new();
    let store = chain_on(&disk);
    let body = batch(3).id();
    disk.remove_rows(Column::Batches, |key| key.first() == Some(&0) && key[1..] == body.0);
    let answer = check(&store, |_| Some(validators()));
    assert_eq!(answer, Err(VerifyError::Batch { height: Height::new(3), id: body }));
    let disk = MemoryDisk::new();
    let store = chain_on(&disk);
    disk.remove_rows(Column::Blocks, |key| key == [0, 0, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 1]);
    assert!(matches!(check(&store, |_| Some(validators())), Err(VerifyError::Outcomes { .. })));
}
