//! The chain behind the corpus: a test network that once played the scenario of every operation, stored as its genesis and its blocks.
//! Its keys follow from a seed, so that a target can also speak as a member that went bad.

use super::corpus;
use landsea_chaincode::context::CheckEach;
use landsea_chaincode::{BlockContext, execute_block, genesis_writes};
use landsea_node::message::{CommittedBlock, FetchMessage};
use landsea_storage::{Commit, MemoryDisk, MemoryStore, Snapshot, Store, StoreConfig};
use landsea_testnet::network::seed::Seed;
use landsea_types::consensus::ValidatorSet;
use landsea_types::genesis::{Genesis, GenesisMember};
use landsea_types::outcome::Outcomes;
use landsea_types::state::Writes;
use landsea_types::{ChainId, SecretKey, Transaction};
use std::sync::OnceLock;

/// The seed of the network that the corpus was made from.
pub const NETWORK_SEED: &str = "fuzz";

/// The corpus folder of the chain: `genesis.json`, and a block-sync answer per height.
pub const CHAIN: &str = "chain";

/// A chain with its keys.
pub struct Fixture {
    pub genesis: Genesis,
    pub validators: ValidatorSet,
    /// From height 1.
    pub blocks: Vec<CommittedBlock>,
    seed: Seed,
}

/// The chain of the corpus.
///
/// # Panics
/// When the corpus does not hold one.
pub fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| Fixture::from_entries(&corpus::load(CHAIN)))
}

impl Fixture {
    /// A chain from the entries of its corpus folder.
    pub fn from_entries(entries: &[corpus::Entry]) -> Self {
        let (blocks, genesis): (Vec<_>, Vec<_>) = entries.iter().partition(|e| e.name.ends_with(".bin"));
        let genesis = String::from_utf8(genesis[0].bytes.clone()).expect("the genesis is a text");
        let genesis = Genesis::from_json(&genesis).expect("the genesis of the corpus is sound");
        let block = |entry: &corpus::Entry| match FetchMessage::decode(&entry.bytes) {
            Some(FetchMessage::Committed { committed }) => *committed,
            other => panic!("{} holds no committed block but {other:?}", entry.name),
        };
        let blocks = blocks.into_iter().map(block).collect();
        Self { validators: genesis.validator_set(), genesis, blocks, seed: Seed::new(NETWORK_SEED) }
    }

    /// The chain's id.
    pub fn chain(&self) -> ChainId {
        self.genesis.chain_id()
    }
    /// The founding member that the fuzzer speaks for.
    pub fn traitor(&self) -> &GenesisMember {
        self.genesis.members.last().expect("a genesis has members")
    }
    /// A member's key for a purpose: `validator`, `network` or `branch`.
    pub fn key(&self, purpose: &str, member: &GenesisMember) -> SecretKey {
        self.seed.key(&format!("{purpose} {}", member.code))
    }
    /// The key of fingerprints.
    pub fn fingerprint_key(&self) -> [u8; 32] {
        self.seed.fingerprint_key()
    }

    /// Brings an empty store to the tip; `after_each` sees it after the genesis and after every height.
    ///
    /// # Panics
    /// When the chain does not execute to the roots in its headers.
    pub fn fill(&self, store: &mut dyn Store, mut after_each: impl FnMut(&dyn Store)) {
        store.initialise(&genesis_writes(&self.genesis), self.chain(), self.genesis.time).expect("the store is new");
        after_each(store);
        for committed in &self.blocks {
            let commit = self.execute(store, committed);
            store.commit(commit);
            after_each(store);
        }
    }

    fn execute(&self, store: &dyn Store, committed: &CommittedBlock) -> Commit {
        let CommittedBlock { block, certificate, batches } = committed.clone();
        let decode = |bytes: &Vec<u8>| {
            (bytes.clone(), Transaction::decode(bytes, &self.chain()).expect("a committed transaction decodes"))
        };
        let transactions: Vec<_> = batches.iter().flat_map(|b| &b.body().transactions).map(decode).collect();
        let context = BlockContext { chain: self.chain(), height: block.header.height, time: block.header.time };
        let executed = execute_block(store, context, transactions.iter().map(|(b, tx)| (b.as_slice(), tx)), &CheckEach);
        let staged = store.stage(&executed.writes);
        let (writes, outcomes) = (Writes::new(executed.writes), Outcomes::new(executed.outcomes));
        Commit { block, certificate, batches, writes, outcomes, staged }
    }

    /// The chain on a disk in memory.
    pub fn in_memory(&self) -> (MemoryDisk, MemoryStore) {
        let disk = MemoryDisk::new();
        let mut store = MemoryStore::open(&disk, StoreConfig::default()).expect("an empty disk is sound");
        self.fill(&mut store, |_| {});
        (disk, store)
    }

    /// The state after every height, from height 0.
    pub fn states(&self) -> Vec<Box<dyn Snapshot>> {
        let disk = MemoryDisk::new();
        let mut store = MemoryStore::open(&disk, StoreConfig::default()).expect("an empty disk is sound");
        let mut states = Vec::new();
        self.fill(&mut store, |store| states.push(store.reader().snapshot()));
        states
    }

    /// Every committed transaction with the height that holds it.
    pub fn transactions(&self) -> impl Iterator<Item = (usize, &Vec<u8>)> {
        self.blocks.iter().zip(1..).flat_map(|(block, height)| {
            block.batches.iter().flat_map(|b| &b.body().transactions).map(move |bytes| (height, bytes))
        })
    }
}
