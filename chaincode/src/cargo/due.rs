//! What falls due by itself: hand-overs that nobody confirmed, and goods on their way of which nobody has heard.

use super::alarm::{self, Alarms};
use crate::pledge::Transition;
use landsea_types::role::{FlowAlertKind, LotStatus};
use landsea_types::{EventId, LotId};

/// Raises the alarm of a hand-over that only one custodian signed in time. Custody stays where it was.
pub(crate) fn custody_gap(due: &mut Transition<'_, '_>, id: &EventId) {
    let Some(mut event) = due.view.cargo_event(id) else { return };
    if event.custody_due.is_none_or(|at| due.block.time < at) {
        return;
    }
    event.custody_due = None;
    due.view.put_cargo_event(&event);
    let mut alarms = Alarms::new();
    for lot in event.report.lots.iter().filter_map(|id| due.view.lot(id)) {
        alarm::raise(&mut alarms, FlowAlertKind::CustodyGap, &lot);
    }
    say(due, id, alarms);
}

/// Raises the alarm of goods on their way that have been silent for too long, once until the next event.
pub(crate) fn silence(due: &mut Transition<'_, '_>, id: &LotId) {
    let Some(mut flow) = due.view.flow(id) else { return };
    let Some(at) = flow.silent_from.filter(|at| *at <= due.block.time) else { return };
    due.view.unschedule(at, crate::view::Due::Silence, &id.0);
    flow.silent_from = None;
    due.view.put_flow(id, &flow);
    let mut alarms = Alarms::new();
    if let Some(lot) = due.view.lot(id).filter(|lot| lot.status == LotStatus::Active) {
        alarm::raise(&mut alarms, FlowAlertKind::Silent, &lot);
    }
    say(due, &flow.last, alarms);
}

fn say(due: &mut Transition<'_, '_>, subject: &EventId, alarms: Alarms) {
    for alert in alarm::events(due.view, subject, alarms) {
        due.say(alert);
    }
}
