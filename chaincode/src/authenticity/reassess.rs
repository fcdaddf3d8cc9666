//! What follows when the evidence of a case changes: attestations, pledges, and the sight of the goods.

use super::case::{assessment, degraded_events, has_ended, homes, next_due, pledgees, store};
use super::level::{Contradiction, LEVEL_MATCHED};
use super::op::settled;
use super::physical::ancestors;
use crate::context::{Cx, without_banks as named};
use crate::refusal::Refused;
use crate::view::{View, opaque};
use landsea_types::event::EventName;
use landsea_types::record::Proof;
use landsea_types::role::ProofState;
use landsea_types::{LotId, ProofId};
use std::collections::BTreeSet;

/// Most cases of one document that are looked at when its goods are seen.
const CASES_MAX: usize = 64;

/// Brings the matched cases over some lots up to date after their supervisor has seen them, or took back that it did.
///
/// # Errors
/// 1012 when the document of a case is gone, which the ledger never lets happen.
pub(crate) fn on_seen(cx: &mut Cx<'_, '_>, lots: &[LotId]) -> Refused {
    for id in cases_over(cx.view, lots) {
        let proof = settled(cx, &id)?;
        if has_ended(&proof) || proof.level < LEVEL_MATCHED {
            continue;
        }
        let found = Cx::known(assessment(cx.view, &proof, None, cx.now()), 0)?;
        let next = Proof { level: found.level, ..proof.clone() };
        if (next.level, next_due(cx.view, &next, cx.now())) != (proof.level, proof.due) {
            reassess(cx, proof)?;
        }
    }
    Ok(())
}

/// The cases on the titles of lots and on the documents whose place those took.
fn cases_over(view: &View<'_>, lots: &[LotId]) -> BTreeSet<ProofId> {
    let titles: BTreeSet<_> = lots.iter().filter_map(|id| view.lot(id)?.title).collect();
    let docs: BTreeSet<_> = titles.iter().flat_map(|title| ancestors(view, title)).collect();
    docs.iter().flat_map(|doc| view.proofs_on(doc, CASES_MAX)).collect()
}

/// Brings the level up to date after the attestations changed, and stores the case.
pub(super) fn reassess(cx: &mut Cx<'_, '_>, mut proof: Proof) -> Refused {
    if proof.state != ProofState::Contradicted {
        let found = Cx::known(assessment(cx.view, &proof, None, cx.now()), 0)?;
        match found.contradiction {
            Some(contradiction) => contradict(cx, &mut proof, contradiction),
            None => set_level(cx, &mut proof, found.level),
        }
    }
    let now = cx.now();
    store(cx.view, &mut proof, now);
    cx.touch(&proof.id.0);
    Ok(())
}

fn set_level(cx: &mut Cx<'_, '_>, proof: &mut Proof, level: u8) {
    let before = proof.level;
    proof.level = level;
    if level > before {
        proof.state = ProofState::Matched;
        let members = homes(cx.view, proof);
        let parties = named(cx.view, &[proof.owner]);
        let related = [opaque(&proof.subject.0)];
        cx.emit_related(EventName::ProofMatched, &proof.id.0, &related, &members, &parties, &[u64::from(level)]);
    } else if level < before {
        proof.state = ProofState::Degraded;
        let alerts = degraded_events(cx.view, proof, before);
        cx.events.extend(alerts);
    }
}

/// The event goes to the branches of the firm, of the document and of everybody who stated the field.
fn contradict(cx: &mut Cx<'_, '_>, proof: &mut Proof, found: Contradiction) {
    proof.state = ProofState::Contradicted;
    proof.contradiction = Some(found.field);
    let before = proof.level;
    proof.level = 0;
    let mut members = homes(cx.view, proof);
    members.extend(found.attesters.iter().filter_map(|id| cx.view.party(id)).map(|p| p.home));
    let mut concerned = vec![proof.owner];
    concerned.extend(&found.attesters);
    let parties = named(cx.view, &concerned);
    let related = [opaque(&proof.subject.0)];
    let args = [u64::from(found.field)];
    cx.emit_related(EventName::ProofContradicted, &proof.id.0, &related, &members, &parties, &args);
    if !pledgees(cx.view, proof).is_empty() {
        let alerts = degraded_events(cx.view, proof, before);
        cx.events.extend(alerts);
    }
}
