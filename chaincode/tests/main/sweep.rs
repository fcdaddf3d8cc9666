//! Tests of what falls due: in the sweep and on touch.

use crate::kit::*;
use landsea_chaincode::view::Due;
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::Create;
use landsea_types::role::{HoldKind, PledgeState};
use landsea_types::state::{Family, SaltSource, Table, tree_key};
use landsea_types::{Code, DocId, Operation, PledgeId, TxId};

/// Bills of one container each, all of E5.
fn bills(world: &mut World, n: usize) -> Vec<(DocId, Bill)> {
    (0..n)
        .map(|i| {
            let bill = Bill::new(&format!("BILL {i}"), &[&format!("C:{i}")]);
            (world.issue_bill(&bill), bill)
        })
        .collect()
}

fn pledged() -> (World, DocId, PledgeId) {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    (world, doc, pledge)
}

/// Milliseconds from the last block to a pledge's registration end.
fn until_maturity(world: &World, pledge: &PledgeId) -> u64 {
    world.pledge(pledge).reg_until.since(world.time)
}

fn queue(world: &World, due: Due) -> usize {
    world.state.rows.keys().filter(|(t, k)| *t == Table::Expiry && k[8] == due as u8).count()
}

fn names(events: &[Event]) -> Vec<EventName> {
    events.iter().map(|e| e.name).collect()
}

mod reservation {
    use super::*;

    #[test]
    fn it_counts_while_now_is_before_its_end_and_is_gone_at_it() {
        let mut world = World::new();
        let (doc, bill) = bills(&mut world, 1).swap_remove(0);
        world.reserve("B1", "E5", &doc, 24);
        world.advance(24 * HOUR - 1);
        let op = world.create_op("B2", "E5", &doc, &bill.paper);
        assert_eq!(world.code("B2", op, &["E5", "MTO"]), Code::ReservedByOther);
        world.advance(1);
        let op = world.create_op("B2", "E5", &doc, &bill.paper);
        assert_eq!(world.code("B2", op, &["E5", "MTO"]), Code::Ok);
    }

    #[test]
    fn the_sweep_removes_the_leaves_tells_both_sides_and_starts_the_cooldown() {
        let mut world = World::new();
        let (doc, _) = bills(&mut world, 1).swap_remove(0);
        world.reserve("B1", "E5", &doc, 24);
        let swept = world.pass(24 * HOUR).expect("something was due");
        assert_eq!((swept.tx, swept.code), (TxId::default(), Code::Ok));
        let expired = event(&swept, EventName::ReservationExpired);
        assert_eq!(expired.parties, [world.account("B1"), world.account("E5")]);
        assert!(world.state.records::<landsea_types::record::Reservation>(Family::Reservation).is_empty());
        let op = world.reserve_op(&doc, 1);
        assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
        world.reserve("B2", "E5", &doc, 1);
    }

    #[test]
    fn the_cooldown_counts_from_the_end_and_not_from_the_sweep() {
        let mut world = World::new();
        let (doc, _) = bills(&mut world, 1).swap_remove(0);
        world.reserve("B1", "E5", &doc, 24);
        world.pass(40 * HOUR);
        world.advance(8 * HOUR - SECOND - 1);
        let op = world.reserve_op(&doc, 1);
        assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
        world.advance(1);
        let op = world.reserve_op(&doc, 1);
        assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
        world.advance(SECOND);
        let op = world.reserve_op(&doc, 1);
        assert_eq!(world.code("B1", op, &["E5"]), Code::Ok);
    }

    #[test]
    fn without_a_cooldown_parameter_the_bank_may_return_at_once() {
        let mut world = World::with(Setup { parameters: vec![(ParamKey::ReserveCooldownMs, 0)], ..Setup::default() });
        let (doc, _) = bills(&mut world, 1).swap_remove(0);
        world.reserve("B1", "E5", &doc, 24);
        world.pass(24 * HOUR);
        world.reserve("B1", "E5", &doc, 24);
    }
}

mod pledge {
    use super::*;

