//! Keys that were lost.

use super::*;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::party::RecoverKey;
use landsea_types::record::{KeyRecord, Party};

fn key_of(seed: u8) -> NewKey {
    NewKey { public_key: SecretKey::from_seed([seed; 32]).public(), purpose: KeyPurpose::Sign }
}

fn recovery(world: &World, tag: &str, keys: Vec<NewKey>) -> Operation {
    let party = world.party(tag);
    Operation::PartyRecoverKey(RecoverKey { party: party.id, expect_ver: party.ver, keys })
}

fn edit_party(world: &mut World, tag: &str, change: impl FnOnce(&mut Party)) {
    let mut party = world.party(tag);
    change(&mut party);
    party.ver += 1;
    world.edit(|view| view.put_party(&party));
}

/// Whether E5 signs with the key of a seed at an index of its record.
fn signs_with(world: &World, secret: &SecretKey, index: u16) -> bool {
    let party = world.party("E5");
    party.key_is_valid(index, &secret.public(), KeyPurpose::Sign, world.height.next())
}

#[test]
fn after_two_days_the_new_keys_take_the_place_of_all_that_signed() {
    let mut world = World::new();
    let old = world.actor("E5").secret.clone();
    let op = recovery(&world, "E5", vec![key_of(42), key_of(43)]);
    let noticed = world.ok("cq", op, &[]);
    let notice = event(&noticed, EventName::RecoveryNoticed);
    assert_eq!(notice.args, [world.time.saturating_add(48 * HOUR).get()]);
    assert_eq!(notice.parties, [world.account("E5")], "the party hears, and may object");
    assert_eq!(world.pass(48 * HOUR - 1), None);
    assert!(signs_with(&world, &old, 0));
    let swept = world.pass(1).expect("the delay is over");
    assert_eq!(event(&swept, EventName::KeyRecovered).args, [1, world.height.get()]);
    assert!(!signs_with(&world, &old, 0), "from that height on");
    for (seed, index) in [(42, 1), (43, 2)] {
        assert!(signs_with(&world, &SecretKey::from_seed([seed; 32]), index));
    }
    let actor = world.cast.get_mut("E5").expect("E5 is in the cast");
    (actor.secret, actor.key) = (SecretKey::from_seed([42; 32]), 1);
    world.issue_bill(&Bill::s1());
}

#[test]
fn a_party_that_rotates_a_key_meanwhile_keeps_its_keys() {
    let mut world = World::new();
    let op = recovery(&world, "E5", vec![key_of(42)]);
    world.ok("cq", op, &[]);
    let from = world.height.saturating_add(4);
    let op = Operation::PartyRotateKey(rotation(&world, "E5", 43, from));
    world.ok("E5", op, &[]);
    assert_eq!(world.party("E5").recovery, None);
    assert_eq!(world.pass(72 * HOUR), None, "nothing is left in the queue");
}

#[test]
fn a_rotation_that_has_not_begun_ends_with_the_lost_keys() {
    let mut world = World::new();
    let from = world.height.saturating_add(50);
    let op = Operation::PartyRotateKey(rotation(&world, "E5", 43, from));
    world.ok("E5", op, &[]);
    let op = recovery(&world, "E5", vec![key_of(44)]);
    world.ok("cq", op, &[]);
    world.pass(48 * HOUR);
    while world.height < from {
        world.pass(SECOND);
    }
    assert!(!signs_with(&world, &SecretKey::from_seed([43; 32]), 1));
    assert!(signs_with(&world, &SecretKey::from_seed([44; 32]), 2));
}

#[test]
fn keys_for_other_purposes_stay() {
    let mut world = World::new();
    let disclose = SecretKey::from_seed([9; 32]).public();
    edit_party(&mut world, "E5", |party| {
        let purpose = KeyPurpose::Disclose;
        party.keys.push(KeyRecord { public_key: disclose, purpose, ..party.keys[0].clone() });
    });
    let op = recovery(&world, "E5", vec![key_of(42)]);
    world.ok("cq", op, &[]);
    world.pass(48 * HOUR);
    assert!(world.party("E5").key_is_valid(1, &disclose, KeyPurpose::Disclose, world.height.next()));
}

#[test]
fn a_second_notice_takes_the_place_of_the_first_and_starts_the_delay_again() {
    let mut world = World::new();
    let op = recovery(&world, "E5", vec![key_of(42)]);
    world.ok("cq", op, &[]);
    world.pass(40 * HOUR);
    let op = recovery(&world, "E5", vec![key_of(43)]);
    world.ok("cq", op, &[]);
    assert_eq!(world.pass(47 * HOUR), None);
    world.pass(HOUR).expect("the second delay is over");
    assert!(signs_with(&world, &SecretKey::from_seed([43; 32]), 1));
}

