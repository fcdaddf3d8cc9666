//! Documents on their way into a pledge: the checks that creation, addition and substitution share, and the encumbrance itself.

use super::checks::{check_independence, check_not_pledged, check_not_reserved_by_other, live_reservation};
use super::reservation::{check_title, sole_holder};
use super::settle;
use super::transition::{end_reservation, targets};
use crate::context::{Cx, event};
use crate::goods;
use crate::hold::{self, Act};
use crate::refusal::{AttemptDraft, Refusal, Refused, ensure, internal};
use crate::view::opaque;
use crate::waybill;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::Collateral;
use landsea_types::record::governance::feature;
use landsea_types::record::{Doc, Encumbrance, Joined, Lot, Party, Pledge, Priority};
use landsea_types::role::{ChainAction, DocState, LegalBasis, Role};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, Hash, Member, bounds};
use std::collections::BTreeSet;

/// Arguments of 1008 and 5004, in the order of the operation table.
pub(super) const WHO_PLEDGOR: u64 = 0;
pub(super) const WHO_CUSTODIAN: u64 = 1;
pub(super) const WHO_SUPERVISOR: u64 = 2;

/// Who may keep goods, and thus acknowledge a pledge.
pub(super) const CUSTODIANS: [Role; 5] = [Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse];

/// A document offered, read after what was due had been applied.
pub(super) struct Offered<'o> {
    pub(super) terms: &'o Collateral,
    pub(super) doc: Doc,
    pub(super) lots: Vec<Lot>,
    /// The version before that.
    ver: u32,
}

/// Documents that one firm offers to the sender.
pub(super) struct Intake<'o> {
    pub(super) offered: Vec<Offered<'o>>,
    pub(super) pledgor: Party,
    /// The supervisor whom the pledge appoints over the goods.
    pub(super) supervisor: Option<AccountId>,
    /// The pledgee has seen that other live documents are similar.
    pub(super) ack_near: bool,
}

