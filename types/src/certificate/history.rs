//! Q8: was the document free then, and is it now? Two certificates of one question, at two heights of one chain.
//!
//! Each half is verified by itself, with the same genesis and the same pinned header; the age limit concerns the later one, because the
//! earlier one is meant to be old. Together they also say whether the document itself changed in between: every change of a document
//! raises its version, so equal versions of one document mean that its record stayed as it was. Reservations, encumbrances and holds lie
//! beside the document and may have come and gone between the two heights without a trace in either; each half speaks for its own height
//! alone. The events of a height hash to the outcomes root of its header, which each half carries.

use super::verdict::{Integrity, Verdict, Verification};
use super::verify::Trust;
use super::{FormatError, PaperEvidence, PaperLine, StatusCertificate, check_size};
use crate::record::PublicDoc;
use crate::state::Family;
use crate::{DocId, Hash, Height};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version written by this release.
pub const VERSION: u8 = 1;

/// The answers to one question at two heights.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct HistoryCertificate {
    pub version: u8,
    pub earlier: StatusCertificate,
    pub later: StatusCertificate,
}

/// What became of the document between the two heights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "change", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// It was not registered at either height.
    Absent,
    /// It was registered in between.
    Registered { doc: DocId, ver: u32 },
    /// Its record is the same at both heights.
    Unchanged { doc: DocId, ver: u32 },
    /// Its record has changed.
    Changed { doc: DocId, from_ver: u32, to_ver: u32 },
    /// Another document has taken its place under the same fingerprint.
    Renewed { from: DocId, to: DocId },
}

/// What the verifier says about both halves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryVerification {
    pub earlier: Verification,
    pub later: Verification,
    /// `None` when a half proves nothing.
    pub change: Option<Change>,
    /// The roots over the outcomes, with their events, of both heights.
    pub outcomes_roots: (Hash, Hash),
}

/// Why two certificates are no history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum PairError {
    #[error("history version {0} is not known")]
    Version(u8),
    #[error("the halves answer different questions, or a question that is not about a document")]
    Question,
    #[error("height {earlier} of the first half is not below height {later} of the second")]
    Order { earlier: Height, later: Height },
    #[error("the document of height {later} has a lower version than at height {earlier}")]
    Backward { earlier: Height, later: Height },
    #[error("the document of height {earlier} is gone at height {later}")]
    Gone { earlier: Height, later: Height },
}

impl HistoryCertificate {
    /// Joins two certificates.
    pub fn new(earlier: StatusCertificate, later: StatusCertificate) -> Self {
        Self { version: VERSION, earlier, later }
    }

    /// Verifies both halves and what they say together.
    pub fn verify(&self, trust: &Trust<'_>, paper: Option<&PaperEvidence>) -> HistoryVerification {
        let earlier = self.earlier.verify(&Trust { max_age_ms: None, ..*trust }, paper);
        let later = self.later.verify(trust, paper);
        let outcomes_roots = (self.earlier.header.outcomes_root, self.later.header.outcomes_root);
        if [&earlier, &later].iter().any(|half| half.status == Verdict::Invalid) {
            return HistoryVerification { earlier, later, change: None, outcomes_roots };
        }
        match self.change() {
            Ok(change) => HistoryVerification { earlier, later, change: Some(change), outcomes_roots },
            Err(error) => {
                let invalid = invalid(&error);
                HistoryVerification { earlier: invalid.clone(), later: invalid, change: None, outcomes_roots }
            }
        }
    }

    /// Compares the documents shown, once both halves are verified.
    fn change(&self) -> Result<Change, PairError> {
        let (earlier, later) = (self.earlier.height, self.later.height);
        if self.version != VERSION {
            return Err(PairError::Version(self.version));
        }
        if self.earlier.question != self.later.question || self.earlier.question.fp1().is_none() {
            return Err(PairError::Question);
        }
        if earlier >= later || self.earlier.header.time >= self.later.header.time {
            return Err(PairError::Order { earlier, later });
        }
        match (shown(&self.earlier), shown(&self.later)) {
            (None, None) => Ok(Change::Absent),
            (None, Some(doc)) => Ok(Change::Registered { doc: doc.id, ver: doc.ver }),
            (Some(_), None) => Err(PairError::Gone { earlier, later }),
            (Some(old), Some(new)) if old.id != new.id => Ok(Change::Renewed { from: old.id, to: new.id }),
            (Some(old), Some(new)) if old == new => Ok(Change::Unchanged { doc: new.id, ver: new.ver }),
            (Some(old), Some(new)) if old.ver < new.ver => {
                Ok(Change::Changed { doc: new.id, from_ver: old.ver, to_ver: new.ver })
            }
            _ => Err(PairError::Backward { earlier, later }),
        }
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a certificate has only string keys");
        text.push('\n');
        text
    }
    /// Reads a file's text.
    ///
    /// # Errors
    /// [`FormatError`] for size and malformed text.
    pub fn from_json(text: &str) -> Result<Self, FormatError> {
        check_size(text.len())?;
        serde_json::from_str(text).map_err(|e| FormatError::Malformed { detail: e.to_string() })
    }
}

/// The document that a verified certificate shows: it shows one at most.
fn shown(certificate: &StatusCertificate) -> Option<PublicDoc> {
    let item = certificate.items.iter().find(|item| item.family == Family::Doc)?;
    borsh::from_slice(&item.opening.as_ref()?.public).ok()
}

fn invalid(error: &PairError) -> Verification {
    Verification {
        integrity: Integrity::Invalid { reason: error.to_string() },
        status: Verdict::Invalid,
        issuer: None,
        paper: PaperLine::not_shown("the certificate proves nothing"),
    }
}

impl HistoryVerification {
    /// The process exit code: the greater of both halves', see [`Verdict::exit_code`]; 20 when either proves nothing. So it is 0 only
    /// where the document was FREE at both heights.
    pub fn exit_code(&self) -> u8 {
        match self.change {
            None => Verdict::Invalid.exit_code(),
            Some(_) => self.earlier.exit_code().max(self.later.exit_code()),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Absent => f.write_str("ABSENT (registered at neither height)"),
            Change::Registered { doc, .. } => write!(f, "REGISTERED in between (document {doc})"),
            Change::Unchanged { ver, .. } => write!(f, "UNCHANGED (version {ver} at both heights)"),
            Change::Changed { from_ver, to_ver, .. } => write!(f, "CHANGED (version {from_ver}, then {to_ver})"),
            Change::Renewed { from, to } => write!(f, "RENEWED (document {from}, then {to})"),
        }
    }
}

impl fmt::Display for HistoryVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "EARLIER\n{}", self.earlier)?;
        writeln!(f, "LATER\n{}", self.later)?;
        match &self.change {
            Some(change) => write!(f, "CHANGE     {change}"),
            None => write!(f, "CHANGE     NOT SHOWN"),
        }
    }
}
