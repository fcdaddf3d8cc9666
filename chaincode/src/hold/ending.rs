//! How holds end, and how the next in the queue takes effect.

use super::notice::tell;
use super::placing::is_live;
use super::standing::{Touched, holds_on, put, refresh};
use crate::context::Cx;
use crate::pledge::Transition;
use crate::view::View;
use landsea_types::event::EventName;
use landsea_types::record::{Hold, HoldTarget, Priority};
use landsea_types::role::{HoldKind, HoldState};
use landsea_types::{HoldId, Timestamp};
use std::collections::BTreeMap;

/// Applies what has fallen due on what an operation touches: holds whose term is over lapse, and those that waited take effect.
/// `pledge::settle` calls it for documents and pledges.
pub fn settle(cx: &mut Cx<'_, '_>, touched: &Touched) {
    settle_all(&mut Transition::of(cx), &touched.ids());
}

/// [`settle`] for ids of targets.
pub(crate) fn settle_all(due: &mut Transition<'_, '_>, targets: &[[u8; 32]]) {
    let now = due.block.time;
    for target in targets {
        let over = due.view.standings(target).into_iter().filter(|standing| standing.until <= now);
        for hold in over.filter_map(|standing| standing.hold) {
            lapse(due, &hold);
        }
    }
}

/// Ends a hold whose term is over, whether it stands or waits.
pub(crate) fn lapse(due: &mut Transition<'_, '_>, id: &HoldId) {
    let Some(before) = due.view.hold(id).filter(|hold| is_over(hold, due.block.time)) else { return };
    let after = Hold { state: HoldState::Lapsed, ..before.clone() };
    end(due, &before, after, EventName::HoldLapsed);
}

fn is_over(hold: &Hold, now: Timestamp) -> bool {
    is_live(hold) && hold.until <= now
}

/// Stores an ended hold, tells everybody concerned and lets the queue advance.
pub(super) fn end(due: &mut Transition<'_, '_>, before: &Hold, after: Hold, name: EventName) {
    store(due.view, before, &after);
    tell(due, name, &after, &[after.kind as u64]);
    if after.kind == HoldKind::CourtFreeze {
        advance(due, after.targets);
    }
}

fn store(view: &mut View<'_>, before: &Hold, after: &Hold) {
    let hold = Hold { ver: before.ver.saturating_add(1), ..after.clone() };
    put(view, Some(before), &hold);
    for target in &hold.targets {
        refresh(view, target);
    }
}

/// What stands before a new court freeze on a target.
pub(super) enum Frozen {
    /// Nothing.
    Not,
    /// A freeze that stands or waits; `waiting` of them wait.
    Ahead { waiting: u64 },
}

/// Whether a court freeze stands or waits on a target.
pub(super) fn frozen(view: &View<'_>, target: &HoldTarget) -> Frozen {
    let ahead: Vec<Hold> = court_freezes(view, target).collect();
    if ahead.is_empty() {
        return Frozen::Not;
    }
    let waiting = ahead.iter().filter(|h| h.state == HoldState::Queued).count();
    Frozen::Ahead { waiting: u64::try_from(waiting).unwrap_or(u64::MAX) }
}

fn court_freezes(view: &View<'_>, target: &HoldTarget) -> impl Iterator<Item = Hold> + use<> {
    holds_on(view, target).into_iter().filter(|h| h.kind == HoldKind::CourtFreeze)
}

/// Lets the freezes that wait on some targets take effect, the earliest first, as far as nothing stands before them. Those whose own
/// term has run out meanwhile lapse. Every round changes one hold for good, so the loop ends.
fn advance(due: &mut Transition<'_, '_>, mut targets: Vec<HoldTarget>) {
    loop {
        let queue = waiting_on(due.view, &targets);
        let now = due.block.time;
        let Some(before) = queue.into_values().find(|h| is_over(h, now) || is_next(due.view, h)) else { return };
        targets.extend(&before.targets);
        targets.sort();
        targets.dedup();
        let (state, name) = if is_over(&before, now) {
            (HoldState::Lapsed, EventName::HoldLapsed)
        } else {
            (HoldState::Effective, EventName::HoldEffective)
        };
        let after = Hold { state, ..before.clone() };
        store(due.view, &before, &after);
        tell(due, name, &after, &[after.kind as u64, after.until.get()]);
    }
}

/// The freezes that wait on any of the targets, in queue order.
fn waiting_on(view: &View<'_>, targets: &[HoldTarget]) -> BTreeMap<(Priority, HoldId), Hold> {
    let all = targets.iter().flat_map(|target| court_freezes(view, target));
    all.filter(|h| h.state == HoldState::Queued).map(|h| ((h.placed, h.id), h)).collect()
}

/// Whether no freeze stands, and none waits longer, on any target of a waiting one.
fn is_next(view: &View<'_>, hold: &Hold) -> bool {
    let before =
        |other: &Hold| other.state == HoldState::Effective || (other.placed, other.id) < (hold.placed, hold.id);
    let mut others = hold.targets.iter().flat_map(|target| court_freezes(view, target));
    !others.any(|other| other.id != hold.id && before(&other))
}
