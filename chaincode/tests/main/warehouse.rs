//! Warehouse receipts.

pub mod acts;
mod partial;
mod relocate;
mod s5;
mod storage;
mod walk;

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::warehouse::{EndorseTransfer, Issue, MANDATORY_FIELDS};
use landsea_types::role::{DocKind, DocState, HoldKind, LotStatus, OrderType, PledgeState, Role};
use landsea_types::{AccountId, Code, DocId, Operation, Qty, Uom};

fn receipt() -> Receipt {
    Receipt::new("TJLC-WR-2026-0087", &["B:LZ-1", "B:LZ-2"])
}

fn receipt_of_e1() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_receipt(&receipt());
    (world, doc)
}

/// What issuing a changed receipt answers.
fn code_with(change: impl FnOnce(&mut Issue, &mut World)) -> Code {
    let mut world = World::new();
    let Operation::WarehouseIssue(mut body) = world.receipt_op(&receipt()) else { panic!("an issue") };
    change(&mut body, &mut world);
    world.code("COLD", Operation::WarehouseIssue(body), &["E1"])
}

fn retitle(world: &World, body: &mut Issue, paper: &Paper) {
    body.receipt.ticket = world.ticket("COLD", DocKind::WHR, paper);
    body.receipt.lots = lots_over(paper);
}

fn transfer_code(world: &mut World, by: &str, doc: &DocId, to: &str, consents: &[&str]) -> Code {
    let op = world.endorse_transfer_op(doc, to);
    world.code(by, op, consents)
}

fn deliver_code(world: &mut World, by: &str, doc: &DocId, consents: &[&str]) -> Code {
    let op = world.deliver_op(doc);
    world.code(by, op, consents)
}

#[test]
fn a_receipt_is_held_by_its_depositor_and_kept_by_its_warehouse() {
    let (world, doc) = receipt_of_e1();
    let record = world.doc(&doc);
    let depositor = world.account("E1");
    assert_eq!((record.kind, record.state, record.order_type), (DocKind::WHR, DocState::Active, OrderType::ToOrder));
    assert_eq!((record.holder, record.beneficiary), (depositor, Some(depositor)));
    let part = record.receipt.expect("a receipt");
    assert_eq!((part.depositor, part.supervisor, part.site), (depositor, None, site("site of COLD")));
    let lots = world.lots(&doc);
    assert!(lots.iter().all(|lot| lot.custodian == world.account("COLD") && lot.title == Some(doc)));
    assert_eq!(Qty::sum(lots.iter().map(|lot| lot.qty)), Some(Qty::new(40_000_000)));
}

#[test]
fn only_a_warehouse_with_a_live_licence_for_the_site_issues() {
    let mut world = World::new();
    let op = world.receipt_op(&Receipt { issuer: "MTO", ..receipt() });
    assert_eq!(world.code("MTO", op, &["E1"]), Code::RoleNotPermitted);
    let op = world.receipt_op(&Receipt { issuer: "WUL", ..receipt() });
    assert_eq!(world.code("WUL", op, &["E1"]), Code::LicenceMissing, "another's site");
    let op = world.receipt_op(&Receipt { site: "site of nobody", ..receipt() });
    assert_eq!(world.code("COLD", op, &["E1"]), Code::LicenceMissing);
    world.suspend("COLD");
    let op = world.receipt_op(&receipt());
    assert_eq!(world.code("COLD", op, &["E1"]), Code::PartySuspended);
    let mut world = World::new();
    world.pass(11 * 365 * DAY);
    let op = world.receipt_op(&receipt());
    assert_eq!(world.code("COLD", op, &["E1"]), Code::LicenceMissing, "over");
}

