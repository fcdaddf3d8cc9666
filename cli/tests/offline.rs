//! The commands that need no node, as a script sees them: output, exit codes, files.

#[path = "offline/verdicts.rs"]
mod verdicts;

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder of one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("landsea-cli-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the temporary folder is writable");
        Self(path)
    }
    fn path(&self, file: &str) -> String {
        self.0.join(file).display().to_string()
    }
    fn write(&self, file: &str, text: &str) -> String {
        std::fs::write(self.0.join(file), text).expect("the temporary folder is writable");
        self.path(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn landsea(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landsea"));
    for name in ["LANDSEA_NODE", "LANDSEA_DIR", "LANDSEA_KEY"] {
        command.env_remove(name);
    }
    command.args(args).env("LANG", "C").env("LC_ALL", "C").output().expect("the binary was built")
}

/// Runs the command with its standard output going somewhere else.
fn landsea_to(args: &[&str], stdout: std::process::Stdio) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landsea"));
    for name in ["LANDSEA_NODE", "LANDSEA_DIR", "LANDSEA_KEY"] {
        command.env_remove(name);
    }
    let child = command.args(args).stdout(stdout).stderr(std::process::Stdio::piped()).spawn();
    child.and_then(|child| child.wait_with_output()).expect("the binary was built")
}

/// A device that is always full.
#[cfg(target_os = "linux")]
fn full() -> std::process::Stdio {
    std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it").into()
}

/// A pipe whose reader has gone.
#[cfg(target_os = "linux")]
fn broken() -> std::process::Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    drop(reader);
    writer.into()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the command ended by itself")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8 on the standard output")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8 on the standard error")
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&out(output)).expect("JSON on the standard output")
}

/// A genesis of four members with Chinese names.
fn genesis(folder: &Folder) -> String {
    use landsea_types::genesis::{Genesis, GenesisMember, SUITE};
    use landsea_types::{Member, SecretKey, Timestamp};
    let names =
        [("cq", "重庆", "Chongqing"), ("gx", "广西", "Guangxi"), ("gz", "贵州", "Guizhou"), ("gs", "甘肃", "Gansu")];
    let member = |(index, (code, zh, en)): (u8, &(&str, &str, &str))| {
        let key = |use_of: &str| SecretKey::derive(&[7; 32], &format!("{code}/{use_of}")).public();
        GenesisMember {
            index: Member::new(index),
            code: (*code).into(),
            name_en: (*en).into(),
            name_zh: (*zh).into(),
            gb2260: 500_000,
            operator: "test".into(),
            validator_key: key("validator"),
            network_key: key("network"),
            branch_key: key("branch"),
        }
    };
    let genesis = Genesis {
        name: "test".into(),
        time: Timestamp::new(1_700_000_000_000),
        suite: SUITE.into(),
        members: (1u8..).zip(&names).map(member).collect(),
        parameters: Default::default(),
        features: vec![],
        templates: vec![],
        travel: vec![],
    };
    genesis.check().expect("a sound genesis");
    folder.write("genesis.json", &genesis.to_json())
}

const BILL: &str = r#"{"kind":"NCD","number":"TEST-2026-000001","issue_date":"2026-03-04","issuer":"91500106XXDEM0023Q",
    "consignor":"91500107XXDEM00FX5","consignee":"TO ORDER","containers":["XLHU2601019","XLHU2601024","XLHU2601030"],
    "packages":9,"gross_weight":"61,280 kg","hs":["8429.52"],"destination":"SGSIN"}"#;

/// The specification's operations: module and name with the part they belong to.
fn specified() -> Vec<(String, u64)> {
    let rows = include_str!("../../tests/tests/data/operations.csv").lines().skip(1).map(|line| line.splitn(4, ','));
    let row = |mut cells: std::str::SplitN<'_, char>| {
        let mut next = || cells.next().expect("module, operation and part");
        (format!("{}.{}", next(), next()), next().parse().expect("a part is a number"))
    };
    rows.map(row).collect()
}

fn listed(args: &[&str]) -> Vec<(String, u64)> {
    let name =
        |row: &Value| format!("{}.{}", row["module"].as_str().unwrap_or(""), row["operation"].as_str().unwrap_or(""));
    let rows = json(&landsea(args));
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| (name(row), row["part"].as_u64().expect("a part"))).collect()
}

