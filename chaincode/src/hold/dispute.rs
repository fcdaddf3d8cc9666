//! Disputes of a firm with an interest in the goods: short, unless a court takes the case.

use super::ending::end;
use super::placing::{Terms, change, load, place, require_target};
use crate::context::Cx;
use crate::pledge::Transition;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::hold::{Dispute, FileCase, WithdrawDispute};
use landsea_types::record::Hold;
use landsea_types::role::{HoldKind, HoldState, Role};
use landsea_types::{Code, Timestamp};

/// Who may dispute: everybody who trades, carries, keeps, lends or insures. Authorities have holds of their own.
const DISPUTANTS: &[Role] = &[
    Role::Bank,
    Role::Rail,
    Role::Mto,
    Role::Ocean,
    Role::Forwarder,
    Role::Warehouse,
    Role::Supervisor,
    Role::Insurer,
    Role::Enterprise,
];

/// Executes `hold.dispute`: EFFECTIVE at once, until the time to file a case is over.
///
/// # Errors
/// 1010 without an interest; 1005, 1006; 1012; 3004, 4008, 5008 or 1006 for a target that has ended; 1010 when too many holds stand
/// on it.
pub fn dispute(cx: &mut Cx<'_, '_>, op: &Dispute) -> Refused {
    ensure(!op.interest.is_zero(), Code::TooLarge)?; // 1
    cx.require_role(DISPUTANTS)?; // 3
    require_target(cx, &op.target, HoldKind::Dispute)?; // 4, 6
    let until = cx.now().saturating_add(cx.param(ParamKey::DisputeFileMs));
    let (target, on_behalf, basis) = (op.target, op.interest, op.basis);
    place(cx, &Terms { kind: HoldKind::Dispute, target, on_behalf, basis, until }, None);
    Ok(())
}

/// Executes `hold.file_case`: the dispute stands until it is withdrawn or ended by order.
///
/// # Errors
/// 1010 without a notice; 1006; 1012, 1007; 6003 for another's hold or one that was ended; 6004 once the deadline has passed.
pub fn file_case(cx: &mut Cx<'_, '_>, op: &FileCase) -> Refused {
    ensure(!op.notice.is_zero(), Code::TooLarge)?; // 1
    cx.require_active()?; // 3
    let before = load(cx, &op.hold, op.expect_ver)?; // 4
    ensure(is_own(cx, &before), Code::NotEntitledToLift)?; // 11
    ensure(matches!(before.state, HoldState::Effective | HoldState::Lapsed), Code::NotEntitledToLift)?;
    ensure(before.state == HoldState::Effective, Code::FilingDeadline)?; // 13
    change(cx, &before, Hold { until: Timestamp::MAX, filed: Some(op.notice), ..before.clone() })
}

/// Executes `hold.withdraw_dispute`.
///
/// # Errors
/// 1006; 1012, 1007; 6003 for another's hold or one that has ended.
pub fn withdraw_dispute(cx: &mut Cx<'_, '_>, op: &WithdrawDispute) -> Refused {
    cx.require_active()?; // 3
    let before = load(cx, &op.hold, op.expect_ver)?; // 4
    let stands = before.state == HoldState::Effective;
    ensure(is_own(cx, &before) && stands, Code::NotEntitledToLift)?; // 11
    let after = Hold { state: HoldState::Withdrawn, ..before.clone() };
    end(&mut Transition::of(cx), &before, after, EventName::HoldLifted);
    Ok(())
}

fn is_own(cx: &Cx<'_, '_>, hold: &Hold) -> bool {
    hold.kind == HoldKind::Dispute && hold.by == cx.sender.id
}
