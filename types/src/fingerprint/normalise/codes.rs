//! Fixed-shape codes: containers, wagons, vehicles, pallets, commodities, places and official numbers.

use super::{Class, length, only};
use crate::fingerprint::error::Reason;
use crate::fingerprint::text::{compact, narrow};

/// UIC country numbers of the railways met on the corridor and beyond, with their ISO 3166 codes.
#[rustfmt::skip]
const UIC_COUNTRIES: [(&str, &str); 51] = [
    ("10", "FI"), ("20", "RU"), ("21", "BY"), ("22", "UA"), ("23", "MD"), ("24", "LT"), ("25", "LV"),
    ("26", "EE"), ("27", "KZ"), ("28", "GE"), ("29", "UZ"), ("30", "KP"), ("31", "MN"), ("32", "VN"),
    ("33", "CN"), ("41", "AL"), ("51", "PL"), ("52", "BG"), ("53", "RO"), ("54", "CZ"), ("55", "HU"),
    ("56", "SK"), ("57", "AZ"), ("58", "AM"), ("59", "KG"), ("62", "ME"), ("65", "MK"), ("66", "TJ"),
    ("67", "TM"), ("68", "AF"), ("70", "GB"), ("71", "ES"), ("72", "RS"), ("73", "GR"), ("74", "SE"),
    ("75", "TR"), ("76", "NO"), ("78", "HR"), ("79", "SI"), ("80", "DE"), ("81", "AT"), ("82", "LU"),
    ("83", "IT"), ("84", "NL"), ("85", "CH"), ("86", "DK"), ("87", "FR"), ("88", "BE"), ("94", "PT"),
    ("96", "IR"), ("60", "IE"),
];

/// Dispatches to the rule of a code class.
pub(super) fn code(class: Class, text: &str) -> Result<String, Reason> {
    match class {
        Class::Container => container(text),
        Class::Wagon => digits(text, "7, 8 or 12 digits", |n| matches!(n, 7 | 8 | 12)),
        Class::Vin => vin(text),
        Class::Sscc => sscc(text),
        Class::Hs => hs(text),
        Class::Place => place(text),
        Class::Country => country(text),
        Class::EInvoice => e_invoice(text),
        _ => digits(text, "18 digits", |n| n == 18),
    }
}

fn digits(text: &str, expected: &'static str, accepted: impl Fn(usize) -> bool) -> Result<String, Reason> {
    let code = compact(text, &['-']);
    only(&code, |c| c.is_ascii_digit())?;
    length(&code, expected, accepted)?;
    Ok(code)
}

fn container(text: &str) -> Result<String, Reason> {
    const SHAPE: &str = "three owner letters, U, J or Z, and seven digits";
    let code = compact(text, &['-']);
    length(&code, "11", |chars| chars == 11)?;
    let is_shaped = code.chars().enumerate().all(|(index, c)| match index {
        0..=2 => c.is_ascii_uppercase(),
        3 => matches!(c, 'U' | 'J' | 'Z'),
        _ => c.is_ascii_digit(),
    });
    if !is_shaped {
        return Err(Reason::Malformed { expected: SHAPE });
    }
    let check = code.chars().last().and_then(|c| c.to_digit(10));
    if check == Some(container_check(&code)) { Ok(code) } else { Err(Reason::CheckDigit) }
}

/// Computes the ISO 6346 check digit over the first ten characters: letter values skip the multiples of
/// 11, weights are powers of two, modulo 11 and then modulo 10.
fn container_check(code: &str) -> u32 {
    let sum: u32 = code.chars().take(10).zip(0..).map(|(c, power)| container_value(c) << power).sum();
    sum % 11 % 10
}

fn container_value(c: char) -> u32 {
    let value = c.to_digit(36).unwrap_or_default();
    match value {
        0..=9 => value,
        10 => 10,
        11..=20 => value + 1,
        21..=30 => value + 2,
        _ => value + 3,
    }
}

fn vin(text: &str) -> Result<String, Reason> {
    let code = compact(text, &['-']);
    length(&code, "17", |chars| chars == 17)?;
    only(&code, |c| (c.is_ascii_digit() || c.is_ascii_uppercase()) && !matches!(c, 'I' | 'O' | 'Q'))?;
    Ok(code)
}

fn sscc(text: &str) -> Result<String, Reason> {
    let bare = compact(text, &['-']);
    let code = digits(bare.strip_prefix("(00)").unwrap_or(&bare), "18 digits", |n| n == 18)?;
    let sum: u32 = code.chars().filter_map(|c| c.to_digit(10)).zip([3, 1].iter().cycle()).map(|(d, w)| d * w).sum();
    if sum.is_multiple_of(10) { Ok(code) } else { Err(Reason::CheckDigit) }
}

fn hs(text: &str) -> Result<String, Reason> {
    let code = compact(text, &['.', '-']);
    only(&code, |c| c.is_ascii_digit())?;
    length(&code, "6 to 13 digits", |n| (6..=13).contains(&n))?;
    Ok(code.chars().take(6).collect())
}

fn place(text: &str) -> Result<String, Reason> {
    const SHAPE: &str = "a UN/LOCODE, a three-letter rail code or a rail code of 5 to 8 digits";
    let code = compact(text, &['-']);
    length(&code, "3 to 8", |n| (3..=8).contains(&n))?;
    let (letters, numbers) = (count(&code, |c| c.is_ascii_uppercase()), count(&code, |c| c.is_ascii_digit()));
    let is_rail = (letters, numbers) == (3, 0) || (letters == 0 && numbers >= 5 && numbers == code.len());
    if is_rail || is_locode(&code) { Ok(code) } else { Err(Reason::Malformed { expected: SHAPE }) }
}

fn count(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.chars().filter(|c| wanted(*c)).count()
}

/// Tells whether a place is a UN/LOCODE: two country letters and three of A-Z, 2-9.
pub(super) fn is_locode(code: &str) -> bool {
    code.chars().count() == 5
        && code.chars().take(2).all(|c| c.is_ascii_uppercase())
        && code.chars().skip(2).all(|c| c.is_ascii_uppercase() || matches!(c, '2'..='9'))
}

fn country(text: &str) -> Result<String, Reason> {
    const SHAPE: &str = "an ISO 3166 alpha-2 code or a UIC country number";
    let code = compact(text, &[]);
    length(&code, "2", |chars| chars == 2)?;
    if code.chars().all(|c| c.is_ascii_uppercase()) {
        return Ok(code);
    }
    let named = UIC_COUNTRIES.iter().find(|(number, _)| *number == code);
    named.map(|(_, iso)| (*iso).to_owned()).ok_or(Reason::Malformed { expected: SHAPE })
}

/// Normalises to 20 digits, or to `code-number`; the dash keeps a 12+8 pair apart from a 20-digit number.
fn e_invoice(text: &str) -> Result<String, Reason> {
    const SHAPE: &str = "20 digits, or a code of 10 or 12 digits, a separator and a number of 8 digits";
    let folded = narrow(text);
    let groups: Vec<&str> = folded.split([' ', '-', '/']).filter(|group| !group.is_empty()).collect();
    let is_digits = |group: &str| group.chars().all(|c| c.is_ascii_digit());
    match groups.as_slice() {
        [] => Err(Reason::Empty),
        [number] if is_digits(number) && number.len() == 20 => Ok((*number).to_owned()),
        [code, number]
            if is_digits(code) && is_digits(number) && matches!(code.len(), 10 | 12) && number.len() == 8 =>
        {
            Ok(format!("{code}-{number}"))
        }
        _ => Err(Reason::Malformed { expected: SHAPE }),
    }
}
