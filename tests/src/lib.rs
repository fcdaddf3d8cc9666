//! Cross-crate tests.
//!
//! [`cluster`] runs the production replica of several members in virtual time, on disks that forget unflushed writes and a network that
//! delays, loses, repeats and reorders. It is deterministic: the seed fixes everything. [`processes`] runs the `landsea` program itself,
//! as real processes that can be killed. The tests are in `tests/`.

#![forbid(unsafe_code)]

pub mod byzantine;
pub mod canaries;
pub mod chain;
pub mod cluster;
pub mod committed;
pub mod controls;
pub mod fuzz;
pub mod model;
pub mod openrpc;
pub mod played;
pub mod processes;
pub mod properties;
pub mod rng;
pub mod secrets;
pub mod simulation;
pub mod source;
pub mod stop;
pub mod suite;
pub mod wan;
pub mod workload;

pub use chain::Chain;
pub use cluster::{Cluster, Faults};
