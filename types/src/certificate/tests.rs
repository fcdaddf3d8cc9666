//! What a certificate must show, and what it must never be talked into.

mod history_tests;
mod ledger;
mod paper_tests;
mod words;

use super::*;
use crate::record::{PublicDoc, PublicEncumbrance, PublicFp, PublicHold, PublicReservation};
use crate::role::{DocState, HoldKind};
use crate::{DocId, Fp, GoodsKey, PublicKey};
use ledger::{DAY, Ledger, NOW, doc_id, fp1, lot_id};
use proptest::prelude::*;

fn q2() -> Question {
    Question::NotPledged { fp1: fp1() }
}

fn status(ledger: &Ledger, certificate: &StatusCertificate) -> Verdict {
    certificate.verify(&ledger.trust(), None).status
}

fn reason(ledger: &Ledger, certificate: &StatusCertificate) -> String {
    let verification = certificate.verify(&ledger.trust(), None);
    assert_eq!(verification.status, Verdict::Invalid);
    verification.integrity.to_string()
}

#[test]
fn a_free_document_with_three_lots_is_free_and_names_its_issuers_branch() {
    let ledger = Ledger::with_document(3);
    let verification = ledger.certificate(q2()).verify(&ledger.trust(), None);
    assert_eq!(verification.status, Verdict::Free, "{verification}");
    assert_eq!(verification.exit_code(), 0);
    assert!(matches!(verification.integrity, Integrity::Valid { signers: 11, validators: 15, .. }));
    let issuer = verification.issuer.expect("the document is shown");
    assert_eq!((issuer.home.get(), issuer.code.as_str()), (1, "m1"));
    assert!(matches!(verification.paper, PaperLine::NotShown { .. }));
}

#[test]
fn an_encumbrance_reservation_or_hold_on_any_lot_or_the_document_is_named() {
    let targets: Vec<[u8; 32]> = (0..3).map(|n| lot_id(n).0).chain([doc_id().0]).collect();
    for target in targets {
        let member = Member::new(2);
        let mut ledger = Ledger::with_document(3);
        let until = Timestamp::new(5);
        ledger.put(Family::Reservation, target, &PublicReservation { until, member });
        // The term passed long before the block time; the leaf still decides.
        assert_eq!(status(&ledger, &ledger.certificate(q2())), Verdict::Reserved { until, member });
        ledger.put(Family::Hold, target, &PublicHold { kind: HoldKind::Dispute, until });
        assert_eq!(status(&ledger, &ledger.certificate(q2())), Verdict::Held { kind: HoldKind::Dispute });
        let since = Height::new(40);
        let pledge = crate::PledgeId([9; 32]);
        ledger.put(Family::Encumbrance, target, &PublicEncumbrance { pledge, since_height: since, index: 3, member });
        assert_eq!(status(&ledger, &ledger.certificate(q2())), Verdict::Encumbered { since, index: 3, member });
    }
}

#[test]
fn exit_codes_are_those_of_the_specification() {
    let member = Member::new(1);
    let (since, until) = (Height::new(1), Timestamp::new(1));
    let codes = [
        (Verdict::Free, 0),
        (Verdict::Reserved { until, member }, 9),
        (Verdict::Encumbered { since, index: 0, member }, 10),
        (Verdict::Held { kind: HoldKind::CourtFreeze }, 11),
        (Verdict::Unknown, 12),
        (Verdict::Delivered, 13),
        (Verdict::Replaced { by: doc_id() }, 13),
        (Verdict::Paper, 13),
        (Verdict::State { state: DocState::Active }, 13),
        (Verdict::Unoccupied, 13),
        (Verdict::Invalid, 20),
        (Verdict::Stale { age_ms: 2, max_age_ms: 1 }, 21),
    ];
    for (verdict, code) in codes {
        assert_eq!(verdict.exit_code(), code, "{verdict}");
        assert_eq!(verdict.word() == "FREE", code == 0, "{verdict}");
    }
}

