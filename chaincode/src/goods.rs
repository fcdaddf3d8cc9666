//! Goods: lots, and the real-world keys they occupy.
//!
//! Uniqueness is rooted here: whatever papers exist, one exclusive key belongs to at most one ACTIVE lot. The first part has no
//! operations of its own; documents create, deliver and consume lots through the functions below.
//!
//! Key space: `lot/` (a lot), `gk/` (goods key -> the ACTIVE lot that occupies it; the leaf exists iff one does).
//! Events: LotCreated per lot; DuplicateGoods to the branches of both issuers when a key is occupied.
//!
//! Classes: C container, W wagon with its train's departure date, V vehicle, B batch, P package, M meat lot are exclusive.
//! S (warehouse cell, shared by capacity) comes with the second part and is refused with 3008. L stands for goods of local
//! origin in the arrival keys of a receipt and is never occupied.
//!
//! **Invariant (L1)** an exclusive key is on at most one ACTIVE lot; `gk/` says which.
//! **Invariant (L3)** amendment keeps lots; conversion keeps `sum(in) = sum(out) + declared shortage` per unit of measure.
//! **Invariant (L4)** a lot has exactly one custodian from creation to its terminal state.

mod block;
pub(crate) mod cells;
mod count;
mod facts;
mod keys;
mod loss;
pub(crate) mod lots;
mod open;
mod reseal;
mod unstuff;
mod vacate;

pub use crate::waybill::fingerprints::near_matches;
pub use block::{cell_block, cell_unblock};
pub use cells::{cell_key, lots_in_cell};
pub use count::cell_count;
pub use keys::{
    check_keys_distinct, check_keys_free, check_lots_match_ticket, check_transport_classes, is_exclusive, is_known,
    is_title_key,
};
pub use loss::declare_loss;
pub use lots::{LotOrigin, check_quantities, check_shape, consume_lots, create_lots, deliver_lots, move_lots};
pub use open::cell_open;
pub use reseal::reseal;
pub use unstuff::unstuff;
pub use vacate::force_vacate;

use crate::refusal::{Refused, ensure};
use crate::view::View;
use landsea_types::Code;
use landsea_types::record::{Doc, Lot};
use landsea_types::role::LotStatus;
use landsea_types::ticket::ClassedKey;
use std::collections::BTreeSet;

/// The lots of a document, in its order.
pub fn lots_of(view: &View<'_>, doc: &Doc) -> Vec<Lot> {
    doc.lots.iter().filter_map(|id| view.lot(id)).collect()
}

/// Every goods key of a document's lots.
pub fn lot_keys(view: &View<'_>, doc: &Doc) -> BTreeSet<ClassedKey> {
    lots_of(view, doc).into_iter().flat_map(|lot| lot.keys).collect()
}

/// Check step 6: every lot of a document is ACTIVE.
///
/// # Errors
/// 4008 otherwise.
pub fn require_active_lots(view: &View<'_>, doc: &Doc) -> Refused {
    let lots = lots_of(view, doc);
    let active = lots.iter().all(|lot| lot.status == LotStatus::Active);
    ensure(active && !lots.is_empty() && lots.len() == doc.lots.len(), Code::LotNotActive)
}
