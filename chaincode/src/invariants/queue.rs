//! The expiry queue is what the records say is due.

use super::{Decoded, Holds, ensure};
use crate::view::{Due, due_key};
use landsea_types::record::Hold;
use landsea_types::role::{HoldState, PledgeState, ProofState};
use landsea_types::{Hash, PledgeId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// INV-16: the queue holds the reservations, registrations, grace periods, cases, terms of holds and recoveries that the records say, and no others.
///
/// A lapse that a hold stops is looked at again later; that entry outlives what happens to the pledge meanwhile.
///
/// # Errors
/// The first missing or surplus entry.
pub fn the_queue_equals_what_is_due(state: &Decoded) -> Holds {
    let kinds =
        [Due::Reservation, Due::Maturity, Due::Grace, Due::Proof, Due::Hold, Due::Recovery].map(|due| due as u8);
    let queued: Vec<Queued> = state.queue.iter().filter_map(|key| Queued::read(key)).collect();
    let ours: Vec<&Queued> = queued.iter().filter(|q| kinds.contains(&q.kind)).collect();
    let expected = expected_queue(state);
    let retries: BTreeSet<[u8; 32]> = ours.iter().filter(|q| q.is_retry(state)).map(|q| q.id).collect();
    for (key, id) in &expected {
        let known = state.queue.contains(key) || retries.contains(id);
        ensure(known, "INV-16", || format!("nothing in the queue for {}", Hash(*id).short()))?;
    }
    let surplus = ours.iter().find(|q| !expected.contains_key(&q.key) && !q.is_retry(state));
    ensure(surplus.is_none(), "INV-16", || format!("the queue holds {surplus:?} without a reason"))
}

/// Queue keys with the object that is due.
fn expected_queue(state: &Decoded) -> BTreeMap<Vec<u8>, [u8; 32]> {
    let mut expected = BTreeMap::new();
    let mut add = |at, due, id: [u8; 32]| {
        expected.insert(due_key(at, due, &id), id);
    };
    for reservation in state.reservations.values() {
        add(reservation.until, Due::Reservation, reservation.doc.0);
    }
    for pledge in state.pledges.values() {
        match pledge.state {
            PledgeState::Active => add(pledge.reg_until, Due::Maturity, pledge.id.0),
            PledgeState::Matured => add(pledge.grace_until, Due::Grace, pledge.id.0),
            _ => {}
        }
    }
    for case in state.proofs.values().filter(|case| case.state != ProofState::Expired) {
        add(case.due, Due::Proof, case.id.0);
    }
    let standing = |hold: &&Hold| matches!(hold.state, HoldState::Effective | HoldState::Queued);
    for hold in state.holds.values().filter(standing).filter(|hold| hold.until < Timestamp::MAX) {
        add(hold.until, Due::Hold, hold.id.0);
    }
    for party in state.parties.values() {
        party.recovery.iter().for_each(|recovery| add(recovery.effective, Due::Recovery, party.id.0));
    }
    expected
}

/// One entry of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Queued {
    key: Vec<u8>,
    at: Timestamp,
    kind: u8,
    id: [u8; 32],
}

impl Queued {
    fn read(key: &[u8]) -> Option<Self> {
        let (at, rest) = key.split_first_chunk::<8>()?;
        let (kind, id) = rest.split_first()?;
        let at = Timestamp::new(u64::from_be_bytes(*at));
        Some(Self { key: key.to_vec(), at, kind: *kind, id: id.try_into().ok()? })
    }
    /// Whether it is the second look at a lapse: a grace entry at another time than its pledge's grace ends.
    fn is_retry(&self, state: &Decoded) -> bool {
        let pledge = state.pledges.get(&PledgeId(self.id));
        self.kind == Due::Grace as u8 && pledge.is_some_and(|p| p.grace_until != self.at)
    }
}
