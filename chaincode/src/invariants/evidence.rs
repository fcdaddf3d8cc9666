//! Invariants of the use of evidence.

use super::{Decoded, Holds, ensure};
use crate::view::pair;
use landsea_types::bounds;
use landsea_types::record::{UseMark, UseMarks};
use landsea_types::role::UsePurpose;
use std::collections::BTreeSet;

/// Basis points of the whole.
const WHOLE_BPS: u32 = 10_000;

/// INV-14: of one piece of evidence at most the whole is in use for a purpose, and its marks are numbered from 1. Only
/// where they are at their most may numbers be missing, of marks that made room.
///
/// # Errors
/// More than 10000 basis points, a mark of nothing, or a gap in the numbers.
pub fn use_marks_stay_within_the_whole(state: &Decoded) -> Holds {
    for marks in state.marks.values() {
        for purpose in UsePurpose::ALL {
            let live = marks.marks.iter().filter(|mark| mark.purpose == *purpose && !mark.released);
            let sum = live.fold(0u32, |sum, mark| sum.saturating_add(u32::from(mark.bps)));
            ensure(sum <= WHOLE_BPS, "INV-14", || format!("{sum} bps of {:?} for {purpose}", marks.evidence))?;
        }
        let numbers = || marks.marks.iter().map(|mark| mark.n);
        let whole = numbers().eq((1..).take(marks.marks.len()));
        let numbered = whole || (is_full(marks) && numbers().zip(numbers().skip(1)).all(|(a, b)| a < b));
        let something = marks.marks.iter().all(|mark| mark.bps > 0);
        ensure(numbered && something, "INV-14", || format!("marks of {:?} have gaps", marks.evidence))?;
    }
    Ok(())
}

fn is_full(marks: &UseMarks) -> bool {
    marks.marks.len() == bounds::USE_MARKS_MAX
}

/// INV-14: a mark stays until it makes room; all that happens to it before is that it is given back, once. No number is used again.
///
/// # Errors
/// A mark that vanished, changed or came back.
pub fn use_marks_stay(before: &Decoded, after: &Decoded) -> Holds {
    for (evidence, old) in &before.marks {
        let stays = |old: &UseMark, new: &UseMark| {
            *new == UseMark { released: new.released, ..old.clone() } && (new.released || !old.released)
        };
        let kept = |new: &UseMarks| {
            let now = |old: &UseMark| new.marks.iter().find(|new| new.n == old.n);
            let newest = |marks: &UseMarks| marks.marks.last().map(|mark| mark.n);
            let all_stay = old.marks.iter().all(|old| now(old).map_or(is_full(new), |new| stays(old, new)));
            all_stay && newest(old) <= newest(new)
        };
        let fits = after.marks.get(evidence).is_some_and(kept);
        ensure(fits, "INV-14", || format!("marks of {evidence:?} are not what they were"))?;
    }
    Ok(())
}

/// The index of cases by document names every case under its subject.
///
/// # Errors
/// A row that is missing or names what is not there.
pub fn the_case_index_is_recomputable(state: &Decoded) -> Holds {
    let expected: BTreeSet<Vec<u8>> = state.proofs.values().map(|case| pair(&case.subject.0, &case.id.0)).collect();
    let stray: Vec<_> = expected.symmetric_difference(&state.proof_rows).take(1).collect();
    ensure(stray.is_empty(), "case index", || format!("cases and index differ by {stray:02x?}"))
}
