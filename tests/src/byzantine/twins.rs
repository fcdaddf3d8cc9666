//! The same key runs twice: beside the replica in the cluster, a second one with a disk of its own. The other members are split between
//! the two, who speak to their side only; the split changes now and then. Each of the two follows the protocol.

use super::{Behaviour, Puppeteer, TICK_MS};
use crate::rng::Rng;
use landsea_chaincode::genesis_writes;
use landsea_consensus::{SignMark, Timeouts};
use landsea_node::checked::CheckedBatch;
use landsea_node::replica::{Action, Event, MarkKeeper, Replica, ReplicaConfig, TimerId};
use landsea_p2p::Class;
use landsea_storage::{MemoryDisk, MemoryStore, Store, StoreConfig};
use landsea_types::{Batch, Member, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "twins";
/// Time between two splits, milliseconds.
const SPLIT_MS: (u64, u64) = (2_000, 20_000);

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let both_hear_all = rng.chance(500);
    Box::new(Twins { rng, both_hear_all, split_until: Timestamp::new(0), side: BTreeSet::new(), twin: None })
}

/// See the module documentation.
struct Twins {
    rng: Rng,
    /// Whether each of the two hears all members, or its side only.
    both_hear_all: bool,
    split_until: Timestamp,
    /// To whom the twin speaks.
    side: BTreeSet<Member>,
    twin: Option<Twin>,
}

/// The second replica, with a shell of its own.
struct Twin {
    replica: Replica,
    timers: BTreeMap<TimerId, Timestamp>,
    events: VecDeque<Event>,
}

/// A sign mark that only the twin knows.
struct OwnMark(SignMark);

impl MarkKeeper for OwnMark {
    fn load(&self) -> Option<SignMark> {
        Some(self.0)
    }
    fn store(&mut self, mark: SignMark) {
        self.0 = mark;
    }
}

impl Twin {
    fn new(me: &Puppeteer<'_>) -> Self {
        let genesis = me.chain.genesis.clone();
        let store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default());
        let mut store = store.expect("an empty disk opens");
        store.initialise(&genesis_writes(&genesis), me.chain.id(), genesis.time).expect("the store is empty");
        let config = ReplicaConfig {
            genesis,
            member: me.member,
            validator_key: me.chain.validator_key(me.member),
            store: Box::new(store),
            marks: Box::new(OwnMark(SignMark::new_key())),
            timeouts: Timeouts::default(),
            suite: Arc::clone(me.suite),
        };
        let replica = Replica::new(config).expect("the twin has a mark");
        Self { replica, timers: BTreeMap::new(), events: VecDeque::from([Event::Started]) }
    }

    /// Handles what waits. What is sent goes to the side only.
    fn run(&mut self, me: &mut Puppeteer<'_>, side: &BTreeSet<Member>) {
        while let Some(event) = self.events.pop_front() {
            let mut actions = Vec::new();
            self.replica.step(me.now, event, &mut actions);
            self.replica.validate();
            actions.into_iter().for_each(|action| self.perform(me, side, action));
        }
    }

    fn perform(&mut self, me: &mut Puppeteer<'_>, side: &BTreeSet<Member>, action: Action) {
        match action {
            Action::Send { peer, class, bytes } if side.contains(&peer) => me.send(peer, class, bytes.to_vec()),
            Action::Broadcast { class, bytes } => side.iter().for_each(|peer| me.send(*peer, class, bytes.to_vec())),
            Action::SetTimer { timer, after_ms } => self.set_timer(timer, me.now.saturating_add(after_ms)),
            Action::CancelTimer { timer } => {
                self.timers.remove(&timer);
            }
            Action::CancelConsensusTimers => self.timers.retain(|timer, _| !matches!(timer, TimerId::Consensus(_))),
            Action::CheckBatch { batch, from } => self.check(me, batch, from),
            Action::Send { .. }
            | Action::Committed { .. }
            | Action::PeerFault { .. }
            | Action::EvidenceStored { .. } => {}
        }
    }

    fn check(&mut self, me: &Puppeteer<'_>, batch: Batch, from: Option<Member>) {
        let Some(origin) = me.chain.genesis.member(batch.body().origin) else { return };
        let checked = CheckedBatch::check(batch, &me.chain.id(), &origin.validator_key, &**me.suite);
        self.events.push_back(Event::BatchChecked { checked, from });
    }

    fn set_timer(&mut self, timer: TimerId, at: Timestamp) {
        let stays = timer.keeps_earlier() && self.timers.get(&timer).is_some_and(|running| *running <= at);
        if !stays {
            self.timers.insert(timer, at);
        }
    }

    fn fire_due(&mut self, now: Timestamp) {
        let due: Vec<TimerId> = self.timers.iter().filter(|(_, at)| **at <= now).map(|(timer, _)| *timer).collect();
        for timer in due {
            self.timers.remove(&timer);
            self.events.push_back(Event::Timer { timer });
        }
    }
}

fn received(peer: Member, class: Class, bytes: Vec<u8>) -> Event {
    match class {
        Class::Consensus => Event::ConsensusBytes { peer, bytes },
        Class::Header => Event::BlockBytes { peer, bytes },
        Class::Batch => Event::BatchBytes { peer, bytes },
        Class::Fetch => Event::FetchBytes { peer, bytes },
    }
}

impl Twins {
    /// Gives some members another twin to talk to.
    fn split_again(&mut self, me: &Puppeteer<'_>) {
        self.split_until = me.now.saturating_add(self.rng.between(SPLIT_MS.0, SPLIT_MS.1));
        let side: BTreeSet<Member> = me.some(&mut self.rng).into_iter().collect();
        let twin = self.twin.get_or_insert_with(|| Twin::new(me));
        for peer in self.side.difference(&side) {
            twin.events.push_back(Event::PeerDisconnected { peer: *peer });
        }
        for peer in side.difference(&self.side) {
            twin.events.push_back(Event::PeerConnected { peer: *peer });
        }
        self.side = side;
    }
}

impl Behaviour for Twins {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_receive(&mut self, me: &mut Puppeteer<'_>, from: Member, class: Class, bytes: &[u8]) -> bool {
        let of_side = self.side.contains(&from);
        // A request is answered by the one whom the member talks to.
        let both = self.both_hear_all && class != Class::Fetch;
        if let Some(twin) = self.twin.as_mut().filter(|_| of_side || both) {
            twin.events.push_back(received(from, class, bytes.to_vec()));
            twin.run(me, &self.side);
        }
        !of_side || both
    }

    fn on_send(&mut self, _: &mut Puppeteer<'_>, to: Member, _: Class, _: &Arc<[u8]>) -> bool {
        !self.side.contains(&to)
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if me.now >= self.split_until {
            self.split_again(me);
        }
        let Some(twin) = &mut self.twin else { return };
        twin.fire_due(me.now);
        twin.run(me, &self.side);
    }
}

const _: () = assert!(SPLIT_MS.0 > TICK_MS, "a split lasts longer than a tick");
