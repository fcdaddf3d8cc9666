//! Operations on documents with sensible values.

use crate::kit::*;
use landsea_types::operation::DocVersion;
use landsea_types::operation::warehouse::{ConvertOut, DeliverFull, EndorseTransfer};
use landsea_types::operation::waybill::*;
use landsea_types::record::Lot;
use landsea_types::role::{DocKind, LegMode, LegRegime, LegalBasis, OrderType};
use landsea_types::{Commit, DocId, Operation, Outcome, Qty, Uom};
use std::collections::BTreeSet;

/// A rail leg of a carrier.
pub fn leg(world: &World, carrier: &str) -> NewLeg {
    NewLeg {
        mode: LegMode::Rail,
        regime: LegRegime::CnDomestic,
        from: *b"CNTJC   ",
        to: *b"CNQZH   ",
        carrier: world.account(carrier),
    }
}

/// A kilogram shortage.
pub fn short_kg(kilograms: u64) -> Shortage {
    Shortage { uom: Uom::KGM, qty: Qty::new(kilograms * 1_000), packages: 0 }
}

/// A lot as it is, to be stated again.
pub fn restated(lot: &Lot) -> NewLot {
    NewLot {
        kind: lot.kind,
        uom: lot.uom,
        qty: lot.qty,
        packages: lot.packages,
        goods_class: lot.goods_class,
        keys: lot.keys.clone(),
    }
}

/// The whole of a lot as a part of itself.
pub fn whole(lot: &Lot) -> ChildLot {
    ChildLot { parent: lot.id, lot: restated(lot) }
}

/// A part of a lot under all of its keys.
pub fn part(lot: &Lot, kilograms: u64, packages: u32) -> ChildLot {
    ChildLot { parent: lot.id, lot: NewLot { qty: Qty::new(kilograms * 1_000), packages, ..restated(lot) } }
}

/// A paper that names the keys of some lots.
pub fn paper_over<'l>(number: &str, lots: impl IntoIterator<Item = &'l NewLot>) -> Paper {
    let keys: BTreeSet<_> = lots.into_iter().flat_map(|lot| lot.keys.iter().copied()).collect();
    Paper { keys: keys.into_iter().collect(), ..Paper::new(number, &[]) }
}

/// The documents that a split made.
#[track_caller]
pub fn children_of(outcome: &Outcome) -> Vec<DocId> {
    event(outcome, landsea_types::event::EventName::Split).related.iter().map(|id| DocId(id.0)).collect()
}

/// The document that a merger made.
#[track_caller]
pub fn merged_of(outcome: &Outcome) -> DocId {
    DocId(subject_of(outcome, landsea_types::event::EventName::Merged))
}

