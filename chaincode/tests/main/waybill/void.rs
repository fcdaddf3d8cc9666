//! Voids of waybills, notes and receipts.

use super::acts::children_of;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::VoidDoc;
use landsea_types::role::{DocKind, DocState, HoldKind, LotStatus, PledgeState};
use landsea_types::{Code, Commit, DocId, Operation};

fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

fn void_code(world: &mut World, by: &str, doc: &DocId, by_order: bool, consents: &[&str]) -> Code {
    let op = world.void_op(doc, by_order);
    world.code(by, op, consents)
}

#[test]
fn the_issuer_voids_what_nobody_has_touched() {
    let (mut world, doc) = bill_of_e5();
    let op = world.void_op(&doc, false);
    let outcome = world.submit("MTO", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]), "the first holder agrees");
    let outcome = world.ok("MTO", op, &["E5"]);
    let told = event(&outcome, EventName::Voided);
    assert_eq!((told.args.clone(), told.related.len()), (vec![0], 3));
    assert_eq!(world.doc(&doc).state, DocState::Void);
    for lot in world.lots(&doc) {
        assert_eq!((lot.status, lot.title), (LotStatus::Consumed, None));
        assert!(world.state.view().goods_key(&lot.keys[0].key).is_empty(), "the key is free");
    }
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5"]), Code::DocumentState, "once");
    let op = world.issue_op(&Bill::s1());
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DuplicateDocument, "the number stays used");
    let op = world.issue_op(&Bill::new("NEXT-1", &["C:XLHU2601019"]));
    assert_eq!(world.code("MTO", op, &["E5"]), Code::Ok);
}

#[test]
fn what_has_changed_hands_or_papers_is_not_voided_by_its_issuer() {
    let (mut world, doc) = bill_of_e5();
    let op = world.transfer_op(&doc, "E1");
    world.ok("E5", op, &[]);
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5", "E1"]), Code::DocumentState, "it was transferred");
    let op = world.transfer_op(&doc, "E5");
    world.ok("E1", op, &[]);
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5"]), Code::DocumentState, "it came back, changed");
    let (mut world, doc) = bill_of_e5();
    let op = world.amend_op(&doc, &Bill::s1().paper.rewritten("amended"));
    world.ok("MTO", op, &["E5"]);
    let second = world.doc(&doc).replaced_by.expect("a new version");
    assert_eq!(void_code(&mut world, "MTO", &second, false, &["E5"]), Code::DocumentState, "it replaces another");
    let (mut world, doc) = bill_of_e5();
    let op = world.split_op(world.halves(&doc, "H"));
    let child = children_of(&world.ok("MTO", op, &["E5"]))[0];
    assert_eq!(void_code(&mut world, "MTO", &child, false, &["E5"]), Code::DocumentState, "it came from another");
}

#[test]
fn a_pledged_or_reserved_document_is_not_voided_by_its_issuer_alone() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5"]), Code::Encumbered);
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5", "B1"]), Code::Encumbered, "not even with the bank");
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5"]), Code::DocumentState, "it has been pledged");
    let (mut world, doc) = bill_of_e5();
    world.reserve("B1", "E5", &doc, 24);
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5"]), Code::ReservedByOther);
    assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5", "B1"]), Code::Ok);
    assert!(world.reservation(&doc.0).is_none());
}

#[test]
fn an_issuer_is_barred_by_holds_a_court_is_not() {
    for kind in HoldKind::ALL {
        let (mut world, doc) = bill_of_e5();
        world.place_hold(&doc.0, *kind);
        let expected = if *kind == HoldKind::Deficit { Code::Ok } else { Code::Held };
        assert_eq!(void_code(&mut world, "MTO", &doc, false, &["E5"]), expected, "{kind}");
        let (mut world, doc) = bill_of_e5();
        world.place_hold(&doc.0, *kind);
        assert_eq!(void_code(&mut world, "cq", &doc, true, &[]), Code::Ok, "{kind}");
    }
}

