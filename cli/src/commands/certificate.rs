//! `certificate`: getting an answer that can be checked without trusting anybody, and checking one without a node.

use super::Ended;
use crate::context::{Context, load_genesis};
use crate::error::CliError;
use crate::{files, output, when};
use clap::{Args, Subcommand, ValueEnum};
use landsea_client::duration::duration_ms;
use landsea_client::paper::{Paper, SaltsFile};
use landsea_client::resolve;
use landsea_client::rpc::{self, RpcClient};
use landsea_types::block::Header;
use landsea_types::certificate::{
    Disclosure, Integrity, PaperEvidence, PaperLine, Question, StatusCertificate, Trust, Verdict, Verification,
};
use landsea_types::fingerprint::ContentOpening;
use landsea_types::genesis::Genesis;
use landsea_types::record::{PublicEncumbrance, PublicReservation};
use landsea_types::state::Family;
use landsea_types::ticket::QueryTicket;
use landsea_types::{Fp, GoodsKey, Member, ProofId};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit code for a certificate that proves nothing.
const INVALID: u8 = 20;

/// Commands about certificates.
#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// Ask a node for a certificate
    Get(GetArgs),
    /// Verify a certificate with the genesis file alone; the exit code is the verdict
    Verify(VerifyArgs),
}

/// The questions.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum QuestionArg {
    /// Q1: in which state is the document
    DocStatus,
    /// Q2: is the document free to be pledged
    NotPledged,
    /// Q3: was the document never registered
    Unknown,
    /// Q4: does a lot occupy one of these goods keys
    GoodsKeys,
    /// Q5: is the document pledged, with which priority
    Pledge,
    /// Q6: which level has an authenticity case
    ProofLevel,
}

/// Arguments of `certificate get`.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// What to ask
    #[arg(long, value_enum, default_value_t = QuestionArg::NotPledged)]
    question: QuestionArg,
    /// The paper in hand as JSON; its fingerprint comes from the caller's own branch
    #[arg(long, value_name = "FILE")]
    paper: Option<PathBuf>,
    /// The document's fingerprint, where it is known already
    #[arg(long, value_name = "FP", conflicts_with = "paper")]
    fingerprint: Option<Fp>,
    /// Id of a registered document
    #[arg(long, value_name = "ID", conflicts_with_all = ["paper", "fingerprint"])]
    doc: Option<landsea_types::DocId>,
    /// Goods key for goods-keys; may be repeated
    #[arg(long = "goods-key", value_name = "KEY")]
    goods_keys: Vec<GoodsKey>,
    /// Case for proof-level
    #[arg(long, value_name = "ID")]
    proof: Option<ProofId>,
    /// Where to write the certificate
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// With --paper: write the query ticket here, for `certificate verify`
    #[arg(long, value_name = "FILE")]
    query_ticket: Option<PathBuf>,
}

/// Arguments of `certificate verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The certificate
    certificate: PathBuf,
    /// Largest age of the certificate, such as 1h; any age when absent
    #[arg(long, value_name = "DURATION", value_parser = duration_ms)]
    max_age: Option<u64>,
    /// The paper in hand as JSON: is it the document that the certificate speaks about?
    #[arg(long, value_name = "FILE", requires = "query_ticket")]
    document: Option<PathBuf>,
    /// The issuer's salts file, to open the content root with --document
    #[arg(long, value_name = "FILE", requires = "document")]
    salts: Option<PathBuf>,
    /// A disclosure made with `fingerprint open`, instead of --document and --salts
    #[arg(long, value_name = "FILE", conflicts_with = "document", requires = "query_ticket")]
    disclosure: Option<PathBuf>,
    /// The query ticket that a branch signed for the paper
    #[arg(long, value_name = "FILE")]
    query_ticket: Option<PathBuf>,
    /// A newer header known to be genuine, against a history forged with retired keys
    #[arg(long, value_name = "HEADER")]
    trusted: Option<PathBuf>,
}

/// Runs a certificate command.
pub(crate) fn run(context: &Context, command: &CertificateCommand) -> Ended {
    match command {
        CertificateCommand::Get(args) => context.block_on(get(context, args)),
        CertificateCommand::Verify(args) => verify(context, args),
    }
}

