//! Signatures that this node found good when a client submitted them: its own batch, made of them a moment later, need not pay again.

use landsea_types::crypto::{Ed25519, SignatureCheck, Suite};
use landsea_types::{PublicKey, SecretKey, Signature};
use quick_cache::sync::Cache;

/// Signatures remembered, some seconds of load.
const SIGNATURES_MAX: usize = 16_384;

/// See the module documentation. An answer is a function of key, message and signature alone, and those name it.
pub(crate) struct Verified(Cache<[u8; 32], ()>);

impl Default for Verified {
    fn default() -> Self {
        Self(Cache::new(SIGNATURES_MAX))
    }
}

impl Verified {
    /// Checks many signatures as [`Ed25519`] does and remembers the good ones.
    pub(crate) fn check(&self, checks: &[SignatureCheck]) -> Vec<bool> {
        let answers = Ed25519.verify_many(checks);
        for (check, _) in checks.iter().zip(&answers).filter(|(_, is_good)| **is_good) {
            self.0.insert(check.id(), ());
        }
        answers
    }
}

impl Suite for Verified {
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Signature {
        Ed25519.sign(key, message)
    }
    fn verify_strict(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        Ed25519.verify_strict(key, message, signature)
    }
    fn verify_many(&self, checks: &[SignatureCheck]) -> Vec<bool> {
        let known: Vec<bool> = checks.iter().map(|check| self.0.remove(&check.id()).is_some()).collect();
        let new: Vec<_> = checks.iter().zip(&known).filter(|(_, known)| !**known).map(|(c, _)| c.clone()).collect();
        let mut answers = Ed25519.verify_many(&new).into_iter();
        known.into_iter().map(|known| known || answers.next() == Some(true)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> [SignatureCheck; 3] {
        let key = SecretKey::from_seed([7; 32]);
        let signed = |word: &str| SignatureCheck {
            key: key.public(),
            message: word.into(),
            signature: key.sign(word.as_bytes()),
        };
        let forged = SignatureCheck { message: b"more".to_vec(), ..signed("less") };
        [signed("one"), forged, signed("two")]
    }

    #[test]
    fn remembered_and_new_signatures_get_the_answers_of_the_plain_check() {
        let (verified, checks) = (Verified::default(), checks());
        assert_eq!(verified.check(&checks[..2]), [true, false]);
        assert_eq!(verified.0.len(), 1, "only the good one is remembered");
        assert_eq!(verified.verify_many(&checks), [true, false, true]);
        assert_eq!(verified.0.len(), 0, "an answer serves once");
        assert_eq!(verified.verify_many(&checks), [true, false, true]);
    }

    #[test]
    fn what_is_remembered_vouches_for_no_other_message_key_or_signature() {
        let (verified, [good, forged, _]) = (Verified::default(), checks());
        verified.check(std::slice::from_ref(&good));
        let other_key = SignatureCheck { key: SecretKey::from_seed([8; 32]).public(), ..good.clone() };
        let other_message = SignatureCheck { message: b"One".to_vec(), ..good.clone() };
        let other_signature = SignatureCheck { signature: forged.signature, ..good };
        assert_eq!(verified.verify_many(&[other_key, other_message, other_signature]), [false; 3]);
    }
}
