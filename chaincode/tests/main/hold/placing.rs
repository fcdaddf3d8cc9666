//! What a hold may stand on.

use super::*;
use landsea_types::role::{DocState, LotStatus, PartyStatus, PledgeState};
use landsea_types::{AccountId, GoodsKey, LotId, PledgeId, bounds};

const UNKNOWN: [HoldTarget; 5] = [
    HoldTarget::Doc(DocId([7; 32])),
    HoldTarget::Lot(LotId([7; 32])),
    HoldTarget::Pledge(PledgeId([7; 32])),
    HoldTarget::Party(AccountId([7; 32])),
    HoldTarget::Cell(GoodsKey([7; 32])),
];

/// The four operations that place a hold, each with a sender who may.
fn placers(world: &World, target: HoldTarget) -> [(&'static str, Operation); 4] {
    let until = world.next_time().saturating_add(DAY);
    [
        ("E1", dispute_op(target)),
        ("cq", court_op(target, until)),
        ("cq", regulator_op(target)),
        ("SW", customs_op(target)),
    ]
}

#[test]
fn an_unknown_target_answers_1012() {
    let mut world = World::new();
    for target in UNKNOWN {
        for (sender, op) in placers(&world, target) {
            let refused = world.submit(sender, op, &[]);
            assert_eq!((refused.code, refused.args), (Code::UnknownObject, vec![0]), "{sender} {target:?}");
        }
    }
}

#[test]
fn what_has_ended_is_not_held() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let release = world.release_op(&pledge);
    world.ok("B1", release, &[]);
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &[]);
    let op = world.answer_op(&doc, true, None);
    world.ok("MTO", op, &[]);
    let lot = world.doc(&doc).lots[0];
    assert_eq!((world.doc(&doc).state, world.lot(&lot).status), (DocState::Accomplished, LotStatus::Delivered));
    assert_eq!(world.pledge(&pledge).state, PledgeState::Released);
    let ended = [
        (HoldTarget::Doc(doc), Code::DocumentState),
        (HoldTarget::Lot(lot), Code::LotNotActive),
        (HoldTarget::Pledge(pledge), Code::PledgeState),
    ];
    for (target, code) in ended {
        for (sender, op) in placers(&world, target) {
            assert_eq!(world.code(sender, op, &[]), code, "{sender} {target:?}");
        }
    }
}

#[test]
fn a_party_that_has_left_is_not_held() {
    let mut world = World::new();
    let mut party = world.party("E2");
    (party.status, party.ver) = (PartyStatus::Exited, party.ver + 1);
    world.edit(|view| view.put_party(&party));
    for (sender, op) in placers(&world, HoldTarget::Party(party.id)) {
        assert_eq!(world.code(sender, op, &[]), Code::PartySuspended, "{sender}");
    }
}

#[test]
fn every_kind_of_object_is_held_and_the_leaf_says_so() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let targets = [
        HoldTarget::Doc(doc),
        HoldTarget::Lot(world.doc(&doc).lots[0]),
        HoldTarget::Pledge(pledge),
        HoldTarget::Party(world.account("E5")),
    ];
    for target in targets {
        for (sender, op) in placers(&world, target) {
            world.ok(sender, op, &[]);
        }
        let all = [HoldKind::CourtFreeze, HoldKind::RegulatorFreeze, HoldKind::Dispute, HoldKind::CustomsHold];
        assert_eq!(world.holds(&target.id()), all, "the gravest first on {target:?}");
    }
}

#[test]
fn disputes_are_limited_and_leave_room_for_the_authorities() {
    let (mut world, doc) = bill_of_e5();
    let target = HoldTarget::Doc(doc);
    world.dispute("E1", target);
    for _ in 1..bounds::DISPUTES_PER_TARGET_MAX {
        world.place_hold(&doc.0, HoldKind::Dispute);
    }
    assert_eq!(world.code("E2", dispute_op(target), &[]), Code::TooLarge);
    for _ in bounds::DISPUTES_PER_TARGET_MAX..bounds::HOLDS_PER_TARGET_MAX {
        world.customs(target);
    }
    for (sender, op) in placers(&world, target) {
        assert_eq!(world.code(sender, op, &[]), Code::TooLarge, "{sender}");
    }
}

#[test]
fn a_hold_placed_when_a_lapse_was_due_does_not_stop_it() {
    let parameters = vec![(landsea_types::genesis::ParamKey::SweepItemsMax, 1)];
    let mut world = World::with(Setup { parameters, ..Setup::default() });
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let (matures, lot) = (world.pledge(&pledge).reg_until.since(world.time), world.doc(&doc).lots[0]);
    world.pass(matures);
    let grace = world.pledge(&pledge).grace_until.since(world.time);
    for target in [HoldTarget::Doc(doc), HoldTarget::Lot(lot)] {
        let mut late = world.clone();
        late.advance(grace);
        late.ok("E1", dispute_op(target), &[]);
        assert_eq!(late.pledge(&pledge).state, PledgeState::Lapsed, "{target:?}");
    }
    let mut late = world.clone();
    late.advance(grace);
    assert_eq!(late.code("E1", dispute_op(HoldTarget::Pledge(pledge)), &[]), Code::PledgeState);
}
