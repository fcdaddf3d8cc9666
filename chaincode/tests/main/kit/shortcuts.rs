//! Operations with sensible values, and reads of state.

use super::{DAY, HOUR, Paper, World, site};
use landsea_chaincode::hold;
use landsea_chaincode::view::row_id;
use landsea_types::crypto::hash_of;
use landsea_types::event::EventName;
use landsea_types::operation::authenticity::{Attest, FieldTags, Open};
use landsea_types::operation::pledge::{CancelReservation, Collateral, Create, Extend, Release, Reserve};
use landsea_types::operation::warehouse::{self, MANDATORY_FIELDS, NewReceipt};
use landsea_types::operation::waybill::{Anchor, Issue, NewLot, Surrender, Transfer};
use landsea_types::record::{
    Attempt, Doc, Encumbrance, Hold, HoldTarget, Lot, Party, Pledge, Priority, Proof, Reservation,
};
use landsea_types::role::HoldState;
use landsea_types::role::{
    AttestResult, DocKind, HoldKind, LegalBasis, LotKind, OrderType, PartyStatus, ReleaseReason, SecuredKind,
};
use landsea_types::state::{Family, Table};
use landsea_types::{
    AccountId, Code, Commit, DocId, Hash, LotId, Operation, Outcome, PledgeId, ProofId, Qty, Timestamp, Uom,
};
use landsea_types::{GoodsKey, HoldId};

/// A bill to be issued: who, of what kind, over which paper, to whom.
#[derive(Clone, Debug)]
pub struct Bill {
    pub issuer: &'static str,
    pub kind: DocKind,
    pub basis: LegalBasis,
    pub first_holder: &'static str,
    pub order_type: OrderType,
    pub paper: Paper,
}

impl Bill {
    /// An NCD of the MTO to order of E5 over one lot per key.
    pub fn new(number: &str, keys: &[&str]) -> Self {
        Self {
            issuer: "MTO",
            kind: DocKind::NCD,
            basis: LegalBasis::NcdConvention,
            first_holder: "E5",
            order_type: OrderType::ToOrder,
            paper: Paper::new(number, keys),
        }
    }
    /// The three-container bill of the first scenario.
    pub fn s1() -> Self {
        Self::new("SHLT-CKG-SIN-2026-000417", &["C:XLHU2601019", "C:XLHU2601024", "C:XLHU2601030"])
    }
}

/// A receipt to be issued: who, over which paper, for whom.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub issuer: &'static str,
    pub depositor: &'static str,
    pub site: &'static str,
    pub paper: Paper,
}

impl Receipt {
    /// A receipt of COLD for E1 over one lot per key, goods of local origin.
    pub fn new(number: &str, keys: &[&str]) -> Self {
        let paper = Paper::new(number, keys).arrived_in(&["L:LOCAL"]);
        Self { issuer: "COLD", depositor: "E1", site: "site of COLD", paper }
    }
}

/// A commitment named by a text.
pub fn commit(name: &str) -> Commit {
    Commit(hash_of("test-commit", &name))
}

/// One lot of 20,000 kg per goods key.
pub fn lots_over(paper: &Paper) -> Vec<NewLot> {
    let lot = |key: &_| NewLot {
        kind: LotKind::Unit,
        uom: Uom::KGM,
        qty: Qty::new(20_000_000),
        packages: 3,
        goods_class: *b"842952",
        keys: vec![*key],
    };
    paper.keys.iter().map(lot).collect()
}

// ---- operations

