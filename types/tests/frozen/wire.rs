//! Samples of what is sent, signed and hashed, and the identities derived from them.

use super::operations;
use super::sample::{Frozen, Kind, Sample, Sampler, encoding, every, sample_struct};
use landsea_types::batch::BatchBody;
use landsea_types::certificate::{HistoryCertificate, Item, Opening, Question, SetChange, StatusCertificate};
use landsea_types::consensus::{CommitCertificate, Evidence, Signed, Validator, ValidatorSet};
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::{Genesis, GenesisMember, ParamKey};
use landsea_types::operation::waybill::Endorsement;
use landsea_types::outcome::outcomes_root;
use landsea_types::state::{Family, Leaf, SaltSource, Table, Write, tree_key, writes_hash};
use landsea_types::ticket::{ClassedKey, DeriveTicket, DeriveTicketBody, QueryTicket, QueryTicketBody};
use landsea_types::tree::{ProofLeaf, StateProof, inner_hash, leaf_hash, merkle_root};
use landsea_types::*;
use std::collections::BTreeMap;

pub(crate) const TYPES: &[Frozen] = &[
    ("Transaction", encoding::<Transaction>),
    ("Consent", encoding::<Consent>),
    ("DeriveTicket", encoding::<DeriveTicket>),
    ("QueryTicket", encoding::<QueryTicket>),
    ("Batch", encoding::<Batch>),
    ("Header", encoding::<Header>),
    ("Block", encoding::<Block>),
    ("Vote", encoding::<Signed<Vote>>),
    ("Proposal", encoding::<Signed<Proposal>>),
    ("CommitCertificate", encoding::<CommitCertificate>),
    ("ValidatorSet", encoding::<ValidatorSet>),
    ("Evidence of votes", |s| both(&Evidence::Votes { first: Sample::sample(s), second: Sample::sample(s) })),
    ("Evidence of proposals", |s| both(&Evidence::Proposals { first: Sample::sample(s), second: Sample::sample(s) })),
    ("Genesis", encoding::<Genesis>),
    ("Outcome", encoding::<Outcome>),
    ("Event", encoding::<Event>),
    ("StateProof", encoding::<StateProof>),
    ("StatusCertificate", encoding::<StatusCertificate>),
    ("HistoryCertificate", encoding::<HistoryCertificate>),
    ("every Question", |s| every(&questions(s))),
    ("every Write", |s| every(&writes(s))),
    ("every Endorsement", |s| every(&endorsements(s))),
    ("every value of EventName", |_| every(EventName::ALL)),
    ("every value of VoteType", |_| every(&[VoteType::Prevote, VoteType::Precommit])),
    ("every value of ParamKey", |_| every(&ParamKey::all().collect::<Vec<_>>())),
    ("every value of Table", |_| every(TABLES)),
];

const TABLES: &[Table] = &[
    Table::Transaction,
    Table::Consent,
    Table::PartyFingerprint,
    Table::Site,
    Table::Content,
    Table::Near,
    Table::Holder,
    Table::Expiry,
    Table::Cooldown,
    Table::Attempt,
    Table::Param,
    Table::Member,
    Table::Feature,
    Table::Template,
    Table::Pledge,
    Table::PledgeByParty,
    Table::Chain,
    Table::Counter,
    Table::History,
];

fn both(evidence: &Evidence) -> Vec<u8> {
    borsh::to_vec(evidence).expect("writing to a vector cannot fail")
}

fn questions(s: &mut Sampler) -> [Question; 7] {
    [
        Question::DocStatus { fp1: Sample::sample(s) },
        Question::NotPledged { fp1: Sample::sample(s) },
        Question::Unknown { fp1: Sample::sample(s) },
        Question::GoodsKeys { keys: Sample::sample(s) },
        Question::Pledge { fp1: Sample::sample(s) },
        Question::ProofLevel { proof: Sample::sample(s) },
        Question::Custody { fp1: Sample::sample(s) },
    ]
}

fn endorsements(s: &mut Sampler) -> [Endorsement; 3] {
    [Endorsement::Named { to: Sample::sample(s) }, Endorsement::ToOrder { to: Sample::sample(s) }, Endorsement::Blank]
}

fn writes(s: &mut Sampler) -> [Write; 4] {
    let (leaf, value): (Leaf, Vec<u8>) = (Sample::sample(s), Sample::sample(s));
    [
        Write::Leaf { family: Family::Doc, id: Sample::sample(s), leaf: Some(leaf) },
        Write::Leaf { family: Family::Mark, id: Sample::sample(s), leaf: None },
        Write::Row { table: Table::Transaction, key: vec![1], value: Some(value) },
        Write::Row { table: Table::History, key: vec![2], value: None },
    ]
}

