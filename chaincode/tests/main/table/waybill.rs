//! Cases of the `waybill` operations, and of the `warehouse` ones that share their rules.

use super::{Case, Ready, Spoil};
use crate::kit::*;
use crate::waybill::acts::{leg, restated};
use landsea_chaincode::hold::Act;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::Create;
use landsea_types::operation::waybill::{Endorsement, Issue};
use landsea_types::role::{DocKind, DocState, InstructionKind, LotStatus, PledgeState};
use landsea_types::{Code, DocId, LotId, Operation};

pub const CASES: &[Case] = &[
    Case {
        operation: "waybill.anchor",
        ready: anchor,
        wrong_role: Some(("COLD", Code::RoleNotPermitted)),
        wrong_states: &[
            (
                |world, _| {
                    anchored(world, &rail_note());
                },
                Code::DuplicateDocument,
            ),
            (
                |world, _| {
                    anchored(world, &rail_note().renumbered("N-2"));
                },
                Code::DuplicateContent,
            ),
        ],
        act: None,
        versioned: false,
        missing: &[],
    },
    Case {
        operation: "waybill.issue",
        ready: issue,
        wrong_role: Some(("COLD", Code::RoleNotPermitted)),
        wrong_states: &[
            (|world, ready| set_state(world, &note_of(ready), DocState::Closed), Code::DocumentState),
            (adopt_note, Code::AnchorAdopted),
            (
                |world, _| {
                    world.issue_bill(&Bill::new("A-2", &["C:XLHU2601030"]));
                },
                Code::GoodsKeyOccupied,
            ),
            (
                |world, _| {
                    world.issue_bill(&Bill { paper: s1_number(), ..Bill::s1() });
                },
                Code::DuplicateDocument,
            ),
            (
                |world, _| {
                    world.issue_bill(&Bill { paper: s1_content(), ..Bill::s1() });
                },
                Code::DuplicateContent,
            ),
        ],
        act: None,
        versioned: false,
        missing: &[Code::ConsentMissing],
    },
    Case {
        operation: "waybill.adopt",
        ready: adopt,
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[
            PAPER_OUT,
            SURRENDERED,
            LOT_LOST,
            (|world, ready| set_state(world, &note_of(ready), DocState::Closed), Code::DocumentState),
            (adopt_note, Code::AnchorAdopted),
        ],
        act: None,
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "waybill.close_anchor",
        ready: |world| {
            let note = anchored(world, &rail_note());
            Ready { sender: "R-CD", op: world.close_op(&note), consents: vec![], targets: vec![note.0] }
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[(|world, ready| set_state(world, &target(ready), DocState::Closed), Code::DocumentState)],
        act: None,
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "waybill.nominate",
        ready: |world| by_beneficiary(world, |world, doc| world.nominate_op(doc, Some("E4"))),
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: USED,
        act: Some(Act::Transfer),
        versioned: true,
        missing: &[Code::Encumbered],
    },
    Case {
        operation: "waybill.endorse",
        ready: |world| {
            by_beneficiary(world, |world, doc| world.endorse_op(doc, Endorsement::Named { to: world.account("E4") }))
        },
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: USED,
        act: Some(Act::Transfer),
        versioned: true,
        missing: &[Code::Encumbered],
    },
    Case {
        operation: "waybill.transfer",
        ready: |world| by_beneficiary(world, |world, doc| world.transfer_op(doc, "E4")),
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: USED,
        act: Some(Act::Transfer),
        versioned: true,
        missing: &[Code::Encumbered],
    },
    Case {
        operation: "waybill.reject_back",
        ready: |world| {
            let doc = world.issue_bill(&Bill::s1());
            let op = world.transfer_op(&doc, "E4");
            world.ok("E5", op, &[]);
            Ready { sender: "E4", op: world.reject_op(&doc), consents: vec![], targets: targets(world, &doc) }
        },
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: &[
            PAPER_OUT,
            SURRENDERED,
            LOT_LOST,
            (|world, _| drop(world.pass(25 * HOUR)), Code::DocumentState),
            (nominated_by_recipient, Code::DocumentState),
        ],
        act: Some(Act::Transfer),
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "waybill.surrender_for_delivery",
        ready: |world| by_beneficiary(world, |world, doc| world.surrender_op(doc)),
        wrong_role: None,
        wrong_states: USED,
        act: Some(Act::Exit),
        versioned: true,
        missing: &[Code::Encumbered],
    },
    Case {
        operation: "waybill.surrender_for_amendment",
        ready: |world| by_beneficiary(world, |world, doc| world.surrender_amend_op(doc)),
        wrong_role: None,
        wrong_states: USED,
        act: Some(Act::Exit),
        versioned: true,
        missing: &[Code::Encumbered],
    },
    Case {
        operation: "waybill.answer_surrender",
        ready: |world| {
            let doc = world.issue_bill(&Bill::s1());
            let op = world.surrender_op(&doc);
            world.ok("E5", op, &[]);
            let targets = vec![doc.0, world.doc(&doc).lots[0].0, world.account("E5").0];
            Ready { sender: "MTO", op: world.answer_op(&doc, true, None), consents: vec![], targets }
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[
            PAPER_OUT,
            LOT_LOST,
            (answered, Code::SurrenderAnswered),
            (never_surrendered, Code::DocumentState),
        ],
        act: Some(Act::Exit),
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "waybill.instruct",
        ready: |world| by_beneficiary(world, |world, doc| world.instruct_op(doc, InstructionKind::Divert)),
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: USED,
        act: None,
        versioned: true,
        missing: &[Code::Encumbered],
    },
    Case {
        operation: "waybill.amend",
        ready: |world| {
            by_issuer(world, |world, doc| world.amend_op(doc, &Bill::s1().paper.rewritten("amended content")))
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: STANDING,
        act: Some(Act::Reshape),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::Encumbered],
    },
    Case {
        operation: "waybill.split",
        ready: |world| by_issuer(world, |world, doc| Operation::WaybillSplit(world.halves(doc, "H"))),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: STANDING,
        act: Some(Act::Reshape),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::Encumbered],
    },
    Case {
        operation: "waybill.merge",
        ready: merge_bills,
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[(first_paper_out, Code::PaperIsOut), (first_surrendered, Code::DocumentState)],
        act: Some(Act::Reshape),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::Encumbered],
    },
    Case {
        operation: "waybill.convert",
        ready: convert,
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: STANDING,
        act: Some(Act::Convert),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::ConsentMissing, Code::Encumbered, Code::ConsentMissing],
    },
    Case {
        operation: "waybill.void",
        ready: |world| {
            let doc = world.issue_bill(&Bill::s1());
            let op = world.void_op(&doc, false);
            Ready { sender: "MTO", op, consents: vec!["E5"], targets: targets(world, &doc) }
        },
        wrong_role: Some(("E1", Code::RoleNotPermitted)),
        wrong_states: &[
            PAPER_OUT,
            SURRENDERED,
            LOT_LOST,
            (transferred_there_and_back, Code::DocumentState),
            (pledge_bill, Code::Encumbered),
            (|world, ready| world.reserve("B1", "E5", &target(ready), 24), Code::ReservedByOther),
        ],
        act: Some(Act::Exit),
        versioned: true,
        missing: &[Code::ConsentMissing],
    },
    Case {
        operation: "warehouse.split",
        ready: |world| stored(world, "COLD", |world, doc| Operation::WarehouseSplit(world.halves(doc, "H"))),
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: STANDING,
        act: Some(Act::Reshape),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::Encumbered],
    },
    Case {
        operation: "warehouse.merge",
        ready: merge_receipts,
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: &[(first_paper_out, Code::PaperIsOut), (first_surrendered, Code::DocumentState)],
        act: Some(Act::Reshape),
        versioned: true,
        missing: &[Code::ConsentMissing],
    },
    Case {
        operation: "warehouse.convert_out",
        ready: |world| {
            let mut ready = stored(world, "MTO", |world, doc| {
                let lots = world.lots(doc).iter().map(restated).collect();
                Operation::WarehouseConvertOut(world.convert_out_body(doc, "OUT-1", lots))
            });
            ready.consents = vec!["COLD", "E1", "B1"];
            ready
        },
        wrong_role: Some(("COLD", Code::RoleNotPermitted)),
        wrong_states: STANDING,
        act: Some(Act::Convert),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::ConsentMissing, Code::Encumbered],
    },
    Case {
        operation: "warehouse.void",
        ready: |world| {
            let doc = world.issue_receipt(&receipt());
            let op = world.void_op(&doc, false);
            Ready { sender: "COLD", op, consents: vec!["E1"], targets: targets(world, &doc) }
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[PAPER_OUT, SURRENDERED, LOT_LOST],
        act: Some(Act::Exit),
        versioned: true,
        missing: &[Code::ConsentMissing],
    },
];

