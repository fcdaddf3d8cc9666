//! Members that do not follow the protocol, one file per behaviour.
//!
//! A Byzantine member is a production replica with somebody between it and the network: a [`Behaviour`] sees every message that
//! arrives and every message that leaves, may hold back either, and may send whatever its key can sign. Nothing is checked about such a
//! member; everything is checked about the others.
//!
//! A behaviour draws its variant, its victims and its moments from a seed of its own, so that different seeds attack differently and
//! messages of one round, repeated, are treated alike. [`KINDS`] lists them all.

pub mod conflicting_batches;
pub mod double_voter;
pub mod equivocating_proposer;
pub mod forged_certificates;
pub mod future_flood;
pub mod invalid_transactions;
pub mod junk_bytes;
pub mod junk_headers;
pub mod lying_heights;
pub mod silent;
pub mod stale_votes;
pub mod twins;
mod wire;
pub mod withheld_batch;
pub mod wrong_root;
pub mod wrong_wishes;

use crate::chain::Chain;
use crate::rng::Rng;
use landsea_consensus::ConsensusMessage;
use landsea_p2p::Class;
use landsea_storage::{Store, Tip};
use landsea_types::batch::BatchBody;
use landsea_types::consensus::Signed;
use landsea_types::outcome::outcomes_root;
use landsea_types::state::writes_hash;
use landsea_types::{Batch, BatchId, Block, Header, Height, Member, Proposal, Signature, Suite, Timestamp, Vote};
use std::sync::Arc;

/// Milliseconds of virtual time between two calls of [`Behaviour::on_tick`].
pub const TICK_MS: u64 = 25;

/// What a Byzantine member does.
pub trait Behaviour {
    /// A short name for reports.
    fn name(&self) -> &'static str;

    /// A message has come for the replica behind; `false` keeps it away.
    fn on_receive(&mut self, me: &mut Puppeteer<'_>, from: Member, class: Class, bytes: &[u8]) -> bool {
        let _ = (me, from, class, bytes);
        true
    }

    /// The replica behind sends a message to one member; `false` holds it back.
    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let _ = (me, to, class, bytes);
        true
    }

    /// Some virtual time has passed; called every [`TICK_MS`].
    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        let _ = me;
    }
}

/// What a behaviour sees and can do.
pub struct Puppeteer<'a> {
    /// The member that misbehaves.
    pub member: Member,
    /// All other members, down or up.
    pub others: &'a [Member],
    /// The chain; a behaviour uses the keys of its own member only.
    pub chain: &'a Chain,
    /// Signs as everybody else signs.
    pub suite: &'a Arc<dyn Suite>,
    /// The seeded generator of the run.
    pub rng: &'a mut Rng,
    /// Virtual time.
    pub now: Timestamp,
    /// The committed tip of the replica behind.
    pub tip: Tip,
    /// The store of the replica behind.
    pub store: &'a dyn Store,
    /// What is sent after the call, in order.
    pub outbox: &'a mut Vec<(Member, Class, Vec<u8>)>,
}

