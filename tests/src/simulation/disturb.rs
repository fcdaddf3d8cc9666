//! What fails while a run is in its first phase.

use super::Plan;
use crate::cluster::Cluster;
use crate::rng::Rng;
use landsea_storage::disk::Column;
use landsea_types::Member;
use std::collections::BTreeMap;

/// Of 1000 disturbances, those after which a member that is down is started again.
const RESTART_PERMILLE: u64 = 700;
/// Of 1000 disturbances, those after which the network heals.
const HEAL_PERMILLE: u64 = 150;
/// Largest error of a clock, milliseconds.
const SKEW_MS_MAX: u64 = 20_000;

/// A kind of disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disturbance {
    /// Power loss between two steps; some of the unflushed writes may survive.
    Crash,
    /// Power loss between two actions of a step.
    CrashBetweenActions,
    /// Power loss inside a step, at one of its writes or flushes.
    CrashInWrite,
    /// Power loss of all members at once.
    CrashAll,
    /// The end of a process on a machine that stays up.
    Kill,
    /// A process that stands still for a while.
    Pause,
    /// Two groups that do not reach each other.
    Partition,
    /// A group whose messages vanish while it hears the others.
    OneWay,
    /// A link that is slow in one direction.
    SlowLink,
    /// The end of all partitions and slow links, sooner than otherwise.
    Heal,
    /// A wrong clock.
    ClockSkew,
    /// A full disk; the process halts until there is space.
    DiskFull,
    /// A stored value that does not match its checksum any more.
    BitFlip,
    /// A lost disk.
    Wipe,
}

impl Disturbance {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Crash,
        Self::CrashBetweenActions,
        Self::CrashInWrite,
        Self::CrashAll,
        Self::Kill,
        Self::Pause,
        Self::Partition,
        Self::OneWay,
        Self::SlowLink,
        Self::Heal,
        Self::ClockSkew,
        Self::DiskFull,
        Self::BitFlip,
        Self::Wipe,
    ];

    /// A name for reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::CrashBetweenActions => "crash between actions",
            Self::CrashInWrite => "crash in a write",
            Self::CrashAll => "crash of all",
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::Partition => "partition",
            Self::OneWay => "one-way partition",
            Self::SlowLink => "slow link",
            Self::Heal => "heal",
            Self::ClockSkew => "clock skew",
            Self::DiskFull => "full disk",
            Self::BitFlip => "bit flip",
            Self::Wipe => "wiped disk",
        }
    }
}

/// How often each kind is drawn, relative to the others; 0 for never.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights(BTreeMap<Disturbance, u64>);

impl Weights {
    /// Only the given kinds, equally often.
    pub fn only(kinds: &[Disturbance]) -> Self {
        Self(kinds.iter().map(|kind| (*kind, 1)).collect())
    }
    /// Sets the weight of a kind.
    pub fn set(&mut self, kind: Disturbance, weight: u64) {
        self.0.insert(kind, weight);
    }
    fn draw(&self, rng: &mut Rng) -> Option<Disturbance> {
        let total: u64 = self.0.values().sum();
        let mut left = rng.between(1, total.max(1));
        self.0.iter().find_map(|(kind, weight)| {
            let is_it = left <= *weight;
            left = left.saturating_sub(*weight);
            is_it.then_some(*kind)
        })
    }
}

/// Harms a cluster by plan.
pub(super) struct Disturber {
    rng: Rng,
    weights: Weights,
    /// Members whose disks may be lost.
    frail: Vec<Member>,
    /// What was done, and how often.
    pub(super) done: BTreeMap<&'static str, u64>,
}

