//! Tests of the `authenticity` module.

use crate::kit::{Bill, DAY, HOUR, MemoryState, Paper, SECOND, Setup, World, commit, event, events};
use landsea_chaincode::authenticity::{level_at, level_for};
use landsea_chaincode::view::{Due, due_key};
use landsea_types::event::EventName;
use landsea_types::fingerprint::field;
use landsea_types::genesis::templates::{EXPORT_RAIL_SEA_ID, built_in};
use landsea_types::operation::authenticity::{Attest, FieldTags, Open, Refuse, WithdrawAttestation};
use landsea_types::record::Proof;
use landsea_types::role::{AttestResult, DocKind, DocState, ProofState, Role};
use landsea_types::state::{Family, Table};
use landsea_types::{AccountId, Code, DocId, Hash, Operation, Outcome, ProofId, Timestamp};
use std::collections::BTreeSet;

mod link;
mod marks;
mod matching;
mod physical;
mod templates;

const SINGLE_WINDOW: &str = "SW";
const CONTAINERS: &[&str] = &["XLHU2601019", "XLHU2601024", "XLHU2601030"];
const OTHER_CONTAINERS: &[&str] = &["XLHU2601019", "XLHU2601030", "XLHU2601045"];

type Fields = Vec<(u16, &'static [&'static str])>;

fn world() -> World {
    grouped(&[])
}

fn grouped(groups: &[(&'static str, &'static str)]) -> World {
    World::with(Setup { templates: built_in(), groups: groups.to_vec(), ..Setup::default() })
}

/// What a truthful copy of each paper of the first scenario says.
fn truth(kind: DocKind) -> Fields {
    let all: [(u16, &'static [&'static str], &[DocKind]); 10] = [
        (field::CONSIGNOR, &["E5"], &[DocKind::DECLARATION, DocKind::INVOICE, DocKind::LEG_NOTE_CN, DocKind::NCD]),
        (field::CONTAINERS, CONTAINERS, &[DocKind::DECLARATION, DocKind::LEG_NOTE_CN, DocKind::NCD]),
        (field::PACKAGES, &["9"], &[DocKind::DECLARATION, DocKind::LEG_NOTE_CN, DocKind::NCD]),
        (field::GROSS_WEIGHT, &["611", "612", "613"], &[DocKind::DECLARATION, DocKind::LEG_NOTE_CN, DocKind::NCD]),
        (field::HS, &["842952"], &[DocKind::DECLARATION, DocKind::INVOICE, DocKind::NCD]),
        (field::DESTINATION_COUNTRY, &["SG"], &[DocKind::DECLARATION, DocKind::NCD]),
        (field::CONTRACT_NUMBER, &["BYZJSTR2026088"], &[DocKind::DECLARATION, DocKind::INVOICE]),
        (field::INVOICE_NUMBER, &["BYINV26030201"], &[DocKind::DECLARATION, DocKind::INVOICE]),
        (field::AMOUNT, &["USD41850000"], &[DocKind::DECLARATION, DocKind::INVOICE]),
        (field::TRANSPORT_DOCUMENT, &["SHLTCKGSIN2026000417"], &[DocKind::DECLARATION, DocKind::NCD]),
    ];
    let stated = all.into_iter().filter(|(_, _, kinds)| kinds.contains(&kind));
    stated.map(|(field, values, _)| (field, values)).collect()
}

/// The same copy with one field changed.
fn with_field(kind: DocKind, field: u16, values: &'static [&'static str]) -> Fields {
    let mut fields = truth(kind);
    fields.retain(|(id, _)| *id != field);
    fields.push((field, values));
    fields.sort_by_key(|(id, _)| *id);
    fields
}

/// The evidence paper of a kind; an NCD is the bill itself.
fn paper(kind: DocKind) -> Paper {
    match kind {
        DocKind::NCD => Bill::s1().paper,
        kind => Paper::new(&format!("paper of kind {}", kind.0), &[]),
    }
}

fn attest_op(w: &World, by: &str, proof: &ProofId, kind: DocKind, fields: &Fields) -> Operation {
    w.attest_op(by, proof, kind, &paper(kind), fields)
}

fn attest(w: &mut World, by: &str, proof: &ProofId, kind: DocKind) -> Outcome {
    let op = attest_op(w, by, proof, kind, &truth(kind));
    w.ok(by, op, &[])
}

