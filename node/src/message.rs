//! What nodes send each other beyond consensus messages, in borsh, bounded before it is believed.
//!
//! The header class carries [`Block`]s, the batch class [`Batch`]es, the consensus class `ConsensusMessage`s, and the fetch class
//! [`FetchMessage`]s.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::bounds::{BLOCK_BATCHES_MAX, BLOCK_MESSAGE_BYTES_MAX, FETCH_MESSAGE_BYTES_MAX};
use landsea_types::{Batch, BatchId, Block, BlockId, ChainId, CommitCertificate, Height};

/// Requests and answers outside the flow of consensus.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum FetchMessage {
    /// Sent on every connection: the sender's chain and committed height.
    Tip { chain: ChainId, height: Height },
    /// Asks for an undecided block.
    WantBlock { block: BlockId },
    /// Answers [`FetchMessage::WantBlock`].
    Block { block: Block },
    /// Asks for batches by digest.
    WantBatches { batches: Vec<BatchId> },
    /// Answers [`FetchMessage::WantBatches`], one message per batch.
    Batch { batch: Batch },
    /// Block sync: asks for a committed height.
    WantCommitted { height: Height },
    /// Answers [`FetchMessage::WantCommitted`].
    Committed { committed: Box<CommittedBlock> },
}

/// A decided block with everything needed to apply it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CommittedBlock {
    pub block: Block,
    pub certificate: CommitCertificate,
    pub batches: Vec<Batch>,
}

impl FetchMessage {
    /// The borsh encoding.
    pub fn encode(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to a vector cannot fail")
    }

    /// Decodes; `None` is a fault of the sender.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let message: Self = decode_within(bytes, FETCH_MESSAGE_BYTES_MAX)?;
        match &message {
            Self::WantBatches { batches } if batches.len() > BLOCK_BATCHES_MAX => None,
            _ => Some(message),
        }
    }
}

/// Decodes a block of the header class; `None` is a fault of the sender.
pub fn decode_block(bytes: &[u8]) -> Option<Block> {
    decode_within(bytes, BLOCK_MESSAGE_BYTES_MAX)
}

/// Decodes a batch of the batch class; `None` is a fault of the sender.
pub fn decode_batch(bytes: &[u8]) -> Option<Batch> {
    decode_within(bytes, FETCH_MESSAGE_BYTES_MAX)
}

fn decode_within<T: BorshDeserialize>(bytes: &[u8], max: usize) -> Option<T> {
    if bytes.len() > max { None } else { borsh::from_slice(bytes).ok() }
}
