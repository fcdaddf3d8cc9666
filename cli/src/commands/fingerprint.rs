//! `fingerprint`: what a paper is on the ledger, computed where the paper is.

use super::Ended;
use crate::context::Context;
use crate::error::CliError;
use crate::{files, output};
use clap::Subcommand;
use landsea_client::api::{DeriveRequest, Derived};
use landsea_client::paper::{Paper, PaperError, SaltsFile, cell_request, party_request, site_request};
use landsea_types::fingerprint::field::{FieldId, field_name, identity_fields, json_name};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Commands about fingerprints.
#[derive(Debug, Subcommand)]
pub(crate) enum FingerprintCommand {
    /// Compute the raw fingerprints of a document; nothing leaves this computer
    Raw {
        /// The document as JSON
        file: PathBuf,
    },
    /// Show every field as it enters the fingerprints
    Normalise {
        /// The document as JSON
        file: PathBuf,
    },
    /// Have the own branch sign tickets for a document, a firm, a warehouse site or a cell in one
    Derive {
        /// The document as JSON
        #[arg(required_unless_present_any = ["party", "site"])]
        file: Option<PathBuf>,
        /// Instead of a document: USCC or LEI of a firm
        #[arg(long, value_name = "CODE", conflicts_with = "file")]
        party: Option<String>,
        /// Instead of a document: licence number of a warehouse site
        #[arg(long, value_name = "CODE", conflicts_with_all = ["file", "party"])]
        site: Option<String>,
        /// With --site: code of one cell of it, for `goods.cell_open`
        #[arg(long, value_name = "CODE", requires = "site")]
        cell: Option<String>,
        /// Write the derive ticket here
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Write the query ticket here, for `certificate verify`
        #[arg(long, value_name = "FILE")]
        query_ticket: Option<PathBuf>,
    },
    /// Draw salts and compute a document's content root
    Root {
        /// The document as JSON
        file: PathBuf,
        /// New private file for the salts
        #[arg(long, value_name = "FILE")]
        salts: PathBuf,
    },
    /// Disclose chosen fields of a document under its content root
    Open {
        /// The document as JSON
        file: PathBuf,
        /// The salts file made when the document was registered, alone or among many
        #[arg(long, value_name = "FILE")]
        salts: PathBuf,
        /// Field to disclose, by its name in the JSON; those of the identity when absent
        #[arg(long = "field", value_name = "NAME")]
        fields: Vec<String>,
        /// Where to write the disclosure
        #[arg(long, value_name = "FILE", default_value = "-")]
        out: PathBuf,
    },
}

/// Runs a fingerprint command.
pub(crate) async fn run(context: &Context, command: &FingerprintCommand) -> Ended {
    match command {
        FingerprintCommand::Raw { file } => output::answer(&raw(&Paper::load(file)?), context.json(), &context.names()),
        FingerprintCommand::Normalise { file } => normalise(context, file)?,
        FingerprintCommand::Derive { file, party, site, cell, out, query_ticket } => {
            let request = match cell {
                Some(cell) => cell_request(site.as_deref().unwrap_or_default(), cell).map_err(no_code)?,
                None => request(file.as_deref(), party.as_deref(), site.as_deref())?,
            };
            let derived = context.client()?.fingerprint_derive(&request).await?;
            store(&derived, out.as_deref(), query_ticket.as_deref())?;
            output::answer(&derived, context.json(), &context.names());
        }
        FingerprintCommand::Root { file, salts } => {
            let made = SaltsFile::for_paper(&Paper::load(file)?)?;
            made.create(salts)?;
            output::answer(&json!({ "content_root": made.content_root }), context.json(), &context.names());
        }
        FingerprintCommand::Open { file, salts, fields, out } => {
            let paper = Paper::load(file)?;
            let opening = paper.open(&SaltsFile::load_for(salts, &paper)?, &chosen(&paper, fields)?)?;
            files::write_json(out, &opening)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn raw(paper: &Paper) -> DeriveRequest {
    paper.derive_request()
}

fn request(file: Option<&Path>, party: Option<&str>, site: Option<&str>) -> Result<DeriveRequest, CliError> {
    match (file, party, site) {
        (Some(file), ..) => Ok(Paper::load(file)?.derive_request()),
        (None, Some(code), _) => party_request(code).map_err(no_code),
        (None, None, Some(code)) => site_request(code).map_err(no_code),
        (None, None, None) => Err(CliError::usage("name a document file, --party CODE or --site CODE")),
    }
}

/// What is wrong with a code stands on the command line, not in a document file.
pub(super) fn no_code(error: PaperError) -> CliError {
    CliError::usage(error.to_string()).next("Write the code as the register has it, with its check digits.")
}

fn store(derived: &Derived, out: Option<&Path>, query_ticket: Option<&Path>) -> Result<(), CliError> {
    if let Some(path) = out {
        files::write_json(path, &derived.ticket)?;
    }
    if let Some(path) = query_ticket {
        files::write_json(path, &derived.query_ticket)?;
    }
    Ok(())
}

fn normalise(context: &Context, file: &Path) -> Result<(), CliError> {
    let paper = Paper::load(file)?;
    if context.json() {
        let rows: Vec<Value> = paper.fields.iter().map(|(id, bytes)| row(*id, bytes)).collect();
        output::json_value(&rows);
        return Ok(());
    }
    let identity = identity_fields(paper.kind());
    let mut table = output::table(&["field", "no.", "identity", "normalised"]);
    for (id, bytes) in &paper.fields {
        let mark = if identity.contains(id) { "yes" } else { "" };
        table.add_row([field_name(*id).to_owned(), id.to_string(), mark.to_owned(), spelled(bytes).join(" ")]);
    }
    output::print_table(&table);
    Ok(())
}

fn row(id: FieldId, bytes: &[u8]) -> Value {
    json!({ "field": id, "name": json_name(id), "normalised": spelled(bytes), "bytes": hex::encode(bytes) })
}

/// The texts of a field: a set is a borsh list of texts, everything else is one text.
fn spelled(bytes: &[u8]) -> Vec<String> {
    let lossy = |part: &Vec<u8>| String::from_utf8_lossy(part).into_owned();
    match borsh::from_slice::<Vec<Vec<u8>>>(bytes) {
        Ok(set) if !set.is_empty() => set.iter().map(lossy).collect(),
        _ => vec![lossy(&bytes.to_vec())],
    }
}

fn chosen(paper: &Paper, names: &[String]) -> Result<Vec<FieldId>, CliError> {
    if names.is_empty() {
        return Ok(identity_fields(paper.kind()).to_vec());
    }
    let find = |name: &String| {
        let stated = paper.fields.iter().map(|(id, _)| *id).find(|id| json_name(*id) == name);
        stated.ok_or_else(|| CliError::usage(format!("the document states no field `{name}`")))
    };
    names.iter().map(find).collect()
}
