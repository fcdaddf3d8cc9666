//! The state view: typed reads and writes of a block on committed state, with a list to take a transaction's back.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::genesis::ParamKey;
use landsea_types::record::*;
use landsea_types::role::{DocState, LotStatus};
use landsea_types::state::{Family, Leaf, SaltSource, StateRead, Table, Write, tree_key};
use landsea_types::{
    AccountId, DocId, EventId, Fp, GoodsKey, Hash, Height, HoldId, LotId, Member, OfferId, PledgeId, ProofId, Timestamp,
};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;

/// Longest key of a row that needs no memory of its own; hardly any is longer.
const SHORT_KEY_BYTES: usize = 80;

type LeafKey = (Family, [u8; 32]);
type RowKey = SmallVec<[u8; SHORT_KEY_BYTES]>;

/// What a block has read of the committed state, or written since.
#[derive(Clone, Debug)]
struct Seen<T> {
    value: Option<T>,
    is_written: bool,
}

/// Everything that a block has touched: most of it is asked for again and again.
#[derive(Clone, Debug, Default)]
struct Touched {
    leaves: BTreeMap<LeafKey, Seen<Leaf>>,
    /// By table, so that a small one is searched as fast in a large block as in a small one.
    rows: BTreeMap<Table, BTreeMap<RowKey, Seen<Vec<u8>>>>,
}

/// What a transaction found where it wrote.
enum Undo {
    Leaf(LeafKey, Option<Seen<Leaf>>),
    Row(Table, RowKey, Option<Seen<Vec<u8>>>),
}

/// What falls due at a block time; the number is part of the queue's key and orders equal times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Due {
    /// A reservation of a document ends; id = `DocId`.
    Reservation = 1,
    /// A pledge's registration ends (to MATURED); id = `PledgeId`.
    Maturity = 2,
    /// A matured pledge's grace ends (to LAPSED); id = `PledgeId`.
    Grace = 3,
    /// A used consent may be forgotten; id = consent hash.
    Consent = 4,
    /// A cooldown ends; id = hash of its row key, payload = the row key.
    Cooldown = 5,
    /// The content fingerprint of a terminal document may be forgotten; id = fp2.
    Content = 6,
    /// An authenticity case ends (to EXPIRED); id = `ProofId`.
    Proof = 7,
    /// A hold's term ends; id = `HoldId`.
    Hold = 8,
    /// The registration of a pledge is overdue; id = `PledgeId`.
    Mirror = 9,
    /// An offer ends; id = `OfferId`.
    Offer = 10,
    /// Recovered keys take the place of lost ones; id = `AccountId`.
    Recovery = 11,
    /// A hand-over has not been confirmed; id = `EventId`.
    Custody = 12,
    /// Goods on their way have been silent; id = `LotId`.
    Silence = 13,
}

/// Reads and writes of one block under execution.
pub struct View<'a> {
    base: &'a dyn StateRead,
    touched: RefCell<Touched>,
    /// The writes of the transaction under execution, to be taken back in reverse order.
    undo: Vec<Undo>,
    /// Key material of the salts of leaves written now: the whole transaction, or the causing record's salt ‖ height.
    salts: SaltSource,
}

impl<'a> View<'a> {
    /// A view over committed state without changes.
    pub fn new(base: &'a dyn StateRead) -> Self {
        Self { base, touched: RefCell::default(), undo: Vec::new(), salts: SaltSource::new(&[]) }
    }

