//! `pledge.add_collateral` and `pledge.substitute`.

use super::acts::{bills, pledged_of};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::AddCollateral;
use landsea_types::role::{HoldKind, PledgeState};
use landsea_types::{Code, DocId, Operation, Qty, Timestamp};

const ALL: &[&str] = &["E5", "MTO"];

mod add {
    use super::*;

    #[test]
    fn added_documents_have_their_own_priority_and_count_as_pledged() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        let first = world.pledge(&pledge);
        world.pass(SECOND);
        let op = world.add_op("B1", &pledge, &bills[1..]);
        let outcome = world.ok("B1", op, ALL);
        event(&outcome, EventName::CollateralAdded);
        let record = world.pledge(&pledge);
        assert_eq!((record.priority, record.ver), (first.priority, first.ver + 1));
        assert_eq!(record.priority_of(&bills[0].0), first.priority);
        let own = record.priority_of(&bills[1].0);
        assert_eq!((own.height, own.index), (world.height, 0));
        let leaf = world.encumbrance(&bills[1].0.0).expect("encumbered");
        assert_eq!((leaf.pledge, leaf.priority), (pledge, own));
        let lot = world.doc(&bills[1].0).lots[0];
        assert_eq!(world.encumbrance(&lot.0).expect("the lot too").priority, own);
        assert_eq!(record.initial[0].qty, Qty::new(40_000_000));
        assert_eq!(world.doc(&bills[1].0).holder, world.account("B1"));
    }

    #[test]
    fn sixteen_documents_are_the_most() {
        let (mut world, bills, pledge) = pledged_of(15, 17);
        let op = world.add_op("B1", &pledge, &bills[15..]);
        assert_eq!(world.code("B1", op, ALL), Code::CollateralSetInvalid);
        let op = world.add_op("B1", &pledge, &bills[15..16]);
        world.ok("B1", op, ALL);
        let op = world.add_op("B1", &pledge, &bills[16..]);
        assert_eq!(world.code("B1", op, ALL), Code::CollateralSetInvalid);
    }

    #[test]
    fn nothing_the_same_twice_and_receipts_with_bills_answer_5011() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        let receipt = Receipt { depositor: "E5", ..Receipt::new("WR", &["B:1"]) };
        let stored = world.issue_receipt(&receipt);
        let good = world.add_body("B1", &pledge, &bills[1..]);
        let mut mixed = good.clone();
        mixed.docs[0].doc = stored;
        let cases = [
            ("nothing", AddCollateral { docs: vec![], ..good.clone() }),
            ("repeated", AddCollateral { docs: vec![good.docs[0].clone(); 2], ..good }),
            ("there already", world.add_body("B1", &pledge, &bills[..1])),
            ("a receipt", mixed),
        ];
        for (name, body) in cases {
            let code = world.code("B1", Operation::PledgeAddCollateral(body), &["E5", "MTO", "COLD"]);
            assert_eq!(code, Code::CollateralSetInvalid, "{name}");
        }
    }

    #[test]
    fn what_another_bank_has_or_reserved_or_a_hold_bars_does_not_join() {
        let (mut world, bills, pledge) = pledged_of(1, 4);
        world.pledge_all("B2", &bills[1..2]);
        world.reserve("B2", "E5", &bills[2].0, 24);
        world.place_hold(&bills[3].0.0, HoldKind::Dispute);
        let expected = [Code::AlreadyPledged, Code::ReservedByOther, Code::Held];
        for (i, code) in (1..).zip(expected) {
            let op = world.add_op("B1", &pledge, &bills[i..=i]);
            assert_eq!(world.code("B1", op, ALL), code);
        }
        assert_eq!(world.attempts().len(), 1, "the second pledge is journalled");
    }

    #[test]
    fn the_banks_own_reservation_is_used_up() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        world.reserve("B1", "E5", &bills[1].0, 24);
        let op = world.add_op("B1", &pledge, &bills[1..]);
        world.ok("B1", op, ALL);
        assert_eq!(world.reservation(&bills[1].0.0), None);
    }

    #[test]
    fn the_pledgee_the_pledgor_and_the_custodian_agree() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        let op = world.add_op("B1", &pledge, &bills[1..]);
        assert_eq!(world.code("E5", op.clone(), ALL), Code::RoleNotPermitted);
        let other = world.add_op("B2", &pledge, &bills[1..]);
        assert_eq!(world.code("B2", other, ALL), Code::NotPledgee);
        assert_eq!(world.code("B1", op.clone(), &["MTO"]), Code::ConsentMissing);
        assert_eq!(world.code("B1", op.clone(), &["E5"]), Code::CustodianAckMissing);
        world.ok("B1", op, ALL);
    }

    #[test]
    fn a_document_of_another_firm_answers_5003() {
        let (mut world, _, pledge) = pledged_of(1, 1);
        let bill = Bill { first_holder: "E6", ..Bill::new("OTHER", &["C:OTHER"]) };
        let doc = world.issue_bill(&bill);
        let op = world.add_op("B1", &pledge, &[(doc, bill)]);
        assert_eq!(world.code("B1", op, &["E5", "E6", "MTO"]), Code::PledgorNotSoleHolder);
    }

    #[test]
    fn the_banks_ticket_must_be_over_the_document() {
        let (mut world, bills, pledge) = pledged_of(1, 3);
        let mut body = world.add_body("B1", &pledge, &bills[1..2]);
        body.docs[0].ticket = world.ticket("B1", bills[2].1.kind, &bills[2].1.paper);
        assert_eq!(world.code("B1", Operation::PledgeAddCollateral(body), ALL), Code::TicketInvalid);
    }

    #[test]
    fn the_pledges_supervisor_watches_what_joins_and_is_asked() {
        let mut world = World::new();
        let bills = bills(&mut world, 2);
        let mut body = world.create_body("B1", "E5", &[(bills[0].0, &bills[0].1.paper)]);
        body.supervisor = Some(world.account("SUP"));
        let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO", "SUP"]));
        let op = world.add_op("B1", &pledge, &bills[1..]);
        let refused = world.submit("B1", op.clone(), ALL);
        assert_eq!((refused.code, refused.args), (Code::ConsentMissing, vec![2]));
        world.ok("B1", op, &["E5", "MTO", "SUP"]);
        assert_eq!(world.lots(&bills[1].0)[0].supervisor, Some(world.account("SUP")));
    }

    #[test]
    fn an_ended_or_enforced_pledge_takes_nothing_up() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        let op = world.default_op(&pledge);
        world.ok("B1", op, &[]);
        let op = world.add_op("B1", &pledge, &bills[1..]);
        assert_eq!(world.code("B1", op, ALL), Code::PledgeState);
        let op = world.release_op(&pledge);
        world.ok("B1", op, &[]);
        let op = world.add_op("B1", &pledge, &bills[1..]);
        assert_eq!(world.code("B1", op, ALL), Code::PledgeState);
    }

    #[test]
    fn a_similar_document_must_be_acknowledged() {
        let (mut world, bills, pledge) = pledged_of(1, 1);
        let paper = Paper::new("LIKE", &["C:LIKE"]).like(&bills[0].1.paper, 3);
        let bill = Bill { paper, ..Bill::new("LIKE", &["C:LIKE"]) };
        let doc = world.issue_bill(&bill);
        let mut body = world.add_body("B1", &pledge, &[(doc, bill)]);
        assert_eq!(world.code("B1", Operation::PledgeAddCollateral(body.clone()), ALL), Code::NearMatch);
        body.ack_near = true;
        let outcome = world.ok("B1", Operation::PledgeAddCollateral(body), ALL);
        event(&outcome, EventName::NearMatch);
    }

    #[test]
    fn a_race_for_a_document_answers_5001_and_a_stale_pledge_1007() {
        let (mut world, bills, pledge) = pledged_of(1, 3);
        let op = world.add_op("B1", &pledge, &bills[1..2]);
        world.pledge_all("B2", &bills[1..2]);
        assert_eq!(world.code("B1", op, ALL), Code::AlreadyPledged);
        let op = world.add_op("B1", &pledge, &bills[2..]);
        let extend = world.extend_op(&pledge, 400);
        world.ok("B1", extend, &["E5"]);
        assert_eq!(world.code("B1", op, ALL), Code::StaleVersion);
    }
}

