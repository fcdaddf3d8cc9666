//! Unstuffing, seals, losses and forgotten occupancies.

use super::acts::*;
use crate::kit::*;
use crate::waybill::acts::{children_of, whole};
use landsea_types::event::EventName;
use landsea_types::role::{DocState, FlowAlertKind, HoldKind, LotStatus};
use landsea_types::{Code, DocId, LotId, Operation};

/// A bill of the MTO for E5 over one lot that is in a container, on a wagon, in two packages.
fn packed() -> (World, DocId, LotId) {
    let mut world = World::new();
    let bill = Bill::new("A-1", &["C:1", "W:1", "P:1", "P:2"]);
    let mut body = world.issue_body(&bill);
    body.lots = vec![lot_of(20_000, 2, &["C:1", "W:1", "P:1", "P:2"])];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    let lot = world.doc(&doc).lots[0];
    (world, doc, lot)
}

#[test]
fn an_unstuffed_container_is_free_again_and_the_paper_goes_on_naming_it() {
    let (mut world, doc, lot) = packed();
    let op = world.reseal_op(&lot, "", "seal 1");
    world.ok("MTO", op, &[]);
    let op = world.unstuff_op(&lot, &["W:1"]);
    world.ok("MTO", op, &[]);
    assert_eq!(world.lot(&lot).seal, Some(commit("seal 1")), "the container is still closed");
    let op = world.unstuff_op(&lot, &["C:1"]);
    let outcome = world.ok("MTO", op, &[]);
    assert_eq!(event(&outcome, EventName::Unstuffed).subject.0, lot.0);
    let record = world.lot(&lot);
    assert_eq!((record.keys, record.seal), (vec![key("P:1"), key("P:2")], None));
    assert_eq!(record.paper_keys.len(), 4);
    assert!(world.occupants("C:1").is_empty() && world.occupants("W:1").is_empty());
    assert_eq!(world.doc(&doc).state, DocState::Active);
    world.issue_bill(&Bill::new("NEXT-1", &["C:1"]));
    let paper = Paper::new("A-1", &["C:1", "W:1", "P:1", "P:2"]);
    world.pledge_doc("B1", "E5", "MTO", &doc, &paper);
}

#[test]
fn goods_keep_a_key_when_they_are_unstuffed() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let lot = world.doc(&doc).lots[0];
    let op = world.unstuff_op(&lot, &["C:XLHU2601019"]);
    assert_eq!(world.code("MTO", op.clone(), &[]), Code::KeyDuplicated);
    assert_eq!(world.code("R-CD", op, &[]), Code::KeyDuplicated, "4007 before 8001");
}

#[test]
fn only_the_custodian_unstuffs_its_own_containers_and_wagons() {
    let (mut world, _, lot) = packed();
    let op = world.unstuff_op(&lot, &["C:1"]);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("R-CD", op, &[]), Code::ReporterNotEntitled);
    for (keys, code) in [
        (&["P:1"][..], Code::UnknownObject),
        (&["C:1", "C:2"], Code::UnknownObject),
        (&[], Code::TooLarge),
        (&["C:1", "C:1"], Code::TooLarge),
        (&["C:1", "W:1"], Code::Ok),
        (&["C:1"], Code::UnknownObject),
    ] {
        let op = world.unstuff_op(&lot, keys);
        assert_eq!(world.code("MTO", op, &[]), code, "{keys:?}");
    }
}

#[test]
fn a_shared_container_is_free_after_the_last_lot_has_left_it() {
    let mut world = World::new();
    let mut body = world.issue_body(&Bill::new("A-1", &["C:1", "P:1", "P:2"]));
    body.lots = vec![lot_of(1, 1, &["C:1", "P:1"]), lot_of(2, 1, &["C:1", "P:2"])];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    let lots = world.doc(&doc).lots;
    assert_eq!(world.occupants("C:1").len(), 2);
    let op = world.unstuff_op(&lots[0], &["C:1"]);
    world.ok("MTO", op, &[]);
    assert_eq!(world.occupants("C:1"), vec![lots[1]]);
    let op = world.issue_op(&Bill::new("A-2", &["C:1"]));
    assert_eq!(world.code("MTO", op, &["E5"]), Code::GoodsKeyOccupied);
    let op = world.unstuff_op(&lots[1], &["C:1"]);
    world.ok("MTO", op, &[]);
    assert!(world.occupants("C:1").is_empty());
}

