//! `goods.cell_open`: a cell of a licensed site is opened for counting.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure};
use crate::warehouse::receipt;
use landsea_types::event::EventName;
use landsea_types::operation::goods::CellOpen;
use landsea_types::record::Cell;
use landsea_types::role::{CellStatus, DocKind};
use landsea_types::{Code, Commit, GoodsKey, Qty};

/// Opens a cell. It is empty until it is counted.
///
/// # Errors
/// 1005, 1006, 2002; ticket 3003, 3008, 3009; 2001 with the home of a cell that is open already; 4004.
pub fn cell_open(cx: &mut Cx<'_, '_>, op: &CellOpen) -> Refused {
    receipt::require_keeper(cx, &op.ticket.body.fp1)?; // 3
    let key = cell_of(op)?; // 8
    cx.require_ticket(&op.ticket, &cx.sender.id, DocKind::SITE)?;
    if let Some(known) = cx.view.cell(&key) {
        return Err(Refusal::with_args(Code::DuplicateParty, &[u64::from(known.home.get())])); // 9
    }
    ensure(op.uom.is_known(), Code::UnitMismatch)?; // 13
    let cell = empty(cx, op, key);
    cx.view.put_cell(&cell);
    cx.emit(EventName::CellOpened, &key.0, &[cell.home], &[cell.keeper], &[]);
    Ok(())
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
