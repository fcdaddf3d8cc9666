//! Draws of `cargo`.

use super::{Draw, Drawer, Drawn, alone, with};
use crate::kit::*;
use landsea_types::operation::cargo::*;
use landsea_types::record::{CargoEvent, Lot};
use landsea_types::role::FlowStep;
use landsea_types::{Commit, Operation, Qty, Timestamp};

pub const DRAWERS: &[(&str, Drawer)] =
    &[("cargo.report", report), ("cargo.confirm_custody", confirm_custody), ("cargo.correct", correct)];

const NODES: [[u8; 8]; 3] = [*b"CNTJC   ", *b"CNQZH   ", *b"SGSIN   "];

/// What somebody says of a lot: the time is mostly now, the rest is as it comes.
fn said(draw: &mut Draw<'_>, lot: &Lot) -> FlowReport {
    let step = draw.dice.pick(FlowStep::ALL);
    let ago = if draw.dice.chance(20) { draw.dice.below(3 * DAY) } else { 0 };
    let to = draw.dice.pick(&["MTO", "COLD", "BOND", "R-CD", "PORT"]);
    let to = draw.world.account(to);
    let hands_over = draw.dice.chance(20) && to != lot.custodian;
    FlowReport {
        lots: vec![lot.id],
        step,
        node: draw.dice.pick(&NODES),
        at: Timestamp::new(draw.world.next_time().get().saturating_sub(ago)),
        custody: hands_over.then_some(HandOver { from: lot.custodian, to }),
        seal: draw.dice.chance(30).then(|| Commit([draw.dice.below(3) as u8 + 1; 32])),
        qty: draw.dice.chance(25).then(|| Qty::new(1 + draw.dice.below(lot.qty.get()))),
        condition: draw.dice.chance(10).then_some(Commit([5; 32])),
        payload: Commit([draw.dice.below(250) as u8; 32]),
    }
}

fn report(draw: &mut Draw<'_>) -> Option<Drawn> {
    let lot = draw.lot(|_| true)?;
    let report = said(draw, &lot);
    let keeper = draw.name(&lot.custodian);
    let by = match draw.dice.below(5) {
        0 => "SW".to_string(),
        1 => lot.supervisor.map_or(keeper, |id| draw.name(&id)),
        _ => keeper,
    };
    let other = report.custody.as_ref().map(|h| draw.name(&h.to)).filter(|_| draw.dice.chance(60));
    let consents: Vec<&str> = other.iter().map(String::as_str).collect();
    with(by, Operation::CargoReport(Report { report }), &consents)
}

fn event(draw: &mut Draw<'_>, wanted: impl Fn(&CargoEvent) -> bool) -> Option<CargoEvent> {
    let any = draw.dice.chance(10);
    let events = draw.state().cargo_events.values().filter(|event| any || wanted(event)).cloned().collect();
    draw.dice.one(events)
}

fn confirm_custody(draw: &mut Draw<'_>) -> Option<Drawn> {
    let event = event(draw, |event| !event.custody_confirmed)?;
    let to = event.report.custody.as_ref()?.to;
    alone(draw.name(&to), Operation::CargoConfirmCustody(ConfirmCustody { event: event.id }))
}

fn correct(draw: &mut Draw<'_>) -> Option<Drawn> {
    let event = event(draw, |event| event.corrected_by.is_none())?;
    let lot = draw.state().lots.get(event.report.lots.first()?)?.clone();
    let replacement = draw.dice.chance(60).then(|| said(draw, &lot));
    let by = draw.name(&event.reporter);
    alone(by, Operation::CargoCorrect(Correct { event: event.id, replacement }))
}
