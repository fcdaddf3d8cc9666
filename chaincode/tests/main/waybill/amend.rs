//! `waybill.amend`.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Amend, NewVersion};
use landsea_types::role::{DocKind, DocState, HoldKind};
use landsea_types::{Code, Commit, DocId, Operation, Qty};

fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

fn amended() -> Paper {
    Bill::s1().paper.rewritten("amended content")
}

/// What amending to the paper with a changed version answers.
fn code_with(world: &mut World, doc: &DocId, paper: &Paper, change: impl FnOnce(&mut NewVersion)) -> Code {
    let mut version = world.version("MTO", DocKind::NCD, paper);
    change(&mut version);
    let op = Operation::WaybillAmend(Amend { doc: *doc, expect_ver: world.ver(doc), version });
    world.code("MTO", op, &["E5"])
}

#[test]
fn a_new_version_takes_the_number_the_goods_and_the_holder_over() {
    let (mut world, doc) = bill_of_e5();
    let lots = world.doc(&doc).lots;
    let op = world.amend_op(&doc, &amended());
    let outcome = world.ok("MTO", op, &["E5"]);
    let told = event(&outcome, EventName::Amended);
    assert_eq!(told.args, vec![0b100]);
    let old = world.doc(&doc);
    let new = world.doc(&DocId(told.related[0].0));
    assert_eq!((old.state, old.replaced_by, old.ver), (DocState::Replaced, Some(new.id), 2));
    assert_eq!((new.state, new.replaces, new.ver, new.lots.clone()), (DocState::Active, Some(doc), 1, lots));
    assert_eq!((new.fp1, new.fp2), (old.fp1, amended().fp2()));
    assert_eq!((new.holder, new.beneficiary), (world.account("E5"), Some(world.account("E5"))));
    assert_eq!(world.state.view().doc_by_fp(&old.fp1), Some(new.id), "the number leads to the newest version");
    assert!(world.lots(&new.id).iter().all(|lot| lot.title == Some(new.id)));
    world.deliver("E5", &new.id);
}

#[test]
fn an_amendment_may_return_to_an_earlier_content_of_its_chain() {
    let (mut world, doc) = bill_of_e5();
    let op = world.amend_op(&doc, &amended());
    world.ok("MTO", op, &["E5"]);
    let second = world.doc(&doc).replaced_by.expect("a new version");
    let op = world.amend_op(&second, &Bill::s1().paper);
    world.ok("MTO", op, &["E5"]);
}

#[test]
fn a_replaced_document_changes_no_more() {
    let (mut world, doc) = bill_of_e5();
    let op = world.amend_op(&doc, &amended());
    world.ok("MTO", op, &["E5"]);
    assert_eq!(code_with(&mut world, &doc, &amended(), |_| ()), Code::DocumentState);
    let op = world.transfer_op(&doc, "E1");
    assert_eq!(world.code("E5", op, &[]), Code::DocumentState);
}

#[test]
fn the_number_stays_and_the_content_is_nobody_elses() {
    let (mut world, doc) = bill_of_e5();
    let other = Bill::new("A-2", &["C:2"]);
    world.issue_bill(&other);
    let taken = amended().renumbered("A-2");
    assert_eq!(code_with(&mut world, &doc, &taken, |_| ()), Code::DuplicateDocument);
    let fresh = amended().renumbered("A-3");
    assert_eq!(code_with(&mut world, &doc, &fresh, |_| ()), Code::TicketInvalid, "an amendment keeps its number");
    let copied = Bill::s1().paper.rewritten("content of A-2");
    assert_eq!(code_with(&mut world, &doc, &copied, |_| ()), Code::DuplicateContent);
    assert_eq!(world.attempts().len(), 2);
}

