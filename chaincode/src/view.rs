//! The state view: typed reads and writes over two layers (block, transaction) on committed state.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::genesis::ParamKey;
use landsea_types::record::*;
use landsea_types::role::HoldKind;
use landsea_types::state::{Family, Leaf, StateRead, Table, Write, leaf_salt, tree_key};
use landsea_types::{AccountId, DocId, Fp, GoodsKey, Hash, Height, LotId, Member, PledgeId, ProofId, Timestamp};
use std::collections::BTreeMap;

type LeafKey = (Family, [u8; 32]);
type RowKey = (Table, Vec<u8>);

/// Changes not yet committed.
#[derive(Clone, Debug, Default)]
struct Layer {
    leaves: BTreeMap<LeafKey, Option<Leaf>>,
    rows: BTreeMap<RowKey, Option<Vec<u8>>>,
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
}

/// Reads and writes of one block under execution.
pub struct View<'a> {
    base: &'a dyn StateRead,
    block: Layer,
    tx: Layer,
    /// Key material of the salts of leaves written now: the whole transaction, or the causing record's salt ‖ height.
    salt_source: Vec<u8>,
}

impl<'a> View<'a> {
    /// A view over committed state without changes.
    pub fn new(base: &'a dyn StateRead) -> Self {
        Self { base, block: Layer::default(), tx: Layer::default(), salt_source: Vec::new() }
    }

    /// Starts a transaction (or the sweep) whose leaves are salted from `salt_source`.
    pub fn begin(&mut self, salt_source: &[u8]) {
        self.tx = Layer::default();
        self.salt_source = salt_source.to_vec();
    }
    /// Changes the salt source within a sweep, once per item.
    pub fn set_salt_source(&mut self, salt_source: Vec<u8>) {
        self.salt_source = salt_source;
    }
    /// Keeps the transaction's changes.
    pub fn keep(&mut self) {
        let tx = std::mem::take(&mut self.tx);
        self.block.leaves.extend(tx.leaves);
        self.block.rows.extend(tx.rows);
    }
    /// Drops the transaction's changes.
    pub fn roll_back(&mut self) {
        self.tx = Layer::default();
    }
    /// All kept changes in key order: leaves first, then rows.
    pub fn into_writes(self) -> Vec<Write> {
        let leaves = self.block.leaves.into_iter().map(|((family, id), leaf)| Write::Leaf { family, id, leaf });
        let rows = self.block.rows.into_iter().map(|((table, key), value)| Write::Row { table, key, value });
        leaves.chain(rows).collect()
    }

