//! Tests of the `cargo` module.

pub mod acts;

mod alarms;
mod correct;
mod custody;
mod due;
mod missing;
mod report;
