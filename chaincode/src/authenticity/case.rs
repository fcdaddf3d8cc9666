//! A case over time: who is barred, what it amounts to, and what falls due.

use super::level::{Assessment, Barred, LEVEL_MATCHED, LEVEL_SEEN, assess};
use super::physical::{documents_now, seen_until};
use crate::context::{BlockContext, event, without_banks};
use crate::view::{Due, View};
use landsea_types::event::{Event, EventName};
use landsea_types::record::{Attestation, Proof};
use landsea_types::role::ProofState;
use landsea_types::{AccountId, Member, ProofId, Timestamp};
use std::collections::BTreeMap;

/// The level at a time as far as the record alone tells: zero once the case has ended, and no better than the applicant's
/// claim once an attestation has ended that the queue has not yet applied. [`level_for`] is exact.
pub fn level_at(proof: &Proof, now: Timestamp) -> u8 {
    if is_over(proof, now) {
        return 0;
    }
    if now < proof.due { proof.level } else { proof.level.min(super::level::LEVEL_CLAIM) }
}

/// The level of a case for a pledge to `pledgee` at a time: its own attestation and those of its group do not count.
pub fn level_for(view: &View<'_>, proof: &Proof, pledgee: &AccountId, now: Timestamp) -> u8 {
    if is_over(proof, now) {
        return 0;
    }
    assessment(view, proof, Some(pledgee), now).map_or(0, |a| a.level)
}

/// Applies what is due in a case: the end of an attestation, of the sight of the goods or of the case itself. Returns the alerts, if
/// the level falls.
pub fn expire(view: &mut View<'_>, block: BlockContext, id: &[u8; 32]) -> Vec<Event> {
    let Some(mut proof) = view.proof(&ProofId(*id)) else { return Vec::new() };
    if block.time < proof.due || has_ended(&proof) {
        return Vec::new();
    }
    let before = proof.level;
    if block.time >= proof.valid_until {
        proof.state = ProofState::Expired;
        proof.level = 0;
    } else if proof.state != ProofState::Contradicted {
        // Fewer attestations never contradict more.
        let level = assessment(view, &proof, None, block.time).map_or(0, |a| a.level);
        if level < before {
            proof.level = level;
            proof.state = ProofState::Degraded;
        }
    }
    let alerts = if proof.level < before { degraded_events(view, &proof, before) } else { Vec::new() };
    store(view, &mut proof, block.time);
    alerts
}

/// Whether nothing changes the case any more.
pub(super) fn has_ended(proof: &Proof) -> bool {
    matches!(proof.state, ProofState::Expired | ProofState::Closed)
}

/// Whether the case says nothing any more.
fn is_over(proof: &Proof, now: Timestamp) -> bool {
    has_ended(proof) || proof.state == ProofState::Contradicted || now >= proof.valid_until
}

/// Assesses a case; `None` when its template or document is gone, which the ledger never lets happen.
pub(super) fn assessment(
    view: &View<'_>,
    proof: &Proof,
    pledgee: Option<&AccountId>,
    now: Timestamp,
) -> Option<Assessment> {
    let template = view.template(proof.template)?;
    let doc = view.doc(&proof.subject)?;
    let barred = barred(view, proof, pledgee);
    let mut found = assess(&template, proof, &doc, &barred, now);
    if found.level == LEVEL_MATCHED && seen_until(view, &proof.subject, &barred).is_some_and(|until| now < until) {
        found.level = LEVEL_SEEN;
    }
    Some(found)
}

/// Everybody whose word does not count in the case: also the banks that rely on it.
pub(super) fn barred(view: &View<'_>, proof: &Proof, pledgee: Option<&AccountId>) -> Barred {
    let mut barred = Barred::default();
    barred.bar(proof.applicant, proof.applicant_group);
    barred.bar(proof.owner, proof.owner_group);
    let relying = pledgees(view, proof).into_keys();
    for bank in proof.financing_bank.into_iter().chain(pledgee.copied()).chain(relying) {
        barred.bar(bank, view.party(&bank).and_then(|p| p.group));
    }
    barred
}

/// Writes a case with its next version and queue row; `now` is the time up to which it has been assessed.
pub(super) fn store(view: &mut View<'_>, proof: &mut Proof, now: Timestamp) {
    view.unschedule(proof.due, Due::Proof, &proof.id.0);
    proof.ver = proof.ver.saturating_add(1);
    proof.due = next_due(view, proof, now);
    if !has_ended(proof) {
        view.schedule(proof.due, Due::Proof, &proof.id.0, &[]);
    }
    view.put_proof(proof);
}

/// The end of the case, of an attestation that counts, or of the sight of the goods.
pub(super) fn next_due(view: &View<'_>, proof: &Proof, now: Timestamp) -> Timestamp {
    let ends = proof.attestations.iter().filter(|a| a.is_confirmed(now)).map(|a| a.until);
    let is_seen = proof.level == LEVEL_SEEN;
    let seen = if is_seen { seen_until(view, &proof.subject, &barred(view, proof, None)) } else { None };
    ends.chain(seen).fold(proof.valid_until, Timestamp::min)
}

/// The banks that rely on a case, with their members: those that hold a live pledge over what the subject has become, and the one
/// whose pledge is linked.
pub(super) fn pledgees(view: &View<'_>, proof: &Proof) -> BTreeMap<AccountId, Member> {
    let docs = documents_now(view, &proof.subject);
    let pledged = docs.iter().filter_map(|doc| view.encumbrance(&doc.id.0)).map(|enc| (enc.pledgee, enc.member));
    let linked = proof.linked.and_then(|id| view.pledge(&id)).filter(|pledge| pledge.state.is_live());
    pledged.chain(linked.map(|pledge| (pledge.pledgee, pledge.home_pledgee))).collect()
}

/// The alerts of a fallen level: to the branches of applicant, document and pledgee, and by name to each pledgee alone, so that no
/// other party learns who it is. Without a pledgee the applicant is told.
pub(super) fn degraded_events(view: &View<'_>, proof: &Proof, before: u8) -> Vec<Event> {
    let pledgees = pledgees(view, proof);
    let alert = |members: &[Member], parties: &[AccountId]| {
        let args = [u64::from(proof.level), u64::from(before)];
        let related = [crate::view::opaque(&proof.subject.0)];
        event(EventName::ProofDegraded, &proof.id.0, &related, members, parties, &args)
    };
    let homes = homes(view, proof);
    if pledgees.is_empty() {
        return vec![alert(&homes, &without_banks(view, &[proof.applicant]))];
    }
    let to = |(pledgee, member): (&AccountId, &Member)| alert(&[homes.as_slice(), &[*member]].concat(), &[*pledgee]);
    pledgees.iter().map(to).collect()
}

/// Homes of the applicant and of the document.
pub(super) fn homes(view: &View<'_>, proof: &Proof) -> Vec<Member> {
    let applicant = view.party(&proof.applicant).map(|p| p.home);
    let doc = view.doc(&proof.subject).map(|d| d.home);
    applicant.into_iter().chain(doc).collect()
}

/// The attestation of one attester over one kind of paper.
pub(super) fn attestation_of<'p>(
    proof: &'p mut Proof,
    attester: &AccountId,
    kind: landsea_types::role::DocKind,
) -> Option<&'p mut Attestation> {
    proof.attestations.iter_mut().find(|a| a.attester == *attester && a.doc_kind == kind)
}