#[test]
fn the_depositor_and_the_sites_supervisor_consent() {
    let mut world = World::new();
    let at_bond = Receipt { issuer: "BOND", site: "site of BOND", depositor: "E6", ..receipt() };
    let op = world.receipt_op(&at_bond);
    let mut refused = |consents: &[&str]| {
        let outcome = world.submit("BOND", op.clone(), consents);
        (outcome.code, outcome.args)
    };
    assert_eq!(refused(&[]), (Code::ConsentMissing, vec![0]));
    assert_eq!(refused(&["SUP"]), (Code::ConsentMissing, vec![0]));
    assert_eq!(refused(&["E6"]), (Code::ConsentMissing, vec![1]), "a bribed warehouse without its supervisor");
    let op = world.receipt_op(&at_bond);
    let wrong_capacity = world.consent_as("SUP", Role::Enterprise, "BOND", &op);
    let depositor = world.consent("E6", "BOND", &op);
    let outcome = world.submit_with("BOND", op.clone(), vec![depositor, wrong_capacity]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![1]));
    let doc = doc_of(&world.ok("BOND", op, &["E6", "SUP"]));
    let supervisor = Some(world.account("SUP"));
    assert_eq!(world.doc(&doc).receipt.expect("a receipt").supervisor, supervisor);
    assert!(world.lots(&doc).iter().all(|lot| lot.supervisor == supervisor));
    world.suspend("SUP");
    let op = world.receipt_op(&Receipt { paper: Paper::new("W-2", &["B:2"]).arrived_in(&["L:LOCAL"]), ..at_bond });
    assert_eq!(world.code("BOND", op, &["E6", "SUP"]), Code::PartySuspended);
}

#[test]
fn batches_packages_vehicles_containers_and_meat_lots_are_stored() {
    for class in ["B", "P", "V", "C", "M"] {
        let key = format!("{class}:1");
        let code = code_with(|body, world| retitle(world, body, &Paper::new("W-1", &[&key]).arrived_in(&["L:LOCAL"])));
        assert_eq!(code, Code::Ok, "class {class}");
    }
    for class in ["W", "L", "Q"] {
        let key = format!("{class}:1");
        let code = code_with(|body, world| retitle(world, body, &Paper::new("W-1", &[&key]).arrived_in(&["L:LOCAL"])));
        assert_eq!(code, Code::UnknownKindOrRules, "class {class}");
    }
}

#[test]
fn one_batch_stands_on_one_receipt_wherever_the_second_is_issued() {
    let (mut world, _) = receipt_of_e1();
    let paper = Paper::new("WR-HH-1", &["B:LZ-1"]).arrived_in(&["L:LOCAL"]);
    let second = Receipt { issuer: "WUL", site: "site of WUL", depositor: "E4", paper };
    let op = world.receipt_op(&second);
    let outcome = world.submit("WUL", op, &["E4"]);
    assert_eq!(outcome.code, Code::GoodsKeyOccupied);
    assert_eq!(event(&outcome, EventName::DuplicateGoods).members, vec![world.member("cq"), world.member("hh")]);
}

#[test]
fn goods_under_an_operative_waybill_get_no_receipt() {
    let code = |arrival: &[&str]| {
        code_with(|body, world| {
            world.issue_bill(&Bill::s1());
            retitle(world, body, &receipt().paper.arrived_in(arrival));
        })
    };
    assert_eq!(code(&["C:XLHU2601024"]), Code::GoodsKeyOccupied, "its container is under a live bill");
    assert_eq!(code(&["L:LOCAL", "C:XLHU2601024"]), Code::GoodsKeyOccupied);
    assert_eq!(code(&["C:XLHU2601045"]), Code::Ok, "a container the ledger does not know");
}

#[test]
fn arrival_keys_are_tested_and_not_taken() {
    let mut world = World::new();
    world.issue_receipt(&Receipt { paper: Paper::new("W-1", &["B:1"]).arrived_in(&["C:1"]), ..receipt() });
    assert_eq!(world.state.view().goods_key(&key("C:1").key), Vec::new());
    world.issue_receipt(&Receipt { paper: Paper::new("W-2", &["B:2"]).arrived_in(&["C:1"]), ..receipt() });
    world.issue_bill(&Bill::new("A-1", &["C:1"]));
}

#[test]
fn a_receipt_says_how_its_goods_came_in() {
    let code = |arrival: &[&str]| code_with(|body, world| retitle(world, body, &receipt().paper.arrived_in(arrival)));
    assert_eq!(code(&[]), Code::TicketInvalid);
    assert_eq!(code(&["W:5231701|20260304", "V:VIN"]), Code::Ok);
    assert_eq!(code(&["S:1"]), Code::UnknownKindOrRules);
    assert_eq!(code(&["B:1"]), Code::UnknownKindOrRules);
}

