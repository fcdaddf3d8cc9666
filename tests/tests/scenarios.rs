//! The scenarios of the ledger's second part and the fraud pack on four real nodes, and what they leave on the disks.

use landsea_tests::played::{Kept, VALIDATORS, play};
use landsea_tests::secrets::{self, SCENARIOS};
use std::path::Path;

fn assert_no_secret(kept: &Kept, scenarios: &[&str]) {
    for name in scenarios {
        let secrets = secrets::of_scenario(name);
        assert!(secrets.len() > 5, "{name} has no secrets to look for: {secrets:?}");
        let files = secrets::assert_none_in(&kept.folder().join("nodes"), &secrets);
        assert!(files >= VALIDATORS * 5, "the nodes' files are missing: {files}");
    }
}

fn play_scenario(name: &str) -> Kept {
    let file = Path::new(SCENARIOS).join(name);
    let (_, kept) = play(&["scenario", "run", file.to_str().expect("a path is text")], name);
    assert_no_secret(&kept, &[name]);
    kept
}

#[test]
fn the_pledge_survives_conversion_release_assignment_freezes_and_maturity() {
    play_scenario("s2.toml");
}

#[test]
fn the_qingdao_pattern_is_refused_at_every_turn() {
    play_scenario("s5.toml");
}

#[test]
fn every_other_operation_is_played_once() {
    play_scenario("every_operation_2.toml");
}

#[test]
fn every_fraud_gets_its_code_and_every_code_is_reached() {
    let (said, kept) = play(&["fraud-pack", "--json"], "fraud pack");
    let last = said.lines().last().expect("the summary");
    let summary: serde_json::Value = serde_json::from_str(last).expect("a JSON line");
    assert_eq!(summary["missed"], 0, "{said}");
    assert_eq!(summary["codes_reached"], summary["codes"], "{last}");
    assert!(summary["codes"].as_u64().is_some_and(|codes| codes >= 63), "{last}");
    assert_no_secret(&kept, &["fraud_pack.toml", "fraud_terms.toml"]);
}
