//! What splits, mergers and partial deliveries leave of a pledge or reservation, and partial release through them.

use super::acts::pledged_of;
use crate::kit::*;
use crate::waybill::acts::{children_of, merged_of, part, whole};
use landsea_types::event::EventName;
use landsea_types::operation::pledge::{Create, Partial};
use landsea_types::operation::warehouse::{DeliverPartial, Part};
use landsea_types::operation::waybill::Split;
use landsea_types::role::PledgeState;
use landsea_types::{Code, DocId, Operation, PledgeId, Qty};

/// A bill of E5 over three lots, pledged to B1.
fn three_lots() -> (World, DocId, PledgeId) {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    (world, doc, pledge)
}

/// The bank's release of some halves of a document.
fn release_halves(world: &World, pledge: &PledgeId, doc: &DocId, released: &[u8]) -> Operation {
    let split = Split { released: released.to_vec(), ..world.halves(doc, "HALF") };
    world.release_part_op(pledge, Partial::Split(split))
}

#[test]
fn the_pledgee_releases_a_child_with_the_consents_of_holder_and_issuer() {
    let (mut world, doc, pledge) = three_lots();
    let before = world.pledge(&pledge);
    let op = release_halves(&world, &pledge, &doc, &[0]);
    assert_eq!(world.code("B1", op.clone(), &["MTO"]), Code::ConsentMissing);
    assert_eq!(world.code("B1", op.clone(), &["E5"]), Code::ConsentMissing);
    assert_eq!(world.code("B2", op.clone(), &["E5", "MTO"]), Code::NotPledgee);
    let outcome = world.ok("B1", op, &["E5", "MTO"]);
    let children = children_of(&outcome);
    let (free, kept) = (world.doc(&children[0]), world.doc(&children[1]));
    assert_eq!((free.enc, free.holder), (None, world.account("E5")));
    assert_eq!((kept.enc, kept.holder), (Some(pledge), world.account("B1")));
    let record = world.pledge(&pledge);
    assert_eq!((record.docs, record.lots), (vec![kept.id], kept.lots));
    assert_eq!((record.priority, record.initial), (before.priority, before.initial));
    assert_eq!(event(&outcome, EventName::CoverLow).args, [6_666, 7_000]);
    event(&outcome, EventName::PartialRelease);
}

#[test]
fn a_release_of_no_child_and_of_another_pledges_document_answer_5011() {
    let (mut world, doc, pledge) = three_lots();
    let op = release_halves(&world, &pledge, &doc, &[]);
    assert_eq!(world.code("B1", op, &["E5", "MTO"]), Code::CollateralSetInvalid);
    let op = release_halves(&world, &pledge, &doc, &[0, 1]);
    assert_eq!(world.code("B1", op, &["E5", "MTO"]), Code::CollateralSetInvalid);
    let bill = Bill::new("OTHER", &["C:O1", "C:O2"]);
    let (other, _) = world.pledged_bill(&bill);
    let op = release_halves(&world, &pledge, &other, &[0]);
    assert_eq!(world.code("B1", op, &["E5", "MTO"]), Code::CollateralSetInvalid);
}

#[test]
fn a_suspended_pledgee_releases_no_part_of_a_document() {
    let (mut world, doc, pledge) = three_lots();
    world.suspend("B1");
    let op = release_halves(&world, &pledge, &doc, &[0]);
    assert_eq!(world.code("B1", op, &["E5", "MTO"]), Code::PartySuspended);
}

#[test]
fn a_joined_document_gives_its_priority_to_its_children_and_they_to_the_one_they_merge_into() {
    let mut world = World::new();
    let (_, pledge) = world.pledged_bill(&Bill::s1());
    let bill = Bill::new("JOINED", &["C:J1", "C:J2"]);
    let doc = world.issue_bill(&bill);
    let op = world.add_op("B1", &pledge, &[(doc, bill)]);
    world.ok("B1", op, &["E5", "MTO"]);
    let own = world.pledge(&pledge).priority_of(&doc);
    let op = world.split_op(world.halves(&doc, "HALF"));
    let children = children_of(&world.ok("MTO", op, &["E5", "B1"]));
    for child in &children {
        assert_eq!(world.pledge(&pledge).priority_of(child), own);
        assert_eq!(world.encumbrance(&child.0).expect("encumbered").priority, own);
    }
    let op = world.merge_op(world.merge_body(&children, "WHOLE AGAIN"));
    let merged = merged_of(&world.ok("MTO", op, &["E5", "B1"]));
    let record = world.pledge(&pledge);
    assert_eq!((record.priority_of(&merged), record.joined.len(), record.docs.len()), (own, 1, 2));
    assert_ne!(own, record.priority);
}