fn attest_code(w: &mut World, by: &str, proof: &ProofId, kind: DocKind, fields: &Fields) -> Code {
    let op = attest_op(w, by, proof, kind, fields);
    w.code(by, op, &[])
}

/// An attestation with something changed.
fn spoilt(w: &mut World, by: &str, proof: &ProofId, kind: DocKind, spoil: impl Fn(&mut Attest)) -> Outcome {
    let Operation::AuthenticityAttest(mut body) = attest_op(w, by, proof, kind, &truth(kind)) else {
        panic!("an attestation")
    };
    spoil(&mut body);
    w.submit(by, Operation::AuthenticityAttest(body), &[])
}

fn withdraw_op(w: &World, proof: &ProofId, kind: DocKind) -> Operation {
    let (expect_ver, evidence) = (w.proof(proof).ver, commit("amended"));
    Operation::AuthenticityWithdrawAttestation(WithdrawAttestation {
        proof: *proof,
        expect_ver,
        doc_kind: kind,
        evidence,
    })
}

fn refuse_op(w: &World, proof: &ProofId, kind: DocKind) -> Operation {
    let (expect_ver, evidence) = (w.proof(proof).ver, commit("not known here"));
    Operation::AuthenticityRefuse(Refuse { proof: *proof, expect_ver, doc_kind: kind, evidence })
}

/// The bill of the first scenario with a case opened by its holder.
fn opened(w: &mut World) -> (DocId, ProofId) {
    let doc = w.issue_bill(&Bill::s1());
    let proof = w.open_proof("E5", &doc, EXPORT_RAIL_SEA_ID);
    (doc, proof)
}

/// A case at level 3: declaration, leg note, bill and invoice attested.
fn matched(w: &mut World) -> (DocId, ProofId) {
    let (doc, proof) = opened(w);
    for (by, kind) in FOUR {
        attest(w, by, &proof, kind);
    }
    assert_eq!(w.proof(&proof).level, 3);
    (doc, proof)
}

const FOUR: [(&str, DocKind); 4] = [
    (SINGLE_WINDOW, DocKind::DECLARATION),
    ("R-CD", DocKind::LEG_NOTE_CN),
    ("MTO", DocKind::NCD),
    ("TAXG", DocKind::INVOICE),
];

fn open_body(w: &World, doc: &DocId) -> Open {
    let Operation::AuthenticityOpen(body) = w.open_op(doc, EXPORT_RAIL_SEA_ID) else { panic!("an opening") };
    body
}

fn open_code(w: &mut World, by: &str, body: Open, consents: &[&str]) -> (Code, Vec<u64>) {
    let outcome = w.submit(by, Operation::AuthenticityOpen(body), consents);
    (outcome.code, outcome.args)
}

// ---- levels

#[test]
fn four_independent_attesters_who_agree_make_level_three() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    assert_eq!((w.proof(&proof).state, w.proof(&proof).level), (ProofState::Open, 1));
    let mut levels = Vec::new();
    for (by, kind) in FOUR {
        let outcome = attest(&mut w, by, &proof, kind);
        assert_eq!(event(&outcome, EventName::Attested).args, [u64::from(kind.0), 0]);
        levels.extend(events(&outcome, EventName::ProofMatched).iter().map(|e| e.args[0]));
    }
    assert_eq!(levels, [2, 3]);
    let case = w.proof(&proof);
    assert_eq!((case.state, case.level, case.contradiction), (ProofState::Matched, 3, None));
    assert_eq!(case.ver, 5);
}

#[test]
fn a_field_stated_by_one_source_is_neither_match_nor_mismatch() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    // Without the bill the transport document number stands on the declaration alone.
    for (by, kind) in FOUR.into_iter().filter(|(by, _)| *by != "MTO") {
        attest(&mut w, by, &proof, kind);
    }
    assert_eq!((w.proof(&proof).state, w.proof(&proof).level), (ProofState::Open, 1));
    attest(&mut w, "MTO", &proof, DocKind::NCD);
    assert_eq!(w.proof(&proof).level, 3);
}

