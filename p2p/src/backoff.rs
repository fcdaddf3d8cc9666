//! Exponential back-off with jitter that depends on nothing but its inputs.

use std::time::Duration;

/// Pauses between attempts to reach one peer.
///
/// The jitter is a hash of (seed, attempt): two nodes started together spread out, and the same
/// node repeats itself exactly, which keeps a failing run reproducible.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    seed: u64,
    min_ms: u64,
    max_ms: u64,
    attempt: u32,
}

impl Backoff {
    pub(crate) fn new(seed: u64, min_ms: u64, max_ms: u64) -> Self {
        Self { seed, min_ms, max_ms, attempt: 0 }
    }

    /// Returns the pause before the next attempt: zero first, then doubling, plus up to a quarter.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let attempt = self.attempt;
        self.attempt = attempt.saturating_add(1);
        if attempt == 0 {
            return Duration::ZERO;
        }
        let base_ms = doubled(self.min_ms, attempt - 1, self.max_ms);
        let jitter_ms = mix(self.seed ^ u64::from(attempt)) % (base_ms / 4 + 1);
        Duration::from_millis(base_ms + jitter_ms)
    }

    /// Starts over after a connection that lasted.
    pub(crate) fn reset(&mut self) {
        self.attempt = 0;
    }
}

/// Returns `min_ms` doubled `times` times, at most `max_ms`.
pub(crate) fn doubled(min_ms: u64, times: u32, max_ms: u64) -> u64 {
    let factor = 1u64.checked_shl(times).unwrap_or(u64::MAX);
    min_ms.saturating_mul(factor).min(max_ms)
}

/// Mixes the bits of `value` (the SplitMix64 finaliser).
pub(crate) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses_ms(seed: u64) -> Vec<u128> {
        let mut backoff = Backoff::new(seed, 100, 5_000);
        (0..40).map(|_| backoff.next_pause().as_millis()).collect()
    }

    #[test]
    fn pauses_grow_from_100_ms_to_5_s_plus_a_quarter() {
        let pauses = pauses_ms(7);
        assert_eq!(pauses[0], 0);
        assert!((100..=125).contains(&pauses[1]), "{pauses:?}");
        assert!((200..=250).contains(&pauses[2]), "{pauses:?}");
        assert!(pauses[7..].iter().all(|ms| (5_000..=6_250).contains(ms)), "{pauses:?}");
    }

    #[test]
    fn jitter_is_the_same_for_the_same_seed_and_differs_between_seeds() {
        assert_eq!(pauses_ms(1), pauses_ms(1));
        assert_ne!(pauses_ms(1), pauses_ms(2));
    }

    #[test]
    fn reset_starts_over() {
        let mut backoff = Backoff::new(3, 100, 5_000);
        backoff.next_pause();
        backoff.next_pause();
        backoff.reset();
        assert_eq!(backoff.next_pause(), Duration::ZERO);
    }

    #[test]
    fn doubling_saturates() {
        assert_eq!(doubled(100, 200, 5_000), 5_000);
        assert_eq!(doubled(100, 3, 5_000), 800);
    }
}
