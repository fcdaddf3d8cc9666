//! Court freezes with their waiting queue, and the end of a hold by order.

use super::ending::{Frozen, end, frozen};
use super::notice::homes_of;
use super::placing::{Terms, change, is_live, load, place, require_target};
use crate::context::Cx;
use crate::pledge::Transition;
use crate::refusal::{Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::hold::{CourtFreeze, Lift, RenewFreeze};
use landsea_types::record::Hold;
use landsea_types::role::{HoldKind, HoldState, PartyStatus, Role};
use landsea_types::{Code, Timestamp};

/// The argument of 1008 for the other branch of a countersigned freeze.
const WHO_CONFIRMS: u64 = 0;

/// Executes `hold.court_freeze`: EFFECTIVE, or QUEUED behind the freezes that stand or wait on the target.
///
/// # Errors
/// 1010 without an order; 1005, 1006; 1012; 3004, 4008, 5008 or 1006 for a target that has ended; 1010 when too many holds stand on
/// it; 6002 for a term that is empty or too long.
pub fn court_freeze(cx: &mut Cx<'_, '_>, op: &CourtFreeze) -> Refused {
    ensure(!op.basis.is_zero(), Code::TooLarge)?; // 1
    cx.require_role(&[Role::Branch])?; // 3
    require_target(cx, &op.target, HoldKind::CourtFreeze)?; // 4, 6
    require_term(cx, op.until)?; // 13
    let rank = match frozen(cx.view, &op.target) {
        Frozen::Not => None,
        Frozen::Ahead { waiting } => Some(internal(waiting.checked_add(1))?),
    };
    let (target, on_behalf, basis, until) = (op.target, op.on_behalf, op.basis, op.until);
    place(cx, &Terms { kind: HoldKind::CourtFreeze, target, on_behalf, basis, until }, rank);
    Ok(())
}

/// Executes `hold.renew_freeze`: a later end for a freeze that stands or waits.
///
/// # Errors
/// 1010 without an order; 1005, 1006; 1012, 1007; 6003 for a hold of another branch or kind, or one that was lifted; 6002 once it has
/// lapsed, and for an end that is not later or too far.
pub fn renew_freeze(cx: &mut Cx<'_, '_>, op: &RenewFreeze) -> Refused {
    ensure(!op.basis.is_zero(), Code::TooLarge)?; // 1
    cx.require_role(&[Role::Branch])?; // 3
    let before = load(cx, &op.hold, op.expect_ver)?; // 4
    let own = before.kind == HoldKind::CourtFreeze && before.by_member == cx.sender.home;
    ensure(own && (is_live(&before) || before.state == HoldState::Lapsed), Code::NotEntitledToLift)?; // 11
    ensure(is_live(&before) && before.until < op.until, Code::HoldTerm)?; // 13
    require_term(cx, op.until)?;
    change(cx, &before, Hold { until: op.until, basis: op.basis, ..before.clone() })
}

/// Executes `hold.lift`: a freeze by its own branch, a countersigned one by either of its branches with the other's consent, a
/// dispute by the home of its target or of the disputing party, a customs hold by the home of an office that has left. The next in the queue takes effect.
///
/// # Errors
/// 1010 without an order; 1005, 1006; 1012, 1007; 6003 for a branch that may not, and for a hold that has ended; 1008, 1009 or 1006
/// for the other branch of a countersigned freeze.
pub fn lift(cx: &mut Cx<'_, '_>, op: &Lift) -> Refused {
    ensure(!op.order.is_zero(), Code::TooLarge)?; // 1
    cx.require_role(&[Role::Branch])?; // 3
    let before = load(cx, &op.hold, op.expect_ver)?; // 4
    ensure(is_live(&before) && may_lift(cx, &before), Code::NotEntitledToLift)?; // 11
    require_confirmation(cx, &before)?; // 12
    let after = Hold { state: HoldState::Lifted, order: Some(op.order), ..before.clone() };
    end(&mut Transition::of(cx), &before, after, EventName::HoldLifted);
    Ok(())
}

fn require_term(cx: &Cx<'_, '_>, until: Timestamp) -> Refused {
    let latest = cx.now().saturating_add(cx.param(ParamKey::CourtFreezeMaxMs));
    ensure(cx.now() < until && until <= latest, Code::HoldTerm)
}

fn may_lift(cx: &Cx<'_, '_>, hold: &Hold) -> bool {
    let me = cx.sender.home;
    match hold.kind {
        HoldKind::CourtFreeze => hold.by_member == me,
        HoldKind::RegulatorFreeze => hold.by_member == me || hold.countersigned == Some(me),
        HoldKind::Dispute => hold.by_member == me || hold.targets.iter().any(|t| homes_of(cx.view, t).contains(&me)),
        HoldKind::CustomsHold => hold.by_member == me && has_left(cx, hold),
        HoldKind::LossStop | HoldKind::Deficit => false,
    }
}

/// Nobody is left to release the goods but the branch of the office.
fn has_left(cx: &Cx<'_, '_>, hold: &Hold) -> bool {
    cx.view.party(&hold.by).is_some_and(|office| office.status == PartyStatus::Exited)
}

/// Two branches made a countersigned freeze long; both end it.
fn require_confirmation(cx: &mut Cx<'_, '_>, hold: &Hold) -> Refused {
    let Some(second) = hold.countersigned else { return Ok(()) };
    for member in [hold.by_member, second] {
        let branch = internal(cx.view.member(member))?.branch;
        cx.require_consent(&branch, &[Role::Branch], WHO_CONFIRMS, Code::ConsentMissing)?;
    }
    Ok(())
}
