//! Mutations: small lies about valid inputs. A mutation knows no type, but what encodings have in common: lengths before lists,
//! little-endian numbers, fields of a few usual widths; or the tokens of a text.

mod binary;
mod text;

use super::Syntax;
use crate::rng::Rng;

/// Longest input made by mutation, bytes.
pub const INPUT_BYTES_MAX: usize = 192 << 10;

/// An input made from one entry of a pool, with parts of another.
pub fn mutated(syntax: Syntax, from: &[u8], other: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = from.to_vec();
    // One change finds most of what can be found; several together get past checks that look at two fields.
    let changes = 1 + (rng.bits().trailing_zeros() as u64).min(4);
    for _ in 0..changes {
        match syntax {
            Syntax::Text if !rng.chance(150) => text::change(&mut bytes, other, rng),
            _ => binary::change(&mut bytes, other, rng),
        }
    }
    bytes.truncate(INPUT_BYTES_MAX);
    bytes
}

/// A random range of at most `longest` bytes inside `length` bytes; empty only when `length` is zero.
fn range(length: usize, longest: usize, rng: &mut Rng) -> std::ops::Range<usize> {
    if length == 0 {
        return 0..0;
    }
    let size = rng.between(1, longest.min(length) as u64) as usize;
    let from = rng.between(0, (length - size) as u64) as usize;
    from..from + size
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_fixes_every_mutation_and_mutations_differ() {
        let make = |seed| {
            let mut rng = Rng::new(seed);
            let one = |_| mutated(Syntax::Binary, &[7; 40], &[9; 80], &mut rng);
            (0..200).map(one).collect::<Vec<_>>()
        };
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        assert!(make(1).into_iter().collect::<BTreeSet<_>>().len() > 150, "mutations repeat themselves");
    }

    #[test]
    fn empty_inputs_can_be_mutated() {
        let mut rng = Rng::new(3);
        for syntax in [Syntax::Binary, Syntax::Text] {
            let made: BTreeSet<_> = (0..300).map(|_| mutated(syntax, &[], &[], &mut rng)).collect();
            assert!(made.len() > 10, "{syntax:?}");
        }
    }

    #[test]
    fn no_mutation_grows_an_input_without_bound() {
        let mut rng = Rng::new(4);
        let mut bytes = vec![1; 100];
        for _ in 0..3_000 {
            bytes = mutated(Syntax::Text, &bytes, b"{\"a\": [1, 2]}", &mut rng);
            assert!(bytes.len() <= INPUT_BYTES_MAX);
        }
    }
}
