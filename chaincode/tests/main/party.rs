//! Tests of `party`.

mod delegation;
mod exit;
mod recovery;
mod tags;

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::party::{
    AddRole, GrantLicence, NewKey, Onboard, Resume, RevokeLicence, RotateKey, Suspend,
};
use landsea_types::role::{DocKind, KeyPurpose, LicenceKind, PartyStatus, Role, Roles};
use landsea_types::state::Table;
use landsea_types::{Code, Commit, Fp, Height, Operation, PublicKey, SecretKey};

fn onboard_body(world: &World, tag: &str, roles: &[Role], home: &str) -> Onboard {
    match world.onboard_op(tag, roles, home, None) {
        Operation::PartyOnboard(body) => body,
        other => panic!("{}", other.name()),
    }
}

fn identity_key() -> PublicKey {
    let mut point = [0; 32];
    point[0] = 1;
    PublicKey(point)
}

fn add_role(world: &World, tag: &str, role: Role) -> Operation {
    let party = world.party(tag);
    Operation::PartyAddRole(AddRole { party: party.id, expect_ver: party.ver, role })
}

fn suspend(world: &World, tag: &str) -> Operation {
    let party = world.party(tag);
    Operation::PartySuspend(Suspend { party: party.id, expect_ver: party.ver })
}

fn resume(world: &World, tag: &str) -> Operation {
    let party = world.party(tag);
    Operation::PartyResume(Resume { party: party.id, expect_ver: party.ver })
}

fn rotation(world: &World, tag: &str, seed: u8, from_height: Height) -> RotateKey {
    let public_key = SecretKey::from_seed([seed; 32]).public();
    let party = world.party(tag);
    RotateKey {
        party: party.id,
        expect_ver: party.ver,
        old_key: 0,
        new_key: NewKey { public_key, purpose: KeyPurpose::Sign },
        from_height,
    }
}

mod onboard {
    use super::*;

    #[test]
    fn a_branch_onboards_a_firm_into_its_own_territory() {
        let mut world = World::new();
        let op = world.onboard_op("NEW", &[Role::Enterprise, Role::Forwarder], "gx", Some(group("g")));
        let outcome = world.ok("gx", op, &[]);
        world.enlist("NEW", Role::Enterprise, "gx", &outcome);
        let party = world.party("NEW");
        assert_eq!((party.home, party.ver, party.status), (world.member("gx"), 1, PartyStatus::Active));
        assert_eq!(party.roles, Roles::of(&[Role::Enterprise, Role::Forwarder]));
        assert_eq!(party.group, Some(group("g")));
        assert_eq!(event(&outcome, EventName::PartyOnboarded).members, [world.member("gx")]);
    }

    #[test]
    fn a_zero_group_means_none() {
        let mut world = World::new();
        let op = world.onboard_op("NEW", &[Role::Enterprise], "gx", Some(Commit::default()));
        let outcome = world.ok("gx", op, &[]);
        world.enlist("NEW", Role::Enterprise, "gx", &outcome);
        assert_eq!(world.party("NEW").group, None);
    }

    #[test]
    fn only_a_branch_onboards() {
        let mut world = World::new();
        let op = world.onboard_op("NEW", &[Role::Enterprise], "cq", None);
        assert_eq!(world.code("B1", op, &[]), Code::RoleNotPermitted);
    }

    #[test]
    fn no_roles_undefined_roles_and_branch_answer_1005() {
        let mut world = World::new();
        for roles in [Roles(0), Roles(1 << 15), Roles::of(&[Role::Branch]), Roles::of(&[Role::Branch, Role::Bank])] {
            let op = Onboard { roles, ..onboard_body(&world, "NEW", &[Role::Bank], "cq") };
            assert_eq!(world.code("cq", Operation::PartyOnboard(op), &[]), Code::RoleNotPermitted, "{roles:?}");
        }
    }

    #[test]
    fn weak_keys_and_no_keys_answer_2003() {
        let mut world = World::new();
        let weak = vec![NewKey { public_key: identity_key(), purpose: KeyPurpose::Sign }];
        for keys in [weak, vec![]] {
            let op = Onboard { keys, ..onboard_body(&world, "NEW", &[Role::Bank], "cq") };
            assert_eq!(world.code("cq", Operation::PartyOnboard(op), &[]), Code::KeyNotValid);
        }
    }

