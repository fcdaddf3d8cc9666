//! How much of what was pledged is still there.

use super::transition::{Transition, pledge_event};
use crate::context::Cx;
use landsea_types::event::EventName;
use landsea_types::record::{Amount, Lot, Pledge};
use landsea_types::{Qty, Uom};
use std::collections::{BTreeMap, BTreeSet};

/// Basis points of the whole.
const WHOLE_BPS: u64 = 10_000;

/// Alarms both sides when the remaining goods have fallen below the agreed share of what was pledged, in any unit; once, until
/// they have come back. The caller stores the pledge.
pub fn check_cover(cx: &mut Cx<'_, '_>, pledge: &mut Pledge) {
    let remaining_bps = cover_bps(&pledge.initial, &present(cx, pledge));
    let is_low = remaining_bps < u64::from(pledge.cover_min_bps);
    if is_low && !pledge.cover_low {
        let args = [remaining_bps, u64::from(pledge.cover_min_bps)];
        let event = pledge_event(cx.view, pledge, EventName::CoverLow, &args);
        Transition::of(cx).say(event);
    }
    pledge.cover_low = is_low;
}

/// The goods that a pledge covers now.
pub(super) fn present(cx: &Cx<'_, '_>, pledge: &Pledge) -> Vec<Amount> {
    let lots: Vec<Lot> = pledge.lots.iter().filter_map(|id| cx.view.lot(id)).collect();
    amounts(&lots)
}

/// The share that remains of the unit of which least does, in basis points, rounded down.
fn cover_bps(initial: &[Amount], remaining: &[Amount]) -> u64 {
    let share = |whole: &Amount| {
        let part = remaining.iter().find(|r| r.uom == whole.uom).map_or(0, |r| r.qty.get());
        let bps = u128::from(part).saturating_mul(u128::from(WHOLE_BPS)).checked_div(u128::from(whole.qty.get()));
        bps.map_or(WHOLE_BPS, |bps| u64::try_from(bps).unwrap_or(u64::MAX))
    };
    initial.iter().map(share).min().unwrap_or(WHOLE_BPS)
}

/// The goods of lots by unit, ascending.
pub(super) fn amounts<'l>(lots: impl IntoIterator<Item = &'l Lot>) -> Vec<Amount> {
    sum(lots.into_iter().map(|lot| Amount { uom: lot.uom, qty: lot.qty }))
}

fn sum(parts: impl IntoIterator<Item = Amount>) -> Vec<Amount> {
    let mut sums: BTreeMap<Uom, u64> = BTreeMap::new();
    for part in parts {
        let sum = sums.entry(part.uom).or_default();
        *sum = sum.saturating_add(part.qty.get());
    }
    sums.into_iter().map(|(uom, qty)| Amount { uom, qty: Qty::new(qty) }).collect()
}

/// What counts as pledged after goods have been added.
pub(super) fn grown(initial: &[Amount], added: &[Amount]) -> Vec<Amount> {
    sum(initial.iter().chain(added).copied())
}

/// What counts as pledged after goods have been taken out by substitution; a unit of which nothing stays counts no longer.
pub(super) fn shrunk(initial: &[Amount], removed: &[Amount], staying: &[Amount]) -> Vec<Amount> {
    let kept: BTreeSet<Uom> = staying.iter().map(|amount| amount.uom).collect();
    let less = |whole: &Amount| {
        let part = removed.iter().find(|r| r.uom == whole.uom).map_or(0, |r| r.qty.get());
        Amount { uom: whole.uom, qty: Qty::new(whole.qty.get().saturating_sub(part)) }
    };
    initial.iter().filter(|whole| kept.contains(&whole.uom)).map(less).collect()
}
