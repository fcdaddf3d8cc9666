//! Normalisation classes: each turns every accepted spelling of a value into one text, or refuses.
//!
//! All rules are pure functions of the text; the Unicode version is part of [`super::rules_hash`].

mod codes;
mod date;
mod docno;
mod measure;
mod money;
mod name;
mod party;

use std::fmt;

pub use date::{CalendarDate, DateOrder};
pub use measure::Quantity;
pub(super) use name::TABLE_VERSION as NAME_TABLE_VERSION;
pub(super) use party::ORDER;

use super::error::{NormaliseError, Reason};

/// Most characters that any field may have before normalisation.
pub const FIELD_CHARS_MAX: usize = 256;

/// A normalisation class: the grammar of a field and the rule that makes its spellings equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Document number: separators deleted, `[0-9A-Z\p{Han}]{1,40}`.
    Docno,
    /// Document number with look-alike characters merged; for near matches only.
    Skeleton,
    /// Unified social credit code (GB 32100), 18 characters with mod-31 check.
    Uscc,
    /// Legal entity identifier (ISO 17442), 20 characters with mod-97 check.
    Lei,
    /// USCC or LEI, told apart by length.
    Party,
    /// USCC, LEI, or an explicit `NAME:` followed by a firm's name.
    Trader,
    /// A trader, or an order clause (`TO ORDER`, `凭指示`).
    Consignee,
    /// USCC, LEI, or a carrier or authority code of 2 to 8 letters and digits (SCAC, RICS).
    IssuerCode,
    /// Container number (ISO 6346) with check digit.
    Container,
    /// Wagon number of 7, 8 or 12 digits.
    Wagon,
    /// Vehicle identification number (ISO 3779), 17 characters without I, O and Q.
    Vin,
    /// Serial shipping container code, 18 digits with GS1 check digit.
    Sscc,
    /// Calendar date of the issuer, `yyyymmdd`.
    Date,
    /// Quantity in exact thousandths of the base unit.
    Qty,
    /// Whole number of packages.
    Count,
    /// Amount in minor units with its ISO 4217 code.
    Money,
    /// First six digits of a commodity code.
    Hs,
    /// UN/LOCODE or rail node code.
    Place,
    /// ISO 3166 alpha-2 country, or its UIC number.
    Country,
    /// Firm name; for soft comparison only.
    Name,
    /// VAT e-invoice: 20 digits, or code of 10 or 12 digits and number of 8.
    EInvoice,
    /// Customs declaration number of 18 digits.
    Customs,
    /// Cell, tank or stack code; separators kept as one dash, because `A-1-11` is not `A-11-1`.
    Cell,
}

const NAMES: [(Class, &str); 23] = [
    (Class::Docno, "DOCNO"),
    (Class::Skeleton, "SKELETON"),
    (Class::Uscc, "USCC"),
    (Class::Lei, "LEI"),
    (Class::Party, "PARTY"),
    (Class::Trader, "TRADER"),
    (Class::Consignee, "CONSIGNEE"),
    (Class::IssuerCode, "ISSUER_CODE"),
    (Class::Container, "CONTAINER"),
    (Class::Wagon, "WAGON"),
    (Class::Vin, "VIN"),
    (Class::Sscc, "SSCC"),
    (Class::Date, "DATE"),
    (Class::Qty, "QTY"),
    (Class::Count, "COUNT"),
    (Class::Money, "MONEY"),
    (Class::Hs, "HS"),
    (Class::Place, "PLACE"),
    (Class::Country, "COUNTRY"),
    (Class::Name, "NAME"),
    (Class::EInvoice, "E_INVOICE"),
    (Class::Customs, "CUSTOMS"),
    (Class::Cell, "CELL"),
];

impl Class {
    /// Returns the name of the class as the rule set writes it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(class, _)| *class == self).map_or("UNKNOWN", |(_, name)| name)
    }

    /// Returns the class with this name, or `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, known)| *known == name).map(|(class, _)| *class)
    }

    /// Normalises the text of a field. A date is read without a [`DateOrder`]; see [`normalise_date`].
    ///
    /// # Errors
    /// Returns the field, the class and the reason when the text does not fit the class.
    pub fn normalise(self, field: &'static str, text: &str) -> Result<String, NormaliseError> {
        self.apply(text, None).map_err(|reason| NormaliseError { field, class: self, reason })
    }

    /// Tells whether a normalised place is a UN/LOCODE, whose first two letters are its country.
    pub fn is_locode(place: &str) -> bool {
        codes::is_locode(place)
    }

    fn apply(self, text: &str, order: Option<DateOrder>) -> Result<String, Reason> {
        if text.chars().count() > FIELD_CHARS_MAX {
            return Err(Reason::TooLong { chars_max: FIELD_CHARS_MAX });
        }
        match self {
            Self::Docno => docno::docno(text),
            Self::Skeleton => docno::skeleton(text),
            Self::Cell => docno::cell(text),
            Self::Uscc => party::uscc(text),
            Self::Lei => party::lei(text),
            Self::Party => party::party(text),
            Self::Trader => party::trader(text),
            Self::Consignee => party::consignee(text),
            Self::IssuerCode => party::issuer_code(text),
            Self::Name => name::name(text),
            Self::Date => date::parse(text, order).map(|date| date.to_string()),
            Self::Qty => measure::quantity(text).map(|quantity| quantity.to_string()),
            Self::Count => measure::count(text).map(|count| count.to_string()),
            Self::Money => money::money(text),
            code => codes::code(code, text),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a date; `order` says how a numeric date without a leading four-digit year is to be read.
///
/// # Errors
/// Refuses an ambiguous date without an order, and a day that does not exist.
pub fn normalise_date(field: &'static str, text: &str, order: Option<DateOrder>) -> Result<String, NormaliseError> {
    let class = Class::Date;
    class.apply(text, order).map_err(|reason| NormaliseError { field, class, reason })
}

/// Reads a quantity with its unit into exact thousandths of the base unit.
///
/// # Errors
/// Refuses an unknown unit, an ambiguous number and a value that is not exact.
pub fn normalise_quantity(field: &'static str, text: &str) -> Result<Quantity, NormaliseError> {
    measure::quantity(text).map_err(|reason| NormaliseError { field, class: Class::Qty, reason })
}

/// Requires that every character satisfies `allowed`, naming the first that does not.
fn only(text: &str, allowed: impl Fn(char) -> bool) -> Result<(), Reason> {
    match text.chars().position(|c| !allowed(c)) {
        Some(index) => Err(Reason::Character { position: index.saturating_add(1) }),
        None => Ok(()),
    }
}

/// Requires a number of characters for which `accepted` holds; `expected` describes them in words.
fn length(text: &str, expected: &'static str, accepted: impl Fn(usize) -> bool) -> Result<(), Reason> {
    match text.chars().count() {
        0 => Err(Reason::Empty),
        found if accepted(found) => Ok(()),
        found => Err(Reason::Length { found, expected }),
    }
}
