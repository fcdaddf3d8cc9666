//! `waybill.instruct`.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::Instruct;
use landsea_types::record::ChainEntry;
use landsea_types::role::{ChainAction, HoldKind, InstructionKind};
use landsea_types::state::Table;
use landsea_types::{Code, DocId, Operation};

fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

fn instruct(world: &mut World, by: &str, doc: &DocId, consents: &[&str]) -> Code {
    let op = world.instruct_op(doc, InstructionKind::Divert);
    world.code(by, op, consents)
}

#[test]
fn every_instruction_is_told_and_stands_in_the_chain() {
    for (n, kind) in InstructionKind::ALL.iter().enumerate() {
        let (mut world, doc) = bill_of_e5();
        let op = world.instruct_op(&doc, *kind);
        let outcome = world.ok("E5", op, &[]);
        let told = event(&outcome, EventName::InstructionGiven);
        assert_eq!((told.args.clone(), told.subject.0), (vec![n as u64], doc.0));
        assert_eq!(told.parties, vec![world.account("E5"), world.account("MTO")]);
        let key = landsea_chaincode::view::chain_key(&doc, 2);
        let entry: ChainEntry = world.state.view().get(Table::Chain, &key).expect("a second entry");
        assert_eq!((entry.action, entry.recipient), (ChainAction::Instruct, Some(world.account("MTO"))));
        let after = world.doc(&doc);
        assert_eq!((after.holder, after.legs.len(), after.ver), (world.account("E5"), 0, 2), "the carrier acts on it");
    }
}

#[test]
fn a_pledged_bill_is_instructed_by_the_beneficiary_with_the_pledgee() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    assert_eq!(instruct(&mut world, "E5", &doc, &[]), Code::Encumbered);
    assert_eq!(instruct(&mut world, "B1", &doc, &[]), Code::NotHolder);
    assert_eq!(instruct(&mut world, "E5", &doc, &["B1"]), Code::Ok);
}

#[test]
fn no_hold_stops_an_instruction() {
    for kind in HoldKind::ALL {
        let (mut world, doc) = bill_of_e5();
        world.place_hold(&doc.0, *kind);
        assert_eq!(instruct(&mut world, "E5", &doc, &[]), Code::Ok, "{kind}");
    }
}

#[test]
fn checks_of_an_instruction_come_in_order() {
    let (mut world, doc) = bill_of_e5();
    let body = |doc, expect_ver, node| {
        let (instruction, details) = (InstructionKind::Stop, commit("x"));
        Operation::WaybillInstruct(Instruct { doc, expect_ver, instruction, node, details })
    };
    assert_eq!(world.code("MTO", body(doc, 1, *b"cnqzh   "), &[]), Code::TooLarge, "1010 before 1005");
    assert_eq!(world.code("MTO", body(doc, 1, *b"CNQZH   "), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("E5", body(DocId([7; 32]), 1, *b"CNQZH   "), &[]), Code::UnknownObject);
    assert_eq!(world.code("E5", body(doc, 2, *b"CNQZH   "), &[]), Code::StaleVersion);
    assert_eq!(instruct(&mut world, "E1", &doc, &[]), Code::NotHolder);
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(instruct(&mut world, "E1", &receipt, &[]), Code::NotPledgeableHere);
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &[]);
    assert_eq!(instruct(&mut world, "E5", &doc, &[]), Code::DocumentState);
}
