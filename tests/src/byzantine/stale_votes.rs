//! Sends votes, proposals and certificates of earlier heights and rounds again, its own and those of others, votes marked as repeated: a
//! member that has decided the height answers such a vote with the whole block, which this member tries to multiply.

use super::wire::consensus;
use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_consensus::ConsensusMessage;
use landsea_p2p::Class;
use landsea_types::Member;
use std::collections::VecDeque;
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "stale votes";
/// Messages remembered.
const KEPT_MAX: usize = 300;
/// Most messages sent at one moment.
const BURST_MAX: u64 = 8;

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let eagerness_permille = rng.between(100, 500);
    Box::new(StaleVotes { rng, eagerness_permille, kept: VecDeque::new() })
}

/// See the module documentation.
struct StaleVotes {
    rng: Rng,
    /// How often it acts, of 1000 moments.
    eagerness_permille: u64,
    kept: VecDeque<ConsensusMessage>,
}

impl StaleVotes {
    /// Remembers a message; an older one gives way at random, so that some stay for long.
    fn keep(&mut self, class: Class, bytes: &[u8]) {
        let Some(message) = consensus(class, bytes) else { return };
        if self.kept.len() >= KEPT_MAX {
            let index = self.rng.between(0, self.kept.len() as u64 - 1) as usize;
            self.kept.swap_remove_back(index);
        }
        self.kept.push_back(message);
    }

    fn stale(&mut self) -> Option<Vec<u8>> {
        let index = self.rng.between(0, (self.kept.len() as u64).max(1) - 1) as usize;
        let message = match self.kept.get(index)?.clone() {
            ConsensusMessage::Vote { vote, .. } => ConsensusMessage::Vote { vote, rebroadcast: self.rng.chance(800) },
            other => other,
        };
        Some(message.encode())
    }
}

impl Behaviour for StaleVotes {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_receive(&mut self, _: &mut Puppeteer<'_>, _: Member, class: Class, bytes: &[u8]) -> bool {
        self.keep(class, bytes);
        true
    }

    fn on_send(&mut self, _: &mut Puppeteer<'_>, _: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        self.keep(class, bytes);
        true
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if !self.rng.chance(self.eagerness_permille) {
            return;
        }
        for _ in 0..self.rng.between(1, BURST_MAX) {
            let to = me.anybody(&mut self.rng);
            if let Some(bytes) = self.stale() {
                me.send(to, Class::Consensus, bytes);
            }
        }
    }
}
