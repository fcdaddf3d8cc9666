//! A whole state, decoded for the invariants.

use super::{Broken, ensure};
use crate::waybill::fingerprints::ContentEntry;
use borsh::BorshDeserialize;
use landsea_types::genesis::ParamKey;
use landsea_types::record::{
    CargoEvent, Cell, ChainEntry, Cooldown, Doc, Encumbrance, Flow, Hold, Lot, Occupancy, Offer, Party, Pledge, Proof,
    PublicFp, Reservation, Standing, Standings, UseMarks,
};
use landsea_types::state::{Family, Leaf, StateRead, Table};
use landsea_types::{AccountId, DocId, EventId, Fp, GoodsKey, HoldId, LotId, OfferId, PledgeId, ProofId, Timestamp};
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
    /// Every hold, ended ones included.
    pub holds: BTreeMap<HoldId, Hold>,
    /// Keys of the index of holds by target.
    pub hold_rows: BTreeSet<Vec<u8>>,
    /// `hold/` leaves by target.
    pub standings: BTreeMap<[u8; 32], Vec<Standing>>,
    /// Every warehouse cell.
    pub cells: BTreeMap<GoodsKey, Cell>,
    /// Keys of the index of lots by cell.
    pub cell_rows: BTreeSet<Vec<u8>>,
    /// Every offered pledge, ended ones included.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Every cargo event.
    pub cargo_events: BTreeMap<EventId, CargoEvent>,
    /// The events of each lot, by lot and number.
    pub timelines: BTreeMap<Vec<u8>, EventId>,
    /// Where the goods of a lot are.
    pub flows: BTreeMap<LotId, Flow>,
    /// Use marks by evidence.
    pub marks: BTreeMap<Fp, UseMarks>,
    /// Consents remembered until a time.
    pub consents: BTreeMap<Vec<u8>, Timestamp>,
    /// Cooldowns by lot and bank.
    pub cooldowns: BTreeMap<Vec<u8>, Cooldown>,
    /// Documents remembered by their content.
    pub contents: BTreeMap<Vec<u8>, Vec<ContentEntry>>,
    /// The party of each party fingerprint.
    pub party_fingerprints: BTreeMap<Vec<u8>, AccountId>,
    /// The warehouse that holds the licence of each site.
    pub sites: BTreeMap<Vec<u8>, AccountId>,
    /// Keys of the index of documents by holder.
    pub holder_rows: BTreeSet<Vec<u8>>,
    /// Keys of the index of live objects by party.
    pub stake_rows: BTreeSet<Vec<u8>>,
    /// Keys of the index of pledges by party.
    pub pledge_rows: BTreeSet<Vec<u8>>,
    /// Keys of the index of cases by document.
    pub proof_rows: BTreeSet<Vec<u8>>,
    /// How long the content of a terminal document is remembered.
    pub fp2_memory_ms: u64,
}

impl Decoded {
    /// Decodes a state.
    ///
    /// # Errors
    /// [`Broken`] when a record or row is not of its family's or table's type.
    pub fn of(state: &dyn WholeState) -> Result<Self, Broken> {
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
            queue: keys(state, Table::Expiry),
            holds: rows::<Hold>(state, Table::Hold)?.into_values().map(|h| (h.id, h)).collect(),
            hold_rows: keys(state, Table::HoldByTarget),
            standings: records(state, Family::Hold, |id| id)?
                .into_iter()
                .map(|(id, r): (_, Standings)| (id, r.holds))
                .collect(),
            cells: rows::<Cell>(state, Table::Cell)?.into_values().map(|c| (c.key, c)).collect(),
            cell_rows: keys(state, Table::CellLot),
            offers: rows::<Offer>(state, Table::Offer)?.into_values().map(|o| (o.id, o)).collect(),
            cargo_events: rows::<CargoEvent>(state, Table::CargoEvent)?.into_values().map(|e| (e.id, e)).collect(),
            timelines: rows(state, Table::Timeline)?,
            flows: rows::<Flow>(state, Table::Flow)?.into_iter().filter_map(|(k, f)| Some((lot_id(&k)?, f))).collect(),
            marks: records(state, Family::Mark, Fp)?,
            consents: rows(state, Table::Consent)?,
            cooldowns: rows(state, Table::Cooldown)?,
            contents: rows(state, Table::Content)?,
            party_fingerprints: rows(state, Table::PartyFingerprint)?,
            sites: rows(state, Table::Site)?,
            holder_rows: keys(state, Table::Holder),
            stake_rows: keys(state, Table::Stake),
            pledge_rows: keys(state, Table::PledgeByParty),
            proof_rows: keys(state, Table::ProofByDoc),
            fp2_memory_ms: param(state, ParamKey::Fp2MemoryMs),
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

fn keys(state: &dyn WholeState, table: Table) -> BTreeSet<Vec<u8>> {
    let mut all = BTreeSet::new();
    state.each_row(table, &mut |key, _| {
        all.insert(key.to_vec());
    });
    all
}

fn param(state: &dyn WholeState, key: ParamKey) -> u64 {
    let row = state.row(Table::Param, &key.number().to_be_bytes());
    row.and_then(|bytes| borsh::from_slice(&bytes).ok()).unwrap_or(key.default_value())
}

fn lot_id(key: &[u8]) -> Option<LotId> {
    key.try_into().ok().map(LotId)
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
