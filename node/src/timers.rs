//! The shell's timers.

use crate::replica::TimerId;
use std::collections::BTreeMap;
use tokio::time::{Duration, Instant};

/// A consensus timer served later than this is armed once more: the process was starved, not the network silent.
const LATE: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug)]
struct Armed {
    at: Instant,
    after: Duration,
    again: bool,
}

/// Running timers; at most one per id.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    armed: BTreeMap<TimerId, Armed>,
}

impl Timers {
    pub(crate) fn set(&mut self, timer: TimerId, after_ms: u64, now: Instant) {
        let after = Duration::from_millis(after_ms);
        let at = now + after;
        if timer.keeps_earlier() && self.armed.get(&timer).is_some_and(|running| running.at <= at) {
            return;
        }
        self.armed.insert(timer, Armed { at, after, again: false });
    }
    pub(crate) fn cancel(&mut self, timer: TimerId) {
        self.armed.remove(&timer);
    }
    pub(crate) fn cancel_consensus(&mut self) {
        self.armed.retain(|timer, _| !matches!(timer, TimerId::Consensus(_)));
    }
    /// When the next timer is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.armed.values().map(|armed| armed.at).min()
    }
    /// Takes the earliest timer that is due, arming a late consensus timer once more instead.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<TimerId> {
        loop {
            let (timer, armed) = self.armed.iter().map(|(t, a)| (*t, *a)).min_by_key(|(_, a)| a.at)?;
            if armed.at > now {
                return None;
            }
            let late = matches!(timer, TimerId::Consensus(_)) && now - armed.at > LATE && !armed.again;
            if late {
                self.armed.insert(timer, Armed { at: now + armed.after, again: true, ..armed });
                continue;
            }
            self.armed.remove(&timer);
            return Some(timer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_consensus::{Timer, TimerKind};
    use landsea_types::Height;

    fn propose(round: u32) -> TimerId {
        TimerId::Consensus(Timer { height: Height::new(3), round, kind: TimerKind::Propose })
    }

    #[test]
    fn a_timer_served_late_is_armed_once_more_and_then_fires() {
        let start = Instant::now();
        let mut timers = Timers::default();
        timers.set(propose(0), 100, start);
        let woken = start + Duration::from_secs(60);
        assert_eq!(timers.take_due(woken), None);
        assert_eq!(timers.next(), Some(woken + Duration::from_millis(100)));
        let woken_again = woken + Duration::from_secs(60);
        assert_eq!(timers.take_due(woken_again), Some(propose(0)));
    }

    #[test]
    fn cancelling_consensus_timers_leaves_the_others() {
        let start = Instant::now();
        let mut timers = Timers::default();
        timers.set(propose(1), 10, start);
        timers.set(TimerId::Fetch, 10, start);
        timers.cancel_consensus();
        assert_eq!(timers.take_due(start + Duration::from_millis(10)), Some(TimerId::Fetch));
        assert_eq!(timers.next(), None);
    }
}
