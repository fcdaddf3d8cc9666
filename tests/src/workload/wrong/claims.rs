//! Acts that documents, goods and pledges do not allow.

use super::super::cast::{BANKS, CARRIERS, STORES, TRADERS};
use super::super::paper::Paper;
use super::super::{Draft, Workload};
use crate::model::Sheet;
use landsea_types::operation::pledge::Reserve;
use landsea_types::operation::waybill::{AnswerSurrender, Transfer};
use landsea_types::role::{DocState, LotStatus};
use landsea_types::ticket::ClassedKey;
use landsea_types::{DocId, Fp, Operation};

impl Workload {
    /// Another bank pledges what is pledged (5001).
    pub(super) fn second_pledge(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_charged()?;
        let pledgee = self.book().lien_of(&doc)?.1.pledgee;
        let bank = self.one_but(&BANKS, &pledgee);
        let (op, consents) = self.create_op(bank, &[doc])?;
        Some(vec![self.draft(bank, op, &consents, "wrong: second pledge")])
    }
    /// Another bank reserves what is pledged (5001).
    pub(super) fn second_reservation(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_charged()?;
        let pledgee = self.book().lien_of(&doc)?.1.pledgee;
        let (bank, holder) = (self.one_but(&BANKS, &pledgee), self.actor_of(&doc)?);
        let op = self.reserve_op(&doc)?;
        Some(vec![self.draft(bank, op, &[holder], "wrong: reserve the pledged")])
    }
    fn some_charged(&mut self) -> Option<DocId> {
        self.some_active(|w, id, _| w.book().charged_docs.contains_key(id) && w.actor_of(id).is_some())
    }

