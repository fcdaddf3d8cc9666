//! The node: the synchronous replica, its tokio shell and the RPC server.

pub mod config;
