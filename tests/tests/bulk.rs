//! `landsea waybill anchor --from` against real nodes: bad rows, a duplicate, and an interruption while the chain stands still.

use landsea_tests::processes::{PATIENCE, Processes, landsea};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Idle time between blocks, milliseconds.
const QUICK: u64 = 250;
/// Rows of the firm's file, and where the wrong ones stand among them.
const ROWS: usize = 300;
const WRONG_DIGIT: usize = 17;
const SHORT: usize = 120;
const REPEATED: usize = 200;
const DUPLICATE: usize = 250;

const HEAD: &str = "kind,number,issue_date,issuer,consignor,consignee,containers,packages,gross_weight,hs,destination";
/// The forwarder that sends.
const FORWARDER: &str = "91460300XXDEM00E1L";

/// A container number with its check digit.
fn container(number: usize) -> String {
    let text = format!("XLHU{number:06}");
    let value = |c: char| match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        // Multiples of eleven are left out.
        'A' => 10,
        'B'..='K' => u32::from(c) - u32::from('B') + 12,
        'L'..='U' => u32::from(c) - u32::from('L') + 23,
        _ => u32::from(c) - u32::from('V') + 34,
    };
    let sum: u32 = text.chars().zip(0..).map(|(c, place)| value(c) << place).sum();
    format!("{text}{}", sum % 11 % 10)
}

fn row(number: usize) -> String {
    let container = container(number);
    format!(
        "HOUSE_BILL,QZFF/2026/{number:06},2026-03-05,{FORWARDER},91500107XXDEM00FX5,TO ORDER,{container},9,{} kg,8429.52,SGSIN",
        10_000 + number
    )
}

/// A firm's desk: its folder, its key, its branch's node.
struct Desk {
    folder: tempfile::TempDir,
    network: PathBuf,
    code: String,
}

