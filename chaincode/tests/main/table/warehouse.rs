//! Cases of the `warehouse` operations that receipts do not share with waybills.

use super::{BLANK, Case, Ready};
use crate::goods::acts::*;
use crate::kit::{HOUR, Paper, SECOND, World, commit, key, pledge_of};
use crate::warehouse::acts::*;
use landsea_chaincode::hold::Act;
use landsea_types::operation::pledge::DeclareDefault;
use landsea_types::operation::warehouse::Termination;
use landsea_types::record::Doc;
use landsea_types::role::DocState;
use landsea_types::{Code, DocId, LotId, Operation, Timestamp};

const CELL: &str = "S:ZJ-A07";
const OTHER: &str = "S:ZJ-A08";

pub const CASES: &[Case] = &[
    Case {
        operation: "warehouse.issue",
        ready: |world| {
            world.open_cell("BOND", "site of BOND", CELL);
            world.count_cell(CELL, 500_000);
            let op = Operation::WarehouseIssue(bond_receipt(world, "WR-1", &[(300_000, &["B:1", CELL])]));
            Ready { sender: "BOND", op, consents: vec!["E6", "SUP"], targets: vec![key(CELL).key.0] }
        },
        wrong_states: &[
            (again, Code::DuplicateDocument),
            (cell_blocked, Code::CellBlocked),
            (bundle_taken, Code::GoodsKeyOccupied),
            (count_grows_old, Code::CountTooOld),
            (cell_emptied, Code::CellCapacity),
        ],
        act: Some(Act::Pledge),
        versioned: false,
        missing: &[Code::ConsentMissing, Code::ConsentMissing],
        ..BY_KEEPER
    },
    Case {
        operation: "warehouse.endorse_transfer",
        ready: |world| {
            let doc = pledged(world);
            let op = world.endorse_transfer_op(&doc, "E4");
            Ready { sender: "E6", consents: vec!["BOND", "B2"], ..on(world, &doc, op) }
        },
        wrong_role: Some(("BOND", Code::RoleNotPermitted)),
        wrong_states: OF_PLEDGED,
        act: Some(Act::Transfer),
        missing: &[Code::ConsentMissing, Code::Encumbered],
        ..BY_KEEPER
    },
    Case {
        operation: "warehouse.deliver_full",
        ready: |world| {
            let doc = pledged(world);
            let op = world.deliver_op(&doc);
            Ready { consents: vec!["E6", "B2"], ..on(world, &doc, op) }
        },
        wrong_states: OF_PLEDGED,
        act: Some(Act::Exit),
        missing: &[Code::ConsentMissing, Code::Encumbered],
        ..BY_KEEPER
    },
    Case {
        operation: "warehouse.deliver_partial",
        ready: |world| {
            let doc = pledged(world);
            let lot = world.doc(&doc).lots[0];
            let op = world.partial_op(&doc, vec![part(&lot, 1_000, 1, &["B:1"])]);
            Ready { consents: vec!["E6", "B2", "SUP"], ..on(world, &doc, op) }
        },
        wrong_states: &[
            (paper_is_out, Code::PaperIsOut),
            (sale_noticed, Code::DocumentState),
            (lots_lost, Code::UnknownObject),
            (enforced, Code::PledgeState),
        ],
        act: Some(Act::PartialExit),
        missing: &[Code::ConsentMissing, Code::Encumbered, Code::ConsentMissing],
        ..BY_KEEPER
    },
    Case {
        operation: "warehouse.relocate",
        ready: |world| {
            let doc = pledged(world);
            world.open_cell("BOND", "site of BOND", OTHER);
            let lot = world.doc(&doc).lots[0];
            let op = world.relocate_op(&doc, vec![relocation(&lot, CELL, OTHER)]);
            let mut ready = Ready { consents: vec!["SUP", "B2"], ..on(world, &doc, op) };
            ready.targets.push(key(OTHER).key.0);
            ready
        },
        wrong_states: &[
            (paper_is_out, Code::PaperIsOut),
            (sale_noticed, Code::DocumentState),
            (lots_lost, Code::UnknownObject),
            (again, Code::UnknownObject),
            (other_cell_blocked, Code::CellBlocked),
        ],
        act: Some(Act::Reshape),
        missing: &[Code::ConsentMissing, Code::Encumbered],
        ..BY_KEEPER
    },
    Case {
        operation: "warehouse.extend_storage",
        ready: |world| {
            let doc = pledged(world);
            let op = world.extend_storage_op(&doc, 400);
            Ready { consents: vec!["E6"], ..on(world, &doc, op) }
        },
        wrong_states: &[
            (paper_is_out, Code::PaperIsOut),
            (sale_noticed, Code::DocumentState),
            (lots_lost, Code::LotNotActive),
            (again, Code::TermOutOfLimits),
        ],
        missing: &[Code::ConsentMissing],
        ..BY_KEEPER
    },
    Case {
        operation: "warehouse.set_lien",
        ready: |world| {
            let doc = pledged(world);
            let op = world.lien_op(&doc, true);
            on(world, &doc, op)
        },
        wrong_states: &[
            (paper_is_out, Code::PaperIsOut),
            (sale_noticed, Code::DocumentState),
            (lots_lost, Code::LotNotActive),
        ],
        ..BY_KEEPER
    },
    Case {
        operation: "warehouse.terminate",
        ready: |world| {
            let doc = pledged(world);
            let op = world.sale_notice_op(&doc);
            world.ok("BOND", op, &[]);
            world.pass(30 * 24 * HOUR);
            let op = world.sold_op(&doc);
            on(world, &doc, op)
        },
        wrong_states: &[
            (paper_is_out, Code::PaperIsOut),
            (sale_withdrawn, Code::DocumentState),
            (again, Code::DocumentState),
            (lots_lost, Code::LotNotActive),
            (sale_noticed_anew, Code::WaitingPeriod),
        ],
        act: Some(Act::Exit),
        ..BY_KEEPER
    },
];

