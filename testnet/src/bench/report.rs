//! What a bench found, for people and as JSON.

use super::meter::{NodeSample, Sample, Usage};
use super::tally::Tally;
use super::work::Mix;
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Version of the JSON form.
const FORM: u64 = 1;
const THOUSAND: f64 = 1_000.0;
const MIB: f64 = 1_048_576.0;
/// A rate is sustained when this share of it is committed.
const SUSTAINED: f64 = 0.95;

/// What a run was asked to do.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) validators: usize,
    pub(crate) mix: Mix,
    pub(crate) seconds: f64,
    pub(crate) fill: usize,
    pub(crate) seed: u64,
    pub(crate) banks: usize,
    pub(crate) joined: bool,
}

/// One measurement at one rate.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    /// Offered in a second; `None` for as fast as it goes.
    pub(crate) rate: Option<f64>,
    pub(crate) tally: Tally,
    pub(crate) before: Sample,
    pub(crate) after: Sample,
    /// CPU seconds of building and signing before the clock started.
    pub(crate) signing: f64,
}

/// Nodes without load, and single transactions through them.
#[derive(Clone, Debug)]
pub(crate) struct Idle {
    pub(crate) before: Sample,
    pub(crate) after: Sample,
    pub(crate) single: Tally,
}

/// How the ledger was filled.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(crate) tally: Tally,
    pub(crate) before: Sample,
    pub(crate) after: Sample,
}

/// Everything.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) config: Config,
    pub(crate) fill: Option<Fill>,
    pub(crate) points: Vec<Measured>,
    pub(crate) idle: Option<Idle>,
}

fn per_node<'a>(before: &'a Sample, after: &'a Sample) -> impl Iterator<Item = (&'a NodeSample, &'a NodeSample)> {
    before.nodes.iter().zip(&after.nodes)
}

fn cpu_of_nodes(before: &Sample, after: &Sample) -> f64 {
    per_node(before, after).map(|(b, a)| a.usage.cpu() - b.usage.cpu()).sum()
}

fn total(before: &Sample, after: &Sample, of: impl Fn(&NodeSample) -> f64) -> f64 {
    per_node(before, after).map(|(b, a)| of(a) - of(b)).sum()
}

impl Measured {
    /// CPU seconds of all validators together for a thousand jobs done; losing a race is work done too.
    pub(crate) fn cpu_per_1000(&self) -> f64 {
        self.per_operation(cpu_of_nodes(&self.before, &self.after)) * THOUSAND
    }

    fn per_operation(&self, amount: f64) -> f64 {
        amount / ((self.tally.done + self.tally.lost_races).max(1) as f64)
    }

    /// Whether nearly everything offered was committed as fast as it was offered.
    pub(crate) fn is_sustained(&self) -> bool {
        self.rate.is_none_or(|rate| self.tally.per_second() >= SUSTAINED * rate)
    }

    /// Rounds that ended without a decision, as the node counts them that saw most.
    fn rounds_failed(&self) -> f64 {
        let failed = |(b, a): (&NodeSample, &NodeSample)| a.counted.rounds_failed - b.counted.rounds_failed;
        per_node(&self.before, &self.after).map(failed).fold(0.0, f64::max)
    }