#[test]
fn less_than_container_lots_of_one_master_document_leave_one_after_the_other() {
    let mut world = World::new();
    let packages = ["P:1", "P:2", "P:3"];
    let mut body = world.issue_body(&Bill::new("MASTER-1", &["C:1", "P:1", "P:2", "P:3"]));
    body.lots = packages.map(|package| lot_of(1_000, 1, &["C:1", package])).to_vec();
    let master = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    let lots = world.lots(&master);
    let body = world.split_body(&master, "HOUSE", lots.iter().map(|lot| vec![whole(lot)]).collect());
    let houses = children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E5"]));
    let is_free = |world: &World| {
        let mut world = world.clone();
        let op = world.issue_op(&Bill::new("NEXT-1", &["C:1"]));
        world.code("MTO", op, &["E5"]) == Code::Ok
    };
    assert_eq!(world.occupants("C:1").len(), 3);
    let op = world.transfer_op(&houses[0], "E1");
    world.ok("E5", op, &[]);
    world.deliver("E1", &houses[0]);
    assert_eq!((world.occupants("C:1").len(), is_free(&world)), (2, false), "delivered to its own holder");
    let op = Operation::WaybillConvert(world.convert_body(&houses[1], "WR-1", vec![lot_of(1_000, 1, &["P:2"])]));
    world.ok("COLD", op, &["MTO", "E5"]);
    assert_eq!((world.occupants("C:1").len(), is_free(&world)), (1, false), "unpacked into a store");
    world.deliver("E5", &houses[2]);
    assert!(is_free(&world), "the last has left");
}

#[test]
fn seals_are_recorded_and_a_wrong_one_is_an_alarm() {
    let (mut world, _, lot) = packed();
    let mut reseal = |by: &str, old: &str, new: &str| {
        let op = world.reseal_op(&lot, old, new);
        let outcome = world.ok(by, op, &[]);
        let alarms = events(&outcome, EventName::FlowAlert);
        assert!(alarms.iter().all(|a| a.args == [FlowAlertKind::SealMismatch as u64] && a.subject.0 == lot.0));
        (alarms.len(), world.lot(&lot).seal)
    };
    assert_eq!(reseal("MTO", "found", "seal 1"), (0, Some(commit("seal 1"))), "nothing was known");
    assert_eq!(reseal("SW", "seal 1", "seal 2"), (0, Some(commit("seal 2"))), "customs opened it");
    assert_eq!(reseal("MTO", "seal 1", "seal 3"), (1, Some(commit("seal 3"))), "another than was put on");
    assert_eq!(reseal("MTO", "", ""), (1, None), "no seal at all");
    assert_eq!(reseal("MTO", "", "seal 4"), (0, Some(commit("seal 4"))));
}

#[test]
fn only_custodian_and_customs_reseal() {
    let (mut world, _, lot) = packed();
    let op = world.reseal_op(&lot, "", "seal 1");
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("R-CD", op, &[]), Code::ReporterNotEntitled);
}

#[test]
fn facts_are_recorded_under_every_hold() {
    for kind in HoldKind::ALL {
        let (mut world, doc, lot) = packed();
        world.place_hold(&doc.0, *kind);
        world.place_hold(&lot.0, *kind);
        for op in [world.reseal_op(&lot, "", "seal 1"), world.unstuff_op(&lot, &["C:1"]), world.loss_op(&lot)] {
            let name = op.name();
            let fresh = refreshed(&world, op);
            assert_eq!(world.code("MTO", fresh, &[]), Code::Ok, "{kind} {name}");
        }
    }
}

/// The operation at the lot's version of now.
fn refreshed(world: &World, op: Operation) -> Operation {
    match op {
        Operation::GoodsUnstuff(mut body) => {
            body.expect_ver = world.lot(&body.lot).ver;
            Operation::GoodsUnstuff(body)
        }
        Operation::GoodsDeclareLoss(mut body) => {
            body.expect_ver = world.lot(&body.lot).ver;
            Operation::GoodsDeclareLoss(body)
        }
        other => other,
    }
}

#[test]
fn a_lost_lot_leaves_its_document_and_its_pledge_and_frees_its_key() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let lot = world.doc(&doc).lots[1];
    let op = world.loss_op(&lot);
    let outcome = world.ok("MTO", op, &[]);
    let alarm = event(&outcome, EventName::FlowAlert);
    assert_eq!(
        (alarm.args.clone(), alarm.parties.clone()),
        (vec![FlowAlertKind::Loss as u64], vec![world.account("B1")],)
    );
    let said = event(&outcome, EventName::LossDeclared);
    assert!(!said.parties.contains(&world.account("B1")), "nobody but the pledgee learns its name");
    let record = world.lot(&lot);
    assert_eq!((record.status, record.title, record.enc), (LotStatus::Lost, None, None));
    assert_eq!(world.doc(&doc).lots.len(), 2);
    assert_eq!(world.pledge(&pledge).lots, world.doc(&doc).lots);
    assert!(world.encumbrance(&lot.0).is_none() && world.encumbrance(&doc.0).is_some());
    assert!(world.occupants("C:XLHU2601024").is_empty());
    let low = event(&outcome, EventName::CoverLow);
    assert_eq!(low.args, vec![6_666, 7_000], "two of three lots are below the agreed seven tenths");
}

#[test]
fn a_document_that_lost_everything_stays_and_nothing_is_done_with_it() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    for lot in world.doc(&doc).lots {
        let op = world.loss_op(&lot);
        world.ok("MTO", op, &[]);
    }
    let record = world.doc(&doc);
    assert_eq!((record.state, record.lots, record.enc), (DocState::Active, vec![], Some(pledge)));
    let op = world.surrender_op(&doc);
    assert_eq!(world.code("E5", op, &["B1"]), Code::LotNotActive);
    let op = world.transfer_op(&doc, "E1");
    assert_eq!(world.code("E5", op, &["B1"]), Code::LotNotActive);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    let op = world.create_op("B1", "E5", &doc, &Bill::s1().paper);
    assert_eq!(world.code("B1", op, &["E5", "MTO"]), Code::LotNotActive);
}

