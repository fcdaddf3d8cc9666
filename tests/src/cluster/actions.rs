//! Handling what happens: the shell of the cluster.

use super::Cluster;
use super::happening::Happening;
use super::node::Life;
use landsea_node::checked::{BatchFault, CheckedBatch};
use landsea_node::replica::{Action, Event, TimerId};
use landsea_p2p::Class;
use landsea_types::{Batch, Member, Timestamp};
use std::sync::Arc;

/// Longest time that checking a batch takes on the pool, milliseconds.
const CHECK_MS_MAX: u64 = 3;

impl Cluster {
    pub(super) fn handle(&mut self, happening: Happening) {
        match happening {
            Happening::Deliver { from, to, link, class, bytes } => {
                if self.network.link(from, to) == Some(link) {
                    self.step(to, received(from, class, &bytes));
                }
            }
            Happening::Timer { node, life, timer, setting } => {
                let entry = self.nodes.get_mut(&node).expect("a member of this cluster");
                if entry.lives == life && entry.take_timer(timer, setting) {
                    self.step(node, Event::Timer { timer });
                }
            }
            Happening::Own { node, life, event } => {
                if self.nodes[&node].lives == life {
                    self.step(node, event);
                }
            }
            Happening::Connect { a, b } => self.connect(a, b),
            Happening::Disconnect { a, b, link } => self.disconnect(a, b, link),
        }
    }

    pub(super) fn plan_connect(&mut self, a: Member, b: Member) {
        let at = self.now.saturating_add(self.network.delay(&mut self.rng));
        self.queue.push(at, Happening::Connect { a, b });
    }

    pub(super) fn plan_disconnect(&mut self, a: Member, b: Member) {
        if let Some(link) = self.network.link(a, b) {
            let at = self.now.saturating_add(self.network.delay(&mut self.rng));
            self.queue.push(at, Happening::Disconnect { a, b, link });
        }
    }

    /// A connection that a crash has left behind ends first.
    fn connect(&mut self, a: Member, b: Member) {
        if !self.nodes[&a].is_up() || !self.nodes[&b].is_up() {
            return;
        }
        if let Some(link) = self.network.link(a, b) {
            self.disconnect(a, b, link);
        }
        if self.network.open(a, b) {
            self.step(a, Event::PeerConnected { peer: b });
            self.step(b, Event::PeerConnected { peer: a });
        }
    }

    fn disconnect(&mut self, a: Member, b: Member, link: u64) {
        if self.network.close(a, b, link) {
            self.step(a, Event::PeerDisconnected { peer: b });
            self.step(b, Event::PeerDisconnected { peer: a });
        }
    }

    /// Steps a running member; nothing happens to others.
    pub(super) fn step(&mut self, member: Member, event: Event) {
        let node = self.nodes.get_mut(&member).expect("a member of this cluster");
        let Life::Running { replica } = &mut node.life else { return };
        note(&mut self.trace, self.now.get(), member, &event);
        let mut actions = Vec::new();
        let clock = Timestamp::new(self.now.get().saturating_add_signed(node.skew_ms));
        replica.step(clock, event, &mut actions);
        replica.validate();
        self.checks.on_tip(member, &replica.tip());
        let crash_after = node.crash_after.take();
        for action in actions.drain(..).take(crash_after.unwrap_or(usize::MAX)) {
            self.perform(member, action);
        }
        if crash_after.is_some() {
            self.crash(member);
        }
    }

