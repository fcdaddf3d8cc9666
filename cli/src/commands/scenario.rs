//! `scenario`: playing and checking scenario files.

use super::Ended;
use super::testnet::named_network;
use crate::context::Context;
use clap::{Args, Subcommand};
use landsea_testnet::{RunOptions, check_scenario, run_scenario};
use std::path::PathBuf;

/// Commands about scenario files; `docs/scenario-format.md` describes them.
#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// Play a file against the network of --dir, or against a fresh one that is removed afterwards
    Run(RunArgs),
    /// Check a file without playing it
    Check {
        /// The scenario file
        file: PathBuf,
    },
}

/// Arguments of `scenario run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The scenario file
    file: PathBuf,
    /// Play against a fresh network of so many validators
    #[arg(long, value_name = "N")]
    validators: Option<usize>,
    /// Seed of a fresh network
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// Keep the fresh network's folder
    #[arg(long)]
    keep: bool,
    /// One to six letters or digits that vary the document numbers, so that a file can be played again
    #[arg(long, value_name = "TAG")]
    fresh: Option<String>,
}

/// Runs a command about scenarios.
pub(crate) fn run(context: &Context, command: ScenarioCommand) -> Ended {
    let ended = match command {
        ScenarioCommand::Run(args) => {
            let fresh = args.validators.is_some() || args.seed.is_some() || args.keep;
            let dir = named_network(context, fresh);
            let RunArgs { file, validators, seed, keep, fresh } = args;
            run_scenario(&RunOptions { file, dir, validators, seed, keep, fresh, json: context.json(), binary: None })
        }
        ScenarioCommand::Check { file } => check_scenario(&file, context.json()),
    };
    Ok(ended?)
}
