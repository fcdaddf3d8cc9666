//! Blocks: a header and an ordered list of batch digests.

use crate::ids::{ParseIdError, hash_id, parse_hex32};
use crate::{BatchId, ChainId, Hash, Height, Member, Timestamp, bounds, crypto::hash_of};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

hash_id! {
    /// Hash of a block's header: the value that consensus decides.
    BlockId,
}

/// What the validators agree on. State, outcomes and writes are those AFTER this block.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Header {
    pub version: u8,
    pub chain_id: ChainId,
    pub height: Height,
    /// Set by the proposer, greater than the parent's.
    pub time: Timestamp,
    pub parent: BlockId,
    /// Who made the block. Informative: consensus trusts the signed proposal, not this field.
    pub proposer: Member,
    pub batches_hash: Hash,
    pub state_root: Hash,
    pub outcomes_root: Hash,
    /// Hash of all writes of the block in order, derived indexes included.
    pub writes_hash: Hash,
    pub validators_hash: Hash,
    pub next_validators_hash: Hash,
    pub transactions: u32,
}

impl Header {
    /// The version written by this release.
    pub const VERSION: u8 = 1;
    /// The hash that consensus decides.
    pub fn id(&self) -> BlockId {
        BlockId(hash_of("header", self))
    }
}

/// A header with the digests of its batches.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Block {
    pub header: Header,
    pub batches: Vec<BatchId>,
}

impl Block {
    /// The hash that a header carries for its batch digests.
    pub fn batches_hash(batches: &[BatchId]) -> Hash {
        Hash(hash_of("batches", &batches))
    }
    /// The block's identity.
    pub fn id(&self) -> BlockId {
        self.header.id()
    }
    /// Whether the digest list is within bounds, free of repeats and the one the header names.
    pub fn is_well_formed(&self) -> bool {
        let mut seen = self.batches.clone();
        seen.sort();
        seen.dedup();
        self.batches.len() <= bounds::BLOCK_BATCHES_MAX
            && seen.len() == self.batches.len()
            && self.header.version == Header::VERSION
            && self.header.batches_hash == Self::batches_hash(&self.batches)
    }
}
