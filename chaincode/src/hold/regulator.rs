//! Freezes by a regulator: short by one branch, long by two.

use super::placing::{Terms, change, load, place, require_target};
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use landsea_types::genesis::ParamKey;
use landsea_types::operation::hold::{CountersignFreeze, RegulatorFreeze};
use landsea_types::record::Hold;
use landsea_types::role::{HoldKind, HoldState, Role};
use landsea_types::{Code, Commit};

/// Executes `hold.regulator_freeze`: EFFECTIVE at once, for the emergency term.
///
/// # Errors
/// 1005, 1006; 1012; 3004, 4008, 5008 or 1006 for a target that has ended; 1010 when too many holds stand on it.
pub fn regulator_freeze(cx: &mut Cx<'_, '_>, op: &RegulatorFreeze) -> Refused {
    cx.require_role(&[Role::Branch])?; // 3
    require_target(cx, &op.target, HoldKind::RegulatorFreeze)?; // 4, 6
    let until = cx.now().saturating_add(cx.param(ParamKey::EmergencyFreezeMs));
    let (target, on_behalf, basis) = (op.target, Commit::default(), op.basis);
    place(cx, &Terms { kind: HoldKind::RegulatorFreeze, target, on_behalf, basis, until }, None);
    Ok(())
}

/// Executes `hold.countersign_freeze`: the long term, which counts from when the freeze was placed.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 6003 for the branch of the same member, for another kind of hold, for one that has ended and for one that
/// is countersigned already.
pub fn countersign_freeze(cx: &mut Cx<'_, '_>, op: &CountersignFreeze) -> Refused {
    cx.require_role(&[Role::Branch])?; // 3
    let before = load(cx, &op.hold, op.expect_ver)?; // 4
    let stands = before.kind == HoldKind::RegulatorFreeze && before.state == HoldState::Effective;
    let second = before.countersigned.is_none() && before.by_member != cx.sender.home;
    ensure(stands && second, Code::NotEntitledToLift)?; // 11
    let until = before.from.saturating_add(cx.param(ParamKey::RegulatorFreezeMs)).max(before.until);
    change(cx, &before, Hold { until, countersigned: Some(cx.sender.home), ..before.clone() })
}
