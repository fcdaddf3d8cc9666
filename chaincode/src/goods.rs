//! Goods: lots, the real-world keys they occupy, and the warehouse cells they lie in (section 4 of the ledger specification).
//!
//! Uniqueness is rooted here: whatever papers exist, one exclusive key belongs to at most one ACTIVE lot, and receipts over a cell never
//! exceed what two keys counted in it. Documents create, deliver and consume lots through the functions below; the operations say
//! what happened to the goods themselves:
//!
//! | operation | caller | consents | effect |
//! |--|--|--|--|
//! | [`cell_open`] | warehouse with a licence for the site | | the cell may be counted; an earlier keeper's empty one changes hands |
//! | [`cell_count`] | keeper of the cell | the site's supervisor, else one it names | any number; raises or heals a deficit |
//! | [`cell_block`], [`cell_unblock`] | branch of the cell | | no new goods in the cell, and again |
//! | [`unstuff`] | custodian | | containers and wagons are free; the goods keep another key |
//! | [`reseal`] | custodian, customs | | the seal is recorded; a wrong one is an alarm |
//! | [`declare_loss`] | custodian, insurer | | lot LOST; it leaves its document and pledge |
//! | [`force_vacate`] | branch of one of the lots | pledgees and reserving banks | a key is free, every home hears of it |
//!
//! ```text
//! lot:  ACTIVE --delivery, sale--> DELIVERED*   --split, merger, conversion, part delivered, void--> CONSUMED*   --loss--> LOST*
//! cell: OPEN --cell_block--> BLOCKED --cell_unblock--> OPEN      short: receipts_sum > counted, whatever its status
//! ```
//!
//! Key space: `lot/` (a lot), `gk/` (goods key -> the ACTIVE lots that occupy it; the leaf exists iff one does); rows [`Table::Cell`] and
//! [`Table::CellLot`] (cell, ACTIVE lot in it). Events: LotCreated per lot; CellOpened, CellCounted \[counted, receipts\], CellBlocked,
//! CellUnblocked, Unstuffed, Resealed, LossDeclared \[quantity\], KeyVacated; the alarms DuplicateGoods (to the branches of both issuers
//! when a key is occupied), CellDeficit \[missing\] and FlowAlert \[kind\].
//!
//! Classes: C container, W wagon with its train's departure date, V vehicle, B batch, P package, M meat lot are exclusive; lots of one
//! consignment share their container, which is free after the last has left it. S is a warehouse cell, shared by capacity, and stands
//! on receipts only (3008). L stands for goods of local origin in the arrival keys of a receipt and is never occupied.
//!
//! **Invariant (L1)** an exclusive key is on at most one ACTIVE lot, or on lots of one consignment; `gk/` says which.
//! **Invariant (L2)** `receipts_sum` is the sum of the ACTIVE lots in a cell and at most `counted`, or every lot in it has a deficit.
//! **Invariant (L3)** a quantity never changes: what changes a lot ends it and begins others, `sum(in) = sum(out) + delivered + shortage`.
//! **Invariant (L4)** a lot has exactly one custodian from creation to its terminal state.
//! **Invariant** a physical fact (count, unstuffing, seal, loss) is refused to who may not report it, never for what it says.
//!
//! [`Table::Cell`]: landsea_types::state::Table::Cell
//! [`Table::CellLot`]: landsea_types::state::Table::CellLot

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
