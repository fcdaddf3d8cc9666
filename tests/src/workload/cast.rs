//! Who trades: firms at several branches, and the steps by which they come to the ledger.

use super::paper::Paper;
use super::{Draft, Workload};
use crate::chain::Chain;
use crate::model::Book;
use landsea_types::crypto::hash_of;
use landsea_types::operation::party::{GrantLicence, NewKey, Onboard};
use landsea_types::role::{DocKind, KeyPurpose, LicenceKind, Role, Roles};
use landsea_types::{AccountId, Commit, Fp, Hash, Height, Member, Operation, SecretKey};
use std::collections::BTreeMap;

/// A name in the cast.
pub(super) type Tag = &'static str;

pub(super) const BANKS: [Tag; 3] = ["B1", "B2", "B3"];
pub(super) const TRADERS: [Tag; 6] = ["E1", "E2", "E3", "E4", "E5", "E6"];
pub(super) const CARRIERS: [Tag; 3] = ["MTO", "RAIL", "OCEAN"];
pub(super) const STORES: [Tag; 2] = ["COLD", "BOND"];
pub(super) const ATTESTERS: [Tag; 4] = ["SW", "TAXG", "INS", "SUP"];

/// Tag, role and the position of its home in the member table. BOND and E6 belong to one group.
const FIRMS: [(Tag, Role, usize); 19] = [
    ("MTO", Role::Mto, 0),
    ("RAIL", Role::Rail, 1),
    ("OCEAN", Role::Ocean, 2),
    ("FF", Role::Forwarder, 3),
    ("COLD", Role::Warehouse, 0),
    ("BOND", Role::Warehouse, 1),
    ("SUP", Role::Supervisor, 2),
    ("B1", Role::Bank, 0),
    ("B2", Role::Bank, 1),
    ("B3", Role::Bank, 2),
    ("SW", Role::Customs, 0),
    ("TAXG", Role::Tax, 3),
    ("INS", Role::Insurer, 1),
    ("E1", Role::Enterprise, 0),
    ("E2", Role::Enterprise, 1),
    ("E3", Role::Enterprise, 2),
    ("E4", Role::Enterprise, 3),
    ("E5", Role::Enterprise, 4),
    ("E6", Role::Enterprise, 5),
];

/// Firm, licence and the firm whose site it is for. BOND's site has a supervisor, COLD's has none.
const LICENCES: [(Tag, LicenceKind, Tag); 3] = [
    ("COLD", LicenceKind::WarehouseSite, "COLD"),
    ("BOND", LicenceKind::WarehouseSite, "BOND"),
    ("SUP", LicenceKind::Supervision, "BOND"),
];

/// Ten years in milliseconds.
const TEN_YEARS_MS: u64 = 10 * 365 * 24 * 60 * 60 * 1_000;

/// Somebody with a key.
#[derive(Clone)]
pub(super) struct Actor {
    pub(super) account: AccountId,
    pub(super) secret: SecretKey,
    pub(super) home: Member,
    /// The role in which it consents.
    pub(super) role: Role,
}

/// One founding transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Onboard { tag: Tag },
    License { tag: Tag, kind: LicenceKind, site: Tag },
}

/// The firms, and how far their founding has come.
pub(super) struct Cast {
    actors: BTreeMap<Tag, Actor>,
    branches: BTreeMap<Member, Actor>,
    tags: BTreeMap<AccountId, Tag>,
    /// Steps not yet seen as committed, with the height at which each was sent last.
    open: BTreeMap<Step, Option<Height>>,
}