#[test]
fn a_branch_voids_by_order_in_every_living_state() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.void_op(&doc, true);
    let outcome = world.ok("cq", op, &[]);
    assert_eq!(event(&outcome, EventName::Voided).args, vec![1]);
    event(&outcome, EventName::PledgeVoided);
    assert!(!event(&outcome, EventName::Voided).parties.contains(&world.account("B1")), "no bank is named");
    assert_eq!((world.doc(&doc).state, world.doc(&doc).enc), (DocState::Void, None));
    assert_eq!(world.pledge(&pledge).state, PledgeState::Voided);
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Consumed && lot.enc.is_none()));
    assert_eq!(void_code(&mut world, "cq", &doc, true, &[]), Code::DocumentState);
    let (mut world, doc) = bill_of_e5();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    assert_eq!(void_code(&mut world, "cq", &doc, true, &[]), Code::Ok, "while a surrender waits");
    assert!(world.reservation(&doc.0).is_none());
    let mut world = World::new();
    let note = {
        let op = world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &Paper::new("N-1", &["C:1"]));
        DocId(subject_of(&world.ok("R-CD", op, &[]), EventName::DocAnchored))
    };
    assert_eq!(void_code(&mut world, "sc", &note, true, &[]), Code::Ok, "a note");
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(void_code(&mut world, "cq", &receipt, true, &[]), Code::Ok, "a receipt");
    assert_eq!(world.doc(&receipt).state, DocState::Void);
}

#[test]
fn a_pledge_goes_on_over_the_documents_that_are_left() {
    let mut world = World::new();
    let bills = [Bill::new("A-1", &["C:1"]), Bill::new("A-2", &["C:2"])];
    let docs = [world.issue_bill(&bills[0]), world.issue_bill(&bills[1])];
    let body = world.create_body("B1", "E5", &[(docs[0], &bills[0].paper), (docs[1], &bills[1].paper)]);
    let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO"]));
    assert_eq!(void_code(&mut world, "cq", &docs[0], true, &[]), Code::Ok);
    let left = world.pledge(&pledge);
    assert_eq!((left.state, left.docs.clone(), left.lots.len()), (PledgeState::Active, vec![docs[1]], 1));
    assert!(world.encumbrance(&docs[1].0).is_some());
}

#[test]
fn checks_of_a_void_come_in_order() {
    let (mut world, doc) = bill_of_e5();
    assert_eq!(void_code(&mut world, "E5", &doc, false, &["MTO"]), Code::RoleNotPermitted);
    assert_eq!(void_code(&mut world, "MTO", &doc, true, &["E5"]), Code::RoleNotPermitted, "an issuer has no order");
    assert_eq!(void_code(&mut world, "cq", &doc, false, &[]), Code::RoleNotPermitted, "a branch needs one");
    assert_eq!(void_code(&mut world, "gx", &doc, true, &[]), Code::RoleNotPermitted, "another branch's document");
    let body = |doc, expect_ver, order| Operation::WaybillVoid(VoidDoc { doc, expect_ver, order });
    assert_eq!(world.code("cq", body(doc, 1, Some(Commit::default())), &[]), Code::RoleNotPermitted, "an empty order");
    assert_eq!(world.code("MTO", body(DocId([7; 32]), 1, None), &["E5"]), Code::UnknownObject);
    assert_eq!(world.code("MTO", body(doc, 2, None), &["E5"]), Code::StaleVersion);
    assert_eq!(void_code(&mut world, "R-CD", &doc, false, &["E5"]), Code::NotHolder);
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(world.code("PORT", body(receipt, 1, None), &["E1"]), Code::NotPledgeableHere);
    assert_eq!(world.code("cq", body(receipt, 1, Some(commit("order"))), &[]), Code::NotPledgeableHere);
    let wrong = Operation::WarehouseVoid(VoidDoc { doc, expect_ver: 1, order: None });
    assert_eq!(world.code("COLD", wrong, &["E5"]), Code::NotPledgeableHere);
    assert_eq!(void_code(&mut world, "COLD", &receipt, false, &["E1"]), Code::Ok);
}
