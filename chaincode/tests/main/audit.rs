//! Attacks and corner cases that an audit of the modules tried.

use crate::kit::*;
use landsea_chaincode::waybill::fingerprints::content_row;
use landsea_types::operation::party::{NewKey, RotateKey};
use landsea_types::operation::pledge::{Collateral, Create};
use landsea_types::operation::waybill::{Amend, AnswerSurrender, Convert, Endorse, Endorsement, NewVersion};
use landsea_types::record::Lot;
use landsea_types::role::{DocState, KeyPurpose, LotStatus, PledgeState};
use landsea_types::{AccountId, Code, DocId, Hash, Operation, SecretKey};

/// The code of an operation that carries an unsigned word of `bank`, which the sender made up.
fn probe(world: &mut World, sender: &str, op: &Operation, bank: &str) -> (Code, Vec<u64>) {
    let mut made_up = world.consent(bank, sender, op);
    made_up.signature.0[9] ^= 1;
    let outcome = world.submit_with(sender, op.clone(), vec![made_up]);
    (outcome.code, outcome.args)
}

fn amend_op(world: &World, doc: &DocId, paper: &Paper) -> Operation {
    let version = NewVersion {
        ticket: world.ticket("MTO", world.doc(doc).kind, paper),
        content_root: commit("new version"),
        issue_date: 20_260_305,
        changed_fields: 1,
        control_agreement: commit("control agreement"),
        lots: lots_over(paper),
    };
    Operation::WaybillAmend(Amend { doc: *doc, expect_ver: world.ver(doc), version })
}

fn convert_op(world: &World, doc: &DocId, paper: &Paper) -> Operation {
    Operation::WaybillConvert(Convert {
        doc: *doc,
        expect_ver: world.ver(doc),
        receipt: world.receipt_body("COLD", "site of COLD", paper),
        shortages: vec![],
        accept_shortage: false,
    })
}

mod bank_identity {
    use super::*;

    #[test]
    fn a_stranger_does_not_learn_the_pledgee_by_making_consents_up() {
        let mut world = World::new();
        let (doc, _) = world.pledged_bill(&Bill::s1());
        let endorsement = Endorsement::Named { to: world.account("E6") };
        let expect_ver = world.ver(&doc);
        let endorse = Operation::WaybillEndorse(Endorse { doc, expect_ver, endorsement });
        for op in [world.surrender_op(&doc), world.transfer_op(&doc, "E6"), endorse] {
            let (right, wrong) = (probe(&mut world, "E6", &op, "B1"), probe(&mut world, "E6", &op, "B2"));
            assert_eq!(right.0, Code::Encumbered, "{}", op.name());
            assert_eq!(right, wrong, "{}", op.name());
        }
    }

    #[test]
    fn a_stranger_does_not_learn_the_pledgee_from_a_consent_it_got_for_something_else() {
        let mut world = World::new();
        let (doc, _) = world.pledged_bill(&Bill::s1());
        let own = world.issue_bill(&Bill { first_holder: "E6", ..Bill::new("A-1", &["C:1"]) });
        let of_own = world.transfer_op(&own, "E5");
        let consent = world.consent("B1", "E6", &of_own);
        let op = world.surrender_op(&doc);
        assert_eq!(world.submit_with("E6", op, vec![consent]).code, Code::Encumbered);
    }

    #[test]
    fn a_stranger_does_not_learn_the_reserving_bank() {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::s1());
        world.reserve("B1", "E5", &doc, 24);
        let op = world.surrender_op(&doc);
        let (right, wrong) = (probe(&mut world, "E6", &op, "B1"), probe(&mut world, "E6", &op, "B2"));
        assert_eq!((right.0, right), (Code::ReservedByOther, wrong));
    }

    #[test]
    fn a_warehouse_without_the_holders_word_does_not_learn_the_pledgee() {
        let mut world = World::new();
        let bill = Bill::new("A-1", &["B:1"]);
        let (doc, _) = world.pledged_bill(&bill);
        let paper = Paper::new("WR-1", &["B:1"]).arrived_in(&["L:LOCAL"]);
        let op = convert_op(&world, &doc, &paper);
        let (right, wrong) = (probe(&mut world, "COLD", &op, "B1"), probe(&mut world, "COLD", &op, "B2"));
        assert_eq!((right.0, right), (Code::Encumbered, wrong));
    }
}

