//! Load on real nodes, and what it costs them.
//!
//! A run starts a network or joins one, onboards its firms ([`cast`]) and fills the ledger. Everything offered afterwards is built and
//! signed first ([`work`], [`forge`]); then the clock starts, [`drive`] sends each job at its time and hears what becomes of it, and
//! [`meter`] looks at all processes before and after. [`report`] says what was found, [`chart`] draws a sweep.
//!
//! Nothing is switched off: the nodes run as `landsea testnet up` starts them, and whatever is refused makes the command fail.

mod cast;
mod chart;
mod drive;
mod forge;
mod link;
mod meter;
mod report;
mod run;
mod tally;
mod work;

pub use work::Mix;

use crate::commands::{asked_to_end, block_on, bring_up, listen_for_end, node_binary, stop_everything};
use crate::display::line;
use crate::error::{TestnetError, exit};
use crate::network::{Network, NetworkOptions};
use crate::scenario::play::runs;
use report::Report;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Validators of a run when no number is named.
pub const BENCH_VALIDATORS: usize = 4;
/// Seed of a run when none is named.
pub const BENCH_SEED: u64 = 1;
/// Banks that race for one bill when no number is named.
pub const BENCH_BANKS: usize = 3;
/// Longest measurement, seconds.
const SECONDS_MAX: f64 = 86_400.0;
/// Highest rate.
const RATE_MAX: f64 = 1_000_000.0;
/// Jobs of one measurement, at most: they are held in memory.
const JOBS_MAX: f64 = 5_000_000.0;

/// How much is offered.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer {
    /// So many jobs a second, whatever becomes of them.
    Rate(f64),
    /// One rate after the other.
    Sweep(Vec<f64>),
    /// So many jobs under way at any time: as fast as it goes.
    Max {
        /// Jobs under way.
        outstanding: usize,
    },
}

/// How a run is made.
#[derive(Clone, Debug)]
pub struct BenchOptions {
    /// Validators of a fresh network; those of the network that is joined when absent.
    pub validators: Option<usize>,
    /// Folder of a running network to load instead of a fresh one.
    pub join: Option<PathBuf>,
    /// What is offered.
    pub mix: Mix,
    /// How much of it.
    pub offer: Offer,
    /// For how long, at each rate.
    pub seconds: f64,
    /// Documents on the ledger before the first measurement.
    pub fill: usize,
    /// Seconds without load that are measured first.
    pub idle: Option<f64>,
    /// What keys and documents follow from.
    pub seed: u64,
    /// Banks that race for one bill.
    pub banks: usize,
    /// Where the report is written as JSON.
    pub report: Option<PathBuf>,
    /// Where the chart is written.
    pub svg: Option<PathBuf>,
    /// The fresh network's folder, which must not hold one; a temporary one when absent.
    pub dir: Option<PathBuf>,
    /// Keep the temporary folder.
    pub keep: bool,
    /// Print the report as JSON and no progress.
    pub json: bool,
    /// The program that runs a node; this one when absent.
    pub binary: Option<PathBuf>,
}

/// Loads a network and reports what it did and what it cost.
///
/// Exits with 0 only if every job was done; with 1 when some were refused, failed or lost.
///
/// # Errors
/// When an option is out of bounds, the network cannot be made or reached, or the run is interrupted.
pub fn bench(options: &BenchOptions) -> Result<ExitCode, TestnetError> {
    check(options)?;
    let binary = node_binary(options.binary.as_deref())?;
    block_on(async {
        listen_for_end();
        let report = match &options.join {
            Some(dir) => {
                let network = Network::load(dir)?;
                runs(&network)?;
                interruptible(run::run(options, network)).await?
            }
            None => on_fresh_network(options, &binary).await?,
        };
        publish(options, &report)
    })
}

fn check(options: &BenchOptions) -> Result<(), TestnetError> {
    if !(options.seconds > 0.0 && options.seconds <= SECONDS_MAX) {
        return Err(TestnetError::usage(format!("--seconds is more than 0 and at most {SECONDS_MAX}")));
    }
    if !(2..=cast::FIRMS).contains(&options.banks) {
        return Err(TestnetError::usage(format!("--banks is 2 to {}", cast::FIRMS)));
    }
    let rates = match &options.offer {
        Offer::Rate(rate) => vec![*rate],
        Offer::Sweep(rates) => rates.clone(),
        Offer::Max { .. } => Vec::new(),
    };
    if rates.iter().any(|rate| !(*rate > 0.0 && *rate <= RATE_MAX)) {
        return Err(TestnetError::usage(format!("a rate is more than 0 and at most {RATE_MAX} a second")));
    }
    if rates.iter().any(|rate| rate * options.seconds > JOBS_MAX) {
        return Err(TestnetError::usage(format!("at most {JOBS_MAX} jobs are offered in one measurement")));
    }
    if options.join.is_some() && (options.validators.is_some() || options.dir.is_some()) {
        let what = "--join loads a network that is there; --validators and --dir make a fresh one";
        return Err(TestnetError::usage(what).next("Leave one of them out."));
    }
    Ok(())
}

async fn interruptible(work: impl Future<Output = Result<Report, TestnetError>>) -> Result<Report, TestnetError> {
    tokio::select! {
        ended = work => ended,
        () = asked_to_end() => Err(TestnetError::local("interrupted before the end of the measurement")),
    }
}

/// A run never shares a folder with another network, unless it is told to join it.
async fn on_fresh_network(options: &BenchOptions, binary: &Path) -> Result<Report, TestnetError> {
    let made = tempfile::Builder::new().prefix("landsea-bench-").tempdir();
    let made = made.map_err(|e| TestnetError::local(format!("no temporary folder: {e}")))?;
    let dir = options.dir.clone().unwrap_or_else(|| made.path().join("net"));
    let wanted = NetworkOptions {
        validators: options.validators.unwrap_or(BENCH_VALIDATORS),
        seed: format!("bench {}", options.seed),
        ..NetworkOptions::default()
    };
    let mut network = Network::create(&dir, &wanted)?;
    let measured = interruptible(async {
        bring_up(&mut network, binary, false).await?;
        run::run(options, network).await
    })
    .await;
    let stopped = Network::load(&dir).and_then(|network| stop_everything(&network));
    if options.dir.is_some() || options.keep {
        if options.dir.is_none() {
            let _ = made.keep();
        }
        eprintln!("the network is kept in {}", dir.display());
    }
    stopped.and(measured)
}

fn publish(options: &BenchOptions, report: &Report) -> Result<ExitCode, TestnetError> {
    let json = report.to_json();
    line(if options.json { json.to_string() } else { report.to_text() });
    if let Some(path) = &options.report {
        let text = serde_json::to_string_pretty(&json).expect("only string keys") + "\n";
        std::fs::write(path, text).map_err(|e| TestnetError::file(path, &e))?;
    }
    if let Some(path) = &options.svg {
        chart::draw(report, path)?;
    }
    Ok(if report.troubles().is_empty() { ExitCode::SUCCESS } else { ExitCode::from(exit::FAILED) })
}
