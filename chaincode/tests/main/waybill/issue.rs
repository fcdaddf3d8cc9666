//! `waybill.issue`.

use crate::kit::*;
use landsea_chaincode::waybill::fold;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::Issue;
use landsea_types::record::governance::feature;
use landsea_types::record::{ChainEntry, FeatureGrant};
use landsea_types::role::{ChainAction, DocKind, DocState, OrderType, Role};
use landsea_types::state::Table;
use landsea_types::ticket::DeriveTicketBody;
use landsea_types::{AccountId, Code, Commit, DocId, Hash, Operation, Qty};

fn with(world: &World, change: impl FnOnce(&mut Issue)) -> Operation {
    let mut body = world.issue_body(&Bill::s1());
    change(&mut body);
    Operation::WaybillIssue(body)
}

/// What issuing with a spoilt ticket answers.
fn ticket_code(spoil: impl FnOnce(&mut DeriveTicketBody, &World)) -> Code {
    let mut world = World::new();
    let bill = Bill::s1();
    let mut ticket = world.ticket_body("MTO", bill.kind, &bill.paper);
    spoil(&mut ticket, &world);
    let ticket = world.sign_ticket(ticket);
    let op = with(&world, |body| body.ticket = ticket);
    world.code("MTO", op, &["E5"])
}

#[test]
fn a_title_is_held_by_its_first_holder_and_found_by_its_fingerprint() {
    let mut world = World::new();
    let op = world.issue_op(&Bill::s1());
    let outcome = world.ok("MTO", op, &["E5"]);
    assert_eq!(events(&outcome, EventName::LotCreated).len(), 3);
    let doc = world.doc(&doc_of(&outcome));
    let holder = world.account("E5");
    assert_eq!((doc.state, doc.ver, doc.home), (DocState::Active, 1, world.member("cq")));
    assert_eq!((doc.holder, doc.beneficiary, doc.first_holder), (holder, Some(holder), holder));
    assert_eq!(world.state.view().doc_by_fp(&Bill::s1().paper.fp1()), Some(doc.id));
    let chain = world.state.table::<ChainEntry>(Table::Chain);
    let entry = chain.values().next().expect("one entry");
    assert_eq!((chain.len(), entry.n, entry.action, entry.recipient), (1, 1, ChainAction::Issue, Some(holder)));
    assert_eq!((doc.chain_len, doc.chain_root), (1, fold(&Hash::default(), entry)));
}

#[test]
fn a_bill_to_bearer_has_a_holder_and_no_beneficiary() {
    let mut world = World::new();
    let mut bill = Bill::s1();
    bill.order_type = OrderType::Bearer;
    let doc = world.issue_bill(&bill);
    assert_eq!((world.doc(&doc).holder, world.doc(&doc).beneficiary), (world.account("E5"), None));
}

#[test]
fn each_role_issues_its_own_kinds() {
    use DocKind as K;
    let table: &[(&str, &[K], &[K])] = &[
        ("MTO", &[K::MTD, K::NCD, K::RAIL_BL], &[K::OBL, K::HOUSE_BILL, K::WHR, K::LEG_NOTE_CN]),
        ("R-CD", &[K::MTD, K::NCD, K::RAIL_BL], &[K::OBL, K::HOUSE_BILL]),
        ("OCEAN", &[K::OBL, K::MTD, K::NCD], &[K::RAIL_BL]),
        ("FF", &[K::HOUSE_BILL, K::MTD], &[K::OBL, K::RAIL_BL, K::NCD]),
    ];
    for (issuer, issued, refused) in table {
        let cases = issued.iter().map(|k| (k, Code::Ok)).chain(refused.iter().map(|k| (k, Code::NotPledgeableHere)));
        for (kind, code) in cases {
            let mut world = World::new();
            let bill = Bill { issuer, kind: *kind, ..Bill::s1() };
            let op = world.issue_op(&bill);
            assert_eq!(world.code(issuer, op, &["E5"]), code, "{issuer} {:?}", kind.name());
        }
    }
}

#[test]
fn nobody_but_carriers_and_forwarders_issues_titles() {
    for by in ["cq", "B1", "COLD", "SUP", "SW", "E5"] {
        let mut world = World::new();
        let op = world.issue_op(&Bill { issuer: by, ..Bill::s1() });
        assert_eq!(world.code(by, op, &["E5"]), Code::RoleNotPermitted, "{by}");
    }
    let mut world = World::new();
    world.suspend("MTO");
    let op = world.issue_op(&Bill::s1());
    assert_eq!(world.code("MTO", op, &["E5"]), Code::PartySuspended);
}

