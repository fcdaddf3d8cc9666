//! Transactions on their way to a block: pending ones of this member's clients, and batches that wait to be ordered.

use super::peers::{broadcast, encode};
use super::{Action, Replica, SubmittedTransaction, TimerId};
use crate::checked::{BatchFault, CheckedBatch};
use crate::message::{FetchMessage, decode_batch};
use landsea_p2p::Class;
use landsea_types::batch::BatchBody;
use landsea_types::bounds::{
    BATCH_BYTES_MAX, BATCH_TRANSACTIONS_MAX, BLOCK_BATCHES_MAX, BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX,
    MEMPOOL_BATCHES_PER_ORIGIN_MAX, MEMPOOL_PENDING_BYTES_MAX, MEMPOOL_TRANSACTIONS_MAX, TRANSACTION_BYTES_MAX,
};
use landsea_types::{Batch, BatchId, Height, Member, TxId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Transactions that were accepted from clients and have not come here yet, at most.
pub const SUBMISSIONS_ON_THE_WAY_MAX: usize = 1_024;
/// Their bytes, in all likelihood: they are a kilobyte or two each.
const BYTES_ON_THE_WAY_MAX: usize = 16 << 20;
/// How long a batch under construction waits for company while another own batch is being ordered, milliseconds.
const SEAL_AFTER_MS: u64 = 5;

/// See the module documentation.
///
/// - `pending` and `pending_ids` hold the same transactions, `pending_bytes` is their length.
/// - `ready` lists every held batch once, in order of arrival.
/// - No origin holds more than its quota, but for `surplus`: batches that a block of the height in progress names. Those go with the height.
#[derive(Clone, Debug)]
pub struct Mempool {
    member: Member,
    sequence: u64,
    pending: VecDeque<SubmittedTransaction>,
    pending_ids: BTreeSet<TxId>,
    pending_bytes: usize,
    batches: BTreeMap<BatchId, Arc<CheckedBatch>>,
    ready: VecDeque<BatchId>,
    /// Batches on the disk whose check is under way, by origin: sealed just now, or kept by an earlier life of this node.
    in_check: BTreeMap<BatchId, Member>,
    surplus: BTreeSet<BatchId>,
}

impl Mempool {
    /// An empty mempool of a member.
    pub fn new(member: Member) -> Self {
        Self {
            member,
            sequence: 0,
            pending: VecDeque::new(),
            pending_ids: BTreeSet::new(),
            pending_bytes: 0,
            batches: BTreeMap::new(),
            ready: VecDeque::new(),
            in_check: BTreeMap::new(),
            surplus: BTreeSet::new(),
        }
    }

    /// Transactions held, pending and in batches.
    pub fn transactions(&self) -> usize {
        self.pending.len() + self.batches.values().map(|b| b.transactions.len()).sum::<usize>()
    }
    /// Whether there is no room for another pending transaction.
    fn is_full(&self) -> bool {
        self.pending.len() >= MEMPOOL_TRANSACTIONS_MAX
            || self.pending_bytes + TRANSACTION_BYTES_MAX > MEMPOOL_PENDING_BYTES_MAX
    }
    /// Whether no more should be taken from clients: what was taken before and is on its way here still finds room.
    pub fn is_filling(&self) -> bool {
        self.pending.len() + SUBMISSIONS_ON_THE_WAY_MAX >= MEMPOOL_TRANSACTIONS_MAX
            || self.pending_bytes + BYTES_ON_THE_WAY_MAX > MEMPOOL_PENDING_BYTES_MAX
    }
    /// Whether a batch waits to be ordered.
    pub fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }
    /// The smallest batch that waits.
    pub(super) fn smallest(&self) -> Option<&Arc<CheckedBatch>> {
        self.batches.values().min_by_key(|b| b.batch.payload_bytes())
    }
    /// A held batch.
    pub fn get(&self, id: &BatchId) -> Option<&Arc<CheckedBatch>> {
        self.batches.get(id)
    }
    /// Own batches that no block has decided.
    pub fn own_undecided(&self) -> impl Iterator<Item = &Arc<CheckedBatch>> {
        self.batches.values().filter(|b| b.batch.body().origin == self.member)
    }
    /// Asserts the invariants.
    ///
    /// # Panics
    /// When one does not hold.
    pub fn validate(&self) {
        assert_eq!(self.pending.len(), self.pending_ids.len(), "pending transactions and their ids differ");
        assert_eq!(self.ready.len(), self.batches.len(), "ready list and batches differ");
        assert!(self.pending.len() <= MEMPOOL_TRANSACTIONS_MAX, "{} pending transactions", self.pending.len());
        let bytes: usize = self.pending.iter().map(|tx| tx.bytes.len()).sum();
        assert_eq!(bytes, self.pending_bytes, "the pending bytes are miscounted");
        let mut held: BTreeMap<Member, usize> = BTreeMap::new();
        for batch in self.batches.values().filter(|b| !self.surplus.contains(&b.id)) {
            *held.entry(batch.batch.body().origin).or_default() += 1;
        }
        let over = held.iter().find(|(_, count)| **count > MEMPOOL_BATCHES_PER_ORIGIN_MAX);
        assert!(over.is_none(), "more batches than the quota are held of one origin: {over:?}");
    }

    fn of_origin(&self, origin: Member) -> usize {
        let counts = |b: &&Arc<CheckedBatch>| b.batch.body().origin == origin && !self.surplus.contains(&b.id);
        self.batches.values().filter(counts).count()
    }
    fn has_room(&self, origin: Member) -> bool {
        let in_check = self.in_check.values().filter(|of| **of == origin).count();
        self.of_origin(origin) + in_check < MEMPOOL_BATCHES_PER_ORIGIN_MAX
    }
    /// A batch is on the disk and its check has begun.
    pub(super) fn note_in_check(&mut self, batch: &Batch) {
        self.in_check.insert(batch.id(), batch.body().origin);
    }
    fn insert(&mut self, batch: Arc<CheckedBatch>) {
        if self.batches.contains_key(&batch.id) {
            return;
        }
        if !self.has_room(batch.batch.body().origin) {
            self.surplus.insert(batch.id);
        }
        self.ready.push_back(batch.id);
        self.batches.insert(batch.id, batch);
    }
    /// Batches for one block, oldest first, within the bounds: the first, and others up to `room` transactions.
    pub(super) fn pick(&self, room: usize, already_decided: impl Fn(&BatchId) -> bool) -> Vec<Arc<CheckedBatch>> {
        let (mut picked, mut bytes, mut transactions) = (Vec::new(), 0, 0);
        for batch in self.ready.iter().filter_map(|id| self.batches.get(id)) {
            bytes += batch.batch.payload_bytes();
            transactions += batch.transactions.len();
            let is_enough = !picked.is_empty() && transactions > room;
            let full = is_enough
                || picked.len() == BLOCK_BATCHES_MAX
                || bytes > BLOCK_BYTES_MAX
                || transactions > BLOCK_TRANSACTIONS_MAX;
            if full {
                break;
            }
            if !already_decided(&batch.id) {
                picked.push(Arc::clone(batch));
            }
        }
        picked
    }
    /// Forgets batches that were decided.
    pub(super) fn remove(&mut self, ids: &[BatchId]) {
        for id in ids {
            self.batches.remove(id);
        }
        self.ready.retain(|id| self.batches.contains_key(id));
    }
    /// Batches none of whose transactions can succeed at `height` any more, and those held beyond their origin's quota.
    pub(super) fn take_useless(&mut self, height: Height) -> Vec<BatchId> {
        let surplus = std::mem::take(&mut self.surplus);
        let is_useless = |b: &&Arc<CheckedBatch>| b.useful_until < height || surplus.contains(&b.id);
        self.batches.values().filter(is_useless).map(|b| b.id).collect()
    }
    fn take_pending(&mut self) -> Vec<Vec<u8>> {
        let (mut taken, mut bytes) = (Vec::new(), 0);
        while let Some(next) = self.pending.front() {
            bytes += next.bytes.len();
            if taken.len() == BATCH_TRANSACTIONS_MAX || bytes > BATCH_BYTES_MAX {
                break;
            }
            let next = self.pending.pop_front().expect("front was just seen");
            self.pending_ids.remove(&next.id);
            self.pending_bytes -= next.bytes.len();
            taken.push(next.bytes);
        }
        taken
    }
}

