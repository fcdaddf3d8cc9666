//! The result file: one line a row of the firm's file, in its order.

use super::journal::End;
use super::rows::{Fault, Row};
use crate::error::CliError;
use landsea_types::Code;
use serde::Serialize;
use std::path::Path;

/// How many rows ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub(crate) rows: usize,
    pub(crate) accepted: usize,
    pub(crate) known: usize,
    pub(crate) refused: usize,
    pub(crate) invalid: usize,
    pub(crate) pending: usize,
}

/// A line of the result file.
struct Line {
    status: &'static str,
    document: String,
    code: String,
    transaction: String,
    sentence: String,
}

impl Line {
    fn new(status: &'static str, sentence: impl Into<String>) -> Self {
        let (document, code, transaction) = Default::default();
        Self { status, document, code, transaction, sentence: sentence.into() }
    }

    fn of(row: &Row, end: Option<&End>) -> Self {
        match (&row.paper, end) {
            (Err(fault), _) => Self::invalid(row, fault),
            (Ok(_), None) => Self::new("PENDING", "not sent, or without an outcome yet; run the same command again"),
            (Ok(_), Some(End::Accepted { document, transaction })) => Self {
                document: document.to_string(),
                transaction: transaction.to_string(),
                code: Code::Ok.number().to_string(),
                ..Self::new("ACCEPTED", "registered")
            },
            (Ok(_), Some(End::Known { document })) => Self {
                document: document.to_string(),
                ..Self::new("KNOWN", "you had registered it before; not sent again")
            },
            (Ok(_), Some(End::Refused { code, document, sentence })) => Self {
                document: document.map(|id| id.to_string()).unwrap_or_default(),
                code: code.to_string(),
                ..Self::new("REFUSED", sentence)
            },
        }
    }

    fn invalid(row: &Row, fault: &Fault) -> Self {
        Self::new("INVALID", fault.sentence(row.line))
    }
}

/// Counts how the rows ended.
pub(crate) fn count<'a>(rows: &[Row], end: impl Fn(usize) -> Option<&'a End>) -> Counts {
    let mut counts = Counts { rows: rows.len(), ..Counts::default() };
    for (index, row) in rows.iter().enumerate() {
        match (&row.paper, end(index)) {
            (Err(_), _) => counts.invalid += 1,
            (Ok(_), None) => counts.pending += 1,
            (Ok(_), Some(End::Accepted { .. })) => counts.accepted += 1,
            (Ok(_), Some(End::Known { .. })) => counts.known += 1,
            (Ok(_), Some(End::Refused { .. })) => counts.refused += 1,
        }
    }
    counts
}

/// Writes the file anew, beside its place first, so that nobody ever reads half of it.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write<'a>(path: &Path, rows: &[Row], end: impl Fn(usize) -> Option<&'a End>) -> Result<(), CliError> {
    let fail = |e: csv::Error| CliError::local(format!("{}: {e}", path.display()));
    let mut text = csv::Writer::from_writer(Vec::new());
    text.write_record(["row", "number", "status", "document", "code", "transaction", "sentence"]).map_err(fail)?;
    for (index, row) in rows.iter().enumerate() {
        let line = Line::of(row, end(index));
        let place = row.line.to_string();
        let cells = [&place, &row.number, line.status, &line.document, &line.code, &line.transaction, &line.sentence];
        text.write_record(cells).map_err(fail)?;
    }
    let bytes = text.into_inner().map_err(|e| CliError::local(format!("{}: {e}", path.display())))?;
    let beside = super::beside(path, "new");
    std::fs::write(&beside, bytes).map_err(|e| CliError::file(&beside, &e))?;
    std::fs::rename(&beside, path).map_err(|e| CliError::file(path, &e))
}
