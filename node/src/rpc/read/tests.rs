//! Who is told what about goods, holds and cargo.

mod absent;
mod privacy;
mod records;

use super::cargo::{events_page, position_at, transit_page};
use super::goods::cell_view;
use super::holds::{placed_on, standing_on};
use super::{pledge_of, record};
use crate::rpc::auth::Caller;
use crate::rpc::visibility;
use landsea_chaincode::memory::MemoryState;
use landsea_types::record::{ChainEntry, Flow, HoldTarget, Lot, Standing, UseMark};
use landsea_types::role::{ChainAction, FlowAction, FlowStep, HoldKind, HoldState, LotStatus, Role, UsePurpose};
use landsea_types::state::Family;
use landsea_types::{AccountId, Commit, EventId, Height, HoldId, LotId, Member, Timestamp};
use records::{BANK, BRANCH, CARRIER, CELL, DISPUTE, DOC, FIRM, KEEPER, PLEDGE, RIVAL, SELLER};
use records::{change, doc, event_id, hold, ledger, lot, lot_id, party, report, seen};

fn caller(id: AccountId, role: Role) -> Caller {
    Caller::Party(Box::new(party(id, role)))
}

fn branch() -> Caller {
    caller(BRANCH, Role::Branch)
}

fn lot_of(state: &MemoryState, n: u8) -> Lot {
    record(state, Family::Lot, &lot_id(n).0).expect("the fixture has it")
}

#[test]
fn a_cell_is_shown_to_its_keeper_and_to_whoever_has_a_document_over_its_goods() {
    let state = ledger();
    for (id, role) in [(KEEPER, Role::Warehouse), (FIRM, Role::Enterprise), (BANK, Role::Bank), (BRANCH, Role::Branch)]
    {
        let view = cell_view(&state, &caller(id, role), &CELL).expect("the cell is there");
        assert_eq!(view.lots, [lot_id(1), lot_id(2)]);
        assert!(view.record.is_some_and(|cell| cell.keeper == KEEPER));
    }
    for stranger in [Caller::Anonymous, caller(RIVAL, Role::Bank)] {
        let view = cell_view(&state, &stranger, &CELL).expect("that it is there is public");
        assert_eq!((view.record, view.lots, view.short), (None, vec![], false));
    }
    assert_eq!(cell_view(&state, &branch(), &landsea_types::GoodsKey([99; 32])), None);
}

/// A dispute by the rival bank is effective; a freeze waits behind it.
fn held() -> MemoryState {
    let mut state = ledger();
    let waiting = HoldId([15; 32]);
    change(&mut state, |view| {
        let dispute = hold(DISPUTE, HoldKind::Dispute, RIVAL, 0, HoldState::Effective);
        landsea_chaincode::hold::put(view, None, &hold(waiting, HoldKind::CourtFreeze, BRANCH, 1, HoldState::Queued));
        landsea_chaincode::hold::put(view, None, &dispute);
        let deficit = Standing { kind: HoldKind::Deficit, until: Timestamp::MAX, hold: None };
        let standing = Standing { kind: dispute.kind, until: dispute.until, hold: Some(DISPUTE) };
        view.put_standings(&DOC.0, vec![standing, deficit]);
    });
    state
}

#[test]
fn kind_and_end_of_a_hold_are_public_and_its_order_is_not() {
    let state = held();
    let target = HoldTarget::Doc(DOC);
    let public = standing_on(&state, &Caller::Anonymous, &target);
    let kinds: Vec<_> = public.iter().map(|h| (h.kind, h.until, h.record.is_some())).collect();
    let (until, never) = (Timestamp::new(9), Timestamp::MAX);
    assert_eq!(kinds, [(HoldKind::Dispute, until, false), (HoldKind::Deficit, never, false)]);
    assert_eq!(public[1].id, None);
    let shown = standing_on(&state, &branch(), &target).remove(0).record.expect("branches see it");
    assert_eq!((shown.by, shown.basis), (RIVAL, Commit([37; 32])));
    // The firm learns the case, not the bank behind it; the bank sees its own.
    let shown = standing_on(&state, &caller(FIRM, Role::Enterprise), &target).remove(0).record.expect("its document");
    assert_eq!((shown.by, shown.basis), (AccountId::default(), Commit([37; 32])));
    let own = standing_on(&state, &caller(RIVAL, Role::Bank), &target).remove(0).record.expect("its own dispute");
    assert_eq!(own.by, RIVAL);
}

