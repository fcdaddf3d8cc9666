//! Checks that other modules share: who acts, what bars an act, who must be independent.

use super::transition::targets;
use crate::context::{Cx, event};
use crate::refusal::{AttemptDraft, Refusal, Refused, ensure};
use crate::view::{View, opaque};
use landsea_types::event::EventName;
use landsea_types::record::{Doc, Encumbrance, Party, Reservation};
use landsea_types::role::Role;
use landsea_types::{AccountId, Code};

/// The argument of 1008 for the pledgee and the reserving bank of an operation on a document.
const WHO_PLEDGEE: u64 = 1;

/// Who acts where a table says "holder": the beneficiary while the document is pledged, else the holder.
pub fn actor(doc: &Doc) -> Option<AccountId> {
    if doc.enc.is_some() { doc.beneficiary } else { Some(doc.holder) }
}

/// Check step 10 of every operation that a pledge or a reservation bars: whether the pledgee (3006) and the reserving bank
/// (5002) say anything at all. What they say is judged at step 12 by [`require_pledgee_consent`].
///
/// A stranger to the document is answered the same whatever it claims a bank to have said: else it could name one bank after
/// the other and learn from the code which of them it is.
///
/// # Errors
/// 3006 with since height and member, then 5002.
pub fn check_encumbrance(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    if let Some(enc) = encumbrance_of(cx.view, doc) {
        let args = [enc.priority.height.get(), u64::from(enc.member.get())];
        if !says_anything(cx, doc, &enc.pledgee) {
            return Err(Refusal::with_args(Code::Encumbered, &args));
        }
    }
    match live_reservation(cx, doc) {
        Some(r) if !says_anything(cx, doc, &r.bank) => Err(Refusal::new(Code::ReservedByOther)),
        _ => Ok(()),
    }
}

fn says_anything(cx: &Cx<'_, '_>, doc: &Doc, bank: &AccountId) -> bool {
    cx.has_valid_consent(bank) || (is_concerned(cx, doc) && cx.offers_consent(bank))
}

/// Whether the sender issued the document, holds it or has the word of whoever acts as its holder.
fn is_concerned(cx: &Cx<'_, '_>, doc: &Doc) -> bool {
    let me = cx.sender.id;
    doc.issuer == me || doc.holder == me || actor(doc).is_some_and(|actor| cx.has_valid_consent(&actor))
}

/// Check step 12 after [`check_encumbrance`]: the consents of the pledgee and of the reserving bank are good.
///
/// # Errors
/// 1008 for one given in another role, 1009 for a bad one, 1006 for a bank that is not active.
pub fn require_pledgee_consent(cx: &mut Cx<'_, '_>, doc: &Doc) -> Refused {
    let pledgee = encumbrance_of(cx.view, doc).map(|enc| enc.pledgee);
    let reserving = live_reservation(cx, doc).map(|r| r.bank);
    for bank in pledgee.into_iter().chain(reserving) {
        cx.require_consent(&bank, &[Role::Bank], WHO_PLEDGEE, Code::ConsentMissing)?;
    }
    Ok(())
}

/// Check step 11 of a pledge and of a conversion under one: the custodian is neither side of it nor in a group with one.
///
/// # Errors
/// 5109.
pub fn check_independence(custodian: &Party, pledgor: &Party, pledgee: &Party) -> Refused {
    let apart = |side: &Party| custodian.id != side.id && !custodian.same_group(side);
    ensure(apart(pledgor) && apart(pledgee), Code::CustodianNotIndependent)
}

/// The encumbrance of a document or of any of its lots.
pub(super) fn encumbrance_of(view: &View<'_>, doc: &Doc) -> Option<Encumbrance> {
    targets(doc).iter().find_map(|target| view.encumbrance(target))
}

/// The reservation of a document or of any of its lots that still counts.
pub(super) fn live_reservation(cx: &Cx<'_, '_>, doc: &Doc) -> Option<Reservation> {
    let mut found = targets(doc).into_iter().filter_map(|target| cx.view.reservation(&target));
    found.find(|r| cx.now() < r.until)
}

/// Check step 10 of a reservation or pledge: nothing encumbers the document (5001, journalled with its alarm).
pub(super) fn check_not_pledged(cx: &Cx<'_, '_>, doc: &Doc, pledgor: Option<&AccountId>) -> Refused {
    match encumbrance_of(cx.view, doc) {
        Some(enc) => Err(already_pledged(cx, doc, &enc, pledgor)),
        None => Ok(()),
    }
}

/// Check step 10: no other bank has reserved the document (5002).
pub(super) fn check_not_reserved_by_other(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    let other = live_reservation(cx, doc).is_some_and(|r| r.bank != cx.sender.id);
    ensure(!other, Code::ReservedByOther)
}

fn already_pledged(cx: &Cx<'_, '_>, doc: &Doc, enc: &Encumbrance, pledgor: Option<&AccountId>) -> Box<Refusal> {
    let since = enc.priority.height.get();
    let homes = [enc.member, cx.sender.home];
    let (accused, consented) = accused(cx, doc, pledgor);
    // By name to the pledgee alone: its alarm, whoever holds the pledge later, and no other party learns who it is.
    let alarm = event(EventName::DoublePledgeAttempt, &doc.id.0, &[], &homes, &[enc.pledgee], &[since]);
    let attempt = AttemptDraft {
        by: cx.sender.id,
        pledgor: accused.map(|p| p.fingerprint).unwrap_or_default(),
        target: opaque(&doc.id.0),
        consented,
        existing_home: enc.member,
        attempt_home: cx.sender.home,
        alarm,
    };
    Refusal::with_attempt(Code::AlreadyPledged, &[since, u64::from(enc.member.get())], attempt)
}

/// The firm an attempt speaks about and whether it consented: the named pledgor, else whoever acts for the document.
fn accused(cx: &Cx<'_, '_>, doc: &Doc, pledgor: Option<&AccountId>) -> (Option<Party>, bool) {
    let candidates = pledgor.copied().into_iter().chain(actor(doc));
    let consenting = candidates.clone().find(|account| cx.has_valid_consent(account));
    let firm = consenting.or(candidates.into_iter().next());
    (firm.and_then(|account| cx.view.party(&account)), consenting.is_some())
}
