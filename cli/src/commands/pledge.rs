//! `pledge`: what a bank does about collateral.

use super::Ended;
use crate::commitments::Keeper;
use crate::context::Context;
use crate::error::CliError;
use crate::friendly;
use crate::submit::{self, SubmitArgs};
use crate::when::When;
use clap::{Args, Subcommand};
use landsea_client::paper::Paper;
use landsea_client::resolve;
use landsea_client::rpc::RpcClient;
use landsea_types::operation::Operation;
use landsea_types::operation::pledge::{CancelReservation, Collateral, Create, Extend, Release, Reserve};
use landsea_types::role::{ReleaseReason, SecuredKind};
use landsea_types::{AccountId, Bps, DocId, PledgeId, ProofId};
use std::path::PathBuf;

/// Commands about pledges.
#[derive(Debug, Subcommand)]
pub(crate) enum PledgeCommand {
    /// Reserve a document for a short time; the pledgor consents
    Reserve {
        /// The document
        doc: DocId,
        /// Until when
        #[arg(long, value_name = "TIME", default_value = "+24h")]
        until: When,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Give a reservation up
    CancelReservation {
        /// The document
        doc: DocId,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Pledge documents by the papers in hand; pledgor and custodian consent
    Create(CreateArgs),
    /// Extend the registration
    Extend {
        /// The pledge
        pledge: PledgeId,
        /// New end of the registration
        #[arg(long, value_name = "TIME")]
        reg_until: When,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Release the whole pledge
    Release {
        /// The pledge
        pledge: PledgeId,
        /// OBSA, EXND, WITH, RJCT or ERRG
        #[arg(long, default_value = "OBSA", value_parser = friendly::named::<ReleaseReason>)]
        reason: ReleaseReason,
        #[command(flatten)]
        send: SubmitArgs,
    },
}

/// Arguments of `pledge create`.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The documents as JSON, as the bank holds them; each gets a ticket from the bank's own branch
    #[arg(required = true, value_name = "PAPER")]
    papers: Vec<PathBuf>,
    /// Account of the pledgor
    #[arg(long, value_name = "ID")]
    pledgor: AccountId,
    /// What is secured (amount, currency, rate, contract): 64 hex digits, or a text to be committed
    #[arg(long)]
    claim: String,
    /// LOAN, LC, ACCEPTANCE, FORFAITING or GUARANTEE
    #[arg(long, default_value = "LOAN", value_parser = friendly::named::<SecuredKind>)]
    secured_kind: SecuredKind,
    /// End of the registration
    #[arg(long, value_name = "TIME", default_value = "+180d")]
    reg_until: When,
    /// The pledgor agrees in advance to extensions
    #[arg(long)]
    extend_agreed: bool,
    /// Least remaining quantity in basis points of the first, for alerts
    #[arg(long, value_name = "BPS", default_value_t = 0)]
    cover_min_bps: Bps,
    /// Reference of the financing: 64 hex digits, or a text to be committed
    #[arg(long)]
    finance_ref: Option<String>,
    /// Least level of trade authenticity
    #[arg(long, value_name = "LEVEL", default_value_t = 0)]
    proof_min_level: u8,
    /// Case that shows the level
    #[arg(long, value_name = "ID")]
    proof: Option<ProofId>,
    /// Account of the supervisor to be appointed
    #[arg(long, value_name = "ID")]
    supervisor: Option<AccountId>,
    /// The bank has seen that other live documents are similar
    #[arg(long)]
    ack_near: bool,
    #[command(flatten)]
    send: SubmitArgs,
}

/// Runs a pledge command.
pub(crate) async fn run(context: &Context, command: &PledgeCommand) -> Ended {
    let client = context.client()?;
    let now = client.status().await?.block_time;
    let (operation, send) = match command {
        PledgeCommand::Reserve { doc, until, send } => {
            let expect_ver = doc_version(&client, doc, send).await?;
            (Operation::PledgeReserve(Reserve { doc: *doc, expect_ver, until: until.resolve(now) }), send)
        }
        PledgeCommand::CancelReservation { doc, send } => {
            let expect_ver = doc_version(&client, doc, send).await?;
            (Operation::PledgeCancelReservation(CancelReservation { doc: *doc, expect_ver }), send)
        }
        PledgeCommand::Create(args) => (create(&client, args, now).await?, &args.send),
        PledgeCommand::Extend { pledge, reg_until, send } => {
            let expect_ver = pledge_version(&client, pledge, send).await?;
            (Operation::PledgeExtend(Extend { pledge: *pledge, expect_ver, reg_until: reg_until.resolve(now) }), send)
        }
        PledgeCommand::Release { pledge, reason, send } => {
            let expect_ver = pledge_version(&client, pledge, send).await?;
            (Operation::PledgeRelease(Release { pledge: *pledge, expect_ver, reason: *reason }), send)
        }
    };
    submit::operation(context, &client, operation, send).await
}

async fn create(client: &RpcClient, args: &CreateArgs, now: landsea_types::Timestamp) -> Result<Operation, CliError> {
    let mut docs = Vec::new();
    for path in &args.papers {
        docs.push(collateral(client, &Paper::load(path)?, &args.send).await?);
    }
    let keeper = Keeper::new(args.send.keep.as_deref());
    let claim = keeper.commit("claim", &args.claim)?;
    let finance_ref = keeper.optional("finance_ref", args.finance_ref.as_deref())?;
    keeper.store()?;
    Ok(Operation::PledgeCreate(Create {
        docs,
        pledgor: args.pledgor,
        claim,
        secured_kind: args.secured_kind,
        reg_until: args.reg_until.resolve(now),
        extend_agreed: args.extend_agreed,
        cover_min_bps: args.cover_min_bps,
        finance_ref,
        proof_min_level: args.proof_min_level,
        proof: args.proof,
        supervisor: args.supervisor,
        ack_near: args.ack_near,
        conditions: landsea_types::Commit::default(),
    }))
}

async fn collateral(client: &RpcClient, paper: &Paper, send: &SubmitArgs) -> Result<Collateral, CliError> {
    let (view, derived) = resolve::document_by_paper(client, paper).await?;
    let expect_ver = send.expect_ver.unwrap_or(view.public.ver);
    Ok(Collateral { doc: view.public.id, expect_ver, ticket: derived.ticket })
}

/// The version of a document to expect: the given one, or the present one.
///
/// # Errors
/// When the ledger does not know the document.
pub(crate) async fn doc_version(client: &RpcClient, doc: &DocId, send: &SubmitArgs) -> Result<u32, CliError> {
    match send.expect_ver {
        Some(given) => Ok(given),
        None => Ok(resolve::document_version(client, *doc).await?),
    }
}

async fn pledge_version(client: &RpcClient, pledge: &PledgeId, send: &SubmitArgs) -> Result<u32, CliError> {
    if let Some(given) = send.expect_ver {
        return Ok(given);
    }
    let unknown = || CliError::refused(format!("the ledger knows no pledge {pledge}"));
    let view = client.pledge(pledge).await?.ok_or_else(unknown)?;
    let hidden = || {
        CliError::refused(format!("pledge {pledge} is not the caller's: its record is not shown"))
            .next("Act as the pledgee with --key FILE, or state the version with --expect-ver N.")
    };
    Ok(view.record.ok_or_else(hidden)?.ver)
}
