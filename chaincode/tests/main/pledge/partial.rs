//! `pledge.release_partial` of whole documents, and how cover is watched.

use super::acts::{bills, pledged_of};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::DocVersion;
use landsea_types::operation::pledge::{Create, Partial};
use landsea_types::role::{HoldKind, LotKind, PledgeState};
use landsea_types::{Code, DocId, Operation, PledgeId, Qty, Uom};

#[test]
fn a_whole_document_leaves_and_the_pledge_goes_on() {
    let (mut world, bills, pledge) = pledged_of(2, 2);
    let before = world.pledge(&pledge);
    let op = world.release_doc_op(&pledge, &bills[0].0);
    let outcome = world.ok("B1", op, &[]);
    let said = event(&outcome, EventName::PartialRelease);
    assert!(said.related.iter().any(|d| d.0 == bills[0].0.0), "what left is named");
    let record = world.pledge(&pledge);
    assert_eq!((record.docs.clone(), record.lots.len()), (vec![bills[1].0], 1));
    assert_eq!((record.state, record.ver, record.priority), (PledgeState::Active, before.ver + 1, before.priority));
    assert_eq!(record.initial, before.initial, "what was pledged stays the measure");
    assert_eq!((world.doc(&bills[0].0).holder, world.encumbrance(&bills[0].0.0)), (world.account("E5"), None));
    assert!(world.encumbrance(&bills[1].0.0).is_some());
}

#[test]
fn the_last_document_does_not_leave_and_a_strange_one_neither() {
    let (mut world, bills, pledge) = pledged_of(1, 2);
    for (doc, _) in &bills {
        let op = world.release_doc_op(&pledge, doc);
        assert_eq!(world.code("B1", op, &[]), Code::CollateralSetInvalid);
    }
    let (mut world, bills, pledge) = pledged_of(2, 3);
    let op = world.release_doc_op(&pledge, &bills[2].0);
    assert_eq!(world.code("B1", op, &[]), Code::CollateralSetInvalid);
}

#[test]
fn only_the_pledgee_releases_and_even_when_suspended() {
    let (mut world, bills, pledge) = pledged_of(3, 3);
    let op = world.release_doc_op(&pledge, &bills[0].0);
    assert_eq!(world.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("B2", op.clone(), &[]), Code::NotPledgee);
    world.ok("B1", op, &[]);
    world.suspend("B1");
    let op = world.release_doc_op(&pledge, &bills[1].0);
    world.ok("B1", op, &[]);
}

#[test]
fn versions_of_pledge_and_document_are_compared_and_an_enforced_pledge_keeps_everything() {
    let (mut world, bills, pledge) = pledged_of(2, 2);
    let stale = Partial::Document(DocVersion { doc: bills[0].0, expect_ver: 9 });
    let op = world.release_part_op(&pledge, stale);
    assert_eq!(world.code("B1", op, &[]), Code::StaleVersion);
    let unknown = Partial::Document(DocVersion { doc: DocId([9; 32]), expect_ver: 1 });
    let op = world.release_part_op(&pledge, unknown);
    assert_eq!(world.code("B1", op, &[]), Code::UnknownObject);
    let op = world.default_op(&pledge);
    world.ok("B1", op, &[]);
    let op = world.release_doc_op(&pledge, &bills[0].0);
    assert_eq!(world.code("B1", op, &[]), Code::PledgeState);
}

#[test]
fn a_court_freeze_of_the_claim_stops_a_partial_release() {
    let (mut world, bills, pledge) = pledged_of(2, 2);
    world.place_hold(&pledge.0, HoldKind::CourtFreeze);
    let op = world.release_doc_op(&pledge, &bills[0].0);
    assert_eq!(world.code("B1", op, &[]), Code::Held);
}

#[test]
fn a_joined_document_takes_its_priority_with_it() {
    let (mut world, bills, pledge) = pledged_of(1, 2);
    let op = world.add_op("B1", &pledge, &bills[1..]);
    world.ok("B1", op, &["E5", "MTO"]);
    assert_eq!(world.pledge(&pledge).joined.len(), 1);
    let op = world.release_doc_op(&pledge, &bills[1].0);
    world.ok("B1", op, &[]);
    assert!(world.pledge(&pledge).joined.is_empty());
}

mod cover {
    use super::*;

    /// A pledge of B1 over bills of one lot each, with the given quantities, and an agreed cover.
    fn covered(cover_min_bps: u16, quantities: &[(Uom, u64)]) -> (World, Vec<DocId>, PledgeId) {
        let mut world = World::new();
        let mut docs = Vec::new();
        for (i, (uom, qty)) in quantities.iter().enumerate() {
            let bill = Bill::new(&format!("BILL {i}"), &[&format!("C:{i}")]);
            let mut body = world.issue_body(&bill);
            body.lots[0].kind = LotKind::Bulk;
            body.lots[0].uom = *uom;
            body.lots[0].qty = Qty::new(*qty);
            let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
            docs.push((doc, bill));
        }
        let papers: Vec<_> = docs.iter().map(|(doc, bill)| (*doc, &bill.paper)).collect();
        let body = Create { cover_min_bps, ..world.create_body("B1", "E5", &papers) };
        let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO"]));
        (world, docs.into_iter().map(|(doc, _)| doc).collect(), pledge)
    }

