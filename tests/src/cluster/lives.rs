//! Members come and go, and their surroundings fail.

use super::happening::Happening;
use super::node::Life;
use super::{Cluster, Node};
use crate::byzantine::{Behaviour, TICK_MS};
use landsea_node::replica::Event;
use landsea_storage::disk::Column;
use landsea_types::Member;
use std::collections::BTreeMap;

impl Cluster {
    pub(super) fn node_mut(&mut self, member: Member) -> &mut Node {
        self.nodes.get_mut(&member).expect("a member of this cluster")
    }

    /// Starts a member that is down, on what its disk holds, and connects it.
    ///
    /// # Panics
    /// When its disk does not let it.
    pub fn start(&mut self, member: Member) {
        assert!(self.try_start(member), "member {member} does not start: its disk was filled or damaged");
    }
    /// Starts a member as [`Cluster::start`] does. Returns `false` when its disk does not let it.
    pub fn try_start(&mut self, member: Member) -> bool {
        let node = self.nodes.get_mut(&member).expect("a member of this cluster");
        if !node.start(&self.chain, &self.suite, &mut *self.mutation) {
            self.narrate(|| format!("member {member} refuses to start: its disk is damaged or full"));
            return false;
        }
        self.narrate(|| format!("member {member} starts"));
        self.step(member, Event::Started);
        for other in self.members() {
            if other != member && self.nodes[&other].is_up() {
                self.plan_connect(member, other);
            }
        }
        true
    }
    /// The machine loses power: unflushed writes are gone.
    pub fn crash(&mut self, member: Member) {
        self.crash_keeping(member, 0);
    }
    /// The machine loses power; the oldest `kept` of the unflushed writes had reached the disk.
    pub fn crash_keeping(&mut self, member: Member, kept: usize) {
        self.narrate(|| format!("member {member} loses power"));
        let node = self.node_mut(member);
        node.disk.crash_keeping(kept);
        node.is_armed = false;
        self.mutation.on_crash(member);
        self.take_down(member);
    }
    /// The process is killed and the machine stays up: what it wrote is there, flushed or not.
    pub fn kill(&mut self, member: Member) {
        self.narrate(|| format!("member {member} is killed"));
        self.take_down(member);
    }
    /// Performs only the first `actions` actions of the member's next step, then the machine loses power.
    pub fn crash_in_next_step(&mut self, member: Member, actions: usize) {
        self.node_mut(member).crash_after = Some(actions);
    }
    /// The machine loses power in the middle of a step: instead of the write after the next `writes`. The oldest `kept` unflushed writes
    /// had reached the disk.
    pub fn crash_in_write(&mut self, member: Member, writes: usize, kept: usize) {
        self.narrate(|| format!("member {member} will lose power after {writes} writes"));
        let node = self.node_mut(member);
        node.disk.lose_power_in(writes, kept);
        node.is_armed = true;
    }
    /// Takes back the power losses that were arranged for a member's next steps and writes.
    pub fn disarm(&mut self, member: Member) {
        let node = self.node_mut(member);
        node.disk.disarm();
        node.crash_after = None;
        node.is_armed = false;
    }
    /// The member's disk fills up, or has space again.
    pub fn set_disk_full(&mut self, member: Member, is_full: bool) {
        self.narrate(|| format!("the disk of member {member} is full: {is_full}"));
        let node = self.node_mut(member);
        node.disk.set_full(is_full);
        node.is_full = is_full;
    }
    /// A stored value of the member's disk changes by itself; reading it is a fault from now on.
    /// Returns whether there was a value.
    pub fn damage_disk(&mut self, member: Member, column: Column, choice: u64) -> bool {
        let node = self.node_mut(member);
        let is_hit = node.disk.damage_value(column, choice);
        node.is_damaged |= is_hit;
        self.narrate(|| format!("a value in {} of member {member} is damaged: {is_hit}", column.name()));
        is_hit
    }
    /// Replaces the disk of a member that is down by an empty one; the sign mark beside its key stays.
    pub fn wipe(&mut self, member: Member) {
        self.narrate(|| format!("the disk of member {member} is wiped"));
        let node = self.nodes.get_mut(&member).expect("a member of this cluster");
        assert!(!node.is_up(), "member {member} must be down before its disk is wiped");
        node.wipe();
        self.seen.forget_height(member);
    }
    /// Replaces a member's replica by a puppet: connected, silent unless the test speaks for it with [`Cluster::inject`].
    pub fn make_puppet(&mut self, member: Member) {
        self.seen.excuse(member);
        self.node_mut(member).end(Life::Puppet);
    }
    /// Puts a behaviour between a member's replica and the network, for all its lives.
    pub fn make_byzantine(&mut self, member: Member, behaviour: Box<dyn Behaviour>) {
        self.narrate(|| format!("member {member} is Byzantine: {}", behaviour.name()));
        self.seen.excuse(member);
        self.node_mut(member).behaviour = Some(behaviour);
        self.queue.push(self.now.saturating_add(TICK_MS), Happening::Tick { node: member });
    }
    /// Sets a member's clock before or after virtual time, milliseconds.
    pub fn set_clock_skew(&mut self, member: Member, ms: i64) {
        self.narrate(|| format!("the clock of member {member} is off by {ms} ms"));
        self.node_mut(member).skew_ms = ms;
    }
    /// Stops a member's process for a time, milliseconds; everything meant for it waits.
    pub fn pause(&mut self, member: Member, ms: u64) {
        self.narrate(|| format!("member {member} stands still for {ms} ms"));
        self.node_mut(member).paused_until = self.now.saturating_add(ms);
    }
    /// Whether a member's disk has no space left.
    pub fn is_disk_full(&self, member: Member) -> bool {
        self.nodes[&member].is_full
    }
    /// Whether a value on a member's disk was damaged since it was new.
    pub fn is_damaged(&self, member: Member) -> bool {
        self.nodes[&member].is_damaged
    }
    /// Whether a member's process runs and does not stand still.
    pub fn is_at_work(&self, member: Member) -> bool {
        let node = &self.nodes[&member];
        node.is_running() && node.paused_until <= self.now
    }
    /// Whether a member's process is up, whatever it is.
    pub fn is_up(&self, member: Member) -> bool {
        self.nodes[&member].is_up()
    }
    pub(super) fn take_down(&mut self, member: Member) {
        self.node_mut(member).end(Life::Down);
        for other in self.members() {
            self.plan_disconnect(member, other);
        }
    }

