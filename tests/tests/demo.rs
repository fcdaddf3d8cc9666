//! The demo as a newcomer plays it, and what it leaves on the disks.

use landsea_tests::processes::landsea;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testnet/scenarios");

/// Fields whose values never leave a firm in clear.
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
    "certificate_number",
];

fn play_demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(landsea());
    command.args(["testnet", "up", "--demo", "--once", "--dir"]).arg(folder.path().join("network"));
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("5001 ALREADY_PLEDGED"), "the second pledge was not seen refused: {said}");
    folder
}

/// Everything secret in the cast's papers, as written and without separators, lower case.
fn secrets(prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in files(&Path::new(SCENARIOS).join("documents")) {
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(prefix)) {
            let paper: Value = serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("a JSON paper");
            SECRET_FIELDS.iter().filter_map(|field| paper.get(field)).for_each(|value| collect(value, &mut found));
        }
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
            found.extend([text.to_lowercase(), bare.to_lowercase()].into_iter().filter(|s| s.len() >= 6));
        }
        Value::Array(all) => all.iter().for_each(|v| collect(v, found)),
        _ => {}
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn the_demo_answers_as_expected_and_leaves_no_secret_on_any_node() {
    let folder = play_demo();
    let secrets = secrets("s1_");
    assert!(
        secrets.contains("shltckgsin2026000417") && secrets.contains("xlhu2601019") && secrets.len() > 20,
        "{secrets:?}"
    );
    let nodes = files(&folder.path().join("network/nodes"));
    assert!(nodes.len() >= 15 * 5, "the nodes' files are missing: {}", nodes.len());
    for file in nodes {
        let content = std::fs::read(&file).expect("readable").to_ascii_lowercase();
        for secret in &secrets {
            let shown = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!shown, "{} holds {secret:?} in clear", file.display());
        }
    }
}