#[test]
fn every_state_but_active_is_named_and_not_free() {
    let cases = [
        (DocState::Accomplished, "DELIVERED"),
        (DocState::PaperOut, "PAPER"),
        (DocState::PendDelivery, "PEND_DELIVERY"),
        (DocState::Anchored, "ANCHORED"),
        (DocState::Void, "VOID"),
    ];
    for (state, word) in cases {
        let mut ledger = Ledger::with_document(2);
        ledger.change_doc(|doc| doc.state = state);
        let verdict = status(&ledger, &ledger.certificate(q2()));
        assert_eq!((verdict.word().as_str(), verdict.exit_code()), (word, 13));
    }
    for state in [DocState::Replaced, DocState::Converted] {
        let mut ledger = Ledger::with_document(2);
        let by = DocId([77; 32]);
        ledger.change_doc(|doc| (doc.state, doc.replaced_by) = (state, Some(by)));
        assert_eq!(status(&ledger, &ledger.certificate(q2())), Verdict::Replaced { by });
    }
}

#[test]
fn the_pledge_of_a_document_that_has_ended_is_not_denied_but_looked_for_where_it_went() {
    let by = DocId([77; 32]);
    let ask = |state, replaced_by| {
        let mut ledger = Ledger::with_document(2);
        ledger.change_doc(|doc| (doc.state, doc.replaced_by) = (state, replaced_by));
        status(&ledger, &ledger.certificate(Question::Pledge { fp1: fp1() }))
    };
    for state in [DocState::Replaced, DocState::Converted, DocState::Merged] {
        assert_eq!(ask(state, Some(by)), Verdict::Replaced { by });
    }
    assert_eq!(ask(DocState::Accomplished, None), Verdict::Delivered);
    for state in [DocState::Split, DocState::Void, DocState::Sold] {
        assert_eq!(ask(state, None), Verdict::State { state });
    }
    assert_eq!(ask(DocState::Active, None), Verdict::NotEncumbered);
}

#[test]
fn an_unregistered_fingerprint_is_unknown_for_every_question_and_never_free() {
    let ledger = Ledger::with_document(1);
    let other = Fp([123; 32]);
    for question in [
        Question::NotPledged { fp1: other },
        Question::Unknown { fp1: other },
        Question::DocStatus { fp1: other },
        Question::Pledge { fp1: other },
        Question::Custody { fp1: other },
    ] {
        assert_eq!(status(&ledger, &ledger.certificate(question)), Verdict::Unknown);
    }
    let known = ledger.certificate(Question::Unknown { fp1: fp1() });
    assert_eq!(status(&ledger, &known), Verdict::Registered { doc: doc_id() });
    let state = ledger.certificate(Question::DocStatus { fp1: fp1() });
    assert_eq!(status(&ledger, &state), Verdict::State { state: DocState::Active });
    let unpledged = ledger.certificate(Question::Pledge { fp1: fp1() });
    assert_eq!(status(&ledger, &unpledged), Verdict::NotEncumbered);
}

#[test]
fn goods_keys_and_cases_are_answered_from_their_own_leaves() {
    let mut ledger = Ledger::with_document(1);
    let (free, taken) = (GoodsKey([31; 32]), GoodsKey([32; 32]));
    ledger.put(Family::GoodsKey, taken.0, &crate::record::PublicGoodsKey { lot: lot_id(0) });
    let ask = |keys: &[GoodsKey]| ledger.certificate(Question::GoodsKeys { keys: keys.to_vec() });
    assert_eq!(status(&ledger, &ask(&[free])), Verdict::Unoccupied);
    assert_eq!(status(&ledger, &ask(&[free, taken])), Verdict::Occupied { lot: lot_id(0) });
    assert_eq!(status(&ledger, &ask(&[])), Verdict::Invalid);
    let proof = crate::ProofId([41; 32]);
    assert_eq!(status(&ledger, &ledger.certificate(Question::ProofLevel { proof })), Verdict::Unknown);
}

