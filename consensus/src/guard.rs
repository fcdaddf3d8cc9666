//! The double-sign guard: the only place that signs.
//!
//! - Own signed messages of the height in progress are kept per (round, step), also those first signed during replay. The same message
//!   again gets the recorded signature; a different one halts.
//! - Nothing is signed at or below the committed height.
//! - A mark (height, round, step) lies beside the key, outside the data folder. The order is: log flush, mark fsync, release. So an
//!   honest crash never leaves the mark ahead of the log; a mark ahead means that the folder was wiped, restored or rolled back, and
//!   the node only observes until the marked height is committed.

use crate::wal::Record;
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::consensus::{Proposal, Vote, VoteType};
use landsea_types::{ChainId, Height, Member, SecretKey, Signature};
use std::collections::BTreeMap;

/// What was signed, in the order in which a round signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum SignStep {
    Propose = 1,
    Prevote = 2,
    Precommit = 3,
}

/// The highest message that this key may have signed and released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct SignMark {
    pub height: Height,
    pub round: u32,
    pub step: SignStep,
}

impl SignMark {
    /// The mark that is created together with a new key: nothing has been signed.
    pub const fn new_key() -> Self {
        Self { height: Height::ZERO, round: 0, step: SignStep::Propose }
    }

    /// The mark after an explicit recovery of a lost one: nothing is signed up to and including `height`.
    pub const fn nothing_through(height: Height) -> Self {
        Self { height, round: u32::MAX, step: SignStep::Precommit }
    }
}

/// Signs with the validator key. A failing signer panics, which halts the process.
pub trait VoteSigner {
    /// The signature over `message`.
    fn sign(&self, message: &[u8]) -> Signature;
}

impl VoteSigner for SecretKey {
    fn sign(&self, message: &[u8]) -> Signature {
        SecretKey::sign(self, message)
    }
}

/// A message to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OwnMessage {
    Vote(Vote),
    Proposal(Proposal),
}

impl OwnMessage {
    /// Where the message stands in the order of signing.
    fn mark(&self) -> SignMark {
        match self {
            Self::Vote(v) => SignMark { height: v.height, round: v.round, step: step_of(v.kind) },
            Self::Proposal(p) => SignMark { height: p.height, round: p.round, step: SignStep::Propose },
        }
    }
    fn sign_bytes(&self, chain: &ChainId) -> Vec<u8> {
        match self {
            Self::Vote(v) => v.sign_bytes(chain),
            Self::Proposal(p) => p.sign_bytes(chain),
        }
    }
}

fn step_of(kind: VoteType) -> SignStep {
    match kind {
        VoteType::Prevote => SignStep::Prevote,
        VoteType::Precommit => SignStep::Precommit,
    }
}

/// Remembers what this node signed.
///
/// - Every own message belongs to the height in progress.
/// - The mark never goes back.
pub(crate) struct Guard {
    pub(crate) me: Member,
    mark: SignMark,
    height: Height,
    own: BTreeMap<SignMark, (OwnMessage, Signature)>,
}

impl Guard {
    pub(crate) fn new(me: Member, mark: SignMark) -> Self {
        Self { me, mark, height: Height::ZERO, own: BTreeMap::new() }
    }

    /// Starts a height with its replayed log. Returns whether this node may sign at it.
    ///
    /// # Panics
    /// When the log holds two different own messages for one step.
    pub(crate) fn start_height(&mut self, height: Height, log: &[Record]) -> bool {
        self.height = height;
        self.own.clear();
        let mut stranger = false;
        for record in log {
            match record {
                Record::Vote { vote, own: true } => {
                    self.remember(OwnMessage::Vote(vote.message.clone()), vote.signature)
                }
                Record::Proposal { proposal, own: true } => {
                    self.remember(OwnMessage::Proposal(proposal.message.clone()), proposal.signature);
                }
                Record::Vote { vote, own: false } => stranger |= vote.message.voter == self.me,
                Record::Proposal { proposal, own: false } => stranger |= proposal.message.proposer == self.me,
                _ => {}
            }
        }
        !stranger && !self.is_mark_ahead()
    }

    /// Whether the mark lies above everything the log remembers at or above this height.
    fn is_mark_ahead(&self) -> bool {
        let highest = self.own.last_key_value().map(|(mark, _)| *mark);
        self.mark.height >= self.height && highest.is_none_or(|highest| self.mark > highest)
    }

    fn remember(&mut self, message: OwnMessage, signature: Signature) {
        let known = self.own.entry(message.mark()).or_insert_with(|| (message.clone(), signature));
        assert_eq!(
            known.0, message,
            "the consensus log holds two own messages for one step: this node has signed twice"
        );
    }

    /// Whether this node signed exactly this message at this height.
    pub(crate) fn holds(&self, message: &OwnMessage) -> bool {
        self.own.get(&message.mark()).is_some_and(|(known, _)| known == message)
    }

    /// Signs, or returns the recorded signature.
    ///
    /// # Panics
    /// When the message differs from one signed before, or lies at or below the mark or the committed height.
    pub(crate) fn sign(&mut self, message: OwnMessage, chain: &ChainId, signer: &dyn VoteSigner) -> Signature {
        let at = message.mark();
        assert_eq!(at.height, self.height, "asked to sign {message:?} while height {} is in progress", self.height);
        if let Some((known, signature)) = self.own.get(&at) {
            assert_eq!(*known, message, "refusing to sign twice for one step; signed before, then asked for");
            return *signature;
        }
        assert!(
            at > self.mark,
            "refusing to sign {message:?}: the mark {:?} says this step may be signed already",
            self.mark
        );
        let signature = signer.sign(&message.sign_bytes(chain));
        self.own.insert(at, (message, signature));
        signature
    }

