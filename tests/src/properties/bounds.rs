//! **Memory and queue bounds:** what a member keeps because others sent it stays within the constants, also under floods.

use super::seen::Seen;
use super::{Load, Occurrence, require};
use landsea_types::bounds::{
    BATCH_TRANSACTIONS_MAX, BLOCK_BATCHES_MAX, FUTURE_MESSAGES_PER_PEER_MAX, MEMPOOL_BATCHES_PER_ORIGIN_MAX,
    MEMPOOL_TRANSACTIONS_MAX,
};

/// Rounds above the one in progress from which the consensus core takes votes and proposals.
const ROUNDS_AHEAD: usize = 10;

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Loaded { member, load } = occurrence else { return Ok(()) };
    if !seen.is_correct(*member) {
        return Ok(());
    }
    let members = seen.validators.len();
    let within = |what: &str, got: usize, max: usize| {
        require(got <= max, || format!("member {member} holds {got} {what}, at most {max} are allowed: {load:?}"))
    };
    let Load { buffered_messages, transactions, undecided_batches, log_entries, rounds } = *load;
    // A block of the height in progress may name batches beyond the quota of their origin; they go with the height.
    let batches_max = members * MEMPOOL_BATCHES_PER_ORIGIN_MAX + (rounds as usize + 1) * BLOCK_BATCHES_MAX;
    within("buffered messages", buffered_messages, members * FUTURE_MESSAGES_PER_PEER_MAX)?;
    within("transactions", transactions, MEMPOOL_TRANSACTIONS_MAX + batches_max * BATCH_TRANSACTIONS_MAX)?;
    within("undecided batches", undecided_batches, batches_max)?;
    // A round logs at most two votes and one polka per member, the proposals of one proposer, verdicts and timers. Liars vote and
    // propose in all rounds that the core looks ahead.
    let ahead = ROUNDS_AHEAD * (members + 4);
    within("log entries", log_entries, (rounds as usize + 2) * (4 * members + 16) + ahead)
}
