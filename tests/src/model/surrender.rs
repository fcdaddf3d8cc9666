//! Surrender, its answer, and new versions of a title (section 5).

use super::book::Handed;
use super::goods::{keys_distinct, lots_match};
use super::papers::CARRIERS;
use super::stops::Row;
use super::word::Act;
use super::{Book, Goods, Sheet, Verdict, need};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Amend, AnswerSurrender, NewLot, NewVersion, Surrender};
use landsea_types::role::{DocState, LotStatus, PartyStatus, PledgeState};
use landsea_types::{AccountId, Code, DocId, Hash, LotId, Timestamp};

impl Book {
    pub(super) fn surrender(&mut self, act: &mut Act<'_>, op: &Surrender, for_delivery: bool) -> Verdict {
        let active = self.firms.get(&act.sender).is_some_and(|firm| firm.status == PartyStatus::Active);
        need(active, Code::PartySuspended)?;
        self.seen_at(act, &op.doc, op.expect_ver)?;
        let doc = self.usable(&op.doc, Sheet::is_waybill)?;
        self.unheld(Row::Exit, &op.doc)?;
        self.unbarred(act, &op.doc)?;
        need(self.actor(&op.doc) == Some(act.sender), Code::NotHolder)?;
        let pledged = self.charged_docs.contains_key(&op.doc);
        need(pledged || doc.beneficiary.is_none_or(|b| b == doc.holder), Code::NotHolder)?;
        self.claimants_consent(act, &op.doc)?;
        act.named(EventName::SurrenderRequested);
        let by = act.sender;
        self.update(&op.doc, |doc| {
            doc.surrendered = Some(Handed { by, holder: doc.holder, beneficiary: doc.beneficiary });
            doc.holder = doc.issuer;
            doc.state = if for_delivery { DocState::PendDelivery } else { DocState::PendAmend };
        });
        Ok(())
    }

    pub(super) fn answer(&mut self, act: &mut Act<'_>, op: &AnswerSurrender) -> Verdict {
        self.in_role(act, CARRIERS)?;
        let doc = self.seen_at(act, &op.doc, op.expect_ver)?;
        let control = op.version.as_ref().is_none_or(|v| !v.control_agreement.is_zero());
        need(doc.is_waybill() && control, Code::NotPledgeableHere)?;
        need(doc.is_pending() || doc.surrendered.is_none(), Code::SurrenderAnswered)?;
        let amending = op.accept && doc.state == DocState::PendAmend;
        need(doc.is_pending() && (amending || op.version.is_none()), Code::DocumentState)?;
        let Some(before) = doc.surrendered else { return Err(Code::Internal) };
        if !op.accept {
            need(doc.issuer == act.sender, Code::NotHolder)?;
            act.named(EventName::SurrenderAnswered);
            self.take_back(&op.doc, before);
            return Ok(());
        }
        self.unenforced(&op.doc)?;
        self.lots_active(&doc)?;
        if amending {
            let version = self.check_version(act, &op.doc, &doc, op.version.as_ref(), &before.by)?.clone();
            act.named(EventName::SurrenderAnswered);
            // Whoever surrendered holds the new version, which is the old record's only further change.
            let holder = if self.charged_docs.contains_key(&op.doc) { before.holder } else { before.by };
            let doc = Sheet { holder, beneficiary: before.beneficiary, ..doc };
            self.replace(act, &op.doc, doc, &version);
            return Ok(());
        }
        self.unheld(Row::Exit, &op.doc)?;
        need(doc.issuer == act.sender, Code::NotHolder)?;
        act.named(EventName::SurrenderAnswered);
        act.named(EventName::Accomplished);
        self.accomplish(act, &op.doc);
        Ok(())
    }

    pub(super) fn amend(&mut self, act: &mut Act<'_>, op: &Amend) -> Verdict {
        self.in_role(act, CARRIERS)?;
        let doc = self.seen_at(act, &op.doc, op.expect_ver)?;
        need(doc.is_waybill() && !op.version.control_agreement.is_zero(), Code::NotPledgeableHere)?;
        need(doc.state == DocState::Active, Code::DocumentState)?;
        self.lots_active(&doc)?;
        let holder = self.actor(&op.doc).ok_or(Code::Internal)?;
        let version = self.check_version(act, &op.doc, &doc, Some(&op.version), &holder)?.clone();
        self.replace(act, &op.doc, doc, &version);
        Ok(())
    }

