//! The paper line: is the paper in hand the document that a certificate speaks about?
//!
//! VALID needs two things. The fields of the paper open under the document's content root; and a branch has signed a query
//! ticket that ties the identity recomputed from those fields to the document's fingerprint. Either alone proves nothing: anybody
//! can ask for a ticket over a fingerprint's raw, and a content root does not say which fingerprint belongs to it. For a
//! document that the ledger does not know there is no content root; the ticket and the paper's fields tie the paper to the
//! fingerprint that was asked for.

use crate::fingerprint::{ContentOpening, FieldId, raw_fp1_from_fields};
use crate::genesis::Genesis;
use crate::record::PublicDoc;
use crate::role::DocKind;
use crate::ticket::QueryTicket;
use crate::{ChainId, Fp, Hash};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The fields of a paper that its bearer shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum Disclosure {
    /// Fields with salts and paths to the content root.
    Opened { opening: ContentOpening },
    /// Normalised fields read off the paper; enough only for a document that the ledger does not know.
    Read { fields: Vec<(FieldId, Vec<u8>)> },
}

impl Disclosure {
    fn fields(&self) -> Vec<(FieldId, Vec<u8>)> {
        match self {
            Disclosure::Opened { opening } => opening.fields.iter().map(|f| (f.field, f.bytes.clone())).collect(),
            Disclosure::Read { fields } => fields.clone(),
        }
    }
}

/// What a bearer shows beside a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperEvidence {
    pub ticket: QueryTicket,
    pub disclosure: Disclosure,
}

/// Whether the paper in hand is the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "paper", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaperLine {
    /// The fields open under the content root and a branch ties them to the fingerprint.
    Valid,
    /// Nothing or not enough was shown.
    NotShown { reason: String },
}

impl PaperLine {
    pub(super) fn not_shown(reason: impl Into<String>) -> Self {
        PaperLine::NotShown { reason: reason.into() }
    }
}

impl fmt::Display for PaperLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PaperLine::Valid => f.write_str("VALID"),
            PaperLine::NotShown { reason } => write!(f, "NOT SHOWN ({reason})"),
        }
    }
}

/// Judges the paper against the document proved by a certificate, or against the absence of one.
pub(super) fn judge(
    evidence: Option<&PaperEvidence>,
    asked: Option<Fp>,
    doc: Option<&PublicDoc>,
    genesis: &Genesis,
    chain: &ChainId,
) -> PaperLine {
    let (Some(evidence), Some(asked)) = (evidence, asked) else {
        return PaperLine::not_shown("no paper was shown, or the question is not about a document");
    };
    match check(evidence, asked, doc, genesis, chain) {
        Ok(()) => PaperLine::Valid,
        Err(reason) => PaperLine::not_shown(reason),
    }
}

fn check(
    evidence: &PaperEvidence,
    asked: Fp,
    doc: Option<&PublicDoc>,
    genesis: &Genesis,
    chain: &ChainId,
) -> Result<(), String> {
    let ticket = &evidence.ticket;
    let branch = genesis.member(ticket.body.member).ok_or("the ticket names no member of this chain")?;
    if ticket.body.chain_id != *chain || !ticket.verify(&branch.validator_key) {
        return Err("the query ticket is not signed by that branch for this chain".into());
    }
    if ticket.body.fp1 != asked {
        return Err("the query ticket is about another document".into());
    }
    let fields =
        match (doc, &evidence.disclosure) {
            (None, disclosure) => disclosure.fields(),
            (Some(doc), Disclosure::Opened { opening }) => {
                check_kind(ticket.body.kind, doc)?;
                opening.verify(&doc.content_root.0).map_err(|e| e.to_string())?
            }
            (Some(_), Disclosure::Read { .. }) => return Err(
                "the fields are not opened under the content root; the issuer's disclosure or salts would open them"
                    .into(),
            ),
        };
    let raw = raw_fp1_from_fields(ticket.body.kind, &fields).map_err(|e| e.to_string())?;
    if Hash(raw) == ticket.body.raw1 { Ok(()) } else { Err("the fields are those of another paper".into()) }
}

fn check_kind(kind: DocKind, doc: &PublicDoc) -> Result<(), String> {
    if kind.family() == doc.kind.family() {
        Ok(())
    } else {
        Err("the paper is of another kind than the document".into())
    }
}
