//! What the engine accepts, refuses, buffers and asks for.

use crate::net::{CHAIN, key, member, sign_proposal, sign_vote, validators};
use crate::solo::{A, B, C, Solo, certificate, decision, precommit, prevote, proposal, vote, votes};
use landsea_consensus::{
    ConsensusMessage, Engine, EngineConfig, EngineError, Host, Input, Output, Step, Timeouts, Timer, TimerKind,
};
use landsea_types::Height;
use landsea_types::bounds::FUTURE_MESSAGES_PER_PEER_MAX;
use landsea_types::consensus::{CertificateError, Proposal, Vote, VoteType};
use landsea_types::crypto::Ed25519;

fn timer(kind: TimerKind, round: u32) -> Input {
    Input::Timer { timer: Timer { height: Height::new(1), round, kind } }
}

fn is_fault(outputs: &[Output], from: usize) -> bool {
    matches!(outputs, [Output::PeerFault { member: m, .. }] if *m == member(from))
}

#[test]
fn a_validator_without_a_mark_refuses_to_start_and_a_reader_does_not() {
    let config = |me| EngineConfig { chain: CHAIN, me, validators: validators(4), timeouts: Timeouts::default() };
    let refused = Engine::new(config(Some(member(0))), Height::ZERO, None).err();
    assert_eq!(refused, Some(EngineError::NoSignMark { member: member(0) }));
    assert!(Engine::new(config(None), Height::ZERO, None).is_ok());
}

#[test]
fn the_engine_can_move_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Engine>();
}

#[test]
fn a_bad_signature_a_stranger_and_a_proposal_out_of_turn_are_faults_of_the_peer() {
    let mut solo = Solo::new(0);
    solo.start(1);
    let ConsensusMessage::Vote { mut vote, .. } = prevote(0, None, 2) else { panic!("a vote was built") };
    vote.signature.0[7] ^= 1;
    assert!(is_fault(&solo.hear(3, ConsensusMessage::Vote { vote, rebroadcast: false }), 3));
    let stranger = Vote { kind: VoteType::Prevote, height: Height::new(1), round: 0, block: None, voter: member(9) };
    let stranger = ConsensusMessage::Vote { vote: sign_vote(stranger, 9), rebroadcast: false };
    assert!(is_fault(&solo.hear(3, stranger), 3));
    let out_of_turn = Proposal { height: Height::new(1), round: 0, block: A, pol_round: None, proposer: member(2) };
    let out_of_turn = ConsensusMessage::Proposal { proposal: sign_proposal(out_of_turn, 2) };
    assert!(is_fault(&solo.hear(2, out_of_turn), 2));
    assert!(is_fault(&solo.hear(2, proposal(1, A, Some(1))), 2), "a polka of its own round justifies nothing");
    assert_eq!(solo.disk.log().len(), 0, "nothing of it reaches the log");
}

#[test]
fn an_invalid_block_is_prevoted_nil_and_a_missing_one_is_not_voted_on() {
    let mut solo = Solo::new(0);
    solo.start(1);
    let outputs = solo.hear(1, proposal(0, A, None));
    assert_eq!(outputs, vec![Output::Need { height: Height::new(1), round: 0, block: A }]);
    assert_eq!(votes(&solo.judge(A, false)), vec![(VoteType::Prevote, 0, None)]);
}

#[test]
fn two_junk_proposals_do_not_silence_the_honest_one() {
    let mut solo = Solo::new(0);
    solo.start(1);
    // Verdicts on headers that no accepted proposal names do not reach the core's two places per round.
    for junk in [B, C] {
        assert_eq!(solo.judge(junk, true), vec![]);
    }
    // Proposals signed by the wrong member do not either.
    for junk in [B, C] {
        let junk = Proposal { height: Height::new(1), round: 0, block: junk, pol_round: None, proposer: member(1) };
        let forged = ConsensusMessage::Proposal { proposal: sign_proposal(junk, 2) };
        assert!(is_fault(&solo.hear(2, forged), 2));
    }
    solo.hear(1, proposal(0, A, None));
    assert_eq!(votes(&solo.judge(A, true)), vec![(VoteType::Prevote, 0, Some(A))]);
}

