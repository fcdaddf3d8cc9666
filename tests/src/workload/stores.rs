//! Receipts: issue, conversion, passing on, delivery; and the evidence around a trade.

use super::cast::{ATTESTERS, STORES, TRADERS, Tag, site_of};
use super::paper::{Paper, lots_over};
use super::trade::sealed;
use super::{Draft, Workload};
use crate::model::Goods;
use landsea_types::crypto::hash_of;
use landsea_types::genesis::templates::IMPORT_RAIL_SEA_ID;
use landsea_types::operation::authenticity::{Attest, FieldTags, Open};
use landsea_types::operation::warehouse::{self, DeliverFull, EndorseTransfer, MANDATORY_FIELDS, NewReceipt};
use landsea_types::operation::waybill::{Convert, NewLot, Shortage};
use landsea_types::role::{AttestResult, DocKind, LegalBasis, LotKind};
use landsea_types::{AccountId, DocId, Hash, Operation, ProofId, Qty, Uom};

const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;

impl Workload {
    /// A receipt over goods of local origin.
    pub(super) fn store(&mut self) -> Option<Vec<Draft>> {
        let (keeper, depositor) = (self.one_of(&STORES), self.one_of(&TRADERS));
        let class = self.rng.pick(b"BPM").copied().expect("not empty");
        let count = self.rng.between(1, 2);
        let keys = (0..count).map(|_| self.fresh_key(class)).collect();
        let paper = self.fresh_paper(keys);
        let op = self.store_op(keeper, depositor, &paper);
        Some(vec![self.draft(keeper, op, &self.with_watch(keeper, &[depositor]), "store")])
    }
    /// `warehouse.issue`.
    pub(super) fn store_op(&self, keeper: Tag, depositor: Tag, paper: &Paper) -> Operation {
        let receipt = self.receipt(keeper, paper, lots_over(&paper.keys));
        Operation::WarehouseIssue(warehouse::Issue { depositor: self.cast.actor(depositor).account, receipt })
    }
    /// Some consents, and the supervisor's where the keeper's site has one.
    pub(super) fn with_watch(&self, keeper: Tag, others: &[Tag]) -> Vec<Tag> {
        let mut all = others.to_vec();
        if keeper == "BOND" {
            all.push("SUP");
        }
        all
    }
    /// The contents of a receipt at the keeper's own site.
    pub(super) fn receipt(&self, keeper: Tag, paper: &Paper, lots: Vec<NewLot>) -> NewReceipt {
        NewReceipt {
            legal_basis: LegalBasis::DomesticWhr,
            ticket: self.ticket(self.cast.actor(keeper), DocKind::WHR, paper),
            content_root: sealed("receipt"),
            issue_date: 20_260_513,
            negotiable: true,
            mandatory_fields: MANDATORY_FIELDS,
            site: site_of(keeper),
            lots,
            storage_from: self.now,
            storage_until: self.now.saturating_add(YEAR_MS),
            loss_standard_bps: 20,
            charges: sealed("charges"),
            quality: sealed("quality"),
            standard_warrant: false,
            bonded: keeper == "BOND",
        }
    }