/// States in which no operation on a living title succeeds.
const STANDING: &[(Spoil, Code)] = &[PAPER_OUT, SURRENDERED, VOIDED, LOT_LOST];
/// And those in which the beneficiary in particular may do nothing.
const USED: &[(Spoil, Code)] = &[PAPER_OUT, SURRENDERED, VOIDED, LOT_LOST, (enforce, Code::PledgeState)];

const PAPER_OUT: (Spoil, Code) =
    (|world, ready| set_state(world, &target(ready), DocState::PaperOut), Code::PaperIsOut);
const SURRENDERED: (Spoil, Code) =
    (|world, ready| set_state(world, &target(ready), DocState::PendDelivery), Code::DocumentState);
const VOIDED: (Spoil, Code) = (|world, ready| set_state(world, &target(ready), DocState::Void), Code::DocumentState);
const LOT_LOST: (Spoil, Code) = (lose_lot, Code::LotNotActive);

fn target(ready: &Ready) -> DocId {
    DocId(ready.targets[0])
}

/// The document, its first lot, and whoever acts for it.
fn targets(world: &World, doc: &DocId) -> Vec<[u8; 32]> {
    let record = world.doc(doc);
    let actor = landsea_chaincode::pledge::actor(&record).expect("somebody acts for it");
    vec![doc.0, record.lots[0].0, actor.0]
}

