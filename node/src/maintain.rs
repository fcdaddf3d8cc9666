//! Caring for a node that does not run: checking its store, making and recovering sign marks.

use crate::checked::{BatchAnswers, CheckedBatch};
use crate::mark::MarkFile;
use crate::open_files::make_room;
use landsea_chaincode::{BlockContext, execute_block, genesis_writes};
use landsea_consensus::SignMark;
use landsea_storage::replay::{VerifyError, VerifyReport, verify};
use landsea_storage::{Commit, MemoryDisk, MemoryStore, OpenError, RocksStore, Snapshot, Store, StoreConfig, Tip};
use landsea_types::consensus::ValidatorSet;
use landsea_types::crypto::Ed25519;
use landsea_types::genesis::Genesis;
use landsea_types::outcome::Outcomes;
use landsea_types::state::Writes;
use landsea_types::{Batch, Block, Height, Suite};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a store does not pass.
#[derive(Debug, thiserror::Error)]
pub enum MaintainError {
    #[error("{path} does not exist")]
    Absent { path: PathBuf },
    #[error(transparent)]
    Open(OpenError),
    #[error("the store is defective: {0}")]
    Defect(String),
}

impl MaintainError {
    /// Whether the store is sound as far as was seen, but of another chain than the genesis.
    pub fn is_other_chain(&self) -> bool {
        matches!(self, Self::Open(OpenError::WrongChain { .. }))
    }
}

impl From<OpenError> for MaintainError {
    /// Damage that shows while opening is what a check of the store looks for.
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Damaged { .. } => Self::Defect(error.to_string()),
            other => Self::Open(other),
        }
    }
}

impl From<VerifyError> for MaintainError {
    fn from(error: VerifyError) -> Self {
        Self::Defect(error.to_string())
    }
}

/// Creates the mark of a validator key that has never signed, beside the key.
///
/// # Errors
/// When there is a mark already, or the file cannot be written.
pub fn create_mark(key: &Path) -> std::io::Result<PathBuf> {
    write_mark(key, SignMark::new_key())
}

/// Writes a mark in place of a lost one; the key signs only above `height`. An existing mark is never replaced.
///
/// # Errors
/// When there is a mark already, or the file cannot be written.
pub fn recover_mark(key: &Path, height: Height) -> std::io::Result<PathBuf> {
    write_mark(key, SignMark::nothing_through(height))
}

fn write_mark(key: &Path, mark: SignMark) -> std::io::Result<PathBuf> {
    let path = MarkFile::path_beside(key);
    MarkFile::create(&path, mark)?;
    Ok(path)
}

/// What follows in the message of a halt is for a node that runs.
const END_OF_FAULT: &str = ". The node stops";

/// Checks everything a stopped node's store holds: the checksums of all rows, links, certificates, batches and outcomes of every height, the
/// state root from the leaves, and that executing the whole chain again from the genesis leads to the same roots.
///
/// # Errors
/// The first defect found. Damage that only a read discovers halts whoever reads; here it is what was looked for.
pub fn verify_store(data: &Path, genesis: &Genesis) -> Result<VerifyReport, MaintainError> {
    if !data.exists() {
        return Err(MaintainError::Absent { path: data.into() });
    }
    std::panic::catch_unwind(|| read_store(data, genesis)).unwrap_or_else(|halt| {
        let text = halt.downcast_ref::<String>().map_or("it cannot be read", String::as_str);
        let (fault, _) = text.split_once(END_OF_FAULT).unwrap_or((text, ""));
        Err(MaintainError::Defect(fault.to_owned()))
    })
}

fn read_store(data: &Path, genesis: &Genesis) -> Result<VerifyReport, MaintainError> {
    let config = StoreConfig { open_files_max: make_room(0), ..StoreConfig::default() };
    let mut store = RocksStore::open(data, config)?;
    store.initialise(&genesis_writes(genesis), genesis.chain_id(), genesis.time)?;
    // The chain's own checks do not visit old tree nodes and indexes; their bytes must be sound too.
    store.read_all().map_err(|fault| MaintainError::Defect(format!("storage fault: {fault}")))?;
    let snapshot = store.reader().snapshot();
    let set = genesis.validator_set();
    let report = verify(&*snapshot, genesis.time, &mut |_| Some(set.clone()))?;
    replay(&*snapshot, genesis, &Ed25519)?;
    Ok(report)
}

/// Executes a chain again from its genesis on an empty store in memory, under the suite that it was signed with; every root must come out as
/// its header says. Returns the tip that this leads to.
///
/// # Errors
/// [`MaintainError::Defect`] with the first height that differs.
pub fn replay(snapshot: &dyn Snapshot, genesis: &Genesis, suite: &dyn Suite) -> Result<Tip, MaintainError> {
    let disk = MemoryDisk::new();
    let mut fresh = MemoryStore::open(&disk, StoreConfig { proof_versions_kept: 1, ..StoreConfig::default() })?;
    fresh.initialise(&genesis_writes(genesis), genesis.chain_id(), genesis.time)?;
    let set = genesis.validator_set();
    for height in (1..=snapshot.tip().height.get()).map(Height::new) {
        replay_height(snapshot, &mut fresh, &set, height, suite)
            .map_err(|problem| MaintainError::Defect(format!("height {height} does not replay: {problem}")))?;
    }
    Ok(fresh.tip())
}

fn replay_height(
    snapshot: &dyn Snapshot,
    fresh: &mut MemoryStore,
    set: &ValidatorSet,
    height: Height,
    suite: &dyn Suite,
) -> Result<(), String> {
    let block = snapshot.block(height).ok_or("the block is missing")?;
    let certificate = snapshot.certificate(height).ok_or("the certificate is missing")?;
    let batches: Vec<Batch> =
        block.batches.iter().map(|id| snapshot.batch(id)).collect::<Option<_>>().ok_or("a batch is missing")?;
    let checked = check_all(&batches, &block, set, suite)?;
    let transactions = checked.iter().flat_map(|b| b.wire());
    let context = BlockContext { chain: block.header.chain_id, height, time: block.header.time };
    let executed = execute_block(&&*fresh, context, transactions, &BatchAnswers::new(&checked, suite));
    let staged = fresh.stage(&executed.writes);
    let header = &block.header;
    let differs = |what: &str| Err(format!("the {what} differs from the header's"));
    if staged.root() != header.state_root {
        return differs("state root");
    }
    let (writes, outcomes) = (Writes::new(executed.writes), Outcomes::new(executed.outcomes));
    if outcomes.root() != header.outcomes_root {
        return differs("outcomes root");
    }
    if writes.hash() != header.writes_hash {
        return differs("hash of all writes");
    }
    fresh.commit(Commit { block, certificate, batches, writes, outcomes, staged });
    Ok(())
}

fn check_all(
    batches: &[Batch],
    block: &Block,
    set: &ValidatorSet,
    suite: &dyn Suite,
) -> Result<Vec<Arc<CheckedBatch>>, String> {
    let one = |batch: &Batch| {
        let seat = set.get(batch.body().origin).ok_or("a batch has no validator as origin")?;
        CheckedBatch::check(batch.clone(), &block.header.chain_id, &seat.public_key, suite)
    };
    batches.iter().map(|batch| one(batch).map_err(str::to_string)).collect()
}
