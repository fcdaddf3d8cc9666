//! Fresh documents: the same papers with other numbers, containers and batches.
//!
//! A variation is a function of the value and a tag, so that two papers which name the same container, or a declaration and the
//! bill it names, still agree after both are varied.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Fields whose text gets the tag appended.
const NUMBERS: &[&str] = &[
    "number",
    "contract_number",
    "invoice_number",
    "transport_document",
    "seals",
    "certificates",
    "health_certificate",
    "quality_certificate",
    "national_code",
    "batches",
    "cells",
];

/// Varies documents, remembering what it has given out so that nothing is given out twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vary {
    given: BTreeMap<(String, String), String>,
    used: BTreeSet<String>,
}

impl Vary {
    /// A document or lot description with everything that must be unique replaced.
    pub(crate) fn map(&mut self, fields: &Map<String, Value>, tag: &str) -> Map<String, Value> {
        fields.iter().map(|(name, value)| (name.clone(), self.value(name, value, tag))).collect()
    }

    fn value(&mut self, field: &str, value: &Value, tag: &str) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(field, text, tag)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(field, item, tag)).collect()),
            Value::Object(map) => Value::Object(self.map(map, tag)),
            other => other.clone(),
        }
    }

    fn text(&mut self, field: &str, text: &str, tag: &str) -> String {
        match field {
            "containers" => self.fresh(text, tag, container),
            "vins" => self.fresh(text, tag, |text, hash| digits_at_end(text, 6, hash)),
            "wagons" => self.fresh(text, tag, |text, hash| digits_at_end(&only_digits(text), 5, hash)),
            "ssccs" => self.fresh(text, tag, sscc),
            // Customs and tax numbers have a fixed length.
            "number" if is_long_number(text) => self.fresh(text, tag, |text, hash| digits_at_end(text, 9, hash)),
            _ if NUMBERS.contains(&field) => numbered(text, tag),
            _ => text.to_owned(),
        }
    }

    fn fresh(&mut self, text: &str, tag: &str, make: impl Fn(&str, u64) -> String) -> String {
        let key = (canonical(text), tag.to_owned());
        if let Some(known) = self.given.get(&key) {
            return known.clone();
        }
        let mut try_no = 0u64;
        loop {
            let made = make(&key.0, hash(&key.0, tag, try_no));
            if self.used.insert(made.clone()) {
                self.given.insert(key, made.clone());
                return made;
            }
            try_no += 1;
        }
    }
}

/// A number or code with the tag at its end.
pub(super) fn numbered(text: &str, tag: &str) -> String {
    format!("{text}-{tag}")
}

fn canonical(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect()
}

fn only_digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_long_number(text: &str) -> bool {
    matches!(text.len(), 18 | 20) && text.bytes().all(|b| b.is_ascii_digit())
}

fn hash(text: &str, tag: &str, try_no: u64) -> u64 {
    let digest = blake3::hash(format!("{text}/{tag}/{try_no}").as_bytes());
    u64::from_le_bytes(digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes"))
}

fn digits_at_end(text: &str, count: usize, hash: u64) -> String {
    let kept = &text[..text.len().saturating_sub(count)];
    format!("{kept}{:0width$}", hash % 10u64.pow(u32::try_from(count).expect("a few digits")), width = count)
}

/// A container of the same owner with another serial number and the right check digit (ISO 6346).
fn container(text: &str, hash: u64) -> String {
    let owner = text.get(..4).unwrap_or("XLHU");
    let body = format!("{owner}{:06}", hash % 1_000_000);
    let check = check_digit(&body);
    format!("{body}{check}")
}

/// Letters count 10 to 38 without multiples of 11, positions weigh powers of two.
fn check_digit(body: &str) -> u32 {
    let value = |c: char| match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        _ => {
            let n = u32::from(c) - u32::from('A') + 10;
            n + (n - 1) / 10
        }
    };
    let sum: u32 = body.chars().zip(0u32..).map(|(c, i)| value(c) << i).sum();
    sum % 11 % 10
}

/// A pallet code with another serial number and the right check digit (GS1).
fn sscc(text: &str, hash: u64) -> String {
    let body = digits_at_end(&text[..text.len().min(17)], 9, hash);
    let sum: u32 = body.bytes().rev().zip([3u32, 1].into_iter().cycle()).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_client::Paper;
    use landsea_types::fingerprint::normalise::Class;

    #[test]
    fn varied_codes_still_have_their_check_digits() {
        assert_eq!(check_digit("XLHU260101"), 9);
        let mut vary = Vary::default();
        for n in 0..300 {
            let tag = format!("N{n}");
            let made = vary.text("containers", "XLHU 260101-9", &tag);
            assert_eq!(Class::Container.normalise("containers", &made).as_deref(), Ok(made.as_str()));
            let made = vary.text("ssccs", "106141411234567897", &tag);
            assert!(Class::Sscc.normalise("ssccs", &made).is_ok(), "{made}");
        }
    }

    #[test]
    fn papers_that_agree_still_agree_and_two_tags_share_nothing() {
        let mut vary = Vary::default();
        let bill = serde_json::json!({"number": "A-1", "containers": ["XLHU2601019"]});
        let declaration = serde_json::json!({"transport_document": "A-1", "containers": ["XLHU 260101-9"]});
        let map = |value: &Value| value.as_object().cloned().expect("an object");
        let (bill1, declaration1) = (vary.map(&map(&bill), "x"), vary.map(&map(&declaration), "x"));
        assert_eq!(bill1["containers"], declaration1["containers"]);
        assert_eq!(bill1["number"], declaration1["transport_document"]);
        let bill2 = vary.map(&map(&bill), "y");
        assert_ne!((&bill1["containers"], &bill1["number"]), (&bill2["containers"], &bill2["number"]));
    }

    #[test]
    fn a_whole_varied_document_is_still_a_document() {
        let text = include_str!("../../../scenarios/documents/s1_declaration.json");
        let fields: Map<String, Value> = serde_json::from_str(text).expect("a JSON object");
        let varied = Vary::default().map(&fields, "R42");
        let paper = Paper::from_json(&Value::Object(varied).to_string()).expect("still well formed");
        let before = Paper::from_json(text).expect("well formed");
        assert_ne!(paper.raws.fp1, before.raws.fp1);
        assert_eq!(paper.raws.goods_keys.len(), before.raws.goods_keys.len());
    }
}
