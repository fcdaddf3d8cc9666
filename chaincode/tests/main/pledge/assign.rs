//! `pledge.assign`.

use super::acts::pledged_of;
use crate::kit::*;
use landsea_chaincode::invariants::Decoded;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::Assign;
use landsea_types::operation::waybill::AnswerSurrender;
use landsea_types::record::Pledge;
use landsea_types::role::{ChainAction, HoldKind, PledgeState, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, DocId, Operation, PledgeId};

fn pledged() -> (World, DocId, PledgeId) {
    let (world, bills, pledge) = pledged_of(1, 1);
    (world, bills[0].0, pledge)
}

fn assign(world: &mut World, from: &str, pledge: &PledgeId, to: &str) {
    let op = world.assign_op(pledge, to);
    world.ok(from, op, &[to]);
}

#[test]
fn another_bank_takes_the_pledgees_place_and_the_priority_stays() {
    let (mut world, doc, pledge) = pledged();
    let before = world.pledge(&pledge);
    assign(&mut world, "B1", &pledge, "B3");
    let after = world.pledge(&pledge);
    assert_eq!((after.pledgee, after.home_pledgee), (world.account("B3"), world.member("yn")));
    assert_eq!((after.priority, after.state, after.ver), (before.priority, PledgeState::Active, before.ver + 1));
    assert_eq!(after.assigned_from.len(), 1);
    assert_eq!((after.assigned_from[0].from, after.assigned_from[0].height), (world.account("B1"), world.height));
    let record = world.doc(&doc);
    assert_eq!((record.holder, record.beneficiary), (world.account("B3"), Some(world.account("E5"))));
    for target in [doc.0, record.lots[0].0] {
        let leaf = world.encumbrance(&target).expect("encumbered");
        assert_eq!((leaf.pledgee, leaf.member, leaf.priority), (after.pledgee, after.home_pledgee, before.priority));
    }
    let entries = world.state.table::<landsea_types::record::ChainEntry>(Table::Chain);
    let last = entries.values().find(|e| e.n == record.chain_len && e.recipient == Some(after.pledgee));
    assert_eq!(last.expect("in the chain").action, ChainAction::PledgeEndorse);
}

#[test]
fn the_new_bank_acts_and_the_old_one_does_not() {
    let (mut world, _, pledge) = pledged();
    assign(&mut world, "B1", &pledge, "B3");
    let op = world.release_op(&pledge);
    assert_eq!(world.code("B1", op.clone(), &[]), Code::NotPledgee);
    world.ok("B3", op, &[]);
}

#[test]
fn the_old_bank_lists_the_pledge_no_longer() {
    let (mut world, _, pledge) = pledged();
    assign(&mut world, "B1", &pledge, "B3");
    let rows = Decoded::of(&world.state).expect("decodes").pledge_rows;
    let lists = |who: &str| rows.iter().any(|row| row[..32] == world.account(who).0 && row[32..] == pledge.0);
    assert!(lists("B3") && lists("E5") && !lists("B1"));
}

#[test]
fn an_assignment_and_back_leaves_everything_but_the_record_of_it() {
    let (mut world, doc, pledge) = pledged();
    let forget = |p: Pledge| Pledge { ver: 0, assigned_from: vec![], ..p };
    let (record, paper, leaf) = (world.pledge(&pledge), world.doc(&doc), world.encumbrance(&doc.0));
    let queue = Decoded::of(&world.state).expect("decodes").queue;
    assign(&mut world, "B1", &pledge, "B3");
    assign(&mut world, "B3", &pledge, "B1");
    assert_eq!(forget(world.pledge(&pledge)), forget(record));
    assert_eq!(world.encumbrance(&doc.0), leaf);
    let now = world.doc(&doc);
    assert_eq!(
        (now.holder, now.beneficiary, now.enc, now.lots),
        (paper.holder, paper.beneficiary, paper.enc, paper.lots)
    );
    let consents = |q: &Vec<u8>| q[8] != landsea_chaincode::view::Due::Consent as u8;
    let after = Decoded::of(&world.state).expect("decodes").queue;
    assert!(queue.iter().filter(|q| consents(q)).eq(after.iter().filter(|q| consents(q))));
}

#[test]
fn a_joined_document_keeps_its_own_priority() {
    let (mut world, bills, pledge) = pledged_of(1, 2);
    let op = world.add_op("B1", &pledge, &bills[1..]);
    world.ok("B1", op, &["E5", "MTO"]);
    let own = world.pledge(&pledge).priority_of(&bills[1].0);
    assign(&mut world, "B1", &pledge, "B3");
    assert_eq!(world.encumbrance(&bills[1].0.0).expect("encumbered").priority, own);
    assert_ne!(own, world.pledge(&pledge).priority);
}

#[test]
fn only_the_pledgee_assigns_and_only_to_another_bank_that_consents() {
    let (mut world, _, pledge) = pledged();
    let op = world.assign_op(&pledge, "B3");
    assert_eq!(world.code("E5", op.clone(), &["B3"]), Code::RoleNotPermitted);
    assert_eq!(world.code("B2", op.clone(), &["B3"]), Code::NotPledgee);
    let refused = world.submit("B1", op.clone(), &[]);
    assert_eq!((refused.code, refused.args), (Code::ConsentMissing, vec![0]));
    let as_firm = world.consent_as("B3", Role::Enterprise, "B1", &op);
    assert_eq!(world.submit_with("B1", op, vec![as_firm]).code, Code::ConsentMissing);
    let op = world.assign_op(&pledge, "B1");
    assert_eq!(world.code("B1", op, &[]), Code::NotPledgee);
    let op = world.assign_op(&pledge, "E6");
    assert_eq!(world.code("B1", op, &["E6"]), Code::RoleNotPermitted);
    let nobody = Assign { to: AccountId([9; 32]), ..world.assign_body(&pledge, "B3") };
    assert_eq!(world.code("B1", Operation::PledgeAssign(nobody), &[]), Code::UnknownObject);
}

