//! Which holds stand on what: the `hold/` leaves, and how holds follow the goods.

use super::matrix::{Act, Bar, bar};
use super::placing::is_live;
use crate::context::Cx;
use crate::pledge;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::view::{Due, View};
use landsea_types::record::hold::{Hold, HoldTarget, Standing};
use landsea_types::record::{Doc, Lot, Priority};
use landsea_types::role::{DocState, HoldKind, HoldState, LotStatus, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, GoodsKey, HoldId, LotId, PledgeId, Timestamp, bounds};

/// The argument of 1008 for the branch whose order an act needs.
const WHO_ORDERS: u64 = 9;

/// What an act touches: objects on which holds stand, and the claim.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// Documents, lots and parties.
    pub objects: Vec<[u8; 32]>,
    /// The pledge, if the act is on one.
    pub claim: Option<PledgeId>,
}

impl Touched {
    /// A document, its lots, and the firm whose right would change.
    pub fn doc(doc: &Doc) -> Self {
        let mut objects = vec![doc.id.0];
        objects.extend(doc.lots.iter().map(|lot| lot.0));
        objects.extend(pledge::actor(doc).map(|actor| actor.0));
        let pending = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
        objects.extend(doc.surrendered.iter().filter(|_| pending).map(|surrendered| surrendered.by.0));
        Self { objects, claim: None }
    }
    /// A pledge with its documents.
    pub fn pledge(claim: PledgeId, docs: &[Doc]) -> Self {
        let objects = docs.iter().flat_map(|doc| Self::doc(doc).objects).collect();
        Self { objects, claim: Some(claim) }
    }
    /// The ids under which the leaves stand.
    pub(crate) fn ids(&self) -> Vec<[u8; 32]> {
        self.objects.iter().copied().chain(self.claim.map(|claim| claim.0)).collect()
    }
    fn standings(&self, view: &View<'_>) -> Vec<(bool, Standing)> {
        let on_objects = self.objects.iter().flat_map(|target| view.standings(target)).map(|s| (false, s));
        let on_claim = self.claim.iter().flat_map(|claim| view.standings(&claim.0)).map(|s| (true, s));
        on_claim.chain(on_objects).collect()
    }
}

/// Check step 7: no effective hold bars the act. A hold that only an order sets aside passes if its branch says anything; what it
/// says is judged at step 12 by [`require_orders`].
///
/// # Errors
/// 6001 with the kind of the hold.
pub fn check(cx: &Cx<'_, '_>, act: Act, touched: &Touched) -> Refused {
    for (on_claim, standing) in touched.standings(cx.view) {
        let passes = match bar(act, standing.kind) {
            Bar::Free => true,
            Bar::Barred => false,
            Bar::OnClaim => !on_claim,
            Bar::ByOrder => orderer(cx.view, &standing).is_some_and(|branch| cx.offers_consent(&branch)),
        };
        if !passes {
            return Err(Refusal::with_args(Code::Held, &[standing.kind as u64]));
        }
    }
    Ok(())
}

/// Check step 7 for an operation on one document.
///
/// # Errors
/// 6001 with the kind of the hold.
pub fn check_doc(cx: &Cx<'_, '_>, act: Act, doc: &Doc) -> Refused {
    check(cx, act, &Touched::doc(doc))
}

/// Check step 12 after [`check`]: the branches whose order sets their holds aside have consented.
///
/// # Errors
/// 1008, 1009, 1006.
pub fn require_orders(cx: &mut Cx<'_, '_>, act: Act, touched: &Touched) -> Refused {
    for (_, standing) in touched.standings(cx.view) {
        if let (Bar::ByOrder, Some(branch)) = (bar(act, standing.kind), orderer(cx.view, &standing)) {
            cx.require_consent(&branch, &[Role::Branch], WHO_ORDERS, Code::ConsentMissing)?;
        }
    }
    Ok(())
}

fn orderer(view: &View<'_>, standing: &Standing) -> Option<AccountId> {
    view.hold(&standing.hold?).map(|hold| hold.by)
}

/// Whether a hold pauses the lapse of a pledge over the given objects.
pub fn pauses_lapse(view: &View<'_>, touched: &Touched) -> bool {
    touched.standings(view).iter().any(|(_, standing)| bar(Act::Lapse, standing.kind) == Bar::Barred)
}

/// The holds that stand on a target or wait for it, in the order in which they were placed.
pub fn holds_on(view: &View<'_>, target: &HoldTarget) -> Vec<Hold> {
    let (from, until) = (by_target(target, &Priority::FIRST, &HoldId::default()), beyond(target));
    let limit = bounds::HOLDS_PER_TARGET_MAX.saturating_add(1);
    let rows = view.scan(Table::HoldByTarget, &from, &until, limit);
    let id = |key: &[u8]| key.last_chunk::<32>().map(|id| HoldId(*id));
    rows.iter().filter_map(|(key, _)| view.hold(&id(key)?)).collect()
}