/// What most of these operations have in common.
const BY_KEEPER: Case = Case { wrong_role: Some(("E6", Code::RoleNotPermitted)), act: Some(Act::Record), ..BLANK };

/// Wrong states of a pledged receipt that is to pass on or end.
const OF_PLEDGED: &[(super::Spoil, Code)] = &[
    (paper_is_out, Code::PaperIsOut),
    (sale_noticed, Code::DocumentState),
    (lots_lost, Code::LotNotActive),
    (enforced, Code::PledgeState),
];

fn paper() -> Paper {
    bond_paper("WR-1", &["B:1", "B:2", CELL])
}

/// A receipt of E6 over a counted cell of BOND, pledged to B2.
fn pledged(world: &mut World) -> DocId {
    world.open_cell("BOND", "site of BOND", CELL);
    world.count_cell(CELL, 500_000);
    let doc = world.issue_at_bond("WR-1", &[(300_000, &["B:1", "B:2", CELL])]);
    let op = world.create_op("B2", "E6", &doc, &paper());
    pledge_of(&world.ok("B2", op, &["E6", "BOND", "SUP"]));
    doc
}

/// The keeper's operation on a receipt, its lot, its owner and its cell.
fn on(world: &World, doc: &DocId, op: Operation) -> Ready {
    let lot = world.doc(doc).lots[0];
    let targets = vec![doc.0, lot.0, world.account("E6").0, key(CELL).key.0];
    Ready { sender: "BOND", op, consents: vec![], targets }
}

fn doc_in(ready: &Ready) -> DocId {
    DocId(ready.targets[0])
}

fn again(world: &mut World, ready: &Ready) {
    world.ok(ready.sender, ready.op.clone(), &ready.consents);
}

fn paper_is_out(world: &mut World, ready: &Ready) {
    let doc = Doc { state: DocState::PaperOut, ..world.doc(&doc_in(ready)) };
    world.edit(|view| view.put_doc(&doc));
}

fn sale_noticed(world: &mut World, ready: &Ready) {
    let op = world.sale_notice_op(&doc_in(ready));
    world.ok("BOND", op, &[]);
}

fn sale_withdrawn(world: &mut World, ready: &Ready) {
    let op = world.terminate_op(&doc_in(ready), Termination::Withdraw);
    world.ok("BOND", op, &[]);
}

fn sale_noticed_anew(world: &mut World, ready: &Ready) {
    sale_withdrawn(world, ready);
    sale_noticed(world, ready);
    world.pass(30 * 24 * HOUR - 2 * SECOND);
}

fn lots_lost(world: &mut World, ready: &Ready) {
    let op = world.loss_op(&LotId(ready.targets[1]));
    world.ok("INS", op, &[]);
}

fn enforced(world: &mut World, ready: &Ready) {
    let id = world.doc(&doc_in(ready)).enc.expect("the receipt is pledged");
    let expect_ver = world.pledge(&id).ver;
    let body = DeclareDefault { pledge: id, expect_ver, notice: commit("notice") };
    world.ok("B2", Operation::PledgeDeclareDefault(body), &[]);
}

fn cell_blocked(world: &mut World, _: &Ready) {
    let op = world.cell_block_op(CELL);
    world.ok("zj", op, &[]);
}

fn other_cell_blocked(world: &mut World, _: &Ready) {
    let op = world.cell_block_op(OTHER);
    world.ok("zj", op, &[]);
}

fn cell_emptied(world: &mut World, _: &Ready) {
    world.count_cell(CELL, 299_999);
}

fn bundle_taken(world: &mut World, _: &Ready) {
    world.issue_at_bond("WR-0", &[(1, &["B:1"])]);
}

fn count_grows_old(world: &mut World, _: &Ready) {
    let mut cell = world.cell(CELL);
    cell.counted_at = Some(Timestamp::new(1));
    world.edit(|view| view.put_cell(&cell));
}
