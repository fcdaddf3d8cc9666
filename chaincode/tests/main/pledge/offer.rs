//! `pledge.offer`, `pledge.accept` and `pledge.withdraw_offer`.

use super::acts::{bills, offer_event, offer_of};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::{Accept, Create};
use landsea_types::role::{ChainAction, OfferState, PledgeState};
use landsea_types::state::Table;
use landsea_types::{Code, DocId, OfferId, Operation};

fn offered(hours: u64) -> (World, Vec<(DocId, Bill)>, OfferId) {
    let mut world = World::new();
    let bills = bills(&mut world, 2);
    let offer = world.offer_all(&bills[..1], hours);
    (world, bills, offer)
}

#[test]
fn an_offer_encumbers_nothing_and_tells_everybody_who_is_asked() {
    let mut world = World::new();
    let bills = bills(&mut world, 1);
    let doc = bills[0].0;
    let before = world.doc(&doc);
    let op = world.offer_op(world.create_body("B1", "E5", &[(doc, &bills[0].1.paper)]), 10);
    let outcome = world.ok("B1", op, &[]);
    let said = offer_event(&outcome, EventName::OfferMade);
    let parties: Vec<&str> = said.parties.iter().map(|p| world.name_of(p)).collect();
    assert!(parties.len() == 2 && parties.contains(&"E5") && parties.contains(&"MTO"), "{parties:?}");
    assert_eq!(events(&outcome, EventName::OfferMade)[1].parties, [world.account("B1")], "no bank is named to another");
    assert_eq!(world.doc(&doc), before);
    assert_eq!((world.encumbrance(&doc.0), world.reservation(&doc.0)), (None, None));
    world.pledge_doc("B2", "E5", "MTO", &doc, &bills[0].1.paper);
}

#[test]
fn the_last_party_to_accept_creates_the_pledge_of_the_bank() {
    for order in [["E5", "MTO"], ["MTO", "E5"]] {
        let (mut world, bills, offer) = offered(10);
        let first = world.accept(order[0], &offer);
        assert_eq!(offer_event(&first, EventName::OfferAccepted).args, [1]);
        assert_eq!(world.encumbrance(&bills[0].0.0), None);
        let last = world.accept(order[1], &offer);
        assert_eq!(offer_event(&last, EventName::OfferAccepted).args, [0]);
        let pledge = world.pledge(&pledge_of(&last));
        assert_eq!((pledge.pledgee, pledge.state), (world.account("B1"), PledgeState::Active));
        assert_eq!((pledge.priority.height, pledge.priority.index), (world.height, 0), "ranked by its own block");
        assert_eq!(world.doc(&bills[0].0).holder, world.account("B1"));
        assert_eq!(world.offer(&offer).state, OfferState::Accepted);
        let entries = world.state.table::<landsea_types::record::ChainEntry>(Table::Chain);
        let entry =
            entries.values().find(|e| e.action == ChainAction::PledgeEndorse).expect("the pledge is in the chain");
        assert_eq!(entry.actor, world.account("B1"), "the bank acts, not whoever accepted last");
    }
}

#[test]
fn an_appointed_supervisor_must_accept_too() {
    let mut world = World::new();
    let bills = bills(&mut world, 1);
    let terms = world.create_body("B1", "E5", &[(bills[0].0, &bills[0].1.paper)]);
    let op = world.offer_op(Create { supervisor: Some(world.account("SUP")), ..terms }, 10);
    let offer = offer_of(&world.ok("B1", op, &[]));
    world.accept("E5", &offer);
    world.accept("MTO", &offer);
    assert_eq!(world.encumbrance(&bills[0].0.0), None);
    let last = world.accept("SUP", &offer);
    let pledge = world.pledge(&pledge_of(&last));
    assert_eq!(pledge.supervisor, Some(world.account("SUP")));
}

#[test]
fn a_stranger_and_the_bank_itself_answer_1005() {
    let (mut world, _, offer) = offered(10);
    for who in ["E6", "COLD", "B1", "SUP"] {
        let op = world.accept_op(&offer);
        assert_eq!(world.code(who, op, &[]), Code::RoleNotPermitted, "{who}");
    }
}

#[test]
fn nobody_accepts_twice() {
    let (mut world, _, offer) = offered(10);
    world.accept("E5", &offer);
    let op = world.accept_op(&offer);
    assert_eq!(world.code("E5", op, &[]), Code::OfferNotOpen);
}

#[test]
fn an_offer_lasts_until_its_end_and_at_most_the_parameter() {
    let mut world = World::new();
    let bills = bills(&mut world, 1);
    let terms = world.create_body("B1", "E5", &[(bills[0].0, &bills[0].1.paper)]);
    for hours in [0, 73] {
        let op = world.offer_op(terms.clone(), hours);
        assert_eq!(world.code("B1", op, &[]), Code::TermOutOfLimits, "{hours} hours");
    }
    let op = world.offer_op(terms, 72);
    world.ok("B1", op, &[]);
}

