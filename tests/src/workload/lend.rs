//! Reservations and pledges: alone, over two documents, renewed in one transaction, and in races.

use super::cast::{BANKS, CARRIERS, TRADERS, Tag};
use super::trade::sealed;
use super::{Draft, Workload};
use crate::model::Sheet;
use landsea_types::operation::pledge::{CancelReservation, Collateral, Create, Extend, Release, Reserve};
use landsea_types::role::{ReleaseReason, SecuredKind};
use landsea_types::{DocId, Operation, PledgeId};

/// Registration ends between these, milliseconds from now. The shortest allowed is five seconds from the block's time.
const TERM_MS: (u64, u64) = (14_000, 60_000);

impl Workload {
    /// A document that a bank may charge: held by its beneficiary, free, its keeper no kin of the holder.
    pub(super) fn some_collateral(&mut self) -> Option<DocId> {
        self.some_active(|w, id, doc| w.is_free(id) && w.is_collateral(doc))
    }
    pub(super) fn is_collateral(&self, doc: &Sheet) -> bool {
        let akin = self.among(&doc.issuer, &["BOND"]).is_some() && self.among(&doc.holder, &["E6"]).is_some();
        doc.beneficiary == Some(doc.holder) && self.among(&doc.holder, &TRADERS).is_some() && !akin
    }