    fn litres() -> Uom {
        "LTR".parse().expect("a known unit")
    }

    fn released(world: &mut World, pledge: &PledgeId, doc: &DocId) -> Option<Vec<u64>> {
        let op = world.release_doc_op(pledge, doc);
        let outcome = world.ok("B1", op, &[]);
        let alarms = events(&outcome, EventName::CoverLow);
        assert!(alarms.len() <= 1);
        alarms.first().map(|alarm| alarm.args.clone())
    }

    #[test]
    fn exactly_the_agreed_share_is_enough_and_one_unit_less_is_not() {
        for (leaves, expected) in [(3_000_000, None), (3_000_001, Some(vec![6_999, 7_000]))] {
            let kgm = |qty| (Uom::KGM, qty);
            let (mut world, docs, pledge) = covered(7_000, &[kgm(leaves), kgm(10_000_000 - leaves)]);
            assert_eq!(released(&mut world, &pledge, &docs[0]), expected, "{leaves} of 10000000 leave");
            assert_eq!(world.pledge(&pledge).cover_low, expected.is_some());
        }
    }

    #[test]
    fn a_share_is_rounded_down_at_the_last_unit() {
        // 2 of 3 are 6666.67 basis points.
        for (cover, expected) in [(6_666, None), (6_667, Some(vec![6_666, 6_667]))] {
            let (mut world, docs, pledge) = covered(cover, &[(Uom::KGM, 1), (Uom::KGM, 2)]);
            assert_eq!(released(&mut world, &pledge, &docs[0]), expected, "cover {cover}");
        }
    }

    #[test]
    fn the_largest_quantities_do_not_overflow() {
        let half = u64::MAX / 2;
        let (mut world, docs, pledge) = covered(5_001, &[(Uom::KGM, half), (Uom::KGM, half)]);
        assert_eq!(released(&mut world, &pledge, &docs[0]), Some(vec![5_000, 5_001]));
    }

    #[test]
    fn the_unit_of_which_least_remains_decides() {
        let (mut world, docs, pledge) =
            covered(5_000, &[(Uom::KGM, 10), (litres(), 40), (litres(), 60), (Uom::KGM, 90)]);
        assert_eq!(released(&mut world, &pledge, &docs[0]), None);
        assert_eq!(released(&mut world, &pledge, &docs[2]), Some(vec![4_000, 5_000]));
    }

    #[test]
    fn the_alarm_comes_once_until_the_goods_are_back() {
        let (mut world, bills, pledge) = pledged_of(4, 8);
        assert_eq!(released(&mut world, &pledge, &bills[0].0), None, "75 of 70 percent");
        assert_eq!(released(&mut world, &pledge, &bills[1].0), Some(vec![5_000, 7_000]));
        assert_eq!(released(&mut world, &pledge, &bills[2].0), None, "lower, but known");
        // One of four remains; with four more it is five of eight, with eight more nine of twelve.
        let op = world.add_op("B1", &pledge, &bills[4..]);
        world.ok("B1", op, &["E5", "MTO"]);
        assert!(world.pledge(&pledge).cover_low, "6250 of 7000 basis points");
        let more = super::bills_named(&mut world, "MORE", 4);
        let op = world.add_op("B1", &pledge, &more);
        world.ok("B1", op, &["E5", "MTO"]);
        assert!(!world.pledge(&pledge).cover_low, "7500 of 7000 basis points");
        for (i, (doc, _)) in more.iter().enumerate() {
            assert_eq!(released(&mut world, &pledge, doc).is_some(), i == 0, "8 of 12 is low again");
        }
    }

    #[test]
    fn substitution_moves_the_measure_and_a_unit_that_is_gone_counts_no_longer() {
        let (mut world, docs, pledge) = covered(7_000, &[(litres(), 50)]);
        let bill = Bill::new("NEW", &["C:NEW"]);
        let new = world.issue_bill(&bill);
        let old = (docs[0], Bill::s1());
        let op = world.substitute_op(&pledge, &[(new, bill)], &[old]);
        let outcome = world.ok("B1", op, &["E5", "MTO"]);
        assert!(events(&outcome, EventName::CoverLow).is_empty());
        let initial = world.pledge(&pledge).initial;
        assert_eq!((initial.len(), initial[0].uom, initial[0].qty), (1, Uom::KGM, Qty::new(20_000_000)));
    }
}

fn bills_named(world: &mut World, name: &str, n: usize) -> Vec<(DocId, Bill)> {
    let bill = |i| Bill::new(&format!("{name} {i}"), &[&format!("C:{name}{i}")]);
    (0..n).map(bill).map(|bill| (world.issue_bill(&bill), bill)).collect()
}

#[test]
fn a_delivery_of_one_of_several_documents_lowers_the_cover_too() {
    let mut world = World::new();
    let bills = bills(&mut world, 2);
    let pledge = world.pledge_all("B1", &bills);
    let doc = bills[0].0;
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    let answer = landsea_types::operation::waybill::AnswerSurrender {
        doc,
        expect_ver: world.ver(&doc),
        accept: true,
        version: None,
    };
    let outcome = world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    assert_eq!(event(&outcome, EventName::CoverLow).args, [5_000, 7_000]);
    assert_eq!(world.pledge(&pledge).docs, [bills[1].0]);
}