impl Desk {
    fn new(all: &Processes) -> Self {
        let code = all.codes()[0].clone();
        let node = all.folder(&code);
        let network = node.ancestors().find(|folder| folder.join("network.json").exists()).expect("nodes lie in it");
        let desk = Self { folder: tempfile::tempdir().expect("a temporary folder"), network: network.into(), code };
        desk.done(&["key", "new", "ff.key"]);
        let key = desk.json(&["key", "show", "ff.key"])["public_key"].as_str().expect("a key").to_owned();
        let branch = desk.network.join("keys").join(format!("branch-{}.key", desk.code)).display().to_string();
        let onboard = ["party", "onboard", "--code", FORWARDER, "--roles", "FORWARDER", "--keep", "kept.json"];
        let view = desk.json(&[&onboard[..], &["--public-key", &key, "--key", &branch]].concat());
        let account = view["events"][0]["subject"].as_str().expect("the firm's account");
        desk.done(&["key", "bind", "ff.key", account]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(landsea());
        let needs_node = args[0] != "key";
        command.current_dir(self.folder.path()).args(args).env_remove("LANDSEA_NODE").env_remove("LANDSEA_KEY");
        if needs_node {
            command.arg("--dir").arg(&self.network).args(["--via", &self.code]);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the landsea program starts")
    }

    fn done(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.done(&[args, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).expect("--json prints JSON")
    }

    fn anchor(&self, file: &str) -> Command {
        let mut command =
            self.command(&["waybill", "anchor", "--from", file, "--salts", "salts.json", "--key", "ff.key"]);
        command.arg("--json");
        command
    }

    /// Runs a file to its end: exit code and counts.
    fn anchored(&self, file: &str) -> (i32, Value) {
        let output = self.anchor(file).output().expect("the landsea program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
        (output.status.code().expect("it ends by itself"), value["counts"].clone())
    }

    /// Rows of the result file: status, document and code by line.
    fn results(&self, file: &str) -> BTreeMap<usize, (String, String, String)> {
        let text = std::fs::read_to_string(self.path(&format!("{file}.results.csv"))).expect("it was written");
        let lines = text.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let own = |cell: usize| cells[cell].to_owned();
            (cells[0].parse().expect("a line number"), (own(2), own(3), own(4)))
        });
        lines.collect()
    }

    /// Transactions that were sent, as the journal has them.
    fn sent(&self, file: &str) -> usize {
        let text = std::fs::read_to_string(self.path(&format!("{file}.results.csv.journal"))).unwrap_or_default();
        text.lines().filter(|line| line.starts_with("{\"sent\"")).count()
    }

    /// Attempts that the ledger noted.
    fn attempts(&self) -> u64 {
        self.json(&["query", "attempts"])["total"].as_u64().expect("a count")
    }
}

fn interrupt(mut child: Child) -> i32 {
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("the child runs");
    child.wait().expect("it can be waited for").code().expect("it ends by itself")
}

fn write(path: &Path, rows: &[String]) {
    std::fs::write(path, format!("{HEAD}\n{}\n", rows.join("\n"))).expect("the temporary folder is writable");
}

fn counts(value: &Value) -> [u64; 5] {
    ["accepted", "known", "refused", "invalid", "pending"].map(|name| value[name].as_u64().expect("a count"))
}

#[test]
fn a_corrected_file_sends_no_row_of_an_open_transaction_again() {
    let mut all = Processes::start(4, QUICK);
    let desk = Desk::new(&all);
    let codes = all.codes();
    let mut rows: Vec<String> = (0..32).map(row).collect();
    write(&desk.path("bills.csv"), &rows);
    let before = desk.attempts();

    // A validity that no block accepts is told at once, and is no fault of the rows.
    let output = desk.anchor("bills.csv").args(["--valid-for", "100000"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), desk.sent("bills.csv")), (Some(2), 0), "{said}");
    assert!(said.contains("1 to 1000"), "{said}");
    assert!(desk.results("bills.csv").values().all(|(status, ..)| status == "PENDING"));

    // Without a quorum both transactions are open when the run ends.
    all.kill(&codes[2]);
    all.kill(&codes[3]);
    let child = desk.anchor("bills.csv").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    all.wait("both transactions in the journal", |_| desk.sent("bills.csv") == 2);
    assert_eq!(interrupt(child), 130);

    // One row is corrected, then the ledger goes on: it may have the transactions or not.
    rows[3] = rows[3].replace(",9,", ",8,");
    write(&desk.path("bills.csv"), &rows);
    all.start_node(&codes[2]);
    all.start_node(&codes[3]);
    let (code, ended) = desk.anchored("bills.csv");
    let [accepted, known, refused, invalid, pending] = counts(&ended);
    // Either the ledger took the row as it was, or the open transaction lapsed and the corrected row went.
    assert!(matches!((code, accepted, refused), (1, 31, 1) | (0, 32, 0)), "{code} {ended}");
    assert_eq!([known, invalid, pending], [0; 3], "{ended}");
    // A row sent twice would have been noted as an attempt to register a document again.
    assert_eq!(desk.attempts(), before);
}

#[test]
fn an_interrupted_file_goes_on_and_every_good_row_is_registered_once() {
    let mut all = Processes::start(4, QUICK);
    let desk = Desk::new(&all);
    let codes = all.codes();

    write(&desk.path("other.csv"), &[row(DUPLICATE)]);
    let (code, first) = desk.anchored("other.csv");
    assert_eq!((code, counts(&first)), (0, [1, 0, 0, 0, 0]));
    std::fs::remove_file(desk.path("salts.json")).expect("made by the first run");

    let mut rows: Vec<String> = (0..ROWS).map(row).collect();
    let digit = container(WRONG_DIGIT);
    let wrong = format!("{}{}", &digit[..10], (digit.as_bytes()[10] - b'0' + 1) % 10);
    rows[WRONG_DIGIT] = rows[WRONG_DIGIT].replace(&digit, &wrong);
    rows[SHORT] = "HOUSE_BILL,QZFF/2026/000120".into();
    rows[REPEATED] = rows[REPEATED - 1].replace("QZFF/2026/", "qzff 2026-");
    write(&desk.path("bills.csv"), &rows);
    let before = desk.attempts();

    // Without a quorum everything is sent and nothing is committed.
    all.kill(&codes[2]);
    all.kill(&codes[3]);
    let halted = all.highest();
    let child = desk.anchor("bills.csv").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let transactions = (ROWS - 3).div_ceil(16);
    all.wait("every transaction in the journal", |_| desk.sent("bills.csv") == transactions);
    assert_eq!(interrupt(child), 130);
    let left = desk.results("bills.csv").values().filter(|(status, ..)| status == "PENDING").count();
    // A height whose precommits were all sent before may still end.
    assert!(all.highest() <= halted.next() && left > 0, "{left} rows are pending\n{}", all.describe());

    // What only lay in memory is lost with the nodes: the journal has the bytes.
    all.kill_all();
    codes.iter().for_each(|code| all.start_node(code));
    all.wait_for_height(&codes, halted.next());
    let (code, second) = desk.anchored("bills.csv");
    assert_eq!((code, counts(&second)), (2, [296, 0, 1, 3, 0]), "within {PATIENCE:?}\n{}", all.describe());

    let results = desk.results("bills.csv");
    let status = |index: usize| results[&(index + 2)].0.as_str();
    assert_eq!([WRONG_DIGIT, SHORT, REPEATED].map(status), ["INVALID"; 3]);
    let known = desk.results("other.csv")[&2].1.clone();
    assert_eq!(results[&(DUPLICATE + 2)], ("REFUSED".into(), known, "3001".into()));
    let documents: BTreeSet<&str> = results
        .values()
        .filter(|(status, ..)| status == "ACCEPTED")
        .map(|(_, document, _)| document.as_str())
        .collect();
    assert_eq!(documents.len(), 296, "every accepted row has a document of its own");
    // A row sent twice would have been noted as an attempt to register a document again.
    assert_eq!(desk.attempts(), before + 1);

    // Nothing is left to send.
    let sent = desk.sent("bills.csv");
    let (code, third) = desk.anchored("bills.csv");
    assert_eq!((code, counts(&third), desk.sent("bills.csv")), (2, [296, 0, 1, 3, 0], sent));

    // A corrected file goes on with the same journal.
    rows[WRONG_DIGIT] = row(WRONG_DIGIT);
    rows[SHORT] = row(SHORT);
    write(&desk.path("bills.csv"), &rows);
    let (code, fourth) = desk.anchored("bills.csv");
    assert_eq!((code, counts(&fourth), desk.attempts()), (2, [298, 0, 1, 1, 0], before + 1));

    // Under other salts all rows would be other notes: a mistyped name makes none.
    let results = desk.results("bills.csv");
    std::fs::rename(desk.path("salts.json"), desk.path("away.json")).expect("it is there");
    let output = desk.anchor("bills.csv").output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("rows were sent under one before"), "{said}");
    assert!(!desk.path("salts.json").exists());
    assert_eq!((desk.results("bills.csv"), desk.attempts()), (results, before + 1));
}
