//! Bills and receipts: issue, passing on, surrender, conversion, delivery.

use super::cast::{CARRIERS, TRADERS, Tag};
use super::paper::{Paper, lots_over};
use super::{Draft, Workload};
use landsea_types::crypto::hash_of;
use landsea_types::operation::waybill::Issue;
use landsea_types::role::{DocKind, LegalBasis, OrderType};
use landsea_types::{Commit, Operation};

/// A commitment that nobody opens.
pub(super) fn sealed(what: &str) -> Commit {
    Commit(hash_of("corridor-commit", &what))
}

impl Workload {
    /// A title over new goods.
    pub(super) fn issue(&mut self) -> Option<Vec<Draft>> {
        let carrier = self.one_of(&CARRIERS);
        let holder = self.one_of(&TRADERS);
        let count = self.rng.between(1, 3);
        let class = *self.rng.pick(b"CCCVB").expect("not empty");
        let keys = (0..count).map(|_| self.fresh_key(class)).collect();
        let paper = self.fresh_paper(keys);
        let op = self.issue_op(carrier, holder, &paper);
        Some(vec![self.draft(carrier, op, &[holder], "issue")])
    }
    /// `waybill.issue` of a kind that the carrier issues.
    pub(super) fn issue_op(&mut self, carrier: Tag, holder: Tag, paper: &Paper) -> Operation {
        let kinds: &[(DocKind, LegalBasis)] = match carrier {
            "MTO" => &[(DocKind::NCD, LegalBasis::NcdConvention), (DocKind::MTD, LegalBasis::Agreement)],
            "OCEAN" => &[(DocKind::OBL, LegalBasis::MaritimeBl)],
            _ => &[(DocKind::RAIL_BL, LegalBasis::Agreement)],
        };
        let (kind, legal_basis) = *self.rng.pick(kinds).expect("every carrier issues something");
        Operation::WaybillIssue(Issue {
            kind,
            legal_basis,
            ticket: self.ticket(self.cast.actor(carrier), kind, paper),
            content_root: sealed("content"),
            issue_date: 20_260_304,
            order_type: OrderType::ToOrder,
            first_holder: self.cast.actor(holder).account,
            lots: lots_over(&paper.keys),
            legs: Vec::new(),
            base_docs: Vec::new(),
            control_agreement: sealed("control"),
            expires: None,
        })
    }
}
