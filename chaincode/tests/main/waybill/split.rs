//! Splits of waybills and of receipts.

use super::acts::{children_of, part, restated, whole};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{ChildLot, NewLot, Split};
use landsea_types::record::ChainEntry;
use landsea_types::role::{ChainAction, DocKind, DocState, HoldKind, LotKind, LotStatus};
use landsea_types::state::Table;
use landsea_types::{Code, DocId, LotId, Operation, Qty, Uom};

fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

/// One lot of 20,000 kg in 30 packages in one container.
fn consignment() -> (World, DocId) {
    let mut world = World::new();
    let mut body = world.issue_body(&Bill::new("LCL-1", &["C:1"]));
    body.lots[0].packages = 30;
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    (world, doc)
}

/// What splitting into halves with a changed body answers.
fn code_with(change: impl FnOnce(&mut Split, &mut World)) -> Code {
    let (mut world, doc) = bill_of_e5();
    let mut body = world.halves(&doc, "H");
    change(&mut body, &mut world);
    world.code("MTO", Operation::WaybillSplit(body), &["E5"])
}

/// What splitting one consignment into the given parts answers; the tickets fit.
fn parts_code(parts: &[&[(u64, u32)]]) -> Code {
    let (mut world, doc) = consignment();
    let lot = world.lots(&doc).remove(0);
    let child = |child: &&[(u64, u32)]| child.iter().map(|(kg, n)| part(&lot, *kg, *n)).collect();
    let body = world.split_body(&doc, "P", parts.iter().map(child).collect());
    world.code("MTO", Operation::WaybillSplit(body), &["E5"])
}

#[test]
fn children_stand_in_the_place_of_the_parent_over_the_same_goods() {
    let (mut world, doc) = bill_of_e5();
    let before = world.doc(&doc);
    let op = world.split_op(world.halves(&doc, "H"));
    let outcome = world.ok("MTO", op, &["E5"]);
    let told = event(&outcome, EventName::Split);
    assert_eq!((told.subject.0, told.args.clone()), (doc.0, vec![2]));
    let children = children_of(&outcome);
    let old = world.doc(&doc);
    assert_eq!((old.state, old.children.clone(), old.replaced_by), (DocState::Split, children.clone(), None));
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Consumed));
    for (id, n) in children.iter().zip([1, 2]) {
        let child = world.doc(id);
        assert_eq!((child.state, child.kind, child.replaces), (DocState::Active, before.kind, Some(doc)));
        assert_eq!((child.issuer, child.holder, child.beneficiary), (before.issuer, before.holder, before.beneficiary));
        assert_eq!((child.ver, child.chain_len, child.lots.len()), (1, 1, n));
        assert_eq!(world.state.view().doc_by_fp(&child.fp1), Some(*id));
        for lot in world.lots(id) {
            assert_eq!((lot.status, lot.title, lot.origin_doc), (LotStatus::Active, Some(*id), doc));
            assert_eq!((lot.custodian, lot.parents.len()), (world.account("MTO"), 1));
            assert_eq!(world.state.view().goods_key(&lot.keys[0].key), [lot.id]);
        }
    }
    world.deliver("E5", &children[0]);
    let op = world.transfer_op(&children[1], "E1");
    world.ok("E5", op, &[]);
}

#[test]
fn parent_and_children_note_the_split_in_their_chains() {
    let (mut world, doc) = bill_of_e5();
    let op = world.split_op(world.halves(&doc, "H"));
    let children = children_of(&world.ok("MTO", op, &["E5"]));
    for (id, n) in [(doc, 2), (children[0], 1), (children[1], 1)] {
        let key = landsea_chaincode::view::chain_key(&id, n);
        let entry: ChainEntry = world.state.view().get(Table::Chain, &key).expect("the last entry");
        let (mto, e5) = (world.account("MTO"), world.account("E5"));
        assert_eq!((entry.action, entry.actor, entry.recipient), (ChainAction::Split, mto, Some(e5)));
    }
}