    #[test]
    fn it_matures_at_its_registration_end_and_keeps_the_encumbrance() {
        let (mut world, doc, pledge) = pledged();
        let wait = until_maturity(&world, &pledge);
        let swept = world.pass(wait - 1).expect("the mirror is overdue since long");
        assert_eq!(names(&swept.events), [EventName::MirrorOverdue]);
        let swept = world.pass(1).expect("the registration ends");
        let matured = event(&swept, EventName::PledgeMatured);
        assert_eq!(matured.parties, [world.account("E5"), world.account("B1")]);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Matured);
        assert!(world.encumbrance(&doc.0).is_some());
        let op = world.reserve_op(&doc, 1);
        assert_eq!(world.code("B2", op, &["E5"]), Code::AlreadyPledged);
    }

    #[test]
    fn it_lapses_at_the_end_of_its_grace_and_the_beneficiary_holds_again() {
        let (mut world, doc, pledge) = pledged();
        let wait = until_maturity(&world, &pledge);
        world.pass(wait);
        let grace = world.pledge(&pledge).grace_until.since(world.time);
        assert_eq!(grace, 15 * DAY);
        assert_eq!(world.pass(grace - 1), None);
        let swept = world.pass(1).expect("the grace ends");
        assert_eq!(names(&swept.events), [EventName::PledgeLapsed]);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Lapsed);
        assert_eq!((world.doc(&doc).holder, world.doc(&doc).enc), (world.account("E5"), None));
        assert_eq!(world.encumbrance(&doc.0), None);
        world.reserve("B2", "E5", &doc, 1);
    }

    #[test]
    fn a_matured_pledge_is_extended_or_released() {
        let (mut world, _, pledge) = pledged();
        let wait = until_maturity(&world, &pledge);
        world.pass(wait);
        let op = world.extend_op(&pledge, 60);
        world.ok("B1", op, &["E5"]);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Active);
        let wait = until_maturity(&world, &pledge);
        world.pass(wait);
        let op = world.release_op(&pledge);
        world.ok("B1", op, &[]);
        assert_eq!(world.pass(20 * DAY), None, "nothing is left in the queue");
    }

    #[test]
    fn a_long_silence_matures_and_lapses_in_one_sweep_in_this_order() {
        let (mut world, _, _) = pledged();
        let swept = world.pass(400 * DAY).expect("all are due");
        let expected = [EventName::MirrorOverdue, EventName::PledgeMatured, EventName::PledgeLapsed];
        assert_eq!(names(&swept.events), expected);
    }

    #[test]
    fn without_grace_it_lapses_as_it_matures() {
        let mut world = World::with(Setup { parameters: vec![(ParamKey::MaturedGraceMs, 0)], ..Setup::default() });
        let (_, pledge) = world.pledged_bill(&Bill::s1());
        let wait = until_maturity(&world, &pledge);
        world.pass(10 * DAY).expect("the mirror is overdue");
        let swept = world.pass(wait - 10 * DAY).expect("both are due");
        assert_eq!(names(&swept.events), [EventName::PledgeMatured, EventName::PledgeLapsed]);
    }

    #[test]
    fn a_hold_pauses_the_lapse_and_not_the_maturity() {
        for kind in HoldKind::ALL.iter().filter(|k| **k != HoldKind::CustomsHold) {
            let (mut world, doc, pledge) = pledged();
            let lot = world.doc(&doc).lots[0];
            world.place_hold(&lot.0, *kind);
            let swept = world.pass(400 * DAY).expect("it matures");
            assert_eq!(names(&swept.events), [EventName::MirrorOverdue, EventName::PledgeMatured], "{kind}");
            assert_eq!(world.pass(HOUR / 2), None);
            world.lift_hold(&lot.0);
            let swept = world.pass(HOUR).expect("the lapse is looked at again");
            assert_eq!(names(&swept.events), [EventName::PledgeLapsed]);
            assert_eq!(world.pledge(&pledge).state, PledgeState::Lapsed);
        }
    }

    #[test]
    fn a_customs_hold_pauses_nothing() {
        let (mut world, doc, _) = pledged();
        world.place_hold(&doc.0, HoldKind::CustomsHold);
        let swept = world.pass(400 * DAY).expect("due");
        assert_eq!(events(&swept, EventName::PledgeLapsed).len(), 1);
    }

    #[test]
    fn a_paused_lapse_applies_on_touch_as_soon_as_the_hold_has_ended() {
        let (mut world, doc, pledge) = pledged();
        world.place_hold(&doc.0, HoldKind::Dispute);
        world.pass(400 * DAY);
        world.lift_hold(&doc.0);
        let op = world.transfer_op(&doc, "F1");
        let outcome = world.ok("E5", op, &[]);
        event(&outcome, EventName::PledgeLapsed);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Lapsed);
        assert_eq!(world.pass(2 * HOUR), None, "the entry left behind does nothing");
    }

    #[test]
    fn a_pledge_extended_while_its_lapse_is_paused_does_not_lapse_later() {
        let (mut world, doc, pledge) = pledged();
        world.place_hold(&doc.0, HoldKind::Dispute);
        world.pass(400 * DAY);
        let op = world.extend_op(&pledge, 60);
        world.ok("B1", op, &["E5"]);
        world.lift_hold(&doc.0);
        assert_eq!(world.pass(2 * HOUR), None);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Active);
    }
}

