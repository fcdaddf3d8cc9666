//! Reservations and pledges (section 7): at most one live pledge per lot.

use super::stops::Row;
use super::word::Act;
use super::{Book, Booking, Lien, Sheet, Verdict, known, need};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{CancelReservation, Collateral, Create, Extend, Release, Reserve};
use landsea_types::record::Priority;
use landsea_types::record::governance::feature;
use landsea_types::role::{DocState, LegalBasis, PartyStatus, PledgeState, Role};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, PledgeId, Timestamp};
use std::collections::BTreeSet;

pub(super) const CUSTODIANS: &[Role] = &[Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse];

impl Book {
    pub(super) fn reserve(&mut self, act: &mut Act<'_>, op: &Reserve) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        let seen = known(self.docs.get(&op.doc))?.ver;
        self.settle(act, &op.doc);
        let doc = known(self.docs.get(&op.doc).cloned())?;
        self.chargeable(&doc)?;
        self.unheld(Row::Pledge, &op.doc)?;
        need(self.lien_of(&op.doc).is_none(), Code::AlreadyPledged)?;
        let booked = self.booking_of(&op.doc).map(|booking| booking.bank);
        need(booked.is_none_or(|bank| bank == act.sender), Code::ReservedByOther)?;
        let cools = |lot| self.cooling.get(&(lot, act.sender)).is_some_and(|until| self.now < *until);
        need(booked.is_none() && !doc.lots.iter().any(|lot| cools(*lot)), Code::ReservationLimit)?;
        self.at_version(act, op.expect_ver, seen)?;
        let pledgor = sole_holder(&doc)?;
        need(pledgor != act.sender, Code::PledgorNotSoleHolder)?;
        self.consents(act, &pledgor, &[], Code::ConsentMissing)?;
        let latest = self.now.saturating_add(self.param(ParamKey::ReserveMaxMs));
        need(self.now < op.until && op.until <= latest, Code::TermOutOfLimits)?;
        act.named(EventName::Reserved);
        self.bookings.insert(op.doc, Booking { bank: act.sender, pledgor, until: op.until });
        Ok(())
    }

    pub(super) fn cancel(&mut self, act: &mut Act<'_>, op: &CancelReservation) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        self.seen_at(act, &op.doc, op.expect_ver)?;
        let booking = *self.booking_of(&op.doc).ok_or(Code::PledgeState)?;
        need(booking.bank == act.sender, Code::ReservedByOther)?;
        act.named(EventName::ReservationCancelled);
        self.bookings.remove(&op.doc);
        self.cool_down(&op.doc, &booking.bank, self.now);
        Ok(())
    }

    pub(super) fn pledge(&mut self, act: &mut Act<'_>, op: &Create) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        let seen: Vec<u32> =
            op.docs.iter().map(|terms| known(self.docs.get(&terms.doc)).map(|doc| doc.ver)).collect::<Verdict<_>>()?;
        known(self.firms.get(&op.pledgor))?;
        if let Some(id) = op.supervisor {
            need(known(self.firms.get(&id))?.roles.has(Role::Supervisor), Code::RoleNotPermitted)?;
        }
        op.docs.iter().for_each(|terms| self.settle(act, &terms.doc));
        let docs: Vec<Sheet> =
            op.docs.iter().map(|terms| known(self.docs.get(&terms.doc).cloned())).collect::<Verdict<_>>()?;
        self.check_set(act, op, &docs)?;
        docs.iter().try_for_each(|doc| need(doc.state == DocState::Active, Code::DocumentState))?;
        docs.iter().try_for_each(|doc| self.lots_active(doc))?;
        op.docs.iter().try_for_each(|terms| self.unheld(Row::Pledge, &terms.doc))?;
        need(op.docs.iter().all(|terms| self.lien_of(&terms.doc).is_none()), Code::AlreadyPledged)?;
        let others = |terms: &Collateral| self.booking_of(&terms.doc).is_some_and(|b| b.bank != act.sender);
        need(!op.docs.iter().any(others), Code::ReservedByOther)?;
        for (terms, ver) in op.docs.iter().zip(seen) {
            self.at_version(act, terms.expect_ver, ver)?;
        }
        for doc in &docs {
            need(sole_holder(doc)? == op.pledgor, Code::PledgorNotSoleHolder)?;
        }
        need(op.pledgor != act.sender, Code::PledgorNotSoleHolder)?;
        self.custodians_apart(act, op, &docs)?;
        self.charge_consents(act, op, &docs)?;
        self.papers_match(act, op, &docs)?;
        let (earliest, latest) = (self.after(ParamKey::RegMinMs), self.after(ParamKey::RegMaxMs));
        let timely = earliest <= op.reg_until && op.reg_until <= latest;
        need(timely && op.cover_min_bps <= 10_000, Code::TermOutOfLimits)?;
        need(op.proof.is_none() && op.proof_min_level == 0, Code::ProofLevelTooLow)?;
        let alike = op.docs.iter().any(|terms| self.has_likeness(&terms.doc));
        need(op.ack_near || !alike, Code::NearMatch)?;
        self.charge(act, op, &docs);
        Ok(())
    }

