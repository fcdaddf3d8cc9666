//! The two-step path: a bank offers, the other parties accept one by one, and the last acceptance creates the pledge.
//!
//! An offer encumbers nothing. Whatever the creation would check is checked when the last party accepts, at that block.

use super::Transition;
use super::create::{establish, known_parties};
use super::intake::{custodians, is_sound_set, supervisors};
use crate::context::{Cx, event};
use crate::goods;
use crate::refusal::{Refused, ensure, internal};
use crate::view::{Due, View, opaque};
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{Accept, Create, MakeOffer, WithdrawOffer};
use landsea_types::record::{Lot, Offer};
use landsea_types::role::{OfferState, Role};
use landsea_types::{AccountId, Code, DocId, Hash, OfferId, PledgeId};
use std::collections::BTreeSet;

/// Executes `pledge.offer`.
///
/// # Errors
/// 1005, 1006; 1012 as in `pledge.create`, 1007; 5011; 5005 for an end that has passed or is too far.
pub fn offer(cx: &mut Cx<'_, '_>, op: &MakeOffer) -> Refused {
    cx.require_role(&[Role::Bank])?; // 3
    known_parties(cx, &op.terms)?; // 4
    check_versions(cx, &op.terms)?;
    let docs: Vec<DocId> = op.terms.docs.iter().map(|collateral| collateral.doc).collect();
    ensure(is_sound_set(&docs), Code::CollateralSetInvalid)?; // 5
    let latest = cx.now().saturating_add(cx.param(ParamKey::OfferMaxMs));
    ensure(cx.now() < op.until && op.until <= latest, Code::TermOutOfLimits)?; // 13
    let offer = Offer {
        id: OfferId(cx.new_id("offer")),
        ver: 1,
        bank: cx.sender.id,
        terms: op.terms.clone(),
        until: op.until,
        accepted: Vec::new(),
        state: OfferState::Open,
    };
    cx.view.put_offer(&offer);
    cx.view.schedule(offer.until, Due::Offer, &offer.id.0, &[]);
    say(cx, &offer, EventName::OfferMade, &[], &[op.until.get()]);
    Ok(())
}

/// Check step 4: the bank offers over the versions that it saw. The creation compares them again.
fn check_versions(cx: &Cx<'_, '_>, terms: &Create) -> Refused {
    for collateral in &terms.docs {
        let doc = internal(cx.view.doc(&collateral.doc))?;
        cx.expect_ver(collateral.expect_ver, doc.ver)?;
    }
    Ok(())
}

/// Executes `pledge.accept`: the sender's consent to the creation. The last one needed creates the pledge with the bank as its caller;
/// a refusal of the creation refuses the acceptance.
///
/// # Errors
/// 1006; 1012, 1007; 1005 for a party whose consent the creation does not need; 5012 for an offer that has ended or that the party has
/// accepted; then as `pledge.create`.
pub fn accept(cx: &mut Cx<'_, '_>, op: &Accept) -> Refused {
    cx.require_active()?; // 3
    let mut offer = load(cx, &op.offer, op.expect_ver)?; // 4
    let needed = asked_to_accept(cx.view, &offer.terms);
    // Whose role it is to accept is known only now.
    ensure(needed.contains(&cx.sender.id), Code::RoleNotPermitted)?;
    let first_time = !offer.accepted.contains(&cx.sender.id);
    ensure(offer.state == OfferState::Open && first_time, Code::OfferNotOpen)?; // 6
    offer.accepted.push(cx.sender.id);
    let open = needed.iter().filter(|party| !offer.accepted.contains(party) && **party != offer.bank).count();
    let created = if open == 0 { Some(conclude(cx, &offer)?) } else { None };
    if created.is_some() {
        cx.view.unschedule(offer.until, Due::Offer, &offer.id.0);
        offer.state = OfferState::Accepted;
    }
    let related: Vec<Hash> = created.iter().map(|pledge| opaque(&pledge.0)).collect();
    let open = u64::try_from(open).unwrap_or(u64::MAX);
    put(cx, &mut offer)?;
    say(cx, &offer, EventName::OfferAccepted, &related, &[open]);
    Ok(())
}

