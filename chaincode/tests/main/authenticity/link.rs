//! Cases that pledges rely on, and the end of cases.

use super::*;
use landsea_chaincode::view::row_id;
use landsea_types::PledgeId;
use landsea_types::operation::authenticity::{Close, Link};

fn link_op(w: &World, proof: &ProofId, pledge: &PledgeId) -> Operation {
    Operation::AuthenticityLink(Link { proof: *proof, expect_ver: w.proof(proof).ver, pledge: *pledge })
}

fn close_op(w: &World, proof: &ProofId) -> Operation {
    Operation::AuthenticityClose(Close { proof: *proof, expect_ver: w.proof(proof).ver })
}

/// A matched case on a bill pledged to B2.
fn relied_on() -> (World, DocId, ProofId, PledgeId) {
    let mut w = world();
    let (doc, proof) = matched(&mut w);
    let pledge = w.pledge_doc("B2", "E5", "MTO", &doc, &Bill::s1().paper);
    (w, doc, proof, pledge)
}

#[test]
fn a_pledgee_ties_a_case_to_its_pledge() {
    let (mut w, _, proof, pledge) = relied_on();
    let op = link_op(&w, &proof, &pledge);
    let outcome = w.ok("B2", op, &[]);
    let linked = event(&outcome, EventName::ProofLinked);
    assert_eq!((linked.args.as_slice(), linked.parties.as_slice()), ([3].as_slice(), [w.account("B2")].as_slice()));
    assert_eq!((linked.related[0].0, w.proof(&proof).linked), (pledge.0, Some(pledge)));
    assert!(linked.members.contains(&w.member("gx")));
}

