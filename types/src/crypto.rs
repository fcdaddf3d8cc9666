//! Keys, signatures and the two validity rules.
//!
//! Votes and proposals are checked with ed25519-dalek `verify_strict`. Batches, transactions, consents and tickets are checked
//! with the ZIP-215 rule of ed25519-zebra, because it is the one rule whose single and batch answers agree for every input: with a rule
//! that depends on the grouping, validators could disagree about a block. See docs/adr/0003.

use crate::bounds::BATCH_VERIFY_MAX;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use std::cell::Cell;
use std::fmt;
use std::io;

/// An Ed25519 public key, 32 bytes as on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct PublicKey(pub [u8; 32]);

/// An Ed25519 signature, 64 bytes as on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Signature(pub [u8; 64]);

/// An Ed25519 secret key. It never prints and is wiped when dropped.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl PublicKey {
    /// Checks a consensus signature with the strict rule.
    pub fn verify_strict(&self, message: &[u8], signature: &Signature) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
    }

    /// Checks the signature of a batch or a client with the ZIP-215 rule.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> bool {
        let Ok(key) = ed25519_zebra::VerificationKey::try_from(self.0) else { return false };
        key.verify(&ed25519_zebra::Signature::from(signature.0), message).is_ok()
    }

    /// Whether the key is malformed or of small order; such keys are never registered.
    pub fn is_weak(&self) -> bool {
        VerifyingKey::from_bytes(&self.0).map_or(true, |key| key.is_weak())
    }
}

impl SecretKey {
    /// Builds the key from its 32-byte seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }
    /// Derives a key from a master seed and a label, for reproducible test networks.
    pub fn derive(master: &[u8; 32], label: &str) -> Self {
        let mut input = master.to_vec();
        input.extend_from_slice(label.as_bytes());
        Self::from_seed(blake3::derive_key("landsea/testnet-key/v1", &input))
    }
    /// The 32-byte seed, for writing a key file.
    pub fn to_seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }
    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }
    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

/// Makes and checks signatures: the suite that the genesis names. Whatever signs or checks for a replica is handed one, so that another suite
/// can stand beside this one, and so that a simulator can run on a cheap one.
///
/// [`Suite::verify_many`] answers for each signature as if it were checked alone, whatever else is in the group.
pub trait Suite: Send + Sync {
    /// The key's signature over `message`.
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Signature;
    /// The strict rule, for votes and proposals.
    fn verify_strict(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;
    /// The rule of batches, transactions, consents and tickets, for many at once: one answer per check, in order.
    fn verify_many(&self, checks: &[SignatureCheck]) -> Vec<bool>;
    /// The same for one.
    fn verify(&self, check: &SignatureCheck) -> bool {
        self.verify_many(std::slice::from_ref(check)) == [true]
    }
}

/// The suite `ed25519-blake3`, the only one of this release.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ed25519;

impl Suite for Ed25519 {
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Signature {
        key.sign(message)
    }
    fn verify_strict(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        key.verify_strict(message, signature)
    }
    fn verify_many(&self, checks: &[SignatureCheck]) -> Vec<bool> {
        verify_many(checks)
    }
}

/// One signature to be checked in bulk. The order of checks is that of their signatures, which hardly ever agree in eight bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignatureCheck {
    pub signature: Signature,
    pub key: PublicKey,
    pub message: Vec<u8>,
}

impl SignatureCheck {
    /// Names the check: hash(key, signature, message).
    pub fn id(&self) -> [u8; 32] {
        let mut h = blake3::Hasher::new();
        h.update(&self.key.0).update(&self.signature.0).update(&self.message);
        *h.finalize().as_bytes()
    }
}

/// Checks many such signatures at once; the answer for each equals [`PublicKey::verify`].
///
/// Works in groups of [`BATCH_VERIFY_MAX`]; a group that fails as a whole is checked one by one.
pub fn verify_many(checks: &[SignatureCheck]) -> Vec<bool> {
    checks.chunks(BATCH_VERIFY_MAX).flat_map(verify_group).collect()
}

