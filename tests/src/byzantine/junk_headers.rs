//! Sends two junk headers right before its own block, or right after it and before the proposal, so that the real block does not find a
//! place; and headers of junk blocks while others propose.

use super::wire::{encode, own_block, own_proposal};
use super::{Behaviour, Puppeteer, moment};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::bounds::HEADERS_PER_PEER_MAX;
use landsea_types::{Hash, Member};
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "two junk headers";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    Box::new(JunkHeaders { seed, rng: Rng::new(seed) })
}

/// See the module documentation.
struct JunkHeaders {
    seed: u64,
    rng: Rng,
}

impl JunkHeaders {
    /// As many junk headers as a member keeps of one peer.
    fn junk(&mut self, me: &mut Puppeteer<'_>, to: Member) {
        let Some(block) = me.empty_block() else { return };
        for _ in 0..HEADERS_PER_PEER_MAX {
            let mut junk = block.clone();
            junk.header.state_root = Hash([self.rng.bits() as u8; 32]);
            junk.header.proposer = *self.rng.pick(me.others).unwrap_or(&me.member);
            me.send(to, Class::Header, encode(&junk));
        }
    }
}

impl Behaviour for JunkHeaders {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let block = own_block(me, class, bytes).map(|block| (block.header.height, Class::Header));
        let proposal = own_proposal(me, class, bytes).map(|proposal| (proposal.height, Class::Consensus));
        if let Some((height, carrier)) = block.or(proposal) {
            let before = if moment(self.seed, height, 0).chance(500) { Class::Header } else { Class::Consensus };
            if carrier == before {
                self.junk(me, to);
            }
        }
        true
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if self.rng.chance(100) {
            let to = me.anybody(&mut self.rng);
            self.junk(me, to);
        }
    }
}
