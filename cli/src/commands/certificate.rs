//! `certificate`: getting an answer that can be checked without trusting anybody, and checking one without a node.

mod report;

use super::Ended;
use crate::context::{Context, load_genesis};
use crate::error::CliError;
use crate::{files, output};
use clap::{Args, Subcommand, ValueEnum};
use landsea_client::duration::duration_ms;
use landsea_client::paper::{Paper, SaltsFile};
use landsea_client::resolve;
use landsea_client::rpc::{self, RpcClient, RpcError};
use landsea_types::block::Header;
use landsea_types::bounds::GOODS_KEYS_MAX;
use landsea_types::certificate::{
    Disclosure, FormatError, HistoryCertificate, PaperEvidence, PaperLine, Question, StatusCertificate, Trust,
    Verification,
};
use landsea_types::fingerprint::ContentOpening;
use landsea_types::fingerprint::field::{FieldId, json_name};
use landsea_types::genesis::Genesis;
use landsea_types::ticket::QueryTicket;
use landsea_types::{Fp, GoodsKey, Height, ProofId};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a script must know of `certificate verify`.
const EXIT_CODES: &str = "Exit codes: 0 FREE, 9 RESERVED, 10 ENCUMBERED, 11 HELD, 12 UNKNOWN, 13 any other state, 20 INVALID, 21 STALE. \
     Of a history the greater of both answers' counts: 0 only if the document was FREE at both heights.";

/// Commands about certificates.
#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// Ask a node for a certificate
    Get(GetArgs),
    /// Q8: was the document free then, and at a later height? Both answers in one file
    History(HistoryArgs),
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
    /// Q7: who keeps the goods of the document, and where
    Custody,
}

/// Which document is asked about.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// The paper in hand as JSON; its fingerprint comes from the caller's own branch
    #[arg(long, value_name = "FILE")]
    paper: Option<PathBuf>,
    /// The document's fingerprint, where it is known already
    #[arg(long, value_name = "FP", conflicts_with = "paper")]
    fingerprint: Option<Fp>,
    /// Id of a registered document
    #[arg(long, value_name = "ID", conflicts_with_all = ["paper", "fingerprint"])]
    doc: Option<landsea_types::DocId>,
    /// With --paper: write the query ticket here, for `certificate verify`
    #[arg(long, value_name = "FILE")]
    query_ticket: Option<PathBuf>,
}