#[test]
fn an_operation_on_the_party_applies_what_is_due_before_the_sweep() {
    let parameters = vec![(ParamKey::SweepItemsMax, 1)];
    let mut world = World::with(Setup { parameters, ..Setup::default() });
    let op = recovery(&world, "E5", vec![key_of(42)]);
    world.ok("cq", op, &[]);
    let late = Operation::PartyRotateKey(rotation(&world, "E5", 43, world.height.saturating_add(9)));
    world.advance(48 * HOUR);
    assert_eq!(world.clone().code("E5", late, &[]), Code::KeyNotValid, "it is too late to object");
    world.advance(48 * HOUR);
    let op = suspend(&world, "E5");
    let outcome = world.ok("cq", op, &[]);
    event(&outcome, EventName::KeyRecovered);
    assert_eq!(world.party("E5").keys.len(), 2);
}

/// A world in which the keys of E5 are due to be recovered, and the sweep has to recover those of three other firms first.
fn due_but_not_swept() -> World {
    let parameters = vec![(ParamKey::SweepItemsMax, 1)];
    let mut world = World::with(Setup { parameters, ..Setup::default() });
    for (branch, tag, seed) in [("gx", "E6", 39), ("yn", "E2", 40), ("sc", "E3", 41), ("cq", "E5", 42)] {
        let op = recovery(&world, tag, vec![key_of(seed)]);
        world.ok(branch, op, &[]);
    }
    world.advance(48 * HOUR);
    world
}

/// E5 signs with its recovered key from now on.
fn use_recovered_key(world: &mut World) {
    let actor = world.cast.get_mut("E5").expect("E5 is in the cast");
    (actor.secret, actor.key) = (SecretKey::from_seed([42; 32]), 1);
}

#[test]
fn a_recovery_that_is_due_counts_for_senders_before_it_is_swept() {
    let mut world = due_but_not_swept();
    let op = |world: &World| Operation::PartyRotateKey(rotation(world, "E5", 43, world.height.saturating_add(9)));
    let by_lost_key = op(&world);
    assert_eq!(world.code("E5", by_lost_key, &[]), Code::KeyNotValid);
    assert!(world.party("E5").recovery.is_some(), "nothing has swept it");
    use_recovered_key(&mut world);
    let Operation::PartyRotateKey(rotation) = op(&world) else { panic!("a rotation") };
    let by_new_key = Operation::PartyRotateKey(RotateKey { old_key: 1, ..rotation });
    let outcome = world.ok("E5", by_new_key, &[]);
    event(&outcome, EventName::KeyRecovered);
    assert_eq!(world.party("E5").keys.len(), 3);
}

#[test]
fn a_recovery_that_is_due_counts_for_consents_before_it_is_swept() {
    let mut world = due_but_not_swept();
    let op = world.issue_op(&Bill::s1());
    assert_eq!(world.code("MTO", op, &["E5"]), Code::ConsentInvalid, "the lost key no longer consents");
    use_recovered_key(&mut world);
    let op = world.issue_op(&Bill::s1());
    world.ok("MTO", op, &["E5"]);
    assert!(world.party("E5").recovery.is_some(), "nothing has swept it");
}

#[test]
fn keys_that_cannot_take_over_answer_2003() {
    let mut world = World::new();
    let known = NewKey { public_key: world.actor("E5").secret.public(), purpose: KeyPurpose::Sign };
    let weak = NewKey { public_key: identity_key(), purpose: KeyPurpose::Sign };
    let silent = NewKey { purpose: KeyPurpose::Attest, ..key_of(42) };
    for keys in [vec![], vec![known], vec![weak], vec![silent], vec![key_of(42), key_of(42)]] {
        let op = recovery(&world, "E5", keys);
        assert_eq!(world.code("cq", op, &[]), Code::KeyNotValid);
    }
    let op = recovery(&world, "E5", (1..=64).map(key_of).collect());
    assert_eq!(world.code("cq", op, &[]), Code::TooLarge);
}

#[test]
fn only_the_home_branch_recovers() {
    let mut world = World::new();
    let op = recovery(&world, "E5", vec![key_of(42)]);
    for sender in ["gx", "E5", "B1"] {
        assert_eq!(world.code(sender, op.clone(), &[]), Code::RoleNotPermitted, "{sender}");
    }
}
