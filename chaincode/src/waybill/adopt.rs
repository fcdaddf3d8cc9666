//! `waybill.adopt`: a note joins a through bill.

use super::checks::{self, CARRIERS};
use super::issue::{is_coded, leg_of};
use crate::context::Cx;
use crate::goods;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::Adopt;
use landsea_types::record::Doc;
use landsea_types::role::DocState;
use landsea_types::ticket::ClassedKey;
use landsea_types::{Code, DocId, Hash, bounds};
use std::collections::BTreeSet;

/// Appends a leg with an anchored note to a title document, which grows as the goods travel.
///
/// # Errors
/// 1010; 1005, 1006; 1012, 1007; 5007; 3108, 3010, 3004, 4008; 3005 for another's bill; 4003 when the note's keys are not the
/// bill's.
pub fn adopt(cx: &mut Cx<'_, '_>, op: &Adopt) -> Refused {
    ensure(is_coded(&op.leg), Code::TooLarge)?; // 1
    cx.require_role(CARRIERS)?; // 3
    let seen = Cx::known(cx.view.doc(&op.title), 0)?.ver; // 4
    let title = checks::load(cx, &op.title, 0)?;
    let note = Cx::known(cx.view.doc(&op.note), 1)?;
    cx.expect_ver(op.expect_ver, seen)?;
    checks::require_waybill(&title)?; // 5
    ensure(note.kind.is_anchor(), Code::NotPledgeableHere)?;
    check_states(cx, &title, &note)?; // 6
    checks::require_issuer(cx, &title)?; // 11
    check_keys(&note, &goods::lot_keys(cx.view, &title))?; // 13
    apply(cx, op, title, note)
}

fn check_states(cx: &Cx<'_, '_>, title: &Doc, note: &Doc) -> Refused {
    ensure(title.state != DocState::PaperOut, Code::PaperIsOut)?;
    ensure(note.adopted_by.is_none(), Code::AnchorAdopted)?;
    ensure(note.state == DocState::Anchored, Code::DocumentState)?;
    let room = title.legs.len() < bounds::LEGS_MAX && title.base_docs.len() < bounds::LEGS_MAX;
    checks::require_active(cx, title)?;
    ensure(room, Code::TooLarge)
}

/// Check step 13: the note's container, vehicle, batch and package keys are some of the bill's. Wagons change on the way.
///
/// # Errors
/// 4003 otherwise.
pub(super) fn check_keys(note: &Doc, bill: &BTreeSet<ClassedKey>) -> Refused {
    let goods: Vec<&ClassedKey> = note.note_keys.iter().filter(|key| goods::is_title_key(key.class)).collect();
    ensure(!goods.is_empty() && goods.iter().all(|key| bill.contains(*key)), Code::NotConserved)
}

/// Notes in a note which title document adopted it.
///
/// # Errors
/// 1014 when a version overflows.
pub(super) fn mark_adopted(cx: &mut Cx<'_, '_>, mut note: Doc, title: DocId) -> Refused {
    note.adopted_by = Some(title);
    checks::put_changed(cx, note)
}

fn apply(cx: &mut Cx<'_, '_>, op: &Adopt, mut title: Doc, note: Doc) -> Refused {
    let members = [title.home, note.home];
    let parties = [title.issuer, note.issuer];
    title.legs.push(leg_of(&op.leg, note.fp1));
    title.base_docs.push(note.id);
    cx.emit_related(EventName::LegAdopted, &title.id.0, &[Hash(note.id.0)], &members, &parties, &[]);
    mark_adopted(cx, note, title.id)?;
    checks::put_changed(cx, title)
}
