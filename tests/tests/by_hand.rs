//! What a clerk does with the command alone on a network of real nodes: no scenario runner in between.

use landsea_tests::processes::landsea;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A warehouse of nobody, with valid check digits.
const KEEPER: &str = "91500106XXDEM0F37B";

/// A running network in a temporary folder; stopped at the end.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        desk.done(&["testnet", "up", "--validators", "4", "--detach", "--param", "idle_block_ms=300"]);
        desk
    }

    /// Runs a command in the folder.
    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(landsea());
        for name in ["LANDSEA_NODE", "LANDSEA_KEY"] {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path()).env("LANDSEA_DIR", "network").args(args);
        command.output().expect("the program starts")
    }

    /// Runs a command that must succeed, with its answer.
    fn done(&self, args: &[&str]) -> Value {
        let output = self.run(&[args, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{args:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&said).unwrap_or(Value::Null)
    }

    /// Runs a command that must fail, with its exit code and error.
    fn refused(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(args);
        let code = output.status.code().expect("the command ends by itself");
        (code, String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("the folder is writable");
    }

    /// Onboards the keeper of a site, whose key is then `keeper.key`.
    fn keeper(&self) {
        let key = text(&self.done(&["key", "new", "keeper.key"]), "/public_key");
        let branch = ["--key", "network/keys/branch-cq.key"];
        let onboard =
            ["party", "onboard", "--code", KEEPER, "--roles", "WAREHOUSE", "--public-key", &key, "--keep", "kyc.json"];
        self.done(&[&onboard[..], &branch].concat());
        let account = text(&self.done(&[&["party", "find", KEEPER][..], &branch].concat()), "/account");
        self.done(&[&["party", "grant-licence", &account, "--site", "FP-KEEP-0001"][..], &branch].concat());
        self.done(&["key", "bind", "keeper.key", &account]);
    }

    /// Builds, signs and submits an operation with arguments from a file, as the keeper.
    fn send(&self, operation: &str, args: &str, keep: &str) -> Value {
        let key = ["--key", "keeper.key"];
        let build = ["tx", "build", "--op", operation, "--args", args, "--out", "draft.json", "--keep", keep];
        self.done(&[&build[..], &key].concat());
        self.done(&[&["tx", "sign", "draft.json", "--out", "signed.hex"][..], &key].concat());
        self.done(&[&["tx", "submit", "signed.hex"][..], &key].concat())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.run(&["testnet", "down"]);
    }
}

fn text(answer: &Value, place: &str) -> String {
    answer.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("no {place} in {answer}")).to_owned()
}

fn path_exists(desk: &Desk, name: &str) -> bool {
    Path::new(desk.folder.path()).join(name).exists()
}

#[test]
fn a_keeper_opens_a_cell_and_disputes_it_with_texts_that_are_kept() {
    let desk = Desk::open();
    desk.keeper();
    let derive = [
        "fingerprint",
        "derive",
        "--site",
        "FP-KEEP-0001",
        "--cell",
        "A-07",
        "--out",
        "cell.json",
        "--key",
        "keeper.key",
    ];
    let cell = text(&desk.done(&derive), "/ticket/body/goods_keys/0/key");
    desk.write("open.json", r#"{"ticket": "@cell.json", "uom": "KGM"}"#);
    assert_eq!(text(&desk.send("goods.cell_open", "open.json", "none.json"), "/code_name"), "OK");
    assert!(!path_exists(&desk, "none.json"), "no commitment was made");
    let target = format!(
        r#"{{"target": {{"cell": "{cell}"}}, "interest": {{"text": "unpaid"}}, "basis": {{"text": "claim"}}}}"#
    );
    desk.write("dispute.json", &target);
    assert_eq!(text(&desk.send("hold.dispute", "dispute.json", "kept.json"), "/code_name"), "OK");
    assert!(path_exists(&desk, "kept.json"));
    let holds = desk.done(&["query", "holds", "--cell", &cell]);
    assert_eq!(text(&holds, "/0/kind"), "DISPUTE");
    nothing_is_told_of_what_does_not_exist(&desk);
}

fn nothing_is_told_of_what_does_not_exist(desk: &Desk) {
    let absent = "ab".repeat(32);
    let questions: [&[&str]; 7] = [
        &["holds", "--doc", &absent],
        &["queue", "--cell", &absent],
        &["chain", &absent],
        &["lots", &absent],
        &["children", &absent],
        &["timeline", &absent],
        &["goods-key", &absent],
    ];
    for question in questions {
        let (code, said) = desk.refused(&[&["query"][..], question, &["--key", "keeper.key"]].concat());
        assert!(code == 1 && said.contains("knows no"), "{question:?}: {code} {said}");
    }
    let (code, said) = desk.refused(&["query", "children", &absent]);
    assert!(code == 2 && said.contains("--key FILE"), "{code} {said}");
    let (code, said) = desk.refused(&["query", "in-transit", "200", "--key", "network/keys/branch-cq.key"]);
    assert!(code == 2 && said.contains("cq gx gz gs"), "{code} {said}");
}