impl World {
    /// The tag of the party that issued a document.
    pub fn issuer_of(&self, doc: &DocId) -> String {
        self.name_of(&self.doc(doc).issuer).to_string()
    }
    /// A child of a split with a ticket of the issuer.
    pub fn child(&self, doc: &DocId, number: &str, lots: Vec<ChildLot>) -> SplitChild {
        let paper = paper_over(number, lots.iter().map(|part| &part.lot));
        SplitChild {
            ticket: self.ticket(&self.issuer_of(doc), self.doc(doc).kind, &paper),
            content_root: commit(number),
            issue_date: 20_260_310,
            lots,
        }
    }
    /// The body of a split; children are numbered after `number`.
    pub fn split_body(&self, doc: &DocId, number: &str, children: Vec<Vec<ChildLot>>) -> Split {
        let child = |(n, lots)| self.child(doc, &format!("{number}/{n}"), lots);
        let children = children.into_iter().enumerate().map(child).collect();
        Split { doc: *doc, expect_ver: self.ver(doc), children, released: vec![] }
    }
    /// A split of a document into its first lot and the others.
    pub fn halves(&self, doc: &DocId, number: &str) -> Split {
        let lots = self.lots(doc);
        let (first, others) = lots.split_first().expect("a document has lots");
        self.split_body(doc, number, vec![vec![whole(first)], others.iter().map(whole).collect()])
    }
    /// `waybill.split` or `warehouse.split`, as the document is.
    pub fn split_op(&self, body: Split) -> Operation {
        let is_receipt = self.doc(&body.doc).is_receipt();
        if is_receipt { Operation::WarehouseSplit(body) } else { Operation::WaybillSplit(body) }
    }
    /// The body of a merger of documents of one issuer.
    pub fn merge_body(&self, docs: &[DocId], number: &str) -> Merge {
        let keys: BTreeSet<_> = docs.iter().flat_map(|doc| self.lots(doc)).flat_map(|lot| lot.paper_keys).collect();
        let paper = Paper { keys: keys.into_iter().collect(), ..Paper::new(number, &[]) };
        Merge {
            docs: docs.iter().map(|doc| DocVersion { doc: *doc, expect_ver: self.ver(doc) }).collect(),
            ticket: self.ticket(&self.issuer_of(&docs[0]), self.doc(&docs[0]).kind, &paper),
            content_root: commit(number),
            issue_date: 20_260_311,
        }
    }
    /// `waybill.merge` or `warehouse.merge`, as the first document is.
    pub fn merge_op(&self, body: Merge) -> Operation {
        let is_receipt = self.doc(&body.docs[0].doc).is_receipt();
        if is_receipt { Operation::WarehouseMerge(body) } else { Operation::WaybillMerge(body) }
    }
    /// `waybill.nominate` of the current version.
    pub fn nominate_op(&self, doc: &DocId, nominee: Option<&str>) -> Operation {
        let nominee = nominee.map(|tag| self.account(tag));
        Operation::WaybillNominate(Nominate { doc: *doc, expect_ver: self.ver(doc), nominee })
    }
    /// `waybill.reject_back` of the current version.
    pub fn reject_op(&self, doc: &DocId) -> Operation {
        Operation::WaybillRejectBack(RejectBack { doc: *doc, expect_ver: self.ver(doc) })
    }
    /// `waybill.instruct` of the current version: to Qinzhou.
    pub fn instruct_op(&self, doc: &DocId, instruction: landsea_types::role::InstructionKind) -> Operation {
        let (expect_ver, details) = (self.ver(doc), commit("the rest of the instruction"));
        Operation::WaybillInstruct(Instruct { doc: *doc, expect_ver, instruction, node: *b"CNQZH   ", details })
    }
    /// `waybill.close_anchor` of the current version.
    pub fn close_op(&self, note: &DocId) -> Operation {
        Operation::WaybillCloseAnchor(CloseAnchor { doc: *note, expect_ver: self.ver(note) })
    }
    /// `waybill.void` or `warehouse.void`, as the document is, by its issuer or by order.
    pub fn void_op(&self, doc: &DocId, by_order: bool) -> Operation {
        let order: Option<Commit> = by_order.then(|| commit("court order"));
        let body = VoidDoc { doc: *doc, expect_ver: self.ver(doc), order };
        if self.doc(doc).is_receipt() { Operation::WarehouseVoid(body) } else { Operation::WaybillVoid(body) }
    }
    /// The body of `warehouse.convert_out` to an NCD of the MTO over the given lots.
    pub fn convert_out_body(&self, doc: &DocId, number: &str, lots: Vec<NewLot>) -> ConvertOut {
        let paper = paper_over(number, &lots);
        ConvertOut {
            doc: *doc,
            expect_ver: self.ver(doc),
            bill: NewBill {
                kind: DocKind::NCD,
                legal_basis: LegalBasis::NcdConvention,
                ticket: self.ticket("MTO", DocKind::NCD, &paper),
                content_root: commit(number),
                issue_date: 20_260_601,
                order_type: OrderType::ToOrder,
                lots,
                legs: vec![leg(self, "R-CD")],
                control_agreement: commit("control agreement"),
                expires: None,
            },
            shortages: vec![],
            accept_shortage: false,
        }
    }
    /// The body of `waybill.convert` to a receipt of COLD over the given lots.
    pub fn convert_body(&self, doc: &DocId, number: &str, lots: Vec<NewLot>) -> Convert {
        let paper = paper_over(number, &lots).arrived_in(&["L:LOCAL"]);
        let receipt = landsea_types::operation::warehouse::NewReceipt {
            lots,
            ..self.receipt_body("COLD", "site of COLD", &paper)
        };
        Convert { doc: *doc, expect_ver: self.ver(doc), receipt, shortages: vec![], accept_shortage: false }
    }
    /// Anchors a domestic rail note of R-CD.
    #[track_caller]
    pub fn anchor_note(&mut self, paper: &Paper) -> DocId {
        let op = self.anchor_op("R-CD", DocKind::LEG_NOTE_CN, paper);
        let outcome = self.ok("R-CD", op, &[]);
        DocId(subject_of(&outcome, landsea_types::event::EventName::DocAnchored))
    }
    /// `waybill.adopt` of a note by the current version of a title.
    pub fn adopt_op(&self, title: &DocId, note: &DocId) -> Operation {
        let leg = leg(self, "R-CD");
        Operation::WaybillAdopt(Adopt { title: *title, expect_ver: self.ver(title), note: *note, leg })
    }
    /// `waybill.endorse` of the current version.
    pub fn endorse_op(&self, doc: &DocId, endorsement: Endorsement) -> Operation {
        Operation::WaybillEndorse(Endorse { doc: *doc, expect_ver: self.ver(doc), endorsement })
    }
    /// `waybill.surrender_for_amendment` of the current version.
    pub fn surrender_amend_op(&self, doc: &DocId) -> Operation {
        Operation::WaybillSurrenderForAmendment(Surrender { doc: *doc, expect_ver: self.ver(doc) })
    }
    /// `waybill.answer_surrender` of the current version.
    pub fn answer_op(&self, doc: &DocId, accept: bool, version: Option<NewVersion>) -> Operation {
        Operation::WaybillAnswerSurrender(AnswerSurrender { doc: *doc, expect_ver: self.ver(doc), accept, version })
    }
    /// A new version over the same goods, by the issuer.
    pub fn version(&self, issuer: &str, kind: DocKind, paper: &Paper) -> NewVersion {
        NewVersion {
            ticket: self.ticket(issuer, kind, paper),
            content_root: commit(&paper.content),
            issue_date: 20_260_304,
            changed_fields: 0b100,
            control_agreement: commit("control agreement"),
            lots: lots_over(paper),
        }
    }
    /// `waybill.amend` of an NCD of the MTO.
    pub fn amend_op(&self, doc: &DocId, paper: &Paper) -> Operation {
        let version = self.version("MTO", DocKind::NCD, paper);
        Operation::WaybillAmend(Amend { doc: *doc, expect_ver: self.ver(doc), version })
    }
    /// `warehouse.endorse_transfer` of the current version.
    pub fn endorse_transfer_op(&self, doc: &DocId, to: &str) -> Operation {
        let body = EndorseTransfer { doc: *doc, expect_ver: self.ver(doc), to: self.account(to) };
        Operation::WarehouseEndorseTransfer(body)
    }
    /// `warehouse.deliver_full` of the current version.
    pub fn deliver_op(&self, doc: &DocId) -> Operation {
        Operation::WarehouseDeliverFull(DeliverFull { doc: *doc, expect_ver: self.ver(doc) })
    }
    /// Surrenders a free bill of the MTO and accepts.
    #[track_caller]
    pub fn deliver(&mut self, holder: &str, doc: &DocId) -> Outcome {
        let op = self.surrender_op(doc);
        self.ok(holder, op, &[]);
        let op = self.answer_op(doc, true, None);
        self.ok("MTO", op, &[])
    }
}
