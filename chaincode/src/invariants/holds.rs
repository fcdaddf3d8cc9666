//! Invariants of holds.

use super::public::each_record;
use super::{Broken, Decoded, Holds, WholeState, ensure};
use crate::goods::cell_key;
use crate::hold::{Act, Bar, bar, gravity};
use crate::pledge;
use crate::view::encode;
use landsea_types::record::{Doc, Hold, HoldTarget, Lot, Standing, Standings};
use landsea_types::role::{DocState, HoldKind, HoldState, LotStatus, PledgeState};
use landsea_types::state::Family;
use landsea_types::{Hash, HoldId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// INV-9 (H1): a `hold/` leaf exists iff an EFFECTIVE hold or a deficit stands on its target, and lists exactly those, the gravest
/// first. A lot shows what stands on its cell too. The acts that a leaf bars are held by the matrix and its walk over every operation.
///
/// # Errors
/// A leaf that is missing, surplus, or lists something else.
pub fn hold_leaves_equal_effective_holds(state: &Decoded) -> Holds {
    let expected = standing(state);
    for (target, holds) in &expected {
        let mut seen: Vec<Standing> = state.standings.get(target).cloned().unwrap_or_default();
        let graver_first = seen.iter().map(|s| gravity(s.kind)).is_sorted();
        seen.sort_by_key(order);
        ensure(graver_first && seen == *holds, "INV-9", || {
            format!("the leaf of {} says {seen:?}, where {holds:?} stand", Hash(*target).short())
        })?;
    }
    let stray = state.standings.keys().find(|target| !expected.contains_key(*target));
    ensure(stray.is_none(), "INV-9", || format!("a leaf on {stray:?}, where nothing stands"))
}

/// What stands on every target on which anything does.
fn standing(state: &Decoded) -> BTreeMap<[u8; 32], Vec<Standing>> {
    let mut all: BTreeMap<[u8; 32], Vec<Standing>> = BTreeMap::new();
    for hold in state.holds.values().filter(|hold| hold.state == HoldState::Effective) {
        for target in &hold.targets {
            let shown = Standing { kind: hold.kind, until: hold.until, hold: Some(hold.id) };
            all.entry(target.id()).or_default().push(shown);
        }
    }
    for lot in state.lots.values() {
        let cell = cell_key(&lot.keys).filter(|_| lot.status == LotStatus::Active);
        let mut inherited: Vec<Standing> = cell.and_then(|cell| all.get(&cell.0)).cloned().unwrap_or_default();
        let short = Standing { kind: HoldKind::Deficit, until: Timestamp::MAX, hold: None };
        inherited.extend(lot.deficit.then_some(short));
        if !inherited.is_empty() {
            all.entry(lot.id.0).or_default().extend(inherited);
        }
    }
    for holds in all.values_mut() {
        holds.sort_by_key(order);
        holds.dedup();
    }
    all
}

fn order(standing: &Standing) -> (u8, Option<HoldId>) {
    (gravity(standing.kind), standing.hold)
}

/// INV-10 (H3): the queue of a target lists what stands and waits there, in the order of height and index. A court freeze waits only
/// behind another; two stand on one target only if they were placed on different goods that were brought together.
///
/// # Errors
/// A queue that differs from the holds, a freeze that waits for nothing, or two that stand where one should wait.
pub fn court_freezes_wait_in_order(state: &Decoded) -> Holds {
    let live = |hold: &&Hold| matches!(hold.state, HoldState::Effective | HoldState::Queued);
    let mut rows = BTreeSet::new();
    for hold in state.holds.values().filter(live) {
        rows.extend(hold.targets.iter().map(|target| queue_key(target, hold)));
        let only_courts_wait = hold.state == HoldState::Effective || hold.kind == HoldKind::CourtFreeze;
        ensure(only_courts_wait, "INV-10", || format!("{:?} waits and is a {}", hold.id, hold.kind))?;
    }
    ensure(rows == state.hold_rows, "INV-10", || {
        let stray: Vec<_> = rows.symmetric_difference(&state.hold_rows).take(1).collect();
        format!("queues and holds differ by {stray:02x?}")
    })?;
    let mut courts: BTreeMap<HoldTarget, Vec<&Hold>> = BTreeMap::new();
    for hold in state.holds.values().filter(live).filter(|hold| hold.kind == HoldKind::CourtFreeze) {
        for target in &hold.targets {
            courts.entry(*target).or_default().push(hold);
        }
    }
    courts.values().try_for_each(|freezes| one_after_the_other(freezes))?;
    let waiting = state.holds.values().filter(|hold| hold.state == HoldState::Queued);
    for hold in waiting {
        let ahead = hold.targets.iter().filter_map(|target| courts.get(target)).flatten();
        let mut ahead = ahead.filter(|other| other.state == HoldState::Effective || place(other) < place(hold));
        ensure(ahead.any(|other| other.id != hold.id), "INV-10", || format!("{:?} waits for nothing", hold.id))?;
    }
    Ok(())
}

fn one_after_the_other(freezes: &[&Hold]) -> Holds {
    let mut placed_on = BTreeSet::new();
    for hold in freezes.iter().filter(|hold| hold.state == HoldState::Effective) {
        let alone = placed_on.insert(hold.placed_on);
        ensure(alone, "INV-10", || format!("two freezes of {:?} stand at once, one is {:?}", hold.placed_on, hold.id))?;
    }
    Ok(())
}

fn place(hold: &Hold) -> (landsea_types::record::Priority, HoldId) {
    (hold.placed, hold.id)
}

fn queue_key(target: &HoldTarget, hold: &Hold) -> Vec<u8> {
    let (height, index) = (hold.placed.height.get().to_be_bytes(), hold.placed.index.to_be_bytes());
    [target.id().as_slice(), &height, &index, &hold.id.0].concat()
}

/// INV-10 (H3): no hold moves backwards in its queue, or to another place in it.
///
/// # Errors
/// A hold that vanished, waits again or was placed at another time.
pub fn holds_keep_their_place(before: &Decoded, after: &Decoded) -> Holds {
    for (id, old) in &before.holds {
        let Some(new) = after.holds.get(id) else {
            return Err(Broken::new("INV-10", format!("{id:?} vanished")));
        };
        let kept = |hold: &Hold| (hold.kind, hold.placed, hold.from, hold.placed_on, hold.by);
        ensure(kept(old) == kept(new), "INV-10", || format!("{id:?} was {:?}, is {:?}", kept(old), kept(new)))?;
        let back = old.state == HoldState::Effective && new.state == HoldState::Queued;
        ensure(!back, "INV-10", || format!("{id:?} stood and waits again"))?;
    }
    Ok(())
}

/// INV-9 (H1): nothing happened to a document that a hold bars which stood before the block and still stands after it.
///
/// # Errors
/// An act that the matrix bars, whoever did it.
pub fn no_held_act_succeeded(before: &Decoded, after: &Decoded) -> Holds {
    for (id, old) in &before.docs {
        let Some((new, act)) = after.docs.get(id).and_then(|new| Some((new, act_of(after, old, new)?))) else {
            continue;
        };
        for standing in standings_on(before, old) {
            let hold = standing.hold.and_then(|hold| after.holds.get(&hold));
            let stood = hold.is_some_and(|hold| hold.state == HoldState::Effective);
            let barred = stood && bar(act, standing.kind) == Bar::Barred;
            ensure(!barred, "INV-9", || {
                format!("{id:?} went from {} to {} ({act:?}) under a {}", old.state, new.state, standing.kind)
            })?;
        }
    }
    Ok(())
}

/// What stands on a document, its lots and the firm that acts for it.
fn standings_on<'s>(state: &'s Decoded, doc: &'s Doc) -> impl Iterator<Item = &'s Standing> {
    let actor = pledge::actor(doc).map(|actor| actor.0);
    let targets = std::iter::once(doc.id.0).chain(doc.lots.iter().map(|lot| lot.0)).chain(actor);
    targets.filter_map(|target| state.standings.get(&target)).flatten()
}

/// What was done to a document, as far as its record shows it. A court voids what it likes, and a release bars nobody.
fn act_of(after: &Decoded, old: &Doc, new: &Doc) -> Option<Act> {
    use DocState::*;
    match (old.state, new.state) {
        (Active, PendDelivery | PendAmend) => Some(Act::Exit),
        (Active | PendDelivery | SalePending, Accomplished | Sold) => Some(Act::Exit),
        (Active | PendAmend, Replaced | Split | Merged) => Some(Act::Reshape),
        (Active, Converted) => Some(Act::Convert),
        (Active, Active) if old.enc.is_none() && new.enc.is_some() => Some(Act::Pledge),
        (Active, Active) if old.enc.is_some() && new.enc.is_none() => ended_pledge(after, old),
        (Active, Active) if left_in_part(after, old) => Some(Act::PartialExit),
        (Active, Active) if old.beneficiary != new.beneficiary => Some(Act::Transfer),
        _ => None,
    }
}

/// How the pledge ended over a document; one that left its pledge before was released.
fn ended_pledge(after: &Decoded, old: &Doc) -> Option<Act> {
    match after.pledges.get(&old.enc?).filter(|pledge| pledge.docs.contains(&old.id))?.state {
        PledgeState::Lapsed => Some(Act::Lapse),
        PledgeState::Realised => Some(Act::Realise),
        _ => None,
    }
}

fn left_in_part(after: &Decoded, old: &Doc) -> bool {
    let delivered =
        |lot: &Lot| lot.status == LotStatus::Delivered && lot.parents.iter().any(|id| old.lots.contains(id));
    after.lots.values().any(delivered)
}

/// The public part of a `hold/` leaf is the gravest of its holds.
///
/// # Errors
/// A leaf that shows something else, or one of nothing.
pub(super) fn public_holds_are_the_gravest(state: &dyn WholeState) -> Holds {
    let mut result = Ok(());
    each_record(state, Family::Hold, &mut |record: Standings, shown| {
        if record.public().is_none_or(|public| encode(&public) != shown) {
            result = Err(Broken::new("public parts", format!("a leaf of holds shows another than {record:?}")));
        }
    })?;
    result
}
