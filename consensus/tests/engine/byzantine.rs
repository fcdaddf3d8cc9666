//! One file per deviation would be too many here: what faulty members try, and what it brings them.

use crate::net::{Fault, Net, member};
use landsea_types::consensus::Evidence;

#[test]
fn an_equivocating_proposer_leaves_evidence_and_no_fork() {
    for seed in 0..10 {
        let mut net = Net::new(4, 200 + seed);
        net.nodes[3].fault = Fault::EquivocatingProposer;
        net.run_to(10, 400_000);
        net.check_safety();
        let proven = net.evidence.iter().any(|e| {
            matches!(e, Evidence::Proposals { first, second }
                if first.message.proposer == member(3) && first.message.block != second.message.block)
        });
        assert!(proven, "both signed proposals are surfaced");
    }
}

#[test]
fn a_double_voter_leaves_evidence_and_no_fork() {
    for seed in 0..10 {
        let mut net = Net::new(4, 300 + seed);
        net.nodes[3].fault = Fault::DoubleVoter;
        net.run_to(10, 400_000);
        net.check_safety();
        let proven = net.evidence.iter().any(|e| {
            matches!(e, Evidence::Votes { first, second }
                if first.message.voter == member(3) && first.message.block != second.message.block)
        });
        assert!(proven, "both signed votes are surfaced");
    }
}

#[test]
fn four_faulty_of_fifteen_neither_fork_nor_stop_the_chain() {
    let mut net = Net::new(15, 11);
    let faults = [Fault::EquivocatingProposer, Fault::DoubleVoter, Fault::InvalidProposer, Fault::DoubleVoter];
    for (i, fault) in faults.into_iter().enumerate() {
        net.nodes[2 * i + 3].fault = fault;
    }
    net.run_to(16, 900_000);
    net.check_safety();
    assert!(!net.evidence.is_empty());
}