#[test]
fn operations_lists_the_eighty_eight_of_the_first_two_parts_of_116() {
    let (specified, mut all) = (specified(), listed(&["operations", "--json"]));
    let mut expected: Vec<_> = specified.iter().filter(|(_, part)| *part <= 2).cloned().collect();
    assert_eq!((specified.len(), expected.len()), (116, 88));
    expected.sort();
    all.sort();
    assert_eq!(all, expected);
    let text = out(&landsea(&["operations"]));
    assert!(expected.iter().all(|(name, _)| text.contains(name)), "{text}");
    assert_eq!(listed(&["operations", "--json", "--part", "2"]).len(), 60);
    let pledges = listed(&["operations", "--json", "--module", "pledge"]);
    assert!(!pledges.is_empty() && pledges.iter().all(|(name, _)| name.starts_with("pledge.")));
}

#[test]
fn an_operation_is_shown_with_arguments_that_build_a_transaction() {
    let text = out(&landsea(&["operations", "pledge.substitute"]));
    for words in
        ["pledge.substitute  0x060a  part 2", "caller    pledgee", "add[].ticket", "remove[].doc", "@ticket.json"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let folder = Folder::new("operations");
    let (genesis, key, sender) = (genesis(&folder), folder.path("bank.key"), "ab".repeat(32));
    assert_eq!(code(&landsea(&["key", "new", &key])), 0);
    assert_eq!(code(&landsea(&["key", "bind", &key, &sender])), 0);
    let text = std::fs::read_to_string(&genesis).expect("written");
    let chain = landsea_types::genesis::Genesis::from_json(&text).expect("sound").chain_id().to_string();
    let sign = |op: &Value, out: &str| {
        let draft =
            serde_json::json!({"chain_id": chain, "sender": sender, "operations": [op], "valid_until": 9, "nonce": 1});
        let file = folder.write("draft.json", &draft.to_string());
        code(&landsea(&["tx", "sign", &file, "--out", &folder.path(out), "--key", &key, "--genesis", &genesis]))
    };
    for name in ["pledge.cure", "hold.court_freeze", "cargo.report", "waybill.endorse", "party.delegate"] {
        let shown = json(&landsea(&["operations", name, "--json"]));
        let mut op = serde_json::json!({"operation": name, "args": shown["example"]});
        assert_eq!(sign(&op, &format!("{name}.hex")), 0, "{name}");
        let field = shown["fields"][0]["field"].as_str().expect("a field");
        let first = field.split(['.', '[']).next().expect("a name");
        op["args"].as_object_mut().expect("arguments").remove(first);
        assert_ne!(sign(&op, &format!("{name}.bad")), 0, "{name} without {first}");
    }
    let forms = json(&landsea(&["operations", "hold.court_freeze", "--json"]))["other_forms"].clone();
    assert_eq!(forms.as_array().map(Vec::len), Some(4), "{forms}");
    let unknown = landsea(&["operations", "pledge.nothing"]);
    assert_eq!(code(&unknown), 2);
    assert!(err(&unknown).contains("landsea operations"), "{}", err(&unknown));
}

#[test]
fn codes_are_listed_with_number_name_and_meaning() {
    let listed = json(&landsea(&["codes", "--json"]));
    let row = listed.as_array().expect("a list").iter().find(|row| row["code"] == 5001).expect("5001 is listed");
    assert_eq!(row["name"], "ALREADY_PLEDGED");
    assert!(out(&landsea(&["codes"])).contains("ALREADY_PLEDGED"));
}

#[test]
fn a_file_that_is_no_certificate_is_invalid_with_code_20() {
    let folder = Folder::new("garbage");
    let genesis = genesis(&folder);
    for (name, text) in
        [("empty", ""), ("text", "not json"), ("object", "{}"), ("cut", r#"{"version":1,"chain_id":"ab"#)]
    {
        let file = folder.write(name, text);
        for command in [vec!["certificate", "verify"], vec!["verify"]] {
            let mut args = command;
            args.extend([file.as_str(), "--genesis", genesis.as_str(), "--max-age", "1h"]);
            let output = landsea(&args);
            assert_eq!(code(&output), 20, "{name}: {}", err(&output));
            let lines = out(&output);
            assert!(lines.starts_with("INTEGRITY  INVALID"), "{lines}");
            assert!(lines.contains("\nSTATUS     INVALID\nISSUER     NOT SHOWN"), "{lines}");
        }
    }
    let binary = folder.path("binary");
    std::fs::write(&binary, [0xff, 0xfe, 0x00]).expect("the temporary folder is writable");
    assert_eq!(code(&landsea(&["certificate", "verify", &binary, "--genesis", &genesis, "--json"])), 20);
}

#[test]
fn verifying_needs_a_genesis_and_a_certificate_that_exist() {
    let folder = Folder::new("inputs");
    let file = folder.write("cert.json", "{}");
    let none = landsea(&["certificate", "verify", &file]);
    assert_eq!(code(&none), 2);
    assert!(err(&none).contains("--genesis"), "{}", err(&none));
    let genesis = genesis(&folder);
    assert_eq!(code(&landsea(&["certificate", "verify", &folder.path("absent"), "--genesis", &genesis])), 2);
    let broken = folder.write("broken.json", "{\"name\": 3}");
    let output = landsea(&["certificate", "verify", &file, "--genesis", &broken]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("broken.json") && err(&output).contains("line 1"), "{}", err(&output));
}

#[cfg(unix)]
#[test]
fn a_key_file_is_private_never_overwritten_and_never_shows_its_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("keys");
    let file = folder.path("bank.key");
    let made = landsea(&["key", "new", &file, "--json"]);
    assert_eq!(code(&made), 0, "{}", err(&made));
    let mode = std::fs::metadata(&file).expect("made").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("own file")).expect("JSON");
    let secret = stored["secret_key"].as_str().expect("a secret").to_owned();
    for args in [vec!["key", "show", &file], vec!["key", "show", &file, "--json"], vec!["key", "show-public", &file]] {
        let shown = landsea(&args);
        assert_eq!(code(&shown), 0);
        assert!(out(&shown).contains(stored["public_key"].as_str().expect("a public key")));
        assert!(!out(&shown).contains(&secret) && !err(&shown).contains(&secret));
    }
    assert_eq!(code(&landsea(&["key", "new", &file])), 2, "an existing key is kept");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("own file");
    let exposed = landsea(&["key", "show", &file]);
    assert_eq!(code(&exposed), 2);
    assert!(err(&exposed).contains("chmod 600"), "{}", err(&exposed));
}

#[test]
fn a_key_keeps_the_account_bound_to_it() {
    let folder = Folder::new("bind");
    let file = folder.path("e5.key");
    assert_eq!(code(&landsea(&["key", "new", &file])), 0);
    let account = "ab".repeat(32);
    assert_eq!(code(&landsea(&["key", "bind", &file, &account, "--index", "1"])), 0);
    let shown = json(&landsea(&["key", "show", &file, "--json"]));
    assert_eq!((shown["account"].as_str(), shown["index"].as_u64()), (Some(account.as_str()), Some(1)));
}

#[test]
fn two_spellings_of_one_bill_have_one_identity_and_a_wrong_digit_is_refused() {
    let folder = Folder::new("fingerprint");
    let bill = folder.write("bill.json", BILL);
    let wide = folder.write("wide.json", &BILL.replace("TEST-2026-000001", "ＴＥＳＴ２０２６０００００１"));
    let first = json(&landsea(&["fingerprint", "raw", &bill, "--json"]));
    let second = json(&landsea(&["fingerprint", "raw", &wide, "--json"]));
    assert_eq!(first["fp1"], second["fp1"]);
    assert_eq!(first["goods_keys"].as_array().map(Vec::len), Some(3));
    let wrong = folder.write("wrong.json", &BILL.replace("XLHU2601019", "XLHU2601018"));
    let refused = landsea(&["fingerprint", "raw", &wrong]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("containers") && err(&refused).contains("check digit"), "{}", err(&refused));
    let unknown = folder.write("unknown.json", &BILL.replace("\"packages\"", "\"pakages\""));
    let refused = landsea(&["fingerprint", "normalise", &unknown]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("pakages"), "{}", err(&refused));
}

#[test]
fn a_disclosure_opens_under_the_root_that_was_registered() {
    let folder = Folder::new("disclosure");
    let bill = folder.write("bill.json", BILL);
    let salts = folder.path("salts.json");
    let root = json(&landsea(&["fingerprint", "root", &bill, "--salts", &salts, "--json"]));
    let out_file = folder.path("opening.json");
    let opened =
        landsea(&["fingerprint", "open", &bill, "--salts", &salts, "--field", "containers", "--out", &out_file]);
    assert_eq!(code(&opened), 0, "{}", err(&opened));
    let text = std::fs::read_to_string(&out_file).expect("written");
    let opening: landsea_types::fingerprint::ContentOpening = serde_json::from_str(&text).expect("a disclosure");
    let root: landsea_types::Commit = root["content_root"].as_str().expect("a root").parse().expect("64 digits");
    assert_eq!(opening.verify(&root.0).expect("opens").len(), 1);
    let missing = landsea(&["fingerprint", "open", &bill, "--salts", &salts, "--field", "vins"]);
    assert_eq!(code(&missing), 2);
}

#[test]
fn errors_say_what_is_wrong_and_what_to_do_next() {
    let folder = Folder::new("errors");
    let no_node = landsea(&["query", "status"]);
    assert_eq!(code(&no_node), 2);
    assert!(err(&no_node).contains("--node"), "{}", err(&no_node));
    let unreachable = landsea(&["query", "status", "--node", "http://127.0.0.1:1"]);
    assert_eq!(code(&unreachable), 3, "{}", err(&unreachable));
    let as_json = landsea(&["query", "status", "--node", "http://127.0.0.1:1", "--json"]);
    let error: Value = serde_json::from_str(err(&as_json).trim()).expect("one JSON object");
    assert_eq!(error["exit"], 3);
    let no_network = landsea(&["query", "status", "--dir", &folder.path("nowhere")]);
    assert_eq!(code(&no_network), 2);
    assert!(err(&no_network).contains("testnet up"), "{}", err(&no_network));
    assert_eq!(code(&landsea(&["pledge", "reserve"])), 2);
    assert_eq!(code(&landsea(&["no-such-command"])), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_never_looks_like_success() {
    let folder = Folder::new("full");
    let (genesis, file) = (genesis(&folder), folder.write("cert.json", "{}"));
    let verify = ["certificate", "verify", file.as_str(), "--genesis", genesis.as_str()];
    let said = [&verify[..], &["--json"]].concat();
    for args in [&verify[..], &said[..]] {
        let lost = landsea_to(args, full());
        assert_eq!(code(&lost), 20, "{}", err(&lost));
        assert!(err(&lost).contains("standard output"), "{}", err(&lost));
        let gone = landsea_to(args, broken());
        assert_eq!((code(&gone), err(&gone).as_str()), (20, ""));
    }
    let lost = landsea_to(&["operations"], full());
    assert_eq!(code(&lost), 4, "{}", err(&lost));
    assert_eq!(code(&landsea_to(&["operations"], broken())), 0);
    assert_eq!(code(&landsea_to(&["operations", "no.such"], full())), 2);
    assert_eq!(code(&landsea_to(&["--help"], full())), 4);
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../testnet/scenarios/s1.toml");
    assert_eq!(code(&landsea_to(&["scenario", "check", scenario], full())), 4);
}

#[cfg(target_os = "linux")]
#[test]
fn a_standard_error_that_cannot_be_written_is_no_panic() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landsea"));
    for name in ["LANDSEA_NODE", "LANDSEA_DIR", "LANDSEA_KEY"] {
        command.env_remove(name);
    }
    let status = command.args(["query", "status"]).stderr(full()).status().expect("the binary was built");
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_key_and_a_node_may_be_named_without_meeting_the_global_options() {
    let unreachable = ["--node", "http://127.0.0.1:1"];
    let output = landsea(&[&["query", "goods-key", &"ab".repeat(32)][..], &unreachable].concat());
    assert_eq!(code(&output), 3, "{}", err(&output));
    let folder = Folder::new("nodes");
    for action in ["logs", "stop", "start"] {
        let output = landsea(&["testnet", action, "cq", "--dir", &folder.path("nowhere")]);
        assert_eq!(code(&output), 2, "{action}: {}", err(&output));
        assert!(err(&output).contains("network.json"), "{action}: {}", err(&output));
    }
}

#[test]
fn a_folder_named_on_the_command_line_beats_the_node_of_the_environment() {
    let folder = Folder::new("named");
    let mut command = Command::new(env!("CARGO_BIN_EXE_landsea"));
    command.env("LANDSEA_NODE", "http://127.0.0.1:1").env_remove("LANDSEA_DIR").env_remove("LANDSEA_KEY");
    let output = command.args(["query", "status", "--dir", &folder.path("nowhere")]).output();
    let output = output.expect("the binary was built");
    assert_eq!(code(&output), 2, "{}", err(&output));
    assert!(err(&output).contains("network.json"), "{}", err(&output));
}

#[test]
fn wrong_command_lines_end_with_2_and_as_json_when_that_is_asked_for() {
    let as_json = landsea(&["query", "goods-key", "ab", "--json"]);
    let error: Value = serde_json::from_str(err(&as_json).trim()).expect("one JSON object");
    assert_eq!((code(&as_json), error["exit"].as_u64()), (2, Some(2)));
    assert!(error["error"].as_str().is_some_and(|text| text.contains("<KEY>")), "{error}");
    let keys: Vec<String> = (0..65).map(|n| format!("--goods-key={n:064x}")).collect();
    let mut many = vec!["certificate", "get", "--question", "goods-keys", "--out", "-", "--node", "http://127.0.0.1:1"];
    many.extend(keys.iter().map(String::as_str));
    let cases: [(&[&str], &str); 6] = [
        (&["query", "status", "--node", "foo"], "http://HOST:PORT"),
        (&["operations", "--module", "foo"], "warehouse"),
        (&["operations", "--part", "9"], "parts 1 and 2"),
        (&["party", "find", "123", "--node", "http://127.0.0.1:1"], "register"),
        (&["query", "events", "--member", "zz", "--node", "http://127.0.0.1:1"], "no member zz"),
        (&many, "64 at most"),
    ];
    for (args, words) in cases {
        let output = landsea(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", err(&output));
        assert!(err(&output).contains(words), "{args:?}: {}", err(&output));
    }
}

#[test]
fn a_file_too_large_for_a_certificate_is_invalid() {
    let folder = Folder::new("large");
    let file = folder.path("large.json");
    let made = std::fs::File::create(&file).and_then(|made| made.set_len(40 << 20));
    made.expect("the temporary folder is writable");
    let output = landsea(&["certificate", "verify", &file, "--genesis", &genesis(&folder)]);
    assert_eq!(code(&output), 20, "{}", err(&output));
}

#[test]
fn a_draft_of_another_chain_is_not_signed() {
    let folder = Folder::new("draft");
    let genesis = genesis(&folder);
    let key = folder.path("bank.key");
    let account = "cd".repeat(32);
    assert_eq!(code(&landsea(&["key", "new", &key])), 0);
    let chain = json(&landsea(&["key", "bind", &key, &account, "--json"]));
    assert_eq!(chain["account"], account.as_str());
    let draft = |chain: &str| {
        let args = serde_json::json!({"doc": "ab".repeat(32), "expect_ver": 1, "until": 5});
        let op = serde_json::json!({"operation": "pledge.reserve", "args": args});
        serde_json::json!({"chain_id": chain, "sender": account, "operations": [op], "valid_until": 9, "nonce": 1})
            .to_string()
    };
    let foreign = folder.write("foreign.json", &draft(&"11".repeat(32)));
    let signed = folder.path("signed.hex");
    let refused = landsea(&["tx", "sign", &foreign, "--out", &signed, "--key", &key, "--genesis", &genesis]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("chain"), "{}", err(&refused));
    let text = std::fs::read_to_string(&genesis).expect("written");
    let own = landsea_types::genesis::Genesis::from_json(&text).expect("sound").chain_id().to_string();
    let draft = folder.write("draft.json", &draft(&own));
    let signed_ok = landsea(&["tx", "sign", &draft, "--out", &signed, "--key", &key, "--genesis", &genesis, "--json"]);
    assert_eq!(code(&signed_ok), 0, "{}", err(&signed_ok));
    let shown = json(&landsea(&["tx", "show", &signed, "--json"]));
    assert_eq!(shown["signature_holds"], true);
    assert_eq!(shown["id"], json(&signed_ok)["id"]);
}

#[test]
fn a_malformed_scenario_is_refused_with_line_and_column() {
    let folder = Folder::new("scenario");
    let file = folder.write("broken.toml", "name = \"x\"\n[[step]]\nid = 1\nnonsense = true\n");
    let refused = landsea(&["scenario", "check", &file]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("broken.toml:"), "{}", err(&refused));
    assert_eq!(code(&landsea(&["scenario", "run", &folder.path("absent.toml"), "--validators", "4"])), 2);
    assert_eq!(code(&landsea(&["testnet", "status", "--dir", &folder.path("nowhere")])), 2);
}
