//! Every verdict word, and the state that brings it about.

use super::*;
use crate::record::{PublicGoodsKey, PublicLot, PublicProof};
use crate::role::{LotStatus, ProofState};
use crate::{AccountId, LotId, PledgeId, ProofId};

fn q7() -> Question {
    Question::Custody { fp1: fp1() }
}

fn keeper(n: u8) -> AccountId {
    AccountId([60 + n; 32])
}

/// A ledger whose document has lots with custodians.
fn kept(lots: u8) -> Ledger {
    let mut ledger = Ledger::with_document(lots);
    for n in 0..lots {
        let lot = PublicLot {
            status: LotStatus::Active,
            title: Some(doc_id()),
            custodian: keeper(n),
            place: Member::new(n + 1),
        };
        ledger.put(Family::Lot, lot_id(n).0, &lot);
    }
    ledger
}

fn word(ledger: &Ledger, question: Question) -> (String, u8) {
    let certificate = ledger.certificate(question.clone());
    let verdict = status(ledger, &certificate);
    // Who reads the state itself is told what a certificate of it says.
    assert_eq!(answer(&question, certificate.header.time, |family, id| ledger.leaf(family, id)), verdict);
    (verdict.word(), verdict.exit_code())
}

fn in_state(state: DocState, replaced_by: Option<DocId>) -> Ledger {
    let mut ledger = Ledger::with_document(2);
    ledger.change_doc(|doc| (doc.state, doc.replaced_by) = (state, replaced_by));
    ledger
}

#[test]
fn every_state_of_a_document_has_its_word() {
    let by = Some(DocId([77; 32]));
    let cases = [
        (DocState::Active, None, "FREE", 0),
        (DocState::Anchored, None, "ANCHORED", 13),
        (DocState::PendDelivery, None, "PEND_DELIVERY", 13),
        (DocState::PendAmend, None, "PEND_AMEND", 13),
        (DocState::PaperOut, None, "PAPER", 13),
        (DocState::Accomplished, None, "DELIVERED", 13),
        (DocState::Replaced, by, "REPLACED", 13),
        (DocState::Split, None, "SPLIT", 13),
        (DocState::Merged, by, "REPLACED", 13),
        (DocState::Converted, by, "REPLACED", 13),
        (DocState::Void, None, "VOID", 13),
        (DocState::Closed, None, "CLOSED", 13),
        (DocState::SalePending, None, "SALE_PENDING", 13),
        (DocState::Sold, None, "SOLD", 13),
    ];
    assert_eq!(cases.len(), DocState::ALL.len());
    for (state, replaced_by, expected, exit) in cases {
        assert_eq!(word(&in_state(state, replaced_by), q2()), (expected.to_owned(), exit), "{state}");
    }
}

#[test]
fn a_document_that_has_lost_all_its_goods_is_neither_free_nor_invalid() {
    for question in [q2(), q7()] {
        assert_eq!(word(&Ledger::with_document(0), question), ("NO_GOODS".to_owned(), 13));
    }
    let mut pledged = Ledger::with_document(0);
    let enc =
        PublicEncumbrance { pledge: PledgeId([9; 32]), since_height: Height::new(4), index: 0, member: Member::new(1) };
    pledged.put(Family::Encumbrance, doc_id().0, &enc);
    assert_eq!(word(&pledged, q2()).0, "ENCUMBERED");
}

#[test]
fn the_remaining_questions_have_their_own_words() {
    let mut ledger = Ledger::with_document(1);
    let (key, proof) = (GoodsKey([31; 32]), ProofId([41; 32]));
    let keys = || Question::GoodsKeys { keys: vec![key] };
    assert_eq!(word(&ledger, keys()).0, "UNOCCUPIED");
    ledger.put(Family::GoodsKey, key.0, &PublicGoodsKey { lot: lot_id(0) });
    assert_eq!(word(&ledger, keys()).0, "OCCUPIED");
    assert_eq!(word(&ledger, Question::Unknown { fp1: fp1() }).0, "REGISTERED");
    assert_eq!(word(&ledger, Question::Unknown { fp1: Fp([99; 32]) }), ("UNKNOWN".to_owned(), 12));
    assert_eq!(word(&ledger, Question::Pledge { fp1: fp1() }).0, "NOT_ENCUMBERED");
    let valid_until = Timestamp::new(NOW + 1);
    let (template, level, state) = (1, 3, ProofState::Matched);
    let case = PublicProof { id: proof, ver: 1, template, subject: doc_id(), level, state, valid_until };
    ledger.put(Family::Proof, proof.0, &case);
    assert_eq!(word(&ledger, Question::ProofLevel { proof }).0, "LEVEL");
}

