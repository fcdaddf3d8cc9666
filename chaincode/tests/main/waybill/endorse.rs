//! `waybill.endorse` and `waybill.transfer`.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Endorsement, Transfer};
use landsea_types::role::{HoldKind, OrderType};
use landsea_types::{AccountId, Code, DocId, Operation};

fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

fn holder_of(world: &World, doc: &DocId) -> (String, Option<String>) {
    let doc = world.doc(doc);
    (world.name_of(&doc.holder).into(), doc.beneficiary.map(|b| world.name_of(&b).into()))
}

fn is_held(world: &World, doc: &DocId, holder: &str, beneficiary: Option<&str>) {
    assert_eq!(holder_of(world, doc), (holder.into(), beneficiary.map(Into::into)));
}

fn transfer_code(world: &mut World, by: &str, doc: &DocId, to: &str, consents: &[&str]) -> Code {
    let op = world.transfer_op(doc, to);
    world.code(by, op, consents)
}

#[test]
fn a_transfer_takes_holder_and_beneficiary_along() {
    let (mut world, doc) = bill_of_e5();
    let op = world.transfer_op(&doc, "F1");
    let outcome = world.ok("E5", op, &[]);
    is_held(&world, &doc, "F1", Some("F1"));
    let told = event(&outcome, EventName::Transferred);
    assert_eq!(told.parties, vec![world.account("E5"), world.account("F1")]);
    assert_eq!(world.doc(&doc).chain_len, 2);
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &[]), Code::NotHolder);
    assert_eq!(transfer_code(&mut world, "F1", &doc, "E5", &[]), Code::Ok);
}

#[test]
fn endorsements_name_a_party_its_order_or_nobody() {
    let (mut world, doc) = bill_of_e5();
    let to = world.account("F1");
    let op = world.endorse_op(&doc, Endorsement::Named { to });
    let outcome = world.ok("E5", op, &[]);
    assert_eq!(events(&outcome, EventName::Endorsed).len(), 1);
    is_held(&world, &doc, "F1", Some("F1"));
    let to = world.account("E1");
    let op = world.endorse_op(&doc, Endorsement::ToOrder { to });
    world.ok("F1", op, &[]);
    is_held(&world, &doc, "E1", Some("E1"));
    let op = world.endorse_op(&doc, Endorsement::Blank);
    world.ok("E1", op, &[]);
    is_held(&world, &doc, "E1", None);
}

#[test]
fn a_document_in_blank_passes_by_transfer_and_is_named_by_endorsement() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill { order_type: OrderType::Bearer, ..Bill::s1() });
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &[]), Code::Ok);
    is_held(&world, &doc, "E1", None);
    let to = world.account("F1");
    let op = world.endorse_op(&doc, Endorsement::Named { to });
    world.ok("E1", op, &[]);
    is_held(&world, &doc, "F1", Some("F1"));
}

#[test]
fn a_beneficiary_who_does_not_hold_changes_only_to_the_nominee() {
    let (mut world, doc) = bill_of_e5();
    let mut record = world.doc(&doc);
    (record.beneficiary, record.nominee, record.ver) = (Some(world.account("E1")), Some(world.account("F1")), 2);
    world.edit(|view| view.put_doc(&record));
    let endorse = |world: &World, to: &str| {
        let to = world.account(to);
        world.endorse_op(&doc, Endorsement::Named { to })
    };
    let op = endorse(&world, "E4");
    assert_eq!(world.code("E5", op, &[]), Code::NotHolder);
    let op = world.endorse_op(&doc, Endorsement::Blank);
    assert_eq!(world.code("E5", op, &[]), Code::NotHolder);
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E6", &[]), Code::Ok, "a transfer moves the holder only");
    is_held(&world, &doc, "E6", Some("E1"));
}

#[test]
fn a_nominee_receives_by_endorsement() {
    let (mut world, doc) = bill_of_e5();
    let mut record = world.doc(&doc);
    let to = world.account("F1");
    (record.beneficiary, record.nominee, record.ver) = (Some(world.account("E1")), Some(to), 2);
    world.edit(|view| view.put_doc(&record));
    let op = world.endorse_op(&doc, Endorsement::Named { to });
    world.ok("E5", op, &[]);
    is_held(&world, &doc, "F1", Some("F1"));
    assert_eq!(world.doc(&doc).nominee, None);
}

#[test]
fn holders_are_firms_and_banks() {
    let (mut world, doc) = bill_of_e5();
    for by in ["cq", "MTO", "COLD", "FF"] {
        assert_eq!(transfer_code(&mut world, by, &doc, "E1", &[]), Code::RoleNotPermitted, "{by}");
    }
    assert_eq!(transfer_code(&mut world, "E5", &doc, "B2", &[]), Code::Ok);
    assert_eq!(transfer_code(&mut world, "B2", &doc, "E1", &[]), Code::Ok, "a bank passes on what it holds");
}

#[test]
fn suspended_firms_neither_give_nor_take() {
    let (mut world, doc) = bill_of_e5();
    world.suspend("F1");
    assert_eq!(transfer_code(&mut world, "E5", &doc, "F1", &[]), Code::PartySuspended);
    world.suspend("E5");
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &[]), Code::PartySuspended);
}