#[test]
fn the_issuers_own_word_makes_level_two() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    attest(&mut w, "MTO", &proof, DocKind::NCD);
    assert_eq!((w.proof(&proof).state, w.proof(&proof).level), (ProofState::Matched, 2));
}

#[test]
fn the_carrier_of_an_adopted_leg_note_makes_level_two_and_a_stray_note_does_not() {
    for (number, level) in [("paper of kind 1", 2), ("another note", 1)] {
        let mut w = world();
        let mut bill = w.issue_body(&Bill::s1());
        let leg = landsea_types::operation::waybill::NewLeg {
            mode: landsea_types::role::LegMode::Rail,
            regime: landsea_types::role::LegRegime::CnDomestic,
            from: *b"CNTJC   ",
            to: *b"CNQZH   ",
            carrier: w.account("R-CD"),
        };
        bill.legs = vec![leg];
        let outcome = w.ok("MTO", Operation::WaybillIssue(bill), &["E5"]);
        let doc = DocId(event(&outcome, EventName::DocIssued).subject.0);
        w.edit(|view| {
            let mut changed = view.doc(&doc).expect("issued");
            changed.legs[0].note_fp = Paper::new(number, &[]).fp1();
            view.put_doc(&changed);
        });
        let proof = w.open_proof("E5", &doc, EXPORT_RAIL_SEA_ID);
        attest(&mut w, "R-CD", &proof, DocKind::LEG_NOTE_CN);
        assert_eq!(w.proof(&proof).level, level, "{number}");
    }
}

#[test]
fn attesters_of_one_group_count_once() {
    let mut w = grouped(&[("SW", "state"), ("TAXG", "state")]);
    let (_, proof) = opened(&mut w);
    for (by, kind) in FOUR {
        attest(&mut w, by, &proof, kind);
    }
    // Invoice and declaration come from one source now: the contract number has one source, and the quorum two.
    assert_eq!(w.proof(&proof).level, 2);
}

#[test]
fn one_source_does_not_fill_two_seats_of_the_quorum() {
    let mut w = grouped(&[("INS", "shared"), ("R-CD", "shared")]);
    let (_, proof) = opened(&mut w);
    attest(&mut w, SINGLE_WINDOW, &proof, DocKind::DECLARATION);
    attest(&mut w, "R-CD", &proof, DocKind::LEG_NOTE_CN);
    attest(&mut w, "INS", &proof, DocKind::INVOICE);
    // CUSTOMS, and one group that is both carrier and insurer: the third seat stays empty until the MTO sits in.
    assert!(w.proof(&proof).level < 3);
    attest(&mut w, "MTO", &proof, DocKind::NCD);
    assert_eq!(w.proof(&proof).level, 3);
}

#[test]
fn a_bank_counts_unless_it_finances() {
    for (financing, level) in [(None, 3), (Some("B2"), 3), (Some("B1"), 2)] {
        let mut w = world();
        let doc = w.issue_bill(&Bill::s1());
        let mut body = open_body(&w, &doc);
        body.financing_bank = financing.map(|tag| w.account(tag));
        let outcome = w.ok("E5", Operation::AuthenticityOpen(body), &[]);
        let proof = ProofId(event(&outcome, EventName::ProofOpened).subject.0);
        for (by, kind) in FOUR {
            let by = if by == "TAXG" { "B1" } else { by };
            attest(&mut w, by, &proof, kind);
        }
        assert_eq!(w.proof(&proof).level, level, "financed by {financing:?}");
    }
}

#[test]
fn the_group_of_the_financing_bank_does_not_count_either() {
    let mut w = grouped(&[("B1", "holding"), ("TAXG", "holding")]);
    let doc = w.issue_bill(&Bill::s1());
    let mut body = open_body(&w, &doc);
    body.financing_bank = Some(w.account("B1"));
    let outcome = w.ok("E5", Operation::AuthenticityOpen(body), &[]);
    let proof = ProofId(event(&outcome, EventName::ProofOpened).subject.0);
    for (by, kind) in FOUR {
        attest(&mut w, by, &proof, kind);
    }
    assert_eq!(w.proof(&proof).level, 2);
}

