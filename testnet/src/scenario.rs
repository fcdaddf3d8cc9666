//! Scenario files: a cast, documents and steps, played against a test network and checked.
//!
//! The format is described in `docs/scenario-format.md`. A file is read and checked whole before anything is sent
//! ([`file::parse`]); then the cast is onboarded and the steps are played in order ([`play`]).

pub mod args;
pub(crate) mod built_in;
pub mod file;
pub(crate) mod play;
pub mod source;
pub mod spec;
pub mod step;
pub mod values;

pub use play::{RunOptions, check_scenario, play_demo, run_scenario};