#[test]
fn of_several_holds_the_gravest_is_named_wherever_it_stands() {
    for graver_on_lot in [true, false] {
        let mut ledger = Ledger::with_document(2);
        let (light, grave) = (HoldKind::CustomsHold, HoldKind::CourtFreeze);
        let (on_doc, on_lot) = if graver_on_lot { (light, grave) } else { (grave, light) };
        let until = Timestamp::new(NOW + DAY);
        ledger.put(Family::Hold, doc_id().0, &PublicHold { kind: on_doc, until });
        ledger.put(Family::Hold, lot_id(1).0, &PublicHold { kind: on_lot, until });
        assert_eq!(status(&ledger, &ledger.certificate(q2())), Verdict::Held { kind: grave });
    }
    let mut kinds = HoldKind::ALL.to_vec();
    kinds.sort_by_key(|kind| kind.gravity());
    kinds.dedup_by_key(|kind| kind.gravity());
    assert_eq!(kinds.len(), HoldKind::ALL.len(), "two kinds are equally grave");
}

#[test]
fn custody_names_the_keeper_and_the_place_of_every_lot() {
    let ledger = kept(3);
    let verdict = status(&ledger, &ledger.certificate(q7()));
    let Verdict::Custody { lots } = &verdict else { panic!("{verdict}") };
    let named: Vec<(LotId, AccountId, Member)> = lots.iter().map(|k| (k.lot, k.custodian, k.place)).collect();
    let expected: Vec<_> = (0..3).map(|n| (lot_id(n), keeper(n), Member::new(n + 1))).collect();
    assert_eq!(named, expected);
    assert_eq!((verdict.word().as_str(), verdict.exit_code()), ("CUSTODY", 13));
    assert_eq!(word(&ledger, q7()).0, "CUSTODY");
    assert!(verdict.to_string().contains("in member 3"), "{verdict}");
}

#[test]
fn custody_of_a_document_that_has_ended_is_its_state() {
    let by = DocId([77; 32]);
    assert_eq!(status_of(in_state(DocState::Converted, Some(by))), Verdict::Replaced { by });
    assert_eq!(status_of(in_state(DocState::Accomplished, None)), Verdict::Delivered);
    let mut note = Ledger::with_document(0);
    note.change_doc(|doc| doc.state = DocState::Anchored);
    assert_eq!(status_of(note), Verdict::State { state: DocState::Anchored });
}

fn status_of(ledger: Ledger) -> Verdict {
    status(&ledger, &ledger.certificate(q7()))
}

#[test]
fn a_custody_certificate_must_show_every_lot_as_it_is() {
    let ledger = kept(3);
    let whole = ledger.certificate(q7());
    for missing in 0..whole.items.len() {
        let mut certificate = whole.clone();
        certificate.items.remove(missing);
        certificate.renumber();
        assert_eq!(status(&ledger, &certificate), Verdict::Invalid, "without item {missing}");
    }
    let mut forged = whole.clone();
    let item = forged.items.iter_mut().find(|i| i.family == Family::Lot).expect("three lots");
    let opening = item.opening.as_mut().expect("shown");
    let mut lot: PublicLot = borsh::from_slice(&opening.public).expect("own leaf");
    lot.custodian = keeper(9);
    opening.public = borsh::to_vec(&lot).expect("memory");
    assert!(reason(&ledger, &forged).contains("root"), "another keeper was believed");
    let mut relabelled = whole;
    relabelled.question = q2();
    assert_eq!(status(&ledger, &relabelled), Verdict::Invalid);
}

#[test]
fn a_lot_that_stands_under_another_document_is_a_contradiction() {
    let mut ledger = kept(1);
    let lot = PublicLot {
        status: LotStatus::Active,
        title: Some(DocId([99; 32])),
        custodian: keeper(0),
        place: Member::new(1),
    };
    ledger.put(Family::Lot, lot_id(0).0, &lot);
    assert!(reason(&ledger, &ledger.certificate(q7())).contains("under another one"));
}