#[test]
fn a_level_that_rests_on_the_pledgee_is_lower_for_that_pledgee() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    for (by, kind) in FOUR {
        let by = if by == "TAXG" { "B1" } else { by };
        attest(&mut w, by, &proof, kind);
    }
    let case = w.proof(&proof);
    let view = w.state.view();
    assert_eq!(level_for(&view, &case, &w.account("B1"), w.time), 2);
    assert_eq!(level_for(&view, &case, &w.account("B2"), w.time), 3);
}

// ---- contradiction

#[test]
fn different_container_sets_contradict_the_case_for_good() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let wrong = with_field(DocKind::DECLARATION, field::CONTAINERS, OTHER_CONTAINERS);
    let op = attest_op(&w, SINGLE_WINDOW, &proof, DocKind::DECLARATION, &wrong);
    w.ok(SINGLE_WINDOW, op, &[]);
    let outcome = attest(&mut w, "R-CD", &proof, DocKind::LEG_NOTE_CN);
    let alarm = event(&outcome, EventName::ProofContradicted);
    assert_eq!(alarm.args, [u64::from(field::CONTAINERS)]);
    // Both branches hear of it: Chongqing of the declaration, Sichuan of the carrier.
    assert_eq!(alarm.members, [w.member("cq"), w.member("sc")]);
    let case = w.proof(&proof);
    assert_eq!((case.state, case.level, case.contradiction), (ProofState::Contradicted, 0, Some(field::CONTAINERS)));

    // Later attestations are recorded, and taking the wrong one back heals nothing.
    attest(&mut w, "MTO", &proof, DocKind::NCD);
    let op = withdraw_op(&w, &proof, DocKind::DECLARATION);
    w.ok(SINGLE_WINDOW, op, &[]);
    attest(&mut w, SINGLE_WINDOW, &proof, DocKind::DECLARATION);
    attest(&mut w, "TAXG", &proof, DocKind::INVOICE);
    let case = w.proof(&proof);
    assert_eq!((case.state, case.level, case.attestations.len()), (ProofState::Contradicted, 0, 4));
    assert_eq!(level_at(&case, w.time), 0);
}

#[test]
fn an_optional_field_does_not_contradict() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    for ((by, kind), buyer) in FOUR.into_iter().zip([&["F1"] as &[&str], &["F2"], &["F3"], &["F3"]]) {
        let fields = with_field(kind, field::BUYER, buyer);
        assert_eq!(attest_code(&mut w, by, &proof, kind, &fields), Code::Ok);
    }
    assert_eq!(w.proof(&proof).level, 3);
}

#[test]
fn a_field_that_the_paper_is_no_source_of_is_not_compared() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    attest(&mut w, SINGLE_WINDOW, &proof, DocKind::DECLARATION);
    // A leg note carries its own number; the number of the title bill is not its to state.
    let fields = with_field(DocKind::LEG_NOTE_CN, field::TRANSPORT_DOCUMENT, &["CD2026TJC0304417"]);
    assert_eq!(attest_code(&mut w, "R-CD", &proof, DocKind::LEG_NOTE_CN, &fields), Code::Ok);
    assert_eq!(w.proof(&proof).state, ProofState::Open);
}

// ---- over time

#[test]
fn withdrawing_degrades_and_alerts_the_pledgee_without_naming_it_to_others() {
    let mut w = world();
    let (doc, proof) = matched(&mut w);
    w.pledge_doc("B2", "E5", "MTO", &doc, &Bill::s1().paper);
    let op = withdraw_op(&w, &proof, DocKind::INVOICE);
    let outcome = w.ok("TAXG", op, &[]);
    let bank = w.account("B2");
    let notice = event(&outcome, EventName::AttWithdrawn);
    assert!(notice.members.contains(&w.member("gx")) && !notice.parties.contains(&bank));
    let alert = event(&outcome, EventName::ProofDegraded);
    assert_eq!((alert.args.as_slice(), alert.parties.as_slice()), (&[2, 3][..], &[bank][..]));
    assert!(alert.members.contains(&w.member("gx")));
    let case = w.proof(&proof);
    assert_eq!((case.state, case.level), (ProofState::Degraded, 2));

    // The amended declaration is attested again and the case matches again.
    let outcome = attest(&mut w, "TAXG", &proof, DocKind::INVOICE);
    assert_eq!(event(&outcome, EventName::ProofMatched).args, [3]);
    assert_eq!(w.proof(&proof).state, ProofState::Matched);
}

