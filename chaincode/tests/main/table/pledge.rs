//! Cases of the `pledge` operations.

use super::{Case, Ready};
use crate::kit::*;
use crate::pledge::acts::{bills, pledged_in};
use landsea_chaincode::hold::Act;
use landsea_types::{Code, DocId, OfferId, Operation, PledgeId};

pub const CASES: &[Case] = &[
    Case {
        operation: "pledge.reserve",
        ready: |world| {
            let doc = bill(world);
            ready("B1", world.reserve_op(&doc, 10), &["E5"], goods(world, &doc))
        },
        wrong_role: Some(("E6", Code::RoleNotPermitted)),
        wrong_states: &[
            (|world, ready| pledge_elsewhere(world, ready), Code::AlreadyPledged),
            (|world, ready| world.reserve("B2", "E5", &doc_in(ready), 10), Code::ReservedByOther),
            (|world, ready| world.reserve("B1", "E5", &doc_in(ready), 10), Code::ReservationLimit),
            (|world, ready| surrender(world, ready), Code::DocumentState),
        ],
        act: Some(Act::Pledge),
        versioned: true,
        missing: &[Code::ConsentMissing],
    },
    Case {
        operation: "pledge.cancel_reservation",
        ready: |world| {
            let doc = bill(world);
            world.reserve("B1", "E5", &doc, 10);
            ready("B1", world.cancel_op(&doc), &[], goods(world, &doc))
        },
        wrong_role: Some(("E6", Code::RoleNotPermitted)),
        wrong_states: &[(|world, ready| again(world, ready, &[]), Code::PledgeState)],
        act: None,
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.create",
        ready: |world| {
            let (doc, bill) = bills(world, 1).swap_remove(0);
            ready("B1", world.create_op("B1", "E5", &doc, &bill.paper), &["E5", "MTO"], goods(world, &doc))
        },
        wrong_role: Some(("E6", Code::RoleNotPermitted)),
        wrong_states: &[
            (|world, ready| pledge_elsewhere(world, ready), Code::AlreadyPledged),
            (|world, ready| world.reserve("B2", "E5", &doc_in(ready), 10), Code::ReservedByOther),
            (|world, ready| surrender(world, ready), Code::DocumentState),
            (|world, ready| transfer(world, ready), Code::PledgorNotSoleHolder),
        ],
        act: Some(Act::Pledge),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::CustodianAckMissing],
    },
    Case {
        operation: "pledge.extend",
        ready: |world| pledged(world, |world, pledge| world.extend_op(pledge, 400), &["E5"]),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: ENDED_OR_ENFORCING,
        act: Some(Act::Record),
        versioned: true,
        missing: &[Code::ConsentMissing],
    },
    Case {
        operation: "pledge.release",
        ready: |world| pledged(world, |world, pledge| world.release_op(pledge), &[]),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[(end, Code::PledgeState)],
        act: Some(Act::Release),
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.offer",
        ready: |world| {
            let (doc, bill) = bills(world, 1).swap_remove(0);
            let terms = world.create_body("B1", "E5", &[(doc, &bill.paper)]);
            ready("B1", world.offer_op(terms, 10), &[], goods(world, &doc))
        },
        wrong_role: Some(("E6", Code::RoleNotPermitted)),
        // An offer encumbers nothing, so nothing stands in its way: its acceptance meets the document as it is then.
        wrong_states: &[],
        act: None,
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.accept",
        ready: |world| {
            let (doc, offer) = offered(world);
            world.accept("E5", &offer);
            ready("MTO", world.accept_op(&offer), &[], goods(world, &doc))
        },
        wrong_role: Some(("E6", Code::RoleNotPermitted)),
        wrong_states: &[
            (|world, ready| withdraw(world, ready), Code::OfferNotOpen),
            (|world, _| world.advance(10 * HOUR), Code::OfferNotOpen),
            (|world, ready| pledge_elsewhere(world, ready), Code::AlreadyPledged),
            (|world, ready| surrender(world, ready), Code::DocumentState),
        ],
        act: Some(Act::Pledge),
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.withdraw_offer",
        ready: |world| {
            let (doc, offer) = offered(world);
            ready("B1", world.withdraw_offer_op(&offer), &[], goods(world, &doc))
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[
            (|world, ready| withdraw(world, ready), Code::OfferNotOpen),
            (|world, _| world.advance(10 * HOUR), Code::OfferNotOpen),
        ],
        act: None,
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.add_collateral",
        ready: |world| {
            let (bills, pledge) = pledged_in(world, 1, 2);
            let op = world.add_op("B1", &pledge, &bills[1..]);
            ready("B1", op, &["E5", "MTO"], goods(world, &bills[1].0))
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[
            (|world, ready| end_pledge(world, &pledge_of_op(ready)), Code::PledgeState),
            (|world, ready| enforce_pledge(world, &pledge_of_op(ready)), Code::PledgeState),
            (|world, ready| pledge_named(world, ready, 1), Code::AlreadyPledged),
            (|world, ready| world.reserve("B2", "E5", &doc_in(ready), 10), Code::ReservedByOther),
            (|world, ready| surrender(world, ready), Code::DocumentState),
        ],
        act: Some(Act::Pledge),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::CustodianAckMissing],
    },
    Case {
        operation: "pledge.substitute",
        ready: |world| {
            let (bills, pledge) = pledged_in(world, 1, 2);
            let op = world.substitute_op(&pledge, &bills[1..], &bills[..1]);
            ready("B1", op, &["E5", "MTO"], goods(world, &bills[1].0))
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[
            (|world, ready| enforce_pledge(world, &pledge_of_op(ready)), Code::PledgeState),
            (|world, ready| pledge_named(world, ready, 1), Code::AlreadyPledged),
            (|world, ready| surrender(world, ready), Code::DocumentState),
        ],
        act: Some(Act::Pledge),
        versioned: true,
        missing: &[Code::ConsentMissing, Code::CustodianAckMissing],
    },
    Case {
        operation: "pledge.release_partial",
        ready: |world| {
            let (bills, pledge) = pledged_in(world, 2, 2);
            let targets = with_claim(world, &bills[0].0, &pledge);
            ready("B1", world.release_doc_op(&pledge, &bills[0].0), &[], targets)
        },
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: ENDED_OR_ENFORCING_PART,
        act: Some(Act::Release),
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.assign",
        ready: |world| pledged(world, |world, pledge| world.assign_op(pledge, "B3"), &["B3"]),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: ENDED_OR_ENFORCING,
        act: Some(Act::Assign),
        versioned: true,
        missing: &[Code::ConsentMissing],
    },
    Case {
        operation: "pledge.declare_default",
        ready: |world| pledged(world, |world, pledge| world.default_op(pledge), &[]),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: ENDED_OR_ENFORCING,
        act: Some(Act::Realise),
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.cure",
        ready: |world| enforced(world, |world, pledge| world.cure_op(pledge), &[]),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[(end, Code::PledgeState), (cure, Code::PledgeState)],
        act: None,
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.realise",
        ready: |world| enforced(world, |world, pledge| world.realise_op(pledge, "E4", None), &["MTO", "E5"]),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[
            (cure, Code::PledgeState),
            (
                |world, ready| {
                    cure(world, ready);
                    enforce(world, ready);
                },
                Code::WaitingPeriod,
            ),
        ],
        act: Some(Act::Realise),
        versioned: true,
        missing: &[Code::CustodianAckMissing, Code::ConsentMissing],
    },
    Case {
        operation: "pledge.mirror",
        ready: |world| pledged(world, |world, pledge| world.mirror_op(pledge, 30), &[]),
        wrong_role: Some(("E5", Code::RoleNotPermitted)),
        wrong_states: &[(end, Code::PledgeState)],
        act: Some(Act::Record),
        versioned: true,
        missing: &[],
    },
    Case {
        operation: "pledge.void_by_order",
        ready: |world| Ready { sender: "cq", ..pledged(world, |world, pledge| world.void_pledge_op(pledge), &[]) },
        wrong_role: Some(("sc", Code::RoleNotPermitted)),
        wrong_states: &[(end, Code::PledgeState)],
        act: None,
        versioned: true,
        missing: &[],
    },
];

const ENDED_OR_ENFORCING: &[(super::Spoil, Code)] = &[(end, Code::PledgeState), (enforce, Code::PledgeState)];

/// A released document is in no pledge; that is found before the pledge's state.
const ENDED_OR_ENFORCING_PART: &[(super::Spoil, Code)] = &[
    (end, Code::PledgeState),
    (enforce, Code::PledgeState),
    (|world, ready| again(world, ready, &[]), Code::CollateralSetInvalid),
];

// ---- ready

fn ready(sender: &'static str, op: Operation, consents: &[&'static str], targets: Vec<[u8; 32]>) -> Ready {
    Ready { sender, op, consents: consents.to_vec(), targets }
}