#[test]
fn lots_quantities_and_keys_do_not_change() {
    let (mut world, doc) = bill_of_e5();
    let more_keys = amended().over(&["C:XLHU2601019", "C:XLHU2601024", "C:XLHU2601030", "C:9"]);
    assert_eq!(code_with(&mut world, &doc, &more_keys, |_| ()), Code::NotConserved);
    let fewer = amended().over(&["C:XLHU2601019", "C:XLHU2601024"]);
    assert_eq!(code_with(&mut world, &doc, &fewer, |_| ()), Code::NotConserved);
    assert_eq!(code_with(&mut world, &doc, &amended(), |v| v.lots[0].qty = Qty::new(1)), Code::NotConserved);
    assert_eq!(code_with(&mut world, &doc, &amended(), |v| v.lots[0].packages = 9), Code::NotConserved);
    assert_eq!(code_with(&mut world, &doc, &amended(), |v| v.lots[0].goods_class = *b"870323"), Code::NotConserved);
    let doubled = |v: &mut NewVersion| {
        let first = v.lots[0].keys[0];
        v.lots[1].keys.push(first);
    };
    assert_eq!(code_with(&mut world, &doc, &amended(), doubled), Code::NotConserved, "lots may share a container");
    assert_eq!(code_with(&mut world, &doc, &amended(), |v| v.lots.reverse()), Code::Ok, "the order says nothing");
}

#[test]
fn a_key_of_other_goods_answers_4001() {
    let (mut world, doc) = bill_of_e5();
    world.issue_bill(&Bill::new("A-2", &["C:2"]));
    let foreign = amended().over(&["C:XLHU2601019", "C:XLHU2601024", "C:2"]);
    assert_eq!(code_with(&mut world, &doc, &foreign, |_| ()), Code::GoodsKeyOccupied);
}

#[test]
fn the_issuer_amends_with_the_holders_consent() {
    let (mut world, doc) = bill_of_e5();
    let op = world.amend_op(&doc, &amended());
    let outcome = world.submit("MTO", op, &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let version = world.version("R-CD", DocKind::NCD, &amended());
    let op = Operation::WaybillAmend(Amend { doc, expect_ver: 1, version: version.clone() });
    assert_eq!(world.code("R-CD", op, &["E5"]), Code::NotHolder);
    let op = Operation::WaybillAmend(Amend { doc, expect_ver: 1, version: version.clone() });
    assert_eq!(world.code("E5", op, &[]), Code::RoleNotPermitted);
    let op = Operation::WaybillAmend(Amend { doc, expect_ver: 2, version: version.clone() });
    assert_eq!(world.code("MTO", op, &["E5"]), Code::StaleVersion);
    let op = Operation::WaybillAmend(Amend { doc: DocId([7; 32]), expect_ver: 1, version });
    assert_eq!(world.code("MTO", op, &["E5"]), Code::UnknownObject);
    assert_eq!(
        code_with(&mut world, &doc, &amended(), |v| v.control_agreement = Commit::default()),
        Code::NotPledgeableHere
    );
    world.suspend("E5");
    assert_eq!(code_with(&mut world, &doc, &amended(), |_| ()), Code::PartySuspended);
}

#[test]
fn a_receipt_is_not_amended_as_a_waybill() {
    let mut world = World::new();
    let receipt = world.issue_receipt(&Receipt::new("W-1", &["B:1"]));
    assert_eq!(code_with(&mut world, &receipt, &Paper::new("W-1", &["B:1"]), |_| ()), Code::NotPledgeableHere);
}

#[test]
fn holds_bar_amendments_except_those_of_customs_which_stay() {
    for kind in [HoldKind::Dispute, HoldKind::CourtFreeze, HoldKind::RegulatorFreeze, HoldKind::Deficit] {
        let (mut world, doc) = bill_of_e5();
        world.place_hold(&doc.0, kind);
        assert_eq!(code_with(&mut world, &doc, &amended(), |_| ()), Code::Held, "{kind}");
    }
    let (mut world, doc) = bill_of_e5();
    world.place_hold(&doc.0, HoldKind::CustomsHold);
    assert_eq!(code_with(&mut world, &doc, &amended(), |_| ()), Code::Ok);
    let new = world.doc(&doc).replaced_by.expect("a new version");
    assert_eq!(world.holds(&new.0), [HoldKind::CustomsHold]);
}

#[test]
fn a_pledge_passes_to_the_new_version_with_its_priority() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let priority = world.pledge(&pledge).priority;
    let op = world.amend_op(&doc, &amended());
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::Encumbered);
    assert_eq!(world.code("MTO", op.clone(), &["B1"]), Code::ConsentMissing, "the beneficiary stands for the holder");
    assert_eq!(world.code("MTO", op, &["E5", "B1"]), Code::Ok);
    let new = world.doc(&doc).replaced_by.expect("a new version");
    assert!(world.encumbrance(&doc.0).is_none());
    let enc = world.encumbrance(&new.0).expect("encumbered");
    assert_eq!((enc.pledge, enc.priority), (pledge, priority));
    assert_eq!(world.pledge(&pledge).docs, vec![new]);
}

