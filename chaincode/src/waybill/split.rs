//! Splits: several documents take the place of one, over the same goods.
//!
//! Every lot of the parent is consumed, and its children together have its quantity, packages and keys; a child is a lot of one
//! parent. A container may stand under several children of one consignment, a cell must stand under all of its lot's; every other
//! key goes to exactly one child. Holds follow onto every child; so do pledge and reservation, except that the pledgee may release
//! children.

use super::checks;
use super::reshape::{Side, Splitter, successor};
use super::{chain_by, fingerprints};
use crate::context::Cx;
use crate::goods::{self, LotOrigin, cells::Goods};
use crate::hold::{self, Act, Touched};
use crate::pledge;
use crate::refusal::{Refusal, Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{NewLot, Split, SplitChild};
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{ChainAction, DocState};
use landsea_types::{AccountId, Code, DocId, GoodsKey, Hash, LotId, bounds};
use std::collections::{BTreeMap, BTreeSet};

/// Splits a transport document.
///
/// # Errors
/// 1010; 1005, 1006; 1012 for the document (0) or a lot that is not its own (1), 1007; 5007, 5011; 3108, 3004, 4008; 6001; tickets
/// 3003, 3008, 3009; 3001; 4007, 4002; 3006, 5002; 3005; consents 1008, 1009, 1006; 4004, 4003.
pub fn split(cx: &mut Cx<'_, '_>, op: &Split) -> Refused {
    split_by(cx, op, Splitter::Issuer(Side::Waybill))
}

/// Splits a document for whoever may call it.
///
/// # Errors
/// As [`split`]; 5009 in place of 3005 for a pledgee.
pub(crate) fn split_by(cx: &mut Cx<'_, '_>, op: &Split, who: Splitter) -> Refused {
    check_shape(op)?; // 1
    who.require_role(cx)?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    let own = parts(op).all(|(parent, _)| doc.lots.contains(parent));
    Cx::known(own.then_some(()), 1)?;
    who.require_kind(&doc)?; // 5
    ensure(op.released.len() < op.children.len(), Code::CollateralSetInvalid)?;
    checks::require_active(cx, &doc)?; // 6
    check_holds(cx, op, &doc)?; // 7
    let actor = internal(pledge::actor(&doc))?;
    check_papers(cx, op, &doc, &actor)?; // 8
    let parents = goods::lots_of(cx.view, &doc);
    check_keys(op, &parents)?; // 9
    check_crowding(cx, op, &parents)?;
    pledge::check_encumbrance(cx, &doc)?; // 10
    who.require_identity(cx, &doc)?; // 11
    require_consents(cx, who, &doc, actor)?; // 12
    parents.iter().try_for_each(|parent| check_conserved(parent, &parts_of(op, parent)))?; // 13
    ensure(op.released.is_empty() || doc.enc.is_some(), Code::NotConserved)?;
    apply(cx, op, doc, actor)
}

/// Every part with the lot that it is a part of.
fn parts(op: &Split) -> impl Iterator<Item = (&LotId, &NewLot)> {
    op.children.iter().flat_map(|child| &child.lots).map(|part| (&part.parent, &part.lot))
}

fn parts_of<'o>(op: &'o Split, parent: &Lot) -> Vec<&'o NewLot> {
    let id = parent.id;
    parts(op).filter(|(of, _)| **of == id).map(|(_, lot)| lot).collect()
}

fn lots_of_child(child: &SplitChild) -> Vec<NewLot> {
    child.lots.iter().map(|part| part.lot.clone()).collect()
}

fn check_shape(op: &Split) -> Refused {
    let sized = (2..=bounds::SPLIT_CHILDREN_MAX).contains(&op.children.len());
    ensure(sized && parts(op).count() <= bounds::LOTS_MAX, Code::TooLarge)?;
    let ascending = op.released.is_sorted_by(|a, b| a < b);
    let known = op.released.iter().all(|position| usize::from(*position) < op.children.len());
    ensure(ascending && known, Code::TooLarge)?;
    op.children.iter().try_for_each(|child| goods::check_shape(&lots_of_child(child)))
}

