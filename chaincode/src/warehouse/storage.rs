//! `warehouse.extend_storage` and `warehouse.set_lien`: the terms of the storage change. No right in the goods does.

use crate::context::Cx;
use crate::pledge;
use crate::refusal::{Refused, ensure, internal};
use crate::waybill::checks;
use landsea_types::event::EventName;
use landsea_types::operation::warehouse::{ExtendStorage, SetLien};
use landsea_types::record::Doc;
use landsea_types::role::Role;
use landsea_types::{AccountId, Code, DocId};

/// Puts the end of the storage off, with the holder's consent.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007 for a waybill; 3108, 3004, 4008; 3005 for another's receipt; the holder's consent 1008, 1009, 1006;
/// 5005 for an end that is not later than the old one and now.
pub fn extend_storage(cx: &mut Cx<'_, '_>, op: &ExtendStorage) -> Refused {
    let mut doc = load_own(cx, &op.doc, op.expect_ver)?; // 3 to 11
    let holder = internal(pledge::actor(&doc))?;
    checks::require_consents(cx, &[(holder, &[], 0)])?; // 12
    let now = cx.now();
    let part = internal(doc.receipt.as_mut())?;
    ensure(op.until > part.storage_until.max(now), Code::TermOutOfLimits)?; // 13
    part.storage_until = op.until;
    store(cx, doc, holder, EventName::StorageExtended, op.until.get())
}

/// Notes that the keeper's charges are unpaid, or paid again.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007 for a waybill; 3108, 3004, 4008; 3005 for another's receipt.
pub fn set_lien(cx: &mut Cx<'_, '_>, op: &SetLien) -> Refused {
    let mut doc = load_own(cx, &op.doc, op.expect_ver)?; // 3 to 11
    let holder = internal(pledge::actor(&doc))?;
    let part = internal(doc.receipt.as_mut())?;
    part.lien = op.lien;
    part.charges = op.charges;
    store(cx, doc, holder, EventName::LienSet, u64::from(op.lien))
}

/// Check steps 3 to 11: an ACTIVE receipt of the sender.
fn load_own(cx: &mut Cx<'_, '_>, id: &DocId, expect_ver: u32) -> Refused<Doc> {
    cx.require_role(&[Role::Warehouse])?; // 3
    let doc = checks::load_at(cx, id, expect_ver)?; // 4
    checks::require_receipt(&doc)?; // 5
    checks::require_active(cx, &doc)?; // 6
    checks::require_issuer(cx, &doc)?; // 11
    Ok(doc)
}

fn store(cx: &mut Cx<'_, '_>, doc: Doc, holder: AccountId, event: EventName, arg: u64) -> Refused {
    let members = checks::homes(cx, &doc, &[holder]);
    cx.emit(event, &doc.id.0, &members, &[doc.issuer, holder], &[arg]);
    checks::put_changed(cx, doc)
}
