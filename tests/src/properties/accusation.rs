//! **No correct member is accused:** neither faults nor evidence of equivocation name a member that follows the protocol.

use super::seen::Seen;
use super::{Occurrence, require};

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    match occurrence {
        Occurrence::Blamed { by, peer, reason } if seen.is_correct(*by) => {
            require(!seen.is_correct(*peer), || format!("member {by} blames member {peer}: {reason}"))
        }
        Occurrence::Accused { by, member } if seen.is_correct(*by) => {
            require(!seen.is_correct(*member), || format!("member {by} keeps evidence against member {member}"))
        }
        _ => Ok(()),
    }
}
