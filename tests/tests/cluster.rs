//! The production replica in a deterministic cluster: liveness, crashes, block sync and what peers may send.

use landsea_node::maintain::replay;
use landsea_node::message::FetchMessage;
use landsea_p2p::Class;
use landsea_tests::rng::Rng;
use landsea_tests::{Cluster, Faults};
use landsea_types::bounds::MEMPOOL_BATCHES_PER_ORIGIN_MAX;
use landsea_types::crypto::Ed25519;
use landsea_types::{Code, Height, Member, TxId};

/// Virtual milliseconds that are more than enough for anything that must happen.
const LONG: u64 = 120_000;

fn member(index: u8) -> Member {
    Member::new(index)
}

fn members(from: u8, to: u8) -> Vec<Member> {
    (from..=to).map(Member::new).collect()
}

/// Submits one new firm through each of the given members.
fn submit_everywhere(cluster: &mut Cluster, through: &[Member]) -> Vec<TxId> {
    through.iter().map(|m| cluster.submit_new(*m)).collect()
}

fn commit_all(cluster: &mut Cluster, ids: &[TxId]) {
    for id in ids {
        cluster.run_to_commit(*id, LONG);
        assert_eq!(cluster.seen().code_of(id), Some(Code::Ok), "{id}");
    }
}

/// No member may be accused in a cluster of correct members.
fn assert_nobody_is_blamed(cluster: &Cluster) {
    assert_eq!(cluster.seen().faults(), [], "correct members were blamed");
}

#[test]
fn four_members_commit_empty_blocks_and_transactions() {
    let mut cluster = Cluster::new(4, 1, Faults::NONE);
    cluster.run_to_height(Height::new(3), LONG);
    let ids = submit_everywhere(&mut cluster, &members(1, 4));
    commit_all(&mut cluster, &ids);
    cluster.assert_sound();
    assert_nobody_is_blamed(&cluster);
}

#[test]
fn fifteen_members_commit_empty_blocks_and_transactions() {
    let mut cluster = Cluster::new(15, 2, Faults::NONE);
    cluster.run_to_height(Height::new(2), LONG);
    let ids = submit_everywhere(&mut cluster, &members(1, 15));
    commit_all(&mut cluster, &ids);
    cluster.assert_sound();
    assert_nobody_is_blamed(&cluster);
}

#[test]
fn an_idle_chain_commits_a_block_per_idle_time_and_a_transaction_at_once() {
    let mut cluster = Cluster::new(4, 3, Faults::NONE);
    cluster.run_to_height(Height::new(2), LONG);
    let before = cluster.lowest().get();
    cluster.run_for(50_000);
    let blocks = cluster.lowest().get() - before;
    assert!((8..=11).contains(&blocks), "{blocks} blocks in 50 s at 5 s of idle time");
    let id = cluster.submit_new(member(2));
    cluster.run_to_commit(id, 200);
}

#[test]
fn few_transactions_at_a_time_share_heights_that_keep_their_distance() {
    let mut cluster = Cluster::new(4, 7, Faults::NONE);
    cluster.run_to_height(Height::new(1), LONG);
    let before = cluster.lowest().get();
    let mut ids = Vec::new();
    for n in 0..200u8 {
        cluster.run_for(5);
        ids.push(cluster.submit_new(member(1 + n % 4)));
    }
    let heights = cluster.lowest().get() - before;
    // One second at no more than a height in 20 ms; members' clocks differ a little.
    assert!((20..=55).contains(&heights), "{heights} heights in a second of one transaction in 5 ms");
    commit_all(&mut cluster, &ids);
    cluster.assert_sound();
}

#[test]
fn the_same_transaction_twice_is_applied_once() {
    let mut cluster = Cluster::new(4, 4, Faults::NONE);
    cluster.run_to_height(Height::new(1), LONG);
    let tip = cluster.tip(member(1));
    let transaction = cluster.chain.branch(member(1)).onboard(77, tip.height, tip.time);
    let id = cluster.submit(member(1), &transaction);
    cluster.submit(member(3), &transaction);
    cluster.run_to_commit(id, LONG);
    cluster.run_heights(3, LONG);
    assert_eq!(cluster.seen().code_of(&id), Some(Code::Ok));
    cluster.assert_sound();
}

