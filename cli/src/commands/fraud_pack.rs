//! `fraud-pack`: attempts that the ledger must refuse, with the code that each must get.

use super::Ended;
use crate::context::Context;
use clap::Args;
use landsea_testnet::FraudOptions;

/// Arguments of `fraud-pack`. The network is the one of --dir, or a fresh one.
#[derive(Debug, Args)]
pub(crate) struct FraudPackArgs {
    /// Play against a fresh network of so many validators
    #[arg(long, value_name = "N")]
    validators: Option<usize>,
    /// Seed of a fresh network
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// Keep the fresh network's folder
    #[arg(long)]
    keep: bool,
}

/// Plays the fraud pack.
pub(crate) fn run(context: &Context, args: FraudPackArgs) -> Ended {
    let FraudPackArgs { validators, seed, keep } = args;
    let dir = super::testnet::named_network(context, validators.is_some() || seed.is_some() || keep);
    Ok(landsea_testnet::fraud_pack(&FraudOptions { dir, validators, seed, keep, json: context.json(), binary: None })?)
}
