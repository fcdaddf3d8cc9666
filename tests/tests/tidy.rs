//! Rules of the workspace that no compiler checks: who may depend on whom, who may read a clock, how long things may be, and that
//! codes and operations are those of the specification.

use landsea_tests::source::{self, SourceFile};
use landsea_types::Code;
use landsea_types::operation::OPERATIONS;
use std::collections::{BTreeMap, BTreeSet};

const CRATES: &[&str] =
    &["types", "client", "consensus", "chaincode", "storage", "p2p", "node", "cli", "testnet", "tests"];

const FILE_LINES_MAX: usize = 700;
const FUNCTION_LINES_MAX: usize = 90;

/// Where a clock may be read: the node's shell and its signature threads (when they answer, not what), the transport's pauses, tokens
/// and waiting of clients.
const CLOCK_READERS: &[&str] = &[
    "node/src/pool.rs",
    "node/src/shell.rs",
    "node/src/shell/",
    "node/src/timers.rs",
    "p2p/",
    "client/src/rpc.rs",
    "cli/",
    "testnet/",
    "tests/",
];

/// Crates that a crate must not reach, directly or through others of the workspace.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("landsea-types", &["tokio", "libp2p", "rocksdb", "jmt", "jsonrpsee", "tracing", "getrandom", "tempfile"]),
    (
        "landsea-chaincode",
        &["tokio", "libp2p", "rocksdb", "jmt", "landsea-consensus", "landsea-storage", "landsea-p2p", "time"],
    ),
    (
        "landsea-consensus",
        &["tokio", "libp2p", "rocksdb", "jmt", "landsea-chaincode", "landsea-storage", "landsea-p2p"],
    ),
    ("landsea-storage", &["tokio", "libp2p", "landsea-chaincode", "landsea-consensus", "landsea-p2p"]),
    ("landsea-p2p", &["rocksdb", "jmt", "landsea-types", "landsea-chaincode", "landsea-consensus", "landsea-storage"]),
    (
        "landsea-client",
        &["rocksdb", "jmt", "libp2p", "landsea-storage", "landsea-p2p", "landsea-consensus", "landsea-node"],
    ),
];

/// Libraries that only the named crates may depend on.
const KEPT_TO: &[(&str, &[&str])] = &[
    ("rocksdb", &["landsea-storage"]),
    ("jmt", &["landsea-storage"]),
    ("libp2p", &["landsea-p2p"]),
    ("arc-malachitebft-core-consensus", &["landsea-consensus"]),
    ("hyper", &["landsea-node"]),
    ("governor", &["landsea-node"]),
    ("rustls", &["landsea-client", "landsea-node", "landsea-tests"]),
];

/// The edges of one section of the workspace's manifests; `types` depends on whatever `chaincode` does not for reasons of its own.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = |name: &&str| {
        let path = source::workspace().join(name).join("Cargo.toml");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let section = table.get("dependencies").and_then(toml::Value::as_table);
        let edges = section.into_iter().flat_map(|t| t.keys().cloned()).collect();
        (format!("landsea-{name}"), edges)
    };
    CRATES.iter().map(manifest).collect()
}

/// Everything a crate reaches through crates of the workspace.
fn reached(from: &str, edges: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(next) = open.pop() {
        for dependency in edges.get(&next).into_iter().flatten() {
            if found.insert(dependency.clone()) {
                open.push(dependency.clone());
            }
        }
    }
    found
}

fn assert_none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