    /// Starts a transaction (or the sweep) whose leaves are salted from `salt_source`.
    pub fn begin(&mut self, salt_source: &[u8]) {
        self.roll_back();
        self.salts = SaltSource::new(salt_source);
    }
    /// Changes the salt source within a sweep, once per item.
    pub fn set_salt_source(&mut self, salt_source: &[u8]) {
        self.salts = SaltSource::new(salt_source);
    }
    /// Keeps the transaction's changes.
    pub fn keep(&mut self) {
        self.undo.clear();
    }
    /// Drops the transaction's changes.
    pub fn roll_back(&mut self) {
        let Touched { leaves, rows } = self.touched.get_mut();
        for undo in self.undo.drain(..).rev() {
            match undo {
                Undo::Leaf(key, before) => restore(leaves, key, before),
                Undo::Row(table, key, before) => restore(rows.entry(table).or_default(), key, before),
            }
        }
    }
    /// All kept changes in key order: leaves first, then rows.
    pub fn into_writes(mut self) -> Vec<Write> {
        self.roll_back();
        let Touched { leaves, rows } = self.touched.into_inner();
        let leaves = leaves.into_iter().filter(|(_, seen)| seen.is_written);
        let leaves = leaves.map(|((family, id), seen)| Write::Leaf { family, id, leaf: seen.value });
        let rows =
            rows.into_iter().flat_map(|(table, rows)| rows.into_iter().map(move |(key, seen)| (table, key, seen)));
        let rows = rows.filter(|(_, _, seen)| seen.is_written);
        let rows = rows.map(|(table, key, seen)| Write::Row { table, key: key.into_vec(), value: seen.value });
        leaves.chain(rows).collect()
    }

