//! What came of the jobs: latencies, codes, blocks.

use super::work::Kind;
use hdrhistogram::Histogram;
use landsea_types::{Code, Height};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Microseconds in a millisecond.
const MS: f64 = 1_000.0;
/// Longest latency told apart, microseconds.
const LONGEST_US: u64 = 600_000_000;
/// Digits kept of a latency.
const DIGITS: u8 = 3;

/// Latencies in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_US, DIGITS).expect("the bounds are sound"))
    }
}

impl Latencies {
    fn add(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(LONGEST_US).max(1));
    }
    /// A percentile, milliseconds.
    pub(crate) fn percentile_ms(&self, percentile: f64) -> f64 {
        self.0.value_at_percentile(percentile) as f64 / MS
    }
    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }
    /// Percentiles, maximum and count as JSON.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "count": self.0.len(), "mean": self.0.mean() / MS, "p50": self.percentile_ms(50.0), "p90": self.percentile_ms(90.0),
            "p99": self.percentile_ms(99.0), "p999": self.percentile_ms(99.9), "max": self.0.max() as f64 / MS,
        })
    }
}

/// How the races for bills ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Races {
    /// Exactly one bank won.
    pub(crate) sound: u64,
    /// Nobody won, or more than one, or a loser was told something else than that the bill is pledged.
    pub(crate) broken: u64,
}

/// Everything counted in one run of the driver.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    /// When the clock started.
    pub(crate) began: Instant,
    /// When the last job was settled.
    pub(crate) ended: Instant,
    /// When the first outcome was heard, and how long the offering took at its rate; of open load only.
    pub(crate) first: Option<Instant>,
    pub(crate) span: Duration,
    pub(crate) offered: u64,
    /// Committed with success, and questions answered with a valid certificate.
    pub(crate) done: u64,
    /// Transactions committed, refused ones included.
    pub(crate) committed: u64,
    /// Operations committed with success.
    pub(crate) operations: u64,
    pub(crate) latencies: Latencies,
    pub(crate) by_kind: BTreeMap<Kind, Latencies>,
    /// Refusals in a block and before, by code.
    pub(crate) refused: BTreeMap<Code, u64>,
    /// Losers of races, who are refused as they must be.
    pub(crate) lost_races: u64,
    pub(crate) races: Races,
    /// Questions without a valid answer, by reason.
    pub(crate) failed: BTreeMap<String, u64>,
    /// Jobs without an outcome when the driver gave up.
    pub(crate) unresolved: u64,
    /// Jobs sent again because a node was busy.
    pub(crate) busy: u64,
    /// Jobs sent again because nothing was heard of them for long.
    pub(crate) sent_again: u64,
    /// Calls that ended without an answer; their jobs were sent again.
    pub(crate) calls_lost: u64,
    pub(crate) calls: u64,
    /// Transactions signed again while the clock ran.
    pub(crate) signed_late: u64,
    /// Bytes of encoded transactions handed to nodes.
    pub(crate) bytes: u64,
    /// CPU time of verifying certificates, seconds.
    pub(crate) verify_seconds: f64,
    /// Own transactions by height.
    pub(crate) blocks: BTreeMap<Height, u64>,
    /// Heights that were committed meanwhile, empty ones included.
    pub(crate) heights: u64,
}

impl Tally {
    /// An empty count that starts now.
    pub(crate) fn starting(began: Instant) -> Self {
        Self {
            began,
            ended: began,
            first: None,
            span: Duration::ZERO,
            offered: 0,
            done: 0,
            committed: 0,
            operations: 0,
            latencies: Latencies::default(),
            by_kind: BTreeMap::new(),
            refused: BTreeMap::new(),
            lost_races: 0,
            races: Races::default(),
            failed: BTreeMap::new(),
            unresolved: 0,
            busy: 0,
            sent_again: 0,
            calls_lost: 0,
            calls: 0,
            signed_late: 0,
            bytes: 0,
            verify_seconds: 0.0,
            blocks: BTreeMap::new(),
            heights: 0,
        }
    }

    /// Notes how long a job took from the time at which it was due.
    pub(crate) fn took(&mut self, kind: Kind, latency: Duration) {
        self.latencies.add(latency);
        self.by_kind.entry(kind).or_default().add(latency);
    }

    /// Jobs done in a second, lost races among them.
    pub(crate) fn per_second(&self) -> f64 {
        (self.done + self.lost_races) as f64 / self.seconds()
    }

    /// The time in which the outcomes came, seconds: of open load from the first to the last, so that a latency which is the same for
    /// all does not count as time, and no less than the offering took.
    pub(crate) fn seconds(&self) -> f64 {
        let from = self.first.filter(|_| !self.span.is_zero()).unwrap_or(self.began);
        self.ended.saturating_duration_since(from).max(self.span).as_secs_f64().max(0.001)
    }

    /// Own transactions in a block: the median and the most.
    pub(crate) fn block_sizes(&self) -> (u64, u64) {
        let mut sizes: Vec<u64> = self.blocks.values().copied().collect();
        sizes.sort_unstable();
        (sizes.get(sizes.len() / 2).copied().unwrap_or_default(), sizes.last().copied().unwrap_or_default())
    }

    /// What must not happen in a fault-free run, in words; empty when all is well.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let mut all: Vec<String> = self.refused.iter().map(|(code, n)| format!("{n} refused with {code}")).collect();
        all.extend(self.failed.iter().map(|(why, n)| format!("{n} questions failed: {why}")));
        if self.unresolved > 0 {
            all.push(format!("{} without an outcome", self.unresolved));
        }
        if self.races.broken > 0 {
            all.push(format!("{} races without exactly one winner", self.races.broken));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_in_milliseconds() {
        let mut latencies = Latencies::default();
        (1..=100).for_each(|ms| latencies.add(Duration::from_millis(ms)));
        assert!((latencies.percentile_ms(50.0) - 50.0).abs() < 0.2, "{}", latencies.percentile_ms(50.0));
        assert!((latencies.percentile_ms(99.0) - 99.0).abs() < 0.2);
        assert_eq!(latencies.count(), 100);
    }

    #[test]
    fn a_latency_that_all_share_does_not_slow_an_open_load() {
        let (began, second) = (Instant::now(), Duration::from_secs(1));
        let mut tally = Tally::starting(began);
        (tally.done, tally.span) = (100, second * 10);
        (tally.first, tally.ended) = (Some(began + second), began + second * 11);
        assert!((tally.per_second() - 10.0).abs() < 0.01, "{}", tally.per_second());
        tally.ended = began + second * 21;
        assert!((tally.per_second() - 5.0).abs() < 0.01, "{}", tally.per_second());
    }

    #[test]
    fn whatever_is_refused_or_open_is_a_trouble() {
        let mut tally = Tally::starting(Instant::now());
        assert!(tally.troubles().is_empty());
        tally.refused.insert(Code::TransactionExpired, 3);
        tally.unresolved = 1;
        assert_eq!(tally.troubles().len(), 2);
    }
}
