//! Transport documents: notes, titles, and how they pass on (section 5).

use super::goods::{Custody, keys_distinct, lots_match, quantities};
use super::stops::Row;
use super::word::Act;
use super::{Book, Sheet, Verdict, known, need};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Adopt, Anchor, Endorse, Endorsement, Issue, Transfer};
use landsea_types::record::governance::feature;
use landsea_types::role::{DocKind, DocState, LegalBasis, OrderType, PartyStatus, Role};
use landsea_types::ticket::{ClassedKey, DeriveTicketBody};
use landsea_types::{AccountId, Code, DocId};
use std::collections::BTreeSet;

pub(super) const CARRIERS: &[Role] = &[Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder];
const HOLDERS: &[Role] = &[Role::Enterprise, Role::Bank];

/// Which titles a carrier issues.
fn is_carriers(role: Role, kind: DocKind) -> bool {
    let kinds: &[DocKind] = match role {
        Role::Rail => &[DocKind::RAIL_BL, DocKind::MTD, DocKind::NCD],
        Role::Ocean => &[DocKind::OBL, DocKind::MTD, DocKind::NCD],
        Role::Mto => &[DocKind::MTD, DocKind::NCD, DocKind::RAIL_BL],
        _ => &[],
    };
    kinds.contains(&kind)
}

impl Book {
    pub(super) fn anchor(&mut self, act: &mut Act<'_>, op: &Anchor) -> Verdict {
        self.in_role(act, CARRIERS)?;
        need(op.kind.is_anchor() || op.kind.name().is_none(), Code::NotPledgeableHere)?;
        let body = &op.ticket.body;
        need(!body.goods_keys.is_empty(), Code::TicketInvalid)?;
        self.ticket(&op.ticket, &act.sender, op.kind)?;
        need(body.goods_keys.iter().all(|key| key.class != b'S'), Code::UnknownKindOrRules)?;
        self.identity_unseen(body)?;
        self.content_unseen(body)?;
        let id = DocId(act.named(EventName::DocAnchored).0);
        let note = Sheet {
            state: DocState::Anchored,
            note_keys: body.goods_keys.clone(),
            ..self.sheet(act, op.kind, op.legal_basis, body, act.sender)
        };
        self.enter(id, note);
        Ok(())
    }

    pub(super) fn issue(&mut self, act: &mut Act<'_>, op: &Issue) -> Verdict {
        self.in_role(act, CARRIERS)?;
        self.may_issue(act, op.kind)?;
        let body = &op.ticket.body;
        known(self.firms.get(&op.first_holder))?;
        let notes: Vec<Sheet> =
            op.base_docs.iter().map(|id| known(self.docs.get(id).cloned())).collect::<Verdict<_>>()?;
        self.issues_kind(act, op.kind)?;
        need(!op.control_agreement.is_zero(), Code::NotPledgeableHere)?;
        let once: BTreeSet<&DocId> = op.base_docs.iter().collect();
        need(notes.iter().all(|note| !note.adopted) && once.len() == notes.len(), Code::AnchorAdopted)?;
        need(notes.iter().all(|note| note.state == DocState::Anchored), Code::DocumentState)?;
        lots_match(&op.lots, body)?;
        self.ticket(&op.ticket, &act.sender, op.kind)?;
        need(body.goods_keys.iter().all(|key| key.class != b'S'), Code::UnknownKindOrRules)?;
        self.identity_unseen(body)?;
        self.content_unseen(body)?;
        keys_distinct(&op.lots)?;
        self.keys_free(&body.goods_keys, &[])?;
        self.consents(act, &op.first_holder, &[], Code::ConsentMissing)?;
        let keys: BTreeSet<ClassedKey> = body.goods_keys.iter().copied().collect();
        notes.iter().try_for_each(|note| is_part(note, &keys))?;
        quantities(&op.lots)?;
        let id = DocId(act.named(EventName::DocIssued).0);
        let custody = Custody { custodian: act.sender, supervisor: None };
        let lots = self.create_lots(act, id, &op.lots, &custody);
        let bearer = op.order_type == OrderType::Bearer;
        let title = self.sheet(act, op.kind, op.legal_basis, body, op.first_holder);
        let beneficiary = title.beneficiary.filter(|_| !bearer);
        self.enter(id, Sheet { lots, beneficiary, ..title });
        op.base_docs.iter().for_each(|note| self.mark_adopted(note));
        Ok(())
    }

