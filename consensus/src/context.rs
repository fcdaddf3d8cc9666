//! The types that Malachite's core is generic over, as thin wrappers of Landsea's own.
//!
//! The core's value and value id are both the block id: bodies travel on a channel of their own and the core orders opaque hashes.

use std::fmt;

use arc_malachitebft_core_consensus as core;
use arc_malachitebft_core_types as ct;
use ct::{NilOrVal, Round};
use landsea_types::consensus::ValidatorSet;
use landsea_types::{BlockId, Height, Member, PublicKey, Signature};

pub(crate) type CoreState = core::State<Ledger>;
pub(crate) type CoreInput = core::Input<Ledger>;
pub(crate) type CoreEffect = core::Effect<Ledger>;
pub(crate) type CoreResume = core::Resume<Ledger>;
pub(crate) type CoreError = core::Error<Ledger>;
pub(crate) type CoreSignedVote = ct::SignedVote<Ledger>;
pub(crate) type CoreSignedProposal = ct::SignedProposal<Ledger>;

/// The context of the ledger: binds the wrappers below together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ledger;

/// A member index as the core's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address(pub(crate) Member);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl ct::Address for Address {}

/// A height as the core's height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CoreHeight(pub(crate) Height);

impl fmt::Display for CoreHeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl ct::Height for CoreHeight {
    const ZERO: Self = Self(Height::ZERO);
    const INITIAL: Self = Self(Height::new(1));

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.checked_add(n).expect("heights stay far below 2^64"))
    }
    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }
    fn as_u64(&self) -> u64 {
        self.0.get()
    }
}

/// A block id as the core's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CoreValue(pub(crate) BlockId);

impl ct::Value for CoreValue {
    type Id = BlockId;
    fn id(&self) -> BlockId {
        self.0
    }
}

/// A vote in the core's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreVote {
    pub(crate) kind: ct::VoteType,
    pub(crate) height: CoreHeight,
    pub(crate) round: Round,
    pub(crate) value: NilOrVal<BlockId>,
    pub(crate) voter: Address,
}

impl ct::Vote<Ledger> for CoreVote {
    fn height(&self) -> CoreHeight {
        self.height
    }
    fn round(&self) -> Round {
        self.round
    }
    fn value(&self) -> &NilOrVal<BlockId> {
        &self.value
    }
    fn take_value(self) -> NilOrVal<BlockId> {
        self.value
    }
    fn vote_type(&self) -> ct::VoteType {
        self.kind
    }
    fn validator_address(&self) -> &Address {
        &self.voter
    }
    fn extension(&self) -> Option<&ct::SignedExtension<Ledger>> {
        None
    }
    fn take_extension(&mut self) -> Option<ct::SignedExtension<Ledger>> {
        None
    }
    fn extend(self, _: ct::SignedExtension<Ledger>) -> Self {
        self
    }
}

/// A proposal in the core's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreProposal {
    pub(crate) height: CoreHeight,
    pub(crate) round: Round,
    pub(crate) value: CoreValue,
    pub(crate) pol_round: Round,
    pub(crate) proposer: Address,
}

impl ct::Proposal<Ledger> for CoreProposal {
    fn height(&self) -> CoreHeight {
        self.height
    }
    fn round(&self) -> Round {
        self.round
    }
    fn value(&self) -> &CoreValue {
        &self.value
    }
    fn take_value(self) -> CoreValue {
        self.value
    }
    fn pol_round(&self) -> Round {
        self.pol_round
    }
    fn validator_address(&self) -> &Address {
        &self.proposer
    }
}

/// The core never sees bodies, so there are no proposal parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoPart {}

impl ct::ProposalPart<Ledger> for NoPart {
    fn is_first(&self) -> bool {
        match *self {}
    }
    fn is_last(&self) -> bool {
        match *self {}
    }
}

/// One seat in the core's terms; every seat has one vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    address: Address,
    key: PublicKey,
}

impl ct::Validator<Ledger> for Seat {
    fn address(&self) -> &Address {
        &self.address
    }
    fn public_key(&self) -> &PublicKey {
        &self.key
    }
    fn voting_power(&self) -> ct::VotingPower {
        1
    }
}

/// The validator set in the core's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seats {
    set: ValidatorSet,
    seats: Vec<Seat>,
}

impl Seats {
    pub(crate) fn new(set: ValidatorSet) -> Self {
        let seats = set.iter().map(|v| Seat { address: Address(v.member), key: v.public_key }).collect();
        Self { set, seats }
    }
}

impl ct::ValidatorSet<Ledger> for Seats {
    fn count(&self) -> usize {
        self.seats.len()
    }
    fn total_voting_power(&self) -> ct::VotingPower {
        self.seats.len() as ct::VotingPower
    }
    fn get_by_address(&self, address: &Address) -> Option<&Seat> {
        self.seats.iter().find(|s| s.address == *address)
    }
    fn get_by_index(&self, index: usize) -> Option<&Seat> {
        self.seats.get(index)
    }
}

/// Ed25519 with keys and signatures as Landsea encodes them. The core itself neither signs nor verifies: both are effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scheme;

impl ct::SigningScheme for Scheme {
    type DecodingError = &'static str;
    type Signature = Signature;
    type PublicKey = PublicKey;
    type PrivateKey = ();

    fn decode_signature(bytes: &[u8]) -> Result<Signature, &'static str> {
        bytes.try_into().map(Signature).map_err(|_| "a signature has 64 bytes")
    }
    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }
    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, &'static str> {
        bytes.try_into().map(PublicKey).map_err(|_| "a public key has 32 bytes")
    }
    fn encode_public_key(key: &PublicKey) -> Vec<u8> {
        key.0.to_vec()
    }
}

impl ct::Context for Ledger {
    type Address = Address;
    type Height = CoreHeight;
    type ProposalPart = NoPart;
    type Proposal = CoreProposal;
    type Validator = Seat;
    type ValidatorSet = Seats;
    type Timeouts = ct::LinearTimeouts;
    type Value = CoreValue;
    type Vote = CoreVote;
    type Extension = ();
    type SigningScheme = Scheme;

    fn select_proposer<'a>(&self, seats: &'a Seats, height: CoreHeight, round: Round) -> &'a Seat {
        let round = round.as_u32().expect("a proposer is selected for defined rounds only");
        let member = seats.set.proposer(height.0, round).member;
        seats.seats.iter().find(|s| s.address.0 == member).expect("the proposer holds a seat of the same set")
    }
    fn new_proposal(
        &self,
        height: CoreHeight,
        round: Round,
        value: CoreValue,
        pol_round: Round,
        proposer: Address,
    ) -> CoreProposal {
        CoreProposal { height, round, value, pol_round, proposer }
    }
    fn new_prevote(&self, height: CoreHeight, round: Round, value: NilOrVal<BlockId>, voter: Address) -> CoreVote {
        CoreVote { kind: ct::VoteType::Prevote, height, round, value, voter }
    }
    fn new_precommit(&self, height: CoreHeight, round: Round, value: NilOrVal<BlockId>, voter: Address) -> CoreVote {
        CoreVote { kind: ct::VoteType::Precommit, height, round, value, voter }
    }
}
