//! Level 4: the goods have been seen.

use super::*;
use crate::cargo::acts::*;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::Create;
use landsea_types::role::FlowStep;
use landsea_types::{LotId, PledgeId};

const CONFIRM_MS: u64 = 72 * HOUR;

/// A matched case whose bill is pledged to B2 with SUP watching the lots.
fn watched_in(mut w: World) -> (World, DocId, ProofId, Vec<LotId>) {
    let (doc, proof) = matched(&mut w);
    watch(&mut w, &doc);
    let lots = w.doc(&doc).lots;
    (w, doc, proof, lots)
}

fn watched() -> (World, DocId, ProofId, Vec<LotId>) {
    watched_in(world())
}

fn watch(w: &mut World, doc: &DocId) -> PledgeId {
    let supervisor = Some(w.account("SUP"));
    let body = Create { supervisor, ..w.create_body("B2", "E5", &[(*doc, &Bill::s1().paper)]) };
    crate::kit::pledge_of(&w.ok("B2", Operation::PledgeCreate(body), &["E5", "MTO", "SUP"]))
}

fn look(w: &mut World, by: &str, lots: &[LotId]) -> Outcome {
    let seen = w.sight(lots, FlowStep::Inspected);
    w.say(by, &seen, &[])
}

fn level(w: &World, proof: &ProofId) -> (ProofState, u8) {
    (w.proof(proof).state, w.proof(proof).level)
}

#[test]
fn a_matched_case_whose_goods_their_supervisor_sees_is_at_level_four() {
    assert_eq!(ParamKey::PhysicalConfirmMs.default_value(), CONFIRM_MS);
    let (mut w, _, proof, lots) = watched();
    let outcome = look(&mut w, "SUP", &lots);
    assert_eq!(event(&outcome, EventName::ProofMatched).args, [4]);
    assert_eq!(level(&w, &proof), (ProofState::Matched, 4));
    let case = w.proof(&proof);
    assert_eq!(case.due, w.time.saturating_add(CONFIRM_MS));
    assert_eq!(level_for(&w.state.view(), &case, &w.account("B2"), w.time), 4);
}

#[test]
fn every_lot_must_have_been_seen_and_by_its_supervisor() {
    let (mut w, _, proof, lots) = watched();
    look(&mut w, "SUP", &lots[..2]);
    look(&mut w, "MTO", &lots);
    look(&mut w, "SW", &lots);
    assert_eq!(level(&w, &proof), (ProofState::Matched, 3));
    look(&mut w, "SUP", &lots[2..]);
    assert_eq!(level(&w, &proof), (ProofState::Matched, 4));
}

#[test]
fn a_case_that_is_not_matched_gains_nothing_by_a_look() {
    let mut w = world();
    let (doc, proof) = opened(&mut w);
    watch(&mut w, &doc);
    let lots = w.doc(&doc).lots;
    let outcome = look(&mut w, "SUP", &lots);
    assert!(events(&outcome, EventName::ProofMatched).is_empty());
    // It counts as soon as the case matches.
    for (by, kind) in FOUR {
        attest(&mut w, by, &proof, kind);
    }
    assert_eq!(level(&w, &proof), (ProofState::Matched, 4));
}

#[test]
fn a_look_wears_off_and_the_pledgee_hears_it() {
    let (mut w, _, proof, lots) = watched();
    look(&mut w, "SUP", &lots);
    assert!(w.pass(CONFIRM_MS - SECOND).is_none());
    assert_eq!(level(&w, &proof), (ProofState::Matched, 4));
    let swept = w.pass(SECOND).expect("the look is old");
    let alert = event(&swept, EventName::ProofDegraded);
    assert_eq!((alert.args.as_slice(), alert.parties.as_slice()), ([3, 4].as_slice(), [w.account("B2")].as_slice()));
    assert_eq!(level(&w, &proof), (ProofState::Degraded, 3));
    look(&mut w, "SUP", &lots);
    assert_eq!(level(&w, &proof), (ProofState::Matched, 4), "a degraded case may match again");
}

