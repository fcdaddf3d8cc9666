//! The shape of committed state: authenticated leaves, plain rows and the read view that chaincode sees.

use crate::{Hash, crypto::hash_of};
use borsh::{BorshDeserialize, BorshSerialize};
use schemars::JsonSchema;
use std::ops::Deref;

/// Families of leaves in the authenticated tree: what a certificate can speak about.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    borsh::BorshSchema,
    serde::Serialize,
    serde::Deserialize,
    JsonSchema,
)]
#[borsh(use_discriminant = true)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Family {
    /// A document, by `DocId`.
    Doc = 1,
    /// A lot, by `LotId`.
    Lot = 2,
    /// The lot that occupies an exclusive goods key, by `GoodsKey`.
    GoodsKey = 3,
    /// The document of a fingerprint, by `Fp` (fp1).
    Fp = 4,
    /// The live encumbrance of a document or lot; the leaf exists iff it is encumbered.
    Encumbrance = 5,
    /// The reservation of a document or lot.
    Reservation = 6,
    /// An effective hold on a target.
    Hold = 7,
    /// A party, by `AccountId`.
    Party = 8,
    /// A trade-authenticity case, by `ProofId`.
    Proof = 9,
    /// A use mark, by evidence fingerprint.
    Mark = 10,
}

impl Family {
    /// Every family, in encoding order.
    pub const ALL: [Family; 10] = [
        Family::Doc,
        Family::Lot,
        Family::GoodsKey,
        Family::Fp,
        Family::Encumbrance,
        Family::Reservation,
        Family::Hold,
        Family::Party,
        Family::Proof,
        Family::Mark,
    ];
    /// The module that owns the family: the first byte under the tree key.
    pub const fn module_tag(self) -> u8 {
        match self {
            Family::Party => 2,
            Family::Lot | Family::GoodsKey => 3,
            Family::Doc | Family::Fp => 4,
            Family::Encumbrance | Family::Reservation => 6,
            Family::Hold => 7,
            Family::Proof | Family::Mark => 8,
        }
    }
}

/// Tables of plain rows: derived indexes, queues, journals. Covered by the header's writes hash, not by the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Table {
    /// `TxId` -> (height, index) of a committed transaction.
    Transaction = 1,
    /// Consent hash -> `not_after`.
    Consent = 2,
    /// Party fingerprint -> `AccountId`.
    PartyFingerprint = 3,
    /// Site fingerprint -> `AccountId` that holds the live warehouse licence.
    Site = 4,
    /// fp2 -> (`DocId`, terminal since).
    Content = 5,
    /// (combination's number, near fingerprint, complement of the height, `DocId`) -> ().
    Near = 6,
    /// (holder, `DocId`) -> ().
    Holder = 7,
    /// (due time, kind, id) -> payload: what the sweep applies.
    Expiry = 8,
    /// (lot, bank) -> until.
    Cooldown = 9,
    /// Attempt number -> attempt.
    Attempt = 10,
    /// Parameter key -> value.
    Param = 11,
    /// Member index -> member record.
    Member = 12,
    /// (feature, member) -> grant.
    Feature = 13,
    /// Template id -> template.
    Template = 14,
    /// `PledgeId` -> pledge.
    Pledge = 15,
    /// (party, `PledgeId`) -> ().
    PledgeByParty = 16,
    /// (`DocId`, entry number) -> chain entry.
    Chain = 17,
    /// Counter name -> u64.
    Counter = 18,
    /// (family, id, version) -> height: where an object changed.
    History = 19,
    /// `HoldId` -> hold, ended ones included.
    Hold = 20,
    /// (target, height, index, `HoldId`) -> (): the holds that stand on a target or wait for it, in queue order.
    HoldByTarget = 21,
    /// Cell key -> cell.
    Cell = 22,
    /// (cell key, `LotId`) -> (): the ACTIVE lots in a cell.
    CellLot = 23,
    /// `OfferId` -> offer.
    Offer = 24,
    /// `EventId` -> cargo event.
    CargoEvent = 25,
    /// (`LotId`, event number) -> `EventId`.
    Timeline = 26,
    /// `LotId` -> where its goods are and what is expected next.
    Flow = 27,
    /// (party, kind, object id) -> (): the live objects in which a party has a part.
    Stake = 28,
    /// (node, node) -> shortest travel time, milliseconds.
    Travel = 29,
    /// (`DocId`, `ProofId`) -> (): the cases opened on a document.
    ProofByDoc = 30,
}

