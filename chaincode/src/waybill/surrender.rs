//! Surrender for delivery or amendment, and the issuer's one answer.
//!
//! The goods leave, and a live pledge ends, only when the issuer accepts; a rejection restores holder and pledge as they were.

use super::amend::{check_amendment, check_control, replace};
use super::checks::{self, CARRIERS};
use super::{chain, fingerprints};
use crate::context::Cx;
use crate::hold::{self, Act};
use crate::refusal::{Refused, ensure, internal};
use crate::{goods, pledge};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{AnswerSurrender, Surrender};
use landsea_types::record::Doc;
use landsea_types::record::doc::Surrendered;
use landsea_types::role::{ChainAction, DocState};
use landsea_types::{AccountId, Code, Hash};

/// Hands the document to its issuer against delivery of the goods.
///
/// # Errors
/// 1006; 1012, 1007; 5007; 3108, 3004, 5008, 4008; 6001; 3006, 5002; 3005 unless sole holder; consents 1009, 1006.
pub fn surrender_for_delivery(cx: &mut Cx<'_, '_>, op: &Surrender) -> Refused {
    surrender(cx, op, DocState::PendDelivery)
}

/// Hands the document to its issuer against a new version.
///
/// # Errors
/// As [`surrender_for_delivery`].
pub fn surrender_for_amendment(cx: &mut Cx<'_, '_>, op: &Surrender) -> Refused {
    surrender(cx, op, DocState::PendAmend)
}

fn surrender(cx: &mut Cx<'_, '_>, op: &Surrender, pending: DocState) -> Refused {
    let for_delivery = pending == DocState::PendDelivery;
    cx.require_active()?; // 3
    let mut doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_waybill(&doc)?; // 5
    checks::require_usable(cx, &doc)?; // 6
    hold::check_doc(cx, Act::Exit, &doc)?; // 7
    pledge::check_encumbrance(cx, &doc)?; // 10
    require_sole_holder(cx, &doc)?; // 11
    pledge::require_pledgee_consent(cx, &doc)?; // 12
    doc.surrendered = Some(Surrendered { by: cx.sender.id, holder: doc.holder, beneficiary: doc.beneficiary });
    doc.holder = doc.issuer;
    doc.state = pending;
    let action = if for_delivery { ChainAction::SurrenderForDelivery } else { ChainAction::SurrenderForAmendment };
    let (by, issuer) = (cx.sender.id, doc.issuer);
    chain(cx, &mut doc, action, Some(issuer))?;
    let members = checks::homes(cx, &doc, &[by]);
    cx.emit(EventName::SurrenderRequested, &doc.id.0, &members, &[by, issuer], &[u64::from(!for_delivery)]);
    checks::put_changed(cx, doc)
}

/// Check step 11: the sender holds alone: it is beneficiary too, or the document is in blank. While pledged it is the beneficiary.
fn require_sole_holder(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    checks::require_actor(cx, doc)?;
    let sole = doc.enc.is_some() || doc.beneficiary.is_none_or(|b| b == doc.holder);
    ensure(sole, Code::NotHolder)
}

/// Accepts or rejects a surrender, once.
///
/// # Errors
/// 1010; 1005, 1006; 1012, 1007; 5007; 3108, 3007, 3004; on acceptance 5008, 4008, 6001; 3005; for a new version as `waybill.amend`.
pub fn answer_surrender(cx: &mut Cx<'_, '_>, op: &AnswerSurrender) -> Refused {
    op.version.iter().try_for_each(|version| goods::check_shape(&version.lots))?; // 1
    cx.require_role(CARRIERS)?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_waybill(&doc)?; // 5
    check_control(op.version.as_ref())?;
    require_pending(&doc, op)?; // 6
    if op.accept {
        // A default declared meanwhile keeps the goods where they are; the issuer may still give the document back.
        pledge::require_not_enforcing(cx, &doc)?;
        goods::require_active_lots(cx.view, &doc)?;
    }
    match (op.accept, doc.state) {
        (false, _) => reject(cx, doc),
        (true, DocState::PendAmend) => accept_amendment(cx, op, doc),
        (true, _) => accept_delivery(cx, doc),
    }
}

/// Check step 6. What was surrendered stays on record, so a second answer is told from an answer to nothing.
fn require_pending(doc: &Doc, op: &AnswerSurrender) -> Refused {
    let pending = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
    ensure(doc.state != DocState::PaperOut, Code::PaperIsOut)?;
    ensure(pending || doc.surrendered.is_none(), Code::SurrenderAnswered)?;
    ensure(pending, Code::DocumentState)?;
    // A new version is the answer to nothing but an accepted amendment.
    let amending = op.accept && doc.state == DocState::PendAmend;
    ensure(op.version.is_none() || amending, Code::DocumentState)
}

fn reject(cx: &mut Cx<'_, '_>, mut doc: Doc) -> Refused {
    checks::require_issuer(cx, &doc)?; // 11
    let before = internal(doc.surrendered.clone())?;
    // A pledge that ended meanwhile gives the document back to who surrendered it.
    doc.holder = if doc.enc.is_some() { before.holder } else { before.by };
    doc.beneficiary = before.beneficiary;
    doc.state = DocState::Active;
    chain(cx, &mut doc, ChainAction::Srej, Some(before.by))?;
    say_answered(cx, &doc, before.by, false);
    checks::put_changed(cx, doc)
}

fn accept_delivery(cx: &mut Cx<'_, '_>, mut doc: Doc) -> Refused {
    hold::check_doc(cx, Act::Exit, &doc)?; // 7
    checks::require_issuer(cx, &doc)?; // 11
    let by = internal(doc.surrendered.clone())?.by;
    chain(cx, &mut doc, ChainAction::Sacc, Some(by))?;
    say_answered(cx, &doc, by, true);
    accomplish(cx, doc, by, EventName::Accomplished)
}

/// Ends a document whose goods have been handed over to `to`: lots delivered, keys vacated, a live pledge released only now.
///
/// # Errors
/// 1014 when a number overflows.
pub(crate) fn accomplish(cx: &mut Cx<'_, '_>, mut doc: Doc, to: AccountId, event: EventName) -> Refused {
    pledge::release_on_delivery(cx, &mut doc)?;
    goods::deliver_lots(cx, &doc)?;
    doc.state = DocState::Accomplished;
    fingerprints::retire(cx, &doc);
    let members = checks::homes(cx, &doc, &[to]);
    let lots: Vec<Hash> = doc.lots.iter().map(|lot| Hash(lot.0)).collect();
    cx.emit_related(event, &doc.id.0, &lots, &members, &[doc.issuer, to], &[]);
    checks::put_changed(cx, doc)
}

fn accept_amendment(cx: &mut Cx<'_, '_>, op: &AnswerSurrender, mut doc: Doc) -> Refused {
    let before = internal(doc.surrendered.clone())?;
    let version = check_amendment(cx, &doc, op.version.as_ref(), &before.by)?;
    chain(cx, &mut doc, ChainAction::Sacc, Some(before.by))?;
    say_answered(cx, &doc, before.by, true);
    doc.holder = if doc.enc.is_some() { before.holder } else { before.by };
    doc.beneficiary = before.beneficiary;
    replace(cx, doc, version)
}

fn say_answered(cx: &mut Cx<'_, '_>, doc: &Doc, by: AccountId, accepted: bool) {
    let members = checks::homes(cx, doc, &[by]);
    cx.emit(EventName::SurrenderAnswered, &doc.id.0, &members, &[doc.issuer, by], &[u64::from(accepted)]);
}
