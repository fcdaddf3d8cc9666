//! What a run gave, as numbers and as a table.

use super::delays::{Delays, sites};
use super::scenario::Scenario;
use super::watch::Watch;
use crate::cluster::Cluster;
use landsea_types::{Member, Timestamp};
use serde::Serialize;
use std::fmt::Write as _;

/// Of some latencies, virtual milliseconds. By the nearest rank, so each is a latency that occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    pub count: usize,
    pub p50: u64,
    pub p99: u64,
    pub max: u64,
}

impl Percentiles {
    /// Of any number of latencies; zero of none.
    pub fn of(mut latencies: Vec<u64>) -> Self {
        latencies.sort_unstable();
        let rank = |percent: usize| (latencies.len() * percent).div_ceil(100).saturating_sub(1);
        let at = |rank: usize| latencies.get(rank).copied().unwrap_or(0);
        Self {
            count: latencies.len(),
            p50: at(rank(50)),
            p99: at(rank(99)),
            max: latencies.last().copied().unwrap_or(0),
        }
    }
}

/// What clients of one member saw.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtMember {
    pub member: u8,
    pub city: &'static str,
    pub latency: Percentiles,
    /// One-way delay to the eleventh-nearest member that is up, itself counted as the nearest, milliseconds.
    pub to_quorum_ms: u64,
    /// The median latency in such delays.
    pub p50_delays: f64,
    /// Median over the proposers of what no protocol of proposal and two rounds of votes can undercut, milliseconds.
    pub floor_ms: u64,
}

/// The figures of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    pub scenario: &'static str,
    /// From submission at a member to the commit there, of all transactions.
    pub latency: Percentiles,
    /// From the first start of a height to its commit at eleven members.
    pub block: Percentiles,
    /// Averages over members.
    pub p50_mean_ms: f64,
    pub p99_mean_ms: f64,
    pub floor_mean_ms: f64,
    /// The members' medians in delays to the eleventh-nearest member, averaged.
    pub p50_delays_mean: f64,
    pub p99_delays_mean: f64,
    pub goal_delays: Option<f64>,
    pub members: Vec<AtMember>,
    pub virtual_ms: u64,
    /// Transactions whose node went down before it committed them.
    pub abandoned: u64,
    /// The highest round that was voted in.
    pub rounds_max: u32,
    /// Names everything that happened.
    pub trace: String,
}

impl Figures {
    pub(super) fn of(
        scenario: &Scenario,
        delays: &Delays,
        up: &[Member],
        watch: &Watch,
        cluster: &Cluster,
        begin: Timestamp,
    ) -> Self {
        let members: Vec<AtMember> = up.iter().map(|m| at_member(*m, delays, up, watch)).collect();
        let mean = |of: &dyn Fn(&AtMember) -> f64| members.iter().map(of).sum::<f64>() / members.len() as f64;
        Self {
            scenario: scenario.name,
            latency: Percentiles::of(watch.latencies.values().flatten().copied().collect()),
            block: Percentiles::of(watch.blocks.clone()),
            p50_mean_ms: mean(&|m| m.latency.p50 as f64),
            p99_mean_ms: mean(&|m| m.latency.p99 as f64),
            floor_mean_ms: mean(&|m| m.floor_ms as f64),
            p50_delays_mean: mean(&|m| m.p50_delays),
            p99_delays_mean: mean(&|m| m.latency.p99 as f64 / m.to_quorum_ms as f64),
            goal_delays: scenario.goal,
            virtual_ms: cluster.now().since(begin),
            abandoned: watch.abandoned,
            rounds_max: cluster.seen().rounds_max(),
            trace: cluster.trace().to_hex().to_string(),
            members,
        }
    }

    /// Whether the goal is reached, if there is one.
    pub fn is_within_goal(&self) -> bool {
        self.goal_delays.is_none_or(|goal| self.p50_delays_mean <= goal)
    }

    /// The members' figures, a line each.
    pub fn by_member(&self) -> String {
        let mut text =
            format!("{}\n  member             count   p50   p99  to quorum  p50 in delays  floor\n", self.scenario);
        for m in &self.members {
            let (AtMember { member, city, to_quorum_ms, p50_delays, floor_ms, .. }, l) = (m, m.latency);
            let _ = writeln!(
                text,
                "  {member:>2} {city:<12} {:>8} {:>5} {:>5} {to_quorum_ms:>10} {p50_delays:>14.2} {floor_ms:>6}",
                l.count, l.p50, l.p99
            );
        }
        text
    }
}

fn at_member(member: Member, delays: &Delays, up: &[Member], watch: &Watch) -> AtMember {
    let latency = Percentiles::of(watch.latencies.get(&member).cloned().unwrap_or_default());
    let to_quorum_ms = delays.to_quorum(member, up);
    let floors = up.iter().map(|proposer| delays.floor_ms(member, *proposer, up)).collect();
    AtMember {
        member: member.get(),
        city: sites().into_iter().find(|site| site.member == member).map_or("", |site| site.city),
        latency,
        to_quorum_ms,
        p50_delays: latency.p50 as f64 / to_quorum_ms as f64,
        floor_ms: Percentiles::of(floors).p50,
    }
}

/// A table of scenarios, in Markdown.
pub fn table(all: &[Figures]) -> String {
    let head = "| scenario | transactions | p50 ms | p99 ms | p50 in delays, mean | p99 in delays, mean | goal | floor ms | block p50 / p99 ms |\n";
    let mut text = format!("{head}|--|--|--|--|--|--|--|--|--|\n");
    for f in all {
        let goal =
            f.goal_delays.map_or("".into(), |g| format!("{g} {}", if f.is_within_goal() { "met" } else { "MISSED" }));
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {:.0} | {:.2} | {:.2} | {goal} | {:.0} | {} / {} |",
            f.scenario,
            f.latency.count,
            f.p50_mean_ms,
            f.p99_mean_ms,
            f.p50_delays_mean,
            f.p99_delays_mean,
            f.floor_mean_ms,
            f.block.p50,
            f.block.p99
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_latencies_that_occurred() {
        let p = Percentiles::of((1..=200).rev().collect());
        assert_eq!(p, Percentiles { count: 200, p50: 100, p99: 198, max: 200 });
        assert_eq!(Percentiles::of(vec![7]), Percentiles { count: 1, p50: 7, p99: 7, max: 7 });
        assert_eq!(Percentiles::of(Vec::new()), Percentiles { count: 0, p50: 0, p99: 0, max: 0 });
    }
}
