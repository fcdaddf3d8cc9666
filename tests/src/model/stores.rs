//! Warehouse receipts, and the conversion of waybills into them (sections 5 and 6).

use super::goods::{Custody, keys_distinct, lots_match, quantities};
use super::papers::CARRIERS;
use super::stops::Row;
use super::word::Act;
use super::{Book, Sheet, Verdict, known, need};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::warehouse::{DeliverFull, EndorseTransfer, Issue, MANDATORY_FIELDS, NewReceipt};
use landsea_types::operation::waybill::{Convert, NewLot};
use landsea_types::role::{DocKind, DocState, LicenceKind, LotStatus, Role};
use landsea_types::{AccountId, Code, DocId, Hash, Uom};
use std::collections::{BTreeMap, BTreeSet};

impl Book {
    pub(super) fn store(&mut self, act: &mut Act<'_>, op: &Issue) -> Verdict {
        self.keeper(act, &op.receipt)?;
        known(self.firms.get(&op.depositor))?;
        complete(&op.receipt)?;
        let body = &op.receipt.ticket.body;
        lots_match(&op.receipt.lots, body)?;
        need(!body.arrival_keys.is_empty(), Code::TicketInvalid)?;
        self.ticket(&op.receipt.ticket, &act.sender, DocKind::WHR)?;
        let known_classes = body.goods_keys.iter().all(|key| key.class != b'W')
            && body.arrival_keys.iter().all(|key| b"CWVL".contains(&key.class));
        need(known_classes, Code::UnknownKindOrRules)?;
        self.identity_unseen(body)?;
        self.content_unseen(body)?;
        keys_distinct(&op.receipt.lots)?;
        self.keys_free(body.goods_keys.iter().chain(&body.arrival_keys), &[])?;
        self.consents(act, &op.depositor, &[], Code::ConsentMissing)?;
        let supervisor = self.supervisor_of(&op.receipt.site);
        if let Some(id) = supervisor {
            self.consents(act, &id, &[Role::Supervisor], Code::ConsentMissing)?;
        }
        quantities(&op.receipt.lots)?;
        terms(&op.receipt)?;
        let id = DocId(act.named(EventName::DocIssued).0);
        let custody = Custody { custodian: act.sender, supervisor };
        let lots = self.create_lots(act, id, &op.receipt.lots, &custody);
        let receipt = self.sheet(act, DocKind::WHR, op.receipt.legal_basis, body, op.depositor);
        self.enter(id, Sheet { lots, receipt: Some(supervisor), ..receipt });
        Ok(())
    }

    pub(super) fn endorse_receipt(&mut self, act: &mut Act<'_>, op: &EndorseTransfer) -> Verdict {
        let doc = self.passable(act, &op.doc, op.expect_ver, Some(&op.to), |doc| doc.receipt.is_some())?;
        self.passes(act, &op.doc, Some(&op.to))?;
        self.consents(act, &doc.issuer, &[Role::Warehouse], Code::ConsentMissing)?;
        self.claimants_consent(act, &op.doc)?;
        act.named(EventName::Transferred);
        self.pass_on(&op.doc, op.to);
        Ok(())
    }

    pub(super) fn deliver(&mut self, act: &mut Act<'_>, op: &DeliverFull) -> Verdict {
        self.in_role(act, &[Role::Warehouse])?;
        let doc = self.active_at(act, &op.doc, op.expect_ver, |doc| doc.receipt.is_some())?;
        self.unenforced(&op.doc)?;
        self.unheld(Row::Exit, &op.doc)?;
        self.unbarred(act, &op.doc)?;
        need(doc.issuer == act.sender, Code::NotHolder)?;
        let holder = self.actor(&op.doc).ok_or(Code::Internal)?;
        self.consents(act, &holder, &[], Code::ConsentMissing)?;
        self.claimants_consent(act, &op.doc)?;
        act.named(EventName::Delivered);
        self.accomplish(act, &op.doc);
        Ok(())
    }