mod consents {
    use super::*;

    #[test]
    fn a_bank_that_is_beneficiary_and_pledgee_consents_once() {
        let mut world = World::new();
        let bill = Bill::s1();
        let (doc, _) = world.pledged_bill(&bill);
        let op = world.transfer_op(&doc, "B1");
        world.ok("E5", op, &["B1"]);
        let op = amend_op(&world, &doc, &bill.paper.rewritten("a corrected consignee"));
        assert_eq!(world.code("MTO", op, &["B1"]), Code::Ok);
    }

    #[test]
    fn a_consent_used_twice_within_one_operation_is_still_used_up() {
        let mut world = World::new();
        let bill = Bill::s1();
        let (doc, _) = world.pledged_bill(&bill);
        let op = world.transfer_op(&doc, "B1");
        world.ok("E5", op, &["B1"]);
        let op = amend_op(&world, &doc, &bill.paper.rewritten("a corrected consignee"));
        let consent = world.consent("B1", "MTO", &op);
        // The second of two equal operations would use the same consent again; it is refused for its version first.
        let tx = world.tx_with("MTO", &[op.clone(), op.clone()], vec![consent.clone()]);
        assert_eq!(world.run(&tx).code, Code::StaleVersion);
        assert_eq!(world.submit_with("MTO", op, vec![consent]).code, Code::Ok);
    }
}

mod capacities {
    use super::*;
    use landsea_types::role::Role;

    #[test]
    fn a_capacity_cannot_be_added_to_somebody_elses_consent() {
        let mut world = World::new();
        let bill = Bill::s1();
        let doc = world.issue_bill(&bill);
        let mto = world.party("MTO");
        let add =
            landsea_types::operation::party::AddRole { party: mto.id, expect_ver: mto.ver, role: Role::Supervisor };
        world.ok("cq", Operation::PartyAddRole(add), &[]);
        let supervisor = Some(mto.id);
        let body = Create { supervisor, ..world.create_body("B1", "E5", &[(doc, &bill.paper)]) };
        let op = Operation::PledgeCreate(body);
        let pledgor = world.consent("E5", "B1", &op);
        let custodian = world.consent("MTO", "B1", &op);
        let mut as_supervisor = custodian.clone();
        as_supervisor.role = Role::Supervisor;
        let forged = vec![pledgor.clone(), custodian.clone(), as_supervisor];
        assert_eq!(world.submit_with("B1", op.clone(), forged).code, Code::ConsentInvalid);
        let as_supervisor = world.consent_as("MTO", Role::Supervisor, "B1", &op);
        assert_eq!(world.submit_with("B1", op, vec![pledgor, custodian, as_supervisor]).code, Code::Ok);
    }

    #[test]
    fn a_supervisor_whom_the_pledge_appointed_leaves_the_receipt_with_it() {
        let mut world = World::new();
        let bill = Bill::new("A-1", &["B:1"]);
        let doc = world.issue_bill(&bill);
        let supervisor = Some(world.account("SUP"));
        let body = Create { supervisor, ..world.create_body("B1", "E5", &[(doc, &bill.paper)]) };
        let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO", "SUP"]));
        let paper = Paper::new("WR-1", &["B:1"]).arrived_in(&["L:LOCAL"]);
        let op = convert_op(&world, &doc, &paper);
        let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E5", "B1", "SUP"]));
        assert!(world.lots(&receipt).iter().all(|lot| lot.supervisor == supervisor));
        let op = world.release_op(&pledge);
        world.ok("B1", op, &[]);
        assert!(world.lots(&receipt).iter().all(|lot| lot.supervisor.is_none()));
        world.pledge_doc("B2", "E5", "COLD", &receipt, &paper);
    }
}

