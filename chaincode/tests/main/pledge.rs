//! Tests of `pledge`.

pub(crate) mod acts;
mod assign;
mod carried;
mod collateral;
mod create;
mod enforce;
mod mirror;
mod offer;
mod order;
mod partial;
mod replaced;
mod reservation;
mod term;

use crate::kit::*;
use landsea_types::DocId;

/// A world with one free bill of E5.
fn with_bill() -> (World, Bill, DocId) {
    let mut world = World::new();
    let bill = Bill::s1();
    let doc = world.issue_bill(&bill);
    (world, bill, doc)
}