/// Lines of the given code that contain one of the words, as `path:line`.
fn uses<'a>(file: &'a SourceFile, code: &'a str, words: &'a [&'a str]) -> impl Iterator<Item = String> + 'a {
    let hit = |(line, number): (&str, usize)| {
        words.iter().any(|w| line.contains(w)).then(|| format!("{}:{number}: {}", file.path, line.trim()))
    };
    code.lines().zip(1..).filter_map(hit)
}

#[test]
fn no_crate_reaches_what_it_must_not_know() {
    let edges = dependencies();
    let mut wrong = Vec::new();
    for (name, forbidden) in FORBIDDEN {
        // `types` formats dates with the `time` crate, without its clock; everybody may reach it through `types`.
        let direct = &edges[*name];
        let reached = reached(name, &edges);
        let hit = |f: &&&str| if **f == "time" { direct.contains(**f) } else { reached.contains(**f) };
        wrong.extend(forbidden.iter().filter(hit).map(|f| format!("{name} reaches {f}")));
    }
    for (library, keepers) in KEPT_TO {
        let users = edges.iter().filter(|(_, d)| d.contains(*library)).map(|(name, _)| name.as_str());
        wrong.extend(users.filter(|u| !keepers.contains(u)).map(|u| format!("{u} depends on {library}")));
    }
    assert_none("forbidden dependencies", wrong);
}

#[test]
fn only_the_transport_file_names_libp2p_and_only_storage_names_its_libraries() {
    let mut wrong = Vec::new();
    for file in source::files(CRATES) {
        let outside = |allowed: &str| !file.path.starts_with(allowed);
        if outside("p2p/src/transport.rs") && outside("p2p/tests/") {
            wrong.extend(uses(&file, &file.code, &["libp2p::"]));
        }
        if outside("storage/") {
            wrong.extend(uses(&file, &file.code, &["rocksdb::", "jmt::"]));
        }
    }
    assert_none("libraries named in the wrong place", wrong);
}

#[test]
fn only_the_shell_and_clients_read_a_clock() {
    let clocks = ["SystemTime::now", "Instant::now", "OffsetDateTime::now", "UtcDateTime::now"];
    let mut wrong = Vec::new();
    for file in source::files(CRATES) {
        if !CLOCK_READERS.iter().any(|allowed| file.path.starts_with(allowed)) {
            wrong.extend(uses(&file, &file.code, &clocks));
        }
    }
    assert_none("clocks read in the wrong place", wrong);
}

#[test]
fn the_replica_names_no_socket_thread_or_runtime() {
    let banned = ["tokio::", "std::thread", "std::net", "std::fs", "Mutex", "HashMap", "HashSet", "getrandom"];
    let mut wrong = Vec::new();
    for file in source::files(&["node", "chaincode", "consensus"]) {
        let is_core = file.path.starts_with("node/src/replica") || !file.path.starts_with("node/");
        if is_core {
            wrong.extend(uses(&file, &file.product_code(), &banned));
        }
    }
    assert_none("the synchronous core reaches outside", wrong);
}

#[test]
fn files_and_functions_stay_short() {
    let mut wrong = Vec::new();
    for file in source::files(CRATES) {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            wrong.push(format!("{}: {lines} lines, at most {FILE_LINES_MAX}", file.path));
        }
        let long = file.functions().into_iter().filter(|f| f.lines > FUNCTION_LINES_MAX);
        wrong.extend(long.map(|f| format!("{}:{}: fn {} has {} lines", file.path, f.line, f.name, f.lines)));
    }
    assert_none("too long", wrong);
}

#[test]
fn no_file_is_called_mod_and_no_work_is_left_open() {
    let mut wrong = Vec::new();
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    for file in source::files(CRATES) {
        if file.path.ends_with("/mod.rs") {
            wrong.push(file.path.clone());
        }
        wrong.extend(uses(&file, &file.text, &marks));
        wrong.extend(uses(&file, &file.code, &["todo!(", "unimplemented!(", "dbg!("]));
    }
    assert_none("left open", wrong);
}

#[test]
fn no_product_code_unwraps() {
    let mut wrong = Vec::new();
    for file in source::files(CRATES) {
        wrong.extend(uses(&file, &file.product_code(), &[".unwrap()", ".unwrap_err()"]));
    }
    assert_none("expect(\"why it cannot fail\") instead", wrong);
}

#[test]
fn the_codes_are_those_of_the_specification() {
    let listed = rows(include_str!("data/codes.csv"));
    let ours = Code::ALL.iter().filter(|c| **c != Code::Ok);
    let ours: Vec<Vec<String>> =
        ours.map(|c| vec![c.number().to_string(), c.name().into(), c.meaning().into()]).collect();
    assert_eq!(ours, listed, "number and name of a code are frozen");
}

/// A generated list, not a claim: callers, consents and summaries included.
#[test]
fn every_operation_of_the_first_two_parts_is_implemented_as_the_specification_says() {
    let all = rows(include_str!("data/operations.csv"));
    let listed: BTreeSet<Vec<String>> =
        all.iter().filter(|row| ["1", "2"].contains(&row[2].as_str())).cloned().collect();
    let ours: BTreeSet<Vec<String>> = OPERATIONS
        .iter()
        .map(|o| vec![o.module, o.operation, if o.part == 1 { "1" } else { "2" }, o.caller, o.consents, o.summary])
        .map(|row| row.into_iter().map(String::from).collect())
        .collect();
    assert_eq!(ours, listed);
    println!("{} of {} operations implemented", ours.len(), all.len());
}

#[test]
fn numbers_of_operations_are_distinct_and_carry_the_module_in_the_high_byte() {
    let numbers: BTreeSet<u16> = OPERATIONS.iter().map(|op| op.number).collect();
    assert_eq!(numbers.len(), OPERATIONS.len());
    for (a, b) in OPERATIONS.iter().zip(OPERATIONS.iter().skip(1)) {
        assert_eq!(a.module == b.module, a.number >> 8 == b.number >> 8, "{} and {}", a.operation, b.operation);
    }
}

/// The rows of a CSV file below its heading. The files of the specification quote nothing but commas.
fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(cells).collect()
}

fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.trim_end().chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().expect("a row starts with a cell").push(other),
        }
    }
    cells
}
