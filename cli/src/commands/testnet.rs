//! `testnet`: a whole network of real processes on this computer.

use super::Ended;
use crate::context::Context;
use clap::{Args, Subcommand};
use landsea_testnet::{CHAOS_CLIENTS, CHAOS_VALIDATORS, ChaosOptions, UpOptions};
use std::path::PathBuf;

/// The folder of a test network when `--dir` names none.
const DEFAULT_DIR: &str = "landsea-testnet";
/// Seeds drawn for a chaos run lie below: short enough to be typed again.
const SEEDS: u64 = 1_000_000;

/// Commands about the test network. The folder is named with --dir; `landsea-testnet` when absent.
#[derive(Debug, Subcommand)]
pub(crate) enum TestnetCommand {
    /// Make or resume a network and stay until Ctrl-C
    Up(UpArgs),
    /// Stop every node
    Down,
    /// Show every node: height, round, peers, memory
    Status,
    /// Show a node's log
    Logs {
        /// Code of the member, such as cq
        #[arg(id = "code", value_name = "CODE")]
        node: String,
        /// Go on until Ctrl-C
        #[arg(long, short)]
        follow: bool,
    },
    /// Stop one node
    Stop {
        /// Code of the member
        #[arg(id = "code", value_name = "CODE")]
        node: String,
        /// Kill it as a crash would
        #[arg(long)]
        hard: bool,
    },
    /// Start one node and wait until it answers
    Start {
        /// Code of the member
        #[arg(id = "code", value_name = "CODE")]
        node: String,
    },
    /// Let clients race for pledges on a network of its own while faults hit its nodes, and check every answer
    Chaos(ChaosArgs),
}

/// Arguments of `testnet chaos`. The network lives in a temporary folder unless --dir names one.
#[derive(Debug, Args)]
pub(crate) struct ChaosArgs {
    /// How long, in minutes; fractions are allowed
    #[arg(long, value_name = "M", default_value_t = 5.0)]
    minutes: f64,
    /// Seed of the plan: who acts when, which fault hits whom; drawn and printed when absent
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Number of validators, at least 4
    #[arg(long, value_name = "N", default_value_t = CHAOS_VALIDATORS)]
    validators: usize,
    /// Number of clients at the same time
    #[arg(long, value_name = "K", default_value_t = CHAOS_CLIENTS)]
    clients: usize,
    /// Write the report as JSON to this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Arguments of `testnet up`.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Number of validators of a new network, at least 4; 15 when absent
    #[arg(long, value_name = "N")]
    validators: Option<usize>,
    /// Seed of a new network: the same seed gives the same keys and chain
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// Parameter of a new network, such as reserve_max_ms=60000; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Play the first scenario once the network commits, each step with what was expected and what came
    #[arg(long)]
    demo: bool,
    /// With --demo: stop afterwards; exit code 0 only if every step answered as expected
    #[arg(long, requires = "demo")]
    once: bool,
    /// Leave the network running and return
    #[arg(long, conflicts_with = "once")]
    detach: bool,
}

/// The folder of the test network: the one named by --dir or LANDSEA_DIR, or the usual one.
pub(crate) fn default_dir(context: &Context) -> PathBuf {
    context.globals().dir.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_DIR))
}

/// The network to play against: the one named; where a fresh one is asked for, none; else the usual folder if it holds one.
pub(crate) fn named_network(context: &Context, fresh: bool) -> Option<PathBuf> {
    match context.named_dir() {
        Some(dir) => Some(dir.to_path_buf()),
        None if fresh => None,
        None => Some(default_dir(context)).filter(|dir| dir.join("network.json").exists()),
    }
}

/// Runs a command about the test network.
pub(crate) fn run(context: &Context, command: TestnetCommand) -> Ended {
    let dir = default_dir(context);
    let ended = match command {
        TestnetCommand::Up(args) => landsea_testnet::up(&UpOptions {
            dir,
            validators: args.validators,
            seed: args.seed,
            params: args.params,
            demo: args.demo,
            once: args.once,
            detach: args.detach,
            json: context.json(),
            binary: None,
        }),
        TestnetCommand::Down => landsea_testnet::down(&dir),
        TestnetCommand::Status => landsea_testnet::status(&dir, context.json()),
        TestnetCommand::Logs { node, follow } => landsea_testnet::logs(&dir, &node, follow),
        TestnetCommand::Stop { node, hard } => landsea_testnet::stop(&dir, &node, hard),
        TestnetCommand::Start { node } => landsea_testnet::start(&dir, &node, None),
        TestnetCommand::Chaos(args) => landsea_testnet::chaos(&chaos_options(context, args)),
    };
    Ok(ended?)
}

/// LANDSEA_DIR names the network in use, which a run never touches: only --dir counts here.
fn chaos_options(context: &Context, args: ChaosArgs) -> ChaosOptions {
    ChaosOptions {
        minutes: args.minutes,
        seed: args.seed.unwrap_or_else(|| landsea_client::random::number() % SEEDS),
        validators: args.validators,
        clients: args.clients,
        dir: context.named_dir().map(PathBuf::from),
        report: args.report,
        json: context.json(),
        binary: None,
    }
}
