//! `waybill.anchor` and `waybill.close_anchor`: a note without lots, and its end.

use super::checks::{self, CARRIERS};
use super::draft::{Draft, document};
use super::{chain, fingerprints};
use crate::context::Cx;
use crate::goods;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Anchor, CloseAnchor};
use landsea_types::role::{ChainAction, DocKind, DocState, OrderType};
use landsea_types::{Code, Commit};

/// Registers a leg note or house bill with its keys; no key is taken.
///
/// # Errors
/// 1005, 1006; 5007 for another kind; ticket 3003, 3008, 3009; 3001, 3002.
pub fn anchor(cx: &mut Cx<'_, '_>, op: &Anchor) -> Refused {
    cx.require_role(CARRIERS)?; // 3
    check_kind(op.kind)?; // 5
    ensure(!op.ticket.body.goods_keys.is_empty(), Code::TicketInvalid)?; // 8
    cx.require_ticket(&op.ticket, &cx.sender.id, op.kind)?;
    goods::check_transport_classes(&op.ticket.body.goods_keys)?;
    fingerprints::check_unseen(cx, &op.ticket.body, None)?;
    apply(cx, op)
}

/// An undefined kind is left to the ticket, which answers 3008.
fn check_kind(kind: DocKind) -> Refused {
    ensure(kind.name().is_none() || kind.is_anchor(), Code::NotPledgeableHere)
}

fn apply(cx: &mut Cx<'_, '_>, op: &Anchor) -> Refused {
    let draft = Draft {
        kind: op.kind,
        legal_basis: op.legal_basis,
        ticket: &op.ticket.body,
        content_root: op.content_root,
        issue_date: op.issue_date,
        order_type: OrderType::Straight,
        first_holder: cx.sender.id,
        control_agreement: Commit::default(),
        state: DocState::Anchored,
    };
    let mut doc = document(cx, &draft);
    doc.note_keys = op.ticket.body.goods_keys.clone();
    chain(cx, &mut doc, ChainAction::Issue, None)?;
    cx.view.put_doc(&doc);
    fingerprints::register(cx.view, &doc);
    cx.emit(EventName::DocAnchored, &doc.id.0, &[doc.home], &[doc.issuer], &[u64::from(doc.kind.0)]);
    Ok(())
}

/// Ends a note whose leg is over, adopted or not.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007 for what is no note; 3004; 3005.
pub fn close_anchor(cx: &mut Cx<'_, '_>, op: &CloseAnchor) -> Refused {
    cx.require_role(CARRIERS)?; // 3
    let mut doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    ensure(doc.kind.is_anchor(), Code::NotPledgeableHere)?; // 5
    ensure(doc.state == DocState::Anchored, Code::DocumentState)?; // 6
    checks::require_issuer(cx, &doc)?; // 11
    doc.state = DocState::Closed;
    fingerprints::retire(cx, &doc);
    cx.emit(EventName::AnchorClosed, &doc.id.0, &[doc.home], &[doc.issuer], &[u64::from(doc.kind.0)]);
    checks::put_changed(cx, doc)
}
