//! Cases of the `hold` operations.

use super::{BLANK, Case, Ready};
use crate::kit::{Bill, DAY, World, commit};
use landsea_types::event::EventName;
use landsea_types::operation::hold::*;
use landsea_types::record::HoldTarget;
use landsea_types::{Code, DocId, HoldId, Operation};

pub const CASES: &[Case] = &[
    Case {
        operation: "hold.dispute",
        ready: |world| on_bill(world, "E1", dispute),
        wrong_role: Some(("cq", Code::RoleNotPermitted)),
        wrong_states: &[(accomplish, Code::DocumentState)],
        ..PLACES
    },
    Case {
        operation: "hold.court_freeze",
        ready: |world| on_bill(world, "cq", court_freeze),
        wrong_states: &[(accomplish, Code::DocumentState), (let_time_pass, Code::HoldTerm)],
        ..PLACES
    },
    Case {
        operation: "hold.regulator_freeze",
        ready: |world| on_bill(world, "cq", regulator_freeze),
        wrong_states: &[(accomplish, Code::DocumentState)],
        ..PLACES
    },
    Case {
        operation: "hold.customs_hold",
        ready: |world| on_bill(world, "SW", customs_hold),
        wrong_states: &[(accomplish, Code::DocumentState)],
        ..PLACES
    },
    Case {
        operation: "hold.file_case",
        ready: |world| {
            let hold = placed(world, "E1", dispute);
            changing("E1", Operation::HoldFileCase(FileCase { hold, expect_ver: 1, notice: commit("acceptance") }))
        },
        wrong_role: Some(("E2", Code::NotEntitledToLift)),
        wrong_states: &[(withdraw, Code::NotEntitledToLift), (let_time_pass, Code::FilingDeadline)],
        ..CHANGES
    },
    Case {
        operation: "hold.withdraw_dispute",
        ready: |world| {
            let hold = placed(world, "E1", dispute);
            changing("E1", Operation::HoldWithdrawDispute(WithdrawDispute { hold, expect_ver: 1 }))
        },
        wrong_role: Some(("E2", Code::NotEntitledToLift)),
        wrong_states: &[(withdraw, Code::NotEntitledToLift), (let_time_pass, Code::NotEntitledToLift)],
        ..CHANGES
    },
    Case {
        operation: "hold.renew_freeze",
        ready: |world| {
            let hold = placed(world, "cq", court_freeze);
            let until = world.time.saturating_add(700 * DAY);
            changing(
                "cq",
                Operation::HoldRenewFreeze(RenewFreeze { hold, expect_ver: 1, basis: commit("renewal"), until }),
            )
        },
        wrong_role: Some(("gx", Code::NotEntitledToLift)),
        wrong_states: &[(lift, Code::NotEntitledToLift), (let_time_pass, Code::HoldTerm)],
        ..CHANGES
    },
    Case {
        operation: "hold.lift",
        ready: |world| {
            let hold = placed(world, "gx", regulator_freeze);
            countersign(world, hold);
            let op = Operation::HoldLift(Lift { hold, expect_ver: 2, order: commit("order") });
            Ready { consents: vec!["yn"], ..changing("gx", op) }
        },
        wrong_role: Some(("cq", Code::NotEntitledToLift)),
        wrong_states: &[(lift_by_both, Code::NotEntitledToLift), (let_time_pass, Code::NotEntitledToLift)],
        missing: &[Code::ConsentMissing],
        ..CHANGES
    },
    Case {
        operation: "hold.countersign_freeze",
        ready: |world| {
            let hold = placed(world, "gx", regulator_freeze);
            changing("yn", Operation::HoldCountersignFreeze(CountersignFreeze { hold, expect_ver: 1 }))
        },
        wrong_role: Some(("gx", Code::NotEntitledToLift)),
        wrong_states: &[(countersign_first, Code::NotEntitledToLift), (let_time_pass, Code::NotEntitledToLift)],
        ..CHANGES
    },
    Case {
        operation: "hold.customs_release",
        ready: |world| {
            let hold = placed(world, "SW", customs_hold);
            changing("SW", Operation::HoldCustomsRelease(CustomsRelease { hold, expect_ver: 1 }))
        },
        wrong_states: &[(release, Code::NotEntitledToLift)],
        ..CHANGES
    },
];

