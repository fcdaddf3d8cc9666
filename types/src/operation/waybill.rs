//! Bodies of the `waybill` operations.

use crate::operation::DocVersion;
use crate::operation::warehouse::NewReceipt;
use crate::role::{DocKind, InstructionKind, LegMode, LegRegime, LegalBasis, LotKind, OrderType};
use crate::ticket::{ClassedKey, DeriveTicket};
use crate::{AccountId, Commit, DocId, LotId, Qty, Timestamp, Uom};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A lot to be created.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct NewLot {
    pub kind: LotKind,
    pub uom: Uom,
    /// Thousandths of the unit.
    pub qty: Qty,
    pub packages: u32,
    /// HS6 digits in ASCII, `000000` when withheld.
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub goods_class: [u8; 6],
    pub keys: Vec<ClassedKey>,
}

/// A leg of a through bill; the contract fills in the note's fingerprint.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct NewLeg {
    pub mode: LegMode,
    pub regime: LegRegime,
    /// Node codes, ASCII padded with spaces.
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub from: [u8; 8],
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub to: [u8; 8],
    pub carrier: AccountId,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Anchor {
    pub kind: DocKind,
    pub ticket: DeriveTicket,
    pub content_root: Commit,
    /// yyyymmdd in the issuer's local calendar.
    pub issue_date: u32,
    pub legal_basis: LegalBasis,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Issue {
    pub kind: DocKind,
    pub legal_basis: LegalBasis,
    pub ticket: DeriveTicket,
    pub content_root: Commit,
    pub issue_date: u32,
    pub order_type: OrderType,
    pub first_holder: AccountId,
    pub lots: Vec<NewLot>,
    pub legs: Vec<NewLeg>,
    /// Anchored notes this bill is based on.
    pub base_docs: Vec<DocId>,
    /// "Deliver only against ledger control": never zero.
    pub control_agreement: Commit,
    pub expires: Option<Timestamp>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Adopt {
    pub title: DocId,
    pub expect_ver: u32,
    pub note: DocId,
    pub leg: NewLeg,
}

/// How a document is endorsed.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Endorsement {
    Named { to: AccountId },
    ToOrder { to: AccountId },
    Blank,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Endorse {
    pub doc: DocId,
    pub expect_ver: u32,
    pub endorsement: Endorsement,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Transfer {
    pub doc: DocId,
    pub expect_ver: u32,
    pub to: AccountId,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Surrender {
    pub doc: DocId,
    pub expect_ver: u32,
}

/// The contents of a new version of a document; lots, quantities, keys, holder and beneficiary stay.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct NewVersion {
    pub ticket: DeriveTicket,
    pub content_root: Commit,
    pub issue_date: u32,
    /// Bit per changed field of the kind, declared by the issuer.
    pub changed_fields: u64,
    pub control_agreement: Commit,
    /// Must equal the old document's lots; stated so that both signers see them.
    pub lots: Vec<NewLot>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct AnswerSurrender {
    pub doc: DocId,
    pub expect_ver: u32,
    pub accept: bool,
    /// The new version when an amendment is accepted.
    pub version: Option<NewVersion>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Amend {
    pub doc: DocId,
    pub expect_ver: u32,
    pub version: NewVersion,
}

/// A shortage declared at conversion, in thousandths of the unit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Shortage {
    pub uom: Uom,
    pub qty: Qty,
    pub packages: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Convert {
    pub doc: DocId,
    pub expect_ver: u32,
    pub receipt: NewReceipt,
    pub shortages: Vec<Shortage>,
    /// Set when a shortage above the tolerance is accepted by the pledgee (unpledged: the holder).
    pub accept_shortage: bool,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CloseAnchor {
    pub doc: DocId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Nominate {
    pub doc: DocId,
    pub expect_ver: u32,
    /// `None` takes a nomination back.
    pub nominee: Option<AccountId>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RejectBack {
    pub doc: DocId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Instruct {
    pub doc: DocId,
    pub expect_ver: u32,
    pub instruction: InstructionKind,
    /// Node code of the place it speaks about.
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub node: [u8; 8],
    /// Commitment to the rest, such as the new consignee.
    pub details: Commit,
}

/// A part of a lot that is split.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ChildLot {
    /// The lot that it is a part of.
    pub parent: LotId,
    pub lot: NewLot,
}

/// One of the documents that a split makes.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct SplitChild {
    pub ticket: DeriveTicket,
    pub content_root: Commit,
    pub issue_date: u32,
    pub lots: Vec<ChildLot>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Split {
    pub doc: DocId,
    pub expect_ver: u32,
    /// Two to 64, over all goods of the document.
    pub children: Vec<SplitChild>,
    /// Positions of the children that leave the pledge, ascending.
    pub released: Vec<u8>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Merge {
    pub docs: Vec<DocVersion>,
    pub ticket: DeriveTicket,
    pub content_root: Commit,
    pub issue_date: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct VoidDoc {
    pub doc: DocId,
    pub expect_ver: u32,
    /// The court's order, when a branch voids.
    pub order: Option<Commit>,
}

/// The contents of a transport document that takes a receipt's place.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct NewBill {
    pub kind: DocKind,
    pub legal_basis: LegalBasis,
    pub ticket: DeriveTicket,
    pub content_root: Commit,
    pub issue_date: u32,
    pub order_type: OrderType,
    pub lots: Vec<NewLot>,
    pub legs: Vec<NewLeg>,
    pub control_agreement: Commit,
    pub expires: Option<Timestamp>,
}
