//! A small load on real nodes. How fast it is depends on the machine; that everything is done does not.

use landsea_tests::processes::landsea;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn bench(arguments: &[&str], file: &Path) -> (Value, String, bool) {
    let mut command = Command::new(landsea());
    command.arg("bench").args(arguments).arg("--json").arg(file);
    let output = command.output().expect("the landsea program starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("no report: {e}\n{said}"));
    (serde_json::from_str(&text).expect("the report is JSON"), said, output.status.success())
}

#[test]
fn a_small_load_is_committed_whole_and_every_figure_is_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let svg = folder.path().join("chart.svg");
    let chart = svg.to_string_lossy();
    let load = ["--validators", "4", "--rate", "100", "--seconds", "2", "--fill", "100", "--svg", &chart];
    let (report, said, success) = bench(&load, &folder.path().join("anchors.json"));
    assert!(success, "{said}");
    assert_eq!(
        (&report["offered"], &report["done"], &report["unresolved"]),
        (&200.into(), &200.into(), &0.into()),
        "{said}"
    );
    assert_eq!(report["troubles"], Value::Array(vec![]), "{said}");
    assert_eq!(report["fill"]["documents"], 100, "{said}");
    assert_eq!(report["cpu_seconds_by_node"].as_array().map(Vec::len), Some(4), "{said}");
    let figures = [
        "/cpu_seconds_per_1000",
        "/throughput_per_second",
        "/latency_ms/p50",
        "/latency_ms/p90",
        "/latency_ms/p99",
        "/latency_ms/max",
        "/wire_bytes_per_operation",
        "/disk_written_bytes_per_operation",
        "/syncs",
        "/blocks/transactions_max",
        "/signing_cpu_seconds",
        "/load_generator_cpu_seconds",
        "/cpu_seconds_by_node/0/rss_max_bytes",
        "/config/validators",
    ];
    for figure in figures {
        assert!(report.pointer(figure).is_some_and(Value::is_number), "{figure} is no number\n{said}");
    }
    assert!(report["wire_bytes_per_operation"].as_f64() > Some(0.0) && report["syncs"].as_f64() > Some(0.0), "{said}");
    assert!(std::fs::read_to_string(&svg).is_ok_and(|chart| chart.contains("</svg>")), "{said}");
}

#[test]
fn a_mixed_load_with_every_consent_is_accepted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let load = ["--validators", "4", "--mix", "mixed", "--rate", "50", "--seconds", "3"];
    let (report, said, success) = bench(&load, &folder.path().join("mixed.json"));
    assert!(success, "{said}");
    assert_eq!((&report["offered"], &report["done"]), (&150.into(), &150.into()), "{said}");
    for kind in ["anchor", "issue", "pledge", "release", "status"] {
        assert!(report["latency_ms_by_kind"][kind]["count"].as_u64() > Some(0), "nothing of {kind}\n{said}");
    }
    assert!(report["verify_cpu_seconds"].as_f64() > Some(0.0), "{said}");
}

#[test]
fn of_three_banks_that_race_for_a_bill_one_wins() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let load = ["--validators", "4", "--mix", "race", "--banks", "3", "--rate", "60", "--seconds", "2"];
    let (report, said, success) = bench(&load, &folder.path().join("races.json"));
    assert!(success, "{said}");
    assert_eq!((&report["races"]["sound"], &report["races"]["broken"]), (&40.into(), &0.into()), "{said}");
    assert_eq!(report["done"], 40, "{said}");
}