    pub(super) fn convert(&mut self, act: &mut Act<'_>, op: &Convert) -> Verdict {
        self.keeper(act, &op.receipt)?;
        let doc = self.seen_at(act, &op.doc, op.expect_ver)?;
        need(doc.is_waybill(), Code::NotPledgeableHere)?;
        complete(&op.receipt)?;
        need(doc.state == DocState::Active, Code::DocumentState)?;
        self.lots_active(&doc)?;
        self.unheld(Row::Convert, &op.doc)?;
        let holder = self.actor(&op.doc).ok_or(Code::Internal)?;
        self.arrival(act, op, &doc)?;
        self.unbarred(act, &op.doc)?;
        self.keeper_is_apart(act, &op.doc, &doc)?;
        let supervisors = self.watchers(op, &doc);
        self.consents(act, &doc.issuer, CARRIERS, Code::ConsentMissing)?;
        self.consents(act, &holder, &[], Code::ConsentMissing)?;
        self.claimants_consent(act, &op.doc)?;
        for supervisor in &supervisors {
            self.consents(act, supervisor, &[Role::Supervisor], Code::ConsentMissing)?;
        }
        self.conserved(op, &doc)?;
        terms(&op.receipt)?;
        self.short_within(op, &doc)?;
        self.convert_now(act, op, &doc, supervisors.first().copied());
        Ok(())
    }

    /// Check steps 8 and 9: a new paper over the goods' own keys.
    fn arrival(&self, act: &Act<'_>, op: &Convert, doc: &Sheet) -> Verdict {
        let body = &op.receipt.ticket.body;
        lots_match(&op.receipt.lots, body)?;
        self.ticket(&op.receipt.ticket, &act.sender, DocKind::WHR)?;
        need(body.goods_keys.iter().all(|key| key.class != b'W'), Code::UnknownKindOrRules)?;
        self.identity_unseen(body)?;
        keys_distinct(&op.receipt.lots)?;
        let stored: BTreeSet<_> = op.receipt.lots.iter().flat_map(|lot| lot.keys.iter().map(|k| k.key)).collect();
        let gone: Vec<u8> = self.keys_of(doc).iter().filter(|k| !stored.contains(&k.key)).map(|k| k.class).collect();
        need(!gone.iter().any(|class| b"VBPM".contains(class)), Code::KeyDuplicated)?;
        let otherwise_known = op.receipt.lots.iter().all(|lot| lot.keys.iter().any(|key| key.class != b'C'));
        need(otherwise_known || !gone.contains(&b'C'), Code::KeyDuplicated)?;
        self.keys_free(body.goods_keys.iter().chain(&body.arrival_keys), &doc.lots)
    }
    /// Check step 11: under a pledge the warehouse is neither side of it nor akin to one (5109).
    fn keeper_is_apart(&self, act: &Act<'_>, id: &DocId, doc: &Sheet) -> Verdict {
        let Some((_, lien)) = self.lien_of(id) else { return Ok(()) };
        let sides = [lien.pledgor, lien.pledgee];
        let apart = |side: AccountId| self.are_apart(&act.sender, &side);
        need(sides.into_iter().chain(doc.beneficiary).all(apart), Code::CustodianNotIndependent)
    }
    /// Whether two firms are different and in no common group.
    pub(super) fn are_apart(&self, one: &AccountId, other: &AccountId) -> bool {
        let akin = self.firms.get(one).zip(self.firms.get(other)).is_some_and(|(a, b)| a.is_akin(b));
        one != other && !akin
    }
    /// Supervisors by the pledge, over the goods, at the site: each once, the first watches on.
    fn watchers(&self, op: &Convert, doc: &Sheet) -> Vec<AccountId> {
        let by_pledge = self.lien_of(&op.doc).and_then(|(_, lien)| lien.supervisor);
        let of_lots = doc.lots.iter().filter_map(|lot| self.lots.get(lot)?.supervisor);
        let mut all: Vec<AccountId> = Vec::new();
        for id in by_pledge.into_iter().chain(of_lots).chain(self.supervisor_of(&op.receipt.site)) {
            if !all.contains(&id) {
                all.push(id);
            }
        }
        all
    }
    fn stated<'a>(&'a self, doc: &'a Sheet) -> impl Iterator<Item = &'a NewLot> {
        doc.lots.iter().filter_map(|lot| self.lots.get(lot)).map(|goods| &goods.stated)
    }
    /// Check step 13: sum(in) = sum(out) + shortage, per unit and in packages.
    fn conserved(&self, op: &Convert, doc: &Sheet) -> Verdict {
        need(op.receipt.lots.iter().all(|lot| lot.qty.get() > 0), Code::NotConserved)?;
        let mut left: BTreeMap<Uom, i128> = BTreeMap::new();
        let mut packages: i128 = 0;
        for lot in self.stated(doc) {
            *left.entry(lot.uom).or_default() += i128::from(lot.qty.get());
            packages += i128::from(lot.packages);
        }
        let out = op.receipt.lots.iter().map(|lot| (lot.uom, lot.qty, lot.packages));
        for (uom, qty, count) in out.chain(op.shortages.iter().map(|s| (s.uom, s.qty, s.packages))) {
            *left.get_mut(&uom).ok_or(Code::UnitMismatch)? -= i128::from(qty.get());
            packages -= i128::from(count);
        }
        need(packages == 0 && left.values().all(|qty| *qty == 0), Code::NotConserved)
    }
    /// Check step 13: shortage x 10000 <= tolerance x quantity, or accepted (3107).
    fn short_within(&self, op: &Convert, doc: &Sheet) -> Verdict {
        let tolerance_bps = u128::from(self.param(ParamKey::ShortageToleranceBps));
        let total =
            |uom| self.stated(doc).filter(|lot| lot.uom == uom).map(|lot| u128::from(lot.qty.get())).sum::<u128>();
        let short = |uom| op.shortages.iter().filter(|s| s.uom == uom).map(|s| u128::from(s.qty.get())).sum::<u128>();
        let within = |uom| short(uom) * 10_000 <= total(uom) * tolerance_bps;
        need(op.accept_shortage || op.shortages.iter().all(|s| within(s.uom)), Code::ShortageAboveTolerance)
    }