#[test]
fn unknown_objects_stale_versions_receipts_and_states_are_refused() {
    let (mut world, doc) = bill_of_e5();
    let op = |doc, expect_ver, to| Operation::WaybillTransfer(Transfer { doc, expect_ver, to });
    let e1 = world.account("E1");
    let outcome = world.submit("E5", op(DocId([7; 32]), 1, e1), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![0]));
    let outcome = world.submit("E5", op(doc, 9, AccountId([7; 32])), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
    assert_eq!(world.code("E1", op(doc, 9, e1), &[]), Code::StaleVersion, "1007 before 3005");
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(transfer_code(&mut world, "E1", &receipt, "E5", &[]), Code::NotPledgeableHere);
    let note = world.anchor_note(&Paper::new("N-1", &["C:9"]));
    assert_eq!(transfer_code(&mut world, "E5", &note, "E1", &[]), Code::NotPledgeableHere);
    let surrender = world.surrender_op(&doc);
    world.ok("E5", surrender, &[]);
    assert_eq!(transfer_code(&mut world, "E1", &doc, "E1", &[]), Code::DocumentState, "3004 before 3005");
}

#[test]
fn a_document_whose_paper_is_out_answers_3108() {
    let (mut world, doc) = bill_of_e5();
    let mut record = world.doc(&doc);
    (record.state, record.ver) = (landsea_types::role::DocState::PaperOut, 2);
    world.edit(|view| view.put_doc(&record));
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &[]), Code::PaperIsOut);
}

#[test]
fn a_lot_that_is_lost_answers_4008() {
    let (mut world, doc) = bill_of_e5();
    let mut lot = world.lots(&doc).remove(1);
    world.checking = false;
    (lot.status, lot.ver) = (landsea_types::role::LotStatus::Lost, 2);
    world.edit(|view| view.put_lot(&lot));
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &[]), Code::LotNotActive);
}

#[test]
fn holds_bar_transfers_except_those_of_customs() {
    for (kind, code) in [
        (HoldKind::Dispute, Code::Held),
        (HoldKind::CourtFreeze, Code::Held),
        (HoldKind::RegulatorFreeze, Code::Held),
        (HoldKind::LossStop, Code::Held),
        (HoldKind::Deficit, Code::Held),
        (HoldKind::CustomsHold, Code::Ok),
    ] {
        let (mut world, doc) = bill_of_e5();
        world.place_hold(&doc.0, kind);
        let op = world.transfer_op(&doc, "E1");
        let outcome = world.submit("E5", op, &[]);
        let args = if code == Code::Held { vec![kind as u64] } else { vec![] };
        assert_eq!((outcome.code, outcome.args), (code, args), "{kind}");
    }
}

#[test]
fn a_hold_on_a_lot_or_on_the_holder_bars_the_document() {
    let (mut world, doc) = bill_of_e5();
    let lot = world.doc(&doc).lots[2];
    let holder = world.account("E5");
    for target in [lot.0, holder.0] {
        world.place_hold(&target, HoldKind::CourtFreeze);
        assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &[]), Code::Held);
        assert_eq!(transfer_code(&mut world, "E1", &doc, "E1", &[]), Code::Held, "6001 before 3005");
        world.lift_hold(&target);
    }
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &[]), Code::Ok);
}

#[test]
fn a_pledged_document_changes_its_beneficiary_only_and_with_the_pledgees_consent() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    assert_eq!(transfer_code(&mut world, "E5", &doc, "F1", &[]), Code::Encumbered);
    assert_eq!(transfer_code(&mut world, "E1", &doc, "F1", &[]), Code::Encumbered, "3006 before 3005");
    assert_eq!(transfer_code(&mut world, "E5", &doc, "F1", &["B2"]), Code::Encumbered, "another bank's consent");
    assert_eq!(transfer_code(&mut world, "E5", &doc, "F1", &["B1"]), Code::Ok);
    is_held(&world, &doc, "B1", Some("F1"));
    assert_eq!(world.pledge(&pledge).pledgor, world.account("E5"));
    assert_eq!(transfer_code(&mut world, "E5", &doc, "E1", &["B1"]), Code::NotHolder);
    let to = world.account("E1");
    let op = world.endorse_op(&doc, Endorsement::Named { to });
    assert_eq!(world.code("F1", op, &["B1"]), Code::Ok);
    is_held(&world, &doc, "B1", Some("E1"));
}

#[test]
fn the_pledgee_itself_does_not_pass_a_pledged_document_on() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    assert_eq!(transfer_code(&mut world, "B1", &doc, "F1", &[]), Code::NotHolder);
}

#[test]
fn a_pledged_document_is_not_endorsed_in_blank() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    let op = world.endorse_op(&doc, Endorsement::Blank);
    assert_eq!(world.code("E5", op, &["B1"]), Code::Encumbered);
}

#[test]
fn a_suspended_pledgees_consent_answers_1006() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    world.suspend("B1");
    assert_eq!(transfer_code(&mut world, "E5", &doc, "F1", &["B1"]), Code::PartySuspended);
}

#[test]
fn a_reserved_document_passes_on_with_the_reserving_banks_consent_only() {
    let (mut world, doc) = bill_of_e5();
    world.reserve("B1", "E5", &doc, 24);
    assert_eq!(transfer_code(&mut world, "E5", &doc, "F1", &[]), Code::ReservedByOther);
    assert_eq!(transfer_code(&mut world, "E1", &doc, "F1", &[]), Code::ReservedByOther, "5002 before 3005");
    assert_eq!(transfer_code(&mut world, "E5", &doc, "F1", &["B1"]), Code::Ok);
    world.pass(25 * HOUR);
    assert_eq!(transfer_code(&mut world, "F1", &doc, "E5", &[]), Code::Ok, "over");
}
