//! A readable line for everything that happens.

use super::Cluster;
use crate::chain::GENESIS_TIME;
use landsea_consensus::ConsensusMessage;
use landsea_node::message::{FetchMessage, decode_batch, decode_block};
use landsea_node::replica::Event;
use landsea_types::Member;

impl Cluster {
    /// Tells something, if anybody listens.
    pub(super) fn narrate(&mut self, what: impl FnOnce() -> String) {
        if let Some(narrator) = &mut self.narrator {
            let at = self.now.since(GENESIS_TIME);
            narrator(&format!("{:>6}.{:03} {}", at / 1_000, at % 1_000, what()));
        }
    }

    pub(super) fn narrate_event(&mut self, member: Member, event: &Event) {
        self.narrate(|| format!("member {member} <- {}", told(event)));
    }
}

fn told(event: &Event) -> String {
    match event {
        Event::Started => "started".into(),
        Event::PeerConnected { peer } => format!("connected to {peer}"),
        Event::PeerDisconnected { peer } => format!("disconnected from {peer}"),
        Event::ConsensusBytes { peer, bytes } => format!("{peer}: {}", consensus(bytes)),
        Event::BlockBytes { peer, bytes } => format!("{peer}: {}", block(bytes)),
        Event::BatchBytes { peer, bytes } => format!("{peer}: {}", batch(bytes)),
        Event::FetchBytes { peer, bytes } => format!("{peer}: {}", fetch(bytes)),
        Event::Submit { transactions } => {
            let ids: Vec<String> = transactions.iter().map(|tx| tx.id.to_string()).collect();
            format!("client: {}", ids.join(" "))
        }
        Event::BatchChecked { checked: Ok(checked), .. } => format!("batch {} checked", checked.id),
        Event::BatchChecked { checked: Err(fault), .. } => format!("batch refused: {fault}"),
        Event::Timer { timer } => format!("timer {timer:?}"),
    }
}

fn consensus(bytes: &[u8]) -> String {
    match ConsensusMessage::decode(bytes) {
        Ok(ConsensusMessage::Vote { vote, rebroadcast }) => {
            let (vote, again) = (vote.message, if rebroadcast { ", again" } else { "" });
            let block = vote.block.map_or("nil".into(), |b| b.to_string());
            format!("{:?} of {} for {block} at {}/{}{again}", vote.kind, vote.voter, vote.height, vote.round)
        }
        Ok(ConsensusMessage::Proposal { proposal }) => {
            let p = proposal.message;
            format!("proposal of {} at {}/{}, polka {:?}: {}", p.proposer, p.height, p.round, p.pol_round, p.block)
        }
        Ok(ConsensusMessage::Polka { certificate: c }) => {
            format!("polka at {}/{} for {} by {}", c.height, c.round, c.block, c.signatures.len())
        }
        Ok(ConsensusMessage::Round { certificate: c }) => {
            format!("{:?} certificate at {}/{} by {}", c.kind, c.height, c.round, c.votes.len())
        }
        Err(error) => format!("junk on consensus: {error}"),
    }
}

fn block(bytes: &[u8]) -> String {
    decode_block(bytes).map_or("junk on header".into(), |block| {
        format!("block {} at {} with {} batches", block.id(), block.header.height, block.batches.len())
    })
}

fn batch(bytes: &[u8]) -> String {
    decode_batch(bytes).map_or("junk on batch".into(), |batch| {
        format!("batch {} of {} with {} transactions", batch.id(), batch.body().origin, batch.body().transactions.len())
    })
}

fn fetch(bytes: &[u8]) -> String {
    match FetchMessage::decode(bytes) {
        Some(FetchMessage::Tip { height, .. }) => format!("stands at {height}"),
        Some(FetchMessage::WantBlock { block }) => format!("wants block {block}"),
        Some(FetchMessage::Block { block }) => format!("block {} on request", block.id()),
        Some(FetchMessage::WantBatches { batches }) => format!("wants {} batches", batches.len()),
        Some(FetchMessage::Batch { batch }) => format!("batch {} on request", batch.id()),
        Some(FetchMessage::WantCommitted { height }) => format!("wants height {height}"),
        Some(FetchMessage::Committed { committed }) => format!("height {} on request", committed.block.header.height),
        Some(FetchMessage::About { about }) => format!("is release {} with {} peers", about.version, about.peers),
        None => "junk on fetch".into(),
    }
}
