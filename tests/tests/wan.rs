//! The wide-area figures, short: all in virtual time, so that no figure depends on the machine.

use landsea_tests::wan::{Figures, SCENARIOS, run};

const SEED: u64 = 1;

/// Runs a scenario twice; a seed fixes every figure and everything that happened.
fn twice(name: &str, heights: u64) -> Figures {
    println!("seed {SEED}");
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).expect("a scenario of this name");
    let (first, second) = (run(scenario, SEED, heights, None), run(scenario, SEED, heights, None));
    assert_eq!(first, second, "two runs of {name} with one seed differ");
    println!("{}", first.by_member());
    first
}

#[test]
fn an_idle_network_commits_within_four_and_a_half_delays_to_the_eleventh_nearest_member() {
    let figures = twice("all up, idle", 45);
    assert!(figures.members.iter().all(|m| m.latency.count == 3), "a member submitted more or less than its share");
    assert!(figures.p50_delays_mean <= 4.5, "{} delays", figures.p50_delays_mean);
    // Nothing is faster than its messages.
    assert!(figures.p50_mean_ms >= figures.floor_mean_ms - 5.0, "{} ms", figures.p50_mean_ms);
}

#[test]
fn a_loaded_network_commits_within_six_delays_to_the_eleventh_nearest_member() {
    let figures = twice("all up, 200/s", 45);
    assert!(figures.latency.count > 150, "only {} transactions", figures.latency.count);
    assert!(figures.p50_delays_mean <= 6.0, "{} delays", figures.p50_delays_mean);
}

#[test]
fn a_network_whose_proposer_crashes_at_every_height_waits_for_its_links_and_no_longer() {
    let figures = twice("proposer crashes, every height", 15);
    assert!(figures.rounds_max >= 1, "no proposer was missed");
    // The shortened wait for a proposer whose link is down, the delays of two rounds, and some margin.
    assert!(figures.latency.max < 600, "{} ms", figures.latency.max);
}
