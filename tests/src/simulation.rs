//! The simulator: a seed fixes a network, its Byzantine members, its traffic and everything that fails.
//!
//! A run has four phases:
//! 1. **Faults:** the cluster commits heights under traffic while the disturber harms links, disks, clocks and processes ([`disturb`]).
//! 2. **Heal:** everything that is not Byzantine is put right again.
//! 3. **Converge:** the correct members must reach new common heights within a bound.
//! 4. **Check:** every property of a run at rest, the model of the ledger, and in part of the runs a replay from the genesis.
//!
//! The [properties](crate::properties) are checked all the time. A plan ([`Plan::draw`]) is a plain value, so that a test can change it
//! before it runs.

pub mod disturb;
mod phases;
mod plan;
mod report;
mod seeds;
mod traffic;

pub use phases::{LIVENESS_BOUND_MS, run, run_with};
pub use plan::{Plan, Signatures};
pub use report::{Report, Totals};
pub use seeds::{Outcome, Seeds, quiet_panics, twice};
