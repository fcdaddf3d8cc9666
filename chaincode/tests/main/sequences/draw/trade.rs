//! Draws of `authenticity`.

use super::{BANKS, Draw, Drawer, Drawn, alone, on};
use crate::kit::*;
use landsea_types::fingerprint::field;
use landsea_types::operation::authenticity::*;
use landsea_types::record::{Proof, UseMarks};
use landsea_types::role::{DocKind, DocState, ProofState, UsePurpose};
use landsea_types::{Hash, Operation};

pub const DRAWERS: &[(&str, Drawer)] = &[
    ("authenticity.open", open),
    ("authenticity.attest", attest),
    ("authenticity.refuse", refuse),
    ("authenticity.withdraw_attestation", withdraw_attestation),
    ("authenticity.link", link),
    ("authenticity.close", close),
    ("authenticity.mark_use", mark_use),
    ("authenticity.release_mark", release_mark),
];

const ATTESTERS: [&str; 6] = ["SW", "TAXG", "INS", "R-CD", "MTO", "B3"];
const PAPERS: [DocKind; 4] = [DocKind::DECLARATION, DocKind::INVOICE, DocKind::LEG_NOTE_CN, DocKind::PACKING_LIST];

fn case(draw: &mut Draw<'_>, wanted: impl Fn(&Proof) -> bool) -> Option<Proof> {
    let any = draw.dice.chance(10);
    let cases = draw.state().proofs.values().filter(|case| any || wanted(case)).cloned().collect();
    draw.dice.one(cases)
}

fn is_running(case: &Proof) -> bool {
    !matches!(case.state, ProofState::Expired | ProofState::Closed)
}

fn open(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(|doc| doc.state == DocState::Active)?;
    let template = 1 + draw.dice.below(8) as u16;
    let case = Hash([draw.dice.below(200) as u8; 32]);
    let financing_bank = draw.dice.chance(30).then(|| draw.world.account("B1"));
    let by = if draw.dice.chance(20) { draw.dice.pick(&BANKS).to_string() } else { draw.actor(&doc) };
    let op = Open { doc: doc.id, expect_ver: doc.ver, template, case, financing_bank };
    on(draw, by, Operation::AuthenticityOpen(op), &doc)
}

/// Everybody saw the same trade, but for one in ten.
fn attest(draw: &mut Draw<'_>) -> Option<Drawn> {
    let case = case(draw, is_running)?;
    let (by, kind) = (draw.dice.pick(&ATTESTERS), draw.dice.pick(&PAPERS));
    let value = if draw.dice.chance(10) { "something else" } else { "the truth" };
    let mut numbers = [field::CONSIGNOR, field::HS, field::PACKAGES];
    numbers.sort_unstable();
    let values = [value];
    let fields = numbers.map(|number| (number, &values[..]));
    let paper = Paper::new(&format!("evidence {} {}", kind.0, case.subject.short()), &[]);
    let mut op = draw.world.attest_op(by, &case.id, kind, &paper, &fields);
    if let Operation::AuthenticityAttest(body) = &mut op {
        body.until = draw.world.next_time().saturating_add((1 + draw.dice.below(90)) * DAY);
    }
    alone(by, op)
}

fn refuse(draw: &mut Draw<'_>) -> Option<Drawn> {
    let case = case(draw, is_running)?;
    let doc_kind = draw.dice.pick(&PAPERS);
    let op = Refuse { proof: case.id, expect_ver: case.ver, doc_kind, evidence: commit("refusal") };
    alone(draw.dice.pick(&ATTESTERS), Operation::AuthenticityRefuse(op))
}

fn withdraw_attestation(draw: &mut Draw<'_>) -> Option<Drawn> {
    let case = case(draw, |case| is_running(case) && !case.attestations.is_empty())?;
    let attestation = draw.dice.one(case.attestations.clone())?;
    let op = WithdrawAttestation {
        proof: case.id,
        expect_ver: case.ver,
        doc_kind: attestation.doc_kind,
        evidence: commit("withdrawal"),
    };
    alone(draw.name(&attestation.attester), Operation::AuthenticityWithdrawAttestation(op))
}

/// The pledge over the case's subject, if there is one.
fn link(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledged = |case: &Proof| draw.world.known().docs.get(&case.subject).is_some_and(|doc| doc.enc.is_some());
    let fitting: Vec<Proof> =
        draw.world.known().proofs.values().filter(|c| is_running(c) && pledged(c)).cloned().collect();
    let case = draw.dice.one(fitting)?;
    let pledge = draw.state().docs.get(&case.subject)?.enc?;
    let bank = draw.name(&draw.state().pledges.get(&pledge)?.pledgee);
    alone(bank, Operation::AuthenticityLink(Link { proof: case.id, expect_ver: case.ver, pledge }))
}

fn close(draw: &mut Draw<'_>) -> Option<Drawn> {
    let case = case(draw, is_running)?;
    alone(draw.name(&case.applicant), Operation::AuthenticityClose(Close { proof: case.id, expect_ver: case.ver }))
}

fn mark_use(draw: &mut Draw<'_>) -> Option<Drawn> {
    let by = draw.dice.pick(&["B1", "B2", "B3", "TAXG", "INS", "SW"]);
    let paper = Paper::new(&format!("DECL {}", draw.dice.below(3)), &[]);
    let ticket = draw.world.ticket(by, DocKind::DECLARATION, &paper);
    let (purpose, bps) = (draw.dice.pick(UsePurpose::ALL), 1 + draw.dice.below(6_000) as u16);
    alone(by, Operation::AuthenticityMarkUse(MarkUse { ticket, purpose, bps, reference: commit("use") }))
}

fn release_mark(draw: &mut Draw<'_>) -> Option<Drawn> {
    let all: Vec<UseMarks> = draw.state().marks.values().cloned().collect();
    let marks = draw.dice.one(all)?;
    let mark = draw.dice.one(marks.marks.clone())?;
    let op = ReleaseMark { evidence: marks.evidence, expect_ver: marks.ver, mark: mark.n };
    alone(draw.name(&mark.by), Operation::AuthenticityReleaseMark(op))
}
