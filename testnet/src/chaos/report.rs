//! What a run has found, as text and as JSON.

use super::faults::{Kind, faketime};
use super::history::{Action, Answer, History, StatedHeight, Write};
use super::nemesis::Injected;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A time without acknowledged answer that is longer than this counts as unavailability.
const UNAVAILABLE_AFTER: Duration = Duration::from_secs(1);
/// A run at least this long injects a fault.
const FAULT_WITHIN: Duration = Duration::from_secs(10);
/// Unavailability windows shown in the text.
const WINDOWS_SHOWN: usize = 8;
/// Problems of one sort shown in the text.
const PROBLEMS_SHOWN: usize = 20;

/// How far the nodes came together again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Convergence {
    /// Whether all nodes had one root of one height in common.
    pub(crate) is_reached: bool,
    /// That height.
    pub(crate) height: u64,
    /// How long it took after the last fault.
    pub(crate) took: Duration,
    /// Why it was not reached.
    pub(crate) problem: Option<String>,
}

/// Everything that is known at the end.
pub(crate) struct Report {
    pub(crate) seed: u64,
    /// As asked for.
    pub(crate) minutes: f64,
    pub(crate) validators: usize,
    pub(crate) clients: usize,
    /// Ended early by a signal: nothing was healed and the chain was not looked at.
    pub(crate) interrupted: bool,
    /// When clients began and ended, since the start of the run.
    pub(crate) active: (Duration, Duration),
    pub(crate) history: History,
    pub(crate) faults: Vec<Injected>,
    pub(crate) lost: Vec<String>,
    pub(crate) anomalies: Vec<String>,
    pub(crate) convergence: Convergence,
    /// Nodes whose stores were executed again from the genesis, with what they said.
    pub(crate) verified: Vec<String>,
}

/// A time in which no client got an acknowledged answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    /// Faults at work or being recovered from.
    pub(crate) during: Vec<String>,
}

impl Window {
    fn length(&self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

impl Report {
    /// Whether the run proves something, nothing was lost, nothing contradicts anything, and the nodes came together again.
    pub(crate) fn is_clean(&self) -> bool {
        let is_sound = self.lost.is_empty() && self.anomalies.is_empty() && self.convergence.is_reached;
        is_sound && !self.interrupted && self.shortfalls().is_empty()
    }

    /// What did not happen, so that the run proves nothing.
    fn shortfalls(&self) -> Vec<&'static str> {
        let is_long = self.active.1.saturating_sub(self.active.0) >= FAULT_WITHIN;
        let has_answers = self.history.writes.iter().any(Write::is_acknowledged);
        let nothing_acknowledged = (!has_answers).then_some("no write was acknowledged");
        let no_fault = (is_long && self.faults.is_empty()).then_some("no fault was injected");
        nothing_acknowledged.into_iter().chain(no_fault).collect()
    }

    /// Whether something was found that the network's folder may explain.
    pub(crate) fn has_problems(&self) -> bool {
        let is_sound = self.lost.is_empty() && self.anomalies.is_empty() && self.convergence.problem.is_none();
        !is_sound || !(self.interrupted || self.shortfalls().is_empty())
    }

    fn windows(&self) -> Vec<Window> {
        let answers = self.history.writes.iter().filter(|w| w.is_acknowledged()).map(|w| w.ended);
        let mut marks: Vec<Duration> = answers.chain([self.active.0, self.active.1]).collect();
        marks.retain(|at| self.active.0 <= *at && *at <= self.active.1);
        marks.sort_unstable();
        let gaps = marks.windows(2).map(|pair| (pair[0], pair[1]));
        let long = gaps.filter(|(from, to)| to.saturating_sub(*from) > UNAVAILABLE_AFTER);
        long.map(|(from, to)| Window { from, to, during: during(&self.faults, from, to) }).collect()
    }

    /// The report as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let counts = self.counts();
        let windows = self.windows();
        let window = |w: &Window| json!({"from_s": seconds(w.from), "to_s": seconds(w.to), "length_ms": millis(w.length()), "during": w.during});
        let latency = latencies(&self.history);
        json!({
            "seed": self.seed,
            "minutes": self.minutes,
            "active_s": seconds(self.active.1.saturating_sub(self.active.0)),
            "validators": self.validators,
            "clients": self.clients,
            "interrupted": self.interrupted,
            "operations": counts.kinds,
            "acknowledged": counts.acknowledged,
            "applied": counts.applied,
            "refused": counts.refused,
            "not_taken": counts.not_taken,
            "unknown": counts.unknown,
            "reads_unanswered": self.history.reads_unanswered,
            "lost": self.lost.len(),
            "lost_list": self.lost,
            "anomalies": self.anomalies.len(),
            "anomaly_list": self.anomalies,
            "shortfalls": self.shortfalls(),
            "converged": self.convergence.is_reached,
            "converged_height": self.convergence.height,
            "converged_ms": millis(self.convergence.took),
            "verified": self.verified,
            "faults": self.faults_by_kind(),
            "not_possible": not_possible(),
            "fault_list": self.faults.iter().map(fault_json).collect::<Vec<_>>(),
            "unavailable_total_ms": windows.iter().map(|w| millis(w.length())).sum::<u64>(),
            "unavailable_longest_ms": windows.iter().map(|w| millis(w.length())).max().unwrap_or_default(),
            "unavailable": windows.iter().map(window).collect::<Vec<_>>(),
            "latency_p50_ms": percentile(&latency, 50).map(millis),
            "latency_p99_ms": percentile(&latency, 99).map(millis),
            "ok": self.is_clean(),
        })
    }

