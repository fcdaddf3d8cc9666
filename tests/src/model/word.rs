//! What parties said: consents and tickets.

use super::due::Told;
use super::{Book, Verdict, need};
use crate::suite::FastSuite;
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::ParamKey;
use landsea_types::role::{DocKind, PartyStatus, Role};
use landsea_types::ticket::DeriveTicket;
use landsea_types::{
    AccountId, Code, Consent, DocId, Hash, Operation, Outcome, Suite as _, Timestamp, Transaction, derive_id,
};
use std::collections::BTreeMap;

/// One transaction on its way through the model.
pub(super) struct Act<'a> {
    pub(super) tx: &'a Transaction,
    /// Position in the block.
    pub(super) index: u32,
    pub(super) sender: AccountId,
    /// The operation in hand.
    pub(super) op_hash: Hash,
    op_hashes: &'a [Hash],
    events: &'a [Event],
    taken: BTreeMap<EventName, usize>,
    invented: u32,
    /// Consents that the transaction uses up.
    spending: Vec<(Timestamp, Hash)>,
    /// Transitions that fell due on what it touches.
    pub(super) told: Vec<Told>,
    /// Events that should be there and are not.
    pub(super) silent: Vec<EventName>,
}

impl<'a> Act<'a> {
    pub(super) fn new(tx: &'a Transaction, outcome: &'a Outcome, index: u32, op_hashes: &'a [Hash]) -> Self {
        Self {
            tx,
            index,
            sender: tx.sender,
            op_hash: Hash::default(),
            op_hashes,
            events: if outcome.code == Code::Ok { &outcome.events } else { &[] },
            taken: BTreeMap::new(),
            invented: 0,
            spending: Vec::new(),
            told: Vec::new(),
            silent: Vec::new(),
        }
    }
    /// The subject and the related objects of the next event of a name. An id is invented for one that was not told.
    pub(super) fn named(&mut self, name: EventName) -> ([u8; 32], Vec<Hash>) {
        let n = self.taken.entry(name).or_default();
        let found = self.events.iter().filter(|event| event.name == name).nth(*n);
        *n += 1;
        if let Some(event) = found {
            return (event.subject.0, event.related.clone());
        }
        self.silent.push(name);
        (self.invent(), vec![Hash(self.invent())])
    }
    fn invent(&mut self) -> [u8; 32] {
        self.invented += 1;
        derive_id("model", &self.tx.id(), self.invented)
    }
    /// Notes which due transitions the outcome does not tell.
    pub(super) fn check_told(&mut self) {
        for (name, subject) in &self.told {
            if !self.events.iter().any(|event| event.name == *name && event.subject == *subject) {
                self.silent.push(*name);
            }
        }
    }
    fn consents_of(&self, party: &AccountId) -> impl Iterator<Item = &'a Consent> {
        let party = *party;
        self.tx.consents.iter().filter(move |consent| consent.party == party)
    }
}