    fn to_json(&self) -> Value {
        let t = &self.tally;
        let (before, after) = (&self.before, &self.after);
        let by_kind: Map<String, Value> = t.by_kind.iter().map(|(k, l)| (k.name().into(), l.to_json())).collect();
        let codes = |codes: &std::collections::BTreeMap<landsea_types::Code, u64>| {
            codes.iter().map(|(code, n)| (code.to_string(), json!(n))).collect::<Map<_, _>>()
        };
        let (median, most) = t.block_sizes();
        let growth = total(before, after, |n| n.stored as f64);
        let syncs = total(before, after, |n| n.counted.syncs);
        json!({
            "rate": self.rate, "seconds": t.seconds(), "window_seconds": after.at.duration_since(before.at).as_secs_f64(),
            "offered": t.offered, "done": t.done, "committed": t.committed, "throughput_per_second": t.per_second(),
            "sustained": self.is_sustained(),
            "latency_ms": t.latencies.to_json(), "latency_ms_by_kind": by_kind,
            "refused": codes(&t.refused), "failed": t.failed, "unresolved": t.unresolved,
            "races": {"sound": t.races.sound, "broken": t.races.broken, "lost": t.lost_races},
            "busy_answers": t.busy, "sent_again": t.sent_again, "calls": t.calls, "calls_lost": t.calls_lost, "signed_late": t.signed_late,
            "cpu_seconds_per_1000": self.cpu_per_1000(),
            "cpu_seconds_by_node": per_node(before, after).map(|(b, a)| self.node_json(b, a)).collect::<Vec<_>>(),
            "load_generator_cpu_seconds": after.own.cpu() - before.own.cpu(),
            "signing_cpu_seconds": self.signing, "verify_cpu_seconds": t.verify_seconds,
            "wire_bytes_per_operation": self.per_operation(total(before, after, |n| n.counted.wire_out)),
            "wire_frames_per_operation": self.per_operation(total(before, after, |n| n.counted.frames_out)),
            "transaction_bytes_per_operation": self.per_operation(t.bytes as f64),
            "disk_written_bytes_per_operation": self.per_operation(total(before, after, |n| n.usage.disk_written as f64)),
            "stored_bytes_per_operation": self.per_operation(growth),
            "syncs": syncs, "syncs_per_1000": self.per_operation(syncs) * THOUSAND,
            "syncs_per_height_and_node": syncs / (t.heights.max(1) as f64) / (before.nodes.len() as f64),
            "blocks": {"with_load": t.blocks.len(), "heights": t.heights, "transactions_p50": median, "transactions_max": most},
            "rounds_failed": self.rounds_failed(),
        })
    }

    fn node_json(&self, before: &NodeSample, after: &NodeSample) -> Value {
        let user = after.usage.user - before.usage.user;
        let system = after.usage.system - before.usage.system;
        json!({
            "node": after.code, "user": user, "system": system, "per_1000": self.per_operation(user + system) * THOUSAND,
            "rss_bytes": after.usage.rss, "rss_max_bytes": after.usage.rss_max,
        })
    }

    fn row(&self) -> Vec<String> {
        let t = &self.tally;
        let refused: u64 = t.refused.values().sum::<u64>() + t.failed.values().sum::<u64>() + t.unresolved;
        let ms = |p: f64| format!("{:.1}", t.latencies.percentile_ms(p));
        vec![
            self.rate.map_or("max".into(), |rate| format!("{rate:.0}")),
            format!("{:.0}", t.per_second()),
            ms(50.0),
            ms(90.0),
            ms(99.0),
            ms(100.0),
            refused.to_string(),
            format!("{:.3}", self.cpu_per_1000()),
            format!("{:.0} %", 100.0 * self.share(self.after.own.cpu() - self.before.own.cpu())),
            format!("{:.0} %", 100.0 * self.share(cpu_of_nodes(&self.before, &self.after))),
        ]
    }

    /// A CPU time as a share of one core over the window.
    fn share(&self, cpu: f64) -> f64 {
        cpu / self.after.at.duration_since(self.before.at).as_secs_f64().max(0.001)
    }