#[test]
fn linking_answers_each_defect_with_its_code() {
    let (mut w, _, proof, pledge) = relied_on();
    let other = w.issue_bill(&Bill::new("other", &["C:9"]));
    let foreign = w.open_proof("E5", &other, EXPORT_RAIL_SEA_ID);
    let op = link_op(&w, &proof, &pledge);
    assert_eq!(w.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(w.code("B1", op.clone(), &[]), Code::NotPledgee);
    let unknown = Link { proof, expect_ver: w.proof(&proof).ver, pledge: PledgeId([1; 32]) };
    let outcome = w.submit("B2", Operation::AuthenticityLink(unknown), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
    let elsewhere = link_op(&w, &foreign, &pledge);
    assert_eq!(w.code("B1", elsewhere.clone(), &[]), Code::NotPledgee, "11 before 13");
    assert_eq!(w.code("B2", elsewhere, &[]), Code::ProofLevelTooLow);
    let released = w.release_op(&pledge);
    w.ok("B2", released, &[]);
    assert_eq!(w.code("B1", op.clone(), &[]), Code::PledgeState, "6 before 11");
    w.suspend("B2");
    assert_eq!(w.code("B2", op, &[]), Code::PartySuspended);
}

#[test]
fn a_case_that_has_ended_is_not_linked() {
    let (mut w, _, proof, pledge) = relied_on();
    let op = close_op(&w, &proof);
    w.ok("E5", op, &[]);
    let op = link_op(&w, &proof, &pledge);
    assert_eq!(w.code("B2", op, &[]), Code::AttestationExpired);
}

#[test]
fn a_subject_that_became_a_document_of_the_pledge_is_linked() {
    let mut w = world();
    let (doc, proof) = matched(&mut w);
    let op = w.amend_op(&doc, &Bill::s1().paper);
    w.ok("MTO", op, &["E5"]);
    let amended = w.doc(&doc).replaced_by.expect("amended");
    let pledge = w.pledge_doc("B2", "E5", "MTO", &amended, &Bill::s1().paper);
    let op = link_op(&w, &proof, &pledge);
    w.ok("B2", op, &[]);
}

#[test]
fn the_word_of_a_bank_that_relies_on_a_case_does_not_count_in_it() {
    let mut w = world();
    let (doc, proof) = opened(&mut w);
    for (by, kind) in FOUR {
        attest(&mut w, if by == "TAXG" { "B2" } else { by }, &proof, kind);
    }
    assert_eq!(w.proof(&proof).level, 3);
    let pledge = w.pledge_doc("B2", "E5", "MTO", &doc, &Bill::s1().paper);
    let op = link_op(&w, &proof, &pledge);
    let outcome = w.ok("B2", op, &[]);
    assert_eq!(event(&outcome, EventName::ProofDegraded).args, [2, 3]);
}

#[test]
fn a_linked_pledgee_hears_of_a_case_whose_subject_is_no_longer_in_its_pledge() {
    let (mut w, _, proof, pledge) = relied_on();
    let op = link_op(&w, &proof, &pledge);
    w.ok("B2", op, &[]);
    // The pledge goes on with other documents; the case speaks of what it began with.
    w.checking = false;
    w.edit(|view| {
        let record = view.proof(&proof).expect("opened");
        view.remove_encumbrance(&record.subject.0);
    });
    let op = withdraw_op(&w, &proof, DocKind::INVOICE);
    let outcome = w.ok("TAXG", op, &[]);
    assert_eq!(event(&outcome, EventName::ProofDegraded).parties, [w.account("B2")]);
}

#[test]
fn each_pledgee_of_a_split_subject_hears_alone() {
    let mut w = world();
    let (doc, proof) = matched(&mut w);
    let body = w.halves(&doc, "H");
    let op = w.split_op(body.clone());
    let children = crate::waybill::acts::children_of(&w.ok("MTO", op, &["E5"]));
    for (child, bank) in children.iter().zip(["B1", "B2"]) {
        pledge_child(&mut w, bank, child, &body);
    }
    let op = withdraw_op(&w, &proof, DocKind::INVOICE);
    let outcome = w.ok("TAXG", op, &[]);
    let alerts = events(&outcome, EventName::ProofDegraded);
    let heard: BTreeSet<_> = alerts.iter().map(|alert| alert.parties.clone()).collect();
    assert_eq!(heard, BTreeSet::from([vec![w.account("B1")], vec![w.account("B2")]]));
}

/// Pledges a child of a split with a bank's ticket over the same paper as the issuer's.
fn pledge_child(w: &mut World, bank: &'static str, child: &DocId, body: &landsea_types::operation::waybill::Split) {
    let fp1 = w.doc(child).fp1;
    let of_child = body.children.iter().find(|c| c.ticket.body.fp1 == fp1).expect("a child of the split");
    let actor = w.actor(bank);
    let ticket = w.sign_ticket(landsea_types::ticket::DeriveTicketBody {
        member: actor.home,
        applicant: actor.account,
        not_after: w.next_time().saturating_add(HOUR),
        ..of_child.ticket.body.clone()
    });
    let mut create = w.create_body(bank, "E5", &[]);
    create.docs = vec![landsea_types::operation::pledge::Collateral { doc: *child, expect_ver: w.ver(child), ticket }];
    create.ack_near = true;
    w.ok(bank, Operation::PledgeCreate(create), &["E5", "MTO"]);
}

// ---- close

#[test]
fn the_applicant_closes_its_case_and_the_pledgee_hears_it() {
    let (mut w, _, proof, _) = relied_on();
    let op = close_op(&w, &proof);
    let outcome = w.ok("E5", op, &[]);
    assert_eq!(event(&outcome, EventName::ProofClosed).args, [3]);
    assert!(!event(&outcome, EventName::ProofClosed).parties.contains(&w.account("B2")));
    let alert = event(&outcome, EventName::ProofDegraded);
    assert_eq!((alert.args.as_slice(), alert.parties.as_slice()), ([0, 3].as_slice(), [w.account("B2")].as_slice()));
    let case = w.proof(&proof);
    assert_eq!((case.state, case.level), (ProofState::Closed, 0));
    let queued = due_key(case.due, Due::Proof, &proof.0);
    assert!(!w.state.rows.contains_key(&(Table::Expiry, queued)), "nothing is due in a closed case");
    assert!(w.pass(100 * DAY).is_none_or(|swept| events(&swept, EventName::ProofDegraded).is_empty()));
}

#[test]
fn a_closed_case_takes_no_more_words() {
    let mut w = world();
    let (_, proof) = matched(&mut w);
    let op = close_op(&w, &proof);
    let outcome = w.ok("E5", op, &[]);
    assert!(events(&outcome, EventName::ProofDegraded).is_empty(), "nobody relied on it");
    for (by, op) in [
        ("E5", close_op(&w, &proof)),
        ("TAXG", attest_op(&w, "TAXG", &proof, DocKind::INVOICE, &truth(DocKind::INVOICE))),
        ("TAXG", refuse_op(&w, &proof, DocKind::INVOICE)),
        ("TAXG", withdraw_op(&w, &proof, DocKind::INVOICE)),
    ] {
        let name = op.name();
        assert_eq!(w.code(by, op, &[]), Code::AttestationExpired, "{name}");
    }
    assert_eq!(level_for(&w.state.view(), &w.proof(&proof), &w.account("B1"), w.time), 0);
}

#[test]
fn only_the_applicant_closes() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let op = close_op(&w, &proof);
    assert_eq!(w.code("MTO", op.clone(), &[]), Code::RoleNotPermitted);
    for by in ["E6", "B1"] {
        assert_eq!(w.code(by, op.clone(), &[]), Code::NotHolder, "{by}");
    }
    let stale = Close { proof, expect_ver: 9 };
    assert_eq!(w.code("E6", Operation::AuthenticityClose(stale), &[]), Code::StaleVersion, "4 before 11");
    w.ok("E5", op, &[]);
}

#[test]
fn a_contradicted_case_may_be_closed_and_keeps_its_contradiction() {
    let mut w = world();
    let (_, proof) = opened(&mut w);
    let wrong = with_field(DocKind::DECLARATION, field::CONTAINERS, OTHER_CONTAINERS);
    assert_eq!(attest_code(&mut w, SINGLE_WINDOW, &proof, DocKind::DECLARATION, &wrong), Code::Ok);
    attest(&mut w, "R-CD", &proof, DocKind::LEG_NOTE_CN);
    let op = close_op(&w, &proof);
    w.ok("E5", op, &[]);
    let case = w.proof(&proof);
    assert_eq!((case.state, case.contradiction), (ProofState::Closed, Some(field::CONTAINERS)));
}

#[test]
fn the_cases_of_a_document_are_found_by_it() {
    let mut w = world();
    let (doc, first) = opened(&mut w);
    let second = w.open_proof("E5", &doc, EXPORT_RAIL_SEA_ID);
    let found: BTreeSet<ProofId> = w.state.view().proofs_on(&doc, 10).into_iter().collect();
    assert_eq!(found, BTreeSet::from([first, second]));
    assert!(w.state.view().proofs_on(&DocId(row_id(b"another")), 10).is_empty());
}