    /// The report for people.
    pub(crate) fn to_text(&self) -> String {
        let counts = self.counts();
        let latency = latencies(&self.history);
        let of = |percent| percentile(&latency, percent).map_or("-".into(), |l| format!("{} ms", millis(l)));
        let active = seconds(self.active.1.saturating_sub(self.active.0));
        let mut lines = vec![
            format!("seed          {}", self.seed),
            format!("run           {active:.0} s, {} validators, {} clients", self.validators, self.clients),
            format!("operations    {}", in_words(&counts.kinds)),
            format!("acknowledged  {} writes, {} of them applied", counts.acknowledged, counts.applied),
            format!("refused       {}", in_words(&counts.refused)),
            format!("not taken     {}", in_words(&counts.not_taken)),
            format!("unknown       {} writes; {} reads unanswered", counts.unknown, self.history.reads_unanswered),
            format!("latency       p50 {}, p99 {}", of(50), of(99)),
            format!("faults        {}", in_words(&self.faults_by_kind())),
        ];
        lines.extend(not_possible().iter().map(|what| format!("              {what}: not possible on this machine")));
        lines.extend(self.unavailability());
        lines.push(self.convergence_line());
        lines.extend(self.verified.iter().map(|line| format!("verified      {line}")));
        lines.extend(self.shortfalls().iter().map(|what| format!("proves        NOTHING: {what}")));
        lines.push(format!("lost          {}", self.lost.len()));
        lines.extend(listed(&self.lost));
        lines.push(format!("anomalies     {}", self.anomalies.len()));
        lines.extend(listed(&self.anomalies));
        lines.join("\n")
    }

    fn unavailability(&self) -> Vec<String> {
        let mut windows = self.windows();
        let total: Duration = windows.iter().map(Window::length).sum();
        windows.sort_by_key(|w| std::cmp::Reverse(w.length()));
        let longest = windows.first().map_or(0.0, |w| seconds(w.length()));
        let head = format!(
            "unavailable   {} times over 1 s, {:.1} s in all, longest {longest:.1} s",
            windows.len(),
            seconds(total)
        );
        let shown = windows.iter().take(WINDOWS_SHOWN).map(|w| {
            let during = if w.during.is_empty() { "no fault".into() } else { w.during.join(", ") };
            format!("    {:.1} s from {:.1} s on: {during}", seconds(w.length()), seconds(w.from))
        });
        std::iter::once(head).chain(shown).collect()
    }

