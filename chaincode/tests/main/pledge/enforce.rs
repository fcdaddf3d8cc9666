//! `pledge.declare_default`, `pledge.cure` and `pledge.realise`.

use super::acts::pledged_of;
use crate::kit::*;
use landsea_chaincode::invariants::Decoded;
use landsea_chaincode::view::Due;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::Realise;
use landsea_types::role::{ChainAction, HoldKind, PledgeState, RealiseMode};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, DocId, Operation, PledgeId};

fn pledged() -> (World, DocId, PledgeId) {
    let (world, bills, pledge) = pledged_of(1, 1);
    (world, bills[0].0, pledge)
}

fn queued(world: &World, due: Due) -> usize {
    Decoded::of(&world.state).expect("decodes").queue.iter().filter(|key| key[8] == due as u8).count()
}

mod default {
    use super::*;

    #[test]
    fn a_default_freezes_the_pledge_and_nothing_matures_or_lapses() {
        let (mut world, doc, pledge) = pledged();
        let op = world.default_op(&pledge);
        let outcome = world.ok("B1", op, &[]);
        event(&outcome, EventName::DefaultDeclared);
        let record = world.pledge(&pledge);
        let enforcement = record.enforcement.expect("noted");
        assert_eq!((record.state, enforcement.since), (PledgeState::Enforcing, world.time));
        assert_eq!(enforcement.notice, commit("notice"));
        assert_eq!((queued(&world, Due::Maturity), queued(&world, Due::Grace)), (0, 0));
        world.pass(1_000 * DAY);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Enforcing);
        assert!(world.encumbrance(&doc.0).is_some());
    }

    #[test]
    fn a_matured_pledge_is_enforced_too() {
        let (mut world, _, pledge) = pledged();
        let end = world.pledge(&pledge).reg_until;
        world.pass(end.since(world.time));
        let op = world.default_op(&pledge);
        world.ok("B1", op, &[]);
        world.pass(100 * DAY);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Enforcing);
    }

    #[test]
    fn only_the_pledgee_declares_a_default_and_once() {
        let (mut world, _, pledge) = pledged();
        let op = world.default_op(&pledge);
        assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
        assert_eq!(world.code("B2", op.clone(), &[]), Code::NotPledgee);
        world.ok("B1", op, &[]);
        let op = world.default_op(&pledge);
        assert_eq!(world.code("B1", op, &[]), Code::PledgeState);
        let op = world.extend_op(&pledge, 400);
        assert_eq!(world.code("B1", op, &["E5"]), Code::PledgeState);
    }

    #[test]
    fn a_pledge_under_enforcement_is_still_released() {
        let (mut world, doc, pledge) = pledged();
        world.enforce("B1", &pledge);
        let op = world.release_op(&pledge);
        world.ok("B1", op, &[]);
        assert_eq!((world.pledge(&pledge).state, world.doc(&doc).enc), (PledgeState::Released, None));
    }

    #[test]
    fn a_dispute_and_a_regulator_stop_it_and_a_court_unless_it_orders() {
        for kind in [HoldKind::Dispute, HoldKind::RegulatorFreeze, HoldKind::CourtFreeze] {
            let (mut world, doc, pledge) = pledged();
            world.place_hold(&doc.0, kind);
            let op = world.default_op(&pledge);
            assert_eq!(world.code("B1", op.clone(), &[]), Code::Held, "{kind}");
            let by_order = if kind == HoldKind::CourtFreeze { Code::Ok } else { Code::Held };
            assert_eq!(world.code("B1", op, &["cq"]), by_order, "{kind}");
        }
    }
}

mod cure {
    use super::*;

    #[test]
    fn before_its_registration_ends_a_cured_pledge_is_active_and_matures_as_before() {
        let (mut world, _, pledge) = pledged();
        let before = world.pledge(&pledge);
        world.enforce("B1", &pledge);
        let op = world.cure_op(&pledge);
        let outcome = world.ok("B1", op, &[]);
        event(&outcome, EventName::Cured);
        let record = world.pledge(&pledge);
        assert_eq!((record.state, record.enforcement.clone()), (PledgeState::Active, None));
        assert_eq!((record.reg_until, record.grace_until), (before.reg_until, before.grace_until));
        let swept = world.pass(record.reg_until.since(world.time)).expect("it matures");
        assert!(events(&swept, EventName::PledgeMatured).len() == 1);
    }

