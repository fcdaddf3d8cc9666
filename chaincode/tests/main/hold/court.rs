//! Court freezes and their queue.

use super::*;

const YEAR: u64 = 365;

#[test]
fn the_first_is_effective_and_the_next_wait_with_their_rank() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let until = world.time.saturating_add(100 * DAY);
    let first = world.ok("cq", court_op(target, until), &[]);
    event(&first, EventName::HoldEffective);
    assert!(events(&first, EventName::HoldQueued).is_empty());
    let second = world.ok("gx", court_op(target, until), &[]);
    assert_eq!(event(&second, EventName::HoldQueued).args, [1]);
    assert!(events(&second, EventName::HoldEffective).is_empty());
    let third = world.ok("yn", court_op(target, until), &[]);
    assert_eq!(event(&third, EventName::HoldQueued).args, [2]);
    assert_eq!(world.state_of(&hold_of(&first)), HoldState::Effective);
    assert_eq!(world.state_of(&hold_of(&third)), HoldState::Queued);
    assert_eq!(world.holds(&doc.0), [HoldKind::CourtFreeze]);
}

#[test]
fn a_freeze_that_ran_out_in_the_queue_is_no_rank() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let first = world.freeze("cq", target, 100);
    let second = world.freeze("gx", target, 10);
    let third = world.freeze("sc", target, 100);
    world.advance(10 * DAY);
    let outcome = world.ok("yn", court_op(target, world.time.saturating_add(100 * DAY)), &[]);
    assert_eq!(event(&outcome, EventName::HoldLapsed).subject.0, second.0, "the sweep had not come to it");
    assert_eq!(event(&outcome, EventName::HoldQueued).args, [2], "behind the third alone");
    let states = [first, second, third].map(|hold| world.state_of(&hold));
    assert_eq!(states, [HoldState::Effective, HoldState::Lapsed, HoldState::Queued]);
}

#[test]
fn lifting_the_first_lets_the_second_take_effect_at_once() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let [first, second, third] = ["cq", "gx", "yn"].map(|branch| world.freeze(branch, target, 100));
    let op = world.lift_op(&first);
    let outcome = world.ok("cq", op, &[]);
    assert_eq!(event(&outcome, EventName::HoldLifted).subject.0, first.0);
    assert_eq!(event(&outcome, EventName::HoldEffective).subject.0, second.0);
    let states = [first, second, third].map(|hold| world.state_of(&hold));
    assert_eq!(states, [HoldState::Lifted, HoldState::Effective, HoldState::Queued]);
    assert_eq!(world.moves(&doc), Code::Held);
}

#[test]
fn lifting_one_that_waits_changes_nothing_for_the_others() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let [first, second, third] = ["cq", "gx", "yn"].map(|branch| world.freeze(branch, target, 100));
    let op = world.lift_op(&second);
    world.ok("gx", op, &[]);
    let states = [first, second, third].map(|hold| world.state_of(&hold));
    assert_eq!(states, [HoldState::Effective, HoldState::Lifted, HoldState::Queued]);
    let op = world.lift_op(&first);
    world.ok("cq", op, &[]);
    assert_eq!(world.state_of(&third), HoldState::Effective);
    let op = world.lift_op(&third);
    world.ok("yn", op, &[]);
    assert_eq!(world.moves(&doc), Code::Ok);
}

#[test]
fn a_term_in_the_queue_counts_from_when_it_was_placed() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let first = world.freeze("cq", target, 100);
    let short = world.freeze("gx", target, 10);
    let long = world.freeze("yn", target, 50);
    let swept = world.pass(10 * DAY).expect("the short one is over");
    assert_eq!(event(&swept, EventName::HoldLapsed).subject.0, short.0);
    assert_eq!(world.state_of(&first), HoldState::Effective);
    let op = world.lift_op(&first);
    world.ok("cq", op, &[]);
    assert_eq!(world.state_of(&long), HoldState::Effective);
    let swept = world.pass(40 * DAY).expect("the long one is over");
    assert_eq!(event(&swept, EventName::HoldLapsed).subject.0, long.0);
    assert_eq!(world.moves(&doc), Code::Ok);
}

#[test]
fn when_the_first_runs_out_the_next_takes_effect_and_expired_ones_between_lapse() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let until = world.next_time().saturating_add(20 * DAY);
    let first = hold_of(&world.ok("cq", court_op(target, until), &[]));
    let same_end = hold_of(&world.ok("gx", court_op(target, until), &[]));
    let longer = world.freeze("yn", target, 60);
    let to_end = until.since(world.time);
    let swept = world.pass(to_end).expect("two are over");
    let lapsed: Vec<_> = events(&swept, EventName::HoldLapsed).iter().map(|e| e.subject.0).collect();
    assert_eq!(lapsed.len(), 2, "each is told once: {lapsed:02x?}");
    assert!(lapsed.contains(&first.0) && lapsed.contains(&same_end.0));
    assert_eq!(event(&swept, EventName::HoldEffective).subject.0, longer.0);
    assert_eq!(world.moves(&doc), Code::Held);
}

