//! Holds: disputes, freezes and customs holds, which bar acts on an object without changing its state or owner (section 8 of the
//! ledger specification).
//!
//! A hold is a record of its own ([`Table::Hold`]); its effect is the `hold/` leaf of each target, which exists iff an EFFECTIVE
//! hold stands there and lists all of them. Which kind bars which act is data: [`MATRIX`].
//!
//! ```text
//! dispute, regulator_freeze, customs_hold, court_freeze --> EFFECTIVE      court_freeze behind another --> QUEUED
//! QUEUED --the freezes before it have ended--> EFFECTIVE                    QUEUED --lift--> LIFTED   QUEUED --until--> LAPSED
//! EFFECTIVE --lift, customs_release--> LIFTED   --withdraw_dispute--> WITHDRAWN   --until--> LAPSED
//! ```
//!
//! Operations: [`dispute`], [`file_case`], [`withdraw_dispute`] by a party with an interest; [`court_freeze`], [`renew_freeze`],
//! [`lift`], [`regulator_freeze`], [`countersign_freeze`] by a BRANCH; [`customs_hold`], [`customs_release`] by CUSTOMS.
//!
//! Key space: `hold/` leaves by target; [`Table::Hold`], ended ones included; [`Table::HoldByTarget`] in queue order; queue entries
//! [`Due::Hold`] for holds with a term.
//!
//! Events: HoldPlaced [kind, until], HoldEffective [kind, until], HoldQueued [rank], HoldChanged [kind, until], HoldLifted [kind],
//! HoldLapsed [kind]; the subject is the hold, related are its targets. Firms that know each other hear of a hold in one event;
//! every bank, and a disputing party, in one of its own, so that none learns who else is concerned.
//!
//! Invariants:
//! - no act that the matrix bars succeeds while a hold is EFFECTIVE at the block time (H1): [`settle`] first lapses holds that
//!   have run out, so the sweep's cap changes no meaning;
//! - holds follow the goods, waiting ones alike (H2): [`follow`];
//! - court freezes on a target take effect one after the other, in the order in which they were placed (H3). Freezes of different
//!   goods that were brought together later all stay EFFECTIVE;
//! - a hold changes neither priority nor ownership (H4): nothing here writes a document, lot or pledge.
//!
//! [`Table::Hold`]: landsea_types::state::Table::Hold
//! [`Table::HoldByTarget`]: landsea_types::state::Table::HoldByTarget
//! [`Due::Hold`]: crate::view::Due::Hold

mod court;
mod customs;
mod dispute;
mod ending;
mod matrix;
mod notice;
mod placing;
mod regulator;
mod standing;

pub use court::{court_freeze, lift, renew_freeze};
pub use customs::{customs_hold, customs_release};
pub use dispute::{dispute, file_case, withdraw_dispute};
pub use ending::settle;
pub(crate) use ending::{lapse, settle_all};
pub use matrix::{Act, Bar, KINDS, MATRIX, bar};
pub use regulator::{countersign_freeze, regulator_freeze};
pub(crate) use standing::gravity;
pub use standing::{
    Touched, check, check_doc, follow, follow_doc, follow_lot, follow_out, holds_on, pauses_lapse, put, refresh,
    require_orders,
};