/// Whether all of several runs of checks hold, checked together: a signature costs the less the more there are. `false` does not say which
/// one is bad.
pub fn all_hold(runs: &[&[SignatureCheck]]) -> bool {
    let checks: Vec<&SignatureCheck> = runs.iter().copied().flatten().collect();
    checks.chunks(BATCH_VERIFY_MAX).all(group_is_valid)
}

fn verify_group(group: &[SignatureCheck]) -> Vec<bool> {
    if group.len() > 1 && group_is_valid(&group.iter().collect::<Vec<_>>()) {
        return vec![true; group.len()];
    }
    group.iter().map(|c| c.key.verify(&c.message, &c.signature)).collect()
}

fn group_is_valid(group: &[&SignatureCheck]) -> bool {
    let mut verifier = ed25519_zebra::batch::Verifier::new();
    for check in group {
        let key = ed25519_zebra::VerificationKeyBytes::from(check.key.0);
        let signature = ed25519_zebra::Signature::from(check.signature.0);
        verifier.queue((key, signature, &check.message));
    }
    verifier.verify(BlakeRng::over(group)).is_ok()
}

/// Coefficients for batch verification, derived from the whole group: deterministic, and out of a signer's control because they depend
/// on every signature in the group.
struct BlakeRng(blake3::OutputReader);

impl BlakeRng {
    fn over(group: &[&SignatureCheck]) -> Self {
        let mut out = Buffered::new(blake3::Hasher::new_derive_key("landsea/batch-verify/v2"));
        let mut take_in = |check: &SignatureCheck| (check.key, check.signature, &check.message).serialize(&mut out);
        group.iter().try_for_each(|check| take_in(check)).expect("hashing cannot fail");
        Self(out.into_hasher().finalize_xof())
    }
}

impl rand_core::TryRng for BlakeRng {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut b = [0; 4];
        self.0.fill(&mut b);
        Ok(u32::from_le_bytes(b))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut b = [0; 8];
        self.0.fill(&mut b);
        Ok(u64::from_le_bytes(b))
    }
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(dst);
        Ok(())
    }
}
impl rand_core::TryCryptoRng for BlakeRng {}

/// Prefixes a message with its kind and chain, so that a signature serves one purpose on one chain.
pub fn sign_bytes(kind: &str, chain: &crate::ChainId, body: &impl BorshSerialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(b"landsea/sign/v1/");
    out.extend_from_slice(kind.as_bytes());
    out.push(0);
    out.extend_from_slice(&chain.0);
    borsh::to_writer(&mut out, body).expect("writing to a vector cannot fail");
    out
}

/// Bytes that are encoded before they are hashed: as many as are hashed side by side.
const HASH_BUFFER_BYTES: usize = 16 << 10;

thread_local! {
    static HASH_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A hasher behind a buffer: an encoder writes field by field, and the hasher is fast only on long pieces.
struct Buffered {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

impl Buffered {
    fn new(hasher: blake3::Hasher) -> Self {
        Self { hasher, buffer: HASH_BUFFER.take() }
    }
    /// The hasher that has taken in everything written.
    fn into_hasher(mut self) -> blake3::Hasher {
        self.hasher.update(&self.buffer);
        self.buffer.clear();
        HASH_BUFFER.set(self.buffer);
        self.hasher
    }
}

impl io::Write for Buffered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > HASH_BUFFER_BYTES {
            self.flush()?;
        }
        if bytes.len() > HASH_BUFFER_BYTES {
            self.hasher.update(bytes);
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.hasher.update(&self.buffer);
        self.buffer.clear();
        Ok(())
    }
}

/// Domain-separated BLAKE3 of a borsh encoding: the hash of every wire object.
pub fn hash_of(domain: &str, body: &impl BorshSerialize) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"landsea/hash/v1/").update(domain.as_bytes()).update(&[0]);
    let mut out = Buffered::new(hasher);
    body.serialize(&mut out).expect("hashing cannot fail");
    *out.into_hasher().finalize().as_bytes()
}