async fn get(context: &Context, args: &GetArgs) -> Ended {
    let client = context.client()?;
    let question = question(&client, args).await?;
    let certificate = client.certificate(&question).await?;
    files::write_text(&args.out, &certificate.to_json())?;
    let shown = json!({
        "certificate": args.out.display().to_string(), "question": question.number(), "height": certificate.height,
        "block_time": certificate.header.time, "bytes_borsh": certificate.to_bytes().len(),
    });
    if args.out != Path::new("-") {
        output::answer(&shown, context.json(), &context.names());
    }
    Ok(ExitCode::SUCCESS)
}

async fn question(client: &RpcClient, args: &GetArgs) -> Result<Question, CliError> {
    match args.question {
        QuestionArg::GoodsKeys if args.goods_keys.is_empty() => {
            Err(CliError::usage("goods-keys needs --goods-key KEY"))
        }
        QuestionArg::GoodsKeys => Ok(Question::GoodsKeys { keys: args.goods_keys.clone() }),
        QuestionArg::ProofLevel => {
            let proof = args.proof.ok_or_else(|| CliError::usage("proof-level needs --proof ID"))?;
            Ok(Question::ProofLevel { proof })
        }
        QuestionArg::DocStatus => Ok(Question::DocStatus { fp1: fingerprint(client, args).await? }),
        QuestionArg::NotPledged => Ok(Question::NotPledged { fp1: fingerprint(client, args).await? }),
        QuestionArg::Unknown => Ok(Question::Unknown { fp1: fingerprint(client, args).await? }),
        QuestionArg::Pledge => Ok(Question::Pledge { fp1: fingerprint(client, args).await? }),
    }
}

async fn fingerprint(client: &RpcClient, args: &GetArgs) -> Result<Fp, CliError> {
    if let Some(doc) = args.doc {
        let request = landsea_client::api::DocumentRequest { doc: Some(doc), fingerprint: None };
        let view = client.document(&request).await?;
        return Ok(view.ok_or_else(|| CliError::refused(format!("the ledger knows no document {doc}")))?.public.fp1);
    }
    let Some(path) = &args.paper else {
        let missing = "this question is about a document";
        return args
            .fingerprint
            .ok_or_else(|| CliError::usage(missing).next("Name it with --paper FILE, --fingerprint FP or --doc ID."));
    };
    let derived = resolve::derive(client, &Paper::load(path)?).await?;
    if let Some(out) = &args.query_ticket {
        files::write_json(out, &derived.query_ticket)?;
    }
    Ok(derived.ticket.body.fp1)
}

/// Verifies a certificate; the process's exit code is the verdict.
///
/// # Errors
/// When the genesis or another input file cannot be used. A certificate that cannot be read is a verdict (INVALID), not an error.
pub(crate) fn verify(context: &Context, args: &VerifyArgs) -> Ended {
    let genesis = genesis(context)?;
    let pinned = args.trusted.as_deref().map(|path| files::read_json::<Header>(path, "a header")).transpose()?;
    let paper = paper(args)?;
    let text = files::read_text(&args.certificate);
    let certificate = match text.and_then(|text| read(&text)) {
        Ok(certificate) => certificate,
        Err(error) if error.what.starts_with("not a certificate") || error.what.contains("UTF-8") => {
            return Ok(garbage(context, &error.what));
        }
        Err(error) => return Err(error),
    };
    let trust = Trust { genesis: &genesis, pinned: pinned.as_ref(), now: rpc::now(), max_age_ms: args.max_age };
    let verification = certificate.verify(&trust, paper.as_ref());
    report(context, &genesis, &certificate, &verification, args);
    Ok(ExitCode::from(verification.exit_code()))
}

fn genesis(context: &Context) -> Result<Genesis, CliError> {
    let next = "Add --genesis FILE; a verifier must have the genesis from a source it trusts.";
    match &context.globals().genesis {
        Some(path) => load_genesis(path),
        None => context.genesis()?.ok_or_else(|| CliError::usage("no genesis is named").next(next)),
    }
}

fn read(text: &str) -> Result<StatusCertificate, CliError> {
    StatusCertificate::from_json(text).map_err(|e| CliError::usage(format!("not a certificate: {e}")))
}

/// A file that is no certificate proves nothing: that is a verdict.
fn garbage(context: &Context, problem: &str) -> ExitCode {
    if context.json() {
        let status = json!({ "verdict": "INVALID" });
        let integrity = json!({ "integrity": "INVALID", "reason": problem });
        output::json_value(&json!({ "integrity": integrity, "status": status, "issuer": null, "exit": INVALID }));
    } else {
        output::line(format!("INTEGRITY  INVALID ({problem})\nSTATUS     INVALID\nISSUER     NOT SHOWN"));
    }
    ExitCode::from(INVALID)
}

