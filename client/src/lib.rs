//! What a bank, a carrier or a warehouse embeds: RPC types and client, tokens, key files, papers, building and signing
//! transactions.
//!
//! The path of a document through this crate: [`paper::Paper`] reads the firm's own JSON and computes raw fingerprints,
//! [`rpc::RpcClient`] has the branch sign a ticket for them, [`builder::Draft`] carries the operation between the parties
//! until every consent is there, [`keys::KeyFile`] holds the keys that sign.
//!
//! This crate pulls neither RocksDB nor libp2p. Verification of certificates is in `landsea-types` and needs no node at all.

pub mod api;
pub mod builder;
pub mod duration;
pub mod explain;
pub mod keys;
pub mod paper;
pub mod random;
pub mod resolve;
pub mod rpc;
pub mod token;

pub use builder::{BuildError, ConsentRequest, Draft};
pub use keys::{Identity, KeyError, KeyFile, KeyKind};
pub use paper::{BulkSalts, LotInput, Paper, PaperError, SaltsFile};
pub use rpc::{EventStream, OutcomeStream, RpcClient, RpcError};
