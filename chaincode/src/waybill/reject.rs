//! `waybill.reject_back`: who received a document hands it back at once.
//!
//! Rejecting is the new holder's first act: the last entry of the chain is the transfer to it, young enough, and it has named nobody
//! and promised the document to no bank meanwhile. Holder and beneficiary stand as before. Under a pledge only the beneficiary had
//! changed, with the consent of the pledgee who knows both, so nobody else is asked.

use super::chain;
use super::checks;
use super::endorse::HOLDERS;
use crate::context::Cx;
use crate::hold::{self, Act};
use crate::refusal::{Refused, ensure, internal};
use crate::view::chain_key;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::RejectBack;
use landsea_types::record::{ChainEntry, Doc};
use landsea_types::role::{ChainAction, PartyStatus};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code};

/// Gives a document back to whom it came from.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007; 3108, 3004, 5008, 4008, 3004 unless it was just received; 6001; 3005 for who did not receive it; 1006
/// when whoever would have it back has left.
pub fn reject_back(cx: &mut Cx<'_, '_>, op: &RejectBack) -> Refused {
    cx.require_role(HOLDERS)?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_waybill(&doc)?; // 5
    checks::require_usable(cx, &doc)?; // 6
    let received = require_just_received(cx, &doc)?;
    hold::check_doc(cx, Act::Transfer, &doc)?; // 7
    ensure(received.recipient == Some(cx.sender.id), Code::NotHolder)?; // 11
    let (holder, beneficiary) = doc.previous;
    let gone = |id: AccountId| cx.view.party(&id).is_none_or(|party| party.status == PartyStatus::Exited);
    ensure(!holder.into_iter().chain(beneficiary).any(gone), Code::PartySuspended)?;
    apply(cx, doc, &received)
}

/// Check step 6: nothing has happened to the document since somebody received it.
fn require_just_received(cx: &Cx<'_, '_>, doc: &Doc) -> Refused<ChainEntry> {
    let last = internal(cx.view.get::<ChainEntry>(Table::Chain, &chain_key(&doc.id, doc.chain_len)))?;
    let passed = matches!(last.action, ChainAction::Endorse | ChainAction::EndorseToOrder | ChainAction::Transfer);
    let in_time = cx.now().since(last.time) <= cx.param(ParamKey::RejectBackMs);
    // What was rejected once is not passed back and forth.
    let returnable = doc.previous != (None, None);
    let promised = cx.view.reservation(&doc.id.0).is_some_and(|r| Some(r.pledgor) == last.recipient);
    ensure(passed && in_time && returnable && doc.nominee.is_none() && !promised, Code::DocumentState)?;
    Ok(last)
}

fn apply(cx: &mut Cx<'_, '_>, mut doc: Doc, received: &ChainEntry) -> Refused {
    let (holder, beneficiary) = std::mem::take(&mut doc.previous);
    doc.beneficiary = beneficiary;
    if doc.enc.is_none() {
        // Without an earlier holder it passed under a pledge that has ended since: the beneficiary holds again.
        doc.holder = internal(holder.or(beneficiary))?;
    }
    let back_to = received.actor;
    chain(cx, &mut doc, ChainAction::Transfer, Some(back_to))?;
    let parties: [AccountId; 2] = [cx.sender.id, back_to];
    let members = checks::homes(cx, &doc, &parties);
    cx.emit(EventName::TransferRejected, &doc.id.0, &members, &parties, &[]);
    checks::put_changed(cx, doc)
}
