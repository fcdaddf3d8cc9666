//! Assignment: another bank takes the pledgee's place; the priority stays.

use super::checks::check_independence;
use super::intake::{custodians, encumbrance};
use super::term::{put, settled};
use super::transition::{docs_of, targets};
use crate::context::Cx;
use crate::hold::{self, Act, Touched};
use crate::refusal::{Refused, ensure, internal};
use crate::view::opaque;
use crate::{goods, waybill};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::Assign;
use landsea_types::record::pledge::Assigned;
use landsea_types::record::{Doc, Lot, Party, Pledge};
use landsea_types::role::{ChainAction, DocState, PledgeState, Role};
use landsea_types::{AccountId, Code, Hash, Member, bounds};
use std::collections::BTreeSet;

/// Arguments of 1008.
const WHO_ASSIGNEE: u64 = 0;
const WHO_PLEDGOR: u64 = 1;

/// Executes `pledge.assign`.
///
/// # Errors
/// 1005 for a sender or assignee that is no bank, 1006; 1012 (pledge, assignee), 1007; 1010 for too long a history; 5008 once it has
/// ended, or under enforcement unless accepted; 6001; 5009 for another bank's pledge or to the same bank; 5003 to the pledgor; 5109
/// when a custodian is not independent of the assignee; 1008, 1009, 1006 of the assignee, then of the pledgor if the network asks it.
pub fn assign(cx: &mut Cx<'_, '_>, op: &Assign) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 objects
    let pledge = settled(cx, &op.pledge, op.expect_ver)?;
    let to = Cx::known(cx.view.party(&op.to), 1)?;
    ensure(to.has(Role::Bank), Code::RoleNotPermitted)?;
    ensure(pledge.assigned_from.len() < bounds::ASSIGNMENTS_MAX, Code::TooLarge)?;
    // 6 state
    let assignable = pledge.state.is_live() && (pledge.state != PledgeState::Enforcing || op.accept_enforcing);
    ensure(assignable, Code::PledgeState)?;
    // 7 holds on the claim and the goods
    let docs = docs_of(cx.view, &pledge);
    hold::check(cx, Act::Assign, &Touched::pledge(pledge.id, &docs))?;
    // 11 identity, independence
    ensure(pledge.pledgee == cx.sender.id && to.id != pledge.pledgee, Code::NotPledgee)?;
    ensure(to.id != pledge.pledgor, Code::PledgorNotSoleHolder)?;
    let lots: Vec<Lot> = docs.iter().flat_map(|doc| goods::lots_of(cx.view, doc)).collect();
    let keepers = custodians(lots.iter());
    check_keepers(cx, &pledge, &keepers, &to)?;
    // 12 consents
    cx.require_consent(&op.to, &[Role::Bank], WHO_ASSIGNEE, Code::ConsentMissing)?;
    if cx.param(ParamKey::AssignNeedsPledgor) > 0 {
        cx.require_consent(&pledge.pledgor, &[], WHO_PLEDGOR, Code::ConsentMissing)?;
    }
    apply(cx, op, pledge, docs, &to, &keepers)
}

/// Check step 11: those who keep the goods are as independent of the new bank as they were of the old one.
fn check_keepers(cx: &Cx<'_, '_>, pledge: &Pledge, keepers: &BTreeSet<AccountId>, to: &Party) -> Refused {
    let pledgor = internal(cx.view.party(&pledge.pledgor))?;
    for id in keepers {
        let keeper = internal(cx.view.party(id))?;
        check_independence(&keeper, &pledgor, to)?;
    }
    Ok(())
}

fn apply(
    cx: &mut Cx<'_, '_>,
    op: &Assign,
    mut pledge: Pledge,
    docs: Vec<Doc>,
    to: &Party,
    keepers: &BTreeSet<AccountId>,
) -> Refused {
    let (from, from_home) = (pledge.pledgee, pledge.home_pledgee);
    pledge.assigned_from.push(Assigned { from, height: cx.height() });
    pledge.pledgee = to.id;
    pledge.home_pledgee = to.home;
    pledge.encumbered_claim |= op.encumbered_claim;
    for doc in docs {
        hand_on(cx, doc, &pledge, from)?;
    }
    put(cx, &mut pledge)?;
    say_assigned(cx, &pledge, from, from_home, keepers);
    Ok(())
}

/// The new bank holds the document; one that is surrendered comes back to it on rejection.
fn hand_on(cx: &mut Cx<'_, '_>, mut doc: Doc, pledge: &Pledge, from: AccountId) -> Refused {
    let enc = encumbrance(pledge, &doc.id);
    for target in targets(&doc) {
        cx.view.put_encumbrance(&target, &enc);
    }
    let pending = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
    match doc.surrendered.as_mut().filter(|_| pending) {
        Some(before) if before.holder == from => before.holder = pledge.pledgee,
        Some(_) => {}
        None => doc.holder = pledge.pledgee,
    }
    waybill::chain(cx, &mut doc, ChainAction::PledgeEndorse, Some(pledge.pledgee))?;
    waybill::checks::put_changed(cx, doc)
}

/// Both banks and the pledgor hear of each other; who keeps the goods hears that there was an assignment, without a name.
fn say_assigned(
    cx: &mut Cx<'_, '_>,
    pledge: &Pledge,
    from: AccountId,
    from_home: Member,
    keepers: &BTreeSet<AccountId>,
) {
    let homes_of_docs = docs_of(cx.view, pledge).into_iter().map(|doc| doc.home);
    let homes_of_keepers = keepers.iter().filter_map(|id| cx.view.party(id)).map(|party| party.home);
    let sides = [pledge.home_pledgee, pledge.home_pledgor, from_home];
    let members: Vec<Member> = sides.into_iter().chain(homes_of_docs).chain(homes_of_keepers).collect();
    let related: Vec<Hash> = pledge.docs.iter().map(|id| opaque(&id.0)).collect();
    let args = [pledge.priority.height.get(), u64::from(pledge.priority.index)];
    let parties = [pledge.pledgor, pledge.pledgee, from];
    cx.emit_related(EventName::PledgeAssigned, &pledge.id.0, &related, &members, &parties, &args);
    let keepers: Vec<AccountId> = keepers.iter().copied().collect();
    cx.emit_related(EventName::PledgeAssigned, &pledge.id.0, &related, &members, &keepers, &args);
}