#[test]
fn a_case_past_its_end_has_level_zero() {
    let mut ledger = Ledger::with_document(1);
    let proof = crate::ProofId([41; 32]);
    let mut case = crate::record::PublicProof {
        id: proof,
        ver: 1,
        template: 1,
        subject: doc_id(),
        level: 3,
        state: crate::role::ProofState::Matched,
        valid_until: Timestamp::new(NOW + 1),
    };
    for (valid_until, expected) in [(NOW + 1, 3), (NOW, 0)] {
        case.valid_until = Timestamp::new(valid_until);
        ledger.put(Family::Proof, proof.0, &case);
        let verdict = status(&ledger, &ledger.certificate(Question::ProofLevel { proof }));
        assert!(matches!(verdict, Verdict::Level { level, .. } if level == expected), "{verdict}");
    }
}

#[test]
fn ten_signatures_do_not_decide() {
    let ledger = Ledger::with_document(3);
    let mut certificate = ledger.certificate(q2());
    certificate.commit.pop();
    assert!(reason(&ledger, &certificate).contains("10 signatures, 11 needed"));
    // The same member twice is not eleven.
    certificate.commit.push(certificate.commit[9]);
    assert_eq!(status(&ledger, &certificate), Verdict::Invalid);
}

#[test]
fn a_header_that_was_not_decided_is_refused() {
    let ledger = Ledger::with_document(3);
    let mut certificate = ledger.certificate(q2());
    certificate.header.time = Timestamp::new(NOW + 1);
    assert!(reason(&ledger, &certificate).contains("was not decided"));
    let mut certificate = ledger.certificate(q2());
    certificate.height = certificate.height.next();
    assert!(reason(&ledger, &certificate).contains("differ"));
}

#[test]
fn the_genesis_of_another_chain_does_not_verify() {
    let ledger = Ledger::with_document(3);
    let certificate = ledger.certificate(q2());
    let mut other = ledger.genesis.clone();
    other.name = "another".into();
    let trust = Trust { genesis: &other, ..ledger.trust() };
    assert!(certificate.verify(&trust, None).integrity.to_string().contains("made for chain"));
    // Claiming the other chain's id does not help: the header says otherwise, and so do the signatures.
    let mut relabelled = certificate;
    relabelled.chain_id = other.chain_id();
    assert_eq!(relabelled.verify(&trust, None).status, Verdict::Invalid);
    relabelled.header.chain_id = other.chain_id();
    assert_eq!(relabelled.verify(&trust, None).status, Verdict::Invalid);
}

#[test]
fn signatures_of_keys_outside_the_genesis_do_not_count() {
    let ledger = Ledger::with_document(3);
    let mut genesis = ledger.genesis.clone();
    let stranger = crate::SecretKey::from_seed([200; 32]);
    genesis.members[0].validator_key = stranger.public();
    let trust = Trust { genesis: &genesis, ..ledger.trust() };
    assert_eq!(ledger.certificate(q2()).verify(&trust, None).status, Verdict::Invalid);
}

#[test]
fn a_lot_left_out_or_an_item_too_many_is_refused() {
    let ledger = Ledger::with_document(3);
    let whole = ledger.certificate(q2());
    for missing in 0..whole.items.len() {
        let mut certificate = ledger.certificate(q2());
        certificate.items.remove(missing);
        assert_eq!(status(&ledger, &certificate), Verdict::Invalid, "without item {missing}");
    }
    let mut doubled = whole.clone();
    doubled.items.push(whole.items[13].clone());
    assert_eq!(status(&ledger, &doubled), Verdict::Invalid);
}

/// Writes a certificate whose items are those of an honest question over a document with fewer lots.
#[test]
fn a_document_shown_with_fewer_lots_than_it_has_is_refused() {
    let mut ledger = Ledger::with_document(3);
    let member = Member::new(2);
    ledger.put(Family::Reservation, lot_id(2).0, &PublicReservation { until: Timestamp::new(NOW + DAY), member });
    let mut certificate = ledger.certificate(q2());
    assert_eq!(status(&ledger, &certificate).word(), "RESERVED");
    certificate.items.retain(|item| item.id.0 != lot_id(2).0);
    certificate.renumber();
    assert!(reason(&ledger, &certificate).contains("not exactly those"));
}