impl Disturber {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            rng: Rng::new(plan.seed ^ 0x6661_756c),
            weights: plan.weights.clone(),
            frail: plan.frail.clone(),
            done: BTreeMap::new(),
        }
    }

    /// One disturbance, if the plan has any, and perhaps a restart.
    pub(super) fn act(&mut self, cluster: &mut Cluster) {
        if let Some(kind) = self.weights.draw(&mut self.rng)
            && self.disturb(cluster, kind)
        {
            *self.done.entry(kind.name()).or_default() += 1;
        }
        if self.rng.chance(RESTART_PERMILLE) {
            self.restart_one(cluster);
        }
        if self.rng.chance(HEAL_PERMILLE) {
            cluster.heal();
        }
    }

    /// Does it, unless nobody is there for it; returns whether it did.
    fn disturb(&mut self, cluster: &mut Cluster, kind: Disturbance) -> bool {
        match kind {
            Disturbance::CrashAll => cluster.running().into_iter().for_each(|m| cluster.crash(m)),
            Disturbance::Partition => {
                let (some, others) = self.split(cluster);
                cluster.cut(&some, &others);
            }
            Disturbance::OneWay => {
                let (some, others) = self.split(cluster);
                cluster.mute(&some, &others);
            }
            Disturbance::SlowLink => self.slow_down(cluster),
            Disturbance::Heal => cluster.heal(),
            Disturbance::BitFlip | Disturbance::Wipe => return self.harm_disk(cluster, kind),
            _ => return self.harm_one(cluster, kind),
        }
        true
    }

    fn harm_one(&mut self, cluster: &mut Cluster, kind: Disturbance) -> bool {
        let Some(victim) = self.rng.pick(&cluster.running()).copied() else { return false };
        let rng = &mut self.rng;
        match kind {
            Disturbance::Crash => cluster.crash_keeping(victim, rng.between(0, 4) as usize),
            Disturbance::CrashBetweenActions => cluster.crash_in_next_step(victim, rng.between(0, 5) as usize),
            Disturbance::CrashInWrite => {
                cluster.crash_in_write(victim, rng.between(0, 12) as usize, rng.between(0, 4) as usize);
            }
            Disturbance::Kill => cluster.kill(victim),
            Disturbance::Pause => cluster.pause(victim, rng.between(100, 8_000)),
            Disturbance::ClockSkew => {
                let ms = rng.between(0, 2 * SKEW_MS_MAX) as i64 - SKEW_MS_MAX as i64;
                cluster.set_clock_skew(victim, ms);
            }
            _ => cluster.set_disk_full(victim, true),
        }
        true
    }

    /// Only members that may forget lose or damage their disks.
    fn harm_disk(&mut self, cluster: &mut Cluster, kind: Disturbance) -> bool {
        let Some(victim) = self.rng.pick(&self.frail).copied() else { return false };
        if kind == Disturbance::BitFlip {
            let column = *self.rng.pick(&Column::ALL).expect("there are columns");
            return cluster.damage_disk(victim, column, self.rng.bits());
        }
        if cluster.is_up(victim) {
            cluster.crash(victim);
        }
        cluster.wipe(victim);
        true
    }

    fn slow_down(&mut self, cluster: &mut Cluster) {
        let members = cluster.members();
        let (from, to) = (self.rng.pick(&members).copied(), self.rng.pick(&members).copied());
        if let (Some(from), Some(to)) = (from, to)
            && from != to
        {
            let least = self.rng.between(50, 1_500);
            cluster.slow_down(from, to, (least, least * 2));
        }
    }

    /// All members in two groups, neither empty.
    fn split(&mut self, cluster: &Cluster) -> (Vec<Member>, Vec<Member>) {
        let mut members = cluster.members();
        self.rng.shuffle(&mut members);
        let at = self.rng.between(1, members.len() as u64 - 1) as usize;
        let others = members.split_off(at);
        (members, others)
    }

    fn restart_one(&mut self, cluster: &mut Cluster) {
        let down: Vec<Member> = cluster.members().into_iter().filter(|m| !cluster.is_up(*m)).collect();
        if let Some(member) = self.rng.pick(&down).copied() {
            self.restart(cluster, member);
        }
    }

    /// Starts a member again as its operator would: makes space first, and replaces a disk that does not let it start.
    fn restart(&mut self, cluster: &mut Cluster, member: Member) {
        if cluster.is_disk_full(member) {
            cluster.set_disk_full(member, false);
        }
        if !cluster.try_start(member) {
            assert!(self.frail.contains(&member), "member {member} does not start although nobody harmed its disk");
            cluster.wipe(member);
            cluster.start(member);
        }
    }

    /// Puts everything right that is not Byzantine. A disk that is damaged, noticed or not, is replaced.
    pub(super) fn heal(&mut self, cluster: &mut Cluster) {
        cluster.heal();
        for member in cluster.members() {
            cluster.disarm(member);
            if cluster.is_disk_full(member) {
                cluster.set_disk_full(member, false);
            }
            cluster.set_clock_skew(member, 0);
            if cluster.is_damaged(member) {
                if cluster.is_up(member) {
                    cluster.crash(member);
                }
                cluster.wipe(member);
            }
            if !cluster.is_up(member) {
                self.restart(cluster, member);
            }
        }
    }
}
