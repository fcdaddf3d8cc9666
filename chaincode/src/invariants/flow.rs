//! Invariants of cargo events and custody.

use super::{Decoded, Holds, ensure};
use crate::view::timeline_key;
use landsea_types::record::{CargoEvent, Lot};
use landsea_types::role::{FlowAction, LotStatus, Role};
use landsea_types::{EventId, LotId};
use std::collections::BTreeMap;

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

/// INV-11 (F3): the custodian of an ACTIVE lot is the one to whom it was last handed over.
///
/// # Errors
/// A lot with another.
pub fn custody_is_as_handed_over(state: &Decoded) -> Holds {
    for lot in state.lots.values().filter(|l| l.status == LotStatus::Active) {
        let last = state.flows.get(&lot.id).and_then(|flow| flow.custody);
        let received = last.is_none_or(|event| has_received(state, lot, &event));
        ensure(received, "INV-11", || format!("{:?} is with {:?} against {last:?}", lot.id, lot.custodian))?;
    }
    Ok(())
}

/// Whether both custodians signed the hand-over of the lot to the one who has it.
fn has_received(state: &Decoded, lot: &Lot, event: &EventId) -> bool {
    let event = state.cargo_events.get(event);
    event.is_some_and(|event| {
        let to = event.report.custody.as_ref().map(|hand_over| hand_over.to);
        event.custody_confirmed && event.report.lots.contains(&lot.id) && to == Some(lot.custodian)
    })
}

/// INV-11 (L4): custody passes without a gap: from the party that had a lot to the one that has it now by hand-overs of this block.
///
/// # Errors
/// A lot in other hands that no hand-over put there.
pub fn custody_is_contiguous(before: &Decoded, after: &Decoded) -> Holds {
    for (id, old) in &before.lots {
        let Some(new) = after.lots.get(id).filter(|new| new.custodian != old.custodian) else { continue };
        let last = |state: &Decoded| state.flows.get(id).and_then(|flow| flow.custody);
        let handed_over = last(after).is_some() && last(after) != last(before);
        ensure(handed_over, "INV-11", || {
            format!("{id:?} went from {:?} to {:?} by itself", old.custodian, new.custodian)
        })?;
    }
    Ok(())
}

/// INV-12 (F1, F2): the events of a lot are numbered without a gap, each under the hash of what it reports, and a correction and what it
/// corrects name each other.
///
/// # Errors
/// A timeline with a gap or a stranger in it, or an event that is not what its id or its correction says.
pub fn timelines_tell_every_event(state: &Decoded) -> Holds {
    let mut numbers: BTreeMap<LotId, u32> = BTreeMap::new();
    for (key, event) in &state.timelines {
        let (lot, n) = key.split_first_chunk::<32>().map(|(lot, n)| (LotId(*lot), n)).unwrap_or_default();
        let count = numbers.entry(lot).or_default();
        *count = count.saturating_add(1);
        let known = state.cargo_events.get(event).is_some_and(|event| event.report.lots.contains(&lot));
        ensure(known && n == count.to_be_bytes(), "INV-12", || format!("entry {n:02x?} of {lot:?} is {event:?}"))?;
    }
    for (lot, flow) in &state.flows {
        let n = numbers.remove(lot).unwrap_or_default();
        ensure(n == flow.events, "INV-12", || format!("{lot:?} has {n} events and counts {}", flow.events))?;
    }
    ensure(numbers.is_empty(), "INV-12", || format!("timelines of {:?}, which has no flow", numbers.keys()))?;
    state.cargo_events.values().try_for_each(|event| event_fits(state, event))
}

fn event_fits(state: &Decoded, event: &CargoEvent) -> Holds {
    let named = event.action == FlowAction::Delete || event.id == event.report.id();
    ensure(named, "INV-12", || format!("{:?} is not the hash of what it reports", event.id))?;
    for lot in &event.report.lots {
        let count = state.flows.get(lot).map_or(0, |flow| flow.events);
        let on_it = (1..=count).any(|n| state.timelines.get(&timeline_key(lot, n)) == Some(&event.id));
        ensure(on_it, "INV-12", || format!("{:?} is not on the timeline of {lot:?}", event.id))?;
    }
    let names_back = |id: &EventId, of: fn(&CargoEvent) -> Option<EventId>| {
        state.cargo_events.get(id).and_then(of) == Some(event.id)
    };
    let forth = event.corrects.is_none_or(|id| names_back(&id, |other| other.corrected_by));
    let back = event.corrected_by.is_none_or(|id| names_back(&id, |other| other.corrects));
    ensure(forth && back, "INV-12", || format!("{:?} and its correction do not name each other", event.id))
}

/// INV-12 (F1): cargo events are only added. What an event says stays; that it has been corrected or confirmed is noted on it.
///
/// # Errors
/// An event that vanished or says something else, or a timeline that lost an entry.
pub fn events_are_append_only(before: &Decoded, after: &Decoded) -> Holds {
    for (id, old) in &before.cargo_events {
        let kept = after.cargo_events.get(id).is_some_and(|new| {
            let noted = CargoEvent {
                corrected_by: new.corrected_by,
                custody_confirmed: new.custody_confirmed,
                custody_due: new.custody_due,
                ..old.clone()
            };
            let same_correction = old.corrected_by.is_none() || old.corrected_by == new.corrected_by;
            noted == *new && same_correction && (new.custody_confirmed || !old.custody_confirmed)
        });
        ensure(kept, "INV-12", || format!("{id:?} is not what it was"))?;
    }
    let lost = before.timelines.iter().find(|(key, event)| after.timelines.get(*key) != Some(*event));
    ensure(lost.is_none(), "INV-12", || format!("a timeline lost {lost:02x?}"))
}
