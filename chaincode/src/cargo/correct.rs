//! `cargo.correct`: another event stands in for an earlier one, or takes it back.

use super::alarm::Audience;
use super::missing::{self, Way};
use super::report::{self, Entry};
use super::{checks, custody, flow};
use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure};
use crate::view::{Due, opaque};
use landsea_types::crypto::hash_of;
use landsea_types::event::EventName;
use landsea_types::operation::cargo::{Correct, FlowReport};
use landsea_types::record::{CargoEvent, Lot};
use landsea_types::role::FlowAction;
use landsea_types::{Code, EventId, Hash};

/// Corrects an event by reference, once. What it did to quantities and to the whereabouts of the lots is undone; custody that both
/// have signed stays where it is until both sign again, and a hand-over that waits no longer does.
///
/// # Errors
/// 1010; 1005, 1006; 1012 (the event, then the replacement's lots and custodians); 8001, 8002 with the height of the event that corrects
/// this one or equals the replacement; 1009, 1006.
pub fn correct(cx: &mut Cx<'_, '_>, op: &Correct) -> Refused {
    op.replacement.iter().try_for_each(checks::check_shape)?; // 1
    cx.require_role(checks::REPORTERS)?; // 3
    let event = Cx::known(cx.view.cargo_event(&op.event), 0)?; // 4
    checks::load(cx, &event.report)?;
    let lots = op.replacement.as_ref().map(|r| checks::load(cx, r)).transpose()?;
    ensure(event.reporter == cx.sender.id, Code::ReporterNotEntitled)?; // 11
    check_uncorrected(cx, &event)?; // 11
    match (&op.replacement, lots) {
        (Some(replacement), Some(lots)) => replace(cx, event, replacement, &lots),
        _ => take_back(cx, event),
    }
}

/// Check step 11: an event is corrected once, and what takes another one back is not corrected.
fn check_uncorrected(cx: &Cx<'_, '_>, event: &CargoEvent) -> Refused {
    let by = event.corrected_by.or((event.action == FlowAction::Delete).then_some(event.id));
    match by.and_then(|id| cx.view.cargo_event(&id)) {
        Some(by) => Err(Refusal::with_args(Code::DuplicateEvent, &[by.height.get()])),
        None => Ok(()),
    }
}

fn replace(cx: &mut Cx<'_, '_>, event: CargoEvent, replacement: &FlowReport, lots: &[Lot]) -> Refused {
    checks::check_entitled(cx, replacement, lots)?; // 11
    checks::check_new(cx, &replacement.id())?; // 11
    let signed = custody::other_signs(cx, replacement)?; // 12
    let corrects = Some(event.id);
    undo(cx, event, replacement.id(), FlowAction::Observe)?;
    // What the first event did to the lots has been undone.
    let lots: Vec<Lot> = lots.iter().filter_map(|lot| cx.view.lot(&lot.id)).collect();
    report::enter(cx, replacement, &lots, Entry { action: FlowAction::Observe, corrects, signed })
}

/// The id of the event that takes another one back.
fn deletion_id(event: &EventId) -> EventId {
    EventId(hash_of("cargo-event-deleted", event))
}

fn take_back(cx: &mut Cx<'_, '_>, event: CargoEvent) -> Refused {
    let deletion = CargoEvent {
        id: deletion_id(&event.id),
        action: FlowAction::Delete,
        recorded: cx.now(),
        height: cx.height(),
        corrects: Some(event.id),
        moved: Vec::new(),
        corrected_by: None,
        custody_confirmed: true,
        custody_due: None,
        ..event.clone()
    };
    undo(cx, event, deletion.id, FlowAction::Delete)?;
    for lot in &deletion.report.lots {
        flow::advance(cx, lot, &deletion)?;
    }
    cx.view.put_cargo_event(&deletion);
    Ok(())
}

/// Notes that an event no longer stands, and undoes what it did.
fn undo(cx: &mut Cx<'_, '_>, mut event: CargoEvent, by: EventId, action: FlowAction) -> Refused {
    if let Some(due) = event.custody_due.take() {
        cx.view.unschedule(due, Due::Custody, &event.id.0);
    }
    event.corrected_by = Some(by);
    cx.view.put_cargo_event(&event);
    if let Some(way) = Way::of(event.report.step) {
        for (lot, moved) in event.report.lots.iter().zip(&event.moved) {
            missing::shift(cx, lot, way.undone(), *moved)?;
        }
    }
    let lots: Vec<Lot> = event.report.lots.iter().filter_map(|id| cx.view.lot(id)).collect();
    for lot in &lots {
        if flow::rests_on(cx.view, lot, &event) {
            flow::reread(cx, lot);
        }
    }
    let audience = Audience::of(cx.view, &lots);
    let mut related = vec![opaque(&by.0)];
    related.extend(lots.iter().map(|lot| Hash(lot.id.0)));
    let (members, parties) = (&audience.members, [event.reporter]);
    cx.emit_related(EventName::FlowCorrected, &event.id.0, &related, members, &parties, &[action as u64]);
    report::note_sight(cx, &event, &lots)
}