/// Identities and signed bytes: what the domains and prefixes fix beyond the encodings.
pub(crate) fn derived() -> Vec<(&'static str, [u8; 32])> {
    let s = &mut Sampler::new(Kind::Full);
    let (tx, consent, header): (Transaction, Consent, Header) =
        (Sample::sample(s), Sample::sample(s), Sample::sample(s));
    let (batch, genesis, set): (Batch, Genesis, ValidatorSet) =
        (Sample::sample(s), Sample::sample(s), Sample::sample(s));
    let (vote, proposal): (Signed<Vote>, Signed<Proposal>) = (Sample::sample(s), Sample::sample(s));
    let (ticket, leaf): (DeriveTicket, Leaf) = (Sample::sample(s), Sample::sample(s));
    let chain = genesis.chain_id();
    let (sender, id): (AccountId, [u8; 32]) = (Sample::sample(s), Sample::sample(s));
    let signed = |bytes: Vec<u8>| *blake3::hash(&bytes).as_bytes();
    vec![
        ("id of a Transaction", tx.id().0),
        ("id of a Consent", consent.id().0),
        ("id of a Header", header.id().0),
        ("id of a Batch", batch.id().0),
        ("id of a chain", chain.0),
        ("hash of a ValidatorSet", set.hash().0),
        ("hash of an Operation", tx.ops[0].hash(&sender).0),
        ("hash of digests", Block::batches_hash(&[batch.id()]).0),
        ("hash of writes", writes_hash(&writes(s)).0),
        ("root of outcomes", outcomes_root(&Vec::<Outcome>::sample(s)).0),
        // A library with another Unicode table would give old papers new fingerprints: that takes a new version of the rules.
        ("rules of fingerprints", landsea_types::fingerprint::rules_hash()),
        ("root of a Merkle tree", merkle_root(&[vec![1], vec![2], vec![3]]).0),
        ("value of a leaf", leaf.value()),
        ("key in the tree", tree_key(Family::Lot, &id)),
        ("salt of a leaf", SaltSource::new(b"transaction").salt(&id)),
        ("leaf node of the tree", leaf_hash(&id, &[2; 32])),
        ("inner node of the tree", inner_hash(&id, &[3; 32])),
        ("derived id", derive_id("doc", &tx.id(), 1)),
        ("account of a branch", genesis.members[0].branch_account().0),
        ("signed bytes of a Transaction", signed(tx.sign_bytes())),
        ("signed bytes of a Consent", signed(consent.sign_bytes(&chain))),
        ("signed bytes of a Vote", signed(vote.message.sign_bytes(&chain))),
        ("signed bytes of a Proposal", signed(proposal.message.sign_bytes(&chain))),
        ("signed bytes of a DeriveTicket", signed(ticket.sign_bytes())),
        ("signature of a Batch", signed(signature_of(batch.body()))),
        ("signature of a QueryTicket", signed(QueryTicket::new(Sample::sample(s), &key()).signature.0.to_vec())),
    ]
}

fn key() -> SecretKey {
    SecretKey::from_seed([7; 32])
}

/// Ed25519 signatures are deterministic, so this fixes the bytes under them.
fn signature_of(body: &BatchBody) -> Vec<u8> {
    Batch::new(body.clone(), &key(), &landsea_types::crypto::Ed25519).signature().0.to_vec()
}

sample_struct! {
    ClassedKey { class, key }
    DeriveTicketBody {
        chain_id, member, applicant, kind, rules, fp1, fp2, near, goods_keys, arrival_keys, epoch, not_after,
    }
    DeriveTicket { body, public_key, signature }
    QueryTicketBody { chain_id, kind, raw1, fp1, member, at }
    QueryTicket { body, signature }
    Consent { party, key, role, op_hash, not_after, nonce, public_key, signature }
    BatchBody { chain_id, origin, sequence, transactions }
    Header {
        version, chain_id, height, time, parent, proposer, batches_hash, state_root, outcomes_root, writes_hash,
        validators_hash, next_validators_hash, transactions,
    }
    Block { header, batches }
    Vote { kind, height, round, block, voter }
    Proposal { height, round, block, pol_round, proposer }
    CommitCertificate { height, round, block, signatures }
    Validator { member, public_key }
    GenesisMember { index, code, name_en, name_zh, gb2260, operator, validator_key, network_key, branch_key }
    Genesis { name, time, suite, members, parameters, features, templates, travel }
    Outcome { tx, code, operation, args, events, touched }
    Event { name, subject, related, members, parties, args }
    ProofLeaf { key, value_hash }
    StateProof { leaf, siblings }
    SetChange { header, commit, next }
    Opening { public, record_hash }
    Item { family, id, opening, neighbour, path }
    StatusCertificate {
        version, chain_id, height, header, round, commit, valset_proof, question, items, hashes, issued_at,
    }
    HistoryCertificate { version, earlier, later }
}

impl Sample for Transaction {
    fn sample(s: &mut Sampler) -> Self {
        Transaction {
            version: Transaction::VERSION,
            chain_id: Sample::sample(s),
            sender: Sample::sample(s),
            represents: Sample::sample(s),
            key: Sample::sample(s),
            public_key: Sample::sample(s),
            valid_until: Sample::sample(s),
            nonce: Sample::sample(s),
            ops: operations::all(s),
            consents: Sample::sample(s),
            signature: Sample::sample(s),
        }
    }
}
impl Sample for Batch {
    fn sample(s: &mut Sampler) -> Self {
        let batch = Batch::new(Sample::sample(s), &key(), &landsea_types::crypto::Ed25519);
        batch.with_signature(Sample::sample(s))
    }
}
impl<T: Sample> Sample for Signed<T> {
    fn sample(s: &mut Sampler) -> Self {
        Signed { message: T::sample(s), signature: Sample::sample(s) }
    }
}
impl Sample for VoteType {
    fn sample(s: &mut Sampler) -> Self {
        s.choose(&[VoteType::Prevote, VoteType::Precommit])
    }
}
impl Sample for ValidatorSet {
    fn sample(s: &mut Sampler) -> Self {
        ValidatorSet::new(vec![Sample::sample(s), Sample::sample(s)]).expect("samples differ")
    }
}
impl Sample for EventName {
    fn sample(s: &mut Sampler) -> Self {
        s.choose(EventName::ALL)
    }
}
impl Sample for Question {
    fn sample(s: &mut Sampler) -> Self {
        Question::NotPledged { fp1: Sample::sample(s) }
    }
}
impl Sample for BTreeMap<ParamKey, u64> {
    fn sample(s: &mut Sampler) -> Self {
        ParamKey::all().map(|key| (key, s.next())).collect()
    }
}