impl<'o> Intake<'o> {
    /// Check step 4: every document exists, the first as object number `first`; what is due on them is applied.
    ///
    /// # Errors
    /// 1012 with the object's position.
    pub(super) fn read(cx: &mut Cx<'_, '_>, terms: &'o [Collateral], first: u64) -> Refused<Vec<Offered<'o>>> {
        // All versions as the sender saw them: what falls due on one document may change the others of its pledge.
        let seen: Vec<Option<u32>> = terms.iter().map(|t| cx.view.doc(&t.doc).map(|doc| doc.ver)).collect();
        let mut offered = Vec::with_capacity(terms.len());
        for ((terms, ver), which) in terms.iter().zip(seen).zip(first..) {
            let ver = Cx::known(ver, which)?;
            settle(cx, &terms.doc)?;
            let doc = Cx::known(cx.view.doc(&terms.doc), which)?;
            let lots = goods::lots_of(cx.view, &doc);
            offered.push(Offered { terms, doc, lots, ver });
        }
        Ok(offered)
    }

    fn each(&self, mut check: impl FnMut(&Offered<'o>) -> Refused) -> Refused {
        self.offered.iter().try_for_each(&mut check)
    }

    /// The lots of all documents offered.
    pub(super) fn lots(&self) -> impl Iterator<Item = &Lot> {
        self.offered.iter().flat_map(|o| &o.lots)
    }

    /// The documents offered.
    pub(super) fn docs(&self) -> Vec<DocId> {
        self.offered.iter().map(|o| o.doc.id).collect()
    }

    /// Check step 5: the legal basis is pledgeable at both homes, and the set with those that stay in the pledge is sound: one to
    /// sixteen different documents, those offered all waybills or all receipts, as one of those that stay.
    ///
    /// # Errors
    /// 5007, 5011.
    pub(super) fn check_set(&self, cx: &Cx<'_, '_>, staying: &[Doc]) -> Refused {
        self.each(|o| {
            let basis = o.doc.legal_basis;
            let number = feature::LEGAL_BASIS.saturating_add(basis as u16);
            let granted = |home| cx.view.has_feature(number, home, cx.height());
            let title = o.doc.state != DocState::Anchored && basis != LegalBasis::None;
            ensure(title && granted(self.pledgor.home) && granted(cx.sender.home), Code::NotPledgeableHere)
        })?;
        let ids: Vec<DocId> = self.docs().into_iter().chain(staying.iter().map(|doc| doc.id)).collect();
        let receipts = self.offered.iter().filter(|o| o.doc.is_receipt()).count();
        let alike = receipts == 0 || receipts == self.offered.len();
        let fitting = staying.is_empty() || staying.iter().any(|doc| doc.is_receipt() == (receipts > 0));
        ensure(!self.offered.is_empty() && is_sound_set(&ids) && alike && fitting, Code::CollateralSetInvalid)
    }

    /// Check step 6: every title is on the ledger and ACTIVE.
    ///
    /// # Errors
    /// 3108, 3004.
    pub(super) fn check_titles(&self) -> Refused {
        self.each(|o| check_title(&o.doc))
    }

    /// Check steps 6 to 10: active lots, no holds, nothing that encumbers or reserves, the versions that the sender saw.
    ///
    /// # Errors
    /// 4008; 6001; 5001 (journalled), 5002; 1007.
    pub(super) fn check_free(&self, cx: &Cx<'_, '_>) -> Refused {
        self.each(|o| goods::require_active_lots(cx.view, &o.doc))?;
        self.each(|o| hold::check_doc(cx, Act::Pledge, &o.doc))?;
        self.each(|o| check_not_pledged(cx, &o.doc, Some(&self.pledgor.id)))?;
        self.each(|o| check_not_reserved_by_other(cx, &o.doc))?;
        self.each(|o| cx.expect_ver(o.terms.expect_ver, o.ver))
    }

    /// Check step 11: the pledgor is the sole holder of everything, and the custodians are independent.
    ///
    /// # Errors
    /// 5003, 5109.
    pub(super) fn check_identity(&self, cx: &Cx<'_, '_>) -> Refused {
        self.each(|o| ensure(sole_holder(&o.doc)? == self.pledgor.id, Code::PledgorNotSoleHolder))?;
        ensure(self.pledgor.id != cx.sender.id, Code::PledgorNotSoleHolder)?;
        for id in custodians(self.lots()) {
            let custodian = internal(cx.view.party(&id))?;
            check_independence(&custodian, &self.pledgor, &cx.sender)?;
        }
        // Nobody pledges a document that it issued to itself.
        self.each(|o| ensure(o.doc.issuer != self.pledgor.id, Code::CustodianNotIndependent))
    }

    /// Check step 12: the pledgor, the custodians of what is offered and of `others`, the supervisors.
    ///
    /// # Errors
    /// 1008, 5004, 1009, 1006.
    pub(super) fn require_consents(&self, cx: &mut Cx<'_, '_>, others: &[Lot]) -> Refused {
        cx.require_consent(&self.pledgor.id, &[], WHO_PLEDGOR, Code::ConsentMissing)?;
        for custodian in custodians(self.lots().chain(others)) {
            cx.require_consent(&custodian, &CUSTODIANS, WHO_CUSTODIAN, Code::CustodianAckMissing)?;
        }
        for supervisor in supervisors(self.lots(), self.supervisor) {
            cx.require_consent(&supervisor, &[Role::Supervisor], WHO_SUPERVISOR, Code::ConsentMissing)?;
        }
        Ok(())
    }

    /// Check step 13: the paper lent against is the document on the ledger. The bank's own ticket gives its fingerprint and all the
    /// goods keys that it names.
    ///
    /// # Errors
    /// 3003, 3008, 3009.
    pub(super) fn check_papers(&self, cx: &Cx<'_, '_>) -> Refused {
        self.each(|o| {
            let ticket = &o.terms.ticket;
            cx.require_ticket(ticket, &cx.sender.id, o.doc.kind)?;
            let paper: BTreeSet<ClassedKey> = ticket.body.goods_keys.iter().copied().collect();
            let ledger: BTreeSet<ClassedKey> = o.lots.iter().flat_map(|lot| lot.paper_keys.iter().copied()).collect();
            ensure(ticket.body.fp1 == o.doc.fp1 && paper == ledger, Code::TicketInvalid)
        })
    }

    /// Check step 13: the bank has seen every near-match, else 3102 with an alarm to the branches of all documents concerned.
    ///
    /// # Errors
    /// 3102 (journalled).
    pub(super) fn check_near(&self, cx: &Cx<'_, '_>) -> Refused<Vec<Similar>> {
        let similar: Vec<Similar> = self.offered.iter().filter_map(|o| similar_to(cx, &o.doc)).collect();
        match similar.first() {
            Some(first) if !self.ack_near => Err(near_match(cx, first, &self.pledgor)),
            _ => Ok(similar),
        }
    }

    /// Adds the documents to a pledge with the priority of this transaction.
    pub(super) fn join(&self, cx: &Cx<'_, '_>, pledge: &mut Pledge) {
        let priority = Priority { height: cx.height(), index: cx.tx_index };
        pledge.docs.extend(self.docs());
        pledge.lots.extend(self.lots().map(|lot| lot.id));
        pledge.joined.extend(self.docs().into_iter().map(|doc| Joined { doc, priority }));
    }

    /// Encumbers every document with its lots: each passes into the bank's hands.
    ///
    /// # Errors
    /// 1014 when a version overflows.
    pub(super) fn encumber(self, cx: &mut Cx<'_, '_>, pledge: &Pledge) -> Refused {
        self.offered.into_iter().try_for_each(|o| encumber_one(cx, pledge, o))
    }
}

/// Who keeps the goods.
pub(super) fn custodians<'l>(lots: impl Iterator<Item = &'l Lot>) -> BTreeSet<AccountId> {
    lots.map(|lot| lot.custodian).collect()
}

/// Who watches the goods or will watch them.
pub(super) fn supervisors<'l>(
    lots: impl Iterator<Item = &'l Lot>,
    appointed: Option<AccountId>,
) -> BTreeSet<AccountId> {
    lots.filter_map(|lot| lot.supervisor).chain(appointed).collect()
}

