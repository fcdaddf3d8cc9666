//! Which code wins where two defects compete.

use super::with_bill;
use crate::kit::*;
use landsea_types::operation::pledge::Create;
use landsea_types::role::HoldKind;
use landsea_types::{Code, DocId, Operation};

/// A second pledge with everything else wrong too: version, pledgor, consents, ticket, terms.
fn everything_wrong(world: &World, doc: &DocId, bill: &Bill) -> Create {
    let mut op = world.create_body("B2", "E6", &[(*doc, &bill.paper)]);
    op.docs[0].expect_ver = 99;
    op.docs[0].ticket = world.ticket("B1", bill.kind, &bill.paper.renumbered("X"));
    op.reg_until = world.time;
    op.proof_min_level = 3;
    op
}

#[test]
fn a_second_pledge_answers_5001_whatever_else_is_wrong_with_it() {
    let (mut world, bill, doc) = with_bill();
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let op = everything_wrong(&world, &doc, &bill);
    assert_eq!(world.code("B2", Operation::PledgeCreate(op), &[]), Code::AlreadyPledged);
}

#[test]
fn each_defect_repaired_shows_the_next_one() {
    let (mut world, bill, doc) = with_bill();
    world.reserve("B1", "E5", &doc, 1);
    world.place_hold(&doc.0, HoldKind::Dispute);
    let mut op = everything_wrong(&world, &doc, &bill);
    let answer = |world: &mut World, op: &Create, consents: &[&str]| {
        world.code("B2", Operation::PledgeCreate(op.clone()), consents)
    };
    assert_eq!(answer(&mut world, &op, &[]), Code::Held);
    world.lift_hold(&doc.0);
    assert_eq!(answer(&mut world, &op, &[]), Code::ReservedByOther);
    let cancel = world.cancel_op(&doc);
    world.ok("B1", cancel, &[]);
    assert_eq!(answer(&mut world, &op, &[]), Code::StaleVersion);
    op.docs[0].expect_ver = world.ver(&doc);
    assert_eq!(answer(&mut world, &op, &[]), Code::PledgorNotSoleHolder);
    op.pledgor = world.account("E5");
    assert_eq!(answer(&mut world, &op, &[]), Code::ConsentMissing);
    assert_eq!(answer(&mut world, &op, &["E5"]), Code::CustodianAckMissing);
    let all: &[&str] = &["E5", "MTO"];
    assert_eq!(answer(&mut world, &op, all), Code::TicketInvalid);
    op.docs[0].ticket = world.ticket("B2", bill.kind, &bill.paper);
    assert_eq!(answer(&mut world, &op, all), Code::TermOutOfLimits);
    op.reg_until = world.next_time().saturating_add(60 * DAY);
    assert_eq!(answer(&mut world, &op, all), Code::ProofLevelTooLow);
    op.proof_min_level = 0;
    op.reg_until = world.next_time().saturating_add(60 * DAY);
    assert_eq!(answer(&mut world, &op, all), Code::Ok);
}

#[test]
fn encumbered_beats_not_holder() {
    let (mut world, bill, doc) = with_bill();
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let op = world.surrender_op(&doc);
    assert_eq!(world.code("E6", op.clone(), &[]), Code::Encumbered);
    assert_eq!(world.code("E6", op, &["B1"]), Code::NotHolder);
}

#[test]
fn a_bad_consent_of_the_pledgee_beats_3006_to_1009() {
    let (mut world, bill, doc) = with_bill();
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let op = world.surrender_op(&doc);
    let for_another = world.consent("B1", "E6", &op);
    assert_eq!(world.submit_with("E5", op.clone(), vec![for_another]).code, Code::ConsentInvalid);
    let mut spoilt = world.consent("B1", "E5", &op);
    spoilt.signature.0[7] ^= 1;
    assert_eq!(world.submit_with("E5", op, vec![spoilt]).code, Code::ConsentInvalid);
    world.suspend("B1");
    let op = world.surrender_op(&doc);
    assert_eq!(world.code("E5", op, &["B1"]), Code::PartySuspended);
}

#[test]
fn a_pledge_answers_before_another_banks_reservation_could() {
    let (mut world, bill, doc) = with_bill();
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B2", op, &["E5"]), Code::AlreadyPledged);
}

#[test]
fn within_one_transaction_later_operations_see_the_earlier_ones() {
    let (mut world, bill, doc) = with_bill();
    let create = world.create_op("B1", "E5", &doc, &bill.paper);
    let tx = world.tx("B1", &[create.clone(), create], &["E5", "MTO"]);
    let refused = world.run(&tx);
    assert_eq!((refused.code, refused.operation), (Code::AlreadyPledged, 1));
    assert_eq!(refused.args, [world.height.get(), 1]);
    assert_eq!(world.encumbrance(&doc.0), None, "all operations or none");
}
