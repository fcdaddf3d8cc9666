//! The registration of a pledge in the registry of movables, mirrored on the ledger as a commitment.

use super::term::{schedule_mirror, settled, store};
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use crate::view::Due;
use landsea_types::Code;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::RegisterMirror;
use landsea_types::record::pledge::Mirror;
use landsea_types::role::Role;

/// Executes `pledge.mirror`: the registration is noted, and overdue again when it expires.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5008 once the pledge has ended; 5009; 5005 for a registration that has expired.
pub fn mirror(cx: &mut Cx<'_, '_>, op: &RegisterMirror) -> Refused {
    cx.require_role(&[Role::Bank])?; // 3
    let mut pledge = settled(cx, &op.pledge, op.expect_ver)?; // 4
    ensure(pledge.state.is_live(), Code::PledgeState)?; // 6
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?; // 11
    ensure(cx.now() < op.expires, Code::TermOutOfLimits)?; // 13
    cx.view.unschedule(pledge.mirror_due, Due::Mirror, &pledge.id.0);
    pledge.mirror = Some(Mirror { registration: op.registration, at: cx.now(), expires: op.expires });
    pledge.mirror_due = op.expires;
    pledge.mirror_overdue = false;
    schedule_mirror(cx, &pledge);
    store(cx, &mut pledge, EventName::Mirrored, &[op.expires.get()])
}