#[test]
fn two_to_sixty_four_children_are_made() {
    let (mut world, doc) = consignment();
    let lot = world.lots(&doc).remove(0);
    let mut code = |n: u64| {
        let parts = (0..n).map(|i| vec![part(&lot, 100, 0)].split_off(usize::from(i > 64))).collect();
        let body = world.split_body(&doc, "N", parts);
        world.code("MTO", Operation::WaybillSplit(body), &["E5"])
    };
    assert_eq!(code(0), Code::TooLarge);
    assert_eq!(code(1), Code::TooLarge);
    assert_eq!(code(65), Code::TooLarge);
    let mut parts: Vec<(u64, u32)> = vec![(300, 0); 63];
    parts.push((20_000 - 63 * 300, 30));
    let each: Vec<&[(u64, u32)]> = parts.chunks(1).collect();
    assert_eq!(parts_code(&each), Code::Ok);
    assert_eq!(parts_code(&[&[(1, 1)], &[(19_999, 29)]]), Code::Ok);
}

#[test]
fn quantities_and_packages_are_conserved_per_lot() {
    assert_eq!(parts_code(&[&[(12_000, 18)], &[(8_000, 12)]]), Code::Ok);
    assert_eq!(parts_code(&[&[(12_000, 18)], &[(7_999, 12)]]), Code::NotConserved, "a kilogram lost");
    assert_eq!(parts_code(&[&[(12_000, 18)], &[(8_001, 12)]]), Code::NotConserved, "a kilogram from nowhere");
    assert_eq!(parts_code(&[&[(12_000, 18)], &[(8_000, 13)]]), Code::NotConserved, "a package from nowhere");
    assert_eq!(parts_code(&[&[(20_000, 30)], &[(0, 0)]]), Code::NotConserved, "a child over nothing");
    assert_eq!(parts_code(&[&[(6_000, 9), (6_000, 9)], &[(8_000, 12)]]), Code::Ok, "two lots on one child");
    let (mut world, doc) = bill_of_e5();
    let lots = world.lots(&doc);
    // The sum over the document is right, the sums over the lots are not.
    let children = vec![vec![part(&lots[0], 21_000, 3), part(&lots[1], 20_000, 3)], vec![part(&lots[2], 19_000, 3)]];
    let body = world.split_body(&doc, "X", children);
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &["E5"]), Code::NotConserved);
}

#[test]
fn an_overflowing_sum_is_not_conserved() {
    let huge = |body: &mut Split| {
        body.children[0].lots[0].lot.qty = Qty::new(u64::MAX);
        body.children[1].lots[0].lot.qty = Qty::new(u64::MAX);
    };
    let (mut world, doc) = consignment();
    let lot = world.lots(&doc).remove(0);
    let mut body = world.split_body(&doc, "P", vec![vec![part(&lot, 1, 15)], vec![part(&lot, 1, 15)]]);
    huge(&mut body);
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &["E5"]), Code::NotConserved);
}

#[test]
fn parts_are_of_their_parents_unit_kind_and_class() {
    let changed = |change: fn(&mut NewLot)| code_with(move |body, _| change(&mut body.children[0].lots[0].lot));
    assert_eq!(changed(|lot| lot.uom = Uom(*b"LTR")), Code::UnitMismatch);
    assert_eq!(changed(|lot| lot.kind = LotKind::Bulk), Code::NotConserved);
    assert_eq!(changed(|lot| lot.goods_class = *b"870323"), Code::NotConserved);
    assert_eq!(changed(|lot| lot.goods_class = *b"87032x"), Code::TooLarge);
}

#[test]
fn every_lot_is_used_and_every_part_belongs_to_a_lot_of_the_document() {
    let (mut world, doc) = bill_of_e5();
    let lots = world.lots(&doc);
    let body = world.split_body(&doc, "X", vec![vec![whole(&lots[0])], vec![whole(&lots[1])]]);
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &["E5"]), Code::NotConserved, "the third is left over");
    let other = world.issue_bill(&Bill::new("A-2", &["C:2"]));
    let foreign = world.lots(&other).remove(0);
    for stranger in [foreign.id, LotId([7; 32])] {
        let mut body = world.halves(&doc, "X");
        body.children[0].lots[0].parent = stranger;
        let outcome = world.submit("MTO", Operation::WaybillSplit(body), &["E5"]);
        assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
    }
}

