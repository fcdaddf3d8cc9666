//! Bodies of the `pledge` operations.

use crate::operation::DocVersion;
use crate::operation::warehouse::DeliverPartial;
use crate::operation::waybill::Split;
use crate::role::{RealiseMode, ReleaseReason, SecuredKind};
use crate::ticket::DeriveTicket;
use crate::{AccountId, Bps, Commit, DocId, OfferId, PledgeId, ProofId, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Reserve {
    pub doc: DocId,
    pub expect_ver: u32,
    pub until: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CancelReservation {
    pub doc: DocId,
    pub expect_ver: u32,
}

/// One document offered as collateral, with the bank's own ticket over the paper it holds.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Collateral {
    pub doc: DocId,
    pub expect_ver: u32,
    pub ticket: DeriveTicket,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
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
    /// Commitment to the thresholds of temperature and the like under which the goods must stay; zero for none.
    pub conditions: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Extend {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub reg_until: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Release {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub reason: ReleaseReason,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct MakeOffer {
    pub terms: Create,
    /// Until when it may be accepted.
    pub until: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Accept {
    pub offer: OfferId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct WithdrawOffer {
    pub offer: OfferId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct AddCollateral {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub docs: Vec<Collateral>,
    pub ack_near: bool,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Substitute {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub add: Vec<Collateral>,
    pub remove: Vec<DocVersion>,
    pub ack_near: bool,
}

/// What leaves a pledge that goes on.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Partial {
    /// A whole document of several.
    Document(DocVersion),
    /// Children of a document that is split.
    Split(Split),
    /// Goods that leave the store.
    Delivery(DeliverPartial),
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ReleasePartial {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub release: Partial,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Assign {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub to: AccountId,
    /// The new bank accepts a pledge under enforcement.
    pub accept_enforcing: bool,
    /// The assigning bank had itself pledged the claim.
    pub encumbered_claim: bool,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct DeclareDefault {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub notice: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Cure {
    pub pledge: PledgeId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Realise {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub mode: RealiseMode,
    pub to: AccountId,
    /// The branch that transmits the order, which then consents in the pledgor's stead.
    pub order: Option<AccountId>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RegisterMirror {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub registration: Commit,
    pub expires: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct VoidByOrder {
    pub pledge: PledgeId,
    pub expect_ver: u32,
    pub order: Commit,
}
