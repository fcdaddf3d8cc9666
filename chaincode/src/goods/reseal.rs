//! `goods.reseal`: one seal in place of another. The goods stay the same goods.

use super::{facts, lots};
use crate::context::Cx;
use crate::refusal::Refused;
use landsea_types::event::EventName;
use landsea_types::operation::goods::Reseal;
use landsea_types::record::Lot;
use landsea_types::role::{FlowAlertKind, Role};

/// Records the seal found and the seal set. A seal that is not the known one is an alarm and no refusal.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 4008; 8001 for anybody but the custodian and customs.
pub fn reseal(cx: &mut Cx<'_, '_>, op: &Reseal) -> Refused {
    facts::require_reporter(cx, Some(Role::Customs))?; // 3
    let mut lot = facts::load(cx, &op.lot, op.expect_ver)?; // 4
    facts::require_active(&lot)?; // 6
    facts::require_entitled(cx, &lot, Some(Role::Customs))?; // 11
    let members = facts::homes(cx, &lot);
    let parties = [lot.custodian, cx.sender.id];
    cx.emit_related(EventName::Resealed, &lot.id.0, &facts::title_of(&lot), &members, &parties, &[]);
    if lot.seal.is_some_and(|known| known != op.old_seal) {
        alarm(cx, &lot);
    }
    lot.seal = (!op.new_seal.is_zero()).then_some(op.new_seal);
    lots::put_changed(cx, lot)
}

fn alarm(cx: &mut Cx<'_, '_>, lot: &Lot) {
    let mut members = facts::homes(cx, lot);
    members.extend(cx.view.encumbrance(&lot.id.0).map(|enc| enc.member));
    let args = [FlowAlertKind::SealMismatch as u64];
    cx.emit_related(EventName::FlowAlert, &lot.id.0, &facts::title_of(lot), &members, &[lot.custodian], &args);
}
