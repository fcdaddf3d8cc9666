//! Partial deliveries.

use super::acts::*;
use crate::goods::acts::*;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::warehouse::Part;
use landsea_types::record::Lot;
use landsea_types::role::{DocState, HoldKind, LotStatus, PledgeState};
use landsea_types::{Code, DocId, LotId, Operation, PledgeId, Qty};

const CELL: &str = "S:ZJ-A07";

/// A receipt of E6 over 300 t in one lot and 100 t in another, in a cell of 500 t.
fn two_lots() -> (World, DocId) {
    let mut world = world_with_cell();
    world.count_cell(CELL, 500_000);
    let doc = world.issue_at_bond("WR-1", &[(300_000, &["B:1", "B:2", CELL]), (100_000, &["B:3", CELL])]);
    (world, doc)
}

fn paper() -> Paper {
    bond_paper("WR-1", &["B:1", "B:2", "B:3", CELL])
}

/// The same, pledged to B2.
fn two_lots_pledged() -> (World, DocId, PledgeId) {
    let (mut world, doc) = two_lots();
    let op = world.create_op("B2", "E6", &doc, &paper());
    let pledge = pledge_of(&world.ok("B2", op, &["E6", "BOND", "SUP"]));
    (world, doc, pledge)
}

fn first(world: &World, doc: &DocId) -> LotId {
    world.doc(doc).lots[0]
}

/// What delivering the parts that `parts` makes of the two lots answers.
fn code_of(parts: impl FnOnce(&[LotId]) -> Vec<Part>) -> Code {
    let (mut world, doc) = two_lots();
    let op = world.partial_op(&doc, parts(&world.doc(&doc).lots));
    world.code("BOND", op, &["E6"])
}

/// The lots made of a lot, by what became of them.
fn made_of(world: &World, parent: &LotId) -> Vec<Lot> {
    use landsea_types::state::Family;
    let ids: Vec<LotId> =
        world.state.leaves.keys().filter(|(f, _)| *f == Family::Lot).map(|(_, id)| LotId(*id)).collect();
    let mut lots: Vec<Lot> = ids.iter().map(|id| world.lot(id)).filter(|lot| lot.parents == [*parent]).collect();
    lots.sort_by_key(|lot| lot.status);
    lots
}

#[test]
fn a_part_leaves_and_the_rest_stays_under_the_receipt() {
    let (mut world, doc) = two_lots();
    let (before, parent) = (world.doc(&doc), first(&world, &doc));
    let op = world.partial_op(&doc, vec![part(&parent, 120_000, 4, &["B:1"])]);
    let outcome = world.ok("BOND", op, &["E6"]);
    let said = event(&outcome, EventName::PartialDelivery);
    assert_eq!((said.args.clone(), said.related.len()), (vec![120_000 * KG], 1));
    assert_eq!(world.lot(&parent).status, LotStatus::Consumed);
    let made = made_of(&world, &parent);
    let [rest, left] = made.as_slice() else { panic!("two lots, not {made:?}") };
    assert_eq!((left.status, left.qty, left.packages), (LotStatus::Delivered, Qty::new(120_000 * KG), 4));
    assert_eq!((rest.status, rest.qty, rest.packages), (LotStatus::Active, Qty::new(180_000 * KG), 6));
    assert_eq!(left.keys, vec![key("B:1"), key(CELL)]);
    let mut staying = vec![key("B:2"), key(CELL)];
    staying.sort();
    assert_eq!((rest.keys.clone(), rest.title, rest.custodian), (staying, Some(doc), world.account("BOND")));
    let after = world.doc(&doc);
    assert_eq!((after.state, after.lots), (DocState::Active, vec![rest.id, before.lots[1]]));
    assert_eq!((after.ver, world.books(CELL)), (before.ver + 1, (380_000, 280_000)));
    assert!(world.occupants("B:1").is_empty());
    assert_eq!(world.occupants("B:2"), vec![rest.id]);
}

#[test]
fn a_whole_lot_leaves_with_all_its_keys() {
    let (mut world, doc) = two_lots();
    let lots = world.doc(&doc).lots;
    let op = world.partial_op(&doc, vec![part(&lots[0], 300_000, 10, &["B:1", "B:2"])]);
    world.ok("BOND", op, &["E6"]);
    assert_eq!(world.doc(&doc).lots, vec![lots[1]]);
    assert!(world.occupants("B:1").is_empty() && world.occupants("B:2").is_empty());
    assert_eq!(world.books(CELL), (200_000, 100_000));
}