#[test]
fn f_members_down_leave_the_rest_going_and_they_catch_up() {
    for (n, f) in [(4, 1), (15, 4)] {
        let mut cluster = Cluster::new(n, 5, Faults::NONE);
        cluster.run_to_height(Height::new(1), LONG);
        let down = members(1, f);
        down.iter().for_each(|m| cluster.crash(*m));
        let ids = submit_everywhere(&mut cluster, &members(f + 1, f + 3));
        commit_all(&mut cluster, &ids);
        cluster.run_heights(5, LONG);
        down.iter().for_each(|m| cluster.start(*m));
        cluster.run_heights(2, LONG);
        commit_all(&mut cluster, &ids);
        cluster.assert_sound();
        assert_nobody_is_blamed(&cluster);
    }
}

#[test]
fn five_of_fifteen_down_halts_without_a_fork_and_goes_on_when_one_returns() {
    let mut cluster = Cluster::new(15, 6, Faults::NONE);
    cluster.run_to_height(Height::new(2), LONG);
    members(3, 7).into_iter().for_each(|m| cluster.crash(m));
    cluster.run_for(30_000);
    let halted = cluster.highest();
    let id = cluster.submit_new(member(1));
    cluster.run_for(LONG);
    assert_eq!(cluster.highest(), halted, "ten of fifteen must not decide");
    cluster.start(member(5));
    cluster.run_to_commit(id, LONG);
    cluster.run_heights(2, LONG);
    cluster.assert_sound();
    assert_nobody_is_blamed(&cluster);
}

#[test]
fn all_members_lose_power_in_the_middle_of_a_height_and_go_on() {
    for seed in 0..40 {
        let mut cluster = Cluster::new(4, seed, Faults::NONE);
        let mut rng = Rng::new(seed ^ 0xdead);
        cluster.run_to_height(Height::new(2), LONG);
        let acknowledged = cluster.submit_new(member(1));
        cluster.run_to_commit(acknowledged, LONG);
        submit_everywhere(&mut cluster, &members(1, 4));
        cluster.run_for(rng.between(0, 60));
        members(1, 4).into_iter().for_each(|m| cluster.crash(m));
        cluster.run_for(rng.between(0, 2_000));
        members(1, 4).into_iter().for_each(|m| cluster.start(m));
        cluster.run_heights(3, LONG);
        let after = submit_everywhere(&mut cluster, &members(1, 4));
        commit_all(&mut cluster, &after);
        cluster.assert_sound();
        assert_nobody_is_blamed(&cluster);
    }
}

#[test]
fn power_lost_between_two_actions_of_a_step_never_leads_to_a_second_signature() {
    for seed in 0..60 {
        let mut cluster = Cluster::new(4, seed, Faults { delay_ms: (1, 20), ..Faults::NONE });
        let mut rng = Rng::new(seed ^ 0xcafe);
        cluster.run_to_height(Height::new(1), LONG);
        for _ in 0..6 {
            let victim = member(rng.between(1, 4) as u8);
            cluster.submit_new(victim);
            cluster.run_for(rng.between(0, 40));
            cluster.crash_in_next_step(victim, rng.between(0, 4) as usize);
            cluster.run_until(LONG, |c| !c.running().contains(&victim));
            cluster.run_for(rng.between(0, 500));
            cluster.start(victim);
            cluster.run_heights(1, LONG);
        }
        cluster.assert_sound();
        assert_nobody_is_blamed(&cluster);
    }
}

#[test]
fn a_killed_process_restarts_on_what_it_wrote_without_a_flush() {
    for seed in 0..20 {
        let mut cluster = Cluster::new(4, seed, Faults::NONE);
        let mut rng = Rng::new(seed);
        cluster.run_to_height(Height::new(1), LONG);
        for _ in 0..4 {
            submit_everywhere(&mut cluster, &members(1, 4));
            cluster.run_for(rng.between(0, 40));
            members(1, 4).into_iter().for_each(|m| cluster.kill(m));
            members(1, 4).into_iter().for_each(|m| cluster.start(m));
            cluster.run_heights(1, LONG);
        }
        cluster.assert_sound();
        assert_nobody_is_blamed(&cluster);
    }
}

