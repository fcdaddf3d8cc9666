//! The records of the model.

use crate::chain::Chain;
use landsea_types::genesis::{ParamKey, Params};
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::{Priority, Template};
use landsea_types::role::{
    DocKind, DocState, HoldKind, HoldState, LegalBasis, LicenceKind, LotStatus, PartyStatus, PledgeState, Role, Roles,
};
use landsea_types::ticket::ClassedKey;
use landsea_types::{
    AccountId, ChainId, Commit, DocId, Fp, GoodsKey, Hash, Height, HoldId, LotId, Member, PledgeId, ProofId, PublicKey,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A firm or branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firm {
    pub roles: Roles,
    pub home: Member,
    pub group: Option<Commit>,
    pub status: PartyStatus,
    pub ver: u32,
    pub keys: Vec<PublicKey>,
    pub licences: Vec<Permit>,
}

/// A licence for a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    pub kind: LicenceKind,
    pub site: Fp,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub ver: u32,
    pub kind: DocKind,
    pub basis: LegalBasis,
    pub fp1: Fp,
    pub fp2: Fp,
    pub near: [Fp; 8],
    pub issuer: AccountId,
    pub home: Member,
    pub holder: AccountId,
    /// `None` in blank.
    pub beneficiary: Option<AccountId>,
    pub lots: Vec<LotId>,
    /// Keys of a note, which has no lots.
    pub note_keys: Vec<ClassedKey>,
    pub adopted: bool,
    pub state: DocState,
    pub replaced_by: Option<DocId>,
    /// The supervisor of the site, for a receipt.
    pub receipt: Option<Option<AccountId>>,
    pub surrendered: Option<Handed>,
    /// When it became terminal.
    pub ended: Option<Timestamp>,
}

/// What stood before a surrender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handed {
    pub by: AccountId,
    pub holder: AccountId,
    pub beneficiary: Option<AccountId>,
}

/// A lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// Quantity, keys and what else the issuer stated.
    pub stated: NewLot,
    pub custodian: AccountId,
    pub supervisor: Option<AccountId>,
    pub title: Option<DocId>,
    pub status: LotStatus,
    /// The document under which they first came: its lots share their containers.
    pub origin: DocId,
    /// Home of the issuer of the document under which they came.
    pub home: Member,
}

/// A hold on documents or lots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub ver: u32,
    pub kind: HoldKind,
    /// The documents and lots on which it stands or waits.
    pub targets: Vec<Hash>,
    pub by: AccountId,
    pub by_member: Member,
    pub placed: Priority,
    pub until: Timestamp,
    pub state: HoldState,
}

/// A reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    pub bank: AccountId,
    pub pledgor: AccountId,
    pub until: Timestamp,
}

/// A pledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lien {
    pub ver: u32,
    pub pledgor: AccountId,
    pub pledgee: AccountId,
    pub docs: Vec<DocId>,
    pub lots: BTreeSet<LotId>,
    pub priority: Priority,
    pub state: PledgeState,
    pub reg_until: Timestamp,
    pub grace_until: Timestamp,
    pub extend_agreed: bool,
    pub supervisor: Option<AccountId>,
    /// When its registration in the registry of movables is overdue.
    pub mirror_due: Timestamp,
    pub mirror_overdue: bool,
    /// When a default was declared, while it is enforced or after it was realised.
    pub enforced: Option<Timestamp>,
    /// By whom it was assigned, in order.
    pub assigned_by: Vec<AccountId>,
}

/// An authenticity case. Levels are not modelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub ver: u32,
    pub template: u16,
    pub subject: DocId,
    pub applicant: AccountId,
    pub owner: AccountId,
}

/// What never changes after the genesis.
#[derive(Debug)]
pub struct Rules {
    pub chain: ChainId,
    pub params: Params,
    pub features: BTreeSet<(u16, Member)>,
    pub templates: BTreeMap<u16, Template>,
    /// Whose key signs the tickets of each member.
    pub tellers: BTreeMap<Member, PublicKey>,
}

/// Everything that operations read and change.
#[derive(Clone, Debug)]
pub struct Book {
    pub rules: Arc<Rules>,
    pub height: Height,
    pub now: Timestamp,
    pub firms: BTreeMap<AccountId, Firm>,
    /// Firms by fingerprint.
    pub registered: BTreeMap<Fp, AccountId>,
    pub docs: BTreeMap<DocId, Sheet>,
    /// The newest document of each identity.
    pub newest: BTreeMap<Fp, DocId>,
    /// Documents by content.
    pub contents: BTreeMap<Fp, Vec<DocId>>,
    pub lots: BTreeMap<LotId, Goods>,
    pub occupied: BTreeMap<GoodsKey, BTreeSet<LotId>>,
    pub bookings: BTreeMap<DocId, Booking>,
    pub liens: BTreeMap<PledgeId, Lien>,
    /// The live pledge of each charged lot.
    pub charged: BTreeMap<LotId, PledgeId>,
    /// The live pledge of each charged document.
    pub charged_docs: BTreeMap<DocId, PledgeId>,
    /// Until when a bank may not reserve a lot again.
    pub cooling: BTreeMap<(LotId, AccountId), Timestamp>,
    /// Every hold, ended ones included.
    pub stops: BTreeMap<HoldId, Stop>,
    /// Pledges whose lapse the sweep found paused: it looks again after an hour, which no run lasts.
    pub paused: BTreeSet<PledgeId>,
    pub cases: BTreeMap<ProofId, Case>,
    /// Used consents by the time at which they end.
    pub spent: BTreeSet<(Timestamp, Hash)>,
}

