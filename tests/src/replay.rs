//! Executes a stored chain again from the genesis on an empty store.

use crate::chain::Chain;
use landsea_chaincode::{BlockContext, SignatureOracle, execute_block, genesis_writes};
use landsea_storage::{Commit, MemoryDisk, MemoryStore, Snapshot, Store, StoreConfig, Tip};
use landsea_types::crypto::{Ed25519, SignatureCheck};
use landsea_types::{Batch, Block, Height, Suite, Transaction};

/// Checks one after the other.
struct Checked<'a>(&'a dyn Suite);

impl SignatureOracle for Checked<'_> {
    fn is_valid(&self, check: &SignatureCheck) -> bool {
        self.0.verify_many(std::slice::from_ref(check)) == [true]
    }
}

/// The tip after executing every block of a snapshot again.
///
/// # Panics
/// When something is missing, or a block does not lead to the roots in its header.
pub fn replay(chain: &Chain, source: &dyn Snapshot) -> Tip {
    replay_under(chain, source, &Ed25519)
}

/// [`replay`] with the suite that the chain was signed under.
///
/// # Panics
/// As [`replay`].
pub fn replay_under(chain: &Chain, source: &dyn Snapshot, suite: &dyn Suite) -> Tip {
    let disk = MemoryDisk::new();
    let mut store = MemoryStore::open(&disk, StoreConfig::default()).expect("an empty disk is sound");
    store.initialise(&genesis_writes(&chain.genesis), chain.id(), chain.genesis.time).expect("the disk is new");
    for height in (1..=source.tip().height.get()).map(Height::new) {
        let block = source.block(height).expect("every height up to the tip has a block");
        let again = execute_again(chain, &store, source, block, suite);
        store.commit(again);
    }
    store.tip()
}

fn execute_again(chain: &Chain, store: &MemoryStore, source: &dyn Snapshot, block: Block, suite: &dyn Suite) -> Commit {
    let height = block.header.height;
    let batches: Vec<Batch> =
        block.batches.iter().map(|id| source.batch(id).expect("a decided batch is kept")).collect();
    let decode = |bytes: &Vec<u8>| {
        (bytes.clone(), Transaction::decode(bytes, &chain.id()).expect("a decided transaction decodes"))
    };
    let transactions: Vec<_> = batches.iter().flat_map(|b| &b.body.transactions).map(decode).collect();
    let context = BlockContext { chain: chain.id(), height, time: block.header.time };
    let executed = execute_block(&store, context, &transactions, &Checked(suite));
    let staged = store.stage(&executed.writes);
    let certificate = source.certificate(height).expect("every height has a certificate");
    Commit { block, certificate, batches, writes: executed.writes, outcomes: executed.outcomes, staged }
}