#[test]
fn a_negotiable_receipt_commits_to_every_mandatory_field() {
    assert_eq!(code_with(|body, _| body.receipt.mandatory_fields = MANDATORY_FIELDS & !8), Code::NotPledgeableHere);
    assert_eq!(code_with(|body, _| body.receipt.mandatory_fields = MANDATORY_FIELDS | 1 << 20), Code::Ok);
    let plain = |body: &mut Issue, _: &mut World| (body.receipt.negotiable, body.receipt.mandatory_fields) = (false, 0);
    assert_eq!(code_with(plain), Code::Ok);
}

#[test]
fn receipts_are_refused_in_the_order_of_the_checks() {
    assert_eq!(code_with(|body, _| body.depositor = AccountId([7; 32])), Code::UnknownObject);
    assert_eq!(code_with(|body, _| body.receipt.lots[0].goods_class = *b"76.110"), Code::TooLarge);
    assert_eq!(code_with(|body, _| body.receipt.lots.truncate(1)), Code::TicketInvalid);
    let doubled = |body: &mut Issue, _: &mut World| {
        let first = body.receipt.lots[0].keys[0];
        body.receipt.lots[1].keys.push(first);
    };
    assert_eq!(code_with(doubled), Code::KeyDuplicated);
    assert_eq!(code_with(|body, _| body.receipt.lots[0].qty = Qty::ZERO), Code::NotConserved);
    assert_eq!(code_with(|body, _| body.receipt.lots[0].uom = Uom(*b"TNE")), Code::UnitMismatch);
    assert_eq!(code_with(|body, _| body.receipt.storage_until = body.receipt.storage_from), Code::TermOutOfLimits);
    assert_eq!(code_with(|body, _| body.receipt.loss_standard_bps = 10_001), Code::TermOutOfLimits);
    let (mut world, _) = receipt_of_e1();
    let op = world.receipt_op(&receipt());
    assert_eq!(world.code("COLD", op, &[]), Code::DuplicateDocument, "3001 before 4001 and 1008");
    let copy = Receipt { paper: receipt().paper.renumbered("TJLC-WR-2026-0088"), ..receipt() };
    let op = world.receipt_op(&copy);
    assert_eq!(world.code("COLD", op, &[]), Code::DuplicateContent, "3002 before 4001");
    let other = Receipt { paper: copy.paper.rewritten("other"), ..copy };
    let op = world.receipt_op(&other);
    assert_eq!(world.code("COLD", op, &[]), Code::GoodsKeyOccupied, "4001 before 1008");
}

