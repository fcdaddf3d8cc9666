//! Pledges and reservations whose document is replaced or delivered.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::Create;
use landsea_types::operation::waybill::{Amend, AnswerSurrender, Convert, NewVersion, Shortage};
use landsea_types::role::{DocState, PledgeState};
use landsea_types::{Code, DocId, Operation, PledgeId, Qty, Uom};

fn version(world: &World, doc: &DocId, paper: &Paper) -> NewVersion {
    NewVersion {
        ticket: world.ticket("MTO", world.doc(doc).kind, paper),
        content_root: commit("new version"),
        issue_date: 20_260_305,
        changed_fields: 1,
        control_agreement: commit("control agreement"),
        lots: lots_over(paper),
    }
}

fn amend_op(world: &World, doc: &DocId, paper: &Paper) -> Operation {
    let amended = paper.rewritten("a corrected consignee");
    Operation::WaybillAmend(Amend { doc: *doc, expect_ver: world.ver(doc), version: version(world, doc, &amended) })
}

fn convert_op(world: &World, doc: &DocId, paper: &Paper, short_grams: u64) -> Operation {
    let mut receipt = world.receipt_body("COLD", "site of COLD", paper);
    let last = receipt.lots.last_mut().expect("a lot");
    last.qty = last.qty.checked_sub(short_grams).expect("less than a lot");
    let shortage = Shortage { uom: Uom::KGM, qty: Qty::new(short_grams), packages: 0 };
    let shortages = if short_grams == 0 { vec![] } else { vec![shortage] };
    let expect_ver = world.ver(doc);
    Operation::WaybillConvert(Convert { doc: *doc, expect_ver, receipt, shortages, accept_shortage: false })
}

fn replacement(world: &World, doc: &DocId) -> DocId {
    world.doc(doc).replaced_by.expect("the document was replaced")
}

/// A bill of E1 over two reefers with a batch key each, pledged to B1 under SUP's supervision.
fn supervised() -> (World, Bill, DocId, PledgeId) {
    let mut world = World::new();
    let mut bill =
        Bill { first_holder: "E1", ..Bill::new("SHLT-SSZ-CKG-2026-000052", &["C:XLRU2602015", "C:XLRU2602020"]) };
    bill.paper = bill.paper.over(&["C:XLRU2602015", "C:XLRU2602020", "B:1", "B:2"]);
    let mut issue = world.issue_body(&bill);
    let (first, second) = (bill.paper.keys[0], bill.paper.keys[1]);
    issue.lots.truncate(2);
    issue.lots[0].keys = vec![first, bill.paper.keys[2]];
    issue.lots[1].keys = vec![second, bill.paper.keys[3]];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(issue), &["E1"]));
    let supervisor = Some(world.account("SUP"));
    let op = Create { supervisor, ..world.create_body("B1", "E1", &[(doc, &bill.paper)]) };
    let outcome = world.ok("B1", Operation::PledgeCreate(op), &["E1", "MTO", "SUP"]);
    (world, bill, doc, pledge_of(&outcome))
}

#[test]
fn an_amendment_keeps_pledge_priority_and_lots() {
    let mut world = World::new();
    let bill = Bill::s1();
    let (doc, pledge) = world.pledged_bill(&bill);
    let before = world.pledge(&pledge);
    let op = amend_op(&world, &doc, &bill.paper);
    world.ok("MTO", op, &["E5", "B1"]);
    let new = replacement(&world, &doc);
    let after = world.pledge(&pledge);
    assert_eq!((after.docs, after.priority, after.lots), (vec![new], before.priority, before.lots));
    assert_eq!(world.encumbrance(&doc.0), None);
    assert_eq!(world.encumbrance(&new.0).expect("carried").pledge, pledge);
    let op = world.create_op("B2", "E5", &new, &bill.paper);
    assert_eq!(world.code("B2", op, &["E5", "MTO"]), Code::AlreadyPledged);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    assert_eq!(world.doc(&new).holder, world.account("E5"));
}

#[test]
fn an_amendment_keeps_a_reservation_and_its_end() {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    world.reserve("B1", "E5", &doc, 24);
    let until = world.reservation(&doc.0).expect("reserved").until;
    let op = amend_op(&world, &doc, &bill.paper);
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::ReservedByOther);
    world.ok("MTO", op, &["E5", "B1"]);
    let new = replacement(&world, &doc);
    assert_eq!(world.reservation(&new.0).expect("carried").until, until);
    let op = world.create_op("B2", "E5", &new, &bill.paper);
    assert_eq!(world.code("B2", op, &["E5", "MTO"]), Code::ReservedByOther);
    let swept = world.pass(25 * HOUR).expect("the reservation expires");
    assert_eq!(event(&swept, EventName::ReservationExpired).subject.0, new.0);
}

