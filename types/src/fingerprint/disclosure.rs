//! Selective disclosure: a content root commits to every field of a document, and a bundle opens some.
//!
//! The root is a binary Merkle tree over salted leaves in the order of the fields; an odd node moves up
//! unchanged. Leaves, nodes and the root have different prefixes, and the root binds the number of leaves,
//! so no node can pass for a leaf and no tree for a smaller one.

use borsh::{BorshDeserialize, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use super::field::FieldId;
use crate::Hash;

const LEAF: &[u8] = b"landsea/content-leaf/v1";
const NODE: &[u8] = b"landsea/content-node/v1";
const ROOT: &[u8] = b"landsea/content-root/v1";
const SALT: &[u8] = b"landsea/content-salt/v1";

/// Most fields under one content root.
pub const CONTENT_FIELDS_MAX: usize = 256;

/// One disclosed field with what ties it to the root.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenedField {
    /// Position among the leaves, from 0.
    pub index: u32,
    /// Field number.
    pub field: FieldId,
    /// Normalised bytes.
    #[serde(serialize_with = "bytes_to_hex", deserialize_with = "bytes_from_hex")]
    pub bytes: Vec<u8>,
    /// Salt of the leaf.
    pub salt: Hash,
    /// Sibling hashes from the leaf to the top; none for an odd node that moved up.
    pub path: Vec<Hash>,
}

/// A disclosure of some fields of a document.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentOpening {
    /// Number of leaves under the root.
    pub leaves: u32,
    /// The disclosed fields, ascending by position.
    pub fields: Vec<OpenedField>,
}

fn bytes_to_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

fn bytes_from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = <String as Deserialize>::deserialize(deserializer)?;
    hex::decode(text).map_err(de::Error::custom)
}

/// Why a content root cannot be built, opened or verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DisclosureError {
    /// There are no fields, too many, or not one salt for each.
    #[error("there must be 1 to {CONTENT_FIELDS_MAX} fields with one salt each")]
    Count,
    /// The fields are not strictly ascending.
    #[error("the fields are not in strictly ascending order")]
    Order,
    /// A field to be opened is not under the root.
    #[error("the document does not state field {field}")]
    NotStated {
        /// The field asked for.
        field: FieldId,
    },
    /// A disclosed field does not lead to the root.
    #[error("field {field} does not open under the content root")]
    NotUnderRoot {
        /// The field that fails.
        field: FieldId,
    },
}

/// Derives one salt per field from a secret of the document, so that the issuer keeps 32 bytes only.
pub fn content_salts(secret: &[u8; 32], fields: &[(FieldId, Vec<u8>)]) -> Vec<[u8; 32]> {
    fields.iter().map(|(id, _)| content_salt(secret, *id)).collect()
}

fn content_salt(secret: &[u8; 32], id: FieldId) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    hasher.update(SALT).update(&id.to_le_bytes());
    *hasher.finalize().as_bytes()
}

/// Computes the content root of normalised fields (ascending by number) with one salt each.
///
/// # Errors
/// Refuses fields out of order and a count of salts that differs from that of the fields.
pub fn content_root(fields: &[(FieldId, Vec<u8>)], salts: &[[u8; 32]]) -> Result<[u8; 32], DisclosureError> {
    let levels = levels(fields, salts)?;
    let top = levels.last().and_then(|level| level.first()).ok_or(DisclosureError::Count)?;
    Ok(root_hash(leaf_count(fields)?, top))
}

/// Opens the chosen fields of a document.
///
/// # Errors
/// As [`content_root`]; also names a chosen field that the document does not state.
pub fn open_content(
    fields: &[(FieldId, Vec<u8>)],
    salts: &[[u8; 32]],
    chosen: &[FieldId],
) -> Result<ContentOpening, DisclosureError> {
    let levels = levels(fields, salts)?;
    if let Some(field) = chosen.iter().find(|id| !fields.iter().any(|(known, _)| known == *id)) {
        return Err(DisclosureError::NotStated { field: *field });
    }
    let leaves = fields.iter().zip(salts).zip(0u32..);
    let opened = leaves
        .filter(|(((id, _), _), _)| chosen.contains(id))
        .map(|(((id, bytes), salt), index)| OpenedField {
            index,
            field: *id,
            bytes: bytes.clone(),
            salt: Hash(*salt),
            path: path(&levels, index),
        })
        .collect();
    Ok(ContentOpening { leaves: leaf_count(fields)?, fields: opened })
}