    fn details(&self) -> String {
        let t = &self.tally;
        let (before, after) = (&self.before, &self.after);
        let mut text = String::new();
        let (median, most) = t.block_sizes();
        let syncs = total(before, after, |n| n.counted.syncs);
        let node = |(b, a): (&NodeSample, &NodeSample)| {
            format!("{} {:.3}", a.code, self.per_operation(a.usage.cpu() - b.usage.cpu()) * THOUSAND)
        };
        let memory = |u: &Usage| u.rss_max as f64 / MIB;
        let largest = after.nodes.iter().map(|n| memory(&n.usage)).fold(0.0, f64::max);
        let mut line = |what: &str, said: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {what:<12}{said}");
        };
        line("CPU", format!("{} s per 1000 by node", per_node(before, after).map(node).collect::<Vec<_>>().join(", ")));
        line(
            "generator",
            format!(
                "{:.2} s CPU while the clock ran, {:.2} s for verifying among them; {:.2} s signing before",
                after.own.cpu() - before.own.cpu(),
                t.verify_seconds,
                self.signing
            ),
        );
        line(
            "bytes",
            format!(
                "per operation, all nodes: {:.0} between members, {:.0} written to disk, {:.0} more stored; {:.0} as a transaction",
                self.per_operation(total(before, after, |n| n.counted.wire_out)),
                self.per_operation(total(before, after, |n| n.usage.disk_written as f64)),
                self.per_operation(total(before, after, |n| n.stored as f64)),
                self.per_operation(t.bytes as f64),
            ),
        );
        line(
            "blocks",
            format!(
                "{} with load of {} heights; {median} transactions p50, {most} at most; {:.1} syncs a height and node; {} rounds failed",
                t.blocks.len(),
                t.heights,
                syncs / (t.heights.max(1) as f64) / (before.nodes.len() as f64),
                self.rounds_failed()
            ),
        );
        line("memory", format!("{largest:.0} MiB at most in one node"));
        for (kind, latencies) in t.by_kind.iter().filter(|_| t.by_kind.len() > 1) {
            let (p50, p99) = (latencies.percentile_ms(50.0), latencies.percentile_ms(99.0));
            line(kind.name(), format!("{} jobs, p50 {p50:.1} ms, p99 {p99:.1} ms", latencies.count()));
        }
        if t.races.sound + t.races.broken > 0 {
            line("races", format!("{} with exactly one winner, {} not", t.races.sound, t.races.broken));
        }
        if t.signed_late + t.busy + t.calls_lost + t.sent_again > 0 {
            let (late, busy, lost, again) = (t.signed_late, t.busy, t.calls_lost, t.sent_again);
            line(
                "resent",
                format!("{busy} after BUSY, {again} unheard of, {lost} calls lost; {late} signed while the clock ran"),
            );
        }
        t.troubles().into_iter().for_each(|trouble| line("TROUBLE", trouble));
        text
    }
}

impl Idle {
    fn seconds(&self) -> f64 {
        self.after.at.duration_since(self.before.at).as_secs_f64().max(0.001)
    }

    fn shares(&self) -> Vec<(String, f64)> {
        let share =
            |(b, a): (&NodeSample, &NodeSample)| (a.code.clone(), (a.usage.cpu() - b.usage.cpu()) / self.seconds());
        per_node(&self.before, &self.after).map(share).collect()
    }

    fn to_json(&self) -> Value {
        let shares: Map<String, Value> = self.shares().into_iter().map(|(code, share)| (code, json!(share))).collect();
        json!({"seconds": self.seconds(), "cpu_share_of_a_core_by_node": shares, "single_transaction_ms": self.single.latencies.to_json()})
    }

    fn to_text(&self) -> String {
        let shares: Vec<String> =
            self.shares().into_iter().map(|(code, share)| format!("{code} {:.2} %", share * 100.0)).collect();
        let single = &self.single.latencies;
        format!(
            "idle: {:.0} s without load: {} of a core; {} single transactions: p50 {:.1} ms, p99 {:.1} ms\n",
            self.seconds(),
            shares.join(", "),
            single.count(),
            single.percentile_ms(50.0),
            single.percentile_ms(99.0)
        )
    }
}

