//! `warehouse.convert_out`: stored goods leave with a carrier, and a transport document takes the receipt's place.
//!
//! The reverse of `waybill.convert`, by the same rules ([`conversion`]). The goods leave their cells, whose counts fall with them; the
//! keys of the cells end, and every new lot has a key of its own.

use crate::context::Cx;
use crate::goods::{self, cells::Goods};
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refused, ensure, internal};
use crate::waybill::checks::{self, CARRIERS};
use crate::waybill::conversion::{self, Conversion, convert_into};
use crate::waybill::draft::{Draft, document};
use crate::waybill::{fingerprints, issue};
use landsea_types::operation::warehouse::ConvertOut;
use landsea_types::operation::waybill::NewBill;
use landsea_types::record::Doc;
use landsea_types::role::{DocState, Role};
use landsea_types::{AccountId, Code};

/// Turns a receipt into a transport document of the sender, who takes the goods.
///
/// # Errors
/// 1010; 1005, 1006, 1011; 1012, 1007; 5007; 3108, 3004, 4008; 6001; ticket 3003, 3008, 3009; 3001; 4007, 4001; 3006, 5002; 5109;
/// consents 1008 (0 the warehouse, 1 the holder), 1009, 1006; 4003, 4004, 3107.
pub fn convert_out(cx: &mut Cx<'_, '_>, op: &ConvertOut) -> Refused {
    goods::check_shape(&op.bill.lots)?; // 1
    issue::check_legs(&op.bill.legs)?;
    cx.require_role(CARRIERS)?; // 3
    issue::check_features(cx, op.bill.kind)?;
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_receipt(&doc)?; // 5
    issue::check_kind(cx, op.bill.kind)?;
    ensure(!op.bill.control_agreement.is_zero(), Code::NotPledgeableHere)?;
    checks::require_active(cx, &doc)?; // 6
    hold::check_doc(cx, Act::Convert, &doc)?; // 7
    let holder = internal(pledge::actor(&doc))?;
    check_paper(cx, &op.bill, &doc, &holder)?; // 8, 9
    pledge::check_encumbrance(cx, &doc)?; // 10
    conversion::check_independence(cx, &doc)?; // 11
    conversion::require_consents(cx, &doc, &[Role::Warehouse], &holder, &[])?; // 12
    conversion::check_conservation(cx, &doc, &op.bill.lots, &op.shortages)?; // 13
    conversion::check_shortage(cx, &doc, &op.shortages, op.accept_shortage)?;
    apply(cx, op, doc, holder)
}

/// Check steps 8 and 9: the bill's paper is new, and its keys are free or the receipt's own.
fn check_paper(cx: &Cx<'_, '_>, bill: &NewBill, doc: &Doc, holder: &AccountId) -> Refused {
    let ticket = &bill.ticket.body;
    goods::check_lots_match_ticket(&bill.lots, &ticket.goods_keys)?;
    cx.require_ticket(&bill.ticket, &cx.sender.id, bill.kind)?;
    goods::check_transport_classes(&ticket.goods_keys)?;
    fingerprints::check_identity_unseen(cx, ticket, Some(holder))?;
    goods::check_keys_distinct(&bill.lots)?;
    conversion::check_lasting_keys(cx, doc, &bill.lots)?;
    goods::check_keys_free(cx, &ticket.goods_keys, &doc.lots, holder)
}

fn apply(cx: &mut Cx<'_, '_>, op: &ConvertOut, old: Doc, holder: AccountId) -> Refused {
    let bill = &op.bill;
    let draft = Draft {
        kind: bill.kind,
        legal_basis: bill.legal_basis,
        ticket: &bill.ticket.body,
        content_root: bill.content_root,
        issue_date: bill.issue_date,
        order_type: bill.order_type,
        first_holder: holder,
        control_agreement: bill.control_agreement,
        state: DocState::Active,
    };
    let mut new = document(cx, &draft);
    new.legs = issue::plain_legs(&bill.legs);
    new.expires = bill.expires;
    let (lots, shortages) = (&bill.lots, &op.shortages);
    convert_into(cx, old, new, &Conversion { lots, shortages, holder, supervisor: None, leaving: Goods::Move })
}
