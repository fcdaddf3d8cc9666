//! A forwarder acts for a shipper.

use super::*;
use landsea_chaincode::view::chain_key;
use landsea_types::operation::party::{Delegate, RevokeDelegation};
use landsea_types::record::ChainEntry;
use landsea_types::role::ChainAction;
use landsea_types::{AccountId, Consent, DocId, Outcome, Timestamp, Transaction};

/// Numbers of `waybill.issue` and `waybill.transfer`.
const ISSUE: u16 = 0x0402;
const TRANSFER: u16 = 0x0405;

fn delegate_body(world: &World, operations: &[u16], days: u64) -> Delegate {
    let (party, to) = (world.party("E5"), world.account("FF"));
    let until = world.next_time().saturating_add(days * DAY);
    Delegate { party: party.id, expect_ver: party.ver, to, operations: operations.to_vec(), until }
}

#[track_caller]
fn delegate(world: &mut World, operations: &[u16], days: u64) -> Outcome {
    let body = delegate_body(world, operations, days);
    world.ok("E5", Operation::PartyDelegate(body), &[])
}

fn revoke(world: &World) -> Operation {
    let (party, to) = (world.party("E5"), world.account("FF"));
    Operation::PartyRevokeDelegation(RevokeDelegation { party: party.id, expect_ver: party.ver, to })
}

/// A transaction that `by` signs and in which it acts for a party.
fn acting(world: &mut World, by: &str, represents: AccountId, op: Operation) -> Transaction {
    let mut tx = world.tx(by, &[op], &[]);
    tx.represents = Some(represents);
    tx.sign(&world.actor(by).secret)
}

fn transfer_by_ff(world: &mut World, doc: &DocId) -> Outcome {
    let (op, shipper) = (world.transfer_op(doc, "E1"), world.account("E5"));
    let tx = acting(world, "FF", shipper, op);
    world.run(&tx)
}

/// A consent of E5 to an operation of the MTO under the key of FF.
fn consent_by_ff(world: &mut World, op: &Operation) -> Consent {
    let mut terms = world.consent_terms("E5", Role::Enterprise, "MTO", op);
    let forwarder = world.actor("FF").clone();
    terms.key = forwarder.key;
    Consent::new(terms, &world.chain, &forwarder.secret)
}

#[test]
fn a_delegate_acts_for_the_party_and_the_chain_says_so() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let told = delegate(&mut world, &[TRANSFER], 30);
    let told = event(&told, EventName::Delegated);
    assert_eq!(told.parties, [world.account("E5"), world.account("FF")]);
    assert_eq!(told.members, [world.member("cq"), world.member("hi")]);
    let outcome = transfer_by_ff(&mut world, &doc);
    assert_eq!(outcome.code, Code::Ok, "{:?}", outcome.args);
    let record = world.doc(&doc);
    assert_eq!(record.holder, world.account("E1"));
    let entry: ChainEntry = world
        .state
        .view()
        .get(landsea_types::state::Table::Chain, &chain_key(&doc, record.chain_len))
        .expect("the act is in the chain");
    let shipper = world.account("E5");
    assert_eq!((entry.action, entry.actor, entry.represented), (ChainAction::Transfer, shipper, Some(shipper)));
    let issued: ChainEntry =
        world.state.view().get(landsea_types::state::Table::Chain, &chain_key(&doc, 1)).expect("the issue");
    assert_eq!(issued.represented, None, "an act of a party itself names nobody");
}

#[test]
fn what_was_not_named_or_never_delegated_answers_1005() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    assert_eq!(transfer_by_ff(&mut world, &doc).code, Code::RoleNotPermitted, "nothing was delegated");
    delegate(&mut world, &[ISSUE], 30);
    assert_eq!(transfer_by_ff(&mut world, &doc).code, Code::RoleNotPermitted, "another operation was named");
    delegate(&mut world, &[ISSUE, TRANSFER], 30);
    let (op, shipper) = (world.transfer_op(&doc, "E1"), world.account("E5"));
    let tx = acting(&mut world, "MTO", shipper, op.clone());
    assert_eq!(world.run(&tx).code, Code::RoleNotPermitted, "another delegate was named");
    let tx = acting(&mut world, "FF", AccountId([9; 32]), op);
    assert_eq!(world.run(&tx).code, Code::UnknownObject);
}

#[test]
fn a_delegation_ends_at_its_time_or_when_it_is_revoked() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    delegate(&mut world, &[TRANSFER], 30);
    let mut late = world.clone();
    late.advance(30 * DAY - 1);
    assert_eq!(transfer_by_ff(&mut late, &doc).code, Code::Ok, "the last moment");
    let mut late = world.clone();
    late.advance(30 * DAY);
    assert_eq!(transfer_by_ff(&mut late, &doc).code, Code::RoleNotPermitted);
    let op = revoke(&world);
    let outcome = world.ok("E5", op, &[]);
    event(&outcome, EventName::DelegationRevoked);
    assert_eq!(transfer_by_ff(&mut world, &doc).code, Code::RoleNotPermitted);
    let op = revoke(&world);
    let refused = world.submit("E5", op, &[]);
    assert_eq!((refused.code, refused.args), (Code::UnknownObject, vec![1]));
}

