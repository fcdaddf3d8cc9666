//! `waybill.endorse` and `waybill.transfer`: holder and beneficiary change.
//!
//! While the document is pledged the pledgee holds it; the beneficiary acts, the pledgee consents, and only the beneficiary
//! changes. Otherwise the holder changes, and with it the beneficiary if they are the same; a beneficiary who is not the holder
//! changes only to the nominee.

use super::chain;
use super::checks;
use crate::context::Cx;
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Endorse, Endorsement, Transfer};
use landsea_types::record::Doc;
use landsea_types::role::{ChainAction, Role};
use landsea_types::{AccountId, Code};

/// Who may hold and pass on a document.
pub(crate) const HOLDERS: &[Role] = &[Role::Enterprise, Role::Bank];

/// Endorses to a party, to its order, or in blank.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007; 3108, 3004, 5008, 4008; 6001; 3006, 5002; 3005; consents 1009, 1006.
pub fn endorse(cx: &mut Cx<'_, '_>, op: &Endorse) -> Refused {
    let (action, to) = match op.endorsement {
        Endorsement::Named { to } => (ChainAction::Endorse, Some(to)),
        Endorsement::ToOrder { to } => (ChainAction::EndorseToOrder, Some(to)),
        Endorsement::Blank => (ChainAction::BlankEndorse, None),
    };
    cx.require_role(HOLDERS)?; // 3
    let doc = load(cx, &op.doc, op.expect_ver, to.as_ref())?; // 4
    checks::require_waybill(&doc)?; // 5
    check_passable(cx, &doc)?; // 6, 7, 10
    // A pledged document keeps a named beneficiary: the pledge's release gives it back to somebody.
    ensure(to.is_some() || doc.enc.is_none(), Code::Encumbered)?;
    check_act(cx, &doc, to.as_ref())?; // 11
    let own = doc.enc.is_some() || doc.beneficiary.is_none_or(|b| b == doc.holder);
    ensure(own || (to.is_some() && to == doc.nominee), Code::NotHolder)?;
    pledge::require_pledgee_consent(cx, &doc)?; // 12
    apply(cx, doc, Pass { action, event: EventName::Endorsed, holder: to, beneficiary: Some(to) })
}

/// Passes the document on; the beneficiary goes with it where holder and beneficiary are one.
///
/// # Errors
/// As [`endorse`].
pub fn transfer(cx: &mut Cx<'_, '_>, op: &Transfer) -> Refused {
    cx.require_role(HOLDERS)?; // 3
    let doc = load(cx, &op.doc, op.expect_ver, Some(&op.to))?; // 4
    checks::require_waybill(&doc)?; // 5
    check_passable(cx, &doc)?; // 6, 7, 10
    check_act(cx, &doc, Some(&op.to))?; // 11
    pledge::require_pledgee_consent(cx, &doc)?; // 12
    pass_on(cx, doc, op.to, ChainAction::Transfer)
}

/// Check step 4: the document and who receives it.
pub(crate) fn load(
    cx: &mut Cx<'_, '_>,
    id: &landsea_types::DocId,
    expect_ver: u32,
    to: Option<&AccountId>,
) -> Refused<Doc> {
    // The version that the sender saw, before anything due is applied.
    let seen = Cx::known(cx.view.doc(id), 0)?.ver;
    let doc = checks::load(cx, id, 0)?;
    if let Some(to) = to {
        Cx::known(cx.view.party(to), 1)?;
    }
    cx.expect_ver(expect_ver, seen)?;
    Ok(doc)
}

/// Check steps 6, 7 and 10 of everything that passes a document on.
pub(crate) fn check_passable(cx: &Cx<'_, '_>, doc: &Doc) -> Refused {
    checks::require_usable(cx, doc)?; // 6
    hold::check_doc(cx, Act::Transfer, doc)?; // 7
    pledge::check_encumbrance(cx, doc) // 10
}

/// Check step 11 of everything that passes a document on.
pub(crate) fn check_act(cx: &Cx<'_, '_>, doc: &Doc, to: Option<&AccountId>) -> Refused {
    checks::require_actor(cx, doc)?;
    to.map_or(Ok(()), |to| checks::require_recipient(cx, to))
}

/// Transfers a document whose checks have passed.
///
/// # Errors
/// 1014 when a number overflows.
pub(crate) fn pass_on(cx: &mut Cx<'_, '_>, doc: Doc, to: AccountId, action: ChainAction) -> Refused {
    let goes_along = doc.enc.is_some() || doc.beneficiary == Some(doc.holder);
    let beneficiary = goes_along.then_some(Some(to));
    apply(cx, doc, Pass { action, event: EventName::Transferred, holder: Some(to), beneficiary })
}

/// How a document passes on.
struct Pass {
    action: ChainAction,
    event: EventName,
    /// The next holder, if it changes; ignored while pledged.
    holder: Option<AccountId>,
    /// The next beneficiary, if it changes; inner `None` for blank.
    beneficiary: Option<Option<AccountId>>,
}

fn apply(cx: &mut Cx<'_, '_>, mut doc: Doc, pass: Pass) -> Refused {
    // While pledged the holder stays, and is nothing to return to.
    doc.previous = (doc.enc.is_none().then_some(doc.holder), doc.beneficiary);
    doc.nominee = None;
    if doc.enc.is_none() {
        doc.holder = pass.holder.unwrap_or(doc.holder);
    }
    doc.beneficiary = pass.beneficiary.unwrap_or(doc.beneficiary);
    chain(cx, &mut doc, pass.action, pass.holder)?;
    let parties: Vec<AccountId> = std::iter::once(cx.sender.id).chain(pass.holder).collect();
    let members = checks::homes(cx, &doc, &parties);
    cx.emit(pass.event, &doc.id.0, &members, &parties, &[]);
    checks::put_changed(cx, doc)
}
