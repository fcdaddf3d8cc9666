//! What falls due by itself: the same functions serve the sweep and the operations that touch a document first.

use super::offer::offer_events;
use crate::context::{BlockContext, Cx, event};
use crate::hold::{self, Touched};
use crate::view::{Due, View, opaque, pair, row_id};
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::ParamKey;
use landsea_types::record::{Cooldown, Doc, Offer, Pledge, Reservation};
use landsea_types::role::{DocState, OfferState, PledgeState};
use landsea_types::state::Table;
use landsea_types::{AccountId, DocId, Hash, LotId, OfferId, PledgeId, Timestamp};

/// State, block and what a transition leaves behind.
pub(crate) struct Transition<'a, 's> {
    pub(crate) view: &'a mut View<'s>,
    pub(crate) block: BlockContext,
    pub(crate) events: &'a mut Vec<Event>,
    pub(crate) touched: &'a mut Vec<Hash>,
}

impl<'a, 's> Transition<'a, 's> {
    /// A transition inside an operation.
    pub(crate) fn of(cx: &'a mut Cx<'_, 's>) -> Self {
        Self { view: cx.view, block: cx.block, events: cx.events, touched: cx.touched }
    }

    /// Ends a reservation whose time is over: leaf deleted, cooldown written, both sides told.
    pub(crate) fn expire_reservation(&mut self, doc: &DocId) {
        let Some(reservation) = self.view.reservation(&doc.0).filter(|r| r.until <= self.block.time) else { return };
        let Some(record) = self.view.doc(doc) else { return };
        end_reservation(self.view, &record, &reservation);
        cool_down(self.view, &record, &reservation.bank, reservation.until);
        let pledgor_home = self.view.party(&reservation.pledgor).map(|p| p.home);
        let members: Vec<_> = [reservation.member, record.home].into_iter().chain(pledgor_home).collect();
        let parties = [reservation.bank, reservation.pledgor];
        self.say(event(EventName::ReservationExpired, &doc.0, &[], &members, &parties, &[reservation.until.get()]));
    }

    /// Ends the holds on a pledge that have run out, notes an overdue registration, matures and then lapses the pledge, each if it is
    /// time.
    pub(crate) fn settle_pledge(&mut self, id: &PledgeId) {
        if let Some(pledge) = self.view.pledge(id) {
            self.settle_holds(&pledge);
        }
        self.note_overdue_mirror(id);
        self.mature(id);
        self.lapse(id);
    }

    /// ACTIVE to MATURED at `reg_until`: the encumbrance stays.
    pub(crate) fn mature(&mut self, id: &PledgeId) {
        let is_due = |p: &Pledge| p.state == PledgeState::Active && p.reg_until <= self.block.time;
        let Some(mut pledge) = self.view.pledge(id).filter(is_due) else { return };
        self.view.unschedule(pledge.reg_until, Due::Maturity, &id.0);
        self.view.schedule(pledge.grace_until, Due::Grace, &id.0, &[]);
        pledge.state = PledgeState::Matured;
        let grace_until = pledge.grace_until.get();
        self.store(&mut pledge, EventName::PledgeMatured, &[grace_until]);
    }

    /// MATURED to LAPSED at `grace_until`, unless a hold pauses it: the encumbrance ends, the beneficiary holds again.
    /// Answers whether the pledge still waits for a hold to end.
    pub(crate) fn lapse(&mut self, id: &PledgeId) -> bool {
        let is_due = |p: &Pledge| p.state == PledgeState::Matured && p.grace_until <= self.block.time;
        let Some(mut pledge) = self.view.pledge(id).filter(is_due) else { return false };
        self.settle_holds(&pledge);
        if self.is_paused(&pledge) {
            return true;
        }
        self.view.unschedule(pledge.grace_until, Due::Grace, &id.0);
        self.view.unschedule(pledge.mirror_due, Due::Mirror, &id.0);
        pledge.state = PledgeState::Lapsed;
        for doc in pledge.docs.clone() {
            self.free(&doc, &pledge);
        }
        let grace_until = pledge.grace_until.get();
        self.store(&mut pledge, EventName::PledgeLapsed, &[grace_until]);
        false
    }

    /// Notes that a pledge's registration in the registry of movables is overdue, and alarms both sides.
    pub(crate) fn note_overdue_mirror(&mut self, id: &PledgeId) {
        let now = self.block.time;
        let is_due = |p: &Pledge| p.state.is_live() && !p.mirror_overdue && p.mirror_due <= now;
        let Some(pledge) = self.view.pledge(id).filter(is_due) else { return };
        // What lapsed before its registration expired has none to renew, whichever of the two the sweep comes to first.
        if pledge.grace_until <= pledge.mirror_due {
            self.mature(id);
            self.lapse(id);
        }
        let Some(mut pledge) = self.view.pledge(id).filter(is_due) else { return };
        self.view.unschedule(pledge.mirror_due, Due::Mirror, &id.0);
        pledge.mirror_overdue = true;
        let due = pledge.mirror_due.get();
        self.store(&mut pledge, EventName::MirrorOverdue, &[due]);
    }

    /// Ends an offer whose time is over, and tells everybody who was asked.
    pub(crate) fn expire_offer(&mut self, id: &OfferId) {
        let is_due = |o: &Offer| o.state == OfferState::Open && o.until <= self.block.time;
        let Some(mut offer) = self.view.offer(id).filter(is_due) else { return };
        self.view.unschedule(offer.until, Due::Offer, &id.0);
        offer.state = OfferState::Expired;
        offer.ver = offer.ver.saturating_add(1);
        self.view.put_offer(&offer);
        for event in offer_events(self.view, &offer, EventName::OfferEnded, &[OfferState::Expired as u64]) {
            self.say(event);
        }
    }

