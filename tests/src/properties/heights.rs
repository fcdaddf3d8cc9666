//! **Monotonic heights:** a member that has committed a height stands at it or above after every restart, unless its disk was lost; heights
//! are committed one after the other, and block time grows.

use super::seen::Seen;
use super::{Occurrence, require};

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    match occurrence {
        Occurrence::Stepped { member, tip } if seen.is_correct(*member) => {
            let known = seen.tips.get(member).copied().unwrap_or_default();
            require(tip.height >= known, || format!("member {member} went back from height {known} to {}", tip.height))
        }
        Occurrence::Committed { member, committed, .. } if seen.is_correct(*member) => {
            let (height, time) = (committed.height, committed.header.time.get());
            let before = seen.decided.get(&height.previous());
            require(height.get() == 1 || before.is_some(), || format!("height {height} came before the one below it"))?;
            require(before.is_none_or(|before| before.time < time), || {
                format!("block time {time} of height {height} is not later than that of its parent: {before:?}")
            })
        }
        _ => Ok(()),
    }
}
