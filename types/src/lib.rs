//! Wire and state types of the Landsea ledger.
//!
//! This crate is the leaf of the workspace: no IO, no async, no clock. It holds what must be identical on every
//! node and in every client: identifiers, encodings, bounds, signatures, fingerprints and the offline verification of certificates.
//! Everything that is hashed or signed is encoded with borsh and frozen by `tests/frozen.rs`.

#![forbid(unsafe_code)]

pub mod batch;
pub mod block;
pub mod bounds;
pub mod certificate;
pub mod code;
pub mod consensus;
pub mod crypto;
pub mod event;
pub mod fingerprint;
pub mod genesis;
pub mod ids;
pub mod operation;
pub mod outcome;
pub mod record;
pub mod role;
pub mod state;
pub mod ticket;
pub mod transaction;
pub mod tree;

pub use batch::{Batch, BatchId};
pub use block::{Block, BlockId, Header};
pub use code::Code;
pub use consensus::{CommitCertificate, Proposal, Vote, VoteType};
pub use crypto::{PublicKey, SecretKey, Signature, Suite};
pub use ids::*;
pub use operation::Operation;
pub use outcome::Outcome;
pub use transaction::{Consent, Transaction};
