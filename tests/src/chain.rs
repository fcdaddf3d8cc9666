//! A test chain: its genesis, the keys behind it, and transactions that its branches sign.

use landsea_types::crypto::hash_of;
use landsea_types::genesis::{Genesis, GenesisMember, ParamKey, SUITE, templates};
use landsea_types::operation::party::{NewKey, Onboard};
use landsea_types::record::FeatureGrant;
use landsea_types::record::governance::feature;
use landsea_types::role::{DocKind, KeyPurpose, Role, Roles};
use landsea_types::ticket::{DeriveTicket, DeriveTicketBody};
use landsea_types::{
    ChainId, Commit, Fp, Height, Member, Operation, PublicKey, SecretKey, Signature, Timestamp, Transaction,
};
use std::collections::BTreeMap;

/// Block time of height 0, milliseconds since 1970.
pub const GENESIS_TIME: Timestamp = Timestamp::new(1_772_600_000_000);

/// Terms so short that what falls due falls due within a run of some hundred virtual seconds; milliseconds.
const SHORT_TERMS: [(ParamKey, u64); 8] = [
    (ParamKey::ReserveMaxMs, 60_000),
    (ParamKey::RegMinMs, 5_000),
    (ParamKey::MaturedGraceMs, 10_000),
    (ParamKey::ReserveCooldownMs, 10_000),
    (ParamKey::Fp2MemoryMs, 60_000),
    (ParamKey::DisputeFileMs, 20_000),
    (ParamKey::EnforceWaitMs, 6_000),
    // The model sweeps everything at once.
    (ParamKey::SweepItemsMax, 100_000),
];

/// Heights that a test transaction stays valid after the one it was made at.
const VALID_FOR: u64 = 900;

/// A genesis with all secret keys.
#[derive(Clone)]
pub struct Chain {
    pub genesis: Genesis,
    master: [u8; 32],
}

impl Chain {
    /// A chain of `members` members whose keys follow from the seed. Every member may issue NCD titles and knows every legal basis;
    /// forwarders issue titles nowhere. Terms are short.
    pub fn new(members: usize, seed: u64) -> Self {
        let master = *blake3::hash(&seed.to_le_bytes()).as_bytes();
        let members: Vec<GenesisMember> = (1..=members).map(|i| founder(&master, i as u8)).collect();
        let features = members.iter().flat_map(|m| features(m.index)).collect();
        let genesis = Genesis {
            name: "cluster".into(),
            time: GENESIS_TIME,
            suite: SUITE.into(),
            members,
            parameters: BTreeMap::from(SHORT_TERMS),
            features,
            templates: templates::built_in(),
            travel: Vec::new(),
        };
        genesis.check().expect("the test genesis is sound");
        Self { genesis, master }
    }

    /// The chain id.
    pub fn id(&self) -> ChainId {
        self.genesis.chain_id()
    }

    /// All members.
    pub fn members(&self) -> Vec<Member> {
        self.genesis.members.iter().map(|m| m.index).collect()
    }

    /// A member's validator key.
    pub fn validator_key(&self, member: Member) -> SecretKey {
        secret(&self.master, "validator", member.get())
    }

    /// The key of a firm by its name in the cast.
    pub fn firm_key(&self, name: &str) -> SecretKey {
        SecretKey::derive(&self.master, &format!("firm {name}"))
    }

    /// The branch of a member, with its keys.
    pub fn branch(&self, member: Member) -> Branch {
        Branch {
            chain: self.id(),
            founder: self.genesis.member(member).expect("a member of this chain").clone(),
            branch_key: secret(&self.master, "branch", member.get()),
            validator_key: self.validator_key(member),
        }
    }
}

/// A branch that onboards firms.
#[derive(Clone)]
pub struct Branch {
    pub chain: ChainId,
    pub founder: GenesisMember,
    pub branch_key: SecretKey,
    pub validator_key: SecretKey,
}

impl Branch {
    /// `party.onboard` of a firm whose identity follows from `firm`. Onboarding one firm twice answers 2001 the second time.
    pub fn onboard(&self, firm: u64, made_at: Height, now: Timestamp) -> Transaction {
        let onboard = Onboard {
            roles: Roles::of(&[Role::Enterprise]),
            kyc: Commit(hash_of("test-kyc", &firm)),
            ticket: self.party_ticket(firm, now),
            institution_public: false,
            keys: vec![NewKey { public_key: firm_key(firm), purpose: KeyPurpose::Sign }],
            group: None,
        };
        let unsigned = Transaction {
            version: Transaction::VERSION,
            chain_id: self.chain,
            sender: self.founder.branch_account(),
            represents: None,
            key: 0,
            public_key: self.branch_key.public(),
            valid_until: made_at.saturating_add(VALID_FOR),
            nonce: firm,
            ops: vec![Operation::PartyOnboard(onboard)],
            consents: Vec::new(),
            signature: Signature([0; 64]),
        };
        unsigned.sign(&self.branch_key)
    }

    fn party_ticket(&self, firm: u64, now: Timestamp) -> DeriveTicket {
        let body = DeriveTicketBody {
            chain_id: self.chain,
            member: self.founder.index,
            applicant: self.founder.branch_account(),
            kind: DocKind::PARTY,
            rules: landsea_chaincode::ticket::RULES,
            fp1: Fp(hash_of("test-firm", &firm)),
            fp2: Fp(hash_of("test-firm-content", &firm)),
            near: [Fp::default(); 8],
            goods_keys: Vec::new(),
            arrival_keys: Vec::new(),
            epoch: 1,
            not_after: now.saturating_add(12 * 60 * 60 * 1_000),
        };
        DeriveTicket::new(body, &self.validator_key)
    }
}

fn secret(master: &[u8; 32], purpose: &str, member: u8) -> SecretKey {
    SecretKey::derive(master, &format!("{purpose} {member}"))
}

fn firm_key(firm: u64) -> PublicKey {
    SecretKey::derive(&[0; 32], &format!("firm {firm}")).public()
}

fn features(member: Member) -> impl Iterator<Item = FeatureGrant> {
    let bases = (1..=5).map(|basis| feature::LEGAL_BASIS + basis);
    let granted = std::iter::once(feature::NCD_TITLES).chain(bases);
    granted.map(move |feature| FeatureGrant { feature, member, from_height: Height::ZERO })
}

fn founder(master: &[u8; 32], index: u8) -> GenesisMember {
    GenesisMember {
        index: Member::new(index),
        code: format!("m{index}"),
        name_en: format!("Member {index}"),
        name_zh: format!("成员{index}"),
        gb2260: 500_000,
        operator: "test".into(),
        validator_key: secret(master, "validator", index).public(),
        network_key: secret(master, "network", index).public(),
        branch_key: secret(master, "branch", index).public(),
    }
}
