//! Holds on warehouse cells show on the lots in them.

use super::*;
use crate::goods::acts::{KG, bond_receipt, stored_300_of_500};
use landsea_types::genesis::ParamKey;
use landsea_types::operation::warehouse::{DeliverPartial, Part};
use landsea_types::{LotId, Qty};

const CELL: &str = "S:ZJ-A07";

/// A second receipt over goods in the cell.
fn second_receipt(world: &World) -> Operation {
    Operation::WarehouseIssue(bond_receipt(world, "WR-2", &[(100_000, &["B:LZ-9", CELL])]))
}

fn cell() -> HoldTarget {
    HoldTarget::Cell(key(CELL).key)
}

#[test]
fn a_hold_on_a_cell_bars_acts_on_the_goods_in_it_and_new_goods() {
    let (mut world, doc) = stored_300_of_500();
    let lot = world.doc(&doc).lots[0];
    let hold = world.freeze("zj", cell(), 100);
    assert_eq!(world.holds(&cell().id()), [HoldKind::CourtFreeze]);
    assert_eq!(world.holds(&lot.0), [HoldKind::CourtFreeze], "the lot shows it");
    assert!(world.holds(&doc.0).is_empty(), "the hold stands on goods, not on papers");
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B2", op.clone(), &["E6"]), Code::Held);
    let issue = second_receipt(&world);
    assert_eq!(world.code("BOND", issue, &["E6", "SUP"]), Code::Held);
    let lift = world.lift_op(&hold);
    world.ok("zj", lift, &[]);
    assert!(world.holds(&lot.0).is_empty());
    world.ok("B2", op, &["E6"]);
}

#[test]
fn a_lot_shows_its_own_hold_and_that_of_its_cell_side_by_side() {
    let (mut world, doc) = stored_300_of_500();
    let lot = world.doc(&doc).lots[0];
    world.freeze("zj", cell(), 100);
    world.freeze("gx", HoldTarget::Lot(lot), 100);
    world.dispute("E1", HoldTarget::Lot(lot));
    let shown = [HoldKind::CourtFreeze, HoldKind::CourtFreeze, HoldKind::Dispute];
    assert_eq!(world.holds(&lot.0), shown, "different objects have queues of their own");
}

#[test]
fn goods_that_come_into_a_cell_under_a_customs_hold_show_it_too() {
    let (mut world, _) = stored_300_of_500();
    world.customs(cell());
    let outcome = {
        let issue = second_receipt(&world);
        world.ok("BOND", issue, &["E6", "SUP"])
    };
    let lot = world.doc(&doc_of(&outcome)).lots[0];
    assert_eq!(world.holds(&lot.0), [HoldKind::CustomsHold]);
}

#[test]
fn what_stays_after_a_partial_delivery_keeps_the_holds_and_what_left_shows_none_of_the_cell() {
    let (mut world, doc) = stored_300_of_500();
    let lot = world.doc(&doc).lots[0];
    let of_cell = world.dispute("E1", cell());
    let of_lot = world.dispute("E2", HoldTarget::Lot(lot));
    let part = Part { lot, qty: Qty::new(100_000 * KG), packages: 1, keys: vec![key("B:LZ-1").key] };
    let op = Operation::WarehouseDeliverPartial(DeliverPartial { doc, expect_ver: 1, parts: vec![part] });
    assert_eq!(world.code("BOND", op.clone(), &["E6", "SUP"]), Code::Held);
    for (by, hold) in [("E1", of_cell), ("E2", of_lot)] {
        let withdraw = world.withdraw_dispute_op(&hold);
        world.ok(by, withdraw, &[]);
    }
    world.ok("BOND", op, &["E6", "SUP"]);
    let stays: LotId = world.doc(&doc).lots[0];
    assert_ne!(stays, lot);
    let hold = world.customs(cell());
    assert_eq!(world.holds(&stays.0), [HoldKind::CustomsHold]);
    assert!(world.holds(&lot.0).is_empty(), "the lot that ended lies nowhere");
    let release = world.release_customs_op(&hold);
    world.ok("SW", release, &[]);
}

#[test]
fn an_expired_hold_on_a_cell_keeps_no_new_goods_out_before_the_sweep() {
    let (mut world, _) = stored_300_of_500();
    world.emergency("zj", cell());
    world.edit(|view| {
        view.put_row(landsea_types::state::Table::Param, &ParamKey::SweepItemsMax.number().to_be_bytes(), &1u64)
    });
    world.pass(6 * DAY);
    world.count_cell(CELL, 500_000);
    world.advance(2 * DAY);
    let issue = second_receipt(&world);
    let outcome = world.ok("BOND", issue, &["E6", "SUP"]);
    assert!(!events(&outcome, EventName::HoldLapsed).is_empty());
}
