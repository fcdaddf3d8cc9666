//! Disputes: short, unless a case is filed in time.

use super::*;

fn disputed() -> (World, DocId, HoldId) {
    let (mut world, doc) = bill_of_e5();
    let hold = world.dispute("E1", HoldTarget::Doc(doc));
    (world, doc, hold)
}

#[test]
fn a_dispute_bars_for_thirty_days() {
    let (mut world, doc, hold) = disputed();
    let record = world.hold(&hold);
    assert_eq!((record.kind, record.state, record.by), (HoldKind::Dispute, HoldState::Effective, world.account("E1")));
    assert_eq!(record.until, world.time.saturating_add(30 * DAY));
    assert_eq!(world.moves(&doc), Code::Held);
    assert_eq!(world.pass(30 * DAY - 1), None);
    let swept = world.pass(1).expect("the term is over");
    let told = events(&swept, EventName::HoldLapsed);
    assert_eq!(told.len(), 2, "to the firms of the bill, and to E1 by itself");
    assert!(told.iter().all(|event| event.subject.0 == hold.0));
    assert_eq!(world.state_of(&hold), HoldState::Lapsed);
    assert_eq!(world.moves(&doc), Code::Ok);
}

#[test]
fn without_an_interest_it_answers_1010() {
    let (mut world, doc) = bill_of_e5();
    let body = Dispute { target: HoldTarget::Doc(doc), interest: Commit::default(), basis: commit("basis") };
    assert_eq!(world.code("E1", Operation::HoldDispute(body), &[]), Code::TooLarge);
}

#[test]
fn authorities_have_holds_of_their_own() {
    let (mut world, doc) = bill_of_e5();
    for authority in ["cq", "SW", "TAXG"] {
        assert_eq!(world.code(authority, dispute_op(HoldTarget::Doc(doc)), &[]), Code::RoleNotPermitted, "{authority}");
    }
    for party in ["B1", "MTO", "COLD", "SUP", "INS", "FF", "E1"] {
        world.dispute(party, HoldTarget::Doc(doc));
    }
}

#[test]
fn a_suspended_party_does_not_dispute() {
    let (mut world, doc) = bill_of_e5();
    world.suspend("E1");
    assert_eq!(world.code("E1", dispute_op(HoldTarget::Doc(doc)), &[]), Code::PartySuspended);
}

#[test]
fn a_case_filed_in_time_keeps_it_standing() {
    let (mut world, doc, hold) = disputed();
    let op = world.file_op(&hold);
    let outcome = world.ok("E1", op, &[]);
    assert_eq!(events(&outcome, EventName::HoldChanged).len(), 2, "to the firms of the bill, and to E1 by itself");
    assert_eq!(world.hold(&hold).until, Timestamp::MAX);
    assert_eq!(world.pass(400 * DAY), None);
    assert_eq!(world.moves(&doc), Code::Held);
}

#[test]
fn a_case_filed_at_the_deadline_answers_6004_even_before_the_sweep() {
    let (mut world, _, hold) = disputed();
    let op = world.file_op(&hold);
    world.advance(30 * DAY);
    assert_eq!(world.code("E1", op.clone(), &[]), Code::FilingDeadline);
    assert_eq!(world.state_of(&hold), HoldState::Lapsed, "the sweep of the same block ended it");
    let op = world.file_op(&hold);
    assert_eq!(world.code("E1", op, &[]), Code::FilingDeadline);
}

#[test]
fn only_the_disputing_party_files_and_withdraws() {
    let (mut world, _, hold) = disputed();
    for other in ["E5", "E2", "cq"] {
        for op in [world.file_op(&hold), world.withdraw_dispute_op(&hold)] {
            assert_eq!(world.code(other, op, &[]), Code::NotEntitledToLift, "{other}");
        }
    }
    let op = Operation::HoldFileCase(FileCase { hold, expect_ver: 1, notice: Commit::default() });
    assert_eq!(world.code("E1", op, &[]), Code::TooLarge);
}

#[test]
fn a_withdrawn_dispute_has_ended_for_good() {
    let (mut world, doc, hold) = disputed();
    let op = world.withdraw_dispute_op(&hold);
    let outcome = world.ok("E1", op, &[]);
    assert!(!events(&outcome, EventName::HoldLifted).is_empty());
    assert_eq!(world.state_of(&hold), HoldState::Withdrawn);
    assert_eq!(world.moves(&doc), Code::Ok);
    for op in [world.file_op(&hold), world.withdraw_dispute_op(&hold)] {
        assert_eq!(world.code("E1", op, &[]), Code::NotEntitledToLift);
    }
    let op = world.lift_op(&hold);
    assert_eq!(world.code("cq", op, &[]), Code::NotEntitledToLift);
    assert_eq!(world.pass(40 * DAY), None, "nothing is left in the queue");
}

#[test]
fn another_kind_of_hold_is_neither_filed_nor_withdrawn() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.customs(HoldTarget::Doc(doc));
    for op in [world.file_op(&hold), world.withdraw_dispute_op(&hold)] {
        assert_eq!(world.code("SW", op, &[]), Code::NotEntitledToLift);
    }
}

#[test]
fn the_home_of_the_goods_or_of_the_disputing_party_lifts_it_by_order() {
    for (branch, code) in [("cq", Code::Ok), ("yn", Code::Ok), ("gx", Code::NotEntitledToLift)] {
        let (mut world, doc) = bill_of_e5();
        let hold = world.dispute("E2", HoldTarget::Doc(doc));
        let op = world.lift_op(&hold);
        assert_eq!(world.code(branch, op, &[]), code, "{branch}");
    }
}
