//! `pledge.create`.

use super::with_bill;
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::pledge::Create;
use landsea_types::record::governance::feature;
use landsea_types::role::{ChainAction, DocKind, LegalBasis, PledgeState, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, DocId, Operation, ProofId};

fn body(world: &World, doc: &DocId, paper: &Paper) -> Create {
    world.create_body("B1", "E5", &[(*doc, paper)])
}

fn answer(world: &mut World, body: Create, consents: &[&str]) -> Code {
    world.code("B1", Operation::PledgeCreate(body), consents)
}

const ALL: &[&str] = &["E5", "MTO"];

#[test]
fn a_pledge_encumbers_the_document_and_every_lot_and_makes_the_bank_the_holder() {
    let (mut world, bill, doc) = with_bill();
    let op = world.create_op("B1", "E5", &doc, &bill.paper);
    let outcome = world.ok("B1", op, ALL);
    let id = pledge_of(&outcome);
    let pledge = world.pledge(&id);
    assert_eq!((pledge.state, pledge.rank), (PledgeState::Active, 1));
    assert_eq!((pledge.priority.height, pledge.priority.index), (world.height, 0));
    assert_eq!(pledge.grace_until, pledge.reg_until.saturating_add(15 * DAY));
    let record = world.doc(&doc);
    assert_eq!((record.holder, record.beneficiary), (world.account("B1"), Some(world.account("E5"))));
    assert_eq!((record.enc, record.ver), (Some(id), 2));
    assert!(world.lots(&doc).iter().all(|lot| lot.enc == Some(id)));
    assert_eq!(world.encumbrance(&doc.0).expect("encumbered").member, world.member("cq"));
    let active = event(&outcome, EventName::PledgeActive);
    assert_eq!(active.args[..2], [world.height.get(), 0]);
    assert!(active.related.iter().any(|d| d.0 == doc.0));
}

#[test]
fn the_pledge_stands_in_the_documents_chain() {
    let (mut world, bill, doc) = with_bill();
    let before = world.doc(&doc).chain_root;
    world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
    let record = world.doc(&doc);
    let entries = world.state.table::<landsea_types::record::ChainEntry>(Table::Chain);
    let last = entries.values().find(|e| e.n == record.chain_len && e.action == ChainAction::PledgeEndorse);
    assert_eq!(last.expect("the last entry").recipient, Some(world.account("B1")));
    assert_ne!(record.chain_root, before);
}

#[test]
fn several_documents_are_pledged_together() {
    let mut world = World::new();
    let bills = [Bill::new("A", &["C:A"]), Bill::new("B", &["C:B", "C:B2"])];
    let docs: Vec<DocId> = bills.iter().map(|b| world.issue_bill(b)).collect();
    let op = world.create_body("B1", "E5", &[(docs[0], &bills[0].paper), (docs[1], &bills[1].paper)]);
    let outcome = world.ok("B1", Operation::PledgeCreate(op), ALL);
    let pledge = world.pledge(&pledge_of(&outcome));
    assert_eq!((pledge.docs.len(), pledge.lots.len()), (2, 3));
    let op = world.release_op(&pledge.id);
    world.ok("B1", op, &[]);
    assert!(docs.iter().all(|d| world.encumbrance(&d.0).is_none()));
}

#[test]
fn one_encumbered_document_among_several_refuses_them_all() {
    let mut world = World::new();
    let bills = [Bill::new("A", &["C:A"]), Bill::new("B", &["C:B"])];
    let docs: Vec<DocId> = bills.iter().map(|b| world.issue_bill(b)).collect();
    world.pledge_doc("B2", "E5", "MTO", &docs[1], &bills[1].paper);
    let op = world.create_body("B1", "E5", &[(docs[0], &bills[0].paper), (docs[1], &bills[1].paper)]);
    assert_eq!(answer(&mut world, op, ALL), Code::AlreadyPledged);
    assert_eq!(world.encumbrance(&docs[0].0), None);
}

#[test]
fn only_an_active_bank_pledges() {
    let (mut world, bill, doc) = with_bill();
    let op = world.create_op("E6", "E5", &doc, &bill.paper);
    assert_eq!(world.code("E6", op, ALL), Code::RoleNotPermitted);
    world.suspend("B1");
    let op = body(&world, &doc, &bill.paper);
    assert_eq!(answer(&mut world, op, ALL), Code::PartySuspended);
}