#[test]
fn a_proposer_that_signs_two_junk_blocks_cannot_silence_the_one_with_a_polka() {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, proposal(0, B, None));
    solo.hear(1, proposal(0, C, None));
    let third = solo.hear(1, proposal(0, A, None));
    assert!(!third.iter().any(|o| matches!(o, Output::Need { .. })), "the third of one proposer is dropped: {third:?}");
    // The others prevoted A; with their polka the proposal of A is accepted although the round's places are taken.
    let outputs: Vec<_> = [1, 2, 3].into_iter().flat_map(|i| solo.hear(i, prevote(0, Some(A), i))).collect();
    assert!(outputs.contains(&Output::Need { height: Height::new(1), round: 0, block: A }));
    solo.hear(1, proposal(0, A, None));
    solo.judge(A, true);
    let outputs: Vec<_> = [1, 2, 3].into_iter().flat_map(|i| solo.hear(i, precommit(0, Some(A), i))).collect();
    assert_eq!(decision(&outputs).map(|c| c.block), Some(A));
}

#[test]
fn a_proposed_block_without_a_verdict_is_asked_for_again_once_a_polka_names_it() {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, proposal(0, A, None));
    assert!(!solo.engine.is_named_by_quorum(&A), "one signed proposal is no quorum: the block's time is measured");
    let outputs: Vec<_> = [1, 2, 3].into_iter().flat_map(|i| solo.hear(i, prevote(0, Some(A), i))).collect();
    let asked = outputs.iter().filter(|o| matches!(o, Output::Need { block, .. } if *block == A));
    assert_eq!(asked.count(), 1, "{outputs:?}");
    assert!(solo.engine.is_named_by_quorum(&A));
}

#[test]
fn a_quorum_of_precommits_decides_although_the_proposal_was_lost() {
    let mut solo = Solo::new(0);
    solo.start(1);
    let outputs: Vec<_> = [1, 2, 3].into_iter().flat_map(|i| solo.hear(i, precommit(0, Some(A), i))).collect();
    assert!(decision(&outputs).is_none());
    assert!(outputs.contains(&Output::Need { height: Height::new(1), round: 0, block: A }));
    let outputs = solo.judge(A, true);
    let decided = decision(&outputs).expect("the block is checked and a quorum precommitted it");
    decided.verify(&CHAIN, &validators(4)).expect("anybody can check the certificate");
}

#[test]
#[should_panic(expected = "certified by a quorum, but this node found it invalid")]
fn a_certified_block_that_is_invalid_here_halts() {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, proposal(0, A, None));
    solo.judge(A, false);
    solo.step(Input::Certified { certificate: certificate(1, 0, A, &[1, 2, 3]) });
}

#[test]
#[should_panic(expected = "was found valid and then invalid")]
fn a_verdict_that_changes_to_invalid_halts() {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, proposal(0, A, None));
    solo.judge(A, true);
    solo.judge(A, false);
}

#[test]
fn block_sync_decides_heights_in_a_row_without_starting_them() {
    let mut solo = Solo::new(0);
    solo.start(1);
    for height in 1..=3 {
        let outputs = solo.step(Input::Certified { certificate: certificate(height, 2, A, &[0, 1, 3]) });
        assert_eq!(outputs.first(), Some(&Output::CancelTimers));
        let decided = decision(&outputs).expect("the certificate decides").clone();
        assert_eq!((decided.height, decided.round), (Height::new(height), 2), "the certificate's round is kept");
        solo.disk.commit(decided);
    }
    let again = solo.step(Input::Certified { certificate: certificate(3, 2, A, &[0, 1, 3]) });
    assert_eq!(again, vec![], "a decided height is not decided again");
    solo.start(4);
    assert_eq!(solo.engine.status().step, Step::Propose);
}

#[test]
fn a_certificate_without_a_quorum_or_with_a_forged_signature_decides_nothing() {
    let mut solo = Solo::new(0);
    solo.start(1);
    let short = solo.step(Input::Certified { certificate: certificate(1, 0, A, &[1, 2]) });
    let error = CertificateError::NoQuorum { got: 2, needed: 3 };
    assert_eq!(short, vec![Output::CertificateRefused { height: Height::new(1), error }]);
    let mut forged = certificate(1, 0, A, &[1, 2, 3]);
    forged.block = B;
    let forged = solo.step(Input::Certified { certificate: forged });
    let error = CertificateError::BadSignature { member: member(1) };
    assert_eq!(forged, vec![Output::CertificateRefused { height: Height::new(1), error }]);
}