    /// Goods arrive: a receipt takes a bill's place, at times with a shortage.
    pub(super) fn convert(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && w.actor_of(id).is_some())?;
        let keeper = self.one_of(&STORES);
        let short = if self.rng.chance(300) { self.rng.between(1, 30_000) } else { 0 };
        let (op, consents) = self.convert_op(&doc, keeper, short, false)?;
        Some(vec![self.draft(keeper, op, &consents, "convert")])
    }
    /// `waybill.convert` into one lot, `short` thousandths of a kilogram less than came in, and whose consents it needs.
    pub(super) fn convert_op(
        &mut self,
        doc: &DocId,
        keeper: Tag,
        short: u64,
        accept_shortage: bool,
    ) -> Option<(Operation, Vec<Tag>)> {
        let sheet = self.sheet(doc)?;
        let old: Vec<Goods> = sheet.lots.iter().filter_map(|lot| self.book().lots.get(lot).cloned()).collect();
        let mut keys: Vec<_> =
            self.book().keys_of(&sheet).into_iter().filter(|key| b"VBPM".contains(&key.class)).collect();
        if keys.is_empty() {
            keys.push(self.fresh_key(b'M'));
        }
        let paper = self.fresh_paper(keys);
        let total: u64 = old.iter().map(|goods| goods.stated.qty.get()).sum();
        let lot = NewLot {
            kind: LotKind::Unit,
            uom: Uom::KGM,
            qty: Qty::new(total.saturating_sub(short)),
            packages: old.iter().map(|goods| goods.stated.packages).sum(),
            goods_class: *b"842952",
            keys: paper.keys.clone(),
        };
        let receipt = self.receipt(keeper, &paper, vec![lot]);
        let shortage = Shortage { uom: Uom::KGM, qty: Qty::new(short), packages: 0 };
        let shortages = if short > 0 { vec![shortage] } else { Vec::new() };
        let (carrier, holder) = (self.cast.tag_of(&sheet.issuer)?, self.actor_of(doc)?);
        let watching = old.iter().filter_map(|goods| goods.supervisor).filter_map(|id| self.cast.tag_of(&id));
        let mut consents = self.with_watch(keeper, &self.with_claimants(doc, &[carrier, holder]));
        consents.extend(watching);
        consents.sort_unstable();
        consents.dedup();
        let op = Convert { doc: *doc, expect_ver: sheet.ver, receipt, shortages, accept_shortage };
        Some((Operation::WaybillConvert(op), consents))
    }

    /// The actor of a receipt passes it on with the keeper's signature.
    pub(super) fn endorse_receipt(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.receipt.is_some() && w.actor_of(id).is_some())?;
        let (sheet, actor) = (self.sheet(&doc)?, self.actor_of(&doc)?);
        let (keeper, to) = (self.cast.tag_of(&sheet.issuer)?, self.recipient(actor));
        let consents = self.with_claimants(&doc, &[keeper]);
        let op = Operation::WarehouseEndorseTransfer(EndorseTransfer { doc, expect_ver: sheet.ver, to });
        Some(vec![self.draft(actor, op, &consents, "endorse a receipt")])
    }
    /// All goods of a receipt leave.
    pub(super) fn deliver(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.receipt.is_some() && w.actor_of(id).is_some())?;
        let (sheet, holder) = (self.sheet(&doc)?, self.actor_of(&doc)?);
        let keeper = self.cast.tag_of(&sheet.issuer)?;
        let consents = self.with_claimants(&doc, &[holder]);
        let op = Operation::WarehouseDeliverFull(DeliverFull { doc, expect_ver: sheet.ver });
        Some(vec![self.draft(keeper, op, &consents, "deliver")])
    }

    /// The holder of a document opens a case on it.
    pub(super) fn open_case(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, _| w.actor_of(id).is_some())?;
        let actor = self.actor_of(&doc)?;
        let expect_ver = self.sheet(&doc)?.ver;
        let case = Hash(hash_of("corridor-case", &(self.seed, self.number())));
        let op = Open { doc, expect_ver, template: IMPORT_RAIL_SEA_ID, case, financing_bank: None };
        Some(vec![self.draft(actor, Operation::AuthenticityOpen(op), &[], "open a case")])
    }
    /// Somebody attests from its own copy of a paper.
    pub(super) fn attest(&mut self) -> Option<Vec<Draft>> {
        let attester = self.one_of(&ATTESTERS);
        let proof = self.some_case()?;
        let op = self.attest_op(attester, &proof, DocKind::DECLARATION)?;
        Some(vec![self.draft(attester, op, &[], "attest")])
    }
    pub(super) fn some_case(&mut self) -> Option<ProofId> {
        let all: Vec<ProofId> = self.book().cases.keys().copied().collect();
        self.rng.pick(&all).copied()
    }
    /// `authenticity.attest` of one whole field.
    pub(super) fn attest_op(&mut self, attester: Tag, proof: &ProofId, doc_kind: DocKind) -> Option<Operation> {
        let expect_ver = self.book().cases.get(proof)?.ver;
        let paper = self.fresh_paper(Vec::new());
        let field = landsea_types::fingerprint::field::CONSIGNOR;
        Some(Operation::AuthenticityAttest(Attest {
            proof: *proof,
            expect_ver,
            doc_kind,
            ticket: self.ticket(self.cast.actor(attester), doc_kind, &paper),
            result: AttestResult::Confirmed,
            fields: vec![FieldTags { field, tags: vec![Hash(hash_of("corridor-tag", &proof.0))] }],
            until: self.now.saturating_add(YEAR_MS),
            evidence: sealed("evidence"),
        }))
    }
    /// The firm of an account, if it is one of a list.
    pub(super) fn among(&self, account: &AccountId, tags: &[Tag]) -> Option<Tag> {
        self.cast.tag_of(account).filter(|tag| tags.contains(tag))
    }
}
