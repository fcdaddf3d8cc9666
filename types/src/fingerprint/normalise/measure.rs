//! Quantities and counts. The decimal sign is a point; a comma is a thousands separator and stands only
//! before full groups of three. Everything else is refused, because `25,2` is 25.2 in Duisburg.

use std::fmt;

use crate::fingerprint::error::Reason;
use crate::fingerprint::text::narrow;

/// Unit spellings with their UN/ECE Rec 20 base unit and the power of ten that leads to it. `TON` is not
/// among them: it may be a short, long or metric ton.
#[rustfmt::skip]
const UNITS: [(&str, &str, i32); 33] = [
    ("KG", "KGM", 0), ("KGS", "KGM", 0), ("KGM", "KGM", 0), ("公斤", "KGM", 0), ("千克", "KGM", 0),
    ("T", "KGM", 3), ("MT", "KGM", 3), ("TNE", "KGM", 3), ("TONNE", "KGM", 3), ("TONNES", "KGM", 3),
    ("吨", "KGM", 3), ("公吨", "KGM", 3), ("G", "KGM", -3), ("GRM", "KGM", -3), ("克", "KGM", -3),
    ("L", "LTR", 0), ("LTR", "LTR", 0), ("升", "LTR", 0), ("M3", "LTR", 3), ("MTQ", "LTR", 3),
    ("CBM", "LTR", 3), ("立方米", "LTR", 3), ("PCE", "PCE", 0), ("PC", "PCE", 0), ("PCS", "PCE", 0),
    ("件", "PCE", 0), ("个", "PCE", 0), ("台", "PCE", 0), ("辆", "PCE", 0), ("NMP", "NMP", 0),
    ("PKG", "NMP", 0), ("PKGS", "NMP", 0), ("包", "NMP", 0),
];
const NUMBER: &str = "a number with a decimal point, and commas only before full groups of three digits";

/// A quantity in exact thousandths of a base unit; shown as unit and thousandths, `KGM25200000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// UN/ECE Rec 20 code of the base unit: `KGM`, `LTR`, `PCE` or `NMP`.
    pub unit: &'static str,
    /// Thousandths of the base unit; never zero.
    pub thousandths: u64,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.unit, self.thousandths)
    }
}

/// Reads a decimal number followed by its unit.
pub(super) fn quantity(text: &str) -> Result<Quantity, Reason> {
    let folded = narrow(text).replace("M³", "M3");
    if folded.is_empty() {
        return Err(Reason::Empty);
    }
    let end = folded.find(|c: char| !is_number_char(c)).ok_or(Reason::UnknownUnit)?;
    let (number, unit) = folded.split_at(end);
    let (_, base, power) = UNITS.iter().find(|(name, _, _)| *name == unit.trim()).ok_or(Reason::UnknownUnit)?;
    let thousandths = scaled(number, power + 3)?;
    if thousandths == 0 { Err(Reason::OutOfRange) } else { Ok(Quantity { unit: base, thousandths }) }
}

fn is_number_char(c: char) -> bool {
    c.is_ascii_digit() || c == ',' || c == '.'
}

/// Reads a whole number of packages, with or without full groups of three.
pub(super) fn count(text: &str) -> Result<u64, Reason> {
    let folded = narrow(text);
    if folded.is_empty() {
        return Err(Reason::Empty);
    }
    match scaled(&folded, 0)? {
        0 => Err(Reason::OutOfRange),
        packages => Ok(packages),
    }
}

/// Returns the decimal number times ten to the power, exactly.
pub(super) fn scaled(number: &str, power: i32) -> Result<u64, Reason> {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if is_digits(fraction) => (whole, fraction.trim_end_matches('0')),
        Some(_) => return Err(Reason::Malformed { expected: NUMBER }),
        None => (number, ""),
    };
    let digits = format!("{}{fraction}", ungrouped(whole)?);
    let fraction_digits = i32::try_from(fraction.len()).map_err(|_| Reason::OutOfRange)?;
    shifted(&digits, power.saturating_sub(fraction_digits))
}

fn shifted(digits: &str, zeros: i32) -> Result<u64, Reason> {
    let value: u64 = digits.parse().map_err(|_| Reason::OutOfRange)?;
    let factor = 10u64.checked_pow(zeros.unsigned_abs()).ok_or(Reason::OutOfRange)?;
    if zeros >= 0 {
        return value.checked_mul(factor).ok_or(Reason::OutOfRange);
    }
    if value.is_multiple_of(factor) { Ok(value / factor) } else { Err(Reason::NotExact) }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// Removes thousands separators; `0,252` is refused too, since no one groups a leading zero.
fn ungrouped(whole: &str) -> Result<String, Reason> {
    let groups: Vec<&str> = whole.split(',').collect();
    if !groups.iter().all(|group| is_digits(group)) {
        return Err(Reason::Malformed { expected: NUMBER });
    }
    match groups.as_slice() {
        [only] => Ok((*only).to_owned()),
        [first, rest @ ..] if first.len() <= 3 && !first.starts_with('0') && rest.iter().all(|g| g.len() == 3) => {
            Ok(groups.concat())
        }
        _ => Err(Reason::Ambiguous { why: "a comma must stand before a full group of three digits" }),
    }
}
