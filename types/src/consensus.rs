//! Consensus messages: votes, proposals, commit certificates and the validator set.
//!
//! Equality of votes and proposals covers only what can be derived again after a restart; there is no timestamp in them.

use crate::{
    BlockId, ChainId, Hash, Height, Member, PublicKey, SecretKey, Signature,
    crypto::{Ed25519, Suite, hash_of, sign_bytes},
};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of votes that decides: floor(2n/3)+1. The only place where this is computed.
pub const fn quorum(n: usize) -> usize {
    n * 2 / 3 + 1
}

/// How many members may fail while the rest still decide.
pub const fn faults_tolerated(n: usize) -> usize {
    n - quorum(n)
}

/// The step a vote belongs to.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum VoteType {
    Prevote = 1,
    Precommit = 2,
}

/// A vote for a block, or for nil when `block` is `None`.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Vote {
    pub kind: VoteType,
    pub height: Height,
    pub round: u32,
    pub block: Option<BlockId>,
    pub voter: Member,
}

/// A proposer's signed announcement of a block for a round.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Proposal {
    pub height: Height,
    pub round: u32,
    pub block: BlockId,
    /// Round of the polka that justifies proposing the block again.
    pub pol_round: Option<u32>,
    pub proposer: Member,
}

impl Vote {
    /// The bytes that the voter signs.
    pub fn sign_bytes(&self, chain: &ChainId) -> Vec<u8> {
        sign_bytes("vote", chain, self)
    }
}

impl Proposal {
    /// The bytes that the proposer signs.
    pub fn sign_bytes(&self, chain: &ChainId) -> Vec<u8> {
        sign_bytes("proposal", chain, self)
    }
}

/// A consensus message with its signature.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Signed<T> {
    pub message: T,
    pub signature: Signature,
}

impl Signed<Vote> {
    /// Signs a vote.
    pub fn new(message: Vote, chain: &ChainId, key: &SecretKey) -> Self {
        let signature = key.sign(&message.sign_bytes(chain));
        Self { message, signature }
    }
}

/// One seat in the validator set.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Validator {
    pub member: Member,
    pub public_key: PublicKey,
}

/// The members that decide at a height, ordered by member index, each with one vote.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct ValidatorSet {
    validators: Vec<Validator>,
}

impl ValidatorSet {
    /// Sorts the seats by member index.
    ///
    /// # Errors
    /// A message when a member or a key stands twice or the set is empty.
    pub fn new(mut validators: Vec<Validator>) -> Result<Self, String> {
        validators.sort_by_key(|v| v.member);
        let mut keys: Vec<_> = validators.iter().map(|v| v.public_key).collect();
        keys.sort();
        keys.dedup();
        let members_distinct = validators.windows(2).all(|w| w[0].member != w[1].member);
        if validators.is_empty() || !members_distinct || keys.len() != validators.len() {
            return Err("a validator set needs at least one seat, each with its own member index and key".into());
        }
        Ok(Self { validators })
    }
    /// The seats in order.
    pub fn iter(&self) -> impl Iterator<Item = &Validator> {
        self.validators.iter()
    }
    /// The seats in order.
    pub fn as_slice(&self) -> &[Validator] {
        &self.validators
    }
    /// Number of seats.
    pub fn len(&self) -> usize {
        self.validators.len()
    }
    /// Never true for a set built by [`ValidatorSet::new`].
    pub fn is_empty(&self) -> bool {
        self.validators.is_empty()
    }
    /// Votes needed to decide.
    pub fn quorum(&self) -> usize {
        quorum(self.len())
    }
    /// The seat of a member.
    pub fn get(&self, member: Member) -> Option<&Validator> {
        self.validators.iter().find(|v| v.member == member)
    }
    /// The seat whose turn it is: round robin over height and round.
    pub fn proposer(&self, height: Height, round: u32) -> &Validator {
        let turn = (height.get() as u128 + round as u128) % self.len() as u128;
        &self.validators[turn as usize]
    }
    /// The hash that headers carry.
    pub fn hash(&self) -> Hash {
        Hash(hash_of("validator-set", self))
    }
}

/// Proof that a quorum precommitted a block.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct CommitCertificate {
    pub height: Height,
    pub round: u32,
    pub block: BlockId,
    pub signatures: Vec<(Member, Signature)>,
}

