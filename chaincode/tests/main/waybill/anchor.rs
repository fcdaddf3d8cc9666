//! `waybill.anchor` and `waybill.adopt`.

use super::acts::leg;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::Adopt;
use landsea_types::role::{DocKind, DocState};
use landsea_types::{Code, DocId, Operation};

/// A rail note over the first two containers of the bill, with wagons of its own.
fn rail_note() -> Paper {
    Paper::new("CD2026TJC0304417", &["C:XLHU2601019", "C:XLHU2601024", "W:5231701|20260304", "W:5231702|20260304"])
}

fn adopt_code(world: &mut World, by: &str, title: &DocId, note: &DocId) -> Code {
    let op = world.adopt_op(title, note);
    world.code(by, op, &[])
}

#[test]
fn a_note_is_anchored_without_lots_and_takes_no_key() {
    let mut world = World::new();
    let note = world.anchor_note(&rail_note());
    let doc = world.doc(&note);
    assert_eq!((doc.state, doc.lots.len(), doc.note_keys.len()), (DocState::Anchored, 0, 4));
    assert_eq!(world.state.view().goods_key(&key("C:XLHU2601019").key), Vec::new());
    world.issue_bill(&Bill::s1());
}

#[test]
fn carriers_and_forwarders_anchor_notes_and_nobody_else() {
    for (by, code) in [
        ("R-CD", Code::Ok),
        ("OCEAN", Code::Ok),
        ("FF", Code::Ok),
        ("MTO", Code::Ok),
        ("COLD", Code::RoleNotPermitted),
        ("B1", Code::RoleNotPermitted),
        ("E5", Code::RoleNotPermitted),
        ("cq", Code::RoleNotPermitted),
    ] {
        let mut world = World::new();
        let op = world.anchor_op(by, DocKind::LEG_NOTE_SMGS, &rail_note());
        assert_eq!(world.code(by, op, &[]), code, "{by}");
    }
}

#[test]
fn only_notes_and_house_bills_are_anchored() {
    for (kind, code) in [
        (DocKind::LEG_NOTE_CN, Code::Ok),
        (DocKind::LEG_NOTE_CIM, Code::Ok),
        (DocKind::HOUSE_BILL, Code::Ok),
        (DocKind::MTD, Code::NotPledgeableHere),
        (DocKind::WHR, Code::NotPledgeableHere),
        (DocKind::PARTY, Code::NotPledgeableHere),
        (DocKind(999), Code::UnknownKindOrRules),
    ] {
        let mut world = World::new();
        let op = world.anchor_op("FF", kind, &rail_note());
        assert_eq!(world.code("FF", op, &[]), code, "kind {}", kind.0);
    }
}

#[test]
fn a_second_anchor_of_one_note_answers_3001_and_of_one_content_3002() {
    let mut world = World::new();
    world.anchor_note(&rail_note());
    let op = world.anchor_op("R-NN", DocKind::LEG_NOTE_CN, &rail_note().rewritten("other content"));
    let outcome = world.submit("R-NN", op, &[]);
    assert_eq!(outcome.code, Code::DuplicateDocument);
    assert_eq!(outcome.args, vec![u64::from(world.home("R-CD").get())]);
    let op = world.anchor_op("R-NN", DocKind::LEG_NOTE_CN, &rail_note().renumbered("CD2026TJC0304418"));
    assert_eq!(world.code("R-NN", op, &[]), Code::DuplicateContent);
    assert_eq!(world.attempts().len(), 2);
}

#[test]
fn a_note_without_goods_keys_answers_3003() {
    let mut world = World::new();
    let op = world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &Paper::new("N-1", &[]));
    assert_eq!(world.code("R-CD", op, &[]), Code::TicketInvalid);
}

#[test]
fn an_adopted_note_becomes_a_leg_of_the_through_bill() {
    let mut world = World::new();
    let note = world.anchor_note(&rail_note());
    let title = world.issue_bill(&Bill::s1());
    let op = world.adopt_op(&title, &note);
    let outcome = world.ok("MTO", op, &[]);
    let adopted = event(&outcome, EventName::LegAdopted);
    assert_eq!(adopted.members, vec![world.member("cq"), world.member("sc")]);
    let (bill, note) = (world.doc(&title), world.doc(&note));
    assert_eq!((bill.ver, bill.state, bill.base_docs.clone()), (2, DocState::Active, vec![note.id]));
    assert_eq!((bill.legs.len(), bill.legs[0].note_fp), (1, note.fp1));
    assert_eq!((note.state, note.adopted_by, note.ver), (DocState::Anchored, Some(title), 2));
}

#[test]
fn a_note_is_adopted_once() {
    let mut world = World::new();
    let note = world.anchor_note(&rail_note());
    let title = world.issue_bill(&Bill::s1());
    assert_eq!(adopt_code(&mut world, "MTO", &title, &note), Code::Ok);
    assert_eq!(adopt_code(&mut world, "MTO", &title, &note), Code::AnchorAdopted);
}

