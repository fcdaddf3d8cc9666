//! Holds follow the goods.

use super::*;
use landsea_types::operation::waybill::Convert;
use landsea_types::{LotId, Qty};

/// A bill of E1 over two containers, which have arrived.
fn stored() -> (World, DocId, LotId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill { first_holder: "E1", ..Bill::new("IMPORT", &["C:ONE", "C:TWO"]) });
    let lot = world.doc(&doc).lots[0];
    (world, doc, lot)
}

#[test]
fn a_conversion_carries_the_holds_that_do_not_bar_it_to_the_receipt_and_its_lots() {
    let (mut world, doc, lot) = stored();
    let on_doc = world.dispute("E2", HoldTarget::Doc(doc));
    let on_lot = world.customs(HoldTarget::Lot(lot));
    let paper = Paper::new("WR", &["B:1", "B:2"]);
    let body = Convert {
        doc,
        expect_ver: 1,
        receipt: world.receipt_body("COLD", "site of COLD", &paper),
        shortages: Vec::new(),
        accept_shortage: false,
    };
    let receipt = doc_of(&world.ok("COLD", Operation::WaybillConvert(body), &["MTO", "E1"]));
    let lots = world.doc(&receipt).lots;
    assert_eq!(world.hold(&on_doc).targets, [HoldTarget::Doc(receipt)]);
    assert_eq!(world.hold(&on_lot).targets, lots.iter().map(|l| HoldTarget::Lot(*l)).collect::<Vec<_>>());
    assert_eq!(world.holds(&receipt.0), [HoldKind::Dispute]);
    assert!(lots.iter().all(|l| world.holds(&l.0) == [HoldKind::CustomsHold]));
    assert!(world.holds(&doc.0).is_empty() && world.holds(&lot.0).is_empty(), "the old objects are bare");
    assert_eq!(world.hold(&on_doc).placed_on, HoldTarget::Doc(doc), "where it began is remembered");
    let op = world.withdraw_dispute_op(&on_doc);
    world.ok("E2", op, &[]);
    let op = world.release_customs_op(&on_lot);
    world.ok("SW", op, &[]);
    assert!(world.holds(&receipt.0).is_empty());
}

#[test]
fn freezes_of_goods_that_were_brought_together_all_stand_and_a_later_one_waits_for_both() {
    let (mut world, doc, _) = stored();
    let [one, two]: [LotId; 2] = world.doc(&doc).lots.try_into().expect("two lots");
    let first = world.freeze("cq", HoldTarget::Lot(one), 10);
    let behind = world.freeze("sc", HoldTarget::Lot(one), 60);
    let second = world.freeze("gx", HoldTarget::Lot(two), 30);
    let paper = Paper::new("WR", &["B:1"]);
    let mut receipt = world.receipt_body("COLD", "site of COLD", &paper);
    receipt.lots[0].qty = Qty::new(40_000_000);
    receipt.lots[0].packages = 6;
    let body = Convert { doc, expect_ver: 1, receipt, shortages: Vec::new(), accept_shortage: false };
    let op = Operation::WaybillConvert(body);
    let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E1", "cq", "gx"]));
    let target = HoldTarget::Lot(world.doc(&receipt).lots[0]);
    assert_eq!(world.holds(&target.id()), [HoldKind::CourtFreeze; 2]);
    let third = world.freeze("yn", target, 60);
    assert_eq!([first, second].map(|h| world.state_of(&h)), [HoldState::Effective; 2]);
    world.pass(11 * DAY);
    assert_eq!([behind, third].map(|h| world.state_of(&h)), [HoldState::Queued; 2], "the second still stands");
    world.pass(20 * DAY);
    assert_eq!([behind, third].map(|h| world.state_of(&h)), [HoldState::Effective, HoldState::Queued]);
}