    pub(super) fn adopt(&mut self, act: &mut Act<'_>, op: &Adopt) -> Verdict {
        self.in_role(act, CARRIERS)?;
        let seen = known(self.docs.get(&op.title))?.ver;
        self.settle(act, &op.title);
        let title = known(self.docs.get(&op.title))?;
        let note = known(self.docs.get(&op.note))?;
        self.at_version(act, op.expect_ver, seen)?;
        need(title.is_waybill() && note.kind.is_anchor(), Code::NotPledgeableHere)?;
        need(!note.adopted, Code::AnchorAdopted)?;
        need(note.state == DocState::Anchored && title.state == DocState::Active, Code::DocumentState)?;
        self.lots_active(title)?;
        need(title.issuer == act.sender, Code::NotHolder)?;
        is_part(note, &self.keys_of(title))?;
        act.named(EventName::LegAdopted);
        self.mark_adopted(&op.note);
        self.touch(&op.title);
        Ok(())
    }

    pub(super) fn endorse(&mut self, act: &mut Act<'_>, op: &Endorse) -> Verdict {
        let to = match op.endorsement {
            Endorsement::Named { to } | Endorsement::ToOrder { to } => Some(to),
            Endorsement::Blank => None,
        };
        let doc = self.passable(act, &op.doc, op.expect_ver, to.as_ref(), Sheet::is_waybill)?;
        let pledged = self.charged_docs.contains_key(&op.doc);
        need(to.is_some() || !pledged, Code::Encumbered)?;
        self.passes(act, &op.doc, to.as_ref())?;
        // Part 1 never names a nominee, so a beneficiary who does not hold is nobody's to change.
        need(pledged || doc.beneficiary.is_none_or(|b| b == doc.holder), Code::NotHolder)?;
        self.claimants_consent(act, &op.doc)?;
        act.named(EventName::Endorsed);
        let holder = if pledged { doc.holder } else { to.unwrap_or(doc.holder) };
        self.update(&op.doc, |doc| (doc.holder, doc.beneficiary) = (holder, to));
        Ok(())
    }

    pub(super) fn transfer(&mut self, act: &mut Act<'_>, op: &Transfer) -> Verdict {
        self.passable(act, &op.doc, op.expect_ver, Some(&op.to), Sheet::is_waybill)?;
        self.passes(act, &op.doc, Some(&op.to))?;
        self.claimants_consent(act, &op.doc)?;
        act.named(EventName::Transferred);
        self.pass_on(&op.doc, op.to);
        Ok(())
    }

    /// Check steps 3 to 10 of whatever passes a document on.
    pub(super) fn passable(
        &mut self,
        act: &mut Act<'_>,
        id: &DocId,
        expect_ver: u32,
        to: Option<&AccountId>,
        kind: impl Fn(&Sheet) -> bool,
    ) -> Verdict<Sheet> {
        self.in_role(act, HOLDERS)?;
        let seen = known(self.docs.get(id))?.ver;
        self.settle(act, id);
        to.map_or(Ok(()), |to| known(self.firms.get(to)).map(drop))?;
        self.at_version(act, expect_ver, seen)?;
        let doc = self.usable(id, kind)?;
        self.unheld(Row::Transfer, id)?;
        self.unbarred(act, id)?;
        Ok(doc)
    }
    /// Check step 11: the actor passes it on to somebody active.
    pub(super) fn passes(&self, act: &Act<'_>, id: &DocId, to: Option<&AccountId>) -> Verdict {
        need(self.actor(id) == Some(act.sender), Code::NotHolder)?;
        let active = |to: &AccountId| self.firms.get(to).is_some_and(|firm| firm.status == PartyStatus::Active);
        need(to.is_none_or(active), Code::PartySuspended)
    }
    /// While pledged only the beneficiary changes; else the holder, and the beneficiary where it is the same.
    pub(super) fn pass_on(&mut self, id: &DocId, to: AccountId) {
        let pledged = self.charged_docs.contains_key(id);
        self.update(id, |doc| {
            if pledged || doc.beneficiary == Some(doc.holder) {
                doc.beneficiary = Some(to);
            }
            if !pledged {
                doc.holder = to;
            }
        });
    }

