//! A ledger that errs is noticed: outcomes and states are changed as a broken chaincode might change them.

use super::{Ledger, Ran, whole};
use crate::model::{Mismatch, Sheet};
use landsea_types::event::EventName;
use landsea_types::record::{Doc, Pledge};
use landsea_types::role::{DocState, PledgeState};
use landsea_types::state::{Family, Leaf, Table, Write};
use landsea_types::{AccountId, Code, DocId, PledgeId};

/// Runs soundly until a block fits.
fn until(seed: u64, fits: impl Fn(&Ledger, &Ran) -> bool) -> (Ledger, Ran) {
    let mut ledger = Ledger::new(4, seed);
    for _ in 0..1_500 {
        let ran = ledger.block();
        if fits(&ledger, &ran) {
            return (ledger, ran);
        }
        ledger.follow(&ran).unwrap_or_else(|mismatch| panic!("{mismatch}"));
    }
    panic!("seed {seed} meets no such block");
}

/// The first outcome of a block with a code, for an operation.
fn position(ran: &Ran, operation: &str, code: Code) -> Option<usize> {
    let found = ran.transactions.iter().zip(&ran.outcomes);
    found
        .into_iter()
        .position(|(tx, outcome)| outcome.code == code && tx.ops[0].name() == operation && tx.ops.len() == 1)
}

fn noticed(mut ledger: Ledger, ran: &Ran) -> Mismatch {
    ledger.follow(ran).expect_err("the model notices")
}

/// Changes a record of the state behind the model's back.
fn rewrite<T: borsh::BorshSerialize + borsh::BorshDeserialize>(
    ledger: &mut Ledger,
    family: Family,
    id: [u8; 32],
    change: impl FnOnce(&mut T),
) {
    let leaf = ledger.state.leaves.get(&(family, id)).expect("the record exists").clone();
    let mut record: T = borsh::from_slice(&leaf.record).expect("a record of its family");
    change(&mut record);
    let record = borsh::to_vec(&record).expect("encodes");
    ledger.state.apply(&[Write::Leaf { family, id, leaf: Some(Leaf { record, ..leaf }) }]);
}

fn change_pledge(ledger: &mut Ledger, id: PledgeId, change: impl FnOnce(&mut Pledge)) {
    let row = ledger.state.rows.get(&(Table::Pledge, id.0.to_vec())).expect("the pledge exists").clone();
    let mut pledge: Pledge = borsh::from_slice(&row).expect("a pledge");
    change(&mut pledge);
    let value = borsh::to_vec(&pledge).expect("encodes");
    ledger.state.apply(&[Write::Row { table: Table::Pledge, key: id.0.to_vec(), value: Some(value) }]);
}

/// A ledger with a live pledge, followed to its tip.
fn with_a_pledge(seed: u64) -> (Ledger, PledgeId, DocId) {
    let (mut ledger, ran) = until(seed, |_, ran| position(ran, "pledge.create", Code::Ok).is_some());
    ledger.follow(&ran).expect("a sound block");
    let (doc, id) = ledger.model.book.charged_docs.iter().next().map(|(d, p)| (*d, *p)).expect("a live pledge");
    (ledger, id, doc)
}

#[test]
fn a_second_pledge_that_is_accepted_is_noticed() {
    let (ledger, mut ran) = until(21, |_, ran| position(ran, "pledge.create", Code::AlreadyPledged).is_some());
    let at = position(&ran, "pledge.create", Code::AlreadyPledged).expect("found above");
    ran.outcomes[at].code = Code::Ok;
    let found = noticed(ledger, &ran);
    assert_eq!((found.expected.as_str(), found.got.as_str()), ("5001 ALREADY_PLEDGED", "OK"), "{found}");
}

#[test]
fn a_changed_code_is_noticed_whatever_it_becomes() {
    for (operation, code, other) in [
        ("waybill.issue", Code::Ok, Code::ConsentMissing),
        ("waybill.transfer", Code::StaleVersion, Code::NotHolder),
        ("pledge.reserve", Code::ConsentInvalid, Code::ConsentMissing),
    ] {
        let (ledger, mut ran) = until(22, |_, ran| position(ran, operation, code).is_some());
        let at = position(&ran, operation, code).expect("found above");
        ran.outcomes[at].code = other;
        assert_eq!(noticed(ledger, &ran).got, other.to_string());
    }
}

