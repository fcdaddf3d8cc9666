//! The expiry sweep at the end of a block.
//!
//! The queue ([`Table::Expiry`]) holds what falls due by itself, in the order of due time, kind and id. At most
//! `sweep_items_max` entries are handled per block, the rest in the next one; operations apply what is due on the objects they
//! touch ([`settle`]), so the cap never changes a meaning. Every handler judges by the records and not by the queue: an
//! entry that has become pointless is dropped.
//!
//! A lapse that a hold stops is looked at again after [`PAUSED_RETRY_MS`]; an operation that touches the document meanwhile
//! applies it as soon as the hold has ended.
//!
//! Leaves written here are salted from the leaf that caused the change and the height, which every full node has.
//!
//! [`settle`]: crate::pledge::settle

use crate::context::BlockContext;
use crate::pledge::Transition;
use crate::view::{Due, View};
use crate::{authenticity, cargo, hold, party, waybill};
use landsea_types::event::Event;
use landsea_types::genesis::ParamKey;
use landsea_types::record::{Cooldown, Hold};
use landsea_types::state::{Family, Leaf, Table};
use landsea_types::{
    AccountId, Code, DocId, EventId, Fp, Hash, HoldId, LotId, OfferId, Outcome, PledgeId, Timestamp, TxId,
};

/// How long a paused lapse waits before it is looked at again.
const PAUSED_RETRY_MS: u64 = 60 * 60 * 1_000;

/// Length of a queue key: due time, kind, id.
const KEY_BYTES: usize = 8 + 1 + 32;

/// An entry of the queue.
struct Item {
    key: Vec<u8>,
    due: Due,
    id: [u8; 32],
    payload: Vec<u8>,
}

/// Applies what is due at the block's time. The outcome carries the zero id; `None` when there is nothing to tell.
pub fn run(view: &mut View<'_>, block: BlockContext) -> Option<Outcome> {
    let (mut events, mut touched) = (Vec::new(), Vec::new());
    view.begin(&[]);
    let mut left = usize::try_from(view.param(ParamKey::SweepItemsMax)).unwrap_or(usize::MAX);
    // What an entry itself queues for now (a grace period of zero) is handled in the same sweep.
    loop {
        let items = due_items(view, block.time, left);
        if items.is_empty() {
            break;
        }
        left = left.saturating_sub(items.len());
        for item in items {
            apply(view, block, &item, &mut events, &mut touched);
        }
    }
    view.keep();
    let outcome = Outcome { tx: TxId::default(), code: Code::Ok, operation: 0, args: vec![], events, touched };
    (!outcome.events.is_empty()).then_some(outcome)
}

fn due_items(view: &View<'_>, now: Timestamp, limit: usize) -> Vec<Item> {
    let until = now.saturating_add(1).get().to_be_bytes();
    let rows = view.scan(Table::Expiry, &[], &until, limit);
    rows.into_iter().filter_map(|(key, value)| read_item(key, &value)).collect()
}

fn read_item(key: Vec<u8>, value: &[u8]) -> Option<Item> {
    let (_, rest) = key.split_first_chunk::<8>()?;
    let (kind, id) = rest.split_first()?;
    debug_assert_eq!(key.len(), KEY_BYTES, "a queue key is time, kind and id");
    let id = id.try_into().ok()?;
    let due = borsh::from_slice(&[*kind]).ok()?;
    let payload = borsh::from_slice(value).ok()?;
    Some(Item { due, id, payload, key })
}

fn apply(view: &mut View<'_>, block: BlockContext, item: &Item, events: &mut Vec<Event>, touched: &mut Vec<Hash>) {
    view.remove_row(Table::Expiry, &item.key);
    let salt = salt_source(view, block, item);
    view.set_salt_source(&salt);
    let mut due = Transition { view, block, events, touched };
    match item.due {
        Due::Reservation => due.expire_reservation(&DocId(item.id)),
        Due::Maturity => due.mature(&PledgeId(item.id)),
        Due::Grace => lapse(&mut due, &PledgeId(item.id)),
        Due::Consent => due.view.remove_row(Table::Consent, &item.id),
        Due::Cooldown => forget_cooldown(due.view, &item.payload, block.time),
        Due::Content => waybill::fingerprints::forget_content(due.view, &Fp(item.id), block.time),
        Due::Proof => {
            for event in authenticity::expire(due.view, block, &item.id) {
                due.say(event);
            }
        }
        Due::Hold => hold::lapse(&mut due, &HoldId(item.id)),
        Due::Mirror => due.note_overdue_mirror(&PledgeId(item.id)),
        Due::Offer => due.expire_offer(&OfferId(item.id)),
        Due::Recovery => party::recover(&mut due, &AccountId(item.id)),
        Due::Custody => cargo::custody_gap(&mut due, &EventId(item.id)),
        Due::Silence => cargo::silence(&mut due, &LotId(item.id)),
    }
}

fn lapse(due: &mut Transition<'_, '_>, id: &PledgeId) {
    if due.lapse(id) {
        let again = due.block.time.saturating_add(PAUSED_RETRY_MS);
        due.view.schedule(again, Due::Grace, &id.0, &[]);
    }
}

fn forget_cooldown(view: &mut View<'_>, key: &[u8], now: Timestamp) {
    if view.get::<Cooldown>(Table::Cooldown, key).is_some_and(|c| c.until <= now) {
        view.remove_row(Table::Cooldown, key);
    }
}

/// The salt of the leaf that causes the change, then the height.
fn salt_source(view: &View<'_>, block: BlockContext, item: &Item) -> Vec<u8> {
    let cause = match item.due {
        Due::Reservation => view.leaf(Family::Reservation, &item.id),
        Due::Maturity | Due::Grace => {
            first_doc(view, &PledgeId(item.id)).and_then(|d| view.leaf(Family::Encumbrance, &d.0))
        }
        Due::Proof => view.leaf(Family::Proof, &item.id),
        Due::Hold => view.hold(&HoldId(item.id)).and_then(|hold| hold_salt(view, &hold)),
        Due::Recovery => view.leaf(Family::Party, &item.id),
        Due::Consent | Due::Cooldown | Due::Content | Due::Mirror | Due::Offer | Due::Custody | Due::Silence => None,
    };
    let mut source = cause.map(|leaf| leaf.salt.to_vec()).unwrap_or_default();
    source.extend_from_slice(&block.height.get().to_be_bytes());
    source
}

/// The leaf of the hold itself, or, while it waits, that of the hold before it.
fn hold_salt(view: &View<'_>, hold: &Hold) -> Option<Leaf> {
    hold.targets.iter().find_map(|target| view.leaf(Family::Hold, &target.id()))
}

fn first_doc(view: &View<'_>, pledge: &PledgeId) -> Option<DocId> {
    view.pledge(pledge)?.docs.first().copied()
}
