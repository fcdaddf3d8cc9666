//! Goods that left a lot which still speaks of them, and goods that came back.

use super::checks::is_own_business;
use crate::context::Cx;
use crate::goods::{self, cells};
use crate::hold;
use crate::refusal::{Refused, internal};
use crate::view::View;
use landsea_types::operation::cargo::FlowReport;
use landsea_types::record::{CargoEvent, Cell, HoldTarget, Lot};
use landsea_types::role::{FlowStep, LotStatus};
use landsea_types::{LotId, Qty};

/// Which way goods went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    Back,
}

impl Way {
    /// The way of a step; `None` for one that leaves quantities alone.
    pub(super) fn of(step: FlowStep) -> Option<Self> {
        if step.is_exit() {
            return Some(Way::Out);
        }
        (step == FlowStep::GateIn).then_some(Way::Back)
    }
    /// What is away after more of it has gone this way; `None` when less is away than comes back.
    fn change(self, away: Qty, moved: Qty) -> Option<Qty> {
        match self {
            Way::Out => away.checked_add(moved.get()),
            Way::Back => away.checked_sub(moved.get()),
        }
    }
    /// The way that undoes it.
    pub(super) fn undone(self) -> Self {
        match self {
            Way::Out => Way::Back,
            Way::Back => Way::Out,
        }
    }
}

/// Those of the lots that are ACTIVE, as they stand now.
pub(super) fn active_lots(view: &View<'_>, lots: &[LotId]) -> Vec<Lot> {
    lots.iter().filter_map(|id| view.lot(id)).filter(|lot| lot.status == LotStatus::Active).collect()
}

/// Applies the exit or return that an event tells of. Answers by how much it changed what is missing of each lot; nothing when it
/// changed nothing.
///
/// # Errors
/// 1009, 1006 for the consent of a second key; 1014 when a version overflows.
pub(super) fn apply(cx: &mut Cx<'_, '_>, event: &CargoEvent, lots: &[Lot]) -> Refused<Vec<Qty>> {
    let Some(way) = Way::of(event.report.step) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for lot in lots {
        let amount = if counts(cx, event, lot) { amount(cx, &event.report, lot) } else { Qty::ZERO };
        let still_away = still_away(cx, event, lot, way);
        let moved = shift(cx, &lot.id, way, Qty::new(amount.since(still_away)))?;
        all.push(internal(moved.checked_add(still_away.get()))?);
    }
    let changed = all.iter().any(|moved| *moved > Qty::ZERO);
    Ok(if changed { all } else { Vec::new() })
}

/// How much of a lot went: what the report says, else the whole lot. A gate on the way of goods that travel is no exit of the whole.
fn amount(cx: &Cx<'_, '_>, report: &FlowReport, lot: &Lot) -> Qty {
    let stored = lot.title.and_then(|id| cx.view.doc(&id)).is_some_and(|doc| doc.is_receipt());
    let whole = report.step != FlowStep::GateOut || stored;
    report.qty.unwrap_or(if whole { lot.qty } else { Qty::ZERO })
}

/// Whether the reporter's word moves quantities: not of a lot that it only claims to receive.
fn counts(cx: &Cx<'_, '_>, event: &CargoEvent, lot: &Lot) -> bool {
    lot.status == LotStatus::Active && is_own_business(cx.view, event, lot)
}

/// What the event that this one corrects took out of a lot and could not give back: it is not taken out twice.
fn still_away(cx: &Cx<'_, '_>, event: &CargoEvent, lot: &Lot, way: Way) -> Qty {
    let before = event.corrects.and_then(|id| cx.view.cargo_event(&id)).filter(|e| Way::of(e.report.step) == Some(way));
    let Some(before) = before.filter(|_| way == Way::Out && !may_come_back(cx, lot)) else { return Qty::ZERO };
    let mut moved = before.report.lots.iter().zip(&before.moved);
    moved.find(|(id, _)| **id == lot.id).map_or(Qty::ZERO, |(_, moved)| *moved)
}

/// Whether goods may be said to be back: by the supervisor of the lot, or, for a cell, by whoever counted it last with the keeper.
/// Where nobody watches a lot outside cells, its own quantity bounds what anybody may say.
fn may_come_back(cx: &Cx<'_, '_>, lot: &Lot) -> bool {
    let cell = cells::cell_key(&lot.keys).and_then(|key| cx.view.cell(&key));
    let keeper = cell.as_ref().map(|cell| cell.keeper);
    match lot.supervisor.or(cell.as_ref().and_then(|cell| cell.supervisor)) {
        Some(second) => second != lot.custodian && Some(second) != keeper && cx.offers_consent(&second),
        None => cell.is_none(),
    }
}

fn require_second_key(cx: &mut Cx<'_, '_>, lot: &Lot) -> Refused {
    let cell = cells::cell_key(&lot.keys).and_then(|key| cx.view.cell(&key));
    match lot.supervisor.or(cell.and_then(|cell| cell.supervisor)) {
        Some(second) => cx.require_consent(&second, &[], 1, landsea_types::Code::ConsentMissing),
        None => Ok(()),
    }
}

/// Moves up to `amount` out of a lot or back and answers how much: no more leaves than is there, no more comes back than left, and
/// nothing without a second key. In a cell goods are one heap, so its count falls and rises; elsewhere the lot itself is short.
///
/// # Errors
/// 1009, 1006 for the second key's consent; 1014 when a version overflows.
pub(super) fn shift(cx: &mut Cx<'_, '_>, id: &LotId, way: Way, amount: Qty) -> Refused<Qty> {
    let lot = internal(cx.view.lot(id))?;
    if lot.status != LotStatus::Active || amount == Qty::ZERO {
        return Ok(Qty::ZERO);
    }
    if way == Way::Back {
        if !may_come_back(cx, &lot) {
            return Ok(Qty::ZERO);
        }
        require_second_key(cx, &lot)?;
    }
    match cells::cell_key(&lot.keys).and_then(|key| cx.view.cell(&key)) {
        Some(cell) => shift_cell(cx, cell, way, amount.min(lot.qty)),
        None => shift_lot(cx, lot, way, amount),
    }
}

fn shift_cell(cx: &mut Cx<'_, '_>, mut cell: Cell, way: Way, amount: Qty) -> Refused<Qty> {
    let moved = match way {
        Way::Out => amount.min(cell.counted),
        Way::Back => amount.min(cell.away),
    };
    if moved > Qty::ZERO {
        cell.counted = internal(way.undone().change(cell.counted, moved))?;
        cell.away = internal(way.change(cell.away, moved))?;
        cells::put_changed(cx, cell)?;
    }
    Ok(moved)
}

fn shift_lot(cx: &mut Cx<'_, '_>, mut lot: Lot, way: Way, amount: Qty) -> Refused<Qty> {
    let moved = match way {
        Way::Out => amount.min(Qty::new(lot.qty.since(lot.missing))),
        Way::Back => amount.min(lot.missing),
    };
    if moved > Qty::ZERO {
        let id = lot.id;
        lot.missing = internal(way.change(lot.missing, moved))?;
        lot.deficit = lot.missing > Qty::ZERO;
        goods::lots::put_changed(cx, lot)?;
        hold::refresh(cx.view, &HoldTarget::Lot(id));
    }
    Ok(moved)
}