    #[test]
    fn too_many_keys_answer_1010() {
        let mut world = World::new();
        let body = onboard_body(&world, "NEW", &[Role::Bank], "cq");
        let op = Onboard { keys: vec![body.keys[0].clone(); 65], ..body };
        assert_eq!(world.code("cq", Operation::PartyOnboard(op), &[]), Code::TooLarge);
    }

    #[test]
    fn a_firm_known_to_another_branch_answers_2001_with_that_member() {
        let mut world = World::new();
        let again = Onboard {
            ticket: world.ticket("gx", DocKind::PARTY, &Paper::new("party E5", &[])),
            ..onboard_body(&world, "NEW", &[Role::Enterprise], "gx")
        };
        let refused = world.submit("gx", Operation::PartyOnboard(again), &[]);
        assert_eq!(refused.code, Code::DuplicateParty);
        assert_eq!(refused.args, [u64::from(world.member("cq").get())]);
    }

    #[test]
    fn a_suspended_firm_is_still_known() {
        let mut world = World::new();
        world.suspend("E5");
        let op = world.onboard_op("E5", &[Role::Enterprise], "cq", None);
        assert_eq!(world.code("cq", op, &[]), Code::DuplicateParty);
    }

    #[test]
    fn a_firm_that_left_may_be_onboarded_again() {
        let mut world = World::new();
        let mut party = world.party("E5");
        party.status = PartyStatus::Exited;
        party.ver += 1;
        world.edit(|view| view.put_party(&party));
        let op = world.onboard_op("E5", &[Role::Enterprise], "gx", None);
        let outcome = world.ok("gx", op, &[]);
        assert_ne!(outcome.events[0].subject.0, party.id.0);
    }

    #[test]
    fn the_ticket_must_be_the_branchs_own_over_a_party() {
        let mut world = World::new();
        let body = onboard_body(&world, "NEW", &[Role::Enterprise], "cq");
        let foreign = world.ticket("gx", DocKind::PARTY, &Paper::new("party NEW", &[]));
        let other_kind = world.ticket("cq", DocKind::SITE, &Paper::new("party NEW", &[]));
        let mut unsigned = body.ticket.clone();
        unsigned.body.fp1 = Fp([7; 32]);
        let mut late = world.ticket_body("cq", DocKind::PARTY, &Paper::new("party NEW", &[]));
        late.not_after = world.time;
        let late = world.sign_ticket(late);
        for ticket in [foreign, other_kind, unsigned, late] {
            let op = Operation::PartyOnboard(Onboard { ticket, ..body.clone() });
            assert_eq!(world.code("cq", op, &[]), Code::TicketInvalid);
        }
    }

    #[test]
    fn an_unknown_rule_version_answers_3008_and_an_old_epoch_3009() {
        let mut world = World::new();
        let body = onboard_body(&world, "NEW", &[Role::Enterprise], "cq");
        let mut rules = body.ticket.body.clone();
        rules.rules = 2;
        let mut epoch = body.ticket.body.clone();
        epoch.epoch = 2;
        for (ticket, code) in [(rules, Code::UnknownKindOrRules), (epoch, Code::FingerprintEpochStale)] {
            let op = Onboard { ticket: world.sign_ticket(ticket), ..body.clone() };
            assert_eq!(world.code("cq", Operation::PartyOnboard(op), &[]), code);
        }
    }

    #[test]
    fn the_role_is_judged_before_the_key_and_the_key_before_the_ticket() {
        let mut world = World::new();
        let mut op = onboard_body(&world, "E5", &[Role::Enterprise], "cq");
        op.keys[0].public_key = identity_key();
        assert_eq!(world.code("cq", Operation::PartyOnboard(op.clone()), &[]), Code::KeyNotValid);
        op.roles = Roles(0);
        assert_eq!(world.code("cq", Operation::PartyOnboard(op), &[]), Code::RoleNotPermitted);
    }
}

mod roles {
    use super::*;

    #[test]
    fn the_home_branch_adds_a_role_that_then_counts() {
        let mut world = World::new();
        let op = add_role(&world, "E5", Role::Forwarder);
        let outcome = world.ok("cq", op, &[]);
        assert_eq!(event(&outcome, EventName::RoleAdded).subject.0, world.account("E5").0);
        assert!(world.party("E5").has(Role::Forwarder) && world.party("E5").has(Role::Enterprise));
    }

