//! Signature and certificate checks, with a cache of what has been verified already.
//!
//! Every vote is checked when it arrives, again by the core, and again inside certificates. The cache holds successes only, keyed by
//! the hash of (key, signature, message), so a hit proves exactly what the first check proved.

use crate::message::{PolkaCertificate, RoundCertificate, RoundCertificateKind};
use arc_malachitebft_core_types::ThresholdParams;
use landsea_types::consensus::{
    CertificateError, CommitCertificate, Proposal, Signed, ValidatorSet, Vote, VoteType, quorum,
};
use landsea_types::{ChainId, Member, PublicKey, Signature, Suite};
use std::collections::BTreeSet;

/// The core's thresholds. They are fractions there; this asserts that they mean [`quorum`] votes of `n`.
///
/// # Panics
/// When the core's arithmetic disagrees with [`quorum`], which would allow two decisions.
pub(crate) fn thresholds(n: usize) -> ThresholdParams {
    let params = ThresholdParams::default();
    let core = params.quorum.min_expected(n as u64);
    assert_eq!(
        core,
        quorum(n) as u64,
        "the core would decide with {core} of {n} votes, the ledger needs {}",
        quorum(n)
    );
    params
}

/// How many votes of `n` must include one of a correct member.
fn honest(n: usize) -> usize {
    thresholds(n).honest.min_expected(n as u64) as usize
}

/// Entries of one generation of the cache. Two generations of 32 bytes each are kept: about 2 MiB at most.
const GENERATION_MAX: usize = 16_384;

/// Successful checks, in two generations: when the younger one is full, the older one is forgotten.
#[derive(Default)]
struct VerifiedCache {
    young: BTreeSet<[u8; 32]>,
    old: BTreeSet<[u8; 32]>,
}

impl VerifiedCache {
    fn key(key: &PublicKey, message: &[u8], signature: &Signature) -> [u8; 32] {
        *blake3::Hasher::new().update(&key.0).update(&signature.0).update(message).finalize().as_bytes()
    }
    fn contains(&self, key: &[u8; 32]) -> bool {
        self.young.contains(key) || self.old.contains(key)
    }
    fn insert(&mut self, key: [u8; 32]) {
        if self.young.len() >= GENERATION_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key);
    }
}

/// Checks messages against one validator set.
pub(crate) struct Checker {
    pub(crate) chain: ChainId,
    pub(crate) validators: ValidatorSet,
    cache: VerifiedCache,
}

impl Checker {
    pub(crate) fn new(chain: ChainId, validators: ValidatorSet) -> Self {
        Self { chain, validators, cache: VerifiedCache::default() }
    }

    /// Whether the member holds a seat and signed these bytes.
    fn signed(&mut self, by: Member, bytes: &[u8], signature: &Signature, suite: &dyn Suite) -> bool {
        let Some(seat) = self.validators.get(by) else { return false };
        let key = VerifiedCache::key(&seat.public_key, bytes, signature);
        if self.cache.contains(&key) {
            return true;
        }
        let valid = suite.verify_strict(&seat.public_key, bytes, signature);
        if valid {
            self.cache.insert(key);
        }
        valid
    }

    pub(crate) fn vote(&mut self, vote: &Signed<Vote>, suite: &dyn Suite) -> bool {
        let bytes = vote.message.sign_bytes(&self.chain);
        self.signed(vote.message.voter, &bytes, &vote.signature, suite)
    }

    pub(crate) fn proposal(&mut self, proposal: &Signed<Proposal>, suite: &dyn Suite) -> bool {
        let bytes = proposal.message.sign_bytes(&self.chain);
        self.signed(proposal.message.proposer, &bytes, &proposal.signature, suite)
    }

    /// Checks that a quorum of distinct members prevoted the block.
    pub(crate) fn polka(&mut self, polka: &PolkaCertificate, suite: &dyn Suite) -> Result<(), CertificateError> {
        self.signers(polka.votes(), self.validators.quorum(), suite)
    }

    /// Checks that enough distinct members voted in the round: a quorum of precommits to leave it, or more than a third to enter it.
    pub(crate) fn round(&mut self, certificate: &RoundCertificate, suite: &dyn Suite) -> Result<(), CertificateError> {
        let needed = match certificate.kind {
            RoundCertificateKind::Skip => honest(self.validators.len()),
            RoundCertificateKind::Precommit => self.validators.quorum(),
        };
        let stray = certificate.votes.iter().find(|v| v.kind == VoteType::Prevote);
        match stray {
            Some(vote) if certificate.kind == RoundCertificateKind::Precommit => {
                Err(CertificateError::BadSignature { member: vote.voter })
            }
            _ => self.signers(certificate.signed_votes(), needed, suite),
        }
    }

    /// Checks a commit certificate as [`CommitCertificate::verify`] does, through the cache.
    pub(crate) fn commit(
        &mut self,
        certificate: &CommitCertificate,
        suite: &dyn Suite,
    ) -> Result<(), CertificateError> {
        let members = certificate.signatures.iter().map(|(m, _)| *m);
        if let Some((_, member)) = members.clone().zip(members.skip(1)).find(|(a, b)| a >= b) {
            return Err(CertificateError::Repeated { member });
        }
        let votes = certificate.signatures.iter();
        let votes = votes.map(|(m, s)| Signed { message: certificate.precommit(*m), signature: *s });
        self.signers(votes, self.validators.quorum(), suite)
    }

