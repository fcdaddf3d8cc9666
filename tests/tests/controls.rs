//! Every rule violated on purpose: the simulator must notice each violation, and must not notice one where there is none.

use landsea_tests::cluster::NoMutation;
use landsea_tests::controls::{CONTROLS, Control, ControlResult, run_all, table};
use landsea_tests::properties::PROPERTIES;
use landsea_tests::simulation::quiet_panics;
use std::collections::BTreeSet;

/// The violations that the simulator must know at least.
const CONTROLS_MIN: usize = 12;

#[test]
fn every_deliberate_violation_is_caught() {
    quiet_panics();
    let results = run_all(|_| {});
    // Printed here, because panics are silent from now on: a replica that halts is nothing to print.
    println!("{}", table(&results));
    results.iter().filter(|result| !result.is_caught()).for_each(|result| println!("{result}"));
    assert!(results.iter().all(ControlResult::is_caught), "a violation was not caught");
    assert!(results.len() >= CONTROLS_MIN, "{} violations are tried", results.len());
}

#[test]
fn a_control_without_a_violation_is_reported_as_not_caught() {
    let honest = Control { mutation: |_| Box::new(NoMutation), within: 1, ..CONTROLS[0] };
    let result = honest.try_out();
    assert_eq!(result.caught, None, "something objected to production code: {result}");
    assert!(!result.is_caught(), "nothing was violated and it counts as caught");
    assert!(table(&[result]).contains("NOT CAUGHT"), "the table hides a violation that was not caught");
}

#[test]
fn a_violation_that_another_property_notices_does_not_count() {
    quiet_panics();
    let elsewhere = Control { caught_by: &["memory and queue bounds"], ..CONTROLS[0] };
    let result = elsewhere.try_out();
    println!("{result}");
    assert!(result.caught.is_some() && !result.is_caught(), "another property counts as the right one");
}

#[test]
fn controls_have_names_of_their_own_and_know_the_properties_that_they_name() {
    let names: BTreeSet<&str> = CONTROLS.iter().map(|control| control.name).collect();
    assert_eq!(names.len(), CONTROLS.len(), "two controls share a name");
    let known: BTreeSet<&str> =
        PROPERTIES.iter().map(|p| p.name).chain(["the ledger does what the model does"]).collect();
    for control in CONTROLS {
        let unknown: Vec<_> = control.caught_by.iter().filter(|name| !known.contains(*name)).collect();
        assert!(unknown.is_empty(), "{} is to be caught by {unknown:?}, which nobody checks", control.name);
        assert!(!control.caught_by.is_empty() && control.within > 0, "{} can never be caught", control.name);
    }
}

#[test]
fn a_result_with_trouble_is_not_caught() {
    let caught = ControlResult { name: "x", within: 3, caught: Some(("agreement", 1)), trouble: None };
    assert!(caught.is_caught());
    let troubled = ControlResult { trouble: Some("production code objects as well".into()), ..caught };
    assert!(!troubled.is_caught());
    assert!(table(&[troubled]).contains("WRONG"));
}
