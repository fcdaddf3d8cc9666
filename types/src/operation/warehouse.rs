//! Bodies of the `warehouse` operations.

use crate::operation::waybill::NewLot;
use crate::role::LegalBasis;
use crate::ticket::DeriveTicket;
use crate::{AccountId, Bps, Commit, DocId, Fp, Timestamp};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// The contents of a new warehouse receipt.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct NewReceipt {
    pub legal_basis: LegalBasis,
    pub ticket: DeriveTicket,
    pub content_root: Commit,
    pub issue_date: u32,
    /// Needs `mandatory_fields` complete.
    pub negotiable: bool,
    /// Bitmap of the GB/T 30332 fields committed under `content_root`.
    pub mandatory_fields: u32,
    /// Fingerprint of the licensed site.
    pub site: Fp,
    pub lots: Vec<NewLot>,
    pub storage_from: Timestamp,
    pub storage_until: Timestamp,
    pub loss_standard_bps: Bps,
    pub charges: Commit,
    pub quality: Commit,
    pub standard_warrant: bool,
    pub bonded: bool,
}

/// The GB/T 30332 fields that a negotiable receipt must commit to: bits 0 to 8.
pub const MANDATORY_FIELDS: u32 = 0x1ff;

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Issue {
    pub depositor: AccountId,
    pub receipt: NewReceipt,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct EndorseTransfer {
    pub doc: DocId,
    pub expect_ver: u32,
    pub to: AccountId,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct DeliverFull {
    pub doc: DocId,
    pub expect_ver: u32,
}