/// Writes a hold under its targets and queues its end; `before` is how it stood until now. The caller refreshes the targets.
pub fn put(view: &mut View<'_>, before: Option<&Hold>, hold: &Hold) {
    if let Some(before) = before.filter(|before| is_live(before)) {
        for target in &before.targets {
            view.remove_row(Table::HoldByTarget, &by_target(target, &before.placed, &before.id));
        }
        view.unschedule(before.until, Due::Hold, &before.id.0);
    }
    if is_live(hold) {
        for target in &hold.targets {
            view.put_row(Table::HoldByTarget, &by_target(target, &hold.placed, &hold.id), &());
        }
        if hold.until < Timestamp::MAX {
            view.schedule(hold.until, Due::Hold, &hold.id.0, &[]);
        }
    }
    view.put_hold(hold);
}

/// Brings the leaf of a target up to date. A lot shows its own holds, those of its cell and a deficit; a cell shows on its lots.
pub fn refresh(view: &mut View<'_>, target: &HoldTarget) {
    let mut standing = effective(view, target);
    match target {
        HoldTarget::Lot(id) => {
            let Some(lot) = view.lot(id) else { return };
            // A lot that has ended keeps its own holds; its cell is no longer its place.
            let place = lot.keys.iter().filter(|key| key.class == b'S' && lot.status == LotStatus::Active);
            for key in place {
                standing.extend(effective(view, &HoldTarget::Cell(key.key)));
            }
            let short = lot.deficit.then_some(Standing { kind: HoldKind::Deficit, until: Timestamp::MAX, hold: None });
            standing.extend(short);
        }
        HoldTarget::Cell(key) => {
            for lot in crate::goods::lots_in_cell(view, key) {
                refresh(view, &HoldTarget::Lot(lot));
            }
        }
        _ => {}
    }
    standing.sort_by_key(|s| (gravity(s.kind), s.hold));
    standing.dedup();
    if view.standings(&target.id()) != standing {
        view.put_standings(&target.id(), standing);
    }
}

fn effective(view: &View<'_>, target: &HoldTarget) -> Vec<Standing> {
    let holds = holds_on(view, target).into_iter().filter(|h| h.state == HoldState::Effective);
    holds.map(|h| Standing { kind: h.kind, until: h.until, hold: Some(h.id) }).collect()
}

/// The gravest comes first: what everybody may see of several holds.
pub(crate) fn gravity(kind: HoldKind) -> u8 {
    kind.gravity()
}

/// INV-H2: what stands on an object that ends goes on to what takes its place, waiting holds alike. Where nothing takes its place, it
/// stays.
///
/// # Errors
/// 1010 when a hold would stand on too many objects or an object under too many holds, 1014 when a version overflows.
pub fn follow(cx: &mut Cx<'_, '_>, from: &HoldTarget, to: &[HoldTarget]) -> Refused {
    if to.is_empty() {
        return Ok(());
    }
    for before in holds_on(cx.view, from) {
        let mut hold = before.clone();
        hold.targets.retain(|target| target != from || to.contains(from));
        hold.targets.extend(to.iter().filter(|target| !before.targets.contains(target)));
        hold.ver = internal(hold.ver.checked_add(1))?;
        ensure(hold.targets.len() <= bounds::HOLD_TARGETS_MAX, Code::TooLarge)?;
        put(cx.view, Some(&before), &hold);
        cx.touch(&hold.id.0);
    }
    refresh(cx.view, from);
    for target in to {
        ensure(holds_on(cx.view, target).len() <= bounds::HOLDS_PER_TARGET_MAX, Code::TooLarge)?;
        refresh(cx.view, target);
    }
    Ok(())
}

/// [`follow`] from a document to those that take its place.
///
/// # Errors
/// As [`follow`].
pub fn follow_doc(cx: &mut Cx<'_, '_>, from: &Doc, to: &[landsea_types::DocId]) -> Refused {
    let to: Vec<HoldTarget> = to.iter().map(|id| HoldTarget::Doc(*id)).collect();
    follow(cx, &HoldTarget::Doc(from.id), &to)
}

/// [`follow`] from a lot to its children.
///
/// # Errors
/// As [`follow`].
pub fn follow_lot(cx: &mut Cx<'_, '_>, from: &Lot, to: &[LotId]) -> Refused {
    let to: Vec<HoldTarget> = to.iter().map(|id| HoldTarget::Lot(*id)).collect();
    follow(cx, &HoldTarget::Lot(from.id), &to)
}

/// What stands on a cell goes along with goods that leave it, and stays on the cell.
///
/// # Errors
/// As [`follow`].
pub fn follow_out(cx: &mut Cx<'_, '_>, cell: &GoodsKey, to: &[LotId]) -> Refused {
    let cell = HoldTarget::Cell(*cell);
    let to: Vec<HoldTarget> = to.iter().map(|id| HoldTarget::Lot(*id)).chain([cell]).collect();
    follow(cx, &cell, &to)
}

fn by_target(target: &HoldTarget, placed: &Priority, hold: &HoldId) -> Vec<u8> {
    let mut key = target.id().to_vec();
    key.extend_from_slice(&placed.height.get().to_be_bytes());
    key.extend_from_slice(&placed.index.to_be_bytes());
    key.extend_from_slice(&hold.0);
    key
}

/// The first key after all those of a target.
fn beyond(target: &HoldTarget) -> Vec<u8> {
    let mut key = target.id().to_vec();
    key.extend_from_slice(&[0xff; 12 + 32 + 1]);
    key
}
