//! Lots, the keys they occupy, the cells they lie in, and what lies on them.

use super::super::auth::Caller;
use super::super::{Context, errors, visibility};
use super::{Answer, page, pledge_of_doc, public, record, row};
use landsea_chaincode::{View, goods};
use landsea_client::api::{CellView, LotView};
use landsea_types::record::{Cell, Doc, Lot, PublicDoc, PublicEncumbrance, PublicGoodsKey, PublicReservation};
use landsea_types::state::{Family, StateRead, Table};
use landsea_types::{DocId, GoodsKey, Hash, LotId};
use serde::Deserialize;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LotParams {
    lot: LotId,
}

pub(crate) fn lot(context: &Context, caller: &Caller, p: LotParams) -> Answer<Option<LotView>> {
    Ok(lot_view(&&*context.snapshot(), caller, &p.lot))
}

fn lot_view(state: &dyn StateRead, caller: &Caller, id: &LotId) -> Option<LotView> {
    let lot: Lot = record(state, Family::Lot, &id.0)?;
    let encumbrance = public(state, Family::Encumbrance, &id.0);
    let title_visible = sees_title(state, caller, &lot);
    Some(LotView { id: *id, public: lot.public(), encumbrance, record: visibility::lot(caller, lot, title_visible) })
}

fn sees_title(state: &dyn StateRead, caller: &Caller, lot: &Lot) -> bool {
    let title = lot.title.and_then(|id| record::<Doc>(state, Family::Doc, &id.0));
    title.is_some_and(|doc| visibility::sees_doc(caller, &doc, pledge_of_doc(state, &doc).as_ref()))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocLotsParams {
    pub(super) doc: DocId,
    pub(super) after: Option<LotId>,
    pub(super) limit: Option<usize>,
}

pub(crate) fn lots_by_doc(context: &Context, caller: &Caller, p: DocLotsParams) -> Answer<Vec<LotView>> {
    lots_page(&&*context.snapshot(), caller, &p)
}

pub(super) fn lots_page(state: &dyn StateRead, caller: &Caller, p: &DocLotsParams) -> Answer<Vec<LotView>> {
    let doc = public::<PublicDoc>(state, Family::Doc, &p.doc.0).ok_or_else(|| errors::unknown("document", p.doc))?;
    let passed = match &p.after {
        Some(after) => doc.lots.iter().position(|lot| lot == after).ok_or_else(|| errors::unknown("lot", after))? + 1,
        None => 0,
    };
    let chosen = doc.lots.iter().skip(passed).take(page(p.limit));
    Ok(chosen.filter_map(|lot| lot_view(state, caller, lot)).collect())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoodsKeyParams {
    key: GoodsKey,
}

pub(crate) fn goods_key(context: &Context, _: &Caller, p: GoodsKeyParams) -> Answer<Option<LotId>> {
    Ok(public::<PublicGoodsKey>(&&*context.snapshot(), Family::GoodsKey, &p.key.0).map(|k| k.lot))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CellParams {
    cell: GoodsKey,
}

pub(crate) fn cell(context: &Context, caller: &Caller, p: CellParams) -> Answer<Option<CellView>> {
    Ok(cell_view(&&*context.snapshot(), caller, &p.cell))
}

/// A cell as the caller may see it. A page holds every lot: a cell has fewer than that.
pub(super) fn cell_view(state: &dyn StateRead, caller: &Caller, key: &GoodsKey) -> Option<CellView> {
    let cell: Cell = row(state, Table::Cell, &key.0)?;
    let shown = sees_cell(state, caller, &cell);
    Some(CellView {
        key: cell.key,
        home: cell.home,
        status: cell.status,
        short: cell.is_short(),
        hold: public(state, Family::Hold, &key.0),
        lots: if shown { goods::lots_in_cell(&View::new(state), key) } else { Vec::new() },
        record: shown.then_some(cell),
    })
}

/// Keeper, supervisor, branches, auditors, and whoever has a document over goods in the cell.
pub(crate) fn sees_cell(state: &dyn StateRead, caller: &Caller, cell: &Cell) -> bool {
    let keeps = caller.is(&cell.keeper) || cell.supervisor.is_some_and(|s| caller.is(&s));
    let owns = || {
        let lots = goods::lots_in_cell(&View::new(state), &cell.key);
        lots.iter().filter_map(|id| record::<Lot>(state, Family::Lot, &id.0)).any(|lot| sees_title(state, caller, &lot))
    };
    caller.sees_parties() || keeps || (caller.party().is_ok() && owns())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BurdenParams {
    target: Hash,
}

pub(crate) fn encumbrance(context: &Context, _: &Caller, p: BurdenParams) -> Answer<Option<PublicEncumbrance>> {
    Ok(public(&&*context.snapshot(), Family::Encumbrance, &p.target.0))
}

pub(crate) fn reservation(context: &Context, _: &Caller, p: BurdenParams) -> Answer<Option<PublicReservation>> {
    Ok(public(&&*context.snapshot(), Family::Reservation, &p.target.0))
}
