//! Correction by reference: the earlier event stays.

use super::acts::*;
use crate::goods::acts::{KG, stored_300_of_500};
use crate::kit::*;
use landsea_chaincode::cargo::has_arrived;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::role::{FlowAction, FlowAlertKind, FlowStep, HoldKind};
use landsea_types::{Code, DocId, EventId, LotId, Qty};

fn issued() -> (World, DocId, Vec<LotId>) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let lots = world.doc(&doc).lots;
    (world, doc, lots)
}

#[test]
fn a_replacement_stands_in_for_an_event_that_stays() {
    let (mut world, _, lots) = issued();
    let wrong = world.sight_at(&lots, FlowStep::PortIn, "CNYTN");
    world.say("MTO", &wrong, &[]);
    let before = world.cargo_event(&wrong.id());
    let right = FlowReport { at: wrong.at, ..world.sight_at(&lots, FlowStep::PortIn, "CNQZH") };
    let op = world.correct_op(&wrong.id(), Some(&right));
    let outcome = world.ok("MTO", op, &[]);
    let said = event(&outcome, EventName::FlowCorrected);
    assert_eq!((said.subject.0, said.args.as_slice()), (wrong.id().0, [FlowAction::Observe as u64].as_slice()));
    assert!(alarms(&outcome).is_empty(), "the wrong event was in another place, but it does not count");
    let after = world.cargo_event(&wrong.id());
    assert_eq!((after.report, after.corrected_by), (before.report, Some(right.id())));
    let entry = world.cargo_event(&right.id());
    assert_eq!((entry.action, entry.corrects), (FlowAction::Observe, Some(wrong.id())));
    assert_eq!(world.timeline(&lots[0]), [wrong.id(), right.id()]);
    assert_eq!(world.flow(&lots[0]).node, node("CNQZH"));
}

