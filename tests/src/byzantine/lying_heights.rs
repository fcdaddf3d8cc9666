//! Claims heights far above or below its own, hints at heights that do not exist by votes that need not even verify, and asks for far
//! heights in a loop. Asked for what it claimed, it mostly does not answer.

use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_consensus::ConsensusMessage;
use landsea_node::message::FetchMessage;
use landsea_p2p::Class;
use landsea_types::consensus::{Signed, VoteType};
use landsea_types::{Height, Member, Signature, Vote};

/// What reports call it.
pub const NAME: &str = "lying heights";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let (eagerness_permille, answers_permille) =
        (rng.between(50, 500), *rng.pick(&[0, 0, 500]).expect("three choices"));
    Box::new(LyingHeights { rng, eagerness_permille, answers_permille })
}

/// See the module documentation.
struct LyingHeights {
    rng: Rng,
    /// How often it acts, of 1000 moments.
    eagerness_permille: u64,
    /// Requests of block sync answered, of 1000.
    answers_permille: u64,
}

impl LyingHeights {
    fn height(&mut self, tip: Height) -> Height {
        match self.rng.between(0, 6) {
            0 => Height::ZERO,
            1 => tip.previous(),
            2 | 3 => tip.saturating_add(self.rng.between(1, 3)),
            4 => tip.saturating_add(self.rng.between(4, 100_000)),
            5 => Height::new(self.rng.bits()),
            _ => Height::new(u64::MAX),
        }
    }

    fn act(&mut self, me: &mut Puppeteer<'_>) {
        let (to, height) = (me.anybody(&mut self.rng), self.height(me.tip.height));
        match self.rng.between(0, 3) {
            0 | 1 => me.send(to, Class::Fetch, FetchMessage::Tip { chain: me.chain.id(), height }.encode()),
            2 => {
                for _ in 0..self.rng.between(1, 10) {
                    me.send(to, Class::Fetch, FetchMessage::WantCommitted { height }.encode());
                }
            }
            _ => {
                let hint = self.hint(me, height);
                me.send(to, Class::Consensus, hint);
            }
        }
    }

    /// A nil vote at a height; of the own member and well signed, or in the name of another and not.
    fn hint(&mut self, me: &Puppeteer<'_>, height: Height) -> Vec<u8> {
        let vote = Vote { kind: VoteType::Prevote, height, round: 0, block: None, voter: me.member };
        if self.rng.chance(500) {
            return me.vote(vote);
        }
        let message = Vote { voter: me.anybody(&mut self.rng), ..vote };
        let forged = Signed { message, signature: Signature([self.rng.bits() as u8; 64]) };
        ConsensusMessage::Vote { vote: forged, rebroadcast: self.rng.chance(500) }.encode()
    }
}

impl Behaviour for LyingHeights {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_receive(&mut self, _: &mut Puppeteer<'_>, _: Member, class: Class, bytes: &[u8]) -> bool {
        let asks =
            class == Class::Fetch && matches!(FetchMessage::decode(bytes), Some(FetchMessage::WantCommitted { .. }));
        !asks || self.rng.chance(self.answers_permille)
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if self.rng.chance(self.eagerness_permille) {
            self.act(me);
        }
    }
}
