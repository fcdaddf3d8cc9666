//! Draws of `pledge`.

use super::warehouse::partial_body;
use super::waybill::split_body;
use super::{BANKS, Draw, Drawer, Drawn, FIRMS, alone, on};
use crate::kit::*;
use landsea_types::operation::DocVersion;
use landsea_types::operation::pledge::*;
use landsea_types::record::{Doc, Offer, Pledge};
use landsea_types::role::{DocState, OfferState, PledgeState, RealiseMode};
use landsea_types::{Commit, Operation};

pub const DRAWERS: &[(&str, Drawer)] = &[
    ("pledge.reserve", reserve),
    ("pledge.cancel_reservation", cancel_reservation),
    ("pledge.create", create),
    ("pledge.extend", extend),
    ("pledge.release", release),
    ("pledge.offer", offer),
    ("pledge.accept", accept),
    ("pledge.withdraw_offer", withdraw_offer),
    ("pledge.add_collateral", add_collateral),
    ("pledge.substitute", substitute),
    ("pledge.release_partial", release_partial),
    ("pledge.assign", assign),
    ("pledge.declare_default", declare_default),
    ("pledge.cure", cure),
    ("pledge.realise", realise),
    ("pledge.mirror", mirror),
    ("pledge.void_by_order", void_by_order),
];

fn is_free(doc: &Doc) -> bool {
    doc.state == DocState::Active && doc.enc.is_none()
}

fn is_live(pledge: &Pledge) -> bool {
    pledge.state.is_live()
}

