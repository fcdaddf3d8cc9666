//! Q8: two heights, and what may not pass for them.

use super::*;
use crate::certificate::{Change, HistoryCertificate, HistoryVerification};
use crate::{BlockId, PledgeId};

const THEN: u64 = NOW - 30 * DAY;

fn encumber(ledger: &mut Ledger) {
    let (since_height, member) = (Height::new(60), Member::new(2));
    let enc = PublicEncumbrance { pledge: PledgeId([9; 32]), since_height, index: 1, member };
    ledger.put(Family::Encumbrance, doc_id().0, &enc);
    ledger.change_doc(|doc| doc.ver += 1);
}

/// Free at height 40, pledged at height 100.
fn lent() -> (Ledger, HistoryCertificate) {
    let mut ledger = Ledger::with_document(2);
    let earlier = ledger.certificate_at(q2(), 40, THEN);
    encumber(&mut ledger);
    let later = ledger.certificate(q2());
    (ledger, HistoryCertificate::new(earlier, later))
}

fn verify(ledger: &Ledger, history: &HistoryCertificate) -> HistoryVerification {
    history.verify(&ledger.trust(), None)
}

fn refused(ledger: &Ledger, history: &HistoryCertificate) -> String {
    let answer = verify(ledger, history);
    assert_eq!((answer.exit_code(), &answer.change), (20, &None), "{answer}");
    answer.to_string()
}

#[test]
fn free_then_and_pledged_now_are_both_said_with_the_exit_code_of_the_worse() {
    let (ledger, history) = lent();
    let answer = verify(&ledger, &history);
    assert_eq!(answer.earlier.status, Verdict::Free, "{answer}");
    assert!(matches!(answer.later.status, Verdict::Encumbered { index: 1, .. }), "{answer}");
    assert_eq!(answer.change, Some(Change::Changed { doc: doc_id(), from_ver: 1, to_ver: 2 }));
    assert_eq!(answer.exit_code(), 10);
    let read = HistoryCertificate::from_json(&history.to_json());
    assert_eq!(read.as_ref(), Ok(&history));
}

#[test]
fn the_earlier_half_may_be_old_but_the_later_may_not() {
    let ledger = Ledger::with_document(1);
    let earlier = ledger.certificate_at(q2(), 40, THEN);
    let fresh = HistoryCertificate::new(earlier.clone(), ledger.certificate(q2()));
    let answer = verify(&ledger, &fresh);
    assert_eq!(answer.change, Some(Change::Unchanged { doc: doc_id(), ver: 1 }), "{answer}");
    assert_eq!(answer.exit_code(), 0);
    let stale = HistoryCertificate::new(earlier, ledger.certificate_at(q2(), 41, THEN + 1));
    let answer = verify(&ledger, &stale);
    assert_eq!((&answer.earlier.status, answer.exit_code()), (&Verdict::Free, 21), "{answer}");
}

#[test]
fn a_document_registered_renewed_or_absent_in_between_is_named() {
    let empty = || {
        let mut ledger = Ledger::with_document(1);
        ledger.remove(Family::Fp, fp1().0);
        ledger
    };
    let change = |then: &Ledger, now: &Ledger| {
        let halves = (then.certificate_at(q2(), 40, THEN), now.certificate(q2()));
        verify(now, &HistoryCertificate::new(halves.0, halves.1))
    };
    let registered = Ledger::with_document(1);
    let absent = change(&empty(), &empty());
    assert_eq!((&absent.change, absent.exit_code()), (&Some(Change::Absent), 12));
    let came = change(&empty(), &registered);
    assert_eq!(came.change, Some(Change::Registered { doc: doc_id(), ver: 1 }));
    // Free now, but nobody knew the document then: 0 would say that it was free all along.
    assert_eq!((&came.later.status, came.exit_code()), (&Verdict::Free, 12));
    let mut renewed = Ledger::with_document(1);
    let to = DocId([78; 32]);
    renewed.rename_doc(to);
    assert_eq!(change(&registered, &renewed).change, Some(Change::Renewed { from: doc_id(), to }));
    // What the ledger once knew it does not forget.
    assert_eq!(change(&registered, &empty()).exit_code(), 20);
}

