//! Walks a whole store and checks that it proves itself: what `landsea node verify` runs.
//!
//! Checked for every height: the block is there and well formed, it is the child of the one below and later than it, the commit
//! certificate holds for the validator set that the header names, every batch is there and is the one its digest names, and the
//! outcomes hash to the header. Checked at the tip: the tip record is that of the last block, and the state root follows from
//! the leaves alone, without the tree's own nodes. Executing the blocks again is the node's part; storage knows no chaincode.

use crate::store::{Snapshot, Tip};
use crate::tree::root_of;
use landsea_types::consensus::{CertificateError, ValidatorSet};
use landsea_types::outcome::outcomes_root;
use landsea_types::state::{Family, tree_key};
use landsea_types::{BatchId, Block, BlockId, Hash, Header, Height, Timestamp};

/// Leaves read at once.
const LEAVES_PER_READ: usize = 1_000;

/// What was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Blocks, from height 1 to the tip.
    pub blocks: u64,
    /// Batches that the blocks list.
    pub batches: u64,
    /// Transactions in those batches.
    pub transactions: u64,
    /// Leaves of the state at the tip.
    pub leaves: u64,
}

/// The first defect of a store. None of them can be mended in place: the folder is to be restored from peers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("height {height}: the {what} is missing")]
    Missing { height: Height, what: &'static str },
    #[error("height {height}: the block is malformed or its header names height {found}")]
    Malformed { height: Height, found: Height },
    #[error("height {height}: the parent is {found}, but the block below is {expected}")]
    Parent { height: Height, expected: BlockId, found: BlockId },
    #[error("height {height}: block time {found} is not later than the parent's {parent}")]
    Time { height: Height, parent: Timestamp, found: Timestamp },
    #[error("height {height}: the header names validator set {found}, expected {expected}")]
    ValidatorSet { height: Height, expected: Hash, found: Hash },
    #[error("height {height}: the certificate is for block {found}, the block is {expected}")]
    OtherBlock { height: Height, expected: BlockId, found: BlockId },
    #[error("height {height}: the commit certificate does not hold: {error}")]
    Certificate { height: Height, error: CertificateError },
    #[error("height {height}: batch {id} is missing or has another content")]
    Batch { height: Height, id: BatchId },
    #[error("height {height}: the batches hold {found} transactions, the header says {expected}")]
    Transactions { height: Height, expected: u64, found: u64 },
    #[error("height {height}: the outcomes hash to {found}, the header says {expected}")]
    Outcomes { height: Height, expected: Hash, found: Hash },
    #[error("the tip at height {height} is not what its block says")]
    Tip { height: Height },
    #[error("the leaves hash to {found}, the state root at height {height} is {expected}")]
    StateRoot { height: Height, expected: Hash, found: Hash },
}

/// Checks everything up to the tip of a snapshot.
///
/// `validators` gives the set that decides a height, or `None` when it is not known; then the store fails with
/// [`VerifyError::Missing`]. `genesis_time` is the block time of height 0.
///
/// # Errors
/// The first defect found, from the lowest height upwards.
pub fn verify(
    snapshot: &dyn Snapshot,
    genesis_time: Timestamp,
    validators: &mut dyn FnMut(Height) -> Option<ValidatorSet>,
) -> Result<VerifyReport, VerifyError> {
    let tip = snapshot.tip();
    let mut walk = Walk {
        snapshot,
        parent: BlockId(tip.chain.0),
        time: genesis_time,
        next_validators: None,
        last: None,
        report: VerifyReport::default(),
    };
    for height in (1..=tip.height.get()).map(Height::new) {
        let set = validators(height).ok_or(VerifyError::Missing { height, what: "validator set" })?;
        walk.check_height(height, &set)?;
    }
    walk.check_tip(&tip)?;
    walk.report.leaves = check_state_root(snapshot, &tip)?;
    Ok(walk.report)
}

/// Where the walk stands: the block below and what it promised.
struct Walk<'a> {
    snapshot: &'a dyn Snapshot,
    parent: BlockId,
    time: Timestamp,
    next_validators: Option<Hash>,
    last: Option<Header>,
    report: VerifyReport,
}

