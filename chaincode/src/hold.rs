//! Holds: disputes, freezes and customs holds, which bar acts on an object without changing its state or owner.
//!
//! A hold is a record of its own ([`Table::Hold`]); its effect is the `hold/` leaf of each target, which exists iff an EFFECTIVE
//! hold stands there and lists all of them. Which kind bars which act is data: [`MATRIX`].
//!
//! [`Table::Hold`]: landsea_types::state::Table::Hold

mod matrix;
mod op;
mod standing;

pub use matrix::{Act, Bar, KINDS, MATRIX, bar};
pub use op::*;
pub use standing::{
    Touched, check, check_doc, follow, follow_doc, follow_lot, holds_on, pauses_lapse, put, refresh, require_orders,
};