    fn convergence_line(&self) -> String {
        let c = &self.convergence;
        match (&c.problem, c.is_reached) {
            (_, true) => format!("converged     at height {} in {:.1} s", c.height, seconds(c.took)),
            (Some(problem), _) => format!("converged     NO: {problem}"),
            (None, false) => "converged     not looked at: interrupted".into(),
        }
    }

    fn faults_by_kind(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        self.faults.iter().for_each(|f| *counts.entry(f.kind.name().to_owned()).or_default() += 1);
        counts
    }

    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.history.writes.iter().for_each(|w| counts.add(w));
        for read in &self.history.reads {
            let kind = match read.stated {
                StatedHeight::Exactly { .. } => "certificate",
                StatedHeight::Between { .. } => "read",
            };
            *counts.kinds.entry(kind.into()).or_default() += 1;
        }
        counts
    }
}

/// Writes and reads by how they ended.
#[derive(Default)]
struct Counts {
    kinds: BTreeMap<String, u64>,
    acknowledged: u64,
    applied: u64,
    refused: BTreeMap<String, u64>,
    not_taken: BTreeMap<String, u64>,
    unknown: u64,
}

impl Counts {
    fn add(&mut self, write: &Write) {
        let kind = match write.action {
            Action::Pledge { .. } => "pledge",
            Action::Release { .. } => "release",
        };
        *self.kinds.entry(kind.into()).or_default() += 1;
        self.acknowledged += u64::from(write.is_acknowledged());
        match &write.answer {
            Answer::Committed { code: landsea_types::Code::Ok, .. } => self.applied += 1,
            Answer::Committed { code, .. } => *self.refused.entry(code.to_string()).or_default() += 1,
            Answer::NotTaken { word } => *self.not_taken.entry(word.clone()).or_default() += 1,
            Answer::Unknown { .. } => self.unknown += 1,
        }
    }
}

fn listed(problems: &[String]) -> Vec<String> {
    let shown = problems.iter().take(PROBLEMS_SHOWN).map(|what| format!("    {what}"));
    let more = problems.len().saturating_sub(PROBLEMS_SHOWN);
    shown.chain((more > 0).then(|| format!("    and {more} more; --report FILE keeps all"))).collect()
}

fn not_possible() -> Vec<&'static str> {
    if faketime().is_some() { Vec::new() } else { vec![Kind::SkewedClock.name()] }
}

fn fault_json(fault: &Injected) -> Value {
    json!({
        "kind": fault.kind.name(),
        "member": fault.victim,
        "from_s": seconds(fault.from),
        "until_s": fault.until.map(seconds),
        "recovered_s": fault.recovered.map(seconds),
        "note": fault.note,
    })
}

fn during(faults: &[Injected], from: Duration, to: Duration) -> Vec<String> {
    let overlaps = |f: &&Injected| f.from < to && f.recovered.is_none_or(|end| from < end);
    let describe = |f: &Injected| match f.until {
        Some(until) if until <= from => format!("{} {} (catching up)", f.kind.name(), f.victim),
        _ => format!("{} {}", f.kind.name(), f.victim),
    };
    faults.iter().filter(overlaps).map(describe).collect()
}

/// How long writes took that their first node answered, ascending.
fn latencies(history: &History) -> Vec<Duration> {
    let first = history.writes.iter().filter(|w| w.is_acknowledged() && w.nodes.len() == 1);
    let mut all: Vec<Duration> = first.map(|w| w.ended.saturating_sub(w.invoked)).collect();
    all.sort_unstable();
    all
}

/// The nearest-rank percentile of an ascending list.
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

