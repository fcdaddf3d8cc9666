//! A whole state, decoded for the invariants.

use super::{Broken, ensure};
use borsh::BorshDeserialize;
use landsea_types::record::{
    ChainEntry, Doc, Encumbrance, Lot, Occupancy, Party, Pledge, Proof, PublicFp, Reservation,
};
use landsea_types::state::{Family, Leaf, StateRead, Table};
use landsea_types::{DocId, Fp, GoodsKey, LotId, PledgeId, ProofId};
use std::collections::{BTreeMap, BTreeSet};

/// Iteration over one version of the state, which the ledger's rules themselves never need.
pub trait WholeState: StateRead {
    /// Shows every leaf of a family, by id.
    fn each_leaf(&self, family: Family, visit: &mut dyn FnMut(&[u8; 32], &Leaf));
    /// Shows every row of a table, by key.
    fn each_row(&self, table: Table, visit: &mut dyn FnMut(&[u8], &[u8]));
}

/// The records that the invariants speak about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Every document, terminal ones included.
    pub docs: BTreeMap<DocId, Doc>,
    /// Every lot.
    pub lots: BTreeMap<LotId, Lot>,
    /// Every pledge, ended ones included.
    pub pledges: BTreeMap<PledgeId, Pledge>,
    /// The newest document of each identity fingerprint.
    pub fps: BTreeMap<Fp, DocId>,
    /// The lots that occupy each goods key.
    pub goods_keys: BTreeMap<GoodsKey, Vec<LotId>>,
    /// `enc/` leaves by document or lot.
    pub encumbrances: BTreeMap<[u8; 32], Encumbrance>,
    /// `res/` leaves by document or lot.
    pub reservations: BTreeMap<[u8; 32], Reservation>,
    /// Every party by account.
    pub parties: BTreeMap<[u8; 32], Party>,
    /// Every authenticity case.
    pub proofs: BTreeMap<ProofId, Proof>,
    /// Endorsement chains: the entries of each document by number.
    pub chains: BTreeMap<DocId, BTreeMap<u32, ChainEntry>>,
    /// Keys of the expiry queue.
    pub queue: BTreeSet<Vec<u8>>,
}

impl Decoded {
    /// Decodes a state.
    ///
    /// # Errors
    /// [`Broken`] when a record or row is not of its family's or table's type.
    pub fn of(state: &dyn WholeState) -> Result<Self, Broken> {
        let mut queue = BTreeSet::new();
        state.each_row(Table::Expiry, &mut |key, _| {
            queue.insert(key.to_vec());
        });
        Ok(Self {
            docs: records(state, Family::Doc, DocId)?,
            lots: records(state, Family::Lot, LotId)?,
            pledges: rows::<Pledge>(state, Table::Pledge)?.into_values().map(|p| (p.id, p)).collect(),
            fps: records(state, Family::Fp, Fp)?.into_iter().map(|(fp, r): (_, PublicFp)| (fp, r.doc)).collect(),
            goods_keys: records(state, Family::GoodsKey, GoodsKey)?
                .into_iter()
                .map(|(key, r): (_, Occupancy)| (key, r.lots))
                .collect(),
            encumbrances: records(state, Family::Encumbrance, |id| id)?,
            reservations: records(state, Family::Reservation, |id| id)?,
            parties: records(state, Family::Party, |id| id)?,
            proofs: records(state, Family::Proof, ProofId)?,
            chains: chains(state)?,
            queue,
        })
    }
    /// The pledges that still encumber their goods.
    pub fn live_pledges(&self) -> impl Iterator<Item = &Pledge> {
        self.pledges.values().filter(|p| p.state.is_live())
    }
    /// The documents that an operation can still change.
    pub fn live_docs(&self) -> impl Iterator<Item = &Doc> {
        self.docs.values().filter(|d| !d.state.is_terminal())
    }
}

fn decode<T: BorshDeserialize>(bytes: &[u8], place: impl Fn() -> String) -> Result<T, Broken> {
    borsh::from_slice(bytes).map_err(|error| Broken::new("the state decodes", format!("{}: {error}", place())))
}

fn records<K: Ord, T: BorshDeserialize>(
    state: &dyn WholeState,
    family: Family,
    id: impl Fn([u8; 32]) -> K,
) -> Result<BTreeMap<K, T>, Broken> {
    let mut all = BTreeMap::new();
    let mut result = Ok(());
    state.each_leaf(family, &mut |key, leaf| match decode(&leaf.record, || format!("a leaf of {family:?}")) {
        Ok(record) => drop(all.insert(id(*key), record)),
        Err(broken) => result = Err(broken),
    });
    result.map(|()| all)
}

fn rows<T: BorshDeserialize>(state: &dyn WholeState, table: Table) -> Result<BTreeMap<Vec<u8>, T>, Broken> {
    let mut all = BTreeMap::new();
    let mut result = Ok(());
    state.each_row(table, &mut |key, value| match decode(value, || format!("a row of {table:?}")) {
        Ok(row) => drop(all.insert(key.to_vec(), row)),
        Err(broken) => result = Err(broken),
    });
    result.map(|()| all)
}

/// Chain rows are keyed by document and entry number.
fn chains(state: &dyn WholeState) -> Result<BTreeMap<DocId, BTreeMap<u32, ChainEntry>>, Broken> {
    let mut all: BTreeMap<DocId, BTreeMap<u32, ChainEntry>> = BTreeMap::new();
    for (key, entry) in rows::<ChainEntry>(state, Table::Chain)? {
        let (doc, n) = key.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
        ensure(n == entry.n.to_be_bytes(), "T5", || format!("entry {} stands under {key:02x?}", entry.n))?;
        all.entry(DocId(*doc)).or_default().insert(entry.n, entry);
    }
    Ok(all)
}
