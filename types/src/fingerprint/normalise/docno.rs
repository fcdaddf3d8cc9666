//! Document numbers, their skeletons, and cell codes.
//!
//! Deleting separators makes `AB-12/3` and `AB-1/23` equal. That is intended: the second of the two is
//! refused as a duplicate (3001) rather than trusted, because a moved separator is a cheap way to register
//! one paper twice.

use unicode_normalization::UnicodeNormalization;

use super::{length, only};
use crate::fingerprint::error::Reason;
use crate::fingerprint::text::{is_dash, is_han, is_invisible};

const DOCNO_CHARS_MAX: usize = 40;

/// Normalises a document number to `[0-9A-Z\p{Han}]{1,40}`.
pub(super) fn docno(text: &str) -> Result<String, Reason> {
    let folded = text.nfkc().collect::<String>().to_uppercase();
    let body: String = strip_words(&folded).chars().filter(|c| !is_separator(*c)).collect();
    only(&body, is_docno_char)?;
    length(&body, "1 to 40", |chars| chars <= DOCNO_CHARS_MAX)?;
    Ok(body)
}

fn is_docno_char(c: char) -> bool {
    c.is_ascii_digit() || c.is_ascii_uppercase() || is_han(c)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || is_invisible(c) || is_dash(c) || "_/\\.·,:;#()〔〕[]【】".contains(c)
}

/// Removes the words around a number: leading `第`, leading `NO` before a separator, trailing `号`; as
/// often as they occur, so that normalising twice changes nothing.
fn strip_words(text: &str) -> &str {
    let mut rest = text.trim_matches(is_separator);
    loop {
        let next = strip_once(rest).trim_matches(is_separator);
        if next.len() == rest.len() {
            return rest;
        }
        rest = next;
    }
}

fn strip_once(text: &str) -> &str {
    if let Some(rest) = text.strip_prefix('第').or_else(|| text.strip_suffix('号')) {
        return rest;
    }
    match text.strip_prefix("NO") {
        Some(rest) if rest.starts_with(is_separator) => rest,
        _ => text,
    }
}

/// Merges look-alike characters of a document number and drops the leading zeros of every digit run (one
/// zero stays of a run of zeros).
pub(super) fn skeleton(text: &str) -> Result<String, Reason> {
    let merged: Vec<char> = docno(text)?.chars().map(look_alike).collect();
    let mut result = String::with_capacity(merged.len());
    let mut in_run = false;
    let mut following = merged.iter().skip(1);
    for c in &merged {
        let next_is_digit = following.next().is_some_and(char::is_ascii_digit);
        if *c == '0' && !in_run && next_is_digit {
            continue;
        }
        in_run = c.is_ascii_digit();
        result.push(*c);
    }
    Ok(result)
}

fn look_alike(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        'S' => '5',
        'B' => '8',
        'Z' => '2',
        c => c,
    }
}

/// Normalises a cell code: upper case, every run of separators one dash, none at the ends.
pub(super) fn cell(text: &str) -> Result<String, Reason> {
    let folded = text.nfkc().collect::<String>().to_uppercase();
    let visible: String = folded.chars().filter(|c| !is_invisible(*c)).collect();
    let parts: Vec<&str> = visible.split(is_separator).filter(|part| !part.is_empty()).collect();
    let body = parts.join("-");
    only(&body, |c| c == '-' || is_docno_char(c))?;
    length(&body, "1 to 40", |chars| chars <= DOCNO_CHARS_MAX)?;
    Ok(body)
}
