//! Draws of `warehouse`.

use super::waybill::{converted, merge, split, void};
use super::{Draw, Drawer, Drawn, FIRMS, on, with};
use crate::goods::acts::bond_receipt;
use crate::kit::*;
use landsea_types::operation::warehouse::*;
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{DocState, TerminateReason};
use landsea_types::{GoodsKey, Operation, Qty};

pub const DRAWERS: &[(&str, Drawer)] = &[
    ("warehouse.issue", issue),
    ("warehouse.endorse_transfer", endorse_transfer),
    ("warehouse.deliver_full", deliver_full),
    ("warehouse.deliver_partial", deliver_partial),
    ("warehouse.split", |draw| split(draw, true)),
    ("warehouse.merge", |draw| merge(draw, true)),
    ("warehouse.convert_out", convert_out),
    ("warehouse.relocate", relocate),
    ("warehouse.extend_storage", extend_storage),
    ("warehouse.set_lien", set_lien),
    ("warehouse.terminate", terminate),
    ("warehouse.void", |draw| void(draw, true)),
];

pub fn is_stored(doc: &Doc) -> bool {
    doc.state == DocState::Active && doc.is_receipt()
}

fn issue(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (number, batch) = (draw.number(), draw.key('B'));
    if draw.dice.chance(40) {
        let depositor = draw.dice.pick(&FIRMS);
        let receipt = Receipt { depositor, ..Receipt::new(&number, &[&batch]) };
        return with("COLD", draw.world.receipt_op(&receipt), &[depositor]);
    }
    let cell = draw.dice.pick(&["S:1", "S:2", "S:5"]);
    let kilograms = 1_000 + draw.dice.below(400_000);
    let body = bond_receipt(draw.world, &number, &[(kilograms, &[&batch, cell])]);
    with("BOND", Operation::WarehouseIssue(body), &["E6", "SUP"])
}

fn endorse_transfer(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_stored)?;
    let to = draw.dice.pick(&FIRMS);
    on(draw, draw.actor(&doc), draw.world.endorse_transfer_op(&doc.id, to), &doc)
}

fn deliver_full(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_stored)?;
    on(draw, draw.name(&doc.issuer), draw.world.deliver_op(&doc.id), &doc)
}

/// Some of one lot, or all of one of several.
pub fn partial_body(draw: &mut Draw<'_>, doc: &Doc) -> Option<DeliverPartial> {
    let lot = draw.dice.one(draw.lots_of(doc))?;
    let whole = doc.lots.len() > 1 && draw.dice.chance(40);
    let exclusive = |lot: &Lot| lot.keys.iter().filter(|key| key.class != b'S').map(|key| key.key).collect();
    let keys: Vec<GoodsKey> = if whole { exclusive(&lot) } else { Vec::new() };
    let qty = if whole { lot.qty } else { Qty::new(1 + draw.dice.below(lot.qty.get())) };
    let packages = if whole { lot.packages } else { lot.packages / 2 };
    let parts = vec![Part { lot: lot.id, qty, packages, keys }];
    Some(DeliverPartial { doc: doc.id, expect_ver: doc.ver, parts })
}

fn deliver_partial(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_stored)?;
    let body = partial_body(draw, &doc)?;
    on(draw, draw.name(&doc.issuer), Operation::WarehouseDeliverPartial(body), &doc)
}

fn convert_out(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_stored)?;
    let (lots, number) = (draw.lots_of(&doc), draw.number());
    let (new, shortages) = converted(draw, &lots, "C:leaving");
    let body = draw.world.convert_out_body(&doc.id, &number, new);
    on(draw, "MTO", Operation::WarehouseConvertOut(ConvertOut { shortages, ..body }), &doc)
}

fn relocate(draw: &mut Draw<'_>) -> Option<Drawn> {
    let in_cell = |lot: &Lot| lot.keys.iter().find(|key| key.class == b'S').map(|key| key.key);
    let lot = draw.lot(|lot| in_cell(lot).is_some())?;
    let from = in_cell(&lot)?;
    let doc = draw.state().docs.get(&lot.title?)?.clone();
    let to = key(draw.dice.pick(&["S:1", "S:2", "S:5"])).key;
    let body = Relocate { doc: doc.id, expect_ver: doc.ver, moves: vec![Move { lot: lot.id, from, to }] };
    on(draw, draw.name(&doc.issuer), Operation::WarehouseRelocate(body), &doc)
}

fn extend_storage(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_stored)?;
    let until = doc.receipt.as_ref()?.storage_until.saturating_add(draw.dice.below(90 * DAY));
    let body = ExtendStorage { doc: doc.id, expect_ver: doc.ver, until };
    on(draw, draw.name(&doc.issuer), Operation::WarehouseExtendStorage(body), &doc)
}

fn set_lien(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_stored)?;
    let body = SetLien { doc: doc.id, expect_ver: doc.ver, lien: draw.dice.chance(50), charges: commit("charges") };
    on(draw, draw.name(&doc.issuer), Operation::WarehouseSetLien(body), &doc)
}

fn terminate(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pending = draw.dice.chance(50);
    let doc = draw.doc(|doc| if pending { doc.state == DocState::SalePending } else { is_stored(doc) })?;
    let reason = draw.dice.pick(TerminateReason::ALL);
    let steps =
        [Termination::Notice { reason }, Termination::Withdraw, Termination::Sold { proceeds: commit("proceeds") }];
    let step = if doc.state == DocState::SalePending { draw.dice.pick(&steps[1..]) } else { steps[0].clone() };
    let body = Terminate { doc: doc.id, expect_ver: doc.ver, step };
    on(draw, draw.name(&doc.issuer), Operation::WarehouseTerminate(body), &doc)
}
