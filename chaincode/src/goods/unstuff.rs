//! `goods.unstuff`: goods have left their container or wagon, which is free again.

use super::{facts, lots};
use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::goods::Unstuff;
use landsea_types::record::Lot;
use landsea_types::ticket::ClassedKey;
use landsea_types::{Code, Hash, bounds};
use std::collections::BTreeSet;

/// Ends the occupancy of the named containers and wagons by one lot; a container shared with others is free after the last. The
/// paper goes on naming them.
///
/// # Errors
/// 1010 without keys or with one named twice; 1005, 1006; 1012 for the lot (0) or a key that is no container or wagon of it (from 1),
/// 1007; 4008; 4007 when the goods would have no key left; 8001 for anybody but the custodian.
pub fn unstuff(cx: &mut Cx<'_, '_>, op: &Unstuff) -> Refused {
    check_shape(op)?; // 1
    facts::require_reporter(cx, None)?; // 3
    let mut lot = facts::load(cx, &op.lot, op.expect_ver)?; // 4
    let left = keys_left(&lot, op)?;
    facts::require_active(&lot)?; // 6
    ensure(lot.keys.len() > left.len(), Code::KeyDuplicated)?; // 9
    facts::require_entitled(cx, &lot, None)?; // 11
    for key in &left {
        lots::vacate_key(cx, key, &lot.id);
    }
    lot.keys.retain(|key| !left.contains(key));
    if !lot.keys.iter().any(is_vessel) {
        // The seal was on the container.
        lot.seal = None;
    }
    let related: Vec<Hash> = left.iter().map(|key| Hash(key.key.0)).chain(facts::title_of(&lot)).collect();
    let members = facts::homes(cx, &lot);
    cx.emit_related(EventName::Unstuffed, &lot.id.0, &related, &members, &[lot.custodian], &[]);
    lots::put_changed(cx, lot)
}

fn check_shape(op: &Unstuff) -> Refused {
    let distinct: BTreeSet<_> = op.keys.iter().collect();
    let few = (1..=bounds::GOODS_KEYS_MAX).contains(&op.keys.len());
    ensure(few && distinct.len() == op.keys.len(), Code::TooLarge)
}

/// A container or wagon: what goods are taken out of.
fn is_vessel(key: &ClassedKey) -> bool {
    matches!(key.class, b'C' | b'W')
}

fn keys_left(lot: &Lot, op: &Unstuff) -> Refused<Vec<ClassedKey>> {
    let mut left = Vec::with_capacity(op.keys.len());
    for (key, which) in op.keys.iter().zip(1u64..) {
        let own = lot.keys.iter().find(|own| own.key == *key && is_vessel(own));
        left.push(*own.ok_or_else(|| Refusal::with_args(Code::UnknownObject, &[which]))?);
    }
    Ok(left)
}
