//! `goods.cell_count`: keeper and supervisor say what lies in a cell.
//!
//! A count is a fact: whatever the number, it is recorded. Below the receipts it raises a deficit, which bars new rights over the
//! cell's goods; a later count, or goods and receipts that leave, heals it.

use super::cells;
use crate::context::Cx;
use crate::party;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::goods::CellCount;
use landsea_types::record::Cell;
use landsea_types::role::{LicenceKind, Role};
use landsea_types::{Code, GoodsKey, Qty};

/// The argument of 1008 for the supervisor.
const WHO_SUPERVISOR: u64 = 0;

/// Records a count of two keys: those of the keeper and of the site's supervisor, or of a supervisor it names where the site has none.
///
/// # Errors
/// 1005, 1006; 1012 for the cell (0) or the supervisor (1), 1007; 1005 and 2002 for a supervisor who may not count here; 3005 for
/// another's cell, 7001 for a supervisor who is not independent of the keeper; the supervisor's consent 1008, 1009, 1006.
pub fn cell_count(cx: &mut Cx<'_, '_>, op: &CellCount) -> Refused {
    cx.require_role(&[Role::Warehouse])?; // 3
    let mut cell = load(cx, &op.cell, op.expect_ver)?; // 4
    check_supervisor(cx, op, &cell)?;
    ensure(cell.keeper == cx.sender.id, Code::NotHolder)?; // 11
    check_independence(cx, op)?;
    cx.require_consent(&op.supervisor, &[Role::Supervisor], WHO_SUPERVISOR, Code::ConsentMissing)?; // 12
    cell.counted = op.counted;
    cell.away = Qty::ZERO;
    cell.counted_at = Some(cx.now());
    cell.supervisor = Some(op.supervisor);
    cell.evidence = op.evidence;
    let args = [op.counted.get(), cell.receipts_sum.get()];
    cx.emit(EventName::CellCounted, &cell.key.0, &[cell.home], &[cell.keeper, op.supervisor], &args);
    cells::put_changed(cx, cell)
}

/// Check step 4: the cell exists in the expected version.
///
/// # Errors
/// 1012, 1007.
pub(super) fn load(cx: &Cx<'_, '_>, key: &GoodsKey, expect_ver: u32) -> Refused<Cell> {
    let cell = Cx::known(cx.view.cell(key), 0)?;
    cx.expect_ver(expect_ver, cell.ver)?;
    Ok(cell)
}

/// A supervisor, and the licensed one if the site has one.
fn check_supervisor(cx: &Cx<'_, '_>, op: &CellCount, cell: &Cell) -> Refused {
    let supervisor = Cx::known(cx.view.party(&op.supervisor), 1)?;
    ensure(supervisor.has(Role::Supervisor), Code::RoleNotPermitted)?;
    let licensed = party::licensee(cx.view, LicenceKind::Supervision, &cell.site, cx.now());
    ensure(licensed.is_none_or(|party| party.id == supervisor.id), Code::LicenceMissing)
}

/// Check step 11: two keys of one hand, or of one group, are not two.
fn check_independence(cx: &Cx<'_, '_>, op: &CellCount) -> Refused {
    let same_group = cx.view.party(&op.supervisor).is_some_and(|party| party.same_group(&cx.sender));
    ensure(op.supervisor != cx.sender.id && !same_group, Code::AttesterNotIndependent)
}
