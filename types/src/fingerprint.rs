//! Canonical fingerprints: one document, one identity.
//!
//! A firm reads its own document ([`DocumentInput`]), every field is normalised to one spelling
//! ([`normalise`]), and the raw fingerprints are hashes over the normalised fields ([`derive_raw`]). Only raws
//! leave the firm. Its branch applies the network key ([`keyed`]) and signs a ticket.
//!
//! - **fp1** is the identity of a document: issuer, number, date. Equal means the same document.
//! - **fp2** is its content without the number: equal means a renumbered copy.
//! - **near** are eight combinations of fields: three equal ones mean a copy that was edited.
//! - **goods keys** identify the goods themselves, whatever the paper says.
//!
//! Two more views of the same normalised fields exist. [`field_tags`] lets attesters compare copies without
//! showing them. [`content_root`] commits to all fields, and [`open_content`] discloses some of them, from which
//! [`raw_fp1_from_fields`] recomputes the identity.
//!
//! Nothing here guesses: a text that can be read in two ways is refused with field, class and reason. Limits,
//! stated honestly: `AB-12/3` and `AB-1/23` of one issuer and date share an identity; the same carrier named by
//! its code and by its USCC does not; a branch, which holds the network key, can try out raws.

mod content;
mod derive;
mod disclosure;
mod document;
mod error;
pub mod field;
mod kind;
mod matching;
pub mod normalise;
#[cfg(test)]
mod tests;
mod text;

pub use content::content_fields;
pub use derive::{
    DOMAIN, FpInput, LAYER_CONTENT, LAYER_IDENTITY, LAYER_NEAR, RULES, RawFingerprints, RawGoodsKey, derive_raw, keyed,
    keyed_or_absent, party_raw, raw_fp1_from_fields, rules_hash, site_raw,
};
pub use disclosure::{
    CONTENT_FIELDS_MAX, ContentOpening, DisclosureError, OpenedField, content_root, content_salts, open_content,
};
pub use document::{ArrivedIn, BatchInput, DocumentInput, MeatLotInput};
pub use error::{FingerprintError, NormaliseError, Reason};
pub use field::{FieldId, field_name, required_fields};
pub use kind::{Kind, PARTY_KIND, SITE_KIND, family};
pub use matching::{ORDER_DAYS_MAX, document_tags, field_tags};
