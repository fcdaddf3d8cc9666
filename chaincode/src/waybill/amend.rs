//! `waybill.amend`: a new version of a title over the same goods.

use super::checks::{self, CARRIERS};
use super::{chain, fingerprints};
use crate::context::Cx;
use crate::hold::{self, Act};
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::{goods, pledge};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Amend, NewLot, NewVersion};
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{ChainAction, DocState, LotKind};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, Hash, Qty, Uom};
use std::collections::BTreeSet;

/// Replaces a title by a declared new version; lots, holder, beneficiary, encumbrance and priority stay.
///
/// # Errors
/// 1010; 1005, 1006; 1012, 1007; 5007; 3108, 3004, 4008; 6001; ticket 3003, 3008, 3009; 3001, 3002; 4007, 4001; 3006, 5002; 3005;
/// consents 1008, 1009, 1006; 4003 when the goods differ.
pub fn amend(cx: &mut Cx<'_, '_>, op: &Amend) -> Refused {
    goods::check_shape(&op.version.lots)?; // 1
    cx.require_role(CARRIERS)?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_waybill(&doc)?; // 5
    check_control(Some(&op.version))?;
    checks::require_active(cx, &doc)?; // 6
    let holder = internal(pledge::actor(&doc))?;
    let version = check_amendment(cx, &doc, Some(&op.version), &holder)?; // 7 to 13
    replace(cx, doc, version)
}

/// Check step 5 of a new version: the carrier still delivers only against the ledger.
///
/// # Errors
/// 5007 otherwise.
pub(super) fn check_control(version: Option<&NewVersion>) -> Refused {
    ensure(version.is_none_or(|v| !v.control_agreement.is_zero()), Code::NotPledgeableHere)
}

/// Check steps 7 to 13 of a new version, for `holder`, who must agree to it. An accepted surrender passes them too.
///
/// # Errors
/// 3003 without a version; see [`amend`].
pub(super) fn check_amendment<'o>(
    cx: &mut Cx<'_, '_>,
    doc: &Doc,
    version: Option<&'o NewVersion>,
    holder: &AccountId,
) -> Refused<&'o NewVersion> {
    hold::check_doc(cx, Act::Reshape, doc)?; // 7
    let version = version.ok_or_else(|| Refusal::new(Code::TicketInvalid))?; // 8
    let ticket = &version.ticket.body;
    goods::check_lots_match_ticket(&version.lots, &ticket.goods_keys)?;
    cx.require_ticket(&version.ticket, &cx.sender.id, doc.kind)?;
    fingerprints::check_same_chain(cx, doc, ticket, holder)?;
    goods::check_keys_distinct(&version.lots)?; // 9
    let old = goods::lots_of(cx.view, doc);
    goods::check_keys_free(cx, new_keys(&old, &ticket.goods_keys), &doc.lots, holder)?;
    pledge::check_encumbrance(cx, doc)?; // 10
    checks::require_issuer(cx, doc)?; // 11
    checks::require_consents(cx, &[(*holder, &[], 0)])?; // 12
    pledge::require_pledgee_consent(cx, doc)?;
    let unchanged = same_goods(&old, &version.lots, |lot| &lot.paper_keys) || follows_goods(&old, &version.lots);
    ensure(unchanged, Code::NotConserved)?; // 13
    Ok(version)
}

/// The keys that the old paper did not name: others may have taken up a container since the goods left it.
fn new_keys<'t>(old: &[Lot], ticket_keys: &'t [ClassedKey]) -> Vec<&'t ClassedKey> {
    let named: BTreeSet<&ClassedKey> = old.iter().flat_map(|lot| &lot.paper_keys).collect();
    ticket_keys.iter().filter(|key| !named.contains(key)).collect()
}

/// What an amendment cannot change about a lot.
type Goods = (LotKind, Uom, Qty, u32, [u8; 6], Vec<ClassedKey>);

/// Whether the new version states the same lots, under the keys that `keys` picks: those on the old paper, or those occupied now.
fn same_goods(old: &[Lot], new: &[NewLot], keys: impl Fn(&Lot) -> &Vec<ClassedKey>) -> bool {
    let of_old = |l: &Lot| (l.kind, l.uom, l.qty, l.packages, l.goods_class, sorted(keys(l)));
    let of_new = |l: &NewLot| (l.kind, l.uom, l.qty, l.packages, l.goods_class, sorted(&l.keys));
    let mut before: Vec<Goods> = old.iter().map(of_old).collect();
    let mut after: Vec<Goods> = new.iter().map(of_new).collect();
    before.sort();
    after.sort();
    before == after
}

/// Whether the new paper names the goods as they are known now, after containers have left and seals have changed.
fn follows_goods(old: &[Lot], new: &[NewLot]) -> bool {
    same_goods(old, new, |lot| &lot.keys)
}

/// Lots whose new paper names the keys that they occupy now are compared with those from now on.
fn note_paper_keys(cx: &mut Cx<'_, '_>, doc: &Doc, version: &NewVersion) -> Refused {
    let old = goods::lots_of(cx.view, doc);
    if !follows_goods(&old, &version.lots) {
        return Ok(());
    }
    for mut lot in old.into_iter().filter(|lot| lot.paper_keys != lot.keys) {
        lot.paper_keys = lot.keys.clone();
        goods::lots::put_changed(cx, lot)?;
    }
    Ok(())
}

fn sorted(keys: &[ClassedKey]) -> Vec<ClassedKey> {
    let mut keys = keys.to_vec();
    keys.sort();
    keys
}

/// Puts the new version in the document's place.
///
/// # Errors
/// 1014 when a number overflows.
pub(super) fn replace(cx: &mut Cx<'_, '_>, mut old: Doc, version: &NewVersion) -> Refused {
    note_paper_keys(cx, &old, version)?;
    let mut new = next_version(cx, &old, version);
    goods::move_lots(cx, &old, new.id)?;
    pledge::carry(cx, &old, &mut new, &old.lots)?;
    let holder = internal(pledge::actor(&new))?;
    chain(cx, &mut new, ChainAction::Amend, Some(holder))?;
    cx.view.put_doc(&new);
    old.enc = None;
    old.state = DocState::Replaced;
    old.replaced_by = Some(new.id);
    chain(cx, &mut old, ChainAction::Amend, Some(holder))?;
    hold::follow_doc(cx, &old, &[new.id])?;
    fingerprints::retire(cx, &old);
    fingerprints::register(cx.view, &new);
    let members = checks::homes(cx, &old, &[holder]);
    let args = [version.changed_fields];
    cx.emit_related(EventName::Amended, &old.id.0, &[Hash(new.id.0)], &members, &[old.issuer, holder], &args);
    cx.touch(&new.id.0);
    checks::put_changed(cx, old)
}

fn next_version(cx: &mut Cx<'_, '_>, old: &Doc, version: &NewVersion) -> Doc {
    let ticket = &version.ticket.body;
    Doc {
        id: DocId(cx.new_id("doc")),
        ver: 1,
        fp2: ticket.fp2,
        near: ticket.near,
        fp_epoch: ticket.epoch,
        content_root: version.content_root,
        issue_date: version.issue_date,
        control_agreement: version.control_agreement,
        state: DocState::Active,
        replaces: Some(old.id),
        enc: None,
        surrendered: None,
        chain_len: 0,
        chain_root: Hash::default(),
        ..old.clone()
    }
}