fn bank(draw: &mut Draw<'_>) -> &'static str {
    draw.dice.pick(&BANKS)
}

fn pledgee(draw: &Draw<'_>, pledge: &Pledge) -> String {
    draw.name(&pledge.pledgee)
}

fn docs_of(draw: &Draw<'_>, pledge: &Pledge) -> Vec<Doc> {
    pledge.docs.iter().filter_map(|id| draw.state().docs.get(id)).cloned().collect()
}

/// An operation on a pledge with the consents of everybody concerned with its documents.
fn over(draw: &Draw<'_>, pledge: &Pledge, op: Operation) -> Option<Drawn> {
    let docs = docs_of(draw, pledge);
    let mut consents: Vec<String> = docs.iter().flat_map(|doc| draw.concerned(doc)).collect();
    consents.push(draw.name(&pledge.pledgor));
    Some(Drawn { sender: pledgee(draw, pledge), op, consents })
}

fn reserve(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (doc, bank) = (draw.doc(is_free)?, bank(draw));
    let hours = 1 + draw.dice.below(80);
    on(draw, bank, draw.world.reserve_op(&doc.id, hours), &doc)
}

fn cancel_reservation(draw: &mut Draw<'_>) -> Option<Drawn> {
    let reserved: Vec<_> = draw.state().reservations.values().cloned().collect();
    let reservation = draw.dice.one(reserved)?;
    alone(draw.name(&reservation.bank), draw.world.cancel_op(&reservation.doc))
}

fn collateral(draw: &Draw<'_>, bank: &str, doc: &Doc) -> Collateral {
    Collateral { doc: doc.id, expect_ver: doc.ver, ticket: draw.ticket_over(bank, doc) }
}

/// The terms of a pledge of one or two documents of one firm.
fn terms(draw: &mut Draw<'_>, bank: &str) -> Option<(Create, Vec<String>)> {
    let first = draw.doc(is_free)?;
    let also = |doc: &Doc| is_free(doc) && doc.holder == first.holder && doc.id != first.id;
    let second = if draw.dice.chance(30) { draw.doc(also) } else { None };
    let docs: Vec<Doc> = std::iter::once(first.clone()).chain(second).collect();
    let pledgor = draw.actor(&first);
    let days = 30 + draw.dice.below(90);
    let supervisor = draw.dice.chance(20).then(|| draw.world.account("SUP"));
    let body = draw.world.create_body(bank, &pledgor, &[]);
    let body = Create {
        docs: docs.iter().map(|doc| collateral(draw, bank, doc)).collect(),
        reg_until: draw.world.next_time().saturating_add(days * DAY),
        supervisor,
        ack_near: true,
        ..body
    };
    let mut consents: Vec<String> = docs.iter().flat_map(|doc| draw.concerned(doc)).collect();
    consents.push("SUP".into());
    Some((body, consents))
}

fn create(draw: &mut Draw<'_>) -> Option<Drawn> {
    let bank = bank(draw);
    let (body, consents) = terms(draw, bank)?;
    Some(Drawn { sender: bank.into(), op: Operation::PledgeCreate(body), consents })
}

fn extend(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(is_live)?;
    let days = 60 + draw.dice.below(200);
    over(draw, &pledge, draw.world.extend_op(&pledge.id, days))
}

fn release(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(is_live)?;
    over(draw, &pledge, draw.world.release_op(&pledge.id))
}

fn offer(draw: &mut Draw<'_>) -> Option<Drawn> {
    let bank = bank(draw);
    let (terms, _) = terms(draw, bank)?;
    let until = draw.world.next_time().saturating_add(draw.dice.below(80) * HOUR);
    alone(bank, Operation::PledgeOffer(MakeOffer { terms, until }))
}

fn open_offer(draw: &mut Draw<'_>) -> Option<Offer> {
    let any = draw.dice.chance(10);
    let open = |offer: &&Offer| any || offer.state == OfferState::Open;
    let offers = draw.state().offers.values().filter(open).cloned().collect();
    draw.dice.one(offers)
}

/// By one of those who are asked, sometimes with the consents of the others.
fn accept(draw: &mut Draw<'_>) -> Option<Drawn> {
    let offer = open_offer(draw)?;
    let op = Operation::PledgeAccept(Accept { offer: offer.id, expect_ver: offer.ver });
    let named = offer.terms.docs.iter().filter_map(|c| draw.state().docs.get(&c.doc));
    let mut asked: Vec<String> = named.map(|doc| draw.name(&doc.issuer)).collect();
    asked.push(draw.name(&offer.terms.pledgor));
    let sender = draw.dice.one(asked.clone())?;
    let others = if draw.dice.chance(50) { asked } else { Vec::new() };
    Some(Drawn { sender, op, consents: others })
}

fn withdraw_offer(draw: &mut Draw<'_>) -> Option<Drawn> {
    let offer = open_offer(draw)?;
    let op = WithdrawOffer { offer: offer.id, expect_ver: offer.ver };
    alone(draw.name(&offer.bank), Operation::PledgeWithdrawOffer(op))
}

/// A document of the pledgor that could join.
fn joining(draw: &mut Draw<'_>, pledge: &Pledge) -> Option<Doc> {
    let receipts = docs_of(draw, pledge).first().is_some_and(Doc::is_receipt);
    let pledgor = pledge.pledgor;
    draw.doc(|doc| is_free(doc) && doc.holder == pledgor && doc.is_receipt() == receipts)
}

fn add_collateral(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(|p| matches!(p.state, PledgeState::Active | PledgeState::Matured))?;
    let (doc, bank) = (joining(draw, &pledge)?, pledgee(draw, &pledge));
    let docs = vec![collateral(draw, &bank, &doc)];
    let body = AddCollateral { pledge: pledge.id, expect_ver: pledge.ver, docs, ack_near: true };
    on(draw, bank, Operation::PledgeAddCollateral(body), &doc)
}

fn substitute(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(|p| matches!(p.state, PledgeState::Active | PledgeState::Matured))?;
    let (doc, bank) = (joining(draw, &pledge)?, pledgee(draw, &pledge));
    let out = draw.dice.one(docs_of(draw, &pledge))?;
    let add = vec![collateral(draw, &bank, &doc)];
    let remove = vec![DocVersion { doc: out.id, expect_ver: out.ver }];
    let body = Substitute { pledge: pledge.id, expect_ver: pledge.ver, add, remove, ack_near: true };
    let mut drawn = over(draw, &pledge, Operation::PledgeSubstitute(body))?;
    drawn.consents.extend(draw.concerned(&doc));
    Some(drawn)
}

fn release_partial(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(|p| matches!(p.state, PledgeState::Active | PledgeState::Matured))?;
    let doc = draw.dice.one(docs_of(draw, &pledge))?;
    let release = match draw.dice.below(3) {
        0 => Partial::Document(DocVersion { doc: doc.id, expect_ver: doc.ver }),
        1 if doc.is_receipt() => Partial::Delivery(partial_body(draw, &doc)?),
        _ => Partial::Split(landsea_types::operation::waybill::Split {
            released: vec![draw.dice.below(2) as u8],
            ..split_body(draw, &doc)?
        }),
    };
    let body = ReleasePartial { pledge: pledge.id, expect_ver: pledge.ver, release };
    over(draw, &pledge, Operation::PledgeReleasePartial(body))
}

fn assign(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (pledge, to) = (draw.pledge(is_live)?, bank(draw));
    let body = Assign {
        pledge: pledge.id,
        expect_ver: pledge.ver,
        to: draw.world.account(to),
        accept_enforcing: draw.dice.chance(50),
        encumbered_claim: draw.dice.chance(20),
    };
    let mut drawn = over(draw, &pledge, Operation::PledgeAssign(body))?;
    drawn.consents.push(to.into());
    Some(drawn)
}

fn declare_default(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(is_live)?;
    let body = DeclareDefault { pledge: pledge.id, expect_ver: pledge.ver, notice: commit("notice") };
    alone(pledgee(draw, &pledge), Operation::PledgeDeclareDefault(body))
}

fn cure(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(|p| p.state == PledgeState::Enforcing)?;
    let body = Cure { pledge: pledge.id, expect_ver: pledge.ver };
    alone(pledgee(draw, &pledge), Operation::PledgeCure(body))
}

fn realise(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(|p| p.state == PledgeState::Enforcing)?;
    let to = draw.dice.pick(&FIRMS);
    let home = draw.world.genesis.member(pledge.home_pledgor)?.code.clone();
    let by_order = draw.dice.chance(40);
    let body = Realise {
        pledge: pledge.id,
        expect_ver: pledge.ver,
        mode: draw.dice.pick(RealiseMode::ALL),
        to: draw.world.account(to),
        order: by_order.then(|| draw.world.account(&home)),
    };
    let mut drawn = over(draw, &pledge, Operation::PledgeRealise(body))?;
    drawn.consents.push(home);
    Some(drawn)
}

fn mirror(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(is_live)?;
    let expires = draw.world.next_time().saturating_add(draw.dice.below(400) * DAY);
    let registration = Commit([9; 32]);
    let body = RegisterMirror { pledge: pledge.id, expect_ver: pledge.ver, registration, expires };
    alone(pledgee(draw, &pledge), Operation::PledgeMirror(body))
}

fn void_by_order(draw: &mut Draw<'_>) -> Option<Drawn> {
    let pledge = draw.pledge(is_live)?;
    let home = draw.world.genesis.member(pledge.home_pledgor)?.code.clone();
    let body = VoidByOrder { pledge: pledge.id, expect_ver: pledge.ver, order: commit("order") };
    alone(home, Operation::PledgeVoidByOrder(body))
}
