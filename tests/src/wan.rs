//! Commit latency over the distances between the fifteen members, in virtual time.
//!
//! Production replicas run in the [cluster](crate::cluster); every message takes the time that the way between its two members takes
//! ([`delays`]). What a scenario does stands in [`scenario`], one run of it in [`run`], what is looked at meanwhile in [`watch`], and
//! what comes out in [`figures`]. A seed fixes every figure.
//!
//! Execution, disks and encoding take no virtual time; a member's signature pool takes 0 to 3 ms for a batch. Links have neither jitter
//! nor a limited bandwidth.

pub mod delays;
pub mod figures;
pub mod run;
pub mod scenario;
mod watch;

pub use delays::Delays;
pub use figures::{Figures, Percentiles, table};
pub use run::run;
pub use scenario::{Offered, SCENARIOS, Scenario, Trouble};
