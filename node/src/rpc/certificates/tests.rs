//! Certificates of every height that a node keeps, checked with the genesis alone.

use super::*;
use crate::rpc::read::where_view;
use landsea_client::api::{AnyCertificate, error};
use landsea_storage::{Commit, MemoryDisk, MemoryStore, Store, StoreConfig};
use landsea_types::certificate::{Change, HistoryCertificate, Trust, Verdict};
use landsea_types::consensus::CommitCertificate;
use landsea_types::genesis::{Genesis, GenesisMember, SUITE};
use landsea_types::outcome::{Outcome, Outcomes};
use landsea_types::record::{PublicDoc, PublicEncumbrance, PublicFp};
use landsea_types::role::{DocKind, DocState};
use landsea_types::state::{Family, Leaf, Write, Writes};
use landsea_types::{
    AccountId, Block, BlockId, Commit as Commitment, DocId, Fp, GoodsKey, Hash, Header, LotId, Member, PledgeId,
    SecretKey,
};
use std::collections::BTreeMap;

const FP: Fp = Fp([1; 32]);
const DOC: DocId = DocId([2; 32]);
const LOT: LotId = LotId([3; 32]);
const KEPT: u64 = 5;

fn key(member: u8) -> SecretKey {
    SecretKey::from_seed([member; 32])
}

pub(in crate::rpc) fn genesis() -> Genesis {
    let member = |i: u8| GenesisMember {
        index: Member::new(i),
        code: format!("m{i}"),
        name_en: format!("Member {i}"),
        name_zh: String::new(),
        gb2260: 500_000,
        operator: String::new(),
        validator_key: key(i).public(),
        network_key: key(100 + i).public(),
        branch_key: key(200 + i).public(),
    };
    let genesis = Genesis {
        name: "test".into(),
        time: Timestamp::new(1_000),
        suite: SUITE.into(),
        members: (1..=4).map(member).collect(),
        parameters: BTreeMap::new(),
        features: Vec::new(),
        templates: Vec::new(),
        travel: Vec::new(),
    };
    genesis.check().expect("the fixture is a valid genesis");
    genesis
}

fn leaf(family: Family, id: [u8; 32], public: Option<&dyn Fn() -> Vec<u8>>) -> Write {
    let leaf = public.map(|public| Leaf { public: public(), record: vec![9], salt: id });
    Write::Leaf { family, id, leaf }
}

fn bytes(value: &impl borsh::BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to memory cannot fail")
}

fn document(ver: u32) -> Write {
    let public = PublicDoc {
        id: DOC,
        ver,
        kind: DocKind::NCD,
        fp1: FP,
        state: DocState::Active,
        lots: vec![LOT],
        replaced_by: None,
        content_root: Commitment([4; 32]),
        issuer: AccountId([5; 32]),
        home: Member::new(1),
    };
    leaf(Family::Doc, DOC.0, Some(&|| bytes(&public)))
}

fn encumbrance(is_there: bool) -> Write {
    let (since_height, member) = (Height::new(4), Member::new(2));
    let public = PublicEncumbrance { pledge: PledgeId([6; 32]), since_height, index: 0, member };
    let encoded = || bytes(&public);
    leaf(Family::Encumbrance, LOT.0, is_there.then_some(&encoded as &dyn Fn() -> Vec<u8>))
}

fn commit(store: &mut MemoryStore, genesis: &Genesis, writes: Vec<Write>) {
    commit_outcomes(store, genesis, writes, Vec::new());
}

