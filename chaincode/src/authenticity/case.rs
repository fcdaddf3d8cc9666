//! A case over time: who is barred, what it amounts to, and what falls due.

use super::level::{Assessment, Barred, assess};
use crate::context::{BlockContext, event};
use crate::view::{Due, View};
use landsea_types::event::{Event, EventName};
use landsea_types::record::{Attestation, Doc, Encumbrance, Party, Proof};
use landsea_types::role::{ProofState, Role};
use landsea_types::{AccountId, DocId, Member, ProofId, Timestamp};

/// Most replacements followed from the subject of a case to the document that stands in its place now.
const REPLACEMENTS_MAX: usize = 64;

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

/// Applies what is due in a case: the end of an attestation or of the case itself. Returns the event, if the level changes.
pub fn expire(view: &mut View<'_>, block: BlockContext, id: &[u8; 32]) -> Option<Event> {
    let mut proof = view.proof(&ProofId(*id))?;
    if block.time < proof.due || matches!(proof.state, ProofState::Expired | ProofState::Closed) {
        return None;
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
    let degraded = (proof.level < before).then(|| degraded_event(view, &proof, before));
    store(view, &mut proof, block.time);
    degraded
}

/// Whether the case says nothing any more.
fn is_over(proof: &Proof, now: Timestamp) -> bool {
    let ended = matches!(proof.state, ProofState::Expired | ProofState::Closed | ProofState::Contradicted);
    ended || now >= proof.valid_until
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
    Some(assess(&template, proof, &doc, &barred(view, proof, pledgee), now))
}

/// Everybody whose word does not count in the case: also the bank that holds a live pledge over the goods.
pub(super) fn barred(view: &View<'_>, proof: &Proof, pledgee: Option<&AccountId>) -> Barred {
    let mut barred = Barred::default();
    barred.bar(proof.applicant, proof.applicant_group);
    barred.bar(proof.owner, proof.owner_group);
    let live = encumbrance(view, &proof.subject).map(|enc| enc.pledgee);
    for bank in [proof.financing_bank, pledgee.copied(), live].into_iter().flatten() {
        barred.bar(bank, view.party(&bank).and_then(|p| p.group));
    }
    barred
}

/// Writes a case with its next version and queue row; `now` is the time up to which it has been assessed.
pub(super) fn store(view: &mut View<'_>, proof: &mut Proof, now: Timestamp) {
    view.unschedule(proof.due, Due::Proof, &proof.id.0);
    proof.ver = proof.ver.saturating_add(1);
    proof.due = next_due(proof, now);
    if proof.state != ProofState::Expired {
        view.schedule(proof.due, Due::Proof, &proof.id.0, &[]);
    }
    view.put_proof(proof);
}

fn next_due(proof: &Proof, now: Timestamp) -> Timestamp {
    let ends = proof.attestations.iter().filter(|a| a.is_confirmed(now)).map(|a| a.until);
    ends.fold(proof.valid_until, Timestamp::min)
}

/// The live encumbrance of a document or of what replaced it.
pub(super) fn encumbrance(view: &View<'_>, subject: &DocId) -> Option<Encumbrance> {
    view.encumbrance(&current(view, subject)?.id.0)
}

fn current(view: &View<'_>, subject: &DocId) -> Option<Doc> {
    let mut doc = view.doc(subject)?;
    for _ in 0..REPLACEMENTS_MAX {
        let Some(next) = doc.replaced_by.and_then(|id| view.doc(&id)) else { break };
        doc = next;
    }
    Some(doc)
}

/// The alert of a fallen level: to the branches of applicant, document and pledgee, and by name to the pledgee alone, so that
/// no other party learns who it is.
pub(super) fn degraded_event(view: &View<'_>, proof: &Proof, before: u8) -> Event {
    let mut members = homes(view, proof);
    let pledge = encumbrance(view, &proof.subject);
    members.extend(pledge.as_ref().map(|enc| enc.member));
    let parties = match &pledge {
        Some(enc) => vec![enc.pledgee],
        None => named(view, &[proof.applicant]),
    };
    let args = [u64::from(proof.level), u64::from(before)];
    let related = [crate::view::opaque(&proof.subject.0)];
    event(EventName::ProofDegraded, &proof.id.0, &related, &members, &parties, &args)
}

/// Homes of the applicant and of the document.
pub(super) fn homes(view: &View<'_>, proof: &Proof) -> Vec<Member> {
    let applicant = view.party(&proof.applicant).map(|p| p.home);
    let doc = view.doc(&proof.subject).map(|d| d.home);
    applicant.into_iter().chain(doc).collect()
}

/// The given parties without banks, for events.
pub(super) fn named(view: &View<'_>, accounts: &[AccountId]) -> Vec<AccountId> {
    let is_bank = |id: &AccountId| view.party(id).is_some_and(|p: Party| p.has(Role::Bank));
    accounts.iter().copied().filter(|id| !is_bank(id)).collect()
}

/// The attestation of one attester over one kind of paper.
pub(super) fn attestation_of<'p>(
    proof: &'p mut Proof,
    attester: &AccountId,
    kind: landsea_types::role::DocKind,
) -> Option<&'p mut Attestation> {
    proof.attestations.iter_mut().find(|a| a.attester == *attester && a.doc_kind == kind)
}
