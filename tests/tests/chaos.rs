//! A short run of real nodes under faults, and what such runs have found.

use landsea_tests::processes::{Processes, landsea};
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The plan: another seed is another plan.
const SEED: &str = "11";

#[test]
fn real_nodes_under_faults_lose_nothing_acknowledged_and_converge() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("report.json");
    let mut command = Command::new(landsea());
    command.args(["testnet", "chaos", "--minutes", "0.4", "--validators", "4", "--seed", SEED]);
    command.arg("--dir").arg(folder.path().join("net")).arg("--report").arg(&file);
    let output = command.output().expect("the landsea program starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("seed {SEED}: no report: {e}\n{said}"));
    let report: Value = serde_json::from_str(&text).expect("the report is JSON");
    println!("seed {SEED}: {}", report["faults"]);
    assert!(report["acknowledged"].as_u64() > Some(0), "seed {SEED}: nothing could be lost\n{said}");
    assert!(report["fault_list"].as_array().is_some_and(|f| !f.is_empty()), "seed {SEED}: nothing was at risk\n{said}");
    assert_eq!(report["lost"], 0, "seed {SEED}\n{said}");
    assert_eq!(report["anomalies"], 0, "seed {SEED}\n{said}");
    assert_eq!(report["converged"], true, "seed {SEED}\n{said}");
    assert_eq!(report["verified"].as_array().map(Vec::len), Some(4), "seed {SEED}\n{said}");
    assert!(output.status.success(), "seed {SEED}\n{said}");
}

/// A place in a table's first data block: nothing reads it when the store is opened.
const IN_FIRST_BLOCK: usize = 40;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there").flatten();
    entries.map(|e| e.path()).filter(|path| path.is_file()).collect()
}

/// Names of the files that hold tables. A kill may leave one that was only begun; a start removes it.
fn tables(data: &Path) -> Vec<OsString> {
    let all = files(&data.join("rocksdb")).into_iter();
    all.filter(|path| path.extension().is_some_and(|e| e == "sst"))
        .filter(|path| path.metadata().is_ok_and(|table| table.len() > IN_FIRST_BLOCK as u64))
        .filter_map(|p| Some(p.file_name()?.into()))
        .collect()
}

/// Replaces what a data folder holds by a copy of another: opening a store may merge its tables.
fn copy(from: &Path, to: &Path) {
    let place = to.join("rocksdb");
    if place.exists() {
        std::fs::remove_dir_all(&place).expect("the copy is ours");
    }
    std::fs::create_dir(&place).expect("the folder is there");
    for (folder, to) in [(from.to_path_buf(), to), (from.join("rocksdb"), place.as_path())] {
        for file in files(&folder) {
            let name = file.file_name().expect("a file has a name");
            std::fs::copy(&file, to.join(name)).expect("the node is stopped");
        }
    }
}

fn damage(table: &Path) {
    let mut bytes = std::fs::read(table).expect("the copy is complete");
    bytes[IN_FIRST_BLOCK] ^= 0x5a;
    std::fs::write(table, bytes).expect("the copy is ours");
}

fn verify(all: &Processes, data: &Path) -> Output {
    let mut command = Command::new(landsea());
    command.args(["node", "verify", "--data"]).arg(data).arg("--genesis").arg(all.network.dir.join("genesis.json"));
    command.output().expect("the landsea program starts")
}

#[test]
fn a_table_that_cannot_be_read_is_a_defect_that_verify_names() {
    let mut all = Processes::start(4, 250);
    let code = all.codes()[1].clone();
    all.commit_new(&code);
    // A start writes what the log held into tables.
    all.kill(&code);
    all.start_node(&code);
    all.assert_agreement_after(1);
    all.kill(&code);
    let data = all.folder(&code).join("data");
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&data, folder.path());
    assert!(verify(&all, folder.path()).status.success());
    let mut found = 0;
    for table in tables(&data) {
        copy(&data, folder.path());
        damage(&folder.path().join("rocksdb").join(&table));
        let output = verify(&all, folder.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains("panicked"), "{table:?}: {said}");
        found += usize::from(output.status.code() == Some(1) && said.contains("the store is defective: storage fault"));
    }
    assert!(found > 0, "no table held anything that is read");
}
