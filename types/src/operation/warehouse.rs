//! Bodies of the `warehouse` operations.

use crate::operation::waybill::{NewBill, NewLot, Shortage};
use crate::role::{LegalBasis, TerminateReason};
use crate::ticket::DeriveTicket;
use crate::{AccountId, Bps, Commit, DocId, Fp, GoodsKey, LotId, Qty, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The contents of a new warehouse receipt.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
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

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Issue {
    pub depositor: AccountId,
    pub receipt: NewReceipt,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct EndorseTransfer {
    pub doc: DocId,
    pub expect_ver: u32,
    pub to: AccountId,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct DeliverFull {
    pub doc: DocId,
    pub expect_ver: u32,
}

/// What leaves of a lot.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Part {
    pub lot: LotId,
    pub qty: Qty,
    pub packages: u32,
    /// Keys that leave with the goods; all of them when the whole lot leaves.
    pub keys: Vec<GoodsKey>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct DeliverPartial {
    pub doc: DocId,
    pub expect_ver: u32,
    pub parts: Vec<Part>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ConvertOut {
    pub doc: DocId,
    pub expect_ver: u32,
    pub bill: NewBill,
    pub shortages: Vec<Shortage>,
    /// As in `waybill.convert`.
    pub accept_shortage: bool,
}

/// A lot that moves from one cell to another.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Move {
    pub lot: LotId,
    pub from: GoodsKey,
    pub to: GoodsKey,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Relocate {
    pub doc: DocId,
    pub expect_ver: u32,
    pub moves: Vec<Move>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ExtendStorage {
    pub doc: DocId,
    pub expect_ver: u32,
    pub until: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct SetLien {
    pub doc: DocId,
    pub expect_ver: u32,
    /// Whether the keeper's charges are unpaid.
    pub lien: bool,
    pub charges: Commit,
}

/// The steps by which a keeper ends a storage that nobody ends.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Termination {
    /// Says that the goods will be sold after the notice period.
    Notice { reason: TerminateReason },
    /// Takes the notice back.
    Withdraw,
    /// Says that they were sold; the proceeds follow the pledge.
    Sold { proceeds: Commit },
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Terminate {
    pub doc: DocId,
    pub expect_ver: u32,
    pub step: Termination,
}
