//! Bodies of the `authenticity` operations.

use crate::role::{AttestResult, DocKind, UsePurpose};
use crate::ticket::DeriveTicket;
use crate::{AccountId, Bps, Commit, DocId, Fp, Hash, PledgeId, ProofId, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Open {
    pub doc: DocId,
    pub expect_ver: u32,
    pub template: u16,
    /// Public id of the case key; the key itself travels off-ledger.
    pub case: Hash,
    /// The bank that will finance, whose attestation does not count; `None` when not yet known.
    pub financing_bank: Option<AccountId>,
}

/// The tags of one field, sorted.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct FieldTags {
    pub field: u16,
    pub tags: Vec<Hash>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Attest {
    pub proof: ProofId,
    pub expect_ver: u32,
    pub doc_kind: DocKind,
    /// Fingerprint of the attester's own copy.
    pub ticket: DeriveTicket,
    /// CONFIRMED or CONFIRMED_WITH_REMARK.
    pub result: AttestResult,
    /// One entry per field, by ascending field number.
    pub fields: Vec<FieldTags>,
    pub until: Timestamp,
    pub evidence: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Refuse {
    pub proof: ProofId,
    pub expect_ver: u32,
    pub doc_kind: DocKind,
    pub evidence: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct WithdrawAttestation {
    pub proof: ProofId,
    pub expect_ver: u32,
    pub doc_kind: DocKind,
    pub evidence: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Link {
    pub proof: ProofId,
    pub expect_ver: u32,
    pub pledge: PledgeId,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Close {
    pub proof: ProofId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct MarkUse {
    /// The marker's own ticket over the evidence.
    pub ticket: DeriveTicket,
    pub purpose: UsePurpose,
    /// Share of the evidence, 1 to 10000, rounded down.
    pub bps: Bps,
    /// Commitment to amounts and contract.
    pub reference: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ReleaseMark {
    pub evidence: Fp,
    pub expect_ver: u32,
    /// The mark's number within the evidence.
    pub mark: u32,
}
