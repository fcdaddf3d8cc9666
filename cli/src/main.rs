//! The `landsea` command: the node, the test network, and the tools of branches, banks, carriers and warehouses.

mod args;
mod commands;
mod commitments;
mod context;
mod error;
mod example;
mod files;
mod friendly;
mod output;
mod submit;
mod when;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let json = cli.globals.json;
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error, json);
            ExitCode::from(error.exit)
        }
    }
}