impl Book {
    /// Check step 3: one of the roles, and active.
    pub(super) fn in_role(&self, act: &Act<'_>, roles: &[Role]) -> Verdict {
        let firm = self.firms.get(&act.sender).ok_or(Code::KeyNotValid)?;
        need(firm.roles.has_any(roles), Code::RoleNotPermitted)?;
        need(firm.status == PartyStatus::Active, Code::PartySuspended)
    }
    /// Check step 4: the version that the sender saw.
    pub(super) fn at_version(&self, act: &Act<'_>, expected: u32, current: u32) -> Verdict {
        let free = expected == 0 && self.firms.get(&act.sender).is_some_and(|f| f.roles.has(Role::Branch));
        need(free || expected == current, Code::StaleVersion)
    }
    /// Check step 12 for one party. No roles means any.
    pub(super) fn consents(&self, act: &mut Act<'_>, party: &AccountId, roles: &[Role], absent: Code) -> Verdict {
        if *party == act.sender {
            return Ok(());
        }
        let fits = |c: &&Consent| c.op_hash == act.op_hash && (roles.is_empty() || roles.contains(&c.role));
        let Some(consent) = act.consents_of(party).find(fits) else {
            let elsewhere = act.consents_of(party).any(|c| !act.op_hashes.contains(&c.op_hash));
            return Err(if elsewhere { Code::ConsentInvalid } else { absent });
        };
        need(self.is_good(consent), Code::ConsentInvalid)?;
        let active = self.firms.get(party).is_some_and(|firm| firm.status == PartyStatus::Active);
        need(active, Code::PartySuspended)?;
        act.spending.push((consent.not_after, consent.id()));
        Ok(())
    }
    /// Timely, signed by a key of the party, and not used before.
    fn is_good(&self, consent: &Consent) -> bool {
        let latest = self.now.saturating_add(self.param(ParamKey::ConsentMaxMs));
        let timely = self.now <= consent.not_after && consent.not_after <= latest;
        let key = self.firms.get(&consent.party).and_then(|firm| firm.keys.get(usize::from(consent.key)));
        let fresh = !self.spent.contains(&(consent.not_after, consent.id()));
        let is_signed = || FastSuite::new().verify(&consent.check(&self.rules.chain));
        timely && fresh && key == Some(&consent.public_key) && is_signed()
    }
    /// Remembers what an applied transaction used, and forgets what has ended.
    pub(super) fn spend(&mut self, act: &Act<'_>) {
        self.spent.extend(&act.spending);
        let now = self.now;
        while self.spent.first().is_some_and(|(until, _)| *until < now) {
            self.spent.pop_first();
        }
    }

    /// Check step 10 of what a pledge or a reservation bars: the pledgee (3006) and the reserving bank (5002) must say something.
    pub(super) fn unbarred(&self, act: &Act<'_>, id: &DocId) -> Verdict {
        if let Some((_, lien)) = self.lien_of(id) {
            need(self.speaks(act, id, &lien.pledgee), Code::Encumbered)?;
        }
        match self.booking_of(id) {
            Some(booking) => need(self.speaks(act, id, &booking.bank), Code::ReservedByOther),
            None => Ok(()),
        }
    }
    /// A good word counts from anybody; a bad one only where the sender has to do with the document, so that strangers learn nothing.
    fn speaks(&self, act: &Act<'_>, id: &DocId, bank: &AccountId) -> bool {
        let meant = |c: &Consent| c.op_hash == act.op_hash || !act.op_hashes.contains(&c.op_hash);
        let offered = *bank == act.sender || act.consents_of(bank).any(meant);
        self.agrees(act, bank) || (offered && self.is_concerned(act, id))
    }
    fn is_concerned(&self, act: &Act<'_>, id: &DocId) -> bool {
        let own = self.docs.get(id).is_some_and(|doc| doc.issuer == act.sender || doc.holder == act.sender);
        own || self.actor(id).is_some_and(|actor| self.agrees(act, &actor))
    }
    /// Whether a party is the sender or has given a good consent to the operation.
    fn agrees(&self, act: &Act<'_>, party: &AccountId) -> bool {
        let active = self.firms.get(party).is_some_and(|firm| firm.status == PartyStatus::Active);
        let mut given = act.consents_of(party).filter(|c| c.op_hash == act.op_hash);
        *party == act.sender || (active && given.any(|c| self.is_good(c)))
    }
    /// Check step 12 after [`Book::unbarred`].
    pub(super) fn claimants_consent(&self, act: &mut Act<'_>, id: &DocId) -> Verdict {
        let pledgee = self.lien_of(id).map(|(_, lien)| lien.pledgee);
        let reserving = self.booking_of(id).map(|booking| booking.bank);
        for bank in pledgee.into_iter().chain(reserving) {
            self.consents(act, &bank, &[Role::Bank], Code::ConsentMissing)?;
        }
        Ok(())
    }

