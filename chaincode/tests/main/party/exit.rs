//! Leaving.

use super::*;
use landsea_types::operation::party::{Delegate, Exit, RecoverKey};

fn exit(world: &World, tag: &str) -> Operation {
    let party = world.party(tag);
    Operation::PartyExit(Exit { party: party.id, expect_ver: party.ver })
}

#[test]
fn a_firm_with_nothing_live_leaves_for_good_and_may_come_back_as_another_party() {
    let mut world = World::new();
    let old = world.account("E2");
    let op = exit(&world, "E2");
    let outcome = world.ok("yn", op, &[]);
    assert_eq!(event(&outcome, EventName::PartyExited).subject.0, old.0);
    assert_eq!(world.party("E2").status, PartyStatus::Exited);
    for op in [exit(&world, "E2"), resume(&world, "E2"), suspend(&world, "E2")] {
        assert_eq!(world.code("yn", op, &[]), Code::PartySuspended);
    }
    let bill = Bill { first_holder: "E2", ..Bill::s1() };
    let op = world.issue_op(&bill);
    assert_eq!(world.code("MTO", op, &["E2"]), Code::PartySuspended);
    let op = world.onboard_op("E2", &[Role::Enterprise], "gx", None);
    let outcome = world.ok("gx", op, &[]);
    world.enlist("E2", Role::Enterprise, "gx", &outcome);
    assert_ne!(world.account("E2"), old);
    world.issue_bill(&bill);
}

#[test]
fn whoever_has_a_part_in_something_live_stays() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    for (tag, branch) in [("MTO", "cq"), ("E5", "cq"), ("B1", "cq")] {
        let op = exit(&world, tag);
        assert_eq!(world.code(branch, op, &[]), Code::DocumentState, "{tag} issued, owns or holds the bill");
    }
    let op = world.release_op(&pledge);
    world.ok("B1", op, &[]);
    let op = exit(&world, "B1");
    world.ok("cq", op, &[]);
    let op = world.transfer_op(&doc, "E1");
    world.ok("E5", op, &[]);
    let op = exit(&world, "E5");
    world.ok("cq", op, &[]);
}

#[test]
fn a_pledge_outlives_the_bill_in_the_hands_of_its_issuer() {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let op = world.surrender_op(&doc);
    world.ok("E5", op, &["B1"]);
    let mut record = world.doc(&doc);
    record.surrendered = None;
    record.ver += 1;
    world.checking = false;
    world.edit(|view| view.put_doc(&record));
    assert!(world.pledge(&pledge).state.is_live());
    let op = exit(&world, "B1");
    assert_eq!(world.code("cq", op, &[]), Code::PledgeState, "a side of the pledge");
}

#[test]
fn whoever_watches_goods_stays() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    let lot = world.doc(&doc).lots[0];
    let watcher = world.account("SUP");
    world.edit(|view| {
        let mut lot = view.lot(&lot).expect("the lot exists");
        (lot.supervisor, lot.ver) = (Some(watcher), lot.ver + 1);
        view.put_lot(&lot);
    });
    let op = exit(&world, "SUP");
    assert_eq!(world.code("gz", op, &[]), Code::LotNotActive);
}

#[test]
fn what_a_firm_had_ends_with_it() {
    let mut world = World::new();
    let (cold, ff) = (world.party("COLD"), world.account("FF"));
    let until = world.time.saturating_add(90 * DAY);
    let body = Delegate { party: cold.id, expect_ver: cold.ver, to: ff, operations: vec![0x0502], until };
    world.ok("COLD", Operation::PartyDelegate(body), &[]);
    let new_key = NewKey { public_key: SecretKey::from_seed([42; 32]).public(), purpose: KeyPurpose::Sign };
    let ver = world.party("COLD").ver;
    let body = RecoverKey { party: cold.id, expect_ver: ver, keys: vec![new_key] };
    world.ok("cq", Operation::PartyRecoverKey(body), &[]);
    let op = exit(&world, "COLD");
    world.ok("cq", op, &[]);
    let left = world.party("COLD");
    assert_eq!((left.delegations.len(), &left.recovery), (0, &None));
    assert_eq!(world.pass(90 * DAY), None, "no recovery is left in the queue");
    world.license("WUL", LicenceKind::WarehouseSite, "site of COLD");
}

#[test]
fn only_the_home_branch_lets_a_firm_go_and_branches_stay() {
    let mut world = World::new();
    let op = exit(&world, "E2");
    for sender in ["cq", "E2"] {
        assert_eq!(world.code(sender, op.clone(), &[]), Code::RoleNotPermitted, "{sender}");
    }
    let op = exit(&world, "yn");
    assert_eq!(world.code("yn", op, &[]), Code::RoleNotPermitted);
}
