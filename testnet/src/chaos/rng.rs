//! The run's only source of chance: SplitMix64, so that a seed gives the same plan on every machine.

use std::time::Duration;

/// A stream of numbers that follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    state: u64,
}

impl Rng {
    /// The stream of a seed and a purpose; two purposes share nothing.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        let digest = blake3::hash(format!("{seed}/{purpose}").as_bytes());
        Self { state: u64::from_le_bytes(digest.as_bytes()[..8].try_into().expect("a digest has 32 bytes")) }
    }

    /// The next number.
    pub(crate) fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is at least 1.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound.max(1)
    }

    /// An index of a list of `len` elements.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("below a length")
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A time between two bounds, both in milliseconds.
    pub(crate) fn time(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_millis(from_ms + self.below(to_ms.saturating_sub(from_ms) + 1))
    }

    /// Puts a list into another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for place in (1..list.len()).rev() {
            let other = self.index(place + 1);
            list.swap(place, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_and_a_purpose_others() {
        let draw = |seed, purpose| (0..8).map(|_| 0).scan(Rng::new(seed, purpose), |r, _: i32| Some(r.number()));
        let list = |seed, purpose| draw(seed, purpose).collect::<Vec<_>>();
        assert_eq!(list(7, "faults"), list(7, "faults"));
        assert_ne!(list(7, "faults"), list(7, "client 1"));
        assert_ne!(list(7, "faults"), list(8, "faults"));
    }

    #[test]
    fn a_shuffled_list_keeps_its_elements() {
        let mut list: Vec<u32> = (0..50).collect();
        Rng::new(1, "order").shuffle(&mut list);
        assert_ne!(list, (0..50).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..50).collect::<Vec<_>>());
    }
}
