//! What no stranger may learn: a bank's name, a quantity, an alarm.

use super::super::pledge_of;
use super::records::{BANK, BRANCH, CARRIER, CELL, DOC, FIRM, KEEPER, PLEDGE, RIVAL, SELLER};
use super::records::{change, doc, ledger, lot_id, party};
use super::{branch, caller};
use crate::rpc::auth::Caller;
use crate::rpc::visibility::{self, Audience, Numbers, ROWS, row_of};
use landsea_chaincode::memory::MemoryState;
use landsea_types::event::{Event, EventName};
use landsea_types::record::doc::Surrendered;
use landsea_types::record::{Doc, Encumbrance, Priority};
use landsea_types::role::{DocState, Role};
use landsea_types::{AccountId, Hash, Height, Member};

fn firm() -> Caller {
    caller(FIRM, Role::Enterprise)
}

fn issuer() -> Caller {
    caller(CARRIER, Role::Mto)
}

fn said(name: EventName, parties: &[AccountId]) -> Event {
    let (subject, related) = (Hash(DOC.0), vec![Hash(lot_id(1).0)]);
    Event { name, subject, related, members: vec![Member::new(1)], parties: parties.to_vec(), args: vec![5_000_000] }
}

/// What a caller is told of an event; `None` when it does not hear of it.
fn told(state: &MemoryState, caller: &Caller, event: &Event) -> Option<(usize, usize)> {
    let heard = visibility::hears(state, caller, event).then(|| visibility::event(state, caller, event.clone()));
    heard.map(|event| (event.parties.len(), event.args.len()))
}

#[test]
fn every_event_name_has_one_row_in_the_order_of_the_names() {
    let names: Vec<EventName> = ROWS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, EventName::ALL);
}

#[test]
fn no_stranger_hears_a_quantity_and_whom_the_event_names_does() {
    use EventName::{CellCounted, CellDeficit, Converted, CoverLow, LossDeclared, PartialDelivery};
    let state = ledger();
    for name in [CellCounted, CellDeficit, Converted, CoverLow, LossDeclared, PartialDelivery] {
        let event = said(name, &[KEEPER]);
        for stranger in [Caller::Anonymous, caller(RIVAL, Role::Bank), issuer()] {
            assert!(told(&state, &stranger, &event).is_none_or(|seen| seen == (0, 0)), "{name:?}");
        }
        for concerned in [caller(KEEPER, Role::Warehouse), branch(), caller(BRANCH, Role::Auditor)] {
            assert_eq!(told(&state, &concerned, &event), Some((1, 1)), "{name:?}");
        }
    }
}

#[test]
fn the_numbers_of_a_cell_are_for_whoever_may_read_the_cell() {
    let mut state = ledger();
    let watcher = AccountId([8; 32]);
    change(&mut state, |view| {
        let mut cell = view.cell(&CELL).expect("the fixture has it");
        cell.supervisor = Some(watcher);
        view.put_cell(&cell);
    });
    for name in [EventName::CellCounted, EventName::CellDeficit] {
        let event = Event { subject: Hash(CELL.0), ..said(name, &[KEEPER]) };
        for reader in [caller(watcher, Role::Supervisor), firm(), caller(BANK, Role::Bank)] {
            assert_eq!(told(&state, &reader, &event), Some((0, 1)), "{name:?}");
        }
        for stranger in [Caller::Anonymous, caller(RIVAL, Role::Bank), caller(SELLER, Role::Enterprise)] {
            assert_eq!(told(&state, &stranger, &event), Some((0, 0)), "{name:?}");
        }
    }
}

#[test]
fn public_numbers_come_without_the_parties() {
    let state = ledger();
    let event = said(EventName::HoldPlaced, &[FIRM]);
    assert_eq!(told(&state, &Caller::Anonymous, &event), Some((0, 1)));
    assert_eq!(row_of(EventName::HoldPlaced), (Audience::Anybody, Numbers::Public));
}

#[test]
fn cargo_and_its_alarms_are_heard_by_those_who_may_follow_the_goods() {
    let state = ledger();
    for name in [EventName::FlowEvent, EventName::FlowAlert] {
        let event = said(name, &[KEEPER]);
        for concerned in [firm(), caller(BANK, Role::Bank)] {
            assert_eq!(told(&state, &concerned, &event), Some((0, 1)), "{name:?}");
        }
        for stranger in [Caller::Anonymous, caller(RIVAL, Role::Bank), caller(SELLER, Role::Enterprise)] {
            assert_eq!(told(&state, &stranger, &event), None, "{name:?}");
        }
    }
}

