//! `pledge.extend` and `pledge.release`.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::{Create, Extend, Release};
use landsea_types::operation::waybill::AnswerSurrender;
use landsea_types::role::{DocState, HoldKind, PledgeState, ReleaseReason};
use landsea_types::{Code, DocId, Operation, PledgeId};

fn pledged() -> (World, DocId, PledgeId) {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    (world, doc, pledge)
}

#[test]
fn the_pledgee_extends_with_the_pledgors_consent() {
    let (mut world, _, pledge) = pledged();
    let op = world.extend_op(&pledge, 400);
    let outcome = world.ok("B1", op, &["E5"]);
    event(&outcome, EventName::PledgeExtended);
    let record = world.pledge(&pledge);
    assert_eq!((record.state, record.ver), (PledgeState::Active, 2));
    assert_eq!(record.grace_until, record.reg_until.saturating_add(15 * DAY));
}

#[test]
fn an_extension_agreed_in_advance_needs_no_consent() {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    let op = Create { extend_agreed: true, ..world.create_body("B1", "E5", &[(doc, &bill.paper)]) };
    let outcome = world.ok("B1", Operation::PledgeCreate(op), &["E5", "MTO"]);
    let op = world.extend_op(&pledge_of(&outcome), 400);
    world.ok("B1", op, &[]);
}

#[test]
fn others_and_unconsented_extensions_are_refused() {
    let (mut world, _, pledge) = pledged();
    let op = world.extend_op(&pledge, 400);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("B2", op.clone(), &["E5"]), Code::NotPledgee);
    let refused = world.submit("B1", op, &[]);
    assert_eq!((refused.code, refused.args), (Code::ConsentMissing, vec![0]));
    let reg_until = world.next_time().saturating_add(400 * DAY);
    let op = Operation::PledgeExtend(Extend { pledge, expect_ver: 9, reg_until });
    assert_eq!(world.code("B1", op, &["E5"]), Code::StaleVersion);
    let op = Operation::PledgeExtend(Extend { pledge: PledgeId([3; 32]), expect_ver: 1, reg_until });
    assert_eq!(world.code("B1", op, &["E5"]), Code::UnknownObject);
    world.suspend("B1");
    let op = world.extend_op(&pledge, 400);
    assert_eq!(world.code("B1", op, &["E5"]), Code::PartySuspended);
}

#[test]
fn an_extension_is_later_than_the_old_end_and_within_thirty_years() {
    let (mut world, _, pledge) = pledged();
    let old = world.pledge(&pledge).reg_until;
    let op = Operation::PledgeExtend(Extend { pledge, expect_ver: 1, reg_until: old });
    assert_eq!(world.code("B1", op, &["E5"]), Code::TermOutOfLimits);
    let far = world.next_time().saturating_add(30 * 365 * DAY + 1);
    let op = Operation::PledgeExtend(Extend { pledge, expect_ver: 1, reg_until: far });
    assert_eq!(world.code("B1", op, &["E5"]), Code::TermOutOfLimits);
    let reg_until = old.saturating_add(1);
    world.ok("B1", Operation::PledgeExtend(Extend { pledge, expect_ver: 1, reg_until }), &["E5"]);
}

#[test]
fn no_hold_stops_an_extension_and_only_a_regulators_freeze_of_the_goods_stops_a_release() {
    for kind in HoldKind::ALL {
        let (mut world, doc, pledge) = pledged();
        world.place_hold(&doc.0, *kind);
        let op = world.extend_op(&pledge, 400);
        world.ok("B1", op, &["E5"]);
        let op = world.release_op(&pledge);
        let expected = if *kind == HoldKind::RegulatorFreeze { Code::Held } else { Code::Ok };
        assert_eq!(world.code("B1", op, &[]), expected, "{kind}");
    }
}

#[test]
fn a_court_freeze_of_the_claim_stops_release() {
    let (mut world, _, pledge) = pledged();
    world.place_hold(&pledge.0, HoldKind::CourtFreeze);
    let op = world.release_op(&pledge);
    let refused = world.submit("B1", op, &[]);
    assert_eq!((refused.code, refused.args), (Code::Held, vec![HoldKind::CourtFreeze as u64]));
}

#[test]
fn release_gives_the_document_back_to_the_beneficiary() {
    let (mut world, doc, pledge) = pledged();
    let op = world.release_op(&pledge);
    let outcome = world.ok("B1", op, &[]);
    event(&outcome, EventName::PledgeReleased);
    let record = world.doc(&doc);
    assert_eq!((record.holder, record.enc), (world.account("E5"), None));
    assert_eq!(world.encumbrance(&doc.0), None);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Released);
    assert_eq!(world.pledge(&pledge).release_reason, Some(ReleaseReason::Obsa));
}

#[test]
fn a_released_pledge_is_neither_released_nor_extended_again() {
    let (mut world, _, pledge) = pledged();
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    let op = world.release_op(&pledge);
    assert_eq!(world.code("B1", op, &[]), Code::PledgeState);
    let op = world.extend_op(&pledge, 400);
    assert_eq!(world.code("B1", op, &["E5"]), Code::PledgeState);
}

#[test]
fn only_the_pledgee_releases_and_even_when_suspended() {
    let (mut world, _, pledge) = pledged();
    let op = world.release_op(&pledge);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("B2", op, &[]), Code::NotPledgee);
    let stale = Release { pledge, expect_ver: 9, reason: ReleaseReason::Errg };
    assert_eq!(world.code("B1", Operation::PledgeRelease(stale), &[]), Code::StaleVersion);
    world.suspend("B1");
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
}

#[test]
fn a_release_while_the_bill_is_surrendered_returns_it_to_the_beneficiary_on_rejection() {
    let (mut world, doc, pledge) = pledged();
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    assert_eq!(world.doc(&doc).state, DocState::PendDelivery);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    assert_eq!(world.doc(&doc).holder, world.account("MTO"), "the issuer keeps what was surrendered");
    let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept: false, version: None };
    world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    assert_eq!(world.doc(&doc).holder, world.account("E5"));
}

#[test]
fn after_a_rejected_surrender_the_pledge_stands_and_its_release_frees_the_bill() {
    let (mut world, doc, pledge) = pledged();
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept: false, version: None };
    world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    assert_eq!(world.doc(&doc).holder, world.account("B1"));
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    assert_eq!(world.doc(&doc).holder, world.account("E5"));
}
