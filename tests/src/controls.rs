//! Negative controls: every rule violated on purpose, to show that the simulator would notice.
//!
//! A control is a [`Mutation`] of what correct members are given, or a peer that only the violation lets through, and a plan under which
//! it matters. Production code knows nothing of them. Each file holds one violation.

mod early_answer;
mod forged;
mod forged_consents;
mod forgotten_guard;
mod forgotten_ids;
mod hash_order;
mod ignored_lock;
mod late_flush;
mod local_time;
mod no_rebroadcast;
mod plans;
mod repeated_signers;
mod second_paper;
mod second_pledge;
mod silent_expiry;
mod small_quorum;
mod split_commit;
mod unchecked_batch;
mod unchecked_parent;
mod unsigned_votes;
mod wrapped;

use crate::cluster::Mutation;
use crate::simulation::{Plan, Report, run, run_with};
use std::fmt;

/// One deliberate violation.
pub struct Control {
    /// What is violated.
    pub name: &'static str,
    /// The properties of which at least one must object.
    pub caught_by: &'static [&'static str],
    /// Properties that may object under a seed before those do; such a seed does not count as a catch.
    pub tolerates: &'static [&'static str],
    /// Within how many seeds, counted from 0.
    pub within: u64,
    /// What happens under a seed: network, disturbances, traffic, peers that misbehave.
    pub plan: fn(seed: u64) -> Plan,
    /// The violation, new for every run of a plan.
    pub mutation: fn(&Plan) -> Box<dyn Mutation>,
}

/// All controls.
pub const CONTROLS: &[Control] = &[
    late_flush::BOTH,
    late_flush::LOG_ONLY,
    small_quorum::CONTROL,
    unsigned_votes::CONTROL,
    ignored_lock::CONTROL,
    forgotten_guard::CONTROL,
    unchecked_parent::CONTROL,
    split_commit::CONTROL,
    early_answer::CONTROL,
    repeated_signers::CONTROL,
    local_time::CONTROL,
    unchecked_batch::CONTROL,
    forged_consents::CONTROL,
    forgotten_ids::CONTROL,
    hash_order::CONTROL,
    silent_expiry::CONTROL,
    second_pledge::CONTROL,
    second_paper::CONTROL,
    no_rebroadcast::CONTROL,
];

/// What came of one control.
#[derive(Clone, Debug)]
pub struct ControlResult {
    pub name: &'static str,
    pub within: u64,
    /// The property that objected and the number of seeds that it took.
    pub caught: Option<(&'static str, u64)>,
    /// What went wrong instead: another property objected, or one objected to production code.
    pub trouble: Option<String>,
}

impl ControlResult {
    /// Whether the right property objected in time, and none to production code.
    pub fn is_caught(&self) -> bool {
        self.caught.is_some() && self.trouble.is_none()
    }
}

impl fmt::Display for ControlResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.trouble, self.caught) {
            (Some(trouble), _) => write!(f, "{}: {trouble}", self.name),
            (None, Some((property, seeds))) => write!(f, "{}: caught by {property} after {seeds} seeds", self.name),
            (None, None) => write!(f, "{}: NOT CAUGHT within {} seeds", self.name, self.within),
        }
    }
}

impl Control {
    /// Runs the violation under a seed.
    pub fn violate(&self, seed: u64) -> Report {
        let plan = (self.plan)(seed);
        run_with(&plan, (self.mutation)(&plan), None)
    }

    /// Runs the same plan on production code: nothing may object.
    pub fn behave(&self, seed: u64) -> Report {
        run(&(self.plan)(seed))
    }

    /// Runs seeds until a property objects, and that seed on production code as well.
    pub fn try_out(&self) -> ControlResult {
        let mut result = ControlResult { name: self.name, within: self.within, caught: None, trouble: None };
        for seed in 0..self.within {
            let Some(violation) = self.violate(seed).violation else { continue };
            if self.tolerates.contains(&violation.property) {
                continue;
            }
            result.caught = Some((violation.property, seed + 1));
            if !self.caught_by.contains(&violation.property) {
                result.trouble = Some(format!("caught by an unexpected property: {violation}"));
            } else if let Some(violation) = self.behave(seed).violation {
                result.trouble = Some(format!("production code under the same seed: {violation}"));
            }
            break;
        }
        result
    }
}

/// Tries every control out; `done` hears of each.
pub fn run_all(done: impl Fn(&ControlResult)) -> Vec<ControlResult> {
    let tried = CONTROLS.iter().map(Control::try_out);
    tried.inspect(|result| done(result)).collect()
}

/// The table of violation, property and seeds.
pub fn table(results: &[ControlResult]) -> String {
    let width = results.iter().map(|r| r.name.len()).max().unwrap_or(0);
    let mut table = format!("{:width$}  {:36}  seeds  within\n", "violation", "caught by");
    for result in results {
        let (property, seeds) = match result.caught {
            Some((property, seeds)) if result.is_caught() => (property, seeds.to_string()),
            Some((property, _)) => (property, "WRONG".into()),
            None => ("NOT CAUGHT", "-".into()),
        };
        table += &format!("{:width$}  {property:36}  {seeds:>5}  {:>6}\n", result.name, result.within);
    }
    table
}
