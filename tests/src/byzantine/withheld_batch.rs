//! Keeps its own batches from some members, from all but one, or from all, and does not always answer who asks for them.

use super::wire::own_batch;
use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_node::message::FetchMessage;
use landsea_p2p::Class;
use landsea_types::{BatchId, Member};
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "withheld batch";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let answers_permille = *rng.pick(&[0, 300, 1_000]).expect("three choices");
    Box::new(WithheldBatch { seed, rng, answers_permille })
}

/// See the module documentation.
struct WithheldBatch {
    seed: u64,
    rng: Rng,
    /// Requests answered, of 1000.
    answers_permille: u64,
}

impl WithheldBatch {
    /// Whether a member gets a batch unasked, the same at every attempt.
    fn gives(&self, me: &Puppeteer<'_>, to: Member, batch: BatchId) -> bool {
        let mut rng = Rng::new(self.seed ^ u64::from_le_bytes(batch.0[..8].try_into().expect("eight bytes")));
        match rng.between(0, 3) {
            0 => true,
            1 => !me.some(&mut rng).contains(&to),
            2 => me.anybody(&mut rng) == to,
            _ => false,
        }
    }
}

impl Behaviour for WithheldBatch {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        if let Some(batch) = own_batch(me, class, bytes) {
            return self.gives(me, to, batch.id());
        }
        let is_answer =
            class == Class::Fetch && matches!(FetchMessage::decode(bytes), Some(FetchMessage::Batch { .. }));
        !is_answer || self.rng.chance(self.answers_permille)
    }
}
