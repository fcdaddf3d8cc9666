//! Who keeps the goods: custody changes hands when both have signed.

use super::alarm::{self, Alarms, Audience};
use super::checks::{self, KEEPERS};
use super::flow;
use super::missing::active_lots;
use crate::context::Cx;
use crate::goods;
use crate::refusal::{Refused, ensure, internal};
use crate::view::{Due, View, opaque};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::{ConfirmCustody, FlowReport, HandOver};
use landsea_types::record::{CargoEvent, Flow, Lot, Party};
use landsea_types::role::{FlowAlertKind, LotStatus, PartyStatus};
use landsea_types::{AccountId, Code, Hash};

/// Check step 12: whether the other custodian signs in the same transaction. It need not.
///
/// # Errors
/// 1009, 1006 for a consent that is there and not in order.
pub(super) fn other_signs(cx: &mut Cx<'_, '_>, report: &FlowReport) -> Refused<bool> {
    let Some(other) = report.custody.as_ref().map(|h| other(h, &cx.sender.id)) else { return Ok(false) };
    if !cx.offers_consent(&other) {
        return Ok(false);
    }
    cx.require_consent(&other, &[], 0, Code::ConsentMissing)?;
    Ok(true)
}

fn other(hand_over: &HandOver, me: &AccountId) -> AccountId {
    if hand_over.from == *me { hand_over.to } else { hand_over.from }
}

/// Whether custody of the lots can pass like that: they are with `from`, and `to` may keep goods, pledged ones only if it is as
/// independent of both sides as a custodian must be when they are pledged. Goods in a cell stay with its keeper until their receipt ends.
fn is_possible(view: &View<'_>, hand_over: &HandOver, lots: &[Lot]) -> bool {
    let keeper = view.party(&hand_over.to).filter(|p| p.status == PartyStatus::Active && p.roles.has_any(KEEPERS));
    let with_from = |lot: &Lot| {
        let stored = goods::cell_key(&lot.keys).is_some();
        lot.status == LotStatus::Active && lot.custodian == hand_over.from && !stored
    };
    keeper.is_some_and(|to| lots.iter().all(|lot| with_from(lot) && may_keep(view, &to, lot)))
}

fn may_keep(view: &View<'_>, to: &Party, lot: &Lot) -> bool {
    let Some(pledge) = lot.enc.and_then(|id| view.pledge(&id)) else { return true };
    let beneficiary = lot.title.and_then(|id| view.doc(&id)).and_then(|doc| doc.beneficiary);
    let sides: Vec<Party> =
        [pledge.pledgor, pledge.pledgee].into_iter().chain(beneficiary).filter_map(|id| view.party(&id)).collect();
    sides.iter().all(|side| side.id != to.id && !to.same_group(side))
}

/// Says of a new event how far its hand-over has come. One that cannot be raises an alarm.
pub(super) fn judge(cx: &mut Cx<'_, '_>, event: &mut CargoEvent, lots: &[Lot], signed: bool, alarms: &mut Alarms) {
    let Some(hand_over) = &event.report.custody else { return };
    if !is_possible(cx.view, hand_over, lots) {
        event.custody_confirmed = false;
        lots.iter().for_each(|lot| alarm::raise(alarms, FlowAlertKind::CustodyGap, lot));
    } else if !signed {
        let due = cx.now().saturating_add(cx.param(ParamKey::CustodyConfirmMs));
        event.custody_confirmed = false;
        event.custody_due = Some(due);
        cx.view.schedule(due, Due::Custody, &event.id.0, &[]);
    }
}

/// Makes the receiver the custodian of the lots of an event that both have signed.
///
/// # Errors
/// 1014 when a version overflows.
pub(super) fn hand_over(cx: &mut Cx<'_, '_>, event: &CargoEvent) -> Refused {
    let Some(HandOver { from, to }) = event.report.custody.clone() else { return Ok(()) };
    let home = internal(cx.view.party(&to))?.home;
    let lots = active_lots(cx.view, &event.report.lots);
    let mut audience = Audience::of(cx.view, &lots);
    audience.members.push(home);
    for mut lot in lots {
        let mut flow = cx.view.flow(&lot.id).unwrap_or(Flow::UNKNOWN);
        flow.custody = Some(event.id);
        cx.view.put_flow(&lot.id, &flow);
        lot.custodian = to;
        lot.place = home;
        goods::lots::put_changed(cx, lot)?;
    }
    let related: Vec<Hash> = event.report.lots.iter().map(|lot| opaque(&lot.0)).collect();
    cx.emit_related(EventName::CustodyChanged, &event.id.0, &related, &audience.members, &[from, to], &[]);
    Ok(())
}

/// Closes a hand-over that only the other custodian signed.
///
/// # Errors
/// 1005, 1006; 1012; 8001 where nothing waits for this custodian: it is not the other one, time is over, or the goods have left the
/// one that hands them over.
pub fn confirm_custody(cx: &mut Cx<'_, '_>, op: &ConfirmCustody) -> Refused {
    cx.require_role(KEEPERS)?; // 3
    let mut event = Cx::known(cx.view.cargo_event(&op.event), 0)?; // 4
    let lots = checks::load(cx, &event.report)?; // 4
    let due = check_waits(cx, &event, &lots)?; // 11
    cx.view.unschedule(due, Due::Custody, &event.id.0);
    event.custody_due = None;
    event.custody_confirmed = true;
    cx.view.put_cargo_event(&event);
    let members = Audience::of(cx.view, &lots).members;
    let related: Vec<Hash> = event.report.lots.iter().map(|lot| opaque(&lot.0)).collect();
    let parties = [event.reporter, cx.sender.id];
    cx.emit_related(EventName::CustodyConfirmed, &event.id.0, &related, &members, &parties, &[]);
    hand_over(cx, &event)?;
    // The receiver's word counts now.
    active_lots(cx.view, &event.report.lots).iter().for_each(|lot| flow::reread(cx, lot));
    Ok(())
}

/// Check step 11: a possible hand-over waits for the sender.
fn check_waits(cx: &Cx<'_, '_>, event: &CargoEvent, lots: &[Lot]) -> Refused<landsea_types::Timestamp> {
    let hand_over = event.report.custody.as_ref().filter(|h| is_possible(cx.view, h, lots));
    let is_mine = hand_over.is_some_and(|h| other(h, &event.reporter) == cx.sender.id);
    let due = event.custody_due.filter(|due| is_mine && cx.now() < *due);
    ensure(due.is_some(), Code::ReporterNotEntitled)?;
    internal(due)
}
