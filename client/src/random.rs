//! Randomness from the operating system: nonces, salts and keys.

/// Returns 32 random bytes.
pub fn bytes32() -> [u8; 32] {
    let mut out = [0; 32];
    getrandom::fill(&mut out).expect("the operating system always has randomness");
    out
}

/// Returns a random number.
pub fn number() -> u64 {
    let mut out = [0; 8];
    getrandom::fill(&mut out).expect("the operating system always has randomness");
    u64::from_le_bytes(out)
}