#[test]
fn neither_a_suspended_delegate_nor_one_of_a_suspended_party_acts() {
    for suspended in ["FF", "E5"] {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::s1());
        delegate(&mut world, &[TRANSFER], 30);
        world.suspend(suspended);
        assert_eq!(transfer_by_ff(&mut world, &doc).code, Code::PartySuspended, "{suspended}");
    }
}

#[test]
fn a_delegate_does_not_act_as_itself_in_what_it_does_for_another() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill { first_holder: "FF", ..Bill::s1() });
    delegate(&mut world, &[TRANSFER], 30);
    assert_eq!(world.doc(&doc).holder, world.account("FF"));
    assert_eq!(transfer_by_ff(&mut world, &doc).code, Code::NotHolder, "E5 does not hold what FF holds");
}

#[test]
fn a_consent_of_the_party_may_carry_the_key_of_its_delegate() {
    let mut world = World::new();
    let op = world.issue_op(&Bill::s1());
    let consent = consent_by_ff(&mut world, &op);
    assert_eq!(world.submit_with("MTO", op.clone(), vec![consent]).code, Code::ConsentInvalid, "not delegated");
    delegate(&mut world, &[ISSUE], 30);
    let consent = consent_by_ff(&mut world, &op);
    let doc = doc_of(&world.submit_with("MTO", op, vec![consent]));
    assert_eq!(world.doc(&doc).holder, world.account("E5"), "the party consented, not its delegate");
}

#[test]
fn a_delegates_consent_to_what_was_not_named_or_too_late_or_while_suspended_answers_1009() {
    let code = |operations: &[u16], change: fn(&mut World)| {
        let mut world = World::new();
        delegate(&mut world, operations, 30);
        change(&mut world);
        let op = world.issue_op(&Bill::s1());
        let consent = consent_by_ff(&mut world, &op);
        world.submit_with("MTO", op, vec![consent]).code
    };
    assert_eq!(code(&[ISSUE], |_| {}), Code::Ok);
    assert_eq!(code(&[TRANSFER], |_| {}), Code::ConsentInvalid);
    assert_eq!(code(&[ISSUE], |world| world.advance(30 * DAY)), Code::ConsentInvalid);
    assert_eq!(code(&[ISSUE], |world| world.suspend("FF")), Code::ConsentInvalid);
    assert_eq!(code(&[ISSUE], |world| world.suspend("E5")), Code::PartySuspended);
}

#[test]
fn a_delegation_to_the_same_party_gives_way_and_those_that_have_run_out_are_dropped() {
    let mut world = World::new();
    delegate(&mut world, &[ISSUE], 30);
    delegate(&mut world, &[TRANSFER], 60);
    let [delegation] = &world.party("E5").delegations[..] else { panic!("one delegation") };
    assert_eq!(delegation.operations, [TRANSFER]);
    world.pass(61 * DAY);
    let mut body = delegate_body(&world, &[ISSUE], 30);
    body.to = world.account("MTO");
    world.ok("E5", Operation::PartyDelegate(body), &[]);
    let names: Vec<_> = world.party("E5").delegations.iter().map(|d| d.to).collect();
    assert_eq!(names, [world.account("MTO")]);
}

#[test]
fn lists_that_cannot_be_are_refused() {
    let mut world = World::new();
    let good = delegate_body(&world, &[ISSUE], 30);
    let lists = [
        (vec![], Code::TooLarge),
        (vec![TRANSFER, ISSUE], Code::TooLarge),
        (vec![ISSUE, ISSUE], Code::TooLarge),
        (vec![0x0101], Code::UnknownOperation),
        (vec![ISSUE, 0xffff], Code::UnknownOperation),
    ];
    for (operations, code) in lists {
        let op = Operation::PartyDelegate(Delegate { operations: operations.clone(), ..good.clone() });
        assert_eq!(world.code("E5", op, &[]), code, "{operations:04x?}");
    }
    let late = Delegate { until: Timestamp::new(world.next_time().get()), ..good.clone() };
    assert_eq!(world.code("E5", Operation::PartyDelegate(late), &[]), Code::TermOutOfLimits);
    let unknown = Delegate { to: AccountId([9; 32]), ..good.clone() };
    assert_eq!(world.code("E5", Operation::PartyDelegate(unknown), &[]), Code::UnknownObject);
    let itself = Delegate { to: good.party, ..good.clone() };
    assert_eq!(world.code("E5", Operation::PartyDelegate(itself), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("E1", Operation::PartyDelegate(good), &[]), Code::RoleNotPermitted, "for another party");
}

#[test]
fn a_branch_delegates_nothing() {
    let mut world = World::new();
    let branch = world.party("cq");
    let body = Delegate { party: branch.id, expect_ver: branch.ver, ..delegate_body(&world, &[ISSUE], 30) };
    assert_eq!(world.code("cq", Operation::PartyDelegate(body), &[]), Code::RoleNotPermitted);
}

#[test]
fn thirty_two_delegates_are_enough() {
    let mut world = World::new();
    let mut party = world.party("E5");
    let body = delegate_body(&world, &[ISSUE], 30);
    party.delegations = (0..32)
        .map(|n| landsea_types::record::Delegation {
            to: AccountId([n; 32]),
            operations: body.operations.clone(),
            until: body.until,
        })
        .collect();
    world.edit(|view| view.put_party(&party));
    assert_eq!(world.code("E5", Operation::PartyDelegate(body), &[]), Code::TooLarge);
}
