//! What falls due by itself.
//!
//! A reservation ends at its time and its bank cools down. A pledge matures at the end of its registration, which changes nobody's
//! right, and lapses at the end of its grace unless a hold stops it; while it lives, its registration in the registry of movables is
//! overdue once. A hold lapses at the end of its term, and what waited behind it takes effect. An operation sees its objects as if the
//! sweep had come to them already.

use super::stops::Row;
use super::word::Act;
use super::{Book, Lien};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::record::HoldTarget;
use landsea_types::role::PledgeState;
use landsea_types::{AccountId, DocId, Hash, Operation, PledgeId, Timestamp, Transaction};

/// A transition and its object.
pub(super) type Told = (EventName, Hash);

/// The events by which transitions are told.
pub(super) const NAMES: [EventName; 6] = [
    EventName::ReservationExpired,
    EventName::MirrorOverdue,
    EventName::PledgeMatured,
    EventName::PledgeLapsed,
    EventName::HoldLapsed,
    EventName::HoldEffective,
];

impl Book {
    /// Whether something is due on an object of a transaction.
    pub(super) fn is_due(&self, tx: &Transaction) -> bool {
        self.stops_are_due()
            || tx.ops.iter().any(|op| match op {
                Operation::PledgeAssign(op) => self.lien_is_due(&op.pledge),
                Operation::PledgeDeclareDefault(op) => self.lien_is_due(&op.pledge),
                Operation::PledgeCure(op) => self.lien_is_due(&op.pledge),
                Operation::PledgeRealise(op) => self.lien_is_due(&op.pledge),
                Operation::HoldDispute(op) => self.target_is_due(&op.target),
                Operation::HoldCourtFreeze(op) => self.target_is_due(&op.target),
                Operation::HoldCustomsHold(op) => self.target_is_due(&op.target),
                Operation::PledgeExtend(op) => self.lien_is_due(&op.pledge),
                Operation::PledgeRelease(op) => self.lien_is_due(&op.pledge),
                Operation::PledgeCreate(op) => op.docs.iter().any(|terms| self.doc_is_due(&terms.doc)),
                op => subject(op).is_some_and(|doc| self.doc_is_due(&doc)),
            })
    }
    fn doc_is_due(&self, doc: &DocId) -> bool {
        let booked = self.bookings.get(doc).is_some_and(|booking| booking.until <= self.now);
        booked || self.charged_docs.get(doc).is_some_and(|id| self.lien_is_due(id))
    }
    fn target_is_due(&self, target: &HoldTarget) -> bool {
        match target {
            HoldTarget::Doc(doc) => self.doc_is_due(doc),
            HoldTarget::Lot(lot) => {
                self.lots.get(lot).and_then(|goods| goods.title).is_some_and(|title| self.doc_is_due(&title))
            }
            _ => false,
        }
    }
    fn lien_is_due(&self, id: &PledgeId) -> bool {
        self.liens.get(id).is_some_and(|lien| lien.next_due().is_some_and(|due| due <= self.now))
    }

    /// Applies what is due on a document.
    pub(super) fn settle(&mut self, act: &mut Act<'_>, doc: &DocId) {
        self.settle_stops(&self.touched(doc), &mut act.told);
        self.end_booking_if_due(doc, &mut act.told);
        if let Some(id) = self.charged_docs.get(doc).copied() {
            self.settle_lien(&id, &mut act.told);
        }
    }
    /// Applies what is due on a pledge.
    pub(super) fn settle_lien(&mut self, id: &PledgeId, told: &mut Vec<Told>) {
        let (now, subject) = (self.now, Hash(id.0));
        let docs = self.liens.get(id).map(|lien| lien.docs.clone()).unwrap_or_default();
        docs.iter().for_each(|doc| self.settle_stops(&self.touched(doc), told));
        let stopped = docs.iter().any(|doc| self.unheld(Row::Lapse, doc).is_err());
        let Some(lien) = self.liens.get_mut(id) else { return };
        // A pledge that has lapsed by then has no registration to renew.
        let registered = lien.state.is_live() && lien.mirror_due < lien.grace_until;
        if registered && !lien.mirror_overdue && lien.mirror_due <= now {
            lien.mirror_overdue = true;
            lien.ver += 1;
            told.push((EventName::MirrorOverdue, subject));
        }
        if lien.state == PledgeState::Active && lien.reg_until <= now {
            lien.state = PledgeState::Matured;
            lien.ver += 1;
            told.push((EventName::PledgeMatured, subject));
            self.paused.remove(id);
        }
        if lien.state == PledgeState::Matured && lien.grace_until <= now && !stopped {
            lien.state = PledgeState::Lapsed;
            lien.ver += 1;
            let docs = lien.docs.clone();
            docs.iter().for_each(|doc| self.give_back(id, doc));
            told.push((EventName::PledgeLapsed, subject));
        }
    }
    fn end_booking_if_due(&mut self, doc: &DocId, told: &mut Vec<Told>) {
        let Some(booking) = self.bookings.get(doc).copied().filter(|b| b.until <= self.now) else { return };
        self.bookings.remove(doc);
        self.cool_down(doc, &booking.bank, booking.until);
        told.push((EventName::ReservationExpired, Hash(doc.0)));
    }
    /// Bars a bank from a document's lots for a while.
    pub(super) fn cool_down(&mut self, doc: &DocId, bank: &AccountId, from: Timestamp) {
        let until = from.saturating_add(self.param(ParamKey::ReserveCooldownMs));
        let lots = self.docs.get(doc).map(|d| d.lots.clone()).unwrap_or_default();
        self.cooling.extend(lots.into_iter().map(|lot| ((lot, *bank), until)));
    }

