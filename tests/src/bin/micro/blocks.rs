//! CPU time of whole blocks on disk, RocksDB's background work included: what a decided height costs without consensus and signatures.

use super::execution::{Wired, anchor, wired};
use super::shared::kit::{BelieveAll, World, wire};
use super::{Figures, cpu, figure};
use landsea_chaincode::{BlockContext, Executed, execute_block, genesis_writes};
use landsea_storage::{Commit, RocksStore, StagedTree, Store, StoreConfig, Tip};
use landsea_types::batch::BatchBody;
use landsea_types::crypto::Ed25519;
use landsea_types::outcome::Outcomes;
use landsea_types::state::Writes;
use landsea_types::{Batch, Block, Code, CommitCertificate, Hash, Header, Member, Signature};

/// Anchors in a block.
const ANCHORS: u64 = 300;
/// Blocks timed together: enough for the tree's pages to be written within each group.
const GROUP: u64 = 20;
/// Groups; the least counts.
const GROUPS: u64 = 4;

/// A block that is ready to run.
struct Ready {
    context: BlockContext,
    transactions: Vec<Wired>,
    batch: Batch,
}

/// CPU seconds.
#[derive(Clone, Copy)]
struct Spent {
    execute: f64,
    stage: f64,
    whole: f64,
}

/// Brings a store to where the world's log ends, and has it run blocks of anchors.
pub(super) fn on_disk(world: &mut World) -> Result<Figures, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut store = RocksStore::open(folder.path(), StoreConfig::default()).map_err(|error| error.to_string())?;
    let (writes, time) = (genesis_writes(&world.genesis), world.genesis.time);
    store.initialise(&writes, world.chain, time).map_err(|error| error.to_string())?;
    let validators = world.genesis.validator_set().hash();
    for ran in std::mem::take(&mut world.log) {
        let transactions = ran.transactions.into_iter().map(|tx| (tx.encode(), tx)).collect();
        run(&mut store, validators, ready(world, ran.context, transactions));
    }
    let groups: Vec<Spent> = (0..GROUPS).map(|group| timed(&mut store, validators, blocks(world, group))).collect();
    let least = groups.iter().copied().min_by(|a, b| a.whole.total_cmp(&b.whole)).expect("groups ran");
    let per_block = |seconds: f64| seconds * 1e6 / GROUP as f64;
    let name = format!("block of {ANCHORS} anchors: execute, stage, commit on disk");
    let figures = vec![figure(name, per_block(least.whole))];
    println!("{:52} {:8.2} us", "  of that, execute", per_block(least.execute));
    println!("{:52} {:8.2} us", "  of that, stage", per_block(least.stage));
    Ok(figures)
}

/// The next blocks of anchors; they run on the store only.
fn blocks(world: &mut World, group: u64) -> Vec<Ready> {
    let mut one = |block: u64| {
        let number = |n: u64| format!("stored note {group} {block} {n}");
        let acts: Vec<_> = (0..ANCHORS).map(|n| anchor(world, &number(n))).collect();
        let transactions = acts.into_iter().map(|act| wired(world, act)).collect();
        let context = world.next_context();
        (world.height, world.time) = (context.height, context.time);
        ready(world, context, transactions)
    };
    (0..GROUP).map(&mut one).collect()
}

fn ready(world: &World, context: BlockContext, transactions: Vec<Wired>) -> Ready {
    let origin = Member::new(1);
    let (chain_id, sequence) = (world.chain, context.height.get());
    let bytes = transactions.iter().map(|(bytes, _)| bytes.clone()).collect();
    let body = BatchBody { chain_id, origin, sequence, transactions: bytes };
    Ready { context, transactions, batch: Batch::new(body, &world.validators[&origin], &Ed25519) }
}

fn timed(store: &mut RocksStore, validators: Hash, blocks: Vec<Ready>) -> Spent {
    let start = cpu();
    let (mut execute, mut stage) = (0.0, 0.0);
    for block in blocks {
        let spent = run(store, validators, block);
        (execute, stage) = (execute + spent.execute, stage + spent.stage);
    }
    Spent { execute, stage, whole: cpu() - start }
}

/// As the replica does with a decided block.
///
/// # Panics
/// When a transaction is refused.
fn run(store: &mut RocksStore, validators: Hash, block: Ready) -> Spent {
    let Ready { context, transactions, batch } = block;
    let start = cpu();
    let executed = execute_block(store, context, wire(&transactions), &BelieveAll);
    let executed_at = cpu();
    let staged = store.stage(&executed.writes);
    let staged_at = cpu();
    let refused = executed.outcomes.iter().find(|outcome| outcome.code != Code::Ok);
    assert!(refused.is_none(), "height {}: {refused:?}", context.height);
    let commit = decided(&store.tip(), context, validators, batch, executed, staged);
    store.commit(commit);
    Spent { execute: executed_at - start, stage: staged_at - executed_at, whole: cpu() - start }
}

/// A certificate of the usual size, which stores do not check.
fn decided(
    tip: &Tip,
    context: BlockContext,
    validators: Hash,
    batch: Batch,
    executed: Executed,
    staged: StagedTree,
) -> Commit {
    let (writes, outcomes) = (Writes::new(executed.writes), Outcomes::new(executed.outcomes));
    let batches = vec![batch.id()];
    let header = Header {
        version: Header::VERSION,
        chain_id: context.chain,
        height: context.height,
        time: context.time,
        parent: tip.block_id,
        proposer: batch.body().origin,
        batches_hash: Block::batches_hash(&batches),
        state_root: staged.root(),
        outcomes_root: outcomes.root(),
        writes_hash: writes.hash(),
        validators_hash: validators,
        next_validators_hash: validators,
        transactions: batch.body().transactions.len() as u32,
    };
    let block = Block { header, batches };
    let signatures = (1..=11).map(|n| (Member::new(n), Signature([0; 64]))).collect();
    let certificate = CommitCertificate { height: context.height, round: 0, block: block.id(), signatures };
    Commit { block, certificate, batches: vec![batch], writes, outcomes, staged }
}
