//! What conversions in both directions share: a waybill that becomes a receipt, a receipt that becomes a waybill.
//!
//! Lots are consumed and new ones created; per unit of measure, and in packages, `sum(in) = sum(out) + declared shortage`. Keys of
//! classes V, B, P and M identify the goods wherever they are and must stand on the new lots. Containers may go on their way if every
//! new lot has a key of another class; wagons and cells always end. Holder, beneficiary, encumbrance, priority and reservation pass to
//! the new document; so does a hold that does not bar the conversion.

use super::checks;
use super::issue::enter;
use super::{chain, fingerprints};
use crate::context::Cx;
use crate::goods::{self, LotOrigin, cells::Goods};
use crate::hold::{self, Act, Touched};
use crate::pledge;
use crate::refusal::{Refused, ensure, internal};
use crate::view::View;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::{NewLot, Shortage};
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{ChainAction, DocState, LotStatus, Role};
use landsea_types::{AccountId, Code, DocId, Hash, LotId, Uom};
use std::collections::{BTreeMap, BTreeSet};

/// Who may keep goods.
const KEEPERS: &[Role] = &[Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse];

/// Check step 9: no key by which the goods are known is lost, no goods lose their last key, and the containers that they share with
/// goods under other documents are of one consignment.
///
/// # Errors
/// 4007 otherwise.
pub(crate) fn check_lasting_keys(cx: &Cx<'_, '_>, doc: &Doc, new: &[NewLot]) -> Refused {
    let old = goods::lots_of(cx.view, doc);
    let known = lasting_keys_stay(&old, new) && containers_may_end(&old, new);
    ensure(known && shared_consignments(cx.view, &old, new).len() <= 1, Code::KeyDuplicated)
}

/// The consignments of which other lots stay in the containers of the new ones.
fn shared_consignments(view: &View<'_>, old: &[Lot], new: &[NewLot]) -> BTreeSet<DocId> {
    let containers = new.iter().flat_map(|lot| &lot.keys).filter(|key| key.class == b'C');
    let occupants = containers.flat_map(|key| view.goods_key(&key.key));
    let others = occupants.filter(|id| old.iter().all(|lot| lot.id != *id)).filter_map(|id| view.lot(&id));
    others.map(|lot| lot.origin_doc).filter(|origin| old.iter().any(|lot| lot.origin_doc == *origin)).collect()
}

/// Keys that identify the goods wherever they are stand on the new lots too.
fn lasting_keys_stay(old: &[Lot], new: &[NewLot]) -> bool {
    let kept: BTreeSet<_> = new.iter().flat_map(|lot| lot.keys.iter().map(|key| key.key)).collect();
    let lasting = |class| matches!(class, b'V' | b'B' | b'P' | b'M');
    let mut carried = old.iter().flat_map(|lot| &lot.keys).filter(|key| lasting(key.class));
    carried.all(|key| kept.contains(&key.key))
}

/// A container key ends only if every new lot has a key of another class: else the goods would lose their last identity.
fn containers_may_end(old: &[Lot], new: &[NewLot]) -> bool {
    let kept: BTreeSet<_> = new.iter().flat_map(|lot| lot.keys.iter().map(|key| key.key)).collect();
    let mut containers = old.iter().flat_map(|lot| &lot.keys).filter(|key| key.class == b'C');
    let ends = containers.any(|key| !kept.contains(&key.key));
    !ends || new.iter().all(|lot| lot.keys.iter().any(|key| key.class != b'C'))
}

/// Check step 11: the new custodian is as independent of pledgor and pledgee as one at creation must be.
///
/// # Errors
/// 5109.
pub(crate) fn check_independence(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    let Some(id) = doc.enc else { return Ok(()) };
    let pledge = internal(cx.view.pledge(&id))?;
    let pledgee = internal(cx.view.party(&pledge.pledgee))?;
    for account in std::iter::once(pledge.pledgor).chain(doc.beneficiary) {
        let debtor = internal(cx.view.party(&account))?;
        pledge::check_independence(&cx.sender, &debtor, &pledgee)?;
    }
    Ok(())
}