/// Arguments of `certificate get`.
#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    /// What to ask
    #[arg(long, value_enum, default_value_t = QuestionArg::NotPledged)]
    question: QuestionArg,
    #[command(flatten)]
    about: About,
    /// Goods key for goods-keys; may be repeated
    #[arg(long = "goods-key", value_name = "KEY")]
    goods_keys: Vec<GoodsKey>,
    /// Case for proof-level
    #[arg(long, value_name = "ID")]
    proof: Option<ProofId>,
    /// The height to answer for, as far back as the node keeps proofs; the newest when absent
    #[arg(long, value_name = "HEIGHT")]
    at_height: Option<u64>,
    /// Where to write the certificate
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Arguments of `certificate history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    about: About,
    /// The earlier height, such as that of the day of a loan
    #[arg(long, value_name = "HEIGHT")]
    from: u64,
    /// The later height; the newest when absent
    #[arg(long, value_name = "HEIGHT")]
    to: Option<u64>,
    /// Where to write both certificates
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Arguments of `certificate verify`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
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
    /// A disclosure made with `fingerprint open`, instead of --salts; with --document every field that it opens is compared with the paper's
    #[arg(long, value_name = "FILE", conflicts_with = "salts", requires = "query_ticket")]
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
        CertificateCommand::History(args) => context.block_on(history(context, args)),
        CertificateCommand::Verify(args) => verify(context, args),
    }
}

async fn get(context: &Context, args: &GetArgs) -> Ended {
    let client = context.client()?;
    let question = question(&client, args).await?;
    let certificate = certify(&client, &question, args.at_height).await?;
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

async fn certify(client: &RpcClient, question: &Question, height: Option<u64>) -> Result<StatusCertificate, RpcError> {
    match height {
        Some(height) => client.certificate_at(question, Height::new(height)).await,
        None => client.certificate(question).await,
    }
}

async fn history(context: &Context, args: &HistoryArgs) -> Ended {
    if args.to.is_some_and(|to| to <= args.from) {
        return Err(CliError::usage("--to must be a later height than --from"));
    }
    let client = context.client()?;
    let question = Question::NotPledged { fp1: fingerprint(&client, &args.about).await? };
    let earlier = certify(&client, &question, Some(args.from)).await?;
    let later = certify(&client, &question, args.to).await?;
    let history = HistoryCertificate::new(earlier, later);
    files::write_text(&args.out, &history.to_json())?;
    let shown = json!({
        "certificate": args.out.display().to_string(), "question": "Q8",
        "from": {"height": history.earlier.height, "block_time": history.earlier.header.time},
        "to": {"height": history.later.height, "block_time": history.later.header.time},
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
        QuestionArg::GoodsKeys if args.goods_keys.len() > GOODS_KEYS_MAX => Err(CliError::usage(format!(
            "{} goods keys; one certificate answers for {GOODS_KEYS_MAX} at most",
            args.goods_keys.len()
        ))),
        QuestionArg::GoodsKeys => Ok(Question::GoodsKeys { keys: args.goods_keys.clone() }),
        QuestionArg::ProofLevel => {
            let proof = args.proof.ok_or_else(|| CliError::usage("proof-level needs --proof ID"))?;
            Ok(Question::ProofLevel { proof })
        }
        QuestionArg::DocStatus => Ok(Question::DocStatus { fp1: fingerprint(client, &args.about).await? }),
        QuestionArg::NotPledged => Ok(Question::NotPledged { fp1: fingerprint(client, &args.about).await? }),
        QuestionArg::Unknown => Ok(Question::Unknown { fp1: fingerprint(client, &args.about).await? }),
        QuestionArg::Pledge => Ok(Question::Pledge { fp1: fingerprint(client, &args.about).await? }),
        QuestionArg::Custody => Ok(Question::Custody { fp1: fingerprint(client, &args.about).await? }),
    }
}

async fn fingerprint(client: &RpcClient, args: &About) -> Result<Fp, CliError> {
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
    let trust = Trust { genesis: &genesis, pinned: pinned.as_ref(), now: rpc::now(), max_age_ms: args.max_age };
    let text = match files::read_foreign(&args.certificate)? {
        Ok(text) => text,
        Err(problem) => return Ok(report::garbage(context, &problem)),
    };
    let paper = InHand::read(args)?;
    let (evidence, covers) = (paper.as_ref().map(|p| &p.evidence), paper.as_ref().map(|p| p.covers.as_str()));
    let judge = |verification: &mut Verification| paper.iter().for_each(|paper| paper.judge(verification));
    Ok(match read(&text) {
        Ok(Answer::One(certificate)) => {
            let mut verification = certificate.verify(&trust, evidence);
            judge(&mut verification);
            report::one(context, &genesis, &certificate, &verification, covers);
            ExitCode::from(verification.exit_code())
        }
        Ok(Answer::Two(history)) => {
            let mut verification = history.verify(&trust, evidence);
            [&mut verification.earlier, &mut verification.later].into_iter().for_each(judge);
            report::two(context, &genesis, &history, &verification, covers);
            ExitCode::from(verification.exit_code())
        }
        Err(error) => report::garbage(context, &format!("not a certificate: {error}")),
    })
}

/// What a certificate file may hold.
enum Answer {
    One(Box<StatusCertificate>),
    Two(Box<HistoryCertificate>),
}

/// A file with two certificates has none of the fields of one, so each is told by its own.
fn read(text: &str) -> Result<Answer, FormatError> {
    let is_history = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text)
        .is_ok_and(|fields| fields.contains_key("earlier"));
    if is_history {
        return HistoryCertificate::from_json(text).map(|history| Answer::Two(Box::new(history)));
    }
    StatusCertificate::from_json(text).map(|certificate| Answer::One(Box::new(certificate)))
}

/// Asks for a certificate and verifies it at once: the exit code is the verdict, INVALID for an answer about something else.
///
/// # Errors
/// When the node does not answer, or no genesis is named.
pub(crate) async fn proven(context: &Context, client: &RpcClient, question: &Question, max_age_ms: u64) -> Ended {
    let genesis = genesis(context)?;
    let trust = Trust { genesis: &genesis, pinned: None, now: rpc::now(), max_age_ms: Some(max_age_ms) };
    let (certificate, verification) = match client.proven(question, None, &trust).await {
        Err(other @ RpcError::OtherAnswer { .. }) => return Ok(report::garbage(context, &other.to_string())),
        answer => answer?,
    };
    report::one(context, &genesis, &certificate, &verification, None);
    Ok(ExitCode::from(verification.exit_code()))
}

pub(crate) fn genesis(context: &Context) -> Result<Genesis, CliError> {
    let next = "Add --genesis FILE; a verifier must have the genesis from a source it trusts.";
    match &context.globals().genesis {
        Some(path) => load_genesis(path),
        None => context.genesis()?.ok_or_else(|| CliError::usage("no genesis is named").next(next)),
    }
}

/// The paper that a bearer shows.
struct InHand {
    evidence: PaperEvidence,
    /// What a VALID says of it.
    covers: String,
    /// Fields that the paper states otherwise than the issuer's disclosure.
    altered: Vec<&'static str>,
}

impl InHand {
    /// # Errors
    /// When a file cannot be used, or there is a query ticket and no paper.
    fn read(args: &VerifyArgs) -> Result<Option<Self>, CliError> {
        let Some(ticket) = &args.query_ticket else { return Ok(None) };
        let ticket: QueryTicket = files::read_json(ticket, "a query ticket")?;
        let paper = args.document.as_deref().map(Paper::load).transpose()?;
        let whole = "the answer is about the paper in hand".to_owned();
        let (disclosure, covers, altered) = match (paper, &args.disclosure, &args.salts) {
            (paper, Some(path), _) => {
                let opening = files::read_json::<ContentOpening>(path, "a disclosure")?;
                let (covers, altered) = compared(&opening, paper.as_ref());
                (Disclosure::Opened { opening }, covers, altered)
            }
            (Some(paper), None, Some(salts)) => {
                let opening = paper.open_identity(&SaltsFile::load(salts)?).map_err(|error| {
                    CliError::usage(error.to_string()).next(
                        "Either these are another document's salts, or this paper says something else than was registered: then it is not the document.",
                    )
                })?;
                (Disclosure::Opened { opening }, whole, Vec::new())
            }
            (Some(paper), None, None) => (Disclosure::Read { fields: paper.fields }, whole, Vec::new()),
            (None, None, _) => {
                return Err(CliError::usage("--query-ticket needs the paper")
                    .next("Add --document FILE [--salts FILE | --disclosure FILE], or --disclosure FILE alone."));
            }
        };
        Ok(Some(Self { evidence: PaperEvidence { ticket, disclosure }, covers, altered }))
    }

    /// A paper that says something else than the issuer registered is not the document, whatever else is proven.
    fn judge(&self, verification: &mut Verification) {
        if verification.paper == PaperLine::Valid && !self.altered.is_empty() {
            let fields = self.altered.join(", ");
            let reason = format!("the paper in hand says something else than the issuer registered: {fields}");
            verification.paper = PaperLine::NotShown { reason };
        }
    }
}

/// What a disclosure covers, in words, and the fields in which a paper differs from it. What is not disclosed cannot be compared.
fn compared(opening: &ContentOpening, paper: Option<&Paper>) -> (String, Vec<&'static str>) {
    let opened = |id: FieldId| opening.fields.iter().find(|field| field.field == id);
    let names = |ids: Vec<FieldId>| ids.into_iter().map(json_name).collect::<Vec<_>>();
    let shown = names(opening.fields.iter().map(|field| field.field).collect()).join(", ");
    let Some(paper) = paper else {
        return (format!("the answer is about the paper with the disclosed {shown}; compare them"), Vec::new());
    };
    let of_paper = |wanted: &dyn Fn(FieldId, &[u8]) -> bool| {
        names(paper.fields.iter().filter(|(id, bytes)| wanted(*id, bytes)).map(|(id, _)| *id).collect())
    };
    let altered = of_paper(&|id, bytes| opened(id).is_some_and(|field| field.bytes != bytes));
    let unseen = of_paper(&|id, _| opened(id).is_none());
    let rest = if unseen.is_empty() { String::new() } else { format!("; not disclosed: {}", unseen.join(", ")) };
    (format!("the answer is about the paper in hand; compared: {shown}{rest}"), altered)
}
