//! Commitments to what stays off the ledger: amounts, contract numbers, agreements.
//!
//! An option that ends up as a commitment takes 64 hex digits as they are, or a text. A text is salted and committed, and text and
//! salt are written to the file named by `--keep`, because nobody could ever open the commitment without them.

use crate::error::CliError;
use landsea_client::keys::write_private;
use landsea_client::paper::commitment;
use landsea_types::{Commit, Hash};
use serde::Serialize;
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// What is kept of one commitment.
#[derive(Clone, Debug, Serialize)]
struct Kept {
    field: String,
    text: String,
    salt: Hash,
    commit: Commit,
}

/// Collects the commitments of one command.
pub(crate) struct Keeper {
    path: Option<PathBuf>,
    kept: RefCell<Vec<Kept>>,
}

impl Keeper {
    /// Starts with the file of `--keep`, if given.
    pub(crate) fn new(path: Option<&Path>) -> Self {
        Self { path: path.map(Path::to_path_buf), kept: RefCell::default() }
    }

    /// A commitment from 64 hex digits or a text.
    ///
    /// # Errors
    /// When a text is given but no file to keep it in.
    pub(crate) fn commit(&self, field: &str, value: &str) -> Result<Commit, CliError> {
        match value.parse() {
            Ok(ready) => Ok(ready),
            Err(_) => self.text(field, value),
        }
    }

    /// A commitment to a text, whatever it looks like.
    ///
    /// # Errors
    /// When there is no file to keep it in.
    pub(crate) fn text(&self, field: &str, value: &str) -> Result<Commit, CliError> {
        if self.path.is_none() {
            let what = format!("{field} is a text; its salt must be kept or the commitment can never be opened");
            return Err(CliError::usage(what).next("Name a new file with --keep FILE, or give 64 hex digits."));
        }
        let salt = landsea_client::random::bytes32();
        let commit = commitment(&salt, value.as_bytes());
        self.kept.borrow_mut().push(Kept { field: field.to_owned(), text: value.to_owned(), salt: Hash(salt), commit });
        Ok(commit)
    }

    /// As [`Keeper::commit`]; nothing said is the zero commitment.
    ///
    /// # Errors
    /// As [`Keeper::commit`].
    pub(crate) fn optional(&self, field: &str, value: Option<&str>) -> Result<Commit, CliError> {
        value.map_or(Ok(Commit::default()), |text| self.commit(field, text))
    }

    /// Writes the file, before anything is sent.
    ///
    /// # Errors
    /// When it exists already or cannot be written.
    pub(crate) fn store(&self) -> Result<(), CliError> {
        let kept = self.kept.borrow();
        match &self.path {
            Some(path) if !kept.is_empty() => {
                let text = serde_json::to_string_pretty(&*kept).expect("only string keys") + "\n";
                Ok(write_private(path, &text)?)
            }
            _ => Ok(()),
        }
    }
}
