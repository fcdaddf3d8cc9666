//! A small chain for the tests: four validators, blocks with one batch, leaves that come and go.

use landsea_storage::{Commit, Store};
use landsea_types::consensus::{Validator, ValidatorSet};
use landsea_types::outcome::Outcomes;
use landsea_types::state::{Family, Leaf, Table, Write, Writes, tree_key, writes_hash};
use landsea_types::{
    Batch, Block, BlockId, ChainId, Code, CommitCertificate, Hash, Header, Height, Member, Outcome, SecretKey,
    Timestamp, TxId, batch::BatchBody, outcome::outcomes_root,
};

pub(crate) const CHAIN: ChainId = ChainId([7; 32]);
pub(crate) const GENESIS_TIME: Timestamp = Timestamp::new(1_000);

pub(crate) fn keys() -> Vec<SecretKey> {
    (1..=4).map(|i| SecretKey::from_seed([i; 32])).collect()
}

pub(crate) fn validators() -> ValidatorSet {
    let seats =
        keys().into_iter().zip(1..).map(|(key, i)| Validator { member: Member::new(i), public_key: key.public() });
    ValidatorSet::new(seats.collect()).expect("four distinct seats")
}

pub(crate) fn id(n: u64) -> [u8; 32] {
    *blake3::hash(&n.to_be_bytes()).as_bytes()
}

pub(crate) fn leaf(n: u64) -> Leaf {
    Leaf { public: n.to_be_bytes().to_vec(), record: vec![n as u8; 40], salt: id(n) }
}

pub(crate) fn put(n: u64, content: u64) -> Write {
    Write::Leaf { family: Family::Doc, id: id(n), leaf: Some(leaf(content)) }
}

pub(crate) fn remove(n: u64) -> Write {
    Write::Leaf { family: Family::Doc, id: id(n), leaf: None }
}

pub(crate) fn row(key: &[u8], value: Option<&[u8]>) -> Write {
    Write::Row { table: Table::Near, key: key.to_vec(), value: value.map(<[u8]>::to_vec) }
}

pub(crate) fn key_of(n: u64) -> [u8; 32] {
    tree_key(Family::Doc, &id(n))
}

pub(crate) fn batch(sequence: u64) -> Batch {
    let transactions = vec![sequence.to_be_bytes().to_vec(); 2];
    let body = BatchBody { chain_id: CHAIN, origin: Member::new(1), sequence, transactions };
    Batch::new(body, &keys()[0], &landsea_types::crypto::Ed25519)
}

pub(crate) fn outcome(n: u64) -> Outcome {
    let tx = TxId(id(n));
    Outcome { tx, code: Code::Ok, operation: 0, args: vec![n], events: vec![], touched: vec![Hash(id(n))] }
}

/// The next block over the store's tip, with a valid certificate.
pub(crate) fn next(store: &dyn Store, writes: Vec<Write>, batches: Vec<Batch>) -> Commit {
    let tip = store.tip();
    let staged = store.stage(&writes);
    let height = tip.height.next();
    let outcomes: Vec<_> = (0..2).map(|i| outcome(height.get() * 10 + i)).collect();
    let block = block(&tip, &batches, staged.root(), &outcomes, &writes);
    let certificate = certify(&block);
    let (writes, outcomes) = (Writes::new(writes), Outcomes::new(outcomes));
    Commit { block, certificate, batches, writes, outcomes, staged }
}

fn block(
    tip: &landsea_storage::Tip,
    batches: &[Batch],
    state_root: Hash,
    outcomes: &[Outcome],
    writes: &[Write],
) -> Block {
    let ids: Vec<_> = batches.iter().map(Batch::id).collect();
    let transactions = batches.iter().map(|b| b.body().transactions.len() as u32).sum();
    let header = Header {
        version: Header::VERSION,
        chain_id: CHAIN,
        height: tip.height.next(),
        time: tip.time.saturating_add(5),
        parent: tip.block_id,
        proposer: Member::new(1),
        batches_hash: Block::batches_hash(&ids),
        state_root,
        outcomes_root: outcomes_root(outcomes),
        writes_hash: writes_hash(writes),
        validators_hash: validators().hash(),
        next_validators_hash: validators().hash(),
        transactions,
    };
    Block { header, batches: ids }
}

pub(crate) fn certify(block: &Block) -> CommitCertificate {
    let (height, block) = (block.header.height, block.id());
    let mut certificate = CommitCertificate { height, round: 0, block, signatures: vec![] };
    for (key, i) in keys().iter().zip(1..=3) {
        let vote = certificate.precommit(Member::new(i));
        certificate.signatures.push((Member::new(i), key.sign(&vote.sign_bytes(&CHAIN))));
    }
    certificate
}

pub(crate) fn genesis() -> Vec<Write> {
    vec![put(1, 1), put(2, 2), row(b"a", Some(b"0"))]
}

/// Brings a fresh store to the genesis state.
pub(crate) fn initialise(store: &mut dyn Store) -> Hash {
    store.initialise(&genesis(), CHAIN, GENESIS_TIME).expect("a fresh store takes any chain")
}

/// Commits one block that changes leaf `n` and a row.
pub(crate) fn grow(store: &mut dyn Store, n: u64) {
    let writes = vec![put(n, n), put(n + 1, n), row(&n.to_be_bytes(), Some(b"x"))];
    let commit = next(store, writes, vec![batch(n)]);
    store.commit(commit);
}

/// A proposal for a height, distinguished by its time.
pub(crate) fn proposal(height: u64, time: u64) -> Block {
    let tip =
        landsea_storage::Tip { height: Height::new(height - 1), time: Timestamp::new(time), ..Default::default() };
    let tip = landsea_storage::Tip { block_id: BlockId([1; 32]), ..tip };
    block(&tip, &[], Hash([0; 32]), &[], &[])
}