mod substitute {
    use super::*;

    #[test]
    fn the_new_documents_join_and_the_old_go_back_at_once() {
        let (mut world, bills, pledge) = pledged_of(2, 3);
        let before = world.pledge(&pledge);
        let op = world.substitute_op(&pledge, &bills[2..], &bills[..1]);
        let outcome = world.ok("B1", op, ALL);
        let said = event(&outcome, EventName::Substituted);
        assert!(bills.iter().all(|(doc, _)| said.related.iter().any(|d| d.0 == doc.0)), "all three are named");
        let record = world.pledge(&pledge);
        assert_eq!(record.docs, [bills[1].0, bills[2].0]);
        assert_eq!((record.state, record.priority), (PledgeState::Active, before.priority));
        assert_eq!(record.initial, before.initial, "as much came as went");
        let (free, new) = (world.doc(&bills[0].0), world.doc(&bills[2].0));
        assert_eq!((free.enc, free.holder), (None, world.account("E5")));
        assert_eq!((new.enc, new.holder), (Some(pledge), world.account("B1")));
        assert_eq!(world.encumbrance(&free.id.0), None);
        assert_eq!(world.encumbrance(&new.lots[0].0).expect("encumbered").priority.height, world.height);
    }

    #[test]
    fn all_documents_may_be_substituted_and_even_by_receipts() {
        let (mut world, bills, pledge) = pledged_of(1, 1);
        let receipt = Receipt { depositor: "E5", ..Receipt::new("WR", &["B:1"]) };
        let stored = world.issue_receipt(&receipt);
        let as_bill = Bill { kind: landsea_types::role::DocKind::WHR, paper: receipt.paper, ..Bill::s1() };
        let op = world.substitute_op(&pledge, &[(stored, as_bill)], &bills);
        assert_eq!(world.code("B1", op.clone(), ALL), Code::CustodianAckMissing);
        assert_eq!(world.code("B1", op.clone(), &["E5", "COLD"]), Code::CustodianAckMissing, "the old keeper too");
        world.ok("B1", op, &["E5", "MTO", "COLD"]);
        assert_eq!(world.pledge(&pledge).docs, [stored]);
        let op = world.release_op(&pledge);
        world.ok("B1", op, &[]);
    }

