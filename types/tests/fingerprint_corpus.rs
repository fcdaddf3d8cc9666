//! The fingerprint corpus: pairs of spellings that must be equal, must differ or must be refused, each with the trap that it sets.
//!
//! The corpus is data (`data/fingerprint_corpus.json`) over the documents of `data/documents`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use landsea_types::fingerprint::normalise::{Class, DateOrder, normalise_date};
use landsea_types::fingerprint::{DocumentInput, FingerprintError, NormaliseError, derive_raw};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Equal,
    Different,
    Rejected,
}

/// What a pair tries to trip over: the traps of section 5 of the fingerprint specification, and some more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Family {
    FullWidth,
    Space,
    Dash,
    Brackets,
    Case,
    WordsAndSeparators,
    OrderOfSets,
    Unit,
    DateLocale,
    OtherSpelling,
    OneDigit,
    OtherIssuer,
    OtherDate,
    Hs6,
    OtherContent,
    CheckDigit,
    Ambiguous,
    Grammar,
    OverNormalising,
    LookAlike,
    Identity,
}

/// Pairs that the whole corpus has at least.
const PAIRS_MIN: usize = 120;
/// Every family with the pairs that it has at least.
const FAMILIES: [(Family, usize); 21] = [
    (Family::FullWidth, 10),
    (Family::Space, 10),
    (Family::Dash, 10),
    (Family::Brackets, 5),
    (Family::Case, 8),
    (Family::WordsAndSeparators, 8),
    (Family::OrderOfSets, 6),
    (Family::Unit, 8),
    (Family::DateLocale, 10),
    (Family::OtherSpelling, 8),
    (Family::OneDigit, 10),
    (Family::OtherIssuer, 8),
    (Family::OtherDate, 6),
    (Family::Hs6, 5),
    (Family::OtherContent, 8),
    (Family::CheckDigit, 10),
    (Family::Ambiguous, 10),
    (Family::Grammar, 10),
    (Family::OverNormalising, 6),
    (Family::LookAlike, 5),
    (Family::Identity, 8),
];

/// A pair of texts of one class, or a document and a changed copy of it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Pair {
    Text {
        family: Family,
        trap: String,
        class: String,
        left: String,
        right: Option<String>,
        order: Option<DateOrder>,
        expect: Expect,
        reason: Option<String>,
    },
    Document {
        family: Family,
        trap: String,
        document: String,
        layer: String,
        change: Map<String, Value>,
        expect: Expect,
        field: Option<String>,
    },
}

fn data(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn corpus() -> Vec<Pair> {
    serde_json::from_str(&data("fingerprint_corpus.json")).expect("the corpus is well-formed")
}

fn documents() -> BTreeMap<String, Map<String, Value>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/documents");
    let entries = std::fs::read_dir(folder).expect("the documents are part of the repository");
    let names = entries.map(|entry| entry.expect("a readable entry").path());
    let read = |path: PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let fields = serde_json::from_str(&data(&format!("documents/{name}.json"))).expect("a JSON object");
        (name, fields)
    };
    names.map(read).collect()
}

fn normalise(class: &str, text: &str, order: Option<DateOrder>) -> Result<String, NormaliseError> {
    let class = Class::from_name(class).unwrap_or_else(|| panic!("unknown class {class}"));
    if class == Class::Date { normalise_date("field", text, order) } else { class.normalise("field", text) }
}

/// Derives one layer of a document as bytes; `near:3` is the third combination.
fn layer(fields: &Map<String, Value>, layer: &str) -> Result<Vec<u8>, FingerprintError> {
    let json = serde_json::to_string(fields).expect("a JSON object can be written");
    let raw = derive_raw(&DocumentInput::from_json(&json)?)?;
    Ok(match layer.split_once(':') {
        None if layer == "fp1" => raw.fp1.to_vec(),
        None if layer == "fp2" => raw.fp2.to_vec(),
        None if layer == "goods_keys" => borsh::to_vec(&raw.goods_keys).expect("encodes"),
        None if layer == "arrival_keys" => borsh::to_vec(&raw.arrival_keys).expect("encodes"),
        Some(("near", number)) => {
            let index: usize = number.parse::<usize>().expect("a combination number") - 1;
            assert_ne!(raw.near[index], [0; 32], "near combination {number} is absent");
            raw.near[index].to_vec()
        }
        _ => panic!("unknown layer {layer}"),
    })
}

fn check_text(
    class: &str,
    left: &str,
    right: Option<&str>,
    order: Option<DateOrder>,
    expect: Expect,
) -> Result<(), String> {
    let left = normalise(class, left, order).map_err(|error| error.to_string())?;
    let right = normalise(class, right.expect("a pair has two sides"), order).map_err(|error| error.to_string())?;
    if (left == right) == (expect == Expect::Equal) { Ok(()) } else { Err(format!("{left} and {right}")) }
}