#[test]
fn a_term_is_not_over_and_at_most_two_years() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let now = world.next_time();
    let longest = now.saturating_add(2 * YEAR * DAY);
    for until in [now, longest.saturating_add(1), Timestamp::MAX] {
        assert_eq!(world.would("cq", court_op(target, until)), Code::HoldTerm, "{until}");
    }
    world.ok("cq", court_op(target, longest), &[]);
}

#[test]
fn a_freeze_has_an_order_and_comes_from_a_branch() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let until = world.time.saturating_add(DAY);
    let no_order = CourtFreeze { target, on_behalf: commit("court"), basis: Commit::default(), until };
    assert_eq!(world.code("cq", Operation::HoldCourtFreeze(no_order), &[]), Code::TooLarge);
    for stranger in ["B1", "SW", "E5"] {
        assert_eq!(world.code(stranger, court_op(target, until), &[]), Code::RoleNotPermitted, "{stranger}");
    }
}

#[test]
fn the_same_branch_renews_before_the_end() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let standing = world.freeze("cq", target, 10);
    let waiting = world.freeze("gx", target, 10);
    let later = world.time.saturating_add(600 * DAY);
    for (branch, hold) in [("cq", standing), ("gx", waiting)] {
        let op = world.renew_op(&hold, later);
        let outcome = world.ok(branch, op, &[]);
        assert_eq!(event(&outcome, EventName::HoldChanged).args, [HoldKind::CourtFreeze as u64, later.get()]);
    }
    assert_eq!(world.state.view().standings(&doc.0)[0].until, later, "the leaf shows the new end");
    assert_eq!(world.pass(20 * DAY), None);
    assert_eq!([standing, waiting].map(|h| world.state_of(&h)), [HoldState::Effective, HoldState::Queued]);
}

#[test]
fn renewals_that_are_late_shorter_or_too_long_answer_6002_and_others_6003() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.freeze("cq", HoldTarget::Doc(doc), 10);
    let until = world.hold(&hold).until;
    let far = world.next_time().saturating_add(2 * YEAR * DAY + 1);
    for (end, code) in [(until, Code::HoldTerm), (far, Code::HoldTerm), (Timestamp::ZERO, Code::HoldTerm)] {
        let op = world.renew_op(&hold, end);
        assert_eq!(world.would("cq", op), code, "{end}");
    }
    let later = until.saturating_add(DAY);
    let op = world.renew_op(&hold, later);
    assert_eq!(world.code("gx", op, &[]), Code::NotEntitledToLift);
    let no_order = RenewFreeze { hold, expect_ver: 1, basis: Commit::default(), until: later };
    assert_eq!(world.code("cq", Operation::HoldRenewFreeze(no_order), &[]), Code::TooLarge);
    let emergency = world.emergency("cq", HoldTarget::Doc(doc));
    let op = world.renew_op(&emergency, later);
    assert_eq!(world.code("cq", op, &[]), Code::NotEntitledToLift, "only court freezes are renewed");
    let op = world.renew_op(&hold, later);
    let at_end = until.since(world.time);
    world.advance(at_end);
    assert_eq!(world.code("cq", op, &[]), Code::HoldTerm, "at its end it has lapsed");
}

#[test]
fn a_lifted_freeze_is_neither_renewed_nor_lifted_again() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.freeze("cq", HoldTarget::Doc(doc), 10);
    let op = world.lift_op(&hold);
    assert_eq!(world.code("gx", op.clone(), &[]), Code::NotEntitledToLift, "another branch");
    world.ok("cq", op, &[]);
    assert_eq!(world.hold(&hold).order, Some(commit("lifted")));
    let later = world.time.saturating_add(20 * DAY);
    for op in [world.lift_op(&hold), world.renew_op(&hold, later)] {
        assert_eq!(world.code("cq", op, &[]), Code::NotEntitledToLift);
    }
}

#[test]
fn a_stale_version_answers_1007() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.freeze("cq", HoldTarget::Doc(doc), 10);
    let later = world.time.saturating_add(20 * DAY);
    let stale = world.lift_op(&hold);
    let op = world.renew_op(&hold, later);
    world.ok("cq", op, &[]);
    let refused = world.submit("cq", stale, &[]);
    assert_eq!((refused.code, refused.args), (Code::StaleVersion, vec![2]));
}

#[test]
fn two_freezes_in_one_block_stand_in_its_order() {
    let (mut world, doc) = bill_of_e5();
    let until = world.time.saturating_add(10 * DAY);
    let txs = ["gx", "cq"].map(|branch| world.tx(branch, &[court_op(HoldTarget::Doc(doc), until)], &[]));
    let outcomes = world.block(&txs);
    let [first, second] = [0, 1].map(|n| hold_of(&outcomes[n]));
    assert_eq!([first, second].map(|h| world.state_of(&h)), [HoldState::Effective, HoldState::Queued]);
}
