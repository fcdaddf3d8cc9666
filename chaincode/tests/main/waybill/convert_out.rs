//! `warehouse.convert_out`: stored goods go on their way.

use super::acts::{restated, short_kg};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::goods::{CellCount, CellOpen};
use landsea_types::operation::warehouse::ConvertOut;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::governance::feature::NCD_TITLES;
use landsea_types::role::{ChainAction, DocKind, DocState, HoldKind, LotStatus};
use landsea_types::{Code, Commit, DocId, GoodsKey, Operation, Qty, Uom};

fn lot(kilograms: u64, packages: u32, keys: &[&str]) -> NewLot {
    let paper = Paper::new("any", keys);
    let first = lots_over(&paper).remove(0);
    NewLot { qty: Qty::new(kilograms * 1_000), packages, keys: paper.keys, ..first }
}

/// A receipt of E1 at COLD over 40,000 kg in two batches.
fn stored() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_receipt(&Receipt::new("W-1", &["B:1", "B:2"]));
    (world, doc)
}

/// Both batches in a container each.
fn loaded() -> Vec<NewLot> {
    vec![lot(20_000, 3, &["B:1", "C:1"]), lot(20_000, 3, &["B:2", "C:2"])]
}

/// What loading both batches with a changed body answers.
fn code_with(change: impl FnOnce(&mut ConvertOut, &mut World)) -> Code {
    let (mut world, doc) = stored();
    let mut body = world.convert_out_body(&doc, "A-1", loaded());
    change(&mut body, &mut world);
    world.code("MTO", Operation::WarehouseConvertOut(body), &["COLD", "E1"])
}

/// The same with other lots and a ticket that fits them.
fn code_of_lots(lots: Vec<NewLot>) -> Code {
    code_with(|body, world| *body = world.convert_out_body(&body.doc, "A-1", lots))
}

#[test]
fn a_pledged_receipt_becomes_a_waybill_under_the_same_pledge_and_priority() {
    let (mut world, doc) = stored();
    let pledge = world.pledge_doc("B1", "E1", "COLD", &doc, &Receipt::new("W-1", &["B:1", "B:2"]).paper);
    let before = world.pledge(&pledge);
    let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
    assert_eq!(world.code("MTO", op.clone(), &["COLD", "E1"]), Code::Encumbered);
    let outcome = world.ok("MTO", op, &["COLD", "E1", "B1"]);
    event(&outcome, EventName::Converted);
    event(&outcome, EventName::CustodyChanged);
    let (old, new) = (world.doc(&doc), world.doc(&doc_of(&outcome)));
    assert_eq!((old.state, old.replaced_by, old.chain_len), (DocState::Converted, Some(new.id), 3));
    assert_eq!((new.state, new.kind, new.replaces), (DocState::Active, DocKind::NCD, Some(doc)));
    assert_eq!((new.issuer, new.holder), (world.account("MTO"), world.account("B1")));
    assert_eq!((new.beneficiary, new.enc, new.legs.len()), (Some(world.account("E1")), Some(pledge), 1));
    assert!(new.receipt.is_none());
    for lot in world.lots(&new.id) {
        assert_eq!((lot.custodian, lot.place), (world.account("MTO"), world.home("MTO")));
        assert_eq!(lot.parents, old.lots);
    }
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Consumed));
    let after = world.pledge(&pledge);
    assert_eq!((after.priority, after.docs, after.lots), (before.priority, vec![new.id], new.lots));
    assert_eq!(world.encumbrance(&new.id.0).expect("encumbered").priority, before.priority);
}

#[test]
fn old_and_new_document_note_the_conversion_in_their_chains() {
    let (mut world, doc) = stored();
    let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
    let new = doc_of(&world.ok("MTO", op, &["COLD", "E1"]));
    for (id, n, action) in [(doc, 2, ChainAction::Convert), (new, 1, ChainAction::Issue)] {
        let key = landsea_chaincode::view::chain_key(&id, n);
        let entry: Option<landsea_types::record::ChainEntry> =
            world.state.view().get(landsea_types::state::Table::Chain, &key);
        assert_eq!(entry.map(|e| (e.action, e.actor)), Some((action, world.account("MTO"))));
    }
}

#[test]
fn batches_stay_and_containers_come() {
    assert_eq!(code_of_lots(vec![lot(40_000, 6, &["B:1", "B:2", "C:1"])]), Code::Ok, "in one container");
    assert_eq!(code_of_lots(vec![lot(40_000, 6, &["B:1", "C:1"])]), Code::KeyDuplicated, "a batch is lost");
    assert_eq!(code_of_lots(vec![lot(40_000, 6, &["C:1"])]), Code::KeyDuplicated);
    assert_eq!(code_of_lots(vec![lot(40_000, 6, &["B:1", "B:2", "S:1"])]), Code::UnknownKindOrRules, "no cell travels");
    assert_eq!(code_of_lots(vec![lot(40_000, 6, &["B:1", "B:2", "W:1"])]), Code::Ok, "a wagon does");
    let occupied = code_with(|_, world| {
        world.issue_bill(&Bill::new("X-1", &["C:2"]));
    });
    assert_eq!(occupied, Code::GoodsKeyOccupied);
}

