//! Who hears of a hold.

use crate::context::event;
use crate::pledge::Transition;
use crate::view::View;
use landsea_types::event::EventName;
use landsea_types::record::{Doc, Hold, HoldTarget};
use landsea_types::role::{DocState, Role};
use landsea_types::{AccountId, Hash, Member};

/// Emits an event about a hold: one to each group of parties that know each other, all to the same branches.
pub(super) fn tell(due: &mut Transition<'_, '_>, name: EventName, hold: &Hold, args: &[u64]) {
    let related: Vec<Hash> = hold.targets.iter().map(|target| Hash(target.id())).collect();
    let homes = hold.targets.iter().flat_map(|target| homes_of(due.view, target));
    let members: Vec<Member> = homes.chain([hold.by_member]).chain(hold.countersigned).collect();
    for parties in audiences(due.view, hold) {
        due.say(event(name, &hold.id.0, &related, &members, &parties, args));
    }
}

/// The members in whose territory a target lies: its home, or those of both sides of a pledge.
pub(super) fn homes_of(view: &View<'_>, target: &HoldTarget) -> Vec<Member> {
    match target {
        HoldTarget::Doc(id) => view.doc(id).map(|doc| doc.home).into_iter().collect(),
        HoldTarget::Lot(id) => view.lot(id).map(|lot| lot.home).into_iter().collect(),
        HoldTarget::Pledge(id) => view.pledge(id).map(|p| vec![p.home_pledgor, p.home_pledgee]).unwrap_or_default(),
        HoldTarget::Party(id) => view.party(id).map(|party| party.home).into_iter().collect(),
        HoldTarget::Cell(id) => view.cell(id).map(|cell| cell.home).into_iter().collect(),
    }
}

/// Groups of parties, none twice; one empty group where nobody but branches is concerned.
fn audiences(view: &View<'_>, hold: &Hold) -> Vec<Vec<AccountId>> {
    let mut groups: Vec<Vec<AccountId>> = Vec::new();
    let placer = view.party(&hold.by).filter(|party| !party.has(Role::Branch)).map(|party| vec![party.id]);
    for group in hold.targets.iter().flat_map(|target| groups_of(view, target)).chain(placer) {
        let told = groups.iter().any(|known| group.iter().all(|party| known.contains(party)));
        if !told {
            groups.push(group);
        }
    }
    if groups.is_empty() { vec![Vec::new()] } else { groups }
}

fn groups_of(view: &View<'_>, target: &HoldTarget) -> Vec<Vec<AccountId>> {
    match target {
        HoldTarget::Doc(id) => view.doc(id).map(|doc| around_doc(view, &doc)).unwrap_or_default(),
        HoldTarget::Lot(id) => {
            let Some(lot) = view.lot(id) else { return Vec::new() };
            let title = lot.title.and_then(|title| view.doc(&title));
            let around = title.map(|doc| around_doc(view, &doc)).unwrap_or_default();
            around.into_iter().chain(alone([lot.custodian]).chain(alone(lot.supervisor))).collect()
        }
        HoldTarget::Pledge(id) => {
            let Some(pledge) = view.pledge(id) else { return Vec::new() };
            alone([pledge.pledgor, pledge.pledgee]).chain(alone(pledge.supervisor)).collect()
        }
        HoldTarget::Party(id) => vec![vec![*id]],
        HoldTarget::Cell(id) => {
            view.cell(id).map(|cell| alone([cell.keeper]).chain(alone(cell.supervisor)).collect()).unwrap_or_default()
        }
    }
}

/// Issuer, holder and beneficiary know each other from the document; its banks hear by themselves.
fn around_doc(view: &View<'_>, doc: &Doc) -> Vec<Vec<AccountId>> {
    let pending = matches!(doc.state, DocState::PendDelivery | DocState::PendAmend);
    let surrendered = doc.surrendered.iter().filter(|_| pending).flat_map(|s| [s.by, s.holder]);
    let reserving = view.reservation(&doc.id.0).map(|r| r.bank);
    let all = [doc.issuer, doc.holder].into_iter().chain(doc.beneficiary).chain(surrendered).chain(reserving);
    let is_bank = |id: &AccountId| view.party(id).is_some_and(|party| party.has(Role::Bank));
    let (banks, mut firms): (Vec<AccountId>, Vec<AccountId>) = all.partition(is_bank);
    firms.sort();
    firms.dedup();
    let firms = Some(firms).filter(|firms| !firms.is_empty());
    firms.into_iter().chain(alone(banks)).collect()
}

fn alone(parties: impl IntoIterator<Item = AccountId>) -> impl Iterator<Item = Vec<AccountId>> {
    parties.into_iter().map(|party| vec![party])
}