fn check_refusal(class: &str, text: &str, order: Option<DateOrder>, reason: &str) -> Result<(), String> {
    match normalise(class, text, order) {
        Ok(text) => Err(format!("accepted as {text}")),
        Err(error) if format!("{:?}", error.reason).starts_with(reason) => Ok(()),
        Err(error) => Err(format!("refused for another reason: {error}")),
    }
}

fn check_document(
    base: &Map<String, Value>,
    name: &str,
    change: &Map<String, Value>,
    expect: Expect,
    field: Option<&str>,
) -> Result<(), String> {
    let mut changed = base.clone();
    changed.extend(change.clone());
    let left = layer(base, name).map_err(|error| error.to_string())?;
    match (layer(&changed, name), expect) {
        (Ok(right), Expect::Equal) if left == right => Ok(()),
        (Ok(right), Expect::Different) if left != right => Ok(()),
        (Err(error), Expect::Rejected) => {
            let field = field.expect("a refusal names its field");
            if error.to_string().contains(field) { Ok(()) } else { Err(format!("does not name {field}: {error}")) }
        }
        (result, _) => Err(format!("got {result:?}")),
    }
}

fn check(pair: &Pair, documents: &BTreeMap<String, Map<String, Value>>) -> Result<(), String> {
    match pair {
        Pair::Text { class, left, order, reason: Some(reason), .. } => check_refusal(class, left, *order, reason),
        Pair::Text { class, left, right, order, expect, .. } => {
            // A stated order concerns the numeric side only; the plain side reads the same under any order.
            check_text(class, left, right.as_deref(), *order, *expect)
        }
        Pair::Document { document, layer, change, expect, field, .. } => {
            let base = documents.get(document).ok_or_else(|| format!("no document {document}"))?;
            check_document(base, layer, change, *expect, field.as_deref())
        }
    }
}

