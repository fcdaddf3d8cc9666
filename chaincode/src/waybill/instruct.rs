//! `waybill.instruct`: the holder tells the carrier what to do with the goods.

use super::chain;
use super::checks;
use super::endorse::HOLDERS;
use crate::context::Cx;
use crate::pledge;
use crate::refusal::{Refused, ensure};
use landsea_types::Code;
use landsea_types::event::EventName;
use landsea_types::ids::ascii::is_code;
use landsea_types::operation::waybill::Instruct;
use landsea_types::role::ChainAction;

/// Diverts or stops the goods or names another consignee. The carrier answers by what it does: a leg, or a new version.
///
/// No hold bars it: an instruction changes no right, and what the carrier may make of it, an amendment or a delivery, is barred.
///
/// # Errors
/// 1010 for a place that is no code; 1005, 1006; 1012, 1007; 5007; 3108, 3004, 5008, 4008; 3006, 5002; 3005; consents 1009, 1006.
pub fn instruct(cx: &mut Cx<'_, '_>, op: &Instruct) -> Refused {
    ensure(is_code(&op.node), Code::TooLarge)?; // 1
    cx.require_role(HOLDERS)?; // 3
    let mut doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_waybill(&doc)?; // 5
    checks::require_usable(cx, &doc)?; // 6
    pledge::check_encumbrance(cx, &doc)?; // 10
    checks::require_actor(cx, &doc)?; // 11
    pledge::require_pledgee_consent(cx, &doc)?; // 12
    let parties = [cx.sender.id, doc.issuer];
    chain(cx, &mut doc, ChainAction::Instruct, Some(parties[1]))?;
    let members = checks::homes(cx, &doc, &parties);
    cx.emit(EventName::InstructionGiven, &doc.id.0, &members, &parties, &[op.instruction as u64]);
    checks::put_changed(cx, doc)
}
