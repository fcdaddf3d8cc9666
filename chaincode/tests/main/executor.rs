//! Tests of the executor: admission, atomicity, consents, traces of refusals.

use crate::kit::*;
use landsea_chaincode::context::CheckEach;
use landsea_chaincode::simulate;
use landsea_chaincode::view::{Due, row_id};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::party::AddRole;
use landsea_types::record::Cooldown;
use landsea_types::role::Role;
use landsea_types::state::{Table, Write};
use landsea_types::{Code, DocId, Operation, SecretKey, Transaction};

fn with_bill() -> (World, Bill, DocId) {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    (world, bill, doc)
}

mod admission {
    use super::*;

    #[test]
    fn the_same_transaction_answers_1002_and_keeps_its_first_outcome() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let tx = world.tx("E5", &[op], &[]);
        assert_eq!(world.run(&tx).code, Code::Ok);
        let first = world.state.rows[&(Table::Transaction, tx.id().0.to_vec())].clone();
        assert_eq!(world.run(&tx).code, Code::AlreadyCommitted);
        assert_eq!(world.state.rows[&(Table::Transaction, tx.id().0.to_vec())], first);
        assert_eq!(world.doc(&doc).chain_len, 2, "issued and transferred once");
    }

    #[test]
    fn a_refused_transaction_is_used_up_too() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let tx = world.tx("E6", &[op], &[]);
        assert_eq!(world.run(&tx).code, Code::NotHolder);
        assert_eq!(world.run(&tx).code, Code::AlreadyCommitted);
    }

    #[test]
    fn twice_in_one_block_answers_1002_the_second_time() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let tx = world.tx("E5", &[op], &[]);
        let codes: Vec<Code> = world.block(&[tx.clone(), tx]).iter().map(|o| o.code).collect();
        assert_eq!(codes, [Code::Ok, Code::AlreadyCommitted]);
    }

    #[test]
    fn another_signature_over_the_same_content_is_the_same_transaction() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let tx = world.tx("E5", &[op], &[]);
        assert_eq!(world.run(&tx).code, Code::Ok);
        let mut spoilt = tx;
        spoilt.signature.0[0] ^= 1;
        assert_eq!(world.run(&spoilt).code, Code::AlreadyCommitted);
    }

    #[test]
    fn a_height_that_is_past_or_too_far_answers_1003() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let good = world.tx("E5", &[op], &[]);
        let secret = world.actor("E5").secret.clone();
        let at = |height| Transaction { valid_until: height, ..good.clone() }.sign(&secret);
        let past = at(world.height);
        assert_eq!(world.run(&past).code, Code::TransactionExpired);
        let far = at(world.height.saturating_add(1_002));
        assert_eq!(world.run(&far).code, Code::TransactionExpired);
        let last = at(world.height.next());
        assert_eq!(world.run(&last).code, Code::Ok);
    }

    #[test]
    fn a_key_that_is_not_the_senders_answers_2003() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let good = world.tx("E5", &[op], &[]);
        let stranger = SecretKey::from_seed([9; 32]);
        let foreign = Transaction { public_key: stranger.public(), ..good.clone() }.sign(&stranger);
        assert_eq!(world.run(&foreign).code, Code::KeyNotValid);
        let index = Transaction { key: 1, ..good.clone() }.sign(&world.actor("E5").secret);
        assert_eq!(world.run(&index).code, Code::KeyNotValid);
        let nobody = Transaction { sender: landsea_types::AccountId([9; 32]), ..good.clone() };
        let nobody = nobody.sign(&world.actor("E5").secret);
        assert_eq!(world.run(&nobody).code, Code::KeyNotValid);
        assert_eq!(world.run(&good).code, Code::Ok);
    }

    #[test]
    fn the_key_is_judged_before_replay_and_replay_before_expiry() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let tx = world.tx("E5", &[op], &[]);
        world.run(&tx);
        for _ in 0..100 {
            world.pass(SECOND);
        }
        assert!(tx.valid_until < world.height);
        assert_eq!(world.run(&tx).code, Code::AlreadyCommitted);
    }
}

mod atomicity {
    use super::*;

    #[test]
    fn all_operations_apply_or_none() {
        let (mut world, bill, doc) = with_bill();
        let other = Bill::new("OTHER", &["C:OTHER"]);
        let second = world.issue_bill(&other);
        let ops = [world.create_op("B1", "E5", &doc, &bill.paper), world.create_op("B1", "E6", &second, &other.paper)];
        let tx = world.tx("B1", &ops, &["E5", "E6", "MTO"]);
        let refused = world.run(&tx);
        assert_eq!((refused.code, refused.operation), (Code::PledgorNotSoleHolder, 1));
        assert!(refused.events.is_empty() && refused.touched.is_empty());
        assert_eq!(world.doc(&doc).enc, None);
    }