    #[test]
    fn after_it_the_pledge_is_matured_with_a_grace_that_has_not_passed() {
        let (mut world, _, pledge) = pledged();
        let op = world.default_op(&pledge);
        world.ok("B1", op, &[]);
        world.pass(400 * DAY);
        let op = world.cure_op(&pledge);
        world.ok("B1", op, &[]);
        let record = world.pledge(&pledge);
        assert_eq!(record.state, PledgeState::Matured);
        assert_eq!(record.grace_until, world.time.saturating_add(15 * DAY));
        world.pass(15 * DAY - 1);
        assert_eq!(world.pledge(&pledge).state, PledgeState::Matured);
        let swept = world.pass(1).expect("it lapses");
        event(&swept, EventName::PledgeLapsed);
    }

    #[test]
    fn a_grace_that_still_runs_is_kept() {
        let (mut world, _, pledge) = pledged();
        let before = world.pledge(&pledge);
        world.pass(before.reg_until.since(world.time));
        let op = world.default_op(&pledge);
        world.ok("B1", op, &[]);
        let op = world.cure_op(&pledge);
        world.ok("B1", op, &[]);
        let record = world.pledge(&pledge);
        assert_eq!((record.state, record.grace_until), (PledgeState::Matured, before.grace_until));
    }

    #[test]
    fn only_an_enforced_pledge_is_cured_by_its_pledgee() {
        let (mut world, _, pledge) = pledged();
        let op = world.cure_op(&pledge);
        assert_eq!(world.code("B1", op, &[]), Code::PledgeState);
        world.enforce("B1", &pledge);
        let op = world.cure_op(&pledge);
        assert_eq!(world.code("B2", op.clone(), &[]), Code::NotPledgee);
        assert_eq!(world.code("E5", op, &[]), Code::RoleNotPermitted);
    }
}

mod realise {
    use super::*;

    fn enforced() -> (World, DocId, PledgeId) {
        let (mut world, doc, pledge) = pledged();
        world.enforce("B1", &pledge);
        (world, doc, pledge)
    }

    #[test]
    fn the_goods_go_to_whoever_takes_them_and_the_pledge_ends() {
        let (mut world, doc, pledge) = enforced();
        let op = world.realise_op(&pledge, "E4", None);
        let outcome = world.ok("B1", op, &["MTO", "E5"]);
        assert_eq!(event(&outcome, EventName::Realised).args, [RealiseMode::Agreed as u64]);
        assert_eq!(event(&outcome, EventName::Transferred).parties, [world.account("E4")], "no bank is named");
        let record = world.doc(&doc);
        let buyer = world.account("E4");
        assert_eq!((record.holder, record.beneficiary, record.enc), (buyer, Some(buyer), None));
        assert_eq!(world.pledge(&pledge).state, PledgeState::Realised);
        assert_eq!(world.encumbrance(&doc.0), None);
        assert!(world.lots(&doc).iter().all(|lot| lot.enc.is_none()));
        let entries = world.state.table::<landsea_types::record::ChainEntry>(Table::Chain);
        let last = entries.values().find(|e| e.n == record.chain_len && e.action == ChainAction::Transfer);
        assert_eq!(last.expect("in the chain").recipient, Some(buyer));
        assert_eq!(queued(&world, Due::Mirror), 0, "nothing is left in the queue");
    }