#[test]
fn unknown_objects_answer_1012_with_their_position() {
    let (mut world, bill, doc) = with_bill();
    let good = body(&world, &doc, &bill.paper);
    let mut no_doc = good.clone();
    no_doc.docs[0].doc = DocId([3; 32]);
    let no_pledgor = Create { pledgor: AccountId([3; 32]), ..good.clone() };
    let no_supervisor = Create { supervisor: Some(AccountId([3; 32])), ..good.clone() };
    let no_proof = Create { proof: Some(ProofId([3; 32])), ..good };
    for (which, op) in (0u64..).zip([no_doc, no_pledgor, no_supervisor, no_proof]) {
        let refused = world.submit("B1", Operation::PledgeCreate(op), ALL);
        assert_eq!((refused.code, refused.args), (Code::UnknownObject, vec![which]));
    }
}

#[test]
fn a_supervisor_must_be_one() {
    let (mut world, bill, doc) = with_bill();
    let op = Create { supervisor: Some(world.account("E6")), ..body(&world, &doc, &bill.paper) };
    assert_eq!(answer(&mut world, op, ALL), Code::RoleNotPermitted);
}

#[test]
fn a_legal_basis_must_be_pledgeable_at_both_homes() {
    let basis = feature::LEGAL_BASIS + LegalBasis::NcdConvention as u16;
    for denied in [(basis, "cq"), (basis, "gx")] {
        let mut world = World::with(Setup { denied: vec![denied], ..Setup::default() });
        let bill = Bill::s1();
        let doc = world.issue_bill(&bill);
        let op = world.create_op("B2", "E5", &doc, &bill.paper);
        assert_eq!(world.code("B2", op, ALL), Code::NotPledgeableHere, "{denied:?}");
    }
}

#[test]
fn no_legal_basis_and_no_title_answer_5007() {
    let mut world = World::new();
    let bill = Bill { basis: LegalBasis::None, kind: DocKind::MTD, ..Bill::s1() };
    let doc = world.issue_bill(&bill);
    let op = body(&world, &doc, &bill.paper);
    assert_eq!(answer(&mut world, op, ALL), Code::NotPledgeableHere);

    let paper = Paper::new("CD2026TJC0304417", &["C:ONE"]);
    let op = world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &paper);
    let outcome = world.ok("R-CD", op, &[]);
    let note = DocId(event(&outcome, EventName::DocAnchored).subject.0);
    let op = world.create_op("B1", "E5", &note, &paper);
    assert_eq!(world.code("B1", op, ALL), Code::NotPledgeableHere);
}

#[test]
fn an_empty_a_repeated_a_mixed_and_too_large_a_set_answer_5011() {
    let mut world = World::new();
    let bill = Bill { first_holder: "E1", ..Bill::s1() };
    let doc = world.issue_bill(&bill);
    let receipt = Receipt::new("WR", &["B:1"]);
    let stored = world.issue_receipt(&receipt);
    let good = world.create_body("B1", "E1", &[(doc, &bill.paper), (stored, &receipt.paper)]);
    let repeated = Create { docs: vec![good.docs[0].clone(); 2], ..good.clone() };
    let empty = Create { docs: vec![], ..good.clone() };
    let large = Create { docs: vec![good.docs[0].clone(); 17], ..good.clone() };
    for (name, op) in [("mixed", good), ("repeated", repeated), ("empty", empty), ("large", large)] {
        assert_eq!(answer(&mut world, op, &["E1", "MTO", "COLD"]), Code::CollateralSetInvalid, "{name}");
    }
}

#[test]
fn the_pledgor_must_be_holder_and_beneficiary() {
    let (mut world, bill, doc) = with_bill();
    let op = world.create_op("B1", "E6", &doc, &bill.paper);
    assert_eq!(world.code("B1", op, &["E6", "MTO"]), Code::PledgorNotSoleHolder);
    let mut named_other = world.doc(&doc);
    named_other.beneficiary = Some(world.account("F1"));
    named_other.ver += 1;
    world.edit(|view| view.put_doc(&named_other));
    let op = body(&world, &doc, &bill.paper);
    assert_eq!(answer(&mut world, op, ALL), Code::PledgorNotSoleHolder);
}

#[test]
fn a_custodian_in_a_group_with_either_side_answers_5109() {
    for pair in [[("MTO", "g"), ("E5", "g")], [("MTO", "g"), ("B1", "g")]] {
        let mut world = World::with(Setup { groups: pair.to_vec(), ..Setup::default() });
        let bill = Bill::s1();
        let doc = world.issue_bill(&bill);
        let op = body(&world, &doc, &bill.paper);
        assert_eq!(answer(&mut world, op, ALL), Code::CustodianNotIndependent, "{pair:?}");
    }
    let apart = Setup { groups: vec![("MTO", "g"), ("E5", "h"), ("B1", "i")], ..Setup::default() };
    let mut world = World::with(apart);
    world.pledged_bill(&Bill::s1());
}

