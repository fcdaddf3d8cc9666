//! The local test network and the scenario runner.
//!
//! A test network is a folder: `network.json` says which nodes there are and where they listen, `genesis.json` fixes the chain,
//! `keys/` holds the keys of branches and cast, and `nodes/<code>/` is everything one node reads and writes. All keys follow from
//! a seed, so the same seed and options give the same chain id. The nodes are real processes: this crate starts
//! `landsea node run`, finds them again by pid files, and stops them.
//!
//! [`scenario`] plays files in which a tester writes a cast, documents and steps, against such a network.
//!
//! Functions here are synchronous: each builds the runtime it needs, so they must not be called from within one.
//!
//! Invariants:
//! - a process is signalled only if its pid and its start time both are those that were written when it was started;
//! - nothing that names a firm, a document, a container or an amount is written below `nodes/`.

pub mod bench;
pub mod chaos;
pub mod commands;
mod display;
mod error;
mod fraud;
pub mod members;
pub mod network;
pub mod process;
pub mod scenario;
mod watch;

pub use bench::{BENCH_BANKS, BENCH_SEED, BENCH_VALIDATORS, BenchOptions, Mix, Offer, bench};
pub use chaos::{CHAOS_CLIENTS, CHAOS_VALIDATORS, ChaosOptions, chaos};
pub use commands::{UpOptions, down, logs, start, status, stop, up};
pub use display::output_failure;
pub use error::{TestnetError, exit};
pub use fraud::{FRAUD_VALIDATORS, FraudOptions, fraud_pack};
pub use network::{Network, NetworkOptions, NodeEntry};
pub use scenario::{RunOptions, check_scenario, run_scenario};