    #[test]
    fn the_waiting_period_counts_from_the_notice_to_the_millisecond() {
        let (mut world, _, pledge) = pledged();
        let op = world.default_op(&pledge);
        world.ok("B1", op, &[]);
        world.advance(7 * DAY - 1);
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("B1", op.clone(), &["MTO", "E5"]), Code::WaitingPeriod);
        world.advance(1);
        world.ok("B1", op, &["MTO", "E5"]);
    }

    #[test]
    fn a_cure_starts_the_waiting_again() {
        let (mut world, _, pledge) = enforced();
        let op = world.cure_op(&pledge);
        world.ok("B1", op, &[]);
        let op = world.default_op(&pledge);
        world.ok("B1", op, &[]);
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("B1", op, &["MTO", "E5"]), Code::WaitingPeriod);
    }

    #[test]
    fn custodian_and_pledgor_agree_or_a_branch_of_theirs_transmits_an_order() {
        let (mut world, _, pledge) = enforced();
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("B1", op.clone(), &["E5"]), Code::CustodianAckMissing);
        let refused = world.submit("B1", op, &["MTO"]);
        assert_eq!((refused.code, refused.args), (Code::ConsentMissing, vec![2]));
        let op = world.realise_op(&pledge, "E4", Some("cq"));
        assert_eq!(world.code("B1", op.clone(), &["MTO", "E5"]), Code::ConsentMissing, "the branch itself is asked");
        world.ok("B1", op, &["MTO", "cq"]);
    }

    #[test]
    fn a_branch_elsewhere_and_a_firm_transmit_no_order() {
        let (mut world, _, pledge) = enforced();
        for who in ["gx", "E6"] {
            let op = world.realise_op(&pledge, "E4", Some(who));
            assert_eq!(world.code("B1", op, &["MTO", who]), Code::RoleNotPermitted, "{who}");
        }
    }

    #[test]
    fn only_under_enforcement_and_only_the_pledgee_realises() {
        let (mut world, _, pledge) = pledged();
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("B1", op, &["MTO", "E5"]), Code::PledgeState);
        world.enforce("B1", &pledge);
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("E5", op.clone(), &["MTO"]), Code::RoleNotPermitted);
        assert_eq!(world.code("B2", op, &["MTO", "E5"]), Code::NotPledgee);
    }

    #[test]
    fn who_takes_the_goods_is_known_and_active() {
        let (mut world, _, pledge) = enforced();
        let stranger = Realise {
            pledge,
            expect_ver: world.pledge(&pledge).ver,
            mode: RealiseMode::Auction,
            to: AccountId([9; 32]),
            order: None,
        };
        assert_eq!(world.code("B1", Operation::PledgeRealise(stranger), &["MTO", "E5"]), Code::UnknownObject);
        world.suspend("E4");
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("B1", op, &["MTO", "E5"]), Code::PartySuspended);
    }

    #[test]
    fn a_surrendered_document_is_not_realised() {
        let (mut world, doc, pledge) = pledged();
        let op = world.surrender_op(&doc);
        world.ok("E5", op, &["B1"]);
        world.enforce("B1", &pledge);
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("B1", op, &["MTO", "E5"]), Code::DocumentState);
    }

    #[test]
    fn a_court_that_froze_the_goods_must_order_it_and_a_regulator_bars_it() {
        let (mut world, doc, pledge) = enforced();
        world.place_hold(&doc.0, HoldKind::CourtFreeze);
        let op = world.realise_op(&pledge, "E4", None);
        assert_eq!(world.code("B1", op.clone(), &["MTO", "E5"]), Code::Held);
        world.ok("B1", op, &["MTO", "E5", "cq"]);
        let (mut world, doc, pledge) = enforced();
        world.place_hold(&doc.0, HoldKind::RegulatorFreeze);
        let op = world.realise_op(&pledge, "E4", Some("cq"));
        assert_eq!(world.code("B1", op, &["MTO", "cq"]), Code::Held);
    }

    #[test]
    fn the_buyer_pledges_the_goods_anew() {
        let (mut world, doc, pledge) = enforced();
        let op = world.realise_op(&pledge, "E6", None);
        world.ok("B1", op, &["MTO", "E5"]);
        let paper = Bill::new("BILL 0", &["C:0"]).paper;
        world.pledge_doc("B2", "E6", "MTO", &doc, &paper);
    }
}
