//! Mergers: one document takes the place of several over like goods in the same hands. The lots move and stay what they are.

use super::checks;
use super::reshape::{Side, successor};
use super::{chain, fingerprints};
use crate::context::Cx;
use crate::goods;
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::view::View;
use landsea_types::event::EventName;
use landsea_types::operation::DocVersion;
use landsea_types::operation::waybill::Merge;
use landsea_types::record::{Doc, Lot, ReceiptPart};
use landsea_types::role::{ChainAction, DocState, HoldKind};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, Hash, bounds};
use std::collections::BTreeSet;

/// Merges transport documents.
///
/// # Errors
/// 1010; 1005, 1006; 1012 with the position of the document, 1007; 5007, 5011; 3108, 3004, 4008; 6001; ticket 3003, 3008, 3009;
/// 3001; 3006, 5002, 5105, 5103; 3005; consents 1008, 1009, 1006; 4004, 4003.
pub fn merge(cx: &mut Cx<'_, '_>, op: &Merge) -> Refused {
    merge_on(cx, op, Side::Waybill)
}

/// Merges documents of one side.
///
/// # Errors
/// As [`merge`].
pub(crate) fn merge_on(cx: &mut Cx<'_, '_>, op: &Merge, side: Side) -> Refused {
    ensure((2..=bounds::SPLIT_CHILDREN_MAX).contains(&op.docs.len()), Code::TooLarge)?; // 1
    cx.require_role(side.issuers())?; // 3
    let docs = load_all(cx, &op.docs)?; // 4
    docs.iter().try_for_each(|doc| side.require(doc))?; // 5
    check_set(&docs)?;
    docs.iter().try_for_each(|doc| checks::require_active(cx, doc))?; // 6
    check_holds(cx, &docs)?; // 7
    let first = internal(docs.first().cloned())?;
    let actor = internal(pledge::actor(&first))?;
    let lots: Vec<Lot> = docs.iter().flat_map(|doc| goods::lots_of(cx.view, doc)).collect();
    check_paper(cx, op, &first, &lots, &actor)?; // 8
    docs.iter().try_for_each(|doc| pledge::check_encumbrance(cx, doc))?; // 10
    pledge::check_mergeable(cx, &docs)?;
    docs.iter().try_for_each(|doc| require_same_hands(cx, doc, &first))?; // 11
    checks::require_consents(cx, &[(actor, &[], 0)])?; // 12
    docs.iter().try_for_each(|doc| pledge::require_pledgee_consent(cx, doc))?;
    check_goods(&docs, &lots)?; // 13
    apply(cx, op, docs, first, actor)
}

/// Check step 4. The versions that the sender saw are read before anything due is applied to any of the documents.
fn load_all(cx: &mut Cx<'_, '_>, named: &[DocVersion]) -> Refused<Vec<Doc>> {
    let mut seen = Vec::with_capacity(named.len());
    for (at, which) in named.iter().zip(0u64..) {
        seen.push(Cx::known(cx.view.doc(&at.doc), which)?.ver);
    }
    let docs: Vec<Doc> =
        named.iter().zip(0u64..).map(|(at, which)| checks::load(cx, &at.doc, which)).collect::<Refused<_>>()?;
    for (at, seen) in named.iter().zip(seen) {
        cx.expect_ver(at.expect_ver, seen)?;
    }
    // Settling one may have changed another, which shared its pledge.
    Ok(docs.iter().filter_map(|doc| cx.view.doc(&doc.id)).collect())
}

/// Check step 5: different documents of one family, on one legal basis and of one order type; receipts of one kind.
fn check_set(docs: &[Doc]) -> Refused {
    let distinct: BTreeSet<DocId> = docs.iter().map(|doc| doc.id).collect();
    let lots: BTreeSet<_> = docs.iter().flat_map(|doc| &doc.lots).collect();
    let sort = |doc: &Doc| {
        let of_receipt = |r: &ReceiptPart| (r.negotiable, r.standard_warrant, r.bonded, r.supervisor);
        (doc.kind.family(), doc.legal_basis, doc.order_type, doc.receipt.as_ref().map(of_receipt))
    };
    let sized = distinct.len() == docs.len() && lots.len() <= bounds::LOTS_MAX;
    ensure(sized && are_alike(docs.iter().map(sort)), Code::CollateralSetInvalid)
}

/// Check step 7: nothing bars a merger, and no hold spreads to goods on which it did not stand (INV-H2).
fn check_holds(cx: &Cx<'_, '_>, docs: &[Doc]) -> Refused {
    docs.iter().try_for_each(|doc| hold::check_doc(cx, Act::Reshape, doc))?;
    let kinds: Vec<BTreeSet<HoldKind>> = docs.iter().map(|doc| kinds_on(cx.view, doc)).collect();
    let stands_on_some = |kind: &HoldKind| !kinds.iter().all(|on_doc| on_doc.contains(kind));
    match kinds.iter().flatten().find(|kind| stands_on_some(kind)) {
        Some(kind) => Err(Refusal::with_args(Code::Held, &[*kind as u64])),
        None => Ok(()),
    }
}