#[test]
fn a_member_with_a_wiped_disk_catches_up_and_signs_nothing_before() {
    let mut cluster = Cluster::new(4, 7, Faults::NONE);
    let ids = {
        cluster.run_to_height(Height::new(3), LONG);
        submit_everywhere(&mut cluster, &members(1, 3))
    };
    commit_all(&mut cluster, &ids);
    cluster.crash(member(4));
    cluster.wipe(member(4));
    let mark = cluster.mark(member(4)).height;
    let signed = cluster.seen().signed_through(member(4), mark);
    cluster.start(member(4));
    cluster.run_heights(4, LONG);
    let again = cluster.seen().signed_through(member(4), mark);
    assert_eq!(again, signed, "the wiped member signed at or below its mark");
    assert!(cluster.seen().signed_above(member(4), mark) > 0, "it never took part again");
    let root = |m| cluster.store(m).reader().snapshot().header_at(mark).map(|h| h.state_root);
    assert_eq!(root(member(4)), root(member(1)));
    cluster.assert_sound();
    assert_nobody_is_blamed(&cluster);
}

#[test]
fn a_wiped_member_that_the_quorum_needs_catches_up_over_a_bad_network() {
    for seed in 0..10 {
        let mut cluster = Cluster::new(4, seed, Faults::HARSH);
        cluster.run_to_height(Height::new(2), LONG);
        cluster.crash(member(4));
        cluster.run_heights(8, LONG);
        cluster.wipe(member(4));
        cluster.start(member(4));
        cluster.crash(member(1));
        cluster.set_faults(Faults { loss_permille: 400, ..Faults::HARSH });
        cluster.run_heights(2, 20 * LONG);
        cluster.assert_sound();
    }
}

#[test]
fn thirty_heights_pass_on_thirty_seeds_with_losses_and_overtaking() {
    for seed in 0..30 {
        let mut cluster = Cluster::new(4, seed, Faults::HARSH);
        let mut submitted = Vec::new();
        for round in 0..6 {
            submitted.push(cluster.submit_new(member(1 + round % 4)));
            cluster.run_heights(5, 10 * LONG);
        }
        commit_all(&mut cluster, &submitted);
        cluster.assert_sound();
        assert_nobody_is_blamed(&cluster);
    }
}

#[test]
fn members_that_come_and_go_at_random_never_fork_and_converge_in_the_end() {
    for seed in 0..12 {
        let mut cluster = Cluster::new(
            7,
            seed,
            Faults { delay_ms: (1, 40), loss_permille: 30, duplicate_permille: 10, ..Faults::NONE },
        );
        let mut rng = Rng::new(seed ^ 0xf00d);
        for _ in 0..25 {
            disturb(&mut cluster, &mut rng);
            cluster.run_for(rng.between(0, 1_500));
        }
        cluster.set_faults(Faults::NONE);
        cluster.heal();
        let down: Vec<Member> = members(1, 7).into_iter().filter(|m| !cluster.running().contains(m)).collect();
        down.into_iter().for_each(|m| cluster.start(m));
        cluster.run_heights(3, 5 * LONG);
        let last = submit_everywhere(&mut cluster, &members(1, 7));
        commit_all(&mut cluster, &last);
        cluster.assert_sound();
        assert_nobody_is_blamed(&cluster);
    }
}

/// One random disturbance.
fn disturb(cluster: &mut Cluster, rng: &mut Rng) {
    let victim = member(rng.between(1, 7) as u8);
    let runs = cluster.running().contains(&victim);
    match rng.between(0, 5) {
        0 if runs => cluster.crash(victim),
        1 if runs => cluster.kill(victim),
        2 if runs => cluster.crash_in_next_step(victim, rng.between(0, 5) as usize),
        3 => {
            let split = rng.between(1, 6) as u8;
            cluster.cut(&members(1, split), &members(split + 1, 7));
        }
        4 => cluster.heal(),
        _ if runs => {
            cluster.submit_new(victim);
        }
        _ => cluster.start(victim),
    }
}

/// Found by the simulator: seed 13 of four members.
#[test]
fn a_member_that_restarts_without_a_quorum_keeps_its_batches_within_the_quota() {
    let mut cluster = Cluster::new(4, 13, Faults::NONE);
    cluster.run_to_height(Height::new(1), LONG);
    cluster.crash(member(3));
    cluster.crash(member(4));
    for _ in 0..60 {
        for _ in 0..4 {
            cluster.submit_new(member(1));
            cluster.run_for(3);
        }
        cluster.kill(member(1));
        cluster.start(member(1));
    }
    let held = cluster.store(member(1)).undecided_batches().len();
    assert!(held <= MEMPOOL_BATCHES_PER_ORIGIN_MAX, "{held} batches are held");
    assert!(held >= MEMPOOL_BATCHES_PER_ORIGIN_MAX / 2, "{held} batches: the quota was not tried");
    cluster.start(member(3));
    cluster.run_heights(3, LONG);
    assert_eq!(cluster.store(member(1)).undecided_batches().len(), 0, "they are ordered once there is a quorum");
    cluster.assert_sound();
}