#[test]
fn exclusive_keys_go_to_one_child_each_and_containers_may_be_shared() {
    let split = |keys: &'static [&'static str], shares: &'static [&'static [&'static str]]| {
        let mut world = World::new();
        let paper = Paper::new("A-1", keys);
        let mut issue = world.issue_body(&Bill { paper: paper.clone(), ..Bill::s1() });
        issue.lots.truncate(1);
        issue.lots[0].keys = paper.keys;
        issue.lots[0].packages = 10;
        let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(issue), &["E5"]));
        let lot = world.lots(&doc).remove(0);
        let child = |keys: &&[&str]| {
            let mut part = part(&lot, 10_000, 5);
            part.lot.keys = keys.iter().map(|k| key(k)).collect();
            vec![part]
        };
        let body = world.split_body(&doc, "K", shares.iter().map(child).collect());
        let code = world.code("MTO", Operation::WaybillSplit(body), &["E5"]);
        (code, world)
    };
    assert_eq!(split(&["B:1", "B:2"], &[&["B:1"], &["B:2"]]).0, Code::Ok);
    for class in ["W:1", "V:1", "B:1", "P:1", "M:1"] {
        let keys: &'static [&'static str] = Box::leak(Box::new([class]));
        let shares: &'static [&'static [&'static str]] = Box::leak(Box::new([keys, keys]));
        assert_eq!(split(keys, shares).0, Code::KeyDuplicated, "{class} on two children");
    }
    let (code, world) = split(&["C:1", "B:1"], &[&["C:1", "B:1"], &["C:1"]]);
    assert_eq!(code, Code::Ok);
    assert_eq!(world.state.view().goods_key(&key("C:1").key).len(), 2, "two lots share the container");
    assert_eq!(split(&["C:1", "B:1"], &[&["C:1"], &["C:1"]]).0, Code::KeyDuplicated, "the batch is lost");
    assert_eq!(split(&["C:1", "B:1"], &[&["C:1"], &["B:1", "B:2"]]).0, Code::KeyDuplicated, "a batch from elsewhere");
    assert_eq!(split(&["C:1", "B:1"], &[&["C:1", "B:1"], &[]]).0, Code::TicketInvalid, "a child without a key");
}

#[test]
fn a_shared_container_is_free_when_its_last_lot_has_left() {
    let (mut world, doc) = consignment();
    let lot = world.lots(&doc).remove(0);
    let body = world.split_body(&doc, "P", vec![vec![part(&lot, 12_000, 18)], vec![part(&lot, 8_000, 12)]]);
    let children = children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E5"]));
    let reuse = |world: &mut World, number: &str| {
        let op = world.issue_op(&Bill::new(number, &["C:1"]));
        world.code("MTO", op, &["E5"])
    };
    assert_eq!(reuse(&mut world, "N-1"), Code::GoodsKeyOccupied);
    world.deliver("E5", &children[0]);
    assert_eq!(reuse(&mut world, "N-1"), Code::GoodsKeyOccupied, "the other half is still in it");
    world.deliver("E5", &children[1]);
    assert_eq!(reuse(&mut world, "N-1"), Code::Ok);
}

#[test]
fn every_child_has_a_new_number_and_a_ticket_of_the_issuer() {
    let retitled = |world: &World, body: &mut Split, n: usize, by: &str, kind: DocKind, paper: &Paper| {
        let keys = body.children[n].lots.iter().flat_map(|part| part.lot.keys.clone()).collect();
        body.children[n].ticket = world.ticket(by, kind, &Paper { keys, ..paper.clone() });
    };
    let fresh = Paper::new("FRESH", &[]);
    let parent = Bill::s1().paper;
    let code = code_with(|body, world| retitled(world, body, 0, "MTO", DocKind::NCD, &parent));
    assert_eq!(code, Code::DuplicateDocument, "the parent's number");
    let code = code_with(|body, world| retitled(world, body, 1, "MTO", DocKind::NCD, &Paper::new("H/0", &[])));
    assert_eq!(code, Code::DuplicateDocument, "a sibling's number");
    let same_content = parent.renumbered("FRESH");
    let code = code_with(|body, world| retitled(world, body, 0, "MTO", DocKind::NCD, &same_content));
    assert_eq!(code, Code::Ok, "the content may be known");
    let code = code_with(|body, world| retitled(world, body, 0, "R-CD", DocKind::NCD, &fresh));
    assert_eq!(code, Code::TicketInvalid, "another applicant");
    let code = code_with(|body, world| retitled(world, body, 0, "MTO", DocKind::MTD, &fresh));
    assert_eq!(code, Code::TicketInvalid, "another kind");
    assert_eq!(code_with(|body, _| body.children[0].ticket.body.epoch = 2), Code::TicketInvalid, "a spoilt signature");
    let stale = code_with(|body, world| {
        let mut ticket = body.children[0].ticket.body.clone();
        ticket.epoch = 2;
        body.children[0].ticket = world.sign_ticket(ticket);
    });
    assert_eq!(stale, Code::FingerprintEpochStale);
    let more_keys = code_with(|body, world| {
        body.children[0].ticket = world.ticket("MTO", DocKind::NCD, &Paper::new("FRESH", &["C:XLHU2601019", "C:9"]));
    });
    assert_eq!(more_keys, Code::TicketInvalid, "the paper names another container");
}