mod lapse {
    use super::*;

    /// Two bills of E5 under one pledge of B1.
    fn pledged_together(world: &mut World) -> [(DocId, Bill); 2] {
        let bills = ["A", "B"].map(|n| Bill::new(n, &[&format!("C:{n}")]));
        let docs = bills.map(|bill| (world.issue_bill(&bill), bill));
        let set: Vec<(DocId, &Paper)> = docs.iter().map(|(doc, bill)| (*doc, &bill.paper)).collect();
        let op = Operation::PledgeCreate(world.create_body("B1", "E5", &set));
        world.ok("B1", op, &["E5", "MTO"]);
        docs
    }

    #[test]
    fn documents_of_one_lapsed_pledge_are_pledged_anew_under_the_versions_seen() {
        let mut world = World::new();
        let docs = pledged_together(&mut world);
        world.advance(200 * DAY);
        let set: Vec<(DocId, &Paper)> = docs.iter().map(|(doc, bill)| (*doc, &bill.paper)).collect();
        let op = Operation::PledgeCreate(world.create_body("B2", "E5", &set));
        let outcome = world.submit("B2", op, &["E5", "MTO"]);
        assert_eq!((outcome.code, outcome.args), (Code::Ok, vec![]));
    }

    #[test]
    fn a_pledge_that_lapses_while_the_bill_is_surrendered_leaves_it_with_the_firm() {
        for accept in [false, true] {
            let mut world = World::new();
            let (doc, pledge) = world.pledged_bill(&Bill::s1());
            let op = world.surrender_op(&doc);
            world.ok("E5", op, &["B1"]);
            world.pass(181 * DAY);
            world.pass(20 * DAY);
            assert_eq!(world.pledge(&pledge).state, PledgeState::Lapsed);
            let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept, version: None };
            world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
            let state = if accept { DocState::Accomplished } else { DocState::Active };
            assert_eq!(world.doc(&doc).state, state);
            assert!(accept || world.doc(&doc).holder == world.account("E5"));
        }
    }
}

mod bounds {
    use super::*;
    use landsea_types::bounds::{CASE_TAGS_MAX, TAGS_MAX};
    use landsea_types::genesis::templates::{EXPORT_RAIL_SEA_ID, built_in};
    use landsea_types::operation::authenticity::FieldTags;
    use landsea_types::role::DocKind;

    #[test]
    fn a_case_does_not_grow_without_bound() {
        let mut world = World::with(Setup { templates: built_in(), ..Setup::default() });
        let doc = world.issue_bill(&Bill::s1());
        let proof = world.open_proof("E5", &doc, EXPORT_RAIL_SEA_ID);
        let kinds = [DocKind::DECLARATION, DocKind::CONTRACT, DocKind::POLICY, DocKind::INVOICE, DocKind::PACKING_LIST];
        let tags: Vec<_> = (0..TAGS_MAX as u64).map(|n| Hash(big_endian(n))).collect();
        let mut answers = Vec::new();
        for (n, by) in ["SW", "TAXG"].into_iter().enumerate() {
            for kind in kinds {
                let copy = Paper::new(&format!("{by} {n} {kind:?}"), &[]);
                let Operation::AuthenticityAttest(mut body) = world.attest_op(by, &proof, kind, &copy, &[]) else {
                    panic!("the kit attests")
                };
                body.fields = vec![FieldTags { field: 999, tags: tags.clone() }];
                answers.push(world.code(by, Operation::AuthenticityAttest(body), &[]));
            }
        }
        let taken = answers.iter().filter(|code| **code == Code::Ok).count();
        assert_eq!(taken, CASE_TAGS_MAX / TAGS_MAX, "{answers:?}");
        assert_eq!(answers.last(), Some(&Code::TooLarge));
    }