/// What operations that place a hold have in common. No hold bars another.
const PLACES: Case = Case { wrong_role: Some(("B1", Code::RoleNotPermitted)), versioned: false, ..BLANK };

/// What operations that change a hold have in common.
const CHANGES: Case = Case { versioned: true, ..PLACES };

fn on_bill(world: &mut World, sender: &'static str, op: fn(&World, HoldTarget) -> Operation) -> Ready {
    let doc = world.issue_bill(&Bill::s1());
    let op = op(world, HoldTarget::Doc(doc));
    let targets = vec![doc.0, world.doc(&doc).lots[0].0, world.account("E5").0];
    Ready { sender, op, consents: vec![], targets }
}

fn changing(sender: &'static str, op: Operation) -> Ready {
    Ready { sender, op, consents: vec![], targets: vec![] }
}

/// A hold placed on a bill of E5.
fn placed(world: &mut World, sender: &'static str, op: fn(&World, HoldTarget) -> Operation) -> HoldId {
    let ready = on_bill(world, sender, op);
    let outcome = world.ok(sender, ready.op, &[]);
    HoldId(crate::kit::events(&outcome, EventName::HoldPlaced)[0].subject.0)
}

fn dispute(_: &World, target: HoldTarget) -> Operation {
    Operation::HoldDispute(Dispute { target, interest: commit("interest"), basis: commit("basis") })
}

fn court_freeze(world: &World, target: HoldTarget) -> Operation {
    let until = world.time.saturating_add(90 * DAY);
    Operation::HoldCourtFreeze(CourtFreeze { target, on_behalf: commit("court"), basis: commit("order"), until })
}

fn regulator_freeze(_: &World, target: HoldTarget) -> Operation {
    Operation::HoldRegulatorFreeze(RegulatorFreeze { target, basis: commit("basis") })
}

fn customs_hold(_: &World, target: HoldTarget) -> Operation {
    Operation::HoldCustomsHold(CustomsHold { target, basis: commit("basis") })
}

/// The hold that the ready operation is about.
fn subject(ready: &Ready) -> HoldId {
    match &ready.op {
        Operation::HoldFileCase(op) => op.hold,
        Operation::HoldWithdrawDispute(op) => op.hold,
        Operation::HoldRenewFreeze(op) => op.hold,
        Operation::HoldLift(op) => op.hold,
        Operation::HoldCountersignFreeze(op) => op.hold,
        Operation::HoldCustomsRelease(op) => op.hold,
        other => panic!("{} changes no hold", other.name()),
    }
}

/// The goods are delivered and the bill has ended.
fn accomplish(world: &mut World, ready: &Ready) {
    let doc = DocId(ready.targets[0]);
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &[]);
    let op = world.answer_op(&doc, true, None);
    world.ok("MTO", op, &[]);
}

/// Every term that was set is over in the next block.
fn let_time_pass(world: &mut World, _: &Ready) {
    world.advance(701 * DAY);
}

fn withdraw(world: &mut World, ready: &Ready) {
    let body = WithdrawDispute { hold: subject(ready), expect_ver: 1 };
    world.ok("E1", Operation::HoldWithdrawDispute(body), &[]);
}

fn lift(world: &mut World, ready: &Ready) {
    let body = Lift { hold: subject(ready), expect_ver: 1, order: commit("order") };
    world.ok("cq", Operation::HoldLift(body), &[]);
}

fn lift_by_both(world: &mut World, ready: &Ready) {
    world.ok("gx", ready.op.clone(), &["yn"]);
}

fn countersign(world: &mut World, hold: HoldId) {
    world.ok("yn", Operation::HoldCountersignFreeze(CountersignFreeze { hold, expect_ver: 1 }), &[]);
}

fn countersign_first(world: &mut World, ready: &Ready) {
    countersign(world, subject(ready));
}

fn release(world: &mut World, ready: &Ready) {
    world.ok("SW", ready.op.clone(), &[]);
}
