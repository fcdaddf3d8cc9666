//! Which members are connected, and how high they are.

use super::{Action, Replica};
use crate::message::{About, FetchMessage};
use landsea_consensus::ConsensusMessage;
use landsea_p2p::Class;
use landsea_types::bounds::{BLOCK_SYNC_ANSWER_BYTES_MIN, BLOCK_SYNC_BYTES_PER_SECOND_MAX};
use landsea_types::{Height, Member, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Connections and what members said of their height (unverified: a hint for block sync only).
#[derive(Clone, Debug, Default)]
pub(super) struct Peers {
    connected: BTreeSet<Member>,
    tips: BTreeMap<Member, Height>,
    /// The heights that connected members showed to have committed, for people who watch. Unlike `tips` these are never forgotten
    /// because a claim did not come true.
    heard: BTreeMap<Member, Height>,
    /// What connected members told of themselves; shared, because status is published far more often than this changes.
    about: Arc<BTreeMap<Member, About>>,
    /// Bytes of committed blocks sent to a member in a second of the local clock.
    served: BTreeMap<Member, (u64, usize)>,
    /// The last round whose proposer's link went down while its proposal was waited for.
    cut_short: Option<(Height, u32)>,
}

impl Peers {
    /// Whether a member may be sent another committed block now; a request costs it nothing and this node a read.
    pub(super) fn may_be_served(&self, peer: Member, now: Timestamp) -> bool {
        self.served
            .get(&peer)
            .is_none_or(|(second, bytes)| *second != now.get() / 1_000 || *bytes < BLOCK_SYNC_BYTES_PER_SECOND_MAX)
    }
    pub(super) fn note_served(&mut self, peer: Member, now: Timestamp, bytes: usize) {
        let second = now.get() / 1_000;
        let entry = self.served.entry(peer).or_insert((second, 0));
        if entry.0 != second {
            *entry = (second, 0);
        }
        // A small answer costs a read as well.
        entry.1 = entry.1.saturating_add(bytes.max(BLOCK_SYNC_ANSWER_BYTES_MIN));
    }
    pub(super) fn connected(&self) -> impl Iterator<Item = Member> + '_ {
        self.connected.iter().copied()
    }
    /// Notes that a member sent something that it sends only once it has committed a height.
    pub(super) fn note_heard(&mut self, peer: Member, height: Height) {
        let heard = self.heard.entry(peer).or_default();
        *heard = (*heard).max(height);
    }
    pub(super) fn heard(&self) -> impl Iterator<Item = (Member, Height)> + '_ {
        self.heard.iter().map(|(member, height)| (*member, *height))
    }
    pub(super) fn is_connected(&self, peer: Member) -> bool {
        self.connected.contains(&peer)
    }
    pub(super) fn count(&self) -> usize {
        self.connected.len()
    }
    pub(super) fn disconnected(&mut self, peer: Member) {
        self.connected.remove(&peer);
        self.tips.remove(&peer);
        self.heard.remove(&peer);
        Arc::make_mut(&mut self.about).remove(&peer);
    }
    pub(super) fn note_about(&mut self, peer: Member, about: About) {
        Arc::make_mut(&mut self.about).insert(peer, about);
    }
    pub(super) fn about(&self) -> Arc<BTreeMap<Member, About>> {
        Arc::clone(&self.about)
    }
    /// Whether the wait of a round is cut short now for the first time: a link that comes and goes must not draw it out.
    pub(super) fn cut_short(&mut self, height: Height, round: u32) -> bool {
        self.cut_short.replace((height, round)) != Some((height, round))
    }
    /// Notes that a member claims a committed height.
    pub(super) fn note_tip(&mut self, peer: Member, height: Height) {
        let tip = self.tips.entry(peer).or_default();
        *tip = (*tip).max(height);
    }
    /// A claim that did not come true: the member is not asked again until it claims anew.
    pub(super) fn forget_tip(&mut self, peer: Member) {
        self.tips.remove(&peer);
    }
    /// Connected members that claim a height at or above `height`, by index.
    pub(super) fn at_least(&self, height: Height) -> Vec<Member> {
        self.tips.iter().filter(|(m, tip)| **tip >= height && self.connected.contains(m)).map(|(m, _)| *m).collect()
    }
}

impl Replica {
    /// Everything of the current height that an earlier connection may have lost is sent again.
    pub(super) fn on_peer_connected(&mut self, peer: Member, actions: &mut Vec<Action>) {
        self.peers.connected.insert(peer);
        let tip = FetchMessage::Tip { chain: self.chain, height: self.store.tip().height };
        send(actions, peer, Class::Fetch, tip.encode());
        for batch in self.mempool.own_undecided() {
            send(actions, peer, Class::Batch, encode(&batch.batch));
        }
        for message in self.engine.own_messages() {
            if let ConsensusMessage::Proposal { proposal } = &message
                && let Some(block) = self.held_block(&proposal.message.block)
            {
                send(actions, peer, Class::Header, encode(&block));
            }
            send(actions, peer, Class::Consensus, message.encode());
        }
    }
}

/// Queues a message to one member.
pub(super) fn send(actions: &mut Vec<Action>, peer: Member, class: Class, bytes: Vec<u8>) {
    actions.push(Action::Send { peer, class, bytes: bytes.into() });
}

/// Queues a message to all members.
pub(super) fn broadcast(actions: &mut Vec<Action>, class: Class, bytes: Vec<u8>) {
    actions.push(Action::Broadcast { class, bytes: bytes.into() });
}

/// The borsh encoding.
pub(super) fn encode(value: &impl borsh::BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to a vector cannot fail")
}
