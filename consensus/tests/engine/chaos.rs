//! Seed, faults, heal, converge, check. And the negative control, which shows that the checks can fail.

use crate::net::{Links, Net};
use landsea_types::Height;

/// Virtual milliseconds of faults per seed.
const CHAOS_MS: u64 = 40_000;

fn chaos(n: usize, seed: u64, loses_flushes: bool) -> Net {
    let mut net = Net::new(n, seed);
    net.nodes.iter_mut().for_each(|node| node.disk.loses_flushes = loses_flushes);
    net.links = Links { loss_percent: net.rng.below(15), delay_ms: 20 + net.rng.below(600) };
    while net.now < CHAOS_MS {
        let span = 1 + net.rng.below(1_500);
        net.run_for(span);
        disturb(&mut net, n);
    }
    net
}

/// Crashes, restarts, cuts or heals somebody.
fn disturb(net: &mut Net, n: usize) {
    let i = net.rng.below(n as u64) as usize;
    match net.rng.below(4) {
        0 if net.is_up(i) => net.crash(i),
        1 => {
            net.cut.insert(i);
        }
        2 => net.cut.clear(),
        _ => (0..n).filter(|i| !net.is_up(*i)).collect::<Vec<_>>().into_iter().for_each(|i| net.start(i)),
    }
}

fn heal(net: &mut Net) {
    net.links = Links { loss_percent: 0, delay_ms: 30 };
    net.cut.clear();
    let down: Vec<_> = (0..net.nodes.len()).filter(|i| !net.is_up(*i)).collect();
    down.into_iter().for_each(|i| net.start(i));
}

fn highest(net: &Net) -> Height {
    (0..net.nodes.len()).map(|i| net.committed(i)).max().expect("there are nodes")
}

#[test]
fn a_hundred_seeds_of_chaos_end_without_a_fork_and_converge() {
    for seed in 0..100 {
        let n = [4, 4, 7, 5][seed as usize % 4];
        let mut net = chaos(n, seed, false);
        heal(&mut net);
        let reached = highest(&net).get();
        net.run_to(reached + 3, 300_000);
        let rounds: u32 = net.nodes[0].disk.chain.iter().map(|c| c.round).sum();
        println!(
            "seed {seed}: height {reached} before the faults end, {rounds} extra rounds, converged at {} ms",
            net.now
        );
        net.check_safety();
        assert!(net.evidence.is_empty(), "seed {seed}: correct members were accused: {:?}", net.evidence);
        assert!(net.faults.is_empty(), "seed {seed}: correct members were blamed: {:?}", net.faults);
    }
}

#[test]
fn fifteen_members_survive_chaos() {
    for seed in 500..503 {
        let mut net = chaos(15, seed, false);
        heal(&mut net);
        let reached = highest(&net).get();
        net.run_to(reached + 3, 300_000);
        net.check_safety();
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in [3, 14, 15] {
        assert_eq!(chaos(4, seed, false).digest, chaos(4, seed, false).digest, "seed {seed}");
    }
}

#[test]
fn negative_control_a_disk_that_loses_flushes_signs_twice() {
    let signed_twice = (0..20).filter(|seed| !chaos(4, 1_000 + seed, true).double_signs.is_empty()).count();
    println!("{signed_twice} of 20 seeds signed twice");
    assert!(signed_twice >= 10, "only {signed_twice} of 20: the checks would miss a broken durability chain");
}
