//! Draws of `goods`.

use super::{Draw, Drawer, Drawn, alone, with};
use crate::goods::acts::KG;
use crate::kit::*;
use landsea_types::operation::goods::*;
use landsea_types::record::Cell;
use landsea_types::role::CellStatus;
use landsea_types::{Commit, Operation, Qty};

pub const DRAWERS: &[(&str, Drawer)] = &[
    ("goods.cell_open", cell_open),
    ("goods.cell_count", cell_count),
    ("goods.cell_block", cell_block),
    ("goods.cell_unblock", cell_unblock),
    ("goods.unstuff", unstuff),
    ("goods.reseal", reseal),
    ("goods.declare_loss", declare_loss),
    ("goods.force_vacate", force_vacate),
];

fn cell(draw: &mut Draw<'_>, wanted: impl Fn(&Cell) -> bool) -> Option<Cell> {
    let any = draw.dice.chance(10);
    let cells = draw.state().cells.values().filter(|cell| any || wanted(cell)).cloned().collect();
    draw.dice.one(cells)
}

fn cell_open(draw: &mut Draw<'_>) -> Option<Drawn> {
    let keeper = draw.dice.pick(&["BOND", "COLD"]);
    let name = format!("S:{}", draw.dice.below(8));
    alone(keeper, draw.world.cell_open_op(keeper, &format!("site of {keeper}"), &name))
}

/// Now and then less than receipts stand over.
fn cell_count(draw: &mut Draw<'_>) -> Option<Drawn> {
    let cell = cell(draw, |_| true)?;
    let most = if draw.dice.chance(40) { 2 * cell.receipts_sum.get() } else { 600_000 * KG };
    let counted = Qty::new(draw.dice.below(most.max(1)));
    let supervisor = draw.world.account("SUP");
    let op = CellCount { cell: cell.key, expect_ver: cell.ver, counted, supervisor, evidence: commit("count") };
    with(draw.name(&cell.keeper), Operation::GoodsCellCount(op), &["SUP"])
}

fn home(draw: &Draw<'_>, cell: &Cell) -> String {
    draw.world.genesis.member(cell.home).expect("homes are members").code.clone()
}

fn cell_block(draw: &mut Draw<'_>) -> Option<Drawn> {
    let cell = cell(draw, |cell| cell.status != CellStatus::Blocked)?;
    let op = CellBlock { cell: cell.key, expect_ver: cell.ver, reason: commit("reason") };
    alone(home(draw, &cell), Operation::GoodsCellBlock(op))
}

fn cell_unblock(draw: &mut Draw<'_>) -> Option<Drawn> {
    let cell = cell(draw, |cell| cell.status == CellStatus::Blocked)?;
    let op = CellUnblock { cell: cell.key, expect_ver: cell.ver, reason: commit("reason") };
    alone(home(draw, &cell), Operation::GoodsCellUnblock(op))
}

fn unstuff(draw: &mut Draw<'_>) -> Option<Drawn> {
    let container = |class| matches!(class, b'C' | b'W');
    let lot = draw.lot(|lot| lot.keys.iter().any(|key| container(key.class)) && lot.keys.len() > 1)?;
    let keys = lot.keys.iter().filter(|key| container(key.class)).map(|key| key.key).collect();
    let op = Unstuff { lot: lot.id, expect_ver: lot.ver, keys, evidence: commit("unstuffing") };
    alone(draw.name(&lot.custodian), Operation::GoodsUnstuff(op))
}

fn reseal(draw: &mut Draw<'_>) -> Option<Drawn> {
    let lot = draw.lot(|_| true)?;
    let by = if draw.dice.chance(40) { "SW".into() } else { draw.name(&lot.custodian) };
    let old_seal = if draw.dice.chance(70) { lot.seal.unwrap_or_default() } else { Commit([3; 32]) };
    let op = Reseal { lot: lot.id, expect_ver: lot.ver, old_seal, new_seal: Commit([draw.dice.below(9) as u8; 32]) };
    alone(by, Operation::GoodsReseal(op))
}

fn declare_loss(draw: &mut Draw<'_>) -> Option<Drawn> {
    let lot = draw.lot(|_| true)?;
    let by = if draw.dice.chance(40) { "INS".into() } else { draw.name(&lot.custodian) };
    let op = DeclareLoss { lot: lot.id, expect_ver: lot.ver, evidence: commit("survey") };
    alone(by, Operation::GoodsDeclareLoss(op))
}

fn force_vacate(draw: &mut Draw<'_>) -> Option<Drawn> {
    let lot = draw.lot(|lot| lot.keys.len() > 1)?;
    let key = draw.dice.one(lot.keys.clone())?.key;
    let branch = if draw.dice.chance(70) { draw.world.genesis.member(lot.home)?.code.clone() } else { draw.branch() };
    alone(branch, Operation::GoodsForceVacate(ForceVacate { key, reason: commit("reason") }))
}
