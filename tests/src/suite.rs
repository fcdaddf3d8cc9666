//! A cheap signature suite for large simulated runs.

use landsea_types::crypto::{Ed25519, SignatureCheck, Suite};
use landsea_types::{PublicKey, SecretKey, Signature};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Signs with a keyed hash that anybody could compute, so it is worth nothing outside a simulation, where no member tries. Client
/// signatures stay real; each is checked once for all members of a run.
#[derive(Debug, Default)]
pub struct FastSuite {
    checked: Mutex<BTreeMap<[u8; 32], bool>>,
}

impl FastSuite {
    /// A suite with nothing checked yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn is_valid(&self, check: &SignatureCheck) -> bool {
        if check.signature == tag(&check.key, &check.message) {
            return true;
        }
        let name = name(check);
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        *checked.entry(name).or_insert_with(|| Ed25519.verify(check))
    }
}

impl Suite for FastSuite {
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Signature {
        tag(&key.public(), message)
    }
    fn verify_strict(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        *signature == tag(key, message)
    }
    fn verify_many(&self, checks: &[SignatureCheck]) -> Vec<bool> {
        checks.iter().map(|check| self.is_valid(check)).collect()
    }
}

fn tag(key: &PublicKey, message: &[u8]) -> Signature {
    let mut tag = [0; 64];
    blake3::Hasher::new_keyed(&key.0).update(message).finalize_xof().fill(&mut tag);
    Signature(tag)
}

fn name(check: &SignatureCheck) -> [u8; 32] {
    *blake3::Hasher::new().update(&check.key.0).update(&check.signature.0).update(&check.message).finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_key_and_message_only_and_client_signatures_are_really_checked() {
        let (suite, key, other) = (FastSuite::new(), SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32]));
        let signature = suite.sign(&key, b"vote");
        assert!(suite.verify_strict(&key.public(), b"vote", &signature));
        assert!(!suite.verify_strict(&key.public(), b"other vote", &signature));
        assert!(!suite.verify_strict(&other.public(), b"vote", &signature));
        let real = SignatureCheck { key: key.public(), message: b"tx".to_vec(), signature: key.sign(b"tx") };
        let forged = SignatureCheck { message: b"another".to_vec(), ..real.clone() };
        assert_eq!(suite.verify_many(&[real, forged]), [true, false]);
    }
}
