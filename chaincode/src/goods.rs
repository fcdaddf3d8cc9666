//! Goods: lots and the keys they occupy.

use crate::context::Cx;
use crate::refusal::Refused;
use crate::view::View;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::{Doc, Lot};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, DocId, Fp, LotId, Member};
use std::collections::BTreeSet;

/// Who keeps new lots and where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotOrigin {
    pub doc: DocId,
    /// Home of the document's issuer.
    pub home: Member,
    pub custodian: AccountId,
    pub supervisor: Option<AccountId>,
    pub place: Member,
    pub parents: Vec<LotId>,
}

/// Creates ACTIVE lots that occupy their keys.
///
/// # Errors
/// 1014 when ids run out.
pub fn create_lots(_cx: &mut Cx<'_, '_>, _lots: &[NewLot], _origin: &LotOrigin) -> Refused<Vec<LotId>> {
    Ok(Vec::new())
}

/// The lots of a document that exist.
pub fn lots_of(view: &View<'_>, doc: &Doc) -> Vec<Lot> {
    doc.lots.iter().filter_map(|id| view.lot(id)).collect()
}

/// Every goods key of a document's lots.
pub fn lot_keys(view: &View<'_>, doc: &Doc) -> BTreeSet<ClassedKey> {
    lots_of(view, doc).into_iter().flat_map(|lot| lot.keys).collect()
}

/// Live documents that share at least `near_match_k` combinations with the given ones.
pub fn near_matches(_view: &View<'_>, _near: &[Fp; 8], _except: &DocId) -> Vec<DocId> {
    Vec::new()
}
