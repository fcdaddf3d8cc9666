//! Reservations: exclusive, short, one per lot, and not to be squatted.

use super::checks::{check_not_pledged, check_not_reserved_by_other, live_reservation};
use super::settle;
use super::transition::{cool_down, end_reservation, targets};
use crate::context::Cx;
use crate::goods;
use crate::hold::{self, Act};
use crate::refusal::{Refusal, Refused, ensure};
use crate::view::{Due, pair};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{CancelReservation, Reserve};
use landsea_types::record::{Cooldown, Doc, Reservation};
use landsea_types::role::{DocState, Medium, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, Timestamp};

/// The argument of 1008 for the pledgor.
const WHO_PLEDGOR: u64 = 0;

/// Executes `pledge.reserve`.
///
/// # Errors
/// 1005, 1006, 1012, 3108, 3004, 4008, 6001, 5001 (journalled), 5002, 5010 for a bank that reserved the lots already or cools
/// down, 1007, 5003, 1008, 1009, 5005 for a term that is empty or too long.
pub fn reserve(cx: &mut Cx<'_, '_>, op: &Reserve) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 object; its version is compared after step 10, so that a race answers 5001 or 5002
    let ver = Cx::known(cx.view.doc(&op.doc), 0)?.ver;
    settle(cx, &op.doc)?;
    let doc = Cx::known(cx.view.doc(&op.doc), 0)?;
    // 6 state
    check_active(cx, &doc)?;
    // 7 holds
    hold::check_doc(cx, Act::Pledge, &doc)?;
    // 10 encumbrance, reservation, then the version
    check_not_pledged(cx, &doc, None)?;
    check_not_reserved_by_other(cx, &doc)?;
    check_may_reserve(cx, &doc)?;
    cx.expect_ver(op.expect_ver, ver)?;
    // 11 the pledgor is the sole holder
    let pledgor = sole_holder(&doc)?;
    ensure(pledgor != cx.sender.id, Code::PledgorNotSoleHolder)?;
    // 12 consent
    cx.require_consent(&pledgor, &[], WHO_PLEDGOR, Code::ConsentMissing)?;
    // 13 term
    let latest = cx.now().saturating_add(cx.param(ParamKey::ReserveMaxMs));
    ensure(cx.now() < op.until && op.until <= latest, Code::TermOutOfLimits)?;
    place(cx, &doc, pledgor, op.until);
    Ok(())
}

/// Executes `pledge.cancel_reservation`: the bank cools down as after an expiry.
///
/// # Errors
/// 1005, 1006, 1012, 1007, 5008 without a reservation, 5002 for another bank's.
pub fn cancel_reservation(cx: &mut Cx<'_, '_>, op: &CancelReservation) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 object and version
    let ver = Cx::known(cx.view.doc(&op.doc), 0)?.ver;
    cx.expect_ver(op.expect_ver, ver)?;
    settle(cx, &op.doc)?;
    let doc = Cx::known(cx.view.doc(&op.doc), 0)?;
    // 6 state; the lots of a replaced document may be reserved under its successor
    let reservation = cx.view.reservation(&doc.id.0).ok_or_else(|| Refusal::new(Code::PledgeState))?;
    // 10 reservation
    check_not_reserved_by_other(cx, &doc)?;
    end_reservation(cx.view, &doc, &reservation);
    cool_down(cx.view, &doc, &reservation.bank, cx.now());
    announce(cx, EventName::ReservationCancelled, &doc, &reservation);
    Ok(())
}

/// Check step 6 of a reservation: the title is on the ledger and ACTIVE, and so is every lot.
fn check_active(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    check_title(doc)?;
    goods::require_active_lots(cx.view, doc)
}

/// Check step 6 of a reservation or pledge: the title is on the ledger and ACTIVE.
pub(super) fn check_title(doc: &Doc) -> Refused {
    ensure(doc.state != DocState::PaperOut && doc.medium == Medium::Ledger, Code::PaperIsOut)?;
    ensure(doc.state == DocState::Active, Code::DocumentState)
}

/// Check step 11: the one who is both holder and beneficiary.
pub(super) fn sole_holder(doc: &Doc) -> Refused<AccountId> {
    ensure(doc.beneficiary == Some(doc.holder), Code::PledgorNotSoleHolder)?;
    Ok(doc.holder)
}

/// A bank neither renews its own reservation nor comes back during its cooldown.
fn check_may_reserve(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    let cools = |key: &[u8]| cx.view.get::<Cooldown>(Table::Cooldown, key).is_some_and(|c| cx.now() < c.until);
    let barred = doc.lots.iter().any(|lot| cools(&pair(&lot.0, &cx.sender.id.0)));
    ensure(live_reservation(cx, doc).is_none() && !barred, Code::ReservationLimit)
}

fn place(cx: &mut Cx<'_, '_>, doc: &Doc, pledgor: AccountId, until: Timestamp) {
    let reservation = Reservation { doc: doc.id, bank: cx.sender.id, pledgor, until, member: cx.sender.home };
    for target in targets(doc) {
        cx.view.put_reservation(&target, &reservation);
    }
    cx.view.schedule(until, Due::Reservation, &doc.id.0, &[]);
    announce(cx, EventName::Reserved, doc, &reservation);
}

/// Tells the bank, the pledgor and the branches.
pub(super) fn announce(cx: &mut Cx<'_, '_>, name: EventName, doc: &Doc, reservation: &Reservation) {
    let pledgor_home = cx.view.party(&reservation.pledgor).map(|p| p.home);
    let members: Vec<_> = [reservation.member, doc.home].into_iter().chain(pledgor_home).collect();
    let parties = [reservation.bank, reservation.pledgor];
    cx.emit(name, &doc.id.0, &members, &parties, &[reservation.until.get()]);
}
