//! Codes of firms: USCC, LEI, carrier codes, and the consignee of a bill.

use super::name;
use super::{length, only};
use crate::fingerprint::error::Reason;
use crate::fingerprint::text::compact;

/// Alphabet of GB 32100-2015; the index of a character is its value.
const USCC_ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const NAME_PREFIX: &str = "NAME:";
/// Every order clause of a bill normalises to this word.
pub(in crate::fingerprint) const ORDER: &str = "ORDER";

/// Normalises a USCC: spaces removed, upper case, 18 characters, mod-31 check with weights 3^i.
pub(super) fn uscc(text: &str) -> Result<String, Reason> {
    let code = compact(text, &[]);
    length(&code, "18", |chars| chars == 18)?;
    only(&code, |c| USCC_ALPHABET.contains(c))?;
    if uscc_sum(&code) == 0 { Ok(code) } else { Err(Reason::CheckDigit) }
}

/// Sums value x 3^i mod 31; the check character has weight 1, so a valid code sums to zero.
fn uscc_sum(code: &str) -> usize {
    let mut weight = 1;
    let mut sum = 0;
    for (index, c) in code.chars().enumerate() {
        let value = USCC_ALPHABET.find(c).unwrap_or_default();
        sum = (sum + value * if index == 17 { 1 } else { weight }) % 31;
        weight = weight * 3 % 31;
    }
    sum
}

/// Normalises a LEI: spaces removed, upper case, 18 letters or digits and 2 check digits (mod 97 = 1).
pub(super) fn lei(text: &str) -> Result<String, Reason> {
    let code = compact(text, &[]);
    length(&code, "20", |chars| chars == 20)?;
    only(&code, |c| c.is_ascii_digit() || c.is_ascii_uppercase())?;
    let checks_are_digits = code.chars().skip(18).all(|c| c.is_ascii_digit());
    if checks_are_digits && remainder_97(&code) == 1 { Ok(code) } else { Err(Reason::CheckDigit) }
}

fn remainder_97(code: &str) -> u32 {
    code.chars().filter_map(|c| c.to_digit(36)).fold(0, |rest, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (rest * shift + value) % 97
    })
}

/// Normalises a USCC (18 characters) or LEI (20 characters).
pub(super) fn party(text: &str) -> Result<String, Reason> {
    match compact(text, &[]).chars().count() {
        0 => Err(Reason::Empty),
        18 => uscc(text),
        20 => lei(text),
        found => Err(Reason::Length { found, expected: "18 (USCC) or 20 (LEI)" }),
    }
}

/// Normalises a USCC, a LEI, or `NAME:` followed by the name of a firm that has neither.
pub(super) fn trader(text: &str) -> Result<String, Reason> {
    match after_name_prefix(text) {
        Some(firm) => Ok(format!("{NAME_PREFIX}{}", name::name(&firm)?)),
        None => party(text),
    }
}

fn after_name_prefix(text: &str) -> Option<String> {
    let (prefix, firm) = text.split_once([':', '：'])?;
    (compact(prefix, &[]) == "NAME").then(|| firm.to_owned())
}

/// Normalises the consignee of a bill: a trader, or `ORDER` for every order clause.
pub(super) fn consignee(text: &str) -> Result<String, Reason> {
    if is_order_clause(text) { Ok(ORDER.to_owned()) } else { trader(text) }
}

fn is_order_clause(text: &str) -> bool {
    let words = compact(text, &['_', '.', ',', '-']);
    words == ORDER || ["TOORDER", "TOTHEORDER", "凭指示", "凭指定"].iter().any(|clause| words.starts_with(clause))
}

/// Normalises the code of a carrier or issuing authority: USCC, LEI, or 2 to 8 letters and digits.
pub(super) fn issuer_code(text: &str) -> Result<String, Reason> {
    let code = compact(text, &[]);
    match code.chars().count() {
        2..=8 => only(&code, |c| c.is_ascii_digit() || c.is_ascii_uppercase()).map(|()| code),
        18 | 20 => party(text),
        0 => Err(Reason::Empty),
        found => Err(Reason::Length { found, expected: "2 to 8 (code), 18 (USCC) or 20 (LEI)" }),
    }
}
