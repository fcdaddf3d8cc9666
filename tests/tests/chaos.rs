//! A short run of real nodes under faults.

use landsea_tests::processes::landsea;
use serde_json::Value;
use std::process::Command;

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
    assert_eq!(report["lost"], 0, "seed {SEED}\n{said}");
    assert_eq!(report["anomalies"], 0, "seed {SEED}\n{said}");
    assert_eq!(report["converged"], true, "seed {SEED}\n{said}");
    assert_eq!(report["verified"].as_array().map(Vec::len), Some(4), "seed {SEED}\n{said}");
    assert!(output.status.success(), "seed {SEED}\n{said}");
}
