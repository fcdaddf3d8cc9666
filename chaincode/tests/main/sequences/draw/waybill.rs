//! Draws of `waybill`.

use super::{Draw, Drawer, Drawn, FIRMS, alone, on, with};
use crate::kit::*;
use crate::waybill::acts::{part, restated, whole};
use landsea_types::operation::DocVersion;
use landsea_types::operation::waybill::*;
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{DocKind, DocState, InstructionKind};
use landsea_types::{Commit, Operation, Qty, Uom};

pub const DRAWERS: &[(&str, Drawer)] = &[
    ("waybill.anchor", anchor),
    ("waybill.issue", issue),
    ("waybill.adopt", adopt),
    ("waybill.close_anchor", close_anchor),
    ("waybill.nominate", nominate),
    ("waybill.endorse", endorse),
    ("waybill.transfer", transfer),
    ("waybill.reject_back", reject_back),
    ("waybill.surrender_for_delivery", surrender_for_delivery),
    ("waybill.surrender_for_amendment", surrender_for_amendment),
    ("waybill.answer_surrender", answer_surrender),
    ("waybill.instruct", instruct),
    ("waybill.amend", amend),
    ("waybill.split", |draw| split(draw, false)),
    ("waybill.merge", |draw| merge(draw, false)),
    ("waybill.convert", convert),
    ("waybill.void", |draw| void(draw, false)),
];

fn is_bill(doc: &Doc) -> bool {
    doc.state == DocState::Active && !doc.is_receipt()
}

fn anchor(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (number, key) = (draw.number(), draw.key('C'));
    let paper = Paper::new(&number, &[&key]);
    alone("R-CD", draw.world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &paper))
}

fn issue(draw: &mut Draw<'_>) -> Option<Drawn> {
    let (number, container) = (draw.number(), draw.key('C'));
    let vehicle = draw.key('V');
    let keys: &[&str] = if draw.dice.chance(50) { &[&container] } else { &[&container, &vehicle] };
    let first_holder = draw.dice.pick(&FIRMS);
    let bill = Bill { first_holder, ..Bill::new(&number, keys) };
    with("MTO", draw.world.issue_op(&bill), &[first_holder])
}

fn note(draw: &mut Draw<'_>) -> Option<Doc> {
    draw.doc(|doc| doc.state == DocState::Anchored && doc.adopted_by.is_none())
}

/// The title whose goods the note speaks of.
fn adopt(draw: &mut Draw<'_>) -> Option<Drawn> {
    let note = note(draw)?;
    let keys: Vec<_> = note.note_keys.iter().map(|key| key.key).collect();
    let lots = |doc: &Doc| doc.lots.iter().filter_map(|id| draw.state().lots.get(id)).collect::<Vec<&Lot>>();
    let fits =
        |doc: &&Doc| is_bill(doc) && lots(doc).iter().any(|lot| lot.keys.iter().any(|key| keys.contains(&key.key)));
    let titles: Vec<Doc> = draw.state().docs.values().filter(fits).cloned().collect();
    let title = match draw.dice.one(titles) {
        Some(title) => title,
        None => draw.doc(is_bill)?,
    };
    alone(draw.name(&title.issuer), draw.world.adopt_op(&title.id, &note.id))
}

fn close_anchor(draw: &mut Draw<'_>) -> Option<Drawn> {
    let note = note(draw)?;
    alone(draw.name(&note.issuer), draw.world.close_op(&note.id))
}

fn nominate(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    let nominee = if draw.dice.chance(85) { Some(draw.dice.pick(&FIRMS)) } else { None };
    on(draw, draw.actor(&doc), draw.world.nominate_op(&doc.id, nominee), &doc)
}

fn endorse(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    let tag = draw.dice.pick(&FIRMS);
    let to = draw.world.account(tag);
    let kinds = [Endorsement::Named { to }, Endorsement::ToOrder { to }, Endorsement::Blank];
    let endorsement = draw.dice.pick(&kinds);
    on(draw, draw.actor(&doc), draw.world.endorse_op(&doc.id, endorsement), &doc)
}

fn transfer(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    let to = match doc.nominee.filter(|_| draw.dice.chance(60)) {
        Some(nominee) => draw.name(&nominee),
        None => draw.dice.pick(&FIRMS).to_string(),
    };
    on(draw, draw.actor(&doc), draw.world.transfer_op(&doc.id, &to), &doc)
}

fn reject_back(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(|doc| doc.state == DocState::Active && doc.previous.0.is_some())?;
    on(draw, draw.actor(&doc), draw.world.reject_op(&doc.id), &doc)
}

fn surrender_for_delivery(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    on(draw, draw.actor(&doc), draw.world.surrender_op(&doc.id), &doc)
}

fn surrender_for_amendment(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    on(draw, draw.actor(&doc), draw.world.surrender_amend_op(&doc.id), &doc)
}

/// The same goods under new words.
fn version(draw: &mut Draw<'_>, doc: &Doc) -> NewVersion {
    let issuer = draw.name(&doc.issuer);
    let mut body = draw.ticket_over(&issuer, doc).body;
    body.fp2 = Paper::new(&format!("amended {}", draw.dice.next()), &[]).fp2();
    NewVersion {
        ticket: draw.world.sign_ticket(body),
        content_root: commit("amended"),
        issue_date: 20_260_401,
        changed_fields: 1,
        control_agreement: commit("control agreement"),
        lots: draw.lots_of(doc).iter().map(restated).collect(),
    }
}

