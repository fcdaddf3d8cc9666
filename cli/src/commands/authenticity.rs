//! `authenticity`: cases that show that a trade is real, without showing the trade.

use super::Ended;
use super::pledge::doc_version;
use crate::commitments::Keeper;
use crate::context::Context;
use crate::error::CliError;
use crate::files;
use crate::friendly;
use crate::output;
use crate::submit::{self, SubmitArgs};
use crate::when::When;
use clap::{Args, Subcommand};
use landsea_client::keys::write_private;
use landsea_client::paper::{Paper, case_id};
use landsea_client::resolve;
use landsea_client::rpc::RpcClient;
use landsea_types::fingerprint::document_tags;
use landsea_types::genesis::templates;
use landsea_types::ids::parse_hex32;
use landsea_types::operation::Operation;
use landsea_types::operation::authenticity::{Attest, Open, Refuse, WithdrawAttestation};
use landsea_types::record::{PublicProof, Template};
use landsea_types::role::{AttestResult, DocKind};
use landsea_types::{AccountId, DocId, ProofId};
use std::path::{Path, PathBuf};

/// Commands about trade-authenticity cases.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthenticityCommand {
    /// Open a case on a document under a template
    Open {
        /// The document
        doc: DocId,
        /// Number of the template
        #[arg(long)]
        template: u16,
        /// Private file with the case key; made when it does not exist. Send it to the attesters, never to the ledger
        #[arg(long, value_name = "FILE")]
        case_key: PathBuf,
        /// Account of the bank that will finance, whose attestation does not count
        #[arg(long, value_name = "ID")]
        financing_bank: Option<AccountId>,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Confirm one's own copy of a document by its tags
    Attest(AttestArgs),
    /// Record that one cannot confirm
    Refuse(AboutArgs),
    /// Withdraw an attestation
    WithdrawAttestation(AboutArgs),
}

/// Arguments of `authenticity attest`.
#[derive(Debug, Args)]
pub(crate) struct AttestArgs {
    /// The case
    proof: ProofId,
    /// The attester's own copy as JSON
    paper: PathBuf,
    /// The case key received from the applicant
    #[arg(long, value_name = "FILE")]
    case_key: PathBuf,
    /// The template, by code or number: its rules say which fields are compared. The case's own when absent, as the genesis has it,
    /// or else this program
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<String>,
    /// CONFIRMED or CONFIRMED_WITH_REMARK
    #[arg(long, default_value = "CONFIRMED", value_parser = friendly::named::<AttestResult>)]
    result: AttestResult,
    /// Until when it counts
    #[arg(long, value_name = "TIME", default_value = "+90d")]
    until: When,
    /// What the attestation rests on: 64 hex digits, or a text to be committed
    #[arg(long)]
    evidence: Option<String>,
    #[command(flatten)]
    send: SubmitArgs,
}

/// A case and the kind of document spoken about.
#[derive(Debug, Args)]
pub(crate) struct AboutArgs {
    /// The case
    proof: ProofId,
    /// Kind of the document, such as DECLARATION
    #[arg(long, value_parser = friendly::doc_kind)]
    doc_kind: DocKind,
    /// What it rests on: 64 hex digits, or a text to be committed
    #[arg(long)]
    evidence: Option<String>,
    #[command(flatten)]
    send: SubmitArgs,
}

