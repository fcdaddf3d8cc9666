//! Invariants of goods: where they come from, what they occupy, who keeps them.

use super::{Decoded, Holds, ensure};
use crate::goods::is_exclusive;
use landsea_types::role::{LotStatus, Role};
use landsea_types::{LotId, Uom};
use std::collections::BTreeMap;

/// INV-5 (L3, L5): per unit, goods that are there or were delivered were issued once; shortages may have taken some away.
///
/// # Errors
/// A unit of which more exists than was ever issued.
pub fn goods_come_from_nowhere_but_issue(state: &Decoded) -> Holds {
    let mut sums: BTreeMap<Uom, (u128, u128)> = BTreeMap::new();
    for lot in state.lots.values() {
        let (issued, kept) = sums.entry(lot.uom).or_default();
        let qty = u128::from(lot.qty.get());
        if lot.parents.is_empty() {
            *issued = issued.saturating_add(qty);
        }
        if lot.status != LotStatus::Consumed {
            *kept = kept.saturating_add(qty);
        }
    }
    for (uom, (issued, kept)) in sums {
        ensure(kept <= issued, "INV-5", || format!("{kept} of {uom} from {issued} issued"))?;
    }
    Ok(())
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

/// INV-11 (L4): an ACTIVE lot is in the custody of one known party that may hold goods.
///
/// # Errors
/// A lot whose custodian is unknown or neither carrier, forwarder nor warehouse.
pub fn a_lot_has_one_known_custodian(state: &Decoded) -> Holds {
    let keepers = [Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse];
    for lot in state.lots.values().filter(|l| l.status == LotStatus::Active) {
        let custodian = state.parties.get(&lot.custodian.0);
        let fit = custodian.is_some_and(|party| party.roles.has_any(&keepers));
        ensure(fit, "INV-11", || format!("{:?} is with {:?}, who may not keep goods", lot.id, lot.custodian))?;
    }
    Ok(())
}
