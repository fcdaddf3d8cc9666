//! The ledger's invariants as pure functions over the whole state.
//!
//! Section 5 of the certificates specification numbers them; a name such as T5 is the one the ledger specification gives. Those over
//! one state run after every block of a test or simulation ([`check_all`]), those over two consecutive states as well
//! ([`check_step`]). Nodes do not run them: they read everything.
//!
//! | invariant | function |
//! |--|--|
//! | INV-1 (T1) | [`fingerprints_are_unique`] |
//! | INV-2 (T2) | [`a_lot_has_one_operative_title`] |
//! | INV-3 (S1, S2) | [`encumbrance_leaves_equal_live_pledges`], [`reservations_cover_whole_documents`] |
//! | INV-4 (S3) | [`priorities_never_change`] |
//! | INV-5 (L3, L5) | [`goods_come_from_nowhere_but_issue`] |
//! | INV-6 (L1) | [`exclusive_keys_belong_to_one_active_lot`] |
//! | INV-8 (T4, S9) | [`terminals_absorb`] |
//! | INV-11 (L4) | [`a_lot_has_one_known_custodian`] |
//! | INV-13 | [`attesters_are_independent`] |
//! | INV-16 | [`the_queue_equals_what_is_due`] |
//! | INV-19 | [`refusals_leave_traces_only`] |
//! | INV-20 | [`every_success_says_something`] |
//! | P1, T5 | [`one_live_party_per_fingerprint`], [`chains_fold_to_their_roots`] |
//!
//! INV-7 (cells), INV-9 and 10 (holds), INV-12 (cargo events) and INV-14 (use marks) speak of modules of later parts; INV-15 is held by
//! the record types; INV-17 and 18 need whole runs and are held by the tests that replay them.

mod decoded;
mod steps;

pub use decoded::{Decoded, WholeState};
pub use steps::{
    every_success_says_something, priorities_never_change, refusals_leave_traces_only, terminals_absorb,
    versions_grow_with_changes,
};

use crate::goods::is_exclusive;
use crate::view::{Due, due_key, encode};
use crate::waybill::fold;
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::record::{Doc, Encumbrance, Lot, Party, Pledge, Proof, Reservation};
use landsea_types::role::{DocKind, DocState, LotStatus, PartyStatus, PledgeState, ProofState, Role};
use landsea_types::state::Family;
use landsea_types::{AccountId, DocId, Hash, LotId, PledgeId, Timestamp, Uom};
use std::collections::{BTreeMap, BTreeSet};

/// A state in which an invariant does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Number or name in the specification, such as `INV-3`.
    pub invariant: &'static str,
    /// What was found where.
    pub detail: String,
}

impl Broken {
    /// A breach with its description.
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} does not hold: {}", self.invariant, self.detail)
    }
}

impl std::error::Error for Broken {}

/// Holds or the first breach.
pub type Holds = Result<(), Broken>;

