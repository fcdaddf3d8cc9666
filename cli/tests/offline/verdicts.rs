//! Certificates over a small state of our own: one for every exit code of the verifier.

use super::{Folder, code, err, genesis, json, landsea, out};
use landsea_types::block::Header;
use landsea_types::certificate::{Committed, HistoryCertificate, Question, StatusCertificate};
use landsea_types::consensus::CommitCertificate;
use landsea_types::genesis::Genesis;
use landsea_types::record::{PublicDoc, PublicEncumbrance, PublicFp, PublicHold, PublicLot, PublicReservation};
use landsea_types::role::{DocKind, DocState, HoldKind, LotStatus};
use landsea_types::state::{Family, Leaf, tree_key};
use landsea_types::tree::{EMPTY, ProofLeaf, StateProof, inner_hash, key_bit, leaf_hash};
use landsea_types::{
    AccountId, BlockId, Commit, DocId, Fp, Hash, Height, LotId, Member, PledgeId, SecretKey, Timestamp,
};
use serde_json::Value;
use std::collections::BTreeMap;

const FP1: Fp = Fp([1; 32]);
const DOC: DocId = DocId([2; 32]);
const LOT: LotId = LotId([3; 32]);

/// The leaves of a state, by tree key.
#[derive(Clone, Default)]
struct State {
    leaves: BTreeMap<(u8, [u8; 32]), Leaf>,
}

impl State {
    fn with(mut self, family: Family, id: [u8; 32], public: &impl borsh::BorshSerialize) -> Self {
        let public = borsh::to_vec(public).expect("writing to a vector cannot fail");
        self.leaves.insert((family as u8, id), Leaf { public, record: vec![], salt: [9; 32] });
        self
    }
    fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        self.leaves.get(&(family as u8, *id)).cloned()
    }
    fn entries(&self) -> Vec<ProofLeaf> {
        let family = |tag: u8| Family::ALL.into_iter().find(|f| *f as u8 == tag).expect("made from a family");
        let entry = |((tag, id), leaf): (&(u8, [u8; 32]), &Leaf)| ProofLeaf {
            key: Hash(tree_key(family(*tag), id)),
            value_hash: Hash(*blake3::hash(&leaf.value()).as_bytes()),
        };
        self.leaves.iter().map(entry).collect()
    }
    fn prove(&self, key: &[u8; 32]) -> StateProof {
        let (mut entries, mut siblings, mut depth) = (self.entries(), Vec::new(), 0);
        while entries.len() > 1 {
            let (right, left): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| key_bit(&e.key.0, depth));
            let (own, other) = if key_bit(key, depth) { (right, left) } else { (left, right) };
            depth += 1;
            siblings.insert(0, Hash(root(&other, depth)));
            entries = own;
        }
        StateProof { leaf: entries.first().copied(), siblings }
    }
}

/// The root of a subtree: empty, a single leaf at whatever depth, or two halves.
fn root(entries: &[ProofLeaf], depth: usize) -> [u8; 32] {
    match entries {
        [] => EMPTY,
        [one] => leaf_hash(&one.key.0, &one.value_hash.0),
        many => {
            let (right, left): (Vec<_>, Vec<_>) = many.iter().copied().partition(|e| key_bit(&e.key.0, depth));
            inner_hash(&root(&left, depth + 1), &root(&right, depth + 1))
        }
    }
}

/// A registered, free document over one lot.
fn registered(state: DocState) -> State {
    versioned(1, state, vec![LOT])
}

fn versioned(ver: u32, state: DocState, lots: Vec<LotId>) -> State {
    let doc = PublicDoc {
        id: DOC,
        ver,
        kind: DocKind::NCD,
        fp1: FP1,
        state,
        lots,
        replaced_by: None,
        content_root: Commit([4; 32]),
        issuer: AccountId([5; 32]),
        home: Member::new(1),
    };
    State::default().with(Family::Fp, FP1.0, &PublicFp { doc: DOC }).with(Family::Doc, DOC.0, &doc)
}

fn certificate(genesis: &Genesis, state: &State, signers: usize) -> StatusCertificate {
    answer(genesis, state, signers, Question::NotPledged { fp1: FP1 }, 7)
}