    fn convert_now(&mut self, act: &mut Act<'_>, op: &Convert, doc: &Sheet, supervisor: Option<AccountId>) {
        act.named(EventName::Converted);
        act.named(EventName::CustodyChanged);
        let new = DocId(act.named(EventName::DocIssued).0);
        let of_site = self.supervisor_of(&op.receipt.site);
        self.end_lots(&doc.lots, LotStatus::Consumed);
        self.end_doc(&op.doc, DocState::Converted, Some(new));
        let custody = Custody { custodian: act.sender, supervisor };
        let lots = self.create_lots(act, new, &op.receipt.lots, &custody);
        let body = &op.receipt.ticket.body;
        let sheet = Sheet {
            holder: doc.holder,
            beneficiary: doc.beneficiary,
            lots: lots.clone(),
            receipt: Some(of_site),
            ..self.sheet(act, DocKind::WHR, op.receipt.legal_basis, body, doc.holder)
        };
        self.enter(new, sheet);
        let pledged_by = self.lien_of(&op.doc).and_then(|(_, lien)| lien.supervisor);
        self.carry(&op.doc, new, &doc.lots, &lots);
        self.follow(Hash(op.doc.0), &[Hash(new.0)]);
        let taken: Vec<Hash> = lots.iter().map(|lot| Hash(lot.0)).collect();
        doc.lots.iter().for_each(|lot| self.follow(Hash(lot.0), &taken));
        for lot in &lots {
            if let Some(goods) = self.lots.get_mut(lot) {
                goods.supervisor = goods.supervisor.or(pledged_by);
            }
        }
    }

    /// Check step 3: a warehouse licensed for the site (1005, 1006, 2002).
    fn keeper(&self, act: &Act<'_>, receipt: &NewReceipt) -> Verdict {
        self.in_role(act, &[Role::Warehouse])?;
        let firm = self.firms.get(&act.sender).ok_or(Code::KeyNotValid)?;
        need(firm.licensed(LicenceKind::WarehouseSite, &receipt.site, self.now), Code::LicenceMissing)
    }
}

/// A negotiable receipt commits to every mandatory field (5007).
fn complete(receipt: &NewReceipt) -> Verdict {
    let all = receipt.mandatory_fields & MANDATORY_FIELDS == MANDATORY_FIELDS;
    need(all || !receipt.negotiable, Code::NotPledgeableHere)
}

/// The storage has a term, and no more than everything may be lost (5005).
fn terms(receipt: &NewReceipt) -> Verdict {
    need(receipt.storage_from < receipt.storage_until && receipt.loss_standard_bps <= 10_000, Code::TermOutOfLimits)
}
