//! Goods that leave what still speaks of them, and goods that come back.

use super::acts::*;
use crate::goods::acts::{KG, bond_paper, stored_300_of_500};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::role::{FlowAlertKind::*, FlowStep, HoldKind};
use landsea_types::{Code, DocId, LotId, Qty};

const CELL: &str = "S:ZJ-A07";

/// A receipt of E6 over 300 t in a cell of BOND in which 300 t were counted, watched by SUP.
fn full_cell() -> (World, DocId, LotId) {
    let (mut world, doc) = stored_300_of_500();
    world.count_cell(CELL, 300_000);
    let lot = world.doc(&doc).lots[0];
    (world, doc, lot)
}

/// A bill of the MTO over one container lot of 20 t.
fn on_rails() -> (World, DocId, LotId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::new("A-1", &["C:1"]));
    let lot = world.doc(&doc).lots[0];
    (world, doc, lot)
}

fn is_short(world: &mut World, lot: &LotId) -> bool {
    let shown = world.holds(&lot.0) == [HoldKind::Deficit];
    assert_eq!(world.lot(lot).deficit, shown);
    shown
}

#[test]
fn an_exit_lowers_the_count_of_the_cell_and_a_return_heals_the_deficit() {
    let (mut world, doc, lot) = full_cell();
    let paper = bond_paper("WR-ZJ-0301", &["B:LZ-1", "B:LZ-2", CELL]);
    let op = world.create_op("B2", "E6", &doc, &paper);
    world.ok("B2", op, &["E6", "BOND", "SUP"]);
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 5_000);
    let outcome = world.say("SUP", &exit, &[]);
    assert_eq!(alarms(&outcome), [UnauthorisedExit]);
    assert_eq!(event(&outcome, EventName::CellDeficit).args, [5_000 * KG]);
    assert_eq!(world.books(CELL), (295_000, 300_000));
    assert!(is_short(&mut world, &lot));
    assert_eq!(world.cargo_event(&exit.id()).moved, [Qty::new(5_000 * KG)]);
    let back = world.sight_of_kg(&lot, FlowStep::GateIn, 2_000);
    world.say("SUP", &back, &[]);
    assert_eq!(world.books(CELL), (297_000, 300_000));
    assert!(is_short(&mut world, &lot));
    let rest = world.sight_of_kg(&lot, FlowStep::GateIn, 3_000);
    world.say("SUP", &rest, &[]);
    assert_eq!(world.books(CELL), (300_000, 300_000));
    assert!(!is_short(&mut world, &lot));
}

#[test]
fn only_what_left_comes_back() {
    let (mut world, _, lot) = full_cell();
    let back = world.sight_of_kg(&lot, FlowStep::GateIn, 7_000);
    world.say("SUP", &back, &[]);
    assert_eq!(world.books(CELL), (300_000, 300_000), "nothing had left");
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 1_000);
    world.say("SUP", &exit, &[]);
    let back = world.sight_of_kg(&lot, FlowStep::GateIn, 7_000);
    world.say("SUP", &back, &[]);
    assert_eq!(world.books(CELL), (300_000, 300_000), "no room for another receipt");
    assert_eq!(world.cargo_event(&back.id()).moved, [Qty::new(1_000 * KG)]);
}

#[test]
fn a_report_heals_no_deficit_that_a_count_found() {
    let (mut world, _, lot) = full_cell();
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 1_000);
    world.say("SUP", &exit, &[]);
    world.count_cell(CELL, 280_000);
    let back = world.sight_of_kg(&lot, FlowStep::GateIn, 20_000);
    world.say("SUP", &back, &[]);
    assert_eq!(world.books(CELL), (280_000, 300_000));
    assert!(is_short(&mut world, &lot));
    world.count_cell(CELL, 300_000);
    assert!(!is_short(&mut world, &lot), "a count does");
}

