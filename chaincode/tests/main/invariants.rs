//! The ledger's invariants as pure functions over the whole state, run by the kit after every block.

use crate::kit::{MemoryState, is_sweep};
use landsea_chaincode::view::{Due, due_key};
use landsea_types::record::*;
use landsea_types::role::{DocKind, DocState, LotStatus, PledgeState};
use landsea_types::state::{Family, Table, Write};
use landsea_types::{Code, DocId, Fp, GoodsKey, Height, LotId, Outcome, PledgeId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The decoded state that the invariants speak about.
pub struct Decoded {
    docs: BTreeMap<DocId, Doc>,
    lots: BTreeMap<LotId, Lot>,
    pledges: BTreeMap<PledgeId, Pledge>,
    fps: BTreeMap<Fp, DocId>,
    goods_keys: BTreeMap<GoodsKey, LotId>,
    encumbrances: BTreeMap<[u8; 32], Encumbrance>,
    reservations: BTreeMap<[u8; 32], Reservation>,
    parties: BTreeMap<[u8; 32], Party>,
    queue: BTreeSet<Vec<u8>>,
}

impl Decoded {
    /// Decodes a state.
    pub fn of(state: &MemoryState) -> Self {
        Self {
            docs: state.records(Family::Doc).into_iter().map(|(k, v)| (DocId(k), v)).collect(),
            lots: state.records(Family::Lot).into_iter().map(|(k, v)| (LotId(k), v)).collect(),
            pledges: state.table::<Pledge>(Table::Pledge).into_values().map(|p| (p.id, p)).collect(),
            fps: state.records::<PublicFp>(Family::Fp).into_iter().map(|(k, v)| (Fp(k), v.doc)).collect(),
            goods_keys: state
                .records::<PublicGoodsKey>(Family::GoodsKey)
                .into_iter()
                .map(|(k, v)| (GoodsKey(k), v.lot))
                .collect(),
            encumbrances: state.records(Family::Encumbrance),
            reservations: state.records(Family::Reservation),
            parties: state.records(Family::Party),
            queue: state.rows.keys().filter(|(t, _)| *t == Table::Expiry).map(|(_, k)| k.clone()).collect(),
        }
    }
    fn live_pledges(&self) -> impl Iterator<Item = &Pledge> {
        self.pledges.values().filter(|p| p.state.is_live())
    }
    fn live_docs(&self) -> impl Iterator<Item = &Doc> {
        self.docs.values().filter(|d| !d.state.is_terminal())
    }
}

/// Checks everything after a block.
pub fn check_block(before: &MemoryState, after: &MemoryState, outcomes: &[Outcome], height: Height) {
    let (old, new) = (Decoded::of(before), Decoded::of(after));
    fingerprints_are_unique(&new);
    a_lot_has_one_operative_title(&new);
    encumbrance_leaves_equal_live_pledges(&new);
    reservations_cover_whole_documents(&new);
    exclusive_keys_belong_to_one_active_lot(&new);
    one_live_party_per_fingerprint(&new);
    the_queue_equals_what_is_due(&new);
    public_parts_are_those_of_the_records(after);
    crate::authenticity::cases_are_independent_and_queued(after);
    priorities_never_change(&old, &new);
    terminals_absorb(&old, &new);
    versions_grow_with_changes(&old, &new);
    every_success_says_something(outcomes, height);
}

/// INV-1: one document per fp1 unless it replaces the same chain; one live document per fp2.
pub fn fingerprints_are_unique(state: &Decoded) {
    for doc in state.docs.values() {
        let newest = state.fps.get(&doc.fp1).unwrap_or_else(|| panic!("{:?} is not under its fp1", doc.id));
        assert!(leads_to(state, doc.id, *newest), "fp1 of {:?} points at {newest:?} outside its chain", doc.id);
    }
    let mut contents = BTreeMap::new();
    for doc in state.live_docs() {
        if let Some(other) = contents.insert(doc.fp2, doc.id) {
            panic!("live documents {:?} and {other:?} share fp2", doc.id);
        }
    }
}

fn leads_to(state: &Decoded, from: DocId, to: DocId) -> bool {
    let mut at = from;
    for _ in 0..=state.docs.len() {
        if at == to {
            return true;
        }
        match state.docs[&at].replaced_by {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// INV-2: an ACTIVE lot's title is the one operative title document that lists it.
pub fn a_lot_has_one_operative_title(state: &Decoded) {
    let mut titles: BTreeMap<LotId, DocId> = BTreeMap::new();
    for doc in state.docs.values().filter(|d| d.state.is_operative_title()) {
        for lot in &doc.lots {
            let other = titles.insert(*lot, doc.id);
            assert_eq!(other, None, "{lot:?} stands under {:?} too", doc.id);
        }
    }
    for lot in state.lots.values() {
        match lot.status {
            LotStatus::Active => assert_eq!(lot.title, titles.get(&lot.id).copied(), "title of {:?}", lot.id),
            status => assert_eq!(titles.get(&lot.id), None, "{:?} is {status} under a live title", lot.id),
        }
    }
}

/// INV-3: an `enc/` leaf exists iff exactly one live pledge covers the document or lot, with its priority.
pub fn encumbrance_leaves_equal_live_pledges(state: &Decoded) {
    let mut covered: BTreeMap<[u8; 32], &Pledge> = BTreeMap::new();
    for pledge in state.live_pledges() {
        let docs = pledge.docs.iter().map(|d| d.0);
        for target in docs.chain(pledge.lots.iter().map(|l| l.0)) {
            assert!(covered.insert(target, pledge).is_none(), "two live pledges cover one target");
        }
        pledged_documents_match(state, pledge);
    }
    assert!(covered.keys().eq(state.encumbrances.keys()), "enc/ leaves and live pledges differ");
    for (target, pledge) in covered {
        let enc = &state.encumbrances[&target];
        let seen = (enc.pledge, enc.pledgee, enc.priority, enc.member);
        assert_eq!(seen, (pledge.id, pledge.pledgee, pledge.priority, pledge.home_pledgee));
    }
    let unpledged = state.docs.values().filter(|d| !state.encumbrances.contains_key(&d.id.0));
    assert!(unpledged.into_iter().all(|d| d.enc.is_none()), "a free document names a pledge");
    let free_lots = state.lots.values().filter(|l| !state.encumbrances.contains_key(&l.id.0));
    assert!(free_lots.into_iter().all(|l| l.enc.is_none()), "a free lot names a pledge");
}

fn pledged_documents_match(state: &Decoded, pledge: &Pledge) {
    let docs: Vec<&Doc> = pledge.docs.iter().map(|id| &state.docs[id]).collect();
    for doc in &docs {
        assert_eq!(doc.enc, Some(pledge.id), "{:?}", doc.id);
        if doc.state == DocState::Active {
            assert_eq!(doc.holder, pledge.pledgee, "holder of the pledged {:?}", doc.id);
        }
    }
    let lots: BTreeSet<LotId> = docs.iter().flat_map(|d| d.lots.iter().copied()).collect();
    assert_eq!(lots, pledge.lots.iter().copied().collect(), "lots of {:?}", pledge.id);
    assert!(lots.iter().all(|l| state.lots[l].enc == Some(pledge.id)));
}

/// A reservation stands on the document and all its lots alike, and never beside another bank's pledge.
pub fn reservations_cover_whole_documents(state: &Decoded) {
    for (target, reservation) in &state.reservations {
        let doc = &state.docs[&reservation.doc];
        assert!(doc.id.0 == *target || doc.lots.iter().any(|l| l.0 == *target), "a reservation beside its document");
        let all = std::iter::once(doc.id.0).chain(doc.lots.iter().map(|l| l.0));
        assert!(all.into_iter().all(|t| state.reservations.get(&t) == Some(reservation)), "a partial reservation");
        assert!(!state.encumbrances.contains_key(target), "reserved and encumbered at once");
    }
}

/// INV-6: an exclusive key is occupied iff an ACTIVE lot has it, by that lot.
pub fn exclusive_keys_belong_to_one_active_lot(state: &Decoded) {
    let mut taken = BTreeMap::new();
    for lot in state.lots.values().filter(|l| l.status == LotStatus::Active) {
        for key in &lot.keys {
            assert_eq!(taken.insert(key.key, lot.id), None, "key of class {} stands twice", key.class as char);
        }
    }
    assert_eq!(taken, state.goods_keys, "gk/ leaves and the keys of ACTIVE lots differ");
}

/// INV-P1: one party that is not EXITED per fingerprint.
pub fn one_live_party_per_fingerprint(state: &Decoded) {
    use landsea_types::role::{PartyStatus, Role};
    let mut seen = BTreeSet::new();
    let firms = state.parties.values().filter(|p| p.status != PartyStatus::Exited && !p.has(Role::Branch));
    for party in firms {
        assert!(seen.insert(party.fingerprint), "two live parties under one fingerprint");
    }
}

/// INV-16: the queue holds the reservations, registrations and grace periods that the records say, and no others.
pub fn the_queue_equals_what_is_due(state: &Decoded) {
    let ours = [Due::Reservation, Due::Maturity, Due::Grace].map(|d| d as u8);
    let queued: BTreeSet<Vec<u8>> = state.queue.iter().filter(|k| ours.contains(&k[8])).cloned().collect();
    let mut expected = BTreeSet::new();
    for reservation in state.reservations.values() {
        expected.insert(due_key(reservation.until, Due::Reservation, &reservation.doc.0));
    }
    for pledge in state.pledges.values() {
        match pledge.state {
            PledgeState::Active => expected.insert(due_key(pledge.reg_until, Due::Maturity, &pledge.id.0)),
            PledgeState::Matured => expected.insert(due_key(pledge.grace_until, Due::Grace, &pledge.id.0)),
            _ => false,
        };
    }
    // A lapse that a hold stops is looked at again later; that entry outlives what happens to the pledge meanwhile.
    let retries: BTreeSet<&[u8]> = queued.iter().filter(|k| is_retry(state, k)).map(|k| &k[9..]).collect();
    let missing: Vec<_> = expected.iter().filter(|k| !queued.contains(*k) && !retries.contains(&k[9..])).collect();
    let surplus: Vec<_> = queued.iter().filter(|k| !expected.contains(*k) && !is_retry(state, k)).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "queue: missing {missing:?}, surplus {surplus:?}");
}

/// Whether a queue entry is the second look at a lapse: a grace entry at another time than its pledge's grace ends.
fn is_retry(state: &Decoded, key: &[u8]) -> bool {
    let at = Timestamp::new(u64::from_be_bytes(key[..8].try_into().expect("eight bytes")));
    let id: [u8; 32] = key[9..].try_into().expect("an id");
    key[8] == Due::Grace as u8 && state.pledges[&PledgeId(id)].grace_until != at
}

/// What certificates open is what the records say.
pub fn public_parts_are_those_of_the_records(state: &MemoryState) {
    let encoded = |family| state.leaves.iter().filter(move |((f, _), _)| *f == family).map(|(_, leaf)| leaf);
    for leaf in encoded(Family::Doc) {
        let doc: Doc = borsh::from_slice(&leaf.record).expect("a document");
        assert_eq!(leaf.public, borsh::to_vec(&doc.public()).expect("encodes"));
        assert!(doc.kind != DocKind::PARTY && doc.kind != DocKind::SITE);
    }
    for leaf in encoded(Family::Lot) {
        let lot: Lot = borsh::from_slice(&leaf.record).expect("a lot");
        assert_eq!(leaf.public, borsh::to_vec(&lot.public()).expect("encodes"));
    }
    for leaf in encoded(Family::Encumbrance) {
        let enc: Encumbrance = borsh::from_slice(&leaf.record).expect("an encumbrance");
        assert_eq!(leaf.public, borsh::to_vec(&enc.public()).expect("encodes"));
    }
}

/// INV-4: a pledge keeps its priority, its rank and its debtor for ever.
pub fn priorities_never_change(old: &Decoded, new: &Decoded) {
    for (id, before) in &old.pledges {
        let after = new.pledges.get(id).unwrap_or_else(|| panic!("{id:?} vanished"));
        let kept = |p: &Pledge| (p.priority, p.rank, p.pledgor, p.created, p.home_pledgor);
        assert_eq!(kept(before), kept(after), "{id:?}");
    }
}

/// INV-8: terminal states absorb.
pub fn terminals_absorb(old: &Decoded, new: &Decoded) {
    for (id, before) in old.docs.iter().filter(|(_, d)| d.state.is_terminal()) {
        assert_eq!(before.state, new.docs[id].state, "{id:?} left a terminal state");
    }
    for (id, before) in old.lots.iter().filter(|(_, l)| l.status != LotStatus::Active) {
        assert_eq!(before, &new.lots[id], "{id:?} left a terminal state");
    }
    for (id, before) in old.pledges.iter().filter(|(_, p)| !p.state.is_live()) {
        assert_eq!(before, &new.pledges[id], "{id:?} left a terminal state");
    }
}

/// Every change of an object shows in its version.
pub fn versions_grow_with_changes(old: &Decoded, new: &Decoded) {
    for (id, after) in &new.docs {
        let Some(before) = old.docs.get(id) else { continue };
        assert!(before == after || before.ver < after.ver, "{id:?} changed under version {}", after.ver);
    }
    for (id, after) in &new.lots {
        let Some(before) = old.lots.get(id) else { continue };
        assert!(before == after || before.ver < after.ver, "{id:?} changed under version {}", after.ver);
    }
    for (id, after) in &new.pledges {
        let Some(before) = old.pledges.get(id) else { continue };
        assert!(before == after || before.ver < after.ver, "{id:?} changed under version {}", after.ver);
    }
    for (id, after) in &new.parties {
        let Some(before) = old.parties.get(id) else { continue };
        assert!(before == after || before.ver < after.ver, "a party changed under version {}", after.ver);
    }
}

/// INV-20: a successful transaction emits at least one event.
pub fn every_success_says_something(outcomes: &[Outcome], height: Height) {
    for outcome in outcomes.iter().filter(|o| o.code == Code::Ok && !is_sweep(o)) {
        assert!(!outcome.events.is_empty(), "{:?} at height {height} succeeded silently", outcome.tx);
        assert!(!outcome.touched.is_empty(), "{:?} at height {height} touched nothing", outcome.tx);
    }
}

/// INV-19: what refused transactions wrote is their ids and, for the journalled codes, attempts.
pub fn check_traces_of_refusals(writes: &[&Write], outcomes: &[Outcome]) {
    let journalled = [
        Code::AlreadyPledged,
        Code::DuplicateDocument,
        Code::DuplicateContent,
        Code::GoodsKeyOccupied,
        Code::NearMatch,
    ];
    let may_journal = outcomes.iter().any(|o| journalled.contains(&o.code));
    for write in writes {
        match write {
            Write::Row { table: Table::Transaction, .. } => {}
            Write::Row { table: Table::Attempt | Table::Counter, .. } if may_journal => {}
            other => panic!("a refused transaction left {other:?}"),
        }
    }
}
