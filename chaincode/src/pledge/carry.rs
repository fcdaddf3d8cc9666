//! What happens to a pledge or reservation when its document is replaced, split or merged, or lots change under it.

use super::cover::check_cover;
use super::reservation::announce;
use super::term::{self, store_covered};
use super::transition::{end_reservation, put_cooldown, targets};
use crate::context::Cx;
use crate::refusal::{Refused, ensure, internal};
use crate::view::{Due, pair};
use landsea_types::event::EventName;
use landsea_types::record::{Cooldown, Doc, Encumbrance, Joined, Lot, Pledge, Reservation};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, DocId, LotId, bounds};

/// Cooldowns of one lot that are carried to its successors.
const COOLDOWNS_MAX: usize = 64;

/// A document that takes the place of others in a pledge or reservation, with its lots.
struct Heir<'h> {
    doc: DocId,
    lots: &'h [LotId],
}

impl<'h> Heir<'h> {
    fn of(doc: &'h Doc) -> Self {
        Self { doc: doc.id, lots: &doc.lots }
    }
}

/// Moves encumbrance, reservation and cooldowns from a document to the one that replaces it: the same pledge, the same
/// priority. `new_lots` are the lots of the new document, the old ones after an amendment.
///
/// The caller stores `new`, and the old document with `enc` cleared; new lots already exist in state.
///
/// # Errors
/// 1014 when the pledge is not in state or its version overflows.
pub fn carry(cx: &mut Cx<'_, '_>, old: &Doc, new: &mut Doc, new_lots: &[LotId]) -> Refused {
    let heir = Heir { doc: new.id, lots: new_lots };
    if let Some(enc) = cx.view.encumbrance(&old.id.0) {
        let pledge = inherit(cx, &enc, &[old], &[heir])?;
        new.enc = Some(pledge.id);
        put(cx, pledge)?;
    } else if let Some(reservation) = cx.view.reservation(&old.id.0) {
        end_reservation(cx.view, old, &reservation);
        reserve(cx, &heir, &reservation);
    }
    carry_cooldowns(cx, &old.lots, new_lots);
    Ok(())
}

/// Moves encumbrance, reservation and cooldowns from a document to its children, whose lots exist in state.
///
/// Children at the positions `released` leave the pledge and go to the beneficiary; the others keep the pledge with its priority,
/// in the hands of the pledgee. A reservation stands on every child. The caller stores the children, and the old document with
/// `enc` cleared.
///
/// # Errors
/// 5011 when no document would stay in the pledge or too many; 1014 when the pledge is not in state or its version overflows.
pub fn carry_split(cx: &mut Cx<'_, '_>, old: &Doc, children: &mut [Doc], released: &[u8]) -> Refused {
    for child in children.iter() {
        carry_cooldowns(cx, &old.lots, &child.lots);
    }
    if let Some(enc) = cx.view.encumbrance(&old.id.0) {
        return divide(cx, &enc, old, children, released);
    }
    if let Some(reservation) = cx.view.reservation(&old.id.0) {
        end_reservation(cx.view, old, &reservation);
        for child in children.iter() {
            reserve(cx, &Heir::of(child), &reservation);
        }
    }
    Ok(())
}

fn divide(cx: &mut Cx<'_, '_>, enc: &Encumbrance, old: &Doc, children: &mut [Doc], released: &[u8]) -> Refused {
    let leaves = |position: usize| released.iter().any(|r| usize::from(*r) == position);
    let heirs: Vec<Heir<'_>> =
        children.iter().enumerate().filter(|(i, _)| !leaves(*i)).map(|(_, child)| Heir::of(child)).collect();
    let pledge = inherit(cx, enc, &[old], &heirs)?;
    let sized = (1..=bounds::PLEDGE_PARTS_MAX).contains(&pledge.docs.len());
    ensure(sized, Code::CollateralSetInvalid)?;
    for (position, child) in children.iter_mut().enumerate() {
        if leaves(position) {
            set_free(cx, child, &pledge);
        } else {
            child.enc = Some(pledge.id);
            child.holder = pledge.pledgee;
        }
    }
    if released.is_empty() {
        return put(cx, pledge);
    }
    let left: Vec<DocId> = children.iter().filter(|child| child.enc.is_none()).map(|child| child.id).collect();
    store_covered(cx, pledge, EventName::PartialRelease, &left)
}

