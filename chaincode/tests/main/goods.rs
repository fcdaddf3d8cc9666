//! Lots and goods keys.

pub mod acts;
mod cells;
mod facts;

use crate::kit::*;
use landsea_chaincode::goods;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Issue, NewLot};
use landsea_types::role::{DocKind, LotStatus};
use landsea_types::state::Table;
use landsea_types::ticket::ClassedKey;
use landsea_types::{Code, DocId, Fp, Operation, Qty, Uom};

/// The bill's operation with its body changed.
fn issue_with(world: &World, bill: &Bill, change: impl FnOnce(&mut Issue)) -> Operation {
    let mut body = world.issue_body(bill);
    change(&mut body);
    Operation::WaybillIssue(body)
}

/// What issuing the bill with changed lots answers.
fn code_with_lots(bill: &Bill, change: impl FnOnce(&mut Vec<NewLot>)) -> Code {
    let mut world = World::new();
    let op = issue_with(&world, bill, |body| change(&mut body.lots));
    world.code("MTO", op, &["E5"])
}

#[test]
fn an_issued_lot_occupies_its_key_and_names_its_custodian() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let lots = world.lots(&doc);
    assert_eq!(lots.len(), 3);
    for lot in lots {
        assert_eq!((lot.status, lot.title, lot.ver), (LotStatus::Active, Some(doc), 1));
        assert_eq!((lot.custodian, lot.home), (world.account("MTO"), world.home("MTO")));
        assert_eq!(world.state.view().goods_key(&lot.keys[0].key), [lot.id]);
    }
}

#[test]
fn an_occupied_key_answers_4001_and_is_journalled() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let mut house = Bill::new("QZFF/2026/0091", &["C:XLHU2601019"]);
    house.issuer = "FF";
    house.kind = DocKind::HOUSE_BILL;
    let op = world.issue_op(&house);
    let outcome = world.submit("FF", op, &["E5"]);
    assert_eq!(outcome.code, Code::GoodsKeyOccupied);
    assert_eq!(outcome.args, vec![u64::from(world.home("MTO").get())]);
    let alarm = event(&outcome, EventName::DuplicateGoods);
    assert_eq!(alarm.members, vec![world.member("cq"), world.member("hi")]);
    assert_eq!(alarm.subject.0, world.doc(&doc).lots[0].0);
    let attempts = world.attempts();
    assert_eq!(attempts.len(), 1);
    assert_eq!((attempts[0].by, attempts[0].code), (world.account("FF"), Code::GoodsKeyOccupied));
    assert_eq!((attempts[0].existing_home, attempts[0].attempt_home), (world.member("cq"), world.member("hi")));
    assert_eq!(attempts[0].pledgor, world.party("E5").fingerprint);
    assert!(attempts[0].consented);
}

#[test]
fn an_attempt_without_a_valid_consent_does_not_count_against_the_firm() {
    let mut world = World::new();
    world.issue_bill(&Bill::s1());
    let op = world.issue_op(&Bill::new("OTHER-1", &["C:XLHU2601019"]));
    assert_eq!(world.code("MTO", op, &[]), Code::GoodsKeyOccupied, "4001 comes before 1008");
    assert!(!world.attempts()[0].consented);
}

#[test]
fn the_branch_of_a_pledgee_hears_of_duplicate_goods() {
    let mut world = World::new();
    let mut bill = Bill::s1();
    bill.first_holder = "E6";
    let doc = world.issue_bill(&bill);
    world.pledge_doc("B3", "E6", "MTO", &doc, &bill.paper);
    let mut second = Bill::new("OTHER-1", &["C:XLHU2601019"]);
    second.issuer = "OCEAN";
    second.kind = DocKind::OBL;
    let op = world.issue_op(&second);
    let outcome = world.submit("OCEAN", op, &["E5"]);
    let alarm = event(&outcome, EventName::DuplicateGoods);
    assert_eq!(alarm.members, vec![world.member("cq"), world.member("yn"), world.member("hi")]);
    assert!(!alarm.parties.contains(&world.account("B3")), "the bank is not named");
}

