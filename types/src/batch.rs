//! A batch: the unit of dissemination, signature checking, storage and fetching.

use crate::ids::{ParseIdError, parse_hex32};
use crate::{
    ChainId, Member, PublicKey, SecretKey, Signature, bounds,
    crypto::{Suite, hash_of, sign_bytes},
    ids::hash_id,
};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;

hash_id! {
    /// Digest of a batch.
    BatchId,
}

/// Transactions grouped by the member that received them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BatchBody {
    pub chain_id: ChainId,
    pub origin: Member,
    /// Counts up per origin, so that two batches of one member differ.
    pub sequence: u64,
    /// Encoded transactions, in the order received.
    pub transactions: Vec<Vec<u8>>,
}

/// A batch with the signature of its origin over the digest.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Batch {
    pub body: BatchBody,
    pub signature: Signature,
}

/// What the bytes of a batch show to be wrong: a provable peer fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    #[error("{bytes} bytes or {transactions} transactions are outside the limits")]
    Size { bytes: usize, transactions: usize },
    #[error("made for another chain")]
    WrongChain,
    #[error("the origin's signature does not verify")]
    BadSignature,
}

impl Batch {
    /// Signs a body with the origin's validator key.
    pub fn new(body: BatchBody, key: &SecretKey, suite: &dyn Suite) -> Self {
        let signature = suite.sign(key, &sign_bytes("batch", &body.chain_id, &digest(&body)));
        Self { body, signature }
    }

    /// The digest that blocks refer to.
    pub fn id(&self) -> BatchId {
        digest(&self.body)
    }

    /// Sum of the encoded transactions, bytes.
    pub fn payload_bytes(&self) -> usize {
        self.body.transactions.iter().map(Vec::len).sum()
    }

    /// Checks size, chain and the origin's signature (not the transactions in it).
    ///
    /// # Errors
    /// The first defect found.
    pub fn verify(&self, chain: &ChainId, origin_key: &PublicKey, suite: &dyn Suite) -> Result<(), BatchError> {
        let transactions = self.body.transactions.len();
        let oversized = self.body.transactions.iter().any(|t| t.len() > bounds::TRANSACTION_BYTES_MAX);
        let bytes = self.payload_bytes();
        let within = (1..=bounds::BATCH_TRANSACTIONS_MAX).contains(&transactions) && bytes <= bounds::BATCH_BYTES_MAX;
        if oversized || !within {
            return Err(BatchError::Size { bytes, transactions });
        }
        if self.body.chain_id != *chain {
            return Err(BatchError::WrongChain);
        }
        let message = sign_bytes("batch", chain, &self.id());
        let is_signed = suite.verify_strict(origin_key, &message, &self.signature);
        if is_signed { Ok(()) } else { Err(BatchError::BadSignature) }
    }
}

fn digest(body: &BatchBody) -> BatchId {
    BatchId(hash_of("batch", body))
}