/// A child that leaves the pledge was created with the supervisor of its goods, who may have been the pledge's.
fn set_free(cx: &mut Cx<'_, '_>, child: &mut Doc, pledge: &Pledge) {
    child.enc = None;
    child.holder = child.beneficiary.unwrap_or(pledge.pledgor);
    let receipt_supervisor = child.receipt.as_ref().and_then(|r| r.supervisor);
    for mut lot in lots_in(cx, &child.lots) {
        lot.supervisor = receipt_supervisor;
        cx.view.put_lot(&lot);
    }
}

/// Moves encumbrance, reservation and cooldowns from documents to the one into which they are merged, whose lots exist in state.
/// The caller stores `new`, and the old documents with `enc` cleared.
///
/// # Errors
/// 5105 unless all are in one pledge, or all reserved by one bank, or none; 5103 when they joined the pledge at different times;
/// 1014 when the pledge is not in state or its version overflows.
pub fn carry_merge(cx: &mut Cx<'_, '_>, old: &[Doc], new: &mut Doc) -> Refused {
    check_mergeable(cx, old)?;
    for doc in old {
        carry_cooldowns(cx, &doc.lots, &new.lots);
    }
    let Some(first) = old.first() else { return Ok(()) };
    if let Some(enc) = cx.view.encumbrance(&first.id.0) {
        let all: Vec<&Doc> = old.iter().collect();
        let pledge = inherit(cx, &enc, &all, &[Heir::of(new)])?;
        new.enc = Some(pledge.id);
        new.holder = pledge.pledgee;
        return put(cx, pledge);
    }
    let standing: Vec<Reservation> = old.iter().filter_map(|doc| cx.view.reservation(&doc.id.0)).collect();
    for (doc, reservation) in old.iter().zip(&standing) {
        end_reservation(cx.view, doc, reservation);
    }
    // The bank gave its consent; the shortest of its terms is one that it had for all the goods.
    if let Some(shortest) = standing.iter().min_by_key(|r| r.until) {
        reserve(cx, &Heir::of(new), shortest);
    }
    Ok(())
}

/// Check step 10 of a merger: the documents stand under the same pledge with the same priority, or under the same bank's
/// reservation, or under none.
///
/// # Errors
/// 5105, then 5103.
pub fn check_mergeable(cx: &Cx<'_, '_>, docs: &[Doc]) -> Refused {
    let encumbrances: Vec<Option<Encumbrance>> = docs.iter().map(|doc| cx.view.encumbrance(&doc.id.0)).collect();
    let reserving = |doc: &Doc| cx.view.reservation(&doc.id.0).map(|r| (r.bank, r.pledgor));
    let one_pledge = all_alike(encumbrances.iter().map(|enc| enc.as_ref().map(|e| e.pledge)));
    ensure(one_pledge && all_alike(docs.iter().map(reserving)), Code::MixedEncumbrance)?;
    ensure(all_alike(encumbrances.iter().flatten().map(|enc| enc.priority)), Code::PriorityConflict)
}

fn all_alike<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    let first = items.next();
    items.all(|item| Some(&item) == first.as_ref())
}

/// Puts new lots in the place of old ones under a document that stays, as after a partial delivery or a loss: encumbrance,
/// reservation and cooldowns pass to them. The caller stores the document with its new lots, which exist in state.
///
/// # Errors
/// 1014 when the pledge is not in state or its version overflows.
pub fn replace_lots(cx: &mut Cx<'_, '_>, doc: &Doc, old: &[LotId], new: &[LotId]) -> Refused {
    carry_cooldowns(cx, old, new);
    if let Some(reservation) = cx.view.reservation(&doc.id.0) {
        old.iter().for_each(|lot| cx.view.remove_reservation(&lot.0));
        new.iter().for_each(|lot| cx.view.put_reservation(&lot.0, &reservation));
    }
    let Some(enc) = cx.view.encumbrance(&doc.id.0) else { return Ok(()) };
    let mut pledge = internal(cx.view.pledge(&enc.pledge))?;
    old.iter().for_each(|lot| cx.view.remove_encumbrance(&lot.0));
    encumber_lots(cx, new, &enc, &pledge);
    pledge.lots.retain(|lot| !old.contains(lot));
    pledge.lots.extend_from_slice(new);
    put(cx, pledge)
}

