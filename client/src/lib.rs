//! What a bank, a carrier or a warehouse embeds: RPC types and client, tokens, key files, building and signing transactions.
//!
//! This crate pulls neither RocksDB nor libp2p. Verification of certificates is in `landsea-types` and needs no node at all.

pub mod api;
pub mod token;