#[test]
fn a_split_and_a_merger_leave_quantity_and_pledge_as_they_were() {
    let (mut world, doc, pledge) = three_lots();
    let before = world.pledge(&pledge);
    let sum = |world: &World, doc: &DocId| world.lots(doc).iter().map(|lot| lot.qty.get()).sum::<u64>();
    let whole = sum(&world, &doc);
    let op = world.split_op(world.halves(&doc, "HALF"));
    let children = children_of(&world.ok("MTO", op, &["E5", "B1"]));
    let op = world.merge_op(world.merge_body(&children, "WHOLE AGAIN"));
    let merged = merged_of(&world.ok("MTO", op, &["E5", "B1"]));
    let after = world.pledge(&pledge);
    assert_eq!(sum(&world, &merged), whole);
    assert_eq!((after.docs, after.initial, after.cover_low), (vec![merged], before.initial, false));
    assert_eq!((after.state, after.priority, after.joined), (PledgeState::Active, before.priority, vec![]));
    assert_eq!(world.doc(&merged).holder, world.account("B1"));
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    assert_eq!(world.doc(&merged).holder, world.account("E5"));
}

#[test]
fn documents_of_different_priorities_or_pledges_do_not_merge() {
    let (mut world, bills, pledge) = pledged_of(1, 3);
    let op = world.add_op("B1", &pledge, &bills[1..2]);
    world.ok("B1", op, &["E5", "MTO"]);
    let docs: Vec<DocId> = bills.iter().map(|(doc, _)| *doc).collect();
    let op = world.merge_op(world.merge_body(&docs[..2], "MERGED"));
    assert_eq!(world.code("MTO", op, &["E5", "B1"]), Code::PriorityConflict);
    let op = world.merge_op(world.merge_body(&docs[1..], "MERGED"));
    assert_eq!(world.code("MTO", op, &["E5", "B1"]), Code::MixedEncumbrance);
}

#[test]
fn a_reservation_goes_on_over_every_child_and_the_shortest_over_the_merged() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.reserve("B2", "E5", &doc, 24);
    let op = world.split_op(world.halves(&doc, "HALF"));
    let children = children_of(&world.ok("MTO", op, &["E5", "B2"]));
    let until = world.reservation(&children[0].0).expect("reserved").until;
    let op = world.merge_op(world.merge_body(&children, "WHOLE AGAIN"));
    let merged = merged_of(&world.ok("MTO", op, &["E5", "B2"]));
    assert_eq!(world.reservation(&merged.0).expect("reserved").until, until);
    let swept = world.pass(24 * HOUR).expect("it ends");
    assert_eq!(events(&swept, EventName::ReservationExpired).len(), 1);
    let op = world.reserve_op(&merged, 1);
    assert_eq!(world.code("B2", op, &["E5"]), Code::ReservationLimit, "and its cooldown begins");
}

#[test]
fn children_keep_the_cooldown_of_their_parent() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.reserve("B2", "E5", &doc, 24);
    let op = world.cancel_op(&doc);
    world.ok("B2", op, &[]);
    let op = world.split_op(world.halves(&doc, "HALF"));
    for child in children_of(&world.ok("MTO", op, &["E5"])) {
        let op = world.reserve_op(&child, 1);
        assert_eq!(world.code("B2", op, &["E5"]), Code::ReservationLimit);
    }
}

mod receipt {
    use super::*;

