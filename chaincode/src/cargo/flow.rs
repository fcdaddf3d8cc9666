//! Timelines, and where the goods of a lot are.

use super::alarm::is_past;
use super::checks::is_own_business;
use crate::context::Cx;
use crate::refusal::{Refused, internal};
use crate::view::{Due, View};
use landsea_types::genesis::ParamKey;
use landsea_types::record::{CargoEvent, Doc, Flow, Lot};
use landsea_types::role::{FlowAction, LotStatus};
use landsea_types::{LotId, Timestamp};

/// How far back a timeline is read when its last event turns out wrong.
const LOOK_BACK_MAX: u32 = 256;

/// Whether the goods of a document are at rest: no lot's last event says that it is still on its way.
///
/// A lot of which nobody has reported passes. The conversion that asks has the consents of carrier and warehouse, and in the first
/// part they alone stood for the arrival; the ledger does not contradict both custodians for want of an event.
pub fn has_arrived(view: &View<'_>, doc: &Doc) -> bool {
    doc.lots.iter().filter_map(|lot| view.flow(lot)).all(|flow| !flow.step.is_in_transit())
}

/// Appends an event to the timeline of a lot and moves its flow, unless the event's time cannot be right or its reporter only claims to
/// receive the lot.
///
/// # Errors
/// 1014 when the lot is unknown or its events cannot be numbered.
pub(super) fn advance(cx: &mut Cx<'_, '_>, id: &LotId, event: &CargoEvent) -> Refused {
    let lot = internal(cx.view.lot(id))?;
    let old = cx.view.flow(id).unwrap_or(Flow::UNKNOWN);
    let mut flow = old.clone();
    flow.events = internal(flow.events.checked_add(1))?;
    cx.view.put_timeline(id, flow.events, &event.id);
    if !is_own_business(cx.view, event, &lot) {
        cx.view.put_flow(id, &flow);
        return Ok(());
    }
    if event.action != FlowAction::Delete {
        if event.report.at >= flow.at && is_past(cx.view, event.report.at, event.recorded) {
            follow(&mut flow, event);
        }
        if sees(&lot, event) {
            flow.seen = flow.seen.max(Some(event.report.at.min(event.recorded)));
        }
    }
    put(cx.view, &lot, Some(&old), flow, event.recorded);
    Ok(())
}

/// The last event says where the goods are; only a movement says whether they are on their way.
fn follow(flow: &mut Flow, event: &CargoEvent) {
    flow.last = event.id;
    flow.node = event.report.node;
    flow.at = event.report.at;
    flow.recorded = event.recorded;
    if event.report.step.is_movement() {
        flow.step = event.report.step;
    }
}

/// Whether the lot's supervisor saw the goods: a keeper does not supervise itself.
pub(super) fn sees(lot: &Lot, event: &CargoEvent) -> bool {
    lot.supervisor == Some(event.reporter) && lot.custodian != event.reporter
}

/// Writes the flow of a lot; from now on it is silent.
fn put(view: &mut View<'_>, lot: &Lot, old: Option<&Flow>, mut flow: Flow, now: Timestamp) {
    if let Some(before) = old.and_then(|old| old.silent_from) {
        view.unschedule(before, Due::Silence, &lot.id.0);
    }
    let travels = lot.status == LotStatus::Active && flow.step.is_in_transit();
    flow.silent_from = travels.then(|| now.saturating_add(view.param(ParamKey::SilenceMs)));
    if let Some(at) = flow.silent_from {
        view.schedule(at, Due::Silence, &lot.id.0, &[]);
    }
    view.put_flow(&lot.id, &flow);
}

/// Reads the flow of a lot anew from the events that stand, because one of them has been corrected or signed by both custodians.
pub(super) fn reread(cx: &mut Cx<'_, '_>, lot: &Lot) {
    let Some(old) = cx.view.flow(&lot.id) else { return };
    let inherited = lot.parents.iter().filter_map(|id| cx.view.flow(id)).max_by_key(|flow| flow.recorded);
    let start = inherited.unwrap_or(Flow::UNKNOWN);
    let mut flow = Flow { events: old.events, seen: start.seen, custody: old.custody, ..start };
    for event in standing(cx.view, &lot.id, old.events) {
        if is_past(cx.view, event.report.at, event.recorded) && is_own_business(cx.view, &event, lot) {
            follow(&mut flow, &event);
        }
        if sees(lot, &event) {
            flow.seen = flow.seen.max(Some(event.report.at.min(event.recorded)));
        }
    }
    let now = cx.now();
    put(cx.view, lot, Some(&old), flow, now);
}

/// The latest events of a lot that nobody has taken back, by the time at which they happened.
fn standing(view: &View<'_>, lot: &LotId, events: u32) -> Vec<CargoEvent> {
    let first = events.saturating_sub(LOOK_BACK_MAX).saturating_add(1);
    let all = (first..=events).filter_map(|n| view.cargo_event(&view.timeline(lot, n)?));
    let mut standing: Vec<CargoEvent> =
        all.filter(|e| e.corrected_by.is_none() && e.action != FlowAction::Delete).collect();
    standing.sort_by_key(|event| event.report.at);
    standing
}

/// A lot begins where its parents were: the last of their flows, seen when the first of them was. A seal stays with its container or
/// wagon.
pub(crate) fn inherit(view: &mut View<'_>, parents: &[LotId], child: &mut Lot, now: Timestamp) {
    let parents: Vec<Lot> = parents.iter().filter_map(|id| view.lot(id)).collect();
    let shares = |parent: &&Lot| {
        let mut sealed = child.keys.iter().filter(|key| matches!(key.class, b'C' | b'W'));
        sealed.any(|key| parent.keys.contains(key))
    };
    child.seal = parents.iter().find(shares).and_then(|parent| parent.seal);
    let flows: Vec<Flow> = parents.iter().filter_map(|parent| view.flow(&parent.id)).collect();
    let seen = if flows.len() == parents.len() { flows.iter().map(|flow| flow.seen).min().flatten() } else { None };
    if let Some(last) = flows.into_iter().max_by_key(|flow| flow.recorded) {
        put(view, child, None, Flow { events: 0, seen, custody: None, ..last }, now);
    }
}

/// Whether an event is the one that says where a lot is, or one of those that say when its supervisor saw it.
pub(super) fn rests_on(view: &View<'_>, lot: &Lot, event: &CargoEvent) -> bool {
    view.flow(&lot.id).is_some_and(|flow| flow.last == event.id) || sees(lot, event)
}