/// Check step 12: the issuer and whoever has the goods now (0), the holder (1), the pledgee, the supervisors (3), and the branches
/// whose orders stand in the way.
///
/// # Errors
/// 1008, 1009, 1006.
pub(crate) fn require_consents(
    cx: &mut Cx<'_, '_>,
    doc: &Doc,
    issuers: &[Role],
    holder: &AccountId,
    supervisors: &[AccountId],
) -> Refused {
    checks::require_consents(cx, &[(doc.issuer, issuers, 0)])?;
    let custodians = goods::lots_of(cx.view, doc).into_iter().map(|lot| lot.custodian).filter(|id| *id != doc.issuer);
    let custodians: Vec<_> = custodians.map(|id| (id, KEEPERS, 0)).collect();
    checks::require_consents(cx, &custodians)?;
    checks::require_consents(cx, &[(*holder, &[], 1)])?;
    pledge::require_pledgee_consent(cx, doc)?;
    let supervisors: Vec<_> = supervisors.iter().map(|id| (*id, [Role::Supervisor].as_slice(), 3)).collect();
    checks::require_consents(cx, &supervisors)?;
    hold::require_orders(cx, Act::Convert, &Touched::doc(doc))
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

fn sum_of(packages: impl Iterator<Item = u32>) -> Refused<u64> {
    internal(packages.map(u64::from).try_fold(0u64, u64::checked_add))
}

/// Check step 13: what came in is on the new document or declared short.
///
/// # Errors
/// 4003 for a lot of nothing, 4004 for a unit that did not come in, 4003 for sums that differ.
pub(crate) fn check_conservation(cx: &Cx<'_, '_>, doc: &Doc, new: &[NewLot], shortages: &[Shortage]) -> Refused {
    let old = goods::lots_of(cx.view, doc);
    ensure(new.iter().all(|lot| lot.qty.get() > 0), Code::NotConserved)?;
    let before = incoming(cx, doc)?;
    let lots = new.iter().map(|lot| (lot.uom, lot.qty.get()));
    let after = sums(lots.chain(shortages.iter().map(|short| (short.uom, short.qty.get()))))?;
    ensure(after.keys().all(|uom| before.contains_key(uom)), Code::UnitMismatch)?;
    let packages_before: u64 = sum_of(old.iter().map(|lot| lot.packages))?;
    let short = shortages.iter().map(|short| short.packages);
    let packages_after = sum_of(new.iter().map(|lot| lot.packages).chain(short))?;
    ensure(before == after && packages_before == packages_after, Code::NotConserved)
}

/// Check step 13: `shortage x 10000 <= tolerance x quantity` per unit, exactly, unless the signers accept more.
///
/// # Errors
/// 3107.
pub(crate) fn check_shortage(cx: &Cx<'_, '_>, doc: &Doc, shortages: &[Shortage], accepted: bool) -> Refused {
    let tolerance_bps = u128::from(cx.param(ParamKey::ShortageToleranceBps));
    let before = incoming(cx, doc)?;
    for (uom, short) in sums(shortages.iter().map(|short| (short.uom, short.qty.get())))? {
        let quantity = before.get(&uom).copied().unwrap_or_default();
        let within = internal(short.checked_mul(10_000))? <= internal(quantity.checked_mul(tolerance_bps))?;
        ensure(within || accepted, Code::ShortageAboveTolerance)?;
    }
    Ok(())
}

/// How the goods of one document come under another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversion<'a> {
    pub(crate) lots: &'a [NewLot],
    pub(crate) shortages: &'a [Shortage],
    /// Who acts as holder.
    pub(crate) holder: AccountId,
    /// Who watches the new lots.
    pub(crate) supervisor: Option<AccountId>,
    /// Whether the goods leave the cells they lie in.
    pub(crate) leaving: Goods,
}

/// Puts `new`, a document of the sender that has no lots yet, in the place of `old`.
///
/// # Errors
/// 1010 when a hold would stand on too many objects, 1014 when a number overflows.
pub(crate) fn convert_into(cx: &mut Cx<'_, '_>, mut old: Doc, mut new: Doc, how: &Conversion<'_>) -> Refused {
    new.holder = old.holder;
    new.beneficiary = old.beneficiary;
    new.replaces = Some(old.id);
    let consumed = goods::lots_of(cx.view, &old);
    // What shares a container with goods elsewhere stays of their consignment; else the new document begins one.
    let master = shared_consignments(cx.view, &consumed, how.lots).first().copied();
    for lot in &consumed {
        goods::lots::end_lot(cx, lot.clone(), LotStatus::Consumed, how.leaving)?;
    }
    let origin = LotOrigin { master, ..origin(&old, &new, how.supervisor) };
    new.lots = goods::create_lots(cx, how.lots, &origin)?;
    let lots: Vec<LotId> = new.lots.clone();
    pledge::carry(cx, &old, &mut new, &lots)?;
    hold::follow_doc(cx, &old, &[new.id])?;
    consumed.iter().try_for_each(|lot| hold::follow_lot(cx, lot, &lots))?;
    let left: BTreeSet<_> = consumed.iter().filter_map(|lot| goods::cell_key(&lot.keys)).collect();
    left.iter().try_for_each(|cell| hold::follow_out(cx, cell, &lots))?;
    say_converted(cx, &old, &new, how);
    old.enc = None;
    old.state = DocState::Converted;
    old.replaced_by = Some(new.id);
    chain(cx, &mut old, ChainAction::Convert, Some(how.holder))?;
    fingerprints::retire(cx, &old);
    checks::put_changed(cx, old)?;
    enter(cx, new)
}

fn origin(old: &Doc, new: &Doc, supervisor: Option<AccountId>) -> LotOrigin {
    LotOrigin {
        doc: new.id,
        home: new.home,
        custodian: new.issuer,
        supervisor,
        place: new.home,
        parents: old.lots.clone(),
        master: None,
    }
}

fn say_converted(cx: &mut Cx<'_, '_>, old: &Doc, new: &Doc, how: &Conversion<'_>) {
    let parties = [old.issuer, new.issuer, how.holder];
    let members = checks::homes(cx, old, &parties);
    let shortages: Vec<u64> = how.shortages.iter().map(|short| short.qty.get()).collect();
    cx.emit_related(EventName::Converted, &old.id.0, &[Hash(new.id.0)], &members, &parties, &shortages);
    let lots: Vec<Hash> = new.lots.iter().map(|lot| Hash(lot.0)).collect();
    cx.emit_related(EventName::CustodyChanged, &new.id.0, &lots, &members, &[old.issuer, new.issuer], &[]);
}
