//! What must never stand on a node's disk in clear: what the papers of a scenario say, and what its steps commit to.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Fields of papers whose values never leave a firm in clear.
const SECRET_FIELDS: &[&str] = &[
    "number",
    "issuer",
    "carrier",
    "seller",
    "buyer",
    "consignor",
    "consignee",
    "depositor",
    "insurer",
    "containers",
    "wagons",
    "seals",
    "contract_number",
    "invoice_number",
    "transport_document",
    "amount",
    "site",
    "batches",
    "cells",
    "meat_lots",
    "certificates",
    "certificate_number",
];
/// Arguments of operations of which the ledger gets a commitment.
const COMMITTED: &[&str] = &[
    "basis",
    "charges",
    "claim",
    "details",
    "evidence",
    "interest",
    "new_seal",
    "notice",
    "old_seal",
    "on_behalf",
    "order",
    "payload",
    "proceeds",
    "reason",
    "reference",
    "registration",
    "seal",
];
/// Shorter texts stand everywhere by chance.
const LENGTH_MIN: usize = 6;

/// The scenario files and their papers.
pub const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testnet/scenarios");

/// The secrets of a scenario file as written and without separators, in lower case.
///
/// # Panics
/// When the file or one of its papers cannot be read.
pub fn of_scenario(name: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(Path::new(SCENARIOS).join(name)).expect("the scenario is there");
    let file: Value = toml::from_str(&text).expect("the scenario is TOML");
    let mut found = BTreeSet::new();
    for paper in file["documents"].as_object().expect("a scenario has papers").values() {
        collect_under(SECRET_FIELDS, paper, &mut found);
        if let Some(path) = paper.get("file").and_then(Value::as_str) {
            let paper = std::fs::read(Path::new(SCENARIOS).join(path)).expect("the paper is there");
            collect_under(SECRET_FIELDS, &serde_json::from_slice(&paper).expect("a paper is JSON"), &mut found);
        }
    }
    let steps = file["step"].as_array().expect("a scenario has steps");
    steps.iter().filter_map(|step| step.get("args")).for_each(|args| collect_under(COMMITTED, args, &mut found));
    found
}

/// Every text below the named fields.
fn collect_under(names: &[&str], value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| match names.contains(&name.as_str()) {
            true => collect(inner, found),
            false => collect_under(names, inner, found),
        }),
        Value::Array(all) => all.iter().for_each(|inner| collect_under(names, inner, found)),
        _ => {}
    }
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if !text.starts_with('@') => {
            let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            found.extend([text.to_lowercase(), bare.to_lowercase()].into_iter().filter(|s| s.len() >= LENGTH_MIN));
        }
        Value::Array(all) => all.iter().for_each(|inner| collect(inner, found)),
        Value::Object(map) => map.values().for_each(|inner| collect(inner, found)),
        _ => {}
    }
}

/// Every file below a folder.
///
/// # Panics
/// When the folder cannot be read.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Looks for secrets in all files of a network's nodes; answers how many files there are.
///
/// # Panics
/// When a file holds one in clear.
pub fn assert_none_in(nodes: &Path, secrets: &BTreeSet<String>) -> usize {
    let mut by_start: BTreeMap<&[u8], Vec<&str>> = BTreeMap::new();
    for secret in secrets {
        by_start.entry(&secret.as_bytes()[..LENGTH_MIN]).or_default().push(secret);
    }
    let starts: std::collections::HashSet<&[u8]> = by_start.keys().copied().collect();
    let all = files(nodes);
    for file in &all {
        let content = std::fs::read(file).expect("readable").to_ascii_lowercase();
        for (at, window) in content.windows(LENGTH_MIN).enumerate().filter(|(_, window)| starts.contains(window)) {
            let shown = by_start[window].iter().find(|secret| content[at..].starts_with(secret.as_bytes()));
            assert!(shown.is_none(), "{} holds {shown:?} in clear", file.display());
        }
    }
    all.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_on_a_disk_is_found_and_a_name_of_nobody_is_not() {
        let secrets = of_scenario("s2.toml");
        assert!(secrets.contains("tjlcwr20260087") && secrets.contains("zhongdeng 0926 5531 0026 4417"), "{secrets:?}");
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("log"), "receipt tjlc-wr-2026-008 is nobody's").expect("writable");
        assert_eq!(assert_none_in(folder.path(), &secrets), 1);
        std::fs::write(folder.path().join("log"), "receipt TJLC-WR-2026-0087 it is").expect("writable");
        let found = std::panic::catch_unwind(|| assert_none_in(folder.path(), &secrets));
        assert!(found.is_err(), "the number of the receipt was not found");
    }
}
