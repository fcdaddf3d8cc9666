//! Proposes two blocks for one round, both well-formed and signed: one to some members, the other to the rest.
//!
//! Sometimes it votes for each block before those who were shown it, and sometimes a few members see both proposals: they then hold
//! evidence of it.

use super::wire::{encode, own_block, own_proposal, own_vote};
use super::{Behaviour, Puppeteer, moment};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::{Block, BlockId, Height, Member, Proposal, Vote};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "equivocating proposer";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    Box::new(EquivocatingProposer { seed, own: None, pairs: BTreeMap::new() })
}

/// See the module documentation.
struct EquivocatingProposer {
    seed: u64,
    /// The last block that the replica behind made.
    own: Option<Block>,
    /// The second block of a round.
    pairs: BTreeMap<(Height, u32), Pair>,
}

/// How one round is attacked.
#[derive(Clone)]
struct Pair {
    first: BlockId,
    second: Block,
    /// Who is shown the second block.
    victims: Vec<Member>,
    /// Whether they are shown the first one as well.
    shows_both: bool,
    votes_for_both: bool,
}

/// Another valid block above the same parent.
fn sibling(me: &Puppeteer<'_>, block: &Block) -> Option<Block> {
    if !block.batches.is_empty() {
        return me.empty_block();
    }
    let mut second = block.clone();
    second.header.time = second.header.time.saturating_add(1);
    Some(second)
}

impl EquivocatingProposer {
    /// Decides once per round, at the first own proposal of it.
    fn pair(&mut self, me: &Puppeteer<'_>, proposal: &Proposal) -> Option<Pair> {
        let key = (proposal.height, proposal.round);
        if !self.pairs.contains_key(&key) {
            let mut rng = moment(self.seed, proposal.height, proposal.round);
            let first = self.own.clone().filter(|block| block.id() == proposal.block && rng.chance(700))?;
            let pair = Self::draw(me, &mut rng, &first)?;
            self.pairs.insert(key, pair);
        }
        self.pairs.get(&key).cloned()
    }

    fn draw(me: &Puppeteer<'_>, rng: &mut Rng, first: &Block) -> Option<Pair> {
        let second = sibling(me, first)?;
        let victims = me.some(rng);
        Some(Pair { first: first.id(), second, victims, shows_both: rng.chance(400), votes_for_both: rng.chance(500) })
    }

    fn on_proposal(&mut self, me: &mut Puppeteer<'_>, to: Member, proposal: Proposal) -> bool {
        let Some(pair) = self.pair(me, &proposal).filter(|pair| pair.victims.contains(&to)) else { return true };
        me.send(to, Class::Header, encode(&pair.second));
        let second = me.proposal(Proposal { block: pair.second.id(), ..proposal });
        me.send(to, Class::Consensus, second);
        pair.shows_both
    }

    fn on_vote(&mut self, me: &mut Puppeteer<'_>, to: Member, vote: &Vote) -> bool {
        let Some(pair) = self.pairs.get(&(vote.height, vote.round)) else { return true };
        let applies = vote.block == Some(pair.first) && pair.votes_for_both && pair.victims.contains(&to);
        if applies {
            let second = me.vote(Vote { block: Some(pair.second.id()), ..vote.clone() });
            me.send(to, Class::Consensus, second);
        }
        !applies
    }
}

impl Behaviour for EquivocatingProposer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        if let Some(block) = own_block(me, class, bytes) {
            self.own = Some(block);
        } else if let Some(proposal) = own_proposal(me, class, bytes) {
            return self.on_proposal(me, to, proposal);
        } else if let Some(vote) = own_vote(me, class, bytes) {
            return self.on_vote(me, to, &vote);
        }
        true
    }
}
