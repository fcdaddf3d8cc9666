//! The four phases of a run.

use super::disturb::Disturber;
use super::traffic::Traffic;
use super::{Plan, Report};
use crate::chain::{Chain, GENESIS_TIME};
use crate::cluster::{Cluster, ClusterConfig, Faults, Mutation, Narrator, NoMutation, panic_message};
use crate::properties::Violation;
use crate::rng::Rng;
use landsea_node::maintain::replay;
use landsea_types::Timestamp;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// After the faults are over, all correct members must reach new common heights, and commit something submitted since, within this virtual time,
/// milliseconds.
pub const LIVENESS_BOUND_MS: u64 = 90_000;
/// Heights that they must reach in that time.
const HEIGHTS_AFTER: u64 = 3;
/// The first phase ends after this virtual time per height, whatever was committed, milliseconds.
const MS_PER_HEIGHT: u64 = 4_000;
/// One run in so many is executed again from the genesis.
const REPLAY_EVERY: u64 = 8;

/// Runs a plan on production code.
pub fn run(plan: &Plan) -> Report {
    run_with(plan, Box::new(NoMutation), None)
}

/// Runs a plan with something between the replicas and their surroundings, and tells what happens.
pub fn run_with(plan: &Plan, mutation: Box<dyn Mutation>, narrator: Option<Narrator>) -> Report {
    let mut run = Run::new(plan, mutation, narrator);
    let outcome = catch_unwind(AssertUnwindSafe(|| run.phases()));
    let broken =
        outcome.err().map(|panic| Violation { property: "the simulator itself", detail: panic_message(&*panic) });
    run.report(broken)
}

