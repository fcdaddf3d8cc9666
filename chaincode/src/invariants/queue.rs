//! The expiry queue is what the records say is due.

use super::{Decoded, Holds, ensure};
use crate::view::{Due, due_key, row_id};
use landsea_types::record::Hold;
use landsea_types::role::{HoldState, OfferState, PledgeState, ProofState};
use landsea_types::{Hash, PledgeId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// INV-16: the queue holds what the records say is due, and nothing else.
///
/// Two kinds of entry may outlive their reason and are dropped when they are due: the second look at a lapse that a hold stops, and the
/// memory of a content that has been stated again since.
///
/// # Errors
/// The first missing or surplus entry.
pub fn the_queue_equals_what_is_due(state: &Decoded) -> Holds {
    let queued: Vec<Queued> = state.queue.iter().filter_map(|key| Queued::read(key)).collect();
    ensure(queued.len() == state.queue.len(), "INV-16", || "an entry of the queue is malformed".into())?;
    let expected = expected_queue(state);
    let retries: BTreeSet<[u8; 32]> = queued.iter().filter(|q| q.is_retry(state)).map(|q| q.id).collect();
    for (key, id) in &expected {
        let known = state.queue.contains(key) || retries.contains(id);
        ensure(known, "INV-16", || format!("nothing in the queue for {}", Hash(*id).short()))?;
    }
    let pointless = |q: &&Queued| !expected.contains_key(&q.key) && !q.is_retry(state) && q.kind != Due::Content as u8;
    let surplus = queued.iter().find(pointless);
    ensure(surplus.is_none(), "INV-16", || format!("the queue holds {surplus:?} without a reason"))
}

/// Queue keys with the object that is due.
#[derive(Default)]
struct Expected(BTreeMap<Vec<u8>, [u8; 32]>);

impl Expected {
    fn add(&mut self, at: Timestamp, due: Due, id: [u8; 32]) {
        self.0.insert(due_key(at, due, &id), id);
    }
}

fn expected_queue(state: &Decoded) -> BTreeMap<Vec<u8>, [u8; 32]> {
    let mut expected = Expected::default();
    add_pledges(state, &mut expected);
    add_memory(state, &mut expected);
    add_terms(state, &mut expected);
    expected.0
}

fn add_pledges(state: &Decoded, expected: &mut Expected) {
    for reservation in state.reservations.values() {
        expected.add(reservation.until, Due::Reservation, reservation.doc.0);
    }
    for pledge in state.pledges.values() {
        match pledge.state {
            PledgeState::Active => expected.add(pledge.reg_until, Due::Maturity, pledge.id.0),
            PledgeState::Matured => expected.add(pledge.grace_until, Due::Grace, pledge.id.0),
            _ => {}
        }
    }
    for pledge in state.live_pledges().filter(|pledge| !pledge.mirror_overdue) {
        expected.add(pledge.mirror_due, Due::Mirror, pledge.id.0);
    }
    for offer in state.offers.values().filter(|offer| offer.state == OfferState::Open) {
        expected.add(offer.until, Due::Offer, offer.id.0);
    }
}

/// What is remembered for a while: used consents, cooldowns, contents of terminal documents.
fn add_memory(state: &Decoded, expected: &mut Expected) {
    for (id, not_after) in &state.consents {
        let id = id.as_slice().try_into().unwrap_or_default();
        expected.add(not_after.saturating_add(1), Due::Consent, id);
    }
    for (key, cooldown) in &state.cooldowns {
        expected.add(cooldown.until, Due::Cooldown, row_id(key));
    }
    for (fp2, entries) in &state.contents {
        let fp2 = fp2.as_slice().try_into().unwrap_or_default();
        for since in entries.iter().filter_map(|entry| entry.terminal_since) {
            expected.add(since.saturating_add(state.fp2_memory_ms), Due::Content, fp2);
        }
    }
}

/// Terms of holds, cases, recoveries and cargo.
fn add_terms(state: &Decoded, expected: &mut Expected) {
    for case in state.proofs.values().filter(|c| !matches!(c.state, ProofState::Expired | ProofState::Closed)) {
        expected.add(case.due, Due::Proof, case.id.0);
    }
    let stands = |hold: &&Hold| matches!(hold.state, HoldState::Effective | HoldState::Queued);
    for hold in state.holds.values().filter(stands).filter(|hold| hold.until < Timestamp::MAX) {
        expected.add(hold.until, Due::Hold, hold.id.0);
    }
    for party in state.parties.values() {
        if let Some(recovery) = &party.recovery {
            expected.add(recovery.effective, Due::Recovery, party.id.0);
        }
    }
    for event in state.cargo_events.values() {
        if let Some(at) = event.custody_due {
            expected.add(at, Due::Custody, event.id.0);
        }
    }
    for (lot, flow) in &state.flows {
        if let Some(at) = flow.silent_from {
            expected.add(at, Due::Silence, lot.0);
        }
    }
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