#[test]
fn only_an_own_standing_attestation_can_be_withdrawn() {
    let mut w = world();
    let (_, proof) = matched(&mut w);
    let op = withdraw_op(&w, &proof, DocKind::INVOICE);
    let outcome = w.submit("INS", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args.as_slice()), (Code::UnknownObject, &[1][..]));
    w.ok("TAXG", op, &[]);
    let again = withdraw_op(&w, &proof, DocKind::INVOICE);
    assert_eq!(w.code("TAXG", again, &[]), Code::AttestationExpired);
}

#[test]
fn a_refusal_replaces_the_confirmation_of_the_same_paper() {
    let mut w = world();
    let (_, proof) = matched(&mut w);
    let op = refuse_op(&w, &proof, DocKind::INVOICE);
    let outcome = w.ok("TAXG", op, &[]);
    let refused = AttestResult::Refused as u64;
    assert_eq!(event(&outcome, EventName::Attested).args, [u64::from(DocKind::INVOICE.0), refused]);
    assert_eq!(event(&outcome, EventName::ProofDegraded).args, [2, 3]);
    let case = w.proof(&proof);
    assert_eq!((case.state, case.level, case.attestations.len()), (ProofState::Degraded, 2, 4));
}

#[test]
fn an_attestation_that_ends_degrades_the_case_at_its_time() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    for (by, kind) in &FOUR[..3] {
        attest(&mut w, by, &proof, *kind);
    }
    let until = w.next_time().saturating_add(HOUR);
    assert_eq!(spoilt(&mut w, "TAXG", &proof, DocKind::INVOICE, |a| a.until = until).code, Code::Ok);
    let case = w.proof(&proof);
    let before = Timestamp::new(until.get() - 1);
    let bank = w.account("B1");
    assert_eq!((level_at(&case, before), level_for(&w.state.view(), &case, &bank, before)), (3, 3));
    assert!(level_at(&case, until) < 3);
    assert_eq!(level_for(&w.state.view(), &case, &bank, until), 2);

    let swept = w.pass(2 * HOUR).expect("the attestation has ended");
    assert_eq!(event(&swept, EventName::ProofDegraded).args, [2, 3]);
    assert_eq!((w.proof(&proof).state, w.proof(&proof).level), (ProofState::Degraded, 2));
}

#[test]
fn a_case_ends_with_the_time_of_its_template() {
    let mut w = world();
    let (_, proof) = matched(&mut w);
    let end = w.proof(&proof).valid_until;
    let last = Timestamp::new(end.get() - 1);
    let case = w.proof(&proof);
    assert_eq!((level_at(&case, last), level_at(&case, end)), (3, 0));
    let swept = w.pass(90 * DAY).expect("the case has ended");
    assert_eq!(event(&swept, EventName::ProofDegraded).args, [0, 3]);
    assert_eq!((w.proof(&proof).state, w.proof(&proof).level), (ProofState::Expired, 0));
    for (by, op) in [
        ("TAXG", attest_op(&w, "TAXG", &proof, DocKind::INVOICE, &truth(DocKind::INVOICE))),
        ("TAXG", refuse_op(&w, &proof, DocKind::INVOICE)),
        ("TAXG", withdraw_op(&w, &proof, DocKind::INVOICE)),
    ] {
        assert_eq!(w.code(by, op, &[]), Code::AttestationExpired);
    }
}

#[test]
fn an_operation_in_the_block_of_the_end_meets_an_ended_case() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let case = w.proof(&proof);
    w.advance(90 * DAY);
    let op = attest_op(&w, "TAXG", &proof, DocKind::INVOICE, &truth(DocKind::INVOICE));
    // The end is applied first; the version is compared as the sender saw it.
    assert_eq!(w.code("TAXG", op, &[]), Code::AttestationExpired);
    assert_eq!((w.proof(&proof).state, w.proof(&proof).ver), (ProofState::Expired, case.ver + 1));
}

