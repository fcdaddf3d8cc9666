//! Bodies of the `hold` operations.

use crate::record::HoldTarget;
use crate::{Commit, HoldId, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Dispute {
    pub target: HoldTarget,
    /// Commitment to the interest in the goods; never zero.
    pub interest: Commit,
    pub basis: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct FileCase {
    pub hold: HoldId,
    pub expect_ver: u32,
    /// Commitment to the court's acceptance notice; never zero.
    pub notice: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct WithdrawDispute {
    pub hold: HoldId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CourtFreeze {
    pub target: HoldTarget,
    /// The court.
    pub on_behalf: Commit,
    /// The order; never zero.
    pub basis: Commit,
    pub until: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RenewFreeze {
    pub hold: HoldId,
    pub expect_ver: u32,
    /// The order that renews; never zero.
    pub basis: Commit,
    pub until: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Lift {
    pub hold: HoldId,
    pub expect_ver: u32,
    /// The order that ends it; never zero.
    pub order: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RegulatorFreeze {
    pub target: HoldTarget,
    pub basis: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CountersignFreeze {
    pub hold: HoldId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CustomsHold {
    pub target: HoldTarget,
    pub basis: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CustomsRelease {
    pub hold: HoldId,
    pub expect_ver: u32,
}