    /// Check steps 8 to 13 of a new version, to which `holder` agrees.
    fn check_version<'v>(
        &self,
        act: &mut Act<'_>,
        id: &DocId,
        doc: &Sheet,
        version: Option<&'v NewVersion>,
        holder: &AccountId,
    ) -> Verdict<&'v NewVersion> {
        self.unheld(Row::Reshape, id)?;
        let version = version.ok_or(Code::TicketInvalid)?;
        let body = &version.ticket.body;
        lots_match(&version.lots, body)?;
        self.ticket(&version.ticket, &act.sender, doc.kind)?;
        if body.fp1 != doc.fp1 {
            self.identity_unseen(body)?;
            return Err(Code::TicketInvalid);
        }
        self.content_unseen(body)?;
        keys_distinct(&version.lots)?;
        self.keys_free(&body.goods_keys, &doc.lots)?;
        self.unbarred(act, id)?;
        need(doc.issuer == act.sender, Code::NotHolder)?;
        self.consents(act, holder, &[], Code::ConsentMissing)?;
        self.claimants_consent(act, id)?;
        let before = doc.lots.iter().filter_map(|lot| self.lots.get(lot));
        need(same_goods(before, &version.lots), Code::NotConserved)?;
        Ok(version)
    }

    /// The new version takes the document's place, with its lots, its pledge and its reservation.
    fn replace(&mut self, act: &mut Act<'_>, id: &DocId, doc: Sheet, version: &NewVersion) {
        let (_, related) = act.named(EventName::Amended);
        let new = DocId(related.first().map(|hash| hash.0).unwrap_or_default());
        let body = &version.ticket.body;
        let lots = doc.lots.clone();
        let sheet =
            Sheet { ver: 1, fp2: body.fp2, near: body.near, state: DocState::Active, surrendered: None, ..doc.clone() };
        self.end_doc(id, DocState::Replaced, Some(new));
        if let Some(old) = self.docs.get_mut(id) {
            (old.holder, old.beneficiary) = (doc.holder, doc.beneficiary);
        }
        self.enter(new, sheet);
        for lot in &lots {
            if let Some(goods) = self.lots.get_mut(lot) {
                goods.title = Some(new);
            }
        }
        self.carry(id, new, &lots, &lots);
        self.follow(Hash(id.0), &[Hash(new.0)]);
    }

    fn take_back(&mut self, id: &DocId, before: Handed) {
        let pledged = self.charged_docs.contains_key(id);
        self.update(id, |doc| {
            doc.holder = if pledged { before.holder } else { before.by };
            doc.beneficiary = before.beneficiary;
            doc.state = DocState::Active;
        });
    }

    /// The goods leave: lots delivered, keys vacated, a reservation ended, a live pledge released over them.
    pub(super) fn accomplish(&mut self, act: &mut Act<'_>, id: &DocId) {
        if self.bookings.remove(id).is_some() {
            act.named(EventName::ReservationCancelled);
        }
        let lots = self.docs.get(id).map(|doc| doc.lots.clone()).unwrap_or_default();
        if let Some(pledge) = self.charged_docs.get(id).copied() {
            self.uncharge(&pledge, id);
            if let Some(lien) = self.liens.get_mut(&pledge) {
                lien.ver += 1;
                let last = lien.docs.len() == 1;
                if last {
                    lien.state = PledgeState::Released;
                } else {
                    lien.docs.retain(|doc| doc != id);
                    lien.lots.retain(|lot| !lots.contains(lot));
                }
                act.named(if last { EventName::PledgeReleased } else { EventName::PartialRelease });
            }
        }
        self.end_lots(&lots, LotStatus::Delivered);
        self.end_doc(id, DocState::Accomplished, None);
    }

    /// Moves pledge, reservation and cooldowns to the document that takes another's place.
    pub(super) fn carry(&mut self, old: &DocId, new: DocId, old_lots: &[LotId], new_lots: &[LotId]) {
        if let Some(id) = self.charged_docs.remove(old) {
            for lot in old_lots {
                self.charged.remove(lot);
            }
            self.charged_docs.insert(new, id);
            self.charged.extend(new_lots.iter().map(|lot| (*lot, id)));
            if let Some(lien) = self.liens.get_mut(&id) {
                lien.docs.iter_mut().filter(|doc| *doc == old).for_each(|doc| *doc = new);
                lien.lots.retain(|lot| !old_lots.contains(lot));
                lien.lots.extend(new_lots);
                lien.ver += 1;
            }
        }
        if let Some(booking) = self.bookings.remove(old) {
            self.bookings.insert(new, booking);
        }
        self.carry_cooldowns(old_lots, new_lots);
    }
    /// Goods that change their paper keep the cooldowns of the banks that squatted on them, the longest of each bank.
    fn carry_cooldowns(&mut self, old_lots: &[LotId], new_lots: &[LotId]) {
        let of_old = |lot: &LotId| {
            let from = (*lot, AccountId::default());
            self.cooling.range(from..=(*lot, AccountId([0xff; 32]))).map(|((_, bank), until)| (*bank, *until)).collect()
        };
        let cooling: Vec<(AccountId, Timestamp)> = old_lots.iter().flat_map(|lot| -> Vec<_> { of_old(lot) }).collect();
        for (bank, until) in cooling {
            for lot in new_lots {
                let standing = self.cooling.entry((*lot, bank)).or_insert(until);
                *standing = (*standing).max(until);
            }
        }
    }
}

/// An amendment changes nothing about the goods, whatever the order in which they are stated.
fn same_goods<'g>(before: impl Iterator<Item = &'g Goods>, after: &[NewLot]) -> bool {
    let plain = |lot: &NewLot| {
        let mut keys = lot.keys.clone();
        keys.sort();
        (lot.kind, lot.uom, lot.qty, lot.packages, lot.goods_class, keys)
    };
    let mut old: Vec<_> = before.map(|goods| plain(&goods.stated)).collect();
    let mut new: Vec<_> = after.iter().map(plain).collect();
    old.sort();
    new.sort();
    old == new
}
