//! What members send each other, in borsh, with bounds that are checked before anything is believed.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::bounds::{CONSENSUS_MESSAGE_BYTES_MAX, MEMBERS_MAX};
use landsea_types::consensus::{Proposal, Signed, Vote, VoteType};
use landsea_types::{BlockId, Height, Member, Signature};

/// Proof that a quorum prevoted a block in a round.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PolkaCertificate {
    pub height: Height,
    pub round: u32,
    pub block: BlockId,
    pub signatures: Vec<(Member, Signature)>,
}

/// What a round certificate proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum RoundCertificateKind {
    /// More than a third voted in this round, so at least one correct member is there: enter it.
    Skip = 1,
    /// A quorum precommitted in this round without deciding: the next round may start after the precommit timeout.
    Precommit = 2,
}

/// One vote of a round certificate; height and round stand in the certificate.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RoundVote {
    pub kind: VoteType,
    pub block: Option<BlockId>,
    pub voter: Member,
    pub signature: Signature,
}

/// Proof that a round may be entered or left.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RoundCertificate {
    pub height: Height,
    pub round: u32,
    pub kind: RoundCertificateKind,
    pub votes: Vec<RoundVote>,
}

impl PolkaCertificate {
    /// The prevotes that this certificate consists of.
    pub fn votes(&self) -> impl Iterator<Item = Signed<Vote>> + '_ {
        self.signatures.iter().map(|(voter, signature)| Signed {
            message: Vote {
                kind: VoteType::Prevote,
                height: self.height,
                round: self.round,
                block: Some(self.block),
                voter: *voter,
            },
            signature: *signature,
        })
    }
}

impl RoundCertificate {
    /// The votes that this certificate consists of.
    pub fn signed_votes(&self) -> impl Iterator<Item = Signed<Vote>> + '_ {
        self.votes.iter().map(|v| Signed {
            message: Vote { kind: v.kind, height: self.height, round: self.round, block: v.block, voter: v.voter },
            signature: v.signature,
        })
    }
}

/// A message of the consensus protocol.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ConsensusMessage {
    /// A vote. `rebroadcast` says that the sender made no progress since it sent the vote first: a receiver that has decided
    /// this height answers with the block and its certificate; other stale votes are dropped without an answer.
    Vote { vote: Signed<Vote>, rebroadcast: bool },
    /// A proposal. Its block travels on a channel of its own.
    Proposal { proposal: Signed<Proposal> },
    /// A polka, sent ahead of a proposal that refers to it.
    Polka { certificate: PolkaCertificate },
    /// Why the sender entered its round.
    Round { certificate: RoundCertificate },
}

/// Why bytes are no consensus message. Each of these is a fault of the sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Longer than [`CONSENSUS_MESSAGE_BYTES_MAX`].
    #[error("{got} bytes, at most {CONSENSUS_MESSAGE_BYTES_MAX} are allowed")]
    TooLong { got: usize },
    /// Not the borsh encoding of a message.
    #[error("does not decode")]
    Malformed,
    /// More signatures than there can be members.
    #[error("{got} signatures, at most {MEMBERS_MAX} are allowed")]
    TooManySignatures { got: usize },
}

impl ConsensusMessage {
    /// The height that the message is about.
    pub fn height(&self) -> Height {
        match self {
            Self::Vote { vote, .. } => vote.message.height,
            Self::Proposal { proposal } => proposal.message.height,
            Self::Polka { certificate } => certificate.height,
            Self::Round { certificate } => certificate.height,
        }
    }

    /// The round that the message is about.
    pub fn round(&self) -> u32 {
        match self {
            Self::Vote { vote, .. } => vote.message.round,
            Self::Proposal { proposal } => proposal.message.round,
            Self::Polka { certificate } => certificate.round,
            Self::Round { certificate } => certificate.round,
        }
    }

    /// Whether this is a vote sent again for lack of progress.
    pub fn is_rebroadcast(&self) -> bool {
        matches!(self, Self::Vote { rebroadcast: true, .. })
    }

    /// The borsh encoding.
    pub fn encode(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to a vector cannot fail")
    }

    /// Decodes a message from the wire.
    ///
    /// # Errors
    /// [`MessageError`]; the sender is at fault.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > CONSENSUS_MESSAGE_BYTES_MAX {
            return Err(MessageError::TooLong { got: bytes.len() });
        }
        let message: Self = borsh::from_slice(bytes).map_err(|_| MessageError::Malformed)?;
        let got = message.signatures();
        if got > MEMBERS_MAX { Err(MessageError::TooManySignatures { got }) } else { Ok(message) }
    }

    fn signatures(&self) -> usize {
        match self {
            Self::Vote { .. } | Self::Proposal { .. } => 1,
            Self::Polka { certificate } => certificate.signatures.len(),
            Self::Round { certificate } => certificate.votes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polka(signatures: usize) -> ConsensusMessage {
        ConsensusMessage::Polka {
            certificate: PolkaCertificate {
                height: Height::new(3),
                round: 1,
                block: BlockId([4; 32]),
                signatures: (0..signatures).map(|i| (Member::new(i as u8), Signature([9; 64]))).collect(),
            },
        }
    }

    #[test]
    fn a_message_survives_the_wire() {
        let message = polka(11);
        assert_eq!(ConsensusMessage::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn junk_and_oversized_messages_are_refused() {
        assert_eq!(ConsensusMessage::decode(&[7, 7, 7]), Err(MessageError::Malformed));
        let mut long = polka(1).encode();
        long.push(0);
        assert_eq!(ConsensusMessage::decode(&long), Err(MessageError::Malformed));
        assert_eq!(ConsensusMessage::decode(&polka(65).encode()), Err(MessageError::TooManySignatures { got: 65 }));
        let huge = vec![0; CONSENSUS_MESSAGE_BYTES_MAX + 1];
        assert!(matches!(ConsensusMessage::decode(&huge), Err(MessageError::TooLong { .. })));
    }

    #[test]
    fn the_wire_format_is_frozen() {
        let (height, round, voter, signature) = (Height::new(3), 1, Member::new(2), Signature([9; 64]));
        let vote = Vote { kind: VoteType::Prevote, height, round, block: None, voter };
        let proposal = Proposal { height, round, block: BlockId([4; 32]), pol_round: Some(0), proposer: voter };
        let votes = vec![RoundVote { kind: VoteType::Precommit, block: None, voter, signature }];
        let all = [
            ConsensusMessage::Vote { vote: Signed { message: vote, signature }, rebroadcast: true },
            ConsensusMessage::Proposal { proposal: Signed { message: proposal, signature } },
            polka(2),
            ConsensusMessage::Round {
                certificate: RoundCertificate { height, round, kind: RoundCertificateKind::Precommit, votes },
            },
        ];
        let bytes: Vec<u8> = all.iter().flat_map(ConsensusMessage::encode).collect();
        let hash = blake3::hash(&bytes).to_hex();
        assert_eq!(
            hash.as_str(),
            "96bdb8ad05c2118578b582ff54d62c827318d2a2fa1627a894f433eafdf1b91d",
            "members of different releases would not understand each other"
        );
    }
}
