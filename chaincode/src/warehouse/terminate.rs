//! `warehouse.terminate`: a keeper ends a storage that nobody ends.
//!
//! ```text
//! ACTIVE --notice--> SALE_PENDING --sold, terminate_notice_ms later--> SOLD*     SALE_PENDING --withdraw--> ACTIVE
//! ```
//!
//! Perishables may be noticed at any time, other goods once their storage has ended. The proceeds follow the pledge: its document
//! leaves it, and the pledgee is told whom to ask.

use crate::context::Cx;
use crate::hold::{self, Act};
use crate::refusal::{Refused, ensure, internal};
use crate::waybill::{chain, checks, fingerprints};
use crate::{goods, pledge};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::warehouse::{Terminate, Termination};
use landsea_types::record::{Doc, Encumbrance, SaleNotice};
use landsea_types::role::{ChainAction, DocState, Role, TerminateReason};
use landsea_types::{AccountId, Code, Hash};

/// Takes one of the steps that end a storage.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5007 for a waybill; 3108, 3004, 4008; for a sale 6001; 3005 for another's receipt; 5005 for a notice before
/// the storage has ended; 5102 for a sale before the notice period has.
pub fn terminate(cx: &mut Cx<'_, '_>, op: &Terminate) -> Refused {
    cx.require_role(&[Role::Warehouse])?; // 3
    let doc = checks::load_at(cx, &op.doc, op.expect_ver)?; // 4
    checks::require_receipt(&doc)?; // 5
    match &op.step {
        Termination::Notice { reason } => notice(cx, doc, *reason),
        Termination::Withdraw => withdraw(cx, doc),
        Termination::Sold { .. } => sold(cx, doc),
    }
}

fn notice(cx: &mut Cx<'_, '_>, mut doc: Doc, reason: TerminateReason) -> Refused {
    checks::require_active(cx, &doc)?; // 6
    checks::require_issuer(cx, &doc)?; // 11
    let storage_until = internal(doc.receipt.as_ref())?.storage_until;
    let ended = reason == TerminateReason::Perishable || storage_until <= cx.now();
    ensure(ended, Code::TermOutOfLimits)?; // 13
    let sold_from = cx.now().saturating_add(cx.param(ParamKey::TerminateNoticeMs));
    doc.sale = Some(SaleNotice { reason, sold_from });
    doc.state = DocState::SalePending;
    say(cx, EventName::SaleNoticed, &doc, &[sold_from.get(), reason as u64])?;
    checks::put_changed(cx, doc)
}

fn withdraw(cx: &mut Cx<'_, '_>, mut doc: Doc) -> Refused {
    require_pending(&doc)?; // 6
    checks::require_issuer(cx, &doc)?; // 11
    doc.sale = None;
    doc.state = DocState::Active;
    say(cx, EventName::SaleWithdrawn, &doc, &[])?;
    checks::put_changed(cx, doc)
}

fn sold(cx: &mut Cx<'_, '_>, mut doc: Doc) -> Refused {
    require_pending(&doc)?; // 6
    goods::require_active_lots(cx.view, &doc)?;
    hold::check_doc(cx, Act::Exit, &doc)?; // 7
    checks::require_issuer(cx, &doc)?; // 11
    let sold_from = internal(doc.sale.as_ref())?.sold_from;
    ensure(sold_from <= cx.now(), Code::WaitingPeriod)?; // 13
    let owner = internal(pledge::actor(&doc))?;
    let enc = cx.view.encumbrance(&doc.id.0);
    chain(cx, &mut doc, ChainAction::Surrendered, Some(owner))?;
    say_sold(cx, &doc, owner, enc.as_ref());
    pledge::leave(cx, &mut doc)?;
    goods::deliver_lots(cx, &doc)?;
    doc.state = DocState::Sold;
    fingerprints::retire(cx, &doc);
    checks::put_changed(cx, doc)
}

/// Check step 6: a sale has been noticed.
fn require_pending(doc: &Doc) -> Refused {
    ensure(doc.state != DocState::PaperOut, Code::PaperIsOut)?;
    ensure(doc.state == DocState::SalePending, Code::DocumentState)
}

/// To keeper and owner, and by name to the pledgee alone, so that nobody else learns who it is.
fn say(cx: &mut Cx<'_, '_>, name: EventName, doc: &Doc, args: &[u64]) -> Refused {
    let owner = internal(pledge::actor(doc))?;
    let enc = cx.view.encumbrance(&doc.id.0);
    let mut members = checks::homes(cx, doc, &[owner]);
    members.extend(enc.as_ref().map(|enc| enc.member));
    cx.emit(name, &doc.id.0, &members, &[doc.issuer, owner], args);
    if let Some(enc) = enc {
        cx.emit(name, &doc.id.0, &members, &[enc.pledgee], args);
    }
    Ok(())
}

fn say_sold(cx: &mut Cx<'_, '_>, doc: &Doc, owner: AccountId, enc: Option<&Encumbrance>) {
    let members = checks::homes(cx, doc, &[owner]);
    let lots: Vec<Hash> = doc.lots.iter().map(|lot| Hash(lot.0)).collect();
    cx.emit_related(EventName::Sold, &doc.id.0, &lots, &members, &[doc.issuer, owner], &[]);
    if let Some(enc) = enc {
        let related = [Hash(enc.pledge.0)];
        cx.emit_related(
            EventName::ProceedsToPledgee,
            &doc.id.0,
            &related,
            &[doc.home, enc.member],
            &[enc.pledgee],
            &[],
        );
    }
}