#[test]
fn a_pledgor_and_a_bank_of_one_group_are_no_matter() {
    let mut world = World::with(Setup { groups: vec![("B1", "g"), ("E5", "g")], ..Setup::default() });
    world.pledged_bill(&Bill::s1());
}

#[test]
fn goods_that_a_warehouse_keeps_for_itself_are_not_pledged() {
    let mut world = World::new();
    let receipt = Receipt { depositor: "COLD", ..Receipt::new("WR", &["B:1"]) };
    let op = world.receipt_op(&receipt);
    let issued = world.submit("COLD", op, &[]);
    assert_eq!(issued.code, Code::Ok);
    let doc = doc_of(&issued);
    let op = world.create_op("B1", "COLD", &doc, &receipt.paper);
    assert_eq!(world.code("B1", op, &["COLD"]), Code::CustodianNotIndependent);
}

#[test]
fn pledgor_custodian_and_supervisor_are_asked_in_this_order() {
    let (mut world, bill, doc) = with_bill();
    let op = Create { supervisor: Some(world.account("SUP")), ..body(&world, &doc, &bill.paper) };
    let op = Operation::PledgeCreate(op);
    let steps: [(&[&str], Code, &[u64]); 4] = [
        (&["MTO", "SUP"], Code::ConsentMissing, &[0]),
        (&["E5", "SUP"], Code::CustodianAckMissing, &[1]),
        (&["E5", "MTO"], Code::ConsentMissing, &[2]),
        (&["E5", "MTO", "SUP"], Code::Ok, &[]),
    ];
    for (consents, code, args) in steps {
        let outcome = world.submit("B1", op.clone(), consents);
        assert_eq!((outcome.code, &outcome.args[..]), (code, args), "{consents:?}");
    }
    assert!(world.lots(&doc).iter().all(|lot| lot.supervisor == Some(world.account("SUP"))));
}

#[test]
fn a_supervisor_appointed_by_the_pledge_goes_with_it() {
    let (mut world, bill, doc) = with_bill();
    let op = Create { supervisor: Some(world.account("SUP")), ..body(&world, &doc, &bill.paper) };
    let outcome = world.ok("B1", Operation::PledgeCreate(op), &["E5", "MTO", "SUP"]);
    let op = world.release_op(&pledge_of(&outcome));
    world.ok("B1", op, &[]);
    assert!(world.lots(&doc).iter().all(|lot| lot.supervisor.is_none()));
}

#[test]
fn the_supervisor_of_a_lot_is_asked_even_if_the_operation_names_none() {
    let mut world = World::new();
    let receipt = Receipt { issuer: "BOND", depositor: "E6", site: "site of BOND", ..Receipt::new("WR", &["B:1"]) };
    let op = world.receipt_op(&receipt);
    let outcome = world.ok("BOND", op, &["E6", "SUP"]);
    let doc = doc_of(&outcome);
    let op = world.create_op("B2", "E6", &doc, &receipt.paper);
    let refused = world.submit("B2", op.clone(), &["E6", "BOND"]);
    assert_eq!((refused.code, refused.args), (Code::ConsentMissing, vec![2]));
    let outcome = world.ok("B2", op, &["E6", "BOND", "SUP"]);
    let op = world.release_op(&pledge_of(&outcome));
    world.ok("B2", op, &[]);
    let supervisor = world.lots(&doc)[0].supervisor;
    assert_eq!(supervisor, Some(world.account("SUP")), "the receipt's supervisor stays");
}

#[test]
fn a_custodian_consents_as_custodian() {
    let (mut world, bill, doc) = with_bill();
    let op = world.create_op("B1", "E5", &doc, &bill.paper);
    let pledgor = world.consent("E5", "B1", &op);
    let custodian = world.consent_as("MTO", Role::Enterprise, "B1", &op);
    assert_eq!(world.submit_with("B1", op, vec![pledgor, custodian]).code, Code::CustodianAckMissing);
}

#[test]
fn a_suspended_custodian_answers_1006() {
    let (mut world, bill, doc) = with_bill();
    world.suspend("MTO");
    let op = body(&world, &doc, &bill.paper);
    assert_eq!(answer(&mut world, op, ALL), Code::PartySuspended);
}

