//! Warehouse cells: receipts over the goods in a cell never exceed what two keys counted in it.
//!
//! A lot lies in at most one cell, named by its key of class S, with its whole quantity. `receipts_sum` is the sum of the ACTIVE lots
//! in the cell. What is counted is a fact and may be less: then the cell is short, and every lot in it carries a DEFICIT, for
//! commingled goods are owned pro rata and short together.
//!
//! A lot is entered when it is created and leaves when it ends ([`Goods`] says what that does to the count). The count falls with what
//! a delivery takes away even if a report did so before: then the cell is short until the next count says what is there.

use crate::context::Cx;
use crate::hold;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::view::{View, pair};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::{Cell, HoldTarget, Lot};
use landsea_types::role::{CellStatus, HoldKind};
use landsea_types::state::Table;
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, Fp, GoodsKey, Hash, LotId, Member, Qty, bounds};
use std::collections::{BTreeMap, BTreeSet};

/// The cell in which a lot with these keys lies.
pub fn cell_key(keys: &[ClassedKey]) -> Option<GoodsKey> {
    keys.iter().find(|key| key.class == b'S').map(|key| key.key)
}

/// The ACTIVE lots in a cell.
pub fn lots_in_cell(view: &View<'_>, cell: &GoodsKey) -> Vec<LotId> {
    let (from, until) = (pair(&cell.0, &[0; 32]), pair(&cell.0, &[0xff; 32]));
    let rows = view.scan(Table::CellLot, &from, &until, bounds::CELL_LOTS_MAX);
    rows.iter().filter_map(|(key, _)| key.last_chunk::<32>().map(|id| LotId(*id))).collect()
}

/// Check step 4: the cells of new lots are open at this site, kept by `keeper`. `which` is the argument of 1012.
///
/// # Errors
/// 1012.
pub(crate) fn require_cells(cx: &Cx<'_, '_>, lots: &[NewLot], site: &Fp, keeper: &AccountId, which: u64) -> Refused {
    for key in lots.iter().filter_map(|lot| cell_key(&lot.keys)) {
        let cell = cx.view.cell(&key).filter(|cell| cell.site == *site && cell.keeper == *keeper);
        Cx::known(cell, which)?;
    }
    Ok(())
}

/// Check step 7: the cells of new lots take new goods.
///
/// # Errors
/// 6001 for one that is held or short, 4006 for a blocked one.
pub(crate) fn check_open(cx: &mut Cx<'_, '_>, lots: &[NewLot]) -> Refused {
    lots.iter().filter_map(|lot| cell_key(&lot.keys)).try_for_each(|key| check_takes_goods(cx, &key))
}

/// Check step 7: a cell takes new goods.
///
/// # Errors
/// 6001 when it is held or short, 4006 when it is blocked.
pub(crate) fn check_takes_goods(cx: &mut Cx<'_, '_>, key: &GoodsKey) -> Refused {
    let Some(cell) = cx.view.cell(key) else { return Ok(()) };
    let touched = hold::Touched { objects: vec![key.0], claim: None };
    hold::settle(cx, &touched);
    hold::check(cx, hold::Act::Pledge, &touched)?;
    if cell.is_short() {
        return Err(Refusal::with_args(Code::Held, &[HoldKind::Deficit as u64]));
    }
    ensure(cell.status != CellStatus::Blocked, Code::CellBlocked)
}

/// Check step 9: what was counted lately has room for the new lots beside those that stay.
///
/// # Errors
/// 4005 for a count that is missing or too old, 4002 with what is left.
pub(crate) fn check_room(cx: &Cx<'_, '_>, lots: &[NewLot]) -> Refused {
    let mut wanted: BTreeMap<GoodsKey, (u64, usize)> = BTreeMap::new();
    for lot in lots {
        let Some(key) = cell_key(&lot.keys) else { continue };
        let (sum, count) = wanted.entry(key).or_default();
        *sum = sum.saturating_add(lot.qty.get());
        *count = count.saturating_add(1);
    }
    for (key, (more, count)) in wanted {
        let cell = internal(cx.view.cell(&key))?;
        let age_max = cx.param(ParamKey::CountMaxAgeMs);
        let fresh = cell.counted_at.is_some_and(|at| cx.now().since(at) <= age_max);
        ensure(fresh, Code::CountTooOld)?;
        let free = cell.counted.since(cell.receipts_sum);
        let crowd = lots_in_cell(cx.view, &key).len().saturating_add(count);
        if more > free || crowd > bounds::CELL_LOTS_MAX {
            return Err(Refusal::with_args(Code::CellCapacity, &[free]));
        }
    }
    Ok(())
}

/// Check step 13: goods are counted in the unit of their cell.
///
/// # Errors
/// 4004.
pub(crate) fn check_units(cx: &Cx<'_, '_>, lots: &[NewLot]) -> Refused {
    let fits =
        |lot: &NewLot| cell_key(&lot.keys).and_then(|key| cx.view.cell(&key)).is_none_or(|cell| cell.uom == lot.uom);
    ensure(lots.iter().all(fits), Code::UnitMismatch)
}

