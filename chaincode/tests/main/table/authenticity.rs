//! Cases of the `authenticity` operations. They record what is known of a trade, so no hold bears on any of them.

use super::{BLANK, Case, Ready};
use crate::kit::*;
use landsea_chaincode::hold::Act;
use landsea_types::genesis::templates::{EXPORT_RAIL_SEA_ID, built_in};
use landsea_types::operation::authenticity::*;
use landsea_types::role::{DocKind, UsePurpose};
use landsea_types::state::Table;
use landsea_types::{Bps, Code, DocId, Operation, PledgeId, ProofId};

pub const CASES: &[Case] = &[
    Case {
        operation: "authenticity.open",
        ready: |world| {
            let doc = bill(world);
            let op = world.open_op(&doc, EXPORT_RAIL_SEA_ID);
            Ready { sender: "E5", op, consents: vec![], targets: goods(world, &doc) }
        },
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: &[(delivered, Code::DocumentState), (sold_on, Code::NotHolder)],
        ..RECORD
    },
    Case {
        operation: "authenticity.attest",
        ready: |world| on_case(world, "SW", |world, proof| world.attest_op("SW", proof, DECLARATION, &copy(), &[])),
        wrong_states: &[(closed, Code::AttestationExpired), (expired, Code::AttestationExpired)],
        ..RECORD
    },
    Case {
        operation: "authenticity.refuse",
        ready: |world| on_case(world, "SW", refuse_op),
        wrong_states: &[(closed, Code::AttestationExpired), (expired, Code::AttestationExpired)],
        ..RECORD
    },
    Case {
        operation: "authenticity.withdraw_attestation",
        ready: |world| {
            on_case(world, "SW", |world, proof| {
                let op = world.attest_op("SW", proof, DECLARATION, &copy(), &[]);
                world.ok("SW", op, &[]);
                withdraw_op(world, proof)
            })
        },
        wrong_states: &[
            (closed, Code::AttestationExpired),
            (expired, Code::AttestationExpired),
            (again, Code::AttestationExpired),
        ],
        ..RECORD
    },
    Case {
        operation: "authenticity.link",
        ready: |world| {
            let mut pledge = PledgeId::default();
            let linked = on_case(world, "B1", |world, proof| {
                let doc = world.proof(proof).subject;
                pledge = world.pledge_doc("B1", "E5", "MTO", &doc, &paper());
                let expect_ver = world.proof(proof).ver;
                Operation::AuthenticityLink(Link { proof: *proof, expect_ver, pledge })
            });
            let targets = [linked.targets, vec![pledge.0]].concat();
            Ready { targets, ..linked }
        },
        wrong_states: &[
            (closed, Code::AttestationExpired),
            (released, Code::PledgeState),
            (assigned, Code::NotPledgee),
            (replaced, Code::ProofLevelTooLow),
        ],
        ..RECORD
    },
    Case {
        operation: "authenticity.close",
        ready: |world| {
            on_case(world, "E5", |world, proof| {
                let expect_ver = world.proof(proof).ver;
                Operation::AuthenticityClose(Close { proof: *proof, expect_ver })
            })
        },
        wrong_role: Some(("MTO", Code::RoleNotPermitted)),
        wrong_states: &[(closed, Code::AttestationExpired), (expired, Code::AttestationExpired)],
        ..RECORD
    },
    Case {
        operation: "authenticity.mark_use",
        ready: |world| Ready {
            sender: "B1",
            op: mark_op(world, "B1", 5_000),
            consents: vec![],
            targets: vec![copy().fp1().0, world.account("B1").0],
        },
        wrong_states: &[(used_up, Code::UseMarkExceeded)],
        versioned: false,
        ..RECORD
    },
    Case {
        operation: "authenticity.release_mark",
        ready: |world| {
            let op = mark_op(world, "B1", 5_000);
            world.ok("B1", op, &[]);
            let evidence = copy().fp1();
            let op = Operation::AuthenticityReleaseMark(ReleaseMark { evidence, expect_ver: 1, mark: 1 });
            Ready { sender: "B1", op, consents: vec![], targets: vec![evidence.0, world.account("B1").0] }
        },
        wrong_states: &[(again, Code::PledgeState)],
        ..RECORD
    },
];

/// What most of these operations have in common.
const RECORD: Case = Case { wrong_role: Some(("E5", Code::RoleNotPermitted)), act: Some(Act::Record), ..BLANK };