/// A free bill of E5.
fn bill(world: &mut World) -> DocId {
    bills(world, 1).swap_remove(0).0
}

/// A document, its lot and E5, whose right would change.
fn goods(world: &World, doc: &DocId) -> Vec<[u8; 32]> {
    vec![doc.0, world.doc(doc).lots[0].0, world.account("E5").0]
}

/// The same and the pledge.
fn with_claim(world: &World, doc: &DocId, pledge: &PledgeId) -> Vec<[u8; 32]> {
    goods(world, doc).into_iter().chain([pledge.0]).collect()
}

/// An operation of B1 on its pledge over one bill.
fn pledged(world: &mut World, op: impl Fn(&World, &PledgeId) -> Operation, consents: &[&'static str]) -> Ready {
    let (bills, pledge) = pledged_in(world, 1, 1);
    ready("B1", op(world, &pledge), consents, with_claim(world, &bills[0].0, &pledge))
}

/// The same after a default and the waiting period.
fn enforced(world: &mut World, op: impl Fn(&World, &PledgeId) -> Operation, consents: &[&'static str]) -> Ready {
    let (bills, pledge) = pledged_in(world, 1, 1);
    world.enforce("B1", &pledge);
    ready("B1", op(world, &pledge), consents, with_claim(world, &bills[0].0, &pledge))
}

/// A bill of E5 that B1 offers to take.
fn offered(world: &mut World) -> (DocId, OfferId) {
    let bills = bills(world, 1);
    let offer = world.offer_all(&bills, 10);
    (bills[0].0, offer)
}

// ---- spoilt

fn doc_in(ready: &Ready) -> DocId {
    DocId(ready.targets[0])
}

fn pledge_in(ready: &Ready) -> PledgeId {
    PledgeId(ready.targets[3])
}

/// The pledge that an operation on other goods names.
fn pledge_of_op(ready: &Ready) -> PledgeId {
    match &ready.op {
        Operation::PledgeAddCollateral(op) => op.pledge,
        Operation::PledgeSubstitute(op) => op.pledge,
        other => panic!("{} names no pledge", other.name()),
    }
}

fn again(world: &mut World, ready: &Ready, consents: &[&str]) {
    world.ok(ready.sender, ready.op.clone(), consents);
}

fn pledge_elsewhere(world: &mut World, ready: &Ready) {
    pledge_named(world, ready, 0);
}

/// Pledges the document, which is the bill of that number, to B2.
fn pledge_named(world: &mut World, ready: &Ready, n: usize) {
    let paper = Paper::new(&format!("BILL {n}"), &[&format!("C:{n}")]);
    world.pledge_doc("B2", "E5", "MTO", &doc_in(ready), &paper);
}

fn surrender(world: &mut World, ready: &Ready) {
    let op = world.surrender_op(&doc_in(ready));
    world.ok("E5", op, &[]);
}

fn transfer(world: &mut World, ready: &Ready) {
    let op = world.transfer_op(&doc_in(ready), "E6");
    world.ok("E5", op, &[]);
}

fn withdraw(world: &mut World, ready: &Ready) {
    let offer = match &ready.op {
        Operation::PledgeAccept(op) => op.offer,
        Operation::PledgeWithdrawOffer(op) => op.offer,
        other => panic!("{} names no offer", other.name()),
    };
    let op = world.withdraw_offer_op(&offer);
    world.ok("B1", op, &[]);
}

fn end_pledge(world: &mut World, pledge: &PledgeId) {
    let op = world.release_op(pledge);
    world.ok("B1", op, &[]);
}

fn enforce_pledge(world: &mut World, pledge: &PledgeId) {
    let op = world.default_op(pledge);
    world.ok("B1", op, &[]);
}

fn end(world: &mut World, ready: &Ready) {
    end_pledge(world, &pledge_in(ready));
}

fn enforce(world: &mut World, ready: &Ready) {
    enforce_pledge(world, &pledge_in(ready));
}

fn cure(world: &mut World, ready: &Ready) {
    let op = world.cure_op(&pledge_in(ready));
    world.ok("B1", op, &[]);
}