#[test]
fn titles_under_a_feature_need_its_grant_in_the_issuers_home() {
    let denied = Setup { denied: vec![(feature::NCD_TITLES, "cq")], ..Setup::default() };
    let mut world = World::with(denied);
    let op = world.issue_op(&Bill::s1());
    assert_eq!(world.code("MTO", op, &["E5"]), Code::FeatureNotGranted);
    let op = world.issue_op(&Bill { kind: DocKind::MTD, ..Bill::s1() });
    assert_eq!(world.code("MTO", op, &["E5"]), Code::Ok);
    for kind in [DocKind::HOUSE_BILL, DocKind::MTD] {
        let op = world.issue_op(&Bill { issuer: "PORT", kind, ..Bill::new("P-1", &["C:9"]) });
        assert_eq!(world.code("PORT", op, &["E5"]), Code::FeatureNotGranted, "no forwarder titles in gx");
    }
}

#[test]
fn a_grant_counts_from_its_height() {
    let mut world = World::with(Setup { denied: vec![(feature::NCD_TITLES, "cq")], ..Setup::default() });
    let from_height = world.height.saturating_add(3);
    let grant = FeatureGrant { feature: feature::NCD_TITLES, member: world.member("cq"), from_height };
    let row = landsea_chaincode::view::feature_key(grant.feature, grant.member);
    world.edit(|view| view.put_row(Table::Feature, &row, &grant));
    let op = world.issue_op(&Bill::s1());
    assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::FeatureNotGranted);
    world.pass(SECOND);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::Ok);
}

#[test]
fn a_bill_without_control_agreement_answers_5007() {
    let mut world = World::new();
    let op = with(&world, |body| body.control_agreement = Commit::default());
    assert_eq!(world.code("MTO", op, &["E5"]), Code::NotPledgeableHere);
}

#[test]
fn an_unknown_first_holder_answers_1012() {
    let mut world = World::new();
    let op = with(&world, |body| body.first_holder = AccountId([9; 32]));
    let outcome = world.submit("MTO", op, &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![0]));
}

#[test]
fn the_first_holder_must_consent() {
    let mut world = World::new();
    let op = world.issue_op(&Bill::s1());
    let outcome = world.submit("MTO", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]));
    let for_another = world.consent("E5", "R-CD", &op);
    assert_eq!(world.submit_with("MTO", op.clone(), vec![for_another]).code, Code::ConsentInvalid);
    let mut terms = world.consent_terms("E5", Role::Enterprise, "MTO", &op);
    terms.not_after = world.time;
    let expired = world.sign_consent("E5", terms);
    assert_eq!(world.submit_with("MTO", op.clone(), vec![expired]).code, Code::ConsentInvalid);
    let mut forged = world.consent("E5", "MTO", &op);
    forged.signature.0[3] ^= 1;
    assert_eq!(world.submit_with("MTO", op, vec![forged]).code, Code::ConsentInvalid);
    world.suspend("E5");
    let op = world.issue_op(&Bill::s1());
    assert_eq!(world.code("MTO", op, &["E5"]), Code::PartySuspended);
}

#[test]
fn an_issuer_needs_no_consent_of_itself() {
    let mut world = World::new();
    world.issue_bill(&Bill { first_holder: "MTO", ..Bill::s1() });
}

#[test]
fn a_ticket_that_is_not_for_this_act_answers_3003() {
    assert_eq!(ticket_code(|_, _| ()), Code::Ok);
    assert_eq!(ticket_code(|t, w| t.applicant = w.account("R-CD")), Code::TicketInvalid, "another applicant");
    assert_eq!(ticket_code(|t, w| t.member = w.member("gx")), Code::TicketInvalid, "another branch");
    assert_eq!(ticket_code(|t, _| t.kind = DocKind::MTD), Code::TicketInvalid, "another kind");
    assert_eq!(ticket_code(|t, w| t.not_after = w.time), Code::TicketInvalid, "over");
    assert_eq!(ticket_code(|t, w| t.not_after = w.time.saturating_add(2 * DAY)), Code::TicketInvalid, "too far ahead");
    assert_eq!(ticket_code(|t, _| t.chain_id.0[0] ^= 1), Code::TicketInvalid, "another chain");
}

#[test]
fn a_forged_ticket_answers_3003() {
    let mut world = World::new();
    let op = with(&world, |body| body.ticket.body.fp2.0[0] ^= 1);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::TicketInvalid);
    let bill = Bill::s1();
    let body = world.ticket_body("MTO", bill.kind, &bill.paper);
    let foreign = landsea_types::ticket::DeriveTicket::new(body, &world.validators[&world.member("gx")]);
    let op = with(&world, |body| body.ticket = foreign);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::TicketInvalid);
}

#[test]
fn old_rules_and_epochs_are_refused() {
    assert_eq!(ticket_code(|t, _| t.rules = 2), Code::UnknownKindOrRules);
    assert_eq!(ticket_code(|t, _| t.epoch = 2), Code::FingerprintEpochStale);
    let both = |t: &mut DeriveTicketBody, _: &World| (t.rules, t.epoch) = (2, 2);
    assert_eq!(ticket_code(both), Code::UnknownKindOrRules);
}

#[test]
fn an_unknown_kind_answers_3008() {
    let mut world = World::new();
    let op = world.issue_op(&Bill { kind: DocKind(999), ..Bill::s1() });
    assert_eq!(world.code("MTO", op, &["E5"]), Code::UnknownKindOrRules);
}