    /// The leaf of an object as changed so far.
    pub fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        self.read_leaf(family, id, Leaf::clone)
    }
    /// What `read` makes of the leaf of an object as changed so far.
    fn read_leaf<T>(&self, family: Family, id: &[u8; 32], read: impl FnOnce(&Leaf) -> T) -> Option<T> {
        let base = || Seen { value: self.base.leaf(family, id), is_written: false };
        self.touched.borrow_mut().leaves.entry((family, *id)).or_insert_with(base).value.as_ref().map(read)
    }
    fn set_leaf(&mut self, key: LeafKey, value: Option<Leaf>) {
        let before = self.touched.get_mut().leaves.insert(key, Seen { value, is_written: true });
        self.undo.push(Undo::Leaf(key, before));
    }
    /// Writes a leaf with its public part and record.
    pub fn put_leaf(
        &mut self,
        family: Family,
        id: &[u8; 32],
        public: &impl BorshSerialize,
        record: &impl BorshSerialize,
    ) {
        let salt = self.salts.salt(&tree_key(family, id));
        let leaf = Leaf { public: encode(public), record: encode(record), salt };
        self.set_leaf((family, *id), Some(leaf));
    }
    /// Removes a leaf.
    pub fn remove_leaf(&mut self, family: Family, id: &[u8; 32]) {
        self.set_leaf((family, *id), None);
    }
    /// A plain row as changed so far.
    pub fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        self.read_row(table, key, <[u8]>::to_vec)
    }
    /// What `read` makes of a plain row as changed so far.
    fn read_row<T>(&self, table: Table, key: &[u8], read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let base = || Seen { value: self.base.row(table, key), is_written: false };
        let mut touched = self.touched.borrow_mut();
        let rows = touched.rows.entry(table).or_default();
        rows.entry(RowKey::from_slice(key)).or_insert_with(base).value.as_deref().map(read)
    }
    fn set_row(&mut self, table: Table, key: &[u8], value: Option<Vec<u8>>) {
        let key = RowKey::from_slice(key);
        let rows = self.touched.get_mut().rows.entry(table).or_default();
        let before = rows.insert(key.clone(), Seen { value, is_written: true });
        self.undo.push(Undo::Row(table, key, before));
    }
    /// Writes a row.
    pub fn put_row(&mut self, table: Table, key: &[u8], value: &impl BorshSerialize) {
        self.set_row(table, key, Some(encode(value)));
    }
    /// Removes a row.
    pub fn remove_row(&mut self, table: Table, key: &[u8]) {
        self.set_row(table, key, None);
    }
    /// At most `limit` rows with `from <= key < until` as changed so far, in key order.
    pub fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        if from >= until {
            return Vec::new();
        }
        let touched = self.touched.borrow();
        let rows = touched.rows.get(&table).into_iter();
        let range = rows.flat_map(|rows| rows.range::<[u8], _>((Bound::Included(from), Bound::Excluded(until))));
        let written: Vec<_> = range.filter(|(_, seen)| seen.is_written).collect();
        // Removed rows may hide base rows, so read that many more.
        let base = self.base.scan(table, from, until, limit.saturating_add(written.len()));
        let mut merged: BTreeMap<Vec<u8>, Option<Vec<u8>>> = base.into_iter().map(|(k, v)| (k, Some(v))).collect();
        for (key, seen) in written {
            merged.insert(key.to_vec(), seen.value.clone());
        }
        merged.into_iter().filter_map(|(k, v)| v.map(|v| (k, v))).take(limit).collect()
    }

    /// Decodes a leaf's record. Own state that does not decode is `None` here and reported by [`View::undecodable`].
    fn record<T: BorshDeserialize>(&self, family: Family, id: &[u8; 32]) -> Option<T> {
        self.read_leaf(family, id, |leaf| decode_own(&leaf.record))
    }
    fn typed_row<T: BorshDeserialize>(&self, table: Table, key: &[u8]) -> Option<T> {
        self.read_row(table, key, decode_own)
    }

    /// A document.
    pub fn doc(&self, id: &DocId) -> Option<Doc> {
        self.record(Family::Doc, &id.0)
    }
    /// Writes a document, keeping the holder index.
    pub fn put_doc(&mut self, doc: &Doc) {
        let old = self.doc(&doc.id);
        if let Some(old) = &old {
            self.remove_row(Table::Holder, &pair(&old.holder.0, &doc.id.0));
        }
        if !doc.state.is_terminal() {
            self.put_row(Table::Holder, &pair(&doc.holder.0, &doc.id.0), &());
        }
        let stakes = |doc: &Doc| if doc.state.is_terminal() { Vec::new() } else { doc_parties(doc) };
        self.put_stakes(Stake::Doc, &doc.id.0, &old.map(|d| stakes(&d)).unwrap_or_default(), &stakes(doc));
        self.put_leaf(Family::Doc, &doc.id.0, &doc.public(), doc);
    }
    /// A lot.
    pub fn lot(&self, id: &LotId) -> Option<Lot> {
        self.record(Family::Lot, &id.0)
    }
    /// Writes a lot.
    pub fn put_lot(&mut self, lot: &Lot) {
        let stakes = |lot: &Lot| if lot.status == LotStatus::Active { lot_parties(lot) } else { Vec::new() };
        let old = self.lot(&lot.id).map(|l| stakes(&l)).unwrap_or_default();
        self.put_stakes(Stake::Lot, &lot.id.0, &old, &stakes(lot));
        self.put_leaf(Family::Lot, &lot.id.0, &lot.public(), lot);
    }
    /// Who occupies a goods key; nobody when empty.
    pub fn goods_key(&self, key: &GoodsKey) -> Vec<LotId> {
        self.record::<Occupancy>(Family::GoodsKey, &key.0).map(|o| o.lots).unwrap_or_default()
    }
    /// Says who occupies a goods key; nobody vacates it.
    pub fn put_goods_key(&mut self, key: &GoodsKey, mut lots: Vec<LotId>) {
        lots.sort();
        lots.dedup();
        if lots.is_empty() {
            return self.remove_leaf(Family::GoodsKey, &key.0);
        }
        let record = Occupancy { lots };
        self.put_leaf(Family::GoodsKey, &key.0, &record.public(), &record);
    }
    /// The newest document of a fingerprint.
    pub fn doc_by_fp(&self, fp: &Fp) -> Option<DocId> {
        self.record::<PublicFp>(Family::Fp, &fp.0).map(|r| r.doc)
    }
    /// Points a fingerprint at a document.
    pub fn put_fp(&mut self, fp: &Fp, doc: DocId) {
        let record = PublicFp { doc };
        self.put_leaf(Family::Fp, &fp.0, &record, &record);
    }
    /// A party.
    pub fn party(&self, id: &AccountId) -> Option<Party> {
        self.record(Family::Party, &id.0)
    }
    /// Writes a party.
    pub fn put_party(&mut self, party: &Party) {
        self.put_leaf(Family::Party, &party.id.0, &party.public(), party);
    }
    /// The live encumbrance of a document or lot.
    pub fn encumbrance(&self, target: &[u8; 32]) -> Option<Encumbrance> {
        self.record(Family::Encumbrance, target)
    }
    /// Encumbers a document or lot.
    pub fn put_encumbrance(&mut self, target: &[u8; 32], enc: &Encumbrance) {
        self.put_leaf(Family::Encumbrance, target, &enc.public(), enc);
    }
    /// Frees a document or lot.
    pub fn remove_encumbrance(&mut self, target: &[u8; 32]) {
        self.remove_leaf(Family::Encumbrance, target);
    }
    /// The reservation of a document or lot, expired ones included.
    pub fn reservation(&self, target: &[u8; 32]) -> Option<Reservation> {
        self.record(Family::Reservation, target)
    }
    /// Reserves a document or lot.
    pub fn put_reservation(&mut self, target: &[u8; 32], reservation: &Reservation) {
        self.put_leaf(Family::Reservation, target, &reservation.public(), reservation);
    }
    /// Ends a reservation.
    pub fn remove_reservation(&mut self, target: &[u8; 32]) {
        self.remove_leaf(Family::Reservation, target);
    }
    /// The effective holds on a target, the gravest first.
    pub fn standings(&self, target: &[u8; 32]) -> Vec<Standing> {
        self.record::<Standings>(Family::Hold, target).map(|s| s.holds).unwrap_or_default()
    }
    /// Says which holds are effective on a target; none removes the leaf.
    pub fn put_standings(&mut self, target: &[u8; 32], holds: Vec<Standing>) {
        let record = Standings { holds };
        match record.public() {
            Some(public) => self.put_leaf(Family::Hold, target, &public, &record),
            None => self.remove_leaf(Family::Hold, target),
        }
    }
    /// A hold, ended ones included.
    pub fn hold(&self, id: &HoldId) -> Option<Hold> {
        self.typed_row(Table::Hold, &id.0)
    }
    /// Writes a hold.
    pub fn put_hold(&mut self, hold: &Hold) {
        self.put_row(Table::Hold, &hold.id.0, hold);
    }
    /// A warehouse cell.
    pub fn cell(&self, key: &GoodsKey) -> Option<Cell> {
        self.typed_row(Table::Cell, &key.0)
    }
    /// Writes a warehouse cell.
    pub fn put_cell(&mut self, cell: &Cell) {
        self.put_row(Table::Cell, &cell.key.0, cell);
    }
    /// An offered pledge, ended ones included.
    pub fn offer(&self, id: &OfferId) -> Option<Offer> {
        self.typed_row(Table::Offer, &id.0)
    }
    /// Writes an offered pledge.
    pub fn put_offer(&mut self, offer: &Offer) {
        self.put_row(Table::Offer, &offer.id.0, offer);
    }
    /// A cargo event.
    pub fn cargo_event(&self, id: &EventId) -> Option<CargoEvent> {
        self.typed_row(Table::CargoEvent, &id.0)
    }
    /// Writes a cargo event.
    pub fn put_cargo_event(&mut self, event: &CargoEvent) {
        self.put_row(Table::CargoEvent, &event.id.0, event);
    }
    /// Where the goods of a lot are, if anybody has reported.
    pub fn flow(&self, lot: &LotId) -> Option<Flow> {
        self.typed_row(Table::Flow, &lot.0)
    }
    /// Writes where the goods of a lot are.
    pub fn put_flow(&mut self, lot: &LotId, flow: &Flow) {
        self.put_row(Table::Flow, &lot.0, flow);
    }
    /// The `n`-th cargo event of a lot, from 1.
    pub fn timeline(&self, lot: &LotId, n: u32) -> Option<EventId> {
        self.typed_row(Table::Timeline, &timeline_key(lot, n))
    }
    /// Writes the `n`-th cargo event of a lot.
    pub fn put_timeline(&mut self, lot: &LotId, n: u32, event: &EventId) {
        self.put_row(Table::Timeline, &timeline_key(lot, n), event);
    }
    /// The use marks on a piece of evidence.
    pub fn use_marks(&self, evidence: &Fp) -> Option<UseMarks> {
        self.record(Family::Mark, &evidence.0)
    }
    /// Writes the use marks on a piece of evidence.
    pub fn put_use_marks(&mut self, marks: &UseMarks) {
        self.put_leaf(Family::Mark, &marks.evidence.0, &marks.public(), marks);
    }
    /// The first live object of a kind in which a party has a part.
    pub fn stake(&self, party: &AccountId, kind: Stake) -> Option<[u8; 32]> {
        let rows = self.scan(Table::Stake, &stake_key(party, kind, &[0; 32]), &stake_key(party, kind, &[0xff; 32]), 1);
        rows.first().and_then(|(key, _)| key.get(33..)?.try_into().ok())
    }
    fn put_stakes(&mut self, kind: Stake, id: &[u8; 32], before: &[AccountId], after: &[AccountId]) {
        for party in before.iter().filter(|p| !after.contains(p)) {
            self.remove_row(Table::Stake, &stake_key(party, kind, id));
        }
        for party in after.iter().filter(|p| !before.contains(p)) {
            self.put_row(Table::Stake, &stake_key(party, kind, id), &());
        }
    }

    /// An authenticity case.
    pub fn proof(&self, id: &ProofId) -> Option<Proof> {
        self.record(Family::Proof, &id.0)
    }
    /// The cases opened on a document, at most `limit`.
    pub fn proofs_on(&self, doc: &DocId, limit: usize) -> Vec<ProofId> {
        let rows = self.scan(Table::ProofByDoc, &pair(&doc.0, &[0; 32]), &pair(&doc.0, &[0xff; 32]), limit);
        rows.iter().filter_map(|(key, _)| key.last_chunk::<32>().map(|id| ProofId(*id))).collect()
    }
    /// Writes an authenticity case.
    pub fn put_proof(&mut self, proof: &Proof) {
        self.put_row(Table::ProofByDoc, &pair(&proof.subject.0, &proof.id.0), &());
        self.put_leaf(Family::Proof, &proof.id.0, &proof.public(), proof);
    }
    /// A pledge.
    pub fn pledge(&self, id: &PledgeId) -> Option<Pledge> {
        self.typed_row(Table::Pledge, &id.0)
    }
    /// Writes a pledge, keeping the index by party; a bank that has assigned it is no longer one.
    pub fn put_pledge(&mut self, pledge: &Pledge) {
        if let Some(old) = self.pledge(&pledge.id) {
            self.remove_row(Table::PledgeByParty, &pair(&old.pledgee.0, &pledge.id.0));
        }
        for party in [pledge.pledgor, pledge.pledgee] {
            self.put_row(Table::PledgeByParty, &pair(&party.0, &pledge.id.0), &());
        }
        let stakes = |p: &Pledge| if p.state.is_live() { vec![p.pledgor, p.pledgee] } else { Vec::new() };
        let old = self.pledge(&pledge.id).map(|p| stakes(&p)).unwrap_or_default();
        self.put_stakes(Stake::Pledge, &pledge.id.0, &old, &stakes(pledge));
        self.put_row(Table::Pledge, &pledge.id.0, pledge);
    }
    /// A parameter's value.
    pub fn param(&self, key: ParamKey) -> u64 {
        self.typed_row(Table::Param, &key.number().to_be_bytes()).unwrap_or(key.default_value())
    }
    /// A member.
    pub fn member(&self, index: Member) -> Option<MemberRecord> {
        self.typed_row(Table::Member, &[index.get()])
    }
    /// Whether a feature is granted to a member at a height.
    pub fn has_feature(&self, feature: u16, member: Member, at: Height) -> bool {
        let grant: Option<FeatureGrant> = self.typed_row(Table::Feature, &feature_key(feature, member));
        grant.is_some_and(|g| g.from_height <= at)
    }
    /// A template.
    pub fn template(&self, id: u16) -> Option<Template> {
        self.typed_row(Table::Template, &id.to_be_bytes())
    }
    /// Any typed row.
    pub fn get<T: BorshDeserialize>(&self, table: Table, key: &[u8]) -> Option<T> {
        self.typed_row(table, key)
    }
    /// Adds one to a counter and returns the number before.
    pub fn count(&mut self, name: &str) -> u64 {
        let n: u64 = self.typed_row(Table::Counter, name.as_bytes()).unwrap_or(0);
        self.put_row(Table::Counter, name.as_bytes(), &n.saturating_add(1));
        n
    }

    /// Queues something for the sweep.
    pub fn schedule(&mut self, at: Timestamp, due: Due, id: &[u8; 32], payload: &[u8]) {
        self.put_row(Table::Expiry, &due_key(at, due, id), &payload.to_vec());
    }
    /// Takes something out of the queue.
    pub fn unschedule(&mut self, at: Timestamp, due: Due, id: &[u8; 32]) {
        self.remove_row(Table::Expiry, &due_key(at, due, id));
    }
}

