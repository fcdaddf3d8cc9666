//! Invariants of goods: where they come from, what they occupy, in which cells they lie.

use super::{Decoded, Holds, ensure};
use crate::goods::{cell_key, is_exclusive};
use crate::view::pair;
use landsea_types::record::Lot;
use landsea_types::role::LotStatus;
use landsea_types::{GoodsKey, LotId, Uom};
use std::collections::{BTreeMap, BTreeSet};

/// INV-5 (L3, L5): goods come from nowhere but issue. Lots that end for others are consumed, and per unit those never exceed them; the
/// difference was delivered or declared short. As a lot's quantity never changes, what an issuer has issued, less what left and what
/// passed to another issuer, is what is ACTIVE under its documents.
///
/// # Errors
/// A lot of nothing, one made from a lot that is still there, or lots that exceed those they were made from.
pub fn goods_come_from_nowhere_but_issue(state: &Decoded) -> Holds {
    let mut groups: BTreeMap<(LotId, Uom), (u128, u128)> = BTreeMap::new();
    let leaders = leaders(state);
    for lot in state.lots.values() {
        ensure(lot.qty.get() > 0, "INV-5", || format!("{:?} is a lot of nothing", lot.id))?;
        let qty = u128::from(lot.qty.get());
        if leaders.contains_key(&lot.id) {
            let sums = groups.entry((leader(&leaders, lot.id), lot.uom)).or_default();
            sums.0 = sums.0.saturating_add(qty);
            ensure(lot.status == LotStatus::Consumed, "INV-5", || {
                format!("{:?} is {} and others were made of it", lot.id, lot.status)
            })?;
        }
        for parent in &lot.parents {
            ensure(state.lots.contains_key(parent), "INV-5", || {
                format!("{:?} comes from the unknown {parent:?}", lot.id)
            })?;
        }
        if let Some(parent) = lot.parents.first() {
            let sums = groups.entry((leader(&leaders, *parent), lot.uom)).or_default();
            sums.1 = sums.1.saturating_add(qty);
        }
    }
    for ((lot, uom), (parents, children)) in groups {
        ensure(children <= parents, "INV-5", || {
            format!("{children} of {uom} were made from the {parents} of {lot:?} and its like")
        })?;
    }
    Ok(())
}

/// Lots that ended together lead to one of them: those that are parents of one lot belong together.
fn leaders(state: &Decoded) -> BTreeMap<LotId, LotId> {
    let mut leaders: BTreeMap<LotId, LotId> = BTreeMap::new();
    for lot in state.lots.values() {
        let Some(first) = lot.parents.first() else { continue };
        let top = leader(&leaders, *first);
        for parent in &lot.parents {
            let other = leader(&leaders, *parent);
            leaders.insert(other, top);
            leaders.entry(*parent).or_insert(top);
        }
        leaders.insert(top, top);
    }
    leaders
}

fn leader(leaders: &BTreeMap<LotId, LotId>, mut lot: LotId) -> LotId {
    while let Some(next) = leaders.get(&lot).filter(|next| **next != lot) {
        lot = *next;
    }
    lot
}

/// INV-6 (L1): an exclusive key is occupied iff an ACTIVE lot has it, by that lot, or by the lots of one consignment that share a
/// container.
///
/// # Errors
/// A key of lots of two consignments, or `gk/` leaves that differ from the lots.
pub fn exclusive_keys_belong_to_one_active_lot(state: &Decoded) -> Holds {
    let mut taken: BTreeMap<_, Vec<LotId>> = BTreeMap::new();
    for lot in state.lots.values().filter(|l| l.status == LotStatus::Active) {
        for key in lot.keys.iter().filter(|key| is_exclusive(key.class)) {
            let lots = taken.entry(key.key).or_default();
            let other = lots
                .iter()
                .filter_map(|id| state.lots.get(id))
                .find(|other| key.class != b'C' || other.origin_doc != lot.origin_doc);
            ensure(other.is_none(), "INV-6", || {
                format!("{:?} is a key of {:?} and {:?}", key.key, lot.id, other.map(|l| l.id))
            })?;
            lots.push(lot.id);
        }
    }
    let stray = state.goods_keys.iter().find(|(key, lots)| taken.get(*key) != Some(*lots));
    ensure(stray.is_none(), "INV-6", || format!("the leaf {stray:?} differs from the ACTIVE lots"))?;
    let missing = taken.iter().find(|(key, _)| !state.goods_keys.contains_key(*key));
    ensure(missing.is_none(), "INV-6", || format!("no leaf for {missing:?}"))
}

/// INV-7 (L2): `receipts_sum` is the sum of the ACTIVE lots in the cell, the index names exactly those, and receipts speak of more
/// than was counted only where every lot concerned carries a deficit.
///
/// # Errors
/// A cell, an index or a lot that says otherwise.
pub fn cells_hold_what_their_lots_say(state: &Decoded) -> Holds {
    let (mut sums, mut rows) = (BTreeMap::new(), BTreeSet::new());
    for lot in state.lots.values() {
        let cell = cell_key(&lot.keys).filter(|_| lot.status == LotStatus::Active);
        if let Some(key) = cell {
            let sum: &mut u128 = sums.entry(key).or_default();
            *sum = sum.saturating_add(u128::from(lot.qty.get()));
            rows.insert(pair(&key.0, &lot.id.0));
        }
        deficit_fits(state, lot, cell)?;
    }
    ensure(rows == state.cell_rows, "INV-7", || "the index of lots by cell differs from the lots".into())?;
    for cell in state.cells.values() {
        let sum = sums.remove(&cell.key).unwrap_or_default();
        let says = cell.receipts_sum;
        ensure(sum == u128::from(says.get()), "INV-7", || format!("{:?} says {says}, its lots {sum}", cell.key))?;
    }
    ensure(sums.is_empty(), "INV-7", || format!("lots lie in unknown cells: {:?}", sums.keys()))
}

fn deficit_fits(state: &Decoded, lot: &Lot, cell: Option<GoodsKey>) -> Holds {
    let cell = cell.and_then(|key| state.cells.get(&key));
    let short = cell.is_some_and(|cell| cell.is_short()) || lot.missing.get() > 0;
    ensure(lot.deficit == short, "INV-7", || format!("{:?}: deficit {}, short {short}", lot.id, lot.deficit))?;
    let known = cell.is_none_or(|cell| cell.uom == lot.uom);
    ensure(known, "INV-7", || format!("{:?} lies in a cell of another unit", lot.id))
}
