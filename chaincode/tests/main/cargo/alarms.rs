//! What looks wrong is told and recorded, never refused.

use super::acts::*;
use crate::goods::acts::{bond_paper, stored_300_of_500};
use crate::hold::court_op;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::operation::pledge::Create;
use landsea_types::record::{HoldTarget, Travel};
use landsea_types::role::{FlowAlertKind::*, FlowStep, HoldKind};
use landsea_types::{Code, DocId, LotId, Operation, PledgeId, Timestamp};

fn issued() -> (World, DocId, Vec<LotId>) {
    issued_in(Setup::default())
}

fn issued_in(setup: Setup) -> (World, DocId, Vec<LotId>) {
    let mut world = World::with(setup);
    let doc = world.issue_bill(&Bill::s1());
    let lots = world.doc(&doc).lots;
    (world, doc, lots)
}

/// The bill pledged to B2 with a committed threshold.
fn pledged() -> (World, DocId, PledgeId, Vec<LotId>) {
    let (mut world, doc, lots) = issued();
    let body = Create { conditions: commit("-18 C"), ..world.create_body("B2", "E5", &[(doc, &Bill::s1().paper)]) };
    let pledge = pledge_of(&world.ok("B2", Operation::PledgeCreate(body), &["E5", "MTO"]));
    (world, doc, pledge, lots)
}

#[test]
fn an_event_before_the_last_one_is_time_backward_and_moves_nothing() {
    let (mut world, _, lots) = issued();
    let arrived = world.sight(&lots, FlowStep::Arrived);
    world.say("MTO", &arrived, &[]);
    let early = FlowReport { at: Timestamp::new(arrived.at.get() - 1), ..world.sight(&lots, FlowStep::Departed) };
    let outcome = world.say("MTO", &early, &[]);
    assert_eq!(alarms(&outcome), [TimeBackward]);
    let flow = world.flow(&lots[0]);
    assert_eq!((flow.events, flow.last, flow.step), (2, arrived.id(), FlowStep::Arrived));
    let same_time = FlowReport { at: arrived.at, ..world.sight(&lots, FlowStep::Unstuffed) };
    assert!(alarms(&world.say("MTO", &same_time, &[])).is_empty());
}

#[test]
fn an_event_beyond_the_drift_of_clocks_is_time_backward_too() {
    let (mut world, _, lots) = issued();
    let drift = ParamKey::ClockDriftMs.default_value();
    let at = |world: &World, more: u64| world.next_time().saturating_add(more);
    let tolerable = FlowReport { at: at(&world, drift), ..world.sight(&lots, FlowStep::Loaded) };
    assert!(alarms(&world.say("MTO", &tolerable, &[])).is_empty());
    let future = FlowReport { at: at(&world, drift + DAY), ..world.sight(&lots, FlowStep::Departed) };
    assert_eq!(alarms(&world.say("MTO", &future, &[])), [TimeBackward]);
    assert_eq!(world.flow(&lots[0]).step, FlowStep::Loaded, "what has not happened yet moves nothing");
    world.advance(HOUR);
    let later = world.sight(&lots, FlowStep::Departed);
    assert!(alarms(&world.say("MTO", &later, &[])).is_empty(), "and does not spoil what comes");
}

#[test]
fn another_node_too_soon_is_two_places() {
    let minutes = ParamKey::MinTravelMs.default_value();
    let travel = Travel { from: node("CNTJC"), to: node("CNQZH"), min_ms: 20 * HOUR };
    for (to, after, expected) in [
        ("CNXIY", minutes - 1, true),
        ("CNXIY", minutes, false),
        ("CNQZH", 20 * HOUR - 1, true),
        ("CNQZH", 20 * HOUR, false),
        ("CNTJC", 1, false),
    ] {
        let (mut world, _, lots) = issued_in(Setup { travel: vec![travel.clone()], ..Setup::default() });
        let there = world.sight(&lots, FlowStep::Departed);
        world.say("MTO", &there, &[]);
        world.advance(after);
        let here = world.sight_at(&lots, FlowStep::Arrived, to);
        let found = alarms(&world.say("MTO", &here, &[]));
        assert_eq!(found == [TwoPlaces], expected, "{to} after {after}: {found:?}");
        // The way back takes as long.
        world.advance(after);
        let back = world.sight_at(&lots, FlowStep::Departed, "CNTJC");
        assert_eq!(alarms(&world.say("MTO", &back, &[])) == [TwoPlaces], expected, "back from {to}");
    }
}

