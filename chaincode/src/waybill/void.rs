//! Voids: a document that should never have been issued, or that a court has set aside.
//!
//! The issuer voids what nobody has touched since it was issued, with the first holder's consent: the goods never came under it. A
//! branch voids by order whatever still lives, and asks nobody; a pledge that has nothing left then ends with it. The lots are
//! consumed and their keys free; what lies in a cell still lies there.

use super::reshape::Side;
use super::{checks, fingerprints};
use crate::context::Cx;
use crate::goods::{self, cells::Goods};
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::VoidDoc;
use landsea_types::record::Doc;
use landsea_types::role::{DocState, LotStatus, Role};
use landsea_types::{Code, Hash};

/// Voids a transport document or a note.
///
/// # Errors
/// By the issuer: 1005, 1006; 1012, 1007; 5007; 3108, 3004 once it has changed, 4008; 6001; 3006, 5002; 3005; the first holder's
/// consent 1008, 1009, 1006. By a branch: 1005 without an order or for another branch's document; 1012, 1007; 5007; 3004.
pub fn void_doc(cx: &mut Cx<'_, '_>, op: &VoidDoc) -> Refused {
    void_on(cx, op, Side::Waybill)
}

/// Voids a document of one side.
///
/// # Errors
/// As [`void_doc`].
pub(crate) fn void_on(cx: &mut Cx<'_, '_>, op: &VoidDoc, side: Side) -> Refused {
    let by_order = op.order.is_some_and(|order| !order.is_zero());
    if cx.sender.has(Role::Branch) {
        ensure(by_order, Code::RoleNotPermitted)?; // 3
        return void_by_order(cx, op, side);
    }
    cx.require_role(side.issuers())?; // 3
    ensure(op.order.is_none(), Code::RoleNotPermitted)?;
    void_by_issuer(cx, op, side)
}

fn void_by_order(cx: &mut Cx<'_, '_>, op: &VoidDoc, side: Side) -> Refused {
    cx.require_role(&[Role::Branch])?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    ensure(doc.home == cx.sender.home, Code::RoleNotPermitted)?;
    ensure(Side::of(&doc) == side, Code::NotPledgeableHere)?; // 5
    ensure(!doc.state.is_terminal(), Code::DocumentState)?; // 6
    apply(cx, doc)
}

fn void_by_issuer(cx: &mut Cx<'_, '_>, op: &VoidDoc, side: Side) -> Refused {
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    side.require(&doc)?; // 5
    checks::require_active(cx, &doc)?; // 6
    // A pledged document has changed too; that is said at step 10.
    ensure(doc.enc.is_some() || is_as_issued(&doc), Code::DocumentState)?;
    hold::check_doc(cx, Act::Exit, &doc)?; // 7
    ensure(doc.enc.is_none(), Code::Encumbered)?; // 10
    pledge::check_encumbrance(cx, &doc)?;
    checks::require_issuer(cx, &doc)?; // 11
    checks::require_consents(cx, &[(doc.first_holder, &[], 0)])?; // 12
    pledge::require_pledgee_consent(cx, &doc)?;
    apply(cx, doc)
}

/// Whether the document is the first over its goods and nobody has acted on it.
fn is_as_issued(doc: &Doc) -> bool {
    doc.chain_len == 1 && doc.replaces.is_none() && doc.holder == doc.first_holder
}

fn apply(cx: &mut Cx<'_, '_>, mut doc: Doc) -> Refused {
    pledge::leave(cx, &mut doc)?;
    for lot in goods::lots_of(cx.view, &doc) {
        if lot.status == LotStatus::Active {
            goods::lots::end_lot(cx, lot, LotStatus::Consumed, Goods::Stay)?;
        }
    }
    doc.enc = None;
    doc.state = DocState::Void;
    fingerprints::retire(cx, &doc);
    let parties = [doc.issuer, doc.first_holder];
    let members = checks::homes(cx, &doc, &parties);
    let lots: Vec<Hash> = doc.lots.iter().map(|lot| Hash(lot.0)).collect();
    let by_order = u64::from(cx.sender.has(Role::Branch));
    cx.emit_related(EventName::Voided, &doc.id.0, &lots, &members, &parties, &[by_order]);
    checks::put_changed(cx, doc)
}
