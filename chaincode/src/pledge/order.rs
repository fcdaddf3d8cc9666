//! A court or an arbitral tribunal ends a pledge.

use super::term::{end, give_back, settled};
use super::transition::docs_of;
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use landsea_types::Code;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::VoidByOrder;
use landsea_types::role::{PledgeState, Role};

/// Executes `pledge.void_by_order`: the goods go back to the beneficiary. The order itself stays in the transaction.
///
/// # Errors
/// 1005, also for a branch that is home of neither side nor of a document, 1006; 1012, 1007; 5008 once it has ended.
pub fn void_by_order(cx: &mut Cx<'_, '_>, op: &VoidByOrder) -> Refused {
    cx.require_role(&[Role::Branch])?; // 3
    let pledge = settled(cx, &op.pledge, op.expect_ver)?; // 4
    let docs = docs_of(cx.view, &pledge);
    let sides = [pledge.home_pledgor, pledge.home_pledgee];
    let mut homes = sides.into_iter().chain(docs.iter().map(|doc| doc.home));
    ensure(homes.any(|home| home == cx.sender.home), Code::RoleNotPermitted)?;
    ensure(pledge.state.is_live(), Code::PledgeState)?; // 6
    for doc in &pledge.docs {
        give_back(cx, doc, &pledge)?;
    }
    end(cx, pledge, PledgeState::Voided, EventName::PledgeVoided, &[])
}
