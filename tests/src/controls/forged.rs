//! A signature that stands for one that was never made, and suites that let some signatures pass.

use landsea_types::crypto::SignatureCheck;
use landsea_types::{PublicKey, SecretKey, Signature, Suite};
use std::sync::Arc;

/// Nobody's signature. A violation writes it where the rule that it breaks would have wanted a real one.
pub(super) const FORGED: Signature = Signature([0xee; 64]);

/// What passes although the suite below refuses it.
pub(super) struct Lenient {
    suite: Arc<dyn Suite>,
    /// Whether the signature of a vote or proposal passes unchecked.
    strict: fn(&Signature) -> bool,
    /// Whether the signature of a batch or a client passes unchecked.
    client: fn(&SignatureCheck) -> bool,
}

impl Lenient {
    /// Accepts [`FORGED`] where members sign.
    pub(super) fn of_forged(suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Arc::new(Self { suite, strict: |signature| *signature == FORGED, client: |_| false })
    }
    /// Accepts whatever stands where members sign.
    pub(super) fn of_members(suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Arc::new(Self { suite, strict: |_| true, client: |_| false })
    }
    /// Accepts chosen signatures of clients.
    pub(super) fn of_clients(suite: Arc<dyn Suite>, client: fn(&SignatureCheck) -> bool) -> Arc<dyn Suite> {
        Arc::new(Self { suite, strict: |_| false, client })
    }
}

impl Suite for Lenient {
    fn sign(&self, key: &SecretKey, message: &[u8]) -> Signature {
        self.suite.sign(key, message)
    }
    fn verify_strict(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        (self.strict)(signature) || self.suite.verify_strict(key, message, signature)
    }
    fn verify_many(&self, checks: &[SignatureCheck]) -> Vec<bool> {
        let answers = self.suite.verify_many(checks);
        checks.iter().zip(answers).map(|(check, holds)| holds || (self.client)(check)).collect()
    }
}
