//! One scenario from beginning to end.

use super::delays::Delays;
use super::figures::Figures;
use super::scenario::{Offered, Scenario, Trouble};
use super::watch::Watch;
use crate::chain::Chain;
use crate::cluster::{Cluster, ClusterConfig, Faults, Narrator, NoMutation};
use crate::rng::Rng;
use crate::suite::FastSuite;
use landsea_types::consensus::ValidatorSet;
use landsea_types::{Height, Member, Timestamp};
use std::sync::Arc;

/// Members of the network.
const MEMBERS: usize = 15;
/// Time for connections before anything is submitted, milliseconds.
const SETTLE_MS: u64 = 1_000;
/// Pause between two transactions when one is offered at a time, milliseconds.
const PAUSE_MS: (u64, u64) = (200, 300);
/// A transaction that is not committed after this time is a defect, milliseconds.
const COMMIT_MS_MAX: u64 = 60_000;
/// Under load a proposer crashes so often, and is down so long, milliseconds.
const CRASH_EVERY_MS: u64 = 3_000;
const DOWN_MS: u64 = 1_500;
/// How long a proposer hangs, milliseconds: beyond the wait for its proposal.
const HANG_MS: u64 = 4_000;
/// Messages arrive after what their way takes, in order, and nothing else happens to them.
const QUIET: Faults = Faults { delay_ms: (0, 0), is_ordered: true, ..Faults::NONE };

/// Runs a scenario until `heights` heights are committed, and tells what happens, if anybody listens.
///
/// # Panics
/// When a property of the cluster does not hold, a transaction is not applied, or heights do not move.
pub fn run(scenario: &Scenario, seed: u64, heights: u64, narrator: Option<Narrator>) -> Figures {
    let mut run = Run::new(scenario, seed, narrator);
    run.settle();
    match scenario.offered {
        Offered::OneAtATime => run.one_at_a_time(heights),
        Offered::PerSecond { rate } => run.open_loop(rate, heights),
    }
    run.finish()
}

