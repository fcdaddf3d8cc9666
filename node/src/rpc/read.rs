//! Queries over committed state.

mod cargo;
mod goods;
mod holds;
mod objects;
mod statistics;
mod status;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(super) use cargo::where_view;
pub(super) use cargo::{in_transit, timeline, whereabouts};
pub(super) use goods::{cell, encumbrance, goods_key, lot, lots_by_doc, reservation, sees_cell};
pub(super) use holds::{hold, holds, queue};
pub(super) use objects::{
    chain, children, delegations, document, documents_by_holder, offer, party, party_by_fingerprint, pledge,
    pledges_by_party, proof, proofs_by_doc, use_mark,
};
pub(super) use statistics::statistics;
pub(super) use status::{
    attempts, block, estimate_priority, evidence, genesis, header, members, params, status, transaction,
    transaction_view, validators,
};

use jsonrpsee::types::ErrorObjectOwned;
use landsea_types::PledgeId;
use landsea_types::bounds::PAGE_MAX;
use landsea_types::record::{Doc, Pledge};
use landsea_types::state::{Family, StateRead, Table};
use serde::Deserialize;

type Answer<T> = Result<T, ErrorObjectOwned>;

/// No parameters.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The length of a page: what was asked for, at most [`PAGE_MAX`].
pub(super) fn page(limit: Option<usize>) -> usize {
    limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX)
}

/// A record of the tree.
pub(super) fn record<T: borsh::BorshDeserialize>(state: &dyn StateRead, family: Family, id: &[u8; 32]) -> Option<T> {
    state.leaf(family, id).map(|leaf| borsh::from_slice(&leaf.record).expect("committed state decodes"))
}

/// The public part of a leaf.
fn public<T: borsh::BorshDeserialize>(state: &dyn StateRead, family: Family, id: &[u8; 32]) -> Option<T> {
    state.leaf(family, id).map(|leaf| borsh::from_slice(&leaf.public).expect("committed state decodes"))
}

/// A typed row.
pub(super) fn row<T: borsh::BorshDeserialize>(state: &dyn StateRead, table: Table, key: &[u8]) -> Option<T> {
    state.row(table, key).map(|bytes| borsh::from_slice(&bytes).expect("committed state decodes"))
}

fn pledge_of(state: &dyn StateRead, id: &PledgeId) -> Option<Pledge> {
    row(state, Table::Pledge, &id.0)
}

/// The live pledge of a document.
pub(super) fn pledge_of_doc(state: &dyn StateRead, doc: &Doc) -> Option<Pledge> {
    doc.enc.and_then(|id| pledge_of(state, &id))
}