fn restore<K: Ord, T>(touched: &mut BTreeMap<K, Seen<T>>, key: K, before: Option<Seen<T>>) {
    match before {
        Some(before) => touched.insert(key, before),
        None => touched.remove(&key),
    };
}

/// The queue's key: due time, kind, id.
pub fn due_key(at: Timestamp, due: Due, id: &[u8; 32]) -> Vec<u8> {
    let mut key = at.get().to_be_bytes().to_vec();
    key.push(due as u8);
    key.extend_from_slice(id);
    key
}

/// The key of a feature grant.
pub fn feature_key(feature: u16, member: Member) -> Vec<u8> {
    let mut key = feature.to_be_bytes().to_vec();
    key.push(member.get());
    key
}

/// Kinds of live objects in which a party has a part: it cannot leave before they have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stake {
    /// It issued, holds or owns a document, or has surrendered it.
    Doc = 1,
    /// It keeps or watches a lot.
    Lot = 2,
    /// It is a side of a pledge.
    Pledge = 3,
}

fn doc_parties(doc: &Doc) -> Vec<AccountId> {
    let pending = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
    let surrendered = doc.surrendered.iter().filter(|_| pending);
    let before = surrendered.flat_map(|s| [Some(s.by), Some(s.holder), s.beneficiary]).flatten();
    [doc.issuer, doc.holder].into_iter().chain(doc.beneficiary).chain(before).collect()
}