/// Check step 7: nothing bars a split, and nothing bars the release of what the pledgee releases.
fn check_holds(cx: &Cx<'_, '_>, op: &Split, doc: &Doc) -> Refused {
    hold::check_doc(cx, Act::Reshape, doc)?;
    let claim = doc.enc.filter(|_| !op.released.is_empty());
    hold::check(cx, Act::Release, &Touched { objects: Vec::new(), claim })
}

/// Check step 8: the issuer has a ticket over every child's paper, of the parent's kind, and the papers are new and different. Their
/// content may be that of another: halves of equal goods are equal.
fn check_papers(cx: &Cx<'_, '_>, op: &Split, doc: &Doc, actor: &AccountId) -> Refused {
    let mut numbers = BTreeSet::new();
    for child in &op.children {
        let ticket = &child.ticket.body;
        goods::check_lots_match_ticket(&lots_of_child(child), &ticket.goods_keys)?;
        cx.require_ticket(&child.ticket, &doc.issuer, doc.kind)?;
        fingerprints::check_identity_unseen(cx, ticket, Some(actor))?;
        ensure(numbers.insert(ticket.fp1), Code::DuplicateDocument)?;
    }
    Ok(())
}

/// Check step 9: the keys of every lot are shared out among its parts, none doubled, none lost, none from elsewhere.
fn check_keys(op: &Split, parents: &[Lot]) -> Refused {
    let all: Vec<NewLot> = parts(op).map(|(_, lot)| lot.clone()).collect();
    goods::check_keys_distinct(&all)?;
    // A lot without parts is not conserved, which step 13 says.
    let shared_out = |parent: &Lot| {
        let parts = parts_of(op, parent);
        parts.is_empty() || are_shared_out(parent, &parts)
    };
    ensure(parents.iter().all(shared_out), Code::KeyDuplicated)
}

fn are_shared_out(parent: &Lot, parts: &[&NewLot]) -> bool {
    let owned: BTreeSet<_> = parent.keys.iter().collect();
    let given: BTreeSet<_> = parts.iter().flat_map(|part| &part.keys).collect();
    // Goods in a cell stay in it, every part of them.
    let cell = goods::cell_key(&parent.keys);
    owned == given && parts.iter().all(|part| goods::cell_key(&part.keys) == cell)
}

/// Check step 9: no cell gets more lots than it can list.
fn check_crowding(cx: &Cx<'_, '_>, op: &Split, parents: &[Lot]) -> Refused {
    let mut more: BTreeMap<GoodsKey, usize> = BTreeMap::new();
    for (parent, key) in parents.iter().filter_map(|lot| Some((lot, goods::cell_key(&lot.keys)?))) {
        let n = more.entry(key).or_default();
        *n = n.saturating_add(parts_of(op, parent).len()).saturating_sub(1);
    }
    for (key, more) in more {
        let lots = goods::lots_in_cell(cx.view, &key).len();
        if lots.saturating_add(more) > bounds::CELL_LOTS_MAX {
            return Err(Refusal::with_args(Code::CellCapacity, &[0]));
        }
    }
    Ok(())
}

/// Check step 12: holder, then issuer or pledgee.
fn require_consents(cx: &mut Cx<'_, '_>, who: Splitter, doc: &Doc, actor: AccountId) -> Refused {
    checks::require_consents(cx, &[(actor, &[], 0)])?;
    match who {
        Splitter::Issuer(_) => pledge::require_pledgee_consent(cx, doc),
        Splitter::Pledgee => checks::require_consents(cx, &[(doc.issuer, Side::of(doc).issuers(), 1)]),
    }
}

