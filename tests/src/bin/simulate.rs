//! Whole networks in virtual time, from a seed, against everything that fails and everybody who cheats.
//!
//! `simulate --seeds A..B` runs each seed twice and compares; `simulate --seed S --trace` tells one run line by line;
//! `simulate --negative-controls` breaks every rule on purpose and shows which property notices; `simulate --wide-area` measures commit
//! latency over the distances between the fifteen members.

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use landsea_node::process_stats::cpu_ms;
use landsea_tests::simulation::{Outcome, Plan, Report, Seeds, Signatures, Totals, quiet_panics, run_with, twice};
use landsea_tests::stop::{STOPPED, on_ctrl_c};
use landsea_tests::wan::{self, Figures, SCENARIOS, Scenario};
use landsea_tests::{
    cluster::{Narrator, NoMutation},
    controls,
};
use std::io::IsTerminal as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

/// Exit code when a property does not hold, or a negative control is not caught.
const VIOLATED: u8 = 1;
/// Reports between two lines of progress where there is no terminal.
const RUNS_PER_LINE: u64 = 20;
/// Heights of a run against faults, unless told.
const HEIGHTS: u64 = 40;
/// Heights of a wide-area scenario, unless told: every member meets every proposer once.
const WIDE_AREA_HEIGHTS: u64 = 225;
/// Seed of the wide-area figures, unless told.
const WIDE_AREA_SEED: u64 = 1;

/// Simulates whole networks and checks every property all the time. Exit codes: 0 all hold, 1 a violation, 2 wrong usage, 130 stopped
/// before the end without a violation.
#[derive(Parser, Debug)]
#[command(name = "simulate", disable_version_flag = true)]
struct Args {
    /// Seeds to run, each twice: `0..300` without the last one.
    #[arg(long, default_value = "0..100", value_parser = range)]
    seeds: Range<u64>,
    /// One seed instead of many.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Tells what happens in the run of `--seed`, a line each.
    #[arg(long, requires = "seed", conflicts_with = "seeds")]
    trace: bool,
    /// Members of the network: 4 to 15.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(4..=15))]
    validators: u64,
    /// Heights to commit while things fail, 40 unless told; 225 in every scenario of `--wide-area`.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    heights: Option<u64>,
    /// Runs at a time; by default as many as there are cores.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=256))]
    threads: Option<u64>,
    /// Violates every rule on purpose, one after the other, and prints which property notices and after how many seeds.
    #[arg(long, conflicts_with_all = ["seeds", "seed"])]
    negative_controls: bool,
    /// Measures commit latency in virtual time over the distances between the fifteen members.
    #[arg(long, conflicts_with_all = ["seeds", "negative_controls", "validators", "threads"])]
    wide_area: bool,
    /// Only the wide-area scenarios whose name contains this.
    #[arg(long, requires = "wide_area", value_name = "TEXT")]
    only: Option<String>,
    /// Writes the wide-area figures to a file.
    #[arg(long, requires = "wide_area", value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Args {
    fn heights(&self) -> u64 {
        self.heights.unwrap_or(HEIGHTS)
    }
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("a range of seeds reads like 0..300")?;
    let number =
        |text: &str| text.trim().parse::<u64>().map_err(|_| format!("{text:?} is no seed: a range reads like 0..300"));
    let (from, to) = (number(from)?, number(to)?);
    if from < to { Ok(from..to) } else { Err(format!("{from}..{to} holds no seed")) }
}

fn main() -> ExitCode {
    let args = Args::parse();
    quiet_panics();
    if args.negative_controls {
        return show_controls();
    }
    if args.wide_area {
        return show_wide_area(&args);
    }
    match args.seed {
        Some(seed) => show_one(seed, &args),
        None => show_many(&args),
    }
}

fn show_controls() -> ExitCode {
    let results = controls::run_all(|result| eprintln!("{result}"));
    println!("{}", controls::table(&results));
    let missed = results.iter().filter(|result| !result.is_caught()).count();
    println!("{} of {} deliberate violations were caught", results.len() - missed, results.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::from(VIOLATED) }
}

/// Exit code 1 when a goal is missed.
fn show_wide_area(args: &Args) -> ExitCode {
    let _ = std::panic::take_hook();
    let seed = args.seed.unwrap_or(WIDE_AREA_SEED);
    let heights = args.heights.unwrap_or(WIDE_AREA_HEIGHTS);
    let is_wanted = |s: &&Scenario| args.only.as_ref().is_none_or(|text| s.name.contains(text));
    let mut all: Vec<Figures> = Vec::new();
    println!("seed {seed}, {heights} heights a scenario, 15 members");
    for scenario in SCENARIOS.iter().filter(is_wanted) {
        let narrator = args.trace.then(|| -> Narrator { Box::new(|line: &str| println!("{line}")) });
        let figures = wan::run(scenario, seed, heights, narrator);
        println!("{}", figures.by_member());
        all.push(figures);
    }
    println!("{}", wan::table(&all));
    if let Some(problem) = args.json.as_ref().and_then(|file| write_json(file, &all).err()) {
        eprintln!("simulate: {problem}");
        return ExitCode::from(2);
    }
    let is_met = all.iter().all(Figures::is_within_goal);
    if is_met { ExitCode::SUCCESS } else { ExitCode::from(VIOLATED) }
}