impl Cast {
    /// The cast of a chain, before any of it is onboarded.
    pub(super) fn of(chain: &Chain) -> Self {
        let members = chain.members();
        let actor = |(tag, role, home): &(Tag, Role, usize)| {
            let home = members[home % members.len()];
            (*tag, Actor { account: AccountId::default(), secret: chain.firm_key(tag), home, role: *role })
        };
        let branch = |member: &Member| {
            let branch = chain.branch(*member);
            let account = branch.founder.branch_account();
            (*member, Actor { account, secret: branch.branch_key, home: *member, role: Role::Branch })
        };
        let onboard = FIRMS.iter().map(|(tag, _, _)| Step::Onboard { tag });
        let license = LICENCES.iter().map(|(tag, kind, site)| Step::License { tag, kind: *kind, site });
        Self {
            actors: FIRMS.iter().map(actor).collect(),
            branches: members.iter().map(branch).collect(),
            tags: BTreeMap::new(),
            open: onboard.chain(license).map(|step| (step, None)).collect(),
        }
    }
    /// Whether every founding step is committed.
    pub(super) fn is_founded(&self) -> bool {
        self.open.is_empty()
    }
    /// A firm.
    pub(super) fn actor(&self, tag: Tag) -> &Actor {
        self.actors.get(tag).unwrap_or_else(|| panic!("nobody in the cast is called {tag}"))
    }
    /// The branch of a member.
    pub(super) fn branch(&self, member: Member) -> &Actor {
        self.branches.get(&member).expect("every member of the chain has a branch")
    }
    /// The firm of an account.
    pub(super) fn tag_of(&self, account: &AccountId) -> Option<Tag> {
        self.tags.get(account).copied()
    }
    /// The steps to send now: possible, and not sent for some heights.
    pub(super) fn next_steps(&self, height: Height, resend_after: u64) -> Vec<Step> {
        let due = |sent: &Option<Height>| sent.is_none_or(|at| at.get() + resend_after <= height.get());
        let possible = |step: &Step| match step {
            Step::Onboard { .. } => true,
            Step::License { tag, .. } => self.actor(tag).account != AccountId::default(),
        };
        self.open.iter().filter(|(step, sent)| due(sent) && possible(step)).map(|(step, _)| *step).collect()
    }
    /// Notes that a step was sent.
    pub(super) fn sent(&mut self, step: Step, height: Height) {
        self.open.insert(step, Some(height));
    }
    /// Takes the accounts and licences that the ledger knows.
    pub(super) fn learn(&mut self, book: &Book) {
        if self.is_founded() {
            return;
        }
        for (tag, actor) in &mut self.actors {
            if let Some(account) = book.registered.get(&fingerprint(tag)) {
                actor.account = *account;
                self.tags.insert(*account, tag);
            }
        }
        let licensed = |tag: &Tag, kind, site: &Tag| {
            let firm = self.actors.get(tag).and_then(|actor| book.firms.get(&actor.account));
            firm.is_some_and(|firm| firm.licensed(kind, &site_of(site), book.now))
        };
        self.open.retain(|step, _| match step {
            Step::Onboard { tag } => !book.registered.contains_key(&fingerprint(tag)),
            Step::License { tag, kind, site } => !licensed(tag, *kind, site),
        });
    }
}

/// The fingerprint of a firm's code.
fn fingerprint(tag: Tag) -> Fp {
    Fp(hash_of("corridor-firm", &tag))
}

/// The fingerprint of a firm's site.
pub(super) fn site_of(tag: Tag) -> Fp {
    Fp(hash_of("corridor-site", &tag))
}

impl Workload {
    /// The transaction of a founding step, by the firm's branch.
    pub(super) fn founding(&mut self, step: Step) -> Option<Draft> {
        let (tag, op, label) = match step {
            Step::Onboard { tag } => (tag, self.onboarding(tag), "onboard"),
            Step::License { tag, kind, site } => (tag, self.licence(tag, kind, site)?, "license"),
        };
        let home = self.cast.actor(tag).home;
        let branch = self.cast.branch(home).clone();
        Some(Draft { home, transaction: self.sign(&branch, vec![op], Vec::new()), label, elsewhere: false })
    }

    /// `party.onboard` of a firm of the cast.
    pub(super) fn onboarding(&self, tag: Tag) -> Operation {
        let actor = self.cast.actor(tag);
        let branch = self.cast.branch(actor.home);
        let paper = Paper { fp1: fingerprint(tag), ..Paper::default() };
        Operation::PartyOnboard(Onboard {
            roles: Roles::of(&[actor.role]),
            kyc: Commit(hash_of("corridor-kyc", &tag)),
            ticket: self.ticket(branch, DocKind::PARTY, &paper),
            institution_public: false,
            keys: vec![NewKey { public_key: actor.secret.public(), purpose: KeyPurpose::Sign }],
            group: matches!(tag, "BOND" | "E6").then(|| Commit(hash_of("corridor-group", &"kin"))),
        })
    }

    fn licence(&self, tag: Tag, kind: LicenceKind, site: Tag) -> Option<Operation> {
        let actor = self.cast.actor(tag);
        let paper = Paper { fp1: site_of(site), ..Paper::default() };
        Some(Operation::PartyGrantLicence(GrantLicence {
            party: actor.account,
            expect_ver: self.book().firms.get(&actor.account)?.ver,
            kind,
            ticket: self.ticket(self.cast.branch(actor.home), DocKind::SITE, &paper),
            cells_root: Hash::default(),
            from: self.chain.genesis.time,
            to: self.now.saturating_add(TEN_YEARS_MS),
        }))
    }
}
