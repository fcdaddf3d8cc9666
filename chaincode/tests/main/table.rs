//! Every operation against every wrong role, wrong state, hold, stale version and missing consent, with the code that the check order
//! demands.

use crate::kit::World;
use landsea_chaincode::hold::Act;
use landsea_types::{Code, Operation};

mod authenticity;
mod cargo;
mod goods;
mod hold;
mod party;
mod pledge;
mod warehouse;
mod waybill;

/// A way to make the state wrong for an operation that is ready.
pub type Spoil = fn(&mut World, &Ready);

/// An operation that would succeed.
pub struct Ready {
    pub sender: &'static str,
    pub op: Operation,
    /// Whose consents it carries.
    pub consents: Vec<&'static str>,
    /// The objects on which holds may stand: document, lot, party, pledge.
    pub targets: Vec<[u8; 32]>,
}

/// What one operation must answer.
pub struct Case {
    pub operation: &'static str,
    /// Builds a world in which the operation would succeed.
    pub ready: fn(&mut World) -> Ready,
    /// Somebody without the role, and the answer; `None` where any party may call.
    pub wrong_role: Option<(&'static str, Code)>,
    /// Ways to make the state wrong, with the answers.
    pub wrong_states: &'static [(Spoil, Code)],
    /// The row of the blocking matrix; `None` where no hold bears on it.
    pub act: Option<Act>,
    /// Whether the operation names a version, so that another one answers 1007.
    pub versioned: bool,
    /// The answer without each of the consents, in their order.
    pub missing: &'static [Code],
}

/// Every case.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    let all: [&'static [Case]; 8] = [
        party::CASES,
        goods::CASES,
        waybill::CASES,
        warehouse::CASES,
        pledge::CASES,
        hold::CASES,
        authenticity::CASES,
        cargo::CASES,
    ];
    all.into_iter().flatten()
}

#[test]
fn a_ready_operation_succeeds() {
    for case in cases() {
        let mut world = World::new();
        let ready = (case.ready)(&mut world);
        let outcome = world.submit(ready.sender, ready.op, &ready.consents);
        assert_eq!(outcome.code, Code::Ok, "{} {:?}", case.operation, outcome.args);
    }
}
