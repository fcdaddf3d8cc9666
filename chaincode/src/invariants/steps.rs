//! Invariants over a change: two consecutive states, or what a block wrote and answered.

use super::documents::leads_to;
use super::{Decoded, Holds, WholeState, ensure};
use landsea_types::outcome::outcomes_root;
use landsea_types::record::{Lot, Pledge};
use landsea_types::role::{HoldState, LotStatus, OfferState, PartyStatus, ProofState};
use landsea_types::state::{Family, Leaf, Table, Write};
use landsea_types::{Code, Hash, Height, Outcome, TxId};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// INV-4 (S3): a pledge keeps its priority, its rank and its debtor for ever, and its goods keep theirs whatever paper represents them.
///
/// # Errors
/// A pledge that vanished or changed one of them, or a document whose place another took with another priority.
pub fn priorities_never_change(before: &Decoded, after: &Decoded) -> Holds {
    let kept = |p: &Pledge| (p.priority, p.rank, p.pledgor, p.created, p.home_pledgor);
    for (id, old) in &before.pledges {
        let new = after.pledges.get(id);
        let same = new.is_some_and(|new| kept(old) == kept(new));
        ensure(same, "INV-4", || format!("{id:?} was {:?}, is {:?}", kept(old), new.map(kept)))?;
        for doc in &old.docs {
            let priority = old.priority_of(doc);
            for successor in new.iter().flat_map(|new| &new.docs).filter(|new| leads_to(after, *doc, **new)) {
                let now = new.map(|new| new.priority_of(successor));
                ensure(now == Some(priority), "INV-4", || {
                    format!("{doc:?} was pledged at {priority:?}, {successor:?} is at {now:?}")
                })?;
            }
        }
    }
    Ok(())
}

/// INV-5 (L3): a lot keeps its quantity, its unit, its kind and its origin for ever.
///
/// # Errors
/// A lot that vanished or changed one of them.
pub fn lots_keep_their_quantity(before: &Decoded, after: &Decoded) -> Holds {
    let kept = |l: &Lot| (l.qty, l.packages, l.uom, l.kind, l.goods_class, l.parents.clone(), l.origin_doc);
    for (id, old) in &before.lots {
        let new = after.lots.get(id);
        let same = new.is_some_and(|new| kept(old) == kept(new));
        ensure(same, "INV-5", || format!("{id:?} was {:?}, is {:?}", kept(old), new.map(kept)))?;
    }
    Ok(())
}

/// INV-8 (T4, S9): terminal states absorb: what has ended never changes again.
///
/// # Errors
/// A document, lot, pledge, hold, offer or party that left one.
pub fn terminals_absorb(before: &Decoded, after: &Decoded) -> Holds {
    absorb(&before.docs, &after.docs, |doc| doc.state.is_terminal())?;
    absorb(&before.lots, &after.lots, |lot| lot.status != LotStatus::Active)?;
    absorb(&before.pledges, &after.pledges, |pledge| !pledge.state.is_live())?;
    absorb(&before.holds, &after.holds, |hold| !matches!(hold.state, HoldState::Effective | HoldState::Queued))?;
    absorb(&before.offers, &after.offers, |offer| offer.state != OfferState::Open)?;
    absorb(&before.proofs, &after.proofs, |case| matches!(case.state, ProofState::Expired | ProofState::Closed))?;
    absorb(&before.parties, &after.parties, |party| party.status == PartyStatus::Exited)
}

fn absorb<K: Ord + Debug, T: PartialEq>(
    before: &BTreeMap<K, T>,
    after: &BTreeMap<K, T>,
    ended: impl Fn(&T) -> bool,
) -> Holds {
    for (id, old) in before.iter().filter(|(_, old)| ended(old)) {
        ensure(after.get(id) == Some(old), "INV-8", || format!("{id:?} changed after it had ended"))?;
    }
    Ok(())
}