    #[test]
    fn a_later_operation_builds_on_an_earlier_one() {
        let (mut world, bill, doc) = with_bill();
        let ops = [world.reserve_op(&doc, 24), world.create_op("B1", "E5", &doc, &bill.paper)];
        let tx = world.tx("B1", &ops, &["E5", "MTO"]);
        let outcome = world.run(&tx);
        assert_eq!(outcome.code, Code::Ok);
        let names: Vec<EventName> = outcome.events.iter().map(|e| e.name).collect();
        assert_eq!(names, [EventName::Reserved, EventName::PledgeActive]);
    }

    #[test]
    fn a_refusal_in_a_block_leaves_the_other_transactions_alone() {
        let (mut world, bill, doc) = with_bill();
        let (bad, good) = (world.transfer_op(&doc, "F1"), world.create_op("B1", "E5", &doc, &bill.paper));
        let txs = [world.tx("E6", &[bad], &[]), world.tx("B1", &[good], &["E5", "MTO"])];
        let codes: Vec<Code> = world.block(&txs).iter().map(|o| o.code).collect();
        assert_eq!(codes, [Code::NotHolder, Code::Ok]);
    }

    #[test]
    fn a_broken_invariant_answers_1014_and_rolls_its_own_transaction_back() {
        let (mut world, _, _) = with_bill();
        let mut party = world.party("E6");
        party.ver = u32::MAX;
        world.edit(|view| view.put_party(&party));
        let add = |world: &World, tag: &str| {
            let party = world.party(tag);
            Operation::PartyAddRole(AddRole { party: party.id, expect_ver: party.ver, role: Role::Bank })
        };
        let broken = add(&world, "E6");
        let tx = world.tx("gx", &[broken], &[]);
        let sound = add(&world, "E5");
        let other = world.tx("cq", &[sound], &[]);
        let codes: Vec<Code> = world.block(&[tx, other]).iter().map(|o| o.code).collect();
        assert_eq!(codes, [Code::Internal, Code::Ok]);
        assert!(!world.party("E6").has(Role::Bank) && world.party("E5").has(Role::Bank));
    }

    #[test]
    fn a_refusal_leaves_only_its_id() {
        let (mut world, _, doc) = with_bill();
        let op = world.transfer_op(&doc, "F1");
        let tx = world.tx("E6", &[op], &[]);
        let ran = world.execute(world.next_context(), std::slice::from_ref(&tx));
        let key = tx.id().0.to_vec();
        assert!(matches!(&ran.writes[..], [Write::Row { table: Table::Transaction, key: k, .. }] if *k == key));
    }

    #[test]
    fn an_attempt_leaves_its_entry_and_its_number_besides() {
        let (mut world, bill, doc) = with_bill();
        world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
        let op = world.create_op("B2", "E5", &doc, &bill.paper);
        let tx = world.tx("B2", &[op], &["E5", "MTO"]);
        let ran = world.execute(world.next_context(), std::slice::from_ref(&tx));
        let tables: Vec<Table> = ran
            .writes
            .iter()
            .map(|w| match w {
                Write::Row { table, .. } => *table,
                leaf => panic!("{leaf:?}"),
            })
            .collect();
        assert_eq!(tables, [Table::Transaction, Table::Attempt, Table::Counter]);
    }

    #[test]
    fn attempts_are_numbered_through() {
        let (mut world, bill, doc) = with_bill();
        world.pledge_doc("B1", "E5", "MTO", &doc, &bill.paper);
        for n in 0..3 {
            let op = world.create_op("B2", "E5", &doc, &bill.paper);
            let refused = world.submit("B2", op, &["E5", "MTO"]);
            assert_eq!(event(&refused, EventName::DoublePledgeAttempt).args[0], n);
            assert_eq!(world.attempts().len() as u64, n + 1);
        }
    }

    #[test]
    fn a_simulation_tells_the_code_and_changes_nothing() {
        let (mut world, bill, doc) = with_bill();
        let op = world.create_op("B1", "E5", &doc, &bill.paper);
        let tx = world.tx("B1", &[op], &["E5", "MTO"]);
        let before = world.state.clone();
        let dry = simulate(&world.state, world.next_context(), &tx.encode(), &tx, &CheckEach);
        assert_eq!((dry.code, before == world.state), (Code::Ok, true));
        let wet = world.run(&tx);
        assert_eq!(dry, wet);
    }

    #[test]
    fn an_attempts_code_is_among_the_journalled_ones_only() {
        let (mut world, _, doc) = with_bill();
        world.reserve("B1", "E5", &doc, 24);
        let op = world.reserve_op(&doc, 24);
        let refused = world.submit("B2", op, &["E5"]);
        assert_eq!(refused.code, Code::ReservedByOther);
        assert!(refused.events.is_empty() && world.attempts().is_empty());
    }
}

mod consents {
    use super::*;

