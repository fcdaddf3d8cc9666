//! The contract modules of the ledger: deterministic functions over a state view.
//!
//! [`execute_block`] runs the transactions of a block in order on an overlay over committed state and returns the
//! writes and outcomes; nothing else is reachable from here: no clock, no floats, no hash iteration, no panics.
//! A refusal is an outcome with a [`Code`](landsea_types::Code); the order of checks decides which code wins and is fixed:
//! see `docs/check-order.md`. Every module has the same layout: operations, checks, execution, tests.

pub mod authenticity;
pub mod cargo;
pub mod consent;
pub mod context;
pub mod executor;
pub mod genesis;
pub mod goods;
pub mod hold;
pub mod invariants;
pub mod memory;
pub mod party;
pub mod pledge;
pub mod refusal;
pub mod sweep;
pub mod ticket;
pub mod view;
pub mod warehouse;
pub mod waybill;

pub use context::{BlockContext, Cx, SignatureOracle};
pub use executor::{Executed, execute_block, simulate};
pub use genesis::genesis_writes;
pub use memory::MemoryState;
pub use refusal::{Refusal, Refused};
pub use view::View;