    /// A receipt of COLD for E1 over 50,280 kg, pledged to B1 with a cover of 70 percent.
    fn stored() -> (World, DocId, PledgeId) {
        let mut world = World::new();
        let receipt = Receipt::new("WR", &["B:1"]);
        let mut body = world.receipt_body("COLD", receipt.site, &receipt.paper);
        body.lots[0].qty = Qty::new(50_280_000);
        let depositor = world.account("E1");
        let issue = landsea_types::operation::warehouse::Issue { depositor, receipt: body };
        let doc = doc_of(&world.ok("COLD", Operation::WarehouseIssue(issue), &["E1"]));
        let body = Create { cover_min_bps: 7_000, ..world.create_body("B1", "E1", &[(doc, &receipt.paper)]) };
        let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E1", "COLD"]));
        (world, doc, pledge)
    }

    fn deliver(world: &World, pledge: &PledgeId, doc: &DocId, qty: u64) -> Operation {
        let parts = vec![Part { lot: world.doc(doc).lots[0], qty: Qty::new(qty), packages: 0, keys: vec![] }];
        let body = DeliverPartial { doc: *doc, expect_ver: world.ver(doc), parts };
        world.release_part_op(pledge, Partial::Delivery(body))
    }

    #[test]
    fn goods_leave_the_store_with_the_banks_release_and_the_rest_stays_pledged() {
        let (mut world, doc, pledge) = stored();
        let op = deliver(&world, &pledge, &doc, 20_000_000);
        assert_eq!(world.code("B1", op.clone(), &["COLD"]), Code::ConsentMissing);
        assert_eq!(world.code("B1", op.clone(), &["E1"]), Code::CustodianAckMissing);
        assert_eq!(world.code("B2", op.clone(), &["E1", "COLD"]), Code::NotPledgee);
        let outcome = world.ok("B1", op, &["E1", "COLD"]);
        assert_eq!(event(&outcome, EventName::CoverLow).args, [6_022, 7_000]);
        event(&outcome, EventName::PartialRelease);
        let lots = world.lots(&doc);
        assert_eq!((lots.len(), lots[0].qty, lots[0].enc), (1, Qty::new(30_280_000), Some(pledge)));
        assert_eq!(world.pledge(&pledge).lots, [lots[0].id]);
        let leaf = world.encumbrance(&lots[0].id.0).expect("encumbered");
        assert_eq!((leaf.pledge, leaf.priority), (pledge, world.pledge(&pledge).priority));
    }

    #[test]
    fn the_last_unit_decides_about_the_cover() {
        // 70 percent of 50,280,000 thousandths are 35,196,000.
        for (leaves, alarms) in [(15_084_000, 0), (15_084_001, 1)] {
            let (mut world, doc, pledge) = stored();
            let op = deliver(&world, &pledge, &doc, leaves);
            let outcome = world.ok("B1", op, &["E1", "COLD"]);
            assert_eq!(events(&outcome, EventName::CoverLow).len(), alarms, "{leaves} leave");
        }
    }

    #[test]
    fn a_receipt_is_released_in_part_by_a_split_too() {
        let (mut world, doc, pledge) = stored();
        let lot = world.lots(&doc).remove(0);
        // One batch is one identity: its key goes to one child, so a split of a single batch is refused.
        let children = vec![vec![part(&lot, 20_000, 1)], vec![part(&lot, 30_280, 2)]];
        let split = Split { released: vec![0], ..world.split_body(&doc, "WR", children) };
        let op = world.release_part_op(&pledge, Partial::Split(split));
        assert_eq!(world.code("B1", op, &["E1", "COLD"]), Code::KeyDuplicated);
        let receipt = Receipt::new("WR2", &["B:2", "B:3"]);
        let doc = world.issue_receipt(&receipt);
        let op = world.create_op("B1", "E1", &doc, &receipt.paper);
        let pledge = pledge_of(&world.ok("B1", op, &["E1", "COLD"]));
        let lots = world.lots(&doc);
        let children = vec![vec![whole(&lots[0])], vec![whole(&lots[1])]];
        let split = Split { released: vec![1], ..world.split_body(&doc, "WR2", children) };
        let op = world.release_part_op(&pledge, Partial::Split(split));
        let outcome = world.ok("B1", op, &["E1", "COLD"]);
        assert_eq!(world.pledge(&pledge).docs, [children_of(&outcome)[0]]);
    }
}