#[test]
fn a_case_that_names_a_level_too_low_bars_the_pledge() {
    for (containers, minimum, code) in [
        (CONTAINERS, 3, Code::Ok),
        (OTHER_CONTAINERS, 3, Code::ProofLevelTooLow),
        (CONTAINERS, 4, Code::ProofLevelTooLow),
    ] {
        let mut w = world();
        let (doc, proof) = opened(&mut w);
        for (by, kind) in FOUR {
            let fields = if by == "R-CD" { with_field(kind, field::CONTAINERS, containers) } else { truth(kind) };
            assert_eq!(attest_code(&mut w, by, &proof, kind, &fields), Code::Ok);
        }
        let mut body = w.create_body("B1", "E5", &[(doc, &Bill::s1().paper)]);
        (body.proof, body.proof_min_level) = (Some(proof), minimum);
        assert_eq!(w.code("B1", Operation::PledgeCreate(body), &["E5", "MTO"]), code);
    }
}

#[test]
fn a_pledge_does_not_rest_on_the_word_of_its_own_bank() {
    for (bank, code) in [("B1", Code::ProofLevelTooLow), ("B2", Code::Ok)] {
        let mut w = world();
        let (doc, proof) = opened(&mut w);
        for (by, kind) in FOUR {
            let by = if by == "TAXG" { "B1" } else { by };
            attest(&mut w, by, &proof, kind);
        }
        let mut body = w.create_body(bank, "E5", &[(doc, &Bill::s1().paper)]);
        (body.proof, body.proof_min_level) = (Some(proof), 3);
        assert_eq!(w.code(bank, Operation::PledgeCreate(body), &["E5", "MTO"]), code, "{bank}");
    }
}

// ---- refusals of open

#[test]
fn a_bank_opens_with_the_holders_consent_and_then_finances() {
    let mut w = world();
    let doc = w.issue_bill(&Bill::s1());
    let body = open_body(&w, &doc);
    assert_eq!(open_code(&mut w, "B1", body.clone(), &[]), (Code::ConsentMissing, vec![0]));
    let stolen = w.consent("E5", "B2", &Operation::AuthenticityOpen(body.clone()));
    let outcome = w.submit_with("B1", Operation::AuthenticityOpen(body.clone()), vec![stolen]);
    assert_eq!(outcome.code, Code::ConsentInvalid);
    let outcome = w.ok("B1", Operation::AuthenticityOpen(body), &["E5"]);
    let opened = event(&outcome, EventName::ProofOpened);
    assert!(!opened.parties.contains(&w.account("B1")), "no event names a bank");
    let case = w.proof(&ProofId(opened.subject.0));
    assert_eq!((case.applicant, case.owner), (w.account("B1"), w.account("E5")));
    assert_eq!(case.financing_bank, Some(w.account("B1")));
}

#[test]
fn the_beneficiary_of_a_pledged_document_may_still_open_a_case() {
    let mut w = world();
    let (doc, _) = w.pledged_bill(&Bill::s1());
    w.open_proof("E5", &doc, EXPORT_RAIL_SEA_ID);
    let body = open_body(&w, &doc);
    assert_eq!(open_code(&mut w, "B1", body.clone(), &[]), (Code::ConsentMissing, vec![0]));
    assert_eq!(open_code(&mut w, "B1", body, &["E5"]).0, Code::Ok);
}

#[test]
fn opening_answers_each_defect_with_its_code() {
    let mut w = world();
    let doc = w.issue_bill(&Bill::s1());
    let body = open_body(&w, &doc);
    let nobody = AccountId([1; 32]);
    assert_eq!(open_code(&mut w, "MTO", body.clone(), &[]).0, Code::RoleNotPermitted);
    let unknown = Open { doc: DocId([1; 32]), ..body.clone() };
    assert_eq!(open_code(&mut w, "E5", unknown, &[]), (Code::UnknownObject, vec![0]));
    let no_bank = Open { financing_bank: Some(nobody), ..body.clone() };
    assert_eq!(open_code(&mut w, "E5", no_bank, &[]), (Code::UnknownObject, vec![1]));
    let stale = Open { expect_ver: 9, ..body.clone() };
    assert_eq!(open_code(&mut w, "E5", stale, &[]).0, Code::StaleVersion);
    let template = Open { template: 999, ..body.clone() };
    assert_eq!(open_code(&mut w, "E5", template, &[]).0, Code::UnknownTemplate);
    assert_eq!(open_code(&mut w, "E6", body.clone(), &[]).0, Code::NotHolder);
    w.suspend("E5");
    assert_eq!(open_code(&mut w, "E5", body.clone(), &[]).0, Code::PartySuspended);
    assert_eq!(open_code(&mut w, "B1", body, &["E5"]).0, Code::PartySuspended);
}