fn write_json(file: &Path, all: &[Figures]) -> Result<(), String> {
    let text = serde_json::to_string_pretty(all).map_err(|error| error.to_string())?;
    std::fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))
}

fn show_one(seed: u64, args: &Args) -> ExitCode {
    let plan = Plan::draw(seed, args.validators as usize, args.heights());
    describe(&plan);
    let report = if args.trace {
        run_with(&plan, Box::new(NoMutation), Some(Box::new(|line: &str| println!("{line}"))))
    } else {
        twice(&plan)
    };
    let mut totals = Totals::default();
    totals.add(&report);
    print_totals(&totals);
    println!("audit {}", hex::encode(report.audit));
    conclude(&[report], args)
}

fn describe(plan: &Plan) {
    let signatures = if plan.signatures == Signatures::Real { "real" } else { "fast" };
    println!("seed {}: {} members, {signatures} signatures, {:?}", plan.seed, plan.validators, plan.network);
    for (member, kind) in &plan.byzantine {
        println!("member {member}: {}", kind.name);
    }
    println!("disturbances: {:?}", plan.weights);
}

fn show_many(args: &Args) -> ExitCode {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or_else(cores, |threads| threads as usize);
    let seeds =
        Seeds { range: args.seeds.clone(), validators: args.validators as usize, heights: args.heights(), threads };
    let stop = on_ctrl_c("simulate: stopping after the runs under way; once more to end at once");
    let (begin, cpu) = (std::time::Instant::now(), cpu_ms());
    let progress = Progress::new(args.seeds.end - args.seeds.start);
    let Outcome { totals, violations } = seeds.run(&stop, |report| progress.report(report));
    progress.finish();
    print_totals(&totals);
    let (wall, cpu) = (begin.elapsed().as_secs_f64(), (cpu_ms() - cpu) as f64 / 1_000.0);
    // Every seed runs twice.
    let heights = 2.0 * totals.heights as f64;
    println!(
        "{:.1} heights per second of wall clock on {threads} threads, {:.1} per second of CPU",
        heights / wall,
        heights / cpu
    );
    if stop.load(Ordering::Relaxed) {
        println!("stopped after {} of {} seeds", totals.runs, args.seeds.end - args.seeds.start);
    }
    if stop.load(Ordering::Relaxed) && violations.is_empty() {
        println!("no violation so far");
        return ExitCode::from(STOPPED);
    }
    conclude(&violations, args)
}

fn conclude(reports: &[Report], args: &Args) -> ExitCode {
    let mut exit = ExitCode::SUCCESS;
    for report in reports {
        if let Some(violation) = &report.violation {
            exit = ExitCode::from(VIOLATED);
            println!("seed {}: VIOLATION of {violation}", report.seed);
            println!(
                "  again: simulate --seed {} --validators {} --heights {} --trace",
                report.seed,
                args.validators,
                args.heights()
            );
        }
    }
    if exit == ExitCode::SUCCESS {
        println!("no violation");
    }
    exit
}

fn print_totals(totals: &Totals) {
    println!("runs {}, heights {}, steps {}", totals.runs, totals.heights, totals.steps);
    println!("virtual time {} s", totals.virtual_ms / 1_000);
    let (healed_ms, seed) = totals.healed_ms_max;
    println!("longest healing {healed_ms} ms (seed {seed}), highest round {}", totals.rounds_max);
    println!("faults: {}", list(totals.faults.iter().map(|(name, count)| format!("{name} {count}"))));
    for (word, is_applied) in [("applied", true), ("refused", false)] {
        let labels = totals.labels.iter().filter(|((_, applied), _)| *applied == is_applied);
        println!("{word}: {}", list(labels.map(|((name, _), count)| format!("{name} {count}"))));
    }
    println!("codes: {}", list(totals.codes.iter().map(|(code, count)| format!("{} {count}", code.number()))));
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { "none".into() } else { items.join(", ") }
}

/// A bar on a terminal, plain lines otherwise.
struct Progress {
    bar: Option<ProgressBar>,
    total: u64,
    done: AtomicU64,
    violated: AtomicU64,
}

impl Progress {
    fn new(total: u64) -> Self {
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} seeds, {msg}, {eta} left");
        let bar = std::io::stderr().is_terminal().then(|| {
            ProgressBar::new(total).with_style(style.expect("the template is well-formed")).with_message("no violation")
        });
        Self { bar, total, done: AtomicU64::new(0), violated: AtomicU64::new(0) }
    }

    fn report(&self, report: &Report) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(violation) = &report.violation {
            let violated = self.violated.fetch_add(1, Ordering::Relaxed) + 1;
            self.say(&format!("seed {}: {}", report.seed, violation.property));
            if let Some(bar) = &self.bar {
                bar.set_message(format!("{violated} violations"));
            }
        }
        match &self.bar {
            Some(bar) => bar.inc(1),
            None if done.is_multiple_of(RUNS_PER_LINE) => eprintln!("{done} of {} seeds", self.total),
            None => {}
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
