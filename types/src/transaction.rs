//! Transactions and consents.

use crate::crypto::{SignatureCheck, hash_of, sign_bytes};
use crate::operation::{Operation, UNKNOWN_OPERATION};
use crate::role::Role;
use crate::{AccountId, ChainId, Code, Hash, Height, PublicKey, SecretKey, Signature, Timestamp, TxId, bounds};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A party's agreement to one operation of one sender.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Consent {
    pub party: AccountId,
    /// Index of the signing key in the party's record.
    pub key: u16,
    /// In which capacity it consents.
    pub role: Role,
    pub op_hash: Hash,
    pub not_after: Timestamp,
    pub nonce: u64,
    pub public_key: PublicKey,
    pub signature: Signature,
}

/// What a consent's signature covers.
#[derive(BorshSerialize)]
struct ConsentBody<'a> {
    party: &'a AccountId,
    key: u16,
    role: Role,
    op_hash: &'a Hash,
    not_after: Timestamp,
    nonce: u64,
}

/// The terms of a consent before it is signed.
#[derive(Clone, Debug)]
pub struct ConsentTerms {
    pub party: AccountId,
    pub key: u16,
    pub role: Role,
    pub op_hash: Hash,
    pub not_after: Timestamp,
    pub nonce: u64,
}

impl Consent {
    /// Signs the terms.
    pub fn new(terms: ConsentTerms, chain: &ChainId, secret: &SecretKey) -> Self {
        let ConsentTerms { party, key, role, op_hash, not_after, nonce } = terms;
        let public_key = secret.public();
        let mut consent =
            Consent { party, key, role, op_hash, not_after, nonce, public_key, signature: Signature([0; 64]) };
        consent.signature = secret.sign(&consent.sign_bytes(chain));
        consent
    }
    /// The bytes that the party signs.
    pub fn sign_bytes(&self, chain: &ChainId) -> Vec<u8> {
        sign_bytes(
            "consent",
            chain,
            &ConsentBody {
                party: &self.party,
                key: self.key,
                role: self.role,
                op_hash: &self.op_hash,
                not_after: self.not_after,
                nonce: self.nonce,
            },
        )
    }
    /// The identity under which a used consent is remembered.
    pub fn id(&self) -> Hash {
        Hash(hash_of("consent", &(self.party, self.op_hash, self.nonce, self.not_after)))
    }
    /// The signature check to be done in bulk.
    pub fn check(&self, chain: &ChainId) -> SignatureCheck {
        SignatureCheck { key: self.public_key, message: self.sign_bytes(chain), signature: self.signature }
    }
}

/// Operations that apply together or not at all.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Transaction {
    /// Format version, [`Transaction::VERSION`].
    pub version: u8,
    pub chain_id: ChainId,
    /// Who signs.
    pub sender: AccountId,
    /// The party for which the sender acts under a delegation; `None` when it acts for itself.
    pub represents: Option<AccountId>,
    pub key: u16,
    pub public_key: PublicKey,
    pub valid_until: Height,
    /// Random number that makes two otherwise equal transactions differ.
    pub nonce: u64,
    pub ops: Vec<Operation>,
    pub consents: Vec<Consent>,
    pub signature: Signature,
}

/// Why bytes are not a transaction; the code is the answer over RPC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct DecodeError {
    pub code: Code,
    pub detail: String,
}

impl Transaction {
    /// The version written by this release.
    pub const VERSION: u8 = 2;

    /// Signs a transaction whose `signature` is still empty.
    pub fn sign(mut self, secret: &SecretKey) -> Self {
        self.signature = secret.sign(&self.sign_bytes());
        self
    }

    /// The bytes that the sender signs: all but the signature.
    pub fn sign_bytes(&self) -> Vec<u8> {
        sign_bytes("transaction", &self.chain_id, &self.content())
    }

    /// Hash of the signed content; the same whatever the signature.
    pub fn id(&self) -> TxId {
        TxId(hash_of("transaction", &self.content()))
    }

    /// The sender's signature check to be done in bulk.
    pub fn check(&self) -> SignatureCheck {
        SignatureCheck { key: self.public_key, message: self.sign_bytes(), signature: self.signature }
    }

    /// Encodes for the wire.
    pub fn encode(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to a vector cannot fail")
    }

    /// Decodes and applies check step 1: size, version, chain, counts.
    ///
    /// # Errors
    /// 1010 for size and malformed bytes, 1004 for an unknown version or operation, 1013 for another chain.
    pub fn decode(bytes: &[u8], chain: &ChainId) -> Result<Self, DecodeError> {
        let fail = |code, detail: String| Err(DecodeError { code, detail });
        if bytes.len() > bounds::TRANSACTION_BYTES_MAX {
            return fail(Code::TooLarge, format!("{} bytes, at most {}", bytes.len(), bounds::TRANSACTION_BYTES_MAX));
        }
        if bytes.first().is_some_and(|v| *v != Self::VERSION) {
            return fail(Code::UnknownOperation, format!("transaction version {} is not known", bytes[0]));
        }
        let tx: Transaction = borsh::from_slice(bytes).map_err(decode_error)?;
        if tx.ops.is_empty() || tx.ops.len() > bounds::OPERATIONS_MAX || tx.consents.len() > bounds::CONSENTS_MAX {
            let detail =
                format!("{} operations and {} consents are outside the limits", tx.ops.len(), tx.consents.len());
            return fail(Code::TooLarge, detail);
        }
        if tx.chain_id != *chain {
            return fail(
                Code::WrongChain,
                format!("made for chain {}, this is {}", tx.chain_id.short(), chain.short()),
            );
        }
        Ok(tx)
    }

    fn content(&self) -> impl BorshSerialize + '_ {
        let head = (self.version, &self.chain_id, &self.sender, &self.represents, self.key, &self.public_key);
        (head, self.valid_until, self.nonce, &self.ops, &self.consents)
    }
}

fn decode_error(error: std::io::Error) -> DecodeError {
    let detail = error.to_string();
    let code = if detail.contains(UNKNOWN_OPERATION) { Code::UnknownOperation } else { Code::TooLarge };
    DecodeError { code, detail }
}
