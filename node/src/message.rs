//! What nodes send each other beyond consensus messages, in borsh, bounded before it is believed.
//!
//! The header class carries [`Block`]s, the batch class [`Batch`]es, the consensus class `ConsensusMessage`s, and the fetch class
//! [`FetchMessage`]s.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::bounds::{BLOCK_BATCHES_MAX, BLOCK_MESSAGE_BYTES_MAX, FETCH_MESSAGE_BYTES_MAX};
use landsea_types::{Batch, BatchId, Block, BlockId, ChainId, CommitCertificate, Height};

/// Requests and answers outside the flow of consensus.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum FetchMessage {
    /// Sent on every connection: the sender's chain and committed height.
    Tip { chain: ChainId, height: Height },
    /// Asks for an undecided block.
    WantBlock { block: BlockId },
    /// Answers [`FetchMessage::WantBlock`].
    Block { block: Block },
    /// Asks for batches by digest.
    WantBatches { batches: Vec<BatchId> },
    /// Answers [`FetchMessage::WantBatches`], one message per batch.
    Batch { batch: Batch },
    /// Block sync: asks for a committed height.
    WantCommitted { height: Height },
    /// Answers [`FetchMessage::WantCommitted`].
    Committed { committed: Box<CommittedBlock> },
    /// What a member tells of itself to people who watch the network. Unverified; nothing is decided by it.
    About { about: About },
}

/// A node about itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct About {
    /// Its release, at most [`ABOUT_VERSION_BYTES_MAX`] visible ASCII characters.
    pub version: String,
    pub round: u32,
    /// Members that it is connected with.
    pub peers: u8,
    /// Whether it votes; false while it observes.
    pub voting: bool,
}

/// Longest release name that a member may tell.
pub const ABOUT_VERSION_BYTES_MAX: usize = 32;

/// A decided block with everything needed to apply it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CommittedBlock {
    pub block: Block,
    pub certificate: CommitCertificate,
    pub batches: Vec<Batch>,
}

impl FetchMessage {
    /// The borsh encoding.
    pub fn encode(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("writing to a vector cannot fail")
    }

    /// Decodes; `None` is a fault of the sender.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let message: Self = decode_within(bytes, FETCH_MESSAGE_BYTES_MAX)?;
        match &message {
            Self::WantBatches { batches } if batches.len() > BLOCK_BATCHES_MAX => None,
            Self::About { about } if !about.is_well_formed() => None,
            _ => Some(message),
        }
    }
}

impl About {
    /// The version is shown to people: it must not be long, nor hold anything that a terminal or page would act on.
    fn is_well_formed(&self) -> bool {
        self.version.len() <= ABOUT_VERSION_BYTES_MAX && self.version.bytes().all(|b| b.is_ascii_graphic())
    }
}

/// Decodes a block of the header class; `None` is a fault of the sender.
pub fn decode_block(bytes: &[u8]) -> Option<Block> {
    decode_within(bytes, BLOCK_MESSAGE_BYTES_MAX)
}

/// Decodes a batch of the batch class; `None` is a fault of the sender.
pub fn decode_batch(bytes: &[u8]) -> Option<Batch> {
    decode_within(bytes, FETCH_MESSAGE_BYTES_MAX)
}

fn decode_within<T: BorshDeserialize>(bytes: &[u8], max: usize) -> Option<T> {
    if bytes.len() > max { None } else { borsh::from_slice(bytes).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::batch::BatchBody;
    use landsea_types::{Header, Member, SecretKey, Signature};

    const CHAIN: ChainId = ChainId([7; 32]);

    fn block() -> Block {
        let header = Header {
            version: Header::VERSION,
            chain_id: CHAIN,
            height: Height::new(3),
            time: landsea_types::Timestamp::new(5),
            parent: BlockId([1; 32]),
            proposer: Member::new(2),
            batches_hash: Block::batches_hash(&[]),
            state_root: Default::default(),
            outcomes_root: Default::default(),
            writes_hash: Default::default(),
            validators_hash: Default::default(),
            next_validators_hash: Default::default(),
            transactions: 0,
        };
        Block { header, batches: Vec::new() }
    }

    /// One message of each kind.
    fn messages() -> Vec<FetchMessage> {
        let transactions = vec![vec![1, 2, 3]];
        let body = BatchBody { chain_id: CHAIN, origin: Member::new(2), sequence: 9, transactions };
        let batch = Batch::new(body, &SecretKey::from_seed([3; 32]), &landsea_types::crypto::Ed25519);
        let signatures = vec![(Member::new(1), Signature([9; 64]))];
        let certificate = CommitCertificate { height: Height::new(3), round: 1, block: block().id(), signatures };
        let committed = CommittedBlock { block: block(), certificate, batches: vec![batch.clone()] };
        vec![
            FetchMessage::Tip { chain: CHAIN, height: Height::new(8) },
            FetchMessage::WantBlock { block: BlockId([4; 32]) },
            FetchMessage::Block { block: block() },
            FetchMessage::WantBatches { batches: vec![BatchId([5; 32])] },
            FetchMessage::Batch { batch },
            FetchMessage::WantCommitted { height: Height::new(6) },
            FetchMessage::Committed { committed: Box::new(committed) },
        ]
    }

    #[test]
    fn messages_survive_the_wire_and_junk_does_not() {
        for message in messages() {
            let mut bytes = message.encode();
            assert_eq!(FetchMessage::decode(&bytes), Some(message));
            bytes.push(0);
            assert_eq!(FetchMessage::decode(&bytes), None, "trailing bytes");
            bytes.truncate(bytes.len() - 2);
            assert_eq!(FetchMessage::decode(&bytes), None, "truncated");
        }
        let too_many = FetchMessage::WantBatches { batches: vec![BatchId([5; 32]); BLOCK_BATCHES_MAX + 1] };
        assert_eq!(FetchMessage::decode(&too_many.encode()), None);
    }

    fn about(version: &str) -> FetchMessage {
        FetchMessage::About { about: About { version: version.into(), round: 2, peers: 14, voting: true } }
    }

    #[test]
    fn what_a_member_tells_of_itself_is_frozen_bounded_and_plain() {
        let bytes = about("0.1.0").encode();
        assert_eq!(hex::encode(&bytes), "0705000000302e312e30020000000e01");
        assert_eq!(FetchMessage::decode(&bytes), Some(about("0.1.0")));
        for version in ["a".repeat(ABOUT_VERSION_BYTES_MAX + 1), "0.1\u{1b}[2J".into(), "0 1".into(), "\u{7248}".into()]
        {
            assert_eq!(FetchMessage::decode(&about(&version).encode()), None, "{version:?}");
        }
    }

    #[test]
    fn the_wire_format_is_frozen() {
        let bytes: Vec<u8> = messages().iter().flat_map(FetchMessage::encode).collect();
        assert_eq!(
            blake3::hash(&bytes).to_hex().as_str(),
            "621c5db9884486d2fd63ef5ad695e1d808c5d0f34682f471d0feaed7ffc64f5a",
            "members of different releases would not understand each other"
        );
    }
}
