//! What can be asked, and which leaves answer it. Q8 asks the same twice, see [`super::history`].

use crate::record::{PublicDoc, PublicFp};
use crate::state::{Family, Leaf};
use crate::{DocId, Fp, GoodsKey, ProofId, bounds};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A question to the ledger. Documents are named by fingerprint: what the paper in hand yields.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(tag = "question", rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// Q1: in which state is the document? The answer is never FREE, because it shows no encumbrance.
    DocStatus { fp1: Fp },
    /// Q2: is the document free to be pledged?
    NotPledged { fp1: Fp },
    /// Q3: was the document never registered?
    Unknown { fp1: Fp },
    /// Q4: does a registered lot occupy one of these goods keys?
    GoodsKeys { keys: Vec<GoodsKey> },
    /// Q5: is the document pledged, and with which priority?
    Pledge { fp1: Fp },
    /// Q6: which level has an authenticity case?
    ProofLevel { proof: ProofId },
    /// Q7: who keeps the goods of the document, and where?
    Custody { fp1: Fp },
}

impl Question {
    /// The number of the question in the specification, such as `Q2`.
    pub fn number(&self) -> &'static str {
        match self {
            Question::DocStatus { .. } => "Q1",
            Question::NotPledged { .. } => "Q2",
            Question::Unknown { .. } => "Q3",
            Question::GoodsKeys { .. } => "Q4",
            Question::Pledge { .. } => "Q5",
            Question::ProofLevel { .. } => "Q6",
            Question::Custody { .. } => "Q7",
        }
    }
    /// The fingerprint asked about, for questions about a document.
    pub fn fp1(&self) -> Option<Fp> {
        match self {
            Question::DocStatus { fp1 }
            | Question::NotPledged { fp1 }
            | Question::Unknown { fp1 }
            | Question::Pledge { fp1 }
            | Question::Custody { fp1 } => Some(*fp1),
            Question::GoodsKeys { .. } | Question::ProofLevel { .. } => None,
        }
    }
    /// Whether the question is within bounds: goods keys are asked for a few at a time.
    pub fn is_well_formed(&self) -> bool {
        match self {
            Question::GoodsKeys { keys } => (1..=bounds::GOODS_KEYS_MAX).contains(&keys.len()),
            _ => true,
        }
    }
}

/// The leaves that a question needs, ascending by (family, id), given the leaves of one version of the state.
pub fn items_for(question: &Question, leaf: impl Fn(Family, &[u8; 32]) -> Option<Leaf>) -> Vec<(Family, [u8; 32])> {
    needed(question, &|family, id| leaf(family, id).map(|l| l.public))
}

/// Reads the public part of a leaf; `None` when it is absent.
pub(super) type PublicParts<'a> = &'a dyn Fn(Family, &[u8; 32]) -> Option<Vec<u8>>;

/// As [`items_for`], over public parts.
pub(super) fn needed(question: &Question, public: PublicParts<'_>) -> Vec<(Family, [u8; 32])> {
    let mut items = BTreeSet::new();
    match question {
        Question::DocStatus { fp1 } | Question::Unknown { fp1 } => {
            add_doc(*fp1, public, &mut items);
        }
        Question::NotPledged { fp1 } => {
            if let Some(doc) = add_doc(*fp1, public, &mut items) {
                items.extend(overlays(&doc));
            }
        }
        Question::Pledge { fp1 } => {
            let doc = add_doc(*fp1, public, &mut items);
            items.extend(doc.map(|d| (Family::Encumbrance, d.id.0)));
        }
        Question::Custody { fp1 } => {
            let lots = add_doc(*fp1, public, &mut items).filter(|d| !d.state.is_terminal()).map(|d| d.lots);
            items.extend(lots.iter().flatten().map(|lot| (Family::Lot, lot.0)));
        }
        Question::GoodsKeys { keys } => items.extend(keys.iter().map(|k| (Family::GoodsKey, k.0))),
        Question::ProofLevel { proof } => {
            items.insert((Family::Proof, proof.0));
        }
    }
    items.into_iter().collect()
}

/// Encumbrance, reservation and hold of a document and of each of its lots. A terminal document has no goods left.
fn overlays(doc: &PublicDoc) -> Vec<(Family, [u8; 32])> {
    if doc.state.is_terminal() {
        return Vec::new();
    }
    let targets = std::iter::once(doc.id.0).chain(doc.lots.iter().map(|lot| lot.0));
    targets.flat_map(|t| OVERLAYS.map(|family| (family, t))).collect()
}

/// The families keyed by target: a leaf there bars or burdens the target.
const OVERLAYS: [Family; 3] = [Family::Encumbrance, Family::Reservation, Family::Hold];

/// Adds the fingerprint and, if it is known, its document.
fn add_doc(fp1: Fp, public: PublicParts<'_>, items: &mut BTreeSet<(Family, [u8; 32])>) -> Option<PublicDoc> {
    items.insert((Family::Fp, fp1.0));
    let doc: DocId = decode::<PublicFp>(public(Family::Fp, &fp1.0))?.doc;
    items.insert((Family::Doc, doc.0));
    decode(public(Family::Doc, &doc.0))
}

/// Decodes a public part; `None` when it is absent or is not one.
pub(super) fn decode<T: BorshDeserialize>(bytes: Option<Vec<u8>>) -> Option<T> {
    borsh::from_slice(&bytes?).ok()
}