impl Walk<'_> {
    fn check_height(&mut self, height: Height, set: &ValidatorSet) -> Result<(), VerifyError> {
        let block = self.snapshot.block(height).ok_or(VerifyError::Missing { height, what: "block" })?;
        self.check_links(height, &block)?;
        self.check_certificate(&block, set)?;
        self.check_batches(&block)?;
        self.check_outcomes(&block)?;
        self.parent = block.id();
        self.time = block.header.time;
        self.next_validators = Some(block.header.next_validators_hash);
        self.last = Some(block.header);
        self.report.blocks += 1;
        Ok(())
    }

    fn check_links(&self, height: Height, block: &Block) -> Result<(), VerifyError> {
        let header = &block.header;
        if !block.is_well_formed() || header.height != height {
            return Err(VerifyError::Malformed { height, found: header.height });
        }
        if header.parent != self.parent {
            return Err(VerifyError::Parent { height, expected: self.parent, found: header.parent });
        }
        if header.time <= self.time {
            return Err(VerifyError::Time { height, parent: self.time, found: header.time });
        }
        Ok(())
    }

    fn check_certificate(&self, block: &Block, set: &ValidatorSet) -> Result<(), VerifyError> {
        let Header { height, validators_hash: found, chain_id, .. } = block.header;
        for expected in [Some(set.hash()), self.next_validators].into_iter().flatten() {
            if expected != found {
                return Err(VerifyError::ValidatorSet { height, expected, found });
            }
        }
        let certificate =
            self.snapshot.certificate(height).ok_or(VerifyError::Missing { height, what: "commit certificate" })?;
        let expected = block.id();
        if certificate.block != expected || certificate.height != height {
            return Err(VerifyError::OtherBlock { height, expected, found: certificate.block });
        }
        certificate.verify(&chain_id, set).map_err(|error| VerifyError::Certificate { height, error })
    }

    fn check_batches(&mut self, block: &Block) -> Result<(), VerifyError> {
        let height = block.header.height;
        let mut found = 0;
        for id in &block.batches {
            let batch = self.snapshot.batch(id).filter(|batch| batch.id() == *id);
            found += batch.ok_or(VerifyError::Batch { height, id: *id })?.body().transactions.len() as u64;
        }
        let expected = u64::from(block.header.transactions);
        if found != expected {
            return Err(VerifyError::Transactions { height, expected, found });
        }
        self.report.batches += block.batches.len() as u64;
        self.report.transactions += found;
        Ok(())
    }

    fn check_outcomes(&self, block: &Block) -> Result<(), VerifyError> {
        let Header { height, outcomes_root: expected, .. } = block.header;
        let outcomes =
            self.snapshot.outcomes(height).ok_or(VerifyError::Missing { height, what: "list of outcomes" })?;
        let found = outcomes_root(&outcomes);
        if found == expected { Ok(()) } else { Err(VerifyError::Outcomes { height, expected, found }) }
    }

    fn check_tip(&self, tip: &Tip) -> Result<(), VerifyError> {
        let follows = tip.header == self.last && tip.block_id == self.parent && tip.time == self.time;
        let has_root = self.last.as_ref().is_none_or(|header| header.state_root == tip.state_root);
        if follows && has_root { Ok(()) } else { Err(VerifyError::Tip { height: tip.height }) }
    }
}

/// Compares the state root with the one that follows from the leaves; returns their number.
///
/// # Errors
/// [`VerifyError::StateRoot`] when they differ.
pub fn check_state_root(snapshot: &dyn Snapshot, tip: &Tip) -> Result<u64, VerifyError> {
    let mut leaves: Vec<([u8; 32], [u8; 32])> = Vec::new();
    for family in Family::ALL {
        collect_leaves(snapshot, family, &mut leaves);
    }
    leaves.sort_unstable();
    let found = root_of(&leaves);
    if found == tip.state_root {
        return Ok(leaves.len() as u64);
    }
    Err(VerifyError::StateRoot { height: tip.height, expected: tip.state_root, found })
}

fn collect_leaves(snapshot: &dyn Snapshot, family: Family, leaves: &mut Vec<([u8; 32], [u8; 32])>) {
    let mut from = Some([0; 32]);
    while let Some(start) = from {
        let page = snapshot.leaves(family, &start, LEAVES_PER_READ);
        leaves.extend(page.iter().map(|(id, leaf)| (tree_key(family, id), leaf.value())));
        from = page.last().filter(|_| page.len() == LEAVES_PER_READ).and_then(|(id, _)| successor(id));
    }
}

/// The next id in order, or `None` after the last.
fn successor(id: &[u8; 32]) -> Option<[u8; 32]> {
    let mut next = *id;
    for byte in next.iter_mut().rev() {
        let (sum, has_overflowed) = byte.overflowing_add(1);
        *byte = sum;
        if !has_overflowed {
            return Some(next);
        }
    }
    None
}
