//! Asks for what nobody has, and for what everybody has far too often: unknown blocks, one decided batch many times in a request, the
//! same committed heights again and again.

use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_node::message::FetchMessage;
use landsea_p2p::Class;
use landsea_types::bounds::BLOCK_BATCHES_MAX;
use landsea_types::{BatchId, BlockId, Height};

/// What reports call it.
pub const NAME: &str = "wrong wishes";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let (eagerness_permille, burst_max) = (rng.between(50, 300), rng.between(2, 30));
    Box::new(WrongWishes { rng, eagerness_permille, burst_max })
}

/// See the module documentation.
struct WrongWishes {
    rng: Rng,
    /// How often it acts, of 1000 moments.
    eagerness_permille: u64,
    burst_max: u64,
}

impl WrongWishes {
    fn unknown(&mut self) -> [u8; 32] {
        self.rng.bytes(32).try_into().expect("asked for 32 bytes")
    }

    /// A batch that some committed height decided.
    fn decided(&mut self, me: &Puppeteer<'_>) -> Option<BatchId> {
        let height = Height::new(self.rng.between(0, me.tip.height.get()));
        me.store.reader().snapshot().block(height)?.batches.first().copied()
    }

    fn wish(&mut self, me: &Puppeteer<'_>) -> FetchMessage {
        match self.rng.between(0, 4) {
            0 => FetchMessage::WantBlock { block: BlockId(self.unknown()) },
            1 => FetchMessage::WantBlock { block: me.tip.block_id },
            2 => {
                let batches = (0..self.rng.between(0, BLOCK_BATCHES_MAX as u64 + 1)).map(|_| BatchId(self.unknown()));
                FetchMessage::WantBatches { batches: batches.collect() }
            }
            3 => {
                let batch = self.decided(me).unwrap_or_default();
                FetchMessage::WantBatches { batches: vec![batch; BLOCK_BATCHES_MAX] }
            }
            _ => FetchMessage::WantCommitted { height: Height::new(self.rng.between(0, me.tip.height.get() + 2)) },
        }
    }
}

impl Behaviour for WrongWishes {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if !self.rng.chance(self.eagerness_permille) {
            return;
        }
        let (to, wish) = (me.anybody(&mut self.rng), self.wish(me).encode());
        for _ in 0..self.rng.between(1, self.burst_max) {
            me.send(to, Class::Fetch, wish.clone());
        }
    }
}