    #[test]
    fn a_used_consent_answers_1009() {
        let (mut world, _, doc) = with_bill();
        let op = world.reserve_op(&doc, 24);
        let consent = world.consent("E5", "B1", &op);
        assert_eq!(world.submit_with("B1", op.clone(), vec![consent.clone()]).code, Code::Ok);
        let cancel = world.cancel_op(&doc);
        world.ok("B1", cancel, &[]);
        // The bank cools down for a day; within the consent's life the very same operation would then be possible again.
        world.edit(|view| {
            let rows = view.scan(Table::Cooldown, &[], &[0xff; 65], 9);
            for (key, _) in rows {
                let cooldown: Cooldown = view.get(Table::Cooldown, &key).expect("just read");
                view.remove_row(Table::Cooldown, &key);
                view.unschedule(cooldown.until, Due::Cooldown, &row_id(&key));
            }
        });
        assert_eq!(world.submit_with("B1", op, vec![consent]).code, Code::ConsentInvalid);
    }

    #[test]
    fn a_consent_of_a_refused_transaction_is_not_used_up() {
        let (mut world, bill, doc) = with_bill();
        let op = world.create_op("B1", "E5", &doc, &bill.paper);
        let consent = world.consent("E5", "B1", &op);
        assert_eq!(world.submit_with("B1", op.clone(), vec![consent.clone()]).code, Code::CustodianAckMissing);
        let custodian = world.consent("MTO", "B1", &op);
        assert_eq!(world.submit_with("B1", op, vec![consent, custodian]).code, Code::Ok);
    }

    #[test]
    fn a_consent_read_in_a_refused_transaction_serves_no_rival() {
        let (mut world, bill, doc) = with_bill();
        let op = world.create_op("B1", "E5", &doc, &bill.paper);
        let consents = vec![world.consent("E5", "B1", &op), world.consent("MTO", "B1", &op)];
        let rival = world.submit_with("B2", op, consents);
        assert_eq!(rival.code, Code::ConsentInvalid);
    }

    #[test]
    fn a_consent_lives_until_its_end_and_thirty_days_at_most() {
        let (mut world, _, doc) = with_bill();
        for (ms, code) in
            [(None, Code::ConsentInvalid), (Some(30 * DAY + 1), Code::ConsentInvalid), (Some(30 * DAY), Code::Ok)]
        {
            let op = world.reserve_op(&doc, 1);
            let mut terms = world.consent_terms("E5", Role::Enterprise, "B1", &op);
            terms.not_after = ms.map_or(world.time, |ms| world.next_time().saturating_add(ms));
            let consent = world.sign_consent("E5", terms);
            assert_eq!(world.submit_with("B1", op, vec![consent]).code, code, "{ms:?}");
        }
    }

    #[test]
    fn a_consent_is_good_at_the_very_moment_it_ends() {
        let (mut world, _, doc) = with_bill();
        let op = world.reserve_op(&doc, 1);
        let mut terms = world.consent_terms("E5", Role::Enterprise, "B1", &op);
        terms.not_after = world.next_time();
        let consent = world.sign_consent("E5", terms);
        assert_eq!(world.submit_with("B1", op, vec![consent]).code, Code::Ok);
    }

    #[test]
    fn a_consent_under_another_key_or_spoilt_answers_1009() {
        let (mut world, _, doc) = with_bill();
        let op = world.reserve_op(&doc, 1);
        let terms = world.consent_terms("E5", Role::Enterprise, "B1", &op);
        let by_another = world.sign_consent("E6", terms.clone());
        assert_eq!(world.submit_with("B1", op.clone(), vec![by_another]).code, Code::ConsentInvalid);
        let mut spoilt = world.sign_consent("E5", terms);
        spoilt.nonce += 1;
        assert_eq!(world.submit_with("B1", op, vec![spoilt]).code, Code::ConsentInvalid);
    }

    #[test]
    fn one_consent_does_not_serve_two_equal_operations() {
        let (mut world, _, doc) = with_bill();
        let body = world.create_body("B1", "E5", &[(doc, &Bill::s1().paper)]);
        let pledge = world.ok("B1", Operation::PledgeCreate(body), &["E5", "MTO"]);
        let op = world.extend_op(&pledge_of(&pledge), 400);
        let consent = world.consent("E5", "B1", &op);
        let tx = world.tx_with("B1", &[op.clone(), op], vec![consent]);
        let refused = world.run(&tx);
        assert_eq!((refused.code, refused.operation), (Code::StaleVersion, 1));
    }

    #[test]
    fn the_life_of_a_consent_is_a_parameter() {
        let mut world = World::with(Setup { parameters: vec![(ParamKey::ConsentMaxMs, HOUR)], ..Setup::default() });
        let bill = Bill::s1();
        let op = world.issue_op(&bill);
        assert_eq!(world.code("MTO", op, &["E5"]), Code::ConsentInvalid, "the kit's consents live for a day");
    }
}