/// Why a commit certificate does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("{got} signatures, {needed} needed")]
    NoQuorum { got: usize, needed: usize },
    #[error("member {member} signs twice or out of order")]
    Repeated { member: Member },
    #[error("member {member} is not a validator at this height")]
    Stranger { member: Member },
    #[error("the signature of member {member} does not verify")]
    BadSignature { member: Member },
}

impl CommitCertificate {
    /// Checks that a quorum of distinct members of `set` signed a precommit for exactly this block, height and round.
    ///
    /// # Errors
    /// The first defect found.
    pub fn verify(&self, chain: &ChainId, set: &ValidatorSet) -> Result<(), CertificateError> {
        self.verify_under(chain, set, &Ed25519)
    }

    /// [`CommitCertificate::verify`] under a given suite.
    ///
    /// # Errors
    /// The first defect found.
    pub fn verify_under(&self, chain: &ChainId, set: &ValidatorSet, suite: &dyn Suite) -> Result<(), CertificateError> {
        if self.signatures.len() < set.quorum() {
            return Err(CertificateError::NoQuorum { got: self.signatures.len(), needed: set.quorum() });
        }
        let mut last: Option<Member> = None;
        for (member, signature) in &self.signatures {
            if last.is_some_and(|l| l >= *member) {
                return Err(CertificateError::Repeated { member: *member });
            }
            last = Some(*member);
            let seat = set.get(*member).ok_or(CertificateError::Stranger { member: *member })?;
            let message = self.precommit(*member).sign_bytes(chain);
            if !suite.verify_strict(&seat.public_key, &message, signature) {
                return Err(CertificateError::BadSignature { member: *member });
            }
        }
        Ok(())
    }

    /// The precommit that a signer of this certificate signed.
    pub fn precommit(&self, voter: Member) -> Vote {
        Vote { kind: VoteType::Precommit, height: self.height, round: self.round, block: Some(self.block), voter }
    }
}

/// Two different signed messages of one member for the same height, round and step.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub enum Evidence {
    Votes { first: Signed<Vote>, second: Signed<Vote> },
    Proposals { first: Signed<Proposal>, second: Signed<Proposal> },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quorum_is_safe_for_every_size_we_run() {
        for (n, q) in [(4, 3), (5, 4), (6, 5), (7, 5), (13, 9), (15, 11), (16, 11)] {
            assert_eq!(quorum(n), q, "n = {n}");
            // Two quorums share more members than can be faulty (3f < n).
            let f = (n - 1) / 3;
            assert!(2 * q > n + f, "n = {n}: quorums may meet in faulty members only");
            assert!(n - f >= q, "n = {n}: the honest alone must be able to decide");
        }
    }

    fn signed_by(count: u8) -> (ChainId, ValidatorSet, CommitCertificate) {
        let chain = ChainId([7; 32]);
        let keys: Vec<SecretKey> = (1..=15).map(|i| SecretKey::from_seed([i; 32])).collect();
        let seats = keys.iter().zip(1..).map(|(k, i)| Validator { member: Member::new(i), public_key: k.public() });
        let set = ValidatorSet::new(seats.collect()).expect("distinct");
        let mut cert =
            CommitCertificate { height: Height::new(9), round: 1, block: BlockId([3; 32]), signatures: vec![] };
        for (key, i) in keys.iter().zip(1..=count) {
            let vote = cert.precommit(Member::new(i));
            cert.signatures.push((Member::new(i), key.sign(&vote.sign_bytes(&chain))));
        }
        (chain, set, cert)
    }

    #[test]
    fn eleven_of_fifteen_hold_and_ten_do_not() {
        let (chain, set, cert) = signed_by(11);
        assert_eq!(cert.verify(&chain, &set), Ok(()));
        let (chain, set, cert) = signed_by(10);
        assert!(matches!(cert.verify(&chain, &set), Err(CertificateError::NoQuorum { got: 10, needed: 11 })));
    }

    #[test]
    fn a_signer_counts_once_and_a_wrong_chain_or_height_fails() {
        let (chain, set, mut cert) = signed_by(10);
        cert.signatures.push(cert.signatures[9]);
        assert!(matches!(cert.verify(&chain, &set), Err(CertificateError::Repeated { .. })));
        let (_, set, cert) = signed_by(11);
        assert!(matches!(cert.verify(&ChainId([8; 32]), &set), Err(CertificateError::BadSignature { .. })));
        let (chain, set, mut cert) = signed_by(11);
        cert.height = Height::new(10);
        assert!(cert.verify(&chain, &set).is_err());
    }
}
