//! What splits, mergers and voids of waybills and of receipts share: who calls them, on which documents.

use super::checks::{self, CARRIERS};
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use landsea_types::record::Doc;
use landsea_types::role::{DocState, Role};
use landsea_types::{Code, Hash};

pub(crate) use super::merge::merge_on as merge;
pub(crate) use super::split::split_by as split;

/// Which of the two modules an operation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Waybill,
    Receipt,
}

impl Side {
    /// The side of a document.
    pub(crate) fn of(doc: &Doc) -> Self {
        if doc.is_receipt() { Side::Receipt } else { Side::Waybill }
    }
    /// Who issues its documents.
    pub(crate) fn issuers(self) -> &'static [Role] {
        match self {
            Side::Waybill => CARRIERS,
            Side::Receipt => &[Role::Warehouse],
        }
    }
    /// Check step 5: a title of this side.
    ///
    /// # Errors
    /// 5007 otherwise.
    pub(crate) fn require(self, doc: &Doc) -> Refused {
        match self {
            Side::Waybill => checks::require_waybill(doc),
            Side::Receipt => checks::require_receipt(doc),
        }
    }
}

/// Who calls a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Splitter {
    /// The issuer; holder and pledgee consent.
    Issuer(Side),
    /// The pledgee, to release some of the children; holder and issuer consent. The caller has checked the pledge.
    Pledgee,
}

impl Splitter {
    /// Check step 3.
    ///
    /// # Errors
    /// 1005, 1006.
    pub(super) fn require_role(self, cx: &Cx<'_, '_>) -> Refused {
        match self {
            Splitter::Issuer(side) => cx.require_role(side.issuers()),
            Splitter::Pledgee => cx.require_role(&[Role::Bank]),
        }
    }
    /// Check step 5.
    ///
    /// # Errors
    /// 5007.
    pub(super) fn require_kind(self, doc: &Doc) -> Refused {
        match self {
            Splitter::Issuer(side) => side.require(doc),
            Splitter::Pledgee => Side::of(doc).require(doc),
        }
    }
    /// Check step 11.
    ///
    /// # Errors
    /// 3005 for another's document, 5009 for who is not its pledgee.
    pub(super) fn require_identity(self, cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
        match self {
            Splitter::Issuer(_) => checks::require_issuer(cx, doc),
            Splitter::Pledgee => {
                let pledgee = cx.view.encumbrance(&doc.id.0).map(|enc| enc.pledgee);
                ensure(pledgee == Some(cx.sender.id), Code::NotPledgee)
            }
        }
    }
}

/// A document that takes the place of `old` at its first entry: without lots, pledge or chain, with a title of its own to be filled
/// in.
pub(super) fn successor(cx: &mut Cx<'_, '_>, old: &Doc) -> Doc {
    Doc {
        id: landsea_types::DocId(cx.new_id("doc")),
        ver: 1,
        nominee: None,
        previous: (None, None),
        lots: Vec::new(),
        // The notes were adopted by the old document, which stays on record.
        base_docs: Vec::new(),
        state: DocState::Active,
        replaced_by: None,
        replaces: Some(old.id),
        children: Vec::new(),
        enc: None,
        surrendered: None,
        sale: None,
        chain_len: 0,
        chain_root: Hash::default(),
        ..old.clone()
    }
}