fn answer(genesis: &Genesis, state: &State, signers: usize, question: Question, height: u64) -> StatusCertificate {
    let set = genesis.validator_set().hash();
    let header = Header {
        version: Header::VERSION,
        chain_id: genesis.chain_id(),
        height: Height::new(height),
        time: genesis.time.saturating_add(height),
        parent: BlockId([6; 32]),
        proposer: Member::new(1),
        batches_hash: Hash([0; 32]),
        state_root: Hash(root(&state.entries(), 0)),
        outcomes_root: Hash([0; 32]),
        writes_hash: Hash([0; 32]),
        validators_hash: set,
        next_validators_hash: set,
        transactions: 0,
    };
    let mut commit = CommitCertificate { height: header.height, round: 0, block: header.id(), signatures: vec![] };
    for member in genesis.members.iter().take(signers) {
        let key = SecretKey::derive(&[7; 32], &format!("{}/validator", member.code));
        let vote = commit.precommit(member.index);
        commit.signatures.push((member.index, key.sign(&vote.sign_bytes(&genesis.chain_id()))));
    }
    let committed = Committed { header, commit, valset_proof: vec![] };
    let leaf = |family, id: &[u8; 32]| state.leaf(family, id);
    StatusCertificate::assemble(question, committed, Timestamp::ZERO, leaf, |key| state.prove(key)).expect("small")
}

/// A folder with a genesis file, to which certificates are written.
struct Verifier {
    folder: Folder,
    path: String,
    genesis: Genesis,
}

impl Verifier {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let path = genesis(&folder);
        let text = std::fs::read_to_string(&path).expect("just written");
        Self { folder, path, genesis: Genesis::from_json(&text).expect("sound") }
    }
    fn verify(&self, certificate: &StatusCertificate, more: &[&str]) -> (i32, String) {
        self.verify_text(&certificate.to_json(), more)
    }
    fn verify_text(&self, text: &str, more: &[&str]) -> (i32, String) {
        let file = self.folder.write("cert.json", text);
        let mut args = vec!["certificate", "verify", file.as_str(), "--genesis", self.path.as_str()];
        args.extend(more);
        let output = landsea(&args);
        (code(&output), out(&output) + &err(&output))
    }
}

#[test]
fn every_verdict_has_its_exit_code_and_three_lines() {
    let verifier = Verifier::new("verdicts");
    let member = Member::new(2);
    let free = registered(DocState::Active);
    let pledge = PublicEncumbrance { pledge: PledgeId([8; 32]), since_height: Height::new(5), index: 3, member };
    let reservation = PublicReservation { until: Timestamp::new(1_772_632_800_000), member };
    let hold = PublicHold { kind: HoldKind::Dispute, until: Timestamp::new(9) };
    let cases = [
        (free.clone(), 0, "FREE"),
        (free.clone().with(Family::Reservation, DOC.0, &reservation), 9, "RESERVED until 2026-03-04 14:00:00.000 UTC"),
        (
            free.clone().with(Family::Encumbrance, LOT.0, &pledge),
            10,
            "ENCUMBERED since height 5 index 3; contact gx 广西 (Guangxi)",
        ),
        (free.with(Family::Hold, LOT.0, &hold), 11, "HELD"),
        (State::default(), 12, "UNKNOWN"),
        (registered(DocState::Accomplished), 13, "DELIVERED"),
    ];
    for (state, expected, words) in cases {
        let (exit, text) = verifier.verify(&certificate(&verifier.genesis, &state, 3), &[]);
        assert_eq!(exit, expected, "{text}");
        assert!(text.starts_with("INTEGRITY  VALID (3 of 4"), "{text}");
        assert!(text.contains(&format!("\nSTATUS     {words}")), "{words}: {text}");
        assert_eq!(text.lines().filter(|l| l.starts_with("ISSUER     ")).count(), 1, "{text}");
        assert_eq!(text.lines().count(), 3, "{text}");
    }
}