#[test]
fn a_document_that_has_ended_or_is_on_paper_is_no_subject() {
    for (state, code) in [(DocState::Accomplished, Code::DocumentState), (DocState::PaperOut, Code::PaperIsOut)] {
        let mut w = world();
        let doc = w.issue_bill(&Bill::s1());
        w.checking = false;
        w.edit(|view| {
            let mut changed = view.doc(&doc).expect("issued");
            changed.state = state;
            view.put_doc(&changed);
        });
        let body = open_body(&w, &doc);
        assert_eq!(open_code(&mut w, "E5", body, &[]).0, code);
    }
}

#[test]
fn of_two_defects_of_an_opening_the_earlier_step_wins() {
    let mut w = world();
    let doc = w.issue_bill(&Bill::s1());
    let body = Open { template: 999, ..open_body(&w, &doc) };
    assert_eq!(open_code(&mut w, "E6", body.clone(), &[]).0, Code::UnknownTemplate, "5 before 11");
    let body = Open { expect_ver: 9, ..body };
    assert_eq!(open_code(&mut w, "E6", body.clone(), &[]).0, Code::StaleVersion, "4 before 5");
    assert_eq!(open_code(&mut w, "SUP", body, &[]).0, Code::RoleNotPermitted, "3 before 4");
}

// ---- refusals of attest, refuse, withdraw

#[test]
fn only_attester_roles_in_good_standing_attest() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let kind = DocKind::INVOICE;
    for by in ["E5", "E6", "cq"] {
        let ops =
            [attest_op(&w, by, &proof, kind, &truth(kind)), refuse_op(&w, &proof, kind), withdraw_op(&w, &proof, kind)];
        for op in ops {
            assert_eq!(w.code(by, op, &[]), Code::RoleNotPermitted, "{by}");
        }
    }
    w.suspend("TAXG");
    let op = attest_op(&w, "TAXG", &proof, kind, &truth(kind));
    assert_eq!(w.code("TAXG", op, &[]), Code::PartySuspended);
}

#[test]
fn an_attestation_answers_each_defect_with_its_code() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let (by, kind) = ("TAXG", DocKind::INVOICE);
    let code = |w: &mut World, spoil: &dyn Fn(&mut Attest)| spoilt(w, by, &proof, kind, spoil).code;
    assert_eq!(code(&mut w, &|a| a.proof = ProofId([1; 32])), Code::UnknownObject);
    assert_eq!(code(&mut w, &|a| a.expect_ver += 1), Code::StaleVersion);
    assert_eq!(code(&mut w, &|a| a.expect_ver = 0), Code::StaleVersion);
    assert_eq!(code(&mut w, &|a| a.doc_kind = DocKind::SITE), Code::UnknownTemplate);
    assert_eq!(code(&mut w, &|a| a.doc_kind = DocKind::CONTRACT), Code::TicketInvalid);
    assert_eq!(code(&mut w, &|a| a.ticket.body.fp1 = Default::default()), Code::TicketInvalid);
    assert_eq!(code(&mut w, &|a| a.result = AttestResult::Refused), Code::TooLarge);
    let now = w.next_time();
    assert_eq!(code(&mut w, &|a| a.until = now), Code::AttestationExpired);
    let many = |a: &mut Attest| a.fields[0].tags = (0..=512u16).map(tag).collect();
    assert_eq!(code(&mut w, &many), Code::TooLarge);
    let foreign = w.ticket("INS", kind, &paper(kind));
    assert_eq!(code(&mut w, &|a| a.ticket = foreign.clone()), Code::TicketInvalid);
}

fn tag(n: u16) -> Hash {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    Hash(bytes)
}