fn kinds_on(view: &View<'_>, doc: &Doc) -> BTreeSet<HoldKind> {
    let targets = std::iter::once(doc.id.0).chain(doc.lots.iter().map(|lot| lot.0));
    targets.flat_map(|target| view.standings(&target)).map(|standing| standing.kind).collect()
}

/// Check step 8: the issuer's ticket names the keys that the papers named together, under a new number.
fn check_paper(cx: &Cx<'_, '_>, op: &Merge, first: &Doc, lots: &[Lot], actor: &AccountId) -> Refused {
    let ticket = &op.ticket.body;
    let on_paper: BTreeSet<ClassedKey> = lots.iter().flat_map(|lot| lot.paper_keys.iter().copied()).collect();
    let named: BTreeSet<ClassedKey> = ticket.goods_keys.iter().copied().collect();
    ensure(on_paper == named, Code::TicketInvalid)?;
    cx.require_ticket(&op.ticket, &first.issuer, first.kind)?;
    fingerprints::check_identity_unseen(cx, ticket, Some(actor))
}

/// Check step 11: the sender issued it, and holder and beneficiary are those of the first.
fn require_same_hands(cx: &Cx<'_, '_>, doc: &Doc, first: &Doc) -> Refused {
    checks::require_issuer(cx, doc)?;
    ensure(doc.holder == first.holder && doc.beneficiary == first.beneficiary, Code::NotHolder)
}

/// Check step 13: goods of one class in one unit, to one place.
fn check_goods(docs: &[Doc], lots: &[Lot]) -> Refused {
    ensure(are_alike(lots.iter().map(|lot| lot.uom)), Code::UnitMismatch)?;
    let destination = |doc: &Doc| (doc.legs.last().map(|leg| leg.to), doc.receipt.as_ref().map(|r| r.site));
    let alike = are_alike(lots.iter().map(|lot| lot.goods_class)) && are_alike(docs.iter().map(destination));
    ensure(alike, Code::NotConserved)
}

fn are_alike<T: PartialEq>(mut items: impl Iterator<Item = T>) -> bool {
    let first = items.next();
    items.all(|item| Some(&item) == first.as_ref())
}

fn apply(cx: &mut Cx<'_, '_>, op: &Merge, docs: Vec<Doc>, first: Doc, actor: AccountId) -> Refused {
    let mut new = merged_document(cx, op, &docs, &first);
    for doc in &docs {
        goods::move_lots(cx, doc, new.id)?;
        new.lots.extend_from_slice(&doc.lots);
    }
    pledge::carry_merge(cx, &docs, &mut new)?;
    for doc in &docs {
        hold::follow_doc(cx, doc, &[new.id])?;
    }
    say_merged(cx, &new, &docs, actor);
    chain(cx, &mut new, ChainAction::Merge, Some(actor))?;
    cx.view.put_doc(&new);
    fingerprints::register(cx.view, &new);
    docs.into_iter().try_for_each(|doc| end(cx, doc, new.id, actor))
}

fn merged_document(cx: &mut Cx<'_, '_>, op: &Merge, docs: &[Doc], first: &Doc) -> Doc {
    let ticket = &op.ticket.body;
    let receipts: Vec<&ReceiptPart> = docs.iter().filter_map(|doc| doc.receipt.as_ref()).collect();
    Doc {
        fp1: ticket.fp1,
        fp2: ticket.fp2,
        near: ticket.near,
        fp_epoch: ticket.epoch,
        content_root: op.content_root,
        issue_date: op.issue_date,
        receipt: merged_receipt(&receipts),
        expires: docs.iter().filter_map(|doc| doc.expires).min(),
        ..successor(cx, first)
    }
}

/// What every one of the receipts promised, and what any of them reserved to the keeper.
fn merged_receipt(receipts: &[&ReceiptPart]) -> Option<ReceiptPart> {
    let mut all = receipts.iter().copied();
    let mut merged = all.next()?.clone();
    for other in all {
        merged.mandatory_fields &= other.mandatory_fields;
        merged.storage_from = merged.storage_from.min(other.storage_from);
        merged.storage_until = merged.storage_until.min(other.storage_until);
        merged.loss_standard_bps = merged.loss_standard_bps.min(other.loss_standard_bps);
        merged.lien |= other.lien;
    }
    Some(merged)
}

fn say_merged(cx: &mut Cx<'_, '_>, new: &Doc, docs: &[Doc], actor: AccountId) {
    let parties = [new.issuer, actor];
    let members = checks::homes(cx, new, &parties);
    let related: Vec<Hash> = docs.iter().map(|doc| Hash(doc.id.0)).collect();
    let n = u64::try_from(related.len()).unwrap_or(u64::MAX);
    cx.emit_related(EventName::Merged, &new.id.0, &related, &members, &parties, &[n]);
}

fn end(cx: &mut Cx<'_, '_>, mut old: Doc, new: DocId, actor: AccountId) -> Refused {
    old.enc = None;
    old.state = DocState::Merged;
    old.replaced_by = Some(new);
    chain(cx, &mut old, ChainAction::Merge, Some(actor))?;
    fingerprints::retire(cx, &old);
    checks::put_changed(cx, old)
}