impl Replica {
    pub(super) fn on_submit(&mut self, transactions: Vec<SubmittedTransaction>, actions: &mut Vec<Action>) {
        for tx in transactions {
            if self.mempool.is_full() {
                tracing::warn!(tx = %tx.id, "dropped: too many transactions wait for a batch");
            } else if self.mempool.pending_ids.insert(tx.id) {
                self.mempool.pending_bytes += tx.bytes.len();
                self.mempool.pending.push_back(tx);
            }
        }
        let busy = self.mempool.own_undecided().next().is_some();
        let heaped = self.mempool.pending.len() >= BATCH_TRANSACTIONS_MAX;
        if busy && !heaped {
            actions.push(Action::SetTimer { timer: TimerId::SealBatch, after_ms: SEAL_AFTER_MS });
        } else {
            self.seal_batch(actions);
        }
    }

    /// Signs pending transactions into batches and sends them to all members.
    pub(super) fn seal_batch(&mut self, actions: &mut Vec<Action>) {
        while !self.mempool.pending.is_empty() && self.mempool.has_room(self.member) {
            let transactions = self.mempool.take_pending();
            // Unique across restarts: the clock moves on, and the digest covers the transactions anyway.
            self.mempool.sequence = (self.mempool.sequence + 1).max(self.now.get());
            let body =
                BatchBody { chain_id: self.chain, origin: self.member, sequence: self.mempool.sequence, transactions };
            let batch = Batch::new(body, &self.validator_key, &*self.suite);
            self.store.put_batch(&batch);
            self.mempool.note_in_check(&batch);
            broadcast(actions, Class::Batch, encode(&batch));
            actions.push(Action::CheckBatch { batch, from: None });
        }
    }

