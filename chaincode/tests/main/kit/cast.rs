//! Genesis, branches and the firms of the scenarios.

use super::World;
use super::paper::Paper;
use landsea_types::crypto::hash_of;
use landsea_types::genesis::{Genesis, GenesisMember, ParamKey, SUITE};
use landsea_types::operation::party::{GrantLicence, NewKey, Onboard};
use landsea_types::record::{FeatureGrant, Template, Travel};
use landsea_types::role::{DocKind, KeyPurpose, LicenceKind, Role, Roles};
use landsea_types::{AccountId, Code, Commit, Fp, Hash, Height, Member, Operation, Outcome, SecretKey, Timestamp};
use std::collections::BTreeMap;

/// Somebody with an account and a key.
#[derive(Clone)]
pub struct Actor {
    pub account: AccountId,
    pub secret: SecretKey,
    /// Index of the key in the party's record.
    pub key: u16,
    pub home: Member,
    /// The role in which it consents.
    pub role: Role,
}

/// What differs from the default world.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    pub parameters: Vec<(ParamKey, u64)>,
    /// Firms that share an independence group: (tag, group name).
    pub groups: Vec<(&'static str, &'static str)>,
    /// Features granted beyond the default ones: (feature, branch code).
    pub granted: Vec<(u16, &'static str)>,
    /// Features taken away from the default ones: (feature, branch code).
    pub denied: Vec<(u16, &'static str)>,
    pub templates: Vec<Template>,
    pub travel: Vec<Travel>,
    /// Another number gives everybody other keys, and so other accounts.
    pub key_seed: u8,
    /// How much later than usual the genesis is.
    pub later_ms: u64,
    /// Keeps every block.
    pub recording: bool,
}

const CODES: [&str; 15] = ["cq", "gx", "gz", "gs", "qh", "xj", "yn", "nx", "sc", "nm", "xz", "sn", "hi", "zj", "hh"];

/// Tag, roles (the first is the one it consents in) and home.
const FIRMS: &[(&str, &[Role], &str)] = &[
    ("MTO", &[Role::Mto], "cq"),
    ("R-CD", &[Role::Rail], "sc"),
    ("R-NN", &[Role::Rail], "gx"),
    ("OCEAN", &[Role::Ocean], "hi"),
    ("PORT", &[Role::Warehouse, Role::Forwarder], "gx"),
    ("COLD", &[Role::Warehouse], "cq"),
    ("SUP", &[Role::Supervisor], "gz"),
    ("BOND", &[Role::Warehouse], "zj"),
    ("WUL", &[Role::Warehouse], "hh"),
    ("FF", &[Role::Forwarder], "hi"),
    ("B1", &[Role::Bank], "cq"),
    ("B2", &[Role::Bank], "gx"),
    ("B3", &[Role::Bank], "yn"),
    ("INS", &[Role::Insurer], "cq"),
    ("SW", &[Role::Customs], "cq"),
    ("TAXG", &[Role::Tax], "cq"),
    ("E1", &[Role::Enterprise], "cq"),
    ("E2", &[Role::Enterprise], "yn"),
    ("E3", &[Role::Enterprise], "sc"),
    ("E4", &[Role::Enterprise], "hh"),
    ("E5", &[Role::Enterprise], "cq"),
    ("E6", &[Role::Enterprise], "gx"),
    ("F1", &[Role::Enterprise], "cq"),
    ("F4", &[Role::Enterprise], "cq"),
];

/// Firm, licence and the name of the site. BOND's site has a supervisor, COLD's has none.
const LICENCES: &[(&str, LicenceKind, &str)] = &[
    ("COLD", LicenceKind::WarehouseSite, "site of COLD"),
    ("PORT", LicenceKind::WarehouseSite, "site of PORT"),
    ("WUL", LicenceKind::WarehouseSite, "site of WUL"),
    ("BOND", LicenceKind::WarehouseSite, "site of BOND"),
    ("SUP", LicenceKind::Supervision, "site of BOND"),
];

const MASTER: [u8; 32] = *b"landsea chaincode test masterkey";

/// Genesis with its validator and branch keys.
pub(super) fn found(setup: &Setup) -> (Genesis, BTreeMap<Member, SecretKey>, BTreeMap<String, Actor>) {
    let seed = setup.key_seed;
    let members: Vec<GenesisMember> = CODES.iter().zip(1u8..).map(|(code, i)| founding_member(seed, code, i)).collect();
    let genesis = Genesis {
        name: "test".into(),
        time: Timestamp::new(1_772_600_000_000 + setup.later_ms),
        suite: SUITE.into(),
        parameters: setup.parameters.iter().copied().collect(),
        features: features(setup),
        templates: setup.templates.clone(),
        travel: setup.travel.clone(),
        members,
    };
    genesis.check().expect("the test genesis is sound");
    let validators =
        genesis.members.iter().map(|m| (m.index, secret(seed, &format!("validator {}", m.code)))).collect();
    let cast = genesis.members.iter().map(|m| (m.code.clone(), branch_actor(seed, m))).collect();
    (genesis, validators, cast)
}

fn secret(seed: u8, label: &str) -> SecretKey {
    let label = if seed == 0 { label.to_string() } else { format!("{label} of world {seed}") };
    SecretKey::derive(&MASTER, &label)
}

fn founding_member(seed: u8, code: &str, index: u8) -> GenesisMember {
    GenesisMember {
        index: Member::new(index),
        code: code.into(),
        name_en: code.to_uppercase(),
        name_zh: code.into(),
        gb2260: 500_000,
        operator: "test".into(),
        validator_key: secret(seed, &format!("validator {code}")).public(),
        network_key: secret(seed, &format!("network {code}")).public(),
        branch_key: secret(seed, &format!("branch {code}")).public(),
    }
}

fn branch_actor(seed: u8, member: &GenesisMember) -> Actor {
    Actor {
        account: member.branch_account(),
        secret: secret(seed, &format!("branch {}", member.code)),
        key: 0,
        home: member.index,
        role: Role::Branch,
    }
}

/// NCD titles and legal bases 1 to 5 everywhere, forwarder titles in Hainan.
fn features(setup: &Setup) -> Vec<FeatureGrant> {
    use landsea_types::record::governance::feature::{FORWARDER_TITLES, LEGAL_BASIS, NCD_TITLES};
    let bases = 1..=5;
    let everywhere: Vec<u16> = std::iter::once(NCD_TITLES).chain(bases.map(|b| LEGAL_BASIS + b)).collect();
    let mut grants: Vec<(u16, &str)> = CODES.iter().flat_map(|c| everywhere.iter().map(move |f| (*f, *c))).collect();
    grants.push((FORWARDER_TITLES, "hi"));
    grants.extend(&setup.granted);
    grants.retain(|g| !setup.denied.contains(g));
    let member = |code: &str| Member::new(1 + CODES.iter().position(|c| *c == code).expect("a branch code") as u8);
    grants.iter().map(|(f, c)| FeatureGrant { feature: *f, member: member(c), from_height: Height::ZERO }).collect()
}

/// The fingerprint of a site by its name in the cast, such as `site of COLD`.
pub fn site(name: &str) -> Fp {
    Paper::new(name, &[]).fp1()
}

impl World {
    pub(super) fn onboard_cast(&mut self, setup: &Setup) {
        let txs: Vec<_> = FIRMS
            .iter()
            .map(|(tag, roles, home)| {
                let group = setup.groups.iter().find(|(t, _)| t == tag).map(|(_, g)| group(g));
                let op = self.onboard_op(tag, roles, home, group);
                self.tx(home, &[op], &[])
            })
            .collect();
        let outcomes = self.block(&txs);
        for ((tag, roles, home), outcome) in FIRMS.iter().zip(&outcomes) {
            self.enlist(tag, roles[0], home, outcome);
        }
        for (tag, kind, site) in LICENCES {
            self.license(tag, *kind, site);
        }
    }

    /// The operation by which branch `home` onboards a firm whose code and key derive from `tag`.
    pub fn onboard_op(&self, tag: &str, roles: &[Role], home: &str, group: Option<Commit>) -> Operation {
        Operation::PartyOnboard(Onboard {
            roles: Roles::of(roles),
            kyc: Commit(hash_of("test-kyc", &tag)),
            ticket: self.ticket(home, DocKind::PARTY, &Paper::new(&format!("party {tag}"), &[])),
            institution_public: false,
            keys: vec![NewKey {
                public_key: secret(self.key_seed, &format!("firm {tag}")).public(),
                purpose: KeyPurpose::Sign,
            }],
            group,
        })
    }
    /// Adds an onboarded firm to the cast.
    #[track_caller]
    pub fn enlist(&mut self, tag: &str, role: Role, home: &str, outcome: &Outcome) {
        assert_eq!(outcome.code, Code::Ok, "onboarding {tag}");
        let account = AccountId(outcome.events[0].subject.0);
        let home = self.member(home);
        let actor = Actor { account, secret: secret(self.key_seed, &format!("firm {tag}")), key: 0, home, role };
        self.cast.insert(tag.into(), actor);
    }
    /// Lets a firm's home branch license it for ten years.
    #[track_caller]
    pub fn license(&mut self, tag: &str, kind: LicenceKind, site: &str) {
        let (branch, op) = self.licence_op(tag, kind, site);
        self.ok(&branch, op, &[]);
    }
    /// The firm's home branch and the operation by which it licenses the firm.
    pub fn licence_op(&self, tag: &str, kind: LicenceKind, site: &str) -> (String, Operation) {
        let branch = self.branch_of(tag);
        let party = self.state.view().party(&self.account(tag)).expect("the firm is onboarded");
        let op = Operation::PartyGrantLicence(GrantLicence {
            party: party.id,
            expect_ver: party.ver,
            kind,
            ticket: self.ticket(&branch, DocKind::SITE, &Paper::new(site, &[])),
            cells_root: Hash::default(),
            from: self.time,
            to: self.time.saturating_add(10 * 365 * super::DAY),
        });
        (branch, op)
    }
    /// The code of a firm's home branch.
    pub fn branch_of(&self, tag: &str) -> String {
        self.genesis.member(self.home(tag)).expect("homes are members").code.clone()
    }
}

/// The commitment of an independence group.
pub fn group(name: &str) -> Commit {
    Commit(hash_of("test-group", &name))
}
