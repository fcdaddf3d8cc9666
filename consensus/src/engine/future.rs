//! Verified messages of heights that have not started, bounded per delivering peer.

use crate::message::ConsensusMessage;
use landsea_types::bounds::{FUTURE_HEIGHTS_MAX, FUTURE_MESSAGES_PER_PEER_MAX};
use landsea_types::{Height, Member};
use std::collections::BTreeMap;

/// The buffer.
///
/// - No peer occupies more than [`FUTURE_MESSAGES_PER_PEER_MAX`] places.
/// - No message is further than [`FUTURE_HEIGHTS_MAX`] above the next height.
#[derive(Default)]
pub(super) struct FutureBuffer {
    by_height: BTreeMap<Height, Vec<(Member, ConsensusMessage)>>,
}

impl FutureBuffer {
    /// Keeps a message unless it is known, too far ahead or one too many of this peer.
    pub(super) fn push(&mut self, decided: Height, from: Member, message: ConsensusMessage) {
        let height = message.height();
        if height.since(decided) > FUTURE_HEIGHTS_MAX + 1 || self.held_for(from) >= FUTURE_MESSAGES_PER_PEER_MAX {
            return;
        }
        let waiting = self.by_height.entry(height).or_default();
        if !waiting.iter().any(|(_, m)| *m == message) {
            waiting.push((from, message));
        }
    }

    fn held_for(&self, peer: Member) -> usize {
        self.by_height.values().flatten().filter(|(from, _)| *from == peer).count()
    }

    /// Takes the messages of a height, in order of arrival, and forgets lower ones.
    pub(super) fn take(&mut self, height: Height) -> Vec<(Member, ConsensusMessage)> {
        let higher = self.by_height.split_off(&height.next());
        let mut due = std::mem::replace(&mut self.by_height, higher);
        due.remove(&height).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.by_height.values().map(Vec::len).sum()
    }

    pub(super) fn validate(&self, decided: Height) {
        for (from, message) in self.by_height.values().flatten() {
            let held = self.held_for(*from);
            assert!(held <= FUTURE_MESSAGES_PER_PEER_MAX, "{held} future messages of member {from} are held");
            let ahead = message.height().since(decided);
            assert!(ahead <= FUTURE_HEIGHTS_MAX + 1, "a message {ahead} heights ahead is held");
        }
    }
}
