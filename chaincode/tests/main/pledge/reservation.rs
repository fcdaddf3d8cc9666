//! `pledge.reserve` and `pledge.cancel_reservation`.

use super::with_bill;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::{CancelReservation, Reserve};
use landsea_types::role::{DocKind, DocState, HoldKind, LegalBasis, LotStatus, OrderType};
use landsea_types::{Code, DocId, Operation};

#[test]
fn a_reservation_stands_on_the_document_and_every_lot() {
    let (mut world, _, doc) = with_bill();
    let ver = world.ver(&doc);
    let op = world.reserve_op(&doc, 24);
    let outcome = world.ok("B1", op, &["E5"]);
    let reserved = event(&outcome, EventName::Reserved);
    assert_eq!(reserved.subject.0, doc.0);
    assert_eq!(reserved.members, [world.member("cq")]);
    for target in [doc.0].into_iter().chain(world.doc(&doc).lots.iter().map(|l| l.0)) {
        let reservation = world.reservation(&target).expect("reserved");
        assert_eq!((reservation.bank, reservation.pledgor), (world.account("B1"), world.account("E5")));
    }
    assert_eq!(world.ver(&doc), ver, "a reservation does not change the document");
}

#[test]
fn only_an_active_bank_reserves() {
    let (mut world, _, doc) = with_bill();
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("E5", op, &[]), Code::RoleNotPermitted);
    world.suspend("B1");
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::PartySuspended);
}

#[test]
fn an_unknown_document_answers_1012() {
    let (mut world, _, _) = with_bill();
    let until = world.next_time().saturating_add(HOUR);
    let op = Operation::PledgeReserve(Reserve { doc: DocId([3; 32]), expect_ver: 1, until });
    let refused = world.submit("B1", op, &["E5"]);
    assert_eq!((refused.code, refused.args), (Code::UnknownObject, vec![0]));
}

#[test]
fn a_document_that_is_not_active_answers_3004_and_paper_3108() {
    let (mut world, bill, doc) = with_bill();
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &[]);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::DocumentState);
    let op = world.create_op("B1", "E5", &doc, &bill.paper);
    assert_eq!(world.code("B1", op, &["E5", "MTO"]), Code::DocumentState);

    world.checking = false;
    let mut out = world.doc(&doc);
    out.state = DocState::PaperOut;
    world.edit(|view| view.put_doc(&out));
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::PaperIsOut);
}

#[test]
fn a_lot_that_is_not_active_answers_4008() {
    let (mut world, _, doc) = with_bill();
    world.checking = false;
    let mut lot = world.lots(&doc).swap_remove(1);
    lot.status = LotStatus::Lost;
    world.edit(|view| view.put_lot(&lot));
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::LotNotActive);
}

#[test]
fn every_hold_but_the_customs_one_bars_it_with_its_kind() {
    for kind in HoldKind::ALL {
        let (mut world, bill, doc) = with_bill();
        let lot = world.doc(&doc).lots[2];
        world.place_hold(&lot.0, *kind);
        let reserve = world.reserve_op(&doc, 24);
        let refused = world.submit("B1", reserve, &["E5"]);
        let create = world.create_op("B1", "E5", &doc, &bill.paper);
        if *kind == HoldKind::CustomsHold {
            assert_eq!(refused.code, Code::Ok);
            assert_eq!(world.code("B1", create, &["E5", "MTO"]), Code::Ok);
        } else {
            assert_eq!((refused.code, refused.args), (Code::Held, vec![*kind as u64]));
            assert_eq!(world.code("B1", create, &["E5", "MTO"]), Code::Held);
        }
    }
}

#[test]
fn an_encumbered_document_answers_5001_and_is_journalled() {
    let (mut world, bill, doc) = with_bill();
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let since = world.height.get();
    let op = world.reserve_op(&doc, 24);
    let refused = world.submit("B2", op, &["E5"]);
    assert_eq!((refused.code, refused.args.clone()), (Code::AlreadyPledged, vec![since, 1]));
    event(&refused, EventName::DoublePledgeAttempt);
    let attempt = world.attempts().swap_remove(0);
    assert!(attempt.consented, "the beneficiary consented");
    assert_eq!(attempt.pledgor, world.party("E5").fingerprint);
}

#[test]
fn an_attempt_without_consent_does_not_count_against_the_firm() {
    let (mut world, bill, doc) = with_bill();
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B2", op, &[]), Code::AlreadyPledged);
    let op = world.create_op("B2", "E5", &doc, &bill.paper);
    assert_eq!(world.code("B2", op, &["MTO"]), Code::AlreadyPledged);
    assert!(world.attempts().iter().all(|a| !a.consented));
    assert_eq!(world.attempts().len(), 2);
}

#[test]
fn even_the_pledgee_itself_answers_5001() {
    let (mut world, bill, doc) = with_bill();
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let op = world.create_op("B1", "E5", &doc, &bill.paper);
    assert_eq!(world.code("B1", op, &["E5", "MTO"]), Code::AlreadyPledged);
}

