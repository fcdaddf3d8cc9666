//! Checks that the operations share.

use crate::context::Cx;
use crate::pledge::{self, Transition};
use crate::refusal::{Refusal, Refused, ensure};
use crate::view::View;
use landsea_types::ids::ascii;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::record::{CargoEvent, Lot, Party};
use landsea_types::role::{FlowAction, Role};
use landsea_types::{AccountId, Code, EventId, LotId, Qty, bounds};
use std::collections::BTreeSet;

/// Who may see goods for the ledger at all.
pub(super) const REPORTERS: &[Role] =
    &[Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse, Role::Supervisor, Role::Customs];

/// Who may keep goods.
pub(super) const KEEPERS: &[Role] = &[Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse];

/// Check step 1: each lot stands once, a quantity is of one lot and of something, the node is a code, and custody passes between two.
///
/// # Errors
/// 1010 otherwise.
pub(super) fn check_shape(report: &FlowReport) -> Refused {
    let lots: BTreeSet<&LotId> = report.lots.iter().collect();
    let counted = !lots.is_empty() && lots.len() == report.lots.len() && lots.len() <= bounds::EVENT_LOTS_MAX;
    let measured = report.qty.is_none_or(|qty| qty > Qty::ZERO && report.lots.len() == 1);
    let between_two = report.custody.as_ref().is_none_or(|h| h.from != h.to);
    ensure(counted && measured && between_two && ascii::is_code(&report.node), Code::TooLarge)
}

/// Check step 4: the lots and the custodians exist. What is due on the lots is applied first.
///
/// # Errors
/// 1012 with the position of the lot, or behind all of them for a custodian.
pub(super) fn load(cx: &mut Cx<'_, '_>, report: &FlowReport) -> Refused<Vec<Lot>> {
    for (id, which) in report.lots.iter().zip(0u64..) {
        let lot = Cx::known(cx.view.lot(id), which)?;
        if let Some(title) = &lot.title {
            pledge::settle(cx, title)?;
        }
        super::silence(&mut Transition::of(cx), id);
    }
    let behind = u64::try_from(report.lots.len()).unwrap_or(u64::MAX);
    for party in report.custody.iter().flat_map(|h| [h.from, h.to]) {
        Cx::known(cx.view.party(&party), behind)?;
    }
    Ok(report.lots.iter().filter_map(|id| cx.view.lot(id)).collect())
}

/// Check step 11: the sender keeps, watches or carries each of the lots, receives them, or is customs; a hand-over is its own.
///
/// # Errors
/// 8001 otherwise.
pub(super) fn check_entitled(cx: &Cx<'_, '_>, report: &FlowReport, lots: &[Lot]) -> Refused {
    let me = &cx.sender;
    let own_custody = report.custody.as_ref().is_none_or(|h| h.from == me.id || h.to == me.id);
    let receives = report.custody.as_ref().is_some_and(|h| h.to == me.id);
    let entitled = lots.iter().all(|lot| receives || has_standing(cx.view, me, lot));
    ensure(own_custody && entitled, Code::ReporterNotEntitled)
}

/// Whether a party's word about a lot is its own business: not only because it claims to receive the lot.
pub(super) fn has_standing(view: &View<'_>, party: &Party, lot: &Lot) -> bool {
    let near = lot.custodian == party.id || lot.supervisor == Some(party.id);
    near || party.has(Role::Customs) || carries(view, &party.id, lot)
}

/// Whether an event is its reporter's own business as far as a lot goes. Who only claims to receive goods has to wait for the other
/// custodian's word before its own changes anything; everybody else had standing when it spoke, whoever keeps the goods since.
pub(super) fn is_own_business(view: &View<'_>, event: &CargoEvent, lot: &Lot) -> bool {
    let claims = event.report.custody.as_ref().is_some_and(|h| h.to == event.reporter);
    let signed = event.custody_confirmed && event.action != FlowAction::Delete;
    !claims || signed || view.party(&event.reporter).is_some_and(|party| has_standing(view, &party, lot))
}

/// Whether a party issued the lot's title or an adopted note, or carries it on a leg. Lots that have ended keep the document
/// under which they came.
fn carries(view: &View<'_>, party: &AccountId, lot: &Lot) -> bool {
    let Some(doc) = view.doc(&lot.title.unwrap_or(lot.origin_doc)) else { return false };
    let mut notes = doc.base_docs.iter().filter_map(|id| view.doc(id));
    doc.issuer == *party || doc.legs.iter().any(|leg| leg.carrier == *party) || notes.any(|note| note.issuer == *party)
}

/// Check step 11, after the entitlement: nobody has said this before.
///
/// # Errors
/// 8002 with the height of the first.
pub(super) fn check_new(cx: &Cx<'_, '_>, id: &EventId) -> Refused {
    match cx.view.cargo_event(id) {
        Some(first) => Err(Refusal::with_args(Code::DuplicateEvent, &[first.height.get()])),
        None => Ok(()),
    }
}
