//! What happens to a pledge or reservation when its document is replaced or its goods are delivered.

use super::reservation::announce;
use super::term::{store, unschedule};
use super::transition::{end_reservation, lift, put_cooldown, targets};
use crate::context::Cx;
use crate::refusal::{Refused, internal};
use crate::view::{Due, pair};
use landsea_types::event::EventName;
use landsea_types::record::{Cooldown, Doc, Pledge, Reservation};
use landsea_types::role::PledgeState;
use landsea_types::state::Table;
use landsea_types::{AccountId, LotId};

/// Cooldowns of one lot that are carried to its successors.
const COOLDOWNS_MAX: usize = 64;

/// Moves encumbrance, reservation and cooldowns from a document to the one that replaces it: the same pledge, the same
/// priority. `new_lots` are the lots of the new document, the old ones after an amendment.
///
/// The caller stores `new`, and the old document with `enc` cleared; new lots already exist in state.
///
/// # Errors
/// 1014 when the pledge is not in state or its version overflows.
pub fn carry(cx: &mut Cx<'_, '_>, old: &Doc, new: &mut Doc, new_lots: &[LotId]) -> Refused {
    if let Some(enc) = cx.view.encumbrance(&old.id.0) {
        carry_pledge(cx, old, new, new_lots, &enc)?;
    }
    if let Some(reservation) = cx.view.reservation(&old.id.0) {
        carry_reservation(cx, old, new, new_lots, &reservation);
    }
    carry_cooldowns(cx, &old.lots, new_lots);
    Ok(())
}

/// Takes a document whose goods are delivered out of its pledge, if it has one, and ends its reservation, if it has one. A
/// pledge without documents left is RELEASED. The caller stores the document and ends its lots.
///
/// # Errors
/// 1014 when the pledge is not in state or its version overflows.
pub fn release_on_delivery(cx: &mut Cx<'_, '_>, doc: &mut Doc) -> Refused {
    if let Some(reservation) = cx.view.reservation(&doc.id.0) {
        end_reservation(cx.view, doc, &reservation);
        announce(cx, EventName::ReservationCancelled, doc, &reservation);
    }
    let Some(enc) = cx.view.encumbrance(&doc.id.0) else { return Ok(()) };
    let mut pledge = internal(cx.view.pledge(&enc.pledge))?;
    lift(cx.view, doc, &pledge.pledgor);
    let remaining: Vec<_> = pledge.docs.iter().copied().filter(|id| *id != doc.id).collect();
    if remaining.is_empty() {
        unschedule(cx, &pledge);
        pledge.state = PledgeState::Released;
        return store(cx, &mut pledge, EventName::PledgeReleased, &[]);
    }
    pledge.docs = remaining;
    pledge.lots.retain(|lot| !doc.lots.contains(lot));
    store(cx, &mut pledge, EventName::PartialRelease, &[])
}

fn carry_pledge(
    cx: &mut Cx<'_, '_>,
    old: &Doc,
    new: &mut Doc,
    new_lots: &[LotId],
    enc: &landsea_types::record::Encumbrance,
) -> Refused {
    let mut pledge = internal(cx.view.pledge(&enc.pledge))?;
    for target in targets(old) {
        cx.view.remove_encumbrance(&target);
    }
    cx.view.put_encumbrance(&new.id.0, enc);
    for lot in new_lots {
        cx.view.put_encumbrance(&lot.0, enc);
        mark_lot(cx, lot, &pledge)?;
    }
    new.enc = Some(pledge.id);
    replace(&mut pledge, old, new, new_lots);
    pledge.ver = internal(pledge.ver.checked_add(1))?;
    cx.view.put_pledge(&pledge);
    cx.touch(&pledge.id.0);
    Ok(())
}

/// Puts the new document in the old one's place and the new lots behind the others.
fn replace(pledge: &mut Pledge, old: &Doc, new: &Doc, new_lots: &[LotId]) {
    for doc in pledge.docs.iter_mut().filter(|doc| **doc == old.id) {
        *doc = new.id;
    }
    pledge.lots.retain(|lot| !old.lots.contains(lot));
    pledge.lots.extend_from_slice(new_lots);
}

/// A lot new to the pledge names it, within the version it was created in.
fn mark_lot(cx: &mut Cx<'_, '_>, id: &LotId, pledge: &Pledge) -> Refused {
    let mut lot = internal(cx.view.lot(id))?;
    if lot.enc != Some(pledge.id) {
        lot.enc = Some(pledge.id);
        lot.supervisor = lot.supervisor.or(pledge.supervisor);
        cx.view.put_lot(&lot);
    }
    Ok(())
}

fn carry_reservation(cx: &mut Cx<'_, '_>, old: &Doc, new: &Doc, new_lots: &[LotId], reservation: &Reservation) {
    end_reservation(cx.view, old, reservation);
    let moved = Reservation { doc: new.id, ..reservation.clone() };
    cx.view.put_reservation(&new.id.0, &moved);
    for lot in new_lots {
        cx.view.put_reservation(&lot.0, &moved);
    }
    cx.view.schedule(moved.until, Due::Reservation, &new.id.0, &[]);
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

/// Placeholder: children of a split keep the pledge unless released.
#[expect(missing_docs, clippy::missing_errors_doc, unused_variables)]
pub fn carry_split(cx: &mut Cx<'_, '_>, old: &Doc, children: &mut [Doc], released: &[u8]) -> Refused {
    Ok(())
}

#[expect(missing_docs, clippy::missing_errors_doc, unused_variables)]
pub fn carry_merge(cx: &mut Cx<'_, '_>, old: &[Doc], new: &mut Doc) -> Refused {
    Ok(())
}

#[expect(missing_docs, clippy::missing_errors_doc, unused_variables)]
pub fn replace_lots(cx: &mut Cx<'_, '_>, doc: &Doc, old: &[LotId], new: &[LotId]) -> Refused {
    Ok(())
}

#[expect(missing_docs, unused_variables)]
pub fn check_cover(cx: &mut Cx<'_, '_>, pledge: &mut Pledge) {}

#[expect(missing_docs, clippy::missing_errors_doc, unused_variables)]
pub fn require_not_enforcing(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    Ok(())
}

#[expect(missing_docs, clippy::missing_errors_doc, unused_variables)]
pub fn leave(cx: &mut Cx<'_, '_>, doc: &mut Doc) -> Refused {
    Ok(())
}