/// What happens to the count of a cell when a lot enters or leaves its books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goods {
    /// The goods stay where they are: other lots speak of them.
    Stay,
    /// The goods move with the lot.
    Move,
    /// The goods of the lot are gone. What the last count missed already is not missing twice.
    Lost,
}

/// Enters a lot into the books of its cell, if it lies in one.
///
/// # Errors
/// 4002 for a cell with too many lots; 1014 when a number overflows or the cell is unknown.
pub(crate) fn enter(cx: &mut Cx<'_, '_>, lot: &Lot, goods: Goods) -> Refused {
    let Some(key) = cell_key(&lot.keys) else { return Ok(()) };
    ensure(lots_in_cell(cx.view, &key).len() < bounds::CELL_LOTS_MAX, Code::CellCapacity)?;
    let mut cell = internal(cx.view.cell(&key))?;
    cell.receipts_sum = internal(cell.receipts_sum.checked_add(lot.qty.get()))?;
    if goods != Goods::Stay {
        // A count may be any number, even one to which nothing can be added.
        cell.counted = Qty::new(cell.counted.get().saturating_add(lot.qty.get()));
    }
    cx.view.put_row(Table::CellLot, &pair(&key.0, &lot.id.0), &());
    put_changed(cx, cell)?;
    hold::refresh(cx.view, &HoldTarget::Lot(lot.id));
    Ok(())
}

/// Takes a lot out of the books of its cell, if it lies in one.
///
/// # Errors
/// 1014 when a number overflows or the cell is unknown.
pub(crate) fn leave(cx: &mut Cx<'_, '_>, lot: &Lot, goods: Goods) -> Refused {
    let Some(key) = cell_key(&lot.keys) else { return Ok(()) };
    let mut cell = internal(cx.view.cell(&key))?;
    let gone = match goods {
        Goods::Stay => 0,
        Goods::Move => lot.qty.get(),
        Goods::Lost => lot.qty.get().saturating_sub(missing(&cell)),
    };
    cell.receipts_sum = internal(cell.receipts_sum.checked_sub(lot.qty.get()))?;
    // What the count does not give was reported away before: it does not come back a second time.
    let given = gone.min(cell.counted.get());
    cell.counted = Qty::new(cell.counted.since(Qty::new(given)));
    if goods != Goods::Stay {
        cell.away = Qty::new(cell.away.get().saturating_sub(lot.qty.get().saturating_sub(given)));
    }
    cx.view.remove_row(Table::CellLot, &pair(&key.0, &lot.id.0));
    put_changed(cx, cell)
}

/// What receipts speak of beyond what is there.
fn missing(cell: &Cell) -> u64 {
    cell.receipts_sum.since(cell.counted)
}

/// Writes a changed cell under its next version and brings the deficit of its lots up to date. A deficit that is new or has grown
/// is said aloud.
///
/// # Errors
/// 1014 when a version overflows.
pub(crate) fn put_changed(cx: &mut Cx<'_, '_>, mut cell: Cell) -> Refused {
    let before = cx.view.cell(&cell.key).map_or(0, |cell| missing(&cell));
    cell.ver = internal(cell.ver.checked_add(1))?;
    cx.view.put_cell(&cell);
    cx.touch(&cell.key.0);
    if missing(&cell) > before {
        say_short(cx, &cell);
    }
    if before == 0 && !cell.is_short() {
        return Ok(());
    }
    for id in lots_in_cell(cx.view, &cell.key) {
        let mut lot = internal(cx.view.lot(&id))?;
        if lot.deficit != cell.is_short() {
            lot.deficit = cell.is_short();
            super::lots::put_changed(cx, lot)?;
            hold::refresh(cx.view, &HoldTarget::Lot(id));
        }
    }
    Ok(())
}

/// To the branches of the cell, of its receipts and of their pledgees.
fn say_short(cx: &mut Cx<'_, '_>, cell: &Cell) {
    let lots: Vec<Lot> = lots_in_cell(cx.view, &cell.key).iter().filter_map(|id| cx.view.lot(id)).collect();
    let pledgees = lots.iter().filter_map(|lot| cx.view.encumbrance(&lot.id.0)).map(|enc| enc.member);
    let members: Vec<Member> =
        std::iter::once(cell.home).chain(lots.iter().map(|lot| lot.home)).chain(pledgees).collect();
    let titles: BTreeSet<DocId> = lots.iter().filter_map(|lot| lot.title).collect();
    let related: Vec<Hash> = titles.iter().map(|doc| Hash(doc.0)).collect();
    cx.emit_related(EventName::CellDeficit, &cell.key.0, &related, &members, &[cell.keeper], &[missing(cell)]);
}
