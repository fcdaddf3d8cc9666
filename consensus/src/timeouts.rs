//! Timers and how long they run. All durations are milliseconds; nothing here reads a clock.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::Height;

/// What a timer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum TimerKind {
    /// Waiting for the proposal of the round.
    Propose = 1,
    /// Waiting for more prevotes after a quorum of mixed ones.
    Prevote = 2,
    /// Waiting for more precommits after a quorum of mixed ones.
    Precommit = 3,
    /// Waiting before own votes of the round are sent again.
    Rebroadcast = 4,
}

/// Names one timer. Setting a timer that runs starts it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Timer {
    pub height: Height,
    pub round: u32,
    pub kind: TimerKind,
}

/// A duration that grows linearly with the round, up to a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub base_ms: u64,
    pub per_round_ms: u64,
    pub cap_ms: u64,
}

impl Pace {
    /// The duration in the given round, milliseconds.
    pub const fn in_round(&self, round: u32) -> u64 {
        let grown = self.base_ms.saturating_add(self.per_round_ms.saturating_mul(round as u64));
        if grown < self.cap_ms { grown } else { self.cap_ms }
    }
}

/// How long each kind of timer runs.
///
/// Growth is linear and capped: a Byzantine member can delay a height under a hidden lock for about ten rounds, and with exponential
/// growth those rounds would take hours. Timeouts are local; safety never depends on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub propose: Pace,
    pub prevote: Pace,
    pub precommit: Pace,
    pub rebroadcast: Pace,
}

impl Timeouts {
    /// How long a timer of this kind runs in a round, milliseconds.
    pub const fn after_ms(&self, kind: TimerKind, round: u32) -> u64 {
        match kind {
            TimerKind::Propose => self.propose.in_round(round),
            TimerKind::Prevote => self.prevote.in_round(round),
            TimerKind::Precommit => self.precommit.in_round(round),
            TimerKind::Rebroadcast => self.rebroadcast.in_round(round),
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        let vote = Pace { base_ms: 1_000, per_round_ms: 500, cap_ms: 5_000 };
        Self {
            propose: Pace { base_ms: 2_000, per_round_ms: 500, cap_ms: 10_000 },
            prevote: vote,
            precommit: vote,
            rebroadcast: Pace { base_ms: 3_000, per_round_ms: 500, cap_ms: 8_000 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_grow_linearly_and_stop_at_the_cap() {
        let t = Timeouts::default();
        assert_eq!(t.after_ms(TimerKind::Propose, 0), 2_000);
        assert_eq!(t.after_ms(TimerKind::Propose, 3), 3_500);
        assert_eq!(t.after_ms(TimerKind::Propose, 16), 10_000);
        assert_eq!(t.after_ms(TimerKind::Propose, u32::MAX), 10_000);
        assert_eq!(t.after_ms(TimerKind::Prevote, u32::MAX), 5_000);
    }
}