impl World {
    /// `waybill.anchor` of a rail note.
    pub fn anchor_op(&self, issuer: &str, kind: DocKind, paper: &Paper) -> Operation {
        Operation::WaybillAnchor(Anchor {
            kind,
            ticket: self.ticket(issuer, kind, paper),
            content_root: commit(&paper.content),
            issue_date: 20_260_304,
            legal_basis: LegalBasis::None,
        })
    }
    /// The body of `waybill.issue`.
    pub fn issue_body(&self, bill: &Bill) -> Issue {
        Issue {
            kind: bill.kind,
            legal_basis: bill.basis,
            ticket: self.ticket(bill.issuer, bill.kind, &bill.paper),
            content_root: commit(&bill.paper.content),
            issue_date: 20_260_304,
            order_type: bill.order_type,
            first_holder: self.account(bill.first_holder),
            lots: lots_over(&bill.paper),
            legs: Vec::new(),
            base_docs: Vec::new(),
            control_agreement: commit("control agreement"),
            expires: None,
        }
    }
    /// `waybill.issue`.
    pub fn issue_op(&self, bill: &Bill) -> Operation {
        Operation::WaybillIssue(self.issue_body(bill))
    }
    /// The body of a new receipt at a named site.
    pub fn receipt_body(&self, issuer: &str, site_name: &str, paper: &Paper) -> NewReceipt {
        NewReceipt {
            legal_basis: LegalBasis::DomesticWhr,
            ticket: self.ticket(issuer, DocKind::WHR, paper),
            content_root: commit(&paper.content),
            issue_date: 20_260_513,
            negotiable: true,
            mandatory_fields: MANDATORY_FIELDS,
            site: site(site_name),
            lots: lots_over(paper),
            storage_from: self.time,
            storage_until: self.time.saturating_add(365 * DAY),
            loss_standard_bps: 20,
            charges: commit("charges"),
            quality: commit("quality"),
            standard_warrant: false,
            bonded: false,
        }
    }
    /// `warehouse.issue`.
    pub fn receipt_op(&self, receipt: &Receipt) -> Operation {
        Operation::WarehouseIssue(warehouse::Issue {
            depositor: self.account(receipt.depositor),
            receipt: self.receipt_body(receipt.issuer, receipt.site, &receipt.paper),
        })
    }
    /// `waybill.transfer` of the current version.
    pub fn transfer_op(&self, doc: &DocId, to: &str) -> Operation {
        Operation::WaybillTransfer(Transfer { doc: *doc, expect_ver: self.ver(doc), to: self.account(to) })
    }
    /// `waybill.surrender_for_delivery` of the current version.
    pub fn surrender_op(&self, doc: &DocId) -> Operation {
        Operation::WaybillSurrenderForDelivery(Surrender { doc: *doc, expect_ver: self.ver(doc) })
    }
    /// `pledge.reserve` for some hours from the next block.
    pub fn reserve_op(&self, doc: &DocId, hours: u64) -> Operation {
        let until = self.next_time().saturating_add(hours * HOUR);
        Operation::PledgeReserve(Reserve { doc: *doc, expect_ver: self.ver(doc), until })
    }
    /// `pledge.cancel_reservation`.
    pub fn cancel_op(&self, doc: &DocId) -> Operation {
        Operation::PledgeCancelReservation(CancelReservation { doc: *doc, expect_ver: self.ver(doc) })
    }
    /// The body of `pledge.create` for 180 days, with the bank's tickets over the papers.
    pub fn create_body(&self, bank: &str, pledgor: &str, docs: &[(DocId, &Paper)]) -> Create {
        let collateral = |(doc, paper): &(DocId, &Paper)| Collateral {
            doc: *doc,
            expect_ver: self.ver(doc),
            ticket: self.ticket(bank, self.doc(doc).kind, paper),
        };
        Create {
            docs: docs.iter().map(collateral).collect(),
            pledgor: self.account(pledgor),
            claim: commit("claim"),
            secured_kind: SecuredKind::Loan,
            reg_until: self.next_time().saturating_add(180 * DAY),
            extend_agreed: false,
            cover_min_bps: 7_000,
            finance_ref: commit("finance"),
            proof_min_level: 0,
            proof: None,
            supervisor: None,
            ack_near: false,
            conditions: Commit::default(),
        }
    }
    /// `pledge.create` over one document.
    pub fn create_op(&self, bank: &str, pledgor: &str, doc: &DocId, paper: &Paper) -> Operation {
        Operation::PledgeCreate(self.create_body(bank, pledgor, &[(*doc, paper)]))
    }
    /// `pledge.extend` to some days from the next block.
    pub fn extend_op(&self, pledge: &PledgeId, days: u64) -> Operation {
        let reg_until = self.next_time().saturating_add(days * DAY);
        Operation::PledgeExtend(Extend { pledge: *pledge, expect_ver: self.pledge(pledge).ver, reg_until })
    }
    /// `pledge.release` because the debt is paid.
    pub fn release_op(&self, pledge: &PledgeId) -> Operation {
        let expect_ver = self.pledge(pledge).ver;
        Operation::PledgeRelease(Release { pledge: *pledge, expect_ver, reason: ReleaseReason::Obsa })
    }
    /// `authenticity.open` on a document.
    pub fn open_op(&self, doc: &DocId, template: u16) -> Operation {
        Operation::AuthenticityOpen(Open {
            doc: *doc,
            expect_ver: self.ver(doc),
            template,
            case: Hash(hash_of("test-case", doc)),
            financing_bank: None,
        })
    }
    /// `authenticity.attest` over a paper with (field, values); equal values give equal tags.
    pub fn attest_op(
        &self,
        by: &str,
        proof: &ProofId,
        kind: DocKind,
        paper: &Paper,
        fields: &[(u16, &[&str])],
    ) -> Operation {
        let tags = |(field, values): &(u16, &[&str])| {
            let mut tags: Vec<Hash> = values.iter().map(|v| Hash(hash_of("test-tag", &(*field, *v)))).collect();
            tags.sort();
            FieldTags { field: *field, tags }
        };
        Operation::AuthenticityAttest(Attest {
            proof: *proof,
            expect_ver: self.proof(proof).ver,
            doc_kind: kind,
            ticket: self.ticket(by, kind, paper),
            result: AttestResult::Confirmed,
            fields: fields.iter().map(tags).collect(),
            until: self.next_time().saturating_add(90 * DAY),
            evidence: commit("evidence"),
        })
    }
}