impl Book {
    /// The records of a genesis: branches and nothing else.
    pub fn new(chain: &Chain) -> Self {
        let genesis = &chain.genesis;
        let rules = Rules {
            chain: chain.id(),
            params: Params::with(&genesis.parameters),
            features: genesis.features.iter().map(|f| (f.feature, f.member)).collect(),
            templates: genesis.templates.iter().map(|t| (t.id, t.clone())).collect(),
            tellers: genesis.members.iter().map(|m| (m.index, m.validator_key)).collect(),
        };
        let branch = |m: &landsea_types::genesis::GenesisMember| Firm {
            roles: Roles::of(&[Role::Branch]),
            home: m.index,
            group: None,
            status: PartyStatus::Active,
            ver: 1,
            keys: vec![m.branch_key],
            licences: Vec::new(),
        };
        Self {
            rules: Arc::new(rules),
            height: Height::ZERO,
            now: genesis.time,
            firms: genesis.members.iter().map(|m| (m.branch_account(), branch(m))).collect(),
            registered: BTreeMap::new(),
            docs: BTreeMap::new(),
            newest: BTreeMap::new(),
            contents: BTreeMap::new(),
            lots: BTreeMap::new(),
            occupied: BTreeMap::new(),
            bookings: BTreeMap::new(),
            liens: BTreeMap::new(),
            charged: BTreeMap::new(),
            charged_docs: BTreeMap::new(),
            cooling: BTreeMap::new(),
            stops: BTreeMap::new(),
            paused: BTreeSet::new(),
            cases: BTreeMap::new(),
            spent: BTreeSet::new(),
        }
    }
    /// A parameter's value.
    pub fn param(&self, key: ParamKey) -> u64 {
        self.rules.params.get(key)
    }
    /// Heights that `valid_until` may lie ahead.
    pub fn valid_until_max(&self) -> u64 {
        self.param(ParamKey::ValidUntilMax)
    }
    /// The roles and home of an account, for messages.
    pub fn name_of(&self, account: &AccountId) -> String {
        let roles = self
            .firms
            .get(account)
            .map_or(String::from("nobody"), |firm| firm.roles.iter().map(Role::name).collect::<Vec<_>>().join("+"));
        format!("{roles} {}", account.short())
    }
    /// Where an account was onboarded.
    pub fn home(&self, account: &AccountId) -> Option<Member> {
        self.firms.get(account).map(|firm| firm.home)
    }
    /// The live pledge over a document.
    pub fn lien_of(&self, doc: &DocId) -> Option<(PledgeId, &Lien)> {
        let id = self.charged_docs.get(doc)?;
        self.liens.get(id).map(|lien| (*id, lien))
    }
    /// Who acts where a rule says "holder": the beneficiary while the document is pledged.
    pub fn actor(&self, id: &DocId) -> Option<AccountId> {
        let doc = self.docs.get(id)?;
        if self.charged_docs.contains_key(id) { doc.beneficiary } else { Some(doc.holder) }
    }
    /// Every goods key of a document's lots.
    pub fn keys_of(&self, doc: &Sheet) -> BTreeSet<ClassedKey> {
        doc.lots.iter().filter_map(|lot| self.lots.get(lot)).flat_map(|g| g.stated.keys.iter().copied()).collect()
    }
    /// The reservation of a document that still counts.
    pub fn booking_of(&self, doc: &DocId) -> Option<&Booking> {
        self.bookings.get(doc).filter(|booking| self.now < booking.until)
    }
    /// The active holder of a supervision licence over a site.
    pub fn supervisor_of(&self, site: &Fp) -> Option<AccountId> {
        let watches = |firm: &Firm| firm.licensed(LicenceKind::Supervision, site, self.now);
        self.firms.iter().find(|(_, firm)| watches(firm)).map(|(id, _)| *id)
    }
    /// Whether a member has a feature.
    pub fn has_feature(&self, feature: u16, member: Member) -> bool {
        self.rules.features.contains(&(feature, member))
    }
}

impl Firm {
    /// Whether the firm has a licence of a kind over a site now.
    pub fn licensed(&self, kind: LicenceKind, site: &Fp, now: Timestamp) -> bool {
        self.licences.iter().any(|l| l.kind == kind && l.site == *site && l.from <= now && now < l.to)
    }
    /// Whether both belong to one independence group. No group equals nothing.
    pub fn is_akin(&self, other: &Firm) -> bool {
        self.group.is_some() && self.group == other.group
    }
}

impl Sheet {
    /// Whether the document is a waybill that can be a title.
    pub fn is_waybill(&self) -> bool {
        self.receipt.is_none() && self.kind.is_waybill_title()
    }
    /// Whether a surrender waits for its answer.
    pub fn is_pending(&self) -> bool {
        matches!(self.state, DocState::PendDelivery | DocState::PendAmend)
    }
}
