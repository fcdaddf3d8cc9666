//! The first scenario of the specification: one document and the double pledge in two provinces.

use crate::kit::*;

#[test]
fn the_cast_is_onboarded() {
    let world = World::new();
    assert_eq!(world.party("E5").home, world.member("cq"));
}