// ---- making ready

fn rail_note() -> Paper {
    Paper::new("CD2026TJC0304417", &["C:XLHU2601019", "W:5231701|20260304"])
}

fn anchored(world: &mut World, paper: &Paper) -> DocId {
    let op = world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, paper);
    DocId(subject_of(&world.ok("R-CD", op, &[]), EventName::DocAnchored))
}

fn anchor(world: &mut World) -> Ready {
    let op = world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &rail_note());
    Ready { sender: "R-CD", op, consents: vec![], targets: vec![] }
}

fn issue(world: &mut World) -> Ready {
    let note = anchored(world, &rail_note());
    let bill = Bill::s1();
    let body = Issue { base_docs: vec![note], legs: vec![leg(world, "R-CD")], ..world.issue_body(&bill) };
    Ready { sender: "MTO", op: Operation::WaybillIssue(body), consents: vec!["E5"], targets: vec![] }
}

fn adopt(world: &mut World) -> Ready {
    let note = anchored(world, &rail_note());
    let title = world.issue_bill(&Bill::s1());
    let mut targets = targets(world, &title);
    targets.push(note.0);
    Ready { sender: "MTO", op: world.adopt_op(&title, &note), consents: vec![], targets }
}

/// The S1 bill of E5, pledged to B1.
fn pledged(world: &mut World) -> DocId {
    world.pledged_bill(&Bill::s1()).0
}

/// An operation of the beneficiary with the pledgee's consent.
fn by_beneficiary(world: &mut World, op: impl FnOnce(&World, &DocId) -> Operation) -> Ready {
    let doc = pledged(world);
    Ready { sender: "E5", op: op(world, &doc), consents: vec!["B1"], targets: targets(world, &doc) }
}

/// An operation of the issuer with holder's and pledgee's consents.
fn by_issuer(world: &mut World, op: impl FnOnce(&World, &DocId) -> Operation) -> Ready {
    let doc = pledged(world);
    Ready { sender: "MTO", op: op(world, &doc), consents: vec!["E5", "B1"], targets: targets(world, &doc) }
}

fn receipt() -> Receipt {
    Receipt::new("W-1", &["B:1", "B:2"])
}

/// An operation on a receipt of E1, pledged to B1.
fn stored(world: &mut World, sender: &'static str, op: impl FnOnce(&World, &DocId) -> Operation) -> Ready {
    let doc = world.issue_receipt(&receipt());
    world.pledge_doc("B1", "E1", "COLD", &doc, &receipt().paper);
    Ready { sender, op: op(world, &doc), consents: vec!["E1", "B1"], targets: targets(world, &doc) }
}

/// Two bills in one pledge. A hold on one of them alone is a matter of the merger's own rule, so only the holder is a target.
fn merge_bills(world: &mut World) -> Ready {
    let bills = [Bill::new("A-1", &["C:1"]), Bill::new("A-2", &["C:2"])];
    let docs = [world.issue_bill(&bills[0]), world.issue_bill(&bills[1])];
    let body: Create = world.create_body("B1", "E5", &[(docs[0], &bills[0].paper), (docs[1], &bills[1].paper)]);
    world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO"]);
    let op = Operation::WaybillMerge(world.merge_body(&docs, "M-1"));
    Ready { sender: "MTO", op, consents: vec!["E5", "B1"], targets: vec![world.account("E5").0] }
}

fn merge_receipts(world: &mut World) -> Ready {
    let docs = [("W-1", "B:1"), ("W-2", "B:2")].map(|(n, key)| world.issue_receipt(&Receipt::new(n, &[key])));
    let op = Operation::WarehouseMerge(world.merge_body(&docs, "W-3"));
    Ready { sender: "COLD", op, consents: vec!["E1"], targets: vec![world.account("E1").0] }
}

