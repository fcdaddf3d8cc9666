//! `waybill.convert`: goods have arrived, and a warehouse receipt takes the waybill's place. What it shares with the way back stands
//! in [`super::conversion`].

use super::checks::{self, CARRIERS};
use super::conversion::{self, Conversion, convert_into};
use super::fingerprints;
use crate::context::Cx;
use crate::goods::{
    self,
    cells::{self, Goods},
};
use crate::hold::{self, Act};
use crate::refusal::{Refused, ensure, internal};
use crate::warehouse::receipt::{self, Keeping};
use crate::{cargo, party, pledge};
use landsea_types::operation::waybill::Convert;
use landsea_types::record::Doc;
use landsea_types::role::{DocKind, OrderType};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code};

/// Turns a title over arrived goods into a warehouse receipt of the sender.
///
/// # Errors
/// 1010; 1005, 1006, 2002; 1012, 1007; 5007; 3108, 3004, 4008; 6001, 4006; ticket 3003, 3008, 3009; 3001; 4007, 4001, 4005, 4002;
/// 3006, 5002; 5109; consents 1008, 1009, 1006; 4003, 4004, 5005, 3107.
pub fn convert(cx: &mut Cx<'_, '_>, op: &Convert) -> Refused {
    goods::check_shape(&op.receipt.lots)?; // 1
    receipt::require_keeper(cx, &op.receipt.site)?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    cells::require_cells(cx, &op.receipt.lots, &op.receipt.site, &cx.sender.id, 1)?;
    checks::require_waybill(&doc)?; // 5
    receipt::check_negotiable(&op.receipt)?;
    checks::require_active(cx, &doc)?; // 6
    ensure(cargo::has_arrived(cx.view, &doc), Code::DocumentState)?;
    hold::check_doc(cx, Act::Convert, &doc)?; // 7
    cells::check_open(cx, &op.receipt.lots)?;
    let holder = internal(pledge::actor(&doc))?;
    check_paper(cx, op, &doc, &holder)?; // 8, 9
    pledge::check_encumbrance(cx, &doc)?; // 10
    conversion::check_independence(cx, &doc)?; // 11
    let supervisors = supervisors(cx, op, &doc)?;
    conversion::require_consents(cx, &doc, CARRIERS, &holder, &supervisors)?; // 12
    conversion::check_conservation(cx, &doc, &op.receipt.lots, &op.shortages)?; // 13
    cells::check_units(cx, &op.receipt.lots)?;
    receipt::check_terms(&op.receipt)?;
    conversion::check_shortage(cx, &doc, &op.shortages, op.accept_shortage)?;
    apply(cx, op, doc, holder, supervisors.first().copied())
}

/// Check steps 8 and 9: the receipt's paper is new, and its keys are free or the document's own.
fn check_paper(cx: &Cx<'_, '_>, op: &Convert, doc: &Doc, holder: &AccountId) -> Refused {
    let ticket = &op.receipt.ticket.body;
    goods::check_lots_match_ticket(&op.receipt.lots, &ticket.goods_keys)?;
    cx.require_ticket(&op.receipt.ticket, &cx.sender.id, DocKind::WHR)?;
    receipt::check_classes(&ticket.goods_keys)?;
    fingerprints::check_identity_unseen(cx, ticket, Some(holder))?;
    goods::check_keys_distinct(&op.receipt.lots)?;
    conversion::check_lasting_keys(cx, doc, &op.receipt.lots)?;
    let gone_on = gone_on(cx, doc);
    let arrival = ticket.arrival_keys.iter().filter(|key| !gone_on.contains(key));
    goods::check_keys_free(cx, ticket.goods_keys.iter().chain(arrival), &doc.lots, holder)?;
    cells::check_room(cx, &op.receipt.lots)
}

/// Containers and wagons that the bill names and its goods have left. They may carry other goods by now, and the receipt, which names
/// them as the way by which its goods came in, does not occupy them. A key that it does occupy is free or the goods' own.
fn gone_on(cx: &Cx<'_, '_>, doc: &Doc) -> Vec<ClassedKey> {
    let lots = goods::lots_of(cx.view, doc);
    let occupied: Vec<ClassedKey> = lots.iter().flat_map(|lot| lot.keys.iter().copied()).collect();
    let named = lots.iter().flat_map(|lot| lot.paper_keys.iter().copied());
    named.filter(|key| matches!(key.class, b'C' | b'W') && !occupied.contains(key)).collect()
}

/// Supervisors appointed by the pledge, over the old lots or at the site, without repeats; the first will watch the new lots.
fn supervisors(cx: &Cx<'_, '_>, op: &Convert, doc: &Doc) -> Refused<Vec<AccountId>> {
    let pledge = doc.enc.map(|id| internal(cx.view.pledge(&id))).transpose()?;
    let of_lots = goods::lots_of(cx.view, doc).into_iter().filter_map(|lot| lot.supervisor);
    let of_site = party::supervisor_of_site(cx.view, &op.receipt.site, cx.now());
    let mut found: Vec<AccountId> = Vec::new();
    for supervisor in pledge.and_then(|p| p.supervisor).into_iter().chain(of_lots).chain(of_site) {
        if !found.contains(&supervisor) {
            found.push(supervisor);
        }
    }
    Ok(found)
}

fn apply(cx: &mut Cx<'_, '_>, op: &Convert, old: Doc, holder: AccountId, supervisor: Option<AccountId>) -> Refused {
    // A supervisor whom the pledge appointed watches the lots and leaves with it; the receipt names the site's own.
    let of_site = party::supervisor_of_site(cx.view, &op.receipt.site, cx.now());
    let keeping = Keeping { depositor: holder, supervisor: of_site, control_agreement: old.control_agreement };
    let mut new = receipt::document(cx, &op.receipt, &keeping);
    new.order_type = if op.receipt.negotiable { old.order_type } else { OrderType::Straight };
    let (lots, shortages) = (&op.receipt.lots, &op.shortages);
    convert_into(cx, old, new, &Conversion { lots, shortages, holder, supervisor, leaving: Goods::Stay })
}
