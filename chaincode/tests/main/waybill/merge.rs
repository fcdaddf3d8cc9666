//! Mergers of waybills and of receipts.

use super::acts::{children_of, leg, merged_of, part};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::DocVersion;
use landsea_types::operation::pledge::AddCollateral;
use landsea_types::operation::warehouse::NewReceipt;
use landsea_types::operation::waybill::{Endorsement, Issue, Merge};
use landsea_types::role::{ChainAction, DocKind, DocState, HoldKind, LegalBasis, LotStatus, OrderType};
use landsea_types::{Code, DocId, Operation, Uom};

/// Two bills of E5 over one container each, the second changed before it is issued.
fn bills_with(change: impl FnOnce(&mut Issue, &World)) -> (World, [DocId; 2]) {
    let mut world = World::new();
    let first = world.issue_bill(&Bill::new("A-1", &["C:1"]));
    let mut body = world.issue_body(&Bill::new("A-2", &["C:2"]));
    change(&mut body, &world);
    let holder = world.name_of(&body.first_holder).to_string();
    let second = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &[&holder]));
    (world, [first, second])
}

fn bills() -> (World, [DocId; 2]) {
    bills_with(|_, _| ())
}

fn merge_code(world: &mut World, docs: &[DocId], consents: &[&str]) -> Code {
    let body = world.merge_body(docs, "MERGED-1");
    world.code("MTO", Operation::WaybillMerge(body), consents)
}

/// What merging two bills answers, the second of which was issued with a change.
fn code_with_second(change: impl FnOnce(&mut Issue, &World)) -> Code {
    let (mut world, docs) = bills_with(change);
    merge_code(&mut world, &docs, &["E5", "E4"])
}

#[test]
fn one_bill_stands_in_the_place_of_several_over_the_same_lots() {
    let (mut world, docs) = bills();
    let lots: Vec<_> = docs.iter().flat_map(|doc| world.doc(doc).lots).collect();
    let body = world.merge_body(&docs, "MERGED-1");
    let outcome = world.ok("MTO", Operation::WaybillMerge(body), &["E5"]);
    let told = event(&outcome, EventName::Merged);
    assert_eq!((told.related.len(), told.args.clone()), (2, vec![2]));
    let new = world.doc(&merged_of(&outcome));
    assert_eq!((new.state, new.replaces, new.lots.clone()), (DocState::Active, Some(docs[0]), lots.clone()));
    assert_eq!((new.holder, new.beneficiary), (world.account("E5"), Some(world.account("E5"))));
    assert_eq!((new.chain_len, new.ver), (1, 1));
    for lot in lots.iter().map(|lot| world.lot(lot)) {
        assert_eq!((lot.status, lot.title, lot.ver), (LotStatus::Active, Some(new.id), 2), "the lot has moved");
    }
    for doc in docs.iter().map(|doc| world.doc(doc)) {
        assert_eq!((doc.state, doc.replaced_by, doc.chain_len), (DocState::Merged, Some(new.id), 2));
    }
    let op = world.transfer_op(&docs[0], "E1");
    assert_eq!(world.code("E5", op, &[]), Code::DocumentState);
    world.deliver("E5", &new.id);
    let action = world.state.view().get::<landsea_types::record::ChainEntry>(
        landsea_types::state::Table::Chain,
        &landsea_chaincode::view::chain_key(&docs[1], 2),
    );
    assert_eq!(action.map(|entry| entry.action), Some(ChainAction::Merge));
}

#[test]
fn two_to_sixty_four_different_documents_are_merged() {
    let (mut world, docs) = bills();
    assert_eq!(merge_code(&mut world, &docs[..1], &["E5"]), Code::TooLarge);
    assert_eq!(merge_code(&mut world, &[docs[0]; 65], &["E5"]), Code::TooLarge);
    assert_eq!(merge_code(&mut world, &[docs[0], docs[0]], &["E5"]), Code::CollateralSetInvalid);
    let empty = Merge { docs: vec![], ..world.merge_body(&docs, "M") };
    assert_eq!(world.code("MTO", Operation::WaybillMerge(empty), &["E5"]), Code::TooLarge);
    assert_eq!(merge_code(&mut world, &docs, &["E5"]), Code::Ok);
}

#[test]
fn only_documents_of_one_sort_are_merged() {
    let sort = |change: fn(&mut Issue)| code_with_second(|body, _| change(body));
    assert_eq!(sort(|body| body.order_type = OrderType::Straight), Code::CollateralSetInvalid);
    assert_eq!(sort(|body| body.legal_basis = LegalBasis::Agreement), Code::CollateralSetInvalid);
    let of_one_family = code_with_second(|body, world| {
        body.kind = DocKind::MTD;
        body.ticket = world.ticket("MTO", DocKind::MTD, &Bill::new("A-2", &["C:2"]).paper);
    });
    assert_eq!(of_one_family, Code::Ok, "an MTD and an NCD are of one family");
    let (mut world, docs) = bills();
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(merge_code(&mut world, &[docs[0], receipt], &["E5"]), Code::NotPledgeableHere);
}

