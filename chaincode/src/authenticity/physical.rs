//! Level 4: the goods of a matched case have been seen, all of them and lately.

use super::level::Barred;
use crate::view::View;
use landsea_types::genesis::ParamKey;
use landsea_types::record::Doc;
use landsea_types::role::LotStatus;
use landsea_types::{AccountId, DocId, LotId, Timestamp};
use std::collections::BTreeSet;

/// Most documents that are followed from the subject of a case to what stands in its place now.
const SUCCESSORS_MAX: usize = 256;

/// Until when the goods of a subject count as seen; `None` when some of them do not, or their supervisor is no independent one.
pub(super) fn seen_until(view: &View<'_>, subject: &DocId, barred: &Barred) -> Option<Timestamp> {
    let confirm_ms = view.param(ParamKey::PhysicalConfirmMs);
    let lots: Vec<LotId> = documents_now(view, subject).iter().flat_map(|doc| doc.lots.clone()).collect();
    let until = |id: &LotId| {
        let lot = view.lot(id).filter(|lot| lot.status == LotStatus::Active)?;
        let group = |id: &AccountId| view.party(id).and_then(|party| party.group);
        let independent = lot.supervisor.is_none_or(|id| !barred.covers(&id, group(&id).as_ref()));
        let seen = view.flow(id).filter(|_| independent)?.seen?;
        Some(seen.saturating_add(confirm_ms))
    };
    let all: Option<Vec<Timestamp>> = lots.iter().map(until).collect();
    all?.into_iter().min()
}

/// What stands in the place of a document now: itself, what replaced it, or the documents that a split made of it.
pub(super) fn documents_now(view: &View<'_>, subject: &DocId) -> Vec<Doc> {
    let (mut now, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![*subject]);
    while let Some(id) = open.pop() {
        let Some(doc) = view.doc(&id).filter(|_| seen.len() < SUCCESSORS_MAX && seen.insert(id)) else { continue };
        let next: Vec<DocId> = doc.replaced_by.iter().chain(&doc.children).copied().collect();
        if next.is_empty() {
            now.push(doc);
        }
        open.extend(next);
    }
    now
}

/// A document and those whose chain it continues.
pub(super) fn ancestors(view: &View<'_>, doc: &DocId) -> Vec<DocId> {
    let mut all = vec![*doc];
    let mut at = *doc;
    while let Some(before) = view.doc(&at).and_then(|doc| doc.replaces).filter(|_| all.len() < SUCCESSORS_MAX) {
        all.push(before);
        at = before;
    }
    all
}
