//! Bodies of the `goods` operations.

use crate::ticket::DeriveTicket;
use crate::{AccountId, Commit, GoodsKey, LotId, Qty, Uom};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CellOpen {
    /// The ticket over the site (kind SITE) and the cell: its one goods key, of class S.
    pub ticket: DeriveTicket,
    pub uom: Uom,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CellCount {
    pub cell: GoodsKey,
    pub expect_ver: u32,
    /// Thousandths of the cell's unit.
    pub counted: Qty,
    /// Who counted with the keeper: the site's supervisor, if it has one.
    pub supervisor: AccountId,
    /// Commitment to the counting protocol.
    pub evidence: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CellBlock {
    pub cell: GoodsKey,
    pub expect_ver: u32,
    pub reason: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CellUnblock {
    pub cell: GoodsKey,
    pub expect_ver: u32,
    pub reason: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Unstuff {
    pub lot: LotId,
    pub expect_ver: u32,
    /// The containers or wagons that the goods have left.
    pub keys: Vec<GoodsKey>,
    pub evidence: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Reseal {
    pub lot: LotId,
    pub expect_ver: u32,
    /// The seal found; zero when there was none.
    pub old_seal: Commit,
    pub new_seal: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct DeclareLoss {
    pub lot: LotId,
    pub expect_ver: u32,
    pub evidence: Commit,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ForceVacate {
    pub key: GoodsKey,
    pub reason: Commit,
}
