//! What is measured.

/// What is offered to the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// One transaction at a time, at each member in turn; the next comes when all members have committed it and a pause is over.
    OneAtATime,
    /// An open loop: in every virtual millisecond a transaction is submitted with the chance that leads to this rate, at a member drawn
    /// from those that run.
    PerSecond { rate: u64 },
}

/// What is wrong meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Nothing,
    /// The four members for which a quorum is farthest are down from the beginning.
    SlowestDown,
    /// The process of the proposer ends before it proposes, and the others see their connections end; it starts again later. With one
    /// transaction at a time this befalls every height.
    ProposerCrashes,
    /// The proposer stands still, while its connections stay: nobody is told.
    ProposerHangs,
    /// So many of 1000 messages never arrive; nothing below the protocol sends them again.
    Loss {
        permille: u64,
    },
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    pub name: &'static str,
    pub offered: Offered,
    pub trouble: Trouble,
    /// Delays to the eleventh-nearest member within which the median is meant to be, averaged over members.
    pub goal: Option<f64>,
}

const LOAD: Offered = Offered::PerSecond { rate: 200 };
const IDLE: Offered = Offered::OneAtATime;

const fn scenario(name: &'static str, offered: Offered, trouble: Trouble) -> Scenario {
    Scenario { name, offered, trouble, goal: None }
}

/// All scenarios, the two with a goal first.
pub const SCENARIOS: &[Scenario] = &[
    Scenario { goal: Some(4.5), ..scenario("all up, idle", IDLE, Trouble::Nothing) },
    Scenario { goal: Some(6.0), ..scenario("all up, 200/s", LOAD, Trouble::Nothing) },
    scenario("slowest four down, idle", IDLE, Trouble::SlowestDown),
    scenario("slowest four down, 200/s", LOAD, Trouble::SlowestDown),
    scenario("proposer crashes, every height", IDLE, Trouble::ProposerCrashes),
    scenario("proposer crashes, 200/s", LOAD, Trouble::ProposerCrashes),
    scenario("proposer hangs, every height", IDLE, Trouble::ProposerHangs),
    scenario("1 % loss, idle", IDLE, Trouble::Loss { permille: 10 }),
    scenario("1 % loss, 200/s", LOAD, Trouble::Loss { permille: 10 }),
];
