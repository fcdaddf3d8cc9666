//! `warehouse.endorse_transfer`: a receipt passes on with its keeper's signature.

use crate::context::Cx;
use crate::pledge;
use crate::refusal::Refused;
use crate::waybill::checks;
use crate::waybill::endorse::{HOLDERS, check_act, check_passable, load, pass_on};
use landsea_types::operation::warehouse::EndorseTransfer;
use landsea_types::role::{ChainAction, Role};

/// Endorses a receipt to another holder.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007 for a waybill; 3108, 3004, 4008; 6001; 3006, 5002; 3005; consents 1008, 1009, 1006.
pub fn endorse_transfer(cx: &mut Cx<'_, '_>, op: &EndorseTransfer) -> Refused {
    cx.require_role(HOLDERS)?; // 3
    let doc = load(cx, &op.doc, op.expect_ver, Some(&op.to))?; // 4
    checks::require_receipt(&doc)?; // 5
    check_passable(cx, &doc)?; // 6, 7, 10
    check_act(cx, &doc, Some(&op.to))?; // 11
    checks::require_consents(cx, &[(doc.issuer, &[Role::Warehouse], 0)])?; // 12
    pledge::require_pledgee_consent(cx, &doc)?;
    pass_on(cx, doc, op.to, ChainAction::Endorse)
}