#[test]
fn custodian_and_insurer_declare_a_loss_once() {
    let (mut world, _, lot) = packed();
    let op = world.loss_op(&lot);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("R-CD", op.clone(), &[]), Code::ReporterNotEntitled);
    assert_eq!(world.code("INS", op, &[]), Code::Ok);
    let op = world.loss_op(&lot);
    assert_eq!(world.code("MTO", op, &[]), Code::LotNotActive);
    for op in [world.reseal_op(&lot, "", ""), world.unstuff_op(&lot, &["C:1"])] {
        assert_eq!(world.code("MTO", op, &[]), Code::LotNotActive);
    }
}

#[test]
fn a_reserved_lot_that_is_lost_leaves_the_reservation() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.reserve("B1", "E5", &doc, 24);
    let lot = world.doc(&doc).lots[0];
    let op = world.loss_op(&lot);
    world.ok("MTO", op, &[]);
    assert!(world.reservation(&lot.0).is_none() && world.reservation(&doc.0).is_some());
}

#[test]
fn a_loss_in_a_cell_counts_what_was_missing_already_once() {
    let two = || {
        let (mut world, first) = stored_300_of_500();
        let second = world.issue_at_bond("WR-ZJ-0303", &[(200_000, &["B:LZ-3", "S:ZJ-A07"])]);
        (world, first, second)
    };
    let lose = |world: &mut World, doc: &DocId| {
        let op = world.loss_op(&world.doc(doc).lots[0]);
        world.ok("BOND", op, &[]);
    };
    let (mut world, _, second) = two();
    lose(&mut world, &second);
    assert_eq!(world.books("S:ZJ-A07"), (300_000, 300_000), "the goods are gone");
    let (mut world, first, second) = two();
    world.count_cell("S:ZJ-A07", 350_000);
    lose(&mut world, &second);
    assert_eq!(world.books("S:ZJ-A07"), (300_000, 300_000), "150 t of them were missing already");
    assert!(!world.lots(&first)[0].deficit);
    let (mut world, first, second) = two();
    world.count_cell("S:ZJ-A07", 250_000);
    lose(&mut world, &second);
    assert_eq!(world.books("S:ZJ-A07"), (250_000, 300_000), "more is missing than was lost");
    assert!(world.lots(&first)[0].deficit);
}

#[test]
fn a_branch_ends_a_forgotten_occupancy_and_every_home_hears_of_it() {
    let mut world = World::new();
    let mut bill = Bill::s1();
    bill.issuer = "OCEAN";
    bill.kind = landsea_types::role::DocKind::OBL;
    let doc = world.issue_bill(&bill);
    let op = world.vacate_op("C:XLHU2601019");
    assert_eq!(world.code("OCEAN", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("cq", op.clone(), &[]), Code::RoleNotPermitted, "no lot is at home there");
    let outcome = world.ok("hi", op.clone(), &[]);
    let said = event(&outcome, EventName::KeyVacated);
    assert_eq!((said.members.clone(), said.related.len()), (vec![world.member("hi")], 2));
    let lot = world.lots(&doc).remove(0);
    assert_eq!((lot.keys, lot.paper_keys, lot.status), (vec![], vec![key("C:XLHU2601019")], LotStatus::Active));
    assert_eq!(world.code("hi", op, &[]), Code::UnknownObject, "nobody occupies it");
    world.issue_bill(&Bill::new("NEXT-1", &["C:XLHU2601019"]));
    let op = world.surrender_op(&doc);
    assert_eq!(world.code("E5", op, &[]), Code::Ok, "the old bill goes on");
}

#[test]
fn an_occupancy_of_pledged_or_reserved_goods_ends_with_the_banks_consent() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    let op = world.vacate_op("C:XLHU2601019");
    assert_eq!(world.code("cq", op.clone(), &[]), Code::Encumbered);
    let made_up = world.code("cq", op.clone(), &["B2"]);
    assert_eq!(made_up, Code::Encumbered, "another bank's");
    assert_eq!(world.code("cq", op, &["B1"]), Code::Ok);
    assert!(world.encumbrance(&doc.0).is_some());
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.reserve("B1", "E5", &doc, 24);
    let op = world.vacate_op("C:XLHU2601019");
    assert_eq!(world.code("cq", op.clone(), &[]), Code::ReservedByOther);
    assert_eq!(world.code("cq", op.clone(), &["B1"]), Code::Ok);
}

#[test]
fn a_cell_is_not_occupied_and_cannot_be_vacated() {
    let (mut world, _) = stored_300_of_500();
    let op = world.vacate_op("S:ZJ-A07");
    assert_eq!(world.code("zj", op, &[]), Code::UnknownObject);
}
