//! `warehouse`: warehouse receipts.

use super::Ended;
use super::pledge::doc_version;
use super::waybill::{content_root, lot_inputs};
use crate::commitments::Keeper;
use crate::context::Context;
use crate::error::CliError;
use crate::friendly;
use crate::submit::{self, SubmitArgs};
use crate::when::When;
use clap::{Args, Subcommand};
use landsea_client::paper::{Paper, site_request};
use landsea_client::resolve;
use landsea_client::rpc::RpcClient;
use landsea_types::operation::Operation;
use landsea_types::operation::warehouse::{DeliverFull, EndorseTransfer, Issue, MANDATORY_FIELDS, NewReceipt};
use landsea_types::role::LegalBasis;
use landsea_types::{AccountId, Bps, DocId, Timestamp};
use std::path::PathBuf;

/// Commands about warehouse receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum WarehouseCommand {
    /// Issue a receipt over stored goods; the depositor consents
    Issue {
        /// Account of the depositor
        #[arg(long, value_name = "ID")]
        depositor: AccountId,
        #[command(flatten)]
        receipt: ReceiptArgs,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Transfer a receipt; the warehouse consents
    EndorseTransfer {
        /// The receipt
        doc: DocId,
        /// The new holder
        #[arg(long, value_name = "ID")]
        to: AccountId,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Deliver all goods and end the receipt; the holder consents
    DeliverFull {
        /// The receipt
        doc: DocId,
        #[command(flatten)]
        send: SubmitArgs,
    },
}

/// The contents of a new receipt.
#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// The receipt as JSON (kind WHR)
    #[arg(long, value_name = "FILE")]
    paper: PathBuf,
    /// DOMESTIC_WHR, STANDARD_WARRANT ...
    #[arg(long, default_value = "DOMESTIC_WHR", value_parser = friendly::named::<LegalBasis>)]
    legal_basis: LegalBasis,
    /// The receipt is not negotiable
    #[arg(long)]
    not_negotiable: bool,
    /// Bits of the GB/T 30332 fields under the content root
    #[arg(long, value_name = "BITS", default_value_t = MANDATORY_FIELDS)]
    mandatory_fields: u32,
    /// JSON list of the lots: quantity, packages, batches ...; one lot over everything when absent
    #[arg(long, value_name = "FILE")]
    lots: Option<PathBuf>,
    /// Begin of the storage
    #[arg(long, value_name = "TIME", default_value = "+0s")]
    storage_from: When,
    /// End of the storage
    #[arg(long, value_name = "TIME", default_value = "+1y")]
    storage_until: When,
    /// Normal loss in basis points
    #[arg(long, value_name = "BPS", default_value_t = 0)]
    loss_standard_bps: Bps,
    /// The charges agreed: 64 hex digits, or a text to be committed
    #[arg(long)]
    charges: Option<String>,
    /// The quality found: 64 hex digits, or a text to be committed
    #[arg(long)]
    quality: Option<String>,
    /// The receipt is a standard warrant
    #[arg(long)]
    standard_warrant: bool,
    /// The goods are under customs bond
    #[arg(long)]
    bonded: bool,
    /// Private file for the salts of the content root; made when it does not exist
    #[arg(long, value_name = "FILE")]
    salts: PathBuf,
}

/// Runs a warehouse command.
pub(crate) async fn run(context: &Context, command: &WarehouseCommand) -> Ended {
    let client = context.client()?;
    let (operation, send) = match command {
        WarehouseCommand::Issue { depositor, receipt: args, send } => {
            let now = client.status().await?.block_time;
            let receipt = receipt(&client, args, send, now).await?;
            (Operation::WarehouseIssue(Issue { depositor: *depositor, receipt }), send)
        }
        WarehouseCommand::EndorseTransfer { doc, to, send } => {
            let expect_ver = doc_version(&client, doc, send).await?;
            (Operation::WarehouseEndorseTransfer(EndorseTransfer { doc: *doc, expect_ver, to: *to }), send)
        }
        WarehouseCommand::DeliverFull { doc, send } => {
            let expect_ver = doc_version(&client, doc, send).await?;
            (Operation::WarehouseDeliverFull(DeliverFull { doc: *doc, expect_ver }), send)
        }
    };
    submit::operation(context, &client, operation, send).await
}

/// Puts a new receipt together, with tickets for the paper and for its site.
///
/// # Errors
/// When the paper names no site, or the branch gives no ticket.
pub(crate) async fn receipt(
    client: &RpcClient,
    args: &ReceiptArgs,
    send: &SubmitArgs,
    now: Timestamp,
) -> Result<NewReceipt, CliError> {
    let paper = Paper::load(&args.paper)?;
    let site = paper.document.site.as_deref().ok_or_else(|| CliError::usage("the receipt names no `site`"))?;
    let site = client.fingerprint_derive(&site_request(site)?).await?.ticket.body.fp1;
    let ticket = resolve::derive(client, &paper).await?.ticket;
    let keeper = Keeper::new(send.keep.as_deref());
    let charges = keeper.optional("charges", args.charges.as_deref())?;
    let quality = keeper.optional("quality", args.quality.as_deref())?;
    let lots = paper.lots(&lot_inputs(args.lots.as_deref())?, &ticket)?;
    keeper.store()?;
    Ok(NewReceipt {
        legal_basis: args.legal_basis,
        ticket,
        content_root: content_root(&paper, &args.salts)?,
        issue_date: paper.issue_date()?,
        negotiable: !args.not_negotiable,
        mandatory_fields: args.mandatory_fields,
        site,
        lots,
        storage_from: args.storage_from.resolve(now),
        storage_until: args.storage_until.resolve(now),
        loss_standard_bps: args.loss_standard_bps,
        charges,
        quality,
        standard_warrant: args.standard_warrant,
        bonded: args.bonded,
    })
}
