//! The fifth scenario: the Qingdao pattern, aluminium in two warehouses of two members.

use crate::goods::acts::*;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::role::HoldKind;
use landsea_types::{Code, DocId, Operation, PledgeId};

const CELL: &str = "S:ZJ-A07";

/// Sixty bundles, as many as the receipt names, and the cell.
fn bundles() -> Vec<String> {
    (1..=60).map(|n| format!("B:LZ-2604-{n:03}")).collect()
}

fn keys_in<'k>(cell: &'k str, bundles: &'k [String]) -> Vec<&'k str> {
    bundles.iter().map(String::as_str).chain([cell]).collect()
}

/// E6's 300 t in BOND's cell, counted at 500 t by BOND and SUP.
fn first_receipt(world: &mut World) -> DocId {
    world.open_cell("BOND", "site of BOND", CELL);
    world.count_cell(CELL, 500_000);
    let bundles = bundles();
    world.issue_at_bond("WR-ZJ-0301", &[(300_000, &keys_in(CELL, &bundles))])
}

/// The same, pledged to B2.
fn pledged() -> (World, DocId, PledgeId) {
    let mut world = World::new();
    let doc = first_receipt(&mut world);
    let bundles = bundles();
    let op = world.create_op("B2", "E6", &doc, &bond_paper("WR-ZJ-0301", &keys_in(CELL, &bundles)));
    let pledge = pledge_of(&world.ok("B2", op, &["E6", "BOND", "SUP"]));
    (world, doc, pledge)
}

fn second_op(world: &World, kilograms: u64) -> Operation {
    Operation::WarehouseIssue(bond_receipt(world, "WR-ZJ-0302", &[(kilograms, &["B:LZ-2604-061", CELL])]))
}

#[test]
fn six_hundred_of_five_hundred_tonnes_answer_4002() {
    let (mut world, ..) = pledged();
    let op = second_op(&world, 300_000);
    let outcome = world.submit("BOND", op, &["E6", "SUP"]);
    assert_eq!((outcome.code, outcome.args), (Code::CellCapacity, vec![200_000 * KG]));
    let op = second_op(&world, 200_000);
    assert_eq!(world.code("BOND", op, &["E6", "SUP"]), Code::Ok);
}

#[test]
fn the_same_bundles_in_another_warehouse_answer_4001_to_all_three_branches() {
    let (mut world, ..) = pledged();
    let paper = bond_paper("WR-HH-1", &["B:LZ-2604-001", "B:LZ-2604-002"]);
    let op = world.receipt_op(&Receipt { issuer: "WUL", site: "site of WUL", depositor: "E6", paper });
    let outcome = world.submit("WUL", op, &["E6"]);
    assert_eq!(outcome.code, Code::GoodsKeyOccupied);
    let alarm = event(&outcome, EventName::DuplicateGoods);
    let mut expected = vec![world.member("zj"), world.member("hh"), world.member("gx")];
    expected.sort();
    assert_eq!(alarm.members, expected);
    assert_eq!(world.attempts().len(), 1);
}

#[test]
fn a_bribed_warehouse_without_its_supervisor_answers_1008() {
    let (mut world, ..) = pledged();
    let op = second_op(&world, 200_000);
    let outcome = world.submit("BOND", op, &["E6"]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![1]));
    let op = world.cell_count_op(CELL, 900_000);
    assert_eq!(world.code("BOND", op, &[]), Code::ConsentMissing, "nor does it count alone");
}

#[test]
fn a_recount_of_280_tonnes_raises_a_deficit_that_bars_new_rights_until_it_is_cured() {
    let (mut world, doc, pledge) = pledged();
    let outcome = world.count_cell(CELL, 280_000);
    assert_eq!(event(&outcome, EventName::CellDeficit).args, vec![20_000 * KG]);
    let held = (Code::Held, vec![HoldKind::Deficit as u64]);
    let op = second_op(&world, 1);
    let outcome = world.submit("BOND", op, &["E6", "SUP"]);
    assert_eq!((outcome.code, outcome.args), held);
    let op = world.endorse_transfer_op(&doc, "E4");
    let outcome = world.submit("E6", op, &["BOND", "B2"]);
    assert_eq!((outcome.code, outcome.args), held);
    let op = world.release_op(&pledge);
    world.ok("B2", op, &[]);
    let bundles = bundles();
    let op = world.create_op("B1", "E6", &doc, &bond_paper("WR-ZJ-0301", &keys_in(CELL, &bundles)));
    let outcome = world.submit("B1", op, &["E6", "BOND", "SUP"]);
    assert_eq!((outcome.code, outcome.args), held);
    world.count_cell(CELL, 300_000);
    let op = world.endorse_transfer_op(&doc, "E4");
    assert_eq!(world.code("E6", op, &["BOND"]), Code::Ok);
}

#[test]
fn a_warehouse_in_the_borrowers_group_answers_5109() {
    let groups = vec![("BOND", "one house"), ("E6", "one house")];
    let mut world = World::with(Setup { groups, ..Setup::default() });
    let doc = first_receipt(&mut world);
    let bundles = bundles();
    let op = world.create_op("B2", "E6", &doc, &bond_paper("WR-ZJ-0301", &keys_in(CELL, &bundles)));
    assert_eq!(world.code("B2", op, &["E6", "BOND", "SUP"]), Code::CustodianNotIndependent);
}