impl ContentOpening {
    /// Checks every disclosed field against a content root and returns the fields, ready for
    /// [`super::raw_fp1_from_fields`].
    ///
    /// # Errors
    /// Names the first field that does not open under the root.
    pub fn verify(&self, root: &[u8; 32]) -> Result<Vec<(FieldId, Vec<u8>)>, DisclosureError> {
        let is_ascending = |(a, b): (&OpenedField, &OpenedField)| a.index < b.index && a.field < b.field;
        if !self.fields.iter().zip(self.fields.iter().skip(1)).all(is_ascending) {
            return Err(DisclosureError::Order);
        }
        for opened in &self.fields {
            if opened.top(self.leaves).map(|top| root_hash(self.leaves, &top)) != Some(*root) {
                return Err(DisclosureError::NotUnderRoot { field: opened.field });
            }
        }
        Ok(self.fields.iter().map(|opened| (opened.field, opened.bytes.clone())).collect())
    }
}

impl OpenedField {
    /// Folds the path from the leaf to the top of a tree; `None` when the path does not fit its width.
    fn top(&self, leaves: u32) -> Option<[u8; 32]> {
        let (mut index, mut width) = (self.index, leaves);
        let mut hash = leaf_hash(self.field, &self.bytes, &self.salt.0);
        let mut path = self.path.iter();
        if index >= width {
            return None;
        }
        while width > 1 {
            if let Some(is_left) = sibling_side(index, width) {
                let sibling = path.next()?;
                hash = if is_left { node_hash(&hash, &sibling.0) } else { node_hash(&sibling.0, &hash) };
            }
            (index, width) = (index / 2, width.div_ceil(2));
        }
        path.next().is_none().then_some(hash)
    }
}

/// Tells whether a node is the left of its pair (`Some(true)`), the right, or an odd node without sibling.
fn sibling_side(index: u32, width: u32) -> Option<bool> {
    match (index.is_multiple_of(2), index + 1 < width) {
        (false, _) => Some(false),
        (true, true) => Some(true),
        (true, false) => None,
    }
}

fn leaf_count(fields: &[(FieldId, Vec<u8>)]) -> Result<u32, DisclosureError> {
    u32::try_from(fields.len()).map_err(|_| DisclosureError::Count)
}

/// Builds every level of the tree, leaves first, top last.
fn levels(fields: &[(FieldId, Vec<u8>)], salts: &[[u8; 32]]) -> Result<Vec<Vec<[u8; 32]>>, DisclosureError> {
    if fields.is_empty() || fields.len() > CONTENT_FIELDS_MAX || fields.len() != salts.len() {
        return Err(DisclosureError::Count);
    }
    if !fields.iter().zip(fields.iter().skip(1)).all(|((a, _), (b, _))| a < b) {
        return Err(DisclosureError::Order);
    }
    let leaves = fields.iter().zip(salts).map(|((id, bytes), salt)| leaf_hash(*id, bytes, salt)).collect();
    let grown = std::iter::successors(Some(leaves), |level: &Vec<[u8; 32]>| (level.len() > 1).then(|| parents(level)));
    Ok(grown.collect())
}

fn parents(level: &[[u8; 32]]) -> Vec<[u8; 32]> {
    let pairs = level.chunks(2).map(|pair| match pair {
        [left, right] => node_hash(left, right),
        odd => odd.first().copied().unwrap_or_default(),
    });
    pairs.collect()
}

fn path(levels: &[Vec<[u8; 32]>], index: u32) -> Vec<Hash> {
    let indexed = levels.iter().zip(std::iter::successors(Some(index), |index| Some(index / 2)));
    let siblings = indexed.filter_map(|(level, index)| {
        let width = u32::try_from(level.len()).ok()?;
        let sibling = if sibling_side(index, width)? { index + 1 } else { index - 1 };
        level.get(usize::try_from(sibling).ok()?).copied().map(Hash)
    });
    siblings.collect()
}

fn leaf_hash(field: FieldId, bytes: &[u8], salt: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let length = u64::try_from(bytes.len()).expect("a length in memory fits 64 bits");
    hasher.update(LEAF).update(&field.to_le_bytes()).update(&length.to_le_bytes()).update(bytes).update(salt);
    *hasher.finalize().as_bytes()
}

fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(NODE).update(left).update(right);
    *hasher.finalize().as_bytes()
}

fn root_hash(leaves: u32, top: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(ROOT).update(&leaves.to_le_bytes()).update(top);
    *hasher.finalize().as_bytes()
}