#[test]
fn a_reservation_passes_to_the_new_version() {
    let (mut world, doc) = bill_of_e5();
    world.reserve("B1", "E5", &doc, 24);
    let op = world.amend_op(&doc, &amended());
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::ReservedByOther);
    assert_eq!(world.code("MTO", op, &["E5", "B1"]), Code::Ok);
    let new = world.doc(&doc).replaced_by.expect("a new version");
    assert!(world.reservation(&doc.0).is_none());
    assert_eq!(world.reservation(&new.0).expect("reserved").doc, new);
    let swept = world.pass(25 * HOUR).expect("the reservation ends");
    assert_eq!(events(&swept, EventName::ReservationExpired).len(), 1);
}

#[test]
fn the_paper_may_follow_the_goods_after_their_container_has_left() {
    let bill = Bill::new("A-1", &["C:1", "B:1"]);
    let setup = || {
        let mut world = World::new();
        let mut body = world.issue_body(&bill);
        body.lots.truncate(1);
        body.lots[0].keys = bill.paper.keys.clone();
        let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
        // The container has been emptied and is on its next journey.
        let lot = world.doc(&doc).lots[0];
        world.edit(|view| {
            let mut lot = view.lot(&lot).expect("the lot exists");
            lot.keys.retain(|key| key.class != b'C');
            lot.ver += 1;
            view.put_lot(&lot);
            view.put_goods_key(&key("C:1").key, vec![]);
        });
        world.issue_bill(&Bill::new("NEXT-1", &["C:1"]));
        (world, doc)
    };
    let amend = |world: &mut World, doc: &DocId, keys: &[&str]| {
        let paper = bill.paper.rewritten("amended").over(keys);
        let mut version = world.version("MTO", DocKind::NCD, &paper);
        version.lots.truncate(1);
        version.lots[0].keys = paper.keys.clone();
        let op = Operation::WaybillAmend(Amend { doc: *doc, expect_ver: world.ver(doc), version });
        world.code("MTO", op, &["E5"])
    };
    let (mut world, doc) = setup();
    assert_eq!(amend(&mut world, &doc, &["C:1", "B:1"]), Code::Ok, "the paper stays as it was");
    let lot = world.lots(&doc).remove(0);
    assert_eq!((lot.paper_keys.len(), lot.keys.len()), (2, 1));
    let (mut world, doc) = setup();
    assert_eq!(amend(&mut world, &doc, &["C:1"]), Code::NotConserved);
    assert_eq!(amend(&mut world, &doc, &["B:1", "C:2"]), Code::NotConserved, "another container is another matter");
    assert_eq!(amend(&mut world, &doc, &["B:1"]), Code::Ok, "the paper follows");
    let lot = world.lots(&doc).remove(0);
    assert_eq!((lot.paper_keys.clone(), lot.keys), (vec![key("B:1")], vec![key("B:1")]));
    let new = world.doc(&doc).replaced_by.expect("a new version");
    assert_eq!(amend(&mut world, &new, &["C:1", "B:1"]), Code::GoodsKeyOccupied, "and does not go back");
}
