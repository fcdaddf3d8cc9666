//! Silence, and hand-overs that nobody confirmed.

use super::acts::*;
use crate::kit::*;
use landsea_chaincode::view::{Due, due_key};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::role::{FlowAlertKind::*, FlowStep};
use landsea_types::state::Table;
use landsea_types::{LotId, Outcome};

fn issued() -> (World, Vec<LotId>) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::new("A-1", &["C:1"]));
    let lots = world.doc(&doc).lots;
    (world, lots)
}

fn swept(outcome: Option<Outcome>) -> Vec<landsea_types::role::FlowAlertKind> {
    outcome.as_ref().map(alarms).unwrap_or_default()
}

#[test]
fn goods_on_their_way_are_silent_once_until_the_next_event() {
    let silence_ms = ParamKey::SilenceMs.default_value();
    let (mut world, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    assert!(swept(world.pass(silence_ms - 1)).is_empty());
    let outcome = world.pass(1).expect("the silence is told");
    assert_eq!(alarms(&outcome), [Silent]);
    let alert = event(&outcome, EventName::FlowAlert);
    assert_eq!((alert.subject.0, alert.related[0].0), (departed.id().0, lots[0].0));
    assert!(swept(world.pass(3 * silence_ms)).is_empty(), "once");
    let heard = world.sight(&lots, FlowStep::Heartbeat);
    world.say("MTO", &heard, &[]);
    assert_eq!(swept(world.pass(silence_ms)), [Silent], "until the next event");
}

#[test]
fn goods_at_rest_may_be_silent() {
    let silence_ms = ParamKey::SilenceMs.default_value();
    for step in [FlowStep::Arrived, FlowStep::GateIn, FlowStep::Stored, FlowStep::Delivered] {
        let (mut world, lots) = issued();
        let departed = world.sight(&lots, FlowStep::Departed);
        world.say("MTO", &departed, &[]);
        let rested = world.sight(&lots, step);
        world.say("MTO", &rested, &[]);
        assert_eq!(world.flow(&lots[0]).silent_from, None);
        assert!(swept(world.pass(2 * silence_ms)).is_empty(), "{step}");
    }
}

#[test]
fn an_event_puts_the_silence_off() {
    let silence_ms = ParamKey::SilenceMs.default_value();
    let (mut world, lots) = issued();
    for n in 0..4u8 {
        let seen = FlowReport { payload: landsea_types::Commit([n; 32]), ..world.sight(&lots, FlowStep::BorderOut) };
        world.say("MTO", &seen, &[]);
        assert!(swept(world.pass(silence_ms - 2 * SECOND)).is_empty());
    }
}

#[test]
fn goods_that_have_ended_are_not_silent() {
    let (mut world, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    let op = world.loss_op(&lots[0]);
    world.ok("INS", op, &[]);
    assert!(swept(world.pass(ParamKey::SilenceMs.default_value())).is_empty());
    assert_eq!(world.flow(&lots[0]).silent_from, None);
}

#[test]
fn a_silence_that_the_sweep_has_not_reached_is_told_before_the_event_that_ends_it() {
    let silence_ms = ParamKey::SilenceMs.default_value();
    let (mut world, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    world.advance(silence_ms);
    let heard = world.sight(&lots, FlowStep::Heartbeat);
    let outcome = world.say("MTO", &heard, &[]);
    assert_eq!(alarms(&outcome), [Silent]);
    assert!(world.swept.is_none(), "nothing is left for the sweep");
}

#[test]
fn children_are_as_silent_as_their_parents() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let departed = world.sight(&world.doc(&doc).lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    let op = world.split_op(world.halves(&doc, "H"));
    let children = crate::waybill::acts::children_of(&world.ok("MTO", op, &["E5"]));
    let lots: usize = children.iter().map(|child| world.doc(child).lots.len()).sum();
    let outcome = world.pass(ParamKey::SilenceMs.default_value()).expect("the silence is told");
    assert_eq!(events(&outcome, EventName::FlowAlert).len(), lots, "one alarm per child, none for the parents");
}

#[test]
fn a_hand_over_that_nobody_confirms_is_a_gap() {
    let confirm_ms = ParamKey::CustodyConfirmMs.default_value();
    let (mut world, lots) = issued();
    let report = FlowReport { step: FlowStep::Arrived, ..world.hand_over(&lots, "MTO", "COLD") };
    world.say("MTO", &report, &[]);
    let key = due_key(world.time.saturating_add(confirm_ms), Due::Custody, &report.id().0);
    assert!(world.state.rows.contains_key(&(Table::Expiry, key)));
    assert!(swept(world.pass(confirm_ms - 1)).is_empty());
    let outcome = world.pass(1).expect("the gap is told");
    assert_eq!(alarms(&outcome), [CustodyGap]);
    assert_eq!(event(&outcome, EventName::FlowAlert).subject.0, report.id().0);
    assert_eq!(world.lot(&lots[0]).custodian, world.account("MTO"));
    assert!(swept(world.pass(confirm_ms)).is_empty(), "once");
}

#[test]
fn a_confirmed_hand_over_leaves_no_gap() {
    let confirm_ms = ParamKey::CustodyConfirmMs.default_value();
    let (mut world, lots) = issued();
    let report = FlowReport { step: FlowStep::Arrived, ..world.hand_over(&lots, "MTO", "COLD") };
    world.say("COLD", &report, &[]);
    world.ok("MTO", confirm_op(&report.id()), &[]);
    assert!(swept(world.pass(2 * confirm_ms)).is_empty());
}