#[test]
fn every_pair_of_the_corpus_holds() {
    let documents = documents();
    let failures: Vec<String> =
        corpus().iter().filter_map(|pair| Some(format!("{pair:?}: {}", check(pair, &documents).err()?))).collect();
    assert!(failures.is_empty(), "{} pairs fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_trap_of_the_specification_has_its_pairs() {
    let mut count: BTreeMap<Family, usize> = BTreeMap::new();
    for pair in corpus() {
        let (Pair::Text { family, .. } | Pair::Document { family, .. }) = pair;
        *count.entry(family).or_default() += 1;
    }
    let total: usize = count.values().sum();
    println!("{total} pairs: {count:?}");
    assert!(total >= PAIRS_MIN, "only {total} pairs");
    for (family, min) in FAMILIES {
        let found = count.remove(&family).unwrap_or_default();
        assert!(found >= min, "{found} pairs of {family:?}, expected {min}");
    }
    assert!(count.is_empty(), "families without a minimum: {count:?}");
}

#[test]
fn each_family_expects_what_its_name_says() {
    use Family::*;
    for pair in corpus() {
        let (Pair::Text { family, trap, expect, .. } | Pair::Document { family, trap, expect, .. }) = &pair;
        let fits = match family {
            FullWidth | Space | Dash | Brackets | Case | OrderOfSets => *expect == Expect::Equal,
            OneDigit | OtherIssuer | OtherDate | OtherContent => *expect == Expect::Different,
            CheckDigit | Ambiguous => *expect == Expect::Rejected,
            _ => true,
        };
        assert!(fits, "{family:?}: {trap} expects {expect:?}");
    }
}

/// Section 4 of the specification: the fields of a document of each kind that make its identity, by their names in JSON.
const IDENTITIES: [(&str, &[&str]); 14] = [
    ("s1_leg_note", &["issuer", "departure_station", "number", "issue_date"]),
    ("smgs_note", &["issuer", "number", "issue_date", "departure_station"]),
    ("cim_note", &["country", "departure_station", "issuer", "number", "issue_date"]),
    ("s2_mtd", &["issuer", "number", "issue_date"]),
    ("s1_ncd", &["issuer", "number", "issue_date"]),
    ("rail_bill", &["issuer", "number", "issue_date"]),
    ("ocean_bill", &["issuer", "number"]),
    ("s2_receipt", &["issuer", "site", "number", "issue_date"]),
    ("s1_declaration", &["number"]),
    ("s1_invoice", &["seller", "number", "issue_date"]),
    ("e_invoice", &["number"]),
    ("s1_contract", &["seller", "buyer", "number", "issue_date"]),
    ("s1_policy", &["issuer", "number"]),
    ("origin", &["issuer", "number"]),
];

/// Another valid value of a field.
fn another(field: &str, value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    match field {
        "issuer" if text.len() == 18 => "91510108XXDEM00H6J".into(),
        "issuer" => "9999".into(),
        "seller" | "buyer" | "consignor" | "consignee" | "depositor" => "9999XXDEMMEKONG00160".into(),
        "issue_date" | "inbound_date" | "departure_date" => "2027-01-31".into(),
        "departure_station" => "KMG".into(),
        "destination" => "LAVTE".into(),
        "country" => "KZ".into(),
        "packages" => 7.into(),
        "gross_weight" | "quantity" => "7 t".into(),
        "amount" => "USD 7".into(),
        "number" => {
            let last = if text.ends_with('7') { '8' } else { '7' };
            format!("{}{last}", &text[..text.len() - 1]).into()
        }
        _ => "OTHER-7".into(),
    }
}

#[test]
fn an_identity_changes_with_each_of_its_fields_and_with_no_other() {
    let documents = documents();
    for (name, identity) in IDENTITIES {
        let base = &documents[name];
        let issuer = base.get("issuer").and_then(Value::as_str).unwrap_or_default();
        let own = layer(base, "fp1").expect("the cast is valid");
        let texts =
            base.iter().filter(|(field, value)| is_changed_alone(field) && !value.is_array() && !value.is_object());
        for (field, value) in texts {
            let mut changed = base.clone();
            let new = if field == "issuer" && issuer == "91510108XXDEM00H6J" {
                "91500106XXDEM0023Q".into()
            } else {
                another(field, value)
            };
            changed.insert(field.clone(), new);
            let got = layer(&changed, "fp1").unwrap_or_else(|error| panic!("{name} {field}: {error}"));
            assert_eq!(got != own, identity.contains(&field.as_str()), "{name}: {field}");
        }
        for field in identity {
            let mut without = base.clone();
            assert!(without.remove(*field).is_some(), "{name} does not state {field}");
            let error = layer(&without, "fp1").expect_err("an identity field is missing").to_string();
            // A contract has no issuer: its parties are asked for together.
            let named = match *field {
                "seller" | "buyer" if name == "s1_contract" => "buyer",
                "seller" => "consignor",
                field => field,
            };
            assert!(error.contains(named), "{name} without {field}: {error}");
        }
    }
}

/// The kind has pairs of its own, the locale belongs to the dates, and the country of destination follows the destination.
fn is_changed_alone(field: &str) -> bool {
    !matches!(field, "kind" | "date_order" | "destination_country")
}

#[test]
fn the_sub_reference_version_is_no_part_of_an_identity() {
    let documents = documents();
    for name in ["s1_ncd", "s2_mtd", "rail_bill"] {
        let mut versioned = documents[name].clone();
        versioned.insert("version".into(), "2".into());
        assert_eq!(layer(&versioned, "fp1"), layer(&documents[name], "fp1"), "{name}");
    }
}

#[test]
fn the_corpus_covers_every_class_and_every_relation() {
    let pairs = corpus();
    let count = |wanted: Expect| {
        let relation = |pair: &&Pair| match pair {
            Pair::Text { expect, .. } | Pair::Document { expect, .. } => *expect == wanted,
        };
        pairs.iter().filter(relation).count()
    };
    for relation in [Expect::Equal, Expect::Different, Expect::Rejected] {
        assert!(count(relation) >= 20, "only {} pairs are {relation:?}", count(relation));
    }
    let classes: BTreeSet<&str> = pairs
        .iter()
        .filter_map(|pair| if let Pair::Text { class, .. } = pair { Some(class.as_str()) } else { None })
        .collect();
    assert_eq!(classes.len(), 23, "classes without a pair; covered: {classes:?}");
}

#[test]
fn every_trap_of_the_corpus_is_named_once_per_subject() {
    let names: Vec<(String, String)> = corpus()
        .into_iter()
        .map(|pair| match pair {
            Pair::Text { class, trap, .. } => (class, trap),
            Pair::Document { document, layer, trap, .. } => (format!("{document} {layer}"), trap),
        })
        .collect();
    let unique: BTreeSet<_> = names.iter().collect();
    assert_eq!(unique.len(), names.len());
}

#[test]
fn every_document_of_the_cast_has_fingerprints() {
    for (name, fields) in documents() {
        let fp1 = layer(&fields, "fp1").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(fp1, [0; 32], "{name}");
    }
}

#[test]
fn no_two_documents_of_the_cast_share_an_identity() {
    let documents = documents();
    let identities: BTreeSet<Vec<u8>> =
        documents.values().map(|fields| layer(fields, "fp1").expect("the cast is valid")).collect();
    assert_eq!(identities.len(), documents.len());
}
