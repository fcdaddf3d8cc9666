//! Blocks of the height in progress: obtaining, checking and executing them before the vote.
//!
//! A block arrives from an authenticated peer and waits (two per peer) until the engine names it ([`Output::Need`]): the proposer field
//! of a header is not trusted. Then missing batches are fetched, the header is checked against the parent state, the block is executed
//! on an overlay, and only if every root agrees it is judged valid. Nothing is judged invalid but by its bytes and the parent state: a
//! block that is early or incomplete simply waits.
//!
//! [`Output::Need`]: landsea_consensus::Output::Need

use super::peers::send;
use super::{Action, Replica, TimerId};
use crate::checked::{BatchAnswers, CheckedBatch};
use crate::message::{FetchMessage, decode_block};
use landsea_chaincode::{BlockContext, Executed, execute_block};
use landsea_consensus::Input;
use landsea_p2p::Class;
use landsea_storage::StagedTree;
use landsea_types::bounds::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX, HEADERS_PER_PEER_MAX, OVERLAYS_MAX};
use landsea_types::genesis::ParamKey;
use landsea_types::outcome::Outcomes;
use landsea_types::state::Writes;
use landsea_types::{BatchId, Block, BlockId, Header, Height, Member, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A missing batch is usually in flight: wait this long before the first request, milliseconds.
const FETCH_AFTER_MS: u64 = 10;
/// Pause before somebody else is asked, milliseconds.
const FETCH_AGAIN_MS: u64 = 300;

/// A block with its batches, executed on the state of its parent.
pub struct Prepared {
    pub block: Block,
    pub batches: Vec<Arc<CheckedBatch>>,
    pub writes: Writes,
    pub outcomes: Outcomes,
    pub staged: StagedTree,
}

/// A block that the engine asked for.
#[derive(Clone, Debug)]
struct Needed {
    round: u32,
    block: Option<Block>,
    /// Whom to ask first, then whom else.
    asked: usize,
}

/// Blocks by how far they have come.
#[derive(Default)]
pub(super) struct Candidates {
    /// Received, not named by the engine yet, by peer.
    unmatched: BTreeMap<Member, VecDeque<Block>>,
    /// Named by the engine, not judged yet.
    needed: BTreeMap<BlockId, Needed>,
    /// Executed on the current tip.
    prepared: BTreeMap<BlockId, Prepared>,
    /// Judged invalid at this height.
    invalid: BTreeSet<BlockId>,
    /// The block this node proposed.
    own: Option<BlockId>,
}

impl Candidates {
    /// Whether a block of this height waits for the batch.
    pub(super) fn wants(&self, id: &BatchId) -> bool {
        self.needed.values().filter_map(|n| n.block.as_ref()).any(|b| b.batches.contains(id))
    }
    /// Whether the engine has named a block of the height in progress: its proposal has come.
    pub(super) fn has_named(&self) -> bool {
        !(self.needed.is_empty() && self.prepared.is_empty() && self.invalid.is_empty())
    }
    pub(super) fn set_own(&mut self, prepared: Prepared) {
        self.own = Some(prepared.block.id());
        self.insert(prepared);
    }
    pub(super) fn insert(&mut self, prepared: Prepared) {
        if self.prepared.len() >= OVERLAYS_MAX {
            // Executed again if the engine should still decide it.
            let evicted = self.prepared.keys().find(|id| Some(**id) != self.own).copied();
            evicted.map(|id| self.prepared.remove(&id));
        }
        self.prepared.insert(prepared.block.id(), prepared);
    }
    pub(super) fn take(&mut self, id: &BlockId) -> Option<Prepared> {
        self.prepared.remove(id)
    }
    pub(super) fn block(&self, id: &BlockId) -> Option<Block> {
        let prepared = self.prepared.get(id).map(|p| &p.block);
        let needed = self.needed.get(id).and_then(|n| n.block.as_ref());
        let unmatched = self.unmatched.values().flatten().find(|b| b.id() == *id);
        prepared.or(needed).or(unmatched).cloned()
    }
    /// Forgets everything of the height that was committed.
    pub(super) fn clear(&mut self, next: Height) {
        self.needed.clear();
        self.prepared.clear();
        self.invalid.clear();
        self.own = None;
        for blocks in self.unmatched.values_mut() {
            blocks.retain(|b| b.header.height >= next);
        }
    }
    fn keep_unmatched(&mut self, peer: Member, block: Block) {
        let blocks = self.unmatched.entry(peer).or_default();
        // A block sent again must not push out another one.
        if blocks.contains(&block) {
            return;
        }
        if blocks.len() == HEADERS_PER_PEER_MAX {
            blocks.pop_front();
        }
        blocks.push_back(block);
    }
    /// # Panics
    /// When a bound is broken.
    pub(super) fn validate(&self) {
        assert!(self.prepared.len() <= OVERLAYS_MAX, "{} overlays", self.prepared.len());
        assert!(
            self.unmatched.values().all(|b| b.len() <= HEADERS_PER_PEER_MAX),
            "too many unmatched blocks of a peer"
        );
    }
}

/// What a look at a needed block gave.
enum Examined {
    Valid(Box<Prepared>),
    Invalid,
    Missing { batches: Vec<BatchId> },
    Early { by_ms: u64 },
}

/// Whether a block may hold these batches.
fn is_within_bounds(batches: &[Arc<CheckedBatch>]) -> bool {
    let bytes: usize = batches.iter().map(|b| b.batch.payload_bytes()).sum();
    let transactions: usize = batches.iter().map(|b| b.transactions.len()).sum();
    bytes <= BLOCK_BYTES_MAX && transactions <= BLOCK_TRANSACTIONS_MAX
}

impl Replica {
    pub(super) fn on_block_bytes(&mut self, peer: Member, bytes: &[u8], actions: &mut Vec<Action>) {
        match decode_block(bytes) {
            Some(block) => self.on_block(peer, block, actions),
            None => actions.push(Action::PeerFault { peer, reason: "undecodable block" }),
        }
    }

    pub(super) fn on_block(&mut self, peer: Member, block: Block, actions: &mut Vec<Action>) {
        if block.header.chain_id != self.chain || !block.is_well_formed() {
            return actions.push(Action::PeerFault { peer, reason: "malformed block" });
        }
        let next = self.next_height();
        if block.header.height < next || block.header.height > next.next() {
            return;
        }
        let id = block.id();
        match self.candidates.needed.get_mut(&id) {
            Some(needed) if needed.block.is_none() => {
                needed.block = Some(block);
                self.examine(id, actions);
            }
            Some(_) => {}
            None => self.candidates.keep_unmatched(peer, block),
        }
    }

    pub(super) fn on_want_block(&mut self, peer: Member, id: BlockId, actions: &mut Vec<Action>) {
        let tip = self.store.tip();
        if let Some(block) = self.held_block(&id) {
            send(actions, peer, Class::Fetch, FetchMessage::Block { block }.encode());
        } else if id == tip.block_id {
            // Decided here meanwhile. The peer may be the next proposer, and nothing else tells it before it proposes.
            self.send_committed(peer, tip.height, actions);
        }
    }

    /// An undecided block, in memory or from an earlier life of this node.
    pub(super) fn held_block(&self, id: &BlockId) -> Option<Block> {
        self.candidates.block(id).or_else(|| self.store.proposed_block(id))
    }

    /// The engine names a block: obtain, check and execute it.
    pub(super) fn on_need(&mut self, round: u32, id: BlockId, actions: &mut Vec<Action>) {
        if self.candidates.invalid.contains(&id) {
            return self.give_verdict(round, id, false, actions);
        }
        if self.candidates.prepared.contains_key(&id) {
            return self.give_verdict(round, id, true, actions);
        }
        let block = self.held_block(&id);
        let needed = self.candidates.needed.entry(id).or_insert(Needed { round, block, asked: 0 });
        needed.round = needed.round.max(round);
        self.examine(id, actions);
    }

    /// Looks at every needed block again: a batch has come, or time has passed.
    pub(super) fn examine_all(&mut self, actions: &mut Vec<Action>) {
        let ids: Vec<BlockId> = self.candidates.needed.keys().copied().collect();
        for id in ids {
            self.examine(id, actions);
        }
    }

    fn examine(&mut self, id: BlockId, actions: &mut Vec<Action>) {
        let Some(needed) = self.candidates.needed.get(&id) else { return };
        let (round, never_asked) = (needed.round, needed.asked == 0);
        let first_fetch = Action::SetTimer { timer: TimerId::Fetch, after_ms: FETCH_AFTER_MS };
        let Some(block) = needed.block.clone() else {
            return actions.extend(never_asked.then_some(first_fetch));
        };
        match self.look_at(&block, &id) {
            Examined::Valid(prepared) => {
                self.candidates.needed.remove(&id);
                self.keep_durable(&prepared);
                self.candidates.insert(*prepared);
                self.give_verdict(round, id, true, actions);
            }
            Examined::Invalid => {
                self.candidates.needed.remove(&id);
                self.candidates.invalid.insert(id);
                tracing::warn!(height = %block.header.height, block = %id, proposer = %block.header.proposer, "block refused");
                self.give_verdict(round, id, false, actions);
            }
            Examined::Missing { batches } => {
                tracing::debug!(missing = batches.len(), block = %id, "waiting for batches");
                actions.extend(never_asked.then_some(first_fetch));
            }
            Examined::Early { by_ms } => {
                actions.push(Action::SetTimer { timer: TimerId::EarlyBlock, after_ms: by_ms });
            }
        }
    }

    fn give_verdict(&mut self, round: u32, block: BlockId, valid: bool, actions: &mut Vec<Action>) {
        let height = self.next_height();
        self.feed(Input::Verdict { height, round, block, valid }, actions);
    }

    fn look_at(&self, block: &Block, id: &BlockId) -> Examined {
        if !self.header_fits(block) {
            return Examined::Invalid;
        }
        let early = block.header.time.since(self.now.saturating_add(self.param(ParamKey::ClockDriftMs)));
        if early > 0 && !self.engine.is_named_by_quorum(id) {
            return Examined::Early { by_ms: early };
        }
        // What is held may show already that the rest is not worth fetching.
        let held: Vec<_> = block.batches.iter().filter_map(|id| self.mempool.get(id).cloned()).collect();
        if !is_within_bounds(&held) {
            return Examined::Invalid;
        }
        let missing = self.missing_batches(block);
        if !missing.is_empty() {
            return Examined::Missing { batches: missing };
        }
        self.execute(block).map_or(Examined::Invalid, |prepared| Examined::Valid(Box::new(prepared)))
    }

    /// What the header alone and the parent state decide.
    pub(super) fn header_fits(&self, block: &Block) -> bool {
        let (header, tip) = (&block.header, self.store.tip());
        let validators_hash = self.validators.hash();
        block.is_well_formed()
            && header.chain_id == self.chain
            && header.height == tip.height.next()
            && header.parent == tip.block_id
            && header.time > tip.time
            && self.validators.get(header.proposer).is_some()
            && header.validators_hash == validators_hash
            && header.next_validators_hash == validators_hash
            && block.batches.iter().all(|id| self.store.batch_height(id).is_none())
    }

    pub(super) fn missing_batches(&self, block: &Block) -> Vec<BatchId> {
        block.batches.iter().filter(|id| self.mempool.get(id).is_none()).copied().collect()
    }

    /// Executes a block whose batches are held; `None` when a bound or a root does not agree.
    fn execute(&self, block: &Block) -> Option<Prepared> {
        let batches: Option<Vec<_>> = block.batches.iter().map(|id| self.mempool.get(id).cloned()).collect();
        self.execute_with(block, batches?)
    }

    /// Executes a block over given batches; `None` when a bound or a root does not agree.
    pub(super) fn execute_with(&self, block: &Block, batches: Vec<Arc<CheckedBatch>>) -> Option<Prepared> {
        if !is_within_bounds(&batches) {
            return None;
        }
        let prepared = self.run(block.header.height, block.header.time, block.batches.clone(), batches);
        let header = self.header_for(&prepared, block.header.proposer);
        (header == block.header).then(|| Prepared { block: block.clone(), ..prepared })
    }

    /// Runs batches as the next block; the returned block's header still lacks its roots.
    pub(super) fn run(
        &self,
        height: Height,
        time: Timestamp,
        ids: Vec<BatchId>,
        batches: Vec<Arc<CheckedBatch>>,
    ) -> Prepared {
        let context = BlockContext { chain: self.chain, height, time };
        let Executed { writes, outcomes } = execute_block(
            &&*self.store,
            context,
            batches.iter().flat_map(|b| b.wire()),
            &BatchAnswers::new(&batches, &*self.suite),
        );
        let staged = self.store.stage(&writes);
        let mut header = self.blank_header(height, time);
        header.transactions = batches.iter().map(|b| b.transactions.len() as u32).sum();
        let (writes, outcomes) = (Writes::new(writes), Outcomes::new(outcomes));
        Prepared { block: Block { header, batches: ids }, batches, writes, outcomes, staged }
    }

    fn blank_header(&self, height: Height, time: Timestamp) -> Header {
        let validators_hash = self.validators.hash();
        Header {
            version: Header::VERSION,
            chain_id: self.chain,
            height,
            time,
            parent: self.store.tip().block_id,
            proposer: self.member,
            batches_hash: Default::default(),
            state_root: Default::default(),
            outcomes_root: Default::default(),
            writes_hash: Default::default(),
            validators_hash,
            next_validators_hash: validators_hash,
            transactions: 0,
        }
    }

    /// The header that the execution of a block leads to.
    pub(super) fn header_for(&self, prepared: &Prepared, proposer: Member) -> Header {
        Header {
            proposer,
            batches_hash: Block::batches_hash(&prepared.block.batches),
            state_root: prepared.staged.root(),
            outcomes_root: prepared.outcomes.root(),
            writes_hash: prepared.writes.hash(),
            ..prepared.block.header.clone()
        }
    }

    /// Header and batches are written now, so that the engine's next flush covers them.
    pub(super) fn keep_durable(&mut self, prepared: &Prepared) {
        for batch in &prepared.batches {
            self.keep_batch(batch);
        }
        self.store.put_block(&prepared.block);
    }

    /// Writes a batch unless it is there; its digest is known.
    pub(super) fn keep_batch(&mut self, batch: &CheckedBatch) {
        if !self.store.has_batch(&batch.id) {
            self.store.put_batch(&batch.batch);
        }
    }

    /// Asks for what needed blocks lack: first the block's proposer, then the others in turn.
    pub(super) fn fetch_again(&mut self, actions: &mut Vec<Action>) {
        let ids: Vec<BlockId> = self.candidates.needed.keys().copied().collect();
        let mut waiting = false;
        for id in ids {
            waiting |= self.fetch_for(id, actions);
        }
        if waiting {
            actions.push(Action::SetTimer { timer: TimerId::Fetch, after_ms: FETCH_AGAIN_MS });
        }
    }

    fn fetch_for(&mut self, id: BlockId, actions: &mut Vec<Action>) -> bool {
        let Some(needed) = self.candidates.needed.get(&id) else { return false };
        let (round, asked) = (needed.round, needed.asked);
        let request = match &needed.block {
            None => FetchMessage::WantBlock { block: id },
            Some(block) => match self.missing_batches(block) {
                missing if missing.is_empty() => return false,
                batches => FetchMessage::WantBatches { batches },
            },
        };
        let proposer = self.validators.proposer(self.next_height(), round).member;
        let mut others: Vec<Member> = self.peers.connected().collect();
        others.sort_by_key(|m| *m != proposer);
        if let Some(peer) = others.get(asked % others.len().max(1)) {
            send(actions, *peer, Class::Fetch, request.encode());
        }
        self.candidates.needed.entry(id).and_modify(|n| n.asked += 1);
        true
    }
}