    #[test]
    fn branch_is_never_added_and_branches_are_never_changed() {
        let mut world = World::new();
        let op = add_role(&world, "E5", Role::Branch);
        assert_eq!(world.code("cq", op, &[]), Code::RoleNotPermitted);
        let op = add_role(&world, "cq", Role::Bank);
        assert_eq!(world.code("cq", op, &[]), Code::RoleNotPermitted);
        let op = suspend(&world, "cq");
        assert_eq!(world.code("cq", op, &[]), Code::RoleNotPermitted);
    }

    #[test]
    fn another_branch_answers_1005_even_with_a_stale_version() {
        let mut world = World::new();
        let party = world.account("E5");
        let op = Operation::PartyAddRole(AddRole { party, expect_ver: 77, role: Role::Bank });
        assert_eq!(world.code("gx", op.clone(), &[]), Code::RoleNotPermitted);
        let refused = world.submit("cq", op, &[]);
        assert_eq!((refused.code, refused.args), (Code::StaleVersion, vec![1]));
    }

    #[test]
    fn an_unknown_party_answers_1012() {
        let mut world = World::new();
        let party = landsea_types::AccountId([9; 32]);
        let op = Operation::PartyAddRole(AddRole { party, expect_ver: 1, role: Role::Bank });
        assert_eq!(world.code("cq", op, &[]), Code::UnknownObject);
    }

    #[test]
    fn version_zero_means_any_for_a_branch() {
        let mut world = World::new();
        let party = world.account("E5");
        world.ok("cq", Operation::PartyAddRole(AddRole { party, expect_ver: 0, role: Role::Bank }), &[]);
    }
}

mod suspension {
    use super::*;

    #[test]
    fn a_suspended_firm_neither_sends_nor_consents_until_resumed() {
        let mut world = World::new();
        let bill = Bill::new("BILL", &["C:ONE"]);
        world.suspend("MTO");
        let op = world.issue_op(&bill);
        assert_eq!(world.code("MTO", op, &["E5"]), Code::PartySuspended);
        let op = resume(&world, "MTO");
        let outcome = world.ok("cq", op, &[]);
        event(&outcome, EventName::PartyResumed);
        world.suspend("E5");
        let op = world.issue_op(&bill);
        assert_eq!(world.code("MTO", op.clone(), &["E5"]), Code::PartySuspended);
        let op = resume(&world, "E5");
        world.ok("cq", op, &[]);
        world.issue_bill(&bill);
    }

    #[test]
    fn suspending_twice_answers_1006() {
        let mut world = World::new();
        world.suspend("E5");
        let op = suspend(&world, "E5");
        assert_eq!(world.code("cq", op, &[]), Code::PartySuspended);
    }

    #[test]
    fn a_firm_that_left_is_not_resumed() {
        let mut world = World::new();
        let mut party = world.party("E5");
        party.status = PartyStatus::Exited;
        world.edit(|view| view.put_party(&party));
        let op = resume(&world, "E5");
        assert_eq!(world.code("cq", op, &[]), Code::PartySuspended);
    }

    #[test]
    fn only_the_home_branch_suspends() {
        let mut world = World::new();
        let op = suspend(&world, "E5");
        assert_eq!(world.code("gx", op.clone(), &[]), Code::RoleNotPermitted);
        assert_eq!(world.code("B1", op, &[]), Code::RoleNotPermitted);
    }

    #[test]
    fn the_event_goes_to_the_home() {
        let mut world = World::new();
        let op = suspend(&world, "E6");
        let outcome = world.ok("gx", op, &[]);
        assert_eq!(event(&outcome, EventName::PartySuspended).members, [world.member("gx")]);
    }
}

mod keys {
    use super::*;

    /// Rotates E5's key to the one of seed 42, from the third height after the rotation on.
    fn rotated(world: &mut World) -> Height {
        let from = world.height.saturating_add(4);
        let op = Operation::PartyRotateKey(rotation(world, "E5", 42, from));
        let outcome = world.ok("E5", op, &[]);
        assert_eq!(event(&outcome, EventName::KeyRotated).args, [0, 1, from.get()]);
        from
    }

    fn use_new_key(world: &mut World) {
        let actor = world.cast.get_mut("E5").expect("E5 is in the cast");
        actor.secret = SecretKey::from_seed([42; 32]);
        actor.key = 1;
    }