#[test]
fn goods_of_one_unit_and_class_to_one_place_are_merged() {
    assert_eq!(code_with_second(|body, _| body.lots[0].uom = Uom(*b"LTR")), Code::UnitMismatch);
    assert_eq!(code_with_second(|body, _| body.lots[0].goods_class = *b"870323"), Code::NotConserved);
    assert_eq!(code_with_second(|body, world| body.legs = vec![leg(world, "R-CD")]), Code::NotConserved);
    let mut world = World::new();
    let issue = |world: &mut World, number: &str, key: &str, to: [u8; 8]| {
        let mut body = world.issue_body(&Bill::new(number, &[key]));
        body.legs = vec![leg(world, "R-CD"), leg(world, "MTO")];
        body.legs[1].to = to;
        doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]))
    };
    let docs = [
        issue(&mut world, "A-1", "C:1", *b"SGSIN   "),
        issue(&mut world, "A-2", "C:2", *b"SGSIN   "),
        issue(&mut world, "A-3", "C:3", *b"VNHPH   "),
    ];
    assert_eq!(merge_code(&mut world, &[docs[0], docs[2]], &["E5"]), Code::NotConserved);
    assert_eq!(merge_code(&mut world, &docs[..2], &["E5"]), Code::Ok);
}

#[test]
fn the_merged_paper_names_the_keys_of_all_papers_and_no_others() {
    let code = |by: &str, kind: DocKind, paper: &Paper| {
        let (mut world, docs) = bills();
        let ticket = world.ticket(by, kind, paper);
        let body = Merge { ticket, ..world.merge_body(&docs, "MERGED-1") };
        world.code("MTO", Operation::WaybillMerge(body), &["E5"])
    };
    let over = |keys: &[&str]| code("MTO", DocKind::NCD, &Paper::new("MERGED-1", keys));
    assert_eq!(over(&["C:1"]), Code::TicketInvalid);
    assert_eq!(over(&["C:1", "C:2", "C:3"]), Code::TicketInvalid);
    assert_eq!(over(&["C:2", "C:1"]), Code::Ok);
    let paper = Paper::new("M", &["C:1", "C:2"]);
    assert_eq!(code("MTO", DocKind::NCD, &paper.renumbered("A-1")), Code::DuplicateDocument);
    assert_eq!(code("R-CD", DocKind::NCD, &paper), Code::TicketInvalid, "another applicant");
    assert_eq!(code("MTO", DocKind::OBL, &paper), Code::TicketInvalid, "another kind");
    assert_eq!(code("MTO", DocKind::NCD, &paper.rewritten("content of A-1")), Code::Ok, "the content may be known");
}

#[test]
fn documents_in_different_hands_stay_apart() {
    assert_eq!(code_with_second(|body, world| body.first_holder = world.account("E4")), Code::NotHolder);
    let (mut world, docs) = bills();
    let body = world.merge_body(&docs, "MERGED-1");
    assert_eq!(world.code("R-CD", Operation::WaybillMerge(body.clone()), &["E5"]), Code::NotHolder, "another issuer");
    assert_eq!(world.code("E5", Operation::WaybillMerge(body.clone()), &[]), Code::RoleNotPermitted);
    let outcome = world.submit("MTO", Operation::WaybillMerge(body), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let mut other = Bill::new("A-3", &["C:3"]);
    other.issuer = "R-CD";
    other.kind = DocKind::MTD;
    let foreign = world.issue_bill(&other);
    assert_eq!(merge_code(&mut world, &[docs[0], foreign], &["E5"]), Code::NotHolder, "a bill of another carrier");
    let (mut world, docs) = bills();
    for doc in &docs {
        let op = world.endorse_op(doc, Endorsement::Blank);
        world.ok("E5", op, &[]);
    }
    let op = world.transfer_op(&docs[1], "E4");
    world.ok("E5", op, &[]);
    assert_eq!(merge_code(&mut world, &docs, &["E5", "E4"]), Code::NotHolder, "in blank, with two holders");
}

#[test]
fn the_versions_of_all_documents_are_compared() {
    let (mut world, docs) = bills();
    for n in 0..2 {
        let mut body = world.merge_body(&docs, "MERGED-1");
        body.docs[n].expect_ver += 7;
        assert_eq!(world.code("MTO", Operation::WaybillMerge(body), &["E5"]), Code::StaleVersion, "document {n}");
        let mut body = world.merge_body(&docs, "MERGED-1");
        body.docs[n] = DocVersion { doc: DocId([7; 32]), expect_ver: 1 };
        let outcome = world.submit("MTO", Operation::WaybillMerge(body), &["E5"]);
        assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![n as u64]));
    }
    let op = world.surrender_op(&docs[1]);
    world.ok("E5", op, &[]);
    assert_eq!(merge_code(&mut world, &docs, &["E5"]), Code::DocumentState);
}