/// One to sixteen different documents.
pub(super) fn is_sound_set(ids: &[DocId]) -> bool {
    let distinct: BTreeSet<&DocId> = ids.iter().collect();
    (1..=bounds::PLEDGE_DOCS_MAX).contains(&ids.len()) && distinct.len() == ids.len()
}

/// A document with live documents that resemble it.
pub(super) struct Similar {
    doc: DocId,
    others: Vec<Hash>,
    homes: Vec<Member>,
}

fn similar_to(cx: &Cx<'_, '_>, doc: &Doc) -> Option<Similar> {
    let others = goods::near_matches(cx.view, &doc.near, &doc.id);
    let mut homes: Vec<Member> = others.iter().filter_map(|id| cx.view.doc(id)).map(|d| d.home).collect();
    homes.extend([doc.home, cx.sender.home]);
    let found = Similar { doc: doc.id, others: others.iter().map(|id| opaque(&id.0)).collect(), homes };
    (!found.others.is_empty()).then_some(found)
}

fn near_match(cx: &Cx<'_, '_>, similar: &Similar, pledgor: &Party) -> Box<Refusal> {
    let attempt = AttemptDraft {
        by: cx.sender.id,
        pledgor: pledgor.fingerprint,
        target: opaque(&similar.doc.0),
        consented: true,
        existing_home: similar.homes.first().copied().unwrap_or(cx.sender.home),
        attempt_home: cx.sender.home,
        alarm: event(EventName::NearMatch, &similar.doc.0, &similar.others, &similar.homes, &[], &[]),
    };
    Refusal::with_attempt(Code::NearMatch, &[], attempt)
}

/// Tells the branches about similar documents that the bank has acknowledged.
pub(super) fn alert_near(cx: &mut Cx<'_, '_>, similar: &[Similar]) {
    for found in similar {
        cx.emit_related(EventName::NearMatch, &found.doc.0, &found.others, &found.homes, &[], &[]);
    }
}

/// The leaf of a document of the pledge and of each of its lots.
pub(super) fn encumbrance(pledge: &Pledge, doc: &DocId) -> Encumbrance {
    Encumbrance {
        pledge: pledge.id,
        pledgee: pledge.pledgee,
        priority: pledge.priority_of(doc),
        member: pledge.home_pledgee,
    }
}

/// The bank's own reservation is used up without a cooldown.
fn encumber_one(cx: &mut Cx<'_, '_>, pledge: &Pledge, offered: Offered<'_>) -> Refused {
    let Offered { mut doc, lots, .. } = offered;
    if let Some(own) = live_reservation(cx, &doc) {
        end_reservation(cx.view, &doc, &own);
    }
    let enc = encumbrance(pledge, &doc.id);
    for target in targets(&doc) {
        cx.view.put_encumbrance(&target, &enc);
    }
    for mut lot in lots {
        lot.enc = Some(pledge.id);
        lot.supervisor = pledge.supervisor.or(lot.supervisor);
        lot.ver = internal(lot.ver.checked_add(1))?;
        cx.view.put_lot(&lot);
        cx.touch(&lot.id.0);
    }
    doc.enc = Some(pledge.id);
    doc.holder = pledge.pledgee;
    waybill::chain(cx, &mut doc, ChainAction::PledgeEndorse, Some(pledge.pledgee))?;
    doc.ver = internal(doc.ver.checked_add(1))?;
    cx.view.put_doc(&doc);
    cx.touch(&doc.id.0);
    Ok(())
}
