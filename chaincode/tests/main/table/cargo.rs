//! Cases of the `cargo` operations. What they record are facts, so no hold bears on any of them, and the consent of the other custodian
//! may be absent.

use super::{BLANK, Case, Ready};
use crate::cargo::acts::{confirm_op, report_op};
use crate::kit::*;
use landsea_chaincode::hold::Act;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::role::FlowStep;
use landsea_types::{Code, LotId, Operation};

pub const CASES: &[Case] = &[
    Case {
        operation: "cargo.report",
        ready: |world| {
            let lots = received(world);
            let report = world.sight(&lots, FlowStep::Departed);
            ready(world, "R-CD", report_op(&report), &lots)
        },
        wrong_states: &[(again, Code::DuplicateEvent), (handed_back, Code::ReporterNotEntitled)],
        ..FACT
    },
    Case {
        operation: "cargo.confirm_custody",
        ready: |world| {
            let lots = received(world);
            let report = hand_over(world, &lots);
            world.say("R-CD", &report, &[]);
            ready(world, "COLD", confirm_op(&report.id()), &lots)
        },
        wrong_states: &[
            (again, Code::ReporterNotEntitled),
            (handed_back, Code::ReporterNotEntitled),
            (taken_back, Code::ReporterNotEntitled),
            (too_late, Code::ReporterNotEntitled),
        ],
        ..FACT
    },
    Case {
        operation: "cargo.correct",
        ready: |world| {
            let lots = received(world);
            let wrong = world.sight(&lots, FlowStep::Departed);
            world.say("R-CD", &wrong, &[]);
            let right = world.sight(&lots, FlowStep::Loaded);
            let op = world.correct_op(&wrong.id(), Some(&right));
            ready(world, "R-CD", op, &lots)
        },
        wrong_states: &[
            (again, Code::DuplicateEvent),
            (handed_back, Code::ReporterNotEntitled),
            (said_by_another, Code::DuplicateEvent),
        ],
        ..FACT
    },
];

/// What these operations have in common.
const FACT: Case =
    Case { wrong_role: Some(("E5", Code::RoleNotPermitted)), act: Some(Act::Record), versioned: false, ..BLANK };

/// The lots of a bill of the MTO for E5, which R-CD has received.
fn received(world: &mut World) -> Vec<LotId> {
    let doc = world.issue_bill(&Bill::new("A-1", &["C:1"]));
    let lots = world.doc(&doc).lots;
    let report = world.hand_over(&lots, "MTO", "R-CD");
    world.say("MTO", &report, &["R-CD"]);
    lots
}

fn hand_over(world: &World, lots: &[LotId]) -> FlowReport {
    world.hand_over(lots, "R-CD", "COLD")
}

fn ready(world: &World, sender: &'static str, op: Operation, lots: &[LotId]) -> Ready {
    let title = world.lot(&lots[0]).title.expect("the lots are titled");
    let parties = ["E5", "MTO", "R-CD"].map(|name| world.account(name).0);
    let targets = [vec![title.0], lots.iter().map(|lot| lot.0).collect(), parties.to_vec()].concat();
    Ready { sender, op, consents: vec![], targets }
}

fn lots_in(ready: &Ready) -> Vec<LotId> {
    vec![LotId(ready.targets[1])]
}

fn again(world: &mut World, ready: &Ready) {
    world.ok(ready.sender, ready.op.clone(), &[]);
}

fn handed_back(world: &mut World, ready: &Ready) {
    let report = world.hand_over(&lots_in(ready), "R-CD", "MTO");
    world.say("R-CD", &report, &["MTO"]);
}

fn taken_back(world: &mut World, ready: &Ready) {
    let event = *world.timeline(&lots_in(ready)[0]).last().expect("the hand-over");
    let op = world.correct_op(&event, None);
    world.ok("R-CD", op, &[]);
}

fn too_late(world: &mut World, _: &Ready) {
    world.advance(2 * DAY);
}

/// Customs has seen what the replacement says.
fn said_by_another(world: &mut World, ready: &Ready) {
    let Operation::CargoCorrect(body) = &ready.op else { panic!("a correction") };
    let report = body.replacement.clone().expect("the correction replaces");
    world.say("SW", &report, &[]);
}
