//! `goods.declare_loss`: goods are gone.
//!
//! The lot leaves its document and its pledge; the claim on whoever answers for the loss is no matter of the ledger. A document that
//! has lost all its goods stays, with its pledge, but nothing can be done with it: every act answers 4008.

use super::cells::Goods;
use super::{facts, lots};
use crate::context::Cx;
use crate::pledge;
use crate::refusal::{Refused, internal};
use crate::waybill::checks;
use landsea_types::event::EventName;
use landsea_types::operation::goods::DeclareLoss;
use landsea_types::record::Lot;
use landsea_types::role::{FlowAlertKind, LotStatus, Role};
use landsea_types::{AccountId, Member};

/// Declares a lot lost and alarms everybody who has a right in it. A fact: no hold bars it.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 4008; 8001 for anybody but the custodian and an insurer.
pub fn declare_loss(cx: &mut Cx<'_, '_>, op: &DeclareLoss) -> Refused {
    facts::require_reporter(cx, Some(Role::Insurer))?; // 3
    let lot = facts::load(cx, &op.lot, op.expect_ver)?; // 4
    facts::require_active(&lot)?; // 6
    facts::require_entitled(cx, &lot, Some(Role::Insurer))?; // 11
    say_lost(cx, &lot);
    lots::end_lot(cx, lot.clone(), LotStatus::Lost, Goods::Lost)?;
    take_off_document(cx, &lot)
}

fn say_lost(cx: &mut Cx<'_, '_>, lot: &Lot) {
    let title = facts::title_of(lot);
    let mut members = facts::homes(cx, lot);
    let parties = [lot.custodian, cx.sender.id];
    cx.emit_related(EventName::LossDeclared, &lot.id.0, &title, &members, &parties, &[lot.qty.get()]);
    let (pledgee, member) = pledgee_of(cx, lot);
    members.extend(member);
    let args = [FlowAlertKind::Loss as u64];
    // By name to the pledgee alone: no other party learns who it is.
    cx.emit_related(EventName::FlowAlert, &lot.id.0, &title, &members, &pledgee, &args);
}

fn pledgee_of(cx: &Cx<'_, '_>, lot: &Lot) -> (Vec<AccountId>, Option<Member>) {
    let enc = cx.view.encumbrance(&lot.id.0);
    (enc.iter().map(|enc| enc.pledgee).collect(), enc.map(|enc| enc.member))
}

fn take_off_document(cx: &mut Cx<'_, '_>, lot: &Lot) -> Refused {
    let Some(title) = lot.title else { return Ok(()) };
    let mut doc = internal(cx.view.doc(&title))?;
    pledge::replace_lots(cx, &doc, &[lot.id], &[])?;
    doc.lots.retain(|id| *id != lot.id);
    checks::put_changed(cx, doc)
}
