//! `warehouse.relocate`: lots move between cells of their site. The counts move with the goods; the paper goes on naming the cell in
//! which they were received.

use super::receipt;
use crate::context::Cx;
use crate::goods::cells::{self, Goods};
use crate::goods::{cell_key, lots, lots_in_cell};
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::waybill::checks;
use landsea_types::event::EventName;
use landsea_types::operation::warehouse::{Move, Relocate};
use landsea_types::record::{Doc, Lot};
use landsea_types::role::Role;
use landsea_types::{AccountId, Code, GoodsKey, Hash, LotId, bounds};
use std::collections::{BTreeMap, BTreeSet};

/// Moves lots of a receipt to other cells.
///
/// # Errors
/// 1010; 1005, 1006; 1012 for the receipt (0) or a lot or cell that is not where it is said to be (from 1), 1007; 5007 for a waybill;
/// 3108, 3004, 4008; 6001, 4006; 4007 for a lot that is moved twice or nowhere, 4002 for a cell with too many lots; 3006, 5002;
/// 3005 for another's receipt; consents of supervisors (0) and pledgee (1) 1008, 1009, 1006; 4004.
pub fn relocate(cx: &mut Cx<'_, '_>, op: &Relocate) -> Refused {
    ensure((1..=bounds::LOTS_MAX).contains(&op.moves.len()), Code::TooLarge)?; // 1
    cx.require_role(&[Role::Warehouse])?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    let lots = find_lots(cx, op, &doc)?;
    checks::require_receipt(&doc)?; // 5
    checks::require_active(cx, &doc)?; // 6
    hold::check_doc(cx, Act::Reshape, &doc)?; // 7
    op.moves.iter().try_for_each(|to| cells::check_takes_goods(cx, &to.to))?;
    check_moves(op)?; // 9
    check_crowd(cx, op, &lots)?;
    pledge::check_encumbrance(cx, &doc)?; // 10
    checks::require_issuer(cx, &doc)?; // 11
    require_consents(cx, &doc)?; // 12
    op.moves.iter().zip(&lots).try_for_each(|(to, lot)| check_unit(cx, to, lot))?; // 13
    apply(cx, op, doc)
}

/// Check step 4: each lot is the receipt's and lies in the cell that it leaves, and the other cell is one of the site's.
fn find_lots(cx: &Cx<'_, '_>, op: &Relocate, doc: &Doc) -> Refused<Vec<Lot>> {
    let mut lots = Vec::with_capacity(op.moves.len());
    for (to, which) in op.moves.iter().zip(1u64..) {
        let lot = cx.view.lot(&to.lot).filter(|lot| doc.lots.contains(&lot.id) && cell_key(&lot.keys) == Some(to.from));
        let lot = Cx::known(lot, which)?;
        let from = internal(cx.view.cell(&to.from))?;
        let same_site = cx.view.cell(&to.to).filter(|cell| cell.site == from.site && cell.keeper == from.keeper);
        Cx::known(same_site, which)?;
        lots.push(lot);
    }
    Ok(lots)
}

/// Check step 9: each lot moves once, to another cell.
fn check_moves(op: &Relocate) -> Refused {
    let distinct: BTreeSet<LotId> = op.moves.iter().map(|to| to.lot).collect();
    let elsewhere = op.moves.iter().all(|to| to.from != to.to);
    ensure(elsewhere && distinct.len() == op.moves.len(), Code::KeyDuplicated)
}

/// Check step 9: no cell gets more lots than it may have. Its capacity grows with what comes in.
fn check_crowd(cx: &Cx<'_, '_>, op: &Relocate, lots: &[Lot]) -> Refused {
    let mut coming: BTreeMap<GoodsKey, (usize, u128)> = BTreeMap::new();
    for (to, lot) in op.moves.iter().zip(lots) {
        let receipts = || cx.view.cell(&to.to).map_or(0, |cell| cell.receipts_sum.get());
        let there = || (lots_in_cell(cx.view, &to.to).len(), u128::from(receipts()));
        let (n, sum) = coming.entry(to.to).or_insert_with(there);
        *n = n.saturating_add(1);
        *sum = sum.saturating_add(u128::from(lot.qty.get()));
    }
    let fits = coming.values().all(|(n, sum)| *n <= bounds::CELL_LOTS_MAX && *sum <= u128::from(u64::MAX));
    if fits { Ok(()) } else { Err(Refusal::with_args(Code::CellCapacity, &[0])) }
}

fn require_consents(cx: &mut Cx<'_, '_>, doc: &Doc) -> Refused {
    let watching: Vec<AccountId> = receipt::supervisors(cx, doc)?;
    let needed: Vec<_> = watching.iter().map(|id| (*id, [Role::Supervisor].as_slice(), 0)).collect();
    checks::require_consents(cx, &needed)?;
    pledge::require_pledgee_consent(cx, doc)
}

/// Check step 13: goods are counted in the unit of their cell.
fn check_unit(cx: &Cx<'_, '_>, to: &Move, lot: &Lot) -> Refused {
    ensure(cx.view.cell(&to.to).is_some_and(|cell| cell.uom == lot.uom), Code::UnitMismatch)
}

fn apply(cx: &mut Cx<'_, '_>, op: &Relocate, doc: Doc) -> Refused {
    for to in &op.moves {
        let mut lot = internal(cx.view.lot(&to.lot))?;
        cells::leave(cx, &lot, Goods::Move)?;
        lot.keys.iter_mut().filter(|key| key.key == to.from).for_each(|key| key.key = to.to);
        lots::put_changed(cx, lot)?;
        let lot = internal(cx.view.lot(&to.lot))?;
        cells::enter(cx, &lot, Goods::Move)?;
        hold::follow_out(cx, &to.from, &[lot.id])?;
    }
    let holder = internal(pledge::actor(&doc))?;
    let members = checks::homes(cx, &doc, &[holder]);
    let lots: Vec<Hash> = op.moves.iter().map(|to| Hash(to.lot.0)).collect();
    cx.emit_related(EventName::Relocated, &doc.id.0, &lots, &members, &[doc.issuer, holder], &[]);
    checks::put_changed(cx, doc)
}