#[test]
fn two_of_four_signatures_or_another_chain_prove_nothing() {
    let verifier = Verifier::new("invalid");
    let state = registered(DocState::Active);
    assert_eq!(verifier.verify(&certificate(&verifier.genesis, &state, 2), &[]).0, 20);
    let mut other = verifier.genesis.clone();
    other.name = "another".into();
    assert_eq!(verifier.verify(&certificate(&other, &state, 4), &[]).0, 20);
    let mut moved = certificate(&verifier.genesis, &state, 4);
    moved.header.state_root = Hash([1; 32]);
    assert_eq!(verifier.verify(&moved, &[]).0, 20);
}

#[test]
fn an_old_certificate_is_stale_and_unknown_is_never_called_free() {
    let verifier = Verifier::new("stale");
    let free = certificate(&verifier.genesis, &registered(DocState::Active), 4);
    let (exit, text) = verifier.verify(&free, &["--max-age", "1h"]);
    assert_eq!(exit, 21, "{text}");
    assert!(text.contains("STATUS     STALE"), "{text}");
    let unknown = certificate(&verifier.genesis, &State::default(), 4);
    let (exit, text) = verifier.verify(&unknown, &["--json"]);
    assert_eq!(exit, 12);
    assert!(!text.contains("FREE"), "{text}");
    let file = verifier.folder.write("again.json", &unknown.to_json());
    let answer = json(&landsea(&["verify", &file, "--genesis", &verifier.path, "--json"]));
    assert_eq!((answer["status"]["verdict"].as_str(), answer["exit"].as_u64()), (Some("UNKNOWN"), Some(12)));
}

#[test]
fn a_document_that_has_lost_its_goods_is_named_and_neither_free_nor_invalid() {
    let verifier = Verifier::new("no-goods");
    let (exit, text) =
        verifier.verify(&certificate(&verifier.genesis, &versioned(4, DocState::Active, vec![]), 4), &[]);
    assert_eq!(exit, 13, "{text}");
    assert!(text.contains("\nSTATUS     NO_GOODS"), "{text}");
}

#[test]
fn custody_names_keeper_and_place_of_each_lot() {
    let verifier = Verifier::new("custody");
    let (status, custodian, place) = (LotStatus::Active, AccountId([6; 32]), Member::new(2));
    let lot = PublicLot { status, title: Some(DOC), custodian, place };
    let state = registered(DocState::Active).with(Family::Lot, LOT.0, &lot);
    let custody = answer(&verifier.genesis, &state, 4, Question::Custody { fp1: FP1 }, 7);
    let (exit, text) = verifier.verify(&custody, &[]);
    assert_eq!(exit, 13, "{text}");
    assert!(text.contains("\nSTATUS     CUSTODY of 1 lots"), "{text}");
    assert!(text.contains(&format!("lot {LOT} ACTIVE, kept by {custodian} in gx 广西 (Guangxi)")), "{text}");
    let (_, text) = verifier.verify(&custody, &["--json"]);
    let shown: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(shown["status"]["lots"][0]["custodian"].as_str(), Some(custodian.to_string().as_str()));
    assert_eq!(shown["items"][0]["public"]["place"].as_u64(), Some(2));
}

