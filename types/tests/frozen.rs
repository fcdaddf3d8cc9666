//! Frozen formats: one committed hash per wire and state type.
//!
//! Each hash covers the borsh encoding of two samples, one with every option and list filled and one with all of them empty. A field
//! that is added, removed, moved or retyped changes it. The samples count up from one, so that two fields never hold the same bytes.

mod frozen {
    pub(crate) mod operations;
    pub(crate) mod records;
    pub(crate) mod sample;
    pub(crate) mod wire;
}

use frozen::sample::{Kind, Sampler};
use frozen::{operations, records, wire};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Set to `1` to write the data file anew.
const REWRITE: &str = "LANDSEA_REWRITE_FROZEN";

const CONSEQUENCE: &str = "\
A format that is signed, hashed, stored or sent has changed. Nodes of the release before would refuse the blocks, messages and data
folders of this one, and certificates and signatures made before would no longer verify. Take the change back. Only if no chain of
the old format is to live on, set LANDSEA_REWRITE_FROZEN=1, run this test once and commit the data file with the reason.";

fn data_file() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "data", "frozen.txt"].iter().collect()
}

/// Name and hash of everything that is frozen.
fn current() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, encode) in [wire::TYPES, records::TYPES, operations::TYPES].concat() {
        let mut bytes = encode(&mut Sampler::new(Kind::Full));
        bytes.extend(encode(&mut Sampler::new(Kind::Empty)));
        let twice = all.insert(name.to_owned(), blake3::hash(&bytes).to_hex().to_string());
        assert_eq!(twice, None, "{name} is listed twice");
    }
    all.extend(wire::derived().into_iter().map(|(name, hash)| (name.to_owned(), hex::encode(hash))));
    all
}

fn committed() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(data_file()).expect("tests/data/frozen.txt is committed");
    let line = |line: &str| line.split_once(": ").map(|(name, hash)| (name.to_owned(), hash.to_owned()));
    text.lines().map(|l| line(l).expect("a line is a name and a hash")).collect()
}

fn rewrite(current: &BTreeMap<String, String>) {
    let lines: Vec<String> = current.iter().map(|(name, hash)| format!("{name}: {hash}\n")).collect();
    std::fs::write(data_file(), lines.concat()).expect("the data file can be written");
}

#[test]
fn every_wire_and_state_type_encodes_as_committed() {
    let current = current();
    if std::env::var(REWRITE).is_ok_and(|v| v == "1") {
        rewrite(&current);
    }
    let committed = committed();
    let names = current.keys().chain(committed.keys());
    let changed: Vec<&String> = names.filter(|name| current.get(*name) != committed.get(*name)).collect();
    assert!(changed.is_empty(), "changed: {changed:?}\n{CONSEQUENCE}");
}

#[test]
fn all_operations_are_frozen() {
    let frozen: Vec<&str> = operations::TYPES.iter().map(|(name, _)| *name).collect();
    for operation in landsea_types::operation::OPERATIONS {
        let name = format!("{}.{}", operation.module, operation.operation);
        assert!(frozen.contains(&name.as_str()), "{name} is not frozen");
    }
    assert_eq!(frozen.len(), landsea_types::operation::OPERATIONS.len());
}
