//! **Liveness after healing:** when all faults are over, the correct members reach a common new height within a bound.

use super::seen::Seen;
use super::{Occurrence, require};

pub(super) fn holds(_: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Healed { settled, after_ms, report } = occurrence else { return Ok(()) };
    require(*settled, || format!("no common new height {after_ms} ms after the faults were over\n{report}"))
}
