//! The cargo stream: what was seen of goods, where they are and where they were.

use super::super::auth::Caller;
use super::super::{Context, certificates, errors, visibility};
use super::{Answer, page, public, record, row};
use landsea_chaincode::View;
use landsea_client::api::{InTransit, Position, TimelineEntry, TransitView, WhereView};
use landsea_storage::Snapshot;
use landsea_types::genesis::ParamKey;
use landsea_types::record::{CargoEvent, Flow, Lot, PublicLot};
use landsea_types::role::{FlowAction, FlowStep, LotStatus};
use landsea_types::state::{Family, StateRead, Table};
use landsea_types::{EventId, Height, LotId, Member};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Lots of one descent whose events are read together, at most.
const DESCENT_MAX: usize = 1_024;
/// Events of one descent that are put in order, at most.
const EVENTS_MAX: usize = 50_000;
/// Flows looked at for one page of lots on their way.
const FLOWS_PER_PAGE: usize = 10_000;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimelineParams {
    lot: LotId,
    after: Option<EventId>,
    limit: Option<usize>,
}

pub(crate) fn timeline(context: &Context, caller: &Caller, p: TimelineParams) -> Answer<Vec<TimelineEntry>> {
    caller.party()?;
    let state = context.snapshot();
    let lot = record::<Lot>(&&*state, Family::Lot, &p.lot.0).ok_or_else(|| errors::unknown("lot", p.lot))?;
    if !visibility::follows(&&*state, caller, &lot) {
        return Err(errors::forbidden("only custodian, supervisor, holder, pledgee and branches may follow the goods"));
    }
    events_page(&&*state, lot, p.after, page(p.limit))
}

pub(super) fn events_page(
    state: &dyn StateRead,
    lot: Lot,
    after: Option<EventId>,
    limit: usize,
) -> Answer<Vec<TimelineEntry>> {
    let all = events_of(state, &descent(state, lot), Height::MAX);
    let place = |after: EventId| all.iter().position(|entry| entry.event.id == after);
    let passed = match after {
        Some(after) => place(after).ok_or_else(|| errors::unknown("event of these goods", after))? + 1,
        None => 0,
    };
    Ok(all.into_iter().skip(passed).take(limit).collect())
}

/// A lot and all those from which it was made, the nearest first.
fn descent(state: &dyn StateRead, lot: Lot) -> Vec<Lot> {
    let (mut seen, mut lots, mut next) = (BTreeSet::from([lot.id]), vec![lot], 0);
    while let Some(lot) = lots.get(next).filter(|_| lots.len() < DESCENT_MAX) {
        let parents: Vec<LotId> = lot.parents.iter().copied().filter(|id| seen.insert(*id)).collect();
        lots.extend(parents.iter().filter_map(|id| record::<Lot>(state, Family::Lot, &id.0)));
        next += 1;
    }
    lots
}

/// The events of lots recorded up to a height, each once, in the order of their record.
fn events_of(state: &dyn StateRead, lots: &[Lot], height: Height) -> Vec<TimelineEntry> {
    let mut seen = BTreeSet::new();
    let mut all: Vec<(u32, TimelineEntry)> = Vec::new();
    for lot in lots.iter().rev() {
        let entries = lot_events(state, &lot.id).filter(|(_, e)| e.height <= height).filter(|(_, e)| seen.insert(e.id));
        all.extend(entries.map(|(n, event)| (n, TimelineEntry { lot: lot.id, event })));
        if all.len() >= EVENTS_MAX {
            break;
        }
    }
    // Within one block the numbers of one lot tell the order.
    all.sort_by_key(|(n, entry)| (entry.event.height, *n, entry.event.id));
    all.into_iter().map(|(_, entry)| entry).collect()
}

fn lot_events<'a>(state: &'a dyn StateRead, lot: &LotId) -> impl Iterator<Item = (u32, CargoEvent)> + use<'a> {
    let until = [lot.0.as_slice(), &[0xff; 5]].concat();
    let rows = state.scan(Table::Timeline, &lot.0, &until, EVENTS_MAX);
    rows.into_iter().filter_map(|(key, value)| {
        let n = u32::from_be_bytes(*key.last_chunk::<4>()?);
        let id: EventId = borsh::from_slice(&value).expect("committed state decodes");
        Some((n, row(state, Table::CargoEvent, &id.0)?))
    })
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhereParams {
    lot: LotId,
    height: Option<Height>,
}

pub(crate) fn whereabouts(context: &Context, caller: &Caller, p: WhereParams) -> Answer<Option<WhereView>> {
    where_view(&*context.snapshot(), caller, &p.lot, p.height)
}