#[test]
fn a_number_is_registered_once_for_ever() {
    let mut world = World::new();
    let bill = Bill::s1();
    let first = world.issue_bill(&bill);
    let again = Bill { paper: bill.paper.rewritten("changed").over(&["C:9"]), ..bill.clone() };
    let op = world.issue_op(&again);
    let outcome = world.submit("MTO", op.clone(), &["E5"]);
    assert_eq!((outcome.code, outcome.args.clone()), (Code::DuplicateDocument, vec![1]));
    let alarm = event(&outcome, EventName::DuplicateDocument);
    assert_eq!((alarm.subject.0, alarm.args.clone()), (first.0, vec![0, 3001]));
    world.deliver("E5", &first);
    world.pass(400 * DAY);
    let op = world.issue_op(&again);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DuplicateDocument, "a terminal document keeps its number");
}

#[test]
fn a_renumbered_copy_answers_3002_until_the_memory_of_its_content_has_passed() {
    let mut world = World::new();
    let bill = Bill::new("SHLT-CKG-SIN-2026-000417", &["C:1"]);
    let first = world.issue_bill(&bill);
    let copy = Bill { paper: bill.paper.renumbered("SHLT-CKG-SIN-2026-000471"), ..bill };
    let op = world.issue_op(&copy);
    let outcome = world.submit("MTO", op, &["E5"]);
    assert_eq!(outcome.code, Code::DuplicateContent);
    assert_eq!(event(&outcome, EventName::DuplicateDocument).args, vec![0, 3002]);
    world.deliver("E5", &first);
    let since = world.time;
    let memory = world.genesis.params().get(ParamKey::Fp2MemoryMs);
    world.pass(memory - SECOND - 1);
    let op = world.issue_op(&copy);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::DuplicateContent, "one millisecond early");
    assert_eq!(world.time.since(since), memory - 1);
    world.advance(1);
    let op = world.issue_op(&copy);
    assert_eq!(world.code("MTO", op, &["E5"]), Code::Ok);
}

#[test]
fn the_sweep_forgets_contents_when_due() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    world.deliver("E5", &doc);
    let remembered = |world: &World| world.state.rows.keys().any(|(table, _)| *table == Table::Content);
    assert!(remembered(&world));
    world.pass(180 * DAY);
    assert!(!remembered(&world));
}

#[test]
fn the_earlier_check_wins() {
    let mut world = World::new();
    world.issue_bill(&Bill::s1());
    let op = with(&world, |body| body.first_holder = AccountId([9; 32]));
    assert_eq!(world.code("E5", op, &[]), Code::RoleNotPermitted, "1005 before 1012");
    let op = with(&world, |body| (body.first_holder, body.kind) = (AccountId([9; 32]), DocKind::WHR));
    assert_eq!(world.code("MTO", op, &[]), Code::UnknownObject, "1012 before 5007");
    let op = with(&world, |body| (body.kind, body.base_docs) = (DocKind::WHR, vec![]));
    assert_eq!(world.code("MTO", op, &[]), Code::NotPledgeableHere, "5007 before 3001");
    let op = with(&world, |body| body.lots.clear());
    assert_eq!(world.code("MTO", op, &[]), Code::TicketInvalid, "3003 before 3001");
    let op = world.issue_op(&Bill::s1());
    assert_eq!(world.code("MTO", op, &[]), Code::DuplicateDocument, "3001 before 3002, 4001 and 1008");
    let copy = Bill { paper: Bill::s1().paper.renumbered("A-2"), ..Bill::s1() };
    let op = world.issue_op(&copy);
    assert_eq!(world.code("MTO", op, &[]), Code::DuplicateContent, "3002 before 4001 and 1008");
    let other = Bill { paper: copy.paper.rewritten("other"), ..copy };
    let mut body = world.issue_body(&other);
    body.lots[0].qty = Qty::ZERO;
    assert_eq!(world.code("MTO", Operation::WaybillIssue(body), &[]), Code::GoodsKeyOccupied, "4001 before 1008");
    let mut body = world.issue_body(&Bill::new("A-3", &["C:3"]));
    body.lots[0].qty = Qty::ZERO;
    assert_eq!(world.code("MTO", Operation::WaybillIssue(body), &[]), Code::ConsentMissing, "1008 before 4003");
}

#[test]
fn two_operations_of_one_transaction_cannot_take_one_key() {
    let mut world = World::new();
    let ops = [world.issue_op(&Bill::new("A-1", &["C:1"])), world.issue_op(&Bill::new("A-2", &["C:1"]))];
    let tx = world.tx("MTO", &ops, &["E5"]);
    let outcome = world.run(&tx);
    assert_eq!((outcome.code, outcome.operation), (Code::GoodsKeyOccupied, 1));
    assert_eq!(world.state.view().doc_by_fp(&Paper::new("A-1", &[]).fp1()), None::<DocId>);
}
