//! Many seeds, each run twice.

use super::{Plan, Report, Totals, run};
use crate::properties::Violation;
use std::ops::Range;
use std::panic::set_hook;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Which seeds to run, and how large.
#[derive(Clone, Debug)]
pub struct Seeds {
    pub range: Range<u64>,
    pub validators: usize,
    /// Heights to commit while things fail.
    pub heights: u64,
    /// Runs at a time, each in one thread.
    pub threads: usize,
}

/// What many seeds came to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub totals: Totals,
    /// Runs in which something went wrong, by seed.
    pub violations: Vec<Report>,
}

impl Seeds {
    /// Runs every seed twice; `done` hears of each. Ends early when `stop` is set, after the runs under way.
    pub fn run(&self, stop: &AtomicBool, done: impl Fn(&Report) + Sync) -> Outcome {
        let next = AtomicU64::new(self.range.start);
        let outcome = Mutex::new(Outcome::default());
        std::thread::scope(|scope| {
            for _ in 0..self.threads.max(1) {
                scope.spawn(|| self.work(&next, stop, &outcome, &done));
            }
        });
        let mut outcome = outcome.into_inner().expect("no holder of this lock panics");
        outcome.violations.sort_by_key(|report| report.seed);
        outcome
    }

    fn work(&self, next: &AtomicU64, stop: &AtomicBool, outcome: &Mutex<Outcome>, done: &(impl Fn(&Report) + Sync)) {
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.range.end {
                return;
            }
            let report = twice(&Plan::draw(seed, self.validators, self.heights));
            done(&report);
            let mut outcome = outcome.lock().expect("no holder of this lock panics");
            outcome.totals.add(&report);
            if report.violation.is_some() {
                outcome.violations.push(report);
            }
        }
    }
}

/// Runs a plan twice; the second run must be the first one again.
pub fn twice(plan: &Plan) -> Report {
    let (mut first, second) = (run(plan), run(plan));
    if first.violation.is_none() && first != second {
        let detail = format!("the same seed led to {} and {}", hex::encode(first.audit), hex::encode(second.audit));
        first.violation = Some(Violation { property: "determinism", detail });
    }
    first
}

/// Keeps replicas that halt from printing: in a simulation a halt is an event among others, and what is wrong is in the report.
pub fn quiet_panics() {
    set_hook(Box::new(|_| {}));
}