#[test]
fn keys_leave_with_the_goods_and_never_the_last_one() {
    assert_eq!(code_of(|lots| vec![part(&lots[0], 1, 0, &[])]), Code::Ok, "no key need leave");
    assert_eq!(code_of(|lots| vec![part(&lots[0], 1, 0, &["B:1", "B:2"])]), Code::Ok, "the cell is a key");
    assert_eq!(code_of(|lots| vec![part(&lots[0], 1, 0, &[CELL])]), Code::KeyDuplicated, "the cell stays");
    assert_eq!(code_of(|lots| vec![part(&lots[0], 1, 0, &["B:1", "B:1"])]), Code::KeyDuplicated);
    assert_eq!(code_of(|lots| vec![part(&lots[0], 300_000, 10, &["B:1"])]), Code::KeyDuplicated, "all leave");
    assert_eq!(code_of(|lots| vec![part(&lots[0], 300_000, 10, &["B:1", "B:2", CELL])]), Code::Ok);
    assert_eq!(code_of(|lots| vec![part(&lots[0], 1, 0, &["B:3"])]), Code::UnknownObject, "another lot's");
    let mut world = World::new();
    let doc = world.issue_receipt(&Receipt::new("WR-1", &["B:1", "B:2"]));
    let lot = first(&world, &doc);
    let op = world.partial_op(&doc, vec![part(&lot, 1, 0, &["B:1"])]);
    assert_eq!(world.code("COLD", op, &["E1"]), Code::KeyDuplicated, "the rest would have none");
}

#[test]
fn what_leaves_is_something_and_not_more_than_there_is_nor_everything() {
    assert_eq!(code_of(|_| vec![]), Code::TooLarge);
    assert_eq!(code_of(|_| vec![part(&LotId([7; 32]), 1, 1, &[])]), Code::UnknownObject);
    for (kilograms, packages, expected) in [
        (0, 0, Code::NotConserved),
        (300_001, 10, Code::NotConserved),
        (1, 11, Code::NotConserved),
        (299_999, 10, Code::Ok),
    ] {
        let code = code_of(|lots| vec![part(&lots[0], kilograms, packages, &[])]);
        assert_eq!(code, expected, "{kilograms} kg in {packages}");
    }
    let nine_of_ten = |lots: &[LotId]| vec![part(&lots[0], 300_000, 9, &["B:1", "B:2"])];
    assert_eq!(code_of(nine_of_ten), Code::NotConserved, "a whole lot leaves no packages");
    let twice = |lots: &[LotId]| vec![part(&lots[0], 1, 0, &[]), part(&lots[0], 1, 0, &[])];
    assert_eq!(code_of(twice), Code::NotConserved);
    let everything =
        |lots: &[LotId]| vec![part(&lots[0], 300_000, 10, &["B:1", "B:2"]), part(&lots[1], 100_000, 10, &["B:3"])];
    assert_eq!(code_of(everything), Code::NotConserved, "that is deliver_full");
    let all_but_a_kilogram =
        |lots: &[LotId]| vec![part(&lots[0], 300_000, 10, &["B:1", "B:2"]), part(&lots[1], 99_999, 10, &[])];
    assert_eq!(code_of(all_but_a_kilogram), Code::Ok);
}