    fn big_endian(n: u64) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        bytes
    }

    #[test]
    fn amending_over_and_over_does_not_grow_the_memory_of_a_content() {
        let mut world = World::new();
        let bill = Bill::s1();
        let mut doc = world.issue_bill(&bill);
        for _ in 0..6 {
            let op = amend_op(&world, &doc, &bill.paper);
            world.ok("MTO", op, &["E5"]);
            doc = world.doc(&doc).replaced_by.expect("replaced");
        }
        let row = content_row(&world.state.view(), &bill.paper.fp2());
        assert!(row.len() <= 2, "{} entries", row.len());
    }

    #[test]
    fn a_content_left_by_an_amendment_is_remembered_for_its_time() {
        let mut world = World::new();
        let bill = Bill::s1();
        let doc = world.issue_bill(&bill);
        let op = amend_op(&world, &doc, &bill.paper);
        world.ok("MTO", op, &["E5"]);
        let doc = world.doc(&doc).replaced_by.expect("replaced");
        let op = amend_op(&world, &doc, &bill.paper.rewritten("another content"));
        world.ok("MTO", op, &["E5"]);
        let copy = Bill { paper: bill.paper.renumbered("A COPY").over(&["C:9"]), ..bill.clone() };
        world.pass(179 * DAY);
        let op = world.issue_op(&copy);
        assert_eq!(world.code("MTO", op, &["E5"]), Code::DuplicateContent);
        world.pass(2 * DAY);
        world.issue_bill(&copy);
    }
}

#[test]
fn delivering_pledged_goods_changes_a_lot_once() {
    let mut world = World::new();
    let (doc, _) = world.pledged_bill(&Bill::s1());
    let lots = world.lots(&doc);
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    let answer = AnswerSurrender { doc, expect_ver: world.ver(&doc), accept: true, version: None };
    world.ok("MTO", Operation::WaybillAnswerSurrender(answer), &[]);
    for (before, after) in lots.iter().zip(world.lots(&doc)) {
        assert_eq!(after.ver, before.ver + 1);
    }
}

#[test]
fn a_bank_pledges_under_the_version_that_is_current() {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    let ticket = world.ticket("B1", world.doc(&doc).kind, &bill.paper);
    let body = Create { docs: vec![Collateral { doc, expect_ver: 0, ticket }], ..world.create_body("B1", "E5", &[]) };
    assert_eq!(world.code("B1", Operation::PledgeCreate(body), &["E5", "MTO"]), Code::StaleVersion);
}

#[test]
fn a_lot_lost_while_the_bill_is_surrendered_is_not_delivered() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &[]);
    let lost = Lot { status: LotStatus::Lost, title: None, ..world.lots(&doc)[0].clone() };
    world.edit(|view| view.put_lot(&lost));
    world.checking = false;
    let answer = |world: &World, accept| {
        let expect_ver = world.ver(&doc);
        Operation::WaybillAnswerSurrender(AnswerSurrender { doc, expect_ver, accept, version: None })
    };
    let accept = answer(&world, true);
    assert_eq!(world.code("MTO", accept, &[]), Code::LotNotActive);
    let reject = answer(&world, false);
    assert_eq!(world.code("MTO", reject, &[]), Code::Ok);
}

#[test]
fn another_partys_key_answers_1005_before_anything_else() {
    let mut world = World::new();
    world.suspend("E6");
    let new_key = NewKey { public_key: SecretKey::from_seed([9; 32]).public(), purpose: KeyPurpose::Sign };
    for party in [world.account("E5"), AccountId([7; 32])] {
        let from_height = world.height.saturating_add(9);
        let body = RotateKey { party, expect_ver: 1, old_key: 0, new_key: new_key.clone(), from_height };
        assert_eq!(world.code("E6", Operation::PartyRotateKey(body), &[]), Code::RoleNotPermitted);
    }
}