#[test]
fn a_suspended_assignee_answers_1006() {
    let (mut world, _, pledge) = pledged();
    world.suspend("B3");
    let op = world.assign_op(&pledge, "B3");
    assert_eq!(world.code("B1", op, &["B3"]), Code::PartySuspended);
}

#[test]
fn the_pledgor_is_asked_only_where_the_network_says_so() {
    let mut world = World::with(Setup { parameters: vec![(ParamKey::AssignNeedsPledgor, 1)], ..Setup::default() });
    let (_, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.assign_op(&pledge, "B3");
    let refused = world.submit("B1", op.clone(), &["B3"]);
    assert_eq!((refused.code, refused.args), (Code::ConsentMissing, vec![1]));
    world.ok("B1", op, &["B3", "E5"]);
}

#[test]
fn a_custodian_in_a_group_with_the_new_bank_answers_5109() {
    let mut world = World::with(Setup { groups: vec![("MTO", "g"), ("B3", "g")], ..Setup::default() });
    let (_, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.assign_op(&pledge, "B3");
    assert_eq!(world.code("B1", op, &["B3"]), Code::CustodianNotIndependent);
    assign(&mut world, "B1", &pledge, "B2");
}

#[test]
fn under_enforcement_the_new_bank_must_accept_the_state() {
    let (mut world, _, pledge) = pledged();
    let op = world.default_op(&pledge);
    world.ok("B1", op, &[]);
    let op = world.assign_op(&pledge, "B3");
    assert_eq!(world.code("B1", op, &["B3"]), Code::PledgeState);
    let seen = Assign { accept_enforcing: true, ..world.assign_body(&pledge, "B3") };
    world.ok("B1", Operation::PledgeAssign(seen), &["B3"]);
    assert_eq!(world.pledge(&pledge).state, PledgeState::Enforcing);
    world.pass(7 * DAY);
    let op = world.realise_op(&pledge, "E4", None);
    world.ok("B3", op, &["MTO", "E5"]);
}

#[test]
fn a_claim_that_the_bank_had_pledged_is_marked_for_good() {
    let (mut world, _, pledge) = pledged();
    let op = Assign { encumbered_claim: true, ..world.assign_body(&pledge, "B3") };
    world.ok("B1", Operation::PledgeAssign(op), &["B3"]);
    assert!(world.pledge(&pledge).encumbered_claim);
    assign(&mut world, "B3", &pledge, "B2");
    assert!(world.pledge(&pledge).encumbered_claim);
}

#[test]
fn a_matured_pledge_is_assigned_and_still_lapses() {
    let (mut world, doc, pledge) = pledged();
    let end = world.pledge(&pledge).reg_until;
    world.pass(end.since(world.time));
    assign(&mut world, "B1", &pledge, "B3");
    assert_eq!(world.pledge(&pledge).state, PledgeState::Matured);
    world.pass(15 * DAY);
    assert_eq!((world.pledge(&pledge).state, world.encumbrance(&doc.0)), (PledgeState::Lapsed, None));
}

#[test]
fn a_dispute_over_the_claim_and_any_freeze_stop_an_assignment() {
    let cases = [(HoldKind::Dispute, true), (HoldKind::CourtFreeze, true), (HoldKind::CourtFreeze, false)];
    for (kind, on_claim) in cases {
        let (mut world, doc, pledge) = pledged();
        world.place_hold(if on_claim { &pledge.0 } else { &doc.0 }, kind);
        let op = world.assign_op(&pledge, "B3");
        assert_eq!(world.code("B1", op, &["B3"]), Code::Held, "{kind} on the claim: {on_claim}");
    }
    let (mut world, doc, pledge) = pledged();
    world.place_hold(&doc.0, HoldKind::Dispute);
    assign(&mut world, "B1", &pledge, "B3");
}

#[test]
fn a_surrendered_document_comes_back_to_the_new_bank() {
    let (mut world, doc, pledge) = pledged();
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    assign(&mut world, "B1", &pledge, "B3");
    assert_eq!(world.doc(&doc).holder, world.account("MTO"), "the issuer keeps what was surrendered");
    let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept: false, version: None };
    world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    assert_eq!(world.doc(&doc).holder, world.account("B3"));
}

#[test]
fn the_banks_and_the_pledgor_hear_of_each_other_and_the_custodian_of_no_bank() {
    let (mut world, _, pledge) = pledged();
    let op = world.assign_op(&pledge, "B3");
    let outcome = world.ok("B1", op, &["B3"]);
    let said = events(&outcome, EventName::PledgeAssigned);
    let parties: Vec<Vec<&str>> = said.iter().map(|e| e.parties.iter().map(|p| world.name_of(p)).collect()).collect();
    assert_eq!(parties, [vec!["E5", "B3", "B1"], vec!["MTO"]]);
    assert_eq!(said[0].members, [world.member("cq"), world.member("yn")]);
}