fn in_words(counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return "none".into();
    }
    counts.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000.0).round() / 1_000.0
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).expect("a run takes less than 500 million years")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chaos::history::Position;
    use landsea_types::{Code, Height, TxId};

    fn write(invoked_ms: u64, ended_ms: u64, answer: Answer) -> Write {
        Write {
            client: 0,
            nodes: vec![0],
            doc: 0,
            tx: TxId([0; 32]),
            valid_until: Height::new(9),
            action: Action::Pledge { expect: 1 },
            invoked: Duration::from_millis(invoked_ms),
            ended: Duration::from_millis(ended_ms),
            answer,
        }
    }
    fn done(code: Code) -> Answer {
        Answer::Committed { at: Position { height: Height::new(1), index: 0 }, code, args: Vec::new() }
    }

    fn report() -> Report {
        let ms = Duration::from_millis;
        let fault = |kind, from, until, recovered| Injected {
            kind,
            victim: "cq".into(),
            from: ms(from),
            until: Some(ms(until)),
            recovered: Some(ms(recovered)),
            note: String::new(),
        };
        let writes = vec![
            write(900, 1_000, done(Code::Ok)),
            write(1_000, 1_300, done(Code::AlreadyPledged)),
            write(1_300, 5_000, done(Code::Ok)),
            write(4_000, 5_500, Answer::Unknown { why: "no answer in time".into() }),
        ];
        Report {
            seed: 3,
            minutes: 0.1,
            validators: 4,
            clients: 2,
            interrupted: false,
            active: (ms(500), ms(6_000)),
            history: History { writes, ..History::default() },
            faults: vec![
                fault(Kind::Kill, 100, 200, 400),
                fault(Kind::Freeze, 1_100, 1_200, 2_000),
                fault(Kind::Cut, 4_000, 4_500, 4_600),
            ],
            lost: Vec::new(),
            anomalies: Vec::new(),
            convergence: Convergence { is_reached: true, ..Convergence::default() },
            verified: Vec::new(),
        }
    }

    #[test]
    fn unavailability_is_told_with_what_was_going_on() {
        let windows = report().windows();
        let [window] = windows.as_slice() else { panic!("{windows:?}") };
        assert_eq!((window.from, window.to), (Duration::from_millis(1_300), Duration::from_millis(5_000)));
        assert_eq!(window.during, ["SIGSTOP cq (catching up)", "links cut cq"]);
    }

    #[test]
    fn only_a_whole_and_clean_run_is_clean() {
        assert!(report().is_clean());
        let spoil: [fn(&mut Report); 4] = [
            |r| r.interrupted = true,
            |r| r.lost.push("one".into()),
            |r| r.anomalies.push("one".into()),
            |r| r.convergence.is_reached = false,
        ];
        for change in spoil {
            let mut spoilt = report();
            change(&mut spoilt);
            assert!(!spoilt.is_clean() && spoilt.to_json()["ok"] == false);
        }
    }

    #[test]
    fn a_run_without_acknowledged_writes_or_a_long_one_without_faults_proves_nothing() {
        let silent = Report { history: History::default(), ..report() };
        assert!(!silent.is_clean() && silent.has_problems());
        assert!(silent.to_text().contains("proves        NOTHING: no write was acknowledged"));
        let calm =
            |to_ms| Report { faults: Vec::new(), active: (Duration::ZERO, Duration::from_millis(to_ms)), ..report() };
        assert!(calm(9_999).is_clean(), "a fault may not have had its turn");
        assert!(!calm(10_000).is_clean());
        assert_eq!(calm(10_000).to_json()["shortfalls"], json!(["no fault was injected"]));
    }

    #[test]
    fn operations_are_counted_by_how_they_ended() {
        let json = report().to_json();
        assert_eq!((&json["acknowledged"], &json["applied"], &json["unknown"]), (&json!(3), &json!(2), &json!(1)));
        assert_eq!(json["refused"], json!({"5001 ALREADY_PLEDGED": 1}));
        assert_eq!(json["faults"], json!({"SIGSTOP": 1, "kill -9": 1, "links cut": 1}));
        assert_eq!((&json["latency_p50_ms"], &json["latency_p99_ms"]), (&json!(300), &json!(3_700)));
        assert!(report().to_text().contains("unavailable   1 times over 1 s, 3.7 s in all, longest 3.7 s"));
    }
}
