//! The end of a storage: put off, burdened by a lien, or brought about by the keeper.

use super::acts::*;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::warehouse::Termination;
use landsea_types::role::{DocState, HoldKind, LotStatus, PledgeState, TerminateReason};
use landsea_types::{Code, DocId, PledgeId};

fn receipt() -> Receipt {
    Receipt::new("TJLC-WR-2026-0087", &["B:LZ-1", "B:LZ-2"])
}

fn stored() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_receipt(&receipt());
    (world, doc)
}

fn stored_pledged() -> (World, DocId, PledgeId) {
    let (mut world, doc) = stored();
    let pledge = world.pledge_doc("B2", "E1", "COLD", &doc, &receipt().paper);
    (world, doc, pledge)
}

fn step(world: &mut World, doc: &DocId, step: Termination) -> Code {
    let op = world.terminate_op(doc, step);
    world.code("COLD", op, &[])
}

const ENDED: Termination = Termination::Notice { reason: TerminateReason::StorageEnded };
const PERISHABLE: Termination = Termination::Notice { reason: TerminateReason::Perishable };

fn sell(world: &mut World, doc: &DocId) -> Code {
    let op = world.sold_op(doc);
    world.code("COLD", op, &[])
}

#[test]
fn a_storage_is_extended_with_the_holders_consent() {
    let (mut world, doc) = stored();
    let op = world.extend_storage_op(&doc, 400);
    assert_eq!(world.code("E1", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("WUL", op.clone(), &["E1"]), Code::NotHolder);
    let outcome = world.submit("COLD", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let outcome = world.ok("COLD", op, &["E1"]);
    let until = world.doc(&doc).receipt.expect("a receipt").storage_until;
    assert_eq!(event(&outcome, EventName::StorageExtended).args, vec![until.get()]);
    for (days, code) in [(399, Code::TermOutOfLimits), (401, Code::Ok)] {
        let op = world.extend_storage_op(&doc, days);
        assert_eq!(world.code("COLD", op, &["E1"]), code, "{days} days");
    }
    let bill = world.issue_bill(&Bill::s1());
    let op = world.extend_storage_op(&bill, 400);
    assert_eq!(world.code("COLD", op, &["E5"]), Code::NotPledgeableHere);
}

#[test]
fn a_storage_that_has_ended_is_extended_into_the_future_only() {
    let (mut world, doc) = stored();
    world.pass(400 * DAY);
    let op = world.extend_storage_op(&doc, 0);
    assert_eq!(world.code("COLD", op, &["E1"]), Code::TermOutOfLimits);
    let op = world.extend_storage_op(&doc, 1);
    assert_eq!(world.code("COLD", op, &["E1"]), Code::Ok);
}

#[test]
fn terms_of_storage_change_under_holds_and_pledges() {
    let (mut world, doc, _) = stored_pledged();
    for kind in HoldKind::ALL {
        world.place_hold(&doc.0, *kind);
    }
    let op = world.extend_storage_op(&doc, 400);
    assert_eq!(world.code("COLD", op, &["E1"]), Code::Ok, "the beneficiary's consent counts");
    let op = world.lien_op(&doc, true);
    assert_eq!(world.code("COLD", op, &[]), Code::Ok);
}

#[test]
fn a_keeper_notes_its_lien_and_clears_it() {
    let (mut world, doc) = stored();
    for lien in [true, false] {
        let op = world.lien_op(&doc, lien);
        assert_eq!(world.code("WUL", op.clone(), &[]), Code::NotHolder);
        assert_eq!(world.code("E1", op.clone(), &[]), Code::RoleNotPermitted);
        let outcome = world.ok("COLD", op, &[]);
        assert_eq!(event(&outcome, EventName::LienSet).args, vec![u64::from(lien)]);
        let part = world.doc(&doc).receipt.expect("a receipt");
        assert_eq!((part.lien, part.charges), (lien, commit("charges unpaid")));
    }
}

#[test]
fn goods_are_noticed_when_their_storage_has_ended_and_perishables_before() {
    let (mut world, doc) = stored();
    assert_eq!(step(&mut world, &doc, ENDED), Code::TermOutOfLimits);
    world.pass(365 * DAY - 4 * SECOND);
    assert_eq!(step(&mut world, &doc, ENDED), Code::TermOutOfLimits, "a moment before");
    assert_eq!(step(&mut world, &doc, ENDED), Code::Ok, "storage ends at this block's time");
    let (mut world, doc) = stored();
    let op = world.sale_notice_op(&doc);
    let outcome = world.ok("COLD", op, &[]);
    let sale = world.doc(&doc).sale.expect("noticed");
    assert_eq!((sale.reason, sale.sold_from), (TerminateReason::Perishable, world.time.saturating_add(30 * DAY)));
    assert_eq!(event(&outcome, EventName::SaleNoticed).args, vec![sale.sold_from.get(), 1]);
    assert_eq!(world.doc(&doc).state, DocState::SalePending);
}

#[test]
fn nothing_but_a_sale_or_its_withdrawal_follows_a_notice() {
    let (mut world, doc) = stored();
    assert_eq!(step(&mut world, &doc, Termination::Withdraw), Code::DocumentState);
    assert_eq!(sell(&mut world, &doc), Code::DocumentState);
    assert_eq!(step(&mut world, &doc, PERISHABLE), Code::Ok);
    assert_eq!(step(&mut world, &doc, PERISHABLE), Code::DocumentState);
    let op = world.deliver_op(&doc);
    assert_eq!(world.code("COLD", op, &["E1"]), Code::DocumentState);
    let op = world.endorse_transfer_op(&doc, "E4");
    assert_eq!(world.code("E1", op, &["COLD"]), Code::DocumentState);
    let op = world.create_op("B1", "E1", &doc, &receipt().paper);
    assert_eq!(world.code("B1", op, &["E1", "COLD"]), Code::DocumentState);
    let op = world.terminate_op(&doc, Termination::Withdraw);
    let outcome = world.ok("COLD", op, &[]);
    assert_eq!(events(&outcome, EventName::SaleWithdrawn).len(), 1);
    assert_eq!((world.doc(&doc).state, world.doc(&doc).sale), (DocState::Active, None));
    let op = world.deliver_op(&doc);
    assert_eq!(world.code("COLD", op, &["E1"]), Code::Ok);
}

#[test]
fn only_the_keeper_ends_a_storage() {
    let (mut world, doc) = stored();
    let op = world.sale_notice_op(&doc);
    assert_eq!(world.code("E1", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("WUL", op.clone(), &[]), Code::NotHolder);
    world.ok("COLD", op, &[]);
    let op = world.terminate_op(&doc, Termination::Withdraw);
    assert_eq!(world.code("WUL", op, &[]), Code::NotHolder);
    world.pass(30 * DAY);
    let op = world.sold_op(&doc);
    assert_eq!(world.code("WUL", op, &[]), Code::NotHolder);
    let bill = world.issue_bill(&Bill::s1());
    let op = world.sale_notice_op(&bill);
    assert_eq!(world.code("COLD", op, &[]), Code::NotPledgeableHere);
}

#[test]
fn goods_are_sold_after_the_notice_period() {
    let (mut world, doc) = stored();
    assert_eq!(step(&mut world, &doc, PERISHABLE), Code::Ok);
    world.pass(30 * DAY - 2 * SECOND);
    assert_eq!(sell(&mut world, &doc), Code::WaitingPeriod);
    let op = world.sold_op(&doc);
    let outcome = world.ok("COLD", op, &[]);
    assert_eq!(event(&outcome, EventName::Sold).related.len(), 2);
    assert!(events(&outcome, EventName::ProceedsToPledgee).is_empty());
    assert_eq!(world.doc(&doc).state, DocState::Sold);
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Delivered));
    assert!(world.occupants("B:LZ-1").is_empty());
    assert_eq!(step(&mut world, &doc, Termination::Withdraw), Code::DocumentState, "sold is sold");
    let mut world = World::with(Setup { parameters: vec![(ParamKey::TerminateNoticeMs, HOUR)], ..Setup::default() });
    let doc = world.issue_receipt(&receipt());
    assert_eq!(step(&mut world, &doc, PERISHABLE), Code::Ok);
    world.pass(HOUR - SECOND);
    assert_eq!(sell(&mut world, &doc), Code::Ok, "the parameter says so");
}

#[test]
fn holds_bar_a_sale_but_not_the_notice() {
    for kind in HoldKind::ALL {
        let (mut world, doc) = stored();
        world.place_hold(&doc.0, *kind);
        assert_eq!(step(&mut world, &doc, PERISHABLE), Code::Ok, "{kind}");
        world.pass(30 * DAY);
        let expected = if *kind == HoldKind::Deficit { Code::Ok } else { Code::Held };
        assert_eq!(sell(&mut world, &doc), expected, "{kind}");
    }
}

#[test]
fn the_proceeds_follow_the_pledge() {
    let (mut world, doc, pledge) = stored_pledged();
    let op = world.sale_notice_op(&doc);
    let outcome = world.ok("COLD", op, &[]);
    let told: Vec<_> = events(&outcome, EventName::SaleNoticed).iter().map(|e| e.parties.clone()).collect();
    let others = vec![world.account("COLD"), world.account("E1")];
    assert_eq!(told, vec![others, vec![world.account("B2")]], "the pledgee by itself");
    world.pass(30 * DAY);
    let op = world.sold_op(&doc);
    let outcome = world.ok("COLD", op, &[]);
    let said = event(&outcome, EventName::ProceedsToPledgee);
    assert_eq!((said.parties.clone(), said.related[0].0), (vec![world.account("B2")], pledge.0));
    assert!(!event(&outcome, EventName::Sold).parties.contains(&world.account("B2")));
    assert!(!world.pledge(&pledge).state.is_live());
    assert_ne!(world.pledge(&pledge).state, PledgeState::Lapsed);
    assert!(world.encumbrance(&doc.0).is_none());
    assert_eq!((world.doc(&doc).state, world.doc(&doc).enc), (DocState::Sold, None));
}

#[test]
fn a_pledge_over_a_receipt_that_waits_for_its_sale_may_be_released() {
    let (mut world, doc, pledge) = stored_pledged();
    assert_eq!(step(&mut world, &doc, PERISHABLE), Code::Ok);
    let op = world.release_op(&pledge);
    world.ok("B2", op, &[]);
    assert_eq!((world.doc(&doc).holder, world.doc(&doc).state), (world.account("E1"), DocState::SalePending));
    world.pass(30 * DAY);
    assert_eq!(sell(&mut world, &doc), Code::Ok);
}

#[test]
fn a_reservation_ends_with_the_sale() {
    let mut world = World::with(Setup { parameters: vec![(ParamKey::TerminateNoticeMs, HOUR)], ..Setup::default() });
    let doc = world.issue_receipt(&receipt());
    world.reserve("B1", "E1", &doc, 24);
    assert_eq!(step(&mut world, &doc, PERISHABLE), Code::Ok, "the keeper's right");
    world.pass(HOUR);
    assert_eq!(sell(&mut world, &doc), Code::Ok);
    assert!(world.reservation(&doc.0).is_none());
}