    /// The highest own message that the mark does not cover yet. It must be covered before anything is released.
    pub(crate) fn uncovered(&self) -> Option<SignMark> {
        let highest = *self.own.last_key_value()?.0;
        (highest > self.mark).then_some(highest)
    }

    /// Notes that the mark is on disk.
    pub(crate) fn covered(&mut self, mark: SignMark) {
        assert!(mark > self.mark, "the mark must not go back from {:?} to {mark:?}", self.mark);
        self.mark = mark;
    }

    pub(crate) fn validate(&self) {
        for (at, (message, _)) in &self.own {
            assert_eq!(*at, message.mark(), "an own message is filed under another step");
            assert_eq!(at.height, self.height, "an own message of another height is kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::BlockId;
    use landsea_types::consensus::Signed;

    const CHAIN: ChainId = ChainId([7; 32]);

    fn key() -> SecretKey {
        SecretKey::from_seed([1; 32])
    }

    fn prevote(height: u64, round: u32, block: Option<u8>) -> OwnMessage {
        OwnMessage::Vote(Vote {
            kind: VoteType::Prevote,
            height: Height::new(height),
            round,
            block: block.map(|b| BlockId([b; 32])),
            voter: Member::new(1),
        })
    }

    fn logged(message: &OwnMessage, own: bool) -> Record {
        let OwnMessage::Vote(vote) = message else { panic!("these tests log votes only") };
        let signature = key().sign(&vote.sign_bytes(&CHAIN));
        Record::Vote { vote: Signed { message: vote.clone(), signature }, own }
    }

    fn guard(mark: SignMark) -> Guard {
        Guard::new(Member::new(1), mark)
    }

    #[test]
    fn the_same_message_gets_the_recorded_signature() {
        let mut guard = guard(SignMark::new_key());
        let log = [Record::Vote {
            vote: Signed {
                message: match prevote(5, 0, None) {
                    OwnMessage::Vote(v) => v,
                    OwnMessage::Proposal(_) => panic!("a vote was built"),
                },
                signature: Signature([42; 64]),
            },
            own: true,
        }];
        assert!(guard.start_height(Height::new(5), &log));
        assert_eq!(guard.sign(prevote(5, 0, None), &CHAIN, &key()), Signature([42; 64]), "the key is not asked again");
        let first = guard.sign(prevote(5, 1, Some(1)), &CHAIN, &key());
        assert_eq!(guard.sign(prevote(5, 1, Some(1)), &CHAIN, &key()), first);
    }

    #[test]
    #[should_panic(expected = "refusing to sign twice for one step")]
    fn a_different_message_for_the_same_step_halts() {
        let mut guard = guard(SignMark::new_key());
        assert!(guard.start_height(Height::new(5), &[]));
        guard.sign(prevote(5, 0, Some(1)), &CHAIN, &key());
        guard.sign(prevote(5, 0, None), &CHAIN, &key());
    }

    #[test]
    #[should_panic(expected = "while height 5 is in progress")]
    fn nothing_is_signed_at_or_below_the_committed_height() {
        let mut guard = guard(SignMark::new_key());
        assert!(guard.start_height(Height::new(5), &[]));
        guard.sign(prevote(4, 0, Some(1)), &CHAIN, &key());
    }

    #[test]
    fn a_mark_ahead_of_the_log_forbids_signing_and_a_log_ahead_of_the_mark_does_not() {
        let at = |round, step| SignMark { height: Height::new(5), round, step };
        let log = [logged(&prevote(5, 0, None), true)];
        assert!(guard(at(0, SignStep::Prevote)).start_height(Height::new(5), &log), "mark and log agree");
        assert!(guard(at(0, SignStep::Propose)).start_height(Height::new(5), &log), "crash before the mark's fsync");
        assert!(!guard(at(0, SignStep::Precommit)).start_height(Height::new(5), &log), "the log lost a precommit");
        assert!(!guard(at(0, SignStep::Propose)).start_height(Height::new(5), &[]), "the log was wiped");
        assert!(!guard(at(0, SignStep::Propose)).start_height(Height::new(4), &[]), "the folder was rolled back");
        assert!(guard(at(3, SignStep::Precommit)).start_height(Height::new(6), &[]), "the marked height is committed");
        assert!(!guard(SignMark::nothing_through(Height::new(5))).start_height(Height::new(5), &log));
    }

    #[test]
    fn an_own_message_that_was_not_signed_here_forbids_signing() {
        let log = [logged(&prevote(5, 0, None), false)];
        assert!(!guard(SignMark::new_key()).start_height(Height::new(5), &log));
    }

    #[test]
    #[should_panic(expected = "says this step may be signed already")]
    fn nothing_new_is_signed_at_or_below_the_mark() {
        let mark = SignMark { height: Height::new(5), round: 2, step: SignStep::Prevote };
        let mut guard = guard(mark);
        guard.start_height(Height::new(5), &[]);
        guard.sign(prevote(5, 2, Some(1)), &CHAIN, &key());
    }
}