/// The two bills in one pledge of B1, the second added later if `joined`.
fn pledged(joined: bool) -> (World, [DocId; 2], landsea_types::PledgeId) {
    let (mut world, docs) = bills();
    let papers = [Bill::new("A-1", &["C:1"]).paper, Bill::new("A-2", &["C:2"]).paper];
    let all: Vec<(DocId, &Paper)> = docs.iter().copied().zip(&papers).collect();
    let now = if joined { &all[..1] } else { &all[..] };
    let body = world.create_body("B1", "E5", now);
    let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO"]));
    if joined {
        let added = world.create_body("B1", "E5", &all[1..]).docs;
        let expect_ver = world.pledge(&pledge).ver;
        let op = Operation::PledgeAddCollateral(AddCollateral { pledge, expect_ver, docs: added, ack_near: false });
        world.ok("B1", op, &["E5", "MTO"]);
    }
    (world, docs, pledge)
}

#[test]
fn documents_of_one_pledge_stay_in_it_with_their_priority() {
    let (mut world, docs, pledge) = pledged(false);
    let before = world.pledge(&pledge);
    assert_eq!(merge_code(&mut world, &docs, &["E5"]), Code::Encumbered);
    assert_eq!(merge_code(&mut world, &docs, &["B1"]), Code::ConsentMissing, "the beneficiary's");
    let body = world.merge_body(&docs, "MERGED-1");
    let new = merged_of(&world.ok("MTO", Operation::WaybillMerge(body), &["E5", "B1"]));
    let after = world.pledge(&pledge);
    assert_eq!((after.docs.clone(), after.lots.len(), after.priority), (vec![new], 2, before.priority));
    assert_eq!(world.encumbrance(&new.0).map(|enc| enc.priority), Some(before.priority));
    assert_eq!(world.doc(&new).holder, world.account("B1"));
    assert!(docs.iter().all(|doc| world.encumbrance(&doc.0).is_none()));
}

#[test]
fn differently_encumbered_documents_answer_5105() {
    let pledge_first = |world: &mut World, docs: &[DocId; 2]| {
        world.pledge_doc("B1", "E5", "MTO", &docs[0], &Bill::new("A-1", &["C:1"]).paper);
    };
    let (mut world, docs) = bills();
    pledge_first(&mut world, &docs);
    assert_eq!(merge_code(&mut world, &docs, &["E5"]), Code::Encumbered, "3006 before 5105");
    assert_eq!(merge_code(&mut world, &docs, &["E5", "B1"]), Code::MixedEncumbrance, "one pledged, one free");
    world.pledge_doc("B2", "E5", "MTO", &docs[1], &Bill::new("A-2", &["C:2"]).paper);
    assert_eq!(merge_code(&mut world, &docs, &["E5", "B1", "B2"]), Code::MixedEncumbrance, "two pledgees");
    let (mut world, docs) = bills();
    pledge_first(&mut world, &docs);
    world.pledge_doc("B1", "E5", "MTO", &docs[1], &Bill::new("A-2", &["C:2"]).paper);
    assert_eq!(merge_code(&mut world, &docs, &["E5", "B1"]), Code::MixedEncumbrance, "two pledges of one bank");
}

#[test]
fn a_document_that_joined_the_pledge_later_answers_5103() {
    let (mut world, docs, _) = pledged(true);
    assert_eq!(merge_code(&mut world, &docs, &["E5", "B1"]), Code::PriorityConflict);
}

#[test]
fn reserved_documents_are_merged_only_under_one_banks_reservation() {
    let (mut world, docs) = bills();
    world.reserve("B1", "E5", &docs[1], 24);
    assert_eq!(merge_code(&mut world, &docs, &["E5"]), Code::ReservedByOther);
    assert_eq!(merge_code(&mut world, &docs, &["E5", "B1"]), Code::MixedEncumbrance, "only one is reserved");
    world.reserve("B1", "E5", &docs[0], 20);
    let until = world.reservation(&docs[0].0).expect("reserved").until;
    let body = world.merge_body(&docs, "MERGED-1");
    let new = merged_of(&world.ok("MTO", Operation::WaybillMerge(body), &["E5", "B1"]));
    assert_eq!(world.reservation(&new.0).expect("it goes on").until, until, "until the first of them ends");
}

