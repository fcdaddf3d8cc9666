//! Relocations between cells.

use super::acts::*;
use crate::goods::acts::*;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::goods::CellOpen;
use landsea_types::operation::warehouse::Move;
use landsea_types::role::{DocKind, HoldKind};
use landsea_types::{Code, DocId, LotId, Operation, Uom};

const FROM: &str = "S:ZJ-A07";
const TO: &str = "S:ZJ-A08";

/// 300 t and 100 t of E6 in one cell of BOND, counted at 500 t, and another that is empty.
fn stored() -> (World, DocId) {
    let mut world = world_with_cell();
    world.count_cell(FROM, 500_000);
    world.open_cell("BOND", "site of BOND", TO);
    let doc = world.issue_at_bond("WR-1", &[(300_000, &["B:1", FROM]), (100_000, &["B:2", FROM])]);
    (world, doc)
}

/// What the moves that `moves` makes of the two lots answer.
fn code_of(moves: impl FnOnce(&[LotId]) -> Vec<Move>) -> Code {
    let (mut world, doc) = stored();
    let op = world.relocate_op(&doc, moves(&world.doc(&doc).lots));
    world.code("BOND", op, &["SUP"])
}

#[test]
fn the_count_moves_with_the_goods_and_the_paper_stays() {
    let (mut world, doc) = stored();
    let lots = world.doc(&doc).lots;
    let op = world.relocate_op(&doc, vec![relocation(&lots[1], FROM, TO)]);
    let outcome = world.ok("BOND", op, &["SUP"]);
    assert_eq!(event(&outcome, EventName::Relocated).related.len(), 1);
    assert_eq!((world.books(FROM), world.books(TO)), ((400_000, 300_000), (100_000, 100_000)));
    let lot = world.lot(&lots[1]);
    assert_eq!((lot.keys, lot.paper_keys), (vec![key("B:2"), key(TO)], vec![key("B:2"), key(FROM)]));
    assert_eq!(world.doc(&doc).lots, lots, "they are the same lots");
    let op = world.create_op("B2", "E6", &doc, &bond_paper("WR-1", &["B:1", "B:2", FROM]));
    assert_eq!(world.code("B2", op, &["E6", "BOND", "SUP"]), Code::Ok, "the bank's paper names the first cell");
}

#[test]
fn a_cell_that_was_only_filled_by_relocation_was_never_counted() {
    let (mut world, doc) = stored();
    let lot = world.doc(&doc).lots[1];
    let op = world.relocate_op(&doc, vec![relocation(&lot, FROM, TO)]);
    world.ok("BOND", op, &["SUP"]);
    let op = Operation::WarehouseIssue(bond_receipt(&world, "WR-2", &[(1, &["B:3", TO])]));
    assert_eq!(world.code("BOND", op, &["E6", "SUP"]), Code::CountTooOld);
}

#[test]
fn lots_move_once_from_where_they_are_to_another_cell_of_the_site() {
    assert_eq!(code_of(|_| vec![]), Code::TooLarge);
    assert_eq!(code_of(|lots| vec![relocation(&lots[0], TO, FROM)]), Code::UnknownObject, "it is not there");
    assert_eq!(code_of(|lots| vec![relocation(&lots[0], FROM, "S:NONE")]), Code::UnknownObject);
    assert_eq!(code_of(|_| vec![relocation(&LotId([7; 32]), FROM, TO)]), Code::UnknownObject);
    assert_eq!(code_of(|lots| vec![relocation(&lots[0], FROM, FROM)]), Code::KeyDuplicated);
    let twice = |lots: &[LotId]| vec![relocation(&lots[0], FROM, TO), relocation(&lots[0], FROM, TO)];
    assert_eq!(code_of(twice), Code::KeyDuplicated);
    let both = |lots: &[LotId]| vec![relocation(&lots[0], FROM, TO), relocation(&lots[1], FROM, TO)];
    assert_eq!(code_of(both), Code::Ok);
    let (mut world, doc) = stored();
    world.open_cell("COLD", "site of COLD", "S:C-12");
    let lot = world.doc(&doc).lots[0];
    let op = world.relocate_op(&doc, vec![relocation(&lot, FROM, "S:C-12")]);
    assert_eq!(world.code("BOND", op, &["SUP"]), Code::UnknownObject, "another site");
}

#[test]
fn a_cell_takes_goods_in_its_own_unit() {
    let (mut world, doc) = stored();
    let ticket = world.ticket("BOND", DocKind::SITE, &Paper::new("site of BOND", &["S:TANK"]));
    world.ok("BOND", Operation::GoodsCellOpen(CellOpen { ticket, uom: Uom(*b"LTR") }), &[]);
    let lot = world.doc(&doc).lots[0];
    let op = world.relocate_op(&doc, vec![relocation(&lot, FROM, "S:TANK")]);
    assert_eq!(world.code("BOND", op, &["SUP"]), Code::UnitMismatch);
}

