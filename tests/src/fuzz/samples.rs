//! Writes the corpus anew from a stopped test network that has played the scenario of every operation:
//!
//! ```text
//! landsea scenario run testnet/scenarios/every_operation.toml --validators 4 --seed fuzz --keep
//! fuzz --write-corpus FOLDER
//! ```
//!
//! What cannot be taken from the network, such as damage to a disk, is made here. Regressions are left alone.

mod made;
mod requests;

use super::corpus::{self, Entry};
use super::fixture::{CHAIN, Fixture};
use landsea_node::message::{CommittedBlock, FetchMessage};
use landsea_storage::{RocksStore, Snapshot, Store, StoreConfig};
use landsea_testnet::Network;
use landsea_types::certificate::{Committed, Question, StatusCertificate, Trust};
use landsea_types::state::Family;
use landsea_types::{Fp, Height, Timestamp, Transaction};
use std::collections::BTreeMap;
use std::path::Path;

/// Samples of one operation among the transactions, at most.
const SAMPLES_PER_OPERATION: usize = 2;

/// Replaces the whole corpus but the regressions.
///
/// # Errors
/// When the folder is no stopped network of this seed, or the corpus cannot be written.
pub fn write(folder: &Path) -> Result<(), String> {
    let network = Network::load(folder).map_err(|e| e.to_string())?;
    let io = |e: std::io::Error| e.to_string();
    corpus::replace(CHAIN, &chain(&network)?).map_err(io)?;
    let chain = Fixture::from_entries(&corpus::load(CHAIN));
    let mut all = made::all(&chain, &network)?;
    all.extend(taken(&chain));
    all.extend(requests::all(&chain));
    all.into_iter().try_for_each(|(target, entries)| corpus::replace(target, &entries)).map_err(io)
}

/// Targets with their entries.
type Samples = Vec<(&'static str, Vec<Entry>)>;

fn entry(name: impl Into<String>, bytes: Vec<u8>) -> Entry {
    Entry { name: name.into(), bytes }
}

/// The genesis and every block with its certificate and batches.
fn chain(network: &Network) -> Result<Vec<Entry>, String> {
    let data = network.node_dir(&network.nodes[0]).join("data");
    let store = RocksStore::open(&data, StoreConfig::default()).map_err(|e| e.to_string())?;
    let snapshot = store.reader().snapshot();
    let tip = snapshot.tip().height.get();
    let mut entries: Vec<Entry> =
        (1..=tip).map(|h| entry(format!("{h:04}.bin"), committed(&*snapshot, h).encode())).collect();
    entries.push(entry("genesis.json", network.genesis.to_json().into_bytes()));
    Ok(entries)
}

fn committed(snapshot: &dyn Snapshot, height: u64) -> FetchMessage {
    let height = Height::new(height);
    let block = snapshot.block(height).expect("a height up to the tip has a block");
    let certificate = snapshot.certificate(height).expect("a height up to the tip has a certificate");
    let batch = |id| snapshot.batch(id).expect("a decided batch is kept");
    let batches = block.batches.iter().map(batch).collect();
    FetchMessage::Committed { committed: Box::new(CommittedBlock { block, certificate, batches }) }
}

// ---- Taken from the chain.

fn taken(chain: &Fixture) -> Samples {
    let bytes = |b: &Vec<u8>| b.clone();
    let execution = chain.transactions().enumerate().map(|(n, (_, b))| entry(format!("{n:03}.bin"), bytes(b)));
    let full: Vec<&CommittedBlock> = chain.blocks.iter().filter(|b| !b.batches.is_empty()).collect();
    let block = |b: &&CommittedBlock| {
        entry(format!("{:04}.bin", b.block.header.height), borsh::to_vec(&b.block).expect("memory"))
    };
    let batch = |b: &&CommittedBlock| {
        entry(format!("{:04}.bin", b.block.header.height), borsh::to_vec(&b.batches[0]).expect("memory"))
    };
    vec![
        ("execution", execution.collect()),
        ("transaction", transactions(chain)),
        (
            "block",
            full.iter()
                .take(4)
                .map(block)
                .chain([entry("empty.bin", borsh::to_vec(&empty_block(chain)).expect("memory"))])
                .collect(),
        ),
        ("batch", full.iter().step_by(2).map(batch).collect()),
        ("certificate", certificates(chain).into_iter().map(|(name, c)| entry(name + ".bin", c.to_bytes())).collect()),
        (
            "certificate_json",
            certificates(chain).into_iter().map(|(name, c)| entry(name + ".json", c.to_json().into_bytes())).collect(),
        ),
    ]
}

fn empty_block(chain: &Fixture) -> landsea_types::Block {
    let first = &chain.blocks[0].block;
    landsea_types::Block { header: first.header.clone(), batches: Vec::new() }
}

fn transactions(chain: &Fixture) -> Vec<Entry> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for (_, bytes) in chain.transactions() {
        let transaction = Transaction::decode(bytes, &chain.chain()).expect("a committed transaction decodes");
        let count = counts.entry(transaction.ops[0].name()).or_default();
        *count += 1;
        if *count <= SAMPLES_PER_OPERATION {
            entries.push(entry(format!("{}_{count}.bin", transaction.ops[0].name()), bytes.clone()));
        }
    }
    entries
}