    fn signs(world: &mut World) -> bool {
        let bill = Bill::new(&format!("BILL {}", world.height), &[&format!("C:{}", world.height)]);
        let op = world.issue_op(&bill);
        match world.code("MTO", op, &["E5"]) {
            Code::Ok => true,
            Code::ConsentInvalid => false,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_old_key_signs_until_the_height_before_and_the_new_one_from_then_on() {
        let mut world = World::new();
        let from = rotated(&mut world);
        let old = world.actor("E5").clone();
        use_new_key(&mut world);
        assert!(!signs(&mut world), "the new key is too early");
        world.cast.insert("E5".into(), old.clone());
        assert!(signs(&mut world), "the old key still signs");
        assert_eq!(world.height.next(), from);
        assert!(!signs(&mut world), "the old key has ended");
        use_new_key(&mut world);
        assert!(signs(&mut world));
    }

    #[test]
    fn a_transaction_under_an_ended_key_answers_2003() {
        let mut world = World::new();
        let from = rotated(&mut world);
        while world.height.next() < from {
            world.pass(SECOND);
        }
        let op = Operation::PartyRotateKey(rotation(&world, "E5", 43, world.height.saturating_add(5)));
        assert_eq!(world.code("E5", op, &[]), Code::KeyNotValid);
    }

    /// Found by the simulator: seed 54 of four members.
    #[test]
    fn a_repeat_under_an_ended_key_keeps_the_first_outcome() {
        let mut world = World::new();
        let from = rotated(&mut world);
        let op = Operation::PartyRotateKey(rotation(&world, "E5", 44, from.saturating_add(9)));
        let tx = world.tx("E5", &[op], &[]);
        let row = |world: &World| world.state.rows.get(&(Table::Transaction, tx.id().0.to_vec())).cloned();
        world.run(&tx);
        let kept = row(&world);
        assert!(kept.is_some(), "it was committed");
        while world.height.next() < from {
            world.pass(SECOND);
        }
        assert_eq!(world.run(&tx).code, Code::KeyNotValid);
        assert_eq!(row(&world), kept, "asking for the transaction answers the first outcome");
    }

    #[test]
    fn nobody_rotates_another_partys_key() {
        let mut world = World::new();
        let op = Operation::PartyRotateKey(rotation(&world, "E5", 42, world.height.saturating_add(9)));
        assert_eq!(world.code("E6", op.clone(), &[]), Code::RoleNotPermitted);
        assert_eq!(world.code("cq", op, &[]), Code::RoleNotPermitted);
    }

    #[test]
    fn rotations_that_cannot_be_answer_2003() {
        let mut world = World::new();
        let later = world.height.saturating_add(9);
        let good = rotation(&world, "E5", 42, later);
        let now = RotateKey { from_height: world.height.next(), ..good.clone() };
        let unknown = RotateKey { old_key: 5, ..good.clone() };
        let same = NewKey { public_key: world.actor("E5").secret.public(), purpose: KeyPurpose::Sign };
        let same = RotateKey { new_key: same, ..good.clone() };
        let weak =
            RotateKey { new_key: NewKey { public_key: identity_key(), purpose: KeyPurpose::Sign }, ..good.clone() };
        let purpose = NewKey { purpose: KeyPurpose::Attest, ..good.new_key.clone() };
        let purpose = RotateKey { new_key: purpose, ..good };
        for (name, op) in [("now", now), ("unknown", unknown), ("same", same), ("weak", weak), ("purpose", purpose)] {
            assert_eq!(world.code("E5", Operation::PartyRotateKey(op), &[]), Code::KeyNotValid, "{name}");
        }
    }

    #[test]
    fn a_key_is_rotated_once() {
        let mut world = World::new();
        rotated(&mut world);
        let op = Operation::PartyRotateKey(rotation(&world, "E5", 43, world.height.saturating_add(9)));
        assert_eq!(world.code("E5", op, &[]), Code::KeyNotValid);
    }

    #[test]
    fn a_stale_version_answers_1007_and_a_suspended_party_1006() {
        let mut world = World::new();
        let good = rotation(&world, "E5", 42, world.height.saturating_add(9));
        let stale = RotateKey { expect_ver: 9, ..good.clone() };
        assert_eq!(world.code("E5", Operation::PartyRotateKey(stale), &[]), Code::StaleVersion);
        let free = RotateKey { expect_ver: 0, ..good.clone() };
        assert_eq!(world.code("E5", Operation::PartyRotateKey(free), &[]), Code::StaleVersion);
        world.suspend("E5");
        assert_eq!(world.code("E5", Operation::PartyRotateKey(good), &[]), Code::PartySuspended);
    }

    #[test]
    fn sixty_four_keys_are_enough() {
        let mut world = World::new();
        let mut party = world.party("E5");
        let first = party.keys[0].clone();
        party.keys = (0..64)
            .map(|i| match i {
                0 => first.clone(),
                i => landsea_types::record::KeyRecord {
                    public_key: SecretKey::from_seed([i; 32]).public(),
                    ..first.clone()
                },
            })
            .collect();
        world.edit(|view| view.put_party(&party));
        let op = Operation::PartyRotateKey(rotation(&world, "E5", 200, world.height.saturating_add(9)));
        assert_eq!(world.code("E5", op, &[]), Code::TooLarge);
    }
}

mod licences {
    use super::*;

    fn body(world: &World, tag: &str, kind: LicenceKind, site: &str) -> (String, GrantLicence) {
        match world.licence_op(tag, kind, site) {
            (branch, Operation::PartyGrantLicence(body)) => (branch, body),
            (_, other) => panic!("{}", other.name()),
        }
    }

    #[test]
    fn the_cast_is_licensed_for_its_sites() {
        let world = World::new();
        let view = world.state.view();
        let keeper =
            landsea_chaincode::party::licensee(&view, LicenceKind::WarehouseSite, &site("site of BOND"), world.time);
        assert_eq!(keeper.map(|p| p.id), Some(world.account("BOND")));
        let of_site = |name| landsea_chaincode::party::supervisor_of_site(&view, &site(name), world.time);
        assert_eq!(of_site("site of BOND"), Some(world.account("SUP")));
        assert_eq!(of_site("site of COLD"), None);
    }

    #[test]
    fn a_second_live_licence_over_a_site_answers_2001() {
        let mut world = World::new();
        for (tag, kind, site) in [
            ("WUL", LicenceKind::WarehouseSite, "site of COLD"),
            ("COLD", LicenceKind::WarehouseSite, "site of COLD"),
            ("SUP", LicenceKind::Supervision, "site of BOND"),
        ] {
            let (branch, op) = world.licence_op(tag, kind, site);
            assert_eq!(world.code(&branch, op, &[]), Code::DuplicateParty, "{tag} {site}");
        }
    }

    #[test]
    fn the_holder_renews_ahead_and_another_firm_follows_once_it_has_ended() {
        let mut world = World::new();
        let first = world.party("COLD").licences[0].clone();
        let (_, op) = body(&world, "COLD", LicenceKind::WarehouseSite, "site of COLD");
        let overlap = GrantLicence {
            from: first.to.checked_sub(1).expect("later than zero"),
            to: first.to.saturating_add(DAY),
            ..op.clone()
        };
        assert_eq!(world.code("cq", Operation::PartyGrantLicence(overlap), &[]), Code::DuplicateParty);
        let (_, early) = body(&world, "WUL", LicenceKind::WarehouseSite, "site of COLD");
        let early = GrantLicence { from: first.to, to: first.to.saturating_add(DAY), ..early };
        assert_eq!(world.code("hh", Operation::PartyGrantLicence(early), &[]), Code::DuplicateParty);
        let renewal = GrantLicence { from: first.to, to: first.to.saturating_add(DAY), ..op };
        world.ok("cq", Operation::PartyGrantLicence(renewal), &[]);
        let end = first.to.saturating_add(DAY);
        world.pass(end.since(world.time));
        world.license("WUL", LicenceKind::WarehouseSite, "site of COLD");
    }

    #[test]
    fn a_licence_needs_the_role_it_is_for() {
        let mut world = World::new();
        for (tag, kind) in
            [("E5", LicenceKind::WarehouseSite), ("COLD", LicenceKind::Supervision), ("B1", LicenceKind::IssuingSystem)]
        {
            let (branch, op) = world.licence_op(tag, kind, "another site");
            assert_eq!(world.code(&branch, op, &[]), Code::RoleNotPermitted, "{tag}");
        }
    }

    #[test]
    fn only_the_home_branch_licenses() {
        let mut world = World::new();
        let (_, op) = world.licence_op("COLD", LicenceKind::WarehouseSite, "another site");
        assert_eq!(world.code("gx", op, &[]), Code::RoleNotPermitted);
    }

    #[test]
    fn a_term_that_is_empty_or_over_answers_5005() {
        let mut world = World::new();
        let (branch, good) = body(&world, "COLD", LicenceKind::WarehouseSite, "another site");
        let empty = GrantLicence { to: good.from, ..good.clone() };
        let over = GrantLicence { from: landsea_types::Timestamp::ZERO, to: world.time, ..good };
        for op in [empty, over] {
            assert_eq!(world.code(&branch, Operation::PartyGrantLicence(op), &[]), Code::TermOutOfLimits);
        }
    }

    #[test]
    fn the_ticket_is_over_a_site_for_the_branch_or_the_firm() {
        let mut world = World::new();
        let (branch, good) = body(&world, "COLD", LicenceKind::WarehouseSite, "another site");
        let paper = Paper::new("another site", &[]);
        let wrong = [world.ticket("cq", DocKind::WHR, &paper), world.ticket("E5", DocKind::SITE, &paper)];
        for ticket in wrong {
            let op = GrantLicence { ticket, ..good.clone() };
            assert_eq!(world.code(&branch, Operation::PartyGrantLicence(op), &[]), Code::TicketInvalid);
        }
        let own = GrantLicence { ticket: world.ticket("COLD", DocKind::SITE, &paper), ..good };
        world.ok(&branch, Operation::PartyGrantLicence(own), &[]);
    }

    fn revoke(world: &World, tag: &str, site_name: &str) -> Operation {
        let (party, kind, site) = (world.party(tag), LicenceKind::WarehouseSite, site(site_name));
        Operation::PartyRevokeLicence(RevokeLicence { party: party.id, expect_ver: party.ver, kind, site })
    }

    #[test]
    fn a_revoked_licence_ends_at_once_and_another_firm_may_follow() {
        let mut world = World::new();
        let op = revoke(&world, "COLD", "site of COLD");
        let outcome = world.ok("cq", op, &[]);
        let told = event(&outcome, EventName::LicenceRevoked);
        assert_eq!(told.args, [LicenceKind::WarehouseSite as u64, world.time.get()]);
        let receipt = world.receipt_op(&Receipt::new("WR", &["B:1"]));
        assert_eq!(world.code("COLD", receipt, &["E1"]), Code::LicenceMissing);
        world.license("WUL", LicenceKind::WarehouseSite, "site of COLD");
    }

    #[test]
    fn a_licence_that_has_not_begun_is_revoked_too() {
        let mut world = World::new();
        let first = world.party("COLD").licences[0].clone();
        let (_, op) = body(&world, "COLD", LicenceKind::WarehouseSite, "site of COLD");
        let renewal = GrantLicence { from: first.to, to: first.to.saturating_add(DAY), ..op };
        world.ok("cq", Operation::PartyGrantLicence(renewal), &[]);
        let op = revoke(&world, "COLD", "site of COLD");
        world.ok("cq", op, &[]);
        let view = world.state.view();
        let later = first.to.saturating_add(1);
        let keeper =
            |at| landsea_chaincode::party::licensee(&view, LicenceKind::WarehouseSite, &site("site of COLD"), at);
        assert_eq!((keeper(world.time), keeper(later)), (None, None));
    }

    #[test]
    fn what_is_not_there_or_has_ended_is_not_revoked() {
        let mut world = World::new();
        let op = revoke(&world, "COLD", "site of BOND");
        assert_eq!(world.code("cq", op, &[]), Code::LicenceMissing);
        let op = revoke(&world, "COLD", "site of COLD");
        assert_eq!(world.code("gx", op.clone(), &[]), Code::RoleNotPermitted);
        world.ok("cq", op, &[]);
        let op = revoke(&world, "COLD", "site of COLD");
        assert_eq!(world.code("cq", op, &[]), Code::LicenceMissing);
    }

    #[test]
    fn sixty_four_licences_are_enough() {
        let mut world = World::new();
        let mut party = world.party("COLD");
        party.licences = vec![party.licences[0].clone(); 64];
        world.edit(|view| view.put_party(&party));
        let (branch, op) = world.licence_op("COLD", LicenceKind::WarehouseSite, "another site");
        assert_eq!(world.code(&branch, op, &[]), Code::TooLarge);
    }
}
