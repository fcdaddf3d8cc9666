//! Errors of normalisation and derivation. None of them carries a value of the document: a message may
//! end in a log, and a log must not hold a business secret.

use thiserror::Error;

use super::kind::{Kind, label};
use super::normalise::Class;

/// A field whose text does not fit its class. The text is refused, never repaired by a guess.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("field `{field}` is not a valid {class}: {reason}")]
pub struct NormaliseError {
    /// Name of the field in the JSON input.
    pub field: &'static str,
    /// The class whose grammar failed.
    pub class: Class,
    /// What exactly failed.
    pub reason: Reason,
}

/// Why a text does not fit its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// Nothing is left after separators are removed.
    #[error("nothing is left after normalisation")]
    Empty,
    /// The input is longer than any text of the class.
    #[error("longer than {chars_max} characters")]
    TooLong {
        /// Most characters accepted.
        chars_max: usize,
    },
    /// The normalised text has the wrong length.
    #[error("{found} characters where {expected} are required")]
    Length {
        /// Characters found after separators were removed.
        found: usize,
        /// Lengths that the class accepts.
        expected: &'static str,
    },
    /// A character outside the alphabet of the class.
    #[error("character {position} is not allowed")]
    Character {
        /// Position in the normalised text, from 1.
        position: usize,
    },
    /// The check digit or check characters do not hold.
    #[error("the check digit does not hold")]
    CheckDigit,
    /// The text can be read in more than one way.
    #[error("ambiguous: {why}")]
    Ambiguous {
        /// Which two readings there are, or what to state explicitly.
        why: &'static str,
    },
    /// The value cannot be expressed exactly in the base unit.
    #[error("cannot be expressed exactly in the base unit")]
    NotExact,
    /// The value is zero or larger than the ledger can hold.
    #[error("the value is out of range")]
    OutOfRange,
    /// The unit of measure is absent or unknown.
    #[error("the unit of measure is absent or unknown")]
    UnknownUnit,
    /// The currency is absent or not an ISO 4217 code.
    #[error("the currency is absent or not an ISO 4217 code")]
    UnknownCurrency,
    /// The day does not exist in the calendar.
    #[error("there is no such day in the calendar")]
    NoSuchDate,
    /// The text has another shape than the class.
    #[error("expected {expected}")]
    Malformed {
        /// The shape that is expected.
        expected: &'static str,
    },
}

/// Why no fingerprint can be derived from a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FingerprintError {
    /// A field does not fit its class.
    #[error(transparent)]
    Normalise(#[from] NormaliseError),
    /// A field that the kind needs is absent.
    #[error("a document of kind {} needs the field `{field}`", label(*kind))]
    Missing {
        /// The kind of the document.
        kind: Kind,
        /// Name of the absent field in the JSON input.
        field: &'static str,
    },
    /// A field is given that the kind does not have; leaving it out silently would weaken the fingerprint.
    #[error("a document of kind {} has no field `{field}`", label(*kind))]
    NotApplicable {
        /// The kind of the document.
        kind: Kind,
        /// Name of the surplus field in the JSON input.
        field: &'static str,
    },
    /// The JSON does not describe a document.
    #[error("the document cannot be read: {message}")]
    Json {
        /// The parser's message, which names the field, line and column.
        message: String,
    },
    /// A rule of the template cannot be applied to this field.
    #[error("the match rule does not apply to the field `{field}`")]
    RuleNotApplicable {
        /// Name of the field.
        field: &'static str,
    },
    /// The disclosed fields are not in ascending order without duplicates.
    #[error("the fields are not in strictly ascending order")]
    FieldOrder,
}