    fn settle_holds(&mut self, pledge: &Pledge) {
        let touched = Touched::pledge(pledge.id, &docs_of(self.view, pledge));
        hold::settle_all(self, &touched.ids());
    }

    fn is_paused(&self, pledge: &Pledge) -> bool {
        hold::pauses_lapse(self.view, &Touched::pledge(pledge.id, &docs_of(self.view, pledge)))
    }

    fn free(&mut self, id: &DocId, pledge: &Pledge) {
        let Some(mut doc) = self.view.doc(id) else { return };
        unencumber(self.view, &mut doc, &pledge.pledgor);
        doc.ver = doc.ver.saturating_add(1);
        self.view.put_doc(&doc);
        self.touch(&id.0);
    }

    fn store(&mut self, pledge: &mut Pledge, name: EventName, args: &[u64]) {
        pledge.ver = pledge.ver.saturating_add(1);
        self.view.put_pledge(pledge);
        self.say(pledge_event(self.view, pledge, name, args));
    }

    /// Records an event and its subject.
    pub(crate) fn say(&mut self, event: Event) {
        self.touch(&event.subject.0);
        self.events.push(event);
    }

    fn touch(&mut self, id: &[u8; 32]) {
        if !self.touched.contains(&opaque(id)) {
            self.touched.push(opaque(id));
        }
    }
}

/// The documents of a pledge.
pub(super) fn docs_of(view: &View<'_>, pledge: &Pledge) -> Vec<Doc> {
    pledge.docs.iter().filter_map(|id| view.doc(id)).collect()
}

/// An event about a pledge to both sides and to the homes of its documents.
pub(super) fn pledge_event(view: &View<'_>, pledge: &Pledge, name: EventName, args: &[u64]) -> Event {
    pledge_event_over(view, pledge, &[], name, args)
}

/// [`pledge_event`] that speaks of further documents too.
pub(super) fn pledge_event_over(
    view: &View<'_>,
    pledge: &Pledge,
    others: &[DocId],
    name: EventName,
    args: &[u64],
) -> Event {
    let ids = || pledge.docs.iter().chain(others);
    let doc_homes = ids().filter_map(|id| view.doc(id)).map(|doc| doc.home);
    let members: Vec<_> = [pledge.home_pledgee, pledge.home_pledgor].into_iter().chain(doc_homes).collect();
    let related: Vec<Hash> = ids().map(|d| opaque(&d.0)).collect();
    event(name, &pledge.id.0, &related, &members, &[pledge.pledgor, pledge.pledgee], args)
}

/// The document and its lots: what `enc/`, `res/` and `hold/` leaves are keyed by.
pub(super) fn targets(doc: &Doc) -> Vec<[u8; 32]> {
    std::iter::once(doc.id.0).chain(doc.lots.iter().map(|l| l.0)).collect()
}

/// Takes the encumbrance off a document and its lots. The caller stores the document.
pub(super) fn unencumber(view: &mut View<'_>, doc: &mut Doc, pledgor: &AccountId) {
    lift(view, doc, pledgor);
    let receipt_supervisor = doc.receipt.as_ref().and_then(|r| r.supervisor);
    for id in &doc.lots {
        free_lot(view, id, receipt_supervisor);
    }
}

/// Removes the leaves of an encumbrance and gives the document back; its lots are the caller's.
///
/// The beneficiary holds again, or the pledgor if the document was endorsed in blank meanwhile; a surrendered document stays
/// with its issuer and a rejection then returns it to the beneficiary.
pub(super) fn lift(view: &mut View<'_>, doc: &mut Doc, pledgor: &AccountId) {
    for target in targets(doc) {
        view.remove_encumbrance(&target);
    }
    doc.enc = None;
    let pending = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
    match doc.surrendered.as_mut().filter(|_| pending) {
        Some(before) => before.holder = before.beneficiary.unwrap_or(*pledgor),
        None => doc.holder = doc.beneficiary.unwrap_or(*pledgor),
    }
}

/// A supervisor appointed by the pledge goes with it; one of the receipt stays.
fn free_lot(view: &mut View<'_>, id: &LotId, receipt_supervisor: Option<AccountId>) {
    let Some(mut lot) = view.lot(id).filter(|lot| lot.enc.is_some()) else { return };
    lot.enc = None;
    lot.supervisor = receipt_supervisor;
    lot.ver = lot.ver.saturating_add(1);
    view.put_lot(&lot);
}

/// Takes a reservation off a document and its lots.
pub(super) fn end_reservation(view: &mut View<'_>, doc: &Doc, reservation: &Reservation) {
    for target in targets(doc) {
        view.remove_reservation(&target);
    }
    view.unschedule(reservation.until, Due::Reservation, &doc.id.0);
}

/// Bars a bank from reserving the document's lots again for a while.
pub(super) fn cool_down(view: &mut View<'_>, doc: &Doc, bank: &AccountId, from: Timestamp) {
    let cooldown_ms = view.param(ParamKey::ReserveCooldownMs);
    if cooldown_ms == 0 {
        return;
    }
    let until = from.saturating_add(cooldown_ms);
    for lot in &doc.lots {
        put_cooldown(view, lot, bank, until);
    }
}

/// Writes a cooldown and queues its end.
pub(super) fn put_cooldown(view: &mut View<'_>, lot: &LotId, bank: &AccountId, until: Timestamp) {
    let key = pair(&lot.0, &bank.0);
    if let Some(old) = view.get::<Cooldown>(Table::Cooldown, &key) {
        view.unschedule(old.until, Due::Cooldown, &row_id(&key));
    }
    view.put_row(Table::Cooldown, &key, &Cooldown { until });
    view.schedule(until, Due::Cooldown, &row_id(&key), &key);
}