#[test]
fn a_default_is_heard_by_both_sides_and_by_no_stranger() {
    let state = ledger();
    let event = said(EventName::DefaultDeclared, &[FIRM, BANK]);
    for side in [firm(), caller(BANK, Role::Bank), branch()] {
        assert_eq!(told(&state, &side, &event), Some((2, 1)));
    }
    for stranger in [Caller::Anonymous, caller(KEEPER, Role::Warehouse), issuer()] {
        assert_eq!(told(&state, &stranger, &event), None);
    }
}

#[test]
fn the_alarm_of_a_second_pledge_is_for_the_pledgee_of_its_time_and_for_no_later_one() {
    let mut state = ledger();
    let since = Priority { height: Height::new(50), index: 0 };
    let later = Encumbrance { pledge: PLEDGE, pledgee: RIVAL, priority: since, member: Member::new(1) };
    change(&mut state, |view| view.put_encumbrance(&DOC.0, &later));
    let event = said(EventName::DoublePledgeAttempt, &[BANK]);
    assert_eq!(told(&state, &caller(BANK, Role::Bank), &event), Some((1, 1)));
    assert_eq!(told(&state, &caller(RIVAL, Role::Bank), &event), None);
    // Who tried learns from its own transaction that there was an alarm, and not whose.
    let own = visibility::event(&state, &caller(RIVAL, Role::Bank), event);
    assert_eq!((own.parties, own.args), (vec![], vec![]));
}

fn shown(state: &MemoryState, caller: &Caller, doc: &Doc) -> Option<Doc> {
    let pledge = doc.enc.and_then(|id| pledge_of(state, &id));
    visibility::doc(state, caller, doc.clone(), pledge.as_ref())
}

#[test]
fn a_document_that_ended_while_pledged_names_its_bank_to_the_bank_and_branches_alone() {
    let state = ledger();
    for ending in [DocState::Split, DocState::Merged, DocState::Converted, DocState::Replaced, DocState::Void] {
        let ended = Doc { state: ending, enc: None, ..doc() };
        for other in [issuer(), firm()] {
            let record = shown(&state, &other, &ended).expect("issuer and beneficiary are its actors");
            assert_eq!(record.holder, AccountId::default(), "{ending:?}");
        }
        for entitled in [caller(BANK, Role::Bank), branch()] {
            assert_eq!(shown(&state, &entitled, &ended).map(|doc| doc.holder), Some(BANK));
        }
        assert_eq!(shown(&state, &caller(SELLER, Role::Enterprise), &ended), None, "the first holder passed it on");
    }
}

#[test]
fn who_has_passed_a_document_on_no_longer_reads_who_holds_it() {
    let state = ledger();
    let free = Doc { enc: None, holder: FIRM, ..doc() };
    assert_eq!(shown(&state, &caller(SELLER, Role::Enterprise), &free), None);
    for actor in [issuer(), firm()] {
        let record = shown(&state, &actor, &free).expect("an actor of the document");
        assert_eq!((record.holder, record.first_holder), (FIRM, SELLER));
    }
}

#[test]
fn a_bank_that_holds_is_named_to_the_issuer_once_it_claims_the_goods_and_to_no_later_holder() {
    let state = ledger();
    let realised = Doc { enc: None, holder: BANK, beneficiary: Some(BANK), ..doc() };
    let record = shown(&state, &issuer(), &realised).expect("its own document");
    assert_eq!((record.holder, record.beneficiary), (AccountId::default(), None));
    let claim = Surrendered { by: BANK, holder: BANK, beneficiary: Some(BANK) };
    let pending = Doc { state: DocState::PendDelivery, holder: CARRIER, surrendered: Some(claim.clone()), ..realised };
    let record = shown(&state, &issuer(), &pending).expect("its own document");
    assert_eq!(record.surrendered, Some(claim));
    let sold = Doc { state: DocState::Active, holder: FIRM, beneficiary: Some(FIRM), ..pending };
    let record = shown(&state, &firm(), &sold).expect("its own document").surrendered.expect("on record");
    assert_eq!((record.by, record.holder, record.beneficiary), (AccountId::default(), AccountId::default(), None));
}

#[test]
fn both_sides_of_a_live_pledge_know_each_other_and_the_issuer_does_not() {
    let state = ledger();
    for side in [firm(), caller(BANK, Role::Bank)] {
        assert_eq!(shown(&state, &side, &doc()).map(|doc| doc.holder), Some(BANK));
    }
    assert_eq!(shown(&state, &issuer(), &doc()).map(|doc| doc.holder), Some(AccountId::default()));
    assert_eq!(shown(&state, &Caller::Party(Box::new(party(RIVAL, Role::Bank))), &doc()), None);
}