/// Executes `pledge.withdraw_offer`.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 5012 once it has ended; 5009 for another bank's.
pub fn withdraw_offer(cx: &mut Cx<'_, '_>, op: &WithdrawOffer) -> Refused {
    cx.require_role(&[Role::Bank])?; // 3
    let mut offer = load(cx, &op.offer, op.expect_ver)?; // 4
    ensure(offer.state == OfferState::Open, Code::OfferNotOpen)?; // 6
    ensure(offer.bank == cx.sender.id, Code::NotPledgee)?; // 11
    cx.view.unschedule(offer.until, Due::Offer, &offer.id.0);
    offer.state = OfferState::Withdrawn;
    put(cx, &mut offer)?;
    say(cx, &offer, EventName::OfferEnded, &[], &[OfferState::Withdrawn as u64]);
    Ok(())
}

/// Check step 4: the offer in the version that the sender saw, then expired if it is time.
fn load(cx: &mut Cx<'_, '_>, id: &OfferId, expect_ver: u32) -> Refused<Offer> {
    let seen = Cx::known(cx.view.offer(id), 0)?.ver;
    cx.expect_ver(expect_ver, seen)?;
    Transition::of(cx).expire_offer(id);
    internal(cx.view.offer(id))
}

/// Whose consents the creation needs now: the pledgor, who keeps the goods, who watches them or is to.
pub fn asked_to_accept(view: &View<'_>, terms: &Create) -> BTreeSet<AccountId> {
    let docs = terms.docs.iter().filter_map(|collateral| view.doc(&collateral.doc));
    let lots: Vec<Lot> = docs.flat_map(|doc| goods::lots_of(view, &doc)).collect();
    let mut parties = custodians(lots.iter());
    parties.extend(supervisors(lots.iter(), terms.supervisor));
    parties.insert(terms.pledgor);
    parties
}

/// Creates the pledge as if the bank had sent the creation with the consents of all who accepted.
fn conclude(cx: &mut Cx<'_, '_>, offer: &Offer) -> Refused<PledgeId> {
    let bank = internal(cx.view.party(&offer.bank))?;
    let given = std::iter::once(offer.bank).chain(offer.accepted.iter().copied()).collect();
    let acceptor = (std::mem::replace(&mut cx.sender, bank), std::mem::replace(&mut cx.given, given));
    let represented = cx.represented.take();
    let created = establish(cx, &offer.terms);
    (cx.sender, cx.given) = acceptor;
    cx.represented = represented;
    created
}

fn put(cx: &mut Cx<'_, '_>, offer: &mut Offer) -> Refused {
    offer.ver = internal(offer.ver.checked_add(1))?;
    cx.view.put_offer(offer);
    Ok(())
}

fn say(cx: &mut Cx<'_, '_>, offer: &Offer, name: EventName, related: &[Hash], args: &[u64]) {
    for mut event in offer_events(cx.view, offer, name, args) {
        event.related.extend_from_slice(related);
        Transition::of(cx).say(event);
    }
}

/// What is told of an offer: to everybody who is asked, and by itself to the bank, which no event names to another party. Both go to
/// the homes of both sides and of the documents.
pub(super) fn offer_events(view: &View<'_>, offer: &Offer, name: EventName, args: &[u64]) -> Vec<Event> {
    let ids = || offer.terms.docs.iter().map(|collateral| collateral.doc);
    let sides = [offer.bank, offer.terms.pledgor];
    let homes = sides.iter().filter_map(|id| view.party(id)).map(|party| party.home);
    let doc_homes = ids().filter_map(|id| view.doc(&id)).map(|doc| doc.home);
    let members: Vec<_> = homes.chain(doc_homes).collect();
    let related: Vec<Hash> = ids().map(|id| opaque(&id.0)).collect();
    let asked: Vec<AccountId> =
        asked_to_accept(view, &offer.terms).into_iter().filter(|id| *id != offer.bank).collect();
    let tell = |parties: &[AccountId]| event(name, &offer.id.0, &related, &members, parties, args);
    vec![tell(&asked), tell(&[offer.bank])]
}
