//! Networks that must make progress.

use crate::net::{Fault, Links, Net};
use landsea_types::Height;

#[test]
fn four_members_reach_forty_heights() {
    let mut net = Net::new(4, 1);
    net.run_to(40, 60_000);
    net.check_safety();
    assert!(net.evidence.is_empty() && net.faults.is_empty(), "{:?} {:?}", net.evidence, net.faults);
}

#[test]
fn fifteen_members_reach_thirty_heights_without_an_extra_round() {
    let mut net = Net::new(15, 2);
    net.run_to(30, 60_000);
    net.check_safety();
    let rounds: Vec<u32> = net.nodes[0].disk.chain.iter().map(|c| c.round).collect();
    assert!(rounds.iter().all(|r| *r == 0), "early messages of the next height are not lost: {rounds:?}");
}

#[test]
fn a_single_member_decides_alone() {
    let mut net = Net::new(1, 12);
    net.run_to(5, 10_000);
    net.check_safety();
}

#[test]
fn one_of_four_and_four_of_fifteen_may_be_down() {
    for (n, down, seed) in [(4, 1, 3), (15, 4, 4)] {
        let mut net = Net::new(n, seed);
        (0..down).for_each(|i| net.crash(i));
        net.run_to(12, 400_000);
        net.check_safety();
    }
}

#[test]
fn five_of_fifteen_down_stop_the_chain_and_one_back_starts_it_again() {
    let mut net = Net::new(15, 5);
    net.run_to(2, 60_000);
    (0..5).for_each(|i| net.crash(i));
    net.run_for(5_000);
    let stopped = net.lowest();
    net.run_for(60_000);
    assert_eq!(net.lowest(), stopped, "ten of fifteen are no quorum");
    net.start(0);
    net.run_to(stopped.get() + 3, 300_000);
    net.check_safety();
}

#[test]
fn loss_and_reordering_slow_the_chain_and_do_not_stop_it() {
    let mut net = Net::new(7, 6);
    net.links = Links { loss_percent: 10, delay_ms: 400 };
    net.run_to(20, 3_000_000);
    net.check_safety();
}

#[test]
fn all_members_restart_at_once_in_the_middle_of_a_height() {
    for seed in 0..20 {
        let mut net = Net::new(4, 100 + seed);
        net.run_to(2, 60_000);
        let span = 1 + net.rng.below(120);
        net.run_for(span);
        (0..4).for_each(|i| net.crash(i));
        (0..4).for_each(|i| net.start(i));
        net.run_to(6, 200_000);
        net.check_safety();
    }
}

#[test]
fn fifteen_members_restart_at_once() {
    let mut net = Net::new(15, 7);
    net.run_to(1, 60_000);
    net.run_for(45);
    (0..15).for_each(|i| net.crash(i));
    (0..15).for_each(|i| net.start(i));
    net.run_to(4, 200_000);
    net.check_safety();
}

#[test]
fn a_member_that_was_cut_off_catches_up_by_certificates() {
    let mut net = Net::new(4, 8);
    net.cut.insert(3);
    net.run_while(|n| n.committed(0) < Height::new(10), 60_000);
    assert_eq!(net.committed(3), Height::ZERO);
    net.cut.clear();
    net.run_to(14, 100_000);
    net.check_safety();
    assert!(net.faults.is_empty(), "{:?}", net.faults);
}

#[test]
fn a_reader_follows_and_never_signs() {
    let mut net = Net::new(4, 9);
    let reader = net.add_reader();
    net.run_to(8, 60_000);
    net.check_safety();
    assert_eq!(net.nodes[reader].disk.mark, landsea_consensus::SignMark::new_key());
}

#[test]
fn a_member_that_proposes_invalid_blocks_costs_rounds_and_nothing_else() {
    let mut net = Net::new(4, 10);
    net.nodes[2].fault = Fault::InvalidProposer;
    net.run_while(|n| [0, 1, 3].iter().any(|i| n.committed(*i) < Height::new(8)), 200_000);
    net.check_safety();
    assert!(net.nodes[0].disk.chain.iter().any(|c| c.round > 0), "the invalid proposer had its turns");
}