#[test]
fn children_of_one_content_live_side_by_side_and_may_be_amended() {
    let (mut world, doc) = consignment();
    let lot = world.lots(&doc).remove(0);
    let mut body = world.split_body(&doc, "P", vec![vec![part(&lot, 10_000, 15)], vec![part(&lot, 10_000, 15)]]);
    for (child, number) in body.children.iter_mut().zip(["P/0", "P/1"]) {
        let paper = Paper { content: "half of the goods".into(), ..Paper::new(number, &["C:1"]) };
        child.ticket = world.ticket("MTO", DocKind::NCD, &paper);
    }
    let children = children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E5"]));
    let half = Paper { content: "half of the goods".into(), ..Paper::new("P/0", &["C:1"]) };
    let amend = |world: &World, paper: &Paper| {
        let mut version = world.version("MTO", DocKind::NCD, paper);
        version.lots = world.lots(&children[0]).iter().map(restated).collect();
        let expect_ver = world.ver(&children[0]);
        Operation::WaybillAmend(landsea_types::operation::waybill::Amend { doc: children[0], expect_ver, version })
    };
    let copy = Bill::new("COPY-1", &["C:77"]);
    let op = world.issue_op(&Bill { paper: Paper { content: half.content.clone(), ..copy.paper }, ..Bill::s1() });
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DuplicateContent, "a stranger with the content of a child");
    let op = amend(&world, &half);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::Ok, "its content stays its own");
}

#[test]
fn only_the_issuer_splits_with_the_holders_consent() {
    let (mut world, doc) = bill_of_e5();
    let op = Operation::WaybillSplit(world.halves(&doc, "H"));
    assert_eq!(world.code("E5", op.clone(), &["MTO"]), Code::RoleNotPermitted);
    assert_eq!(world.code("COLD", op.clone(), &["MTO", "E5"]), Code::RoleNotPermitted);
    assert_eq!(world.code("R-CD", op.clone(), &["MTO", "E5"]), Code::NotHolder, "3005 after the tickets of the issuer");
    let outcome = world.submit("MTO", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    assert_eq!(world.code("MTO", op.clone(), &["E1"]), Code::ConsentMissing);
    let mut body = world.halves(&doc, "H");
    body.expect_ver = 2;
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &["E5"]), Code::StaleVersion);
    let mut body = world.halves(&doc, "H");
    body.doc = DocId([7; 32]);
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &["E5"]), Code::UnknownObject);
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::Ok);
    let mut again = op;
    if let Operation::WaybillSplit(body) = &mut again {
        body.expect_ver = 2;
    }
    assert_eq!(world.code("MTO", again, &["E5"]), Code::DocumentState, "a split document changes no more");
}

