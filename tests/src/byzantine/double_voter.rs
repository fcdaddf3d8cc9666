//! Votes twice: for the block to some members, for nil or another block to others, or both ways to everybody.

use super::wire::{consensus, own_vote};
use super::{Behaviour, Puppeteer, moment};
use crate::rng::Rng;
use landsea_consensus::ConsensusMessage;
use landsea_p2p::Class;
use landsea_types::{BlockId, Member, Vote};
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "double voter";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    Box::new(DoubleVoter { seed, proposed: None })
}

/// See the module documentation.
struct DoubleVoter {
    seed: u64,
    /// The last block that anybody proposed.
    proposed: Option<BlockId>,
}

impl DoubleVoter {
    /// What the second vote of a step is for.
    fn other(&self, rng: &mut Rng, block: Option<BlockId>) -> Option<BlockId> {
        let made_up = BlockId([rng.bits() as u8; 32]);
        match (block, rng.between(0, 2)) {
            (Some(_), 0 | 1) => None,
            (None, 0 | 1) => self.proposed.or(Some(made_up)),
            _ => Some(made_up),
        }
    }
}

impl Behaviour for DoubleVoter {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_receive(&mut self, _: &mut Puppeteer<'_>, _: Member, class: Class, bytes: &[u8]) -> bool {
        if let Some(ConsensusMessage::Proposal { proposal }) = consensus(class, bytes) {
            self.proposed = Some(proposal.message.block);
        }
        true
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let Some(vote) = own_vote(me, class, bytes) else { return true };
        let mut rng = moment(self.seed ^ vote.kind as u64, vote.height, vote.round);
        let (attacks, shows_both) = (rng.chance(500), rng.chance(500));
        let victims = me.some(&mut rng);
        if !attacks || !victims.contains(&to) {
            return true;
        }
        let second = me.vote(Vote { block: self.other(&mut rng, vote.block), ..vote });
        me.send(to, Class::Consensus, second);
        shows_both
    }
}