struct Run<'a> {
    plan: &'a Plan,
    cluster: Cluster,
    disturber: Disturber,
    traffic: Traffic,
    rng: Rng,
    healed_ms: u64,
    mismatch: Option<Violation>,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, mutation: Box<dyn Mutation>, narrator: Option<Narrator>) -> Self {
        let chain = Chain::new(plan.validators, plan.seed);
        let (network, suite) = (plan.network, plan.suite());
        let traffic = Traffic::new(&chain, plan, Arc::clone(&suite));
        let config = ClusterConfig { chain, seed: plan.seed, faults: network, suite, mutation, keeps_violation: true };
        let mut cluster = Cluster::with(config);
        if let Some(narrator) = narrator {
            cluster.narrate_to(narrator);
        }
        for (member, kind) in &plan.byzantine {
            cluster.make_byzantine(*member, (kind.make)(plan.seed ^ u64::from(member.get())));
        }
        let (disturber, rng) = (Disturber::new(plan), Rng::new(plan.seed ^ 0x7261_6e64));
        Self { plan, cluster, disturber, traffic, rng, healed_ms: 0, mismatch: None }
    }

    fn phases(&mut self) {
        self.faults();
        self.converge();
        self.check();
    }

    fn is_over(&self) -> bool {
        self.mismatch.is_some() || self.cluster.violation().is_some()
    }

    /// Phase 1.
    fn faults(&mut self) {
        let end = self.cluster.now().saturating_add(self.plan.heights * MS_PER_HEIGHT);
        let (mut disturb_at, mut submit_at) = (self.pause(self.plan.pause_ms), self.pause(self.plan.traffic_ms));
        while !self.is_over() && self.cluster.now() < end && self.committed() < self.plan.heights {
            self.run_to(disturb_at.min(submit_at).min(end));
            if self.cluster.now() >= disturb_at {
                self.disturber.act(&mut self.cluster);
                disturb_at = self.pause(self.plan.pause_ms);
            }
            if self.cluster.now() >= submit_at {
                self.traffic.submit(&mut self.cluster);
                submit_at = self.pause(self.plan.traffic_ms);
            }
        }
    }

    fn pause(&mut self, (least, most): (u64, u64)) -> Timestamp {
        self.cluster.now().saturating_add(self.rng.between(least, most))
    }

    fn committed(&self) -> u64 {
        self.cluster.seen().decided().len() as u64
    }

    /// Runs to a time, entry by entry, so that the model follows every height.
    fn run_to(&mut self, until: Timestamp) {
        while !self.is_over() && self.cluster.next_at().is_some_and(|at| at <= until) && self.cluster.advance() {
            self.follow();
        }
        self.cluster.run_for(until.since(self.cluster.now()));
        self.follow();
    }

    fn follow(&mut self) {
        for fresh in self.cluster.take_fresh() {
            if let Err(mismatch) = self.traffic.follow(&fresh, &self.cluster) {
                self.mismatch.get_or_insert(mismatch);
            }
        }
    }

    /// Phases 2 and 3.
    fn converge(&mut self) {
        if self.is_over() {
            return;
        }
        self.cluster.set_faults(Faults { delay_ms: (1, 20), is_ordered: true, ..Faults::NONE });
        self.disturber.heal(&mut self.cluster);
        let begin = self.cluster.now();
        let end = begin.saturating_add(LIVENESS_BOUND_MS);
        let target = self.cluster.seen().decided().len() as u64 + HEIGHTS_AFTER;
        let acknowledged = self.cluster.seen().acknowledged().len();
        let mut submit_at = begin;
        while !self.is_over() && !self.is_settled(target, acknowledged) && self.cluster.now() < end {
            self.traffic.submit(&mut self.cluster);
            submit_at = submit_at.saturating_add(1_000);
            self.run_to(submit_at.min(end));
        }
        self.healed_ms = self.cluster.now().since(begin);
        if !self.is_over() {
            let settled = self.is_settled(target, acknowledged);
            self.cluster.report_healed(settled, self.healed_ms);
        }
    }

    /// Whether every correct member runs and has committed the target height, and more is acknowledged than before.
    fn is_settled(&self, target: u64, acknowledged: usize) -> bool {
        let seen = self.cluster.seen();
        let mut correct = self.cluster.members().into_iter().filter(|m| seen.is_correct(*m));
        let stands = |m| self.cluster.is_at_work(m) && self.cluster.tip(m).height.get() >= target;
        correct.all(stands) && seen.acknowledged().len() > acknowledged
    }

    /// Phase 4.
    fn check(&mut self) {
        if self.is_over() {
            return;
        }
        self.cluster.assert_sound();
        self.mismatch = self.traffic.compare(&self.cluster).err();
        let witness = self.cluster.correct().first().copied();
        if let Some(witness) = witness.filter(|_| self.plan.seed.is_multiple_of(REPLAY_EVERY)) {
            let (tip, snapshot) = (self.cluster.tip(witness), self.cluster.store(witness).reader().snapshot());
            let again = replay(&*snapshot, &self.cluster.chain.genesis, &*self.plan.suite());
            if again.as_ref().ok() != Some(&tip) {
                let detail = format!("executed again from the genesis, the chain leads elsewhere: {again:?}");
                self.mismatch.get_or_insert(Violation { property: "replay from the genesis", detail });
            }
        }
    }

    fn report(self, broken: Option<Violation>) -> Report {
        let seen = self.cluster.seen();
        let mut faults = self.disturber.done.clone();
        for (_, kind) in &self.plan.byzantine {
            *faults.entry(kind.name).or_default() += 1;
        }
        let mut codes = BTreeMap::new();
        for acknowledged in seen.acknowledged().values() {
            *codes.entry(acknowledged.code).or_default() += 1;
        }
        let mut audit = blake3::Hasher::new();
        audit.update(self.cluster.trace().as_bytes()).update(seen.chain_hash().as_bytes());
        Report {
            seed: self.plan.seed,
            heights: seen.decided().len() as u64,
            steps: self.cluster.steps(),
            virtual_ms: self.cluster.now().since(GENESIS_TIME),
            healed_ms: self.healed_ms,
            rounds_max: seen.rounds_max(),
            codes,
            labels: self.traffic.labels(),
            faults,
            audit: *audit.finalize().as_bytes(),
            violation: self.cluster.violation().cloned().or(self.mismatch).or(broken),
        }
    }
}
