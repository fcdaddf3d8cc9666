//! What became of a transaction in a block.

use crate::{Code, Hash, TxId, event::Event, tree::merkle_root};
use borsh::{BorshDeserialize, BorshSerialize};

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

/// The root that the header carries over all outcomes of a block, the sweep's last.
pub fn outcomes_root(outcomes: &[Outcome]) -> Hash {
    let items: Vec<Vec<u8>> =
        outcomes.iter().map(|o| borsh::to_vec(o).expect("writing to a vector cannot fail")).collect();
    merkle_root(&items)
}