#[test]
fn only_the_keeper_delivers_with_the_holders_consent() {
    let (mut world, doc) = two_lots();
    let lot = first(&world, &doc);
    let op = world.partial_op(&doc, vec![part(&lot, 1, 0, &[])]);
    assert_eq!(world.code("E6", op.clone(), &["BOND"]), Code::RoleNotPermitted);
    assert_eq!(world.code("WUL", op.clone(), &["E6"]), Code::NotHolder);
    let outcome = world.submit("BOND", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    assert_eq!(world.code("BOND", op.clone(), &["E6"]), Code::Ok, "unpledged goods need no supervisor to leave");
    assert_eq!(world.code("BOND", op, &["E6"]), Code::StaleVersion);
    let bill = world.issue_bill(&Bill::s1());
    let lot = first(&world, &bill);
    let op = world.partial_op(&bill, vec![part(&lot, 1, 0, &[])]);
    assert_eq!(world.code("BOND", op, &["E5"]), Code::NotPledgeableHere);
}

#[test]
fn pledged_goods_leave_in_part_with_pledgee_and_supervisor() {
    let (mut world, doc, pledge) = two_lots_pledged();
    let lot = first(&world, &doc);
    let priority = world.pledge(&pledge).priority;
    let op = world.partial_op(&doc, vec![part(&lot, 100_000, 3, &["B:1"])]);
    let mut refused = |consents: &[&str]| {
        let outcome = world.submit("BOND", op.clone(), consents);
        (outcome.code, outcome.args)
    };
    assert_eq!(refused(&["E6", "SUP"]).0, Code::Encumbered);
    assert_eq!(refused(&["B2", "SUP"]), (Code::ConsentMissing, vec![0]));
    assert_eq!(refused(&["E6", "B2"]), (Code::ConsentMissing, vec![2]), "a bribed warehouse");
    let outcome = world.ok("BOND", op, &["E6", "B2", "SUP"]);
    let said = event(&outcome, EventName::PartialRelease);
    assert_eq!(said.parties, vec![world.account("E6"), world.account("B2")]);
    assert!(events(&outcome, EventName::CoverLow).is_empty(), "three quarters are left of seven tenths");
    let record = world.pledge(&pledge);
    assert_eq!((record.state, record.priority), (PledgeState::Active, priority));
    let mut lots = world.doc(&doc).lots;
    lots.sort();
    let mut pledged = record.lots;
    pledged.sort();
    assert_eq!(pledged, lots);
    for lot in world.lots(&doc) {
        assert_eq!(lot.enc, Some(pledge));
        assert_eq!(world.encumbrance(&lot.id.0).expect("encumbered").priority, priority);
        assert_eq!(lot.supervisor, Some(world.account("SUP")));
    }
    assert!(world.encumbrance(&lot.0).is_none());
}

#[test]
fn a_cover_below_the_agreed_share_is_an_alarm_once() {
    let (mut world, doc, pledge) = two_lots_pledged();
    let mut deliver = |kilograms| {
        let lot = first(&world, &doc);
        let op = world.partial_op(&doc, vec![part(&lot, kilograms, 0, &[])]);
        let outcome = world.ok("BOND", op, &["E6", "B2", "SUP"]);
        events(&outcome, EventName::CoverLow).iter().map(|e| e.args.clone()).collect::<Vec<_>>()
    };
    assert_eq!(deliver(120_000), Vec::<Vec<u64>>::new(), "exactly seven tenths");
    assert_eq!(deliver(1), vec![vec![6_999, 7_000]], "rounded down");
    assert_eq!(deliver(1), Vec::<Vec<u64>>::new(), "said already");
    assert!(world.pledge(&pledge).cover_low);
}

#[test]
fn reserved_goods_leave_in_part_with_the_bank_and_the_rest_stays_reserved() {
    let (mut world, doc) = two_lots();
    world.reserve("B1", "E6", &doc, 24);
    let lot = first(&world, &doc);
    let op = world.partial_op(&doc, vec![part(&lot, 1, 0, &[])]);
    assert_eq!(world.code("BOND", op.clone(), &["E6"]), Code::ReservedByOther);
    world.ok("BOND", op, &["E6", "B1"]);
    assert!(world.reservation(&lot.0).is_none());
    for lot in world.doc(&doc).lots {
        assert_eq!(world.reservation(&lot.0), world.reservation(&doc.0));
    }
    let op = world.create_op("B1", "E6", &doc, &paper());
    assert_eq!(world.code("B1", op, &["E6", "BOND", "SUP"]), Code::Ok, "the paper still names the goods");
}

#[test]
fn every_hold_bars_a_partial_delivery_and_a_deficit_too() {
    for kind in HoldKind::ALL {
        let (mut world, doc) = two_lots();
        let lots = world.doc(&doc).lots;
        world.place_hold(&lots[1].0, *kind);
        let op = world.partial_op(&doc, vec![part(&lots[0], 1, 0, &[])]);
        let outcome = world.submit("BOND", op, &["E6"]);
        assert_eq!((outcome.code, outcome.args), (Code::Held, vec![*kind as u64]), "{kind}");
    }
    let (mut world, doc) = two_lots();
    world.count_cell(CELL, 399_999);
    let lot = first(&world, &doc);
    let op = world.partial_op(&doc, vec![part(&lot, 1, 0, &[])]);
    let outcome = world.submit("BOND", op, &["E6"]);
    assert_eq!((outcome.code, outcome.args), (Code::Held, vec![HoldKind::Deficit as u64]));
    let op = world.deliver_op(&doc);
    assert_eq!(world.code("BOND", op, &["E6"]), Code::Ok, "everything may leave");
}

#[test]
fn lots_in_one_container_leave_one_after_the_other_and_the_last_frees_it() {
    let mut world = World::new();
    let paper = Paper::new("WR-1", &["C:1", "P:1", "P:2", "P:3"]).arrived_in(&["L:LOCAL"]);
    let mut receipt = world.receipt_body("COLD", "site of COLD", &paper);
    receipt.lots = ["P:1", "P:2", "P:3"].map(|package| lot_of(1_000, 1, &["C:1", package])).to_vec();
    let body = landsea_types::operation::warehouse::Issue { depositor: world.account("E1"), receipt };
    let doc = doc_of(&world.ok("COLD", Operation::WarehouseIssue(body), &["E1"]));
    for (package, left) in [("P:1", 2), ("P:2", 1)] {
        let lot = first(&world, &doc);
        let op = world.partial_op(&doc, vec![part(&lot, 1_000, 1, &["C:1", package])]);
        world.ok("COLD", op, &["E1"]);
        assert_eq!(world.occupants("C:1").len(), left);
        let op = world.issue_op(&Bill::new("A-1", &["C:1"]));
        assert_eq!(world.code("MTO", op, &["E5"]), Code::GoodsKeyOccupied);
    }
    let lot = first(&world, &doc);
    let op = world.partial_op(&doc, vec![part(&lot, 400, 0, &[])]);
    world.ok("COLD", op, &["E1"]);
    assert_eq!(world.occupants("C:1"), world.doc(&doc).lots, "what stays is of the same consignment");
    let op = world.deliver_op(&doc);
    world.ok("COLD", op, &["E1"]);
    assert!(world.occupants("C:1").is_empty());
    world.issue_bill(&Bill::new("A-1", &["C:1"]));
}

#[test]
fn goods_leave_again_and_again_and_the_sums_agree() {
    let (mut world, doc) = two_lots();
    for n in 1..=20 {
        let lot = first(&world, &doc);
        let op = world.partial_op(&doc, vec![part(&lot, n * 100, 0, &[])]);
        world.ok("BOND", op, &["E6"]);
    }
    let left = 100 * (20 * 21 / 2);
    assert_eq!(world.books(CELL), (500_000 - left, 400_000 - left));
    let sum = Qty::sum(world.lots(&doc).iter().map(|lot| lot.qty));
    assert_eq!(sum, Some(Qty::new((400_000 - left) * KG)));
}

#[test]
fn the_paper_of_what_stays_names_what_it_named_but_what_left() {
    let (mut world, doc) = two_lots();
    world.open_cell("BOND", "site of BOND", "S:ZJ-A08");
    let lots = world.doc(&doc).lots;
    let op = world.relocate_op(&doc, vec![relocation(&lots[0], CELL, "S:ZJ-A08")]);
    world.ok("BOND", op, &["SUP"]);
    let op = world.partial_op(&doc, vec![part(&lots[0], 1, 0, &["B:1"])]);
    world.ok("BOND", op, &["E6"]);
    let rest = world.lots(&doc).remove(0);
    let mut keys = vec![key("B:2"), key("S:ZJ-A08")];
    keys.sort();
    assert_eq!((rest.keys, rest.paper_keys), (keys, vec![key("B:2"), key(CELL)]));
    let paper = bond_paper("WR-1", &["B:2", "B:3", CELL]);
    let op = world.create_op("B2", "E6", &doc, &paper);
    assert_eq!(world.code("B2", op, &["E6", "BOND", "SUP"]), Code::Ok, "the bundle that left is struck off");
}