/// A bill of E1 pledged under SUP's eyes, arrived at COLD.
fn convert(world: &mut World) -> Ready {
    let bill = Bill { first_holder: "E1", ..Bill::new("A-1", &["B:1", "B:2"]) };
    let doc = world.issue_bill(&bill);
    let supervisor = Some(world.account("SUP"));
    let body = Create { supervisor, ..world.create_body("B1", "E1", &[(doc, &bill.paper)]) };
    world.ok("B1", Operation::PledgeCreate(body), &["E1", "MTO", "SUP"]);
    let lots = world.lots(&doc).iter().map(restated).collect();
    let op = Operation::WaybillConvert(world.convert_body(&doc, "IN-1", lots));
    Ready { sender: "COLD", op, consents: vec!["MTO", "E1", "B1", "SUP"], targets: targets(world, &doc) }
}

// ---- spoiling

/// Puts a document into a state that only other acts or parts of the ledger lead to.
fn set_state(world: &mut World, doc: &DocId, state: DocState) {
    world.checking = false;
    world.edit(|view| {
        let mut record = view.doc(doc).expect("the document exists");
        (record.state, record.ver) = (state, record.ver + 1);
        view.put_doc(&record);
    });
}

fn lose_lot(world: &mut World, ready: &Ready) {
    world.checking = false;
    let lot: LotId = world.doc(&target(ready)).lots[0];
    world.edit(|view| {
        let mut lot = view.lot(&lot).expect("the lot exists");
        (lot.status, lot.ver) = (LotStatus::Lost, lot.ver + 1);
        view.put_lot(&lot);
    });
}

fn enforce(world: &mut World, ready: &Ready) {
    world.checking = false;
    let pledge = world.doc(&target(ready)).enc.expect("it is pledged");
    world.edit(|view| {
        let mut pledge = view.pledge(&pledge).expect("the pledge exists");
        (pledge.state, pledge.ver) = (PledgeState::Enforcing, pledge.ver + 1);
        view.put_pledge(&pledge);
    });
}

/// The note that an issue or adoption is about.
fn note_of(ready: &Ready) -> DocId {
    match &ready.op {
        Operation::WaybillIssue(body) => body.base_docs[0],
        Operation::WaybillAdopt(body) => body.note,
        other => panic!("{} is about no note", other.name()),
    }
}

fn adopt_note(world: &mut World, ready: &Ready) {
    world.checking = false;
    let note = note_of(ready);
    world.edit(|view| {
        let mut note = view.doc(&note).expect("the note exists");
        (note.adopted_by, note.ver) = (Some(DocId([7; 32])), note.ver + 1);
        view.put_doc(&note);
    });
}

fn s1_number() -> Paper {
    Paper { content: "another content".into(), ..Bill::s1().paper.over(&["C:OTHER"]) }
}

fn s1_content() -> Paper {
    Bill::s1().paper.over(&["C:OTHER"]).renumbered("SHLT-CKG-SIN-2026-000471")
}

fn nominated_by_recipient(world: &mut World, ready: &Ready) {
    let op = world.nominate_op(&target(ready), Some("E1"));
    world.ok("E4", op, &[]);
}

fn answered(world: &mut World, ready: &Ready) {
    let op = world.answer_op(&target(ready), false, None);
    world.ok("MTO", op, &[]);
}

fn never_surrendered(world: &mut World, ready: &Ready) {
    world.checking = false;
    world.edit(|view| {
        let mut doc = view.doc(&target(ready)).expect("the document exists");
        (doc.state, doc.surrendered, doc.ver) = (DocState::Active, None, doc.ver + 1);
        view.put_doc(&doc);
    });
}

fn transferred_there_and_back(world: &mut World, ready: &Ready) {
    for (from, to) in [("E5", "E1"), ("E1", "E5")] {
        let op = world.transfer_op(&target(ready), to);
        world.ok(from, op, &[]);
    }
}

fn pledge_bill(world: &mut World, ready: &Ready) {
    world.pledge_doc("B1", "E5", "MTO", &target(ready), &Bill::s1().paper);
}

fn first_of_merger(ready: &Ready) -> DocId {
    match &ready.op {
        Operation::WaybillMerge(body) | Operation::WarehouseMerge(body) => body.docs[0].doc,
        other => panic!("{} merges nothing", other.name()),
    }
}

fn first_paper_out(world: &mut World, ready: &Ready) {
    set_state(world, &first_of_merger(ready), DocState::PaperOut);
}

fn first_surrendered(world: &mut World, ready: &Ready) {
    set_state(world, &first_of_merger(ready), DocState::PendDelivery);
}