// ---- Certificates.

/// One certificate for every verdict that a question ever had.
fn certificates(chain: &Fixture) -> BTreeMap<String, StatusCertificate> {
    let trust = Trust { genesis: &chain.genesis, pinned: None, now: Timestamp::new(u64::MAX / 2), max_age_ms: None };
    let mut found = BTreeMap::new();
    for state in chain.states().iter().skip(1) {
        for question in questions(&**state) {
            let certificate = certificate_at(chain, &**state, question);
            let verdict = certificate.verify(&trust, None).status;
            let name = format!("{}_{}", certificate.question.number(), verdict.word()).to_lowercase();
            found.entry(name.replace(' ', "_")).or_insert(certificate);
        }
    }
    found
}

/// Every question about what a state holds, and about what it does not.
fn questions(state: &dyn Snapshot) -> Vec<Question> {
    let ids = |family| state.leaves(family, &[0; 32], 100).into_iter().map(|(id, _)| id);
    let fps = ids(Family::Fp).map(Fp).chain([Fp([0x5a; 32])]);
    let mut all: Vec<Question> = fps
        .flat_map(|fp1| {
            [
                Question::NotPledged { fp1 },
                Question::DocStatus { fp1 },
                Question::Unknown { fp1 },
                Question::Pledge { fp1 },
            ]
        })
        .collect();
    let keys: Vec<_> = ids(Family::GoodsKey).map(landsea_types::GoodsKey).take(3).collect();
    all.extend(Some(keys).filter(|k| !k.is_empty()).map(|keys| Question::GoodsKeys { keys }));
    all.push(Question::GoodsKeys { keys: vec![landsea_types::GoodsKey([0x5a; 32])] });
    all.extend(ids(Family::Proof).map(|id| Question::ProofLevel { proof: landsea_types::ProofId(id) }));
    all
}

/// The certificate that answers a question in the state after some height.
pub fn certificate_at(chain: &Fixture, state: &dyn Snapshot, question: Question) -> StatusCertificate {
    let tip = state.tip();
    let at_tip = &chain.blocks[tip.height.get() as usize - 1];
    let header = at_tip.block.header.clone();
    let committed = Committed { header, commit: at_tip.certificate.clone(), valset_proof: Vec::new() };
    let prove = |key: &[u8; 32]| state.prove(tip.height, key).expect("the tip can be proved");
    StatusCertificate::assemble(question, committed, tip.time, |family, id| state.leaf(family, id), prove)
        .expect("few leaves")
}

/// Whether the document of a fingerprint is free, at the tip of the chain of the corpus.
pub fn certificate_about(fp1: Fp) -> StatusCertificate {
    let chain = super::fixture::fixture();
    let (_disk, store) = chain.in_memory();
    certificate_at(chain, &*store.reader().snapshot(), Question::NotPledged { fp1 })
}
