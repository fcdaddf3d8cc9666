//! `goods.cell_block` and `goods.cell_unblock`: a branch keeps new goods out of a cell.

use super::{cells, count};
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::goods::{CellBlock, CellUnblock};
use landsea_types::record::Cell;
use landsea_types::role::{CellStatus, Role};
use landsea_types::{Code, GoodsKey};

/// Blocks a cell: no new receipt stands over goods in it, and none move into it. What lies there may leave.
///
/// # Errors
/// 1005 for another member's cell too, 1006; 1012, 1007; 4006 when it is blocked already.
pub fn cell_block(cx: &mut Cx<'_, '_>, op: &CellBlock) -> Refused {
    let cell = managed(cx, &op.cell, op.expect_ver)?; // 3, 4
    ensure(cell.status != CellStatus::Blocked, Code::CellBlocked)?; // 7
    set(cx, cell, CellStatus::Blocked, EventName::CellBlocked)
}

/// Lifts a block. A cell that is open stays open.
///
/// # Errors
/// 1005, 1006; 1012, 1007.
pub fn cell_unblock(cx: &mut Cx<'_, '_>, op: &CellUnblock) -> Refused {
    let cell = managed(cx, &op.cell, op.expect_ver)?; // 3, 4
    set(cx, cell, CellStatus::Open, EventName::CellUnblocked)
}

/// Steps 3 and 4 of an operation by which a branch manages a cell of its own territory.
fn managed(cx: &Cx<'_, '_>, key: &GoodsKey, expect_ver: u32) -> Refused<Cell> {
    cx.require_role(&[Role::Branch])?;
    let cell = count::load(cx, key, expect_ver)?;
    ensure(cell.home == cx.sender.home, Code::RoleNotPermitted)?;
    Ok(cell)
}

fn set(cx: &mut Cx<'_, '_>, mut cell: Cell, status: CellStatus, event: EventName) -> Refused {
    cell.status = status;
    cx.emit(event, &cell.key.0, &[cell.home], &[cell.keeper], &[]);
    cells::put_changed(cx, cell)
}
