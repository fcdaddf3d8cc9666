//! Papers: what a ticket is made from.

use landsea_types::crypto::hash_of;
use landsea_types::ticket::ClassedKey;
use landsea_types::{Fp, GoodsKey};

/// A paper as its fingerprints see it. Equal numbers give equal fp1, equal contents equal fp2.
#[derive(Clone, Debug)]
pub struct Paper {
    pub number: String,
    pub content: String,
    pub near: [Fp; 8],
    pub keys: Vec<ClassedKey>,
    pub arrival: Vec<ClassedKey>,
}

impl Paper {
    /// A paper that shares nothing with others; `keys` as in [`key`].
    pub fn new(number: &str, keys: &[&str]) -> Self {
        Self {
            number: number.into(),
            content: format!("content of {number}"),
            near: near(number),
            keys: keys.iter().map(|k| key(k)).collect(),
            arrival: Vec::new(),
        }
    }
    /// The same content under another number.
    pub fn renumbered(&self, number: &str) -> Self {
        Self { number: number.into(), ..self.clone() }
    }
    /// Another content under the same number.
    pub fn rewritten(&self, content: &str) -> Self {
        Self { content: content.into(), ..self.clone() }
    }
    /// Other goods keys.
    pub fn over(&self, keys: &[&str]) -> Self {
        Self { keys: keys.iter().map(|k| key(k)).collect(), ..self.clone() }
    }
    /// Arrival keys of a receipt.
    pub fn arrived_in(&self, keys: &[&str]) -> Self {
        Self { arrival: keys.iter().map(|k| key(k)).collect(), ..self.clone() }
    }
    /// The first `n` near-match combinations of another paper.
    pub fn like(&self, other: &Paper, n: usize) -> Self {
        let mut near = self.near;
        near[..n].copy_from_slice(&other.near[..n]);
        Self { near, ..self.clone() }
    }
    /// The identity fingerprint.
    pub fn fp1(&self) -> Fp {
        Fp(hash_of("test-fp1", &self.number))
    }
    /// The content fingerprint.
    pub fn fp2(&self) -> Fp {
        Fp(hash_of("test-fp2", &self.content))
    }
}

fn near(number: &str) -> [Fp; 8] {
    let mut n = 0u8;
    [(); 8].map(|()| {
        n += 1;
        Fp(hash_of("test-near", &(number, n)))
    })
}

/// A goods key from `class:value`, such as `C:XLHU2601019`.
pub fn key(text: &str) -> ClassedKey {
    let (class, _) = text.split_once(':').expect("a goods key is class:value");
    ClassedKey { class: class.as_bytes()[0], key: GoodsKey(hash_of("test-goods-key", &text)) }
}
