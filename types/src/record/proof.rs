//! Trade-authenticity cases, and the public part of a hold.

use crate::operation::authenticity::FieldTags;
use crate::role::{AttestResult, DocKind, HoldKind, ProofState, Role};
use crate::{AccountId, Commit, DocId, Fp, Hash, ProofId, Timestamp};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
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

/// What everybody may see of an effective hold.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct PublicHold {
    pub kind: HoldKind,
    pub until: Timestamp,
}