    // ---- The network.

    /// Cuts the connections between two groups until [`Cluster::heal`].
    pub fn cut(&mut self, some: &[Member], others: &[Member]) {
        self.narrate(|| format!("{some:?} and {others:?} are cut off from each other"));
        for a in some {
            for b in others {
                self.network.cut(*a, *b);
                self.plan_disconnect(*a, *b);
            }
        }
    }
    /// Swallows everything that one group sends to another until [`Cluster::heal`]; the connections stand.
    pub fn mute(&mut self, from: &[Member], to: &[Member]) {
        self.narrate(|| format!("nothing from {from:?} reaches {to:?}"));
        for a in from {
            to.iter().filter(|b| *b != a).for_each(|b| self.network.mute(*a, *b));
        }
    }
    /// Gives every direction between two members the time that its way takes, milliseconds, besides what the faults add.
    pub fn set_ways(&mut self, ways: BTreeMap<(Member, Member), u64>) {
        self.network.set_ways(ways);
    }
    /// Delays everything in one direction by that many milliseconds more until [`Cluster::heal`].
    pub fn slow_down(&mut self, from: Member, to: Member, extra_ms: (u64, u64)) {
        self.narrate(|| format!("messages from {from} to {to} take {extra_ms:?} ms longer"));
        self.network.slow_down(from, to, extra_ms);
    }
    /// Reconnects everybody who is up. Connections on which something was swallowed are made anew.
    pub fn heal(&mut self) {
        self.narrate(|| "the network heals".into());
        for (a, b) in self.network.mend() {
            self.plan_disconnect(a, b);
        }
        let up: Vec<Member> = self.nodes.values().filter(|n| n.is_up()).map(|n| n.member).collect();
        for (i, a) in up.iter().enumerate() {
            for b in up.iter().skip(i + 1) {
                self.plan_connect(*a, *b);
            }
        }
    }
}