struct Run<'a> {
    scenario: &'a Scenario,
    delays: Delays,
    validators: ValidatorSet,
    cluster: Cluster,
    watch: Watch,
    rng: Rng,
    begin: Timestamp,
    /// Transactions offered one at a time so far.
    turns: usize,
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario, seed: u64, narrator: Option<Narrator>) -> Self {
        let chain = Chain::new(MEMBERS, seed);
        let validators = chain.genesis.validator_set();
        let (suite, mutation) = (Arc::new(FastSuite::new()), Box::new(NoMutation));
        let config = ClusterConfig { chain, seed, faults: QUIET, suite, mutation, keeps_violation: false };
        let mut cluster = Cluster::with(config);
        let delays = Delays::by_distance();
        cluster.set_ways(delays.all().clone());
        if let Some(narrator) = narrator {
            cluster.narrate_to(narrator);
        }
        let (watch, rng, begin) = (Watch::default(), Rng::new(seed ^ 0x7769_6465), cluster.now());
        Self { scenario, delays, validators, cluster, watch, rng, begin, turns: 0 }
    }

    /// Lets the members connect, then begins the trouble that lasts.
    fn settle(&mut self) {
        self.run_for(SETTLE_MS);
        match self.scenario.trouble {
            Trouble::SlowestDown => self.delays.slowest(4).into_iter().for_each(|m| self.cluster.kill(m)),
            Trouble::Loss { permille } => self.cluster.set_faults(Faults { loss_permille: permille, ..QUIET }),
            Trouble::Nothing | Trouble::ProposerCrashes | Trouble::ProposerHangs => {}
        }
        self.run_for(SETTLE_MS);
        self.begin = self.cluster.now();
    }

    // ---- One at a time.

    fn one_at_a_time(&mut self, heights: u64) {
        let first = self.cluster.highest();
        while self.cluster.highest().get().saturating_sub(first.get()) < heights {
            let proposer = self.proposer_of(self.cluster.highest().next());
            let member = self.turn(proposer);
            self.harm(proposer);
            self.turns += 1;
            self.submit(member);
            self.run_to_commit();
            self.mend(proposer);
            let pause = self.rng.between(PAUSE_MS.0, PAUSE_MS.1);
            self.run_for(pause);
        }
    }

    /// The member whose turn it is. The turn moves on by one more after every member has proposed once, so that every member meets
    /// every proposer equally often. A proposer in trouble submits nothing.
    fn turn(&self, proposer: Member) -> Member {
        let members = self.cluster.running();
        let at = self.turns + self.turns / MEMBERS;
        let (this, next) = (members[at % members.len()], members[(at + 1) % members.len()]);
        if this == proposer && self.is_proposer_harmed() { next } else { this }
    }

    fn is_proposer_harmed(&self) -> bool {
        matches!(self.scenario.trouble, Trouble::ProposerCrashes | Trouble::ProposerHangs)
    }

    fn harm(&mut self, proposer: Member) {
        match self.scenario.trouble {
            // The next that happens to it is the arrival of the transaction.
            Trouble::ProposerCrashes => self.cluster.crash_in_next_step(proposer, 0),
            Trouble::ProposerHangs => self.cluster.pause(proposer, HANG_MS),
            _ => {}
        }
    }

    fn mend(&mut self, proposer: Member) {
        match self.scenario.trouble {
            Trouble::ProposerCrashes if !self.cluster.is_up(proposer) => self.cluster.start(proposer),
            Trouble::ProposerHangs => self.run_for(HANG_MS),
            _ => return,
        }
        self.run_to_commit();
    }

    /// Runs until every member at work has committed all there is.
    fn run_to_commit(&mut self) {
        let limit = self.cluster.now().saturating_add(COMMIT_MS_MAX);
        while self.watch.open() > 0 || !self.is_level() {
            let is_late = self.cluster.now() > limit;
            assert!(!is_late && self.advance(), "nothing is committed for long\n{}", self.cluster.describe());
        }
    }

    fn is_level(&self) -> bool {
        let highest = self.cluster.highest();
        let mut at_work = self.cluster.running().into_iter().filter(|m| self.cluster.is_at_work(*m));
        at_work.all(|m| self.cluster.tip(m).height == highest)
    }

    // ---- Open loop.

    fn open_loop(&mut self, rate: u64, heights: u64) {
        let first = self.cluster.highest();
        let (mut crash_at, mut start_at) = (self.cluster.now().saturating_add(CRASH_EVERY_MS), None);
        while self.cluster.highest().get().saturating_sub(first.get()) < heights {
            if self.rng.chance(rate) {
                let running = self.cluster.running();
                let member = *self.rng.pick(&running).expect("members run");
                self.submit(member);
            }
            self.run_for(1);
            if self.scenario.trouble != Trouble::ProposerCrashes {
                continue;
            }
            if start_at.is_some_and(|(at, _)| at <= self.cluster.now()) {
                start_at.take().into_iter().for_each(|(_, member)| self.cluster.start(member));
            }
            if crash_at <= self.cluster.now() {
                crash_at = crash_at.saturating_add(CRASH_EVERY_MS);
                start_at = Some((self.cluster.now().saturating_add(DOWN_MS), self.crash_next_proposer()));
            }
        }
        start_at.into_iter().for_each(|(_, member)| self.cluster.start(member));
        self.run_to_commit();
    }

    /// The height in progress has its proposal; the proposer of the next one goes down.
    fn crash_next_proposer(&mut self) -> Member {
        let proposer = self.proposer_of(self.cluster.highest().next().next());
        self.cluster.crash(proposer);
        self.watch.gone(proposer);
        proposer
    }

    // ---- Steps.

    fn proposer_of(&self, height: Height) -> Member {
        self.validators.proposer(height, 0).member
    }

    fn submit(&mut self, member: Member) {
        let now = self.cluster.now();
        let id = self.cluster.submit_new(member);
        self.watch.submitted(member, id, now);
        self.watch.look(&mut self.cluster);
    }

    fn advance(&mut self) -> bool {
        let advanced = self.cluster.advance();
        self.watch.look(&mut self.cluster);
        advanced
    }

    fn run_for(&mut self, ms: u64) {
        let until = self.cluster.now().saturating_add(ms);
        while self.cluster.next_at().is_some_and(|at| at <= until) && self.advance() {}
        self.cluster.run_for(until.since(self.cluster.now()));
    }

    fn finish(mut self) -> Figures {
        self.cluster.assert_sound();
        assert_eq!(self.watch.refused, 0, "transactions were refused");
        let up = self.cluster.running();
        Figures::of(self.scenario, &self.delays, &up, &self.watch, &self.cluster, self.begin)
    }
}