#[test]
fn a_history_prints_both_answers_and_what_changed_and_exits_as_the_worse() {
    let verifier = Verifier::new("history");
    let q2 = || Question::NotPledged { fp1: FP1 };
    let pledge =
        PublicEncumbrance { pledge: PledgeId([8; 32]), since_height: Height::new(5), index: 3, member: Member::new(2) };
    let then = answer(&verifier.genesis, &registered(DocState::Active), 4, q2(), 3);
    let pledged = versioned(2, DocState::Active, vec![LOT]).with(Family::Encumbrance, DOC.0, &pledge);
    let now = answer(&verifier.genesis, &pledged, 4, q2(), 7);
    let history = HistoryCertificate::new(then, now);
    let (exit, text) = verifier.verify_text(&history.to_json(), &[]);
    assert_eq!(exit, 10, "{text}");
    let words =
        ["EARLIER    block 3", "STATUS     FREE", "LATER      block 7", "STATUS     ENCUMBERED", "CHANGE     CHANGED"];
    let places: Vec<usize> = words.iter().map(|w| text.find(w).unwrap_or_else(|| panic!("{w}: {text}"))).collect();
    assert!(places.is_sorted(), "{text}");
    let (exit, text) = verifier.verify_text(&history.to_json(), &["--json"]);
    let shown: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((exit, shown["change"]["change"].as_str()), (10, Some("CHANGED")));
    assert_eq!(shown["earlier"]["status"]["verdict"].as_str(), Some("FREE"));
    let unknown_then = answer(&verifier.genesis, &State::default(), 4, q2(), 3);
    let free_now = answer(&verifier.genesis, &registered(DocState::Active), 4, q2(), 7);
    let (exit, text) = verifier.verify_text(&HistoryCertificate::new(unknown_then, free_now).to_json(), &[]);
    assert_eq!(exit, 12, "0 would say that it was free all along: {text}");
    let swapped = HistoryCertificate::new(history.later.clone(), history.earlier.clone());
    let (exit, text) = verifier.verify_text(&swapped.to_json(), &[]);
    assert_eq!(exit, 20, "{text}");
    assert!(!text.contains("FREE"), "{text}");
    let mixed = HistoryCertificate { earlier: history.later.clone(), ..history };
    assert_eq!(verifier.verify_text(&mixed.to_json(), &[]).0, 20);
    assert_eq!(verifier.verify_text("{\"earlier\": 1}", &[]).0, 20);
}

/// A genuine certificate, its query ticket and the issuer's disclosure of the identity, as the clients' tests keep them.
fn kept(folder: &Folder) -> (Vec<String>, Value) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let read = |file: &str| std::fs::read_to_string(format!("{root}/{file}")).expect("it is in the repository");
    let all: Value = serde_json::from_str(&read("clients/python/tests/data/certificates.json")).expect("JSON");
    let write = |name: &str, value: &Value| match value {
        Value::String(text) => folder.write(name, text),
        other => folder.write(name, &other.to_string()),
    };
    let files = [
        ("free.json", &all["cases"]["free"]["certificate"]),
        ("genesis.json", &all["genesis"]),
        ("ticket.json", &all["ticket"]),
        ("disclosure.json", &all["opening"]),
    ];
    let paper = serde_json::from_str(&read("types/tests/data/documents/s1_ncd.json")).expect("JSON");
    (files.map(|(name, value)| write(name, value)).to_vec(), paper)
}

#[test]
fn every_disclosed_field_is_compared_with_the_paper_and_the_others_are_named() {
    let folder = Folder::new("compared");
    let (files, paper) = kept(&folder);
    let [free, genesis, ticket, disclosure] = files.as_slice() else { unreachable!("four files are kept") };
    let shown = |paper: Option<&Value>| {
        let document = folder.write("paper.json", &paper.unwrap_or(&Value::Null).to_string());
        let mut args = vec!["certificate", "verify", free, "--genesis", genesis];
        args.extend(["--query-ticket", ticket, "--disclosure", disclosure]);
        args.extend(paper.iter().flat_map(|_| ["--document", document.as_str()]));
        let output = landsea(&args);
        assert_eq!(code(&output), 0, "{}", err(&output));
        out(&output).lines().find(|line| line.starts_with("PAPER")).expect("a paper was shown").to_owned()
    };
    let alone = shown(None);
    assert!(
        alone.contains("VALID (the answer is about the paper with the disclosed number, issue_date, issuer"),
        "{alone}"
    );
    let line = shown(Some(&paper));
    assert!(
        line.contains("VALID (the answer is about the paper in hand; compared: number, issue_date, issuer"),
        "{line}"
    );
    let rest = line.split("not disclosed: ").nth(1).expect("the rest is named");
    assert!(rest.contains("gross_weight") && rest.contains("packages") && !rest.contains("issuer"), "{line}");
    let mut altered = paper;
    altered["number"] = "SHLT-CKG-SIN-2026-000418".into();
    let line = shown(Some(&altered));
    assert!(
        line.contains("NOT SHOWN (the paper in hand says something else than the issuer registered: number)"),
        "{line}"
    );
}