mod cap {
    use super::*;

    fn capped(items: u64) -> World {
        World::with(Setup { parameters: vec![(ParamKey::SweepItemsMax, items)], ..Setup::default() })
    }

    #[test]
    fn leftovers_wait_for_the_next_block_in_order() {
        let mut world = capped(2);
        let docs = bills(&mut world, 5);
        for (doc, _) in &docs {
            world.reserve("B1", "E5", doc, 24);
        }
        let mut ended = Vec::new();
        let mut step = 24 * HOUR;
        while ended.len() < 5 {
            // Consents to be forgotten count too, and say nothing.
            let swept = world.pass(step).map(|s| s.events).unwrap_or_default();
            assert!(swept.len() <= 2);
            ended.extend(swept.iter().map(|e| e.subject.0));
            step = SECOND;
        }
        let expected: Vec<[u8; 32]> = docs.iter().map(|(d, _)| d.0).collect();
        assert_eq!(ended, expected, "by due time");
    }

    #[test]
    fn equal_due_times_go_by_id() {
        let mut world = World::new();
        let docs = bills(&mut world, 4);
        let until = world.next_time().saturating_add(24 * HOUR);
        let txs: Vec<_> = docs
            .iter()
            .map(|(doc, _)| {
                let body = landsea_types::operation::pledge::Reserve { doc: *doc, expect_ver: 1, until };
                world.tx("B1", &[Operation::PledgeReserve(body)], &["E5"])
            })
            .collect();
        assert!(world.block(&txs).iter().all(|o| o.code == Code::Ok));
        let swept = world.pass(24 * HOUR).expect("all are due");
        let ended: Vec<_> = swept.events.iter().map(|e| e.subject.0).collect();
        assert!(ended.is_sorted() && ended.len() == 4);
    }

    #[test]
    fn an_unswept_reservation_bars_nobody() {
        let mut world = capped(1);
        let docs = bills(&mut world, 3);
        for (doc, _) in &docs {
            world.reserve("B1", "E5", doc, 24);
        }
        world.pass(25 * HOUR);
        let (doc, bill) = docs.iter().rfind(|(d, _)| world.reservation(&d.0).is_some()).expect("a leftover").clone();
        let op = world.create_op("B2", "E5", &doc, &bill.paper);
        let outcome = world.ok("B2", op, &["E5", "MTO"]);
        event(&outcome, EventName::ReservationExpired);
        assert!(world.swept.iter().all(|s| s.events.iter().all(|e| e.subject.0 != doc.0)), "it expires once");
    }

    #[test]
    fn an_unswept_reservation_starts_its_cooldown_on_touch() {
        let mut world = capped(1);
        let docs = bills(&mut world, 3);
        for (doc, _) in &docs {
            world.reserve("B1", "E5", doc, 24);
        }
        world.pass(25 * HOUR);
        let doc = docs.iter().map(|(d, _)| *d).rfind(|d| world.reservation(&d.0).is_some()).expect("a leftover");
        let op = world.reserve_op(&doc, 1);
        assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
    }

    #[test]
    fn an_unswept_lapse_lets_the_beneficiary_act_on_the_version_it_saw() {
        let mut world = capped(1);
        let docs = bills(&mut world, 3);
        let pledges: Vec<PledgeId> =
            docs.iter().map(|(doc, bill)| world.pledge_doc("B1", "E5", "MTO", doc, &bill.paper)).collect();
        world.pass(400 * DAY);
        let leftover = pledges.iter().rposition(|p| world.pledge(p).state == PledgeState::Active).expect("a leftover");
        let op = world.transfer_op(&docs[leftover].0, "F1");
        let outcome = world.ok("E5", op, &[]);
        event(&outcome, EventName::PledgeLapsed);
        assert_eq!(world.doc(&docs[leftover].0).holder, world.account("F1"));
    }

