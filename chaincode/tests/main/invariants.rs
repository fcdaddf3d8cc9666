//! Every invariant notices a state that breaks it.

use crate::kit::*;
use landsea_chaincode::invariants::{self, Decoded};
use landsea_types::record::{Doc, Lot, Pledge, Priority};
use landsea_types::role::{DocState, LotStatus};
use landsea_types::state::{Family, Table};
use landsea_types::{AccountId, DocId, Height, PledgeId, Qty, Timestamp};

/// A world with a pledged bill, a reserved one and a free one.
fn world() -> (World, [DocId; 3], PledgeId) {
    let mut world = World::new();
    let (pledged, pledge) = world.pledged_bill(&Bill::new("A", &["C:1", "C:2"]));
    let reserved = world.issue_bill(&Bill::new("B", &["C:3"]));
    world.reserve("B2", "E5", &reserved, 24);
    let free = world.issue_bill(&Bill::new("C", &["C:4"]));
    (world, [pledged, reserved, free], pledge)
}

/// What the checks over one state say after a change.
fn broken(change: impl FnOnce(&mut World, [DocId; 3], PledgeId)) -> &'static str {
    let (mut world, docs, pledge) = world();
    assert!(invariants::check_all(&world.state).is_ok());
    change(&mut world, docs, pledge);
    invariants::check_all(&world.state).expect_err("the change breaks an invariant").invariant
}

fn change_doc(world: &mut World, id: DocId, change: impl FnOnce(&mut Doc)) {
    let mut doc = world.doc(&id);
    change(&mut doc);
    world.edit(|view| view.put_doc(&doc));
}

fn change_lot(world: &mut World, doc: DocId, change: impl FnOnce(&mut Lot)) {
    let mut lot = world.lots(&doc).remove(0);
    change(&mut lot);
    world.edit(|view| view.put_lot(&lot));
}

fn change_pledge(world: &mut World, id: PledgeId, change: impl FnOnce(&mut Pledge)) {
    let mut pledge = world.pledge(&id);
    change(&mut pledge);
    world.edit(|view| view.put_pledge(&pledge));
}

#[test]
fn two_documents_of_one_content_break_inv_1() {
    let found = broken(|world, [pledged, _, free], _| {
        let fp2 = world.doc(&pledged).fp2;
        change_doc(world, free, |doc| doc.fp2 = fp2);
    });
    assert_eq!(found, "INV-1");
}

#[test]
fn a_lot_under_two_titles_breaks_inv_2() {
    let found = broken(|world, [_, reserved, free], _| {
        let lots = world.doc(&reserved).lots;
        change_doc(world, free, |doc| doc.lots.extend(lots));
    });
    assert_eq!(found, "INV-2");
}

#[test]
fn a_second_pledge_or_a_missing_leaf_or_another_holder_breaks_inv_3() {
    let second = |world: &mut World, _: [DocId; 3], id: PledgeId| {
        let other = PledgeId([7; 32]);
        change_pledge(world, id, |pledge| pledge.id = other);
    };
    let missing = |world: &mut World, [pledged, _, _]: [DocId; 3], _: PledgeId| {
        world.edit(|view| view.remove_encumbrance(&pledged.0));
    };
    let holder = |world: &mut World, [pledged, _, _]: [DocId; 3], _: PledgeId| {
        let firm = world.account("E1");
        change_doc(world, pledged, |doc| doc.holder = firm);
    };
    let silent = |world: &mut World, _: [DocId; 3], id: PledgeId| {
        change_pledge(world, id, |pledge| pledge.priority = Priority { height: Height::new(1), index: 0 });
    };
    assert_eq!([broken(second), broken(missing), broken(holder), broken(silent)], ["INV-3"; 4]);
}

#[test]
fn a_partial_reservation_breaks_inv_3() {
    let found = broken(|world, [_, reserved, _], _| world.edit(|view| view.remove_reservation(&reserved.0)));
    assert_eq!(found, "INV-3");
}

#[test]
fn goods_from_nowhere_break_inv_5() {
    let found = broken(|world, [_, _, free], _| {
        let parent = world.lots(&free)[0].id;
        change_lot(world, free, |lot| {
            lot.parents = vec![parent];
            lot.qty = Qty::new(lot.qty.get() * 100);
        });
    });
    assert_eq!(found, "INV-5");
}

#[test]
fn a_key_without_its_lot_breaks_inv_6() {
    let found = broken(|world, _, _| world.edit(|view| view.put_goods_key(&key("C:4").key, Vec::new())));
    assert_eq!(found, "INV-6");
}

#[test]
fn goods_with_a_trader_break_inv_11() {
    let found = broken(|world, [_, _, free], _| {
        let trader = world.account("E1");
        change_lot(world, free, |lot| lot.custodian = trader);
    });
    assert_eq!(found, "INV-11");
}

#[test]
fn a_queue_that_forgets_or_invents_breaks_inv_16() {
    let forgets = |world: &mut World, _: [DocId; 3], id: PledgeId| {
        let until = world.pledge(&id).reg_until;
        world.edit(|view| view.unschedule(until, landsea_chaincode::view::Due::Maturity, &id.0));
    };
    let invents = |world: &mut World, [_, _, free]: [DocId; 3], _: PledgeId| {
        world.edit(|view| view.schedule(Timestamp::new(9), landsea_chaincode::view::Due::Reservation, &free.0, &[]));
    };
    assert_eq!([broken(forgets), broken(invents)], ["INV-16"; 2]);
}

#[test]
fn a_rewritten_chain_breaks_t5() {
    let found = broken(|world, [_, _, free], _| change_doc(world, free, |doc| doc.chain_root.0[0] ^= 1));
    assert_eq!(found, "T5");
}

#[test]
fn a_public_part_of_another_record_is_noticed() {
    let found = broken(|world, [pledged, _, free], _| {
        let (shown, record) = (world.doc(&pledged).public(), world.doc(&free));
        world.edit(|view| view.put_leaf(Family::Doc, &free.0, &shown, &record));
    });
    assert_eq!(found, "public parts");
}

#[test]
fn a_row_that_does_not_decode_is_noticed() {
    let found = broken(|world, _, id| world.edit(|view| view.put_row(Table::Pledge, &id.0, &1u8)));
    assert_eq!(found, "the state decodes");
}

#[test]
fn a_changed_priority_or_a_revived_object_or_an_unchanged_version_is_noticed_over_two_states() {
    let step = |change: &dyn Fn(&mut Decoded, DocId, PledgeId)| {
        let (world, [_, _, free], pledge) = world();
        let mut before = Decoded::of(&world.state).expect("sound");
        let mut after = before.clone();
        before.docs.get_mut(&free).expect("known").state = DocState::Accomplished;
        after.docs.get_mut(&free).expect("known").state = DocState::Accomplished;
        assert_eq!(invariants::check_step(&before, &after), Ok(()));
        change(&mut after, free, pledge);
        invariants::check_step(&before, &after).expect_err("the change breaks an invariant").invariant
    };
    let priority = step(&|after, _, id| after.pledges.get_mut(&id).expect("known").priority.index += 1);
    let vanished = step(&|after, _, id| drop(after.pledges.remove(&id)));
    let revived = step(&|after, doc, _| after.docs.get_mut(&doc).expect("known").state = DocState::Active);
    let unnoticed = step(&|after, _, _| {
        let lot = after.lots.values_mut().next().expect("some lot");
        (lot.status, lot.custodian) = (LotStatus::Active, AccountId([1; 32]));
    });
    assert_eq!([priority, vanished, revived, unnoticed], ["INV-4", "INV-4", "INV-8", "versions"]);
}