#[test]
fn the_banks_ticket_must_be_over_the_document_on_the_ledger() {
    let (mut world, bill, doc) = with_bill();
    let good = body(&world, &doc, &bill.paper);
    let papers = [
        ("another number", world.ticket("B1", DocKind::NCD, &bill.paper.renumbered("ANOTHER"))),
        ("a key less", world.ticket("B1", DocKind::NCD, &bill.paper.over(&["C:XLHU2601019", "C:XLHU2601024"]))),
        ("another kind", world.ticket("B1", DocKind::MTD, &bill.paper)),
        ("another bank's", world.ticket("B2", DocKind::NCD, &bill.paper)),
        ("the issuer's", world.ticket("MTO", DocKind::NCD, &bill.paper)),
    ];
    for (name, ticket) in papers {
        let mut op = good.clone();
        op.docs[0].ticket = ticket;
        assert_eq!(answer(&mut world, op, ALL), Code::TicketInvalid, "{name}");
    }
    let mut expired = world.ticket_body("B1", DocKind::NCD, &bill.paper);
    expired.not_after = world.time;
    let mut op = good.clone();
    op.docs[0].ticket = world.sign_ticket(expired);
    assert_eq!(answer(&mut world, op, ALL), Code::TicketInvalid);
    let mut far = world.ticket_body("B1", DocKind::NCD, &bill.paper);
    far.not_after = world.time.saturating_add(2 * DAY);
    let mut op = good;
    op.docs[0].ticket = world.sign_ticket(far);
    assert_eq!(answer(&mut world, op, ALL), Code::TicketInvalid);
}

#[test]
fn the_registration_lasts_thirty_days_to_thirty_years() {
    let (mut world, bill, doc) = with_bill();
    let now = world.next_time();
    let (shortest, longest) = (30 * DAY, 30 * 365 * DAY);
    for ms in [shortest - 1, longest + 1] {
        let op = Create { reg_until: world.next_time().saturating_add(ms), ..body(&world, &doc, &bill.paper) };
        assert_eq!(answer(&mut world, op, ALL), Code::TermOutOfLimits);
    }
    assert!(now < world.time);
    for ms in [shortest, longest] {
        let op = Create { reg_until: world.next_time().saturating_add(ms), ..body(&world, &doc, &bill.paper) };
        let outcome = world.ok("B1", Operation::PledgeCreate(op), ALL);
        let op = world.release_op(&pledge_of(&outcome));
        world.ok("B1", op, &[]);
    }
}

#[test]
fn a_cover_above_the_whole_answers_5005() {
    let (mut world, bill, doc) = with_bill();
    let op = Create { cover_min_bps: 10_001, ..body(&world, &doc, &bill.paper) };
    assert_eq!(answer(&mut world, op, ALL), Code::TermOutOfLimits);
}

#[test]
fn a_level_asked_for_without_a_case_answers_5006() {
    let (mut world, bill, doc) = with_bill();
    let op = Create { proof_min_level: 1, ..body(&world, &doc, &bill.paper) };
    assert_eq!(answer(&mut world, op, ALL), Code::ProofLevelTooLow);
}

mod near {
    use super::*;

    /// Two bills of different firms that share three of eight combinations.
    fn alike(shared: usize) -> (World, Bill, DocId) {
        let mut world = World::new();
        let first = Bill::new("A", &["C:A"]);
        world.issue_bill(&first);
        let second = Bill { issuer: "R-NN", kind: DocKind::RAIL_BL, first_holder: "E6", ..Bill::new("B", &["C:B"]) };
        let second = Bill { paper: second.paper.like(&first.paper, shared), ..second };
        let doc = world.issue_bill(&second);
        (world, second, doc)
    }

    #[test]
    fn a_near_match_must_be_acknowledged_and_alarms_both_branches() {
        let (mut world, bill, doc) = alike(3);
        let good = world.create_body("B2", "E6", &[(doc, &bill.paper)]);
        let refused = world.submit("B2", Operation::PledgeCreate(good.clone()), &["E6", "R-NN"]);
        assert_eq!(refused.code, Code::NearMatch);
        let homes = [world.member("cq"), world.member("gx")];
        assert_eq!(event(&refused, EventName::NearMatch).members, homes);
        let attempt = world.attempts().swap_remove(0);
        assert_eq!((attempt.code, attempt.consented), (Code::NearMatch, true));
        assert_eq!(attempt.existing_home, world.member("cq"));

        let seen = Create { ack_near: true, ..good };
        let outcome = world.ok("B2", Operation::PledgeCreate(seen), &["E6", "R-NN"]);
        assert_eq!(event(&outcome, EventName::NearMatch).members, homes);
    }

    #[test]
    fn two_shared_combinations_are_no_match() {
        let (mut world, bill, doc) = alike(2);
        world.pledge_doc("B2", "E6", "R-NN", &doc, &bill.paper);
    }

    #[test]
    fn the_proof_level_is_judged_before_the_near_match() {
        let (mut world, bill, doc) = alike(3);
        let op = Create { proof_min_level: 3, ..world.create_body("B2", "E6", &[(doc, &bill.paper)]) };
        assert_eq!(world.code("B2", Operation::PledgeCreate(op), &["E6", "R-NN"]), Code::ProofLevelTooLow);
        assert!(world.attempts().is_empty());
    }
}
