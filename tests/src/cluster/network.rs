//! Connections between members and what goes wrong on them.

use crate::rng::Rng;
use landsea_types::Member;
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
}

impl Faults {
    /// Every message arrives once, after 5 ms, in order.
    pub const NONE: Self = Self { delay_ms: (5, 5), loss_permille: 0, duplicate_permille: 0 };
    /// One message in ten is lost, one in fifty repeated, and they overtake each other.
    pub const HARSH: Self = Self { delay_ms: (1, 80), loss_permille: 100, duplicate_permille: 20 };
}

/// Two members in order.
type Pair = (Member, Member);

fn pair(a: Member, b: Member) -> Pair {
    if a < b { (a, b) } else { (b, a) }
}

/// The state of all connections.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) faults: Faults,
    links: BTreeMap<Pair, u64>,
    cuts: BTreeSet<Pair>,
    opened: u64,
}

impl Network {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults, links: BTreeMap::new(), cuts: BTreeSet::new(), opened: 0 }
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
        }
        is_there
    }
    pub(super) fn cut(&mut self, a: Member, b: Member) {
        self.cuts.insert(pair(a, b));
    }
    pub(super) fn mend(&mut self) {
        self.cuts.clear();
    }
    /// The delays after which a message arrives: none when it is lost, two when it is repeated.
    pub(super) fn delays(&self, rng: &mut Rng) -> Vec<u64> {
        let Faults { delay_ms: (from, to), loss_permille, duplicate_permille } = self.faults;
        if rng.chance(loss_permille) {
            return Vec::new();
        }
        let copies = if rng.chance(duplicate_permille) { 2 } else { 1 };
        (0..copies).map(|_| rng.between(from, to)).collect()
    }
    /// One delay, for what is never lost.
    pub(super) fn delay(&self, rng: &mut Rng) -> u64 {
        rng.between(self.faults.delay_ms.0, self.faults.delay_ms.1)
    }
}