#[test]
fn the_goods_keys_of_a_note_are_a_nonempty_part_of_the_bills() {
    let mut world = World::new();
    let title = world.issue_bill(&Bill::s1());
    let foreign = world.anchor_note(&Paper::new("N-1", &["C:XLHU2601019", "C:XLHU2601045"]));
    assert_eq!(adopt_code(&mut world, "MTO", &title, &foreign), Code::NotConserved);
    let wagons_only = world.anchor_note(&Paper::new("N-2", &["W:5231701|20260304"]));
    assert_eq!(adopt_code(&mut world, "MTO", &title, &wagons_only), Code::NotConserved);
}

#[test]
fn only_the_issuer_adopts_into_its_bill() {
    let mut world = World::new();
    let note = world.anchor_note(&rail_note());
    let title = world.issue_bill(&Bill::s1());
    assert_eq!(adopt_code(&mut world, "R-CD", &title, &note), Code::NotHolder);
    assert_eq!(adopt_code(&mut world, "E5", &title, &note), Code::RoleNotPermitted);
    world.suspend("MTO");
    assert_eq!(adopt_code(&mut world, "MTO", &title, &note), Code::PartySuspended);
}

#[test]
fn adoption_needs_known_current_and_active_documents() {
    let mut world = World::new();
    let note = world.anchor_note(&rail_note());
    let title = world.issue_bill(&Bill::s1());
    let body = Adopt { title, expect_ver: 1, note, leg: leg(&world, "R-CD") };
    let op = |change: &dyn Fn(&mut Adopt)| {
        let mut body = body.clone();
        change(&mut body);
        Operation::WaybillAdopt(body)
    };
    let nowhere = DocId([7; 32]);
    let outcome = world.submit("MTO", op(&|b| b.title = nowhere), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![0]));
    let outcome = world.submit("MTO", op(&|b| b.note = nowhere), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
    let outcome = world.submit("MTO", op(&|b| b.expect_ver = 9), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::StaleVersion, vec![1]));
    assert_eq!(world.code("MTO", op(&|b| b.expect_ver = 0), &[]), Code::StaleVersion, "0 is for branches only");
    assert_eq!(world.code("MTO", op(&|b| b.note = title), &[]), Code::NotPledgeableHere, "a title is no note");
    assert_eq!(world.code("MTO", op(&|b| b.title = note), &[]), Code::NotPledgeableHere, "a note is no title");
    assert_eq!(world.code("MTO", op(&|b| b.leg.from = *b"tuanjie "), &[]), Code::TooLarge);
    let surrender = world.surrender_op(&title);
    world.ok("E5", surrender, &[]);
    assert_eq!(adopt_code(&mut world, "MTO", &title, &note), Code::DocumentState);
}

#[test]
fn a_bill_issued_over_notes_adopts_them() {
    let mut world = World::new();
    let note = world.anchor_note(&rail_note());
    let bill = Bill::s1();
    let mut body = world.issue_body(&bill);
    body.base_docs = vec![note];
    body.legs = vec![leg(&world, "OCEAN"), leg(&world, "R-CD")];
    let title = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    let doc = world.doc(&title);
    assert!(doc.legs[0].note_fp.is_zero());
    assert_eq!(doc.legs[1].note_fp, world.doc(&note).fp1);
    assert_eq!(world.doc(&note).adopted_by, Some(title));
    assert_eq!(adopt_code(&mut world, "MTO", &title, &note), Code::AnchorAdopted);
}

#[test]
fn base_notes_are_known_anchored_free_and_over_the_same_goods() {
    let mut world = World::new();
    let taken = world.anchor_note(&rail_note());
    let title = world.issue_bill(&Bill::s1());
    assert_eq!(adopt_code(&mut world, "MTO", &title, &taken), Code::Ok);
    let other = world.anchor_note(&Paper::new("N-1", &["C:1", "W:1"]));
    let foreign = world.anchor_note(&Paper::new("N-2", &["C:2"]));
    let mut code = |notes: &[DocId]| {
        let mut body = world.issue_body(&Bill::new("A-2", &["C:1"]));
        body.base_docs = notes.to_vec();
        world.submit("MTO", Operation::WaybillIssue(body), &["E5"])
    };
    let outcome = code(&[other, DocId([7; 32])]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![2]));
    assert_eq!(code(&[taken]).code, Code::AnchorAdopted);
    assert_eq!(code(&[other, other]).code, Code::AnchorAdopted, "named twice");
    assert_eq!(code(&[title]).code, Code::DocumentState);
    assert_eq!(code(&[foreign]).code, Code::NotConserved);
    assert_eq!(code(&[other]).code, Code::Ok);
}