// ---- whole acts

impl World {
    /// Issues a bill with the first holder's consent.
    #[track_caller]
    pub fn issue_bill(&mut self, bill: &Bill) -> DocId {
        let op = self.issue_op(bill);
        let consents: &[&str] = if bill.first_holder == bill.issuer { &[] } else { &[bill.first_holder] };
        doc_of(&self.ok(bill.issuer, op, consents))
    }
    /// Issues a receipt with the depositor's consent.
    #[track_caller]
    pub fn issue_receipt(&mut self, receipt: &Receipt) -> DocId {
        let op = self.receipt_op(receipt);
        doc_of(&self.ok(receipt.issuer, op, &[receipt.depositor]))
    }
    /// Reserves a document with its holder's consent.
    #[track_caller]
    pub fn reserve(&mut self, bank: &str, pledgor: &str, doc: &DocId, hours: u64) {
        let op = self.reserve_op(doc, hours);
        self.ok(bank, op, &[pledgor]);
    }
    /// Pledges a bill of the MTO or another custodian for 180 days.
    #[track_caller]
    pub fn pledge_doc(&mut self, bank: &str, pledgor: &str, custodian: &str, doc: &DocId, paper: &Paper) -> PledgeId {
        let op = self.create_op(bank, pledgor, doc, paper);
        pledge_of(&self.ok(bank, op, &[pledgor, custodian]))
    }
    /// A bill of E5 pledged to B1.
    #[track_caller]
    pub fn pledged_bill(&mut self, bill: &Bill) -> (DocId, PledgeId) {
        let doc = self.issue_bill(bill);
        let pledge = self.pledge_doc("B1", bill.first_holder, bill.issuer, &doc, &bill.paper);
        (doc, pledge)
    }
    /// Opens a case on a document by its holder.
    #[track_caller]
    pub fn open_proof(&mut self, by: &str, doc: &DocId, template: u16) -> ProofId {
        let op = self.open_op(doc, template);
        ProofId(subject_of(&self.ok(by, op, &[]), EventName::ProofOpened))
    }
    /// Puts an effective hold of any kind on a target, as if a branch had placed it.
    pub fn place_hold(&mut self, target: &[u8; 32], kind: HoldKind) {
        let branch = self.party("cq");
        let placed_on = self.hold_target(target);
        let n = self.state.table::<Hold>(Table::Hold).len();
        let hold = Hold {
            id: HoldId(row_id(&n.to_be_bytes())),
            ver: 1,
            kind,
            placed_on,
            targets: vec![placed_on],
            by: branch.id,
            by_member: branch.home,
            on_behalf: Commit::default(),
            basis: Commit([1; 32]),
            placed: Priority { height: self.height, index: u32::try_from(n).expect("few") },
            from: self.time,
            until: Timestamp::MAX,
            state: HoldState::Effective,
            filed: None,
            countersigned: None,
            order: None,
        };
        self.edit(|view| {
            hold::put(view, None, &hold);
            hold::refresh(view, &placed_on);
        });
    }
    /// Lifts every hold on a target.
    pub fn lift_hold(&mut self, target: &[u8; 32]) {
        let target = self.hold_target(target);
        self.edit(|view| {
            for before in hold::holds_on(view, &target) {
                let after = Hold { state: HoldState::Lifted, ver: before.ver + 1, ..before.clone() };
                hold::put(view, Some(&before), &after);
                before.targets.iter().for_each(|t| hold::refresh(view, t));
            }
        });
    }
    /// The kinds of the effective holds on a target.
    pub fn holds(&self, target: &[u8; 32]) -> Vec<HoldKind> {
        self.state.view().standings(target).into_iter().map(|s| s.kind).collect()
    }
    fn hold_target(&self, id: &[u8; 32]) -> HoldTarget {
        let view = self.state.view();
        if view.doc(&DocId(*id)).is_some() {
            HoldTarget::Doc(DocId(*id))
        } else if view.lot(&LotId(*id)).is_some() {
            HoldTarget::Lot(LotId(*id))
        } else if view.pledge(&PledgeId(*id)).is_some() {
            HoldTarget::Pledge(PledgeId(*id))
        } else if view.cell(&GoodsKey(*id)).is_some() {
            HoldTarget::Cell(GoodsKey(*id))
        } else {
            HoldTarget::Party(AccountId(*id))
        }
    }
    /// Suspends a firm through its home branch.
    #[track_caller]
    pub fn suspend(&mut self, tag: &str) {
        let (party, branch) = (self.party(tag), self.branch_of(tag));
        let body = landsea_types::operation::party::Suspend { party: party.id, expect_ver: party.ver };
        self.ok(&branch, Operation::PartySuspend(body), &[]);
        assert_eq!(self.party(tag).status, PartyStatus::Suspended);
    }
    /// Changes state outside any transaction, for what the first part has no operation for.
    pub fn edit(&mut self, change: impl FnOnce(&mut landsea_chaincode::View<'_>)) {
        self.forget_records();
        let mut view = landsea_chaincode::View::new(&self.state);
        view.begin(b"test edit");
        change(&mut view);
        view.keep();
        let writes = view.into_writes();
        self.state.apply(&writes);
    }
}

// ---- reads

impl World {
    #[track_caller]
    pub fn doc(&self, id: &DocId) -> Doc {
        self.state.view().doc(id).expect("the document exists")
    }
    /// The document's version.
    #[track_caller]
    pub fn ver(&self, id: &DocId) -> u32 {
        self.doc(id).ver
    }
    /// The document's lots.
    pub fn lots(&self, id: &DocId) -> Vec<Lot> {
        self.doc(id).lots.iter().map(|l| self.lot(l)).collect()
    }
    #[track_caller]
    pub fn lot(&self, id: &LotId) -> Lot {
        self.state.view().lot(id).expect("the lot exists")
    }
    #[track_caller]
    pub fn pledge(&self, id: &PledgeId) -> Pledge {
        self.state.view().pledge(id).expect("the pledge exists")
    }
    #[track_caller]
    pub fn proof(&self, id: &ProofId) -> Proof {
        self.state.view().proof(id).expect("the case exists")
    }
    pub fn party(&self, tag: &str) -> Party {
        self.state.view().party(&self.account(tag)).expect("the party exists")
    }
    pub fn encumbrance(&self, target: &[u8; 32]) -> Option<Encumbrance> {
        self.state.view().encumbrance(target)
    }
    pub fn reservation(&self, target: &[u8; 32]) -> Option<Reservation> {
        self.state.view().reservation(target)
    }
    /// Every attempt, in order.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.state.table::<Attempt>(Table::Attempt).into_values().collect()
    }
    /// The tag of an account.
    pub fn name_of(&self, account: &AccountId) -> &str {
        self.cast.iter().find(|(_, a)| a.account == *account).map_or("nobody", |(name, _)| name)
    }
}

/// The document that an outcome issued.
#[track_caller]
pub fn doc_of(outcome: &Outcome) -> DocId {
    DocId(subject_of(outcome, EventName::DocIssued))
}

/// The pledge that an outcome created.
#[track_caller]
pub fn pledge_of(outcome: &Outcome) -> PledgeId {
    PledgeId(subject_of(outcome, EventName::PledgeActive))
}

/// The subject of the one event of a name.
#[track_caller]
pub fn subject_of(outcome: &Outcome, name: EventName) -> [u8; 32] {
    assert_eq!(outcome.code, Code::Ok);
    super::event(outcome, name).subject.0
}
