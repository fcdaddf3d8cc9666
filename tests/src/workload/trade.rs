//! Bills: issue, notes, passing on, surrender, amendment.

use super::cast::{CARRIERS, TRADERS, Tag};
use super::paper::{Paper, lots_over};
use super::{Draft, Workload};
use crate::model::Sheet;
use landsea_types::crypto::hash_of;
use landsea_types::operation::party::{Resume, Suspend};
use landsea_types::operation::waybill::{
    Adopt, Amend, Anchor, AnswerSurrender, Endorse, Endorsement, Issue, NewLeg, NewVersion, Surrender, Transfer,
};
use landsea_types::role::{DocKind, DocState, LegMode, LegRegime, LegalBasis, LotStatus, OrderType, PartyStatus};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Commit, DocId, Operation};

/// A commitment that nobody opens.
pub(super) fn sealed(what: &str) -> Commit {
    Commit(hash_of("corridor-commit", &what))
}

impl Workload {
    /// A title over new goods, now and then in containers that have become free.
    pub(super) fn issue(&mut self) -> Option<Vec<Draft>> {
        let (carrier, holder) = (self.one_of(&CARRIERS), self.one_of(&TRADERS));
        let keys = self.keys_for_a_bill();
        let paper = self.fresh_paper(keys);
        let op = self.issue_op(carrier, holder, &paper);
        Some(vec![self.draft(carrier, op, &[holder], "issue")])
    }
    fn keys_for_a_bill(&mut self) -> Vec<ClassedKey> {
        let class = self.rng.pick(b"CCCVB").copied().expect("not empty");
        let count = self.rng.between(1, 3);
        let mut keys: Vec<ClassedKey> = (0..count).map(|_| self.fresh_key(class)).collect();
        if class == b'C' && self.rng.chance(300) {
            keys.extend(self.freed_container());
        }
        keys
    }
    /// A container whose goods have gone.
    fn freed_container(&mut self) -> Option<ClassedKey> {
        let gone = self.book().lots.values().filter(|goods| goods.status != LotStatus::Active);
        let keys = gone.flat_map(|goods| goods.stated.keys.iter().copied());
        let free: Vec<ClassedKey> =
            keys.filter(|key| key.class == b'C' && !self.book().occupied.contains_key(&key.key)).collect();
        self.rng.pick(&free).copied()
    }
    /// `waybill.issue` of a kind that the carrier issues.
    pub(super) fn issue_op(&mut self, carrier: Tag, holder: Tag, paper: &Paper) -> Operation {
        Operation::WaybillIssue(self.issue_body(carrier, holder, paper))
    }
    /// The body of `waybill.issue`.
    pub(super) fn issue_body(&mut self, carrier: Tag, holder: Tag, paper: &Paper) -> Issue {
        let kinds: &[(DocKind, LegalBasis)] = match carrier {
            "MTO" => &[(DocKind::NCD, LegalBasis::NcdConvention), (DocKind::MTD, LegalBasis::Agreement)],
            "OCEAN" => &[(DocKind::OBL, LegalBasis::MaritimeBl)],
            "FF" => &[(DocKind::MTD, LegalBasis::Agreement)],
            _ => &[(DocKind::RAIL_BL, LegalBasis::Agreement)],
        };
        let (kind, legal_basis) = self.rng.pick(kinds).copied().expect("every carrier issues something");
        let bearer = self.rng.chance(60);
        Issue {
            kind,
            legal_basis,
            ticket: self.ticket(self.cast.actor(carrier), kind, paper),
            content_root: sealed("content"),
            issue_date: 20_260_304,
            order_type: if bearer { OrderType::Bearer } else { OrderType::ToOrder },
            first_holder: self.cast.actor(holder).account,
            lots: lots_over(&paper.keys),
            legs: Vec::new(),
            base_docs: Vec::new(),
            control_agreement: sealed("control"),
            expires: None,
        }
    }

