//! A document before its first entry.

use crate::context::Cx;
use landsea_types::record::Doc;
use landsea_types::role::{DocKind, DocState, LegalBasis, Medium, OrderType};
use landsea_types::ticket::DeriveTicketBody;
use landsea_types::{AccountId, Commit, DocId, Hash};

/// What the issuer states about any new document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) kind: DocKind,
    pub(crate) legal_basis: LegalBasis,
    pub(crate) ticket: &'a DeriveTicketBody,
    pub(crate) content_root: Commit,
    pub(crate) issue_date: u32,
    pub(crate) order_type: OrderType,
    pub(crate) first_holder: AccountId,
    pub(crate) control_agreement: Commit,
    pub(crate) state: DocState,
}

/// A document of the sender as drafted: held by the first holder, who is beneficiary unless the document is to bearer.
pub(crate) fn document(cx: &mut Cx<'_, '_>, draft: &Draft<'_>) -> Doc {
    let to_bearer = draft.order_type == OrderType::Bearer;
    Doc {
        id: DocId(cx.new_id("doc")),
        ver: 1,
        kind: draft.kind,
        legal_basis: draft.legal_basis,
        fp1: draft.ticket.fp1,
        fp2: draft.ticket.fp2,
        near: draft.ticket.near,
        fp_epoch: draft.ticket.epoch,
        content_root: draft.content_root,
        issuer: cx.sender.id,
        issue_date: draft.issue_date,
        home: cx.sender.home,
        order_type: draft.order_type,
        beneficiary: (!to_bearer).then_some(draft.first_holder),
        holder: draft.first_holder,
        first_holder: draft.first_holder,
        nominee: None,
        previous: (None, None),
        lots: Vec::new(),
        note_keys: Vec::new(),
        legs: Vec::new(),
        base_docs: Vec::new(),
        adopted_by: None,
        control_agreement: draft.control_agreement,
        state: draft.state,
        replaced_by: None,
        replaces: None,
        children: Vec::new(),
        medium: Medium::Ledger,
        enc: None,
        expires: None,
        surrendered: None,
        receipt: None,
        sale: None,
        chain_len: 0,
        chain_root: Hash::default(),
    }
}
