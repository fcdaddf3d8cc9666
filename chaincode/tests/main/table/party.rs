//! Cases of the `party` operations. No hold bears on any of them.

use super::{BLANK, Case, Ready};
use crate::kit::{Bill, DAY, Paper, World, site};
use landsea_types::operation::party::*;
use landsea_types::role::{DocKind, KeyPurpose, LicenceKind, Role};
use landsea_types::{Code, Hash, Operation, SecretKey, Timestamp};

pub const CASES: &[Case] = &[
    Case {
        operation: "party.onboard",
        ready: |world| {
            let op = world.onboard_op("NEW", &[Role::Enterprise], "yn", None);
            Ready { sender: "yn", op, consents: vec![], targets: vec![] }
        },
        wrong_states: &[(again, Code::DuplicateParty)],
        versioned: false,
        ..BY_BRANCH
    },
    Case {
        operation: "party.add_role",
        ready: |world| {
            on_e2(world, |party, expect_ver| PartyAddRole(AddRole { party, expect_ver, role: Role::Insurer }))
        },
        ..BY_HOME
    },
    Case {
        operation: "party.suspend",
        ready: |world| on_e2(world, |party, expect_ver| PartySuspend(Suspend { party, expect_ver })),
        wrong_states: &[(leave, Code::PartySuspended), (again, Code::PartySuspended)],
        ..BY_HOME
    },
    Case {
        operation: "party.resume",
        ready: |world| on_e2(world, |party, expect_ver| PartyResume(Resume { party, expect_ver })),
        ..BY_HOME
    },
    Case {
        operation: "party.rotate_key",
        ready: |world| {
            let from_height = world.height.saturating_add(50);
            let party = world.party("E2");
            let new_key = key(42);
            by_e2(PartyRotateKey(RotateKey {
                party: party.id,
                expect_ver: party.ver,
                old_key: 0,
                new_key,
                from_height,
            }))
        },
        wrong_states: &[(again, Code::KeyNotValid), (keys_are_many, Code::TooLarge)],
        ..BY_ITSELF
    },
    Case {
        operation: "party.grant_licence",
        ready: |world| {
            let (_, op) = world.licence_op("COLD", LicenceKind::WarehouseSite, "a new site");
            Ready { sender: "cq", op, consents: vec![], targets: vec![world.account("COLD").0] }
        },
        wrong_states: &[(again, Code::DuplicateParty), (let_time_pass, Code::TicketInvalid)],
        ..BY_HOME
    },
    Case {
        operation: "party.revoke_licence",
        ready: |world| {
            let party = world.party("COLD");
            let body = RevokeLicence {
                party: party.id,
                expect_ver: party.ver,
                kind: LicenceKind::WarehouseSite,
                site: site("site of COLD"),
            };
            Ready { sender: "cq", op: PartyRevokeLicence(body), consents: vec![], targets: vec![party.id.0] }
        },
        wrong_states: &[(again, Code::LicenceMissing), (let_time_pass, Code::LicenceMissing)],
        ..BY_HOME
    },
    Case {
        operation: "party.recover_key",
        ready: |world| {
            on_e2(world, |party, expect_ver| PartyRecoverKey(RecoverKey { party, expect_ver, keys: vec![key(42)] }))
        },
        wrong_states: &[
            (leave, Code::PartySuspended),
            (keys_are_many, Code::TooLarge),
            (key_is_known, Code::KeyNotValid),
        ],
        ..BY_HOME
    },
    Case {
        operation: "party.tag",
        ready: |world| {
            let (from, to) = (world.time, world.time.saturating_add(90 * DAY));
            let party = world.party("E2");
            let body = SetTag { party: party.id, expect_ver: party.ver, tag: 7, from, to };
            Ready { sender: "gx", op: PartyTag(body), consents: vec![], targets: vec![party.id.0] }
        },
        wrong_states: &[(leave, Code::PartySuspended), (let_time_pass, Code::TermOutOfLimits)],
        ..BY_BRANCH
    },
    Case {
        operation: "party.untag",
        ready: |world| {
            let party = world.party("E2");
            let set = SetTag { party: party.id, expect_ver: 1, tag: 7, from: world.time, to: Timestamp::MAX };
            world.ok("gx", PartyTag(set), &[]);
            let op = PartyUntag(Untag { party: party.id, expect_ver: 2, tag: 7 });
            Ready { sender: "gx", op, consents: vec![], targets: vec![party.id.0] }
        },
        wrong_role: Some(("yn", Code::RoleNotPermitted)),
        wrong_states: &[(again, Code::UnknownObject)],
        ..BY_BRANCH
    },
    Case {
        operation: "party.delegate",
        ready: |world| by_e2(delegation(world)),
        wrong_states: &[(delegate_leaves, Code::PartySuspended), (let_time_pass, Code::TermOutOfLimits)],
        ..BY_ITSELF
    },
    Case {
        operation: "party.revoke_delegation",
        ready: |world| {
            let op = delegation(world);
            world.ok("E2", op, &[]);
            let (party, to) = (world.party("E2"), world.account("FF"));
            by_e2(PartyRevokeDelegation(RevokeDelegation { party: party.id, expect_ver: party.ver, to }))
        },
        wrong_states: &[(again, Code::UnknownObject)],
        ..BY_ITSELF
    },
    Case {
        operation: "party.exit",
        ready: |world| on_e2(world, |party, expect_ver| PartyExit(Exit { party, expect_ver })),
        wrong_states: &[(again, Code::PartySuspended), (owns, Code::DocumentState)],
        ..BY_HOME
    },
];