/// Hands an encumbrance from documents to their heirs and returns the changed pledge, which is not stored yet.
fn inherit(cx: &mut Cx<'_, '_>, enc: &Encumbrance, old: &[&Doc], heirs: &[Heir<'_>]) -> Refused<Pledge> {
    let mut pledge = internal(cx.view.pledge(&enc.pledge))?;
    for target in old.iter().flat_map(|doc| targets(doc)) {
        cx.view.remove_encumbrance(&target);
    }
    for heir in heirs {
        cx.view.put_encumbrance(&heir.doc.0, enc);
        encumber_lots(cx, heir.lots, enc, &pledge);
    }
    replace(&mut pledge, old, heirs, enc);
    Ok(pledge)
}

fn encumber_lots(cx: &mut Cx<'_, '_>, lots: &[LotId], enc: &Encumbrance, pledge: &Pledge) {
    for lot in lots_in(cx, lots) {
        cx.view.put_encumbrance(&lot.id.0, enc);
        mark_lot(cx, lot, pledge);
    }
}

fn lots_in(cx: &Cx<'_, '_>, ids: &[LotId]) -> Vec<Lot> {
    ids.iter().filter_map(|id| cx.view.lot(id)).collect()
}

/// A lot new to the pledge names it, within the version it was created in.
fn mark_lot(cx: &mut Cx<'_, '_>, mut lot: Lot, pledge: &Pledge) {
    if lot.enc != Some(pledge.id) {
        lot.enc = Some(pledge.id);
        lot.supervisor = lot.supervisor.or(pledge.supervisor);
        cx.view.put_lot(&lot);
    }
}

/// Puts the heirs in the place of the first of the old documents, each with the priority that those had, and their lots behind the
/// others.
fn replace(pledge: &mut Pledge, old: &[&Doc], heirs: &[Heir<'_>], enc: &Encumbrance) {
    let is_old = |id: &DocId| old.iter().any(|doc| doc.id == *id);
    let place = pledge.docs.iter().position(is_old).unwrap_or(pledge.docs.len());
    pledge.docs.retain(|id| !is_old(id));
    let behind = pledge.docs.split_off(place.min(pledge.docs.len()));
    pledge.docs.extend(heirs.iter().map(|heir| heir.doc).chain(behind));
    if pledge.joined.iter().any(|joined| is_old(&joined.doc)) {
        pledge.joined.retain(|joined| !is_old(&joined.doc));
        pledge.joined.extend(heirs.iter().map(|heir| Joined { doc: heir.doc, priority: enc.priority }));
    }
    pledge.lots.retain(|lot| !old.iter().any(|doc| doc.lots.contains(lot)));
    pledge.lots.extend(heirs.iter().flat_map(|heir| heir.lots));
}

/// Stores a pledge whose goods changed their paper, after a look at its cover.
fn put(cx: &mut Cx<'_, '_>, mut pledge: Pledge) -> Refused {
    check_cover(cx, &mut pledge);
    term::put(cx, &mut pledge)
}

fn reserve(cx: &mut Cx<'_, '_>, heir: &Heir<'_>, reservation: &Reservation) {
    let moved = Reservation { doc: heir.doc, ..reservation.clone() };
    cx.view.put_reservation(&heir.doc.0, &moved);
    for lot in heir.lots {
        cx.view.put_reservation(&lot.0, &moved);
    }
    cx.view.schedule(moved.until, Due::Reservation, &heir.doc.0, &[]);
}

/// Ends the reservation of a document that ends, if it has one.
pub(super) fn end_own_reservation(cx: &mut Cx<'_, '_>, doc: &Doc) {
    if let Some(reservation) = cx.view.reservation(&doc.id.0) {
        end_reservation(cx.view, doc, &reservation);
        announce(cx, EventName::ReservationCancelled, doc, &reservation);
    }
}

/// Goods that change their paper keep the cooldowns of the banks that squatted on them.
fn carry_cooldowns(cx: &mut Cx<'_, '_>, old_lots: &[LotId], new_lots: &[LotId]) {
    let mut cooldowns: Vec<(AccountId, Cooldown)> = Vec::new();
    for lot in old_lots {
        cooldowns.extend(cooldowns_of(cx, lot));
    }
    for (bank, cooldown) in cooldowns {
        for lot in new_lots {
            let standing = cx.view.get::<Cooldown>(Table::Cooldown, &pair(&lot.0, &bank.0));
            if standing.is_none_or(|c| c.until < cooldown.until) {
                put_cooldown(cx.view, lot, &bank, cooldown.until);
            }
        }
    }
}

fn cooldowns_of(cx: &Cx<'_, '_>, lot: &LotId) -> Vec<(AccountId, Cooldown)> {
    let (from, until) = (pair(&lot.0, &[0; 32]), pair(&lot.0, &[0xff; 32]));
    let rows = cx.view.scan(Table::Cooldown, &from, &until, COOLDOWNS_MAX);
    let bank = |key: &[u8]| key.get(32..)?.try_into().ok().map(AccountId);
    rows.iter().filter_map(|(key, _)| Some((bank(key)?, cx.view.get(Table::Cooldown, key)?))).collect()
}
