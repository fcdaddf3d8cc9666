//! What issue and conversion share: checks of a new receipt and its record.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::waybill::draft::{self, Draft};
use crate::{goods, party};
use landsea_types::operation::warehouse::{MANDATORY_FIELDS, NewReceipt};
use landsea_types::record::{Doc, ReceiptPart};
use landsea_types::role::{DocKind, DocState, LicenceKind, OrderType, Role};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, Commit, Fp};
use std::collections::BTreeSet;

/// Basis points in a whole.
const WHOLE_BPS: u16 = 10_000;

/// Check step 3: an active warehouse with a licence for the site that is valid now.
///
/// # Errors
/// 1005, 1006, 2002.
pub(crate) fn require_keeper(cx: &Cx<'_, '_>, site: &Fp) -> Refused {
    cx.require_role(&[Role::Warehouse])?;
    let licence = cx.sender.licence(LicenceKind::WarehouseSite, site, cx.now());
    licence.map(|_| ()).ok_or_else(|| Refusal::new(Code::LicenceMissing))
}

/// Check step 5: a negotiable receipt commits to every mandatory field.
///
/// # Errors
/// 5007 otherwise.
pub(crate) fn check_negotiable(receipt: &NewReceipt) -> Refused {
    let complete = receipt.mandatory_fields & MANDATORY_FIELDS == MANDATORY_FIELDS;
    ensure(complete || !receipt.negotiable, Code::NotPledgeableHere)
}

/// Check step 8: classes under which stored goods are known. A wagon is not stored.
///
/// # Errors
/// 3008 otherwise.
pub(crate) fn check_classes(keys: &[ClassedKey]) -> Refused {
    let known = |class| goods::is_known(class) && class != b'W';
    ensure(keys.iter().all(|key| known(key.class)), Code::UnknownKindOrRules)
}

/// Check step 13: the storage has a term, and no more than everything may be lost.
///
/// # Errors
/// 5005 otherwise.
pub(crate) fn check_terms(receipt: &NewReceipt) -> Refused {
    let term = receipt.storage_from < receipt.storage_until;
    ensure(term && receipt.loss_standard_bps <= WHOLE_BPS, Code::TermOutOfLimits)
}

/// For whom goods are kept and who watches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keeping {
    pub(crate) depositor: AccountId,
    pub(crate) supervisor: Option<AccountId>,
    pub(crate) control_agreement: Commit,
}

/// A receipt of the sender, held by the depositor, without lots yet.
pub(crate) fn document(cx: &mut Cx<'_, '_>, new: &NewReceipt, keeping: &Keeping) -> Doc {
    let draft = Draft {
        kind: DocKind::WHR,
        legal_basis: new.legal_basis,
        ticket: &new.ticket.body,
        content_root: new.content_root,
        issue_date: new.issue_date,
        order_type: if new.negotiable { OrderType::ToOrder } else { OrderType::Straight },
        first_holder: keeping.depositor,
        control_agreement: keeping.control_agreement,
        state: DocState::Active,
    };
    let mut doc = draft::document(cx, &draft);
    doc.receipt = Some(part(new, keeping));
    doc
}

/// Whose eyes are on the goods of a receipt: the supervisors of its pledge, of its lots and of its site, each once.
///
/// # Errors
/// 1014 when its pledge is not in state.
pub(crate) fn supervisors(cx: &Cx<'_, '_>, doc: &Doc) -> Refused<Vec<AccountId>> {
    let pledge = doc.enc.map(|id| internal(cx.view.pledge(&id))).transpose()?;
    let of_lots = goods::lots_of(cx.view, doc).into_iter().filter_map(|lot| lot.supervisor);
    let site = doc.receipt.as_ref().map(|part| part.site);
    let of_site = site.and_then(|site| party::supervisor_of_site(cx.view, &site, cx.now()));
    let all: BTreeSet<AccountId> =
        pledge.and_then(|p| p.supervisor).into_iter().chain(of_lots).chain(of_site).collect();
    Ok(all.into_iter().collect())
}

fn part(new: &NewReceipt, keeping: &Keeping) -> ReceiptPart {
    ReceiptPart {
        negotiable: new.negotiable,
        mandatory_fields: new.mandatory_fields,
        site: new.site,
        depositor: keeping.depositor,
        storage_from: new.storage_from,
        storage_until: new.storage_until,
        loss_standard_bps: new.loss_standard_bps,
        lien: false,
        charges: new.charges,
        quality: new.quality,
        standard_warrant: new.standard_warrant,
        bonded: new.bonded,
        supervisor: keeping.supervisor,
    }
}
