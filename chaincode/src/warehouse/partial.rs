//! `warehouse.deliver_partial`: some goods of a receipt leave.
//!
//! A lot's quantity never changes: each lot of which something leaves ends, and what left and what stays become lots of their own,
//! the first DELIVERED at once. The receipt goes on over what stays, and so do its pledge, reservation and holds.
//!
//! A pledge shrinks with the pledgee's consent and under the eyes of the supervisor. `pledge.release_partial` comes here too, with
//! pledgee and keeper in each other's place.

use super::receipt;
use crate::context::Cx;
use crate::goods::cells::Goods;
use crate::goods::{LotOrigin, is_exclusive, lots};
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refused, ensure, internal};
use crate::waybill::checks;
use landsea_types::event::EventName;
use landsea_types::operation::warehouse::{DeliverPartial, Part};
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{LotStatus, Role};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, Hash, LotId, Qty, Uom, bounds};
use std::collections::{BTreeMap, BTreeSet};

/// Who calls for a partial delivery, and whose consent it thus needs beside the holder's and the supervisor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The warehouse; the pledgee consents.
    Keeper,
    /// The pledgee, whose own checks have passed; the warehouse consents.
    Pledgee,
}

/// A lot of which something leaves.
struct Leaving<'o> {
    part: &'o Part,
    lot: Lot,
}

impl Leaving<'_> {
    fn is_whole(&self) -> bool {
        self.part.qty == self.lot.qty
    }
    /// The keys that leave, and those that stay.
    fn keys(&self) -> (Vec<ClassedKey>, Vec<ClassedKey>) {
        let leaves = |key: &&ClassedKey| self.is_whole() || self.part.keys.contains(&key.key);
        self.lot.keys.iter().partition(leaves)
    }
}

/// Hands some goods to the holder; the receipt stays over the rest.
///
/// # Errors
/// 1010; 1005, 1006; 1012 for the receipt (0) or a lot or key that is not its own (from 1), 1007; 5007 for a waybill; 3108, 3004,
/// 4008, 5008; 6001; 4007 when a key leaves that should stay or the reverse; 3006, 5002; 3005 for another's receipt; consents 1008,
/// 1009, 1006; 4003 for more than there is, nothing, or everything.
pub fn deliver_partial(cx: &mut Cx<'_, '_>, op: &DeliverPartial) -> Refused {
    check_shape(op)?; // 1
    cx.require_role(&[Role::Warehouse])?; // 3
    deliver_as(cx, op, Caller::Keeper)
}

/// Check step 1 of a partial delivery.
///
/// # Errors
/// 1010.
pub(crate) fn check_shape(op: &DeliverPartial) -> Refused {
    let keys = op.parts.iter().fold(0usize, |n, part| n.saturating_add(part.keys.len()));
    let sized = (1..=bounds::LOTS_MAX).contains(&op.parts.len()) && keys <= bounds::GOODS_KEYS_MAX;
    ensure(sized, Code::TooLarge)
}

/// Check steps 4 to 13 of a partial delivery, and the delivery.
///
/// # Errors
/// As [`deliver_partial`] from 1012 on; for a pledgee 5004 without the warehouse's acknowledgement.
pub(crate) fn deliver_as(cx: &mut Cx<'_, '_>, op: &DeliverPartial, caller: Caller) -> Refused {
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    let leaving = find_lots(cx, op, &doc)?;
    checks::require_receipt(&doc)?; // 5
    checks::require_active(cx, &doc)?; // 6
    pledge::require_not_enforcing(cx, &doc)?;
    hold::check_doc(cx, Act::PartialExit, &doc)?; // 7
    leaving.iter().try_for_each(check_keys)?; // 9
    pledge::check_encumbrance(cx, &doc)?; // 10
    if caller == Caller::Keeper {
        checks::require_issuer(cx, &doc)?; // 11
    }
    let holder = internal(pledge::actor(&doc))?;
    require_consents(cx, &doc, &holder, caller)?; // 12
    check_conservation(&doc, &leaving)?; // 13
    apply(cx, doc, leaving, holder)
}