#[test]
fn a_genesis_names_each_way_once_and_between_two_nodes() {
    let way = |from: &str, to: &str| Travel { from: node(from), to: node(to), min_ms: HOUR };
    let mut genesis = World::new().genesis;
    let mut check = |travel: Vec<Travel>| {
        genesis.travel = travel;
        let read = landsea_types::genesis::Genesis::from_json(&genesis.to_json());
        read.map(|read| read.travel == genesis.travel).map_err(|error| error.to_string())
    };
    assert_eq!(check(vec![way("A", "B"), way("B", "C")]), Ok(true));
    assert_eq!(check(vec![way("A", "A")]), Err("travel time 0: leads nowhere".into()));
    for twice in [way("A", "B"), way("B", "A")] {
        assert_eq!(check(vec![way("A", "B"), twice]), Err("travel time 1: stands twice".into()));
    }
}

#[test]
fn a_seal_that_is_not_the_one_put_on_is_a_mismatch() {
    let (mut world, _, lots) = issued();
    for (step, seal, expected) in [
        (FlowStep::Departed, "CR1", false),
        (FlowStep::Sealed, "CR2", false),
        (FlowStep::BorderIn, "CR2", false),
        (FlowStep::BorderIn, "CR1", true),
        (FlowStep::Resealed, "CR3", false),
        (FlowStep::Arrived, "CR2", true),
        (FlowStep::Arrived, "CR3", false),
    ] {
        let seen = FlowReport { payload: commit(seal), ..world.sight_of_seal(&lots, step, seal) };
        let found = alarms(&world.say("MTO", &seen, &[]));
        assert_eq!(found == [SealMismatch], expected, "{step} {seal}: {found:?}");
    }
    assert_eq!(world.lot(&lots[0]).seal, Some(commit("CR3")));
    let op = world.reseal_op(&lots[0], "CR3", "CR4");
    world.ok("MTO", op, &[]);
    let seen = world.sight_of_seal(&lots[..1], FlowStep::Heartbeat, "CR3");
    assert_eq!(alarms(&world.say("MTO", &seen, &[])), [SealMismatch], "also after goods.reseal");
}

#[test]
fn an_exit_against_a_right_is_unauthorised_and_recorded() {
    let exit = |world: &mut World, lots: &[LotId]| {
        let report = world.sight(lots, FlowStep::GateOut);
        alarms(&world.say("MTO", &report, &[]))
    };
    let (mut world, _, lots) = issued();
    assert!(exit(&mut world, &lots).is_empty(), "a gate on the way of free goods");
    let (mut world, doc, lots) = issued();
    world.reserve("B1", "E5", &doc, 24);
    assert_eq!(exit(&mut world, &lots), [UnauthorisedExit]);
    for kind in [HoldKind::Dispute, HoldKind::CustomsHold, HoldKind::CourtFreeze] {
        let (mut world, doc, lots) = issued();
        world.place_hold(&doc.0, kind);
        assert_eq!(exit(&mut world, &lots), [UnauthorisedExit], "{kind}");
    }
    let (mut world, _, _, lots) = pledged();
    assert_eq!(exit(&mut world, &lots), [UnauthorisedExit]);
    let inward = world.sight(&lots, FlowStep::GateIn);
    assert!(alarms(&world.say("MTO", &inward, &[])).is_empty());
}

#[test]
fn a_reservation_or_a_pledge_that_has_run_out_binds_no_exit() {
    let (mut world, doc, lots) = issued();
    world.reserve("B1", "E5", &doc, 1);
    world.advance(2 * HOUR);
    let report = world.sight(&lots, FlowStep::GateOut);
    assert!(alarms(&world.say("MTO", &report, &[])).is_empty());
    let (mut world, _, _, lots) = pledged();
    world.advance(200 * DAY);
    let report = world.sight(&lots, FlowStep::GateOut);
    assert!(alarms(&world.say("MTO", &report, &[])).is_empty(), "what is due is applied first");
}

#[test]
fn an_exit_is_judged_by_the_holds_that_stand_at_its_block_swept_or_not() {
    let (mut world, doc, lots) = issued();
    let freeze = |world: &mut World, branch: &str, days: u64| {
        let op = court_op(HoldTarget::Lot(lots[0]), world.time.saturating_add(days * DAY));
        world.ok(branch, op, &[]);
    };
    freeze(&mut world, "cq", 10);
    let mut followed = world.clone();
    freeze(&mut followed, "gx", 20);
    for (mut world, expected) in [(world, false), (followed, true)] {
        world.advance(11 * DAY);
        assert!(!world.holds(&lots[0].0).is_empty(), "nothing has swept it");
        let report = world.sight(&lots, FlowStep::GateOut);
        let outcome = world.say("MTO", &report, &[]);
        assert_eq!(alarms(&outcome).contains(&UnauthorisedExit), expected, "the next in the queue bars it");
        assert_eq!(world.doc(&doc).lots, lots);
    }
}