    /// A leg note over some of a bill's goods and a wagon.
    pub(super) fn anchor(&mut self) -> Option<Vec<Draft>> {
        let title = self.some_active(|w, _, doc| doc.is_waybill() && w.has_title_keys(doc))?;
        let sheet = self.sheet(&title)?;
        let mut keys: Vec<ClassedKey> = self.book().keys_of(&sheet).into_iter().take(1).collect();
        keys.push(self.fresh_key(b'W'));
        let paper = self.fresh_paper(keys);
        let op = self.anchor_op("RAIL", &paper);
        Some(vec![self.draft("RAIL", op, &[], "anchor")])
    }
    fn has_title_keys(&self, doc: &Sheet) -> bool {
        self.book().keys_of(doc).iter().any(|key| b"CVBP".contains(&key.class))
    }
    /// `waybill.anchor` of a domestic rail note.
    pub(super) fn anchor_op(&self, issuer: Tag, paper: &Paper) -> Operation {
        Operation::WaybillAnchor(Anchor {
            kind: DocKind::LEG_NOTE_CN,
            ticket: self.ticket(self.cast.actor(issuer), DocKind::LEG_NOTE_CN, paper),
            content_root: sealed("note"),
            issue_date: 20_260_304,
            legal_basis: LegalBasis::None,
        })
    }
    /// A note joins the bill over its goods.
    pub(super) fn adopt(&mut self) -> Option<Vec<Draft>> {
        let note = self.some_doc(|_, _, doc| doc.state == DocState::Anchored && !doc.adopted)?;
        let key = self.sheet(&note)?.note_keys.first()?.key;
        let title = self.book().lots.get(self.book().occupied.get(&key)?.first()?)?.title?;
        let sheet = self.sheet(&title).filter(Sheet::is_waybill)?;
        let issuer = self.cast.tag_of(&sheet.issuer)?;
        let leg = NewLeg {
            mode: LegMode::Rail,
            regime: LegRegime::CnDomestic,
            from: *b"CNTJC   ",
            to: *b"CNQZH   ",
            carrier: self.cast.actor("RAIL").account,
        };
        let op = Operation::WaybillAdopt(Adopt { title, expect_ver: sheet.ver, note, leg });
        Some(vec![self.draft(issuer, op, &[], "adopt")])
    }