    pub(super) fn extend(&mut self, act: &mut Act<'_>, op: &Extend) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        let lien = self.lien_at(act, &op.pledge, op.expect_ver)?;
        need(matches!(lien.state, PledgeState::Active | PledgeState::Matured), Code::PledgeState)?;
        need(lien.pledgee == act.sender, Code::NotPledgee)?;
        if !lien.extend_agreed {
            self.consents(act, &lien.pledgor, &[], Code::ConsentMissing)?;
        }
        let later = op.reg_until > lien.reg_until.max(self.now);
        need(later && op.reg_until <= self.after(ParamKey::RegMaxMs), Code::TermOutOfLimits)?;
        act.named(EventName::PledgeExtended);
        let grace_ms = self.param(ParamKey::MaturedGraceMs);
        if let Some(lien) = self.liens.get_mut(&op.pledge) {
            lien.state = PledgeState::Active;
            lien.reg_until = op.reg_until;
            lien.grace_until = op.reg_until.saturating_add(grace_ms);
            lien.ver += 1;
        }
        Ok(())
    }

    /// A suspended pledgee may still release.
    pub(super) fn release(&mut self, act: &mut Act<'_>, op: &Release) -> Verdict {
        let bank = self.firms.get(&act.sender).ok_or(Code::KeyNotValid)?;
        need(bank.roles.has(Role::Bank), Code::RoleNotPermitted)?;
        need(bank.status != PartyStatus::Exited, Code::PartySuspended)?;
        let lien = self.lien_at(act, &op.pledge, op.expect_ver)?;
        need(lien.state.is_live(), Code::PledgeState)?;
        lien.docs.iter().try_for_each(|doc| self.unheld(Row::Release, doc))?;
        need(lien.pledgee == act.sender, Code::NotPledgee)?;
        act.named(EventName::PledgeReleased);
        lien.docs.iter().for_each(|doc| self.give_back(&op.pledge, doc));
        if let Some(lien) = self.liens.get_mut(&op.pledge) {
            lien.state = PledgeState::Released;
            lien.ver += 1;
        }
        Ok(())
    }