#[test]
fn a_batch_that_reached_only_some_is_fetched_by_digest() {
    let mut cluster = Cluster::new(4, 8, Faults::NONE);
    cluster.run_to_height(Height::new(1), LONG);
    // Members 3 and 4 never see member 1: they get its batch, and it gets their blocks, through member 2 alone.
    cluster.cut(&[member(1)], &members(3, 4));
    cluster.run_for(50);
    let id = cluster.submit_new(member(1));
    cluster.run_to_commit(id, LONG);
    cluster.assert_sound();
    assert_nobody_is_blamed(&cluster);
}

/// Found by the chaos run on real processes.
#[test]
fn a_dead_proposer_costs_the_short_wait_and_no_vote_timeout() {
    let mut cluster = Cluster::new(4, 22, Faults::NONE);
    cluster.run_to_height(Height::new(2), LONG);
    let height = cluster.highest().next();
    let proposer = cluster.chain.genesis.validator_set().proposer(height, 0).member;
    cluster.crash(proposer);
    cluster.run_for(50);
    let (begin, through) = (cluster.now(), cluster.correct()[0]);
    let id = cluster.submit_new(through);
    cluster.run_to_commit(id, LONG);
    assert_eq!(cluster.seen().height_of(&id), Some(height));
    let took = cluster.now().since(begin);
    assert!(took < 400, "{took} virtual milliseconds: a vote timeout takes a thousand");
    cluster.assert_sound();
}

/// Found by the Byzantine member that withholds batches.
#[test]
fn a_batch_withheld_from_the_proposer_costs_no_round() {
    for n in [4, 7, 15] {
        let mut cluster = Cluster::new(n, 21, Faults::NONE);
        cluster.run_to_height(Height::new(2), LONG);
        let height = cluster.highest().next();
        let proposer = cluster.chain.genesis.validator_set().proposer(height, 0).member;
        let origin = cluster.members().into_iter().find(|m| *m != proposer).expect("there are others");
        cluster.mute(&[origin], &[proposer]);
        let id = cluster.submit_new(origin);
        cluster.run_to_commit(id, LONG);
        assert_eq!(cluster.seen().height_of(&id), Some(height), "{n} members");
        let snapshot = cluster.store(proposer).reader().snapshot();
        assert_eq!(snapshot.certificate(height).map(|c| c.round), Some(0), "{n} members");
        cluster.assert_sound();
    }
}

#[test]
fn a_lying_tip_does_not_keep_a_member_from_catching_up() {
    let mut cluster = Cluster::new(7, 9, Faults::NONE);
    cluster.run_to_height(Height::new(6), LONG);
    let (liar, behind) = (member(7), member(6));
    cluster.crash(behind);
    cluster.wipe(behind);
    cluster.make_puppet(liar);
    cluster.start(behind);
    let chain = cluster.chain.id();
    for claim in [1_000_000, u64::MAX] {
        cluster.run_for(20);
        let lie = FetchMessage::Tip { chain, height: Height::new(claim) };
        cluster.inject(liar, behind, Class::Fetch, lie.encode());
    }
    cluster.run_heights(3, LONG);
    cluster.assert_sound();
    assert_nobody_is_blamed(&cluster);
}

#[test]
fn junk_on_every_class_costs_its_sender_a_fault_and_nothing_else() {
    for seed in 0..5 {
        let mut cluster = Cluster::new(4, seed, Faults::NONE);
        let mut rng = Rng::new(seed);
        cluster.run_to_height(Height::new(1), LONG);
        cluster.make_puppet(member(4));
        for class in Class::ALL {
            for victim in members(1, 3) {
                for length in [0, 1, 7, 200, 5_000] {
                    let junk = rng.bytes(length);
                    cluster.inject(member(4), victim, class, junk);
                }
            }
        }
        cluster.run_heights(3, LONG);
        let blamed = cluster.seen().faults().iter().filter(|f| f.peer == member(4)).count();
        assert_eq!(blamed, cluster.seen().faults().len(), "somebody else was blamed");
        assert!(blamed >= 4 * 3 * 4, "{blamed} faults were counted");
        cluster.assert_sound();
    }
}