#[test]
fn holds_bar_mergers_and_those_that_do_not_must_stand_on_all() {
    for kind in HoldKind::ALL {
        let (mut world, docs) = bills();
        let lot = world.doc(&docs[1]).lots[0];
        for target in [docs[0].0, lot.0] {
            world.place_hold(&target, *kind);
            let body = world.merge_body(&docs, "MERGED-1");
            let outcome = world.submit("MTO", Operation::WaybillMerge(body), &["E5"]);
            assert_eq!((outcome.code, outcome.args), (Code::Held, vec![*kind as u64]), "{kind}");
            world.lift_hold(&target);
        }
    }
    let (mut world, docs) = bills();
    docs.iter().for_each(|doc| world.place_hold(&doc.0, HoldKind::CustomsHold));
    let body = world.merge_body(&docs, "MERGED-1");
    let new = merged_of(&world.ok("MTO", Operation::WaybillMerge(body), &["E5"]));
    assert_eq!(world.holds(&new.0), [HoldKind::CustomsHold; 2], "both go on");
    assert!(docs.iter().all(|doc| world.holds(&doc.0).is_empty()));
}

/// Two receipts of E1 at COLD, the second changed before it is issued.
fn receipts_code(change: impl FnOnce(&mut NewReceipt, &World)) -> Code {
    let mut world = World::new();
    world.license("COLD", landsea_types::role::LicenceKind::WarehouseSite, "second site of COLD");
    let first = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    let paper = Receipt::new("W-2", &["B:2"]).paper;
    let mut receipt = world.receipt_body("COLD", "site of COLD", &paper);
    change(&mut receipt, &world);
    let depositor = world.account("E1");
    let body = landsea_types::operation::warehouse::Issue { depositor, receipt };
    let second = doc_of(&world.ok("COLD", Operation::WarehouseIssue(body), &["E1"]));
    let body = world.merge_body(&[first, second], "W-3");
    let outcome = world.submit("COLD", Operation::WarehouseMerge(body), &["E1"]);
    if outcome.code == Code::Ok {
        let merged = world.doc(&merged_of(&outcome)).receipt.expect("a receipt");
        let parts = [first, second].map(|doc| world.doc(&doc).receipt.expect("a receipt"));
        assert_eq!(merged.storage_until, parts.iter().map(|part| part.storage_until).min().expect("two"));
        assert_eq!(merged.loss_standard_bps, parts.iter().map(|part| part.loss_standard_bps).min().expect("two"));
    }
    outcome.code
}

#[test]
fn receipts_of_one_store_and_sort_are_merged_and_keep_the_stricter_terms() {
    assert_eq!(receipts_code(|_, _| ()), Code::Ok);
    assert_eq!(receipts_code(|receipt, world| receipt.storage_until = world.time.saturating_add(30 * DAY)), Code::Ok);
    assert_eq!(receipts_code(|receipt, _| receipt.loss_standard_bps = 5), Code::Ok);
    assert_eq!(receipts_code(|receipt, _| receipt.site = site("second site of COLD")), Code::NotConserved);
    assert_eq!(receipts_code(|receipt, _| receipt.bonded = true), Code::CollateralSetInvalid);
    assert_eq!(receipts_code(|receipt, _| receipt.negotiable = false), Code::CollateralSetInvalid);
    let mut world = World::new();
    let docs = [("W-1", "B:1"), ("W-2", "B:2")].map(|(n, key)| world.issue_receipt(&Receipt::new(n, &[key])));
    let body = world.merge_body(&docs, "W-3");
    assert_eq!(world.code("PORT", Operation::WaybillMerge(body.clone()), &["E1"]), Code::NotPledgeableHere);
    assert_eq!(world.code("WUL", Operation::WarehouseMerge(body), &["E1"]), Code::NotHolder);
}

#[test]
fn a_lien_on_one_receipt_stays_on_the_merged_one() {
    let mut world = World::new();
    let docs = [("W-1", "B:1"), ("W-2", "B:2")].map(|(n, key)| world.issue_receipt(&Receipt::new(n, &[key])));
    world.edit(|view| {
        let mut doc = view.doc(&docs[1]).expect("the receipt exists");
        doc.receipt.as_mut().expect("a receipt").lien = true;
        doc.ver += 1;
        view.put_doc(&doc);
    });
    let body = world.merge_body(&docs, "W-3");
    let merged = merged_of(&world.ok("COLD", Operation::WarehouseMerge(body), &["E1"]));
    assert!(world.doc(&merged).receipt.expect("a receipt").lien);
}

#[test]
fn halves_in_one_container_are_merged_again() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::new("LCL-1", &["C:1"]));
    let lot = world.lots(&doc).remove(0);
    let body = world.split_body(&doc, "P", vec![vec![part(&lot, 12_000, 1)], vec![part(&lot, 8_000, 2)]]);
    let halves = children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E5"]));
    assert_eq!(merge_code(&mut world, &halves, &["E5"]), Code::Ok);
}
