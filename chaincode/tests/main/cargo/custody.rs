//! Custody changes hands when both have signed.

use super::acts::*;
use crate::goods::acts::stored_300_of_500;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::role::{FlowAlertKind, FlowStep};
use landsea_types::{Code, DocId, LotId};

fn issued() -> (World, DocId, Vec<LotId>) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let lots = world.doc(&doc).lots;
    (world, doc, lots)
}

fn is_with(world: &World, lots: &[LotId], keeper: &str) -> bool {
    let home = world.home(keeper);
    lots.iter().all(|id| world.lot(id).custodian == world.account(keeper) && world.lot(id).place == home)
}

#[test]
fn both_signatures_in_one_transaction_hand_the_goods_over() {
    let (mut world, _, lots) = issued();
    let versions: Vec<u32> = lots.iter().map(|id| world.lot(id).ver).collect();
    let report = world.hand_over(&lots, "MTO", "R-NN");
    let outcome = world.say("MTO", &report, &["R-NN"]);
    let changed = event(&outcome, EventName::CustodyChanged);
    assert_eq!(changed.parties, [world.account("MTO"), world.account("R-NN")]);
    assert_eq!(changed.members, [world.member("cq"), world.member("gx")]);
    assert!(is_with(&world, &lots, "R-NN") && alarms(&outcome).is_empty());
    assert!(lots.iter().zip(versions).all(|(id, ver)| world.lot(id).ver > ver));
    let entry = world.cargo_event(&report.id());
    assert!(entry.custody_confirmed && entry.custody_due.is_none());
    assert_eq!(world.flow(&lots[0]).custody, Some(report.id()));
}

#[test]
fn a_hand_over_of_pledged_goods_tells_the_pledgees_member() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.pledge_doc("B3", "E5", "MTO", &doc, &Bill::s1().paper);
    let report = world.hand_over(&world.doc(&doc).lots, "MTO", "R-CD");
    let outcome = world.say("R-CD", &report, &["MTO"]);
    let changed = event(&outcome, EventName::CustodyChanged);
    assert!(changed.members.contains(&world.member("yn")) && !changed.parties.contains(&world.account("B3")));
}

#[test]
fn either_custodian_may_report_and_the_other_confirm() {
    for (by, other) in [("MTO", "COLD"), ("COLD", "MTO")] {
        let (mut world, _, lots) = issued();
        let report = world.hand_over(&lots, "MTO", "COLD");
        let outcome = world.say(by, &report, &[]);
        assert!(events(&outcome, EventName::CustodyChanged).is_empty() && is_with(&world, &lots, "MTO"));
        let due = world.time.saturating_add(ParamKey::CustodyConfirmMs.default_value());
        assert_eq!(world.cargo_event(&report.id()).custody_due, Some(due));
        for stranger in [by, "R-CD"] {
            assert_eq!(world.code(stranger, confirm_op(&report.id()), &[]), Code::ReporterNotEntitled, "{stranger}");
        }
        let outcome = world.ok(other, confirm_op(&report.id()), &[]);
        event(&outcome, EventName::CustodyConfirmed);
        event(&outcome, EventName::CustodyChanged);
        assert!(is_with(&world, &lots, "COLD"));
        assert_eq!(world.code(other, confirm_op(&report.id()), &[]), Code::ReporterNotEntitled, "only once");
    }
}

#[test]
fn what_the_receiver_said_counts_once_the_giver_confirms() {
    let (mut world, _, lots) = issued();
    let departed = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &departed, &[]);
    let received = FlowReport { step: FlowStep::Arrived, ..world.hand_over(&lots, "MTO", "COLD") };
    world.say("COLD", &received, &[]);
    assert_eq!(world.flow(&lots[0]).step, FlowStep::Departed);
    world.ok("MTO", confirm_op(&received.id()), &[]);
    assert_eq!((world.flow(&lots[0]).step, world.flow(&lots[0]).custody), (FlowStep::Arrived, Some(received.id())));
}

#[test]
fn a_confirmation_comes_in_time_or_not_at_all() {
    let confirm_ms = ParamKey::CustodyConfirmMs.default_value();
    for (after, code) in [(confirm_ms - 1, Code::Ok), (confirm_ms, Code::ReporterNotEntitled)] {
        let (mut world, _, lots) = issued();
        let report = world.hand_over(&lots, "MTO", "COLD");
        world.say("MTO", &report, &[]);
        world.advance(after);
        assert_eq!(world.code("COLD", confirm_op(&report.id()), &[]), code, "after {after}");
    }
}

