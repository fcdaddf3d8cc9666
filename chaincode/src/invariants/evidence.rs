//! Invariants of the use of evidence.

use super::{Decoded, Holds, ensure};
use crate::view::pair;
use landsea_types::record::{UseMark, UseMarks};
use landsea_types::role::UsePurpose;
use std::collections::BTreeSet;

/// Basis points of the whole.
const WHOLE_BPS: u32 = 10_000;

/// INV-14: of one piece of evidence at most the whole is in use for a purpose, and its marks are numbered from 1.
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
        let numbered = marks.marks.iter().map(|mark| mark.n).eq((1..).take(marks.marks.len()));
        let something = marks.marks.iter().all(|mark| mark.bps > 0);
        ensure(numbered && something, "INV-14", || format!("marks of {:?} have gaps", marks.evidence))?;
    }
    Ok(())
}

/// INV-14: a mark stays for ever; all that happens to it is that it is given back, once.
///
/// # Errors
/// A mark that vanished, changed or came back.
pub fn use_marks_stay(before: &Decoded, after: &Decoded) -> Holds {
    for (evidence, old) in &before.marks {
        let stays = |old: &UseMark, new: &UseMark| {
            *new == UseMark { released: new.released, ..old.clone() } && (new.released || !old.released)
        };
        let kept = |new: &UseMarks| {
            let pairs = old.marks.iter().zip(&new.marks);
            new.marks.len() >= old.marks.len() && pairs.into_iter().all(|(old, new)| stays(old, new))
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
