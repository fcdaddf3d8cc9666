//! **Ledger invariants:** every invariant of the ledger holds in every committed state, a single live pledge per lot among them.

use super::Occurrence;
use super::seen::Seen;
use crate::committed::Committed;
use landsea_chaincode::invariants::check_all;

/// One look per height, on the member that commits it first: the others have the same root or are objected to elsewhere.
pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Committed { member, committed, store } = occurrence else { return Ok(()) };
    if !seen.is_correct(*member) || seen.decided.contains_key(&committed.height) {
        return Ok(());
    }
    let snapshot = store.reader().snapshot();
    check_all(&Committed(&*snapshot)).map(drop).map_err(|broken| format!("at height {}: {broken}", committed.height))
}