    fn after(&self, key: ParamKey) -> Timestamp {
        self.now.saturating_add(self.param(key))
    }
    pub(super) fn lien_at(&mut self, act: &mut Act<'_>, id: &PledgeId, expect_ver: u32) -> Verdict<Lien> {
        let seen = known(self.liens.get(id))?.ver;
        self.at_version(act, expect_ver, seen)?;
        self.settle_lien(id, &mut act.told);
        known(self.liens.get(id).cloned())
    }
    /// Check step 6: ACTIVE over ACTIVE lots (3004, 4008).
    fn chargeable(&self, doc: &Sheet) -> Verdict {
        need(doc.state == DocState::Active, Code::DocumentState)?;
        self.lots_active(doc)
    }
    /// Check step 5: pledgeable where pledgor and bank are at home (5007); 1 to 16 different documents of one sort (5011).
    fn check_set(&self, act: &Act<'_>, op: &Create, docs: &[Sheet]) -> Verdict {
        let homes = [self.home(&op.pledgor), self.home(&act.sender)];
        let pledgeable = |doc: &Sheet| {
            let number = feature::LEGAL_BASIS + doc.basis as u16;
            let here = homes.iter().all(|home| home.is_some_and(|home| self.has_feature(number, home)));
            here && doc.state != DocState::Anchored && doc.basis != LegalBasis::None
        };
        need(docs.iter().all(pledgeable), Code::NotPledgeableHere)?;
        let different: BTreeSet<DocId> = op.docs.iter().map(|terms| terms.doc).collect();
        let receipts = docs.iter().filter(|doc| doc.receipt.is_some()).count();
        let sized = (1..=16).contains(&docs.len()) && different.len() == docs.len();
        need(sized && (receipts == 0 || receipts == docs.len()), Code::CollateralSetInvalid)
    }
    pub(super) fn custodians(&self, docs: &[Sheet]) -> BTreeSet<AccountId> {
        docs.iter().flat_map(|doc| &doc.lots).filter_map(|lot| self.lots.get(lot)).map(|g| g.custodian).collect()
    }
    /// Check step 11: no custodian is a side or akin to one, and nobody pledges what it issued to itself (5109).
    fn custodians_apart(&self, act: &Act<'_>, op: &Create, docs: &[Sheet]) -> Verdict {
        let sides = [op.pledgor, act.sender];
        let apart = |custodian: &AccountId| sides.iter().all(|side| self.are_apart(custodian, side));
        let own = docs.iter().any(|doc| doc.issuer == op.pledgor);
        need(!own && self.custodians(docs).iter().all(apart), Code::CustodianNotIndependent)
    }
    /// Check step 12: pledgor, custodians, supervisors.
    fn charge_consents(&self, act: &mut Act<'_>, op: &Create, docs: &[Sheet]) -> Verdict {
        self.consents(act, &op.pledgor, &[], Code::ConsentMissing)?;
        for custodian in self.custodians(docs) {
            self.consents(act, &custodian, CUSTODIANS, Code::CustodianAckMissing)?;
        }
        let lots = docs.iter().flat_map(|doc| &doc.lots).filter_map(|lot| self.lots.get(lot));
        let watching: BTreeSet<AccountId> = lots.filter_map(|goods| goods.supervisor).chain(op.supervisor).collect();
        for supervisor in watching {
            self.consents(act, &supervisor, &[Role::Supervisor], Code::ConsentMissing)?;
        }
        Ok(())
    }
    /// Check step 13: the paper the bank holds is the document on the ledger (3003).
    fn papers_match(&self, act: &Act<'_>, op: &Create, docs: &[Sheet]) -> Verdict {
        for (terms, doc) in op.docs.iter().zip(docs) {
            self.ticket(&terms.ticket, &act.sender, doc.kind)?;
            let body = &terms.ticket.body;
            let paper: BTreeSet<ClassedKey> = body.goods_keys.iter().copied().collect();
            need(body.fp1 == doc.fp1 && paper == self.keys_of(doc), Code::TicketInvalid)?;
        }
        Ok(())
    }

    fn charge(&mut self, act: &mut Act<'_>, op: &Create, docs: &[Sheet]) {
        let id = PledgeId(act.named(EventName::PledgeActive).0);
        let lots: BTreeSet<_> = docs.iter().flat_map(|doc| doc.lots.iter().copied()).collect();
        for lot in &lots {
            let standing = self.charged.insert(*lot, id);
            assert_eq!(standing, None, "a second live pledge over {lot:?} passed the model's own checks");
            if let Some(goods) = self.lots.get_mut(lot) {
                goods.supervisor = op.supervisor.or(goods.supervisor);
            }
        }
        for terms in &op.docs {
            self.bookings.remove(&terms.doc);
            self.charged_docs.insert(terms.doc, id);
            let bank = act.sender;
            self.update(&terms.doc, |doc| doc.holder = bank);
        }
        let lien = Lien {
            ver: 1,
            pledgor: op.pledgor,
            pledgee: act.sender,
            docs: op.docs.iter().map(|terms| terms.doc).collect(),
            lots,
            priority: Priority { height: self.height, index: act.index },
            state: PledgeState::Active,
            reg_until: op.reg_until,
            grace_until: op.reg_until.saturating_add(self.param(ParamKey::MaturedGraceMs)),
            extend_agreed: op.extend_agreed,
            supervisor: op.supervisor,
            mirror_due: self.after(ParamKey::MirrorDueMs),
            mirror_overdue: false,
            enforced: None,
            assigned_by: Vec::new(),
        };
        self.liens.insert(id, lien);
    }
}

/// Holder and beneficiary are one (5003).
fn sole_holder(doc: &Sheet) -> Verdict<AccountId> {
    need(doc.beneficiary == Some(doc.holder), Code::PledgorNotSoleHolder)?;
    Ok(doc.holder)
}