#[test]
fn a_maturity_that_nobody_was_told_of_is_noticed() {
    let matured = |ran: &Ran| {
        let sweep = ran.outcomes.get(ran.transactions.len());
        sweep.is_some_and(|o| o.events.iter().any(|e| e.name == EventName::PledgeMatured))
    };
    let (ledger, mut ran) = until(23, |_, ran| matured(ran));
    ran.outcomes.last_mut().expect("the sweep's").events.retain(|e| e.name != EventName::PledgeMatured);
    assert_eq!(noticed(ledger, &ran).about, "the sweep");
}

#[test]
fn a_pledge_that_is_gone_at_maturity_is_noticed() {
    let matured = |ledger: &Ledger, state| ledger.model.book.liens.values().any(|lien| lien.state == state);
    let (mut ledger, ran) = until(24, |ledger, _| matured(ledger, PledgeState::Matured));
    ledger.follow(&ran).expect("a sound block");
    let liens = &ledger.model.book.liens;
    let (id, lien) = liens.iter().find(|(_, lien)| lien.state == PledgeState::Matured).expect("still in grace");
    let (id, doc) = (*id, lien.docs[0]);
    change_pledge(&mut ledger, id, |pledge| pledge.state = PledgeState::Lapsed);
    let found = ledger.model.compare(whole(&ledger.state)).expect_err("the model notices");
    assert!(found.about.contains("pledge"), "{found}");
    change_pledge(&mut ledger, id, |pledge| pledge.state = PledgeState::Matured);
    assert_eq!(ledger.model.compare(whole(&ledger.state)), Ok(()));
    ledger.state.apply(&[Write::Leaf { family: Family::Encumbrance, id: doc.0, leaf: None }]);
    let found = ledger.model.compare(whole(&ledger.state)).expect_err("the model notices");
    assert!(found.about.contains("encumbrance"), "{found}");
}

#[test]
fn a_changed_owner_is_noticed() {
    let (mut ledger, _, doc) = with_a_pledge(25);
    rewrite(&mut ledger, Family::Doc, doc.0, |doc: &mut Doc| doc.beneficiary = Some(AccountId([9; 32])));
    let found = ledger.model.compare(whole(&ledger.state)).expect_err("the model notices");
    assert!(found.about.contains("document"), "{found}");
}

#[test]
fn a_lost_priority_is_noticed() {
    let (mut ledger, id, _) = with_a_pledge(26);
    change_pledge(&mut ledger, id, |pledge| pledge.priority.index += 1);
    let found = ledger.model.compare(whole(&ledger.state)).expect_err("the model notices");
    assert!(found.about.contains("pledge"), "{found}");
}

#[test]
fn goods_freed_too_early_are_noticed() {
    let (mut ledger, _, _) = with_a_pledge(27);
    let key = ledger.model.book.occupied.keys().next().copied().expect("some goods");
    ledger.state.apply(&[Write::Leaf { family: Family::GoodsKey, id: key.0, leaf: None }]);
    let found = ledger.model.compare(whole(&ledger.state)).expect_err("the model notices");
    assert!(found.about.contains("goods key"), "{found}");
}

#[test]
fn a_record_that_nobody_made_is_noticed() {
    let (mut ledger, _, doc) = with_a_pledge(28);
    let leaf = ledger.state.leaves.get(&(Family::Encumbrance, doc.0)).expect("pledged").clone();
    let free = |(id, doc): (&DocId, &Sheet)| (doc.state == DocState::Active).then_some(*id);
    let book = &ledger.model.book;
    let other = book.docs.iter().filter(|(id, _)| !book.charged_docs.contains_key(id)).find_map(free);
    let other = other.expect("some free document");
    ledger.state.apply(&[Write::Leaf { family: Family::Encumbrance, id: other.0, leaf: Some(leaf) }]);
    let found = ledger.model.compare(whole(&ledger.state)).expect_err("the model notices");
    assert!(found.about.contains("encumbrance"), "{found}");
}

#[test]
fn an_attempt_that_was_not_journalled_is_noticed() {
    let (mut ledger, ran) = until(29, |_, ran| position(ran, "pledge.create", Code::AlreadyPledged).is_some());
    let last = ledger.state.rows.keys().rfind(|(table, _)| *table == Table::Attempt).cloned();
    let (table, key) = last.expect("an attempt");
    ledger.state.apply(&[Write::Row { table, key, value: None }]);
    assert_eq!(noticed(ledger, &ran).about, "the attempt journal");
}

#[test]
fn a_success_without_its_event_is_noticed() {
    let (ledger, mut ran) = until(30, |_, ran| position(ran, "pledge.create", Code::Ok).is_some());
    let at = position(&ran, "pledge.create", Code::Ok).expect("found above");
    ran.outcomes[at].events.clear();
    assert_eq!(noticed(ledger, &ran).expected, "the event PledgeActive");
}