#[test]
fn what_leaves_is_on_the_bill_or_declared_short() {
    let lots = |kg: u64, packages: u32| vec![lot(20_000, 3, &["B:1", "C:1"]), lot(kg, packages, &["B:2", "C:2"])];
    assert_eq!(code_of_lots(lots(19_999, 3)), Code::NotConserved);
    assert_eq!(code_of_lots(lots(20_001, 3)), Code::NotConserved);
    assert_eq!(code_of_lots(lots(20_000, 2)), Code::NotConserved);
    let short = |kg: u64, accept: bool| {
        code_with(|body, world| {
            *body = world.convert_out_body(&body.doc, "A-1", lots(20_000 - kg, 3));
            body.shortages = vec![short_kg(kg)];
            body.accept_shortage = accept;
        })
    };
    // 30 bps of 40,000 kg are 120 kg.
    assert_eq!(short(120, false), Code::Ok);
    assert_eq!(short(121, false), Code::ShortageAboveTolerance);
    assert_eq!(short(121, true), Code::Ok);
    assert_eq!(code_with(|body, _| body.bill.lots[0].uom = Uom(*b"LTR")), Code::UnitMismatch);
}

#[test]
fn warehouse_holder_and_pledgee_consent_in_that_order() {
    let (mut world, doc) = stored();
    world.pledge_doc("B1", "E1", "COLD", &doc, &Receipt::new("W-1", &["B:1", "B:2"]).paper);
    let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
    let mut refused = |consents: &[&str]| {
        let outcome = world.submit("MTO", op.clone(), consents);
        (outcome.code, outcome.args)
    };
    assert_eq!(refused(&["COLD", "E1"]).0, Code::Encumbered);
    assert_eq!(refused(&["E1", "B1"]), (Code::ConsentMissing, vec![0]), "the warehouse");
    assert_eq!(refused(&["COLD", "B1"]), (Code::ConsentMissing, vec![1]), "the beneficiary");
    assert_eq!(refused(&["COLD", "E1", "B1"]), (Code::Ok, vec![]));
}

#[test]
fn carriers_take_goods_out_on_kinds_that_they_issue() {
    let (mut world, doc) = stored();
    let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
    assert_eq!(world.code("COLD", op.clone(), &["E1"]), Code::RoleNotPermitted);
    assert_eq!(world.code("OCEAN", op.clone(), &["COLD", "E1"]), Code::TicketInvalid, "another's ticket");
    assert_eq!(code_with(|body, _| body.bill.kind = DocKind::OBL), Code::NotPledgeableHere);
    assert_eq!(code_with(|body, _| body.bill.kind = DocKind::WHR), Code::NotPledgeableHere);
    assert_eq!(code_with(|body, _| body.bill.control_agreement = Commit::default()), Code::NotPledgeableHere);
    let mut world = World::with(Setup { denied: vec![(NCD_TITLES, "cq")], ..Setup::default() });
    let doc = world.issue_receipt(&Receipt::new("W-1", &["B:1", "B:2"]));
    let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
    assert_eq!(world.code("MTO", op, &["COLD", "E1"]), Code::FeatureNotGranted);
}

#[test]
fn objects_versions_kinds_and_states_are_checked_in_order() {
    assert_eq!(code_with(|body, _| body.doc = DocId([7; 32])), Code::UnknownObject);
    assert_eq!(code_with(|body, _| body.expect_ver = 9), Code::StaleVersion);
    assert_eq!(code_with(|body, _| body.bill.legs[0].to = *b"cnqzh   "), Code::TooLarge);
    let bill = |body: &mut ConvertOut, world: &mut World| body.doc = world.issue_bill(&Bill::new("X-1", &["C:9"]));
    assert_eq!(code_with(bill), Code::NotPledgeableHere, "a waybill is out already");
    let delivered = |body: &mut ConvertOut, world: &mut World| {
        let op = world.deliver_op(&body.doc);
        world.ok("COLD", op, &["E1"]);
        body.expect_ver = 2;
    };
    assert_eq!(code_with(delivered), Code::DocumentState);
    let number = |body: &mut ConvertOut, world: &mut World| {
        world.issue_bill(&Bill::new("A-1", &["C:9"]));
        body.expect_ver = 1;
    };
    assert_eq!(code_with(number), Code::DuplicateDocument);
    assert_eq!(code_with(|body, _| body.bill.lots.clear()), Code::TicketInvalid);
}

#[test]
fn a_carrier_of_the_debtors_or_the_banks_group_takes_no_pledged_goods_out() {
    for side in ["E1", "B1"] {
        let groups = vec![("MTO", "one group"), (side, "one group")];
        let mut world = World::with(Setup { groups, ..Setup::default() });
        let doc = world.issue_receipt(&Receipt::new("W-1", &["B:1", "B:2"]));
        world.pledge_doc("B1", "E1", "COLD", &doc, &Receipt::new("W-1", &["B:1", "B:2"]).paper);
        let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
        assert_eq!(world.code("MTO", op, &["COLD", "E1", "B1"]), Code::CustodianNotIndependent, "{side}");
    }
}

