//! Pledges of documents: at most one live pledge per lot, whatever papers exist (section 7 of the ledger specification).
//!
//! Operations, all by a BANK: [`reserve`] (exclusive and short, with the pledgor's consent), [`cancel_reservation`],
//! [`create`] (pledgor's and custodian's consents in the same transaction), [`extend`], [`release`].
//!
//! ```text
//! (none) --reserve--> RESERVED --create--> ACTIVE        RESERVED --expire, cancel--> (none), the bank cools down
//! (none) --create--> ACTIVE --reg_until--> MATURED --grace_until, no hold--> LAPSED
//! ACTIVE, MATURED --extend--> ACTIVE                     ACTIVE, MATURED --release, delivery--> RELEASED
//! ```
//!
//! Key space: `enc/` and `res/` leaves on the document and on each of its lots; [`Table::Pledge`], [`Table::PledgeByParty`],
//! [`Table::Cooldown`] by lot and bank; queue entries [`Due::Reservation`], [`Due::Maturity`], [`Due::Grace`],
//! [`Due::Cooldown`].
//!
//! Events: Reserved, ReservationCancelled, ReservationExpired, PledgeActive, PledgeExtended, PledgeMatured, PledgeLapsed,
//! PledgeReleased; the alarms DoublePledgeAttempt (5001) and NearMatch (3102). No alarm names a bank.
//!
//! Invariants:
//! - an `enc/` leaf exists iff exactly one live pledge covers the target (S1, S2), and names its priority, which never
//!   changes: conversion and amendment [`carry`] it (S3);
//! - while a pledge is live the pledgee is the holder and the beneficiary acts ([`actor`], S4);
//! - pledgor, holder and beneficiary are one at creation (S5), and the custodian is independent of both sides (S6);
//! - nothing lapses while a hold is effective (S7); terminal states absorb (S9);
//! - what is due applies whenever the document is touched ([`settle`]), so the sweep's cap changes no meaning.
//!
//! A reservation counts while `now < until`; a pledge is MATURED from `now >= reg_until` and LAPSED from `now >= grace_until`.
//!
//! [`Table::Pledge`]: landsea_types::state::Table::Pledge
//! [`Table::PledgeByParty`]: landsea_types::state::Table::PledgeByParty
//! [`Table::Cooldown`]: landsea_types::state::Table::Cooldown
//! [`Due::Reservation`]: crate::view::Due::Reservation
//! [`Due::Maturity`]: crate::view::Due::Maturity
//! [`Due::Grace`]: crate::view::Due::Grace
//! [`Due::Cooldown`]: crate::view::Due::Cooldown

mod assign;
mod carry;
mod checks;
mod collateral;
mod cover;
mod create;
mod enforce;
mod intake;
mod leave;
mod mirror;
mod offer;
mod order;
mod partial;
mod reservation;
mod term;
mod transition;

pub use assign::assign;
pub use carry::{carry, carry_merge, carry_split, check_mergeable, replace_lots};
pub use checks::{actor, check_encumbrance, check_independence, require_pledgee_consent};
pub use collateral::{add_collateral, substitute};
pub use cover::check_cover;
pub use create::create;
pub use enforce::{cure, declare_default, realise};
pub use leave::{leave, release_on_delivery, require_not_enforcing};
pub use mirror::mirror;
pub use offer::{accept, offer, withdraw_offer};
pub use order::void_by_order;
pub use partial::release_partial;
pub use reservation::{cancel_reservation, reserve};
pub use term::{extend, release};
pub(crate) use transition::Transition;

use crate::context::Cx;
use crate::hold::{self, Touched};
use crate::refusal::Refused;
use landsea_types::DocId;

/// Applies what has fallen due on a document: the end of holds on it, on its lots and on its holder, its reservation's end, its
/// pledge's maturity and lapse. Operations call it after check step 4 and read the document again.
///
/// # Errors
/// None today; the type leaves room for one.
pub fn settle(cx: &mut Cx<'_, '_>, doc: &DocId) -> Refused {
    if let Some(record) = cx.view.doc(doc) {
        hold::settle(cx, &Touched::doc(&record));
    }
    let mut due = Transition::of(cx);
    due.expire_reservation(doc);
    if let Some(enc) = due.view.encumbrance(&doc.0) {
        due.settle_pledge(&enc.pledge);
    }
    Ok(())
}