/// Commits a block of the given changes and outcomes, signed by three of four.
pub(in crate::rpc) fn commit_outcomes(
    store: &mut MemoryStore,
    genesis: &Genesis,
    writes: Vec<Write>,
    outcomes: Vec<Outcome>,
) {
    let tip = store.tip();
    let staged = store.stage(&writes);
    let (writes, outcomes) = (Writes::new(writes), Outcomes::new(outcomes));
    let set = genesis.validator_set().hash();
    let header = Header {
        version: Header::VERSION,
        chain_id: genesis.chain_id(),
        height: tip.height.next(),
        time: tip.time.saturating_add(1_000),
        parent: tip.block_id,
        proposer: Member::new(1),
        batches_hash: Block::batches_hash(&[]),
        state_root: staged.root(),
        outcomes_root: outcomes.root(),
        writes_hash: writes.hash(),
        validators_hash: set,
        next_validators_hash: set,
        transactions: 0,
    };
    let block = Block { header, batches: Vec::new() };
    let (height, id) = (block.header.height, block.id());
    let mut certificate = CommitCertificate { height, round: 0, block: id, signatures: Vec::new() };
    for member in (1..=3).map(Member::new) {
        let vote = certificate.precommit(member).sign_bytes(&genesis.chain_id());
        certificate.signatures.push((member, key(member.get()).sign(&vote)));
    }
    store.commit(Commit { block, certificate, batches: Vec::new(), writes, outcomes, staged });
}

/// Twelve heights: registered at 2, pledged at 4, released at 8, with a new version each time; proofs of the last five are kept.
fn ledger(kept: u64) -> (Genesis, MemoryStore) {
    let genesis = genesis();
    let config = StoreConfig { proof_versions_kept: kept, ..StoreConfig::default() };
    let mut store = MemoryStore::open(&MemoryDisk::new(), config).expect("a fresh disk opens");
    store.initialise(&[], genesis.chain_id(), genesis.time).expect("fresh");
    let fp = leaf(Family::Fp, FP.0, Some(&|| bytes(&PublicFp { doc: DOC })));
    for height in 1..=12 {
        let writes = match height {
            2 => vec![fp.clone(), document(1)],
            4 => vec![document(2), encumbrance(true)],
            8 => vec![document(3), encumbrance(false)],
            _ => Vec::new(),
        };
        commit(&mut store, &genesis, writes);
    }
    (genesis, store)
}

fn ask(store: &MemoryStore, height: Option<u64>) -> Result<StatusCertificate, ErrorObjectOwned> {
    let question = CertificateQuestion::NotPledged { fp1: FP };
    certify(&*store.reader().snapshot(), question, height.map(Height::new), Timestamp::ZERO)
}

fn trust(genesis: &Genesis) -> Trust<'_> {
    Trust { genesis, pinned: None, now: Timestamp::new(13_000), max_age_ms: None }
}

#[test]
fn every_height_that_is_kept_is_certified_as_it_was() {
    let (genesis, store) = ledger(0);
    for height in 1..=12 {
        let certificate = ask(&store, Some(height)).expect("all heights are kept");
        assert_eq!(certificate.header.height.get(), height);
        let verdict = certificate.verify(&trust(&genesis), None).status;
        let expected = match height {
            1 => "UNKNOWN",
            4..=7 => "ENCUMBERED",
            _ => "FREE",
        };
        assert_eq!(verdict.word(), expected, "height {height}");
    }
    assert_eq!(ask(&store, None).expect("the newest").header.height.get(), 12);
}

#[test]
fn two_heights_make_a_history_that_verifies() {
    let (genesis, store) = ledger(0);
    let at = |height| ask(&store, Some(height)).expect("kept");
    let answer = HistoryCertificate::new(at(5), at(12)).verify(&trust(&genesis), None);
    assert_eq!(answer.change, Some(Change::Changed { doc: DOC, from_ver: 2, to_ver: 3 }), "{answer}");
    assert!(matches!(answer.earlier.status, Verdict::Encumbered { .. }), "{answer}");
    assert_eq!((answer.later.status.clone(), answer.exit_code()), (Verdict::Free, 10), "the worse of both");
    let quiet = HistoryCertificate::new(at(9), at(12)).verify(&trust(&genesis), None);
    assert_eq!(quiet.change, Some(Change::Unchanged { doc: DOC, ver: 3 }));
}

