//! Operations on documents with sensible values.

use crate::kit::*;
use landsea_types::operation::warehouse::{DeliverFull, EndorseTransfer};
use landsea_types::operation::waybill::*;
use landsea_types::role::{DocKind, LegMode, LegRegime};
use landsea_types::{DocId, Operation, Outcome, Qty, Uom};

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

impl World {
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
