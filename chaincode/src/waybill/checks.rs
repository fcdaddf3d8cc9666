//! Checks that the operations on documents share, here and in `warehouse`.

use crate::context::Cx;
use crate::refusal::{Refused, ensure, internal};
use crate::{goods, pledge};
use landsea_types::record::Doc;
use landsea_types::role::{DocState, PartyStatus, Role};
use landsea_types::{AccountId, Code, DocId};

/// Who may sign as custodian or issuer of a transport document.
pub(crate) const CARRIERS: &[Role] = &[Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder];

/// Check step 4: the document exists. Its due transitions are applied first, as if the sweep had come to it.
///
/// # Errors
/// 1012 with `which`.
pub(crate) fn load(cx: &mut Cx<'_, '_>, id: &DocId, which: u64) -> Refused<Doc> {
    Cx::known(cx.view.doc(id), which)?;
    pledge::settle(cx, id)?;
    Cx::known(cx.view.doc(id), which)
}

/// Check step 4 for the document that an operation is about.
///
/// # Errors
/// 1012, 1007.
pub(crate) fn load_at(cx: &mut Cx<'_, '_>, id: &DocId, expect_ver: u32) -> Refused<Doc> {
    // The version that the sender saw, before anything due is applied.
    let seen = Cx::known(cx.view.doc(id), 0)?.ver;
    let doc = load(cx, id, 0)?;
    cx.expect_ver(expect_ver, seen)?;
    Ok(doc)
}

/// Check step 5: a transport document of a title kind.
///
/// # Errors
/// 5007 for a receipt or a note.
pub(crate) fn require_waybill(doc: &Doc) -> Refused {
    ensure(!doc.is_receipt() && doc.kind.is_waybill_title(), Code::NotPledgeableHere)
}

/// Check step 5: a warehouse receipt.
///
/// # Errors
/// 5007 for a waybill.
pub(crate) fn require_receipt(doc: &Doc) -> Refused {
    ensure(doc.is_receipt(), Code::NotPledgeableHere)
}

/// Check step 6: the document is ACTIVE, and so are its lots.
///
/// # Errors
/// 3108 while the paper is out, 3004, 4008.
pub(crate) fn require_active(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    require_active_state(doc)?;
    goods::require_active_lots(cx.view, doc)
}

/// Check step 6 of what the beneficiary does: the document is ACTIVE, its pledge is not being enforced, its lots are ACTIVE.
///
/// # Errors
/// 3108 while the paper is out, 3004, 5008, 4008.
pub(crate) fn require_usable(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    require_active_state(doc)?;
    pledge::require_not_enforcing(cx, doc)?;
    goods::require_active_lots(cx.view, doc)
}

fn require_active_state(doc: &Doc) -> Refused {
    ensure(doc.state != DocState::PaperOut, Code::PaperIsOut)?;
    ensure(doc.state == DocState::Active, Code::DocumentState)
}

/// Check step 11: the sender acts as holder of the document.
///
/// # Errors
/// 3005 otherwise.
pub(crate) fn require_actor(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    ensure(pledge::actor(doc) == Some(cx.sender.id), Code::NotHolder)
}

/// Check step 11: the sender issued the document.
///
/// # Errors
/// 3005 otherwise.
pub(crate) fn require_issuer(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    ensure(doc.issuer == cx.sender.id, Code::NotHolder)
}

/// Check step 11: who receives a right is active.
///
/// # Errors
/// 1006 otherwise.
pub(crate) fn require_recipient(cx: &Cx<'_, '_>, recipient: &AccountId) -> Refused {
    let active = cx.view.party(recipient).is_some_and(|party| party.status == PartyStatus::Active);
    ensure(active, Code::PartySuspended)
}

/// Check step 12: every party in turn, each once even when it signs in several capacities. The position of a party is the
/// argument of 1008; no roles means any.
///
/// # Errors
/// 1008, 1009, 1006 of the first party whose consent is not in order.
pub(crate) fn require_consents(cx: &mut Cx<'_, '_>, parties: &[(AccountId, &[Role], u64)]) -> Refused {
    let mut done: Vec<AccountId> = Vec::new();
    for (party, roles, who) in parties {
        if !done.contains(party) {
            cx.require_consent(party, roles, *who, Code::ConsentMissing)?;
            done.push(*party);
        }
    }
    Ok(())
}

/// The version after a change.
///
/// # Errors
/// 1014 when it overflows.
pub(crate) fn bump(doc: &mut Doc) -> Refused {
    doc.ver = internal(doc.ver.checked_add(1))?;
    Ok(())
}

/// Writes a changed document under its next version.
///
/// # Errors
/// 1014 when the version overflows.
pub(crate) fn put_changed(cx: &mut Cx<'_, '_>, mut doc: Doc) -> Refused {
    bump(&mut doc)?;
    cx.view.put_doc(&doc);
    cx.touch(&doc.id.0);
    Ok(())
}

/// The members to notify: homes of the document and of the parties.
pub(crate) fn homes(cx: &Cx<'_, '_>, doc: &Doc, parties: &[AccountId]) -> Vec<landsea_types::Member> {
    let of_parties = parties.iter().filter_map(|id| cx.view.party(id)).map(|party| party.home);
    std::iter::once(doc.home).chain(of_parties).collect()
}