macro_rules! hex_bytes {
    ($name:ident, $len:literal, $word:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({}..)", stringify!($name), &hex::encode(&self.0[..4]))
            }
        }
        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                let mut out = [0u8; $len];
                hex::decode_to_slice(text, &mut out)
                    .map_err(|_| format!(concat!($word, ": expected {} hex digits"), 2 * $len))?;
                Ok(Self(out))
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let digits = 2 * $len;
                schemars::json_schema!({ "type": "string", "pattern": format!("^[0-9a-fA-F]{{{digits}}}$") })
            }
        }
    };
}
hex_bytes!(PublicKey, 32, "public key");
hex_bytes!(Signature, 64, "signature");

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(n: u8) -> Vec<SignatureCheck> {
        (0..n)
            .map(|i| {
                let key = SecretKey::from_seed([i; 32]);
                let message = vec![i; 40];
                SignatureCheck { key: key.public(), signature: key.sign(&message), message }
            })
            .collect()
    }

    #[test]
    fn bulk_answers_equal_single_answers_when_some_are_wrong() {
        let mut all = checks(9);
        all[3].signature.0[5] ^= 1;
        all[7].message.push(0);
        let single: Vec<bool> = all.iter().map(|c| c.key.verify(&c.message, &c.signature)).collect();
        assert_eq!(verify_many(&all), single);
        assert_eq!(single.iter().filter(|ok| !**ok).count(), 2);
    }

    #[test]
    fn torsion_keys_get_the_same_answer_alone_and_in_a_group() {
        // The identity point signs anything under ZIP-215; a strict or cofactorless rule would differ by grouping.
        let identity = PublicKey({
            let mut b = [0; 32];
            b[0] = 1;
            b
        });
        let mut sig = [0; 64];
        sig[0] = 1;
        let weird = SignatureCheck { key: identity, message: b"any".to_vec(), signature: Signature(sig) };
        let alone = weird.key.verify(&weird.message, &weird.signature);
        let mut group = checks(4);
        group.push(weird);
        assert_eq!(verify_many(&group)[4], alone);
        assert!(identity.is_weak());
    }

    /// An object that names others by their hashes when it is encoded.
    struct Naming(Vec<u8>);

    impl BorshSerialize for Naming {
        fn serialize<W: io::Write>(&self, out: &mut W) -> io::Result<()> {
            self.0.serialize(out)?;
            out.write_all(&hash_of("inner", &self.0))?;
            self.0.serialize(out)
        }
    }

    #[test]
    fn hashes_are_those_of_the_whole_encoding_however_it_is_cut() {
        let plain = |domain: &str, encoding: &[u8]| {
            let prefix = [b"landsea/hash/v1/", domain.as_bytes(), &[0]].concat();
            *blake3::hash(&[prefix.as_slice(), encoding].concat()).as_bytes()
        };
        let lengths =
            [0, 1, HASH_BUFFER_BYTES - 5, HASH_BUFFER_BYTES - 4, HASH_BUFFER_BYTES, HASH_BUFFER_BYTES + 1, 40_000];
        for len in lengths {
            let piece: Vec<u8> = (0..len).map(|n| n as u8).collect();
            let fields: Vec<(u8, u32)> = (0..len as u32).map(|n| (n as u8, n)).collect();
            let (one, many) = (borsh::to_vec(&piece).expect("encodes"), borsh::to_vec(&fields).expect("encodes"));
            assert_eq!(hash_of("piece", &piece), plain("piece", &one), "{len} bytes in one piece");
            assert_eq!(hash_of("fields", &fields), plain("fields", &many), "{len} times two fields");
            let naming = [one.as_slice(), &plain("inner", &one), &one].concat();
            assert_eq!(hash_of("naming", &Naming(piece)), plain("naming", &naming), "{len} bytes, twice");
        }
    }
}