#[test]
fn a_committed_block_with_a_spoilt_part_is_a_fault_of_its_sender() {
    let mut cluster = Cluster::new(7, 10, Faults::NONE);
    cluster.run_to_height(Height::new(1), LONG);
    let behind = member(7);
    cluster.crash(behind);
    let id = cluster.submit_new(member(1));
    cluster.run_to_commit(id, LONG);
    cluster.make_puppet(member(6));
    let height = cluster.seen().height_of(&id).expect("committed");
    let spoilt = spoilt_blocks(&cluster, height);
    cluster.cut(&[behind], &members(1, 5));
    cluster.start(behind);
    cluster.run_for(100);
    for lower in cluster.tip(behind).height.next().get()..height.get() {
        let good = committed(&cluster, Height::new(lower));
        cluster.inject(member(6), behind, Class::Fetch, good);
        cluster.run_for(10);
    }
    assert_eq!(cluster.tip(behind).height.next(), height);
    for (what, bytes) in spoilt {
        let before = cluster.seen().faults().len();
        cluster.inject(member(6), behind, Class::Fetch, bytes);
        cluster.run_for(10);
        assert_eq!(cluster.seen().faults().len(), before + 1, "{what} was not blamed");
        assert_eq!(cluster.tip(behind).height.next(), height, "{what} was applied");
    }
    cluster.heal();
    cluster.run_heights(2, LONG);
    cluster.assert_sound();
}

fn committed(cluster: &Cluster, height: Height) -> Vec<u8> {
    FetchMessage::Committed { committed: Box::new(committed_block(cluster, height)) }.encode()
}

fn committed_block(cluster: &Cluster, height: Height) -> landsea_node::message::CommittedBlock {
    let snapshot = cluster.store(member(1)).reader().snapshot();
    let block = snapshot.block(height).expect("committed");
    let certificate = snapshot.certificate(height).expect("committed");
    let batches = block.batches.iter().map(|id| snapshot.batch(id).expect("committed")).collect();
    landsea_node::message::CommittedBlock { block, certificate, batches }
}

/// One committed height with one part spoilt each.
fn spoilt_blocks(cluster: &Cluster, height: Height) -> Vec<(&'static str, Vec<u8>)> {
    let good = committed_block(cluster, height);
    assert!(!good.batches.is_empty(), "the height holds a batch");
    let mut no_batches = good.clone();
    no_batches.block.batches.clear();
    no_batches.batches.clear();
    let mut batch_signature = good.clone();
    let mut signature = *good.batches[0].signature();
    signature.0[3] ^= 1;
    batch_signature.batches[0] = good.batches[0].with_signature(signature);
    let mut no_quorum = good.clone();
    no_quorum.certificate.signatures.truncate(4);
    let mut header = good.clone();
    header.block.header.state_root.0[0] ^= 1;
    let spoilt = [
        ("a header with other digests", no_batches),
        ("a batch with another signature", batch_signature),
        ("a certificate without a quorum", no_quorum),
        ("a changed header", header),
    ];
    let encode = |committed| FetchMessage::Committed { committed: Box::new(committed) }.encode();
    spoilt.map(|(what, committed)| (what, encode(committed))).to_vec()
}

#[test]
fn replay_from_the_genesis_gives_the_same_root() {
    let mut cluster = Cluster::new(4, 11, Faults::HARSH);
    for round in 0..4 {
        let ids = submit_everywhere(&mut cluster, &members(1, 4));
        commit_all(&mut cluster, &ids);
        cluster.run_heights(round, LONG);
    }
    let tip = cluster.tip(member(2));
    let snapshot = cluster.store(member(2)).reader().snapshot();
    let again = replay(&*snapshot, &cluster.chain.genesis, &Ed25519).expect("every height leads to its roots");
    assert_eq!(again, tip);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut cluster = Cluster::new(4, seed, Faults::HARSH);
        submit_everywhere(&mut cluster, &members(1, 4));
        cluster.run_to_height(Height::new(5), LONG);
        cluster.crash(member(2));
        cluster.run_heights(3, LONG);
        cluster.start(member(2));
        cluster.run_heights(3, LONG);
        (cluster.seen().chain_hash(), cluster.trace())
    };
    assert_eq!(run(12), run(12));
    assert_ne!(run(12).1, run(13).1);
}
