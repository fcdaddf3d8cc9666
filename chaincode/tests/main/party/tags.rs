//! Tags.

use super::*;
use landsea_types::Timestamp;
use landsea_types::operation::party::{SetTag, Untag};

fn tag(world: &World, tag: &str, number: u16, days: u64) -> Operation {
    let (party, from) = (world.party(tag), world.time);
    let to = from.saturating_add(days * DAY);
    Operation::PartyTag(SetTag { party: party.id, expect_ver: party.ver, tag: number, from, to })
}

fn untag(world: &World, tag: &str, number: u16) -> Operation {
    let party = world.party(tag);
    Operation::PartyUntag(Untag { party: party.id, expect_ver: party.ver, tag: number })
}

fn tags(world: &World, tag: &str) -> Vec<(u16, landsea_types::Member)> {
    world.party(tag).tags.iter().map(|t| (t.tag, t.by)).collect()
}

#[test]
fn a_branch_marks_a_firm_of_any_home_and_takes_its_own_mark_back() {
    let mut world = World::new();
    let (gx, yn) = (world.member("gx"), world.member("yn"));
    for branch in ["gx", "yn"] {
        let op = tag(&world, "E5", 7, 90);
        let outcome = world.ok(branch, op, &[]);
        assert_eq!(event(&outcome, EventName::Tagged).args[0], 7);
    }
    assert_eq!(tags(&world, "E5"), [(7, gx), (7, yn)], "each branch marks for itself");
    let op = untag(&world, "E5", 7);
    assert_eq!(world.code("cq", op.clone(), &[]), Code::RoleNotPermitted, "the home did not give it");
    let outcome = world.ok("gx", op, &[]);
    event(&outcome, EventName::Untagged);
    assert_eq!(tags(&world, "E5"), [(7, yn)]);
    let op = untag(&world, "E5", 8);
    let refused = world.submit("gx", op, &[]);
    assert_eq!((refused.code, refused.args), (Code::UnknownObject, vec![1]));
}

#[test]
fn the_same_mark_again_gets_another_term() {
    let mut world = World::new();
    for days in [90, 180] {
        let op = tag(&world, "E5", 7, days);
        world.ok("gx", op, &[]);
    }
    let [mark] = &world.party("E5").tags[..] else { panic!("one mark") };
    assert!(mark.to.since(mark.from) == 180 * DAY);
}

#[test]
fn a_term_that_is_empty_or_over_answers_5005() {
    let mut world = World::new();
    let party = world.party("E5");
    let base = SetTag { party: party.id, expect_ver: 1, tag: 7, from: Timestamp::ZERO, to: world.time };
    let empty = SetTag { from: world.time.saturating_add(DAY), to: world.time.saturating_add(DAY), ..base.clone() };
    for op in [base, empty] {
        assert_eq!(world.code("gx", Operation::PartyTag(op), &[]), Code::TermOutOfLimits);
    }
}

#[test]
fn branches_are_not_marked_and_sixty_four_marks_are_enough() {
    let mut world = World::new();
    let op = tag(&world, "cq", 7, 90);
    assert_eq!(world.code("gx", op, &[]), Code::RoleNotPermitted);
    for number in 0..64 {
        let op = tag(&world, "E5", number, 90);
        world.ok("gx", op, &[]);
    }
    let op = tag(&world, "E5", 64, 90);
    assert_eq!(world.code("gx", op, &[]), Code::TooLarge);
    let op = tag(&world, "E5", 63, 90);
    world.ok("gx", op, &[]);
}