#[test]
fn proofs_swapped_between_items_are_refused() {
    let mut ledger = Ledger::with_document(3);
    // With many leaves no two of the items end in the same place.
    ledger.fill(2_000);
    let whole = ledger.certificate(q2());
    for (i, j) in [(0, 1), (2, 3), (4, 9), (12, 13)] {
        let mut certificate = whole.clone();
        let (a, b) = (whole.items[i].clone(), whole.items[j].clone());
        (certificate.items[i].path, certificate.items[i].neighbour) = (b.path, b.neighbour);
        (certificate.items[j].path, certificate.items[j].neighbour) = (a.path, a.neighbour);
        assert_eq!(status(&ledger, &certificate), Verdict::Invalid, "{i} and {j}");
        let mut certificate = whole.clone();
        certificate.items.swap(i, j);
        assert_eq!(status(&ledger, &certificate), Verdict::Invalid, "{i} and {j} in another order");
    }
}

#[test]
fn the_document_of_another_fingerprint_is_refused() {
    let mut ledger = Ledger::with_document(1);
    // A ledger whose fingerprint leaf points at a document that has another identity.
    let other = Fp([55; 32]);
    ledger.put(Family::Fp, other.0, &PublicFp { doc: doc_id() });
    let certificate = ledger.certificate(Question::NotPledged { fp1: other });
    assert!(reason(&ledger, &certificate).contains("another identity"));
    let mut relabelled = ledger.certificate(q2());
    relabelled.question = Question::NotPledged { fp1: other };
    assert_eq!(status(&ledger, &relabelled), Verdict::Invalid);
}

#[test]
fn age_is_judged_by_the_header_time_and_not_by_issued_at() {
    let ledger = Ledger::with_document(1);
    let mut certificate = ledger.certificate(q2());
    certificate.issued_at = Timestamp::new(NOW + 9 * DAY);
    let at = |now: u64, max: Option<u64>| {
        let trust = Trust { now: Timestamp::new(now), max_age_ms: max, ..ledger.trust() };
        certificate.verify(&trust, None).status
    };
    assert_eq!(at(NOW + 1_000, Some(1_000)), Verdict::Free);
    assert_eq!(at(NOW + 1_001, Some(1_000)), Verdict::Stale { age_ms: 1_001, max_age_ms: 1_000 });
    assert_eq!(at(NOW + DAY, None), Verdict::Free);
}

#[test]
fn a_header_from_the_future_is_refused_beyond_the_drift() {
    let ledger = Ledger::with_document(1);
    let certificate = ledger.certificate(q2());
    let at = |now: u64| {
        let trust = Trust { now: Timestamp::new(now), ..ledger.trust() };
        certificate.verify(&trust, None).status
    };
    assert_eq!(at(NOW - 10_000), Verdict::Free);
    assert_eq!(at(NOW - 10_001), Verdict::Invalid);
}

#[test]
fn a_pinned_header_bounds_what_old_keys_can_claim() {
    let ledger = Ledger::with_document(1);
    let certificate = ledger.certificate(q2());
    let verdict = |pinned: &Header| {
        let trust = Trust { pinned: Some(pinned), ..ledger.trust() };
        certificate.verify(&trust, None).status
    };
    let same = certificate.header.clone();
    assert_eq!(verdict(&same), Verdict::Free);
    let fork = Header { writes_hash: Hash([1; 32]), ..same.clone() };
    assert_eq!(verdict(&fork), Verdict::Invalid);
    let older = Header { height: same.height.previous(), time: Timestamp::new(NOW - 1), ..same.clone() };
    assert_eq!(verdict(&older), Verdict::Free);
    let new_set = Header { next_validators_hash: Hash([2; 32]), ..older };
    assert_eq!(verdict(&new_set), Verdict::Invalid);
    let newer = Header { height: same.height.next(), time: Timestamp::new(NOW + 1), ..same.clone() };
    assert_eq!(verdict(&newer), Verdict::Free);
    let retired = Header { validators_hash: Hash([2; 32]), ..newer };
    assert_eq!(verdict(&retired), Verdict::Invalid);
}

