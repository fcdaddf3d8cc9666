//! Status certificates: what the ledger knows about one document, checkable offline with the genesis file alone.
//!
//! A certificate holds a header, the precommits of a quorum over it, and for every leaf that its question needs a path to the
//! header's state root: to the leaf, or to the place where it would be. [`StatusCertificate::verify`] trusts nothing
//! but the genesis (or a newer pinned header) and answers in three parts:
//!
//! - INTEGRITY: a quorum of this chain decided the header, and every leaf shown is the one under it.
//! - STATUS: the verdict at the header's time, see [`Verdict`]. FREE needs the document ACTIVE and neither encumbrance,
//!   reservation nor hold on it or on any of its lots; a document that was never registered is UNKNOWN and never FREE.
//! - ISSUER: who issued the document and which branch answers for that party.
//!
//! A certificate may speak of any height of which the node still has proofs; two of them answer Q8, see [`history`].
//!
//! A fourth line tells whether the paper in hand is that document, see [`paper`].
//!
//! The leaves a question needs follow from the leaves themselves ([`items_for`]): the fingerprint names the document, the document
//! names its lots. The verifier computes the list again from what it has proved, and refuses a certificate that shows less or more.
//! Sibling hashes that several paths share are stored once.
//!
//! Limits, stated honestly: validators whose keys have retired can still sign an old-looking history; a pinned header bounds that.
//! `issued_at` is not covered by any signature and is used for nothing. A reservation whose term has passed but which is not yet swept
//! still counts as RESERVED, an encumbrance likewise: the leaf decides.

pub mod history;
pub mod paper;
mod question;
mod verdict;
mod verify;

#[cfg(test)]
mod tests;

pub use history::{Change, HistoryCertificate, HistoryVerification};
pub use paper::{Disclosure, PaperEvidence, PaperLine};
pub use question::{Question, items_for};
pub use verdict::{Integrity, IssuerLine, Kept, Verdict, Verification};
pub use verify::{Trust, VerifyError, answer};

use crate::block::Header;
use crate::consensus::{CommitCertificate, ValidatorSet};
use crate::state::{Family, Leaf, tree_key};
use crate::tree::{ProofLeaf, StateProof};
use crate::{ChainId, Hash, Height, Member, Signature, Timestamp, bounds};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version written by this release.
pub const VERSION: u8 = 1;

/// A step of the validator set: the old set decided a header that names the next one.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct SetChange {
    pub header: Header,
    pub commit: CommitCertificate,
    /// The set that the header's `next_validators_hash` names.
    pub next: ValidatorSet,
}

/// The public part of a leaf with what hides the rest.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// borsh of the public part.
    #[serde(with = "hex_bytes")]
    #[schemars(with = "String")]
    pub public: Vec<u8>,
    pub record_hash: Hash,
}

/// One leaf shown, or shown to be absent.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub family: Family,
    pub id: Hash,
    /// `None` proves absence.
    pub opening: Option<Opening>,
    /// For absence: the other leaf that stands where this one would, if any.
    pub neighbour: Option<ProofLeaf>,
    /// Siblings from the bottom to the root, as indices into [`StatusCertificate::hashes`].
    pub path: Vec<u16>,
}

/// A proof of what the ledger says at one height. See the module's description.
///
/// - Items ascend by (family, id) and are exactly those of [`items_for`].
/// - Every entry of `hashes` is distinct and used.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct StatusCertificate {
    pub version: u8,
    pub chain_id: ChainId,
    pub height: Height,
    pub header: Header,
    pub round: u32,
    /// Precommits of a quorum, ascending by member.
    pub commit: Vec<(Member, Signature)>,
    /// Changes of the validator set since the genesis; empty while the genesis set stands.
    pub valset_proof: Vec<SetChange>,
    pub question: Question,
    pub items: Vec<Item>,
    /// Distinct sibling hashes, shared by the items.
    pub hashes: Vec<Hash>,
    /// When the node answered, milliseconds since 1970. Informative and not signed: freshness is judged by the header's time.
    pub issued_at: Timestamp,
}

/// Why bytes or text are not a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("{bytes} bytes; a certificate has at most {max}", max = bounds::CERTIFICATE_BYTES_MAX)]
    TooLarge { bytes: usize },
    #[error("{detail}")]
    Malformed { detail: String },
    #[error("the paths need more distinct hashes than a certificate can index")]
    TooManyHashes,
}

/// What a node puts a certificate together from: one committed height.
#[derive(Clone, Debug)]
pub struct Committed {
    pub header: Header,
    pub commit: CommitCertificate,
    pub valset_proof: Vec<SetChange>,
}

impl StatusCertificate {
    /// Puts a certificate together from the leaves and proofs of one committed height.
    ///
    /// `leaf` reads the state after the block; `prove` gives the proof of a tree key in the same version.
    ///
    /// # Errors
    /// [`FormatError::TooManyHashes`] for documents with so many lots that the paths do not fit.
    pub fn assemble(
        question: Question,
        committed: Committed,
        issued_at: Timestamp,
        leaf: impl Fn(Family, &[u8; 32]) -> Option<Leaf>,
        prove: impl Fn(&[u8; 32]) -> StateProof,
    ) -> Result<Self, FormatError> {
        let Committed { header, commit, valset_proof } = committed;
        let mut hashes = HashTable::default();
        let mut items = Vec::new();
        for (family, id) in items_for(&question, &leaf) {
            let proof = prove(&tree_key(family, &id));
            let path = proof.siblings.iter().map(|s| hashes.index(*s)).collect::<Result<_, _>>()?;
            let opening = leaf(family, &id).map(|l| Opening { record_hash: l.record_hash(), public: l.public });
            // A leaf that is there gives its own key and value, so only absence needs the neighbour.
            let neighbour = if opening.is_some() { None } else { proof.leaf };
            items.push(Item { family, id: Hash(id), opening, neighbour, path });
        }
        Ok(Self {
            version: VERSION,
            chain_id: header.chain_id,
            height: header.height,
            header,
            round: commit.round,
            commit: commit.signatures,
            valset_proof,
            question,
            items,
            hashes: hashes.entries,
            issued_at,
        })
    }

    /// The commit certificate that the precommits make.
    pub fn commit_certificate(&self) -> CommitCertificate {
        CommitCertificate {
            height: self.height,
            round: self.round,
            block: self.header.id(),
            signatures: self.commit.clone(),
        }
    }

    /// The compact form.
    pub fn to_bytes(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to a vector cannot fail")
    }
    /// Reads the compact form.
    ///
    /// # Errors
    /// [`FormatError`] for size and malformed bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        check_size(bytes.len())?;
        borsh::from_slice(bytes).map_err(|e| FormatError::Malformed { detail: e.to_string() })
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

fn check_size(bytes: usize) -> Result<(), FormatError> {
    if bytes <= bounds::CERTIFICATE_BYTES_MAX { Ok(()) } else { Err(FormatError::TooLarge { bytes }) }
}

/// Stores each hash once, in order of first use.
#[derive(Default)]
struct HashTable {
    entries: Vec<Hash>,
    known: BTreeMap<Hash, u16>,
}

impl HashTable {
    fn index(&mut self, hash: Hash) -> Result<u16, FormatError> {
        if let Some(index) = self.known.get(&hash) {
            return Ok(*index);
        }
        let index = u16::try_from(self.entries.len()).map_err(|_| FormatError::TooManyHashes)?;
        self.entries.push(hash);
        self.known.insert(hash, index);
        Ok(index)
    }
}

/// Bytes as hex text in JSON.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(bytes))
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        hex::decode(text.as_bytes()).map_err(D::Error::custom)
    }
}