#[test]
fn a_hand_over_by_somebody_else_than_the_custodian_is_a_gap_and_changes_nothing() {
    let (mut world, _, lots) = issued();
    let report = world.hand_over(&lots, "R-CD", "COLD");
    let outcome = world.say("COLD", &report, &["R-CD"]);
    assert_eq!(alarms(&outcome), [FlowAlertKind::CustodyGap]);
    assert!(is_with(&world, &lots, "MTO"));
    let entry = world.cargo_event(&report.id());
    assert!(!entry.custody_confirmed && entry.custody_due.is_none());
    assert_eq!(world.code("COLD", confirm_op(&report.id()), &[]), Code::ReporterNotEntitled);
}

#[test]
fn goods_are_not_handed_to_who_may_not_keep_them() {
    let (mut world, _, lots) = issued();
    let report = world.hand_over(&lots, "MTO", "E5");
    let outcome = world.say("MTO", &report, &["E5"]);
    assert_eq!(alarms(&outcome), [FlowAlertKind::CustodyGap]);
    world.suspend("COLD");
    let report = world.hand_over(&lots, "MTO", "COLD");
    assert_eq!(alarms(&world.say("MTO", &report, &[])), [FlowAlertKind::CustodyGap]);
    assert!(is_with(&world, &lots, "MTO"));
}

#[test]
fn pledged_goods_are_not_handed_to_the_pledgors_group() {
    let mut world = World::with(Setup { groups: vec![("E5", "family"), ("COLD", "family")], ..Setup::default() });
    let doc = world.issue_bill(&Bill::s1());
    let lots = world.doc(&doc).lots;
    let report = world.hand_over(&lots[..1], "MTO", "COLD");
    world.say("MTO", &report, &["COLD"]);
    assert!(is_with(&world, &lots[..1], "COLD"), "free goods go wherever their custodians agree");
    let report = world.hand_over(&lots[..1], "COLD", "MTO");
    world.say("COLD", &report, &["MTO"]);
    world.pledge_doc("B1", "E5", "MTO", &doc, &Bill::s1().paper);
    let report = world.hand_over(&lots, "MTO", "COLD");
    assert_eq!(alarms(&world.say("MTO", &report, &["COLD"])), [FlowAlertKind::CustodyGap]);
    assert!(is_with(&world, &lots, "MTO"));
}

#[test]
fn goods_in_a_cell_stay_with_its_keeper() {
    let (mut world, doc) = stored_300_of_500();
    let lots = world.doc(&doc).lots;
    let report = world.hand_over(&lots, "BOND", "R-NN");
    assert_eq!(alarms(&world.say("BOND", &report, &["R-NN"])), [FlowAlertKind::CustodyGap]);
    assert!(is_with(&world, &lots, "BOND"));
}

#[test]
fn custody_goes_from_hand_to_hand() {
    let (mut world, _, lots) = issued();
    let mut before = "MTO";
    for next in ["R-CD", "R-NN", "OCEAN", "COLD"] {
        let report = world.hand_over(&lots, before, next);
        world.say(before, &report, &[next]);
        assert!(is_with(&world, &lots, next));
        before = next;
    }
}

#[test]
fn a_hand_over_that_waits_is_overtaken_by_one_that_both_sign() {
    let (mut world, _, lots) = issued();
    let waiting = world.hand_over(&lots, "MTO", "COLD");
    world.say("MTO", &waiting, &[]);
    let signed = world.hand_over(&lots, "MTO", "R-CD");
    world.say("MTO", &signed, &["R-CD"]);
    assert_eq!(world.code("COLD", confirm_op(&waiting.id()), &[]), Code::ReporterNotEntitled);
    assert!(is_with(&world, &lots, "R-CD"));
}

#[test]
fn a_bad_consent_of_the_other_custodian_refuses_and_none_does_not() {
    let (mut world, _, lots) = issued();
    let report = world.hand_over(&lots, "MTO", "COLD");
    let mut forged = world.consent("COLD", "MTO", &report_op(&report));
    forged.signature.0[9] ^= 1;
    assert_eq!(world.submit_with("MTO", report_op(&report), vec![forged]).code, Code::ConsentInvalid);
    world.say("MTO", &report, &[]);
}

#[test]
fn confirming_answers_each_defect_with_its_code() {
    let (mut world, _, lots) = issued();
    let without = world.sight(&lots, FlowStep::Departed);
    world.say("MTO", &without, &[]);
    assert_eq!(world.code("COLD", confirm_op(&without.id()), &[]), Code::ReporterNotEntitled, "nothing to confirm");
    let unknown = landsea_types::EventId([1; 32]);
    assert_eq!(world.code("COLD", confirm_op(&unknown), &[]), Code::UnknownObject);
    assert_eq!(world.code("E5", confirm_op(&unknown), &[]), Code::RoleNotPermitted);
}
