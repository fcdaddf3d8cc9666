//! A batch: the unit of dissemination, signature checking, storage and fetching.

use crate::ids::{ParseIdError, parse_hex32};
use crate::{
    ChainId, Member, PublicKey, SecretKey, Signature, bounds,
    crypto::{SignatureCheck, Suite, hash_of, sign_bytes},
    ids::hash_id,
};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;
use std::io;
use std::sync::Arc;

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

/// A batch with the signature of its origin over the digest. The body never changes, so that the digest is taken once; clones share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    id: BatchId,
    body: Arc<BatchBody>,
    signature: Signature,
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
        let id = digest(&body);
        let signature = suite.sign(key, &sign_bytes("batch", &body.chain_id, &id));
        Self { id, body: Arc::new(body), signature }
    }

    /// The same body under another signature, which nobody has checked.
    pub fn with_signature(&self, signature: Signature) -> Self {
        Self { signature, ..self.clone() }
    }

    /// The digest that blocks refer to.
    pub fn id(&self) -> BatchId {
        self.id
    }

    /// What the origin signed.
    pub fn body(&self) -> &BatchBody {
        &self.body
    }

    /// The origin's signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Sum of the encoded transactions, bytes.
    pub fn payload_bytes(&self) -> usize {
        self.body.transactions.iter().map(Vec::len).sum()
    }

    /// The origin's signature check, to be done in bulk.
    pub fn check(&self, origin_key: &PublicKey) -> SignatureCheck {
        let message = sign_bytes("batch", &self.body.chain_id, &self.id);
        SignatureCheck { key: *origin_key, message, signature: self.signature }
    }

    /// Checks size, chain and the origin's signature (not the transactions in it).
    ///
    /// # Errors
    /// The first defect found.
    pub fn verify(&self, chain: &ChainId, origin_key: &PublicKey, suite: &dyn Suite) -> Result<(), BatchError> {
        self.check_form(chain)?;
        if suite.verify(&self.check(origin_key)) { Ok(()) } else { Err(BatchError::BadSignature) }
    }

    /// Checks size and chain.
    ///
    /// # Errors
    /// The first defect found.
    pub fn check_form(&self, chain: &ChainId) -> Result<(), BatchError> {
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
        Ok(())
    }
}

impl BorshSerialize for Batch {
    fn serialize<W: io::Write>(&self, out: &mut W) -> io::Result<()> {
        self.body.as_ref().serialize(out)?;
        self.signature.serialize(out)
    }
}

impl BorshDeserialize for Batch {
    fn deserialize_reader<R: io::Read>(input: &mut R) -> io::Result<Self> {
        let body = BatchBody::deserialize_reader(input)?;
        let signature = Signature::deserialize_reader(input)?;
        Ok(Self { id: digest(&body), body: Arc::new(body), signature })
    }
}

fn digest(body: &BatchBody) -> BatchId {
    BatchId(hash_of("batch", body))
}