    /// Check step 8 for a ticket: made by the applicant's branch for it and for this kind, not expired, of these rules and this epoch.
    pub(super) fn ticket(&self, ticket: &DeriveTicket, applicant: &AccountId, kind: DocKind) -> Verdict {
        let body = &ticket.body;
        let home = self.home(applicant);
        let made = body.chain_id == self.rules.chain
            && body.applicant == *applicant
            && home == Some(body.member)
            && self.rules.tellers.get(&body.member) == Some(&ticket.public_key);
        let latest = self.now.saturating_add(self.param(ParamKey::TicketTtlMs));
        let timely = self.now <= body.not_after && body.not_after <= latest;
        need(made && timely && body.kind == kind, Code::TicketInvalid)?;
        let classes = body.goods_keys.iter().all(|key| b"CWVBPMS".contains(&key.class));
        need(classes && body.rules == 1 && kind.name().is_some(), Code::UnknownKindOrRules)?;
        need(u64::from(body.epoch) == self.param(ParamKey::FingerprintEpoch), Code::FingerprintEpochStale)
    }

    /// Runs one operation: the code of the first check that fails, or its effects.
    pub(super) fn operate(&mut self, act: &mut Act<'_>, op: &Operation) -> Verdict {
        match op {
            Operation::PartyOnboard(op) => self.onboard(act, op),
            Operation::PartySuspend(op) => self.suspend(act, op),
            Operation::PartyResume(op) => self.resume(act, op),
            Operation::PartyGrantLicence(op) => self.grant_licence(act, op),
            Operation::WaybillAnchor(op) => self.anchor(act, op),
            Operation::WaybillIssue(op) => self.issue(act, op),
            Operation::WaybillAdopt(op) => self.adopt(act, op),
            Operation::WaybillEndorse(op) => self.endorse(act, op),
            Operation::WaybillTransfer(op) => self.transfer(act, op),
            Operation::WaybillSurrenderForDelivery(op) => self.surrender(act, op, true),
            Operation::WaybillSurrenderForAmendment(op) => self.surrender(act, op, false),
            Operation::WaybillAnswerSurrender(op) => self.answer(act, op),
            Operation::WaybillAmend(op) => self.amend(act, op),
            Operation::WaybillConvert(op) => self.convert(act, op),
            Operation::WarehouseIssue(op) => self.store(act, op),
            Operation::WarehouseEndorseTransfer(op) => self.endorse_receipt(act, op),
            Operation::WarehouseDeliverFull(op) => self.deliver(act, op),
            Operation::PledgeReserve(op) => self.reserve(act, op),
            Operation::PledgeCancelReservation(op) => self.cancel(act, op),
            Operation::PledgeCreate(op) => self.pledge(act, op),
            Operation::PledgeExtend(op) => self.extend(act, op),
            Operation::PledgeRelease(op) => self.release(act, op),
            Operation::PledgeAssign(op) => self.assign(act, op),
            Operation::PledgeDeclareDefault(op) => self.declare_default(act, op),
            Operation::PledgeCure(op) => self.cure(act, op),
            Operation::PledgeRealise(op) => self.realise(act, op),
            Operation::HoldDispute(op) => self.dispute(act, op),
            Operation::HoldFileCase(op) => self.file_case(act, op),
            Operation::HoldWithdrawDispute(op) => self.withdraw_dispute(act, op),
            Operation::HoldCourtFreeze(op) => self.court_freeze(act, op),
            Operation::HoldLift(op) => self.lift(act, op),
            Operation::HoldCustomsHold(op) => self.customs_hold(act, op),
            Operation::HoldCustomsRelease(op) => self.customs_release(act, op),
            Operation::AuthenticityOpen(op) => self.open_case(act, op),
            Operation::AuthenticityAttest(op) => self.attest(act, op),
            // The workload draws no others.
            _ => Err(Code::UnknownOperation),
        }
    }
}
