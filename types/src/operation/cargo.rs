//! Bodies of the `cargo` operations.

use crate::crypto::hash_of;
use crate::role::FlowStep;
use crate::{AccountId, Commit, EventId, LotId, Qty, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Custody passes from one party to another.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct HandOver {
    pub from: AccountId,
    pub to: AccountId,
}

/// What was seen of goods.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct FlowReport {
    pub lots: Vec<LotId>,
    pub step: FlowStep,
    /// Node code of the place, ASCII padded with spaces.
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub node: [u8; 8],
    /// When it happened.
    pub at: Timestamp,
    pub custody: Option<HandOver>,
    /// The seal seen or set.
    pub seal: Option<Commit>,
    /// How much came or left, thousandths of the unit, where it is not the whole; of one lot only.
    pub qty: Option<Qty>,
    /// The committed threshold that was broken.
    pub condition: Option<Commit>,
    /// Commitment to everything else.
    pub payload: Commit,
}

impl FlowReport {
    /// The event's id: the hash of what was seen, whoever reports it and how often.
    pub fn id(&self) -> EventId {
        EventId(hash_of("cargo-event", self))
    }
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Report {
    pub report: FlowReport,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ConfirmCustody {
    pub event: EventId,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Correct {
    pub event: EventId,
    /// What should have been said; `None` takes the event back.
    pub replacement: Option<FlowReport>,
}
