//! The simulator's share of the tests: enough seeds to meet every kind of fault and of Byzantine member. `simulate` runs more of them.

use landsea_tests::byzantine::KINDS;
use landsea_tests::simulation::disturb::Disturbance;
use landsea_tests::simulation::{Outcome, Plan, Seeds, Signatures, quiet_panics, twice};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

/// Runs every seed twice and fails with the command that shows the first violation.
fn run(range: Range<u64>, validators: usize, heights: u64) -> Outcome {
    println!("seeds {range:?}, {validators} members, {heights} heights");
    quiet_panics();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let outcome = Seeds { range, validators, heights, threads }.run(&AtomicBool::new(false), |_| {});
    let _ = std::panic::take_hook();
    if let Some(report) = outcome.violations.first() {
        let (seed, violation) = (report.seed, report.violation.as_ref().expect("a violation is in the list"));
        panic!("simulate --seed {seed} --validators {validators} --heights {heights} --trace\n{violation}");
    }
    outcome
}

#[test]
fn four_members_hold_every_property_on_four_hundred_seeds_of_all_faults() {
    let totals = run(0..400, 4, 16).totals;
    for kind in Disturbance::ALL.map(Disturbance::name).into_iter().chain(KINDS.iter().map(|kind| kind.name)) {
        assert!(totals.faults.contains_key(kind), "no run had {kind}");
    }
    let applied = totals.labels.keys().filter(|(_, is_applied)| *is_applied).count();
    assert!(applied >= 25, "only {applied} kinds of traffic were applied");
    assert!(totals.codes.len() >= 30, "only {} codes were answered", totals.codes.len());
    assert!(totals.rounds_max > 0, "no height needed a second round");
}

#[test]
fn seven_members_two_of_them_faulty_hold_every_property_on_sixty_seeds() {
    run(0..60, 7, 14);
}

#[test]
fn fifteen_members_hold_every_property_on_thirty_seeds() {
    run(0..30, 15, 10);
}

#[test]
fn real_signatures_lead_to_the_same_verdicts_as_fast_ones() {
    quiet_panics();
    for seed in 0..6 {
        let plan = Plan { signatures: Signatures::Real, ..Plan::draw(seed, 4, 10) };
        let violation = twice(&plan).violation;
        assert_eq!(violation, None, "seed {seed}");
    }
}
