//! Cargo events and where goods are.

use crate::operation::cargo::FlowReport;
use crate::role::{FlowAction, FlowStep};
use crate::{AccountId, EventId, Height, Qty, Timestamp};
use borsh::{BorshDeserialize, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A committed cargo event. Nothing in it ever changes but the three notes at its end.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct CargoEvent {
    /// The report's own id, save for an event that takes another one back.
    pub id: EventId,
    pub report: FlowReport,
    pub action: FlowAction,
    pub reporter: AccountId,
    /// Block time and height of the record.
    pub recorded: Timestamp,
    pub height: Height,
    /// The event that this one stands in for or takes back.
    pub corrects: Option<EventId>,
    /// By how much the event changed what is missing of each lot, in the order of the report; empty when it changed nothing.
    pub moved: Vec<Qty>,
    /// The event that corrects this one.
    pub corrected_by: Option<EventId>,
    /// Whether both custodians have signed the hand-over; true when there is none.
    pub custody_confirmed: bool,
    /// Until when the other custodian may confirm the hand-over; `None` when nothing waits.
    pub custody_due: Option<Timestamp>,
}

/// Where the goods of a lot are, as the last event says whose time can be right.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Flow {
    /// Events of the lot so far; numbers its timeline from 1.
    pub events: u32,
    pub last: EventId,
    /// The last step that moved the goods or laid them to rest.
    pub step: FlowStep,
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub node: [u8; 8],
    /// When the last event happened, and when it was recorded.
    pub at: Timestamp,
    pub recorded: Timestamp,
    /// When silence becomes an alarm; `None` when the goods are at rest or the alarm has been raised.
    pub silent_from: Option<Timestamp>,
    /// When a supervisor last saw the goods.
    pub seen: Option<Timestamp>,
    /// The hand-over by which the custodian took the lot; `None` while it is with the custodian it began with.
    pub custody: Option<EventId>,
}

impl Flow {
    /// The flow of goods of which nothing is known: at no step, at no place, at no time.
    pub const UNKNOWN: Flow = Flow {
        events: 0,
        last: EventId([0; 32]),
        step: FlowStep::Heartbeat,
        node: *b"UNKNOWN ",
        at: Timestamp::ZERO,
        recorded: Timestamp::ZERO,
        silent_from: None,
        seen: None,
        custody: None,
    };
}
