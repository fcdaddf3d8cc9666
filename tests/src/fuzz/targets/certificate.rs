//! Status certificates and the papers beside them. A bank lends on the answer, so no change may make a certificate say more.

use super::{canonical, from_json, kind, text};
use crate::fuzz::fixture::fixture;
use crate::fuzz::{Answer, Check, corpus};
use landsea_types::certificate::{
    Disclosure, Integrity, Item, PaperEvidence, PaperLine, Question, StatusCertificate, Trust, Verdict,
};
use landsea_types::fingerprint::FieldId;
use landsea_types::{BlockId, Hash, Timestamp};
use std::collections::BTreeSet;

/// What a certificate says, whoever signed it and whenever it was issued.
type Statement = (BlockId, Vec<u8>);

fn statement(certificate: &StatusCertificate) -> Statement {
    let said: (&Question, &Vec<Item>, &Vec<Hash>) = (&certificate.question, &certificate.items, &certificate.hashes);
    (certificate.header.id(), borsh::to_vec(&said).expect("memory"))
}

/// What the unchanged certificates say.
struct Genuine {
    headers: BTreeSet<BlockId>,
    free: BTreeSet<Statement>,
}

impl Genuine {
    fn load() -> Self {
        let (mut headers, mut free) = (BTreeSet::new(), BTreeSet::new());
        for entry in corpus::load("certificate").into_iter().filter(|e| !e.name.starts_with("regression_")) {
            let certificate = StatusCertificate::from_bytes(&entry.bytes).expect("the corpus holds certificates");
            headers.insert(certificate.header.id());
            if verdict(&certificate) == Verdict::Free {
                free.insert(statement(&certificate));
            }
        }
        assert!(!free.is_empty(), "the corpus needs a FREE certificate");
        Self { headers, free }
    }

    /// A certificate holds only with a genuine header, and is FREE only with exactly the leaves of a genuine one.
    fn judge(&self, certificate: &StatusCertificate) -> Answer {
        let verification = certificate.verify(&trust(), None);
        let valid = matches!(verification.integrity, Integrity::Valid { .. });
        assert_eq!(valid, verification.status != Verdict::Invalid, "the lines contradict each other: {verification}");
        if valid {
            assert!(self.headers.contains(&certificate.header.id()), "a forged header is VALID: {verification}");
        }
        if verification.status == Verdict::Free {
            assert_eq!(verification.exit_code(), 0);
            assert!(self.free.contains(&statement(certificate)), "a changed certificate is FREE: {verification}");
        }
        match &verification.integrity {
            Integrity::Invalid { reason } => kind(reason),
            Integrity::Valid { .. } => format!("{} {}", certificate.question.number(), verification.status.word()),
        }
    }
}

/// Any age is fine, and the clock is far ahead.
fn trust() -> Trust<'static> {
    Trust { genesis: &fixture().genesis, pinned: None, now: Timestamp::new(u64::MAX / 2), max_age_ms: None }
}

fn verdict(certificate: &StatusCertificate) -> Verdict {
    certificate.verify(&trust(), None).status
}

pub(super) fn bytes() -> Check {
    let genuine = Genuine::load();
    Box::new(move |bytes| match StatusCertificate::from_bytes(bytes) {
        Err(error) => kind(&error),
        Ok(certificate) => {
            let certificate = canonical(bytes, certificate, StatusCertificate::to_bytes);
            let again = StatusCertificate::from_json(&certificate.to_json());
            assert_eq!(again.as_ref(), Ok(&certificate), "the two forms differ");
            genuine.judge(&certificate)
        }
    })
}

pub(super) fn json() -> Check {
    let genuine = Genuine::load();
    Box::new(move |bytes| {
        let text = match text(bytes) {
            Ok(text) => text,
            Err(answer) => return answer,
        };
        match StatusCertificate::from_json(text) {
            Err(error) => kind(&error),
            Ok(certificate) => {
                let again = StatusCertificate::from_bytes(&certificate.to_bytes());
                assert_eq!(again.as_ref(), Ok(&certificate), "the two forms differ");
                genuine.judge(&certificate)
            }
        }
    })
}

/// The ticket is the same and no field of the genuine evidence has another value. A salt or a path beside an unregistered document
/// is nobody's business.
fn same_paper(genuine: &PaperEvidence, evidence: &PaperEvidence) -> bool {
    let known = fields(&genuine.disclosure);
    let agrees = |(id, bytes): &(FieldId, Vec<u8>)| known.iter().all(|(k, b)| k != id || b == bytes);
    genuine.ticket == evidence.ticket && fields(&evidence.disclosure).iter().all(agrees)
}

fn fields(disclosure: &Disclosure) -> Vec<(FieldId, Vec<u8>)> {
    match disclosure {
        Disclosure::Opened { opening } => opening.fields.iter().map(|f| (f.field, f.bytes.clone())).collect(),
        Disclosure::Read { fields } => fields.clone(),
    }
}

/// Evidence about papers of the corpus, beside a certificate for each of the fingerprints that its tickets name.
pub(super) fn paper() -> Check {
    let entries = corpus::load("paper");
    let read = |bytes: &[u8]| serde_json::from_slice::<PaperEvidence>(bytes).expect("the corpus holds paper evidence");
    let genuine: Vec<PaperEvidence> =
        entries.iter().filter(|e| !e.name.starts_with("regression_")).map(|e| read(&e.bytes)).collect();
    let certificates: Vec<StatusCertificate> =
        genuine.iter().map(|e| crate::fuzz::samples::certificate_about(e.ticket.body.fp1)).collect();
    let shows = |c: &StatusCertificate, e: &PaperEvidence| c.verify(&trust(), Some(e)).paper;
    assert!(genuine.iter().zip(&certificates).any(|(e, c)| shows(c, e) == PaperLine::Valid), "no paper is VALID");
    Box::new(move |bytes| {
        let text = match text(bytes) {
            Ok(text) => text,
            Err(answer) => return answer,
        };
        let evidence: PaperEvidence = match from_json(text) {
            Ok(evidence) => evidence,
            Err(error) => return kind(&error),
        };
        let mut answers = BTreeSet::new();
        for certificate in &certificates {
            let line = shows(certificate, &evidence);
            if line == PaperLine::Valid {
                assert!(genuine.iter().any(|g| same_paper(g, &evidence)), "evidence about another paper is VALID");
            }
            answers.insert(kind(&line));
        }
        answers.into_iter().collect::<Vec<_>>().join("; ")
    })
}
