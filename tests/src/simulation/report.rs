//! What a run, or many of them, came to.

use crate::properties::Violation;
use landsea_types::Code;
use std::collections::BTreeMap;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub seed: u64,
    /// Heights committed.
    pub heights: u64,
    /// Steps of replicas.
    pub steps: u64,
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// Virtual milliseconds that the correct members needed after the faults were over.
    pub healed_ms: u64,
    /// The highest round in which a height was decided.
    pub rounds_max: u32,
    /// Committed transactions by code.
    pub codes: BTreeMap<Code, u64>,
    /// Committed transactions by what they tried and whether they were applied.
    pub labels: BTreeMap<(&'static str, bool), u64>,
    /// Disturbances by kind, Byzantine members by behaviour.
    pub faults: BTreeMap<&'static str, u64>,
    /// The hash of everything that was handled and committed.
    pub audit: [u8; 32],
    /// What went wrong, if anything did.
    pub violation: Option<Violation>,
}

/// Many runs.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub runs: u64,
    pub heights: u64,
    pub steps: u64,
    pub virtual_ms: u64,
    /// The longest healing and its seed.
    pub healed_ms_max: (u64, u64),
    pub rounds_max: u32,
    pub codes: BTreeMap<Code, u64>,
    pub labels: BTreeMap<(&'static str, bool), u64>,
    pub faults: BTreeMap<&'static str, u64>,
}

impl Totals {
    /// Adds a run.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.heights += report.heights;
        self.steps += report.steps;
        self.virtual_ms += report.virtual_ms;
        self.healed_ms_max = self.healed_ms_max.max((report.healed_ms, report.seed));
        self.rounds_max = self.rounds_max.max(report.rounds_max);
        add_all(&mut self.codes, &report.codes);
        add_all(&mut self.labels, &report.labels);
        add_all(&mut self.faults, &report.faults);
    }
}

fn add_all<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(key.clone()).or_default() += count;
    }
}