#[test]
fn a_blocked_held_or_short_cell_takes_no_goods() {
    let relocate = |world: &mut World, doc: &DocId| {
        let op = world.relocate_op(doc, vec![relocation(&world.doc(doc).lots[1], FROM, TO)]);
        let outcome = world.submit("BOND", op, &["SUP"]);
        (outcome.code, outcome.args)
    };
    let (mut world, doc) = stored();
    let op = world.cell_block_op(TO);
    world.ok("zj", op, &[]);
    assert_eq!(relocate(&mut world, &doc).0, Code::CellBlocked);
    let (mut world, doc) = stored();
    world.place_hold(&key(TO).key.0, HoldKind::Dispute);
    assert_eq!(relocate(&mut world, &doc), (Code::Held, vec![HoldKind::Dispute as u64]));
    let (mut world, doc) = stored();
    world.count_cell(TO, 10);
    world.issue_at_bond("WR-2", &[(10, &["B:9", TO])]);
    world.count_cell(TO, 9);
    assert_eq!(relocate(&mut world, &doc), (Code::Held, vec![HoldKind::Deficit as u64]));
    let (mut world, doc) = stored();
    let op = world.cell_block_op(FROM);
    world.ok("zj", op, &[]);
    assert_eq!(relocate(&mut world, &doc).0, Code::Ok, "goods may leave a blocked cell");
}

#[test]
fn a_short_cell_is_not_emptied_into_another() {
    let (mut world, doc) = stored();
    world.count_cell(FROM, 399_999);
    let lot = world.doc(&doc).lots[1];
    let op = world.relocate_op(&doc, vec![relocation(&lot, FROM, TO)]);
    let outcome = world.submit("BOND", op, &["SUP"]);
    assert_eq!((outcome.code, outcome.args), (Code::Held, vec![HoldKind::Deficit as u64]));
}

#[test]
fn holds_of_a_cell_and_of_a_lot_go_along() {
    let (mut world, doc) = stored();
    let lot = world.doc(&doc).lots[1];
    world.place_hold(&key(FROM).key.0, HoldKind::CustomsHold);
    world.place_hold(&lot.0, HoldKind::CustomsHold);
    assert_eq!(world.holds(&lot.0).len(), 2);
    let op = world.relocate_op(&doc, vec![relocation(&lot, FROM, TO)]);
    world.ok("BOND", op, &["SUP"]);
    assert_eq!(world.holds(&lot.0).len(), 2);
    assert_eq!(world.holds(&key(FROM).key.0), vec![HoldKind::CustomsHold], "and stay with the cell");
    world.place_hold(&key(TO).key.0, HoldKind::Dispute);
    assert_eq!(world.holds(&lot.0), vec![HoldKind::Dispute, HoldKind::CustomsHold, HoldKind::CustomsHold]);
}

#[test]
fn keeper_supervisor_and_pledgee_sign() {
    let (mut world, doc) = stored();
    let lot = world.doc(&doc).lots[1];
    let op = world.relocate_op(&doc, vec![relocation(&lot, FROM, TO)]);
    assert_eq!(world.code("E6", op.clone(), &["SUP"]), Code::RoleNotPermitted);
    assert_eq!(world.code("WUL", op.clone(), &["SUP"]), Code::NotHolder);
    let outcome = world.submit("BOND", op, &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let op = world.create_op("B2", "E6", &doc, &bond_paper("WR-1", &["B:1", "B:2", FROM]));
    world.ok("B2", op, &["E6", "BOND", "SUP"]);
    let op = world.relocate_op(&doc, vec![relocation(&lot, FROM, TO)]);
    assert_eq!(world.code("BOND", op.clone(), &["SUP"]), Code::Encumbered);
    assert_eq!(world.code("BOND", op, &["SUP", "B2"]), Code::Ok);
    assert!(world.encumbrance(&lot.0).is_some());
}

#[test]
fn a_site_without_a_supervisor_relocates_alone() {
    let mut world = World::new();
    world.open_cell("COLD", "site of COLD", "S:1");
    world.open_cell("COLD", "site of COLD", "S:2");
    let op = world.cell_count_op("S:1", 100_000);
    world.ok("COLD", op, &["SUP"]);
    let doc = world.issue_receipt(&Receipt::new("WR-1", &["S:1"]));
    let lot = world.doc(&doc).lots[0];
    let op = world.relocate_op(&doc, vec![relocation(&lot, "S:1", "S:2")]);
    assert_eq!(world.code("COLD", op, &[]), Code::Ok);
}
