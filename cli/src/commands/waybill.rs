//! `waybill`: transport documents, from papers as JSON.

use super::Ended;
use super::pledge::doc_version;
use super::warehouse::{ReceiptArgs, receipt};
use crate::bulk::{self, BulkArgs, Sending};
use crate::commitments::Keeper;
use crate::context::Context;
use crate::error::CliError;
use crate::submit::{self, SubmitArgs};
use crate::when::When;
use crate::{files, friendly, output};
use clap::{Args, Subcommand};
use landsea_client::paper::{LotInput, Paper, SaltsFile};
use landsea_client::resolve;
use landsea_client::rpc::RpcClient;
use landsea_types::operation::Operation;
use landsea_types::operation::waybill::{
    Adopt, Amend, Anchor, AnswerSurrender, Convert, Endorse, Endorsement, Issue, NewLeg, NewVersion, Shortage,
    Surrender, Transfer,
};
use landsea_types::role::{LegalBasis, OrderType};
use landsea_types::{AccountId, Commit, DocId, Timestamp};
use std::path::{Path, PathBuf};

/// Commands about transport documents.
#[derive(Debug, Subcommand)]
pub(crate) enum WaybillCommand {
    /// Register a note that is no title, such as a rail waybill, or many from a file
    Anchor(AnchorArgs),
    /// Issue a title document; the first holder consents
    Issue(IssueArgs),
    /// Take a leg note into a title document
    Adopt {
        /// The title document
        title: DocId,
        /// The anchored note
        note: DocId,
        /// JSON file with the leg: mode, regime, from, to, carrier
        #[arg(long, value_name = "FILE")]
        leg: PathBuf,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Endorse a document
    Endorse {
        /// The document
        doc: DocId,
        #[command(flatten)]
        to: EndorseTo,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Transfer a document to another holder
    Transfer {
        /// The document
        doc: DocId,
        /// The new holder
        #[arg(long, value_name = "ID")]
        to: AccountId,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Surrender a document against the goods
    SurrenderForDelivery {
        /// The document
        doc: DocId,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Surrender a document to have it amended
    SurrenderForAmendment {
        /// The document
        doc: DocId,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Accept or reject a surrender (issuer)
    AnswerSurrender(AnswerArgs),
    /// Issue an amended version; the holder consents
    Amend {
        /// The document
        doc: DocId,
        #[command(flatten)]
        version: VersionArgs,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Turn a waybill into a warehouse receipt (warehouse); carrier and holder consent
    Convert(ConvertArgs),
}

/// Arguments of `waybill anchor`.
#[derive(Debug, Args)]
pub(crate) struct AnchorArgs {
    /// The note as JSON
    #[arg(required_unless_present = "from")]
    paper: Option<PathBuf>,
    #[command(flatten)]
    many: BulkArgs,
    /// NONE, AGREEMENT, NCD_CONVENTION, MARITIME_BL ...
    #[arg(long, default_value = "NONE", value_parser = friendly::named::<LegalBasis>)]
    legal_basis: LegalBasis,
    /// Private file for the salts of the content root; made when it does not exist
    #[arg(long, value_name = "FILE", required_unless_present_any = ["check", "show"])]
    salts: Option<PathBuf>,
    #[command(flatten)]
    send: SubmitArgs,
}

/// Arguments of `waybill issue`.
#[derive(Debug, Args)]
pub(crate) struct IssueArgs {
    /// The document as JSON
    paper: PathBuf,
    /// AGREEMENT, NCD_CONVENTION, MARITIME_BL ...
    #[arg(long, value_parser = friendly::named::<LegalBasis>)]
    legal_basis: LegalBasis,
    /// STRAIGHT, TO_ORDER or BEARER
    #[arg(long, default_value = "TO_ORDER", value_parser = friendly::named::<OrderType>)]
    order_type: OrderType,
    /// Account of the first holder
    #[arg(long, value_name = "ID")]
    first_holder: AccountId,
    /// JSON list of the lots: quantity, packages, containers ...; one lot over everything when absent
    #[arg(long, value_name = "FILE")]
    lots: Option<PathBuf>,
    /// JSON list of the legs: mode, regime, from, to, carrier
    #[arg(long, value_name = "FILE")]
    legs: Option<PathBuf>,
    /// Anchored note that the document is based on; may be repeated
    #[arg(long = "base", value_name = "ID")]
    base_docs: Vec<DocId>,
    /// The agreement to deliver only against the ledger: 64 hex digits, or a text to be committed
    #[arg(long)]
    control_agreement: String,
    /// When the document ends
    #[arg(long, value_name = "TIME")]
    expires: Option<When>,
    /// Private file for the salts of the content root; made when it does not exist
    #[arg(long, value_name = "FILE")]
    salts: PathBuf,
    #[command(flatten)]
    send: SubmitArgs,
}

/// To whom a document is endorsed.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct EndorseTo {
    /// To a named party
    #[arg(long, value_name = "ID")]
    named: Option<AccountId>,
    /// To the order of a party
    #[arg(long, value_name = "ID")]
    to_order: Option<AccountId>,
    /// In blank
    #[arg(long)]
    blank: bool,
}

/// A new version of a document.
#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    /// The new version as JSON
    #[arg(long = "paper", value_name = "FILE", required = false)]
    paper: Option<PathBuf>,
    /// JSON list of its lots, which must be those of the old version
    #[arg(long, value_name = "FILE")]
    lots: Option<PathBuf>,
    /// Bit per changed field of the kind
    #[arg(long, value_name = "BITS", default_value_t = 0)]
    changed_fields: u64,
    /// The agreement to deliver only against the ledger: 64 hex digits, or a text to be committed
    #[arg(long)]
    control_agreement: Option<String>,
    /// Private file for the salts of the content root; made when it does not exist
    #[arg(long, value_name = "FILE")]
    salts: Option<PathBuf>,
}

/// Arguments of `waybill answer-surrender`.
#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    /// The document
    doc: DocId,
    /// Accept
    #[arg(long, required_unless_present = "reject", conflicts_with = "reject")]
    accept: bool,
    /// Reject: holder and pledge are as before
    #[arg(long)]
    reject: bool,
    #[command(flatten)]
    version: VersionArgs,
    #[command(flatten)]
    send: SubmitArgs,
}

/// Arguments of `waybill convert`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The waybill
    doc: DocId,
    #[command(flatten)]
    receipt: ReceiptArgs,
    /// JSON list of shortages: uom, qty in thousandths, packages
    #[arg(long, value_name = "FILE")]
    shortages: Option<PathBuf>,
    /// The pledgee, or the holder, accepts a shortage above the tolerance
    #[arg(long)]
    accept_shortage: bool,
    #[command(flatten)]
    send: SubmitArgs,
}

/// Runs a waybill command.
pub(crate) async fn run(context: &Context, command: &WaybillCommand) -> Ended {
    if let WaybillCommand::Anchor(args) = command
        && let Some(from) = &args.many.from
    {
        return anchor_many(context, from, args).await;
    }
    let client = context.client()?;
    let (operation, send) = match command {
        WaybillCommand::Anchor(args) => (anchor(&client, args).await?, &args.send),
        WaybillCommand::Issue(args) => (issue(&client, args).await?, &args.send),
        WaybillCommand::Adopt { title, note, leg, send } => {
            let expect_ver = doc_version(&client, title, send).await?;
            let leg: NewLeg = files::read_json(leg, "a leg")?;
            (Operation::WaybillAdopt(Adopt { title: *title, expect_ver, note: *note, leg }), send)
        }
        WaybillCommand::AnswerSurrender(args) => (answer(&client, args).await?, &args.send),
        WaybillCommand::Amend { doc, version, send } => {
            let expect_ver = doc_version(&client, doc, send).await?;
            let missing = || CliError::usage("an amendment needs the new version: --paper FILE");
            let version = new_version(&client, version, send).await?.ok_or_else(missing)?;
            (Operation::WaybillAmend(Amend { doc: *doc, expect_ver, version }), send)
        }
        WaybillCommand::Convert(args) => (convert(&client, args).await?, &args.send),
        other => passing(&client, other).await?,
    };
    submit::operation(context, &client, operation, send).await
}

/// Operations by which a title passes.
async fn passing<'a>(client: &RpcClient, command: &'a WaybillCommand) -> Result<(Operation, &'a SubmitArgs), CliError> {
    match command {
        WaybillCommand::Endorse { doc, to, send } => {
            let expect_ver = doc_version(client, doc, send).await?;
            let endorsement = endorsement(to);
            Ok((Operation::WaybillEndorse(Endorse { doc: *doc, expect_ver, endorsement }), send))
        }
        WaybillCommand::Transfer { doc, to, send } => {
            let expect_ver = doc_version(client, doc, send).await?;
            Ok((Operation::WaybillTransfer(Transfer { doc: *doc, expect_ver, to: *to }), send))
        }
        WaybillCommand::SurrenderForDelivery { doc, send } => {
            let expect_ver = doc_version(client, doc, send).await?;
            Ok((Operation::WaybillSurrenderForDelivery(Surrender { doc: *doc, expect_ver }), send))
        }
        WaybillCommand::SurrenderForAmendment { doc, send } => {
            let expect_ver = doc_version(client, doc, send).await?;
            Ok((Operation::WaybillSurrenderForAmendment(Surrender { doc: *doc, expect_ver }), send))
        }
        _ => unreachable!("the other commands are handled before"),
    }
}

fn endorsement(to: &EndorseTo) -> Endorsement {
    match (to.named, to.to_order) {
        (Some(to), _) => Endorsement::Named { to },
        (None, Some(to)) => Endorsement::ToOrder { to },
        (None, None) => Endorsement::Blank,
    }
}

async fn anchor_many(context: &Context, from: &Path, args: &AnchorArgs) -> Ended {
    let send = &args.send;
    let has_consents = !send.consents.is_empty() || !send.consent_keys.is_empty();
    if has_consents || send.draft.is_some() || send.simulate || send.no_wait || send.keep.is_some() {
        return Err(CliError::usage("with --from, of the options for sending only --valid-for applies")
            .next("--check says what is wrong with the rows without sending any."));
    }
    let sending =
        Sending { salts: args.salts.as_deref(), legal_basis: args.legal_basis, valid_for: args.send.valid_for };
    bulk::run(context, from, &args.many, &sending).await
}

async fn anchor(client: &RpcClient, args: &AnchorArgs) -> Result<Operation, CliError> {
    let (Some(paper), Some(salts)) = (&args.paper, &args.salts) else {
        return Err(CliError::usage("a note needs its document and --salts FILE"));
    };
    let paper = Paper::load(paper)?;
    let ticket = resolve::derive(client, &paper).await?.ticket;
    Ok(Operation::WaybillAnchor(Anchor {
        kind: paper.kind(),
        ticket,
        content_root: content_root(&paper, salts)?,
        issue_date: paper.issue_date()?,
        legal_basis: args.legal_basis,
    }))
}

async fn issue(client: &RpcClient, args: &IssueArgs) -> Result<Operation, CliError> {
    let paper = Paper::load(&args.paper)?;
    let ticket = resolve::derive(client, &paper).await?.ticket;
    let keeper = Keeper::new(args.send.keep.as_deref());
    let control_agreement = keeper.commit("control_agreement", &args.control_agreement)?;
    let lots = paper.lots(&lot_inputs(args.lots.as_deref())?, &ticket)?;
    let now = client.status().await?.block_time;
    let operation = Operation::WaybillIssue(Issue {
        kind: paper.kind(),
        legal_basis: args.legal_basis,
        ticket,
        content_root: content_root(&paper, &args.salts)?,
        issue_date: paper.issue_date()?,
        order_type: args.order_type,
        first_holder: args.first_holder,
        lots,
        legs: args.legs.as_deref().map_or_else(|| Ok(Vec::new()), |path| files::read_json(path, "a list of legs"))?,
        base_docs: args.base_docs.clone(),
        control_agreement,
        expires: args.expires.map(|when| when.resolve(now)),
    });
    keeper.store()?;
    Ok(operation)
}

async fn answer(client: &RpcClient, args: &AnswerArgs) -> Result<Operation, CliError> {
    let expect_ver = doc_version(client, &args.doc, &args.send).await?;
    let version = new_version(client, &args.version, &args.send).await?;
    Ok(Operation::WaybillAnswerSurrender(AnswerSurrender { doc: args.doc, expect_ver, accept: args.accept, version }))
}

async fn new_version(
    client: &RpcClient,
    args: &VersionArgs,
    send: &SubmitArgs,
) -> Result<Option<NewVersion>, CliError> {
    let Some(path) = &args.paper else { return Ok(None) };
    let salts =
        args.salts.as_ref().ok_or_else(|| CliError::usage("a new version needs --salts FILE for its content root"))?;
    let paper = Paper::load(path)?;
    let ticket = resolve::derive(client, &paper).await?.ticket;
    let keeper = Keeper::new(send.keep.as_deref());
    let control_agreement = keeper.optional("control_agreement", args.control_agreement.as_deref())?;
    let lots = paper.lots(&lot_inputs(args.lots.as_deref())?, &ticket)?;
    keeper.store()?;
    Ok(Some(NewVersion {
        ticket,
        content_root: content_root(&paper, salts)?,
        issue_date: paper.issue_date()?,
        changed_fields: args.changed_fields,
        control_agreement,
        lots,
    }))
}

async fn convert(client: &RpcClient, args: &ConvertArgs) -> Result<Operation, CliError> {
    let expect_ver = doc_version(client, &args.doc, &args.send).await?;
    let now: Timestamp = client.status().await?.block_time;
    let receipt = receipt(client, &args.receipt, &args.send, now).await?;
    let shortages = args.shortages.as_deref();
    let shortages: Vec<Shortage> =
        shortages.map_or_else(|| Ok(Vec::new()), |path| files::read_json(path, "a list of shortages"))?;
    let accept_shortage = args.accept_shortage;
    Ok(Operation::WaybillConvert(Convert { doc: args.doc, expect_ver, receipt, shortages, accept_shortage }))
}

/// Reads the description of lots; none is a document of one lot.
///
/// # Errors
/// With path, line and column.
pub(crate) fn lot_inputs(path: Option<&Path>) -> Result<Vec<LotInput>, CliError> {
    path.map_or_else(|| Ok(Vec::new()), |path| files::read_json(path, "a list of lots"))
}

/// The content root of a paper under the salts of a file, which is made when it does not exist.
///
/// # Errors
/// When the file belongs to another paper.
pub(crate) fn content_root(paper: &Paper, salts: &Path) -> Result<Commit, CliError> {
    if !salts.exists() {
        let made = SaltsFile::for_paper(paper)?;
        made.create(salts)?;
        output::note(&format!("salts made: {} (keep it, or the fields can never be disclosed)", salts.display()));
        return Ok(made.content_root);
    }
    let kept = SaltsFile::load_for(salts, paper)?;
    let found = paper.content_root(&kept.secret.0)?;
    if found == kept.content_root {
        Ok(found)
    } else {
        Err(CliError::usage(format!("{} is for another document", salts.display())))
    }
}
