//! Changes of texts, token by token.

use super::range;
use crate::rng::Rng;
use std::ops::Range;

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "1e400",
    "-0.0",
    "0.1",
];

const WORDS: &[&str] = &[
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\u{202e}渝\u{0301}\u{feff}\"",
    "\"0x00\"",
    "\"../../etc/passwd\"",
    "\"0000000000000000000000000000000000000000000000000000000000000000\"",
    "\"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"-9999-01-01\"",
    "\"+999999999999d\"",
    "\"18446744073709551615 kg\"",
    "nan",
    "inf",
    "0xFFFFFFFFFFFFFFFFFF",
    "\n",
    "#",
];

/// Makes one change; `other` gives foreign tokens.
pub(super) fn change(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    match rng.between(0, 9) {
        0 => remove_token(bytes, rng),
        1 => repeat_token(bytes, rng),
        2 => swap_tokens(bytes, rng),
        3 | 4 => replace_value(bytes, rng),
        5 => change_inside(bytes, rng),
        6 => lines(bytes, rng),
        7 => nest(bytes, rng),
        _ => graft(bytes, other, rng),
    }
}

/// Words, numbers, quoted texts and single other characters; blanks are skipped.
fn tokens(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = token_end(bytes, at);
        if !bytes[at].is_ascii_whitespace() {
            found.push(at..end);
        }
        at = end;
    }
    found
}

fn token_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || b"_-+.".contains(b) || !b.is_ascii();
    let length = match rest[0] {
        b'"' => quoted_length(rest),
        b if is_word(&b) => rest.iter().take_while(|b| is_word(b)).count(),
        _ => 1,
    };
    at + length
}

fn quoted_length(rest: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return at + 1,
            b'\n' => return at,
            _ => escaped = *byte == b'\\' && !escaped,
        }
    }
    rest.len()
}

fn pick_token(bytes: &[u8], rng: &mut Rng) -> Option<Range<usize>> {
    rng.pick(&tokens(bytes)).cloned()
}

fn remove_token(bytes: &mut Vec<u8>, rng: &mut Rng) {
    if let Some(token) = pick_token(bytes, rng) {
        bytes.drain(token);
    }
}

fn repeat_token(bytes: &mut Vec<u8>, rng: &mut Rng) {
    if let Some(token) = pick_token(bytes, rng) {
        let times = if rng.chance(50) { 500 } else { 1 };
        let copy = bytes[token.clone()].repeat(times);
        bytes.splice(token.end..token.end, copy);
    }
}

fn swap_tokens(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let (Some(a), Some(b)) = (pick_token(bytes, rng), pick_token(bytes, rng)) else { return };
    let (first, second) = if a.start < b.start { (a, b) } else { (b, a) };
    if first.end <= second.start {
        let (early, late) = (bytes[first.clone()].to_vec(), bytes[second.clone()].to_vec());
        bytes.splice(second, early);
        bytes.splice(first, late);
    }
}

/// Puts an odd value in the place of a token, of a value rather than of a bracket.
fn replace_value(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let values: Vec<_> = tokens(bytes).into_iter().filter(|t| t.len() > 1 || bytes[t.start].is_ascii_digit()).collect();
    let odd = if rng.chance(500) { rng.pick(NUMBERS) } else { rng.pick(WORDS) };
    let odd = odd.expect("there are odd values").as_bytes().to_vec();
    match rng.pick(&values).cloned() {
        Some(token) => drop(bytes.splice(token, odd)),
        None => bytes.extend(odd),
    }
}

/// Changes one character inside a token, most often to one of its own kind.
fn change_inside(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let Some(token) = pick_token(bytes, rng) else { return };
    let at = token.start + range(token.len(), 1, rng).start;
    let odd = *rng.pick(b"0019afAFzZ-+ .,:/\\\"'{}[]\0\x7f\xc3\xff").expect("there are characters");
    match rng.between(0, 3) {
        0 => bytes[at] = odd,
        1 => bytes.insert(at, odd),
        2 => drop(bytes.remove(at)),
        _ => bytes[at] ^= 1,
    }
}

/// Removes, repeats or moves whole lines.
fn lines(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let mut all: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    if all.is_empty() {
        return;
    }
    let part = range(all.len(), 4, rng);
    let moved: Vec<Vec<u8>> = all[part.clone()].to_vec();
    if !rng.chance(300) {
        all.drain(part);
    }
    if !rng.chance(300) {
        let to = rng.between(0, all.len() as u64) as usize;
        all.splice(to..to, moved);
    }
    *bytes = all.concat();
}

/// Wraps a value many times over.
fn nest(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let Some(token) = pick_token(bytes, rng) else { return };
    let depth = *rng.pick(&[1usize, 3, 100, 5_000]).expect("there are depths");
    let (open, close): (&[u8], &[u8]) = if rng.chance(500) { (b"[", b"]") } else { (b"{\"a\":", b"}") };
    bytes.splice(token.end..token.end, close.repeat(depth));
    bytes.splice(token.start..token.start, open.repeat(depth));
}

/// Puts tokens of another input in the place of a token.
fn graft(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    let theirs = tokens(other);
    let part = range(theirs.len(), 8, rng);
    let (Some(first), Some(last)) = (theirs.get(part.start), theirs.get(part.end.saturating_sub(1))) else { return };
    let copy = other[first.start..last.end].to_vec();
    match pick_token(bytes, rng) {
        Some(token) => drop(bytes.splice(token, copy)),
        None => bytes.extend(copy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_words_numbers_quotes_and_signs() {
        let text = br#"{"a \" b": [12.5, true]} # x"#;
        let words: Vec<&str> =
            tokens(text).into_iter().map(|t| std::str::from_utf8(&text[t]).expect("ascii")).collect();
        assert_eq!(words, ["{", "\"a \\\" b\"", ":", "[", "12.5", ",", "true", "]", "}", "#", "x"]);
    }
}
