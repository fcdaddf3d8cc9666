//! Checks of goods keys: steps 8 and 9.

use crate::context::{Cx, event};
use crate::refusal::{AttemptDraft, Refusal, Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::Lot;
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, GoodsKey, Hash, LotId};
use std::collections::BTreeSet;

/// Whether a class of goods keys is exclusive. Class S, shared by capacity, comes with the second part.
pub fn is_exclusive(class: u8) -> bool {
    matches!(class, b'C' | b'W' | b'V' | b'B' | b'P' | b'M')
}

/// Whether a note's key of this class must be on the bill that adopts the note. Wagons change on the way.
pub fn is_title_key(class: u8) -> bool {
    matches!(class, b'C' | b'V' | b'B' | b'P')
}

/// Check step 8: the lots carry exactly the ticket's goods keys, and every lot at least one.
///
/// # Errors
/// 3003 otherwise.
pub fn check_lots_match_ticket(lots: &[NewLot], ticket_keys: &[ClassedKey]) -> Refused {
    let carried: BTreeSet<ClassedKey> = lots.iter().flat_map(|lot| lot.keys.iter().copied()).collect();
    let named: BTreeSet<ClassedKey> = ticket_keys.iter().copied().collect();
    let each_has_one = lots.iter().all(|lot| !lot.keys.is_empty());
    ensure(!lots.is_empty() && each_has_one && carried == named, Code::TicketInvalid)
}

/// Check step 9: no key stands twice among the lots, whatever class it claims.
///
/// # Errors
/// 4007 otherwise.
pub fn check_keys_distinct(lots: &[NewLot]) -> Refused {
    let mut seen: BTreeSet<GoodsKey> = BTreeSet::new();
    let distinct = lots.iter().flat_map(|lot| &lot.keys).all(|key| seen.insert(key.key));
    ensure(distinct, Code::KeyDuplicated)
}

/// Check step 9: no key is occupied by a lot other than `own`. `named` is the firm for which the goods are registered.
///
/// # Errors
/// 4001 with the home of the existing issuer, journalled; both issuers' branches and that of a pledgee are alerted.
pub fn check_keys_free<'k>(
    cx: &Cx<'_, '_>,
    keys: impl IntoIterator<Item = &'k ClassedKey>,
    own: &[LotId],
    named: &AccountId,
) -> Refused {
    for key in keys {
        let occupant = cx.view.goods_key(&key.key).filter(|lot| !own.contains(lot));
        if let Some(lot) = occupant {
            return Err(occupied(cx, key.class, &internal(cx.view.lot(&lot))?, named));
        }
    }
    Ok(())
}

fn occupied(cx: &Cx<'_, '_>, class: u8, lot: &Lot, named: &AccountId) -> Box<Refusal> {
    let mut members = vec![lot.home, cx.sender.home];
    members.extend(cx.view.encumbrance(&lot.id.0).map(|enc| enc.member));
    let title: Vec<Hash> = lot.title.iter().map(|doc| Hash(doc.0)).collect();
    let alarm = event(EventName::DuplicateGoods, &lot.id.0, &title, &members, &[cx.sender.id], &[u64::from(class)]);
    let attempt = AttemptDraft {
        by: cx.sender.id,
        pledgor: cx.view.party(named).map(|p| p.fingerprint).unwrap_or_default(),
        target: Hash(lot.id.0),
        consented: cx.has_valid_consent(named),
        existing_home: lot.home,
        attempt_home: cx.sender.home,
        alarm,
    };
    Refusal::with_attempt(Code::GoodsKeyOccupied, &[u64::from(lot.home.get())], attempt)
}