fn answer_surrender(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(|doc| matches!(doc.state, DocState::PendDelivery | DocState::PendAmend))?;
    let accept = draw.dice.chance(70);
    let amends = accept && doc.state == DocState::PendAmend;
    let version = amends.then(|| version(draw, &doc));
    on(draw, draw.name(&doc.issuer), draw.world.answer_op(&doc.id, accept, version), &doc)
}

fn instruct(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    let instruction = draw.dice.pick(InstructionKind::ALL);
    on(draw, draw.actor(&doc), draw.world.instruct_op(&doc.id, instruction), &doc)
}

fn amend(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    let version = version(draw, &doc);
    let op = Operation::WaybillAmend(Amend { doc: doc.id, expect_ver: doc.ver, version });
    on(draw, draw.name(&doc.issuer), op, &doc)
}

/// A split lot by lot, or of one lot in two, sometimes not conserved.
pub fn split_body(draw: &mut Draw<'_>, doc: &Doc) -> Option<Split> {
    let lots = draw.lots_of(doc);
    let (first, others) = lots.split_first()?;
    let number = draw.number();
    let children = if !others.is_empty() && draw.dice.chance(60) {
        vec![vec![whole(first)], others.iter().map(whole).collect()]
    } else {
        let half = first.qty.get() / 2_000;
        let rest = first.qty.get() / 1_000 - half - u64::from(draw.dice.chance(10));
        let (few, many) = (first.packages / 2, first.packages - first.packages / 2);
        vec![
            vec![part(first, half, few)],
            [part(first, rest, many)].into_iter().chain(others.iter().map(whole)).collect(),
        ]
    };
    Some(draw.world.split_body(&doc.id, &number, children))
}

pub fn split(draw: &mut Draw<'_>, receipts: bool) -> Option<Drawn> {
    let doc = draw.doc(|doc| doc.state == DocState::Active && doc.is_receipt() == receipts)?;
    let mut body = split_body(draw, &doc)?;
    if doc.enc.is_some() && draw.dice.chance(50) {
        body.released = vec![0];
    }
    let op = if receipts { Operation::WarehouseSplit(body) } else { Operation::WaybillSplit(body) };
    on(draw, draw.name(&doc.issuer), op, &doc)
}

/// Two documents of one issuer and one holder, if there are any.
pub fn merge(draw: &mut Draw<'_>, receipts: bool) -> Option<Drawn> {
    let first = draw.doc(|doc| doc.state == DocState::Active && doc.is_receipt() == receipts)?;
    let second = draw.doc(|doc| {
        let alike = (doc.issuer, doc.holder, doc.beneficiary, doc.enc, doc.order_type);
        let same = alike == (first.issuer, first.holder, first.beneficiary, first.enc, first.order_type);
        doc.state == DocState::Active && doc.id != first.id && doc.is_receipt() == receipts && same
    })?;
    let number = draw.number();
    let mut body = draw.world.merge_body(&[first.id, second.id], &number);
    body.docs = vec![version_of(&first), version_of(&second)];
    let op = if receipts { Operation::WarehouseMerge(body) } else { Operation::WaybillMerge(body) };
    let mut drawn = on(draw, draw.name(&first.issuer), op, &first)?;
    drawn.consents.extend(draw.concerned(&second));
    Some(drawn)
}

fn version_of(doc: &Doc) -> DocVersion {
    DocVersion { doc: doc.id, expect_ver: doc.ver }
}

/// Lots that take the place of others, a little less than they were.
pub fn converted(draw: &mut Draw<'_>, lots: &[Lot], marker: &str) -> (Vec<NewLot>, Vec<Shortage>) {
    let short = if draw.dice.chance(30) { draw.dice.below(120_000) } else { 0 };
    let mut new: Vec<NewLot> = lots.iter().map(restated).collect();
    let mut taken = false;
    for lot in &mut new {
        lot.keys.retain(|key| key.class != b'C' && key.class != b'W' && key.class != b'S');
        lot.keys.push(key(&format!("{marker}/{}", draw.dice.next())));
        if !taken && lot.qty.get() > short {
            lot.qty = Qty::new(lot.qty.get() - short);
            taken = true;
        }
    }
    let shortage = Shortage { uom: Uom::KGM, qty: Qty::new(short), packages: 0 };
    (new, if short > 0 && taken { vec![shortage] } else { vec![] })
}

fn convert(draw: &mut Draw<'_>) -> Option<Drawn> {
    let doc = draw.doc(is_bill)?;
    let (lots, number) = (draw.lots_of(&doc), draw.number());
    let (new, shortages) = converted(draw, &lots, "B:arrived");
    let accept_shortage = draw.dice.chance(30);
    let body = Convert { shortages, accept_shortage, ..draw.world.convert_body(&doc.id, &number, new) };
    on(draw, "COLD", Operation::WaybillConvert(body), &doc)
}

pub fn void(draw: &mut Draw<'_>, receipts: bool) -> Option<Drawn> {
    let doc = draw.doc(|doc| doc.state == DocState::Active && doc.is_receipt() == receipts)?;
    let by_order = draw.dice.chance(40);
    let order: Option<Commit> = by_order.then(|| commit("order"));
    let body = VoidDoc { doc: doc.id, expect_ver: doc.ver, order };
    let op = if receipts { Operation::WarehouseVoid(body) } else { Operation::WaybillVoid(body) };
    let home = draw.world.genesis.member(doc.home)?.code.clone();
    let sender = if by_order { home } else { draw.name(&doc.issuer) };
    on(draw, sender, op, &doc)
}