impl Fill {
    fn to_json(&self) -> Value {
        let operations = self.tally.operations.max(1) as f64;
        json!({
            "documents": self.tally.operations, "seconds": self.tally.seconds(),
            "documents_per_second": self.tally.operations as f64 / self.tally.seconds(),
            "cpu_seconds_per_1000": cpu_of_nodes(&self.before, &self.after) / operations * THOUSAND,
            "stored_bytes_per_document": total(&self.before, &self.after, |n| n.stored as f64) / operations,
            "latency_ms": self.tally.latencies.to_json(),
        })
    }

    fn to_text(&self) -> String {
        let operations = self.tally.operations.max(1) as f64;
        format!(
            "fill: {} documents in {:.1} s ({:.0}/s), {:.3} s CPU per 1000\n",
            self.tally.operations,
            self.tally.seconds(),
            operations / self.tally.seconds(),
            cpu_of_nodes(&self.before, &self.after) / operations * THOUSAND
        )
    }
}

impl Report {
    /// What was refused, failed or lost, of all measurements; empty when all is well.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let singles = self.idle.iter().flat_map(|idle| idle.single.troubles());
        self.points.iter().flat_map(|point| point.tally.troubles()).chain(singles).collect()
    }

    /// The highest rate of a sweep up to which every one was sustained.
    pub(crate) fn knee(&self) -> Option<&Measured> {
        self.points.iter().take_while(|point| point.is_sustained()).last()
    }

    /// The JSON form: the measurement (of a sweep, the one at the knee) at the top, all of them under `points`.
    pub(crate) fn to_json(&self) -> Value {
        let chosen = self.knee().or(self.points.first());
        let mut all = match chosen.map(Measured::to_json) {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let c = &self.config;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let config = json!({
            "validators": c.validators, "mix": c.mix.name(), "rate": chosen.and_then(|p| p.rate), "seconds": c.seconds,
            "fill": c.fill, "seed": c.seed, "banks": c.banks, "joined": c.joined, "version": env!("CARGO_PKG_VERSION"),
            "cores": threads, "firms_of_a_kind": super::cast::FIRMS, "tick_ms": super::drive::TICK.as_millis() as u64,
        });
        all.insert("form".into(), json!(FORM));
        all.insert("config".into(), config);
        all.insert("fill".into(), json!(self.fill.as_ref().map(Fill::to_json)));
        all.insert("idle".into(), json!(self.idle.as_ref().map(Idle::to_json)));
        all.insert("troubles".into(), json!(self.troubles()));
        if self.points.len() > 1 {
            all.insert("knee_rate".into(), json!(self.knee().and_then(|p| p.rate)));
            all.insert("points".into(), self.points.iter().map(Measured::to_json).collect());
        }
        Value::Object(all)
    }

    /// For people.
    pub(crate) fn to_text(&self) -> String {
        let c = &self.config;
        let mut text = format!("{} validators, {}, {} documents before\n", c.validators, c.mix, c.fill);
        text.extend(self.fill.as_ref().map(Fill::to_text));
        text.extend(self.idle.as_ref().map(Idle::to_text));
        if !self.points.is_empty() {
            text.push_str(&self.table());
            text.push('\n');
        }
        for point in &self.points {
            if self.points.len() > 1 {
                let _ = writeln!(text, "at {}", point.rate.map_or("max".into(), |rate| format!("{rate:.0}/s")));
            }
            text.push_str(&point.details());
        }
        if self.points.len() > 1 {
            let knee = self.knee().and_then(|p| p.rate).map_or("below the first rate".into(), |r| format!("{r:.0}/s"));
            let _ = writeln!(text, "knee: {knee} (the highest rate of which 95 % is committed as it is offered)");
        }
        text
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header([
            "OFFERED/S",
            "DONE/S",
            "P50 MS",
            "P90 MS",
            "P99 MS",
            "MAX MS",
            "NOT DONE",
            "CPU-S PER 1000",
            "GENERATOR",
            "NODES",
        ]);
        self.points.iter().for_each(|point| {
            table.add_row(point.row());
        });
        for column in 0..10 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.to_string()
    }
}
