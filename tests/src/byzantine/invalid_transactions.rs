//! Proposes what must not be ordered: batches with transactions that do not decode, are not signed, are meant for another chain or stand
//! twice; a digest repeated in a block, a batch that is decided already, batches that are too large or empty; and as many batches as a
//! block may name. Some of these it only sends around as batches.

use super::wire::{encode, own_proposal};
use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::bounds::{BATCH_TRANSACTIONS_MAX, BLOCK_BATCHES_MAX, TRANSACTION_BYTES_MAX};
use landsea_types::{Batch, BatchId, Block, ChainId, Height, Member, Proposal, Transaction};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What reports call it.
pub const NAME: &str = "invalid transactions";
/// Firms of this behaviour start here; the cluster's own count from one.
const FIRMS_FROM: u64 = 1 << 40;

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let turns = rng.bits() >> 8;
    Box::new(InvalidTransactions { rng, turns, sequence: 0, crafted: BTreeMap::new() })
}

/// See the module documentation.
struct InvalidTransactions {
    rng: Rng,
    /// Counts own proposals, from some number on.
    turns: u64,
    sequence: u64,
    /// What was proposed instead in a round; `None` when the own proposal stood.
    crafted: BTreeMap<(Height, u32), Option<Block>>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug)]
enum Flaw {
    Undecodable,
    Unsigned,
    WrongChain,
    Twice,
    Oversized,
    TooMany,
    Empty,
    RepeatedDigest,
    DecidedBatch,
    Greedy,
    UnknownBatch,
}

const FLAWS: [Flaw; 11] = [
    Flaw::Undecodable,
    Flaw::Unsigned,
    Flaw::WrongChain,
    Flaw::Twice,
    Flaw::Oversized,
    Flaw::TooMany,
    Flaw::Empty,
    Flaw::RepeatedDigest,
    Flaw::DecidedBatch,
    Flaw::Greedy,
    Flaw::UnknownBatch,
];

impl InvalidTransactions {
    /// A batch of this member.
    fn batch(&mut self, me: &Puppeteer<'_>, transactions: Vec<Vec<u8>>) -> Batch {
        self.sequence += 1;
        me.batch(self.sequence, transactions)
    }

    fn sound(&mut self, me: &Puppeteer<'_>) -> Transaction {
        let firm = FIRMS_FROM + (self.rng.bits() >> 32);
        me.chain.branch(me.member).onboard(firm, me.tip.height, me.tip.time)
    }

    /// Batches with the flaw: none for flaws that lie in the block alone.
    fn batches(&mut self, me: &Puppeteer<'_>, flaw: Flaw) -> Vec<Batch> {
        let sound = self.sound(me);
        let transactions = match flaw {
            Flaw::Undecodable => vec![sound.encode(), self.rng.bytes(40)],
            Flaw::Unsigned => vec![Transaction { nonce: 1, ..sound }.encode()],
            Flaw::WrongChain => {
                let key = me.chain.branch(me.member).branch_key;
                vec![Transaction { chain_id: ChainId([9; 32]), ..sound }.sign(&key).encode()]
            }
            Flaw::Twice | Flaw::RepeatedDigest => vec![sound.encode(); 2],
            Flaw::Oversized => vec![vec![1; TRANSACTION_BYTES_MAX + 1]],
            Flaw::TooMany => vec![vec![1]; BATCH_TRANSACTIONS_MAX + 1],
            Flaw::Empty => Vec::new(),
            Flaw::Greedy => {
                let one = vec![sound.encode()];
                return (0..BLOCK_BATCHES_MAX).map(|_| self.batch(me, one.clone())).collect();
            }
            Flaw::DecidedBatch | Flaw::UnknownBatch => return Vec::new(),
        };
        vec![self.batch(me, transactions)]
    }

    fn digests(&mut self, me: &Puppeteer<'_>, flaw: Flaw, batches: &[Batch]) -> Vec<BatchId> {
        let mut digests: Vec<BatchId> = batches.iter().map(Batch::id).collect();
        match flaw {
            Flaw::RepeatedDigest => digests.extend_from_within(..),
            Flaw::UnknownBatch => digests.push(BatchId([self.rng.bits() as u8; 32])),
            Flaw::DecidedBatch => digests.extend(decided(me)),
            _ => {}
        }
        digests
    }

    /// Sends flawed batches around, and makes a block that names them.
    fn craft(&mut self, me: &mut Puppeteer<'_>, flaw: Flaw) -> Option<Block> {
        let batches = self.batches(me, flaw);
        for batch in &batches {
            me.broadcast(Class::Batch, &encode(batch));
        }
        let digests = self.digests(me, flaw, &batches);
        let transactions = batches.iter().map(|batch| batch.body().transactions.len() as u32).sum();
        me.block_of(digests, transactions)
    }

    fn on_proposal(&mut self, me: &mut Puppeteer<'_>, to: Member, proposal: Proposal) -> bool {
        let key = (proposal.height, proposal.round);
        if !self.crafted.contains_key(&key) {
            // Each own turn has another flaw.
            self.turns += 1;
            let flaw = FLAWS[(self.turns % FLAWS.len() as u64) as usize];
            let block = if self.rng.chance(800) { self.craft(me, flaw) } else { None };
            self.crafted.insert(key, block);
        }
        let Some(Some(block)) = self.crafted.get(&key) else { return true };
        me.send(to, Class::Header, encode(block));
        let crafted = me.proposal(Proposal { block: block.id(), pol_round: None, ..proposal });
        me.send(to, Class::Consensus, crafted);
        false
    }
}

/// A batch that the tip or the height below decided.
fn decided(me: &Puppeteer<'_>) -> Option<BatchId> {
    let snapshot = me.store.reader().snapshot();
    let heights = [me.tip.height, me.tip.height.previous()];
    heights.into_iter().filter_map(|height| snapshot.block(height)).flat_map(|block| block.batches).next()
}

impl Behaviour for InvalidTransactions {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        match own_proposal(me, class, bytes) {
            Some(proposal) => self.on_proposal(me, to, proposal),
            None => true,
        }
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if self.rng.chance(20) {
            let flaw = *self.rng.pick(&FLAWS).expect("there are flaws");
            let to = me.anybody(&mut self.rng);
            for batch in self.batches(me, flaw) {
                me.send(to, Class::Batch, encode(&batch));
            }
        }
    }
}
