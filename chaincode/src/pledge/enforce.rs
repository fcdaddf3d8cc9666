//! Enforcement: a declared default, its cure, and realisation after the waiting period.

use super::intake::{CUSTODIANS, WHO_CUSTODIAN, custodians};
use super::term::{end, grace_until, schedule, settled, store, unschedule};
use super::transition::{docs_of, unencumber};
use crate::context::Cx;
use crate::hold::{self, Act, Touched};
use crate::refusal::{Refused, ensure, internal};
use crate::waybill::checks::{self, require_recipient};
use crate::{goods, waybill};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{Cure, DeclareDefault, Realise};
use landsea_types::record::pledge::Enforcement;
use landsea_types::record::{Doc, Lot, Pledge};
use landsea_types::role::{ChainAction, PledgeState, Role};
use landsea_types::{AccountId, Code, Member};

/// The argument of 1008 for the pledgor, or for the branch whose order stands in its place.
const WHO_PLEDGOR: u64 = 2;

/// Executes `pledge.declare_default`: the goods are frozen for the pledgor, and nothing matures or lapses.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5008 unless ACTIVE or MATURED; 6001 as for a realisation; 5009; 1008, 1009, 1006 of the branch whose
/// freeze its order sets aside.
pub fn declare_default(cx: &mut Cx<'_, '_>, op: &DeclareDefault) -> Refused {
    cx.require_role(&[Role::Bank])?; // 3
    let mut pledge = settled(cx, &op.pledge, op.expect_ver)?; // 4
    ensure(matches!(pledge.state, PledgeState::Active | PledgeState::Matured), Code::PledgeState)?; // 6
    let touched = Touched::pledge(pledge.id, &docs_of(cx.view, &pledge));
    hold::check(cx, Act::Realise, &touched)?; // 7
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?; // 11
    hold::require_orders(cx, Act::Realise, &touched)?; // 12
    unschedule(cx, &pledge);
    pledge.state = PledgeState::Enforcing;
    pledge.enforcement = Some(Enforcement { notice: op.notice, since: cx.now() });
    let since = cx.now().get();
    store(cx, &mut pledge, EventName::DefaultDeclared, &[since])
}

/// Executes `pledge.cure`: the pledge is ACTIVE again, or MATURED with a grace period that has not passed.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5008 unless ENFORCING; 5009.
pub fn cure(cx: &mut Cx<'_, '_>, op: &Cure) -> Refused {
    cx.require_role(&[Role::Bank])?; // 3
    let mut pledge = settled(cx, &op.pledge, op.expect_ver)?; // 4
    ensure(pledge.state == PledgeState::Enforcing, Code::PledgeState)?; // 6
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?; // 11
    pledge.enforcement = None;
    pledge.state = if cx.now() < pledge.reg_until { PledgeState::Active } else { PledgeState::Matured };
    if pledge.grace_until <= cx.now() {
        pledge.grace_until = grace_until(cx, cx.now());
    }
    schedule(cx, &pledge);
    let args = [pledge.reg_until.get(), pledge.grace_until.get()];
    store(cx, &mut pledge, EventName::Cured, &args)
}

/// Executes `pledge.realise`: the goods go to whoever takes them, and the pledge ends.
///
/// # Errors
/// 1005, also for an order of a branch that is neither the pledgor's nor a document's home, 1006; 1012 (pledge, recipient, branch),
/// 1007; 3108, 3004, 5008 unless ENFORCING, 4008; 6001; 5009, 1006 for a recipient that is not active; 5004 of a custodian, 1008
/// without the pledgor's consent or the branch's order, 1009, 1006; 5102 before the waiting period is over.
pub fn realise(cx: &mut Cx<'_, '_>, op: &Realise) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 objects
    let pledge = settled(cx, &op.pledge, op.expect_ver)?;
    let docs = docs_of(cx.view, &pledge);
    Cx::known(cx.view.party(&op.to), 1)?;
    check_order(cx, op, &pledge, &docs)?;
    // 6 state
    docs.iter().try_for_each(super::reservation::check_title)?;
    ensure(pledge.state == PledgeState::Enforcing, Code::PledgeState)?;
    docs.iter().try_for_each(|doc| goods::require_active_lots(cx.view, doc))?;
    // 7 holds, some of which an order sets aside
    let touched = Touched::pledge(pledge.id, &docs);
    hold::check(cx, Act::Realise, &touched)?;
    // 11 identity
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?;
    require_recipient(cx, &op.to)?;
    // 12 consents
    let lots: Vec<Lot> = docs.iter().flat_map(|doc| goods::lots_of(cx.view, doc)).collect();
    for custodian in custodians(lots.iter()) {
        cx.require_consent(&custodian, &CUSTODIANS, WHO_CUSTODIAN, Code::CustodianAckMissing)?;
    }
    match op.order {
        Some(branch) => cx.require_consent(&branch, &[Role::Branch], WHO_PLEDGOR, Code::ConsentMissing)?,
        None => cx.require_consent(&pledge.pledgor, &[], WHO_PLEDGOR, Code::ConsentMissing)?,
    }
    hold::require_orders(cx, Act::Realise, &touched)?;
    // 13 waiting period
    let since = internal(pledge.enforcement.as_ref())?.since;
    let free_from = since.saturating_add(cx.param(ParamKey::EnforceWaitMs));
    ensure(free_from <= cx.now(), Code::WaitingPeriod)?;
    for doc in docs {
        hand_over(cx, doc, &pledge, op.to)?;
    }
    end(cx, pledge, PledgeState::Realised, EventName::Realised, &[op.mode as u64])
}

/// Check step 4: the branch that transmits the order is one, at home where the pledgor or a document is.
fn check_order(cx: &Cx<'_, '_>, op: &Realise, pledge: &Pledge, docs: &[Doc]) -> Refused {
    let Some(id) = op.order else { return Ok(()) };
    let branch = Cx::known(cx.view.party(&id), 2)?;
    let mut homes = std::iter::once(pledge.home_pledgor).chain(docs.iter().map(|doc| doc.home));
    ensure(branch.has(Role::Branch) && homes.any(|home| home == branch.home), Code::RoleNotPermitted)
}

/// Hands a document to whoever takes the goods, free of the pledge.
fn hand_over(cx: &mut Cx<'_, '_>, mut doc: Doc, pledge: &Pledge, to: AccountId) -> Refused {
    unencumber(cx.view, &mut doc, &pledge.pledgor);
    doc.holder = to;
    doc.beneficiary = Some(to);
    doc.nominee = None;
    // Nobody rejects what was realised.
    doc.previous = (None, None);
    waybill::chain(cx, &mut doc, ChainAction::Transfer, Some(to))?;
    let members: Vec<Member> = checks::homes(cx, &doc, &[to]);
    cx.emit(EventName::Transferred, &doc.id.0, &members, &[to], &[]);
    doc.lots.iter().for_each(|lot| cx.touch(&lot.0));
    checks::put_changed(cx, doc)
}