    #[test]
    fn what_leaves_must_be_in_the_pledge_and_something_must_leave_and_come() {
        let (mut world, bills, pledge) = pledged_of(1, 3);
        let twice = [bills[0].clone(), bills[0].clone()];
        let cases: [(&[_], &[_]); 4] =
            [(&bills[2..], &bills[1..2]), (&bills[2..], &[]), (&[], &bills[..1]), (&bills[2..], &twice)];
        for (n, (add, remove)) in cases.into_iter().enumerate() {
            let op = world.substitute_op(&pledge, add, remove);
            assert_eq!(world.code("B1", op, ALL), Code::CollateralSetInvalid, "case {n}");
        }
        let op = world.substitute_op(&pledge, &bills[..1], &bills[..1]);
        assert_eq!(world.code("B1", op, ALL), Code::AlreadyPledged, "a document is no substitute for itself");
    }

    #[test]
    fn a_refused_newcomer_leaves_everything_as_it_was() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        world.pledge_all("B2", &bills[1..]);
        let before = world.pledge(&pledge);
        let op = world.substitute_op(&pledge, &bills[1..], &bills[..1]);
        assert_eq!(world.code("B1", op, ALL), Code::AlreadyPledged);
        assert_eq!(world.pledge(&pledge), before);
        assert!(world.encumbrance(&bills[0].0.0).is_some());
    }

    #[test]
    fn a_court_freeze_of_the_claim_stops_what_would_leave() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        world.place_hold(&pledge.0, HoldKind::CourtFreeze);
        let op = world.substitute_op(&pledge, &bills[1..], &bills[..1]);
        assert_eq!(world.code("B1", op, ALL), Code::Held);
    }

    #[test]
    fn only_the_pledgee_substitutes_and_only_before_enforcement() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        let op = world.substitute_op(&pledge, &bills[1..], &bills[..1]);
        assert_eq!(world.code("B2", op.clone(), ALL), Code::NotPledgee);
        assert_eq!(world.code("B1", op.clone(), &["MTO"]), Code::ConsentMissing);
        assert_eq!(world.code("E5", op, ALL), Code::RoleNotPermitted);
        let op = world.default_op(&pledge);
        world.ok("B1", op, &[]);
        let op = world.substitute_op(&pledge, &bills[1..], &bills[..1]);
        assert_eq!(world.code("B1", op, ALL), Code::PledgeState);
    }

    #[test]
    fn a_matured_pledge_stays_matured() {
        let (mut world, bills, pledge) = pledged_of(1, 2);
        let end: Timestamp = world.pledge(&pledge).reg_until;
        world.pass(end.since(world.time));
        let op = world.substitute_op(&pledge, &bills[1..], &bills[..1]);
        world.ok("B1", op, ALL);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Matured);
        let docs: Vec<DocId> = world.pledge(&pledge).docs;
        let swept = world.pass(15 * DAY).expect("it lapses");
        event(&swept, EventName::PledgeLapsed);
        assert!(docs.iter().all(|doc| world.encumbrance(&doc.0).is_none()));
    }
}