fn paper(args: &VerifyArgs) -> Result<Option<PaperEvidence>, CliError> {
    let Some(ticket) = &args.query_ticket else { return Ok(None) };
    let ticket: QueryTicket = files::read_json(ticket, "a query ticket")?;
    let disclosure = match (&args.disclosure, &args.document, &args.salts) {
        (Some(path), ..) => Disclosure::Opened { opening: files::read_json::<ContentOpening>(path, "a disclosure")? },
        (None, Some(path), Some(salts)) => {
            Disclosure::Opened { opening: Paper::load(path)?.open_identity(&SaltsFile::load(salts)?)? }
        }
        (None, Some(path), None) => Disclosure::Read { fields: Paper::load(path)?.fields },
        (None, None, _) => {
            return Err(CliError::usage("--query-ticket needs the paper")
                .next("Add --document FILE [--salts FILE], or --disclosure FILE."));
        }
    };
    Ok(Some(PaperEvidence { ticket, disclosure }))
}

fn report(
    context: &Context,
    genesis: &Genesis,
    certificate: &StatusCertificate,
    answer: &Verification,
    args: &VerifyArgs,
) {
    if context.json() {
        let mut value = serde_json::to_value(answer).expect("only string keys");
        if let Some(map) = value.as_object_mut() {
            map.insert("exit".into(), json!(answer.exit_code()));
            map.insert("question".into(), json!(certificate.question));
            map.insert("height".into(), json!(certificate.height));
            map.insert("items".into(), shown_items(certificate));
        }
        return output::json_value(&value);
    }
    output::line(format!("INTEGRITY  {}", integrity(&answer.integrity)));
    output::line(format!("STATUS     {}", status(&answer.status, genesis)));
    let issuer = answer.issuer.as_ref().map(|i| format!("{} registered by {}", i.issuer, member(i.home, genesis)));
    output::line(format!("ISSUER     {}", issuer.unwrap_or_else(|| "NOT SHOWN".into())));
    if args.query_ticket.is_some() {
        let paper = if answer.paper == PaperLine::Valid {
            "VALID (the answer is about the paper in hand)".into()
        } else {
            answer.paper.to_string()
        };
        output::line(format!("PAPER      {paper}"));
    }
}

fn integrity(line: &Integrity) -> String {
    match line {
        Integrity::Valid { signers, validators, height, time } => {
            format!("VALID ({signers} of {validators} members signed block {height}, {})", when::text(*time))
        }
        Integrity::Invalid { reason } => format!("INVALID ({reason})"),
    }
}

fn status(verdict: &Verdict, genesis: &Genesis) -> String {
    match verdict {
        Verdict::Reserved { until, member: home } => {
            format!("RESERVED until {}; contact {}", when::text(*until), member(*home, genesis))
        }
        Verdict::Encumbered { since, index, member: home } => {
            format!("ENCUMBERED since height {since} index {index}; contact {}", member(*home, genesis))
        }
        Verdict::Stale { age_ms, max_age_ms } => {
            format!("STALE ({} s old, at most {} s)", age_ms / 1000, max_age_ms / 1000)
        }
        Verdict::Unknown => "UNKNOWN (never registered on this ledger; this does not mean free)".into(),
        other => other.to_string(),
    }
}

fn member(member: Member, genesis: &Genesis) -> String {
    match genesis.member(member) {
        Some(entry) => format!("{} {} ({})", entry.code, entry.name_zh, entry.name_en),
        None => format!("member {member}"),
    }
}

/// The burdens that a certificate shows, decoded for programs.
fn shown_items(certificate: &StatusCertificate) -> Value {
    let items = certificate.items.iter().filter_map(|item| {
        let public = &item.opening.as_ref()?.public;
        match item.family {
            Family::Encumbrance => {
                Some(json!({ "family": item.family, "id": item.id, "public": decoded::<PublicEncumbrance>(public) }))
            }
            Family::Reservation => {
                Some(json!({ "family": item.family, "id": item.id, "public": decoded::<PublicReservation>(public) }))
            }
            _ => None,
        }
    });
    Value::Array(items.collect())
}

fn decoded<T: DeserializeOwned + borsh::BorshDeserialize + serde::Serialize>(bytes: &[u8]) -> Value {
    borsh::from_slice::<T>(bytes).map_or(Value::Null, |public| json!(public))
}
