//! Members that do not follow the protocol, one file per behaviour.
//!
//! A Byzantine member is a production replica with somebody between it and the network: a [`Behaviour`] sees every message that
//! arrives and every message that leaves, may hold back either, and may send whatever its key can sign. Nothing is checked about such a
//! member; everything is checked about the others.

use crate::chain::Chain;
use crate::rng::Rng;
use landsea_consensus::ConsensusMessage;
use landsea_p2p::Class;
use landsea_storage::{Store, Tip};
use landsea_types::batch::BatchBody;
use landsea_types::consensus::Signed;
use landsea_types::{Batch, Block, Member, Proposal, Signature, Suite, Timestamp, Vote};
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
    pub suite: &'a dyn Suite,
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
        Batch::new(body, &self.chain.validator_key(self.member), self.suite)
    }
    /// A well-formed empty block above the tip; its roots are those of the tip, right as long as nothing is due at its time.
    pub fn empty_block(&self) -> Option<Block> {
        let parent = self.tip.header.clone()?;
        let header = landsea_types::Header {
            height: self.tip.height.next(),
            time: self.now.max(self.tip.time.saturating_add(1)),
            parent: self.tip.block_id,
            proposer: self.member,
            batches_hash: Block::batches_hash(&[]),
            transactions: 0,
            ..parent
        };
        Some(Block { header, batches: Vec::new() })
    }
    /// Half of the other members, the same half for equal `salt`.
    pub fn half(&self, salt: u64) -> Vec<Member> {
        let mut rng = Rng::new(salt);
        self.others.iter().copied().filter(|_| rng.chance(500)).collect()
    }
}