#[test]
fn a_receipt_passes_on_with_its_keepers_signature() {
    let (mut world, doc) = receipt_of_e1();
    let op = world.endorse_transfer_op(&doc, "E4");
    let outcome = world.submit("E1", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let outcome = world.ok("E1", op, &["COLD"]);
    assert_eq!(events(&outcome, EventName::Transferred).len(), 1);
    let record = world.doc(&doc);
    assert_eq!((record.holder, record.beneficiary), (world.account("E4"), Some(world.account("E4"))));
    assert_eq!(transfer_code(&mut world, "E1", &doc, "E5", &["COLD"]), Code::NotHolder);
    world.suspend("COLD");
    assert_eq!(transfer_code(&mut world, "E4", &doc, "E5", &["COLD"]), Code::PartySuspended);
}

#[test]
fn transfers_of_receipts_are_checked_like_those_of_waybills() {
    let (mut world, doc) = receipt_of_e1();
    let bill = world.issue_bill(&Bill::s1());
    assert_eq!(transfer_code(&mut world, "E5", &bill, "E1", &["MTO"]), Code::NotPledgeableHere);
    assert_eq!(transfer_code(&mut world, "COLD", &doc, "E4", &["E1"]), Code::RoleNotPermitted);
    let body = |doc, expect_ver, to| Operation::WarehouseEndorseTransfer(EndorseTransfer { doc, expect_ver, to });
    let e4 = world.account("E4");
    assert_eq!(world.code("E1", body(DocId([7; 32]), 1, e4), &["COLD"]), Code::UnknownObject);
    assert_eq!(world.code("E1", body(doc, 2, e4), &["COLD"]), Code::StaleVersion);
    assert_eq!(world.code("E1", body(doc, 1, AccountId([7; 32])), &["COLD"]), Code::UnknownObject);
    world.place_hold(&doc.0, HoldKind::Deficit);
    assert_eq!(transfer_code(&mut world, "E1", &doc, "E4", &["COLD"]), Code::Held);
    world.lift_hold(&doc.0);
    world.suspend("E4");
    assert_eq!(transfer_code(&mut world, "E1", &doc, "E4", &["COLD"]), Code::PartySuspended);
}

#[test]
fn a_pledged_receipt_changes_its_beneficiary_only_and_with_the_pledgees_consent() {
    let (mut world, doc) = receipt_of_e1();
    world.pledge_doc("B1", "E1", "COLD", &doc, &receipt().paper);
    assert_eq!(transfer_code(&mut world, "E1", &doc, "E4", &["COLD"]), Code::Encumbered);
    assert_eq!(transfer_code(&mut world, "E1", &doc, "E4", &["COLD", "B1"]), Code::Ok);
    let record = world.doc(&doc);
    assert_eq!((record.holder, record.beneficiary), (world.account("B1"), Some(world.account("E4"))));
}

#[test]
fn a_whole_delivery_ends_receipt_lots_and_occupancy() {
    let (mut world, doc) = receipt_of_e1();
    let op = world.deliver_op(&doc);
    let outcome = world.submit("COLD", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let outcome = world.ok("COLD", op, &["E1"]);
    assert_eq!(event(&outcome, EventName::Delivered).related.len(), 2);
    assert_eq!(world.doc(&doc).state, DocState::Accomplished);
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Delivered));
    assert_eq!(deliver_code(&mut world, "COLD", &doc, &["E1"]), Code::DocumentState);
    world.issue_receipt(&Receipt::new("W-2", &["B:LZ-1"]));
}

#[test]
fn only_the_keeper_delivers_and_only_receipts() {
    let (mut world, doc) = receipt_of_e1();
    assert_eq!(deliver_code(&mut world, "WUL", &doc, &["E1"]), Code::NotHolder);
    assert_eq!(deliver_code(&mut world, "E1", &doc, &["COLD"]), Code::RoleNotPermitted);
    let bill = world.issue_bill(&Bill::s1());
    assert_eq!(deliver_code(&mut world, "COLD", &bill, &["E5"]), Code::NotPledgeableHere);
    world.suspend("E1");
    assert_eq!(deliver_code(&mut world, "COLD", &doc, &["E1"]), Code::PartySuspended);
}

#[test]
fn holds_bar_delivery_but_a_deficit_bars_no_whole_delivery() {
    for kind in HoldKind::ALL {
        let (mut world, doc) = receipt_of_e1();
        world.place_hold(&doc.0, *kind);
        let expected = if *kind == HoldKind::Deficit { Code::Ok } else { Code::Held };
        assert_eq!(deliver_code(&mut world, "COLD", &doc, &["E1"]), expected, "{kind}");
    }
}

#[test]
fn pledged_goods_leave_with_the_pledgees_consent_and_free_the_debt() {
    let (mut world, doc) = receipt_of_e1();
    let pledge = world.pledge_doc("B1", "E1", "COLD", &doc, &receipt().paper);
    assert_eq!(deliver_code(&mut world, "COLD", &doc, &["E1"]), Code::Encumbered);
    assert_eq!(deliver_code(&mut world, "WUL", &doc, &["E1"]), Code::Encumbered, "3006 before 3005");
    assert_eq!(deliver_code(&mut world, "COLD", &doc, &["B1"]), Code::ConsentMissing, "the beneficiary's");
    assert_eq!(deliver_code(&mut world, "COLD", &doc, &["E1", "B1"]), Code::Ok);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Released);
    assert!(world.encumbrance(&doc.0).is_none());
}

#[test]
fn reserved_goods_leave_with_the_reserving_banks_consent() {
    let (mut world, doc) = receipt_of_e1();
    world.reserve("B1", "E1", &doc, 24);
    assert_eq!(deliver_code(&mut world, "COLD", &doc, &["E1"]), Code::ReservedByOther);
    assert_eq!(deliver_code(&mut world, "COLD", &doc, &["E1", "B1"]), Code::Ok);
    assert!(world.reservation(&doc.0).is_none());
}
