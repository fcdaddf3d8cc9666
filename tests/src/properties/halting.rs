//! **No correct member halts:** only a fault of the own disk stops a process; nothing that others send does.

use super::seen::Seen;
use super::{Occurrence, require};

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Halted { member, message } = occurrence else { return Ok(()) };
    require(!seen.is_correct(*member), || format!("member {member} halted: {message}"))
}
