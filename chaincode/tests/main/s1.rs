//! The first scenario of the specification: one document and the double pledge in two provinces.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::AnswerSurrender;
use landsea_types::role::{DocKind, DocState, LegalBasis, OrderType, PledgeState};
use landsea_types::{Code, DocId, Operation, PledgeId};

/// Steps 1, 4 and 6: the bill is issued, reserved and pledged to B1.
fn pledged(world: &mut World, bill: &Bill) -> (DocId, PledgeId) {
    let doc = world.issue_bill(bill);
    world.reserve("B1", "E5", &doc, 24);
    let pledge = world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    (doc, pledge)
}

#[test]
fn a_reserved_document_answers_5002_to_another_bank() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.reserve("B1", "E5", &doc, 24);
    let op = world.reserve_op(&doc, 24);
    assert_eq!(world.code("B2", op, &["E5"]), Code::ReservedByOther);
    let op = world.create_op("B2", "E5", &doc, &Bill::s1().paper);
    assert_eq!(world.code("B2", op, &["E5", "MTO"]), Code::ReservedByOther);
    assert!(world.attempts().is_empty(), "5002 is not journalled");
}

#[test]
fn the_second_pledge_answers_5001_with_the_height_and_member_of_the_first() {
    let mut world = World::new();
    let bill = Bill::s1();
    let (doc, pledge) = pledged(&mut world, &bill);
    let since = world.height;
    assert_eq!(world.pledge(&pledge).state, PledgeState::Active);
    assert_eq!(world.pledge(&pledge).priority.height, since);

    let op = world.create_op("B2", "E5", &doc, &bill.paper);
    let refused = world.submit("B2", op, &["E5", "MTO"]);
    assert_eq!(refused.code, Code::AlreadyPledged);
    assert_eq!(refused.args, [since.get(), u64::from(world.member("cq").get())]);

    let alarm = event(&refused, EventName::DoublePledgeAttempt);
    assert_eq!(alarm.members, [world.member("cq"), world.member("gx")]);
    assert_eq!(alarm.parties, [world.account("B1")], "by name to the pledgee of the time alone");
    assert_eq!(alarm.args, [0, since.get()]);
    let attempts = world.attempts();
    assert_eq!(attempts.len(), 1);
    assert!(attempts[0].consented);
    assert_eq!(attempts[0].by, world.account("B2"));
    assert_eq!(attempts[0].pledgor, world.party("E5").fingerprint);
    assert_eq!((attempts[0].existing_home, attempts[0].attempt_home), (world.member("cq"), world.member("gx")));
}

#[test]
fn a_house_bill_over_the_same_containers_answers_4001_to_both_branches() {
    let mut world = World::new();
    pledged(&mut world, &Bill::s1());
    let house = Bill {
        issuer: "FF",
        kind: DocKind::HOUSE_BILL,
        basis: LegalBasis::Agreement,
        paper: Paper { number: "QZFF/2026/0091".into(), content: "house".into(), ..Bill::s1().paper },
        ..Bill::s1()
    };
    let op = world.issue_op(&house);
    let refused = world.submit("FF", op, &["E5"]);
    assert_eq!(refused.code, Code::GoodsKeyOccupied);
    let alarm = event(&refused, EventName::DuplicateGoods);
    assert_eq!(alarm.members, [world.member("cq"), world.member("hi")]);
}

#[test]
fn the_same_bill_registered_again_answers_3001_and_renumbered_3002() {
    let mut world = World::new();
    let bill = Bill::s1();
    pledged(&mut world, &bill);
    let again = Bill { paper: bill.paper.rewritten("another content"), ..bill.clone() };
    let op = world.issue_op(&again);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DuplicateDocument);
    let transposed = Bill { paper: bill.paper.renumbered("SHLT-CKG-SIN-2026-000471"), ..bill };
    let op = world.issue_op(&transposed);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DuplicateContent);
    let codes: Vec<Code> = world.attempts().iter().map(|a| a.code).collect();
    assert_eq!(codes, [Code::DuplicateDocument, Code::DuplicateContent]);
}

#[test]
fn surrender_without_the_pledgee_answers_3006() {
    let mut world = World::new();
    let (doc, _) = pledged(&mut world, &Bill::s1());
    let op = world.surrender_op(&doc);
    assert_eq!(world.code("E5", op, &[]), Code::Encumbered);
}

#[test]
fn after_release_the_goods_are_delivered_and_the_containers_used_again() {
    let mut world = World::new();
    let bill = Bill::s1();
    let (doc, pledge) = pledged(&mut world, &bill);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    assert_eq!(world.doc(&doc).holder, world.account("E5"));
    let op = world.transfer_op(&doc, "F1");
    world.ok("E5", op, &[]);
    let op = world.surrender_op(&doc);
    world.ok("F1", op, &[]);
    let expect_ver = world.ver(&doc);
    let answer = AnswerSurrender { doc, expect_ver, accept: true, version: None };
    world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    assert_eq!(world.doc(&doc).state, DocState::Accomplished);

    let next_month =
        Bill { order_type: OrderType::ToOrder, ..Bill::new("SHLT-CKG-SIN-2026-000530", &["C:XLHU2601019"]) };
    world.issue_bill(&next_month);
}

#[test]
fn of_two_pledges_in_one_block_the_lower_index_wins() {
    let bill = Bill::s1();
    for order in [["B1", "B2"], ["B2", "B1"]] {
        let mut world = World::new();
        let doc = world.issue_bill(&bill);
        let txs = order.map(|bank| {
            let op = world.create_op(bank, "E5", &doc, &bill.paper);
            world.tx(bank, &[op], &["E5", "MTO"])
        });
        let outcomes = world.block(&txs);
        assert_eq!([outcomes[0].code, outcomes[1].code], [Code::Ok, Code::AlreadyPledged], "{order:?}");
        let pledge = world.pledge(&pledge_of(&outcomes[0]));
        assert_eq!((pledge.priority.height, pledge.priority.index), (world.height, 0));
        assert_eq!(outcomes[1].args, [world.height.get(), u64::from(world.home(order[0]).get())]);
    }
}

#[test]
fn a_stale_version_answers_5001_while_pledged_and_1007_once_free() {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    let stale = world.create_op("B2", "E5", &doc, &bill.paper);
    let pledge = world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    assert_eq!(world.code("B2", stale.clone(), &["E5", "MTO"]), Code::AlreadyPledged);
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    let refused = world.submit("B2", stale, &["E5", "MTO"]);
    assert_eq!((refused.code, refused.args), (Code::StaleVersion, vec![u64::from(world.ver(&doc))]));
}