#[test]
fn a_broken_threshold_is_an_alarm_only_where_it_was_agreed() {
    let (mut world, _, _, lots) = pledged();
    let broken = |world: &World, name: &str| {
        let condition = Some(if name.is_empty() { NO_CONDITION } else { commit(name) });
        FlowReport { condition, payload: commit(name), ..world.sight(&lots, FlowStep::TempAlarm) }
    };
    for (name, expected) in [("-18 C", true), ("-20 C", false), ("", false)] {
        let report = broken(&world, name);
        assert_eq!(alarms(&world.say("MTO", &report, &[])) == [TempBreach], expected, "{name:?}");
    }
    let (mut world, doc, lots) = issued();
    world.pledge_doc("B1", "E5", "MTO", &doc, &Bill::s1().paper);
    let none = FlowReport { condition: Some(NO_CONDITION), ..world.sight(&lots, FlowStep::TempAlarm) };
    assert!(alarms(&world.say("MTO", &none, &[])).is_empty(), "no threshold was agreed");
}

#[test]
fn one_event_may_look_wrong_in_several_ways() {
    let (mut world, _, _, lots) = pledged();
    let sealed = world.sight_of_seal(&lots, FlowStep::Sealed, "CR1");
    world.say("MTO", &sealed, &[]);
    let everything = FlowReport {
        node: node("CNQZH"),
        seal: Some(commit("CR2")),
        condition: Some(commit("-18 C")),
        ..world.sight(&lots, FlowStep::GateOut)
    };
    let outcome = world.say("MTO", &everything, &[]);
    assert_eq!(alarms(&outcome), [TwoPlaces, SealMismatch, UnauthorisedExit, TempBreach]);
    assert_eq!(world.timeline(&lots[0]).len(), 2);
}

#[test]
fn an_alarm_names_the_pledgee_to_itself_alone() {
    let (mut world, _, _, lots) = pledged();
    let report = world.sight(&lots, FlowStep::GateOut);
    let outcome = world.say("MTO", &report, &[]);
    let alerts = events(&outcome, EventName::FlowAlert);
    let bank = world.account("B2");
    assert_eq!(alerts.len(), 2);
    assert!(!alerts[0].parties.contains(&bank) && alerts[0].parties.contains(&world.account("E5")));
    assert_eq!(alerts[1].parties, [bank]);
    for alert in &alerts {
        assert_eq!(alert.members, [world.member("cq"), world.member("gx")], "homes of the title and of the pledgee");
        assert_eq!((alert.subject.0, alert.related.len()), (report.id().0, 3));
    }
    let elsewhere = outcome.events.iter().filter(|e| e.parties.contains(&bank) && e.parties.len() > 1);
    assert_eq!(elsewhere.count(), 0);
}

#[test]
fn lots_of_two_pledgees_alarm_each_of_its_own() {
    let mut world = World::new();
    let bills = [Bill::new("A", &["C:1"]), Bill::new("B", &["C:2"])];
    let mut lots = Vec::new();
    for (bill, bank) in bills.iter().zip(["B1", "B2"]) {
        let doc = world.issue_bill(bill);
        world.pledge_doc(bank, "E5", "MTO", &doc, &bill.paper);
        lots.extend(world.doc(&doc).lots);
    }
    let report = world.sight(&lots, FlowStep::Delivered);
    let outcome = world.say("MTO", &report, &[]);
    let alerts = events(&outcome, EventName::FlowAlert);
    let of = |bank: &str| {
        let account = world.account(bank);
        let alert = alerts.iter().find(|a| a.parties == [account]).expect("an alarm of its own");
        alert.related.iter().map(|r| LotId(r.0)).collect::<Vec<_>>()
    };
    assert_eq!((alerts.len(), of("B1"), of("B2")), (3, vec![lots[0]], vec![lots[1]]));
}

#[test]
fn an_alarm_refuses_nothing() {
    let (mut world, doc, _, lots) = pledged();
    world.place_hold(&doc.0, HoldKind::RegulatorFreeze);
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    for step in FlowStep::ALL {
        let report = FlowReport { at: Timestamp::ZERO, ..world.sight(&lots, *step) };
        let outcome = world.submit("MTO", report_op(&report), &[]);
        assert_eq!(outcome.code, Code::Ok, "{step}");
        assert_eq!(alarms(&outcome).contains(&UnauthorisedExit), step.is_exit(), "{step}");
        assert!(alarms(&outcome).contains(&TimeBackward), "{step}");
    }
}

#[test]
fn a_stored_lot_under_pledge_that_leaves_alarms_and_is_missing() {
    let (mut world, doc) = stored_300_of_500();
    let paper = bond_paper("WR-ZJ-0301", &["B:LZ-1", "B:LZ-2", "S:ZJ-A07"]);
    let op = world.create_op("B2", "E6", &doc, &paper);
    world.ok("B2", op, &["E6", "BOND", "SUP"]);
    let lot = world.doc(&doc).lots[0];
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 5_000);
    let outcome = world.say("SUP", &exit, &[]);
    assert_eq!(alarms(&outcome), [UnauthorisedExit]);
    assert_eq!(world.books("S:ZJ-A07"), (495_000, 300_000), "no deficit while the cell has enough");
    assert!(world.holds(&lot.0).is_empty());
}