    /// A bank reserves a document.
    pub(super) fn reserve(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_collateral()?;
        let (bank, holder) = (self.one_of(&BANKS), self.actor_of(&doc)?);
        let op = self.reserve_op(&doc)?;
        Some(vec![self.draft(bank, op, &[holder], "reserve")])
    }
    /// `pledge.reserve` of the current version for some seconds.
    pub(super) fn reserve_op(&mut self, doc: &DocId) -> Option<Operation> {
        let until = self.now.saturating_add(self.rng.between(8_000, 45_000));
        Some(Operation::PledgeReserve(Reserve { doc: *doc, expect_ver: self.sheet(doc)?.ver, until }))
    }
    /// A bank gives a reservation up.
    pub(super) fn cancel(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, _| w.book().booking_of(id).is_some())?;
        let bank = self.cast.tag_of(&self.book().booking_of(&doc)?.bank)?;
        let op = Operation::PledgeCancelReservation(CancelReservation { doc, expect_ver: self.sheet(&doc)?.ver });
        Some(vec![self.draft(bank, op, &[], "cancel a reservation")])
    }

    /// A bank takes a document, mostly the one it reserved.
    pub(super) fn pledge(&mut self) -> Option<Vec<Draft>> {
        let reserved = self.some_active(|w, id, doc| w.book().booking_of(id).is_some() && w.is_collateral(doc));
        let (doc, bank) = match reserved.filter(|_| self.rng.chance(500)) {
            Some(doc) => (doc, self.cast.tag_of(&self.book().booking_of(&doc)?.bank)?),
            None => (self.some_collateral()?, self.one_of(&BANKS)),
        };
        let (op, consents) = self.create_op(bank, &[doc])?;
        Some(vec![self.draft(bank, op, &consents, "pledge")])
    }
    /// A bank takes two documents of one firm.
    pub(super) fn pledge_two(&mut self) -> Option<Vec<Draft>> {
        let one = self.some_collateral()?;
        let first = self.sheet(&one)?;
        let other = self.some_active(|w, id, doc| {
            let alike = doc.holder == first.holder && doc.receipt.is_some() == first.receipt.is_some();
            *id != one && alike && w.is_free(id) && w.is_collateral(doc)
        })?;
        let bank = self.one_of(&BANKS);
        let (op, consents) = self.create_op(bank, &[one, other])?;
        Some(vec![self.draft(bank, op, &consents, "pledge two")])
    }
    /// `pledge.create` over documents of one holder, and whose consents it needs.
    pub(super) fn create_op(&mut self, bank: Tag, docs: &[DocId]) -> Option<(Operation, Vec<Tag>)> {
        let (body, consents) = self.create_body(bank, docs)?;
        Some((Operation::PledgeCreate(body), consents))
    }
    /// The body of `pledge.create`, and whose consents it needs: pledgor, custodians, supervisors.
    pub(super) fn create_body(&mut self, bank: Tag, docs: &[DocId]) -> Option<(Create, Vec<Tag>)> {
        let pledgor = self.actor_of(docs.first()?)?;
        let terms: Vec<Collateral> = docs.iter().map(|doc| self.collateral(bank, doc)).collect::<Option<_>>()?;
        let supervised = self.rng.chance(150);
        let supervisor = supervised.then(|| self.cast.actor("SUP").account);
        let sheets = docs.iter().filter_map(|doc| self.book().docs.get(doc));
        let lots: Vec<_> = sheets.flat_map(|doc| &doc.lots).filter_map(|lot| self.book().lots.get(lot)).collect();
        let keepers = lots.iter().map(|goods| goods.custodian).chain(lots.iter().filter_map(|goods| goods.supervisor));
        let mut consents: Vec<Tag> = keepers.chain(supervisor).filter_map(|id| self.cast.tag_of(&id)).collect();
        consents.push(pledgor);
        consents.sort_unstable();
        consents.dedup();
        let body = Create {
            docs: terms,
            pledgor: self.cast.actor(pledgor).account,
            claim: sealed("claim"),
            secured_kind: SecuredKind::Loan,
            reg_until: self.now.saturating_add(self.rng.between(TERM_MS.0, TERM_MS.1)),
            extend_agreed: self.rng.chance(400),
            cover_min_bps: 7_000,
            finance_ref: sealed("finance"),
            proof_min_level: 0,
            proof: None,
            supervisor,
            ack_near: self.rng.chance(500),
            conditions: landsea_types::Commit::default(),
        };
        Some((body, consents))
    }
    fn collateral(&self, bank: Tag, doc: &DocId) -> Option<Collateral> {
        let sheet = self.sheet(doc)?;
        let ticket = self.ticket(self.cast.actor(bank), sheet.kind, &self.paper_of(doc)?);
        Some(Collateral { doc: *doc, expect_ver: sheet.ver, ticket })
    }

    /// The pledgee extends, with the pledgor's consent.
    pub(super) fn extend(&mut self) -> Option<Vec<Draft>> {
        let id = self.some_pledge()?;
        let lien = self.book().liens.get(&id)?.clone();
        let (bank, pledgor) = (self.cast.tag_of(&lien.pledgee)?, self.cast.tag_of(&lien.pledgor)?);
        let reg_until = lien.reg_until.max(self.now).saturating_add(self.rng.between(12_000, 40_000));
        let op = Operation::PledgeExtend(Extend { pledge: id, expect_ver: lien.ver, reg_until });
        Some(vec![self.draft(bank, op, &[pledgor], "extend")])
    }
    /// The pledgee releases.
    pub(super) fn release(&mut self) -> Option<Vec<Draft>> {
        let id = self.some_pledge()?;
        let bank = self.cast.tag_of(&self.book().liens.get(&id)?.pledgee)?;
        let op = self.release_op(&id)?;
        Some(vec![self.draft(bank, op, &[], "release")])
    }
    pub(super) fn release_op(&self, id: &PledgeId) -> Option<Operation> {
        let expect_ver = self.book().liens.get(id)?.ver;
        Some(Operation::PledgeRelease(Release { pledge: *id, expect_ver, reason: ReleaseReason::Obsa }))
    }
    /// Some live pledge.
    pub(super) fn some_pledge(&mut self) -> Option<PledgeId> {
        let all: Vec<PledgeId> = self.book().charged_docs.values().copied().collect();
        self.rng.pick(&all).copied()
    }
    /// The pledgee releases and pledges anew in one transaction; at times without the custodian, so that neither happens.
    pub(super) fn renew(&mut self) -> Option<Vec<Draft>> {
        let id = self.some_pledge()?;
        let lien = self.book().liens.get(&id).filter(|lien| lien.docs.len() == 1)?.clone();
        let doc = lien.docs.first().copied()?;
        let sheet = self.sheet(&doc).filter(|sheet| sheet.beneficiary == Some(lien.pledgor) && !sheet.is_pending())?;
        let bank = self.cast.tag_of(&lien.pledgee)?;
        let (mut create, mut consents) = self.create_body(bank, &[doc])?;
        // The release makes the version that the new pledge is over.
        create.docs.iter_mut().for_each(|terms| terms.expect_ver = sheet.ver + 1);
        let half = self.rng.chance(300);
        if half {
            consents.retain(|tag| !["MTO", "RAIL", "OCEAN", "COLD", "BOND"].contains(tag));
        }
        let actor = self.cast.actor(bank).clone();
        let create = Operation::PledgeCreate(create);
        let consents = consents.iter().map(|party| self.consent(party, &actor.account, &create)).collect();
        let transaction = self.sign(&actor, vec![self.release_op(&id)?, create], consents);
        let label = if half { "wrong: renew without custodian" } else { "renew" };
        Some(vec![Draft { home: actor.home, transaction, label, elsewhere: false }])
    }

    /// Two banks want one document at once, through different members.
    pub(super) fn race_for_a_pledge(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_collateral()?;
        let one = self.one_of(&BANKS);
        let account = self.cast.actor(one).account;
        let other = self.one_but(&BANKS, &account);
        let mut drafts = Vec::new();
        for bank in [one, other] {
            let (op, consents) = self.create_op(bank, &[doc])?;
            drafts.push(self.draft(bank, op, &consents, "race for a pledge"));
        }
        Some(drafts)
    }
    /// Two papers over the same goods at once: two carriers, or a carrier and a warehouse.
    pub(super) fn race_for_goods(&mut self) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'B')];
        let (one, two) = (self.fresh_paper(keys.clone()), self.fresh_paper(keys));
        let (carrier, holder, depositor) = (self.one_of(&CARRIERS), self.one_of(&TRADERS), self.one_of(&TRADERS));
        let bill = self.issue_op(carrier, holder, &one);
        let bill = self.draft(carrier, bill, &[holder], "race for goods");
        let account = self.cast.actor(carrier).account;
        let rival = self.one_but(&["MTO", "RAIL", "OCEAN", "COLD"], &account);
        let op = match rival {
            "COLD" => self.store_op(rival, depositor, &two),
            carrier => self.issue_op(carrier, depositor, &two),
        };
        Some(vec![bill, self.draft(rival, op, &[depositor], "race for goods")])
    }
}
