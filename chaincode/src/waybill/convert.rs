//! `waybill.convert`: goods have arrived, and a warehouse receipt takes the waybill's place.
//!
//! Lots are consumed and new ones created; per unit of measure, and in packages, `sum(in) = sum(out) + declared shortage`.
//! Keys of classes V, B, P and M identify the goods wherever they are and must stand on the new lots. Containers may go on
//! their way if every new lot has a key of another class; wagons always do. Holder, beneficiary, encumbrance, priority and
//! reservation pass to the receipt; so does a hold that does not bar arrival.

use super::checks::{self, CARRIERS};
use super::{chain, fingerprints};
use crate::context::Cx;
use crate::goods::{self, LotOrigin, cells};
use crate::hold::{self, Act};
use crate::refusal::{Refused, ensure, internal};
use crate::warehouse::receipt::{self, Keeping};
use crate::{party, pledge};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::{Convert, NewLot};
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{ChainAction, DocKind, DocState, OrderType, Role};
use landsea_types::{AccountId, Code, Hash, LotId, Uom};
use std::collections::{BTreeMap, BTreeSet};

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
    hold::check_doc(cx, Act::Convert, &doc)?; // 7
    cells::check_open(cx, &op.receipt.lots)?;
    let holder = internal(pledge::actor(&doc))?;
    check_paper(cx, op, &doc, &holder)?; // 8, 9
    pledge::check_encumbrance(cx, &doc)?; // 10
    check_independence(cx, &doc)?; // 11
    let supervisors = supervisors(cx, op, &doc)?;
    require_consents(cx, &doc, &holder, &supervisors)?; // 12
    check_conservation(cx, op, &doc)?; // 13
    cells::check_units(cx, &op.receipt.lots)?;
    receipt::check_terms(&op.receipt)?;
    check_shortage(cx, op, &doc)?;
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
    let old = goods::lots_of(cx.view, doc);
    ensure(lasting_keys_stay(&old, &op.receipt.lots), Code::KeyDuplicated)?;
    ensure(containers_may_end(&old, &op.receipt.lots), Code::KeyDuplicated)?;
    goods::check_keys_free(cx, ticket.goods_keys.iter().chain(&ticket.arrival_keys), &doc.lots, holder)?;
    cells::check_room(cx, &op.receipt.lots)
}

/// Keys that identify the goods wherever they are stand on the new lots too.
fn lasting_keys_stay(old: &[Lot], new: &[NewLot]) -> bool {
    let stored: BTreeSet<_> = new.iter().flat_map(|lot| lot.keys.iter().map(|key| key.key)).collect();
    let lasting = |class| matches!(class, b'V' | b'B' | b'P' | b'M');
    let mut carried = old.iter().flat_map(|lot| &lot.keys).filter(|key| lasting(key.class));
    carried.all(|key| stored.contains(&key.key))
}

/// A container key ends only if every new lot has a key of another class: else the goods would lose their last identity.
fn containers_may_end(old: &[Lot], new: &[NewLot]) -> bool {
    let kept: BTreeSet<_> = new.iter().flat_map(|lot| lot.keys.iter().map(|key| key.key)).collect();
    let mut containers = old.iter().flat_map(|lot| &lot.keys).filter(|key| key.class == b'C');
    let ends = containers.any(|key| !kept.contains(&key.key));
    !ends || new.iter().all(|lot| lot.keys.iter().any(|key| key.class != b'C'))
}

