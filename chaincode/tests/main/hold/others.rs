//! Freezes by a regulator, and customs holds.

use super::*;
use landsea_types::role::{PartyStatus, Role};

#[test]
fn one_branch_freezes_for_seven_days() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.emergency("gx", HoldTarget::Doc(doc));
    assert_eq!(world.hold(&hold).until, world.time.saturating_add(7 * DAY));
    assert_eq!(world.moves(&doc), Code::Held);
    let swept = world.pass(7 * DAY).expect("the emergency is over");
    assert_eq!(event(&swept, EventName::HoldLapsed).subject.0, hold.0);
    assert_eq!(world.moves(&doc), Code::Ok);
}

#[test]
fn a_second_branch_makes_it_ninety_days_from_its_beginning() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.emergency("gx", HoldTarget::Doc(doc));
    let from = world.time;
    world.pass(5 * DAY);
    let op = world.countersign_op(&hold);
    let outcome = world.ok("yn", op, &[]);
    assert_eq!(world.hold(&hold).until, from.saturating_add(90 * DAY));
    assert_eq!(world.hold(&hold).countersigned, Some(world.member("yn")));
    let members = &event(&outcome, EventName::HoldChanged).members;
    assert!(["cq", "gx", "yn"].iter().all(|code| members.contains(&world.member(code))), "{members:?}");
    assert_eq!(world.pass(80 * DAY), None);
    assert_eq!(world.moves(&doc), Code::Held);
    let swept = world.pass(5 * DAY).expect("ninety days are over");
    event(&swept, EventName::HoldLapsed);
}

#[test]
fn the_same_member_a_second_signature_or_another_hold_answers_6003() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let hold = world.emergency("gx", target);
    let op = world.countersign_op(&hold);
    assert_eq!(world.code("gx", op.clone(), &[]), Code::NotEntitledToLift);
    assert_eq!(world.code("B1", op.clone(), &[]), Code::RoleNotPermitted);
    world.ok("yn", op, &[]);
    let op = world.countersign_op(&hold);
    assert_eq!(world.code("hi", op, &[]), Code::NotEntitledToLift);
    let court = world.freeze("cq", target, 10);
    let op = world.countersign_op(&court);
    assert_eq!(world.code("yn", op, &[]), Code::NotEntitledToLift);
    let late = world.emergency("gx", target);
    let op = world.countersign_op(&late);
    world.advance(7 * DAY);
    assert_eq!(world.code("yn", op, &[]), Code::NotEntitledToLift, "it has lapsed");
}

#[test]
fn a_freeze_of_one_branch_is_lifted_by_it_and_one_of_two_by_both() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    let alone = world.emergency("gx", target);
    let op = world.lift_op(&alone);
    assert_eq!(world.code("yn", op.clone(), &[]), Code::NotEntitledToLift);
    world.ok("gx", op, &[]);
    for (lifter, other) in [("gx", "yn"), ("yn", "gx")] {
        let hold = world.emergency("gx", target);
        let op = world.countersign_op(&hold);
        world.ok("yn", op, &[]);
        let op = world.lift_op(&hold);
        assert_eq!(world.code("cq", op.clone(), &[other]), Code::NotEntitledToLift);
        assert_eq!(world.code(lifter, op.clone(), &[]), Code::ConsentMissing);
        let bad = world.consent_as(other, Role::Bank, lifter, &op);
        assert_eq!(world.submit_with(lifter, op.clone(), vec![bad]).code, Code::ConsentMissing, "not as a branch");
        world.ok(lifter, op, &[other]);
        assert_eq!(world.state_of(&hold), HoldState::Lifted);
    }
    assert_eq!(world.moves(&doc), Code::Ok);
}

#[test]
fn a_customs_hold_bars_exit_and_nothing_else_until_the_same_office_releases_it() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.customs(HoldTarget::Doc(doc));
    assert_eq!(world.moves(&doc), Code::Ok);
    let surrender = world.surrender_op(&doc);
    let refused = world.submit("E5", surrender.clone(), &[]);
    assert_eq!((refused.code, refused.args), (Code::Held, vec![HoldKind::CustomsHold as u64]));
    assert_eq!(world.pass(400 * DAY), None, "it has no term");
    let op = world.onboard_op("SW-GX", &[Role::Customs], "gx", None);
    let outcome = world.ok("gx", op, &[]);
    world.enlist("SW-GX", Role::Customs, "gx", &outcome);
    let op = world.release_customs_op(&hold);
    assert_eq!(world.code("SW-GX", op.clone(), &[]), Code::NotEntitledToLift);
    assert_eq!(world.code("cq", op.clone(), &[]), Code::RoleNotPermitted);
    let lift = world.lift_op(&hold);
    assert_eq!(world.code("cq", lift, &[]), Code::NotEntitledToLift);
    world.ok("SW", op, &[]);
    let again = world.release_customs_op(&hold);
    assert_eq!(world.code("SW", again, &[]), Code::NotEntitledToLift);
    world.ok("E5", surrender, &[]);
}

#[test]
fn the_branch_of_an_office_that_has_left_lifts_its_hold() {
    let (mut world, doc) = bill_of_e5();
    let hold = world.customs(HoldTarget::Doc(doc));
    let office = world.party("SW");
    let exit = landsea_types::operation::party::Exit { party: office.id, expect_ver: office.ver };
    world.ok("cq", Operation::PartyExit(exit), &[]);
    assert_eq!(world.party("SW").status, PartyStatus::Exited);
    let op = world.lift_op(&hold);
    assert_eq!(world.code("gx", op.clone(), &[]), Code::NotEntitledToLift);
    world.ok("cq", op, &[]);
}

#[test]
fn only_customs_place_customs_holds_and_only_branches_freeze() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    assert_eq!(world.code("TAXG", customs_op(target), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("B1", regulator_op(target), &[]), Code::RoleNotPermitted);
}