/// Check step 4: the lots are the receipt's, and the keys the lots'.
fn find_lots<'o>(cx: &Cx<'_, '_>, op: &'o DeliverPartial, doc: &Doc) -> Refused<Vec<Leaving<'o>>> {
    let mut leaving = Vec::with_capacity(op.parts.len());
    for (part, which) in op.parts.iter().zip(1u64..) {
        let lot = Cx::known(cx.view.lot(&part.lot).filter(|lot| doc.lots.contains(&lot.id)), which)?;
        let own = part.keys.iter().all(|key| lot.keys.iter().any(|k| k.key == *key));
        Cx::known(own.then_some(()), which)?;
        leaving.push(Leaving { part, lot });
    }
    Ok(leaving)
}

/// Check step 9: a whole lot leaves with all its keys but its cell, a part leaves the rest at least one key and its cell.
fn check_keys(leaving: &Leaving<'_>) -> Refused {
    let named: BTreeSet<_> = leaving.part.keys.iter().collect();
    let stays = |key: &&ClassedKey| !named.contains(&key.key);
    let own = &leaving.lot.keys;
    let fits = if leaving.is_whole() {
        !own.iter().filter(stays).any(|key| is_exclusive(key.class))
    } else {
        own.iter().any(|key| stays(&key)) && own.iter().all(|key| stays(&key) || is_exclusive(key.class))
    };
    ensure(fits && named.len() == leaving.part.keys.len(), Code::KeyDuplicated)
}

/// Check step 12: holder, then pledgee or keeper, then the supervisors of pledged goods.
fn require_consents(cx: &mut Cx<'_, '_>, doc: &Doc, holder: &AccountId, caller: Caller) -> Refused {
    checks::require_consents(cx, &[(*holder, &[], 0)])?;
    if caller == Caller::Pledgee {
        cx.require_consent(&doc.issuer, &[Role::Warehouse], 1, Code::CustodianAckMissing)?;
    }
    pledge::require_pledgee_consent(cx, doc)?;
    let watched = if doc.enc.is_some() { receipt::supervisors(cx, doc)? } else { Vec::new() };
    let needed: Vec<_> = watched.iter().map(|id| (*id, [Role::Supervisor].as_slice(), 2)).collect();
    checks::require_consents(cx, &needed)
}

