//! `waybill.reject_back`.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::{Endorsement, RejectBack};
use landsea_types::role::HoldKind;
use landsea_types::{Code, DocId, Operation};

/// A bill of E5 that E4 has just received.
fn received() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let op = world.transfer_op(&doc, "E4");
    world.ok("E5", op, &[]);
    (world, doc)
}

fn reject(world: &mut World, by: &str, doc: &DocId) -> Code {
    let op = world.reject_op(doc);
    world.code(by, op, &[])
}

#[test]
fn a_received_bill_goes_back_to_whom_it_came_from() {
    let (mut world, doc) = received();
    let op = world.reject_op(&doc);
    let outcome = world.ok("E4", op, &[]);
    let told = event(&outcome, EventName::TransferRejected);
    assert_eq!(told.parties, vec![world.account("E4"), world.account("E5")]);
    let back = world.doc(&doc);
    assert_eq!((back.holder, back.beneficiary), (world.account("E5"), Some(world.account("E5"))));
    assert_eq!((back.chain_len, back.previous), (3, (None, None)));
    let op = world.transfer_op(&doc, "E1");
    world.ok("E5", op, &[]);
}

#[test]
fn an_endorsement_is_rejected_like_a_transfer_and_one_in_blank_is_not() {
    for endorsement in [
        |w: &World| Endorsement::Named { to: w.account("E4") },
        |w: &World| Endorsement::ToOrder { to: w.account("E4") },
    ] {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::s1());
        let op = world.endorse_op(&doc, endorsement(&world));
        world.ok("E5", op, &[]);
        assert_eq!(reject(&mut world, "E4", &doc), Code::Ok);
    }
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let op = world.endorse_op(&doc, Endorsement::Blank);
    world.ok("E5", op, &[]);
    assert_eq!(reject(&mut world, "E5", &doc), Code::DocumentState, "nobody has received it");
}

#[test]
fn only_the_first_act_within_the_term_rejects() {
    let (mut world, doc) = received();
    world.pass(24 * HOUR);
    assert_eq!(reject(&mut world, "E4", &doc), Code::DocumentState, "the next block comes after 24 hours");
    let (mut world, doc) = received();
    world.advance(24 * HOUR);
    assert_eq!(reject(&mut world, "E4", &doc), Code::Ok, "after exactly 24 hours");
    let mut world = World::with(Setup { parameters: vec![(ParamKey::RejectBackMs, HOUR)], ..Setup::default() });
    let doc = world.issue_bill(&Bill::s1());
    let op = world.transfer_op(&doc, "E4");
    world.ok("E5", op, &[]);
    world.advance(HOUR + 1);
    assert_eq!(reject(&mut world, "E4", &doc), Code::DocumentState, "the term is a parameter");
}

#[test]
fn who_has_acted_on_it_has_accepted_it() {
    let (mut world, doc) = received();
    let op = world.nominate_op(&doc, Some("E1"));
    world.ok("E4", op, &[]);
    assert_eq!(reject(&mut world, "E4", &doc), Code::DocumentState, "it named a successor");
    let (mut world, doc) = received();
    world.reserve("B1", "E4", &doc, 24);
    assert_eq!(reject(&mut world, "E4", &doc), Code::DocumentState, "it promised the bill to a bank");
    let (mut world, doc) = received();
    world.pledge_doc("B1", "E4", "MTO", &doc, &Bill::s1().paper);
    assert_eq!(reject(&mut world, "E4", &doc), Code::DocumentState, "it pledged the bill");
    let (mut world, doc) = received();
    let op = world.instruct_op(&doc, landsea_types::role::InstructionKind::Stop);
    world.ok("E4", op, &[]);
    assert_eq!(reject(&mut world, "E4", &doc), Code::DocumentState, "it told the carrier what to do");
}

#[test]
fn what_was_rejected_is_not_rejected_again() {
    let (mut world, doc) = received();
    assert_eq!(reject(&mut world, "E4", &doc), Code::Ok);
    assert_eq!(reject(&mut world, "E5", &doc), Code::DocumentState);
    let (mut world, doc) = received();
    let fresh = world.issue_bill(&Bill::new("A-2", &["C:2"]));
    assert_eq!(reject(&mut world, "E5", &fresh), Code::DocumentState, "an issue is no transfer");
    assert_eq!(reject(&mut world, "E5", &doc), Code::NotHolder, "who gave it cannot take it back");
}

#[test]
fn under_a_pledge_the_beneficiary_returns_and_the_pledgee_holds_on() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    let op = world.transfer_op(&doc, "E4");
    world.ok("E5", op, &["B1"]);
    assert_eq!(world.doc(&doc).beneficiary, Some(world.account("E4")));
    assert_eq!(reject(&mut world, "E4", &doc), Code::Ok, "no consent is asked for");
    let back = world.doc(&doc);
    assert_eq!((back.holder, back.beneficiary), (world.account("B1"), Some(world.account("E5"))));
}

#[test]
fn under_enforcement_nothing_goes_back() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.transfer_op(&doc, "E4");
    world.ok("E5", op, &["B1"]);
    let (expect_ver, notice) = (world.pledge(&pledge).ver, commit("notice of default"));
    let default = landsea_types::operation::pledge::DeclareDefault { pledge, expect_ver, notice };
    world.ok("B1", Operation::PledgeDeclareDefault(default), &[]);
    assert_eq!(reject(&mut world, "E4", &doc), Code::PledgeState);
}

#[test]
fn a_pledge_that_ended_meanwhile_leaves_no_bank_behind() {
    let mut world = World::with(Setup {
        parameters: vec![(ParamKey::RegMinMs, HOUR), (ParamKey::MaturedGraceMs, HOUR)],
        ..Setup::default()
    });
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    let mut terms = world.create_body("B1", "E5", &[(doc, &bill.paper)]);
    terms.reg_until = world.next_time().saturating_add(HOUR);
    world.ok("B1", Operation::PledgeCreate(terms), &["E5", "MTO"]);
    let op = world.transfer_op(&doc, "E4");
    world.ok("E5", op, &["B1"]);
    world.pass(3 * HOUR);
    assert_eq!((world.doc(&doc).enc, world.doc(&doc).holder), (None, world.account("E4")), "lapsed to the beneficiary");
    assert_eq!(reject(&mut world, "E4", &doc), Code::Ok);
    let back = world.doc(&doc);
    assert_eq!((back.holder, back.beneficiary), (world.account("E5"), Some(world.account("E5"))));
}

#[test]
fn checks_of_a_rejection_come_in_order() {
    let (mut world, doc) = received();
    assert_eq!(reject(&mut world, "MTO", &doc), Code::RoleNotPermitted);
    assert_eq!(reject(&mut world, "E1", &doc), Code::NotHolder);
    let body = |doc, expect_ver| Operation::WaybillRejectBack(RejectBack { doc, expect_ver });
    assert_eq!(world.code("E4", body(DocId([7; 32]), 2), &[]), Code::UnknownObject);
    assert_eq!(world.code("E4", body(doc, 1), &[]), Code::StaleVersion);
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(reject(&mut world, "E1", &receipt), Code::NotPledgeableHere);
    world.place_hold(&doc.0, HoldKind::CourtFreeze);
    assert_eq!(reject(&mut world, "E4", &doc), Code::Held);
    world.lift_hold(&doc.0);
    world.suspend("E4");
    assert_eq!(reject(&mut world, "E4", &doc), Code::PartySuspended);
}
