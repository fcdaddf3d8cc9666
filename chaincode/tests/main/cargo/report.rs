//! Who may report, what is malformed, and what an event leaves.

use super::acts::*;
use crate::kit::*;
use crate::waybill::acts::leg;
use landsea_chaincode::cargo::has_arrived;
use landsea_types::bounds;
use landsea_types::event::EventName;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::role::{FlowAction, FlowStep, LotStatus};
use landsea_types::{AccountId, Code, DocId, LotId, Operation, Qty};

fn issued() -> (World, DocId, Vec<LotId>) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let lots = world.doc(&doc).lots;
    (world, doc, lots)
}

fn code_of(world: &mut World, by: &str, report: &FlowReport) -> (Code, Vec<u64>) {
    let outcome = world.submit(by, report_op(report), &[]);
    (outcome.code, outcome.args)
}

#[test]
fn an_event_enters_the_timeline_and_the_flow_of_every_lot() {
    let (mut world, _, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    let outcome = world.say("MTO", &departed, &[]);
    let said = event(&outcome, EventName::FlowEvent);
    assert_eq!(said.args, [FlowStep::Departed as u64, departed.at.get()]);
    assert_eq!((said.subject.0, said.related.len()), (departed.id().0, 3));
    assert!(alarms(&outcome).is_empty());
    world.advance(2 * DAY);
    let arrived = world.sight_at(&lots[..1], FlowStep::PortIn, "CNQZH");
    world.say("MTO", &arrived, &[]);
    assert_eq!(world.timeline(&lots[0]), [departed.id(), arrived.id()]);
    assert_eq!(world.timeline(&lots[1]), [departed.id()]);
    let flow = world.flow(&lots[0]);
    assert_eq!((flow.events, flow.last, flow.step, flow.node), (2, arrived.id(), FlowStep::PortIn, node("CNQZH")));
    let recorded = world.cargo_event(&departed.id());
    assert_eq!((recorded.action, recorded.reporter), (FlowAction::Add, world.account("MTO")));
    assert!(recorded.custody_confirmed && recorded.corrects.is_none());
}

#[test]
fn keepers_watchers_carriers_issuers_receivers_and_customs_may_report_and_others_may_not() {
    let mut world = World::new();
    let mut body = world.issue_body(&Bill::s1());
    body.legs = vec![leg(&world, "R-CD")];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    let lots = world.doc(&doc).lots;
    for by in ["MTO", "R-CD", "SW"] {
        let seen = FlowReport { payload: commit(by), ..world.sight(&lots, FlowStep::Heartbeat) };
        world.say(by, &seen, &[]);
    }
    for by in ["COLD", "SUP", "OCEAN", "FF", "R-NN"] {
        let seen = world.sight(&lots, FlowStep::Heartbeat);
        assert_eq!(code_of(&mut world, by, &seen).0, Code::ReporterNotEntitled, "{by}");
    }
    for by in ["E5", "B1", "TAXG", "INS", "cq"] {
        let seen = world.sight(&lots, FlowStep::Heartbeat);
        assert_eq!(code_of(&mut world, by, &seen).0, Code::RoleNotPermitted, "{by}");
    }
    let received = world.hand_over(&lots, "MTO", "COLD");
    world.say("COLD", &received, &[]);
    let foreign = world.hand_over(&lots, "MTO", "COLD");
    assert_eq!(code_of(&mut world, "R-CD", &foreign).0, Code::ReporterNotEntitled, "a hand-over of others");
}

#[test]
fn the_issuer_of_an_adopted_note_and_the_supervisor_of_the_lots_may_report() {
    let mut world = World::new();
    let bill = Bill::new("A-1", &["C:1"]);
    let doc = world.issue_bill(&bill);
    let note = world.anchor_note(&Paper::new("N-1", &["C:1"]));
    let carrier = world.issuer_of(&note);
    let seen = world.sight(&world.doc(&doc).lots, FlowStep::Departed);
    let adopt = world.adopt_op(&doc, &note);
    world.ok("MTO", adopt, &[]);
    world.say(&carrier, &seen, &[]);
    let body = landsea_types::operation::pledge::Create {
        supervisor: Some(world.account("SUP")),
        ..world.create_body("B1", "E5", &[(doc, &bill.paper)])
    };
    world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO", "SUP"]);
    let seen = world.sight(&world.doc(&doc).lots, FlowStep::Inspected);
    world.say("SUP", &seen, &[]);
    let lot = world.doc(&doc).lots[0];
    assert_eq!(world.flow(&lot).seen, Some(seen.at));
    assert_eq!(world.flow(&lot).step, FlowStep::Departed, "a look moves nothing");
}

#[test]
fn malformed_reports_answer_1010() {
    let (mut world, _, lots) = issued();
    let sound = world.sight(&lots[..1], FlowStep::Departed);
    let me = world.account("MTO");
    let same = landsea_types::operation::cargo::HandOver { from: me, to: me };
    let spoilt: [FlowReport; 7] = [
        FlowReport { lots: vec![], ..sound.clone() },
        FlowReport { lots: vec![lots[0], lots[0]], ..sound.clone() },
        FlowReport { lots: (0..=64u8).map(|n| LotId([n; 32])).collect(), ..sound.clone() },
        FlowReport { lots: lots.clone(), qty: Some(Qty::new(5)), ..sound.clone() },
        FlowReport { qty: Some(Qty::ZERO), ..sound.clone() },
        FlowReport { node: *b"cntjc   ", ..sound.clone() },
        FlowReport { custody: Some(same), ..sound.clone() },
    ];
    assert_eq!(bounds::EVENT_LOTS_MAX, 64);
    for report in spoilt {
        assert_eq!(code_of(&mut world, "MTO", &report).0, Code::TooLarge, "{report:?}");
    }
    assert_eq!(code_of(&mut world, "MTO", &sound).0, Code::Ok);
}

#[test]
fn unknown_lots_and_custodians_are_named_by_their_position() {
    let (mut world, _, lots) = issued();
    let nobody = AccountId([1; 32]);
    let strange = world.sight(&[lots[0], LotId([1; 32])], FlowStep::Departed);
    assert_eq!(code_of(&mut world, "MTO", &strange), (Code::UnknownObject, vec![1]));
    let mut to_nobody = world.hand_over(&lots, "MTO", "COLD");
    to_nobody.custody.as_mut().expect("a hand-over").to = nobody;
    assert_eq!(code_of(&mut world, "MTO", &to_nobody), (Code::UnknownObject, vec![3]));
}

#[test]
fn the_same_event_answers_8002_with_the_height_of_the_first_whoever_says_it() {
    let (mut world, _, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    let first = world.height.get();
    world.pass(DAY);
    for by in ["MTO", "SW"] {
        assert_eq!(code_of(&mut world, by, &departed), (Code::DuplicateEvent, vec![first]), "{by}");
    }
    assert_eq!(code_of(&mut world, "COLD", &departed).0, Code::ReporterNotEntitled, "who may not ask learns nothing");
}

#[test]
fn of_two_defects_of_a_report_the_earlier_step_wins() {
    let (mut world, _, lots) = issued();
    let known = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &known, &[]);
    let strange = FlowReport { lots: vec![LotId([1; 32])], ..known.clone() };
    let malformed = FlowReport { lots: vec![], ..known.clone() };
    assert_eq!(code_of(&mut world, "E5", &malformed).0, Code::TooLarge, "1 before 3");
    assert_eq!(code_of(&mut world, "E5", &strange).0, Code::RoleNotPermitted, "3 before 4");
    assert_eq!(code_of(&mut world, "COLD", &strange).0, Code::UnknownObject, "4 before 11");
    assert_eq!(code_of(&mut world, "COLD", &known).0, Code::ReporterNotEntitled, "8001 before 8002");
}

#[test]
fn goods_have_arrived_unless_their_last_movement_says_otherwise() {
    let (mut world, doc, lots) = issued();
    let arrived = |world: &World| has_arrived(&world.state.view(), &world.doc(&doc));
    assert!(arrived(&world), "nobody has said anything");
    for (step, expected) in [
        (FlowStep::Departed, false),
        (FlowStep::Heartbeat, false),
        (FlowStep::DoorOpen, false),
        (FlowStep::Arrived, true),
        (FlowStep::Inspected, true),
        (FlowStep::OnBoard, false),
    ] {
        let seen = world.sight(&lots[..1], step);
        world.say("MTO", &seen, &[]);
        assert_eq!(arrived(&world), expected, "{step}");
    }
}

#[test]
fn delivered_goods_can_still_be_seen() {
    let (mut world, doc, lots) = issued();
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &[]);
    let op = world.answer_op(&doc, true, None);
    world.ok("MTO", op, &[]);
    assert_eq!(world.lot(&lots[0]).status, LotStatus::Delivered);
    let before = world.lot(&lots[0]);
    let exit = world.sight(&lots, FlowStep::Delivered);
    let outcome = world.say("MTO", &exit, &[]);
    assert!(alarms(&outcome).is_empty());
    assert_eq!(world.lot(&lots[0]), before);
}

#[test]
fn children_go_on_where_their_parents_were() {
    let (mut world, doc, lots) = issued();
    let sealed = world.sight_of_seal(&lots, FlowStep::Sealed, "CR884101");
    world.say("MTO", &sealed, &[]);
    let outcome = world.ok("MTO", world.split_op(world.halves(&doc, "H")), &["E5"]);
    for child in crate::waybill::acts::children_of(&outcome) {
        for lot in world.lots(&child) {
            let flow = world.flow(&lot.id);
            assert_eq!((flow.events, flow.last, flow.step), (0, sealed.id(), FlowStep::Sealed));
            assert_eq!(lot.seal, Some(commit("CR884101")), "the seal stays with its container");
            assert!(world.timeline(&lot.id).is_empty(), "its own timeline begins now");
        }
        let lots = world.doc(&child).lots;
        let seen = world.sight(&lots, FlowStep::Arrived);
        world.say("MTO", &seen, &[]);
        assert_eq!(world.timeline(&lots[0]), [seen.id()]);
    }
}
