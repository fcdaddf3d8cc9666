//! What became of a transaction in a block.

use crate::{Code, Hash, TxId, event::Event, tree::merkle_root};
use borsh::{BorshDeserialize, BorshSerialize};
use std::ops::Deref;
use std::sync::Arc;

/// The result of one transaction, successful or refused.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Outcome {
    pub tx: TxId,
    pub code: Code,
    /// Index of the operation that was refused; zero on success.
    pub operation: u8,
    /// Up to four opaque arguments, such as `since height` and `member` of 5001.
    pub args: Vec<u64>,
    /// Events in order; those of a refused transaction are the alarms of its attempt.
    pub events: Vec<Event>,
    /// Ids of the objects that changed.
    pub touched: Vec<Hash>,
}

/// All outcomes of a block, the sweep's last, with their encodings and the root that its header names. They never change, so that both are
/// made once; clones share them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    list: Vec<Outcome>,
    encoded: Vec<Vec<u8>>,
    root: Hash,
}

impl Outcomes {
    /// Encodes the outcomes and takes their root.
    pub fn new(list: Vec<Outcome>) -> Self {
        let encoded = encode_all(&list);
        let root = merkle_root(&encoded);
        Self(Arc::new(Inner { list, encoded, root }))
    }
    /// The encoding of each, in order.
    pub fn encoded(&self) -> &[Vec<u8>] {
        &self.0.encoded
    }
    /// See [`outcomes_root`].
    pub fn root(&self) -> Hash {
        self.0.root
    }
}

impl Deref for Outcomes {
    type Target = [Outcome];
    fn deref(&self) -> &[Outcome] {
        &self.0.list
    }
}

/// The root that the header carries over all outcomes of a block, the sweep's last.
pub fn outcomes_root(outcomes: &[Outcome]) -> Hash {
    merkle_root(&encode_all(outcomes))
}

fn encode_all(outcomes: &[Outcome]) -> Vec<Vec<u8>> {
    outcomes.iter().map(|o| borsh::to_vec(o).expect("writing to a vector cannot fail")).collect()
}
