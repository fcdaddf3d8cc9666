//! **No double-signing:** a correct member sends one message per (height, round, step), whatever it forgot in a crash.

use super::seen::{Seen, seat_of};
use super::{Occurrence, require};

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Sent { from, message } = occurrence else { return Ok(()) };
    let Some((seat, block)) = seat_of(*from, message).filter(|_| seen.is_correct(*from)) else { return Ok(()) };
    let first = seen.signed.get(&seat).copied().unwrap_or(block);
    require(first == block, || format!("member {from} signed {first:?} and then {block:?} for one step: {seat:?}"))
}
