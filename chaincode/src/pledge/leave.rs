//! Documents that leave a pledge because they end, and what an enforcement stops.

use super::carry::end_own_reservation;
use super::term::{end, store_covered};
use super::transition::lift;
use crate::context::Cx;
use crate::refusal::{Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::record::{Doc, Pledge};
use landsea_types::role::{DocState, PledgeState};
use landsea_types::{Code, DocId};

/// Takes a document whose goods are delivered out of its pledge, if it has one, and ends its reservation, if it has one. A
/// pledge without documents left is RELEASED. The caller stores the document and ends its lots.
///
/// # Errors
/// 1014 when the pledge is not in state or its version overflows.
pub fn release_on_delivery(cx: &mut Cx<'_, '_>, doc: &mut Doc) -> Refused {
    take_out(cx, doc, PledgeState::Released, EventName::PledgeReleased)
}

/// Takes a document that is voided or sold out of its pledge, and ends its reservation. A pledge without documents left is
/// VOIDED, or RELEASED when the goods were sold: the proceeds follow it. The caller stores the document and ends its lots.
///
/// # Errors
/// 1014 when the pledge is not in state or its version overflows.
pub fn leave(cx: &mut Cx<'_, '_>, doc: &mut Doc) -> Refused {
    match doc.state {
        DocState::SalePending | DocState::Sold => release_on_delivery(cx, doc),
        _ => take_out(cx, doc, PledgeState::Voided, EventName::PledgeVoided),
    }
}

fn take_out(cx: &mut Cx<'_, '_>, doc: &mut Doc, at_last: PledgeState, said: EventName) -> Refused {
    end_own_reservation(cx, doc);
    let Some(enc) = cx.view.encumbrance(&doc.id.0) else { return Ok(()) };
    let mut pledge = internal(cx.view.pledge(&enc.pledge))?;
    lift(cx.view, doc, &pledge.pledgor);
    if pledge.docs == [doc.id] {
        return end(cx, pledge, at_last, said, &[]);
    }
    strike(&mut pledge, doc);
    store_covered(cx, pledge, EventName::PartialRelease, &[doc.id])
}

/// Takes a document and its lots off the lists of a pledge.
pub(super) fn strike(pledge: &mut Pledge, doc: &Doc) {
    let stays = |id: &DocId| *id != doc.id;
    pledge.docs.retain(stays);
    pledge.joined.retain(|joined| stays(&joined.doc));
    pledge.lots.retain(|lot| !doc.lots.contains(lot));
}

/// Check step 6 of what the beneficiary does with a document: its pledge is not being enforced.
///
/// # Errors
/// 5008 otherwise.
pub fn require_not_enforcing(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    let state = doc.enc.and_then(|id| cx.view.pledge(&id)).map(|pledge| pledge.state);
    ensure(state != Some(PledgeState::Enforcing), Code::PledgeState)
}