#[test]
fn future_messages_wait_verified_and_bounded_and_lower_ones_are_dropped() {
    let mut solo = Solo::new(0);
    solo.start(1);
    let ahead = solo.hear(1, vote(VoteType::Prevote, 2, 0, Some(B), 1));
    assert_eq!(ahead, vec![Output::Ahead { member: member(1), height: Height::new(2) }]);
    assert_eq!(solo.hear(1, vote(VoteType::Prevote, 2, 0, Some(B), 1)), vec![], "a copy changes nothing");
    assert_eq!(solo.engine.status().buffered, 1);
    let ConsensusMessage::Vote { mut vote, .. } = vote(VoteType::Prevote, 2, 0, None, 2) else { panic!("a vote") };
    vote.signature.0[0] ^= 1;
    solo.hear(2, ConsensusMessage::Vote { vote, rebroadcast: false });
    assert_eq!(solo.engine.status().buffered, 1, "an unverified message is not buffered");
    solo.hear(2, crate::solo::vote(VoteType::Prevote, 7, 0, None, 2));
    assert_eq!(solo.engine.status().buffered, 1, "one too far ahead is only a hint");
    for round in 0..FUTURE_MESSAGES_PER_PEER_MAX as u32 + 50 {
        solo.hear(3, crate::solo::vote(VoteType::Prevote, 3, round, None, 3));
    }
    assert_eq!(solo.engine.status().buffered, 1 + FUTURE_MESSAGES_PER_PEER_MAX, "one peer fills its own share only");
    let outputs = solo.step(Input::Certified { certificate: certificate(1, 0, A, &[1, 2, 3]) });
    solo.disk.commit(decision(&outputs).expect("the certificate decides").clone());
    assert_eq!(solo.hear(1, prevote(0, Some(A), 1)), vec![], "a stale vote gets no answer");
    solo.start(2);
    assert_eq!(solo.disk.log().len(), 1, "the buffered prevote of height 2 was fed when the height started");
}

#[test]
fn after_the_decision_no_timer_is_set_and_a_rebroadcast_timer_is_ignored() {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, proposal(0, A, None));
    solo.judge(A, true);
    let mut outputs = vec![];
    for message in [1, 2, 3].into_iter().flat_map(|i| [(i, prevote(0, Some(A), i)), (i, precommit(0, Some(A), i))]) {
        outputs.extend(solo.hear(message.0, message.1));
    }
    assert_eq!(decision(&outputs).map(|c| c.signatures.len()), Some(3));
    let cancelled = outputs.iter().rposition(|o| *o == Output::CancelTimers).expect("all timers are stopped");
    assert!(!outputs[cancelled..].iter().any(|o| matches!(o, Output::SetTimer { .. })), "{outputs:?}");
    assert_eq!(solo.step(timer(TimerKind::Rebroadcast, 0)), vec![]);
    assert_eq!(solo.engine.status().step, Step::Decided);
}

#[test]
fn the_rebroadcast_timer_repeats_own_votes_and_the_own_proposal() {
    let mut solo = Solo::new(1);
    assert!(solo.start(1).contains(&Output::Build { height: Height::new(1), round: 0 }));
    solo.propose(0, A);
    let outputs = solo.step(timer(TimerKind::Rebroadcast, 0));
    let repeated = outputs.iter().any(|o| matches!(o, Output::Send { message } if message.is_rebroadcast()));
    let proposed = outputs.iter().any(|o| matches!(o, Output::Send { message: ConsensusMessage::Proposal { .. } }));
    assert!(repeated && proposed, "{outputs:?}");
    let own = solo.engine.own_messages();
    assert_eq!(own.len(), 2, "a peer that connects gets the proposal and the prevote: {own:?}");
}

#[test]
fn a_block_that_comes_after_the_propose_timeout_is_not_proposed() {
    let mut solo = Solo::new(1);
    solo.start(1);
    assert_eq!(votes(&solo.step(timer(TimerKind::Propose, 0))), vec![(VoteType::Prevote, 0, None)]);
    let log = solo.disk.log().len();
    assert_eq!(solo.propose(0, A), vec![]);
    assert_eq!(solo.disk.log().len(), log, "nothing is recorded either");
}

