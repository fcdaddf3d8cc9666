//! Surrender and its answer.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{AnswerSurrender, Endorsement};
use landsea_types::role::{DocKind, DocState, HoldKind, LotStatus, OrderType, PledgeState};
use landsea_types::{Code, Commit, DocId, Operation};

fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

fn surrender_code(world: &mut World, by: &str, doc: &DocId, consents: &[&str]) -> Code {
    let op = world.surrender_op(doc);
    world.code(by, op, consents)
}

fn answer_code(world: &mut World, by: &str, doc: &DocId, accept: bool) -> Code {
    let op = world.answer_op(doc, accept, None);
    world.code(by, op, &[])
}

#[test]
fn a_surrendered_document_is_the_issuers_until_it_answers() {
    let (mut world, doc) = bill_of_e5();
    let op = world.surrender_op(&doc);
    let outcome = world.ok("E5", op, &[]);
    assert_eq!(event(&outcome, EventName::SurrenderRequested).args, vec![0]);
    let record = world.doc(&doc);
    assert_eq!((record.state, record.holder), (DocState::PendDelivery, world.account("MTO")));
    assert_eq!(record.surrendered.expect("kept").by, world.account("E5"));
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Active), "nothing has left yet");
}

#[test]
fn an_accepted_surrender_delivers_and_ends_the_document() {
    let (mut world, doc) = bill_of_e5();
    let outcome = world.deliver("E5", &doc);
    assert_eq!(event(&outcome, EventName::SurrenderAnswered).args, vec![1]);
    assert_eq!(event(&outcome, EventName::Accomplished).related.len(), 3);
    assert_eq!(world.doc(&doc).state, DocState::Accomplished);
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Delivered && lot.title.is_none()));
}

#[test]
fn a_rejection_restores_what_was() {
    let (mut world, doc) = bill_of_e5();
    let before = world.doc(&doc);
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::Ok);
    assert_eq!(answer_code(&mut world, "MTO", &doc, false), Code::Ok);
    let after = world.doc(&doc);
    assert_eq!((after.state, after.holder, after.beneficiary), (DocState::Active, before.holder, before.beneficiary));
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::Ok, "it may be surrendered again");
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::Ok);
}

#[test]
fn a_surrender_is_answered_once() {
    for accept in [true, false] {
        let (mut world, doc) = bill_of_e5();
        assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::Ok);
        assert_eq!(answer_code(&mut world, "MTO", &doc, accept), Code::Ok);
        assert_eq!(answer_code(&mut world, "MTO", &doc, accept), Code::SurrenderAnswered);
        assert_eq!(answer_code(&mut world, "MTO", &doc, !accept), Code::SurrenderAnswered);
    }
}

#[test]
fn what_was_never_surrendered_answers_3004() {
    let (mut world, doc) = bill_of_e5();
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::DocumentState);
}

#[test]
fn only_the_issuer_answers() {
    let (mut world, doc) = bill_of_e5();
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::Ok);
    assert_eq!(answer_code(&mut world, "R-CD", &doc, true), Code::NotHolder);
    assert_eq!(answer_code(&mut world, "R-CD", &doc, false), Code::NotHolder);
    assert_eq!(answer_code(&mut world, "E5", &doc, true), Code::RoleNotPermitted);
    let op = Operation::WaybillAnswerSurrender(AnswerSurrender { doc, expect_ver: 1, accept: true, version: None });
    assert_eq!(world.code("MTO", op, &[]), Code::StaleVersion);
    let outcome = {
        let body = AnswerSurrender { doc: DocId([7; 32]), expect_ver: 1, accept: true, version: None };
        world.submit("MTO", Operation::WaybillAnswerSurrender(body), &[])
    };
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![0]));
    world.suspend("MTO");
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::PartySuspended);
}

#[test]
fn only_the_sole_holder_surrenders() {
    let (mut world, doc) = bill_of_e5();
    assert_eq!(surrender_code(&mut world, "E1", &doc, &[]), Code::NotHolder);
    let mut record = world.doc(&doc);
    (record.beneficiary, record.ver) = (Some(world.account("E1")), 2);
    world.edit(|view| view.put_doc(&record));
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::NotHolder, "another is beneficiary");
    let bearer = world.issue_bill(&Bill { order_type: OrderType::Bearer, ..Bill::new("A-2", &["C:2"]) });
    assert_eq!(surrender_code(&mut world, "E5", &bearer, &[]), Code::Ok, "in blank");
    assert_eq!(answer_code(&mut world, "MTO", &bearer, false), Code::Ok);
    assert_eq!((world.doc(&bearer).holder, world.doc(&bearer).beneficiary), (world.account("E5"), None));
    world.suspend("E5");
    assert_eq!(surrender_code(&mut world, "E5", &bearer, &[]), Code::PartySuspended);
}