/// Check step 13: the parts of a lot are of its kind and make up the whole.
fn check_conserved(parent: &Lot, parts: &[&NewLot]) -> Refused {
    ensure(parts.iter().all(|part| part.uom == parent.uom), Code::UnitMismatch)?;
    let alike = |part: &&NewLot| part.kind == parent.kind && part.goods_class == parent.goods_class;
    ensure(parts.iter().all(|part| alike(part) && part.qty.get() > 0), Code::NotConserved)?;
    let sum = |of: fn(&NewLot) -> u64| parts.iter().map(|part| of(part)).try_fold(0u64, u64::checked_add);
    let whole = sum(|part| part.qty.get()) == Some(parent.qty.get());
    let packed = sum(|part| u64::from(part.packages)) == Some(u64::from(parent.packages));
    ensure(whole && packed, Code::NotConserved)
}

fn apply(cx: &mut Cx<'_, '_>, op: &Split, mut old: Doc, actor: AccountId) -> Refused {
    let parents = goods::lots_of(cx.view, &old);
    goods::consume_lots(cx, &old)?;
    let mut children = Vec::with_capacity(op.children.len());
    let mut heirs: BTreeMap<LotId, Vec<LotId>> = BTreeMap::new();
    for child in &op.children {
        let mut doc = child_document(cx, &old, child);
        for part in &child.lots {
            let parent = internal(parents.iter().find(|lot| lot.id == part.parent))?;
            let id = goods::lots::create_lot(cx, &part.lot, &origin(parent, &doc), Goods::Stay)?;
            heirs.entry(parent.id).or_default().push(id);
            doc.lots.push(id);
        }
        children.push(doc);
    }
    let pledgee = cx.view.encumbrance(&old.id.0).map(|enc| enc.pledgee);
    pledge::carry_split(cx, &old, &mut children, &op.released)?;
    old.children = children.iter().map(|child| child.id).collect();
    hold::follow_doc(cx, &old, &old.children)?;
    for parent in &parents {
        hold::follow_lot(cx, parent, heirs.get(&parent.id).map_or(&[], Vec::as_slice))?;
    }
    for child in children {
        enter(cx, child, pledgee, actor)?;
    }
    end(cx, old, actor)
}

fn child_document(cx: &mut Cx<'_, '_>, old: &Doc, child: &SplitChild) -> Doc {
    let ticket = &child.ticket.body;
    Doc {
        fp1: ticket.fp1,
        fp2: ticket.fp2,
        near: ticket.near,
        fp_epoch: ticket.epoch,
        content_root: child.content_root,
        issue_date: child.issue_date,
        ..successor(cx, old)
    }
}

/// A part is where its parent was, in the same hands.
fn origin(parent: &Lot, doc: &Doc) -> LotOrigin {
    LotOrigin {
        doc: doc.id,
        home: parent.home,
        custodian: parent.custodian,
        supervisor: parent.supervisor,
        place: parent.place,
        parents: vec![parent.id],
        master: Some(parent.origin_doc),
    }
}

/// The chain names the issuer, whoever called: only the entry of a release names the bank, and is masked.
fn enter(cx: &mut Cx<'_, '_>, mut child: Doc, pledgee: Option<AccountId>, actor: AccountId) -> Refused {
    let issuer = child.issuer;
    chain_by(cx, &mut child, issuer, ChainAction::Split, Some(actor))?;
    if let Some(bank) = pledgee.filter(|_| child.enc.is_none()) {
        let back_to = child.holder;
        chain_by(cx, &mut child, bank, ChainAction::PledgeRelease, Some(back_to))?;
    }
    cx.view.put_doc(&child);
    fingerprints::register(cx.view, &child);
    cx.touch(&child.id.0);
    Ok(())
}

fn end(cx: &mut Cx<'_, '_>, mut old: Doc, actor: AccountId) -> Refused {
    let parties = [old.issuer, actor];
    chain_by(cx, &mut old, parties[0], ChainAction::Split, Some(actor))?;
    old.enc = None;
    old.state = DocState::Split;
    fingerprints::retire(cx, &old);
    let members = checks::homes(cx, &old, &parties);
    let children: Vec<Hash> = old.children.iter().map(|id: &DocId| Hash(id.0)).collect();
    let n = u64::try_from(children.len()).unwrap_or(u64::MAX);
    cx.emit_related(EventName::Split, &old.id.0, &children, &members, &parties, &[n]);
    checks::put_changed(cx, old)
}