/// Check step 13: each lot once, of each something and no more than there is, and not everything: that is `deliver_full`.
fn check_conservation(doc: &Doc, leaving: &[Leaving<'_>]) -> Refused {
    let distinct: BTreeSet<LotId> = leaving.iter().map(|l| l.lot.id).collect();
    ensure(distinct.len() == leaving.len(), Code::NotConserved)?;
    ensure(leaving.iter().all(is_conserved), Code::NotConserved)?;
    let everything = leaving.len() == doc.lots.len() && leaving.iter().all(Leaving::is_whole);
    ensure(!everything, Code::NotConserved)
}

/// A whole lot leaves in all its packages.
fn is_conserved(leaving: &Leaving<'_>) -> bool {
    let (part, lot) = (leaving.part, &leaving.lot);
    let fits = part.qty > Qty::ZERO && part.qty <= lot.qty && part.packages <= lot.packages;
    fits && (!leaving.is_whole() || part.packages == lot.packages)
}

fn apply(cx: &mut Cx<'_, '_>, mut doc: Doc, leaving: Vec<Leaving<'_>>, holder: AccountId) -> Refused {
    let (mut gone, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for leaving in &leaving {
        let (left, stays) = divide(cx, &doc, leaving)?;
        gone.push(left);
        old.push(leaving.lot.id);
        new.extend(stays);
        // In the order of the receipt: what stays stands where the lot stood.
        doc.lots = doc.lots.iter().flat_map(|id| if *id == leaving.lot.id { stays } else { Some(*id) }).collect();
    }
    pledge::replace_lots(cx, &doc, &old, &new)?;
    say_delivered(cx, &doc, &leaving, &gone, holder);
    say_released(cx, &doc)?;
    checks::put_changed(cx, doc)
}

/// Ends a lot and begins those that it becomes: what left, DELIVERED at once, and what stays, if anything does.
fn divide(cx: &mut Cx<'_, '_>, doc: &Doc, leaving: &Leaving<'_>) -> Refused<(LotId, Option<LotId>)> {
    let (part, lot) = (leaving.part, &leaving.lot);
    let (leave, mut stay) = leaving.keys();
    // What left lay in the cell too.
    let leave: Vec<ClassedKey> =
        leave.into_iter().chain(stay.iter().copied().filter(|key| key.class == b'S')).collect();
    lots::end_lot(cx, lot.clone(), LotStatus::Consumed, Goods::Stay)?;
    let origin = origin(doc, lot);
    let left = lots::create_lot(cx, &like(lot, part.qty, part.packages, leave), &origin, Goods::Stay)?;
    let delivered = internal(cx.view.lot(&left))?;
    lots::end_lot(cx, delivered, LotStatus::Delivered, Goods::Move)?;
    let rest = internal(lot.qty.checked_sub(part.qty.get()))?;
    if rest == Qty::ZERO {
        return Ok((left, None));
    }
    let packages = internal(lot.packages.checked_sub(part.packages))?;
    stay.sort();
    let stays = lots::create_lot(cx, &like(lot, rest, packages, stay), &origin, Goods::Stay)?;
    keep_paper(cx, &stays, leaving)?;
    hold::follow_lot(cx, lot, &[stays])?;
    Ok((left, Some(stays)))
}

/// What stays goes on under the keys that its paper names, without those that left: containers that were emptied and the cell in which
/// the goods were received stand there still.
fn keep_paper(cx: &mut Cx<'_, '_>, stays: &LotId, leaving: &Leaving<'_>) -> Refused {
    let mut lot = internal(cx.view.lot(stays))?;
    let named = leaving.lot.paper_keys.iter().filter(|key| !leaving.part.keys.contains(&key.key));
    lot.paper_keys = named.copied().collect();
    cx.view.put_lot(&lot);
    Ok(())
}

/// A part of a lot.
fn like(lot: &Lot, qty: Qty, packages: u32, keys: Vec<ClassedKey>) -> NewLot {
    NewLot { kind: lot.kind, uom: lot.uom, qty, packages, goods_class: lot.goods_class, keys }
}

fn origin(doc: &Doc, lot: &Lot) -> LotOrigin {
    LotOrigin {
        doc: doc.id,
        home: lot.home,
        custodian: lot.custodian,
        supervisor: lot.supervisor,
        place: lot.place,
        parents: vec![lot.id],
        master: Some(lot.origin_doc),
    }
}

/// What left, by unit.
fn say_delivered(cx: &mut Cx<'_, '_>, doc: &Doc, leaving: &[Leaving<'_>], gone: &[LotId], holder: AccountId) {
    let mut sums: BTreeMap<Uom, u64> = BTreeMap::new();
    for leaving in leaving {
        let sum = sums.entry(leaving.lot.uom).or_default();
        *sum = sum.saturating_add(leaving.part.qty.get());
    }
    let args: Vec<u64> = sums.into_values().collect();
    let members = checks::homes(cx, doc, &[holder]);
    let lots: Vec<Hash> = gone.iter().map(|lot| Hash(lot.0)).collect();
    cx.emit_related(EventName::PartialDelivery, &doc.id.0, &lots, &members, &[doc.issuer, holder], &args);
}

/// To both sides of the pledge that the goods have left, if there is one.
fn say_released(cx: &mut Cx<'_, '_>, doc: &Doc) -> Refused {
    let Some(id) = doc.enc else { return Ok(()) };
    let pledge = internal(cx.view.pledge(&id))?;
    let members = [pledge.home_pledgee, pledge.home_pledgor, doc.home];
    let parties = [pledge.pledgor, pledge.pledgee];
    cx.emit_related(EventName::PartialRelease, &id.0, &[Hash(doc.id.0)], &members, &parties, &[]);
    Ok(())
}