#[test]
fn a_pruned_or_future_height_is_refused_with_the_heights_that_are_kept() {
    let (genesis, store) = ledger(KEPT);
    for height in [0, 1, 7, 13, 1_000] {
        let refused = ask(&store, Some(height)).expect_err("outside the window");
        assert_eq!(refused.code(), error::HEIGHT);
        assert!(refused.message().contains("keeps 8 to 12"), "height {height}: {}", refused.message());
    }
    for height in 8..=12 {
        let certificate = ask(&store, Some(height)).expect("inside the window");
        assert_eq!(certificate.verify(&trust(&genesis), None).status, Verdict::Free, "height {height}");
    }
}

#[test]
fn the_node_verifies_with_the_same_code_and_words_as_anybody_does_without_it() {
    let (genesis, store) = ledger(0);
    let at = |height| ask(&store, Some(height)).expect("kept");
    let clock = trust(&genesis).now;
    let verify = |certificate: AnyCertificate, max_age_ms| {
        let request = VerifyRequest { certificate, max_age_ms, trusted: None, paper: None };
        let text = serde_json::to_string(&request).expect("it serialises");
        let read: VerifyRequest = serde_json::from_str(&text).expect("its own text");
        let answer = read.verify(&genesis, clock);
        let text = serde_json::to_string(&answer).expect("it serialises");
        assert_eq!(serde_json::from_str::<Verified>(&text).expect("its own text"), answer);
        answer
    };
    let offline = |certificate: &StatusCertificate| certificate.verify(&trust(&genesis), None);
    let status = |certificate: &StatusCertificate| verify(AnyCertificate::Status(Box::new(certificate.clone())), None);
    for height in [1, 5, 12] {
        assert_eq!(status(&at(height)), Verified::Status(offline(&at(height))), "height {height}");
    }
    let mut forged = at(5);
    forged.items.clear();
    assert!(matches!(status(&forged), Verified::Status(v) if v.status == Verdict::Invalid));
    let stale = verify(AnyCertificate::Status(Box::new(at(1))), Some(1));
    assert!(matches!(stale, Verified::Status(v) if matches!(v.status, Verdict::Stale { .. })));
    let history = HistoryCertificate::new(at(5), at(12));
    let both = Verified::History(Box::new(history.verify(&trust(&genesis), None)));
    assert_eq!(verify(AnyCertificate::History(Box::new(history)), None), both);
}

#[test]
fn custody_below_the_heights_that_are_kept_is_an_error_and_not_an_absence() {
    let (_, store) = ledger(KEPT);
    let place = |height| where_view(&*store.reader().snapshot(), &Caller::Anonymous, &LOT, Some(Height::new(height)));
    assert_eq!(place(3).expect_err("pruned").code(), error::HEIGHT);
    assert_eq!(place(13).expect_err("not reached").code(), error::HEIGHT);
    assert_eq!(place(9), Ok(None), "there is no such lot");
}

#[test]
fn more_goods_keys_than_one_question_takes_are_refused_as_too_many() {
    let (_, store) = ledger(0);
    let keys = |n: u8| CertificateQuestion::GoodsKeys { keys: (0..n).map(|i| GoodsKey([i; 32])).collect() };
    let ask = |n| certify(&*store.reader().snapshot(), keys(n), None, Timestamp::ZERO);
    for n in [0, 65] {
        let refused = ask(n).expect_err("out of bounds");
        assert_eq!(refused.code(), i32::from(Code::TooLarge.number()), "{n}");
        assert!(refused.message().contains("1 to 64"), "{}", refused.message());
    }
    assert!(ask(64).is_ok());
}

#[test]
fn before_the_first_block_nothing_is_certified() {
    let genesis = genesis();
    let mut store = MemoryStore::open(&MemoryDisk::new(), StoreConfig::default()).expect("a fresh disk opens");
    store.initialise(&[], genesis.chain_id(), genesis.time).expect("fresh");
    for height in [None, Some(0), Some(1)] {
        assert_eq!(ask(&store, height).expect_err("nothing is signed yet").code(), error::HEIGHT);
    }
    assert_eq!(store.tip().block_id, BlockId(genesis.chain_id().0));
    assert_eq!(store.tip().state_root, Hash(landsea_types::tree::EMPTY));
}
