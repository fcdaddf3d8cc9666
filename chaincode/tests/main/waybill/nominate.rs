//! `waybill.nominate`.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Endorsement, Nominate};
use landsea_types::role::{DocKind, HoldKind};
use landsea_types::{AccountId, Code, DocId, Operation};

fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

fn nominate(world: &mut World, by: &str, doc: &DocId, nominee: Option<&str>, consents: &[&str]) -> Code {
    let op = world.nominate_op(doc, nominee);
    world.code(by, op, consents)
}

#[test]
fn the_beneficiary_names_its_successor_and_takes_the_name_back() {
    let (mut world, doc) = bill_of_e5();
    let op = world.nominate_op(&doc, Some("E4"));
    let outcome = world.ok("E5", op, &[]);
    assert_eq!(event(&outcome, EventName::Nominated).args, vec![1]);
    assert_eq!(world.doc(&doc).nominee, Some(world.account("E4")));
    assert_eq!(nominate(&mut world, "E5", &doc, None, &[]), Code::Ok);
    assert_eq!(world.doc(&doc).nominee, None);
}

#[test]
fn a_holder_who_is_not_the_beneficiary_endorses_to_the_nominee_only() {
    let (mut world, doc) = bill_of_e5();
    // A transfer of a bill whose beneficiary is another leaves the beneficiary.
    let (e5, e1) = (world.account("E5"), world.account("E1"));
    world.edit(|view| {
        let mut split = view.doc(&doc).expect("the bill exists");
        (split.beneficiary, split.holder, split.ver) = (Some(e5), e1, 2);
        view.put_doc(&split);
    });
    assert_eq!(nominate(&mut world, "E1", &doc, Some("E4"), &[]), Code::NotHolder, "the holder nominates nobody");
    assert_eq!(nominate(&mut world, "E5", &doc, Some("E4"), &[]), Code::Ok);
    let to_e6 = Endorsement::Named { to: world.account("E6") };
    let op = world.endorse_op(&doc, to_e6);
    assert_eq!(world.code("E1", op, &[]), Code::NotHolder);
    let to_e4 = Endorsement::Named { to: world.account("E4") };
    let op = world.endorse_op(&doc, to_e4);
    assert_eq!(world.code("E1", op, &[]), Code::Ok);
    assert_eq!((world.doc(&doc).holder, world.doc(&doc).nominee), (world.account("E4"), None));
}

#[test]
fn a_pledged_bill_is_nominated_with_the_pledgees_consent() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    assert_eq!(nominate(&mut world, "E5", &doc, Some("E4"), &[]), Code::Encumbered);
    assert_eq!(nominate(&mut world, "B1", &doc, Some("E4"), &[]), Code::NotHolder, "the bank is not beneficiary");
    assert_eq!(nominate(&mut world, "E5", &doc, Some("E4"), &["B1"]), Code::Ok);
}

#[test]
fn checks_of_a_nomination_come_in_order() {
    let (mut world, doc) = bill_of_e5();
    assert_eq!(nominate(&mut world, "MTO", &doc, Some("E4"), &[]), Code::RoleNotPermitted);
    assert_eq!(nominate(&mut world, "E1", &doc, Some("E4"), &[]), Code::NotHolder);
    let body = |doc, expect_ver, nominee| Operation::WaybillNominate(Nominate { doc, expect_ver, nominee });
    assert_eq!(world.code("E5", body(DocId([7; 32]), 1, None), &[]), Code::UnknownObject);
    let outcome = world.submit("E5", body(doc, 1, Some(AccountId([7; 32]))), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
    assert_eq!(world.code("E5", body(doc, 2, None), &[]), Code::StaleVersion);
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(nominate(&mut world, "E1", &receipt, Some("E4"), &[]), Code::NotPledgeableHere);
    let note = {
        let op = world.anchor_op("FF", DocKind::HOUSE_BILL, &Paper::new("HB-1", &["C:7"]));
        DocId(subject_of(&world.ok("FF", op, &[]), EventName::DocAnchored))
    };
    assert_eq!(nominate(&mut world, "E5", &note, Some("E4"), &[]), Code::DocumentState);
    world.place_hold(&doc.0, HoldKind::Dispute);
    assert_eq!(nominate(&mut world, "E5", &doc, Some("E4"), &[]), Code::Held);
    world.lift_hold(&doc.0);
    world.reserve("B1", "E5", &doc, 24);
    assert_eq!(nominate(&mut world, "E5", &doc, Some("E4"), &[]), Code::ReservedByOther);
    assert_eq!(nominate(&mut world, "E5", &doc, Some("E4"), &["B1"]), Code::Ok);
    world.suspend("E4");
    assert_eq!(nominate(&mut world, "E5", &doc, Some("E4"), &["B1"]), Code::PartySuspended);
}