fn ensure(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Holds {
    if holds { Ok(()) } else { Err(Broken::new(invariant, detail())) }
}

/// Checks every invariant over one state.
///
/// # Errors
/// The first breach.
pub fn check_all(state: &dyn WholeState) -> Holds {
    public_parts_are_those_of_the_records(state)?;
    check_decoded(&Decoded::of(state)?)
}

/// Checks every invariant over the records of one state.
///
/// # Errors
/// The first breach.
pub fn check_decoded(state: &Decoded) -> Holds {
    fingerprints_are_unique(state)?;
    a_lot_has_one_operative_title(state)?;
    encumbrance_leaves_equal_live_pledges(state)?;
    reservations_cover_whole_documents(state)?;
    goods_come_from_nowhere_but_issue(state)?;
    exclusive_keys_belong_to_one_active_lot(state)?;
    a_lot_has_one_known_custodian(state)?;
    one_live_party_per_fingerprint(state)?;
    chains_fold_to_their_roots(state)?;
    attesters_are_independent(state)?;
    the_queue_equals_what_is_due(state)
}

/// Checks every invariant over two consecutive states.
///
/// # Errors
/// The first breach.
pub fn check_step(before: &Decoded, after: &Decoded) -> Holds {
    priorities_never_change(before, after)?;
    terminals_absorb(before, after)?;
    versions_grow_with_changes(before, after)
}

/// INV-1 (T1): one document per fp1 unless it replaces the same chain; one live document per fp2.
///
/// # Errors
/// A document outside the chain of its fp1, or two live documents of one content.
pub fn fingerprints_are_unique(state: &Decoded) -> Holds {
    for doc in state.docs.values() {
        let newest = state.fps.get(&doc.fp1);
        let follows = newest.is_some_and(|newest| leads_to(state, doc.id, *newest));
        ensure(follows, "INV-1", || format!("fp1 of {:?} points at {newest:?}, outside its chain", doc.id))?;
    }
    let mut contents = BTreeMap::new();
    for doc in state.live_docs() {
        let other = contents.insert(doc.fp2, doc.id);
        ensure(other.is_none(), "INV-1", || format!("live documents {:?} and {other:?} share fp2", doc.id))?;
    }
    Ok(())
}

fn leads_to(state: &Decoded, from: DocId, to: DocId) -> bool {
    let mut at = from;
    for _ in 0..=state.docs.len() {
        if at == to {
            return true;
        }
        match state.docs.get(&at).and_then(|doc| doc.replaced_by) {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// INV-2 (T2): an ACTIVE lot's title is the one operative title document that lists it.
///
/// # Errors
/// A lot under two titles, under another title than it names, or ended under a live one.
pub fn a_lot_has_one_operative_title(state: &Decoded) -> Holds {
    let mut titles: BTreeMap<LotId, DocId> = BTreeMap::new();
    for doc in state.docs.values().filter(|d| d.state.is_operative_title()) {
        for lot in &doc.lots {
            let other = titles.insert(*lot, doc.id);
            ensure(other.is_none(), "INV-2", || format!("{lot:?} stands under {:?} and {other:?}", doc.id))?;
        }
    }
    for lot in state.lots.values() {
        let (named, listed) = (lot.title, titles.get(&lot.id).copied());
        let expected = if lot.status == LotStatus::Active { named } else { None };
        ensure(listed == expected, "INV-2", || {
            format!("{:?} is {}, names {named:?} and stands under {listed:?}", lot.id, lot.status)
        })?;
    }
    Ok(())
}

/// INV-3 (S1, S2): an `enc/` leaf exists iff exactly one live pledge covers the document or lot, with its priority.
///
/// # Errors
/// A target under two live pledges, or leaves, pledges, documents and lots that differ.
pub fn encumbrance_leaves_equal_live_pledges(state: &Decoded) -> Holds {
    let mut covered: BTreeMap<[u8; 32], &Pledge> = BTreeMap::new();
    for pledge in state.live_pledges() {
        let docs = pledge.docs.iter().map(|d| d.0);
        for target in docs.chain(pledge.lots.iter().map(|l| l.0)) {
            let other = covered.insert(target, pledge);
            ensure(other.is_none(), "INV-3", || {
                format!("{} is covered by {:?} and {:?}", Hash(target).short(), other.map(|p| p.id), pledge.id)
            })?;
        }
        pledged_documents_match(state, pledge)?;
    }
    let leaves = state.encumbrances.keys();
    ensure(covered.keys().eq(leaves), "INV-3", || {
        format!("{} enc/ leaves, {} targets of live pledges", state.encumbrances.len(), covered.len())
    })?;
    for ((target, pledge), enc) in covered.iter().zip(state.encumbrances.values()) {
        let seen = (enc.pledge, enc.pledgee, enc.priority, enc.member);
        let expected = (pledge.id, pledge.pledgee, pledge.priority, pledge.home_pledgee);
        ensure(seen == expected, "INV-3", || {
            format!("the leaf of {} says {seen:?}, its pledge {expected:?}", Hash(*target).short())
        })?;
    }
    nothing_free_names_a_pledge(state)
}

fn pledged_documents_match(state: &Decoded, pledge: &Pledge) -> Holds {
    let mut lots: BTreeSet<LotId> = BTreeSet::new();
    for id in &pledge.docs {
        let Some(doc) = state.docs.get(id) else {
            return Err(Broken::new("INV-3", format!("{:?} covers the unknown {id:?}", pledge.id)));
        };
        ensure(doc.enc == Some(pledge.id), "INV-3", || format!("{id:?} names {:?}, not {:?}", doc.enc, pledge.id))?;
        ensure(doc.state != DocState::Active || doc.holder == pledge.pledgee, "INV-3", || {
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

/// INV-5 (L3, L5): per unit, goods that are there or were delivered were issued once; shortages may have taken some away.
///
/// # Errors
/// A unit of which more exists than was ever issued.
pub fn goods_come_from_nowhere_but_issue(state: &Decoded) -> Holds {
    let mut sums: BTreeMap<Uom, (u128, u128)> = BTreeMap::new();
    for lot in state.lots.values() {
        let (issued, kept) = sums.entry(lot.uom).or_default();
        let qty = u128::from(lot.qty.get());
        if lot.parents.is_empty() {
            *issued = issued.saturating_add(qty);
        }
        if lot.status != LotStatus::Consumed {
            *kept = kept.saturating_add(qty);
        }
    }
    for (uom, (issued, kept)) in sums {
        ensure(kept <= issued, "INV-5", || format!("{kept} of {uom} from {issued} issued"))?;
    }
    Ok(())
}

/// INV-6 (L1): an exclusive key is occupied iff an ACTIVE lot has it, by that lot, or by the lots of one consignment that share a
/// container.
///
/// # Errors
/// A key of lots of two consignments, or `gk/` leaves that differ from the lots.
pub fn exclusive_keys_belong_to_one_active_lot(state: &Decoded) -> Holds {
    let mut taken: BTreeMap<_, Vec<LotId>> = BTreeMap::new();
    for lot in state.lots.values().filter(|l| l.status == LotStatus::Active) {
        for key in lot.keys.iter().filter(|key| is_exclusive(key.class)) {
            let lots = taken.entry(key.key).or_default();
            let other = lots
                .iter()
                .filter_map(|id| state.lots.get(id))
                .find(|other| key.class != b'C' || other.origin_doc != lot.origin_doc);
            ensure(other.is_none(), "INV-6", || {
                format!("{:?} is a key of {:?} and {:?}", key.key, lot.id, other.map(|l| l.id))
            })?;
            lots.push(lot.id);
        }
    }
    let stray = state.goods_keys.iter().find(|(key, lots)| taken.get(*key) != Some(*lots));
    ensure(stray.is_none(), "INV-6", || format!("the leaf {stray:?} differs from the ACTIVE lots"))?;
    let missing = taken.iter().find(|(key, _)| !state.goods_keys.contains_key(*key));
    ensure(missing.is_none(), "INV-6", || format!("no leaf for {missing:?}"))
}

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

/// INV-P1: one party that is not EXITED per fingerprint. Branches have none.
///
/// # Errors
/// Two such parties.
pub fn one_live_party_per_fingerprint(state: &Decoded) -> Holds {
    let mut seen = BTreeMap::new();
    let firms = state.parties.values().filter(|p| p.status != PartyStatus::Exited && !p.has(Role::Branch));
    for party in firms {
        let other = seen.insert(party.fingerprint, party.id);
        ensure(other.is_none(), "P1", || format!("{:?} and {other:?} share a fingerprint", party.id))?;
    }
    Ok(())
}

/// INV-T5: the root is the fold of the chain's entries, which count from 1 without a gap.
///
/// # Errors
/// A document whose length or root differs from its entries.
pub fn chains_fold_to_their_roots(state: &Decoded) -> Holds {
    for doc in state.docs.values() {
        let entries = state.chains.get(&doc.id);
        let numbers = entries.into_iter().flat_map(BTreeMap::keys).copied();
        ensure(numbers.eq(1..=doc.chain_len), "T5", || format!("the chain of {:?} has gaps", doc.id))?;
        let folded = entries.into_iter().flat_map(BTreeMap::values).fold(Hash::default(), |r, e| fold(&r, e));
        ensure(folded == doc.chain_root, "T5", || format!("the chain of {:?} folds to {folded:?}", doc.id))?;
    }
    Ok(())
}

/// INV-13: nobody attests its own trade, and only a matched case has a level above the claim.
///
/// # Errors
/// An attestation by the applicant, the owner or their groups, or a level that the state does not allow.
pub fn attesters_are_independent(state: &Decoded) -> Holds {
    for case in state.proofs.values() {
        let own: [AccountId; 2] = [case.applicant, case.owner];
        let groups = [case.applicant_group, case.owner_group];
        for attestation in &case.attestations {
            let apart = attestation.group.is_none() || !groups.contains(&attestation.group);
            ensure(apart && !own.contains(&attestation.attester), "INV-13", || {
                format!("{:?} attests its own trade in {:?}", attestation.attester, case.id)
            })?;
        }
        let fits = case.due <= case.valid_until && level_fits(case);
        ensure(fits, "INV-13", || format!("{:?} is {} at level {}", case.id, case.state, case.level))?;
    }
    Ok(())
}

fn level_fits(case: &Proof) -> bool {
    match case.state {
        ProofState::Expired | ProofState::Closed => case.level == 0,
        ProofState::Contradicted => case.level == 0 && case.contradiction.is_some(),
        ProofState::Open => case.level == 1,
        ProofState::Matched | ProofState::Degraded => (1..=3).contains(&case.level),
    }
}

/// INV-16: the queue holds the reservations, registrations, grace periods and cases that the records say, and no others.
///
/// A lapse that a hold stops is looked at again later; that entry outlives what happens to the pledge meanwhile.
///
/// # Errors
/// The first missing or surplus entry.
pub fn the_queue_equals_what_is_due(state: &Decoded) -> Holds {
    let kinds = [Due::Reservation, Due::Maturity, Due::Grace, Due::Proof].map(|due| due as u8);
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

/// What certificates open is what the records say. It is held by no number: section 0 of the ledger specification asks for it.
///
/// # Errors
/// A leaf whose public part is not its record's, or a document of a kind that is none.
pub fn public_parts_are_those_of_the_records(state: &dyn WholeState) -> Holds {
    same_public(state, Family::Doc, Doc::public)?;
    same_public(state, Family::Lot, Lot::public)?;
    same_public(state, Family::Encumbrance, Encumbrance::public)?;
    same_public(state, Family::Reservation, Reservation::public)?;
    same_public(state, Family::Party, Party::public)?;
    same_public(state, Family::Proof, Proof::public)?;
    let mut result = Ok(());
    each_record(state, Family::Doc, &mut |doc: Doc, _| {
        if doc.kind == DocKind::PARTY || doc.kind == DocKind::SITE {
            result = Err(Broken::new("public parts", format!("{:?} is no document", doc.id)));
        }
    })?;
    result
}

fn same_public<T: BorshDeserialize, P: BorshSerialize>(
    state: &dyn WholeState,
    family: Family,
    public: impl Fn(&T) -> P,
) -> Holds {
    let mut result = Ok(());
    each_record(state, family, &mut |record: T, shown| {
        if encode(&public(&record)) != shown {
            result = Err(Broken::new("public parts", format!("a leaf of {family:?} shows another record")));
        }
    })?;
    result
}

fn each_record<T: BorshDeserialize>(state: &dyn WholeState, family: Family, visit: &mut dyn FnMut(T, &[u8])) -> Holds {
    let mut result = Ok(());
    state.each_leaf(family, &mut |id, leaf| match borsh::from_slice(&leaf.record) {
        Ok(record) => visit(record, &leaf.public),
        Err(error) => {
            result = Err(Broken::new("the state decodes", format!("{family:?} {}: {error}", Hash(*id).short())));
        }
    });
    result
}