#[test]
fn the_queue_shows_what_stands_and_what_waits_in_the_order_of_placing() {
    let queue = placed_on(&held(), &Caller::Anonymous, &HoldTarget::Doc(DOC));
    let order: Vec<_> = queue.iter().map(|h| (h.kind, h.state)).collect();
    assert_eq!(order, [(HoldKind::Dispute, HoldState::Effective), (HoldKind::CourtFreeze, HoldState::Queued)]);
    assert!(placed_on(&held(), &branch(), &HoldTarget::Lot(lot_id(1))).is_empty());
}

/// Loaded as one lot, split, and seen twice since; the last sight is taken back at height 5.
fn travelled() -> MemoryState {
    let mut state = ledger();
    let mut wrong = seen(4, lot_id(1), FlowStep::Arrived, b"NOWHERE ", 400);
    wrong.corrected_by = Some(event_id(5));
    let mut deletion = seen(5, lot_id(1), FlowStep::Arrived, b"NOWHERE ", 400);
    (deletion.action, deletion.corrects, deletion.recorded) = (FlowAction::Delete, Some(wrong.id), Timestamp::new(500));
    let events = [
        seen(1, lot_id(0), FlowStep::Loaded, b"TJC     ", 100),
        seen(2, lot_id(1), FlowStep::PortIn, b"CNQZH   ", 200),
        seen(3, lot_id(1), FlowStep::Inspected, b"CNQZH   ", 300),
        wrong,
        deletion,
    ];
    report(&mut state, &events);
    state
}

#[test]
fn a_timeline_begins_with_the_lots_from_which_the_goods_were_made() {
    let state = travelled();
    let ids = |after: Option<EventId>, limit: usize| {
        let page = events_page(&state, lot_of(&state, 1), after, limit).expect("the fixture has these events");
        page.iter().map(|entry| (entry.lot, entry.event.id)).collect::<Vec<_>>()
    };
    let own = |n| (lot_id(1), event_id(n));
    let all = vec![(lot_id(0), event_id(1)), own(2), own(3), own(4), own(5)];
    assert_eq!(ids(None, 500), all);
    assert_eq!(ids(None, 2), all[..2]);
    assert_eq!(ids(Some(event_id(2)), 2), all[2..4]);
    assert_eq!(ids(Some(event_id(5)), 2), []);
    assert_eq!(events_page(&state, lot_of(&state, 2), None, 500), Ok(vec![]));
}

#[test]
fn the_position_at_a_height_is_what_was_known_then() {
    let state = travelled();
    let at = |height: u64| {
        let position = position_at(&state, &lot_of(&state, 1), Height::new(height), false);
        position.map(|p| (p.event, p.step, p.node))
    };
    assert_eq!(at(0), None);
    assert_eq!(at(1), Some((event_id(1), FlowStep::Loaded, *b"TJC     ")));
    assert_eq!(at(2), Some((event_id(2), FlowStep::PortIn, *b"CNQZH   ")));
    // A look on the way says where, but moves nothing.
    assert_eq!(at(3), Some((event_id(3), FlowStep::PortIn, *b"CNQZH   ")));
    // What was taken back later stood until then.
    assert_eq!(at(4), Some((event_id(4), FlowStep::Arrived, *b"NOWHERE ")));
    assert_eq!(at(5), at(3));
}

#[test]
fn the_position_now_is_that_of_the_flow() {
    let mut state = travelled();
    assert_eq!(position_at(&state, &lot_of(&state, 1), Height::new(5), true), None);
    let flow = Flow { last: event_id(3), step: FlowStep::PortIn, node: *b"CNQZH   ", ..Flow::UNKNOWN };
    change(&mut state, |view| view.put_flow(&lot_id(1), &flow));
    let position = position_at(&state, &lot_of(&state, 1), Height::new(5), true).expect("reported");
    assert_eq!((position.event, position.step), (event_id(3), FlowStep::PortIn));
}