    pub(super) fn on_batch_bytes(&mut self, peer: Member, bytes: &[u8], actions: &mut Vec<Action>) {
        match decode_batch(bytes) {
            Some(batch) if batch.body().origin == peer => self.admit_batch(peer, batch, false, actions),
            Some(_) => actions.push(Action::PeerFault { peer, reason: "batch of another origin" }),
            None => actions.push(Action::PeerFault { peer, reason: "undecodable batch" }),
        }
    }

    pub(super) fn on_fetched_batch(&mut self, peer: Member, batch: Batch, actions: &mut Vec<Action>) {
        let wanted = self.candidates.wants(&batch.id());
        self.admit_batch(peer, batch, wanted, actions);
    }

    fn admit_batch(&mut self, peer: Member, batch: Batch, wanted: bool, actions: &mut Vec<Action>) {
        let origin = batch.body().origin;
        let known = self.mempool.get(&batch.id()).is_some() || self.store.batch_height(&batch.id()).is_some();
        // A flood beyond the quota is dropped; what a block names is fetched by digest.
        if known || !(wanted || self.mempool.has_room(origin)) {
            return;
        }
        if self.validators.get(origin).is_none() {
            return actions.push(Action::PeerFault { peer, reason: "batch of a stranger" });
        }
        // Told before it takes a place in the queue of the signature pool.
        if batch.payload_bytes() > BATCH_BYTES_MAX || batch.body().transactions.len() > BATCH_TRANSACTIONS_MAX {
            return actions.push(Action::PeerFault { peer, reason: "oversized batch" });
        }
        actions.push(Action::CheckBatch { batch, from: Some(peer) });
    }

    pub(super) fn on_batch_checked(
        &mut self,
        checked: Result<Arc<CheckedBatch>, BatchFault>,
        from: Option<Member>,
        actions: &mut Vec<Action>,
    ) {
        match (checked, from) {
            (Ok(batch), from) => self.hold_batch(batch, from, actions),
            (Err(reason), Some(peer)) => actions.push(Action::PeerFault { peer, reason }),
            (Err(reason), None) => panic!("an own batch does not pass its check ({reason}): run `landsea node verify`"),
        }
    }

    fn hold_batch(&mut self, batch: Arc<CheckedBatch>, from: Option<Member>, actions: &mut Vec<Action>) {
        self.mempool.in_check.remove(&batch.id);
        if self.store.batch_height(&batch.id).is_some() {
            return;
        }
        let wanted = self.candidates.wants(&batch.id);
        // Others of the same origin may have come while this one was being checked.
        if from.is_some() && !wanted && !self.mempool.has_room(batch.batch.body().origin) {
            return;
        }
        if batch.useful_until < self.next_height() && !wanted {
            return self.store.drop_batches(&[batch.id]);
        }
        self.keep_batch(&batch);
        self.mempool.insert(batch);
        self.examine_all(actions);
        self.start_if_needed(actions);
    }

    /// Answers with no more than a block may hold, so that a small request, or one that repeats a digest, costs no more than that.
    pub(super) fn on_want_batches(&mut self, peer: Member, wanted: &[BatchId], actions: &mut Vec<Action>) {
        let mut bytes = 0;
        for id in wanted {
            let held = self.mempool.get(id).map(|b| b.batch.clone()).or_else(|| self.store.batch(id));
            if let Some(batch) = held {
                bytes += batch.payload_bytes();
                if bytes > BLOCK_BYTES_MAX {
                    return;
                }
                super::peers::send(actions, peer, Class::Fetch, FetchMessage::Batch { batch }.encode());
            }
        }
    }
}