#[test]
fn swapped_halves_and_one_half_twice_prove_nothing() {
    let (ledger, history) = lent();
    let swapped = HistoryCertificate::new(history.later.clone(), history.earlier.clone());
    // Swapped, the old half would be the later one: it is too old before it is out of order.
    let patient = Trust { max_age_ms: None, ..ledger.trust() };
    let answer = swapped.verify(&patient, None);
    assert_eq!(answer.exit_code(), 20, "{answer}");
    assert!(answer.to_string().contains("not below"), "{answer}");
    let twice = HistoryCertificate::new(history.later.clone(), history.later.clone());
    assert!(refused(&ledger, &twice).contains("not below"));
}

#[test]
fn halves_with_mixed_parts_prove_nothing() {
    let (ledger, history) = lent();
    let mut mixed = history.clone();
    std::mem::swap(&mut mixed.earlier.items, &mut mixed.later.items);
    std::mem::swap(&mut mixed.earlier.hashes, &mut mixed.later.hashes);
    refused(&ledger, &mixed);
    let mut mixed = history.clone();
    std::mem::swap(&mut mixed.earlier.header, &mut mixed.later.header);
    assert!(refused(&ledger, &mixed).contains("differ"));
    let mut mixed = history.clone();
    std::mem::swap(&mut mixed.earlier.commit, &mut mixed.later.commit);
    assert!(refused(&ledger, &mixed).contains("was not decided"));
    let mut mixed = history;
    mixed.earlier.height = mixed.later.height;
    assert!(refused(&ledger, &mixed).contains("differ"));
}

#[test]
fn halves_that_answer_different_questions_prove_nothing() {
    let (ledger, history) = lent();
    let state = Question::DocStatus { fp1: fp1() };
    let other = HistoryCertificate::new(ledger.certificate_at(state, 40, THEN), history.later.clone());
    assert!(refused(&ledger, &other).contains("different questions"));
    let keys = Question::GoodsKeys { keys: vec![GoodsKey([1; 32])] };
    let goods = HistoryCertificate::new(ledger.certificate_at(keys.clone(), 40, THEN), ledger.certificate(keys));
    assert!(refused(&ledger, &goods).contains("not about a document"));
    let unknown = HistoryCertificate { version: 2, ..history };
    assert!(refused(&ledger, &unknown).contains("version 2"));
}

#[test]
fn a_version_that_goes_back_or_a_record_that_changes_without_one_is_refused() {
    let mut ledger = Ledger::with_document(1);
    let at_one = ledger.certificate_at(q2(), 40, THEN);
    ledger.change_doc(|doc| doc.home = Member::new(5));
    let silent = HistoryCertificate::new(at_one.clone(), ledger.certificate(q2()));
    assert!(refused(&ledger, &silent).contains("lower version"));
    ledger.change_doc(|doc| doc.ver = 0);
    let backward = HistoryCertificate::new(at_one, ledger.certificate(q2()));
    assert!(refused(&ledger, &backward).contains("lower version"));
}

#[test]
fn a_pinned_header_binds_both_halves() {
    let (ledger, history) = lent();
    let fork = Header { parent: BlockId([7; 32]), ..history.earlier.header.clone() };
    let trust = Trust { pinned: Some(&fork), ..ledger.trust() };
    assert_eq!(history.verify(&trust, None).exit_code(), 20);
    let trust = Trust { pinned: Some(&history.earlier.header), ..ledger.trust() };
    assert_eq!(history.verify(&trust, None).exit_code(), 10);
}

#[test]
fn no_flipped_byte_of_the_earlier_half_leaves_the_history_valid() {
    let (ledger, history) = lent();
    let bytes = history.earlier.to_bytes();
    for position in 0..bytes.len() - UNSIGNED_TAIL {
        let mut flipped = bytes.clone();
        flipped[position] ^= 1;
        if let Ok(earlier) = StatusCertificate::from_bytes(&flipped) {
            let forged = HistoryCertificate { earlier, ..history.clone() };
            assert_eq!(verify(&ledger, &forged).exit_code(), 20, "byte {position}");
        }
    }
}
