//! Trade-authenticity cases and use marks.

use crate::operation::authenticity::FieldTags;
use crate::role::{AttestResult, DocKind, ProofState, Role, UsePurpose};
use crate::{AccountId, Bps, Commit, DocId, Fp, Hash, PledgeId, ProofId, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    pub attester: AccountId,
    /// The attester's roles, as bits, when it attested.
    pub roles: crate::role::Roles,
    pub group: Option<Commit>,
    pub doc_kind: DocKind,
    pub doc_fp: Fp,
    pub result: AttestResult,
    pub at: Timestamp,
    pub until: Timestamp,
    pub evidence: Commit,
    pub fields: Vec<FieldTags>,
}

impl Attestation {
    /// Whether it counts at a time.
    pub fn is_confirmed(&self, at: Timestamp) -> bool {
        matches!(self.result, AttestResult::Confirmed | AttestResult::ConfirmedWithRemark) && at < self.until
    }
    /// Whether the attester had the role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.has(role)
    }
}

/// A case on one document under one template.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    pub id: ProofId,
    pub ver: u32,
    pub template: u16,
    pub template_ver: u16,
    pub subject: DocId,
    pub applicant: AccountId,
    pub applicant_group: Option<Commit>,
    /// Who held the document when the case was opened (its beneficiary while pledged): the trading firm, also when a
    /// bank is the applicant.
    pub owner: AccountId,
    pub owner_group: Option<Commit>,
    pub financing_bank: Option<AccountId>,
    /// The pledge that relies on the case, where its pledgee has said so.
    pub linked: Option<PledgeId>,
    pub case: Hash,
    pub attestations: Vec<Attestation>,
    pub level: u8,
    pub state: ProofState,
    /// The field that contradicts, when CONTRADICTED.
    pub contradiction: Option<u16>,
    pub opened: Timestamp,
    pub valid_until: Timestamp,
    /// When the queue next looks at the case: the end of the case or of an attestation, whichever is earlier.
    pub due: Timestamp,
}

/// What everybody may see of a case.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicProof {
    pub id: ProofId,
    pub ver: u32,
    pub template: u16,
    pub subject: DocId,
    pub level: u8,
    pub state: ProofState,
    pub valid_until: Timestamp,
}

impl Proof {
    /// The public part.
    pub fn public(&self) -> PublicProof {
        PublicProof {
            id: self.id,
            ver: self.ver,
            template: self.template,
            subject: self.subject,
            level: self.level,
            state: self.state,
            valid_until: self.valid_until,
        }
    }
}

/// A share of a piece of evidence used for a purpose.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct UseMark {
    /// Counts from 1 within the evidence.
    pub n: u32,
    pub purpose: UsePurpose,
    pub by: AccountId,
    pub bps: Bps,
    /// Commitment to amounts and contract.
    pub reference: Commit,
    pub at: Timestamp,
    pub released: bool,
}

/// The record of a `mark/` leaf: every use of one piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct UseMarks {
    pub evidence: Fp,
    pub ver: u32,
    pub marks: Vec<UseMark>,
}

/// What everybody may see of the use of a piece of evidence: basis points in use per purpose, in the order of [`UsePurpose`].
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicUse {
    pub evidence: Fp,
    pub used_bps: [Bps; 4],
}

impl UseMarks {
    /// Basis points in use for a purpose.
    pub fn used_bps(&self, purpose: UsePurpose) -> Bps {
        let live = self.marks.iter().filter(|m| m.purpose == purpose && !m.released);
        live.fold(0, |sum, m| sum.saturating_add(m.bps))
    }
    /// The public part.
    pub fn public(&self) -> PublicUse {
        use UsePurpose::*;
        let used_bps = [Financing, FxPayment, TaxRefund, Insurance].map(|purpose| self.used_bps(purpose));
        PublicUse { evidence: self.evidence, used_bps }
    }
}