    fn perform(&mut self, member: Member, action: Action) {
        match action {
            Action::Send { peer, class, bytes } => self.send(member, peer, class, &bytes),
            Action::Broadcast { class, bytes } => {
                for peer in self.members().into_iter().filter(|m| *m != member) {
                    self.send(member, peer, class, &bytes);
                }
            }
            Action::SetTimer { timer, after_ms } => self.set_timer(member, timer, after_ms),
            Action::CancelTimer { timer } => {
                self.nodes.get_mut(&member).expect("a member of this cluster").timers.remove(&timer);
            }
            Action::CancelConsensusTimers => {
                let node = self.nodes.get_mut(&member).expect("a member of this cluster");
                node.timers.retain(|timer, _| !matches!(timer, TimerId::Consensus(_)));
            }
            Action::CheckBatch { batch, from } => self.check_batch(member, batch, from),
            Action::Committed { committed } => self.checks.on_committed(member, &committed),
            Action::PeerFault { peer, reason } => self.checks.on_fault(member, peer, reason),
            Action::EvidenceStored { member: equivocator } => self.checks.on_evidence(equivocator),
        }
    }

    fn send(&mut self, from: Member, to: Member, class: Class, bytes: &Arc<[u8]>) {
        if class == Class::Consensus {
            self.checks.on_sent(from, bytes);
        }
        let Some(link) = self.network.link(from, to) else { return };
        for delay in self.network.delays(&mut self.rng) {
            let at = self.now.saturating_add(delay);
            self.queue.push(at, Happening::Deliver { from, to, link, class, bytes: Arc::clone(bytes) });
        }
    }

    fn set_timer(&mut self, member: Member, timer: TimerId, after_ms: u64) {
        let at = self.now.saturating_add(after_ms);
        let node = self.nodes.get_mut(&member).expect("a member of this cluster");
        if let Some(setting) = node.set_timer(timer, at) {
            self.queue.push(at, Happening::Timer { node: member, life: node.lives, timer, setting });
        }
    }

    /// The work of the signature pool; the answer comes a little later, not in the order asked.
    fn check_batch(&mut self, member: Member, batch: Batch, from: Option<Member>) {
        let checked = self.checked(batch);
        let at = self.now.saturating_add(self.rng.between(0, CHECK_MS_MAX));
        let life = self.nodes[&member].lives;
        self.queue.push(at, Happening::Own { node: member, life, event: Event::BatchChecked { checked, from } });
    }

    fn checked(&self, batch: Batch) -> Result<Arc<CheckedBatch>, BatchFault> {
        let origin = self.chain.genesis.member(batch.body.origin).ok_or("batch of a stranger")?;
        CheckedBatch::check(batch, &self.chain.id(), &origin.validator_key, &landsea_types::crypto::Ed25519)
    }
}

fn received(peer: Member, class: Class, bytes: &[u8]) -> Event {
    let bytes = bytes.to_vec();
    match class {
        Class::Consensus => Event::ConsensusBytes { peer, bytes },
        Class::Header => Event::BlockBytes { peer, bytes },
        Class::Batch => Event::BatchBytes { peer, bytes },
        Class::Fetch => Event::FetchBytes { peer, bytes },
    }
}

/// Adds a step to the trace.
fn note(trace: &mut blake3::Hasher, now: u64, member: Member, event: &Event) {
    trace.update(&now.to_le_bytes()).update(&[member.get()]);
    match event {
        Event::Started => trace.update(b"started"),
        Event::PeerConnected { peer } => trace.update(b"connected").update(&[peer.get()]),
        Event::PeerDisconnected { peer } => trace.update(b"disconnected").update(&[peer.get()]),
        Event::ConsensusBytes { peer, bytes }
        | Event::BlockBytes { peer, bytes }
        | Event::BatchBytes { peer, bytes }
        | Event::FetchBytes { peer, bytes } => trace.update(&[peer.get()]).update(bytes),
        Event::Submit { transactions } => transactions.iter().fold(trace, |trace, tx| trace.update(&tx.bytes)),
        Event::BatchChecked { checked, .. } => match checked {
            Ok(batch) => trace.update(&batch.id.0),
            Err(fault) => trace.update(fault.as_bytes()),
        },
        Event::Timer { timer } => trace.update(format!("{timer:?}").as_bytes()),
    };
}
