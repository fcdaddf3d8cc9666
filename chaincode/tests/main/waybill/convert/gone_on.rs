//! Containers that the goods have left and that carry others by now.

use super::*;

/// The beef bill in two containers, of which the first is empty again and carries goods under another bill.
fn container_carries_others(world: &mut World, doc: &DocId) {
    let lot = world.doc(doc).lots[0];
    let op = world.unstuff_op(&lot, &["C:XLRU2602015"]);
    world.ok("MTO", op, &[]);
    world.issue_bill(&Bill::new("NEXT-1", &["C:XLRU2602015"]));
}

/// The beef bill whose lots have a batch besides their containers.
fn arrived_in_packages() -> (World, DocId) {
    let mut world = World::new();
    let bill =
        Bill { paper: Paper::new("TJLC-MTO-2026-7", &["C:XLRU2602015", "C:XLRU2602020", "P:1", "P:2"]), ..beef_bill() };
    let mut body = world.issue_body(&bill);
    body.lots = vec![lot(25_200, 1_008, &["C:XLRU2602015", "P:1"]), lot(25_200, 1_008, &["C:XLRU2602020", "P:2"])];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E1"]));
    (world, doc)
}

/// The conversion of that bill under some arrival keys, its lots under some goods keys.
fn packages_body(world: &World, doc: &DocId, arrival: &[&str], keys: &[&str]) -> Convert {
    let mut body = convert_body(world, doc, 50_400);
    retitle(world, &mut body, &Paper::new("TJLC-WR-2026-0088", keys).arrived_in(arrival));
    body.receipt.lots = vec![lot(50_400, 2_016, keys)];
    body.shortages = vec![];
    body
}

#[test]
fn a_container_that_goes_on_with_other_goods_does_not_bar_those_it_brought() {
    let (mut world, doc) = arrived_in_packages();
    container_carries_others(&mut world, &doc);
    let next = world.occupants("C:XLRU2602015");
    let body = packages_body(&world, &doc, &["C:XLRU2602015", "C:XLRU2602020"], &["P:1", "P:2"]);
    world.ok("COLD", Operation::WaybillConvert(body), &["MTO", "E1"]);
    assert_eq!(world.occupants("C:XLRU2602015"), next, "the other bill's goods still occupy it, and they alone");
}

#[test]
fn a_container_that_goes_on_with_other_goods_is_not_taken_back_in() {
    let (mut world, doc) = arrived_in_packages();
    container_carries_others(&mut world, &doc);
    let body = packages_body(&world, &doc, &["C:XLRU2602020"], &["C:XLRU2602015", "P:1", "P:2"]);
    assert_eq!(world.code("COLD", Operation::WaybillConvert(body), &["MTO", "E1"]), Code::GoodsKeyOccupied);
    world.issue_bill(&Bill::new("STRANGER-1", &["C:9"]));
    let body = packages_body(&world, &doc, &["C:XLRU2602020", "C:9"], &["P:1", "P:2"]);
    let code = world.code("COLD", Operation::WaybillConvert(body), &["MTO", "E1"]);
    assert_eq!(code, Code::GoodsKeyOccupied, "nor is one that the bill never named");
}
