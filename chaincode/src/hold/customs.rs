//! Customs holds: they bar the exit of goods and nothing else.

use super::ending::end;
use super::placing::{Terms, load, place, require_target};
use crate::context::Cx;
use crate::pledge::Transition;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::hold::{CustomsHold, CustomsRelease};
use landsea_types::record::Hold;
use landsea_types::role::{HoldKind, HoldState, Role};
use landsea_types::{Code, Commit, Timestamp};

/// Executes `hold.customs_hold`: EFFECTIVE until the same office releases it.
///
/// # Errors
/// 1005, 1006; 1012; 3004, 4008, 5008 or 1006 for a target that has ended; 1010 when too many holds stand on it.
pub fn customs_hold(cx: &mut Cx<'_, '_>, op: &CustomsHold) -> Refused {
    cx.require_role(&[Role::Customs])?; // 3
    require_target(cx, &op.target, HoldKind::CustomsHold)?; // 4, 6
    let (target, on_behalf, basis) = (op.target, Commit::default(), op.basis);
    place(cx, &Terms { kind: HoldKind::CustomsHold, target, on_behalf, basis, until: Timestamp::MAX }, None);
    Ok(())
}

/// Executes `hold.customs_release`.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 6003 for another's hold or one that has ended.
pub fn customs_release(cx: &mut Cx<'_, '_>, op: &CustomsRelease) -> Refused {
    cx.require_role(&[Role::Customs])?; // 3
    let before = load(cx, &op.hold, op.expect_ver)?; // 4
    let own = before.kind == HoldKind::CustomsHold && before.by == cx.sender.id;
    ensure(own && before.state == HoldState::Effective, Code::NotEntitledToLift)?; // 11
    let after = Hold { state: HoldState::Lifted, ..before.clone() };
    end(&mut Transition::of(cx), &before, after, EventName::HoldLifted);
    Ok(())
}