#[test]
fn an_event_that_is_taken_back_no_longer_says_where_the_goods_are() {
    let (mut world, doc, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    world.advance(DAY);
    let arrived = world.sight_at(&lots, FlowStep::Arrived, "CNQZH");
    world.say("MTO", &arrived, &[]);
    let op = world.correct_op(&arrived.id(), None);
    let outcome = world.ok("MTO", op, &[]);
    assert_eq!(event(&outcome, EventName::FlowCorrected).args, [FlowAction::Delete as u64]);
    let flow = world.flow(&lots[0]);
    assert_eq!((flow.last, flow.step, flow.node), (departed.id(), FlowStep::Departed, node("CNTJC")));
    assert!(!has_arrived(&world.state.view(), &world.doc(&doc)));
    assert_eq!(flow.events, 3, "the taking back is an event too");
    let deletion = world.cargo_event(&world.timeline(&lots[0])[2]);
    assert_eq!((deletion.action, deletion.corrects), (FlowAction::Delete, Some(arrived.id())));
    assert_eq!(world.cargo_event(&arrived.id()).corrected_by, Some(deletion.id));
    // On their way again, they may fall silent again.
    let alarm = world.pass(ParamKey::SilenceMs.default_value()).expect("a silence");
    assert!(alarms(&alarm).contains(&FlowAlertKind::Silent));
}

#[test]
fn goods_of_which_the_only_event_is_taken_back_are_nowhere() {
    let (mut world, doc, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    let op = world.correct_op(&departed.id(), None);
    world.ok("MTO", op, &[]);
    let flow = world.flow(&lots[0]);
    assert_eq!((flow.node, flow.silent_from, flow.last), (node("UNKNOWN"), None, EventId::default()));
    assert!(has_arrived(&world.state.view(), &world.doc(&doc)));
    let anew = world.sight_at(&lots, FlowStep::Departed, "CNXIY");
    assert!(alarms(&world.say("MTO", &anew, &[])).is_empty());
}

#[test]
fn what_a_former_custodian_said_still_stands_when_its_successor_takes_its_word_back() {
    let (mut world, _, lots) = issued();
    let received = world.hand_over(&lots, "MTO", "R-NN");
    world.say("MTO", &received, &["R-NN"]);
    world.advance(HOUR);
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("R-NN", &departed, &[]);
    world.advance(HOUR);
    let handed_on = FlowReport { step: FlowStep::Inspected, ..world.hand_over(&lots, "R-NN", "COLD") };
    world.say("R-NN", &handed_on, &["COLD"]);
    world.advance(HOUR);
    let arrived = world.sight(&lots, FlowStep::Arrived);
    world.say("COLD", &arrived, &[]);
    let op = world.correct_op(&arrived.id(), None);
    world.ok("COLD", op, &[]);
    let flow = world.flow(&lots[0]);
    assert_eq!((flow.last, flow.step), (handed_on.id(), FlowStep::Departed));
}

#[test]
fn who_only_claimed_to_receive_goods_and_takes_it_back_breaks_no_silence() {
    let (mut world, _, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    let until = world.flow(&lots[0]).silent_from;
    world.advance(HOUR);
    let claimed = FlowReport { step: FlowStep::Arrived, ..world.hand_over(&lots, "MTO", "COLD") };
    world.say("COLD", &claimed, &[]);
    assert_eq!((world.flow(&lots[0]).step, world.flow(&lots[0]).silent_from), (FlowStep::Departed, until));
    let op = world.correct_op(&claimed.id(), None);
    world.ok("COLD", op, &[]);
    assert_eq!((world.flow(&lots[0]).step, world.flow(&lots[0]).silent_from), (FlowStep::Departed, until));
    assert_eq!(world.timeline(&lots[0]).len(), 3);
}

#[test]
fn an_earlier_event_is_corrected_without_a_time_backward() {
    let (mut world, _, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    world.advance(DAY);
    let arrived = world.sight(&lots, FlowStep::Arrived);
    world.say("MTO", &arrived, &[]);
    let right = FlowReport { at: departed.at.saturating_add(HOUR), ..departed.clone() };
    let op = world.correct_op(&departed.id(), Some(&right));
    assert!(alarms(&world.ok("MTO", op, &[])).is_empty());
    assert_eq!(world.flow(&lots[0]).last, arrived.id(), "the later event still says where the goods are");
}

#[test]
fn a_correction_undoes_what_was_missing() {
    let (mut world, doc) = stored_300_of_500();
    world.count_cell("S:ZJ-A07", 300_000);
    let lot = world.doc(&doc).lots[0];
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 5_000);
    world.say("SUP", &exit, &[]);
    assert_eq!(world.holds(&lot.0), [HoldKind::Deficit]);
    let less = world.sight_of_kg(&lot, FlowStep::GateOut, 500);
    let op = world.correct_op(&exit.id(), Some(&less));
    world.ok("SUP", op, &[]);
    assert_eq!(world.books("S:ZJ-A07"), (299_500, 300_000));
    let op = world.correct_op(&less.id(), None);
    world.ok("SUP", op, &[]);
    assert_eq!(world.books("S:ZJ-A07"), (300_000, 300_000));
    assert!(world.holds(&lot.0).is_empty());
}

#[test]
fn a_keeper_who_takes_its_word_back_heals_nothing_alone() {
    let (mut world, doc) = stored_300_of_500();
    world.count_cell("S:ZJ-A07", 300_000);
    let lot = world.doc(&doc).lots[0];
    let exit = world.sight_of_kg(&lot, FlowStep::GateOut, 5_000);
    world.say("BOND", &exit, &[]);
    let op = world.correct_op(&exit.id(), None);
    world.ok("BOND", op, &[]);
    assert_eq!(world.books("S:ZJ-A07"), (295_000, 300_000));
    assert_eq!(world.cell("S:ZJ-A07").away, Qty::new(5_000 * KG));
}

#[test]
fn a_return_that_is_taken_back_leaves_the_goods_missing() {
    let (mut world, _, lots) = issued();
    let exit = world.sight_of_kg(&lots[0], FlowStep::GateOut, 5_000);
    world.say("MTO", &exit, &[]);
    let back = world.sight_of_kg(&lots[0], FlowStep::GateIn, 9_000);
    world.say("MTO", &back, &[]);
    assert_eq!(world.lot(&lots[0]).missing, Qty::ZERO);
    let op = world.correct_op(&back.id(), None);
    world.ok("MTO", op, &[]);
    assert_eq!(world.lot(&lots[0]).missing, Qty::new(5_000 * KG), "as much as it had brought back");
}

#[test]
fn a_hand_over_that_waits_is_taken_back_and_one_that_both_signed_stands() {
    let (mut world, _, lots) = issued();
    let waiting = FlowReport { step: FlowStep::Arrived, ..world.hand_over(&lots, "MTO", "COLD") };
    world.say("MTO", &waiting, &[]);
    let op = world.correct_op(&waiting.id(), None);
    world.ok("MTO", op, &[]);
    assert_eq!(world.code("COLD", confirm_op(&waiting.id()), &[]), Code::ReporterNotEntitled);
    assert!(world.pass(2 * DAY).is_none_or(|swept| alarms(&swept).is_empty()), "no gap either");
    let signed = FlowReport { step: FlowStep::Arrived, ..world.hand_over(&lots, "MTO", "COLD") };
    world.say("MTO", &signed, &["COLD"]);
    let op = world.correct_op(&signed.id(), None);
    world.ok("MTO", op, &[]);
    assert_eq!(world.lot(&lots[0]).custodian, world.account("COLD"));
}

#[test]
fn only_the_reporter_corrects_and_only_once() {
    let (mut world, _, lots) = issued();
    let wrong = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &wrong, &[]);
    let right = world.sight(&lots, FlowStep::Loaded);
    for by in ["SW", "COLD"] {
        let op = world.correct_op(&wrong.id(), Some(&right));
        assert_eq!(world.code(by, op, &[]), Code::ReporterNotEntitled, "{by}");
    }
    let op = world.correct_op(&wrong.id(), Some(&right));
    world.ok("MTO", op, &[]);
    let corrected_at = world.height.get();
    let op = world.correct_op(&wrong.id(), None);
    let outcome = world.submit("MTO", op, &[]);
    assert_eq!((outcome.code, outcome.args), (Code::DuplicateEvent, vec![corrected_at]));
    // What stands in for it may be corrected in turn; what takes it back may not.
    let op = world.correct_op(&right.id(), None);
    world.ok("MTO", op, &[]);
    let deletion = world.cargo_event(&right.id()).corrected_by.expect("taken back");
    let op = world.correct_op(&deletion, None);
    assert_eq!(world.code("MTO", op, &[]), Code::DuplicateEvent);
}

#[test]
fn a_replacement_is_new_and_of_lots_that_the_reporter_may_speak_of() {
    let (mut world, _, lots) = issued();
    let foreign =
        world.issue_bill(&Bill { issuer: "R-CD", kind: landsea_types::role::DocKind::RAIL_BL, ..other_bill() });
    let wrong = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &wrong, &[]);
    let same = world.correct_op(&wrong.id(), Some(&wrong));
    assert_eq!(world.code("MTO", same, &[]), Code::DuplicateEvent);
    let theirs = world.sight(&world.doc(&foreign).lots, FlowStep::Departed);
    let op = world.correct_op(&wrong.id(), Some(&theirs));
    assert_eq!(world.code("MTO", op, &[]), Code::ReporterNotEntitled);
    let malformed = FlowReport { lots: vec![], ..wrong.clone() };
    let op = world.correct_op(&wrong.id(), Some(&malformed));
    assert_eq!(world.code("MTO", op, &[]), Code::TooLarge);
    let op = world.correct_op(&EventId([1; 32]), None);
    assert_eq!(world.code("MTO", op, &[]), Code::UnknownObject);
    let op = world.correct_op(&wrong.id(), None);
    assert_eq!(world.code("E5", op, &[]), Code::RoleNotPermitted);
    // The wrong lots were named: the right ones are corrected to.
    let right = world.sight(&lots[..1], FlowStep::Departed);
    let op = world.correct_op(&wrong.id(), Some(&right));
    world.ok("MTO", op, &[]);
    assert_eq!((world.timeline(&lots[0]).len(), world.timeline(&lots[1]).len()), (2, 1));
    assert_eq!(world.flow(&lots[1]).node, node("UNKNOWN"));
}

fn other_bill() -> Bill {
    Bill { basis: landsea_types::role::LegalBasis::Agreement, ..Bill::new("R-1", &["C:9"]) }
}
