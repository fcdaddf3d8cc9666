//! What the operations share that place a hold or change one.

use super::ending;
use super::notice::tell;
use super::standing::{holds_on, put, refresh};
use crate::context::Cx;
use crate::goods;
use crate::pledge::{self, Transition};
use crate::refusal::{Refusal, Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::record::{Hold, HoldTarget, Priority};
use landsea_types::role::{HoldKind, HoldState, LotStatus, PartyStatus};
use landsea_types::{Code, Commit, DocId, HoldId, LotId, PledgeId, Timestamp, bounds};

/// What is particular to a new hold.
pub(super) struct Terms {
    pub(super) kind: HoldKind,
    pub(super) target: HoldTarget,
    pub(super) on_behalf: Commit,
    pub(super) basis: Commit,
    pub(super) until: Timestamp,
}

/// Check steps 4 and 6: the target exists and has not ended, and there is room for a hold of the kind. What is due on it applies
/// first: a hold placed now must not stop a lapse that was due before.
///
/// # Errors
/// 1012; 3004 for an ended document, 4008 for an ended lot, 5008 for an ended pledge, 1006 for a party that is gone; 1010.
pub(super) fn require_target(cx: &mut Cx<'_, '_>, target: &HoldTarget, kind: HoldKind) -> Refused {
    match target {
        HoldTarget::Doc(id) => require_doc(cx, id)?,
        HoldTarget::Lot(id) => require_lot(cx, id)?,
        HoldTarget::Pledge(id) => require_pledge(cx, id)?,
        HoldTarget::Party(id) => {
            let party = Cx::known(cx.view.party(id), 0)?;
            ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
        }
        HoldTarget::Cell(key) => {
            Cx::known(cx.view.cell(key), 0)?;
            goods::lots_in_cell(cx.view, key).iter().try_for_each(|lot| settle_title(cx, lot))?;
        }
    }
    ending::settle_all(&mut Transition::of(cx), &[target.id()]);
    // What waits has no leaf; a term that ran out in the queue is neither a rank nor a place.
    for hold in holds_on(cx.view, target) {
        ending::lapse(&mut Transition::of(cx), &hold.id);
    }
    require_room(cx, target, kind)
}

fn require_doc(cx: &mut Cx<'_, '_>, id: &DocId) -> Refused {
    Cx::known(cx.view.doc(id), 0)?;
    pledge::settle(cx, id)?;
    let doc = internal(cx.view.doc(id))?;
    ensure(!doc.state.is_terminal(), Code::DocumentState)
}

fn require_lot(cx: &mut Cx<'_, '_>, id: &LotId) -> Refused {
    let lot = Cx::known(cx.view.lot(id), 0)?;
    settle_title(cx, id)?;
    ensure(lot.status == LotStatus::Active, Code::LotNotActive)
}

fn settle_title(cx: &mut Cx<'_, '_>, lot: &LotId) -> Refused {
    match cx.view.lot(lot).and_then(|lot| lot.title) {
        Some(title) => pledge::settle(cx, &title),
        None => Ok(()),
    }
}

fn require_pledge(cx: &mut Cx<'_, '_>, id: &PledgeId) -> Refused {
    Cx::known(cx.view.pledge(id), 0)?;
    Transition::of(cx).settle_pledge(id);
    let pledge = internal(cx.view.pledge(id))?;
    ensure(pledge.state.is_live(), Code::PledgeState)
}

/// Disputes, which any firm may place, leave room for what authorities order, and those of one firm leave room for another's.
fn require_room(cx: &Cx<'_, '_>, target: &HoldTarget, kind: HoldKind) -> Refused {
    let standing = holds_on(cx.view, target);
    let disputes = || standing.iter().filter(|h| h.kind == HoldKind::Dispute);
    let full = disputes().count() >= bounds::DISPUTES_PER_TARGET_MAX || disputes().any(|h| h.by == cx.sender.id);
    let crowded = kind == HoldKind::Dispute && full;
    ensure(standing.len() < bounds::HOLDS_PER_TARGET_MAX && !crowded, Code::TooLarge)
}

/// Places a hold of the sender: EFFECTIVE, or QUEUED with its rank.
pub(super) fn place(cx: &mut Cx<'_, '_>, terms: &Terms, rank: Option<u64>) {
    let id = HoldId(cx.new_id("hold"));
    let hold = Hold {
        id,
        ver: 1,
        kind: terms.kind,
        placed_on: terms.target,
        targets: vec![terms.target],
        by: cx.sender.id,
        by_member: cx.sender.home,
        on_behalf: terms.on_behalf,
        basis: terms.basis,
        placed: Priority { height: cx.height(), index: cx.tx_index },
        from: cx.now(),
        until: terms.until,
        state: if rank.is_some() { HoldState::Queued } else { HoldState::Effective },
        filed: None,
        countersigned: None,
        order: None,
    };
    put(cx.view, None, &hold);
    refresh(cx.view, &terms.target);
    let mut due = Transition::of(cx);
    let args = [hold.kind as u64, hold.until.get()];
    tell(&mut due, EventName::HoldPlaced, &hold, &args);
    match rank {
        Some(rank) => tell(&mut due, EventName::HoldQueued, &hold, &[rank]),
        None => tell(&mut due, EventName::HoldEffective, &hold, &args),
    }
}

/// Check step 4 for a hold: it exists in the expected version. If its term is over it lapses first.
///
/// # Errors
/// 1012, 1007.
pub(super) fn load(cx: &mut Cx<'_, '_>, id: &HoldId, expect_ver: u32) -> Refused<Hold> {
    let seen = Cx::known(cx.view.hold(id), 0)?.ver;
    cx.expect_ver(expect_ver, seen)?;
    ending::lapse(&mut Transition::of(cx), id);
    cx.view.hold(id).ok_or_else(|| Refusal::new(Code::Internal))
}

/// Stores a hold that stays with another term, under its next version, and tells everybody concerned.
///
/// # Errors
/// 1014 when the version overflows.
pub(super) fn change(cx: &mut Cx<'_, '_>, before: &Hold, mut hold: Hold) -> Refused {
    hold.ver = internal(before.ver.checked_add(1))?;
    put(cx.view, Some(before), &hold);
    for target in &hold.targets {
        refresh(cx.view, target);
    }
    tell(&mut Transition::of(cx), EventName::HoldChanged, &hold, &[hold.kind as u64, hold.until.get()]);
    Ok(())
}

/// Whether a hold stands or waits.
pub(super) fn is_live(hold: &Hold) -> bool {
    matches!(hold.state, HoldState::Effective | HoldState::Queued)
}
