//! The command line's outermost layer: options that every command understands, and the list of commands.

use crate::commands;
use clap::{Args, Parser, Subcommand};
use landsea_types::AccountId;
use std::path::PathBuf;

/// Landsea: a permissioned ledger for trade documents.
#[derive(Debug, Parser)]
#[command(
    name = "landsea",
    version,
    about = "Landsea: a permissioned ledger for trade documents",
    propagate_version = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that may stand before or after any command.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Globals {
    /// Print JSON instead of text for people
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// Address of the node to ask, `http://HOST:PORT` or `https://...` (or variable LANDSEA_NODE)
    #[arg(long, global = true, value_name = "URL", help_heading = "Global options")]
    pub(crate) node: Option<String>,
    /// Folder of a test network; gives node addresses and genesis (or variable LANDSEA_DIR)
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub(crate) dir: Option<PathBuf>,
    /// Code of the member whose node is asked. With --dir it chooses the node, the first when absent; with --node the node must say
    /// that it is this member's, or it gets no token
    #[arg(long, global = true, value_name = "CODE", help_heading = "Global options")]
    pub(crate) via: Option<String>,
    /// Genesis file: fixes the chain, names the members
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) genesis: Option<PathBuf>,
    /// Key file of the party that acts or asks (or variable LANDSEA_KEY)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) key: Option<PathBuf>,
    /// PEM file of roots to trust for https:// instead of the system's (or variable LANDSEA_CA)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) ca: Option<PathBuf>,
    /// PEM certificate for nodes that demand one, with --client-key (or variable LANDSEA_CLIENT_CERT)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) client_cert: Option<PathBuf>,
    /// Private key of --client-cert, PEM (or variable LANDSEA_CLIENT_KEY)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) client_key: Option<PathBuf>,
    /// Account of the party that acts, where the key file does not name it
    #[arg(long, global = true, value_name = "ID", help_heading = "Global options")]
    pub(crate) account: Option<AccountId>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run, check and prepare a member's node
    #[command(subcommand)]
    Node(commands::node::NodeCommand),
    /// Make and show key files
    #[command(subcommand)]
    Key(commands::key::KeyCommand),
    /// Fingerprints, content roots and disclosures of documents
    #[command(subcommand)]
    Fingerprint(commands::fingerprint::FingerprintCommand),
    /// Build, consent to, sign and submit transactions with any operation
    #[command(subcommand)]
    Tx(commands::tx::TxCommand),
    /// Register firms, their keys, roles and licences
    #[command(subcommand)]
    Party(commands::party::PartyCommand),
    /// Transport documents
    #[command(subcommand)]
    Waybill(commands::waybill::WaybillCommand),
    /// Warehouse receipts
    #[command(subcommand)]
    Warehouse(commands::warehouse::WarehouseCommand),
    /// Reservations and pledges
    #[command(subcommand)]
    Pledge(commands::pledge::PledgeCommand),
    /// Trade-authenticity cases
    #[command(subcommand)]
    Authenticity(commands::authenticity::AuthenticityCommand),
    /// Ask a node
    Query(commands::query::QueryArgs),
    /// Get status certificates, and verify them without a node
    #[command(subcommand)]
    Certificate(commands::certificate::CertificateCommand),
    /// Same as `certificate verify`
    #[command(hide = true)]
    Verify(commands::certificate::VerifyArgs),
    /// List the implemented operations, or show the arguments of one
    Operations(commands::operations::OperationsArgs),
    /// List the outcome codes with their meaning
    Codes,
    /// Play and check scenario files
    #[command(subcommand)]
    Scenario(commands::scenario::ScenarioCommand),
    /// Try every fraud that the ledger must refuse, and check the code of each refusal
    FraudPack(commands::fraud_pack::FraudPackArgs),
    /// Load a network of real processes and measure throughput, latency and what it costs
    Bench(commands::bench::BenchArgs),
    /// Run a whole network of real processes on this computer
    #[command(subcommand)]
    Testnet(commands::testnet::TestnetCommand),
}
