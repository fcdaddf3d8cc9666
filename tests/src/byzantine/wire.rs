//! Reading what a Byzantine member's replica sends.

use super::Puppeteer;
use landsea_consensus::ConsensusMessage;
use landsea_node::message::{decode_batch, decode_block};
use landsea_p2p::Class;
use landsea_types::{Batch, Block, Proposal, Vote};

/// The proposal in a message of the replica behind.
pub(super) fn own_proposal(me: &Puppeteer<'_>, class: Class, bytes: &[u8]) -> Option<Proposal> {
    match consensus(class, bytes)? {
        ConsensusMessage::Proposal { proposal } if proposal.message.proposer == me.member => Some(proposal.message),
        _ => None,
    }
}

/// The vote in a message of the replica behind.
pub(super) fn own_vote(me: &Puppeteer<'_>, class: Class, bytes: &[u8]) -> Option<Vote> {
    match consensus(class, bytes)? {
        ConsensusMessage::Vote { vote, .. } if vote.message.voter == me.member => Some(vote.message),
        _ => None,
    }
}

/// The block in a message of the replica behind, if it made it.
pub(super) fn own_block(me: &Puppeteer<'_>, class: Class, bytes: &[u8]) -> Option<Block> {
    if class != Class::Header {
        return None;
    }
    decode_block(bytes).filter(|block| block.header.proposer == me.member)
}

/// The batch in a message of the replica behind, if it made it.
pub(super) fn own_batch(me: &Puppeteer<'_>, class: Class, bytes: &[u8]) -> Option<Batch> {
    if class != Class::Batch {
        return None;
    }
    decode_batch(bytes).filter(|batch| batch.body().origin == me.member)
}

/// The consensus message in these bytes.
pub(super) fn consensus(class: Class, bytes: &[u8]) -> Option<ConsensusMessage> {
    if class == Class::Consensus { ConsensusMessage::decode(bytes).ok() } else { None }
}

/// The borsh encoding.
pub(super) fn encode(value: &impl borsh::BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to a vector cannot fail")
}