    /// The leaf of an object as changed so far.
    pub fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        let key = (family, *id);
        match self.tx.leaves.get(&key).or_else(|| self.block.leaves.get(&key)) {
            Some(changed) => changed.clone(),
            None => self.base.leaf(family, id),
        }
    }
    /// Writes a leaf with its public part and record.
    pub fn put_leaf(
        &mut self,
        family: Family,
        id: &[u8; 32],
        public: &impl BorshSerialize,
        record: &impl BorshSerialize,
    ) {
        let salt = leaf_salt(&self.salt_source, &tree_key(family, id));
        let leaf = Leaf { public: encode(public), record: encode(record), salt };
        self.tx.leaves.insert((family, *id), Some(leaf));
    }
    /// Removes a leaf.
    pub fn remove_leaf(&mut self, family: Family, id: &[u8; 32]) {
        self.tx.leaves.insert((family, *id), None);
    }
    /// A plain row as changed so far.
    pub fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        let full = (table, key.to_vec());
        match self.tx.rows.get(&full).or_else(|| self.block.rows.get(&full)) {
            Some(changed) => changed.clone(),
            None => self.base.row(table, key),
        }
    }
    /// Writes a row.
    pub fn put_row(&mut self, table: Table, key: &[u8], value: &impl BorshSerialize) {
        self.tx.rows.insert((table, key.to_vec()), Some(encode(value)));
    }
    /// Removes a row.
    pub fn remove_row(&mut self, table: Table, key: &[u8]) {
        self.tx.rows.insert((table, key.to_vec()), None);
    }
    /// At most `limit` rows with `from <= key < until` as changed so far, in key order.
    pub fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let range = (table, from.to_vec())..(table, until.to_vec());
        let changed: BTreeMap<&RowKey, &Option<Vec<u8>>> =
            self.block.rows.range(range.clone()).chain(self.tx.rows.range(range)).collect();
        // Removed rows may hide base rows, so read that many more.
        let base = self.base.scan(table, from, until, limit.saturating_add(changed.len()));
        let mut merged: BTreeMap<Vec<u8>, Option<Vec<u8>>> = base.into_iter().map(|(k, v)| (k, Some(v))).collect();
        for ((_, key), value) in changed {
            merged.insert(key.clone(), value.clone());
        }
        merged.into_iter().filter_map(|(k, v)| v.map(|v| (k, v))).take(limit).collect()
    }

    /// Decodes a leaf's record. Own state that does not decode is `None` here and reported by [`View::undecodable`].
    fn record<T: BorshDeserialize>(&self, family: Family, id: &[u8; 32]) -> Option<T> {
        self.leaf(family, id).map(|leaf| decode_own(&leaf.record))
    }
    fn typed_row<T: BorshDeserialize>(&self, table: Table, key: &[u8]) -> Option<T> {
        self.row(table, key).map(|bytes| decode_own(&bytes))
    }

    /// A document.
    pub fn doc(&self, id: &DocId) -> Option<Doc> {
        self.record(Family::Doc, &id.0)
    }
    /// Writes a document, keeping the holder index.
    pub fn put_doc(&mut self, doc: &Doc) {
        if let Some(old) = self.doc(&doc.id) {
            self.remove_row(Table::Holder, &pair(&old.holder.0, &doc.id.0));
        }
        if !doc.state.is_terminal() {
            self.put_row(Table::Holder, &pair(&doc.holder.0, &doc.id.0), &());
        }
        self.put_leaf(Family::Doc, &doc.id.0, &doc.public(), doc);
    }
    /// A lot.
    pub fn lot(&self, id: &LotId) -> Option<Lot> {
        self.record(Family::Lot, &id.0)
    }
    /// Writes a lot.
    pub fn put_lot(&mut self, lot: &Lot) {
        self.put_leaf(Family::Lot, &lot.id.0, &lot.public(), lot);
    }
    /// The lot that occupies a goods key.
    pub fn goods_key(&self, key: &GoodsKey) -> Option<LotId> {
        self.record::<PublicGoodsKey>(Family::GoodsKey, &key.0).map(|r| r.lot)
    }
    /// Occupies a goods key.
    pub fn take_goods_key(&mut self, key: &GoodsKey, lot: LotId) {
        let record = PublicGoodsKey { lot };
        self.put_leaf(Family::GoodsKey, &key.0, &record, &record);
    }
    /// Vacates a goods key.
    pub fn vacate_goods_key(&mut self, key: &GoodsKey) {
        self.remove_leaf(Family::GoodsKey, &key.0);
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
    /// The effective hold on a target. Holds are placed by the second part; the first part already honours them.
    pub fn hold(&self, target: &[u8; 32]) -> Option<HoldKind> {
        self.record::<PublicHold>(Family::Hold, target).map(|h| h.kind)
    }
    /// An authenticity case.
    pub fn proof(&self, id: &ProofId) -> Option<Proof> {
        self.record(Family::Proof, &id.0)
    }
    /// Writes an authenticity case.
    pub fn put_proof(&mut self, proof: &Proof) {
        self.put_leaf(Family::Proof, &proof.id.0, &proof.public(), proof);
    }
    /// A pledge.
    pub fn pledge(&self, id: &PledgeId) -> Option<Pledge> {
        self.typed_row(Table::Pledge, &id.0)
    }
    /// Writes a pledge, keeping the index by party.
    pub fn put_pledge(&mut self, pledge: &Pledge) {
        for party in [pledge.pledgor, pledge.pledgee] {
            self.put_row(Table::PledgeByParty, &pair(&party.0, &pledge.id.0), &());
        }
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