use Operation::*;

/// By any branch.
const BY_BRANCH: Case = Case { wrong_role: Some(("B1", Code::RoleNotPermitted)), ..BLANK };

/// By the branch of the party's home.
const BY_HOME: Case = Case {
    wrong_role: Some(("gx", Code::RoleNotPermitted)),
    wrong_states: &[(leave, Code::PartySuspended)],
    ..BY_BRANCH
};

/// By the party itself.
const BY_ITSELF: Case = Case { wrong_role: Some(("E1", Code::RoleNotPermitted)), ..BY_BRANCH };

/// An operation of E2's branch on E2, which has a part in nothing.
fn on_e2(world: &World, op: fn(landsea_types::AccountId, u32) -> Operation) -> Ready {
    let party = world.party("E2");
    Ready { sender: "yn", op: op(party.id, party.ver), consents: vec![], targets: vec![party.id.0] }
}

fn by_e2(op: Operation) -> Ready {
    Ready { sender: "E2", op, consents: vec![], targets: vec![] }
}

fn key(seed: u8) -> NewKey {
    NewKey { public_key: SecretKey::from_seed([seed; 32]).public(), purpose: KeyPurpose::Sign }
}

fn delegation(world: &World) -> Operation {
    let party = world.party("E2");
    let (to, until) = (world.account("FF"), world.time.saturating_add(90 * DAY));
    PartyDelegate(Delegate { party: party.id, expect_ver: party.ver, to, operations: vec![0x0404, 0x0405], until })
}

/// The same has happened before.
fn again(world: &mut World, ready: &Ready) {
    world.ok(ready.sender, ready.op.clone(), &[]);
}

fn let_time_pass(world: &mut World, _: &Ready) {
    world.advance(11 * 365 * DAY);
}

fn leave(world: &mut World, _: &Ready) {
    exit(world, "E2", "yn");
}

fn delegate_leaves(world: &mut World, _: &Ready) {
    exit(world, "FF", "hi");
}

fn exit(world: &mut World, tag: &str, branch: &str) {
    let party = world.party(tag);
    world.ok(branch, PartyExit(Exit { party: party.id, expect_ver: party.ver }), &[]);
}

fn keys_are_many(world: &mut World, _: &Ready) {
    let mut party = world.party("E2");
    for n in 1..64 {
        party.keys.push(landsea_types::record::KeyRecord {
            public_key: SecretKey::from_seed([100 + n; 32]).public(),
            ..party.keys[0].clone()
        });
    }
    party.ver += 1;
    world.edit(|view| view.put_party(&party));
}

fn key_is_known(world: &mut World, ready: &Ready) {
    let PartyRecoverKey(op) = &ready.op else { panic!("a recovery") };
    let mut party = world.party("E2");
    party.keys[0].public_key = op.keys[0].public_key;
    party.ver += 1;
    world.edit(|view| view.put_party(&party));
}

fn owns(world: &mut World, _: &Ready) {
    world.issue_bill(&Bill { first_holder: "E2", ..Bill::s1() });
}
