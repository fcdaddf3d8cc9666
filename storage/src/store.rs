//! What the node sees of storage: one [`Store`] for the replica's thread, [`Reader`]s for everybody else.

use crate::error::OpenError;
use crate::tree::StagedTree;
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::consensus::Evidence;
use landsea_types::outcome::Outcomes;
use landsea_types::state::{Family, Leaf, StateRead, Write, Writes};
use landsea_types::tree::StateProof;
use landsea_types::{
    Batch, BatchId, Block, BlockId, ChainId, CommitCertificate, Hash, Header, Height, Outcome, Timestamp,
};
use std::sync::Arc;

/// The last committed height and what follows from it.
///
/// At height 0 the block id is that of the genesis, which is the chain id, and there is no header. Before
/// [`Store::initialise`] all ids are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tip {
    /// The chain whose state this is.
    pub chain: ChainId,
    /// The committed height; 0 after the genesis.
    pub height: Height,
    /// The block of that height: the parent of the next one.
    pub block_id: BlockId,
    /// The root of the state after that height.
    pub state_root: Hash,
    /// Block time of that height.
    pub time: Timestamp,
    /// The header of that height; `None` at height 0.
    pub header: Option<Header>,
}

/// Everything that a decided height leaves behind.
///
/// # Invariants, asserted by [`Store::commit`]
/// - The block is the child of the tip, the certificate names it, and the batches are the ones it lists, in order.
/// - The staged tree grew from the tip's state root, and its root, the writes and the outcomes hash to what the header says.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The decided block.
    pub block: Block,
    /// The precommits that decided it.
    pub certificate: CommitCertificate,
    /// All batches of the block, in order. Those already stored are not written again.
    pub batches: Vec<Batch>,
    /// All changes of state, in order.
    pub writes: Writes,
    /// All outcomes, in order, the sweep's last.
    pub outcomes: Outcomes,
    /// The tree after `writes`, from [`Store::stage`].
    pub staged: StagedTree,
}

/// The durable state of one replica. Calls return when done; a fault of the disk halts the process.
///
/// As [`StateRead`] it shows the committed state, on which the next block is executed. Methods that say "buffered" are durable
/// only after the next [`Store::flush`] or [`Store::commit`].
pub trait Store: StateRead + Send {
    /// The last committed height.
    fn tip(&self) -> Tip;

    /// Writes the state of height 0 in one synced batch and returns its root. On a store that has it already, checks the
    /// chain and returns the root of its genesis.
    ///
    /// # Errors
    /// [`OpenError::WrongChain`] when the store belongs to another chain.
    fn initialise(&mut self, genesis_writes: &[Write], chain: ChainId, time: Timestamp) -> Result<Hash, OpenError>;

    /// The tree after `writes` on top of the tip, without touching the disk.
    fn stage(&self, writes: &[Write]) -> StagedTree;

    /// Writes a decided height as one synced batch, with the end of the WAL and of the proposals of that height.
    ///
    /// # Panics
    /// When an invariant of [`Commit`] does not hold: a local fault that must not reach the disk.
    fn commit(&mut self, commit: Commit);

    /// Appends an entry to the consensus WAL of a height; `seq` orders the entries. Buffered.
    fn wal_append(&mut self, height: Height, seq: u64, entry: &[u8]);
    /// The WAL entries of a height, by sequence number.
    fn wal_entries(&self, height: Height) -> Vec<Vec<u8>>;

    /// Keeps an undecided batch. Buffered; one that is held already is not written again.
    fn put_batch(&mut self, batch: &Batch);
    /// A batch, decided or not.
    fn batch(&self, id: &BatchId) -> Option<Batch>;
    /// Whether a batch is held, decided or not.
    fn has_batch(&self, id: &BatchId) -> bool;
    /// The height that decided a batch.
    fn batch_height(&self, id: &BatchId) -> Option<Height>;
    /// All batches that no block has decided, by digest.
    fn undecided_batches(&self) -> Vec<Batch>;
    /// Forgets undecided batches. Buffered; decided ones stay.
    fn drop_batches(&mut self, ids: &[BatchId]);

    /// Keeps an undecided proposal. Buffered; dropped when its height is committed, ignored at or below the tip.
    fn put_block(&mut self, block: &Block);
    /// An undecided proposal.
    fn proposed_block(&self, id: &BlockId) -> Option<Block>;

    /// Keeps evidence of equivocation. Buffered.
    fn put_evidence(&mut self, evidence: &Evidence);
    /// All evidence, by height.
    fn evidence(&self) -> Vec<Evidence>;

    /// Makes everything written before durable. Costs nothing when all of it is.
    fn flush(&mut self);

    /// A source of snapshots for other threads.
    fn reader(&self) -> Arc<dyn Reader>;
}

/// Takes snapshots of committed state on any thread.
pub trait Reader: Send + Sync {
    /// A consistent view at the current tip.
    fn snapshot(&self) -> Box<dyn Snapshot>;
}

/// The state at one tip; later commits do not change it. Hold it briefly: it keeps replaced data on disk.
pub trait Snapshot: StateRead + Send + Sync {
    /// The tip of this view.
    fn tip(&self) -> Tip;
    /// The block of a height.
    fn block(&self, height: Height) -> Option<Block>;
    /// The header of a height.
    fn header_at(&self, height: Height) -> Option<Header> {
        self.block(height).map(|block| block.header)
    }
    /// The commit certificate of a height.
    fn certificate(&self, height: Height) -> Option<CommitCertificate>;
    /// All outcomes of a height, in order.
    fn outcomes(&self, height: Height) -> Option<Vec<Outcome>>;
    /// One outcome of a height.
    fn outcome(&self, height: Height, index: u32) -> Option<Outcome>;
    /// A decided batch.
    fn batch(&self, id: &BatchId) -> Option<Batch>;
    /// The height that decided a batch.
    fn batch_height(&self, id: &BatchId) -> Option<Height>;
    /// A proof of what a tree key holds at a height; `None` above the tip and below [`Snapshot::oldest_provable`].
    fn prove(&self, height: Height, key: &[u8; 32]) -> Option<StateProof>;
    /// The leaf of an object as it stood after a height, from [`Snapshot::oldest_provable`] to the tip. Together with
    /// [`Snapshot::prove`] it makes certificates of the past.
    fn leaf_at(&self, height: Height, family: Family, id: &[u8; 32]) -> Option<Leaf>;
    /// The lowest height at which proofs can be made.
    fn oldest_provable(&self) -> Height;
    /// At most `limit` leaves of a family with `from <= id`, by id.
    fn leaves(&self, family: Family, from: &[u8; 32], limit: usize) -> Vec<([u8; 32], Leaf)>;
    /// All evidence, by height.
    fn evidence(&self) -> Vec<Evidence>;
}