fn lot_parties(lot: &Lot) -> Vec<AccountId> {
    std::iter::once(lot.custodian).chain(lot.supervisor).collect()
}

fn stake_key(party: &AccountId, kind: Stake, id: &[u8; 32]) -> Vec<u8> {
    let mut key = party.0.to_vec();
    key.push(kind as u8);
    key.extend_from_slice(id);
    key
}

/// Two identifiers as one key.
pub fn pair(a: &[u8; 32], b: &[u8; 32]) -> Vec<u8> {
    let mut key = a.to_vec();
    key.extend_from_slice(b);
    key
}

/// The key of the `n`-th entry of a document's chain.
pub fn chain_key(doc: &DocId, n: u32) -> Vec<u8> {
    let mut key = doc.0.to_vec();
    key.extend_from_slice(&n.to_be_bytes());
    key
}

/// The key of a travel time.
pub fn travel_key(from: &[u8; 8], to: &[u8; 8]) -> Vec<u8> {
    [from.as_slice(), to.as_slice()].concat()
}

/// The key of the `n`-th cargo event of a lot.
pub fn timeline_key(lot: &LotId, n: u32) -> Vec<u8> {
    let mut key = lot.0.to_vec();
    key.extend_from_slice(&n.to_be_bytes());
    key
}

/// Encodes for state.
pub fn encode(value: &impl BorshSerialize) -> Vec<u8> {
    // Writing to a vector cannot fail; an empty encoding would show at once as an undecodable record.
    borsh::to_vec(value).unwrap_or_default()
}

/// Decodes what this node itself committed.
#[expect(clippy::panic, reason = "own state that does not decode is a local fault and halts the node")]
pub(crate) fn decode_own<T: BorshDeserialize>(bytes: &[u8]) -> T {
    match borsh::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => panic!("committed state does not decode as {}: {error}", std::any::type_name::<T>()),
    }
}

/// The content hash used for ids of queue rows.
pub fn row_id(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

/// An object id as an opaque hash, for events and outcomes.
pub fn opaque(id: &[u8; 32]) -> Hash {
    Hash(*id)
}