#[test]
fn malformed_tags_name_their_field() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let eq = field::CONSIGNOR;
    let set = field::CONTAINERS;
    let cases: [(Vec<FieldTags>, u16); 5] = [
        (vec![FieldTags { field: eq, tags: vec![] }], eq),
        (vec![FieldTags { field: eq, tags: vec![tag(1), tag(2)] }], eq),
        (vec![FieldTags { field: set, tags: vec![tag(2), tag(1)] }], set),
        (vec![FieldTags { field: set, tags: vec![tag(1), tag(1)] }], set),
        (vec![FieldTags { field: set, tags: vec![tag(1)] }, FieldTags { field: eq, tags: vec![tag(1)] }], eq),
    ];
    for (fields, named) in cases {
        let outcome = spoilt(&mut w, SINGLE_WINDOW, &proof, DocKind::DECLARATION, |a| a.fields = fields.clone());
        assert_eq!((outcome.code, outcome.args.as_slice()), (Code::FieldMismatch, &[u64::from(named)][..]));
    }
}

#[test]
fn a_copy_of_the_subjects_kind_must_be_the_subject() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let op = w.attest_op("MTO", &proof, DocKind::NCD, &Paper::new("another bill", &[]), &truth(DocKind::NCD));
    assert_eq!(w.code("MTO", op, &[]), Code::TicketInvalid);
}

#[test]
fn the_applicants_group_does_not_attest_its_own_trade() {
    let mut w = grouped(&[("E5", "family"), ("INS", "family")]);
    let (doc, proof) = opened(&mut w);
    let kind = DocKind::INVOICE;
    assert_eq!(attest_code(&mut w, "INS", &proof, kind, &truth(kind)), Code::AttesterNotIndependent);
    let op = refuse_op(&w, &proof, kind);
    assert_eq!(w.code("INS", op, &[]), Code::AttesterNotIndependent);
    // Also when a bank opens the case: the firm behind the document is what counts.
    let body = open_body(&w, &doc);
    let outcome = w.ok("B1", Operation::AuthenticityOpen(body), &["E5"]);
    let proof = ProofId(event(&outcome, EventName::ProofOpened).subject.0);
    assert_eq!(attest_code(&mut w, "INS", &proof, kind, &truth(kind)), Code::AttesterNotIndependent);
    assert_eq!(attest_code(&mut w, "B1", &proof, kind, &truth(kind)), Code::AttesterNotIndependent);
}

#[test]
fn of_two_defects_of_an_attestation_the_earlier_step_wins() {
    let mut w = grouped(&[("E5", "family"), ("INS", "family")]);
    let (_, proof) = opened(&mut w);
    let kind = DocKind::INVOICE;
    let now = w.next_time();
    let late = spoilt(&mut w, "INS", &proof, kind, |a| a.until = Timestamp::new(now.get() - SECOND));
    assert_eq!(late.code, Code::AttesterNotIndependent, "11 before 13");
    let forged = spoilt(&mut w, "INS", &proof, kind, |a| a.ticket.body.epoch = 9);
    assert_eq!(forged.code, Code::TicketInvalid, "8 before 11");
    let strange = spoilt(&mut w, "INS", &proof, kind, |a| (a.doc_kind, a.ticket.body.epoch) = (DocKind::SITE, 9));
    assert_eq!(strange.code, Code::UnknownTemplate, "5 before 8");
    let stale = spoilt(&mut w, "INS", &proof, kind, |a| (a.doc_kind, a.expect_ver) = (DocKind::SITE, 77));
    assert_eq!(stale.code, Code::StaleVersion, "4 before 5");
}

#[test]
fn a_case_has_room_for_a_bounded_number_of_attestations() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    attest(&mut w, "TAXG", &proof, DocKind::INVOICE);
    w.edit(|view| {
        let mut full = view.proof(&proof).expect("opened");
        let one = full.attestations[0].clone();
        let filler =
            (0..63u8).map(|n| landsea_types::record::Attestation { attester: AccountId([n; 32]), ..one.clone() });
        full.attestations.extend(filler);
        view.put_proof(&full);
    });
    assert_eq!(attest_code(&mut w, "INS", &proof, DocKind::INVOICE, &truth(DocKind::INVOICE)), Code::TooLarge);
    // A renewal takes no more room.
    attest(&mut w, "TAXG", &proof, DocKind::INVOICE);
    assert_eq!(w.proof(&proof).attestations.len(), 64);
}

#[test]
fn roles_are_those_at_the_time_of_the_attestation() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    attest(&mut w, "TAXG", &proof, DocKind::INVOICE);
    let case = w.proof(&proof);
    assert!(case.attestations[0].has(Role::Tax));
    assert_eq!(case.attestations[0].group, None);
}
