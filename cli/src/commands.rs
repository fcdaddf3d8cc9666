//! One file per command.

pub(crate) mod authenticity;
pub(crate) mod bench;
pub(crate) mod certificate;
pub(crate) mod fingerprint;
pub(crate) mod fraud_pack;
pub(crate) mod key;
pub(crate) mod node;
pub(crate) mod operations;
pub(crate) mod party;
pub(crate) mod pledge;
pub(crate) mod query;
pub(crate) mod scenario;
pub(crate) mod testnet;
pub(crate) mod tx;
pub(crate) mod warehouse;
pub(crate) mod waybill;

use crate::args::{Cli, Command};
use crate::context::Context;
use crate::error::CliError;
use std::process::ExitCode;

/// How a command ends when nothing went wrong; expectations that do not hold have their own code.
pub(crate) type Ended = Result<ExitCode, CliError>;

/// Runs the command.
///
/// # Errors
/// What was wrong, with the exit code.
pub(crate) fn run(cli: Cli) -> Ended {
    let context = Context::new(cli.globals);
    match cli.command {
        Command::Node(command) => node::run(&context, command),
        Command::Key(command) => key::run(&context, &command),
        Command::Operations(args) => operations::operations(&context, &args),
        Command::Codes => operations::codes(&context),
        Command::Verify(args) => certificate::verify(&context, &args),
        Command::Certificate(command) => certificate::run(&context, &command),
        Command::Scenario(command) => scenario::run(&context, command),
        Command::Bench(args) => bench::run(&context, args),
        Command::FraudPack(args) => fraud_pack::run(&context, args),
        Command::Testnet(command) => testnet::run(&context, command),
        online => context.block_on(run_online(&context, online)),
    }
}

/// Commands that may talk to a node.
async fn run_online(context: &Context, command: Command) -> Ended {
    match command {
        Command::Fingerprint(command) => fingerprint::run(context, &command).await,
        Command::Tx(command) => tx::run(context, &command).await,
        Command::Party(command) => party::run(context, &command).await,
        Command::Waybill(command) => waybill::run(context, &command).await,
        Command::Warehouse(command) => warehouse::run(context, &command).await,
        Command::Pledge(command) => pledge::run(context, &command).await,
        Command::Authenticity(command) => authenticity::run(context, &command).await,
        Command::Query(args) => query::run(context, &args).await,
        _ => unreachable!("the other commands are handled without a node"),
    }
}
