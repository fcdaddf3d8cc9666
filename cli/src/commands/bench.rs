//! `bench`: load on real nodes, and what it costs them.

use super::Ended;
use crate::context::Context;
use crate::error::CliError;
use clap::Args;
use landsea_testnet::{BENCH_BANKS, BENCH_SEED, BenchOptions, Mix, Offer};
use std::path::PathBuf;

/// Jobs under way with --max when no number is named.
const OUTSTANDING: usize = 2_000;
/// Jobs a second when neither --rate nor --sweep nor --max says how many.
const RATE: f64 = 500.0;

/// Arguments of `bench`. The network is a fresh one in a temporary folder, or in the one of --dir, unless --join names one that runs.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Number of validators of a fresh network, at least 4; 4 when absent
    #[arg(long, value_name = "N")]
    validators: Option<usize>,
    /// Folder of a running test network to load
    #[arg(long, value_name = "DIR")]
    join: Option<PathBuf>,
    /// What is offered: anchor, issue, pledge, race, release, status or mixed
    #[arg(long, value_name = "MIX", default_value_t = Mix::Anchor)]
    mix: Mix,
    /// Jobs a second; 500 when nothing else is said
    #[arg(long, value_name = "R", conflicts_with_all = ["sweep", "max"])]
    rate: Option<f64>,
    /// Rates to be measured one after the other, with commas between them
    #[arg(long, value_name = "R1,R2,..", value_delimiter = ',', conflicts_with = "max")]
    sweep: Vec<f64>,
    /// As fast as it goes
    #[arg(long)]
    max: bool,
    /// Jobs under way with --max
    #[arg(long, value_name = "JOBS", default_value_t = OUTSTANDING, requires = "max")]
    outstanding: usize,
    /// How long each measurement takes
    #[arg(long, value_name = "S", default_value_t = 20.0)]
    seconds: f64,
    /// Documents on the ledger before the first measurement
    #[arg(long, value_name = "M", default_value_t = 0)]
    fill: usize,
    /// Measure so many seconds without load first, then single transactions
    #[arg(long, value_name = "S")]
    idle: Option<f64>,
    /// What keys and documents follow from
    #[arg(long, value_name = "K", default_value_t = BENCH_SEED)]
    seed: u64,
    /// Banks that race for one bill in the mix `race`
    #[arg(long, value_name = "K", default_value_t = BENCH_BANKS)]
    banks: usize,
    /// Draw latency against throughput into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Keep the fresh network's folder
    #[arg(long)]
    keep: bool,
    /// With --json: write the report to this file, and a table for people to the terminal
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs a bench.
pub(crate) fn run(context: &Context, args: BenchArgs) -> Ended {
    if let Some(file) = args.file.as_ref().filter(|_| !context.json()) {
        let what = format!("{} is named as a file, but for nothing", file.display());
        return Err(CliError::usage(what).next("Write `--json FILE` for the report."));
    }
    Ok(landsea_testnet::bench(&options(context, args))?)
}

/// LANDSEA_DIR names the network in use, which is loaded only if --join says so: only --dir counts here.
fn options(context: &Context, args: BenchArgs) -> BenchOptions {
    let offer = match args.rate {
        _ if args.max => Offer::Max { outstanding: args.outstanding },
        _ if !args.sweep.is_empty() => Offer::Sweep(args.sweep),
        rate => Offer::Rate(rate.unwrap_or(RATE)),
    };
    BenchOptions {
        validators: args.validators,
        join: args.join,
        mix: args.mix,
        offer,
        seconds: args.seconds,
        fill: args.fill,
        idle: args.idle,
        seed: args.seed,
        banks: args.banks,
        json: context.json() && args.file.is_none(),
        report: args.file,
        svg: args.svg,
        dir: context.named_dir().map(PathBuf::from),
        keep: args.keep,
        binary: None,
    }
}
