//! `waybill anchor --from`: many notes from one file, with a journal so that a run may end at any time and be taken up again.
//!
//! [`rows`] reads the firm's file, [`send`] takes the rows to the ledger, [`journal`] remembers what was sent and what came back, and
//! [`results`] is what the firm reads. docs/bulk-anchoring.md is the page for people.

mod journal;
mod progress;
mod results;
mod rows;
mod send;

use crate::commands::Ended;
use crate::context::Context;
use crate::error::{CliError, exit};
use crate::output;
use clap::Args;
use journal::{End, Journal};
use landsea_client::paper::BulkSalts;
use landsea_types::Commit;
use landsea_types::role::LegalBasis;
use results::Counts;
use rows::Row;
use send::{Sender, Terms};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Arguments of `waybill anchor --from`.
#[derive(Debug, Args)]
pub(crate) struct BulkArgs {
    /// Many notes: a table (.csv), or one JSON document a line (.jsonl); run it again to go on
    #[arg(long, value_name = "FILE", conflicts_with = "paper", help_heading = "Many notes")]
    pub(crate) from: Option<PathBuf>,
    /// Where to write what became of every row; FILE.results.csv, with --check FILE.check.csv, when absent; the journal lies beside it
    #[arg(long, value_name = "FILE", requires = "from", help_heading = "Many notes")]
    results: Option<PathBuf>,
    /// Only say what is wrong with the rows; send nothing
    #[arg(long, requires = "from", help_heading = "Many notes")]
    check: bool,
    /// Send rows again that the ledger refused in an earlier run
    #[arg(long, requires = "from", help_heading = "Many notes")]
    retry_refused: bool,
    /// Print the row that begins on this line as a document in JSON, for other commands; send nothing
    #[arg(long, value_name = "LINE", requires = "from", help_heading = "Many notes")]
    show: Option<u64>,
}

/// What the whole command says besides [`BulkArgs`].
pub(crate) struct Sending<'a> {
    pub(crate) salts: Option<&'a Path>,
    pub(crate) legal_basis: LegalBasis,
    pub(crate) valid_for: u64,
}

/// How the sending came to its end.
enum Stop {
    Done,
    Interrupted,
    Failed(CliError),
}

/// Registers the notes of a file.
///
/// # Errors
/// What stops all rows, after the result file was written.
pub(crate) async fn run(context: &Context, from: &Path, args: &BulkArgs, sending: &Sending<'_>) -> Ended {
    let rows = rows::read(from)?;
    if let Some(line) = args.show {
        output::json_value(rows::document(&rows, line)?);
        return Ok(ExitCode::SUCCESS);
    }
    let kind = if args.check { "check.csv" } else { "results.csv" };
    let results = args.results.clone().unwrap_or_else(|| beside(from, kind));
    if args.check {
        let counts = results::count(&rows, |_| None);
        results::write(&results, &rows, |_| None)?;
        return Ok(tell(context, &rows, counts, &results, &Stop::Done));
    }
    let journal = beside(&results, "journal");
    let roots = roots(&rows, sending.salts, &journal)?;
    let client = context.client()?;
    let identity = context.identity()?;
    let chain = context.chain_id(&client).await?;
    let (journal, mut past) = Journal::open(&journal, chain, identity.account)?;
    if args.retry_refused {
        past.ends.retain(|_, end| !matches!(end, End::Refused { .. }));
    }
    let terms = Terms { chain, identity, legal_basis: sending.legal_basis, valid_for: sending.valid_for };
    let mut sender = Sender::new(&client, terms, (&rows, &roots), (journal, past), context.json());
    let stop = tokio::select! {
        ended = sender.run() => ended.map_or_else(Stop::Failed, |()| Stop::Done),
        pressed = tokio::signal::ctrl_c() => {
            pressed.map_or_else(|e| Stop::Failed(CliError::local(format!("signals: {e}"))), |()| Stop::Interrupted)
        }
    };
    sender.close();
    results::write(&results, &rows, |row| sender.end(row))?;
    let counts = results::count(&rows, |row| sender.end(row));
    let code = tell(context, &rows, counts, &results, &stop);
    match stop {
        Stop::Failed(error) => Err(error),
        Stop::Done | Stop::Interrupted => Ok(code),
    }
}

/// The content root of every sound row, under the salts of one file, which is made when it does not exist and nothing was sent under another.
fn roots(rows: &[Row], salts: Option<&Path>, journal: &Path) -> Result<Vec<Option<Commit>>, CliError> {
    let path = salts.ok_or_else(|| {
        CliError::usage("no file for the salts is named")
            .next("Name a private file with --salts FILE; it is made when it does not exist.")
    })?;
    let bulk = if path.exists() {
        BulkSalts::load(path)?
    } else if journal.exists() {
        let what = format!("there is no salts file {}, but rows were sent under one before", path.display());
        return Err(CliError::usage(what).next(format!(
            "Name the first run's with --salts FILE; to begin anew, another result file with --results FILE ({} lies beside this one).",
            journal.display()
        )));
    } else {
        let made = BulkSalts::create(path)?;
        output::note(&format!("salts made: {} (keep it, or the fields can never be disclosed)", path.display()));
        made
    };
    let root = |row: &Row| row.paper.as_ref().ok().map(|paper| Ok(bulk.for_paper(paper)?.content_root));
    rows.iter().map(|row| root(row).transpose()).collect()
}

/// Says how it ended: 0 when every row is on the ledger, 1 when some were refused, 2 when some are wrong, 130 after Ctrl-C.
fn tell(context: &Context, rows: &[Row], counts: Counts, results: &Path, stop: &Stop) -> ExitCode {
    let interrupted = matches!(stop, Stop::Interrupted);
    if context.json() {
        output::json_value(&json!({ "counts": counts, "results": results, "interrupted": interrupted }));
    } else {
        say(rows, counts, results);
    }
    if !matches!(stop, Stop::Done) && !context.json() {
        output::note(
            "Run the same command again to go on: what was sent is in the journal, accepted rows are not sent again.",
        );
    }
    match counts {
        _ if interrupted => ExitCode::from(exit::INTERRUPTED),
        Counts { invalid: 1.., .. } => ExitCode::from(exit::USAGE),
        Counts { refused: 1.., .. } => ExitCode::from(exit::REFUSED),
        _ => ExitCode::SUCCESS,
    }
}

/// Faults told on the terminal; all of them are in the result file.
const FAULTS_TOLD: usize = 5;

fn say(rows: &[Row], counts: Counts, results: &Path) {
    let Counts { rows: all, accepted, known, refused, invalid, pending } = counts;
    output::line(format!(
        "{all} rows: {accepted} accepted, {known} known before, {refused} refused, {invalid} invalid, {pending} pending"
    ));
    let faults = rows.iter().filter_map(|row| Some((row.line, row.paper.as_ref().err()?)));
    faults.take(FAULTS_TOLD).for_each(|(line, fault)| output::line(format!("  {}", fault.sentence(line))));
    if invalid > FAULTS_TOLD {
        output::line(format!("  ... and {} more", invalid - FAULTS_TOLD));
    }
    output::line(format!("what became of every row: {}", results.display()));
}

/// A file's name with something added to it.
fn beside(path: &Path, added: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(added);
    name.into()
}
