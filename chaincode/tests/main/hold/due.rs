//! Holds that run out, in the sweep and on touch.

use super::*;
use landsea_types::genesis::ParamKey;
use landsea_types::role::PledgeState;
use landsea_types::state::{Family, SaltSource, tree_key};

/// A world whose sweep handles one entry per block, with many entries due before those of the test.
fn slow() -> World {
    World::with(Setup { parameters: vec![(ParamKey::SweepItemsMax, 1)], ..Setup::default() })
}

/// Lets as many blocks pass as a slow sweep needs.
fn sweep_all(world: &mut World) {
    for _ in 0..8 {
        world.pass(SECOND);
    }
}

#[test]
fn a_hold_that_has_run_out_bars_nothing_before_the_sweep_has_come_to_it() {
    let mut world = slow();
    let doc = world.issue_bill(&Bill::s1());
    let lot = world.doc(&doc).lots[0];
    let party = world.account("E5");
    let targets = [HoldTarget::Doc(doc), HoldTarget::Lot(lot), HoldTarget::Party(party)];
    let holds = targets.map(|target| world.emergency("gx", target));
    world.advance(8 * DAY);
    let op = world.transfer_op(&doc, "E1");
    let outcome = world.ok("E5", op, &[]);
    assert_eq!(events(&outcome, EventName::HoldLapsed).len(), 3, "the operation ended them first");
    assert!(holds.iter().all(|hold| world.state_of(hold) == HoldState::Lapsed));
    assert_eq!(world.pass(DAY), None, "nothing is left for the sweep");
}

#[test]
fn a_refused_operation_leaves_the_lapse_to_the_sweep() {
    let mut world = slow();
    let doc = world.issue_bill(&Bill::s1());
    let first = world.emergency("gx", HoldTarget::Doc(doc));
    let second = world.emergency("gx", HoldTarget::Doc(doc));
    world.advance(8 * DAY);
    let op = world.transfer_op(&doc, "E1");
    assert_eq!(world.code("E2", op, &[]), Code::NotHolder, "not 6001");
    let states = [first, second].map(|hold| world.state_of(&hold));
    assert_eq!(states, [HoldState::Effective; 2], "the sweep is still busy with what was due before");
    sweep_all(&mut world);
    let states = [first, second].map(|hold| world.state_of(&hold));
    assert_eq!(states, [HoldState::Lapsed; 2]);
}

#[test]
fn what_waited_bars_as_soon_as_the_one_before_has_run_out() {
    let mut world = slow();
    let doc = world.issue_bill(&Bill::s1());
    world.emergency("gx", HoldTarget::Doc(doc));
    let first = world.freeze("cq", HoldTarget::Doc(doc), 7);
    let waiting = world.freeze("yn", HoldTarget::Doc(doc), 30);
    world.advance(8 * DAY);
    let op = world.transfer_op(&doc, "E1");
    assert_eq!(world.code("E5", op, &[]), Code::Held);
    sweep_all(&mut world);
    let states = [first, waiting].map(|hold| world.state_of(&hold));
    assert_eq!(states, [HoldState::Lapsed, HoldState::Effective]);
}

#[test]
fn a_hold_pauses_a_lapse_that_happens_as_soon_as_it_has_run_out() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let due = world.pledge(&pledge).grace_until.since(world.time);
    world.pass(due - 20 * DAY);
    let hold = world.dispute("E1", HoldTarget::Doc(doc));
    world.pass(21 * DAY);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Matured, "paused");
    let end = world.hold(&hold).until.since(world.time);
    world.advance(end);
    let op = world.transfer_op(&doc, "E1");
    assert_eq!(world.code("E5", op, &[]), Code::Ok, "nobody needs to be asked any more");
    assert_eq!(world.pledge(&pledge).state, PledgeState::Lapsed);
}

#[test]
fn a_hold_on_another_document_of_the_pledge_that_has_run_out_pauses_nothing() {
    let mut world = slow();
    let (a, b) = (Bill::new("A", &["C:A"]), Bill::new("B", &["C:B"]));
    let docs = [&a, &b].map(|bill| world.issue_bill(bill));
    let body = world.create_body("B1", "E5", &[(docs[0], &a.paper), (docs[1], &b.paper)]);
    let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO"]));
    let due = world.pledge(&pledge).grace_until.since(world.time);
    world.pass(due - 6 * DAY);
    world.pass(SECOND);
    world.emergency("gx", HoldTarget::Doc(docs[1]));
    world.advance(20 * DAY);
    let op = world.transfer_op(&docs[0], "E1");
    assert_eq!(world.code("E5", op, &[]), Code::Ok);
}

#[test]
fn the_sweep_salts_the_next_leaf_from_the_one_before_and_the_height() {
    let (mut world, doc) = bill_of_e5();
    world.freeze("cq", HoldTarget::Doc(doc), 10);
    world.freeze("gx", HoldTarget::Doc(doc), 30);
    let leaf = |world: &World| world.state.leaves[&(Family::Hold, doc.0)].clone();
    let before = leaf(&world);
    world.pass(10 * DAY).expect("the first has run out");
    let mut source = before.salt.to_vec();
    source.extend_from_slice(&world.height.get().to_be_bytes());
    assert_eq!(leaf(&world).salt, SaltSource::new(&source).salt(&tree_key(Family::Hold, &doc.0)));
    assert_ne!(leaf(&world), before);
}
