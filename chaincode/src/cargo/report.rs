//! `cargo.report`, and the entry of an event, which corrections share.

use super::alarm::{self, Alarms};
use super::{checks, custody, flow, missing};
use crate::authenticity;
use crate::context::Cx;
use crate::refusal::Refused;
use crate::view::opaque;
use landsea_types::event::EventName;
use landsea_types::operation::cargo::{FlowReport, Report};
use landsea_types::record::{CargoEvent, Lot};
use landsea_types::role::{FlowAction, FlowStep};
use landsea_types::{EventId, Hash, LotId};

/// Records what was seen of goods. It is never refused for what it says.
///
/// # Errors
/// 1010; 1005, 1006; 1012 (the position of the lot, then of a custodian); 8001, 8002 with the height of the first; 1009, 1006 for the
/// consent of the other custodian, which may be absent.
pub fn report(cx: &mut Cx<'_, '_>, op: &Report) -> Refused {
    let report = &op.report;
    checks::check_shape(report)?; // 1
    cx.require_role(checks::REPORTERS)?; // 3
    let lots = checks::load(cx, report)?; // 4
    checks::check_entitled(cx, report, &lots)?; // 11
    checks::check_new(cx, &report.id())?; // 11
    let signed = custody::other_signs(cx, report)?; // 12
    enter(cx, report, &lots, Entry { action: FlowAction::Add, corrects: None, signed })
}

/// How an event enters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) action: FlowAction,
    pub(super) corrects: Option<EventId>,
    /// Whether the other custodian has signed the hand-over, if there is one.
    pub(super) signed: bool,
}

/// Appends an event to the timelines of its lots, applies what it changes and raises what looks wrong.
pub(super) fn enter(cx: &mut Cx<'_, '_>, report: &FlowReport, lots: &[Lot], entry: Entry) -> Refused {
    let mut alarms = alarm::plausibility(cx, report, lots, entry.action);
    let mut event = blank(cx, report, entry);
    custody::judge(cx, &mut event, lots, entry.signed, &mut alarms);
    event.moved = missing::apply(cx, &event, lots)?;
    if event.custody_confirmed && event.report.custody.is_some() {
        custody::hand_over(cx, &event)?;
    }
    put_seal(cx, &event)?;
    for lot in &report.lots {
        flow::advance(cx, lot, &event)?;
    }
    cx.view.put_cargo_event(&event);
    announce(cx, &event, lots, alarms);
    note_sight(cx, &event, lots)
}

fn blank(cx: &Cx<'_, '_>, report: &FlowReport, entry: Entry) -> CargoEvent {
    CargoEvent {
        id: report.id(),
        report: report.clone(),
        action: entry.action,
        reporter: cx.sender.id,
        recorded: cx.now(),
        height: cx.height(),
        corrects: entry.corrects,
        moved: Vec::new(),
        corrected_by: None,
        custody_confirmed: true,
        custody_due: None,
    }
}

/// A seal that is put on is the one that later looks are compared with.
fn put_seal(cx: &mut Cx<'_, '_>, event: &CargoEvent) -> Refused {
    let is_put_on = matches!(event.report.step, FlowStep::Sealed | FlowStep::Resealed);
    let Some(seal) = event.report.seal.filter(|_| is_put_on) else { return Ok(()) };
    for mut lot in missing::active_lots(cx.view, &event.report.lots) {
        if lot.seal != Some(seal) && checks::is_own_business(cx.view, event, &lot) {
            lot.seal = Some(seal);
            crate::goods::lots::put_changed(cx, lot)?;
        }
    }
    Ok(())
}

/// Cases on the goods may rest on their having been seen.
pub(super) fn note_sight(cx: &mut Cx<'_, '_>, event: &CargoEvent, lots: &[Lot]) -> Refused {
    let seen: Vec<LotId> = lots.iter().filter(|lot| flow::sees(lot, event)).map(|lot| lot.id).collect();
    authenticity::on_seen(cx, &seen)
}

fn announce(cx: &mut Cx<'_, '_>, event: &CargoEvent, lots: &[Lot], alarms: Alarms) {
    let mut audience = alarm::Audience::of(cx.view, lots);
    audience.members.push(cx.sender.home);
    audience.parties.push(event.reporter);
    let related: Vec<Hash> = event.report.lots.iter().map(|lot| opaque(&lot.0)).collect();
    let args = [event.report.step as u64, event.report.at.get()];
    cx.emit_related(EventName::FlowEvent, &event.id.0, &related, &audience.members, &audience.parties, &args);
    for alert in alarm::events(cx.view, &event.id, alarms) {
        cx.events.push(alert);
    }
}