#[test]
fn every_class_but_that_of_cells_is_exclusive() {
    for class in ["C", "W", "V", "B", "P", "M"] {
        let mut world = World::new();
        let keys = [format!("{class}:1")];
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        world.issue_bill(&Bill::new("A-1", &keys));
        let op = world.issue_op(&Bill::new("A-2", &keys));
        assert_eq!(world.code("MTO", op, &["E5"]), Code::GoodsKeyOccupied, "class {class}");
    }
}

#[test]
fn a_key_is_occupied_whatever_class_it_claims() {
    let mut world = World::new();
    world.issue_bill(&Bill::s1());
    let mut bill = Bill::new("A-2", &["C:XLHU2601019"]);
    bill.paper.keys[0].class = b'V';
    let op = world.issue_op(&bill);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::GoodsKeyOccupied);
}

#[test]
fn cells_local_goods_and_unknown_classes_have_no_place_on_a_bill() {
    for class in ["S", "L", "X"] {
        let mut world = World::new();
        let key = format!("{class}:1");
        let op = world.issue_op(&Bill::new("A-1", &["C:1", &key]));
        assert_eq!(world.code("MTO", op, &["E5"]), Code::UnknownKindOrRules, "class {class}");
    }
}

#[test]
fn lots_carry_exactly_the_keys_of_the_ticket() {
    let bill = Bill::s1();
    assert_eq!(code_with_lots(&bill, |lots| drop(lots.pop())), Code::TicketInvalid, "one missing");
    assert_eq!(code_with_lots(&bill, |lots| lots[0].keys.push(key("C:ANOTHER"))), Code::TicketInvalid, "one more");
    assert_eq!(code_with_lots(&bill, |lots| lots.clear()), Code::TicketInvalid, "no lots");
    let all_on_one = |lots: &mut Vec<NewLot>| {
        lots[0].keys = lots.iter().flat_map(|l| l.keys.clone()).collect();
        lots[1].keys.clear();
    };
    assert_eq!(code_with_lots(&bill, all_on_one), Code::TicketInvalid, "a lot without a key");
}

#[test]
fn a_key_on_two_lots_answers_4007() {
    let batches = Bill::new("A-1", &["B:1", "B:2"]);
    let doubled = |lots: &mut Vec<NewLot>| {
        let first = lots[0].keys[0];
        lots[1].keys.push(first);
    };
    assert_eq!(code_with_lots(&batches, doubled), Code::KeyDuplicated);
    let twice_on_one = |lots: &mut Vec<NewLot>| {
        let first = lots[0].keys[0];
        lots[0].keys.push(first);
    };
    assert_eq!(code_with_lots(&batches, twice_on_one), Code::KeyDuplicated);
    assert_eq!(code_with_lots(&Bill::s1(), twice_on_one), Code::KeyDuplicated, "a container twice on one lot");
    assert_eq!(code_with_lots(&Bill::s1(), doubled), Code::Ok, "lots of one bill share a container");
}

#[test]
fn one_key_under_two_classes_answers_4007() {
    let mut world = World::new();
    let mut bill = Bill::new("A-1", &["C:1", "C:1"]);
    bill.paper.keys[1].class = b'V';
    let op = world.issue_op(&bill);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::KeyDuplicated);
}

#[test]
fn a_lot_is_of_something_in_a_known_unit() {
    assert_eq!(code_with_lots(&Bill::s1(), |lots| lots[1].qty = Qty::ZERO), Code::NotConserved);
    assert_eq!(code_with_lots(&Bill::s1(), |lots| lots[1].uom = Uom(*b"TNE")), Code::UnitMismatch);
    assert_eq!(code_with_lots(&Bill::s1(), |lots| lots[1].qty = Qty::new(u64::MAX)), Code::Ok);
}

