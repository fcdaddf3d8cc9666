//! Invariants of pledges and reservations over the whole state.

use super::{Broken, Decoded, Holds, ensure};
use landsea_types::record::{Pledge, Priority};
use landsea_types::role::DocState;
use landsea_types::{Hash, LotId};
use std::collections::{BTreeMap, BTreeSet};

/// INV-3 (S1, S2): an `enc/` leaf exists iff exactly one live pledge covers the document or lot, with the priority of its document.
///
/// # Errors
/// A target under two live pledges, or leaves, pledges, documents and lots that differ.
pub fn encumbrance_leaves_equal_live_pledges(state: &Decoded) -> Holds {
    let mut covered: BTreeMap<[u8; 32], (&Pledge, Priority)> = BTreeMap::new();
    for pledge in state.live_pledges() {
        for (target, priority) in pledged_targets(state, pledge) {
            let other = covered.insert(target, (pledge, priority));
            ensure(other.is_none(), "INV-3", || {
                format!("{} is covered by {:?} and {:?}", Hash(target).short(), other.map(|(p, _)| p.id), pledge.id)
            })?;
        }
        pledged_documents_match(state, pledge)?;
    }
    let leaves = state.encumbrances.keys();
    ensure(covered.keys().eq(leaves), "INV-3", || {
        format!("{} enc/ leaves, {} targets of live pledges", state.encumbrances.len(), covered.len())
    })?;
    for ((target, (pledge, priority)), enc) in covered.iter().zip(state.encumbrances.values()) {
        let seen = (enc.pledge, enc.pledgee, enc.priority, enc.member);
        let expected = (pledge.id, pledge.pledgee, *priority, pledge.home_pledgee);
        ensure(seen == expected, "INV-3", || {
            format!("the leaf of {} says {seen:?}, its pledge {expected:?}", Hash(*target).short())
        })?;
    }
    nothing_free_names_a_pledge(state)
}

/// The documents of a pledge and their lots, each with the priority of its document.
fn pledged_targets<'s>(state: &'s Decoded, pledge: &'s Pledge) -> impl Iterator<Item = ([u8; 32], Priority)> {
    pledge.docs.iter().flat_map(|id| {
        let lots = state.docs.get(id).into_iter().flat_map(|doc| doc.lots.iter().map(|lot| lot.0));
        std::iter::once(id.0).chain(lots).map(|target| (target, pledge.priority_of(id)))
    })
}

fn pledged_documents_match(state: &Decoded, pledge: &Pledge) -> Holds {
    let stray = pledge.joined.iter().find(|joined| !pledge.docs.contains(&joined.doc));
    ensure(stray.is_none(), "INV-3", || format!("{stray:?} has a priority in {:?} and is not in it", pledge.id))?;
    let mut lots: BTreeSet<LotId> = BTreeSet::new();
    for id in &pledge.docs {
        let Some(doc) = state.docs.get(id) else {
            return Err(Broken::new("INV-3", format!("{:?} covers the unknown {id:?}", pledge.id)));
        };
        ensure(doc.enc == Some(pledge.id), "INV-3", || format!("{id:?} names {:?}, not {:?}", doc.enc, pledge.id))?;
        ensure(doc.state.is_operative_title(), "INV-3", || format!("{id:?} is pledged and {}", doc.state))?;
        let surrendered = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
        ensure(surrendered || doc.holder == pledge.pledgee, "INV-3", || {
            format!("{id:?} is held by {:?} and pledged to {:?}", doc.holder, pledge.pledgee)
        })?;
        lots.extend(&doc.lots);
    }
    let pledged: BTreeSet<LotId> = pledge.lots.iter().copied().collect();
    ensure(lots == pledged, "INV-3", || format!("{:?} covers {pledged:?}, its documents {lots:?}", pledge.id))?;
    for lot in &lots {
        let named = state.lots.get(lot).and_then(|l| l.enc);
        ensure(named == Some(pledge.id), "INV-3", || format!("{lot:?} names {named:?}, not {:?}", pledge.id))?;
    }
    Ok(())
}

fn nothing_free_names_a_pledge(state: &Decoded) -> Holds {
    let docs = state.docs.values().map(|d| (d.id.0, d.enc));
    for (target, named) in docs.chain(state.lots.values().map(|l| (l.id.0, l.enc))) {
        let free = !state.encumbrances.contains_key(&target);
        ensure(!(free && named.is_some()), "INV-3", || format!("the free {} names {named:?}", Hash(target).short()))?;
    }
    Ok(())
}

/// INV-3 (S1): a reservation stands on the document and all its lots alike, and never beside a pledge.
///
/// # Errors
/// A partial reservation, or a target both reserved and encumbered.
pub fn reservations_cover_whole_documents(state: &Decoded) -> Holds {
    for (target, reservation) in &state.reservations {
        let Some(doc) = state.docs.get(&reservation.doc) else {
            return Err(Broken::new("INV-3", format!("a reservation of the unknown {:?}", reservation.doc)));
        };
        let all: Vec<[u8; 32]> = std::iter::once(doc.id.0).chain(doc.lots.iter().map(|l| l.0)).collect();
        let whole = all.iter().all(|t| state.reservations.get(t) == Some(reservation));
        ensure(whole && all.contains(target), "INV-3", || format!("{:?} is reserved in part", doc.id))?;
        let encumbered = state.encumbrances.contains_key(target);
        ensure(!encumbered, "INV-3", || format!("{:?} is reserved and encumbered at once", doc.id))?;
    }
    Ok(())
}
