//! Invariants over a change: two consecutive states, or what a block wrote and answered.

use super::{Decoded, Holds, ensure};
use landsea_types::record::Pledge;
use landsea_types::role::LotStatus;
use landsea_types::state::{Table, Write};
use landsea_types::{Code, Height, Outcome, TxId};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// INV-4 (S3): a pledge keeps its priority, its rank and its debtor for ever.
///
/// # Errors
/// A pledge that vanished or changed one of them.
pub fn priorities_never_change(before: &Decoded, after: &Decoded) -> Holds {
    let kept = |p: &Pledge| (p.priority, p.rank, p.pledgor, p.created, p.home_pledgor);
    for (id, old) in &before.pledges {
        let new = after.pledges.get(id);
        let same = new.is_some_and(|new| kept(old) == kept(new));
        ensure(same, "INV-4", || format!("{id:?} was {:?}, is {:?}", kept(old), new.map(kept)))?;
    }
    Ok(())
}

/// INV-8 (T4, S9): terminal states absorb.
///
/// # Errors
/// A document, lot or pledge that left one.
pub fn terminals_absorb(before: &Decoded, after: &Decoded) -> Holds {
    for (id, old) in before.docs.iter().filter(|(_, d)| d.state.is_terminal()) {
        let now = after.docs.get(id).map(|d| d.state);
        ensure(now == Some(old.state), "INV-8", || format!("{id:?} went from {} to {now:?}", old.state))?;
    }
    for (id, old) in before.lots.iter().filter(|(_, l)| l.status != LotStatus::Active) {
        let now = after.lots.get(id);
        ensure(now == Some(old), "INV-8", || format!("{id:?} changed after it was {}", old.status))?;
    }
    for (id, old) in before.pledges.iter().filter(|(_, p)| !p.state.is_live()) {
        let now = after.pledges.get(id);
        ensure(now == Some(old), "INV-8", || format!("{id:?} changed after it was {}", old.state))?;
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
    grow(&before.proofs, &after.proofs, |case| case.ver)
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