#[test]
fn the_goods_are_followed_by_who_keeps_owns_or_lends_on_them_and_by_nobody_else() {
    let state = ledger();
    let (lot, title) = (lot_of(&state, 1), doc());
    let pledge = pledge_of(&state, &PLEDGE);
    let sees = |caller: &Caller| visibility::sees_goods(caller, &lot, Some(&title), pledge.as_ref());
    for (id, role) in [(KEEPER, Role::Warehouse), (FIRM, Role::Enterprise), (BANK, Role::Bank), (BRANCH, Role::Branch)]
    {
        assert!(sees(&caller(id, role)), "{role:?}");
    }
    // Who sold the goods or carried them once has lost sight of them.
    for (id, role) in [(SELLER, Role::Enterprise), (RIVAL, Role::Bank), (CARRIER, Role::Mto)] {
        assert!(!sees(&caller(id, role)), "{role:?}");
    }
    assert!(!sees(&Caller::Anonymous));
}

#[test]
fn lots_on_their_way_are_listed_page_by_page_for_the_member_where_they_are() {
    let mut state = ledger();
    let flow = |step| Flow { last: event_id(1), step, ..Flow::UNKNOWN };
    change(&mut state, |view| {
        for n in 10..16 {
            let place = Member::new(if n == 12 { 3 } else { 2 });
            let status = if n == 13 { LotStatus::Delivered } else { LotStatus::Active };
            view.put_lot(&Lot { id: lot_id(n), place, status, ..lot(1, vec![]) });
            let step = if n == 14 { FlowStep::Stored } else { FlowStep::Departed };
            view.put_flow(&lot_id(n), &flow(step));
        }
    });
    let ids = |after: Option<LotId>, limit| {
        let page = transit_page(&state, Member::new(2), after, limit);
        (page.lots.iter().map(|view| view.lot).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(ids(None, 500), (vec![lot_id(10), lot_id(11), lot_id(15)], None));
    let (first, next) = ids(None, 2);
    assert_eq!(first, [lot_id(10), lot_id(11)]);
    assert_eq!(ids(next, 2), (vec![lot_id(15)], None));
    assert!(transit_page(&state, Member::new(1), None, 500).lots.is_empty());
}

#[test]
fn no_chain_entry_names_a_bank_to_whom_it_is_not_named() {
    let state = ledger();
    let entry = |action, actor, recipient| ChainEntry {
        n: 1,
        action,
        actor,
        recipient: Some(recipient),
        represented: None,
        time: Timestamp::ZERO,
        height: Height::ZERO,
    };
    let carrier = caller(CARRIER, Role::Mto);
    let realised = entry(ChainAction::Transfer, BANK, SELLER);
    let shown = visibility::chain_entry(&state, &carrier, realised.clone());
    assert_eq!((shown.actor, shown.recipient), (AccountId::default(), Some(SELLER)));
    let pledged = entry(ChainAction::PledgeEndorse, FIRM, BANK);
    let shown = visibility::chain_entry(&state, &carrier, pledged.clone());
    assert_eq!((shown.actor, shown.recipient), (AccountId::default(), None));
    let sold = entry(ChainAction::Transfer, FIRM, SELLER);
    assert_eq!(visibility::chain_entry(&state, &carrier, sold.clone()), sold);
    for concerned in [caller(BANK, Role::Bank), caller(SELLER, Role::Enterprise), branch()] {
        assert_eq!(visibility::chain_entry(&state, &concerned, realised.clone()), realised);
    }
    assert_eq!(visibility::chain_entry(&state, &caller(FIRM, Role::Enterprise), pledged.clone()), pledged);
}

#[test]
fn a_mark_is_shown_to_whoever_made_it_and_to_branches() {
    let mark = |n, by| UseMark {
        n,
        purpose: UsePurpose::Financing,
        by,
        bps: 5_000,
        reference: Commit::default(),
        at: Timestamp::ZERO,
        released: false,
    };
    let all = vec![mark(1, BANK), mark(2, RIVAL)];
    let seen = |caller: &Caller| visibility::marks(caller, all.clone()).iter().map(|m| m.n).collect::<Vec<_>>();
    assert_eq!(seen(&branch()), [1, 2]);
    assert_eq!(seen(&caller(RIVAL, Role::Bank)), [2]);
    assert!(seen(&Caller::Anonymous).is_empty());
}
