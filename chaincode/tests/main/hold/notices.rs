//! Who hears of a hold.

use super::*;
use landsea_types::event::Event;
use landsea_types::{AccountId, Member};

fn told(outcome: &Outcome) -> Vec<&Event> {
    events(outcome, EventName::HoldPlaced)
}

fn parties(outcome: &Outcome) -> Vec<Vec<AccountId>> {
    told(outcome).iter().map(|event| event.parties.clone()).collect()
}

fn sorted(mut parties: Vec<AccountId>) -> Vec<AccountId> {
    parties.sort();
    parties
}

#[test]
fn the_homes_of_the_object_and_of_the_branch_hear_and_so_do_issuer_and_holder_together() {
    let (mut world, doc) = bill_of_e5();
    let until = world.time.saturating_add(DAY);
    let outcome = world.ok("gx", court_op(HoldTarget::Doc(doc), until), &[]);
    let [placed] = told(&outcome)[..] else { panic!("one event for firms that know each other") };
    let members: Vec<Member> = ["cq", "gx"].map(|code| world.member(code)).into();
    assert_eq!(placed.members, members);
    assert_eq!(placed.parties, sorted(vec![world.account("MTO"), world.account("E5")]));
    assert_eq!(placed.related, [landsea_types::Hash(doc.0)]);
}

#[test]
fn a_stranger_who_disputes_learns_nobody_and_stays_unknown() {
    let (mut world, doc) = bill_of_e5();
    let outcome = world.ok("E2", dispute_op(HoldTarget::Doc(doc)), &[]);
    let stranger = world.account("E2");
    let concerned: Vec<_> = parties(&outcome).into_iter().filter(|p| p.contains(&stranger)).collect();
    assert_eq!(concerned, [vec![stranger]]);
}

#[test]
fn no_event_names_a_bank_to_another_party() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let reserved = world.issue_bill(&Bill::new("RESERVED", &["C:R"]));
    world.reserve("B2", "E5", &reserved, 24);
    let lot = world.doc(&doc).lots[0];
    let targets = [HoldTarget::Doc(doc), HoldTarget::Lot(lot), HoldTarget::Pledge(pledge), HoldTarget::Doc(reserved)];
    let banks = ["B1", "B2", "B3"].map(|bank| world.account(bank));
    for target in targets {
        let outcome = world.ok("B3", dispute_op(target), &[]);
        for event in &outcome.events {
            let names_bank = event.parties.iter().any(|party| banks.contains(party));
            assert!(!names_bank || event.parties.len() == 1, "{target:?}: {event:?}");
        }
        let heard: Vec<AccountId> = parties(&outcome).concat();
        assert!(heard.contains(&banks[2]), "the disputing bank hears");
        let concerned = if target == HoldTarget::Doc(reserved) { banks[1] } else { banks[0] };
        assert!(heard.contains(&concerned), "{target:?}: the bank over the goods hears");
        assert!(heard.contains(&world.account("E5")), "{target:?}: the firm hears");
        assert_eq!(heard.len(), sorted(heard.clone()).len());
    }
}

#[test]
fn nobody_is_told_twice() {
    let (mut world, doc) = bill_of_e5();
    let lot = world.doc(&doc).lots[0];
    for target in [HoldTarget::Doc(doc), HoldTarget::Lot(lot)] {
        let outcome = world.ok("E5", dispute_op(target), &[]);
        let mut heard = sorted(parties(&outcome).concat());
        let all = heard.len();
        heard.dedup();
        assert_eq!(heard.len(), all, "{target:?}");
    }
}