#[test]
fn a_new_validator_set_counts_only_when_the_old_one_decided_it() {
    let ledger = Ledger::with_document(1).with_new_validators();
    let certificate = ledger.certificate(q2());
    assert_eq!(status(&ledger, &certificate), Verdict::Free);
    let mut unproved = certificate.clone();
    unproved.valset_proof.clear();
    assert!(reason(&ledger, &unproved).contains("are not those that the genesis leads to"));
    let mut unsigned = certificate;
    unsigned.valset_proof[0].commit.signatures.truncate(10);
    assert!(reason(&ledger, &unsigned).contains("was not decided"));
}

#[test]
fn both_forms_carry_the_whole_certificate() {
    let ledger = Ledger::with_document(3);
    let certificate = ledger.certificate(q2());
    assert_eq!(StatusCertificate::from_bytes(&certificate.to_bytes()).as_ref(), Ok(&certificate));
    assert_eq!(StatusCertificate::from_json(&certificate.to_json()).as_ref(), Ok(&certificate));
    assert!(matches!(StatusCertificate::from_json("{"), Err(FormatError::Malformed { .. })));
    let long = " ".repeat(bounds::CERTIFICATE_BYTES_MAX + 1);
    assert!(matches!(StatusCertificate::from_json(&long), Err(FormatError::TooLarge { .. })));
}

#[test]
fn a_document_with_three_lots_fits_six_kib_in_a_small_ledger() {
    let mut ledger = Ledger::with_document(3);
    ledger.fill(400);
    let certificate = ledger.certificate(q2());
    assert_eq!(status(&ledger, &certificate), Verdict::Free);
    let bytes = certificate.to_bytes().len();
    assert!(bytes <= 6 * 1024, "{bytes} bytes");
}

#[test]
fn a_document_with_three_lots_fits_twelve_kib_at_a_million_keys() {
    let mut ledger = Ledger::with_document(3);
    ledger.fill(1_000_000);
    let certificate = ledger.certificate(q2());
    assert_eq!(status(&ledger, &certificate), Verdict::Free);
    let bytes = certificate.to_bytes().len();
    assert!(bytes <= 12 * 1024, "{bytes} bytes");
}

/// The last eight bytes are `issued_at`, which says nothing and is covered by nothing.
const UNSIGNED_TAIL: usize = 8;

#[test]
fn no_flipped_byte_leaves_a_certificate_free() {
    let ledger = Ledger::with_document(2);
    let bytes = ledger.certificate(q2()).to_bytes();
    for position in 0..bytes.len() - UNSIGNED_TAIL {
        let mut flipped = bytes.clone();
        flipped[position] ^= 1;
        assert_ne!(verdict_of(&ledger, &flipped), Some(Verdict::Free), "byte {position}");
    }
}

fn verdict_of(ledger: &Ledger, bytes: &[u8]) -> Option<Verdict> {
    StatusCertificate::from_bytes(bytes).ok().map(|c| status(ledger, &c))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_change_of_bytes_makes_an_encumbered_document_free(
        positions in proptest::collection::vec((any::<proptest::sample::Index>(), 1u8..), 1..4),
    ) {
        let mut ledger = Ledger::with_document(2);
        let pledge = crate::PledgeId([9; 32]);
        let since_height = Height::new(4);
        let member = Member::new(1);
        ledger.put(Family::Encumbrance, lot_id(1).0, &PublicEncumbrance { pledge, since_height, index: 0, member });
        let mut bytes = ledger.certificate(q2()).to_bytes();
        for (index, mask) in positions {
            let position = index.index(bytes.len());
            bytes[position] ^= mask;
        }
        prop_assert_ne!(verdict_of(&ledger, &bytes), Some(Verdict::Free));
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let ledger = Ledger::with_document(1);
        let verdict = verdict_of(&ledger, &bytes);
        prop_assert!(verdict.is_none() || verdict == Some(Verdict::Invalid));
    }
}

impl StatusCertificate {
    /// Drops hashes that no item uses any more, as a forger would.
    fn renumber(&mut self) {
        let old = std::mem::take(&mut self.hashes);
        let mut table = HashTable::default();
        for index in self.items.iter_mut().flat_map(|item| &mut item.path) {
            *index = table.index(old[usize::from(*index)]).expect("fewer than before");
        }
        self.hashes = table.entries;
    }
}
