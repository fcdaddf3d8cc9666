//! Derived indexes equal what the records say.

use super::{Decoded, Holds, ensure};
use crate::view::{Stake, pair};
use landsea_types::AccountId;
use landsea_types::record::{Doc, Lot, Party, Pledge};
use landsea_types::role::{DocState, LicenceKind, LotStatus, PartyStatus, Role};
use std::collections::{BTreeMap, BTreeSet};

/// The index by holder names every document that is not terminal under its holder.
///
/// # Errors
/// A row that is missing or names what is not there.
pub fn the_holder_index_is_recomputable(state: &Decoded) -> Holds {
    let expected = state.live_docs().map(|doc| pair(&doc.holder.0, &doc.id.0)).collect();
    same("holder index", &state.holder_rows, &expected)
}

/// The index of stakes names every party that has a part in a live document, lot or pledge: [`Stake`] says which.
///
/// # Errors
/// A row that is missing or names what is not there.
pub fn the_stake_index_is_recomputable(state: &Decoded) -> Holds {
    let docs = state.live_docs().flat_map(|doc| keys(&doc_parties(doc), Stake::Doc, &doc.id.0));
    let active = state.lots.values().filter(|lot| lot.status == LotStatus::Active);
    let lots = active.flat_map(|lot| keys(&lot_parties(lot), Stake::Lot, &lot.id.0));
    let pledges = state.live_pledges().flat_map(|p| keys(&[p.pledgor, p.pledgee], Stake::Pledge, &p.id.0));
    same("stake index", &state.stake_rows, &docs.chain(lots).chain(pledges).collect())
}

/// The index of pledges by party names both sides of every pledge; an earlier pledgee has left.
///
/// # Errors
/// A row that is missing or names what is not there.
pub fn the_pledge_index_is_recomputable(state: &Decoded) -> Holds {
    let rows = |p: &Pledge| [p.pledgor, p.pledgee].map(|party| pair(&party.0, &p.id.0));
    same("pledge index", &state.pledge_rows, &state.pledges.values().flat_map(rows).collect())
}

/// INV-P1: one party that is not EXITED per fingerprint, and the index names it. Branches have none.
///
/// # Errors
/// Two such parties, or an index that names another or none.
pub fn one_live_party_per_fingerprint(state: &Decoded) -> Holds {
    let mut seen: BTreeMap<Vec<u8>, AccountId> = BTreeMap::new();
    let firms = state.parties.values().filter(|p| p.status != PartyStatus::Exited && !p.has(Role::Branch));
    for party in firms {
        let key = party.fingerprint.0.to_vec();
        let other = seen.insert(key.clone(), party.id);
        ensure(other.is_none(), "P1", || format!("{:?} and {other:?} share a fingerprint", party.id))?;
        let named = state.party_fingerprints.get(&key);
        ensure(named == Some(&party.id), "P1", || format!("the index names {named:?}, not {:?}", party.id))?;
    }
    Ok(())
}

/// A site that the index knows is licensed to the party it names, and nobody else holds a licence over it that is not in the index.
///
/// # Errors
/// A row without a licence, or two parties with licences of one kind over one site whose terms overlap.
pub fn one_licence_per_site(state: &Decoded) -> Holds {
    for (key, holder) in &state.sites {
        let kind = if key.len() == 32 { LicenceKind::WarehouseSite } else { LicenceKind::Supervision };
        let licensed = |p: &Party| p.licences.iter().any(|l| l.kind == kind && key.starts_with(&l.site.0));
        let known = state.parties.get(&holder.0).is_some_and(licensed);
        ensure(known, "site index", || format!("{holder:?} has no {kind} licence over a site that names it"))?;
    }
    Ok(())
}

fn doc_parties(doc: &Doc) -> Vec<AccountId> {
    let mut parties = vec![doc.issuer, doc.holder];
    parties.extend(doc.beneficiary);
    let pending = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
    if let Some(before) = doc.surrendered.as_ref().filter(|_| pending) {
        parties.extend([before.by, before.holder]);
        parties.extend(before.beneficiary);
    }
    parties
}

fn lot_parties(lot: &Lot) -> Vec<AccountId> {
    std::iter::once(lot.custodian).chain(lot.supervisor).collect()
}

fn keys(parties: &[AccountId], kind: Stake, id: &[u8; 32]) -> Vec<Vec<u8>> {
    let key = |party: &AccountId| party.0.iter().copied().chain([kind as u8]).chain(*id).collect();
    parties.iter().map(key).collect()
}

fn same(name: &'static str, stored: &BTreeSet<Vec<u8>>, expected: &BTreeSet<Vec<u8>>) -> Holds {
    let missing = expected.difference(stored).next();
    ensure(missing.is_none(), name, || format!("the row {missing:02x?} is missing"))?;
    let surplus = stored.difference(expected).next();
    ensure(surplus.is_none(), name, || format!("the row {surplus:02x?} has no reason"))
}
