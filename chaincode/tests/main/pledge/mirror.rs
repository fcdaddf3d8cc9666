//! `pledge.mirror` and its overdue alarm, `pledge.void_by_order`, and what an ended pledge leaves behind.

use super::acts::pledged_of;
use crate::kit::*;
use landsea_chaincode::invariants::Decoded;
use landsea_chaincode::view::Due;
use landsea_types::event::EventName;
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{HoldKind, PledgeState};
use landsea_types::{Code, DocId, Hash, PledgeId};
use std::collections::BTreeMap;

fn pledged() -> (World, DocId, PledgeId) {
    let (world, bills, pledge) = pledged_of(1, 1);
    (world, bills[0].0, pledge)
}

fn mirrors(world: &World) -> usize {
    Decoded::of(&world.state).expect("decodes").queue.iter().filter(|key| key[8] == Due::Mirror as u8).count()
}

#[test]
fn a_registration_is_overdue_ten_days_after_the_creation_and_the_alarm_comes_once() {
    let (mut world, _, pledge) = pledged();
    assert_eq!(world.pass(10 * DAY - 1), None);
    let swept = world.pass(1).expect("overdue");
    let alarm = event(&swept, EventName::MirrorOverdue);
    assert_eq!(alarm.parties, [world.account("E5"), world.account("B1")]);
    assert!(world.pledge(&pledge).mirror_overdue);
    assert_eq!(world.pass(10 * DAY), None);
}

#[test]
fn a_mirror_clears_the_alarm_until_it_expires() {
    let (mut world, _, pledge) = pledged();
    world.pass(10 * DAY);
    let op = world.mirror_op(&pledge, 30);
    let outcome = world.ok("B1", op, &[]);
    event(&outcome, EventName::Mirrored);
    let record = world.pledge(&pledge);
    let mirror = record.mirror.expect("noted");
    assert_eq!((mirror.registration, mirror.at), (commit("registration"), world.time));
    assert!(!record.mirror_overdue && record.mirror_due == mirror.expires);
    assert_eq!(world.pass(30 * DAY - 1), None);
    let swept = world.pass(1).expect("expired");
    event(&swept, EventName::MirrorOverdue);
}

#[test]
fn a_mirror_in_time_takes_the_place_of_the_first_deadline() {
    let (mut world, _, pledge) = pledged();
    let op = world.mirror_op(&pledge, 100);
    world.ok("B1", op, &[]);
    assert_eq!(mirrors(&world), 1);
    assert_eq!(world.pass(20 * DAY), None);
    let op = world.mirror_op(&pledge, 200);
    world.ok("B1", op, &[]);
    assert_eq!(mirrors(&world), 1);
}

#[test]
fn an_overdue_registration_is_noted_on_touch_even_before_the_sweep_comes() {
    let (mut world, _, pledge) = pledged();
    world.advance(11 * DAY);
    let op = world.mirror_op(&pledge, 30);
    let outcome = world.ok("B1", op, &[]);
    event(&outcome, EventName::MirrorOverdue);
    event(&outcome, EventName::Mirrored);
    assert!(!world.pledge(&pledge).mirror_overdue);
}

#[test]
fn the_pledgee_mirrors_a_live_pledge_with_a_registration_that_has_not_expired() {
    let (mut world, _, pledge) = pledged();
    let op = world.mirror_op(&pledge, 0);
    assert_eq!(world.code("B1", op, &[]), Code::TermOutOfLimits);
    let op = world.mirror_op(&pledge, 1);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("B2", op, &[]), Code::NotPledgee);
    world.enforce("B1", &pledge);
    let op = world.mirror_op(&pledge, 1);
    world.ok("B1", op, &[]);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    let op = world.mirror_op(&pledge, 1);
    assert_eq!(world.code("B1", op, &[]), Code::PledgeState);
    assert_eq!(mirrors(&world), 0);
}

#[test]
fn holds_stop_no_mirror() {
    for kind in HoldKind::ALL {
        let (mut world, doc, pledge) = pledged();
        world.place_hold(&doc.0, *kind);
        let op = world.mirror_op(&pledge, 30);
        world.ok("B1", op, &[]);
    }
}

#[test]
fn a_branch_of_either_side_or_of_a_document_voids_a_live_pledge() {
    for state in [PledgeState::Active, PledgeState::Enforcing] {
        let mut world = World::new();
        let bill = Bill { first_holder: "E6", ..Bill::s1() };
        let doc = world.issue_bill(&bill);
        let pledge = world.pledge_doc("B3", "E6", "MTO", &doc, &bill.paper);
        if state == PledgeState::Enforcing {
            world.enforce("B3", &pledge);
        }
        for branch in ["cq", "gx", "yn"] {
            let mut copy = world.clone();
            let op = copy.void_pledge_op(&pledge);
            let outcome = copy.ok(branch, op, &[]);
            event(&outcome, EventName::PledgeVoided);
            assert_eq!(copy.pledge(&pledge).state, PledgeState::Voided);
            assert_eq!((copy.doc(&doc).holder, copy.doc(&doc).enc), (copy.account("E6"), None));
            assert_eq!((copy.encumbrance(&doc.0), mirrors(&copy)), (None, 0));
        }
        let op = world.void_pledge_op(&pledge);
        assert_eq!(world.code("sc", op.clone(), &[]), Code::RoleNotPermitted, "a branch elsewhere");
        assert_eq!(world.code("B3", op, &[]), Code::RoleNotPermitted, "no branch");
    }
}

#[test]
fn an_ended_pledge_is_not_voided() {
    let (mut world, _, pledge) = pledged();
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    let op = world.void_pledge_op(&pledge);
    assert_eq!(world.code("cq", op, &[]), Code::PledgeState);
}

/// Documents and lots without versions and chains, and everything that encumbers or falls due but used consents.
type Residue = (BTreeMap<DocId, Doc>, Vec<Lot>, usize, usize, Vec<Vec<u8>>);

fn residue(world: &World) -> Residue {
    let state = Decoded::of(&world.state).expect("decodes");
    let plain = |d: Doc| Doc { ver: 0, chain_len: 0, chain_root: Hash::default(), ..d };
    let docs = state.docs.into_iter().map(|(id, doc)| (id, plain(doc))).collect();
    let lots = state.lots.into_values().map(|lot| Lot { ver: 0, ..lot }).collect();
    let due = state.queue.into_iter().filter(|key| key[8] != Due::Consent as u8).collect();
    (docs, lots, state.encumbrances.len(), state.reservations.len(), due)
}

#[test]
fn whatever_ends_a_pledge_without_realising_it_leaves_the_goods_as_they_were() {
    let mut world = World::new();
    let bills = super::acts::bills(&mut world, 2);
    let before = residue(&world);
    let pledge = world.pledge_all("B1", &bills);
    assert_ne!(residue(&world), before);
    let mut released = world.clone();
    let op = released.release_op(&pledge);
    released.ok("B1", op, &[]);
    assert_eq!(residue(&released), before);
    let mut voided = world.clone();
    let op = voided.void_pledge_op(&pledge);
    voided.ok("cq", op, &[]);
    assert_eq!(residue(&voided), before);
    world.pass(400 * DAY);
    assert_eq!(residue(&world), before, "lapsed");
}
