//! Bodies of the `pledge` operations.

use crate::role::{ReleaseReason, SecuredKind};
use crate::ticket::DeriveTicket;
use crate::{AccountId, Bps, Commit, DocId, PledgeId, ProofId, Timestamp};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Reserve {
    pub doc: DocId,
    pub expect_ver: u32,
    pub until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct CancelReservation {
    pub doc: DocId,
    pub expect_ver: u32,
}

/// One document offered as collateral, with the bank's own ticket over the paper it holds.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Collateral {
    pub doc: DocId,
    pub expect_ver: u32,
    pub ticket: DeriveTicket,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Create {
    pub docs: Vec<Collateral>,
    pub pledgor: AccountId,
    /// Commitment to amount, currency, rate and contract number.
    pub claim: Commit,
    pub secured_kind: SecuredKind,
    pub reg_until: Timestamp,
    /// Whether the pledgor agreed in advance to extensions.
    pub extend_agreed: bool,
    pub cover_min_bps: Bps,
    pub finance_ref: Commit,
    pub proof_min_level: u8,
    pub proof: Option<ProofId>,
    /// Appoints a supervisor over the goods.
    pub supervisor: Option<AccountId>,
    /// The pledgee has seen that other live documents are similar.
    pub ack_near: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Extend {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub reg_until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Release {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub reason: ReleaseReason,
}