/// Every change of an object shows in its version, on which `expect_ver` relies.
///
/// # Errors
/// An object that changed under its old version.
pub fn versions_grow_with_changes(before: &Decoded, after: &Decoded) -> Holds {
    grow(&before.docs, &after.docs, |doc| doc.ver)?;
    grow(&before.lots, &after.lots, |lot| lot.ver)?;
    grow(&before.pledges, &after.pledges, |pledge| pledge.ver)?;
    grow(&before.holds, &after.holds, |hold| hold.ver)?;
    grow(&before.parties, &after.parties, |party| party.ver)?;
    grow(&before.proofs, &after.proofs, |case| case.ver)?;
    grow(&before.cells, &after.cells, |cell| cell.ver)?;
    grow(&before.offers, &after.offers, |offer| offer.ver)?;
    grow(&before.marks, &after.marks, |marks| marks.ver)
}

fn grow<K: Ord + Debug, T: PartialEq>(
    before: &BTreeMap<K, T>,
    after: &BTreeMap<K, T>,
    version: impl Fn(&T) -> u32,
) -> Holds {
    for (id, new) in after {
        let grew = before.get(id).is_none_or(|old| old == new || version(old) < version(new));
        ensure(grew, "versions", || format!("{id:?} changed under version {}", version(new)))?;
    }
    Ok(())
}

/// INV-20: a successful transaction emits at least one event. The sweep's outcome, under the zero id, is no transaction.
///
/// # Errors
/// A silent success.
pub fn every_success_says_something(outcomes: &[Outcome], height: Height) -> Holds {
    for outcome in outcomes.iter().filter(|o| o.code == Code::Ok && o.tx != TxId::default()) {
        let said = !outcome.events.is_empty() && !outcome.touched.is_empty();
        ensure(said, "INV-20", || format!("{:?} at height {height} succeeded silently", outcome.tx))?;
    }
    Ok(())
}

/// INV-20: the outcomes of a block are those whose root its header carries.
///
/// # Errors
/// Another root.
pub fn outcomes_have_their_root(outcomes: &[Outcome], root: &Hash) -> Holds {
    let found = outcomes_root(outcomes);
    ensure(found == *root, "INV-20", || format!("the header says {root:?}, the outcomes {found:?}"))
}

/// INV-17 and INV-18: two runs that must end alike did: a replay, on every leaf and row; independent transactions in another order, on
/// every leaf, which is what the state root covers (rows remember the order).
///
/// # Errors
/// The first family whose leaves differ, or the first table whose rows do.
pub fn runs_end_alike(a: &dyn WholeState, b: &dyn WholeState, with_rows: bool) -> Holds {
    let name = if with_rows { "INV-17" } else { "INV-18" };
    for family in Family::ALL {
        ensure(leaves(a, family) == leaves(b, family), name, || format!("the leaves of {family:?} differ"))?;
    }
    for table in Table::ALL.into_iter().filter(|_| with_rows) {
        ensure(rows(a, table) == rows(b, table), name, || format!("the rows of {table:?} differ"))?;
    }
    Ok(())
}

fn leaves(state: &dyn WholeState, family: Family) -> BTreeMap<[u8; 32], Leaf> {
    let mut all = BTreeMap::new();
    state.each_leaf(family, &mut |id, leaf| drop(all.insert(*id, leaf.clone())));
    all
}

fn rows(state: &dyn WholeState, table: Table) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut all = BTreeMap::new();
    state.each_row(table, &mut |key, value| drop(all.insert(key.to_vec(), value.to_vec())));
    all
}

/// INV-19: what refused transactions wrote is their ids and, for the journalled codes, attempts. `writes` leaves out what the sweep did.
///
/// # Errors
/// Any other write.
pub fn refusals_leave_traces_only(writes: &[&Write], outcomes: &[Outcome]) -> Holds {
    let journalled = [
        Code::AlreadyPledged,
        Code::DuplicateDocument,
        Code::DuplicateContent,
        Code::GoodsKeyOccupied,
        Code::NearMatch,
    ];
    let may_journal = outcomes.iter().any(|o| journalled.contains(&o.code));
    for write in writes {
        let allowed = match write {
            Write::Row { table: Table::Transaction, .. } => true,
            Write::Row { table: Table::Attempt | Table::Counter, .. } => may_journal,
            _ => false,
        };
        ensure(allowed, "INV-19", || format!("a refused transaction left {write:?}"))?;
    }
    Ok(())
}
