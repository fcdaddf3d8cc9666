//! Derive tickets (fingerprints signed by a branch) and query tickets.

use crate::role::DocKind;
use crate::{
    AccountId, ChainId, Fp, GoodsKey, Hash, Member, PublicKey, SecretKey, Signature, Timestamp, crypto::sign_bytes,
};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A goods key with its class letter (`C`, `W`, `V`, `B`, `P`, `M`, `L`).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct ClassedKey {
    /// ASCII letter of the class, see section 4 of the ledger specification.
    pub class: u8,
    pub key: GoodsKey,
}

/// What a branch attests about a paper it has not seen: the network-keyed fingerprints of the raws an applicant sent.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct DeriveTicketBody {
    pub chain_id: ChainId,
    /// The branch that signs: the applicant's home.
    pub member: Member,
    pub applicant: AccountId,
    pub kind: DocKind,
    /// Version of the normalisation rules.
    pub rules: u16,
    pub fp1: Fp,
    pub fp2: Fp,
    /// Near-match fingerprints; zero where a combination's fields are missing.
    pub near: [Fp; 8],
    pub goods_keys: Vec<ClassedKey>,
    /// Keys under which stored goods came in (receipts only); tested, not taken.
    pub arrival_keys: Vec<ClassedKey>,
    pub epoch: u16,
    pub not_after: Timestamp,
}

/// A signed [`DeriveTicketBody`]; the signature carries the branch's validator key.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct DeriveTicket {
    pub body: DeriveTicketBody,
    pub public_key: PublicKey,
    pub signature: Signature,
}

impl DeriveTicket {
    /// Signs a body with the branch's validator key.
    pub fn new(body: DeriveTicketBody, key: &SecretKey) -> Self {
        let signature = key.sign(&sign_bytes("derive-ticket", &body.chain_id, &body));
        Self { body, public_key: key.public(), signature }
    }
    /// The bytes the branch signed.
    pub fn sign_bytes(&self) -> Vec<u8> {
        sign_bytes("derive-ticket", &self.body.chain_id, &self.body)
    }
}

/// Ties a paper in hand to a fingerprint that a certificate speaks about. It never enters a transaction.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct QueryTicketBody {
    pub chain_id: ChainId,
    pub kind: DocKind,
    /// The raw identity fingerprint, recomputable from the disclosed fields.
    pub raw1: Hash,
    pub fp1: Fp,
    pub member: Member,
    pub at: Timestamp,
}

/// A signed [`QueryTicketBody`].
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct QueryTicket {
    pub body: QueryTicketBody,
    pub signature: Signature,
}

impl QueryTicket {
    /// Signs a body with the branch's validator key.
    pub fn new(body: QueryTicketBody, key: &SecretKey) -> Self {
        let signature = key.sign(&sign_bytes("query-ticket", &body.chain_id, &body));
        Self { body, signature }
    }
    /// Whether the branch key signed this ticket.
    pub fn verify(&self, branch_key: &PublicKey) -> bool {
        branch_key.verify_strict(&sign_bytes("query-ticket", &self.body.chain_id, &self.body), &self.signature)
    }
}
