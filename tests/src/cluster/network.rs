//! Connections between members and what goes wrong on them.

use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::{Member, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How the network behaves. Delays are drawn per message, so messages overtake each other when the delay varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Shortest and longest delay of a message, milliseconds.
    pub delay_ms: (u64, u64),
    /// Messages lost, of 1000.
    pub loss_permille: u64,
    /// Messages that arrive twice, of 1000.
    pub duplicate_permille: u64,
    /// Messages between two members keep their order within a class, as on one stream.
    pub is_ordered: bool,
    /// A lost message ends its connection, as a broken stream does; a new one follows.
    pub loss_disconnects: bool,
}

impl Faults {
    /// Every message arrives once, after 5 ms, in order.
    pub const NONE: Self =
        Self { delay_ms: (5, 5), loss_permille: 0, duplicate_permille: 0, is_ordered: false, loss_disconnects: false };
    /// One message in ten is lost, one in fifty repeated, and they overtake each other.
    pub const HARSH: Self = Self { delay_ms: (1, 80), loss_permille: 100, duplicate_permille: 20, ..Self::NONE };
}

/// Two members in order.
type Pair = (Member, Member);

fn pair(a: Member, b: Member) -> Pair {
    if a < b { (a, b) } else { (b, a) }
}

/// What becomes of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives at these times: two when it is repeated.
    Arrives { at: Vec<Timestamp> },
    /// It is lost.
    Lost,
    /// It is lost and its connection ends.
    Broken,
}

/// The state of all connections.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) faults: Faults,
    links: BTreeMap<Pair, u64>,
    cuts: BTreeSet<Pair>,
    /// Directions in which nothing arrives although the connection stands.
    muted: BTreeSet<(Member, Member)>,
    /// What the way between two members takes, milliseconds; nothing for a pair that is not there.
    ways: BTreeMap<(Member, Member), u64>,
    /// Directions with a delay of their own on top, milliseconds.
    slow: BTreeMap<(Member, Member), (u64, u64)>,
    /// Connections that have broken and are not closed yet: nothing passes.
    broken: BTreeSet<u64>,
    /// When the last message of a class arrives in a direction.
    last: BTreeMap<(Member, Member, u8), Timestamp>,
    opened: u64,
}

impl Network {
    pub(super) fn new(faults: Faults) -> Self {
        Self {
            faults,
            links: BTreeMap::new(),
            cuts: BTreeSet::new(),
            muted: BTreeSet::new(),
            ways: BTreeMap::new(),
            slow: BTreeMap::new(),
            broken: BTreeSet::new(),
            last: BTreeMap::new(),
            opened: 0,
        }
    }
    /// The number of the connection between two members, if they have one.
    pub(super) fn link(&self, a: Member, b: Member) -> Option<u64> {
        self.links.get(&pair(a, b)).copied()
    }
    /// Opens a connection unless there is one or it is cut; returns whether it did.
    pub(super) fn open(&mut self, a: Member, b: Member) -> bool {
        if self.cuts.contains(&pair(a, b)) || self.links.contains_key(&pair(a, b)) {
            return false;
        }
        self.opened += 1;
        self.links.insert(pair(a, b), self.opened);
        true
    }
    /// Closes a connection; returns whether it was still there.
    pub(super) fn close(&mut self, a: Member, b: Member, link: u64) -> bool {
        let is_there = self.link(a, b) == Some(link);
        if is_there {
            self.links.remove(&pair(a, b));
            self.broken.remove(&link);
        }
        is_there
    }
    pub(super) fn cut(&mut self, a: Member, b: Member) {
        self.cuts.insert(pair(a, b));
    }
    /// Swallows everything in one direction.
    pub(super) fn mute(&mut self, from: Member, to: Member) {
        self.muted.insert((from, to));
    }
    pub(super) fn set_ways(&mut self, ways: BTreeMap<(Member, Member), u64>) {
        self.ways = ways;
    }
    fn way(&self, from: Member, to: Member) -> u64 {
        self.ways.get(&(from, to)).copied().unwrap_or(0)
    }
    pub(super) fn slow_down(&mut self, from: Member, to: Member, extra_ms: (u64, u64)) {
        self.slow.insert((from, to), extra_ms);
    }
    /// Ends all cuts and slow links; returns the pairs that were muted, whose connections are not worth keeping.
    pub(super) fn mend(&mut self) -> BTreeSet<Pair> {
        self.cuts.clear();
        self.slow.clear();
        std::mem::take(&mut self.muted).into_iter().map(|(a, b)| pair(a, b)).collect()
    }
    /// Draws what becomes of a message that is sent now.
    pub(super) fn fate(&mut self, from: Member, to: Member, class: Class, now: Timestamp, rng: &mut Rng) -> Fate {
        let Some(link) = self.link(from, to).filter(|link| !self.broken.contains(link)) else { return Fate::Lost };
        if self.muted.contains(&(from, to)) {
            return Fate::Lost;
        }
        if rng.chance(self.faults.loss_permille) {
            let breaks = self.faults.loss_disconnects && self.broken.insert(link);
            return if breaks { Fate::Broken } else { Fate::Lost };
        }
        let copies = if rng.chance(self.faults.duplicate_permille) { 2 } else { 1 };
        Fate::Arrives { at: (0..copies).map(|_| self.arrival(from, to, class, now, rng)).collect() }
    }
    fn arrival(&mut self, from: Member, to: Member, class: Class, now: Timestamp, rng: &mut Rng) -> Timestamp {
        let (least, most) = self.faults.delay_ms;
        let extra = self.slow.get(&(from, to)).map_or(0, |(least, most)| rng.between(*least, *most));
        let at = now.saturating_add(self.way(from, to) + rng.between(least, most) + extra);
        if !self.faults.is_ordered {
            return at;
        }
        let last = self.last.entry((from, to, class as u8)).or_insert(at);
        *last = at.max(*last);
        *last
    }
    /// One delay, for what is never lost.
    pub(super) fn delay(&self, a: Member, b: Member, rng: &mut Rng) -> u64 {
        self.way(a, b) + rng.between(self.faults.delay_ms.0, self.faults.delay_ms.1)
    }
}