#[test]
fn a_second_reservation_answers_5002_or_5010_for_the_same_bank() {
    let (mut world, _, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B2", op, &["E5"]), Code::ReservedByOther);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
}

#[test]
fn the_encumbrance_is_judged_before_the_version() {
    let (mut world, bill, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 24);
    let until = world.next_time().saturating_add(HOUR);
    let stale = Operation::PledgeReserve(Reserve { doc, expect_ver: 99, until });
    assert_eq!(world.code("B2", stale.clone(), &["E5"]), Code::ReservedByOther);
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    assert_eq!(world.code("B2", stale, &["E5"]), Code::AlreadyPledged);
}

#[test]
fn a_stale_version_of_a_free_document_answers_1007_before_the_consent_is_asked_for() {
    let (mut world, _, doc) = with_bill();
    let until = world.next_time().saturating_add(HOUR);
    for expect_ver in [0, 99] {
        let op = Operation::PledgeReserve(Reserve { doc, expect_ver, until });
        let refused = world.submit("B1", op, &[]);
        assert_eq!((refused.code, refused.args), (Code::StaleVersion, vec![1]));
    }
}

#[test]
fn a_holder_who_is_not_the_beneficiary_answers_5003() {
    let mut world = World::new();
    let blank = Bill { order_type: OrderType::Bearer, ..Bill::s1() };
    let doc = world.issue_bill(&blank);
    if world.doc(&doc).beneficiary.is_some() {
        let mut bearer = world.doc(&doc);
        bearer.beneficiary = None;
        bearer.ver += 1;
        world.edit(|view| view.put_doc(&bearer));
    }
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::PledgorNotSoleHolder);
}

#[test]
fn the_pledgor_must_consent() {
    let (mut world, _, doc) = with_bill();
    let op = world.reserve_op(&doc, 24);
    let refused = world.submit("B1", op.clone(), &[]);
    assert_eq!((refused.code, refused.args), (Code::ConsentMissing, vec![0]));
    assert_eq!(world.code("B1", op.clone(), &["E6"]), Code::ConsentMissing, "another firm's consent is none");
    let for_another_bank = world.consent("E5", "B2", &op);
    assert_eq!(world.submit_with("B1", op, vec![for_another_bank]).code, Code::ConsentInvalid);
    world.suspend("E5");
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::PartySuspended);
}

#[test]
fn the_term_is_at_most_72_hours_and_not_empty() {
    let (mut world, _, doc) = with_bill();
    let longest = world.next_time().saturating_add(72 * HOUR);
    for (until, code) in
        [(longest.saturating_add(1), Code::TermOutOfLimits), (world.next_time(), Code::TermOutOfLimits)]
    {
        let op = Operation::PledgeReserve(Reserve { doc, expect_ver: 1, until });
        assert_eq!(world.code("B1", op, &["E5"]), code);
        world.edit(|_| ());
    }
    let op = world.reserve_op(&doc, 72);
    world.ok("B1", op, &["E5"]);
}

#[test]
fn a_reserved_document_moves_only_with_the_banks_consent() {
    let (mut world, _, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.transfer_op(&doc, "F1");
    assert_eq!(world.code("E5", op, &[]), Code::ReservedByOther);
    let op = world.surrender_op(&doc);
    assert_eq!(world.code("E5", op, &[]), Code::ReservedByOther);
    let op = world.transfer_op(&doc, "F1");
    world.ok("E5", op, &["B1"]);
    assert_eq!(world.doc(&doc).holder, world.account("F1"));
}

#[test]
fn a_cancelled_reservation_leaves_the_bank_cooling_down_and_others_free() {
    let (mut world, _, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.cancel_op(&doc);
    let outcome = world.ok("B1", op, &[]);
    event(&outcome, EventName::ReservationCancelled);
    assert_eq!(world.reservation(&doc.0), None);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
    world.reserve("B2", "E5", &doc, 1);
}

#[test]
fn the_cooldown_ends_after_24_hours() {
    let (mut world, _, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.cancel_op(&doc);
    world.ok("B1", op, &[]);
    world.advance(24 * HOUR - 1);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
    world.advance(1);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::Ok);
}

#[test]
fn a_bank_that_cools_down_may_still_pledge() {
    let (mut world, bill, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.cancel_op(&doc);
    world.ok("B1", op, &[]);
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
}

#[test]
fn a_pledge_uses_the_banks_own_reservation_up_without_a_cooldown() {
    let (mut world, bill, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 24);
    let pledge = world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    assert_eq!(world.reservation(&doc.0), None);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    world.reserve("B1", "E5", &doc, 24);
}

#[test]
fn only_the_reserving_bank_cancels() {
    let (mut world, _, doc) = with_bill();
    let op = world.cancel_op(&doc);
    assert_eq!(world.code("B1", op, &[]), Code::PledgeState, "there is none");
    world.reserve("B1", "E5", &doc, 24);
    let op = world.cancel_op(&doc);
    assert_eq!(world.code("B2", op.clone(), &[]), Code::ReservedByOther);
    assert_eq!(world.code("E5", op, &[]), Code::RoleNotPermitted);
    let op = Operation::PledgeCancelReservation(CancelReservation { doc, expect_ver: 99 });
    assert_eq!(world.code("B1", op, &[]), Code::StaleVersion);
    let op = Operation::PledgeCancelReservation(CancelReservation { doc: DocId([3; 32]), expect_ver: 1 });
    assert_eq!(world.code("B1", op, &[]), Code::UnknownObject);
}

#[test]
fn a_note_without_title_is_not_reserved() {
    let mut world = World::new();
    let op = world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &Paper::new("CD2026TJC0304417", &["C:ONE"]));
    let outcome = world.ok("R-CD", op, &[]);
    let note = DocId(event(&outcome, EventName::DocAnchored).subject.0);
    assert_eq!(world.doc(&note).legal_basis, LegalBasis::None);
    let op = world.reserve_op(&note, 24);
    assert_eq!(world.code("B1", op, &["R-CD"]), Code::DocumentState);
}