    /// Check steps 4 to 6 of an operation on an ACTIVE document of a kind (5007, 3004, 4008).
    pub(super) fn active_at(
        &mut self,
        act: &mut Act<'_>,
        id: &DocId,
        expect_ver: u32,
        kind: impl Fn(&Sheet) -> bool,
    ) -> Verdict<Sheet> {
        self.seen_at(act, id, expect_ver)?;
        self.active(id, kind)
    }
    /// Check step 4 for the document of an operation (1012, 1007).
    pub(super) fn seen_at(&mut self, act: &mut Act<'_>, id: &DocId, expect_ver: u32) -> Verdict<Sheet> {
        let seen = known(self.docs.get(id))?.ver;
        self.settle(act, id);
        self.at_version(act, expect_ver, seen)?;
        known(self.docs.get(id).cloned())
    }
    /// Check steps 5 and 6 of what the beneficiary does: ACTIVE, no pledge under enforcement (5007, 3004, 5008, 4008).
    pub(super) fn usable(&self, id: &DocId, kind: impl Fn(&Sheet) -> bool) -> Verdict<Sheet> {
        let doc = known(self.docs.get(id))?;
        need(kind(doc), Code::NotPledgeableHere)?;
        need(doc.state == DocState::Active, Code::DocumentState)?;
        self.unenforced(id)?;
        self.lots_active(doc)?;
        Ok(doc.clone())
    }
    fn active(&self, id: &DocId, kind: impl Fn(&Sheet) -> bool) -> Verdict<Sheet> {
        let doc = known(self.docs.get(id))?;
        need(kind(doc), Code::NotPledgeableHere)?;
        need(doc.state == DocState::Active, Code::DocumentState)?;
        self.lots_active(doc)?;
        Ok(doc.clone())
    }

    /// A new document of the sender.
    pub(super) fn sheet(
        &self,
        act: &Act<'_>,
        kind: DocKind,
        basis: LegalBasis,
        body: &DeriveTicketBody,
        holder: AccountId,
    ) -> Sheet {
        Sheet {
            ver: 1,
            kind,
            basis,
            fp1: body.fp1,
            fp2: body.fp2,
            near: body.near,
            issuer: act.sender,
            home: body.member,
            holder,
            beneficiary: Some(holder),
            lots: Vec::new(),
            note_keys: Vec::new(),
            adopted: false,
            state: DocState::Active,
            replaced_by: None,
            receipt: None,
            surrendered: None,
            ended: None,
        }
    }
    /// Changes a document under its next version.
    pub(super) fn update(&mut self, id: &DocId, change: impl FnOnce(&mut Sheet)) {
        if let Some(doc) = self.docs.get_mut(id) {
            change(doc);
            doc.ver += 1;
        }
    }
    fn touch(&mut self, id: &DocId) {
        self.update(id, |_| ());
    }
    fn mark_adopted(&mut self, note: &DocId) {
        self.update(note, |note| note.adopted = true);
    }

    /// Check step 3: forwarder titles and NCD titles where the sender's home has them.
    fn may_issue(&self, act: &Act<'_>, kind: DocKind) -> Verdict {
        let Some(firm) = self.firms.get(&act.sender) else { return Err(Code::KeyNotValid) };
        let carrier = firm.roles.iter().any(|role| is_carriers(role, kind));
        let forwarder = firm.roles.has(Role::Forwarder) && !carrier;
        need(!forwarder || self.has_feature(feature::FORWARDER_TITLES, firm.home), Code::FeatureNotGranted)?;
        need(kind != DocKind::NCD || self.has_feature(feature::NCD_TITLES, firm.home), Code::FeatureNotGranted)
    }
    /// Check step 5: the sender issues titles of this kind. An undefined kind is the ticket's to refuse.
    fn issues_kind(&self, act: &Act<'_>, kind: DocKind) -> Verdict {
        let Some(firm) = self.firms.get(&act.sender) else { return Err(Code::KeyNotValid) };
        let forwarder = firm.roles.has(Role::Forwarder) && matches!(kind, DocKind::HOUSE_BILL | DocKind::MTD);
        let issues = forwarder || firm.roles.iter().any(|role| is_carriers(role, kind));
        need(issues || kind.name().is_none(), Code::NotPledgeableHere)
    }
}

/// A note's container, vehicle, batch and package keys are some of the bill's (4003); wagons change on the way.
fn is_part(note: &Sheet, bill: &BTreeSet<ClassedKey>) -> Verdict {
    let goods: Vec<&ClassedKey> = note.note_keys.iter().filter(|key| b"CVBP".contains(&key.class)).collect();
    need(!goods.is_empty() && goods.iter().all(|key| bill.contains(*key)), Code::NotConserved)
}