const DECLARATION: DocKind = DocKind::DECLARATION;

fn paper() -> Paper {
    Bill::s1().paper
}

fn copy() -> Paper {
    Paper::new("800020260000081235", &[])
}

/// A bill of E5, on a ledger that knows the built-in templates.
fn bill(world: &mut World) -> DocId {
    world.edit(|view| {
        for template in built_in() {
            view.put_row(Table::Template, &template.id.to_be_bytes(), &template);
        }
    });
    world.issue_bill(&Bill::s1())
}

/// The document, its lots, its holder.
fn goods(world: &World, doc: &DocId) -> Vec<[u8; 32]> {
    let lots = world.doc(doc).lots;
    [vec![doc.0], lots.iter().map(|lot| lot.0).collect(), vec![world.account("E5").0]].concat()
}

/// An operation on a case of E5; the targets end with the case.
fn on_case(world: &mut World, sender: &'static str, op: impl FnOnce(&mut World, &ProofId) -> Operation) -> Ready {
    let doc = bill(world);
    let proof = world.open_proof("E5", &doc, EXPORT_RAIL_SEA_ID);
    let op = op(world, &proof);
    Ready { sender, op, consents: vec![], targets: goods(world, &doc) }
}

fn refuse_op(world: &mut World, proof: &ProofId) -> Operation {
    let (expect_ver, evidence) = (world.proof(proof).ver, commit("unknown here"));
    Operation::AuthenticityRefuse(Refuse { proof: *proof, expect_ver, doc_kind: DECLARATION, evidence })
}

fn withdraw_op(world: &mut World, proof: &ProofId) -> Operation {
    let (expect_ver, evidence) = (world.proof(proof).ver, commit("cancelled"));
    let body = WithdrawAttestation { proof: *proof, expect_ver, doc_kind: DECLARATION, evidence };
    Operation::AuthenticityWithdrawAttestation(body)
}

fn mark_op(world: &World, by: &str, bps: Bps) -> Operation {
    let ticket = world.ticket(by, DECLARATION, &copy());
    Operation::AuthenticityMarkUse(MarkUse { ticket, purpose: UsePurpose::Financing, bps, reference: commit("sum") })
}

fn doc_in(ready: &Ready) -> DocId {
    DocId(ready.targets[0])
}

fn case_on(world: &World, ready: &Ready) -> ProofId {
    world.state.view().proofs_on(&doc_in(ready), 1)[0]
}

fn pledge_in(ready: &Ready) -> PledgeId {
    PledgeId(*ready.targets.last().expect("the targets of a link end with the pledge"))
}

fn again(world: &mut World, ready: &Ready) {
    world.ok(ready.sender, ready.op.clone(), &ready.consents);
}

fn closed(world: &mut World, ready: &Ready) {
    let proof = case_on(world, ready);
    let expect_ver = world.proof(&proof).ver;
    world.ok("E5", Operation::AuthenticityClose(Close { proof, expect_ver }), &[]);
}

fn expired(world: &mut World, _: &Ready) {
    world.pass(90 * DAY);
}

fn delivered(world: &mut World, ready: &Ready) {
    let doc = doc_in(ready);
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &[]);
    let op = world.answer_op(&doc, true, None);
    world.ok("MTO", op, &[]);
}

fn sold_on(world: &mut World, ready: &Ready) {
    let op = world.transfer_op(&doc_in(ready), "E6");
    world.ok("E5", op, &[]);
}

fn released(world: &mut World, ready: &Ready) {
    let op = world.release_op(&pledge_in(ready));
    world.ok("B1", op, &[]);
}

fn assigned(world: &mut World, ready: &Ready) {
    let op = world.assign_op(&pledge_in(ready), "B3");
    world.ok("B1", op, &["B3"]);
}

/// Another document has taken the subject's place in the pledge.
fn replaced(world: &mut World, ready: &Ready) {
    let bill = Bill::new("another", &["C:9"]);
    let doc = world.issue_bill(&bill);
    let old = (doc_in(ready), Bill::s1());
    let op = world.substitute_op(&pledge_in(ready), &[(doc, bill)], &[old]);
    world.ok("B1", op, &["E5", "MTO"]);
}

fn used_up(world: &mut World, _: &Ready) {
    let op = mark_op(world, "B2", 5_001);
    world.ok("B2", op, &[]);
}
