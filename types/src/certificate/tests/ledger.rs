//! A ledger of one height: leaves, a tree over them, and validators that decide the header.

use super::*;
use crate::consensus::Validator;
use crate::genesis::{Genesis, GenesisMember, SUITE};
use crate::role::DocKind;
use crate::tree::{EMPTY, inner_hash, key_bit, leaf_hash};
use crate::{AccountId, BlockId, Commit, LotId, SecretKey};

pub(super) const NOW: u64 = 1_772_600_000_000;
pub(super) const DAY: u64 = 24 * 60 * 60 * 1_000;

pub(super) fn doc_id() -> DocId {
    DocId([11; 32])
}
pub(super) fn lot_id(n: u8) -> LotId {
    LotId([20 + n; 32])
}
pub(super) fn fp1() -> Fp {
    Fp([12; 32])
}

pub(super) struct Ledger {
    pub(super) genesis: Genesis,
    keys: Vec<SecretKey>,
    leaves: BTreeMap<(Family, [u8; 32]), Leaf>,
    changes: Vec<SetChange>,
}

impl Ledger {
    /// Fifteen members and one ACTIVE document over some lots.
    pub(super) fn with_document(lots: u8) -> Self {
        let keys: Vec<SecretKey> = (1..=15).map(|i| SecretKey::from_seed([i; 32])).collect();
        let mut ledger = Self { genesis: genesis(&keys), keys, leaves: BTreeMap::new(), changes: Vec::new() };
        ledger.put(Family::Fp, fp1().0, &PublicFp { doc: doc_id() });
        let lots = (0..lots).map(lot_id).collect();
        ledger.put(Family::Doc, doc_id().0, &document(lots));
        ledger
    }

    /// The same ledger after the first validator changed its key at height 50.
    pub(super) fn with_new_validators(mut self) -> Self {
        let old = self.keys.clone();
        self.keys[0] = SecretKey::from_seed([99; 32]);
        let mut header = self.header(Hash([0; 32]));
        header.height = Height::new(50);
        header.validators_hash = set(&old).hash();
        header.next_validators_hash = set(&self.keys).hash();
        let commit = decide(&old, &header);
        self.changes.push(SetChange { header, commit, next: set(&self.keys) });
        self
    }

    pub(super) fn put(&mut self, family: Family, id: [u8; 32], public: &impl BorshSerialize) {
        let public = borsh::to_vec(public).expect("memory");
        self.leaves.insert((family, id), Leaf { public, record: b"hidden".to_vec(), salt: id });
    }
    pub(super) fn change_doc(&mut self, change: impl Fn(&mut PublicDoc)) {
        let leaf = &self.leaves[&(Family::Doc, doc_id().0)];
        let mut doc: PublicDoc = borsh::from_slice(&leaf.public).expect("own leaf");
        change(&mut doc);
        self.put(Family::Doc, doc_id().0, &doc);
    }
    /// Gives the document another identity under its fingerprint.
    pub(super) fn rename_doc(&mut self, id: DocId) {
        self.change_doc(|doc| doc.id = id);
        let leaf = self.leaves.remove(&(Family::Doc, doc_id().0)).expect("the document is there");
        self.leaves.insert((Family::Doc, id.0), leaf);
        self.put(Family::Fp, fp1().0, &PublicFp { doc: id });
    }
    pub(super) fn remove(&mut self, family: Family, id: [u8; 32]) {
        self.leaves.remove(&(family, id)).expect("the leaf is there");
    }
    pub(super) fn leaf(&self, family: Family, id: &[u8; 32]) -> Option<Leaf> {
        self.leaves.get(&(family, *id)).cloned()
    }
    /// Adds leaves of parties until the tree has `count`.
    pub(super) fn fill(&mut self, count: u32) {
        for n in 0..count {
            let id = *blake3::hash(&n.to_le_bytes()).as_bytes();
            self.leaves.insert((Family::Party, id), Leaf { public: vec![], record: vec![], salt: id });
        }
    }

    pub(super) fn trust(&self) -> Trust<'_> {
        Trust { genesis: &self.genesis, pinned: None, now: Timestamp::new(NOW), max_age_ms: Some(60_000) }
    }

    pub(super) fn certificate(&self, question: Question) -> StatusCertificate {
        self.certificate_at(question, 100, NOW)
    }
    /// The same leaves as the state of another height.
    pub(super) fn certificate_at(&self, question: Question, height: u64, time: u64) -> StatusCertificate {
        let tree = Tree::build(&self.leaves);
        let (height, time) = (Height::new(height), Timestamp::new(time));
        let header = Header { height, time, ..self.header(Hash(tree.root())) };
        let commit = decide(&self.keys, &header);
        let committed = Committed { header, commit, valset_proof: self.changes.clone() };
        let leaf = |family, id: &[u8; 32]| self.leaves.get(&(family, *id)).cloned();
        StatusCertificate::assemble(question, committed, Timestamp::new(NOW + 5), leaf, |key| tree.prove(key))
            .expect("few hashes")
    }

    fn header(&self, state_root: Hash) -> Header {
        let validators = set(&self.keys).hash();
        Header {
            version: Header::VERSION,
            chain_id: self.genesis.chain_id(),
            height: Height::new(100),
            time: Timestamp::new(NOW),
            parent: BlockId([1; 32]),
            proposer: Member::new(3),
            batches_hash: Hash([2; 32]),
            state_root,
            outcomes_root: Hash([3; 32]),
            writes_hash: Hash([4; 32]),
            validators_hash: validators,
            next_validators_hash: validators,
            transactions: 0,
        }
    }
}

