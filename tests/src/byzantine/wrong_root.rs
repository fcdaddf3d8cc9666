//! Proposes its own blocks with a wrong root, hash, count or time, and signs the proposal for them.

use super::wire::{encode, own_block, own_proposal};
use super::{Behaviour, Puppeteer, moment};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::{Block, BlockId, Hash, Header, Member, Proposal};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "wrong state root";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    Box::new(WrongRoot { seed, patched: BTreeMap::new() })
}

/// See the module documentation.
struct WrongRoot {
    seed: u64,
    /// What was sent instead of an own block; `None` when it was left as it is.
    patched: BTreeMap<BlockId, Option<Block>>,
}

/// Spoils one field that only execution or the parent state can tell to be wrong.
fn patch(rng: &mut Rng, header: &mut Header) {
    let wrong = Hash([rng.bits() as u8; 32]);
    match rng.between(0, 7) {
        0 | 1 => header.state_root = wrong,
        2 => header.outcomes_root = wrong,
        3 => header.writes_hash = wrong,
        4 => header.transactions += 1,
        5 => header.next_validators_hash = wrong,
        6 => header.parent = BlockId(wrong.0),
        _ => header.time = landsea_types::Timestamp::new(1),
    }
}

impl WrongRoot {
    fn on_block(&mut self, me: &mut Puppeteer<'_>, to: Member, block: Block) -> bool {
        let seed = self.seed;
        let sent = self.patched.entry(block.id()).or_insert_with(|| {
            let mut rng = moment(seed, block.header.height, u32::from(block.id().0[0]));
            rng.chance(600).then(|| {
                let mut wrong = block.clone();
                patch(&mut rng, &mut wrong.header);
                wrong
            })
        });
        let Some(wrong) = sent.clone() else { return true };
        me.send(to, Class::Header, encode(&wrong));
        false
    }

    fn on_proposal(&mut self, me: &mut Puppeteer<'_>, to: Member, proposal: Proposal) -> bool {
        let Some(Some(wrong)) = self.patched.get(&proposal.block) else { return true };
        let wrong = me.proposal(Proposal { block: wrong.id(), ..proposal });
        me.send(to, Class::Consensus, wrong);
        false
    }
}

impl Behaviour for WrongRoot {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        if let Some(block) = own_block(me, class, bytes) {
            return self.on_block(me, to, block);
        }
        match own_proposal(me, class, bytes) {
            Some(proposal) => self.on_proposal(me, to, proposal),
            None => true,
        }
    }
}
