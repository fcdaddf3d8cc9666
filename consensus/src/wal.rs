//! Entries of the write-ahead log: one version byte, a checksum, then borsh. The checksum covers the entry and its place in the log, so that
//! an entry that was changed, lost, repeated or moved does not decode.
//!
//! The log holds what the core must see again, in order, to come to the same votes. A damaged entry is a local fault: the engine
//! halts, because a node that forgets what it signed may sign something else.

use crate::context::{Address, CoreHeight, CoreInput, CoreValue};
use crate::convert;
use crate::message::PolkaCertificate;
use crate::timeouts::Timer;
use arc_malachitebft_core_consensus::ProposedValue;
use arc_malachitebft_core_types::{Round, Validity, ValueOrigin};
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::consensus::{Proposal, Signed, Vote};
use landsea_types::{BlockId, Height, Member};

/// The version of the entry format written by this release.
const VERSION: u8 = 2;

const CHECKSUM_BYTES: usize = 16;

/// The checksum of an encoded record at a place of a height's log.
fn checksum(height: Height, seq: u64, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key("landsea/consensus-log/v2");
    hasher.update(&height.get().to_le_bytes()).update(&seq.to_le_bytes()).update(body);
    let mut sum = [0; CHECKSUM_BYTES];
    hasher.finalize_xof().fill(&mut sum);
    sum
}

/// The entry that holds an encoded record at a place of a height's log.
pub(crate) fn seal(height: Height, seq: u64, body: &[u8]) -> Vec<u8> {
    [&[VERSION][..], &checksum(height, seq, body), body].concat()
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) enum Record {
    /// An accepted vote. `own` when this node signed it at this height: a vote with this node's key that it does not remember
    /// signing is recorded as a stranger's.
    Vote { vote: Signed<Vote>, own: bool },
    /// An accepted proposal; `own` as for votes.
    Proposal { proposal: Signed<Proposal>, own: bool },
    /// An accepted polka certificate.
    Polka { certificate: PolkaCertificate },
    /// A timer that fired and counted.
    Timeout { timer: Timer },
    /// A verdict on a block, or the block this node proposes itself.
    Value { value: JudgedBlock },
}

/// A block with the verdict of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct JudgedBlock {
    pub(crate) height: Height,
    pub(crate) round: u32,
    pub(crate) block: BlockId,
    pub(crate) proposer: Member,
    pub(crate) pol_round: Option<u32>,
    pub(crate) valid: bool,
}

impl JudgedBlock {
    pub(crate) fn to_core(self) -> CoreInput {
        let value = ProposedValue {
            height: CoreHeight(self.height),
            round: Round::new(self.round),
            valid_round: self.pol_round.map_or(Round::Nil, Round::new),
            proposer: Address(self.proposer),
            value: CoreValue(self.block),
            validity: Validity::from_bool(self.valid),
        };
        CoreInput::ProposedValue(value, ValueOrigin::Consensus)
    }
}

impl Record {
    /// The record of an input that the core asks to persist.
    ///
    /// # Panics
    /// For inputs that the core never persists.
    pub(crate) fn from_core(height: Height, input: &CoreInput) -> Self {
        match input {
            CoreInput::Vote(vote) => Self::Vote { vote: convert::signed_vote_from_core(vote), own: false },
            CoreInput::Proposal(p) => Self::Proposal { proposal: convert::signed_proposal_from_core(p), own: false },
            CoreInput::PolkaCertificate(c) => Self::Polka { certificate: convert::polka_from_core(c) },
            CoreInput::TimeoutElapsed(t) => Self::Timeout { timer: convert::timer_from_core(height, *t) },
            CoreInput::ProposedValue(value, _) => Self::Value {
                value: JudgedBlock {
                    height: value.height.0,
                    round: convert::round_number(value.round),
                    block: value.value.0,
                    proposer: value.proposer.0,
                    pol_round: value.valid_round.as_u32(),
                    valid: value.validity.is_valid(),
                },
            },
            other => panic!("the core asked to persist an input that it never persists: {other:?}"),
        }
    }

