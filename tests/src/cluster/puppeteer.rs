//! Byzantine members: what stands between their replica and the network.

use super::actions::received;
use super::happening::Happening;
use super::node::Life;
use super::{Cluster, Node};
use crate::byzantine::{Behaviour, Puppeteer, TICK_MS};
use landsea_p2p::Class;
use landsea_types::Member;
use std::sync::Arc;

impl Cluster {
    /// A message arrives; a behaviour may keep it from the replica.
    pub(super) fn deliver(&mut self, from: Member, to: Member, class: Class, bytes: &[u8]) {
        let passes = self.with_behaviour(to, |behaviour, me| behaviour.on_receive(me, from, class, bytes));
        if passes != Some(false) {
            self.step(to, received(from, class, bytes));
        }
    }

    /// Whether a member's behaviour lets a message out unchanged.
    pub(super) fn lets_out(&mut self, from: Member, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        self.with_behaviour(from, |behaviour, me| behaviour.on_send(me, to, class, bytes)) != Some(false)
    }

    /// Gives a Byzantine member its turn, now and again later.
    pub(super) fn tick(&mut self, member: Member) {
        self.with_behaviour(member, |behaviour, me| behaviour.on_tick(me));
        self.queue.push(self.now.saturating_add(TICK_MS), Happening::Tick { node: member });
    }

    /// Calls a running member's behaviour, if it has one, and sends what it leaves in its outbox.
    fn with_behaviour<T>(
        &mut self,
        member: Member,
        call: impl FnOnce(&mut dyn Behaviour, &mut Puppeteer<'_>) -> T,
    ) -> Option<T> {
        let mut behaviour = self.node_mut(member).behaviour.take()?;
        let mut outbox = Vec::new();
        let Self { nodes, chain, suite, rng, now, .. } = self;
        let others: Vec<Member> = nodes.keys().copied().filter(|m| *m != member).collect();
        let answer = match nodes.get(&member) {
            Some(Node { life: Life::Running { replica }, .. }) => {
                let (tip, store) = (replica.tip(), replica.store());
                let suite = &*suite;
                let others = &others[..];
                let mut me =
                    Puppeteer { member, others, chain, suite, rng, now: *now, tip, store, outbox: &mut outbox };
                Some(call(&mut *behaviour, &mut me))
            }
            _ => None,
        };
        self.node_mut(member).behaviour = Some(behaviour);
        for (to, class, bytes) in outbox {
            let bytes: Arc<[u8]> = Arc::from(bytes);
            self.show_and_transmit(member, to, class, &bytes);
        }
        answer
    }

    fn show_and_transmit(&mut self, from: Member, to: Member, class: Class, bytes: &Arc<[u8]>) {
        self.look_at_message(from, class, bytes);
        self.transmit(from, to, class, bytes);
    }
}
