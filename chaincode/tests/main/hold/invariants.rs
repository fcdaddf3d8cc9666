//! The invariants of holds notice states that break them.

use super::*;
use landsea_chaincode::invariants::{self, Decoded};
use landsea_chaincode::view::Due;
use landsea_types::record::{Priority, Standing};
use landsea_types::state::{Family, Table};
use landsea_types::{Height, LotId};

/// A bill under two court freezes, the second waiting, and a dispute on one of its lots.
fn world() -> (World, [HoldId; 3], DocId, LotId) {
    let (mut world, doc) = bill_of_e5();
    let lot = world.doc(&doc).lots[0];
    let [first, second] = ["cq", "gx"].map(|branch| world.freeze(branch, HoldTarget::Doc(doc), 100));
    let third = world.dispute("E1", HoldTarget::Lot(lot));
    (world, [first, second, third], doc, lot)
}

fn broken(change: impl FnOnce(&mut World, [HoldId; 3], DocId, LotId)) -> &'static str {
    let (mut world, holds, doc, lot) = world();
    invariants::check_all(&world.state).expect("sound before the change");
    change(&mut world, holds, doc, lot);
    invariants::check_all(&world.state).expect_err("the change breaks an invariant").invariant
}

fn change_hold(world: &mut World, id: HoldId, change: impl FnOnce(&mut Hold)) {
    let mut hold = world.hold(&id);
    change(&mut hold);
    world.edit(|view| view.put_hold(&hold));
}

#[test]
fn a_leaf_that_is_missing_surplus_or_says_something_else_breaks_inv_9() {
    let missing = broken(|world, _, doc, _| world.edit(|view| view.put_standings(&doc.0, vec![])));
    let shown = |hold| Standing { kind: HoldKind::Dispute, until: Timestamp::MAX, hold };
    let surplus = broken(|world, _, _, _| {
        let party = world.account("E5");
        world.edit(|view| view.put_standings(&party.0, vec![shown(None)]));
    });
    let other = broken(|world, [_, second, _], doc, _| {
        world.edit(|view| view.put_standings(&doc.0, vec![shown(Some(second))]));
    });
    assert_eq!([missing, surplus, other], ["INV-9"; 3]);
}

#[test]
fn a_leaf_in_the_wrong_order_breaks_inv_9() {
    let found = broken(|world, _, _, lot| {
        world.freeze("cq", HoldTarget::Lot(lot), 100);
        let mut shown = world.state.view().standings(&lot.0);
        shown.reverse();
        world.edit(|view| view.put_standings(&lot.0, shown));
    });
    assert_eq!(found, "INV-9");
}

#[test]
fn a_public_part_that_is_not_the_gravest_is_noticed() {
    let found = broken(|world, _, doc, lot| {
        let leaf = |world: &World, id| world.state.leaves[&(Family::Hold, id)].clone();
        let (mild, grave) = (leaf(world, lot.0), leaf(world, doc.0));
        let mixed = landsea_types::state::Leaf { public: mild.public, ..grave };
        world.state.leaves.insert((Family::Hold, doc.0), mixed);
    });
    assert_eq!(found, "public parts");
}

#[test]
fn a_queue_that_lies_breaks_inv_10() {
    let forgotten = broken(|world, _, _, _| {
        let row = world.state.rows.keys().find(|(table, _)| *table == Table::HoldByTarget).cloned().expect("some");
        world.state.rows.remove(&row);
    });
    let moved = broken(|world, [_, second, _], _, _| {
        change_hold(world, second, |hold| hold.placed = Priority { height: Height::new(1), index: 0 });
    });
    let waiting_dispute = broken(|world, [_, _, third], _, lot| {
        change_hold(world, third, |hold| hold.state = HoldState::Queued);
        world.edit(|view| view.put_standings(&lot.0, vec![]));
    });
    let for_nothing = broken(|world, [first, _, _], doc, _| {
        let before = world.hold(&first);
        let after = Hold { state: HoldState::Lifted, ..before.clone() };
        world.edit(|view| {
            landsea_chaincode::hold::put(view, Some(&before), &after);
            landsea_chaincode::hold::refresh(view, &HoldTarget::Doc(doc));
        });
    });
    let at_once = broken(|world, [_, second, _], doc, _| {
        let before = world.hold(&second);
        let after = Hold { state: HoldState::Effective, ..before.clone() };
        world.edit(|view| {
            landsea_chaincode::hold::put(view, Some(&before), &after);
            landsea_chaincode::hold::refresh(view, &HoldTarget::Doc(doc));
        });
    });
    assert_eq!([forgotten, moved, waiting_dispute, for_nothing, at_once], ["INV-10"; 5]);
}

#[test]
fn a_term_or_a_recovery_that_the_queue_forgets_or_invents_breaks_inv_16() {
    let forgets = broken(|world, [first, _, _], _, _| {
        let until = world.hold(&first).until;
        world.edit(|view| view.unschedule(until, Due::Hold, &first.0));
    });
    let invents = broken(|world, [first, _, _], _, _| {
        world.edit(|view| view.schedule(Timestamp::MAX, Due::Hold, &first.0, &[]));
    });
    let recovery = broken(|world, _, _, _| {
        let party = world.account("E5");
        world.edit(|view| view.schedule(Timestamp::MAX, Due::Recovery, &party.0, &[]));
    });
    assert_eq!([forgets, invents, recovery], ["INV-16"; 3]);
}

#[test]
fn a_hold_that_rises_again_or_changes_its_place_is_noticed_over_two_states() {
    let step = |change: &dyn Fn(&mut Decoded, [HoldId; 3])| {
        let (mut world, holds, _, _) = world();
        let lift = world.lift_op(&holds[0]);
        world.ok("cq", lift, &[]);
        let before = Decoded::of(&world.state).expect("sound");
        let mut after = before.clone();
        assert_eq!(invariants::check_step(&before, &after), Ok(()));
        change(&mut after, holds);
        invariants::check_step(&before, &after).expect_err("the change breaks an invariant").invariant
    };
    let hold = |after: &mut Decoded, id: HoldId, change: fn(&mut Hold)| {
        let hold = after.holds.get_mut(&id).expect("known");
        hold.ver += 1;
        change(hold);
    };
    let risen = step(&|after, [first, _, _]| hold(after, first, |h| h.state = HoldState::Effective));
    let waits = step(&|after, [_, second, _]| hold(after, second, |h| h.state = HoldState::Queued));
    let earlier = step(&|after, [_, second, _]| hold(after, second, |h| h.placed = Priority::FIRST));
    let vanished = step(&|after, [_, second, _]| drop(after.holds.remove(&second)));
    let silent = step(&|after, [_, second, _]| after.holds.get_mut(&second).expect("known").until = Timestamp::MAX);
    assert_eq!([risen, waits, earlier, vanished, silent], ["INV-8", "INV-10", "INV-10", "INV-10", "versions"]);
}