    /// The input that replays this record.
    pub(crate) fn to_core(&self) -> CoreInput {
        match self {
            Self::Vote { vote, .. } => CoreInput::Vote(convert::signed_vote_to_core(vote)),
            Self::Proposal { proposal, .. } => CoreInput::Proposal(convert::signed_proposal_to_core(proposal)),
            Self::Polka { certificate } => CoreInput::PolkaCertificate(convert::polka_to_core(certificate)),
            Self::Timeout { timer } => CoreInput::TimeoutElapsed(convert::timer_to_core(*timer)),
            Self::Value { value } => value.to_core(),
        }
    }

    /// The borsh encoding, which [`seal`] makes an entry of.
    pub(crate) fn encode(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to a vector cannot fail")
    }

    /// Decodes the entry at a place of a height's log.
    ///
    /// # Panics
    /// When it does not decode: the log is damaged and this node must not sign before it is repaired.
    pub(crate) fn decode(height: Height, seq: u64, bytes: &[u8]) -> Self {
        Self::open(height, seq, bytes).unwrap_or_else(|| {
            panic!(
                "consensus log: entry {seq} ({} bytes, version byte {:?}) does not decode as version {VERSION}; \
                 after an upgrade, start the release that wrote it, let it commit the height and stop it again; otherwise \
                 restore this node, and never more than a third of the nodes at a time, by wiping its data folder (keep the key \
                 folder) and let it fetch blocks from the others",
                bytes.len(),
                bytes.first()
            )
        })
    }

    fn open(height: Height, seq: u64, bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (sum, body) = rest.split_first_chunk::<CHECKSUM_BYTES>()?;
        let holds = *version == VERSION && *sum == checksum(height, seq, body);
        if holds { borsh::from_slice(body).ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeouts::TimerKind;
    use landsea_types::Signature;
    use landsea_types::consensus::VoteType;

    fn records() -> Vec<Record> {
        let (height, round, block, member) = (Height::new(5), 2, BlockId([3; 32]), Member::new(4));
        let signature = Signature([8; 64]);
        let vote = Vote { kind: VoteType::Precommit, height, round, block: None, voter: member };
        let proposal = Proposal { height, round, block, pol_round: Some(1), proposer: member };
        let value = JudgedBlock { height, round, block, proposer: member, pol_round: None, valid: true };
        vec![
            Record::Vote { vote: Signed { message: vote, signature }, own: false },
            Record::Proposal { proposal: Signed { message: proposal, signature }, own: false },
            Record::Polka {
                certificate: PolkaCertificate { height, round, block, signatures: vec![(member, signature)] },
            },
            Record::Timeout { timer: Timer { height, round, kind: TimerKind::Prevote } },
            Record::Value { value },
        ]
    }

    #[test]
    fn every_entry_survives_the_log_and_the_core() {
        for record in records() {
            let entry = seal(Height::new(5), 7, &record.encode());
            assert_eq!(Record::decode(Height::new(5), 7, &entry), record);
            assert_eq!(Record::from_core(Height::new(5), &record.to_core()), record);
        }
    }

    #[test]
    #[should_panic(expected = "entry 3 (2 bytes, version byte Some(2)) does not decode as version 2")]
    fn a_damaged_entry_halts_with_the_next_command() {
        Record::decode(Height::new(5), 3, &[VERSION, 200]);
    }

    #[test]
    fn a_changed_bit_or_another_place_does_not_decode() {
        for record in records() {
            let entry = seal(Height::new(5), 7, &record.encode());
            for bit in 0..8 * entry.len() {
                let mut changed = entry.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Record::open(Height::new(5), 7, &changed), None, "bit {bit} of {record:?}");
            }
            assert_eq!(Record::open(Height::new(5), 8, &entry), None, "an entry of another place");
            assert_eq!(Record::open(Height::new(6), 7, &entry), None, "an entry of another height");
        }
    }

    #[test]
    fn the_entry_format_is_frozen() {
        let sealed = |(seq, record): (u64, Record)| seal(Height::new(5), seq, &record.encode());
        let all: Vec<u8> = (0..).zip(records()).flat_map(sealed).collect();
        let hash = blake3::hash(&all).to_hex();
        assert_eq!(
            hash.as_str(),
            "a659aaedc1043d18f5b6d6993a10989468a9f8abb6d3d023138355cbfba343a3",
            "a change of the format needs a new version byte"
        );
    }
}