#[test]
fn a_keeper_alone_heals_no_deficit_and_with_the_supervisor_it_does() {
    let (mut world, _, lot) = full_cell();
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 5_000);
    world.say("SUP", &exit, &[]);
    let back = world.sight_of_kg(&lot, FlowStep::GateIn, 5_000);
    world.say("BOND", &back, &[]);
    assert!(is_short(&mut world, &lot), "recorded, and believed when two say it");
    assert_eq!(world.timeline(&lot), [exit.id(), back.id()]);
    let back = world.sight_of_kg(&lot, FlowStep::GateIn, 5_000);
    world.say("BOND", &back, &["SUP"]);
    assert!(!is_short(&mut world, &lot));
}

#[test]
fn a_keeper_alone_may_say_that_goods_left() {
    let (mut world, _, lot) = full_cell();
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 5_000);
    world.say("BOND", &exit, &[]);
    assert!(is_short(&mut world, &lot));
}

#[test]
fn an_exit_of_stored_goods_without_a_quantity_is_of_the_whole() {
    let (mut world, _, lot) = full_cell();
    let exit = world.sight(&[lot], FlowStep::GateOut);
    world.say("SUP", &exit, &[]);
    assert_eq!(world.books(CELL), (0, 300_000));
}

#[test]
fn a_short_lot_bars_what_its_hold_bars() {
    let (mut world, doc, lot) = full_cell();
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 1);
    world.say("SUP", &exit, &[]);
    let paper = bond_paper("WR-ZJ-0301", &["B:LZ-1", "B:LZ-2", CELL]);
    let op = world.create_op("B2", "E6", &doc, &paper);
    let outcome = world.submit("B2", op, &["E6", "BOND", "SUP"]);
    assert_eq!((outcome.code, outcome.args), (Code::Held, vec![HoldKind::Deficit as u64]));
}

#[test]
fn in_no_cell_the_lot_itself_is_short() {
    let (mut world, _, lot) = on_rails();
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 8_000);
    world.say("MTO", &exit, &[]);
    assert_eq!(world.lot(&lot).missing, Qty::new(8_000 * KG));
    assert!(is_short(&mut world, &lot));
    let more = world.sight_of_kg(&lot, FlowStep::GateOut, 15_000);
    world.say("MTO", &more, &[]);
    assert_eq!(world.lot(&lot).missing, world.lot(&lot).qty, "no more leaves than there is");
    assert_eq!(world.cargo_event(&more.id()).moved, [Qty::new(12_000 * KG)]);
    let back = world.sight_of_kg(&lot, FlowStep::GateIn, 19_000);
    world.say("MTO", &back, &[]);
    assert!(is_short(&mut world, &lot));
    let rest = world.sight_of_kg(&lot, FlowStep::GateIn, 1_000);
    world.say("MTO", &rest, &[]);
    assert!(!is_short(&mut world, &lot));
    assert_eq!(world.lot(&lot).missing, Qty::ZERO);
}

#[test]
fn a_gate_on_the_way_is_no_exit_of_the_whole_and_a_delivery_is() {
    let (mut world, _, lot) = on_rails();
    let gate = world.sight(&[lot], FlowStep::GateOut);
    world.say("MTO", &gate, &[]);
    assert!(!is_short(&mut world, &lot), "goods that travel pass gates");
    let delivered = world.sight(&[lot], FlowStep::Delivered);
    world.say("MTO", &delivered, &[]);
    assert!(is_short(&mut world, &lot), "delivered without the bill");
}

#[test]
fn who_only_claims_to_receive_goods_moves_no_quantity() {
    let (mut world, _, lot) = on_rails();
    let taken = FlowReport { step: FlowStep::Delivered, ..world.hand_over(&[lot], "MTO", "COLD") };
    world.say("COLD", &taken, &[]);
    assert!(!is_short(&mut world, &lot));
    assert!(world.cargo_event(&taken.id()).moved.is_empty());
}