fn document(lots: Vec<LotId>) -> PublicDoc {
    PublicDoc {
        id: doc_id(),
        ver: 1,
        kind: DocKind::NCD,
        fp1: fp1(),
        state: DocState::Active,
        lots,
        replaced_by: None,
        content_root: Commit::default(),
        issuer: AccountId([13; 32]),
        home: Member::new(1),
    }
}

fn genesis(keys: &[SecretKey]) -> Genesis {
    let network = |i: u8| SecretKey::from_seed([100 + i; 32]).public();
    let member = |i: u8, key: PublicKey| GenesisMember {
        index: Member::new(i),
        code: format!("m{i}"),
        name_en: format!("Member {i}"),
        name_zh: String::new(),
        gb2260: 500_000,
        operator: String::new(),
        validator_key: key,
        network_key: network(i),
        branch_key: key,
    };
    let genesis = Genesis {
        name: "test".into(),
        time: Timestamp::new(1),
        suite: SUITE.into(),
        members: (1u8..).zip(keys).map(|(i, key)| member(i, key.public())).collect(),
        parameters: BTreeMap::new(),
        features: Vec::new(),
        templates: Vec::new(),
        travel: Vec::new(),
    };
    genesis.check().expect("the fixture is a valid genesis");
    genesis
}

fn set(keys: &[SecretKey]) -> ValidatorSet {
    let seats = (1u8..).zip(keys).map(|(i, key)| Validator { member: Member::new(i), public_key: key.public() });
    ValidatorSet::new(seats.collect()).expect("distinct")
}

fn decide(keys: &[SecretKey], header: &Header) -> CommitCertificate {
    let mut commit = CommitCertificate { height: header.height, round: 0, block: header.id(), signatures: vec![] };
    for (i, key) in (1u8..).zip(keys).take(crate::consensus::quorum(keys.len())) {
        let vote = commit.precommit(Member::new(i));
        commit.signatures.push((Member::new(i), key.sign(&vote.sign_bytes(&header.chain_id))));
    }
    commit
}

/// A tree with the hashing rule of the state, built whole.
enum Tree {
    Empty,
    Leaf { leaf: ProofLeaf },
    Inner { hash: [u8; 32], left: Box<Tree>, right: Box<Tree> },
}

impl Tree {
    fn build(leaves: &BTreeMap<(Family, [u8; 32]), Leaf>) -> Self {
        let value_hash = |leaf: &Leaf| Hash(*blake3::hash(&leaf.value()).as_bytes());
        let entries = leaves
            .iter()
            .map(|((f, id), leaf)| ProofLeaf { key: Hash(tree_key(*f, id)), value_hash: value_hash(leaf) });
        let mut entries: Vec<ProofLeaf> = entries.collect();
        entries.sort_by_key(|leaf| leaf.key);
        Self::over(&entries, 0)
    }
    fn over(entries: &[ProofLeaf], depth: usize) -> Self {
        match entries {
            [] => Tree::Empty,
            [leaf] => Tree::Leaf { leaf: *leaf },
            _ => {
                let (zeros, ones) = entries.split_at(entries.partition_point(|l| !key_bit(&l.key.0, depth)));
                let (left, right) = (Self::over(zeros, depth + 1), Self::over(ones, depth + 1));
                Tree::Inner { hash: inner_hash(&left.root(), &right.root()), left: left.into(), right: right.into() }
            }
        }
    }
    fn root(&self) -> [u8; 32] {
        match self {
            Tree::Empty => EMPTY,
            Tree::Leaf { leaf } => leaf_hash(&leaf.key.0, &leaf.value_hash.0),
            Tree::Inner { hash, .. } => *hash,
        }
    }
    fn prove(&self, key: &[u8; 32]) -> StateProof {
        let (mut node, mut siblings) = (self, Vec::new());
        while let Tree::Inner { left, right, .. } = node {
            let (next, sibling) = if key_bit(key, siblings.len()) { (right, left) } else { (left, right) };
            siblings.push(Hash(sibling.root()));
            node = next;
        }
        siblings.reverse();
        let leaf = if let Tree::Leaf { leaf } = node { Some(*leaf) } else { None };
        StateProof { leaf, siblings }
    }
}
