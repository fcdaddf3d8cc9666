//! Cargo events and where goods are.

use crate::operation::cargo::FlowReport;
use crate::role::{FlowAction, FlowStep};
use crate::{AccountId, Commit, EventId, Height, Timestamp};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// A committed cargo event. Nothing in it ever changes but the two notes at its end.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct CargoEvent {
    pub id: EventId,
    pub report: FlowReport,
    pub action: FlowAction,
    pub reporter: AccountId,
    /// Block time and height of the record.
    pub recorded: Timestamp,
    pub height: Height,
    /// The event that this one stands in for or takes back.
    pub corrects: Option<EventId>,
    /// The event that corrects this one.
    pub corrected_by: Option<EventId>,
    /// Whether both custodians have signed the hand-over; true when there is none.
    pub custody_confirmed: bool,
}

/// Where the goods of a lot are, as the last event says.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Flow {
    /// Events of the lot so far; numbers its timeline from 1.
    pub events: u32,
    pub last: EventId,
    pub step: FlowStep,
    #[serde(with = "crate::ids::ascii")]
    pub node: [u8; 8],
    /// When the last event happened, and when it was recorded.
    pub at: Timestamp,
    pub recorded: Timestamp,
    pub seal: Option<Commit>,
    /// When silence becomes an alarm; `None` when the goods are at rest.
    pub silent_from: Option<Timestamp>,
    /// When a supervisor last saw the goods.
    pub seen: Option<Timestamp>,
}
