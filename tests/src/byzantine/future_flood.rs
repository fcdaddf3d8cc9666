//! Floods with its own valid votes and proposals for heights and rounds far ahead, each for another block, and with headers of the
//! heights to come.

use super::wire::encode;
use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::consensus::VoteType;
use landsea_types::{BlockId, Hash, Height, Proposal, Vote};

/// What reports call it.
pub const NAME: &str = "future-height flood";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let (eagerness_permille, burst) = (rng.between(50, 300), rng.between(4, 32));
    Box::new(FutureFlood { rng, eagerness_permille, burst })
}

/// See the module documentation.
struct FutureFlood {
    rng: Rng,
    /// How often it acts, of 1000 moments.
    eagerness_permille: u64,
    /// Messages sent at one moment.
    burst: u64,
}

impl FutureFlood {
    fn height(&mut self, tip: Height) -> Height {
        match self.rng.between(0, 9) {
            0..=2 => tip.next(),
            3..=7 => tip.saturating_add(self.rng.between(2, 7)),
            8 => tip.saturating_add(self.rng.between(8, 1_000_000)),
            _ => Height::new(u64::MAX),
        }
    }

    fn round(&mut self) -> u32 {
        match self.rng.between(0, 5) {
            0..=2 => self.rng.between(0, 3) as u32,
            3 | 4 => self.rng.between(4, 40) as u32,
            _ => u32::MAX - self.rng.between(0, 3) as u32,
        }
    }

    fn block(&mut self) -> BlockId {
        BlockId(self.rng.bytes(32).try_into().expect("asked for 32 bytes"))
    }

    fn message(&mut self, me: &Puppeteer<'_>) -> (Class, Vec<u8>) {
        let (height, block) = (self.height(me.tip.height), self.block());
        match self.rng.between(0, 9) {
            0..=5 => (Class::Consensus, self.vote(me, height, block)),
            6 | 7 => (Class::Consensus, self.proposal(me, height, block)),
            _ => (Class::Header, self.header(me, height, block)),
        }
    }

    fn vote(&mut self, me: &Puppeteer<'_>, height: Height, block: BlockId) -> Vec<u8> {
        let kind = if self.rng.chance(500) { VoteType::Prevote } else { VoteType::Precommit };
        let block = self.rng.chance(800).then_some(block);
        me.vote(Vote { kind, height, round: self.round(), block, voter: me.member })
    }

    fn proposal(&mut self, me: &Puppeteer<'_>, height: Height, block: BlockId) -> Vec<u8> {
        let round = me.own_round(height, self.rng.between(0, 40) as u32);
        let pol_round = (round > 0 && self.rng.chance(500)).then(|| self.rng.between(0, u64::from(round) - 1) as u32);
        me.proposal(Proposal { height, round, block, pol_round, proposer: me.member })
    }

    fn header(&mut self, me: &Puppeteer<'_>, height: Height, unlike: BlockId) -> Vec<u8> {
        let Some(mut block) = me.empty_block() else { return Vec::new() };
        block.header.height = height;
        block.header.writes_hash = Hash(unlike.0);
        encode(&block)
    }
}

impl Behaviour for FutureFlood {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if !self.rng.chance(self.eagerness_permille) {
            return;
        }
        for _ in 0..self.burst {
            let to = me.anybody(&mut self.rng);
            let (class, bytes) = self.message(me);
            me.send(to, class, bytes);
        }
    }
}
