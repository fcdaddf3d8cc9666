//! Holds: what bars acts on an object, and what waits to.

use super::super::auth::Caller;
use super::super::{Context, errors, visibility};
use super::goods::sees_cell;
use super::{Answer, pledge_of, pledge_of_doc, record, row};
use landsea_chaincode::{View, hold as rules};
use landsea_client::api::HoldView;
use landsea_types::record::{Cell, Doc, Hold, HoldTarget, Lot, Standing, Standings};
use landsea_types::role::HoldState;
use landsea_types::state::{Family, StateRead, Table};
use landsea_types::{Hash, HoldId};
use serde::Deserialize;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoldParams {
    hold: HoldId,
}

pub(crate) fn hold(context: &Context, caller: &Caller, p: HoldParams) -> Answer<Option<HoldView>> {
    let state = context.snapshot();
    let hold = row::<Hold>(&&*state, Table::Hold, &p.hold.0);
    Ok(hold.map(|hold| view(&&*state, caller, hold)))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetParams {
    target: HoldTarget,
}

pub(crate) fn holds(context: &Context, caller: &Caller, p: TargetParams) -> Answer<Vec<HoldView>> {
    let state = context.snapshot();
    require_known(&&*state, &p.target)?;
    Ok(standing_on(&&*state, caller, &p.target))
}

/// What the `hold/` leaf of a target says: the holds of a lot are its own, those of its cell and a deficit.
pub(super) fn standing_on(state: &dyn StateRead, caller: &Caller, target: &HoldTarget) -> Vec<HoldView> {
    let standings = record::<Standings>(state, Family::Hold, &target.id());
    standings.into_iter().flat_map(|s| s.holds).map(|standing| of_standing(state, caller, &standing)).collect()
}

fn of_standing(state: &dyn StateRead, caller: &Caller, standing: &Standing) -> HoldView {
    let placed = standing.hold.and_then(|id| row::<Hold>(state, Table::Hold, &id.0));
    match placed {
        Some(hold) => view(state, caller, hold),
        None => HoldView {
            id: None,
            kind: standing.kind,
            state: HoldState::Effective,
            until: standing.until,
            member: None,
            record: None,
        },
    }
}

pub(crate) fn queue(context: &Context, caller: &Caller, p: TargetParams) -> Answer<Vec<HoldView>> {
    let state = context.snapshot();
    require_known(&&*state, &p.target)?;
    Ok(placed_on(&&*state, caller, &p.target))
}

pub(super) fn require_known(state: &dyn StateRead, target: &HoldTarget) -> Answer<()> {
    let leaf = |family: Family, id: &[u8; 32]| state.leaf(family, id).is_some();
    let (known, what) = match target {
        HoldTarget::Doc(id) => (leaf(Family::Doc, &id.0), "document"),
        HoldTarget::Lot(id) => (leaf(Family::Lot, &id.0), "lot"),
        HoldTarget::Pledge(id) => (pledge_of(state, id).is_some(), "pledge"),
        HoldTarget::Party(id) => (leaf(Family::Party, &id.0), "party"),
        HoldTarget::Cell(key) => (row::<Cell>(state, Table::Cell, &key.0).is_some(), "cell"),
    };
    if known { Ok(()) } else { Err(errors::unknown(what, Hash(target.id()))) }
}

/// The holds of a target in the order in which they were placed. A page holds all: an object bears fewer.
pub(super) fn placed_on(state: &dyn StateRead, caller: &Caller, target: &HoldTarget) -> Vec<HoldView> {
    rules::holds_on(&View::new(state), target).into_iter().map(|hold| view(state, caller, hold)).collect()
}

fn view(state: &dyn StateRead, caller: &Caller, hold: Hold) -> HoldView {
    let (id, kind, is, until, member) = (hold.id, hold.kind, hold.state, hold.until, hold.by_member);
    let concerned = || hold.targets.iter().chain([&hold.placed_on]).any(|target| is_party_to(state, caller, target));
    let shown = caller.sees_parties() || caller.is(&hold.by) || (caller.party().is_ok() && concerned());
    let record = shown.then(|| visibility::hold(state, caller, hold));
    HoldView { id: Some(id), kind, state: is, until, member: Some(member), record }
}

/// Whether the caller has a part in the object on which a hold stands.
fn is_party_to(state: &dyn StateRead, caller: &Caller, target: &HoldTarget) -> bool {
    match target {
        HoldTarget::Doc(id) => record::<Doc>(state, Family::Doc, &id.0)
            .is_some_and(|doc| visibility::sees_doc(caller, &doc, pledge_of_doc(state, &doc).as_ref())),
        HoldTarget::Lot(id) => record::<Lot>(state, Family::Lot, &id.0).is_some_and(|lot| {
            let title = lot.title.map(HoldTarget::Doc);
            let visible = title.is_some_and(|title| is_party_to(state, caller, &title));
            visibility::lot(caller, lot, visible).is_some()
        }),
        HoldTarget::Pledge(id) => pledge_of(state, id).is_some_and(|p| visibility::sees_pledge(caller, &p)),
        HoldTarget::Party(id) => caller.is(id),
        HoldTarget::Cell(key) => {
            row::<Cell>(state, Table::Cell, &key.0).is_some_and(|cell| sees_cell(state, caller, &cell))
        }
    }
}
