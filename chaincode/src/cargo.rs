//! Cargo flow: what was seen of goods, and what looks wrong about it (section 10 of the ledger specification).
//!
//! # Operations
//! - `report` (who keeps, watches, carries or receives the goods, or CUSTOMS): one event of one or more lots. It is never refused for
//!   what it says; what looks wrong about it is alarmed.
//! - `confirm_custody` (the other custodian): closes a hand-over that only one of them signed.
//! - `correct` (the reporter): another event stands in for an earlier one, or takes it back. The earlier one stays.
//!
//! # Custody
//! A lot's custodian and place change only when both custodians have signed: in the transaction of the report or by confirming it
//! within `custody_confirm_ms`. A hand-over that cannot be (not from the custodian, or to somebody who may not keep goods) is recorded,
//! alarmed and changes nothing.
//!
//! # What is missing
//! Goods of an ACTIVE lot that leave are missing until they come back: the count of its cell falls ([`Cell::away`]), or, in no cell, the
//! lot itself carries the DEFICIT ([`Lot::missing`]). Only what left can come back, and, in a cell or where a supervisor watches the lot,
//! only on the word of a second key: a keeper alone makes no room and heals no deficit, by a correction as little as by a report. Goods
//! of a lot that was delivered are just recorded.
//!
//! # Key space
//! [`Table::CargoEvent`] by `EventId`, [`Table::Timeline`] by lot and number, [`Table::Flow`] by lot, [`Table::Travel`] by two nodes;
//! queue rows `Due::Custody` and `Due::Silence`. The timeline of a lot continues at its children, which inherit its flow.
//!
//! # Events
//! FlowEvent \[step, time\]; CustodyChanged; CustodyConfirmed; FlowCorrected \[action\]; FlowAlert \[kind\], whose subject is the event that
//! looks wrong (the last one before a silence) and whose related objects are the lots. No alarm names a bank to another party: the
//! pledgee's is an event of its own.
//!
//! # Invariants
//! Append-only, correction by reference (F1, INV-12); an event is known by the hash of what was seen, so saying it twice answers 8002
//! (F2); the last hand-over in `cargo` is to the lot's custodian (F3, INV-11).
//!
//! [`Cell::away`]: landsea_types::record::Cell::away
//! [`Lot::missing`]: landsea_types::record::Lot::missing
//! [`Table::CargoEvent`]: landsea_types::state::Table::CargoEvent
//! [`Table::Timeline`]: landsea_types::state::Table::Timeline
//! [`Table::Flow`]: landsea_types::state::Table::Flow
//! [`Table::Travel`]: landsea_types::state::Table::Travel

mod alarm;
mod checks;
mod correct;
mod custody;
mod due;
mod flow;
mod missing;
mod report;

pub use correct::correct;
pub use custody::confirm_custody;
pub(crate) use due::{custody_gap, silence};
pub use flow::has_arrived;
pub(crate) use flow::inherit;
pub use report::report;