    #[test]
    fn a_refused_operation_drops_the_transitions_it_applied() {
        let mut world = capped(1);
        let docs = bills(&mut world, 4);
        for (doc, _) in &docs {
            world.reserve("B1", "E5", doc, 24);
        }
        world.pass(25 * HOUR);
        let doc = docs.iter().map(|(d, _)| *d).rfind(|d| world.reservation(&d.0).is_some()).expect("a leftover");
        let op = world.transfer_op(&doc, "F1");
        assert_eq!(world.code("E6", op, &[]), Code::NotHolder);
        assert!(world.reservation(&doc.0).is_some(), "the leaf waits for the sweep");
    }

    #[test]
    fn the_cap_changes_no_meaning() {
        let summary = |items: u64| {
            let mut world = capped(items);
            let docs = bills(&mut world, 6);
            for (doc, bill) in &docs[..3] {
                world.pledge_doc("B1", "E5", "MTO", doc, &bill.paper);
            }
            for (doc, _) in &docs[3..] {
                world.reserve("B1", "E5", doc, 24);
            }
            world.pass(400 * DAY);
            for _ in 0..60 {
                world.pass(SECOND);
            }
            let states: Vec<_> = docs.iter().map(|(d, _)| (world.doc(d), world.reservation(&d.0))).collect();
            (states, world.state.table::<landsea_types::record::Pledge>(Table::Pledge), queue(&world, Due::Cooldown))
        };
        // The genesis names the parameter, so ids differ; holders, states and queues must not.
        let (all, one) = (summary(1_000), summary(1));
        let seen =
            |s: &[(landsea_types::record::Doc, _)]| s.iter().map(|(d, _)| (d.ver, d.state, d.enc)).collect::<Vec<_>>();
        assert_eq!(seen(&all.0), seen(&one.0));
        assert!(all.1.values().chain(one.1.values()).all(|p| p.state == PledgeState::Lapsed && p.ver == 4));
        assert_eq!((all.2, one.2), (0, 0));
    }
}

mod housekeeping {
    use super::*;

    #[test]
    fn used_consents_and_cooldowns_are_forgotten_and_nothing_is_said() {
        let mut world = World::new();
        let (doc, _) = bills(&mut world, 1).swap_remove(0);
        world.reserve("B1", "E5", &doc, 1);
        let op = world.cancel_op(&doc);
        world.ok("B1", op, &[]);
        assert!(queue(&world, Due::Consent) > 0 && queue(&world, Due::Cooldown) > 0);
        assert_eq!(world.pass(3 * DAY), None);
        assert_eq!((queue(&world, Due::Consent), queue(&world, Due::Cooldown)), (0, 0));
        let rows = |table| world.state.rows.keys().filter(|(t, _)| *t == table).count();
        assert_eq!((rows(Table::Consent), rows(Table::Cooldown)), (0, 0));
    }

    #[test]
    fn nothing_due_leaves_no_outcome_and_no_write() {
        let world = World::new();
        let idle = world.execute(world.next_context(), &[]);
        assert!(idle.outcomes.is_empty() && idle.writes.is_empty());
    }

    #[test]
    fn a_lapse_salts_its_leaves_from_the_encumbrance_and_the_height() {
        let (mut world, doc, pledge) = pledged();
        let wait = until_maturity(&world, &pledge);
        world.pass(wait);
        let cause = world.state.leaves[&(Family::Encumbrance, doc.0)].salt;
        world.pass(15 * DAY);
        let mut source = cause.to_vec();
        source.extend_from_slice(&world.height.get().to_be_bytes());
        let expected = SaltSource::new(&source).salt(&tree_key(Family::Doc, &doc.0));
        assert_eq!(world.state.leaves[&(Family::Doc, doc.0)].salt, expected);
    }

    #[test]
    fn touched_objects_are_listed() {
        let (mut world, doc, pledge) = pledged();
        let swept = world.pass(400 * DAY).expect("due");
        assert!(swept.touched.iter().any(|t| t.0 == doc.0) && swept.touched.iter().any(|t| t.0 == pledge.0));
    }

    #[test]
    fn a_pledge_by_two_terms_keeps_one_queue_entry() {
        let mut world = World::new();
        let bill = Bill::s1();
        let doc = world.issue_bill(&bill);
        let body = Create { extend_agreed: true, ..world.create_body("B1", "E5", &[(doc, &bill.paper)]) };
        let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO"]));
        for days in [200, 300, 400] {
            let op = world.extend_op(&pledge, days);
            world.ok("B1", op, &[]);
        }
        assert_eq!(queue(&world, Due::Maturity), 1);
    }
}
