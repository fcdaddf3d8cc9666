//! The node: the synchronous replica, its tokio shell and the RPC server.
//!
//! [`replica::Replica`] decides everything; [`shell`] gives it a clock, sockets and threads; [`rpc`] answers clients from snapshots.

pub mod checked;
pub mod config;
mod hub;
pub mod maintain;
pub mod mark;
pub mod message;
mod metrics;
mod open_files;
mod pool;
pub mod process_stats;
pub mod replica;
mod rpc;
mod shell;
mod timers;
mod verified;

pub use rpc::TlsError;
pub use shell::{RunError, run};