#[test]
fn a_proposal_leaves_before_the_votes_that_follow_from_it() {
    let mut solo = Solo::new(1);
    solo.start(1);
    let outputs = solo.propose(0, A);
    let sent = outputs.iter().filter(|o| matches!(o, Output::Send { .. }));
    let proposals = sent.map(|o| matches!(o, Output::Send { message: ConsensusMessage::Proposal { .. } }));
    assert_eq!(proposals.collect::<Vec<_>>(), vec![true, false]);
}

#[test]
#[should_panic(expected = "the signing key is not the one registered for this member")]
fn a_key_that_is_not_the_seats_halts_before_anything_leaves() {
    let mut solo = Solo::new(0);
    solo.start(1);
    let wrong = key(2);
    let mut host = Host { durable: &mut solo.disk, signer: &wrong, suite: &Ed25519 };
    solo.engine.step(timer(TimerKind::Propose, 0), &mut host);
}

#[test]
fn received_votes_alone_cost_no_flush() {
    let mut solo = Solo::new(0);
    solo.start(1);
    solo.hear(1, prevote(0, Some(A), 1));
    solo.hear(2, prevote(0, Some(A), 2));
    assert_eq!((solo.disk.log().len(), solo.disk.flushes), (2, 0), "nothing left the node, so nothing must be durable");
    solo.hear(1, proposal(0, A, None));
    solo.judge(A, true);
    assert_eq!(solo.disk.flushes, 1, "one flush covers the prevote and everything before it");
}

#[test]
fn a_validator_set_that_changes_counts_from_the_next_height_on() {
    let mut solo = Solo::new(0);
    solo.start(1);
    let outputs = solo.step(Input::Certified { certificate: certificate(1, 0, A, &[1, 2, 3]) });
    solo.disk.commit(decision(&outputs).expect("the certificate decides").clone());
    solo.engine.set_validators(validators(7));
    let short = solo.step(Input::Certified { certificate: certificate(2, 0, A, &[1, 2, 3, 4]) });
    let error = CertificateError::NoQuorum { got: 4, needed: 5 };
    assert_eq!(short, vec![Output::CertificateRefused { height: Height::new(2), error }]);
    let outputs = solo.step(Input::Certified { certificate: certificate(2, 0, A, &[1, 2, 3, 4, 6]) });
    assert!(decision(&outputs).is_some());
}

#[test]
fn a_locked_member_prevotes_nil_for_another_block_and_offers_its_own_again() {
    // Index 2 proposes in round 1.
    let mut solo = Solo::new(2);
    solo.start(1);
    solo.hear(1, proposal(0, A, None));
    solo.judge(A, true);
    let outputs: Vec<_> = [0, 1].into_iter().flat_map(|i| solo.hear(i, prevote(0, Some(A), i))).collect();
    assert_eq!(votes(&outputs), vec![(VoteType::Precommit, 0, Some(A))]);
    assert_eq!(solo.engine.status().locked, Some((0, A)));
    [0, 1].into_iter().for_each(|i| drop(solo.hear(i, precommit(0, None, i))));
    let outputs = solo.step(timer(TimerKind::Precommit, 0));
    let offered = outputs.iter().find_map(|o| match o {
        Output::Send { message: ConsensusMessage::Proposal { proposal } } => Some(&proposal.message),
        _ => None,
    });
    assert_eq!(offered.map(|p| (p.round, p.block, p.pol_round)), Some((1, A, Some(0))));
    assert!(outputs.contains(&Output::ShareBlock { height: Height::new(1), round: 1, block: A }));
    let polka = outputs.iter().any(|o| matches!(o, Output::Send { message: ConsensusMessage::Polka { .. } }));
    assert!(polka, "the polka that justifies it goes out too");
    [0, 1].into_iter().for_each(|i| drop(solo.hear(i, prevote(2, None, i))));
    solo.hear(3, proposal(2, B, None));
    let answer = votes(&solo.judge(B, true));
    assert!(answer.contains(&(VoteType::Prevote, 2, None)), "the lock holds: {answer:?}");
    assert!(answer.iter().all(|(_, _, block)| block.is_none()), "{answer:?}");
}
