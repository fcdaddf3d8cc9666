//! Whether the paper in hand is the document.

use super::*;
use crate::fingerprint::{FieldId, content_root, content_salts, field, open_content, raw_fp1_from_fields};
use crate::role::DocKind;
use crate::ticket::{QueryTicket, QueryTicketBody};
use crate::{Commit, SecretKey};

fn fields(number: &str) -> Vec<(FieldId, Vec<u8>)> {
    vec![
        (field::NUMBER, number.as_bytes().to_vec()),
        (field::ISSUE_DATE, b"20260304".to_vec()),
        (field::ISSUER, b"91500106XXDEM0023Q".to_vec()),
        (field::PACKAGES, b"9".to_vec()),
    ]
}

const IDENTITY: [FieldId; 3] = [field::NUMBER, field::ISSUE_DATE, field::ISSUER];

/// A ledger whose document commits to the fields of `number`.
fn ledger(number: &str) -> Ledger {
    let mut ledger = Ledger::with_document(1);
    let fields = fields(number);
    let root = content_root(&fields, &content_salts(&[5; 32], &fields)).expect("fields with salts");
    ledger.change_doc(|doc| doc.content_root = Commit(root));
    ledger
}

fn ticket(ledger: &Ledger, number: &str, fp1: Fp) -> QueryTicket {
    let raw1 = Hash(raw_fp1_from_fields(DocKind::NCD, &fields(number)).expect("all identity fields"));
    let body = QueryTicketBody {
        chain_id: ledger.genesis.chain_id(),
        kind: DocKind::NCD,
        raw1,
        fp1,
        member: Member::new(4),
        at: Timestamp::new(NOW),
    };
    QueryTicket::new(body, &SecretKey::from_seed([4; 32]))
}

fn opened(number: &str, chosen: &[FieldId]) -> Disclosure {
    let fields = fields(number);
    let opening = open_content(&fields, &content_salts(&[5; 32], &fields), chosen).expect("stated");
    Disclosure::Opened { opening }
}

fn paper(ledger: &Ledger, evidence: PaperEvidence) -> PaperLine {
    let verification = ledger.certificate(q2()).verify(&ledger.trust(), Some(&evidence));
    assert_eq!(verification.status, Verdict::Free, "the paper line never changes the status");
    assert_eq!(verification.is_free_for_this_paper(), verification.paper == PaperLine::Valid);
    verification.paper
}

#[test]
fn opened_fields_and_a_ticket_over_them_show_the_paper() {
    let ledger = ledger("A1");
    let evidence = PaperEvidence { ticket: ticket(&ledger, "A1", fp1()), disclosure: opened("A1", &IDENTITY) };
    assert_eq!(paper(&ledger, evidence), PaperLine::Valid);
}

#[test]
fn either_half_alone_or_another_paper_shows_nothing() {
    let ledger = ledger("A1");
    let good = ticket(&ledger, "A1", fp1());
    let mut forged = good.clone();
    forged.body.member = Member::new(5);
    let mut other_chain = good.clone();
    other_chain.body.chain_id = ChainId([1; 32]);
    let read = Disclosure::Read { fields: fields("A1") };
    let cases = [
        ("fields only read", good.clone(), read),
        ("an identity field missing", good.clone(), opened("A1", &[field::NUMBER, field::ISSUER])),
        ("fields under another root", good.clone(), opened("A2", &IDENTITY)),
        ("a ticket over another paper", ticket(&ledger, "A2", fp1()), opened("A1", &IDENTITY)),
        ("a ticket for another document", ticket(&ledger, "A1", Fp([1; 32])), opened("A1", &IDENTITY)),
        ("a ticket of another branch", forged, opened("A1", &IDENTITY)),
        ("a ticket of another chain", other_chain, opened("A1", &IDENTITY)),
    ];
    for (what, ticket, disclosure) in cases {
        let line = paper(&ledger, PaperEvidence { ticket, disclosure });
        assert!(matches!(line, PaperLine::NotShown { .. }), "{what}");
    }
}

#[test]
fn an_unknown_document_is_tied_to_the_paper_by_the_ticket_alone() {
    let ledger = ledger("A1");
    let unknown = Fp([88; 32]);
    let certificate = ledger.certificate(Question::NotPledged { fp1: unknown });
    let verify = |number: &str, fields_of: &str| {
        let ticket = ticket(&ledger, number, unknown);
        let evidence = PaperEvidence { ticket, disclosure: Disclosure::Read { fields: fields(fields_of) } };
        let verification = certificate.verify(&ledger.trust(), Some(&evidence));
        assert_eq!(verification.status, Verdict::Unknown);
        verification.paper
    };
    assert_eq!(verify("B7", "B7"), PaperLine::Valid);
    assert!(matches!(verify("B7", "B8"), PaperLine::NotShown { .. }));
}
