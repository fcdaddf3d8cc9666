//! `warehouse.deliver_full`: all goods of a receipt leave.

use crate::context::Cx;
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refused, internal};
use crate::waybill::checks;
use crate::waybill::{chain, surrender::accomplish};
use landsea_types::event::EventName;
use landsea_types::operation::warehouse::DeliverFull;
use landsea_types::role::{ChainAction, Role};

/// Hands all goods to the holder; the receipt ends.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007 for a waybill; 3108, 3004, 4008, 5008; 6001; 3006, 5002; 3005 for another's receipt; consents 1008,
/// 1009, 1006.
pub fn deliver_full(cx: &mut Cx<'_, '_>, op: &DeliverFull) -> Refused {
    cx.require_role(&[Role::Warehouse])?; // 3
    let mut doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_receipt(&doc)?; // 5
    checks::require_active(cx, &doc)?; // 6
    pledge::require_not_enforcing(cx, &doc)?;
    hold::check_doc(cx, Act::Exit, &doc)?; // 7
    pledge::check_encumbrance(cx, &doc)?; // 10
    checks::require_issuer(cx, &doc)?; // 11
    let holder = internal(pledge::actor(&doc))?;
    checks::require_consents(cx, &[(holder, &[], 0)])?; // 12
    pledge::require_pledgee_consent(cx, &doc)?;
    chain(cx, &mut doc, ChainAction::Surrendered, Some(holder))?;
    accomplish(cx, doc, holder, EventName::Delivered)
}
