//! The sign mark and the log, across restarts.

use crate::disk::Disk;
use crate::net::{Net, member};
use crate::solo::{A, B, Solo, certificate, decision, precommit, prevote, proposal, votes};
use landsea_consensus::{
    ConsensusMessage, Durable, Input, Output, PolkaCertificate, SignMark, SignStep, Timer, TimerKind,
};
use landsea_types::Height;
use landsea_types::consensus::VoteType;

fn propose_timer(round: u32) -> Input {
    Input::Timer { timer: Timer { height: Height::new(1), round, kind: TimerKind::Propose } }
}

fn prevoted() -> Solo {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, proposal(0, A, None));
    assert_eq!(votes(&solo.judge(A, true)), vec![(VoteType::Prevote, 0, Some(A))]);
    solo
}

#[test]
fn a_restarted_member_repeats_its_vote_with_the_recorded_signature() {
    let before = prevoted();
    let sent = before.engine.own_messages();
    let log = before.disk.log();
    let mut after = before.restart();
    let outputs = after.start(1);
    assert_eq!(votes(&outputs), vec![(VoteType::Prevote, 0, Some(A))]);
    assert_eq!(after.engine.own_messages(), sent);
    assert_eq!(after.disk.log(), log, "replay writes nothing twice");
    assert_eq!(votes(&after.step(propose_timer(0))), vec![], "the late timeout does not change the vote");
}

#[test]
fn the_mark_covers_a_vote_before_it_leaves() {
    let solo = prevoted();
    assert_eq!(solo.disk.mark, SignMark { height: Height::new(1), round: 0, step: SignStep::Prevote });
}

#[test]
fn a_crash_between_log_flush_and_mark_is_honest_and_the_mark_follows() {
    let mut solo = prevoted();
    solo.disk.mark = SignMark::new_key();
    let mut solo = solo.restart();
    let outputs = solo.start(1);
    assert_eq!(votes(&outputs), vec![(VoteType::Prevote, 0, Some(A))]);
    assert!(!solo.engine.status().observing);
    assert_eq!(solo.disk.mark.step, SignStep::Prevote, "the mark moves before the recorded vote leaves again");
}

#[test]
fn a_wiped_member_observes_until_the_marked_height_is_committed() {
    let mut solo = prevoted();
    solo.disk.wipe();
    let mut solo = solo.restart();
    solo.start(1);
    assert!(solo.engine.status().observing);
    assert_eq!(votes(&solo.step(propose_timer(0))), vec![], "it signs nothing");
    // It still follows, also by votes with its own key that others remember.
    solo.hear(1, proposal(0, A, None));
    solo.judge(A, true);
    let outputs: Vec<_> = [1, 2, 3].into_iter().flat_map(|i| solo.hear(i, precommit(0, Some(A), i))).collect();
    solo.disk.commit(decision(&outputs).expect("three of four decide").clone());
    solo.step(Input::StartHeight { height: Height::new(2), wal: vec![] });
    assert!(!solo.engine.status().observing);
}

#[test]
fn a_rolled_back_folder_observes_through_every_height_below_the_mark() {
    let mut disk = Disk::new();
    disk.mark = SignMark { height: Height::new(3), round: 1, step: SignStep::Precommit };
    let mut solo = Solo::over(0, disk);
    for height in 1..=3 {
        solo.step(Input::StartHeight { height: Height::new(height), wal: vec![] });
        assert!(solo.engine.status().observing, "height {height}");
        let outputs = solo.step(Input::Certified { certificate: certificate(height, 0, A, &[1, 2, 3]) });
        solo.disk.commit(decision(&outputs).expect("the certificate decides").clone());
    }
    solo.step(Input::StartHeight { height: Height::new(4), wal: vec![] });
    assert!(!solo.engine.status().observing);
}

#[test]
fn an_observer_that_restarts_with_its_old_votes_in_the_log_keeps_observing() {
    let mut solo = prevoted();
    solo.disk.wipe();
    let mut solo = solo.restart();
    solo.start(1);
    // Its own prevote comes back inside a polka and reaches the log as a stranger's.
    let signatures = (0..3).map(|i| match prevote(0, Some(A), i) {
        ConsensusMessage::Vote { vote, .. } => (member(i), vote.signature),
        other => panic!("a vote was built, not {other:?}"),
    });
    let polka = PolkaCertificate { height: Height::new(1), round: 0, block: A, signatures: signatures.collect() };
    solo.hear(1, ConsensusMessage::Polka { certificate: polka });
    solo.hear(1, prevote(0, Some(A), 0));
    let mut solo = solo.restart();
    solo.start(1);
    assert!(solo.engine.status().observing);
    assert_eq!(votes(&solo.step(propose_timer(0))), vec![]);
}

#[test]
fn a_vote_with_the_own_key_that_was_not_signed_here_stops_signing() {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, prevote(0, Some(B), 0));
    assert!(solo.engine.status().observing, "somebody else uses the key");
    assert_eq!(votes(&solo.step(propose_timer(0))), vec![]);
}

/// The disk after a crash in the middle of a write: only the first entries of the log are there.
fn torn(log: &[Vec<u8>], entries: usize) -> Disk {
    let mut disk = Disk::new();
    for (seq, entry) in log.iter().take(entries).enumerate() {
        disk.wal_append(Height::new(1), seq as u64, entry);
    }
    disk.flush();
    disk
}

#[test]
fn the_first_own_message_during_replay_is_logged_and_kept() {
    let full = prevoted().disk.log();
    let mut solo = Solo::over(0, torn(&full, full.len() - 1));
    assert_eq!(votes(&solo.start(1)), vec![(VoteType::Prevote, 0, Some(A))]);
    assert_eq!(solo.disk.log(), full, "the vote first signed in replay is appended");
    let mut solo = solo.restart();
    assert_eq!(votes(&solo.start(1)), vec![(VoteType::Prevote, 0, Some(A))]);
}

#[test]
fn a_value_on_record_is_proposed_after_a_restart_although_the_proposal_was_not_signed() {
    let mut before = Solo::new(1);
    before.start(1);
    before.propose(0, A);
    let mut solo = Solo::over(1, torn(&before.disk.log(), 1));
    let outputs = solo.start(1);
    let proposed = outputs.iter().find_map(|o| match o {
        Output::Send { message: ConsensusMessage::Proposal { proposal } } => Some(proposal.message.block),
        _ => None,
    });
    assert_eq!(proposed, Some(A), "the recorded value answers the core's wish: {outputs:?}");
    assert!(!outputs.iter().any(|o| matches!(o, Output::Build { .. })));
}

#[test]
fn a_proposer_is_never_asked_twice_for_a_value_on_record() {
    let mut solo = Solo::new(1);
    assert!(solo.start(1).contains(&Output::Build { height: Height::new(1), round: 0 }));
    solo.propose(0, A);
    let mut solo = solo.restart();
    let outputs = solo.start(1);
    assert!(!outputs.iter().any(|o| matches!(o, Output::Build { .. })), "{outputs:?}");
    assert_eq!(solo.propose(0, B), vec![], "another block for the same round is ignored");
}

#[test]
fn a_wiped_member_of_a_running_network_rejoins_without_signing_twice() {
    let mut net = Net::new(4, 77);
    net.run_to(5, 60_000);
    net.run_for(50);
    net.crash(2);
    net.nodes[2].disk.wipe();
    net.start(2);
    let goal = net.committed(0).get() + 8;
    net.run_to(goal, 200_000);
    net.check_safety();
    assert!(net.nodes[2].disk.mark.height > Height::new(5), "it votes again");
}
