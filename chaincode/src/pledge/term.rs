//! Extension and release.

use super::cover::check_cover;
use super::transition::{Transition, docs_of, pledge_event, pledge_event_over, unencumber};
use crate::context::Cx;
use crate::hold::{self, Act, Touched};
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::view::Due;
use crate::waybill;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{Extend, Release};
use landsea_types::record::Pledge;
use landsea_types::role::{ChainAction, PartyStatus, PledgeState, Role};
use landsea_types::{Code, DocId, PledgeId, Timestamp};

/// The argument of 1008 for the pledgor.
const WHO_PLEDGOR: u64 = 0;

/// Executes `pledge.extend`: ACTIVE again until a later registration end.
///
/// # Errors
/// 1005, 1006, 1012, 1007, 5008 once it has ended, 5009, 1008 without the pledgor (unless agreed), 1009, 5005 for an end that is
/// not later than the old one and now, or too far.
pub fn extend(cx: &mut Cx<'_, '_>, op: &Extend) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 object and version
    let mut pledge = settled(cx, &op.pledge, op.expect_ver)?;
    // 6 state
    ensure(matches!(pledge.state, PledgeState::Active | PledgeState::Matured), Code::PledgeState)?;
    // 11 identity
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?;
    // 12 consent
    if !pledge.extend_agreed {
        cx.require_consent(&pledge.pledgor, &[], WHO_PLEDGOR, Code::ConsentMissing)?;
    }
    // 13 term
    let latest = cx.now().saturating_add(cx.param(ParamKey::RegMaxMs));
    let earliest = cx.now().max(pledge.reg_until);
    ensure(earliest < op.reg_until && op.reg_until <= latest, Code::TermOutOfLimits)?;
    unschedule(cx, &pledge);
    pledge.state = PledgeState::Active;
    pledge.reg_until = op.reg_until;
    pledge.grace_until = grace_until(cx, op.reg_until);
    schedule(cx, &pledge);
    store(cx, &mut pledge, EventName::PledgeExtended, &[op.reg_until.get()])
}

/// Executes `pledge.release`. A suspended pledgee may still release.
///
/// # Errors
/// 1005, 1006 for a pledgee that is gone, 1012, 1007, 5008 once it has ended, 6001 when a court has frozen the claim, 5009.
pub fn release(cx: &mut Cx<'_, '_>, op: &Release) -> Refused {
    // 3 role
    ensure(cx.sender.has(Role::Bank), Code::RoleNotPermitted)?;
    ensure(cx.sender.status != PartyStatus::Exited, Code::PartySuspended)?;
    // 4 object and version
    let mut pledge = settled(cx, &op.pledge, op.expect_ver)?;
    // 6 state
    ensure(pledge.state.is_live(), Code::PledgeState)?;
    // 7 holds on the claim
    hold::check(cx, Act::Release, &Touched::pledge(pledge.id, &docs_of(cx.view, &pledge)))?;
    // 11 identity
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?;
    pledge.release_reason = Some(op.reason);
    for doc in pledge.docs.clone() {
        give_back(cx, &doc, &pledge)?;
    }
    end(cx, pledge, PledgeState::Released, EventName::PledgeReleased, &[op.reason as u64])
}

/// The end of the grace period after a registration end.
pub(super) fn grace_until(cx: &Cx<'_, '_>, reg_until: Timestamp) -> Timestamp {
    reg_until.saturating_add(cx.param(ParamKey::MaturedGraceMs))
}

/// Queues the next transition of a pledge.
pub(super) fn schedule(cx: &mut Cx<'_, '_>, pledge: &Pledge) {
    match pledge.state {
        PledgeState::Active => cx.view.schedule(pledge.reg_until, Due::Maturity, &pledge.id.0, &[]),
        PledgeState::Matured => cx.view.schedule(pledge.grace_until, Due::Grace, &pledge.id.0, &[]),
        _ => {}
    }
}

/// Queues the time at which the registration in the registry of movables is overdue.
pub(super) fn schedule_mirror(cx: &mut Cx<'_, '_>, pledge: &Pledge) {
    cx.view.schedule(pledge.mirror_due, Due::Mirror, &pledge.id.0, &[]);
}

/// Removes the queue entry for the next transition of a pledge.
pub(super) fn unschedule(cx: &mut Cx<'_, '_>, pledge: &Pledge) {
    match pledge.state {
        PledgeState::Active => cx.view.unschedule(pledge.reg_until, Due::Maturity, &pledge.id.0),
        PledgeState::Matured => cx.view.unschedule(pledge.grace_until, Due::Grace, &pledge.id.0),
        _ => {}
    }
}

/// Ends a live pledge whose documents have been freed, and tells both sides.
pub(super) fn end(
    cx: &mut Cx<'_, '_>,
    mut pledge: Pledge,
    state: PledgeState,
    name: EventName,
    args: &[u64],
) -> Refused {
    unschedule(cx, &pledge);
    cx.view.unschedule(pledge.mirror_due, Due::Mirror, &pledge.id.0);
    pledge.state = state;
    store(cx, &mut pledge, name, args)
}

/// Stores a pledge whose goods have become fewer or more, after a look at its cover. `left` are documents that it covers no longer.
pub(super) fn store_covered(cx: &mut Cx<'_, '_>, mut pledge: Pledge, name: EventName, left: &[DocId]) -> Refused {
    check_cover(cx, &mut pledge);
    put(cx, &mut pledge)?;
    let event = pledge_event_over(cx.view, &pledge, left, name, &[]);
    Transition::of(cx).say(event);
    Ok(())
}

/// Stores a changed pledge and tells both sides.
pub(super) fn store(cx: &mut Cx<'_, '_>, pledge: &mut Pledge, name: EventName, args: &[u64]) -> Refused {
    put(cx, pledge)?;
    let event = pledge_event(cx.view, pledge, name, args);
    Transition::of(cx).say(event);
    Ok(())
}

/// Stores a changed pledge under its next version.
pub(super) fn put(cx: &mut Cx<'_, '_>, pledge: &mut Pledge) -> Refused {
    pledge.ver = internal(pledge.ver.checked_add(1))?;
    cx.view.put_pledge(pledge);
    cx.touch(&pledge.id.0);
    Ok(())
}

/// Check step 4 for a pledge: it exists in the expected version; what is due is then applied.
pub(super) fn settled(cx: &mut Cx<'_, '_>, id: &PledgeId, expect_ver: u32) -> Refused<Pledge> {
    let before = Cx::known(cx.view.pledge(id), 0)?;
    cx.expect_ver(expect_ver, before.ver)?;
    Transition::of(cx).settle_pledge(id);
    cx.view.pledge(id).ok_or_else(|| Refusal::new(Code::Internal))
}

/// Takes a document out of its pledge and gives it back to the beneficiary.
pub(super) fn give_back(cx: &mut Cx<'_, '_>, id: &DocId, pledge: &Pledge) -> Refused {
    let mut doc = internal(cx.view.doc(id))?;
    unencumber(cx.view, &mut doc, &pledge.pledgor);
    let back_to = doc.beneficiary.unwrap_or(pledge.pledgor);
    waybill::chain(cx, &mut doc, ChainAction::PledgeRelease, Some(back_to))?;
    doc.ver = internal(doc.ver.checked_add(1))?;
    cx.view.put_doc(&doc);
    cx.touch(&id.0);
    Ok(())
}