/// Runs an authenticity command.
pub(crate) async fn run(context: &Context, command: &AuthenticityCommand) -> Ended {
    let client = context.client()?;
    let (operation, send) = match command {
        AuthenticityCommand::Open { doc, template, case_key, financing_bank, send } => {
            let case = case_id(&case_key_or_new(case_key)?);
            let expect_ver = doc_version(&client, doc, send).await?;
            let (template, financing_bank) = (*template, *financing_bank);
            (Operation::AuthenticityOpen(Open { doc: *doc, expect_ver, template, case, financing_bank }), send)
        }
        AuthenticityCommand::Attest(args) => (attest(context, &client, args).await?, &args.send),
        AuthenticityCommand::Refuse(args) => {
            let AboutArgs { proof, doc_kind, send, .. } = args;
            let (expect_ver, evidence) =
                (version(&case(&client, proof).await?, send), evidence(args.evidence.as_deref(), send)?);
            (Operation::AuthenticityRefuse(Refuse { proof: *proof, expect_ver, doc_kind: *doc_kind, evidence }), send)
        }
        AuthenticityCommand::WithdrawAttestation(args) => {
            let AboutArgs { proof, doc_kind, send, .. } = args;
            let (expect_ver, evidence) =
                (version(&case(&client, proof).await?, send), evidence(args.evidence.as_deref(), send)?);
            let body = WithdrawAttestation { proof: *proof, expect_ver, doc_kind: *doc_kind, evidence };
            (Operation::AuthenticityWithdrawAttestation(body), send)
        }
    };
    submit::operation(context, &client, operation, send).await
}

async fn attest(context: &Context, client: &RpcClient, args: &AttestArgs) -> Result<Operation, CliError> {
    let paper = Paper::load(&args.paper)?;
    let key = read_case_key(&args.case_key)?;
    let case = case(client, &args.proof).await?;
    let template = template(context, args.template.as_deref(), case.template)?;
    let fields = document_tags(&key, &template, &paper.document)
        .map_err(|e| CliError::usage(format!("{}: {e}", args.paper.display())))?;
    let ticket = resolve::derive(client, &paper).await?.ticket;
    let now = client.status().await?.block_time;
    Ok(Operation::AuthenticityAttest(Attest {
        proof: args.proof,
        expect_ver: version(&case, &args.send),
        doc_kind: paper.kind(),
        ticket,
        result: args.result,
        fields,
        until: args.until.resolve(now),
        evidence: evidence(args.evidence.as_deref(), &args.send)?,
    }))
}

/// The template of a case: named by code or number, or the case's own.
fn template(context: &Context, named: Option<&str>, number: u16) -> Result<Template, CliError> {
    let known = context.genesis()?.map_or_else(templates::built_in, |genesis| genesis.templates);
    let wanted = named.map_or_else(|| number.to_string(), str::to_uppercase);
    let fits = |t: &&Template| t.id.to_string() == wanted || t.code.to_string() == wanted;
    let found = known.iter().find(fits).cloned();
    found.ok_or_else(|| {
        let codes: Vec<String> = known.iter().map(|t| t.code.to_string()).collect();
        CliError::usage(format!("no template {wanted}; there are {}", codes.join(", ")))
            .next("Name the genesis with --genesis FILE if it has templates of its own.")
    })
}

async fn case(client: &RpcClient, proof: &ProofId) -> Result<PublicProof, CliError> {
    let found = client.proof(proof).await?;
    Ok(found.ok_or_else(|| CliError::refused(format!("the ledger knows no case {proof}")))?.public)
}

fn version(case: &PublicProof, send: &SubmitArgs) -> u32 {
    send.expect_ver.unwrap_or(case.ver)
}

fn evidence(value: Option<&str>, send: &SubmitArgs) -> Result<landsea_types::Commit, CliError> {
    let keeper = Keeper::new(send.keep.as_deref());
    let commit = keeper.optional("evidence", value)?;
    keeper.store()?;
    Ok(commit)
}

fn case_key_or_new(path: &Path) -> Result<[u8; 32], CliError> {
    if path.exists() {
        return read_case_key(path);
    }
    let key = landsea_client::random::bytes32();
    write_private(path, &(hex::encode(key) + "\n"))?;
    output::note(&format!("case key made: {}", path.display()));
    Ok(key)
}

fn read_case_key(path: &Path) -> Result<[u8; 32], CliError> {
    parse_hex32(files::read_text(path)?.trim())
        .map_err(|_| CliError::usage(format!("{}: a case key is 64 hex digits", path.display())))
}