/// Check step 11: the warehouse is as independent of pledgor and pledgee as a custodian at creation must be.
fn check_independence(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    let Some(id) = doc.enc else { return Ok(()) };
    let pledge = internal(cx.view.pledge(&id))?;
    let pledgee = internal(cx.view.party(&pledge.pledgee))?;
    for account in std::iter::once(pledge.pledgor).chain(doc.beneficiary) {
        let debtor = internal(cx.view.party(&account))?;
        pledge::check_independence(&cx.sender, &debtor, &pledgee)?;
    }
    Ok(())
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

/// Check step 12: carrier, holder, pledgee, supervisors.
fn require_consents(cx: &mut Cx<'_, '_>, doc: &Doc, holder: &AccountId, supervisors: &[AccountId]) -> Refused {
    checks::require_consents(cx, &[(doc.issuer, CARRIERS, 0), (*holder, &[], 1)])?;
    pledge::require_pledgee_consent(cx, doc)?;
    let needed: Vec<_> = supervisors.iter().map(|s| (*s, [Role::Supervisor].as_slice(), 3)).collect();
    checks::require_consents(cx, &needed)
}

/// Quantities per unit, in thousandths.
type Sums = BTreeMap<Uom, u128>;

fn sums(quantities: impl Iterator<Item = (Uom, u64)>) -> Refused<Sums> {
    let mut sums = Sums::new();
    for (uom, qty) in quantities {
        let sum = sums.entry(uom).or_default();
        *sum = internal(sum.checked_add(u128::from(qty)))?;
    }
    Ok(sums)
}

fn incoming(cx: &Cx<'_, '_>, doc: &Doc) -> Refused<Sums> {
    sums(goods::lots_of(cx.view, doc).iter().map(|lot| (lot.uom, lot.qty.get())))
}

/// Check step 13: what came in is on the receipt or declared short.
fn check_conservation(cx: &Cx<'_, '_>, op: &Convert, doc: &Doc) -> Refused {
    let old = goods::lots_of(cx.view, doc);
    ensure(op.receipt.lots.iter().all(|lot| lot.qty.get() > 0), Code::NotConserved)?;
    let before = incoming(cx, doc)?;
    let lots = op.receipt.lots.iter().map(|lot| (lot.uom, lot.qty.get()));
    let after = sums(lots.chain(op.shortages.iter().map(|short| (short.uom, short.qty.get()))))?;
    ensure(after.keys().all(|uom| before.contains_key(uom)), Code::UnitMismatch)?;
    let packages_before: u64 = sum_of(old.iter().map(|lot| lot.packages))?;
    let short = op.shortages.iter().map(|short| short.packages);
    let packages_after = sum_of(op.receipt.lots.iter().map(|lot| lot.packages).chain(short))?;
    ensure(before == after && packages_before == packages_after, Code::NotConserved)
}

fn sum_of(packages: impl Iterator<Item = u32>) -> Refused<u64> {
    internal(packages.map(u64::from).try_fold(0u64, u64::checked_add))
}

/// Check step 13: `shortage x 10000 <= tolerance x quantity` per unit, exactly, unless the signers accept more.
fn check_shortage(cx: &Cx<'_, '_>, op: &Convert, doc: &Doc) -> Refused {
    let tolerance_bps = u128::from(cx.param(ParamKey::ShortageToleranceBps));
    let before = incoming(cx, doc)?;
    for (uom, short) in sums(op.shortages.iter().map(|short| (short.uom, short.qty.get())))? {
        let quantity = before.get(&uom).copied().unwrap_or_default();
        let within = internal(short.checked_mul(10_000))? <= internal(quantity.checked_mul(tolerance_bps))?;
        ensure(within || op.accept_shortage, Code::ShortageAboveTolerance)?;
    }
    Ok(())
}

fn apply(cx: &mut Cx<'_, '_>, op: &Convert, mut old: Doc, holder: AccountId, supervisor: Option<AccountId>) -> Refused {
    // A supervisor whom the pledge appointed watches the lots and leaves with it; the receipt names the site's own.
    let of_site = party::supervisor_of_site(cx.view, &op.receipt.site, cx.now());
    let keeping = Keeping { depositor: holder, supervisor: of_site, control_agreement: old.control_agreement };
    let mut new = receipt::document(cx, &op.receipt, &keeping);
    new.order_type = if op.receipt.negotiable { old.order_type } else { OrderType::Straight };
    new.holder = old.holder;
    new.beneficiary = old.beneficiary;
    new.replaces = Some(old.id);
    goods::consume_lots(cx, &old)?;
    let parents: Vec<LotId> = old.lots.clone();
    let place = new.home;
    let origin =
        LotOrigin { doc: new.id, home: new.home, custodian: new.issuer, supervisor, place, parents, master: None };
    new.lots = goods::create_lots(cx, &op.receipt.lots, &origin)?;
    let lots = new.lots.clone();
    pledge::carry(cx, &old, &mut new, &lots)?;
    hold::follow_doc(cx, &old, &[new.id])?;
    for lot in goods::lots_of(cx.view, &old) {
        hold::follow_lot(cx, &lot, &lots)?;
    }
    say_converted(cx, op, &old, &new, holder);
    old.enc = None;
    old.state = DocState::Converted;
    old.replaced_by = Some(new.id);
    chain(cx, &mut old, ChainAction::Convert, Some(holder))?;
    fingerprints::retire(cx, &old);
    checks::put_changed(cx, old)?;
    super::issue::enter(cx, new)
}

fn say_converted(cx: &mut Cx<'_, '_>, op: &Convert, old: &Doc, new: &Doc, holder: AccountId) {
    let parties = [old.issuer, new.issuer, holder];
    let members = checks::homes(cx, old, &parties);
    let shortages: Vec<u64> = op.shortages.iter().map(|short| short.qty.get()).collect();
    cx.emit_related(EventName::Converted, &old.id.0, &[Hash(new.id.0)], &members, &parties, &shortages);
    let lots: Vec<Hash> = new.lots.iter().map(|lot| Hash(lot.0)).collect();
    cx.emit_related(EventName::CustodyChanged, &new.id.0, &lots, &members, &[old.issuer, new.issuer], &[]);
}