#[test]
fn a_receipt_is_split_by_its_keeper_and_by_the_receipts_operation() {
    let mut world = World::new();
    let doc = world.issue_receipt(&Receipt::new("W-1", &["B:1", "B:2"]));
    let body = world.halves(&doc, "H");
    assert_eq!(world.code("COLD", Operation::WaybillSplit(body.clone()), &["E1"]), Code::RoleNotPermitted);
    assert_eq!(world.code("PORT", Operation::WaybillSplit(body.clone()), &["E1"]), Code::NotPledgeableHere);
    assert_eq!(world.code("WUL", Operation::WarehouseSplit(body.clone()), &["E1"]), Code::NotHolder);
    let children = children_of(&world.ok("COLD", Operation::WarehouseSplit(body), &["E1"]));
    for child in children {
        let receipt = world.doc(&child);
        assert_eq!(receipt.receipt.as_ref().map(|r| r.site), Some(site("site of COLD")));
        assert_eq!((receipt.kind, receipt.lots.len()), (DocKind::WHR, 1));
    }
    let bill = world.issue_bill(&Bill::s1());
    let body = world.halves(&bill, "B");
    assert_eq!(world.code("COLD", Operation::WarehouseSplit(body), &["E5"]), Code::NotPledgeableHere);
}

#[test]
fn every_child_stays_under_the_pledge_with_its_priority() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let before = world.pledge(&pledge);
    let op = world.split_op(world.halves(&doc, "H"));
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::Encumbered);
    assert_eq!(world.code("MTO", op.clone(), &["B1"]), Code::ConsentMissing, "the beneficiary's");
    let children = children_of(&world.ok("MTO", op, &["E5", "B1"]));
    let after = world.pledge(&pledge);
    assert_eq!((after.docs.clone(), after.priority), (children.clone(), before.priority));
    for child in &children {
        assert_eq!(world.encumbrance(&child.0).map(|enc| (enc.pledge, enc.priority)), Some((pledge, before.priority)));
        assert_eq!((world.doc(child).holder, world.doc(child).enc), (world.account("B1"), Some(pledge)));
    }
    assert!(world.encumbrance(&doc.0).is_none());
    let second = world.doc(&children[1]);
    let paper = Paper::new("H/1", &["C:XLHU2601024", "C:XLHU2601030"]);
    let op = world.create_op("B2", "E5", &second.id, &paper);
    assert_eq!(world.code("B2", op, &["E5", "MTO"]), Code::AlreadyPledged);
}

#[test]
fn the_pledgee_releases_children_and_nobody_else_does() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let body = Split { released: vec![0], ..world.halves(&doc, "H") };
    let children = children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E5", "B1"]));
    let (free, kept) = (world.doc(&children[0]), world.doc(&children[1]));
    assert_eq!((free.enc, free.holder), (None, world.account("E5")));
    assert_eq!((kept.enc, kept.holder), (Some(pledge), world.account("B1")));
    assert_eq!((free.chain_len, kept.chain_len), (2, 1));
    let key = landsea_chaincode::view::chain_key(&free.id, 2);
    let entry: ChainEntry = world.state.view().get(Table::Chain, &key).expect("a second entry");
    assert_eq!((entry.action, entry.recipient), (ChainAction::PledgeRelease, Some(world.account("E5"))));
    assert!(world.encumbrance(&free.lots[0].0).is_none());
    let op = world.transfer_op(&children[0], "E1");
    assert_eq!(world.code("E5", op, &[]), Code::Ok);
    assert_eq!(code_with(|body, _| body.released = vec![1]), Code::NotConserved, "nothing to be released from");
    assert_eq!(code_with(|body, _| body.released = vec![2]), Code::TooLarge, "no such child");
    assert_eq!(code_with(|body, _| body.released = vec![1, 0]), Code::TooLarge, "not ascending");
    assert_eq!(code_with(|body, _| body.released = vec![0, 0]), Code::TooLarge, "twice the same");
    assert_eq!(code_with(|body, _| body.released = vec![0, 1]), Code::CollateralSetInvalid, "that is a release");
}

#[test]
fn a_court_freeze_on_the_claim_bars_the_release_of_children_and_not_the_split() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    world.place_hold(&pledge.0, HoldKind::CourtFreeze);
    let body = Split { released: vec![0], ..world.halves(&doc, "H") };
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &["E5", "B1"]), Code::Held);
    let body = world.halves(&doc, "H");
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &["E5", "B1"]), Code::Ok);
}

#[test]
fn a_reservation_stands_on_every_child() {
    let (mut world, doc) = bill_of_e5();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.split_op(world.halves(&doc, "H"));
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::ReservedByOther);
    let children = children_of(&world.ok("MTO", op, &["E5", "B1"]));
    assert!(children.iter().all(|child| world.reservation(&child.0).is_some()));
    assert!(world.reservation(&doc.0).is_none());
}