#[test]
fn a_reservation_is_cancelled_through_the_newest_version_only() {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    world.reserve("B1", "E5", &doc, 24);
    let op = amend_op(&world, &doc, &bill.paper);
    world.ok("MTO", op, &["E5", "B1"]);
    let op = world.cancel_op(&doc);
    assert_eq!(world.code("B1", op, &[]), Code::PledgeState);
    let op = world.cancel_op(&replacement(&world, &doc));
    world.ok("B1", op, &[]);
}

#[test]
fn a_conversion_carries_the_pledge_to_the_receipt_with_its_priority() {
    let (mut world, _, doc, pledge) = supervised();
    let before = world.pledge(&pledge);
    let paper = Paper::new("TJLC-WR-2026-0087", &["B:1", "B:2"]).arrived_in(&["C:XLRU2602015", "C:XLRU2602020"]);
    let op = convert_op(&world, &doc, &paper, 0);
    world.ok("COLD", op, &["MTO", "E1", "B1", "SUP"]);
    let receipt = replacement(&world, &doc);
    let after = world.pledge(&pledge);
    assert_eq!(
        (after.priority, after.docs.clone(), after.state),
        (before.priority, vec![receipt], PledgeState::Active)
    );
    assert!(after.lots.iter().all(|lot| !before.lots.contains(lot)));
    assert!(world.lots(&receipt).iter().all(|lot| lot.supervisor == Some(world.account("SUP"))));
    assert_eq!(world.doc(&receipt).holder, world.account("B1"));
    let op = world.create_op("B2", "E1", &receipt, &paper);
    let refused = world.submit("B2", op, &["E1", "COLD", "SUP"]);
    assert_eq!((refused.code, refused.args[0]), (Code::AlreadyPledged, before.priority.height.get()));
}

#[test]
fn the_pledges_custodian_must_stay_independent_at_conversion() {
    let mut world = World::with(Setup { groups: vec![("COLD", "g"), ("E5", "g")], ..Setup::default() });
    let bill = Bill::new("A", &["B:1"]);
    let (doc, _) = world.pledged_bill(&bill);
    let op = convert_op(&world, &doc, &Paper::new("WR", &["B:1"]).arrived_in(&["L:LOCAL"]), 0);
    assert_eq!(world.code("COLD", op, &["MTO", "E5", "B1"]), Code::CustodianNotIndependent);
}

#[test]
fn a_cooldown_follows_the_goods_into_the_warehouse() {
    let mut world = World::new();
    let bill = Bill::new("A", &["B:1"]);
    let doc = world.issue_bill(&bill);
    world.reserve("B1", "E5", &doc, 24);
    let op = world.cancel_op(&doc);
    world.ok("B1", op, &[]);
    let op = convert_op(&world, &doc, &Paper::new("WR", &["B:1"]).arrived_in(&["L:LOCAL"]), 0);
    world.ok("COLD", op, &["MTO", "E5"]);
    let receipt = replacement(&world, &doc);
    let op = world.reserve_op(&receipt, 24);
    assert_eq!(world.code("B1", op, &["E5"]), Code::ReservationLimit);
    world.pass(25 * HOUR);
    world.reserve("B1", "E5", &receipt, 24);
}

#[test]
fn delivery_releases_the_pledge_only_when_the_issuer_accepts() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Active);
    assert!(world.encumbrance(&doc.0).is_some());
    let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept: true, version: None };
    let outcome = world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    event(&outcome, EventName::PledgeReleased);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Released);
    assert_eq!(world.doc(&doc).state, DocState::Accomplished);
    assert_eq!(world.encumbrance(&doc.0), None);
}

#[test]
fn delivery_of_one_document_leaves_the_pledge_on_the_others() {
    let mut world = World::new();
    let bills = [Bill::new("A", &["C:A"]), Bill::new("B", &["C:B"])];
    let docs: Vec<DocId> = bills.iter().map(|b| world.issue_bill(b)).collect();
    let op = world.create_body("B1", "E5", &[(docs[0], &bills[0].paper), (docs[1], &bills[1].paper)]);
    let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(op), &["E5", "MTO"]));
    for (doc, state) in [(docs[0], PledgeState::Active), (docs[1], PledgeState::Released)] {
        let op = world.surrender_op(&doc);
        world.ok("E5", op, &["B1"]);
        let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept: true, version: None };
        world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
        assert_eq!(world.pledge(&pledge).state, state);
    }
}

#[test]
fn delivery_ends_a_reservation_that_consented_to_it() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.reserve("B1", "E5", &doc, 24);
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept: true, version: None };
    let outcome = world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    event(&outcome, EventName::ReservationCancelled);
    assert_eq!(world.reservation(&doc.0), None);
}