impl Table {
    /// Every table, in encoding order.
    pub const ALL: [Table; 30] = [
        Table::Transaction,
        Table::Consent,
        Table::PartyFingerprint,
        Table::Site,
        Table::Content,
        Table::Near,
        Table::Holder,
        Table::Expiry,
        Table::Cooldown,
        Table::Attempt,
        Table::Param,
        Table::Member,
        Table::Feature,
        Table::Template,
        Table::Pledge,
        Table::PledgeByParty,
        Table::Chain,
        Table::Counter,
        Table::History,
        Table::Hold,
        Table::HoldByTarget,
        Table::Cell,
        Table::CellLot,
        Table::Offer,
        Table::CargoEvent,
        Table::Timeline,
        Table::Flow,
        Table::Stake,
        Table::Travel,
        Table::ProofByDoc,
    ];
}

/// A leaf of the tree: what everybody may see, what only full nodes see, and the salt that keeps the second from being guessed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Leaf {
    /// borsh of the public part.
    pub public: Vec<u8>,
    /// borsh of the whole record.
    pub record: Vec<u8>,
    /// See [`SaltSource`].
    pub salt: [u8; 32],
}

impl Leaf {
    /// blake3(record ‖ salt): what a certificate shows of the private part.
    pub fn record_hash(&self) -> Hash {
        let mut h = blake3::Hasher::new();
        h.update(&self.record).update(&self.salt);
        Hash(*h.finalize().as_bytes())
    }
    /// The 32 bytes that the tree holds under the key.
    pub fn value(&self) -> [u8; 32] {
        leaf_value(&self.public, &self.record_hash())
    }
}

/// blake3(blake3(public) ‖ record hash).
pub fn leaf_value(public: &[u8], record_hash: &Hash) -> [u8; 32] {
    let mut h = blake3::Hasher::new();
    h.update(blake3::hash(public).as_bytes()).update(&record_hash.0);
    *h.finalize().as_bytes()
}

/// The tree key of an object: blake3(module tag ‖ kind tag ‖ id).
pub fn tree_key(family: Family, id: &[u8; 32]) -> [u8; 32] {
    let mut h = blake3::Hasher::new();
    h.update(&[family.module_tag(), family as u8]).update(id);
    *h.finalize().as_bytes()
}

/// What the salts of all leaves that a transaction writes are made of; only who holds the whole transaction has it.
#[derive(Clone)]
pub struct SaltSource(blake3::Hasher);

impl SaltSource {
    /// Takes in the transaction's bytes, once for all its leaves.
    pub fn new(transaction_bytes: &[u8]) -> Self {
        let mut h = blake3::Hasher::new_derive_key("landsea/leaf-salt/v1");
        h.update(transaction_bytes);
        Self(h)
    }
    /// The salt of one leaf.
    pub fn salt(&self, tree_key: &[u8; 32]) -> [u8; 32] {
        *self.0.clone().update(tree_key).finalize().as_bytes()
    }
}

/// One change of state. Order matters: the header hashes all writes of a block in order.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Write {
    /// Sets or removes a leaf of the tree.
    Leaf { family: Family, id: [u8; 32], leaf: Option<Leaf> },
    /// Sets or removes a plain row.
    Row { table: Table, key: Vec<u8>, value: Option<Vec<u8>> },
}

/// All changes of a block in order, with the hash that its header names. They never change, so that the hash is taken once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writes {
    list: Vec<Write>,
    hash: Hash,
}

impl Writes {
    /// Takes the hash of the writes.
    pub fn new(list: Vec<Write>) -> Self {
        Self { hash: writes_hash(&list), list }
    }
    /// See [`writes_hash`].
    pub fn hash(&self) -> Hash {
        self.hash
    }
    /// The writes alone.
    pub fn into_list(self) -> Vec<Write> {
        self.list
    }
}

impl Deref for Writes {
    type Target = [Write];
    fn deref(&self) -> &[Write] {
        &self.list
    }
}

/// The hash of a block's writes.
pub fn writes_hash(writes: &[Write]) -> Hash {
    Hash(hash_of("writes", &writes))
}

/// Read access to one version of the state. Implementations never fail: a storage fault halts the process.
pub trait StateRead {
    /// The leaf of an object.
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf>;
    /// A plain row.
    fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>>;
    /// At most `limit` rows with `from <= key < until`, in key order.
    fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)>;
}

impl<T: StateRead + ?Sized> StateRead for &T {
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        (**self).leaf(family, id)
    }
    fn row(&self, table: Table, key: &[u8]) -> Option<Vec<u8>> {
        (**self).row(table, key)
    }
    fn scan(&self, table: Table, from: &[u8], until: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        (**self).scan(table, from, until, limit)
    }
}