impl Puppeteer<'_> {
    /// Sends bytes to one member.
    pub fn send(&mut self, to: Member, class: Class, bytes: Vec<u8>) {
        self.outbox.push((to, class, bytes));
    }
    /// Sends bytes to all other members.
    pub fn broadcast(&mut self, class: Class, bytes: &[u8]) {
        for to in self.others {
            self.outbox.push((*to, class, bytes.to_vec()));
        }
    }
    /// This member's signature over bytes.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        self.suite.sign(&self.chain.validator_key(self.member), bytes)
    }
    /// A signed vote, encoded.
    pub fn vote(&self, vote: Vote) -> Vec<u8> {
        let signature = self.sign(&vote.sign_bytes(&self.chain.id()));
        ConsensusMessage::Vote { vote: Signed { message: vote, signature }, rebroadcast: false }.encode()
    }
    /// A signed proposal, encoded.
    pub fn proposal(&self, proposal: Proposal) -> Vec<u8> {
        let signature = self.sign(&proposal.sign_bytes(&self.chain.id()));
        ConsensusMessage::Proposal { proposal: Signed { message: proposal, signature } }.encode()
    }
    /// A batch of this member's, signed.
    pub fn batch(&self, sequence: u64, transactions: Vec<Vec<u8>>) -> Batch {
        let body = BatchBody { chain_id: self.chain.id(), origin: self.member, sequence, transactions };
        Batch::new(body, &self.chain.validator_key(self.member), &**self.suite)
    }
    /// Whose turn it is to propose.
    pub fn proposer(&self, height: Height, round: u32) -> Member {
        self.chain.genesis.validator_set().proposer(height, round).member
    }
    /// The first round from `from` on in which this member proposes at a height.
    pub fn own_round(&self, height: Height, from: u32) -> u32 {
        let own = (from..).find(|round| self.proposer(height, *round) == self.member);
        own.expect("the turns go round over all members")
    }
    /// A block above the tip over these batches that claims to change nothing: right when there are no batches and nothing is due.
    pub fn block_of(&self, batches: Vec<BatchId>, transactions: u32) -> Option<Block> {
        let parent = self.tip.header.clone()?;
        let header = Header {
            height: self.tip.height.next(),
            time: self.now.max(self.tip.time.saturating_add(1)),
            parent: self.tip.block_id,
            proposer: self.member,
            batches_hash: Block::batches_hash(&batches),
            outcomes_root: outcomes_root(&[]),
            writes_hash: writes_hash(&[]),
            transactions,
            ..parent
        };
        Some(Block { header, batches })
    }
    /// A well-formed empty block above the tip; its roots are those of the tip, right as long as nothing is due at its time.
    pub fn empty_block(&self) -> Option<Block> {
        self.block_of(Vec::new(), 0)
    }
    /// Half of the other members, the same half for equal `salt`.
    pub fn half(&self, salt: u64) -> Vec<Member> {
        let mut rng = Rng::new(salt);
        self.others.iter().copied().filter(|_| rng.chance(500)).collect()
    }
    /// Between one and all but one of the other members.
    pub fn some(&self, rng: &mut Rng) -> Vec<Member> {
        let mut left = self.others.to_vec();
        let count = rng.between(1, (left.len() as u64).saturating_sub(1).max(1));
        (0..count).map(|_| left.swap_remove(rng.between(0, left.len() as u64 - 1) as usize)).collect()
    }
    /// Another member.
    pub fn anybody(&self, rng: &mut Rng) -> Member {
        *rng.pick(self.others).expect("a cluster has other members")
    }
}

/// The generator of a round: what is drawn from it is the same for all messages of the round.
pub fn moment(seed: u64, height: Height, round: u32) -> Rng {
    let mut rng = Rng::new(seed ^ height.get().rotate_left(32) ^ u64::from(round).rotate_left(16));
    rng.bits();
    rng
}

/// A kind of Byzantine member.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The name of the behaviour, as [`Behaviour::name`] tells it.
    pub name: &'static str,
    /// Makes one whose choices follow from the seed.
    pub make: fn(seed: u64) -> Box<dyn Behaviour>,
}

/// Every behaviour.
pub const KINDS: &[Kind] = &[
    Kind { name: equivocating_proposer::NAME, make: equivocating_proposer::make },
    Kind { name: double_voter::NAME, make: double_voter::make },
    Kind { name: twins::NAME, make: twins::make },
    Kind { name: silent::NAME, make: silent::make },
    Kind { name: junk_headers::NAME, make: junk_headers::make },
    Kind { name: withheld_batch::NAME, make: withheld_batch::make },
    Kind { name: conflicting_batches::NAME, make: conflicting_batches::make },
    Kind { name: wrong_root::NAME, make: wrong_root::make },
    Kind { name: invalid_transactions::NAME, make: invalid_transactions::make },
    Kind { name: stale_votes::NAME, make: stale_votes::make },
    Kind { name: forged_certificates::NAME, make: forged_certificates::make },
    Kind { name: lying_heights::NAME, make: lying_heights::make },
    Kind { name: future_flood::NAME, make: future_flood::make },
    Kind { name: junk_bytes::NAME, make: junk_bytes::make },
    Kind { name: wrong_wishes::NAME, make: wrong_wishes::make },
];
