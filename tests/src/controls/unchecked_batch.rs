//! Accept a batch unchecked: transactions are executed whoever signed them.

use super::Control;
use super::forged::{FORGED, Lenient};
use super::plans::with_peer;
use crate::byzantine::{Behaviour, Kind, Puppeteer};
use crate::cluster::Mutation;
use landsea_p2p::Class;
use landsea_types::{Height, Member, Suite, Transaction};
use std::sync::Arc;

pub(super) const CONTROL: Control = Control {
    name: "accept a batch unchecked",
    caught_by: &["validity"],
    tolerates: &[],
    within: 3,
    plan: |seed| with_peer(seed, 4, 8, &PEER),
    mutation: |_| Box::new(Unchecked),
};

const NAME: &str = "batches with unsigned transactions";
static PEER: Kind = Kind { name: NAME, make: |_| Box::new(Forger { sent_at: Height::ZERO }) };

/// Sends, once per height, a batch with a transaction that its branch has not signed.
struct Forger {
    sent_at: Height,
}

impl Behaviour for Forger {
    fn name(&self) -> &'static str {
        NAME
    }
    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if me.tip.height <= self.sent_at {
            return;
        }
        self.sent_at = me.tip.height;
        let firm = u64::MAX - me.tip.height.get();
        let signed = me.chain.branch(me.member).onboard(firm, me.tip.height, me.tip.time);
        let unsigned = Transaction { signature: FORGED, ..signed };
        let batch = me.batch(me.now.get(), vec![unsigned.encode()]);
        me.broadcast(Class::Batch, &borsh::to_vec(&batch).expect("writing to a vector cannot fail"));
    }
}

struct Unchecked;

impl Mutation for Unchecked {
    fn suite(&mut self, _: Member, suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Lenient::of_clients(suite, |_| true)
    }
}