#[test]
fn another_look_puts_the_end_off_and_a_later_one_of_some_lots_does_not() {
    let (mut w, _, proof, lots) = watched();
    look(&mut w, "SUP", &lots);
    let first = w.proof(&proof).due;
    w.pass(DAY);
    look(&mut w, "SUP", &lots[..1]);
    assert_eq!(w.proof(&proof).due, first, "the lot that was seen first counts");
    look(&mut w, "SUP", &lots[1..]);
    assert!(w.proof(&proof).due > first);
    assert!(w.pass(2 * DAY).is_none(), "the queue has moved with it");
    assert_eq!(level(&w, &proof).1, 4);
}

#[test]
fn a_look_that_is_taken_back_degrades_the_case() {
    let (mut w, _, proof, lots) = watched();
    let seen = w.sight(&lots, FlowStep::Inspected);
    w.say("SUP", &seen, &[]);
    let op = w.correct_op(&seen.id(), None);
    let outcome = w.ok("SUP", op, &[]);
    assert_eq!(event(&outcome, EventName::ProofDegraded).args, [3, 4]);
    assert_eq!(level(&w, &proof), (ProofState::Degraded, 3));
}

#[test]
fn a_look_back_in_time_counts_from_when_it_was() {
    let (mut w, _, proof, lots) = watched();
    w.pass(4 * DAY);
    let old = landsea_types::operation::cargo::FlowReport {
        at: Timestamp::new(w.next_time().get() - CONFIRM_MS),
        ..w.sight(&lots, FlowStep::Inspected)
    };
    w.say("SUP", &old, &[]);
    assert_eq!(level(&w, &proof).1, 3, "a look of three days ago is no look");
}

#[test]
fn a_supervisor_of_the_applicants_group_sees_nothing() {
    let (mut w, _, proof, lots) = watched_in(grouped(&[("E5", "family"), ("SUP", "family")]));
    look(&mut w, "SUP", &lots);
    assert_eq!(level(&w, &proof), (ProofState::Matched, 3));
}

#[test]
fn the_look_follows_the_goods_through_a_split() {
    let (mut w, doc, proof, _) = watched();
    let op = w.split_op(w.halves(&doc, "H"));
    let outcome = w.ok("MTO", op, &["E5", "B2"]);
    let children = crate::waybill::acts::children_of(&outcome);
    assert_eq!(children.len(), 2);
    let first = w.doc(&children[0]).lots;
    look(&mut w, "SUP", &first);
    assert_eq!(level(&w, &proof).1, 3, "the other child has not been seen");
    let second = w.doc(&children[1]).lots;
    look(&mut w, "SUP", &second);
    assert_eq!(level(&w, &proof), (ProofState::Matched, 4));
    let swept = w.pass(CONFIRM_MS).expect("the look is old");
    assert_eq!(event(&swept, EventName::ProofDegraded).parties, [w.account("B2")], "one pledgee, told once");
}

#[test]
fn a_pledge_may_ask_for_goods_that_have_been_seen() {
    for (age, code) in [(HOUR, Code::Ok), (CONFIRM_MS, Code::ProofLevelTooLow)] {
        let mut w = world();
        let (doc, proof) = matched(&mut w);
        let (lots, supervisor) = (w.lots(&doc), Some(w.account("SUP")));
        w.edit(|view| {
            for lot in &lots {
                view.put_lot(&landsea_types::record::Lot { supervisor, ..lot.clone() });
            }
        });
        look(&mut w, "SUP", &lots.iter().map(|lot| lot.id).collect::<Vec<_>>());
        w.advance(age);
        let mut body = w.create_body("B1", "E5", &[(doc, &Bill::s1().paper)]);
        (body.proof, body.proof_min_level) = (Some(proof), 4);
        assert_eq!(w.code("B1", Operation::PledgeCreate(body), &["E5", "MTO", "SUP"]), code, "seen {age} ms ago");
    }
}
