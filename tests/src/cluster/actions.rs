//! Handling what happens: the shell of the cluster.

use super::happening::Happening;
use super::network::Fate;
use super::node::Life;
use super::{Cluster, FreshHeight, Node};
use crate::properties::{Load, Occurrence, check};
use landsea_consensus::ConsensusMessage;
use landsea_node::checked::{BatchFault, CheckedBatch};
use landsea_node::message::decode_block;
use landsea_node::replica::{Action, CommittedHeight, Event, TimerId};
use landsea_p2p::Class;
use landsea_types::{Batch, Member, Timestamp, Transaction};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Longest time that checking a batch takes on the pool, milliseconds.
const CHECK_MS_MAX: u64 = 3;
/// Pause before a broken connection is made again, milliseconds.
const RECONNECT_MS: (u64, u64) = (50, 500);
/// Steps of the cluster between two looks at what members hold.
const STEPS_PER_LOOK: u64 = 256;

impl Cluster {
    pub(super) fn handle(&mut self, happening: Happening) {
        let paused_until = happening.concerns().map(|node| self.nodes[&node].paused_until).into_iter().max();
        if let Some(until) = paused_until.filter(|until| *until > self.now) {
            return self.queue.push(until, happening);
        }
        match happening {
            Happening::Deliver { from, to, link, class, bytes } => {
                if self.network.link(from, to) == Some(link) {
                    self.deliver(from, to, class, &bytes);
                }
            }
            Happening::Timer { node, life, timer, setting } => {
                let entry = self.node_mut(node);
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
            Happening::Tick { node } => self.tick(node),
        }
    }

    pub(super) fn plan_connect(&mut self, a: Member, b: Member) {
        let at = self.now.saturating_add(self.network.delay(a, b, &mut self.rng));
        self.queue.push(at, Happening::Connect { a, b });
    }

    pub(super) fn plan_disconnect(&mut self, a: Member, b: Member) {
        if let Some(link) = self.network.link(a, b) {
            let at = self.now.saturating_add(self.network.delay(a, b, &mut self.rng));
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
    pub(super) fn step(&mut self, member: Member, mut event: Event) {
        if self.violation.is_some() || !self.nodes[&member].is_running() {
            return;
        }
        let mut more = Vec::new();
        self.mutation.patch(member, self.now, &mut event, &mut more);
        self.step_replica(member, event);
        more.into_iter().for_each(|event| self.step_replica(member, event));
    }

    fn step_replica(&mut self, member: Member, event: Event) {
        note(&mut self.trace, self.now.get(), member, &event);
        self.narrate_event(member, &event);
        self.steps += 1;
        let now = self.now;
        let Node { life: Life::Running { replica }, skew_ms, .. } = self.node_mut(member) else { return };
        let clock = Timestamp::new(now.get().saturating_add_signed(*skew_ms));
        let mut actions = Vec::new();
        let stepped = catch_unwind(AssertUnwindSafe(|| {
            replica.step(clock, event, &mut actions);
            replica.validate();
        }));
        if let Err(panic) = stepped {
            return self.on_halt(member, &panic_message(&*panic));
        }
        let tip = replica.tip();
        self.observe(&Occurrence::Stepped { member, tip: &tip });
        self.look_at_load(member);
        let crash_after = self.node_mut(member).crash_after.take();
        for action in actions.drain(..).take(crash_after.unwrap_or(usize::MAX)) {
            self.perform(member, action);
        }
        if crash_after.is_some() {
            self.crash(member);
        }
    }

    /// The process has stopped by itself. That is what it must do when its disk fails, and nobody's right otherwise.
    fn on_halt(&mut self, member: Member, message: &str) {
        self.narrate(|| format!("member {member} halts: {message}"));
        if !self.nodes[&member].is_excused(message) {
            self.observe(&Occurrence::Halted { member, message });
        }
        self.mutation.on_crash(member);
        self.take_down(member);
    }

    fn look_at_load(&mut self, member: Member) {
        // A damaged disk would stop the look, not the member.
        if !self.steps.is_multiple_of(STEPS_PER_LOOK) || self.nodes[&member].expects_halt() {
            return;
        }
        let replica = self.nodes[&member].replica();
        let status = replica.engine_status();
        let load = Load {
            buffered_messages: status.buffered,
            transactions: replica.waiting_transactions(),
            undecided_batches: replica.store().undecided_batches().len(),
            log_entries: replica.store().wal_entries(replica.tip().height.next()).len(),
            rounds: status.round,
        };
        self.observe(&Occurrence::Loaded { member, load });
    }

    pub(super) fn perform(&mut self, member: Member, action: Action) {
        match action {
            Action::Send { peer, class, bytes } => self.send(member, peer, class, &bytes),
            Action::Broadcast { class, bytes } => {
                self.look_at_message(member, class, &bytes);
                for peer in self.members().into_iter().filter(|m| *m != member) {
                    self.send_on(member, peer, class, &bytes);
                }
            }
            Action::SetTimer { timer, after_ms } => self.set_timer(member, timer, after_ms),
            Action::CancelTimer { timer } => {
                self.node_mut(member).timers.remove(&timer);
            }
            Action::CancelConsensusTimers => {
                self.node_mut(member).timers.retain(|timer, _| !matches!(timer, TimerId::Consensus(_)));
            }
            Action::CheckBatch { batch, from } => self.check_batch(member, batch, from),
            Action::Committed { committed } => self.on_committed(member, &committed),
            Action::PeerFault { peer, reason } => self.observe(&Occurrence::Blamed { by: member, peer, reason }),
            Action::EvidenceStored { member: accused } => {
                self.observe(&Occurrence::Accused { by: member, member: accused });
            }
        }
    }

    fn on_committed(&mut self, member: Member, committed: &CommittedHeight) {
        self.narrate(|| {
            let (block, round) = (committed.header.id(), committed.round);
            format!("member {member} commits height {} in round {round}: {block}", committed.height)
        });
        let store = self.nodes[&member].replica().store();
        let occurrence = Occurrence::Committed { member, committed, store };
        let is_first = self.seen.is_correct(member) && !self.seen.decided().contains_key(&committed.height);
        // Looking at the store reads the disk, which may be damaged where nobody has read before.
        let looked = catch_unwind(AssertUnwindSafe(|| {
            let found = check(&self.seen, &occurrence);
            let is_fresh = is_first && found.is_none();
            (found, is_fresh.then(|| fresh_height(member, committed, store, &self.chain.id())))
        }));
        match looked {
            Ok((found, fresh)) => {
                self.seen.note(&occurrence);
                self.fresh.extend(fresh);
                self.object(found);
            }
            Err(panic) => self.on_halt(member, &panic_message(&*panic)),
        }
    }

    pub(super) fn send(&mut self, from: Member, to: Member, class: Class, bytes: &Arc<[u8]>) {
        self.look_at_message(from, class, bytes);
        self.send_on(from, to, class, bytes);
    }

    pub(super) fn look_at_message(&mut self, from: Member, class: Class, bytes: &[u8]) {
        match class {
            Class::Consensus => {
                if let Ok(message) = ConsensusMessage::decode(bytes) {
                    self.observe(&Occurrence::Sent { from, message: &message });
                }
            }
            Class::Header => {
                if let Some(block) = decode_block(bytes) {
                    self.observe(&Occurrence::Shown { block: &block });
                }
            }
            Class::Fetch | Class::Batch => {}
        }
    }

    /// Past the member's behaviour, if it has one, and onto the network.
    fn send_on(&mut self, from: Member, to: Member, class: Class, bytes: &Arc<[u8]>) {
        if self.lets_out(from, to, class, bytes) {
            self.transmit(from, to, class, bytes);
        }
    }

    pub(super) fn transmit(&mut self, from: Member, to: Member, class: Class, bytes: &Arc<[u8]>) {
        let Some(link) = self.network.link(from, to) else { return };
        match self.network.fate(from, to, class, self.now, &mut self.rng) {
            Fate::Arrives { at } => {
                for at in at {
                    self.queue.push(at, Happening::Deliver { from, to, link, class, bytes: Arc::clone(bytes) });
                }
            }
            Fate::Lost => {}
            Fate::Broken => {
                self.plan_disconnect(from, to);
                let again = self.now.saturating_add(self.rng.between(RECONNECT_MS.0, RECONNECT_MS.1));
                self.queue.push(again, Happening::Connect { a: from, b: to });
            }
        }
    }

    fn set_timer(&mut self, member: Member, timer: TimerId, after_ms: u64) {
        let at = self.now.saturating_add(after_ms);
        let node = self.node_mut(member);
        if let Some(setting) = node.set_timer(timer, at) {
            let life = node.lives;
            self.queue.push(at, Happening::Timer { node: member, life, timer, setting });
        }
    }

    /// The work of the signature pool; the answer comes a little later, not in the order asked.
    fn check_batch(&mut self, member: Member, batch: Batch, from: Option<Member>) {
        let checked = self.checked(member, batch);
        let at = self.now.saturating_add(self.rng.between(0, CHECK_MS_MAX));
        let life = self.nodes[&member].lives;
        self.queue.push(at, Happening::Own { node: member, life, event: Event::BatchChecked { checked, from } });
    }

    fn checked(&mut self, member: Member, batch: Batch) -> Result<Arc<CheckedBatch>, BatchFault> {
        let suite = self.mutation.suite(member, Arc::clone(&self.suite));
        let origin = self.chain.genesis.member(batch.body().origin).ok_or("batch of a stranger")?;
        CheckedBatch::check(batch, &self.chain.id(), &origin.validator_key, &*suite)
    }
}

fn fresh_height(
    member: Member,
    committed: &CommittedHeight,
    store: &dyn landsea_storage::Store,
    chain: &landsea_types::ChainId,
) -> FreshHeight {
    let snapshot = store.reader().snapshot();
    let block = snapshot.block(committed.height).expect("a committed height has a block");
    let batches = block.batches.iter().map(|id| snapshot.batch(id).expect("a decided batch is kept"));
    let decode = |bytes: &Vec<u8>| Transaction::decode(bytes, chain).expect("a decided transaction decodes");
    let transactions =
        batches.flat_map(|batch| batch.body().transactions.iter().map(decode).collect::<Vec<_>>()).collect();
    let (height, time) = (committed.height, committed.header.time);
    FreshHeight { height, time, transactions, outcomes: committed.outcomes.to_vec(), member }
}

/// The text of a panic.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_string())).unwrap_or_else(|| "no message".into())
}

pub(super) fn received(peer: Member, class: Class, bytes: &[u8]) -> Event {
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