#[test]
fn a_receipt_is_not_surrendered_as_a_waybill() {
    let mut world = World::new();
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(surrender_code(&mut world, "E1", &receipt, &[]), Code::NotPledgeableHere);
    let op = world.answer_op(&receipt, true, None);
    assert_eq!(world.code("MTO", op, &[]), Code::NotPledgeableHere);
}

#[test]
fn holds_bar_surrender_and_delivery_but_a_deficit_bars_no_whole_delivery() {
    for (kind, code) in [
        (HoldKind::Dispute, Code::Held),
        (HoldKind::CourtFreeze, Code::Held),
        (HoldKind::RegulatorFreeze, Code::Held),
        (HoldKind::CustomsHold, Code::Held),
        (HoldKind::LossStop, Code::Held),
        (HoldKind::Deficit, Code::Ok),
    ] {
        let (mut world, doc) = bill_of_e5();
        world.place_hold(&doc.0, kind);
        assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), code, "{kind}");
    }
}

#[test]
fn a_hold_placed_after_surrender_bars_acceptance_and_not_rejection() {
    let (mut world, doc) = bill_of_e5();
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::Ok);
    let who_surrendered = world.account("E5");
    for target in [doc.0, world.doc(&doc).lots[1].0, who_surrendered.0] {
        world.place_hold(&target, HoldKind::CourtFreeze);
        assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::Held);
        world.lift_hold(&target);
    }
    world.place_hold(&doc.0, HoldKind::CustomsHold);
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::Held);
    assert_eq!(answer_code(&mut world, "MTO", &doc, false), Code::Ok);
}

#[test]
fn a_pledged_document_is_surrendered_with_the_pledgees_consent_and_released_on_delivery_only() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::Encumbered);
    assert_eq!(surrender_code(&mut world, "B2", &doc, &[]), Code::Encumbered, "3006 before 3005");
    assert_eq!(surrender_code(&mut world, "E5", &doc, &["B1"]), Code::Ok);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Active);
    assert!(world.encumbrance(&doc.0).is_some());
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::Ok);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Released);
    assert!(world.encumbrance(&doc.0).is_none());
    assert_eq!(world.doc(&doc).state, DocState::Accomplished);
}

#[test]
fn a_rejected_surrender_leaves_the_pledge_as_it_was() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    assert_eq!(surrender_code(&mut world, "E5", &doc, &["B1"]), Code::Ok);
    assert_eq!(answer_code(&mut world, "MTO", &doc, false), Code::Ok);
    let record = world.doc(&doc);
    assert_eq!((record.holder, record.beneficiary), (world.account("B1"), Some(world.account("E5"))));
    assert_eq!((record.enc, world.pledge(&pledge).state), (Some(pledge), PledgeState::Active));
}

#[test]
fn a_pledge_released_while_surrendered_returns_the_document_to_the_firm_on_rejection() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    assert_eq!(surrender_code(&mut world, "E5", &doc, &["B1"]), Code::Ok);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    assert_eq!(world.doc(&doc).state, DocState::PendDelivery);
    assert_eq!(answer_code(&mut world, "MTO", &doc, false), Code::Ok);
    let record = world.doc(&doc);
    assert_eq!((record.holder, record.beneficiary), (world.account("E5"), Some(world.account("E5"))));
}

#[test]
fn a_reserved_document_is_surrendered_with_the_reserving_banks_consent_and_loses_the_reservation_on_delivery() {
    let (mut world, doc) = bill_of_e5();
    world.reserve("B1", "E5", &doc, 24);
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::ReservedByOther);
    assert_eq!(surrender_code(&mut world, "E5", &doc, &["B1"]), Code::Ok);
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::Ok);
    assert!(world.reservation(&doc.0).is_none());
    assert!(world.lots(&doc).iter().all(|lot| world.reservation(&lot.id.0).is_none()));
}