    /// The end of a block: everything due, told.
    pub(super) fn sweep(&mut self) -> Vec<Told> {
        let mut told = Vec::new();
        self.lapse_stops(&mut told);
        let booked: Vec<DocId> = self.bookings.keys().copied().collect();
        booked.iter().for_each(|doc| self.end_booking_if_due(doc, &mut told));
        let live: std::collections::BTreeSet<PledgeId> = self.charged_docs.values().copied().collect();
        for id in live {
            let matured = self.liens.get(&id).is_some_and(|lien| lien.state == PledgeState::Matured);
            if matured && self.paused.contains(&id) {
                continue;
            }
            self.settle_lien(&id, &mut told);
            let waits = |lien: &Lien| lien.state == PledgeState::Matured && lien.grace_until <= self.now;
            if self.liens.get(&id).is_some_and(waits) {
                self.paused.insert(id);
            }
        }
        told
    }

    /// A pledge ends over a document that stays: the beneficiary holds it again, a surrendered one after a rejection.
    pub(super) fn give_back(&mut self, id: &PledgeId, doc: &DocId) {
        self.uncharge(id, doc);
        let Some(sheet) = self.docs.get_mut(doc) else { return };
        sheet.ver += 1;
        let supervisor = sheet.receipt.flatten();
        for lot in sheet.lots.clone() {
            if let Some(goods) = self.lots.get_mut(&lot) {
                goods.supervisor = supervisor;
            }
        }
    }
    /// Takes the charge off a document and its lots and restores its holder.
    pub(super) fn uncharge(&mut self, id: &PledgeId, doc: &DocId) {
        self.charged_docs.remove(doc);
        let Some(pledgor) = self.liens.get(id).map(|lien| lien.pledgor) else { return };
        let Some(sheet) = self.docs.get_mut(doc) else { return };
        for lot in &sheet.lots {
            self.charged.remove(lot);
        }
        let back = sheet.beneficiary.unwrap_or(pledgor);
        let pending = sheet.is_pending();
        match sheet.surrendered.as_mut().filter(|_| pending) {
            Some(before) => before.holder = before.beneficiary.unwrap_or(pledgor),
            None => sheet.holder = back,
        }
    }
}

impl Lien {
    /// When the pledge next changes by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        let end = match self.state {
            PledgeState::Active => self.reg_until,
            PledgeState::Matured => self.grace_until,
            _ => return None,
        };
        Some(if self.mirror_overdue { end } else { end.min(self.mirror_due) })
    }
}

/// The document that an operation is about.
fn subject(op: &Operation) -> Option<DocId> {
    Some(match op {
        Operation::WaybillAdopt(op) => op.title,
        Operation::WaybillEndorse(op) => op.doc,
        Operation::WaybillTransfer(op) => op.doc,
        Operation::WaybillSurrenderForDelivery(op) | Operation::WaybillSurrenderForAmendment(op) => op.doc,
        Operation::WaybillAnswerSurrender(op) => op.doc,
        Operation::WaybillAmend(op) => op.doc,
        Operation::WaybillConvert(op) => op.doc,
        Operation::WarehouseEndorseTransfer(op) => op.doc,
        Operation::WarehouseDeliverFull(op) => op.doc,
        Operation::PledgeReserve(op) => op.doc,
        Operation::PledgeCancelReservation(op) => op.doc,
        Operation::AuthenticityOpen(op) => op.doc,
        _ => return None,
    })
}