/// Custody and position at a height of which the node keeps proofs; of others it could only say nothing.
pub(crate) fn where_view(
    state: &dyn Snapshot,
    caller: &Caller,
    id: &LotId,
    height: Option<Height>,
) -> Answer<Option<WhereView>> {
    let height = certificates::provable(state, height)?;
    let Some(lot) = record::<Lot>(&state, Family::Lot, &id.0) else { return Ok(None) };
    let shown = visibility::follows(&state, caller, &lot);
    let is_now = height == state.tip().height;
    let position = shown.then(|| position_at(&state, &lot, height, is_now)).flatten();
    Ok(Some(WhereView { lot: *id, height, custody: custody_at(state, id, height), position }))
}

fn custody_at(state: &dyn Snapshot, lot: &LotId, height: Height) -> Option<PublicLot> {
    if height == state.tip().height {
        return public(&state, Family::Lot, &lot.0);
    }
    let leaf = state.leaf_at(height, Family::Lot, &lot.0)?;
    Some(borsh::from_slice(&leaf.public).expect("committed state decodes"))
}

/// The current position, or what the events recorded up to a height say.
pub(super) fn position_at(state: &dyn StateRead, lot: &Lot, height: Height, is_now: bool) -> Option<Position> {
    match row::<Flow>(state, Table::Flow, &lot.id.0) {
        Some(flow) if is_now => position(&flow),
        _ if is_now => None,
        _ => last_position(state, events_of(state, &descent(state, lot.clone()), height), height),
    }
}

fn position(flow: &Flow) -> Option<Position> {
    let Flow { last, step, node, at, recorded, .. } = flow;
    let known = *last != Flow::UNKNOWN.last;
    known.then_some(Position { event: *last, step: *step, node: *node, at: *at, recorded: *recorded })
}

/// The position after the given events: of those that stood then and whose time can be right, the last to have happened.
fn last_position(state: &dyn StateRead, events: Vec<TimelineEntry>, height: Height) -> Option<Position> {
    let drift = View::new(state).param(ParamKey::ClockDriftMs);
    let corrected: BTreeSet<EventId> = events.iter().filter_map(|entry| entry.event.corrects).collect();
    let stands = |event: &CargoEvent| {
        let right = event.report.at <= event.recorded.saturating_add(drift);
        right && event.action != FlowAction::Delete && !corrected.contains(&event.id) && event.height <= height
    };
    let mut standing: Vec<CargoEvent> = events.into_iter().map(|entry| entry.event).filter(stands).collect();
    standing.sort_by_key(|event| event.report.at);
    let step = standing.iter().rev().map(|event| event.report.step).find(|step| step.is_movement());
    standing.last().map(|event| Position {
        event: event.id,
        step: step.unwrap_or(FlowStep::Heartbeat),
        node: event.report.node,
        at: event.report.at,
        recorded: event.recorded,
    })
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransitParams {
    member: Member,
    after: Option<LotId>,
    limit: Option<usize>,
}

pub(crate) fn in_transit(context: &Context, caller: &Caller, p: TransitParams) -> Answer<InTransit> {
    caller.party()?;
    if !caller.sees_parties() {
        return Err(errors::forbidden("only branches and auditors may list what is on its way"));
    }
    if context.genesis.member(p.member).is_none() {
        return Err(errors::unknown("member", p.member));
    }
    Ok(transit_page(&&*context.snapshot(), p.member, p.after, page(p.limit)))
}

/// Looks at a bounded number of flows, so that a page may come back short and name where to go on.
pub(super) fn transit_page(state: &dyn StateRead, member: Member, after: Option<LotId>, limit: usize) -> InTransit {
    let from = after.map_or_else(Vec::new, |lot| [lot.0.as_slice(), &[0]].concat());
    let rows = state.scan(Table::Flow, &from, &[0xff; 33], FLOWS_PER_PAGE);
    let is_end = rows.len() < FLOWS_PER_PAGE;
    let (mut lots, mut last) = (Vec::new(), None);
    for (key, value) in rows {
        let lot = LotId(key.as_slice().try_into().expect("a flow is kept under a lot"));
        let flow: Flow = borsh::from_slice(&value).expect("committed state decodes");
        if lots.len() == limit {
            return InTransit { lots, next: last };
        }
        lots.extend(transit(state, lot, &flow, member));
        last = Some(lot);
    }
    InTransit { lots, next: last.filter(|_| !is_end) }
}

fn transit(state: &dyn StateRead, lot: LotId, flow: &Flow, member: Member) -> Option<TransitView> {
    let position = position(flow).filter(|position| position.step.is_in_transit())?;
    let public: PublicLot = public(state, Family::Lot, &lot.0)?;
    let is_there = public.status == LotStatus::Active && public.place == member;
    is_there.then_some(TransitView { lot, custodian: public.custodian, position, silent_from: flow.silent_from })
}