    /// The actor of a bill endorses it.
    pub(super) fn endorse(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.actor_of(id).is_some())?;
        let actor = self.actor_of(&doc)?;
        let to = self.recipient(actor);
        let endorsement = match self.rng.between(0, 9) {
            0 => Endorsement::Blank,
            1..=4 => Endorsement::ToOrder { to },
            _ => Endorsement::Named { to },
        };
        let op = Operation::WaybillEndorse(Endorse { doc, expect_ver: self.sheet(&doc)?.ver, endorsement });
        let consents = self.claimants(&doc);
        Some(vec![self.draft(actor, op, &consents, "endorse")])
    }
    /// The actor of a bill transfers it.
    pub(super) fn transfer(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.actor_of(id).is_some())?;
        let actor = self.actor_of(&doc)?;
        let to = self.recipient(actor);
        let op = self.transfer_op(&doc, to)?;
        let consents = self.claimants(&doc);
        Some(vec![self.draft(actor, op, &consents, "transfer")])
    }
    pub(super) fn transfer_op(&self, doc: &DocId, to: AccountId) -> Option<Operation> {
        Some(Operation::WaybillTransfer(Transfer { doc: *doc, expect_ver: self.sheet(doc)?.ver, to }))
    }
    /// Another trader's account.
    pub(super) fn recipient(&mut self, actor: Tag) -> AccountId {
        let account = self.cast.actor(actor).account;
        let to = self.trader_but(&account);
        self.cast.actor(to).account
    }

    /// The actor hands a bill back for delivery or for a new version.
    pub(super) fn surrender(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.actor_of(id).is_some())?;
        let actor = self.actor_of(&doc)?;
        let body = Surrender { doc, expect_ver: self.sheet(&doc)?.ver };
        let consents = self.claimants(&doc);
        if self.rng.chance(250) {
            let op = Operation::WaybillSurrenderForAmendment(body);
            return Some(vec![self.draft(actor, op, &consents, "surrender for amendment")]);
        }
        let op = Operation::WaybillSurrenderForDelivery(body);
        Some(vec![self.draft(actor, op, &consents, "surrender for delivery")])
    }
    /// The issuer answers a surrender.
    pub(super) fn answer(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_doc(|_, _, doc| doc.is_pending())?;
        let sheet = self.sheet(&doc)?;
        let issuer = self.cast.tag_of(&sheet.issuer)?;
        let accept = self.rng.chance(750);
        let amending = accept && sheet.state == DocState::PendAmend;
        let version = if amending { Some(self.version(issuer, &doc)?) } else { None };
        let by = self.cast.tag_of(&sheet.surrendered?.by)?;
        let consents = if amending { self.with_claimants(&doc, &[by]) } else { Vec::new() };
        let label = match (accept, amending) {
            (false, _) => "reject a surrender",
            (true, true) => "accept an amendment",
            (true, false) => "accept a delivery",
        };
        let op = Operation::WaybillAnswerSurrender(AnswerSurrender { doc, expect_ver: sheet.ver, accept, version });
        Some(vec![self.draft(issuer, op, &consents, label)])
    }
    /// The issuer and the actor agree on a new version.
    pub(super) fn amend(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.actor_of(id).is_some())?;
        let sheet = self.sheet(&doc)?;
        let issuer = self.cast.tag_of(&sheet.issuer)?;
        let version = self.version(issuer, &doc)?;
        let holder = self.actor_of(&doc)?;
        let consents = self.with_claimants(&doc, &[holder]);
        let op = Operation::WaybillAmend(Amend { doc, expect_ver: sheet.ver, version });
        Some(vec![self.draft(issuer, op, &consents, "amend")])
    }
    /// A new version of a document over the same goods.
    fn version(&mut self, issuer: Tag, doc: &DocId) -> Option<NewVersion> {
        let sheet = self.sheet(doc)?;
        let old = self.paper_of(doc)?;
        let fresh = self.fresh_paper(old.keys.clone());
        let paper = Paper { fp1: old.fp1, near: old.near, ..fresh };
        let lots = sheet.lots.iter().filter_map(|lot| self.book().lots.get(lot)).map(|g| g.stated.clone());
        Some(NewVersion {
            lots: lots.collect(),
            ticket: self.ticket(self.cast.actor(issuer), sheet.kind, &paper),
            content_root: sealed("new content"),
            issue_date: 20_260_401,
            changed_fields: 0b100,
            control_agreement: sealed("control"),
        })
    }

    /// A branch suspends a firm, at most one at a time.
    pub(super) fn suspend(&mut self) -> Option<Vec<Draft>> {
        if self.suspended().is_some() {
            return None;
        }
        let tag = self.one_of(&["E1", "E2", "E3", "B3", "OCEAN"]);
        let actor = self.cast.actor(tag).clone();
        let expect_ver = self.book().firms.get(&actor.account)?.ver;
        let op = Operation::PartySuspend(Suspend { party: actor.account, expect_ver });
        Some(vec![self.by_branch(actor.home, op, "suspend")])
    }
    /// The branch lets it act again.
    pub(super) fn resume(&mut self) -> Option<Vec<Draft>> {
        let party = self.suspended()?;
        let firm = self.book().firms.get(&party)?;
        let (home, expect_ver) = (firm.home, firm.ver);
        Some(vec![self.by_branch(home, Operation::PartyResume(Resume { party, expect_ver }), "resume")])
    }
    fn suspended(&self) -> Option<AccountId> {
        self.book().firms.iter().find(|(_, firm)| firm.status == PartyStatus::Suspended).map(|(id, _)| *id)
    }
    /// An operation of a branch.
    pub(super) fn by_branch(&mut self, home: landsea_types::Member, op: Operation, label: &'static str) -> Draft {
        let branch = self.cast.branch(home).clone();
        Draft { home, transaction: self.sign(&branch, vec![op], Vec::new()), label, elsewhere: false }
    }
}