#[test]
fn holds_bar_splits_and_a_customs_hold_follows_to_each_child() {
    for kind in HoldKind::ALL {
        for on_lot in [false, true] {
            let (mut world, doc) = bill_of_e5();
            let lot = world.doc(&doc).lots[2];
            world.place_hold(if on_lot { &lot.0 } else { &doc.0 }, *kind);
            let op = world.split_op(world.halves(&doc, "H"));
            if *kind != HoldKind::CustomsHold {
                assert_eq!(world.code("MTO", op, &["E5"]), Code::Held, "{kind}");
                continue;
            }
            let children = children_of(&world.ok("MTO", op, &["E5"]));
            let on_doc: Vec<usize> = children.iter().map(|child| world.holds(&child.0).len()).collect();
            let lots = |child: &DocId| world.lots(child).iter().map(|lot| world.holds(&lot.id.0).len()).collect();
            let on_lots: Vec<Vec<usize>> = children.iter().map(lots).collect();
            let expected =
                if on_lot { (vec![0, 0], vec![vec![0], vec![0, 1]]) } else { (vec![1, 1], vec![vec![0], vec![0, 0]]) };
            assert_eq!((on_doc, on_lots), expected);
            assert!(world.holds(&doc.0).is_empty() && world.holds(&lot.0).is_empty());
            let op = world.surrender_op(&children[1]);
            assert_eq!(world.code("E5", op, &[]), Code::Held, "the goods are not let out");
        }
    }
}

#[test]
fn one_lift_frees_every_child() {
    let (mut world, doc) = bill_of_e5();
    world.place_hold(&doc.0, HoldKind::CustomsHold);
    let op = world.split_op(world.halves(&doc, "H"));
    let children = children_of(&world.ok("MTO", op, &["E5"]));
    world.lift_hold(&children[0].0);
    assert!(children.iter().all(|child| world.holds(&child.0).is_empty()));
}

#[test]
fn a_part_stays_where_its_parent_was() {
    let (mut world, doc) = consignment();
    let (lot, rail) = (world.lots(&doc).remove(0), world.account("R-CD"));
    let (seal, place) = (commit("seal"), world.home("R-CD"));
    world.edit(|view| {
        let mut moved = lot.clone();
        (moved.custodian, moved.place, moved.seal, moved.ver) = (rail, place, Some(seal), 2);
        view.put_lot(&moved);
    });
    let body = world.split_body(&doc, "P", vec![vec![part(&lot, 12_000, 18)], vec![part(&lot, 8_000, 12)]]);
    let children = children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E5"]));
    for lot in children.iter().flat_map(|child| world.lots(child)) {
        assert_eq!((lot.custodian, lot.place, lot.seal), (rail, place, Some(seal)));
    }
}

#[test]
fn the_first_failing_check_of_a_split_answers() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    let lots = world.lots(&doc);
    let bad = |world: &World| world.split_body(&doc, "X", vec![vec![part(&lots[0], 1, 1)], vec![whole(&lots[1])]]);
    let op = Operation::WaybillSplit(bad(&world));
    assert_eq!(world.code("R-CD", op.clone(), &[]), Code::Encumbered, "3006 before 3005");
    assert_eq!(world.code("MTO", op.clone(), &["B1"]), Code::ConsentMissing, "1008 before 4003");
    assert_eq!(world.code("MTO", op, &["E5", "B1"]), Code::NotConserved);
    let mut body = bad(&world);
    let doubled: ChildLot = body.children[0].lots[0].clone();
    body.children[1].lots.push(doubled);
    body.children[1].ticket = world.child(&doc, "X/1", body.children[1].lots.clone()).ticket;
    body.children[0].ticket.body.epoch = 9;
    assert_eq!(world.code("MTO", Operation::WaybillSplit(body), &[]), Code::TicketInvalid, "3003 before 3006");
    world.place_hold(&doc.0, HoldKind::Dispute);
    let op = Operation::WaybillSplit(bad(&world));
    assert_eq!(world.code("MTO", op, &[]), Code::Held, "6001 before 3003 and 3006");
}
