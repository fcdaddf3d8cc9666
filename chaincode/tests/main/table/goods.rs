//! Cases of the `goods` operations. What they record are facts, so no hold bears on any of them.

use super::{BLANK, Case, Ready};
use crate::goods::acts::*;
use crate::kit::{Bill, World, doc_of, key};
use landsea_chaincode::hold::Act;
use landsea_types::{Code, LotId, Operation};

const CELL: &str = "S:ZJ-A07";

pub const CASES: &[Case] = &[
    Case {
        operation: "goods.cell_open",
        ready: |world| {
            let op = world.cell_open_op("BOND", "site of BOND", CELL);
            Ready { sender: "BOND", op, consents: vec![], targets: vec![world.account("BOND").0] }
        },
        wrong_role: Some(("SUP", Code::RoleNotPermitted)),
        wrong_states: &[(again, Code::DuplicateParty), (licence_ends, Code::LicenceMissing)],
        versioned: false,
        ..FACT
    },
    Case {
        operation: "goods.cell_count",
        ready: |world| {
            world.open_cell("BOND", "site of BOND", CELL);
            let op = world.cell_count_op(CELL, 500_000);
            Ready { sender: "BOND", op, consents: vec!["SUP"], targets: vec![key(CELL).key.0] }
        },
        wrong_role: Some(("SUP", Code::RoleNotPermitted)),
        missing: &[Code::ConsentMissing],
        ..FACT
    },
    Case {
        operation: "goods.cell_block",
        ready: |world| {
            world.open_cell("BOND", "site of BOND", CELL);
            Ready { sender: "zj", op: world.cell_block_op(CELL), consents: vec![], targets: vec![key(CELL).key.0] }
        },
        wrong_role: Some(("BOND", Code::RoleNotPermitted)),
        wrong_states: &[(again, Code::CellBlocked)],
        ..FACT
    },
    Case {
        operation: "goods.cell_unblock",
        ready: |world| {
            world.open_cell("BOND", "site of BOND", CELL);
            let op = world.cell_block_op(CELL);
            world.ok("zj", op, &[]);
            Ready { sender: "zj", op: world.cell_unblock_op(CELL), consents: vec![], targets: vec![key(CELL).key.0] }
        },
        wrong_role: Some(("cq", Code::RoleNotPermitted)),
        ..FACT
    },
    Case {
        operation: "goods.unstuff",
        ready: |world| on_lot(world, |world, lot| world.unstuff_op(lot, &["C:1"])),
        wrong_states: &[(lost, Code::LotNotActive), (again, Code::UnknownObject)],
        ..FACT
    },
    Case {
        operation: "goods.reseal",
        ready: |world| on_lot(world, |world, lot| world.reseal_op(lot, "", "seal 1")),
        wrong_states: &[(lost, Code::LotNotActive)],
        ..FACT
    },
    Case {
        operation: "goods.declare_loss",
        ready: |world| on_lot(world, World::loss_op),
        wrong_states: &[(lost, Code::LotNotActive), (delivered, Code::LotNotActive)],
        ..FACT
    },
    Case {
        operation: "goods.force_vacate",
        ready: |world| Ready { sender: "cq", ..on_lot(world, |world, _| world.vacate_op("C:1")) },
        wrong_states: &[
            (again, Code::UnknownObject),
            (delivered, Code::UnknownObject),
            (reserved, Code::ReservedByOther),
            (pledged, Code::Encumbered),
        ],
        versioned: false,
        ..FACT
    },
];

/// What most of these operations have in common.
const FACT: Case = Case { wrong_role: Some(("E5", Code::RoleNotPermitted)), act: Some(Act::Record), ..BLANK };

fn bill() -> Bill {
    Bill::new("A-1", &["C:1", "P:1"])
}

/// An operation of the MTO on the lot of its bill for E5, a package in a container.
fn on_lot(world: &mut World, op: impl FnOnce(&World, &LotId) -> Operation) -> Ready {
    let mut body = world.issue_body(&bill());
    body.lots = vec![lot_of(1_000, 1, &["C:1", "P:1"])];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    let lot = world.doc(&doc).lots[0];
    let targets = vec![doc.0, lot.0, world.account("E5").0, world.account("MTO").0];
    Ready { sender: "MTO", op: op(world, &lot), consents: vec![], targets }
}

fn again(world: &mut World, ready: &Ready) {
    world.ok(ready.sender, ready.op.clone(), &ready.consents);
}

fn lost(world: &mut World, ready: &Ready) {
    let op = world.loss_op(&LotId(ready.targets[1]));
    world.ok("INS", op, &[]);
}

fn delivered(world: &mut World, ready: &Ready) {
    world.deliver("E5", &landsea_types::DocId(ready.targets[0]));
}

fn reserved(world: &mut World, ready: &Ready) {
    world.reserve("B1", "E5", &landsea_types::DocId(ready.targets[0]), 24);
}

fn pledged(world: &mut World, ready: &Ready) {
    world.pledge_doc("B1", "E5", "MTO", &landsea_types::DocId(ready.targets[0]), &bill().paper);
}

fn licence_ends(world: &mut World, _: &Ready) {
    world.pass(11 * 365 * crate::kit::DAY);
}