#[test]
fn an_endorsee_surrenders_and_the_goods_are_free_for_new_papers() {
    let (mut world, doc) = bill_of_e5();
    let to = world.account("F1");
    let op = world.endorse_op(&doc, Endorsement::Named { to });
    world.ok("E5", op, &[]);
    world.deliver("F1", &doc);
    assert_eq!(world.doc(&doc).state, DocState::Accomplished);
    world.issue_bill(&Bill::new("NEXT-1", &["C:XLHU2601019"]));
}

fn amended() -> Paper {
    Bill::s1().paper.rewritten("amended content")
}

#[test]
fn an_accepted_amendment_replaces_the_document_with_the_consent_of_who_surrendered() {
    let (mut world, doc) = bill_of_e5();
    let op = world.surrender_amend_op(&doc);
    let outcome = world.ok("E5", op, &[]);
    assert_eq!(event(&outcome, EventName::SurrenderRequested).args, vec![1]);
    assert_eq!(world.doc(&doc).state, DocState::PendAmend);
    let version = world.version("MTO", DocKind::NCD, &amended());
    let op = world.answer_op(&doc, true, Some(version));
    let outcome = world.submit("MTO", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let outcome = world.ok("MTO", op, &["E5"]);
    assert_eq!(events(&outcome, EventName::Amended).len(), 1);
    let old = world.doc(&doc);
    let new = world.doc(&old.replaced_by.expect("a new version"));
    assert_eq!((old.state, new.state, new.replaces), (DocState::Replaced, DocState::Active, Some(doc)));
    assert_eq!((new.holder, new.beneficiary), (world.account("E5"), Some(world.account("E5"))));
    assert_eq!(new.surrendered, None);
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::SurrenderAnswered);
}

#[test]
fn a_version_is_the_answer_to_an_accepted_amendment_only() {
    let (mut world, doc) = bill_of_e5();
    assert_eq!(surrender_code(&mut world, "E5", &doc, &[]), Code::Ok);
    let version = world.version("MTO", DocKind::NCD, &amended());
    let op = world.answer_op(&doc, true, Some(version));
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DocumentState);
    assert_eq!(answer_code(&mut world, "MTO", &doc, false), Code::Ok);
    let op = world.surrender_amend_op(&doc);
    world.ok("E5", op, &[]);
    assert_eq!(answer_code(&mut world, "MTO", &doc, true), Code::TicketInvalid, "accepted without a version");
    let mut version = world.version("MTO", DocKind::NCD, &amended());
    let op = world.answer_op(&doc, false, Some(version.clone()));
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DocumentState, "rejected with a version");
    version.control_agreement = Commit::default();
    let op = world.answer_op(&doc, true, Some(version));
    assert_eq!(world.code("MTO", op, &["E5"]), Code::NotPledgeableHere);
}

#[test]
fn a_pledged_documents_amendment_needs_the_pledgee_twice() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.surrender_amend_op(&doc);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::Encumbered);
    assert_eq!(world.code("E5", op, &["B1"]), Code::Ok);
    let version = world.version("MTO", DocKind::NCD, &amended());
    let op = world.answer_op(&doc, true, Some(version));
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::Encumbered);
    let priority = world.pledge(&pledge).priority;
    assert_eq!(world.code("MTO", op, &["E5", "B1"]), Code::Ok);
    let new = world.doc(&world.doc(&doc).replaced_by.expect("a new version"));
    assert_eq!((new.enc, new.holder, new.beneficiary), (Some(pledge), world.account("B1"), Some(world.account("E5"))));
    assert_eq!(world.pledge(&pledge).docs, vec![new.id]);
    assert_eq!(world.encumbrance(&new.id.0).expect("encumbered").priority, priority);
}

#[test]
fn a_default_declared_meanwhile_stops_the_acceptance_and_not_the_rejection() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    let (expect_ver, notice) = (world.pledge(&pledge).ver, commit("notice of default"));
    let default = landsea_types::operation::pledge::DeclareDefault { pledge, expect_ver, notice };
    world.ok("B1", Operation::PledgeDeclareDefault(default), &[]);
    let op = world.answer_op(&doc, true, None);
    assert_eq!(world.code("MTO", op, &[]), Code::PledgeState);
    let op = world.answer_op(&doc, false, None);
    assert_eq!(world.code("MTO", op, &[]), Code::Ok);
    let op = world.surrender_op(&doc);
    assert_eq!(world.code("E5", op, &["B1"]), Code::PledgeState, "nor is it surrendered again");
}