#[test]
fn too_many_lots_or_keys_and_malformed_classes_answer_1010_before_anything_else() {
    let many_lots = |lots: &mut Vec<NewLot>| {
        let mut more = lots[0].clone();
        more.keys.clear();
        lots.resize(257, more);
    };
    assert_eq!(code_with_lots(&Bill::s1(), many_lots), Code::TooLarge);
    let many_keys = |lots: &mut Vec<NewLot>| lots[0].keys.resize(65, key("C:1"));
    assert_eq!(code_with_lots(&Bill::s1(), many_keys), Code::TooLarge);
    assert_eq!(code_with_lots(&Bill::s1(), |lots| lots[0].goods_class = *b"84295x"), Code::TooLarge);
    let mut world = World::new();
    let op = issue_with(&world, &Bill::s1(), |body| body.lots[0].goods_class = *b"ABCDEF");
    assert_eq!(world.code("E5", op, &[]), Code::TooLarge, "1010 comes before 1005");
}

#[test]
fn sixty_four_keys_fit_in_a_transaction() {
    let mut world = World::new();
    let keys: Vec<String> = (0..64).map(|n| format!("P:{n}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let doc = world.issue_bill(&Bill::new("A-1", &keys));
    assert_eq!(world.doc(&doc).lots.len(), 64);
}

fn near_of(world: &World, paper: &Paper) -> Vec<DocId> {
    goods::near_matches(&world.state.view(), &paper.near, &DocId::default())
}

#[test]
fn documents_sharing_three_combinations_are_near() {
    let mut world = World::new();
    let first = Bill::new("A-1", &["C:1"]);
    let doc = world.issue_bill(&first);
    let two = Paper::new("A-2", &[]).like(&first.paper, 2);
    let three = Paper::new("A-2", &[]).like(&first.paper, 3);
    assert_eq!(near_of(&world, &two), vec![]);
    assert_eq!(near_of(&world, &three), vec![doc]);
    assert_eq!(goods::near_matches(&world.state.view(), &three.near, &doc), vec![], "not near itself");
}

#[test]
fn missing_combinations_match_nothing() {
    let mut world = World::new();
    let mut bill = Bill::new("A-1", &["C:1"]);
    bill.paper.near = [Fp::default(); 8];
    world.issue_bill(&bill);
    assert_eq!(near_of(&world, &bill.paper), vec![]);
    assert!(world.state.rows.keys().all(|(table, _)| *table != Table::Near));
}

#[test]
fn terminal_documents_are_near_to_nothing() {
    let mut world = World::new();
    let bill = Bill::new("A-1", &["C:1"]);
    let doc = world.issue_bill(&bill);
    assert_eq!(near_of(&world, &bill.paper), vec![doc]);
    world.deliver("E5", &doc);
    assert_eq!(near_of(&world, &bill.paper), vec![]);
    assert!(world.state.rows.keys().all(|(table, _)| *table != Table::Near));
}

#[test]
fn a_combination_remembers_the_newest_sixteen_documents() {
    let mut world = World::new();
    let first = Bill::new("A-0", &["C:0"]);
    world.issue_bill(&first);
    let mut newest = Vec::new();
    for n in 1..=16 {
        let mut bill = Bill::new(&format!("A-{n}"), &[&format!("C:{n}")]);
        bill.paper = bill.paper.like(&first.paper, 8);
        newest.push(world.issue_bill(&bill));
    }
    newest.sort();
    assert_eq!(near_of(&world, &first.paper), newest);
}

#[test]
fn an_ended_occupancy_lets_the_key_be_used_again() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let lots = world.lots(&doc);
    world.deliver("E5", &doc);
    for lot in &lots {
        assert_eq!(world.lot(&lot.id).status, LotStatus::Delivered);
        assert_eq!(world.state.view().goods_key(&lot.keys[0].key), Vec::new());
    }
    world.issue_bill(&Bill::new("NEXT-MONTH-1", &["C:XLHU2601019"]));
}

#[test]
fn lot_keys_are_those_of_all_lots() {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    let keys: Vec<ClassedKey> = goods::lot_keys(&world.state.view(), &world.doc(&doc)).into_iter().collect();
    let mut expected = bill.paper.keys.clone();
    expected.sort();
    assert_eq!(keys, expected);
}