#[test]
fn an_expired_offer_answers_5012_and_the_sweep_tells_everybody() {
    let (mut world, _, offer) = offered(10);
    world.accept("E5", &offer);
    let until = world.offer(&offer).until;
    let op = world.accept_op(&offer);
    world.advance(until.since(world.time));
    assert_eq!(world.code("MTO", op, &[]), Code::OfferNotOpen);
    assert_eq!(world.offer(&offer).state, OfferState::Expired);
    let swept = world.swept.clone().expect("the sweep came to it in the same block");
    assert_eq!(offer_event(&swept, EventName::OfferEnded).args, [OfferState::Expired as u64]);
}

#[test]
fn whoever_keeps_the_goods_when_an_offer_ends_does_not_learn_its_bank() {
    let (mut world, bills, offer) = offered(10);
    let lots = world.doc(&bills[0].0).lots;
    let report = world.hand_over(&lots, "MTO", "COLD");
    world.say("MTO", &report, &["COLD"]);
    let op = world.withdraw_offer_op(&offer);
    let outcome = world.ok("B1", op, &[]);
    let told = &offer_event(&outcome, EventName::OfferEnded).parties;
    assert!(told.contains(&world.account("COLD")) && !told.contains(&world.account("B1")));
}

#[test]
fn a_block_before_its_end_an_offer_is_still_accepted() {
    let (mut world, bills, offer) = offered(10);
    world.accept("E5", &offer);
    let until = world.offer(&offer).until;
    world.advance(until.since(world.time) - 1);
    let op = world.accept_op(&offer);
    world.ok("MTO", op, &[]);
    assert!(world.encumbrance(&bills[0].0.0).is_some());
}

#[test]
fn only_its_bank_withdraws_an_offer_and_once() {
    let (mut world, _, offer) = offered(10);
    let op = world.withdraw_offer_op(&offer);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("B2", op.clone(), &[]), Code::NotPledgee);
    let outcome = world.ok("B1", op, &[]);
    offer_event(&outcome, EventName::OfferEnded);
    let op = world.withdraw_offer_op(&offer);
    assert_eq!(world.code("B1", op, &[]), Code::OfferNotOpen);
    let op = world.accept_op(&offer);
    assert_eq!(world.code("E5", op, &[]), Code::OfferNotOpen);
}

#[test]
fn a_refused_creation_refuses_the_acceptance_and_is_journalled() {
    let (mut world, bills, offer) = offered(10);
    world.accept("E5", &offer);
    world.pledge_doc("B2", "E5", "MTO", &bills[0].0, &bills[0].1.paper);
    let op = world.accept_op(&offer);
    let refused = world.submit("MTO", op, &[]);
    assert_eq!(refused.code, Code::AlreadyPledged);
    event(&refused, EventName::DoublePledgeAttempt);
    let attempt = world.attempts().pop().expect("journalled");
    assert_eq!((attempt.by, attempt.consented), (world.account("B1"), true));
    assert_eq!(world.offer(&offer).accepted, [world.account("E5")]);
    assert_eq!(world.offer(&offer).state, OfferState::Open);
}

#[test]
fn a_document_that_changed_since_the_offer_answers_1007() {
    let (mut world, bills, offer) = offered(40);
    world.accept("E5", &offer);
    world.reserve("B1", "E5", &bills[0].0, 1);
    let op = world.transfer_op(&bills[0].0, "E5");
    world.ok("E5", op, &["B1"]);
    let op = world.accept_op(&offer);
    assert_eq!(world.code("MTO", op, &[]), Code::StaleVersion);
}

#[test]
fn a_party_or_bank_suspended_after_its_word_answers_1006() {
    for who in ["E5", "B1"] {
        let (mut world, _, offer) = offered(10);
        world.accept("E5", &offer);
        world.suspend(who);
        let op = world.accept_op(&offer);
        assert_eq!(world.code("MTO", op, &[]), Code::PartySuspended, "{who}");
    }
}

#[test]
fn an_offer_names_known_objects_and_a_sound_set() {
    let mut world = World::new();
    let bills = bills(&mut world, 1);
    let terms = world.create_body("B1", "E5", &[(bills[0].0, &bills[0].1.paper)]);
    let mut unknown = terms.clone();
    unknown.docs[0].doc = DocId([7; 32]);
    let op = world.offer_op(unknown, 10);
    assert_eq!(world.code("B1", op, &[]), Code::UnknownObject);
    for docs in [vec![], vec![terms.docs[0].clone(); 2]] {
        let op = world.offer_op(Create { docs, ..terms.clone() }, 10);
        assert_eq!(world.code("B1", op, &[]), Code::CollateralSetInvalid);
    }
    let op = world.offer_op(terms, 10);
    assert_eq!(world.code("E5", op, &[]), Code::RoleNotPermitted);
    let op = Operation::PledgeAccept(Accept { offer: OfferId([7; 32]), expect_ver: 1 });
    assert_eq!(world.code("E5", op, &[]), Code::UnknownObject);
}
