//! The fingerprint corpus: pairs of spellings that must be equal, must differ or must be refused.
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

/// A pair of texts of one class, or a document and a changed copy of it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Pair {
    Text {
        trap: String,
        class: String,
        left: String,
        right: Option<String>,
        order: Option<DateOrder>,
        expect: Expect,
        reason: Option<String>,
    },
    Document {
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
fn the_corpus_covers_every_class_and_every_relation() {
    let pairs = corpus();
    assert!(pairs.len() >= 70, "only {} pairs", pairs.len());
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
