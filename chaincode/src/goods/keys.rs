//! Checks of goods keys: steps 8 and 9.

use crate::context::{Cx, event};
use crate::refusal::{AttemptDraft, Refusal, Refused, ensure, internal};
use crate::view::View;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::Lot;
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, GoodsKey, Hash, LotId};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a class of goods keys is known: exclusive, or S, shared by the capacity of the cell.
pub fn is_known(class: u8) -> bool {
    is_exclusive(class) || class == b'S'
}

/// Whether a class of goods keys is exclusive.
pub fn is_exclusive(class: u8) -> bool {
    matches!(class, b'C' | b'W' | b'V' | b'B' | b'P' | b'M')
}

/// Whether a note's key of this class must be on the bill that adopts the note. Wagons change on the way.
pub fn is_title_key(class: u8) -> bool {
    matches!(class, b'C' | b'V' | b'B' | b'P')
}

/// Check step 8 of a transport document: goods on their way lie in no warehouse cell.
///
/// # Errors
/// 3008 for a cell.
pub fn check_transport_classes(ticket_keys: &[ClassedKey]) -> Refused {
    ensure(ticket_keys.iter().all(|key| is_exclusive(key.class)), Code::UnknownKindOrRules)
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

/// Check step 9: no exclusive key stands twice among the lots, and no lot lies in two cells. Lots of one document may share a
/// container or lie in one cell.
///
/// # Errors
/// 4007 otherwise.
pub fn check_keys_distinct(lots: &[NewLot]) -> Refused {
    let mut seen: BTreeMap<GoodsKey, u8> = BTreeMap::new();
    for lot in lots {
        let own: BTreeSet<GoodsKey> = lot.keys.iter().map(|key| key.key).collect();
        let cells = lot.keys.iter().filter(|key| key.class == b'S').count();
        ensure(own.len() == lot.keys.len() && cells <= 1, Code::KeyDuplicated)?;
        for key in &lot.keys {
            let before = seen.insert(key.key, key.class);
            let shared = before.is_none_or(|class| class == key.class && matches!(class, b'C' | b'S'));
            ensure(shared, Code::KeyDuplicated)?;
        }
    }
    Ok(())
}

/// Whether an occupant of a container belongs to the consignment of a master document, whose lots share their containers.
pub(crate) fn is_of_one_consignment(view: &View<'_>, class: u8, occupant: &LotId, master: &DocId) -> bool {
    class == b'C' && view.lot(occupant).is_some_and(|lot| lot.origin_doc == *master)
}

/// Check step 9: no exclusive key is occupied by a lot other than `own` and those of their consignment. `named` is the firm for which the goods are registered.
///
/// # Errors
/// 4001 with the home of the existing issuer, journalled; both issuers' branches and that of a pledgee are alerted.
pub fn check_keys_free<'k>(
    cx: &Cx<'_, '_>,
    keys: impl IntoIterator<Item = &'k ClassedKey>,
    own: &[LotId],
    named: &AccountId,
) -> Refused {
    let masters: BTreeSet<DocId> = own.iter().filter_map(|id| cx.view.lot(id)).map(|lot| lot.origin_doc).collect();
    for key in keys.into_iter().filter(|key| key.class != b'S') {
        let allied = |lot: &LotId| masters.iter().any(|m| is_of_one_consignment(cx.view, key.class, lot, m));
        let occupants = cx.view.goods_key(&key.key);
        if let Some(lot) = occupants.into_iter().find(|lot| !own.contains(lot) && !allied(lot)) {
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