    /// A second bill over goods that have one (4001).
    pub(super) fn goods_twice(&mut self) -> Option<Vec<Draft>> {
        let keys = vec![self.some_occupied(b"CVB")?];
        let paper = self.fresh_paper(keys);
        let (carrier, holder) = (self.one_of(&CARRIERS), self.one_of(&TRADERS));
        let op = self.issue_op(carrier, holder, &paper);
        Some(vec![self.draft(carrier, op, &[holder], "wrong: goods twice")])
    }
    /// A receipt over goods whose bill is operative: its paper tells how they came in (4001).
    pub(super) fn receipt_beside_a_bill(&mut self) -> Option<Vec<Draft>> {
        let arrival = vec![self.some_occupied(b"C")?];
        let keys = vec![self.fresh_key(b'P')];
        let paper = Paper { arrival, ..self.fresh_paper(keys) };
        let (keeper, depositor) = (self.one_of(&STORES), self.one_of(&TRADERS));
        let op = self.store_op(keeper, depositor, &paper);
        Some(vec![self.draft(keeper, op, &self.with_watch(keeper, &[depositor]), "wrong: receipt beside a bill")])
    }
    fn some_occupied(&mut self, classes: &[u8]) -> Option<ClassedKey> {
        let active = self.book().lots.values().filter(|goods| goods.status == LotStatus::Active);
        let keys = active.flat_map(|goods| goods.stated.keys.iter().copied());
        let found: Vec<ClassedKey> = keys.filter(|key| classes.contains(&key.class)).collect();
        self.rng.pick(&found).copied()
    }
    /// A number that a document has or had (3001).
    pub(super) fn number_twice(&mut self) -> Option<Vec<Draft>> {
        let other = self.some_doc(|_, _, _| true)?;
        let fp1 = self.sheet(&other)?.fp1;
        self.issue_paper(|_, fresh| Paper { fp1, ..fresh }, "wrong: number twice")
    }
    /// The content of a live document under another number (3002).
    pub(super) fn content_twice(&mut self) -> Option<Vec<Draft>> {
        let other = self.some_doc(|_, _, doc| !doc.state.is_terminal())?;
        let fp2 = self.sheet(&other)?.fp2;
        self.issue_paper(|_, fresh| Paper { fp2, ..fresh }, "wrong: content twice")
    }
    /// One vehicle on two lots (4007).
    pub(super) fn key_twice(&mut self) -> Option<Vec<Draft>> {
        let twice = |w: &mut Self, fresh: Paper| {
            let key = w.fresh_key(b'V');
            Paper { keys: vec![key, key], ..fresh }
        };
        self.issue_paper(twice, "wrong: key twice")
    }
    /// A bill over one fresh container and a changed paper.
    pub(super) fn issue_paper(
        &mut self,
        change: impl Fn(&mut Self, Paper) -> Paper,
        label: &'static str,
    ) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'C')];
        let fresh = self.fresh_paper(keys);
        let paper = change(self, fresh);
        let (carrier, holder) = (self.one_of(&CARRIERS), self.one_of(&TRADERS));
        let op = self.issue_op(carrier, holder, &paper);
        Some(vec![self.draft(carrier, op, &[holder], label)])
    }

    /// A firm transfers what another holds (3005).
    pub(super) fn transfer_by_a_stranger(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.is_free(id))?;
        let holder = self.sheet(&doc)?.holder;
        let stranger = self.trader_but(&holder);
        let op = self.transfer_op(&doc, self.cast.actor(stranger).account)?;
        Some(vec![self.draft(stranger, op, &[], "wrong: transfer by a stranger")])
    }
    /// The beneficiary transfers without the pledgee's consent (3006).
    pub(super) fn transfer_past_the_pledgee(&mut self) -> Option<Vec<Draft>> {
        let charged = |w: &Self, id: &DocId, doc: &Sheet| {
            doc.is_waybill() && w.book().charged_docs.contains_key(id) && w.actor_of(id).is_some()
        };
        let doc = self.some_active(charged)?;
        let actor = self.actor_of(&doc)?;
        let to = self.recipient(actor);
        let op = self.transfer_op(&doc, to)?;
        Some(vec![self.draft(actor, op, &[], "wrong: transfer past the pledgee")])
    }
    /// Another bank pledges, or the holder transfers, what a bank has reserved (5002).
    pub(super) fn reserved_by_another(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| w.book().booking_of(id).is_some() && doc.is_waybill())?;
        let reserving = self.book().booking_of(&doc)?.bank;
        if self.rng.chance(400) {
            let actor = self.actor_of(&doc)?;
            let to = self.recipient(actor);
            let op = self.transfer_op(&doc, to)?;
            return Some(vec![self.draft(actor, op, &[], "wrong: transfer of the reserved")]);
        }
        let bank = self.one_but(&BANKS, &reserving);
        let (op, consents) = self.create_op(bank, &[doc])?;
        Some(vec![self.draft(bank, op, &consents, "wrong: pledge of the reserved")])
    }
    /// A bank releases another's pledge (5009).
    pub(super) fn release_by_a_stranger(&mut self) -> Option<Vec<Draft>> {
        let id = self.some_pledge()?;
        let pledgee = self.book().liens.get(&id)?.pledgee;
        let bank = self.one_but(&BANKS, &pledgee);
        let op = self.release_op(&id)?;
        Some(vec![self.draft(bank, op, &[], "wrong: release by a stranger")])
    }
    /// The former pledgee releases what has ended (5008).
    pub(super) fn release_twice(&mut self) -> Option<Vec<Draft>> {
        let ended = self.book().liens.iter().filter(|(_, lien)| !lien.state.is_live());
        let ended: Vec<_> = ended.map(|(id, _)| *id).collect();
        let id = *self.rng.pick(&ended)?;
        let bank = self.cast.tag_of(&self.book().liens.get(&id)?.pledgee)?;
        let op = self.release_op(&id)?;
        Some(vec![self.draft(bank, op, &[], "wrong: release of the ended")])
    }
    /// A registration that ends too soon, or a reservation that lasts too long (5005).
    pub(super) fn term_too_short(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_collateral()?;
        let bank = self.one_of(&BANKS);
        let (mut body, consents) = self.create_body(bank, &[doc])?;
        if self.rng.chance(500) {
            body.reg_until = self.now.saturating_add(4_000);
            body.ack_near = true;
            return Some(vec![self.draft(bank, Operation::PledgeCreate(body), &consents, "wrong: term too short")]);
        }
        let until = self.now.saturating_add(24 * 60 * 60 * 1_000);
        let op = Operation::PledgeReserve(Reserve { doc, expect_ver: self.sheet(&doc)?.ver, until });
        let holder = self.actor_of(&doc)?;
        Some(vec![self.draft(bank, op, &[holder], "wrong: reserved too long")])
    }
    /// A bank comes back while it cools down, or renews its own reservation (5010).
    pub(super) fn reserve_again(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| w.is_collateral(doc) && w.squatter(id, doc).is_some())?;
        let bank = self.squatter(&doc, &self.sheet(&doc)?)?;
        let holder = self.actor_of(&doc)?;
        let op = self.reserve_op(&doc)?;
        Some(vec![self.draft(bank, op, &[holder], "wrong: reserve again")])
    }
    /// A bank that has reserved a document or cools down over it.
    fn squatter(&self, id: &DocId, doc: &Sheet) -> Option<&'static str> {
        let reserving = self.book().booking_of(id).map(|booking| booking.bank);
        let cools = |bank: &&'static str| {
            let account = self.cast.actor(bank).account;
            doc.lots.iter().any(|lot| self.book().cooling.get(&(*lot, account)).is_some_and(|until| self.now < *until))
        };
        reserving.and_then(|bank| self.cast.tag_of(&bank)).or_else(|| BANKS.into_iter().find(cools))
    }
    /// A bill much like another; pledging one without having seen the other answers 3102.
    pub(super) fn look_alike(&mut self) -> Option<Vec<Draft>> {
        let alike = self.some_active(|w, id, doc| w.is_free(id) && w.is_collateral(doc) && w.book().has_likeness(id));
        if let Some(doc) = alike {
            let bank = self.one_of(&BANKS);
            let (mut body, consents) = self.create_body(bank, &[doc])?;
            body.ack_near = false;
            let op = Operation::PledgeCreate(body);
            return Some(vec![self.draft(bank, op, &consents, "wrong: look-alike unseen")]);
        }
        let other = self.some_collateral()?;
        let near = self.sheet(&other)?.near;
        let like = |_: &mut Self, fresh: Paper| {
            let mut mixed: [Fp; 8] = fresh.near;
            mixed.iter_mut().zip(near).take(4).for_each(|(to, from)| *to = from);
            Paper { near: mixed, ..fresh }
        };
        self.issue_paper(like, "issue a look-alike")
    }
    /// A waybill operation on a receipt (5007).
    pub(super) fn waybill_act_on_a_receipt(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.receipt.is_some() && w.actor_of(id).is_some())?;
        let actor = self.actor_of(&doc)?;
        let to = self.recipient(actor);
        let op = self.transfer_op(&doc, to)?;
        Some(vec![self.draft(actor, op, &[], "wrong: waybill act on a receipt")])
    }
    /// An answer to a surrender that was answered (3007).
    pub(super) fn answer_twice(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_doc(|_, _, doc| doc.surrendered.is_some() && !doc.is_pending() && doc.is_waybill())?;
        let sheet = self.sheet(&doc)?;
        let issuer = self.cast.tag_of(&sheet.issuer)?;
        let body = AnswerSurrender { doc, expect_ver: sheet.ver, accept: true, version: None };
        Some(vec![self.draft(issuer, Operation::WaybillAnswerSurrender(body), &[], "wrong: answer twice")])
    }
    /// A transfer of a document that has ended (3004).
    pub(super) fn act_on_the_ended(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_doc(|_, _, doc| doc.is_waybill() && doc.state != DocState::Active)?;
        let actor = self.among(&self.sheet(&doc)?.holder, &TRADERS).unwrap_or("E1");
        let to = self.recipient(actor);
        let op = self.transfer_op(&doc, to)?;
        Some(vec![self.draft(actor, op, &[], "wrong: transfer of the ended")])
    }
    /// A conversion with a shortage that nobody accepted (3107).
    pub(super) fn shortage_too_large(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.actor_of(id).is_some())?;
        let accept = self.rng.chance(300);
        let (op, consents) = self.convert_op(&doc, "COLD", 2_000_000, accept)?;
        let label = if accept { "convert with a shortage" } else { "wrong: shortage too large" };
        Some(vec![self.draft("COLD", op, &consents, label)])
    }
    /// A conversion in which goods vanish undeclared (4003).
    pub(super) fn goods_lost(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.actor_of(id).is_some())?;
        let (op, consents) = self.convert_op(&doc, "COLD", 1_000, false)?;
        let Operation::WaybillConvert(mut body) = op else { return None };
        body.shortages.clear();
        Some(vec![self.draft("COLD", Operation::WaybillConvert(body), &consents, "wrong: goods lost")])
    }
    /// Goods of E6 in the store of its own group: pledged (5109), or brought there so that they can be.
    pub(super) fn keeper_akin(&mut self) -> Option<Vec<Draft>> {
        let (kin, keeper) = (self.cast.actor("E6").account, self.cast.actor("BOND").account);
        let doc = self.some_active(|w, id, doc| {
            doc.holder == kin && doc.beneficiary == Some(kin) && doc.issuer == keeper && w.is_free(id)
        });
        let Some(doc) = doc else {
            let keys = vec![self.fresh_key(b'P')];
            let paper = self.fresh_paper(keys);
            let op = self.store_op("BOND", "E6", &paper);
            return Some(vec![self.draft("BOND", op, &["E6", "SUP"], "store")]);
        };
        let bank = self.one_of(&BANKS);
        let (op, consents) = self.create_op(bank, &[doc])?;
        Some(vec![self.draft(bank, op, &consents, "wrong: keeper akin to the pledgor")])
    }
    /// A bill and a receipt in one pledge (5011).
    pub(super) fn mixed_set(&mut self) -> Option<Vec<Draft>> {
        let bill = self.some_active(|w, id, doc| doc.is_waybill() && w.is_free(id) && w.is_collateral(doc))?;
        let receipt = self.some_active(|w, id, doc| doc.receipt.is_some() && w.is_free(id) && w.is_collateral(doc))?;
        let bank = self.one_of(&BANKS);
        let (op, consents) = self.create_op(bank, &[bill, receipt])?;
        Some(vec![self.draft(bank, op, &consents, "wrong: bill and receipt together")])
    }
    /// A firm pledges what another holds, or what is in blank (5003).
    pub(super) fn pledge_of_another(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| w.is_free(id) && w.among(&doc.holder, &TRADERS).is_some())?;
        let holder = self.sheet(&doc)?.holder;
        let stranger = self.trader_but(&holder);
        let bank = self.one_of(&BANKS);
        let (mut body, mut consents) = self.create_body(bank, &[doc])?;
        body.pledgor = self.cast.actor(stranger).account;
        consents.push(stranger);
        Some(vec![self.draft(bank, Operation::PledgeCreate(body), &consents, "wrong: pledge of another's document")])
    }
    /// A note, which is no title, as collateral (5007).
    pub(super) fn note_as_collateral(&mut self) -> Option<Vec<Draft>> {
        let note = self.some_doc(|w, id, doc| doc.state == DocState::Anchored && w.actor_of(id).is_some())?;
        let bank = self.one_of(&BANKS);
        let (op, consents) = self.create_op(bank, &[note])?;
        Some(vec![self.draft(bank, op, &consents, "wrong: note as collateral")])
    }
    /// `waybill.transfer` at any version.
    pub(super) fn transfer_at(&mut self, doc: DocId, expect_ver: u32, actor: &'static str) -> Operation {
        let to = self.recipient(actor);
        Operation::WaybillTransfer(Transfer { doc, expect_ver, to })
    }
}
