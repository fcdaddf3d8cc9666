//! `node`: running a member's node, and caring for one that does not run.

use super::Ended;
use crate::context::{Context, load_genesis};
use crate::error::CliError;
use crate::output;
use clap::Subcommand;
use landsea_client::keys::{KeyFile, KeyKind};
use landsea_node::config::{LogConfig, NodeConfig};
use landsea_node::maintain::{self, MaintainError};
use landsea_node::{RunError, run as run_node};
use landsea_types::Height;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Commands about nodes.
#[derive(Debug, Subcommand)]
pub(crate) enum NodeCommand {
    /// Run a node until SIGINT or SIGTERM
    Run {
        /// The configuration file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Check everything that a stopped node's store holds
    Verify {
        /// The node's data folder
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// Create the sign mark of a new validator key
    InitMark {
        /// The validator key file
        #[arg(long, value_name = "FILE")]
        validator_key: PathBuf,
    },
    /// Write a sign mark in place of a lost one
    RecoverMark {
        /// The validator key file
        #[arg(long, value_name = "FILE")]
        validator_key: PathBuf,
        /// A height that the network has surely not passed while the key was last in use; the key signs only above it
        #[arg(long, value_name = "HEIGHT")]
        nothing_through: u64,
    },
}

/// Runs a node command.
pub(crate) fn run(context: &Context, command: NodeCommand) -> Ended {
    match command {
        NodeCommand::Run { config } => start(&config),
        NodeCommand::Verify { data } => verify(context, &data),
        NodeCommand::InitMark { validator_key } => mark(context, &validator_key, maintain::create_mark),
        NodeCommand::RecoverMark { validator_key, nothing_through } => {
            mark(context, &validator_key, |path| maintain::recover_mark(path, Height::new(nothing_through)))
        }
    }
}

fn start(path: &Path) -> Ended {
    let config = NodeConfig::load(path).map_err(|e| {
        CliError::usage(e.to_string()).next("`landsea testnet up` writes working examples to DIR/nodes/CODE/node.toml.")
    })?;
    start_log(&config.log)?;
    halt_on_panic();
    run_node(config).map_err(explain)?;
    Ok(ExitCode::SUCCESS)
}

fn explain(error: RunError) -> CliError {
    tracing::error!(%error, "the node does not run");
    match error {
        RunError::Read { .. }
        | RunError::Genesis { .. }
        | RunError::UnknownMember { .. }
        | RunError::Key(_)
        | RunError::WrongKey { .. }
        | RunError::FingerprintKey { .. }
        | RunError::ExposedFingerprintKey { .. } => CliError::usage(error.to_string()),
        RunError::Mark(_) => CliError::local(error.to_string())
            .next("For a key that has never signed: `landsea node init-mark --validator-key FILE`."),
        other => CliError::local(other.to_string()),
    }
}

fn start_log(config: &LogConfig) -> Result<(), CliError> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.filter)
        .map_err(|e| CliError::usage(format!("log.filter {:?}: {e}", config.filter)))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr);
    // A log that cannot be written must not end the node: by default its failure is printed to the same place, which panics.
    let log = log.log_internal_errors(false);
    if config.json {
        log.json().init()
    } else {
        log.init()
    }
    Ok(())
}

/// A node that panics on any thread must stop as a whole: half a node could answer with what it no longer knows to be true.
fn halt_on_panic() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let payload = info.payload();
        let text =
            payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
        tracing::error!(place, panic = text.unwrap_or("no message"), "the node halts");
        std::process::abort();
    }));
}

fn verify(context: &Context, data: &Path) -> Ended {
    let path = context.globals().genesis.as_ref();
    let path = path.ok_or_else(|| CliError::usage("no genesis is named").next("Add --genesis FILE."))?;
    let genesis = load_genesis(path)?;
    // A halt over what cannot be read comes back as a defect; it needs no words of its own.
    std::panic::set_hook(Box::new(|_| {}));
    let report = maintain::verify_store(data, &genesis).map_err(|error| match error {
        MaintainError::Absent { .. } => CliError::usage(error.to_string()),
        _ if error.is_other_chain() => CliError::usage(error.to_string()),
        MaintainError::Open(_) => {
            CliError::local(error.to_string()).next("Stop the node first; if it is stopped, restore the folder.")
        }
        MaintainError::Defect(_) => CliError::refused(error.to_string())
            .next(format!("Move {} away and start the node: it fetches the chain from its peers.", data.display())),
    })?;
    let shown = json!({
        "blocks": report.blocks, "batches": report.batches, "transactions": report.transactions, "leaves": report.leaves,
        "result": "the store proves itself",
    });
    output::answer(&shown, context.json(), &context.names());
    Ok(ExitCode::SUCCESS)
}

fn mark(context: &Context, key: &Path, write: impl Fn(&Path) -> std::io::Result<PathBuf>) -> Ended {
    KeyFile::load_kind(key, KeyKind::Validator)?;
    let path = write(key).map_err(|e| {
        let what = format!("sign mark beside {}: {e}", key.display());
        CliError::usage(what).next("An existing mark is never replaced: it is what keeps the key from signing twice.")
    })?;
    output::answer(&json!({ "mark": path.display().to_string() }), context.json(), &context.names());
    Ok(ExitCode::SUCCESS)
}
