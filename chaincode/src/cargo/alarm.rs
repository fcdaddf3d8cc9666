//! What looks wrong about an event. Alarms are told, and refuse nothing.

use crate::context::{Cx, event, without_banks};
use crate::pledge;
use crate::view::{View, opaque, travel_key};
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::record::{Doc, Flow, Lot};
use landsea_types::role::{FlowAction, FlowAlertKind, FlowStep, LotStatus};
use landsea_types::state::Table;
use landsea_types::{AccountId, Commit, EventId, Hash, LotId, Member, Timestamp};
use std::collections::BTreeMap;

/// The lots about which each alarm is raised.
pub(super) type Alarms = BTreeMap<FlowAlertKind, Vec<Lot>>;

/// Adds an alarm about a lot.
pub(super) fn raise(alarms: &mut Alarms, kind: FlowAlertKind, lot: &Lot) {
    alarms.entry(kind).or_default().push(lot.clone());
}

/// What the event's own words and the last event do not allow, per lot.
pub(super) fn plausibility(cx: &Cx<'_, '_>, report: &FlowReport, lots: &[Lot], action: FlowAction) -> Alarms {
    let mut alarms = Alarms::new();
    for lot in lots {
        let flow = cx.view.flow(&lot.id).unwrap_or(Flow::UNKNOWN);
        // What stands in for an earlier event is rightly earlier than the last one.
        let backward = action == FlowAction::Add && report.at < flow.at;
        let found = [
            (FlowAlertKind::TimeBackward, backward || !is_past(cx.view, report.at, cx.now())),
            (FlowAlertKind::TwoPlaces, is_in_two_places(cx.view, report, &flow)),
            (FlowAlertKind::SealMismatch, is_other_seal(report, lot)),
            (FlowAlertKind::UnauthorisedExit, report.step.is_exit() && is_bound(cx, lot)),
            (FlowAlertKind::TempBreach, breaks_conditions(cx.view, report, lot)),
        ];
        found.iter().filter(|(_, holds)| *holds).for_each(|(kind, _)| raise(&mut alarms, *kind, lot));
    }
    alarms
}

/// Whether something that is said to have happened at a time can have happened by now, clocks being what they are.
pub(super) fn is_past(view: &View<'_>, at: Timestamp, now: Timestamp) -> bool {
    at <= now.saturating_add(view.param(ParamKey::ClockDriftMs))
}

/// Another node sooner than the way there takes.
fn is_in_two_places(view: &View<'_>, report: &FlowReport, flow: &Flow) -> bool {
    let known = flow.at > Timestamp::ZERO && report.at >= flow.at && report.node != flow.node;
    known && report.at.since(flow.at) < travel_ms(view, &flow.node, &report.node)
}

/// The shortest time between two nodes, either way.
fn travel_ms(view: &View<'_>, from: &[u8; 8], to: &[u8; 8]) -> u64 {
    let way = |a: &[u8; 8], b: &[u8; 8]| view.get::<u64>(Table::Travel, &travel_key(a, b));
    way(from, to).or_else(|| way(to, from)).unwrap_or(view.param(ParamKey::MinTravelMs))
}

/// A seal that is seen is another one than was put on. One that is put on now need not be.
fn is_other_seal(report: &FlowReport, lot: &Lot) -> bool {
    let is_put_on = matches!(report.step, FlowStep::Sealed | FlowStep::Resealed);
    !is_put_on && matches!((report.seal, lot.seal), (Some(seen), Some(known)) if seen != known)
}

/// Whether a right stands against the exit of an ACTIVE lot.
fn is_bound(cx: &Cx<'_, '_>, lot: &Lot) -> bool {
    let targets = std::iter::once(lot.id.0).chain(lot.title.map(|doc| doc.0));
    let bound = |target: [u8; 32]| {
        cx.view.encumbrance(&target).is_some()
            || !cx.view.standings(&target).is_empty()
            || cx.view.reservation(&target).is_some_and(|r| cx.now() < r.until)
    };
    lot.status == LotStatus::Active && targets.into_iter().any(bound)
}

/// The threshold that was broken is the one to which the pledge of the lot is committed.
fn breaks_conditions(view: &View<'_>, report: &FlowReport, lot: &Lot) -> bool {
    let agreed = lot.enc.and_then(|id| view.pledge(&id)).map(|pledge| pledge.conditions);
    report.condition.is_some_and(|broken| broken != Commit::default() && agreed == Some(broken))
}

/// Who hears about lots: the homes of their titles, where they are and the pledgees' members; by name who keeps and owns them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Audience {
    pub(super) members: Vec<Member>,
    /// Without banks.
    pub(super) parties: Vec<AccountId>,
    /// The pledgees with the lots that each has in pledge.
    pub(super) pledgees: BTreeMap<AccountId, Vec<LotId>>,
}

impl Audience {
    /// The audience of some lots.
    pub(super) fn of(view: &View<'_>, lots: &[Lot]) -> Self {
        let mut audience = Self::default();
        let mut owners = Vec::new();
        for lot in lots {
            let title: Option<Doc> = lot.title.and_then(|id| view.doc(&id));
            audience.members.extend([title.as_ref().map_or(lot.home, |doc| doc.home), lot.place]);
            owners.push(lot.custodian);
            owners.extend(title.as_ref().and_then(pledge::actor));
            if let Some(enc) = view.encumbrance(&lot.id.0) {
                audience.members.push(enc.member);
                audience.pledgees.entry(enc.pledgee).or_default().push(lot.id);
            }
        }
        owners.sort();
        owners.dedup();
        audience.parties = without_banks(view, &owners);
        audience
    }
}

/// One event per alarm, and one more per pledgee concerned.
pub(super) fn events(view: &View<'_>, subject: &EventId, alarms: Alarms) -> Vec<Event> {
    let mut all = Vec::new();
    for (kind, lots) in alarms {
        let audience = Audience::of(view, &lots);
        let ids: Vec<LotId> = lots.iter().map(|lot| lot.id).collect();
        let alert = |lots: &[LotId], parties: &[AccountId]| {
            let related: Vec<Hash> = lots.iter().map(|lot| opaque(&lot.0)).collect();
            event(EventName::FlowAlert, &subject.0, &related, &audience.members, parties, &[kind as u64])
        };
        all.push(alert(&ids, &audience.parties));
        all.extend(audience.pledgees.iter().map(|(pledgee, lots)| alert(lots, &[*pledgee])));
    }
    all
}
