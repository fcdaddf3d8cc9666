//! Gives different members different batches under one sequence number, or one batch with a signature that holds for some only.

use super::wire::{encode, own_batch};
use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::{Batch, Member};
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "conflicting batches";

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    Box::new(ConflictingBatches { seed })
}

/// See the module documentation.
struct ConflictingBatches {
    seed: u64,
}

/// Another batch with the same origin and sequence number.
fn conflicting(me: &Puppeteer<'_>, rng: &mut Rng, batch: &Batch) -> Batch {
    let mut transactions = batch.body().transactions.clone();
    match rng.between(0, 2) {
        0 => transactions.reverse(),
        1 => transactions.truncate(1),
        _ => {}
    }
    if transactions == batch.body().transactions {
        transactions.extend_from_within(..1);
    }
    me.batch(batch.body().sequence, transactions)
}

/// The same batch, its signature spoilt: the digest does not tell.
fn spoilt(rng: &mut Rng, batch: &Batch) -> Batch {
    let mut signature = *batch.signature();
    signature.0[rng.between(0, 63) as usize] ^= 1 << rng.between(0, 7);
    batch.with_signature(signature)
}

impl Behaviour for ConflictingBatches {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let Some(batch) = own_batch(me, class, bytes) else { return true };
        let mut rng = Rng::new(self.seed ^ batch.body().sequence);
        let victims = me.some(&mut rng);
        if rng.chance(200) || !victims.contains(&to) {
            return true;
        }
        let is_spoilt = rng.chance(400);
        let other = if is_spoilt { spoilt(&mut rng, &batch) } else { conflicting(me, &mut rng, &batch) };
        me.send(to, Class::Batch, encode(&other));
        rng.chance(300)
    }
}