    fn signers(
        &mut self,
        votes: impl Iterator<Item = Signed<Vote>>,
        needed: usize,
        suite: &dyn Suite,
    ) -> Result<(), CertificateError> {
        let mut seen = BTreeSet::new();
        for vote in votes {
            let member = vote.message.voter;
            if !seen.insert(member) {
                return Err(CertificateError::Repeated { member });
            }
            if self.validators.get(member).is_none() {
                return Err(CertificateError::Stranger { member });
            }
            if !self.vote(&vote, suite) {
                return Err(CertificateError::BadSignature { member });
            }
        }
        if seen.len() < needed { Err(CertificateError::NoQuorum { got: seen.len(), needed }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::consensus::Validator;
    use landsea_types::crypto::{Ed25519, SignatureCheck};
    use landsea_types::{BlockId, Height, SecretKey};
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Counts the strict checks.
    #[derive(Default)]
    struct Counting(AtomicU32);
    impl Suite for Counting {
        fn sign(&self, key: &SecretKey, message: &[u8]) -> Signature {
            key.sign(message)
        }
        fn verify_strict(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed);
            key.verify_strict(message, signature)
        }
        fn verify_many(&self, checks: &[SignatureCheck]) -> Vec<bool> {
            Ed25519.verify_many(checks)
        }
    }

    fn fixture() -> (Checker, Vec<SecretKey>) {
        let keys: Vec<_> = (1..=15).map(|i| SecretKey::from_seed([i; 32])).collect();
        let seats = keys.iter().zip(1..).map(|(k, i)| Validator { member: Member::new(i), public_key: k.public() });
        let set = ValidatorSet::new(seats.collect()).expect("distinct seats");
        (Checker::new(ChainId([7; 32]), set), keys)
    }

    fn vote(kind: VoteType, voter: u8, keys: &[SecretKey]) -> Signed<Vote> {
        let block = Some(BlockId([1; 32]));
        let vote = Vote { kind, height: Height::new(1), round: 0, block, voter: Member::new(voter) };
        Signed::<Vote>::new(vote, &ChainId([7; 32]), &keys[voter as usize - 1])
    }

    #[test]
    fn core_thresholds_agree_with_the_ledgers_quorum_for_every_size() {
        for n in [4, 5, 6, 7, 13, 15, 16] {
            let params = thresholds(n);
            for votes in 0..=n {
                let met = params.quorum.is_met(votes as u64, n as u64);
                assert_eq!(met, votes >= quorum(n), "{votes} of {n}");
            }
        }
        assert_eq!(thresholds(15).quorum.min_expected(15), 11);
        for n in 1..=64 {
            thresholds(n);
        }
    }

    #[test]
    fn only_successes_are_cached() {
        let (mut checker, keys) = fixture();
        let counting = Counting::default();
        let good = vote(VoteType::Prevote, 1, &keys);
        let mut bad = vote(VoteType::Prevote, 2, &keys);
        bad.signature.0[0] ^= 1;
        assert!(checker.vote(&good, &counting) && checker.vote(&good, &counting));
        assert_eq!(counting.0.load(Ordering::Relaxed), 1, "the second check of a good signature is a cache hit");
        assert!(!checker.vote(&bad, &counting) && !checker.vote(&bad, &counting));
        assert_eq!(counting.0.load(Ordering::Relaxed), 3, "a bad signature is checked every time");
    }

    #[test]
    fn ten_of_fifteen_are_no_polka_and_a_repeated_signer_counts_once() {
        let (mut checker, keys) = fixture();
        let signed = |n: u8| (1..=n).map(|i| (Member::new(i), vote(VoteType::Prevote, i, &keys).signature)).collect();
        let polka =
            |n| PolkaCertificate { height: Height::new(1), round: 0, block: BlockId([1; 32]), signatures: signed(n) };
        assert_eq!(checker.polka(&polka(11), &Ed25519), Ok(()));
        let short = checker.polka(&polka(10), &Ed25519);
        assert_eq!(short, Err(CertificateError::NoQuorum { got: 10, needed: 11 }));
        let mut repeated = polka(10);
        repeated.signatures.push(repeated.signatures[0]);
        let repeated = checker.polka(&repeated, &Ed25519);
        assert_eq!(repeated, Err(CertificateError::Repeated { member: Member::new(1) }));
    }

    #[test]
    fn a_prevote_never_passes_as_part_of_a_precommit_certificate() {
        let (mut checker, keys) = fixture();
        let votes = (1..=11).map(|i| {
            let kind = if i == 5 { VoteType::Prevote } else { VoteType::Precommit };
            let v = vote(kind, i, &keys);
            crate::message::RoundVote { kind, block: v.message.block, voter: v.message.voter, signature: v.signature }
        });
        let certificate = RoundCertificate {
            height: Height::new(1),
            round: 0,
            kind: RoundCertificateKind::Precommit,
            votes: votes.collect(),
        };
        let answer = checker.round(&certificate, &Ed25519);
        assert_eq!(answer, Err(CertificateError::BadSignature { member: Member::new(5) }));
        let skip = RoundCertificate { kind: RoundCertificateKind::Skip, ..certificate };
        assert_eq!(checker.round(&skip, &Ed25519), Ok(()));
    }
}