#[test]
fn holds_bear_on_dispatch_as_on_arrival() {
    for kind in HoldKind::ALL {
        let (mut world, doc) = stored();
        world.place_hold(&doc.0, *kind);
        let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
        let outcome = world.submit("MTO", op.clone(), &["COLD", "E1"]);
        if matches!(kind, HoldKind::Dispute | HoldKind::CustomsHold | HoldKind::Deficit) {
            assert_eq!(world.holds(&doc_of(&outcome).0), [*kind], "it follows the goods");
            continue;
        }
        assert_eq!((outcome.code, outcome.args), (Code::Held, vec![*kind as u64]), "{kind}");
        let by_order = if *kind == HoldKind::CourtFreeze { Code::Ok } else { Code::Held };
        assert_eq!(world.code("MTO", op, &["COLD", "E1", "cq"]), by_order, "{kind}");
    }
}

/// COLD's cell, counted at 50,000 kg, with a receipt of E1 over 40,000 kg of it in two batches.
fn stored_in_a_cell() -> (World, DocId, GoodsKey) {
    let mut world = World::new();
    world.license("SUP", landsea_types::role::LicenceKind::Supervision, "site of COLD");
    let cell = key("S:COLD-1");
    let ticket = world.ticket("COLD", DocKind::SITE, &Paper::new("site of COLD", &["S:COLD-1"]));
    world.ok("COLD", Operation::GoodsCellOpen(CellOpen { ticket, uom: Uom::KGM }), &[]);
    let count = CellCount {
        cell: cell.key,
        expect_ver: 1,
        counted: Qty::new(50_000_000),
        supervisor: world.account("SUP"),
        evidence: commit("count"),
    };
    world.ok("COLD", Operation::GoodsCellCount(count), &["SUP"]);
    let receipt = Receipt::new("W-1", &["S:COLD-1", "B:1", "B:2"]);
    let mut body = world.receipt_body("COLD", "site of COLD", &receipt.paper);
    body.lots = vec![lot(20_000, 3, &["B:1", "S:COLD-1"]), lot(20_000, 3, &["B:2", "S:COLD-1"])];
    let issue = landsea_types::operation::warehouse::Issue { depositor: world.account("E1"), receipt: body };
    let doc = doc_of(&world.ok("COLD", Operation::WarehouseIssue(issue), &["E1", "SUP"]));
    (world, doc, cell.key)
}

fn books(world: &World, cell: &GoodsKey) -> (u64, u64) {
    let cell = world.state.view().cell(cell).expect("the cell is open");
    (cell.counted.get() / 1_000, cell.receipts_sum.get() / 1_000)
}

#[test]
fn the_counted_cell_loses_what_leaves_it() {
    let (mut world, doc, cell) = stored_in_a_cell();
    assert_eq!(books(&world, &cell), (50_000, 40_000));
    let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-1", loaded()));
    let new = doc_of(&world.ok("MTO", op, &["COLD", "E1"]));
    assert_eq!(books(&world, &cell), (10_000, 0), "count and books fall together");
    assert!(world.lots(&new).iter().all(|lot| lot.keys.iter().all(|key| key.class != b'S')));
    let (_, mut world, doc) = {
        let (world, doc, cell) = stored_in_a_cell();
        (cell, world, doc)
    };
    let lots = world.lots(&doc).iter().map(restated).collect();
    let op = Operation::WarehouseConvertOut(world.convert_out_body(&doc, "A-2", lots));
    assert_eq!(world.code("MTO", op, &["COLD", "E1"]), Code::UnknownKindOrRules, "the cell does not travel");
}

#[test]
fn a_split_in_a_cell_stays_in_its_books_and_a_void_leaves_the_goods_there() {
    let (mut world, doc, cell) = stored_in_a_cell();
    let op = world.split_op(world.halves(&doc, "H"));
    let children = super::acts::children_of(&world.ok("COLD", op, &["E1"]));
    assert_eq!(books(&world, &cell), (50_000, 40_000));
    let mut body = world.halves(&doc, "X");
    body.doc = children[0];
    let lot = world.lots(&children[0]).remove(0);
    let mut leaving = super::acts::part(&lot, 10_000, 1);
    leaving.lot.keys.retain(|key| key.class != b'S');
    let mut staying = super::acts::part(&lot, 10_000, 2);
    staying.lot.keys.retain(|key| key.class == b'S');
    let body = world.split_body(&children[0], "Y", vec![vec![leaving], vec![staying]]);
    let outcome = world.submit("COLD", Operation::WarehouseSplit(body), &["E1"]);
    assert_eq!(outcome.code, Code::KeyDuplicated, "no part of the goods leaves the cell by a split");
    let op = world.void_op(&children[1], true);
    world.ok("cq", op, &[]);
    assert_eq!(books(&world, &cell), (50_000, 20_000), "the receipt is gone, the goods are there");
}
