//! Pledges of documents: at most one live pledge per lot, whatever papers exist (section 7 of the ledger specification).
//!
//! | operation | caller | with the consent of | effect |
//! |--|--|--|--|
//! | [`reserve`] | a bank | pledgor | exclusive and short |
//! | [`cancel_reservation`] | its bank | | the bank cools down |
//! | [`create`] | a bank | pledgor, custodians, supervisors | ACTIVE |
//! | [`offer`], [`withdraw_offer`] | a bank | | a creation that waits; it encumbers nothing |
//! | [`accept`] | pledgor, custodian or supervisor | | its consent to the offer; the last one creates |
//! | [`extend`] | pledgee | pledgor unless agreed | a later registration end |
//! | [`add_collateral`] | pledgee | pledgor, custodians, supervisors | documents join with their own priority |
//! | [`substitute`] | pledgee | the same, of both sides | some join, then some go back |
//! | [`release_partial`] | pledgee | holder and issuer or keeper, unless a whole document | some goods go back |
//! | [`release`] | pledgee | | all goods go back |
//! | [`assign`] | pledgee | the new bank; pledgor if the network asks it | another pledgee, the same priority |
//! | [`declare_default`], [`cure`] | pledgee | | ENFORCING, and back |
//! | [`realise`] | pledgee | custodians; pledgor or a branch by order | the goods go to whoever takes them |
//! | [`mirror`] | pledgee | | the registration in the registry of movables |
//! | [`void_by_order`] | a branch | | all goods go back |
//!
//! ```text
//! (none) --reserve--> RESERVED --create--> ACTIVE        RESERVED --expire, cancel--> (none), the bank cools down
//! (none) --offer--> OPEN --last accept--> ACTIVE         OPEN --withdraw--> WITHDRAWN, --until--> EXPIRED
//! (none) --create--> ACTIVE --reg_until--> MATURED --grace_until, no hold--> LAPSED
//! ACTIVE, MATURED --extend--> ACTIVE                     ACTIVE, MATURED --add, substitute, release_partial--> the same
//! ACTIVE, MATURED --default--> ENFORCING                 ENFORCING --cure--> ACTIVE, after reg_until MATURED
//! ENFORCING --realise--> REALISED                        any live --assign, mirror--> the same
//! any live --release, last delivery or sale--> RELEASED  any live --order, last document void--> VOIDED
//! ```
//!
//! Key space: `enc/` and `res/` leaves on the document and on each of its lots; [`Table::Pledge`], [`Table::PledgeByParty`],
//! [`Table::Offer`], [`Table::Cooldown`] by lot and bank; queue entries [`Due::Reservation`], [`Due::Maturity`], [`Due::Grace`],
//! [`Due::Cooldown`], [`Due::Mirror`], [`Due::Offer`].
//!
//! Events: Reserved, ReservationCancelled, ReservationExpired, OfferMade, OfferAccepted, OfferEnded, PledgeActive, PledgeExtended,
//! PledgeMatured, PledgeLapsed, PledgeReleased, PartialRelease, CollateralAdded, Substituted, PledgeAssigned, DefaultDeclared, Cured,
//! Realised, Mirrored, PledgeVoided; the alarms CoverLow and MirrorOverdue to both sides, DoublePledgeAttempt (5001) to
//! branches and the pledgee, NearMatch (3102) to branches. No alarm names a bank to anybody else.
//!
//! Invariants:
//! - an `enc/` leaf exists iff exactly one live pledge covers the target (S1, S2), and names the priority of the document, which never
//!   changes: conversion, amendment, split and merger [`carry`] it (S3), an assignment hands it on;
//! - while a pledge is live the pledgee is the holder and the beneficiary acts ([`actor`], S4), but not under enforcement
//!   ([`require_not_enforcing`]);
//! - pledgor, holder and beneficiary are one when a document enters (S5), and the custodian is independent of both sides (S6), of a
//!   new bank too;
//! - nothing lapses while a hold is effective or under enforcement (S7); terminal states absorb (S9);
//! - when the goods that remain fall below the agreed share of those pledged, in any unit, both sides are told once
//!   ([`check_cover`]);
//! - what is due applies whenever the document is touched ([`settle`]), so the sweep's cap changes no meaning.
//!
//! A reservation counts while `now < until`, an offer too; a pledge is MATURED from `now >= reg_until` and LAPSED from
//! `now >= grace_until`.
//!
//! [`Table::Pledge`]: landsea_types::state::Table::Pledge
//! [`Table::PledgeByParty`]: landsea_types::state::Table::PledgeByParty
//! [`Table::Offer`]: landsea_types::state::Table::Offer
//! [`Table::Cooldown`]: landsea_types::state::Table::Cooldown
//! [`Due::Reservation`]: crate::view::Due::Reservation
//! [`Due::Maturity`]: crate::view::Due::Maturity
//! [`Due::Grace`]: crate::view::Due::Grace
//! [`Due::Cooldown`]: crate::view::Due::Cooldown
//! [`Due::Mirror`]: crate::view::Due::Mirror
//! [`Due::Offer`]: crate::view::Due::Offer

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
pub use offer::{accept, asked_to_accept, offer, withdraw_offer};
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
