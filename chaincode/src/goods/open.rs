//! `goods.cell_open`: a cell of a licensed site is opened for counting.
//!
//! Who holds the licence after another keeper opens the site's cells again, each once it is empty.

use super::cells;
use crate::context::Cx;
use crate::hold;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::warehouse::receipt;
use landsea_types::event::EventName;
use landsea_types::operation::goods::CellOpen;
use landsea_types::record::{Cell, HoldTarget};
use landsea_types::role::{CellStatus, DocKind};
use landsea_types::{Code, Commit, Fp, GoodsKey, Member, Qty};

/// Opens a cell, or takes over one that an earlier keeper left empty. It is empty until it is counted.
///
/// # Errors
/// 1005, 1006, 2002; ticket 3003, 3008, 3009; 2001 with the home of a cell that is open already, and of an earlier keeper's in which
/// goods lie, on which a hold stands or waits, or which is blocked; 4004.
pub fn cell_open(cx: &mut Cx<'_, '_>, op: &CellOpen) -> Refused {
    receipt::require_keeper(cx, &op.ticket.body.fp1)?; // 3
    let key = cell_of(op)?; // 8
    cx.require_ticket(&op.ticket, &cx.sender.id, DocKind::SITE)?;
    let left = left_behind(cx, key, &op.ticket.body.fp1)?; // 9
    ensure(op.uom.is_known(), Code::UnitMismatch)?; // 13
    let mut cell = empty(cx, op, key);
    cell.ver = internal(left.as_ref().map_or(0, |left| left.ver).checked_add(1))?;
    cx.view.put_cell(&cell);
    let members: Vec<Member> = left.iter().map(|left| left.home).chain([cell.home]).collect();
    cx.emit(EventName::CellOpened, &key.0, &members, &[cell.keeper], &[]);
    Ok(())
}

/// Check step 9: the cell is new, or one that an earlier keeper of the site has left: empty, free and open.
fn left_behind(cx: &mut Cx<'_, '_>, key: GoodsKey, site: &Fp) -> Refused<Option<Cell>> {
    let Some(known) = cx.view.cell(&key) else { return Ok(None) };
    hold::settle(cx, &hold::Touched { objects: vec![key.0], claim: None });
    let succeeds = known.keeper != cx.sender.id && known.site == *site;
    let is_empty = known.receipts_sum == Qty::ZERO && cells::lots_in_cell(cx.view, &key).is_empty();
    let is_free = known.status == CellStatus::Open && hold::holds_on(cx.view, &HoldTarget::Cell(key)).is_empty();
    if succeeds && is_empty && is_free {
        return Ok(Some(known));
    }
    Err(Refusal::with_args(Code::DuplicateParty, &[u64::from(known.home.get())]))
}

/// Check step 8: the ticket names one cell and nothing else.
fn cell_of(op: &CellOpen) -> Refused<GoodsKey> {
    match op.ticket.body.goods_keys.as_slice() {
        [only] if only.class == b'S' => Ok(only.key),
        _ => Err(Refusal::new(Code::TicketInvalid)),
    }
}

fn empty(cx: &Cx<'_, '_>, op: &CellOpen, key: GoodsKey) -> Cell {
    Cell {
        key,
        ver: 1,
        site: op.ticket.body.fp1,
        keeper: cx.sender.id,
        home: cx.sender.home,
        uom: op.uom,
        counted: Qty::ZERO,
        away: Qty::ZERO,
        counted_at: None,
        supervisor: None,
        evidence: Commit::default(),
        receipts_sum: Qty::ZERO,
        status: CellStatus::Open,
    }
}
