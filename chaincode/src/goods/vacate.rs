//! `goods.force_vacate`: a branch ends an occupancy that somebody forgot.
//!
//! The goods stay under their documents, which go on naming the key; another lot may now take it. That is why every pledgee of the
//! goods must agree, and every home hears of it.

use super::{facts, lots};
use crate::context::Cx;
use crate::pledge;
use crate::refusal::{Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::goods::ForceVacate;
use landsea_types::record::{Doc, Lot};
use landsea_types::role::Role;
use landsea_types::{AccountId, Code, DocId, GoodsKey, Hash, Member};
use std::collections::BTreeSet;

/// Ends the occupancy of a key by all lots that occupy it.
///
/// # Errors
/// 1005 also for the branch of another member, 1006; 1012 for a key that nobody occupies; 3006, 5002; the consents of pledgees and
/// reserving banks 1008, 1009, 1006.
pub fn force_vacate(cx: &mut Cx<'_, '_>, op: &ForceVacate) -> Refused {
    cx.require_role(&[Role::Branch])?; // 3
    let titles = settle_titles(cx, &op.key)?; // 4
    let occupants: Vec<Lot> = cx.view.goods_key(&op.key).iter().filter_map(|id| cx.view.lot(id)).collect();
    Cx::known(occupants.first(), 0)?;
    ensure(occupants.iter().any(|lot| lot.home == cx.sender.home), Code::RoleNotPermitted)?;
    titles.iter().try_for_each(|doc| pledge::check_encumbrance(cx, doc))?; // 10
    titles.iter().try_for_each(|doc| pledge::require_pledgee_consent(cx, doc))?; // 12
    say_vacated(cx, &op.key, &occupants, &titles);
    cx.view.put_goods_key(&op.key, Vec::new());
    for mut lot in occupants {
        lot.keys.retain(|key| key.key != op.key);
        lots::put_changed(cx, lot)?;
    }
    Ok(())
}

/// The documents of the lots that occupy a key, after what was due on them.
fn settle_titles(cx: &mut Cx<'_, '_>, key: &GoodsKey) -> Refused<Vec<Doc>> {
    let occupants = cx.view.goods_key(key);
    let ids: BTreeSet<DocId> = occupants.iter().filter_map(|id| cx.view.lot(id)?.title).collect();
    let mut titles = Vec::with_capacity(ids.len());
    for id in ids {
        pledge::settle(cx, &id)?;
        titles.push(internal(cx.view.doc(&id))?);
    }
    Ok(titles)
}

fn say_vacated(cx: &mut Cx<'_, '_>, key: &GoodsKey, occupants: &[Lot], titles: &[Doc]) {
    let pledgees = titles.iter().flat_map(|doc| facts::pledgee_members(cx, doc));
    let homes = occupants.iter().flat_map(|lot| facts::homes(cx, lot));
    let members: Vec<Member> = pledgees.chain(homes).collect();
    let custodians: BTreeSet<AccountId> = occupants.iter().map(|lot| lot.custodian).collect();
    let parties: Vec<AccountId> = custodians.into_iter().collect();
    let lots = occupants.iter().map(|lot| Hash(lot.id.0));
    let related: Vec<Hash> = lots.chain(titles.iter().map(|doc| Hash(doc.id.0))).collect();
    cx.emit_related(EventName::KeyVacated, &key.0, &related, &members, &parties, &[]);
}
