//! Draws of `hold`.

use super::{Draw, Drawer, Drawn, alone, with};
use crate::kit::*;
use landsea_types::operation::hold::*;
use landsea_types::record::{Hold, HoldTarget};
use landsea_types::role::{HoldKind, HoldState, LotStatus};
use landsea_types::{Operation, Timestamp};

pub const DRAWERS: &[(&str, Drawer)] = &[
    ("hold.dispute", dispute),
    ("hold.file_case", file_case),
    ("hold.withdraw_dispute", withdraw_dispute),
    ("hold.court_freeze", court_freeze),
    ("hold.renew_freeze", renew_freeze),
    ("hold.lift", lift),
    ("hold.regulator_freeze", regulator_freeze),
    ("hold.countersign_freeze", countersign_freeze),
    ("hold.customs_hold", customs_hold),
    ("hold.customs_release", customs_release),
];

/// Mostly a document or its goods; now and then a claim, a cell or a firm that others can do without.
fn target(draw: &mut Draw<'_>) -> Option<HoldTarget> {
    let state = draw.state();
    let docs = state.live_docs().map(|doc| HoldTarget::Doc(doc.id));
    let active = state.lots.values().filter(|lot| lot.status == LotStatus::Active);
    let lots = active.map(|lot| HoldTarget::Lot(lot.id));
    let pledges = state.live_pledges().map(|pledge| HoldTarget::Pledge(pledge.id));
    let cells = state.cells.keys().map(|cell| HoldTarget::Cell(*cell));
    let sorts: [Vec<HoldTarget>; 5] = [
        docs.collect(),
        lots.collect(),
        pledges.collect(),
        cells.collect(),
        vec![HoldTarget::Party(draw.world.account("E1"))],
    ];
    let sort = draw.dice.pick(&[0, 0, 0, 1, 1, 2, 3, 4]);
    draw.dice.one(sorts[sort].clone())
}

fn hold(draw: &mut Draw<'_>, wanted: impl Fn(&Hold) -> bool) -> Option<Hold> {
    let any = draw.dice.chance(10);
    let holds = draw.state().holds.values().filter(|hold| any || wanted(hold)).cloned().collect();
    draw.dice.one(holds)
}

fn stands(hold: &Hold, kind: HoldKind) -> bool {
    hold.kind == kind && hold.state == HoldState::Effective
}

fn in_days(draw: &mut Draw<'_>, days: u64) -> Timestamp {
    draw.world.next_time().saturating_add(draw.dice.below(days * DAY))
}

fn dispute(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (target, by) = (target(draw)?, draw.dice.pick(&["INS", "E6", "B3"]));
    let op = Dispute { target, interest: commit("interest"), basis: commit("basis") };
    alone(by, Operation::HoldDispute(op))
}

fn file_case(draw: &mut Draw<'_>) -> Option<Drawn> {
    let hold = hold(draw, |hold| stands(hold, HoldKind::Dispute))?;
    let op = FileCase { hold: hold.id, expect_ver: hold.ver, notice: commit("notice") };
    alone(draw.name(&hold.by), Operation::HoldFileCase(op))
}

fn withdraw_dispute(draw: &mut Draw<'_>) -> Option<Drawn> {
    let hold = hold(draw, |hold| stands(hold, HoldKind::Dispute))?;
    let op = WithdrawDispute { hold: hold.id, expect_ver: hold.ver };
    alone(draw.name(&hold.by), Operation::HoldWithdrawDispute(op))
}

fn court_freeze(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (target, until, by) = (target(draw)?, in_days(draw, 800), draw.branch());
    let op = CourtFreeze { target, on_behalf: commit("court"), basis: commit("order"), until };
    alone(by, Operation::HoldCourtFreeze(op))
}

fn renew_freeze(draw: &mut Draw<'_>) -> Option<Drawn> {
    let hold = hold(draw, |hold| stands(hold, HoldKind::CourtFreeze))?;
    let until = in_days(draw, 700);
    let op = RenewFreeze { hold: hold.id, expect_ver: hold.ver, basis: commit("renewal"), until };
    alone(draw.name(&hold.by), Operation::HoldRenewFreeze(op))
}

fn lift(draw: &mut Draw<'_>) -> Option<Drawn> {
    let live = |hold: &Hold| matches!(hold.state, HoldState::Effective | HoldState::Queued);
    let hold = hold(draw, |hold| live(hold) && hold.kind != HoldKind::CustomsHold)?;
    let op = Lift { hold: hold.id, expect_ver: hold.ver, order: commit("order") };
    let by = if hold.kind == HoldKind::Dispute { "cq".into() } else { draw.name(&hold.by) };
    with(by, Operation::HoldLift(op), &["cq", "gx", "sc", "zj"])
}

fn regulator_freeze(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (target, by) = (target(draw)?, draw.branch());
    alone(by, Operation::HoldRegulatorFreeze(RegulatorFreeze { target, basis: commit("basis") }))
}

fn countersign_freeze(draw: &mut Draw<'_>) -> Option<Drawn> {
    let hold = hold(draw, |hold| stands(hold, HoldKind::RegulatorFreeze))?;
    let op = CountersignFreeze { hold: hold.id, expect_ver: hold.ver };
    alone(draw.branch(), Operation::HoldCountersignFreeze(op))
}

fn customs_hold(draw: &mut Draw<'_>) -> Option<Drawn> {
    let target = target(draw)?;
    alone("SW", Operation::HoldCustomsHold(CustomsHold { target, basis: commit("basis") }))
}

fn customs_release(draw: &mut Draw<'_>) -> Option<Drawn> {
    let hold = hold(draw, |hold| stands(hold, HoldKind::CustomsHold))?;
    let op = CustomsRelease { hold: hold.id, expect_ver: hold.ver };
    alone("SW", Operation::HoldCustomsRelease(op))
}
