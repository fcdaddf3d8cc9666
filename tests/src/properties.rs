//! What must never happen, one file and one function per property.
//!
//! The simulator reports every [`Occurrence`]; each property compares it with everything [`Seen`] before. Nothing is asked of a
//! Byzantine member, everything of the others, in every life and whatever fails around them.

mod accusation;
mod agreement;
mod bounds;
mod certificate;
mod convergence;
mod halting;
mod heights;
mod ledger;
mod locks;
mod loss;
mod seen;
mod signing;
mod validity;

use landsea_consensus::ConsensusMessage;
use landsea_node::replica::CommittedHeight;
use landsea_storage::{Store, Tip};
use landsea_types::{Block, Member};
pub use seen::{Acknowledged, Decided, Fault, Seen};
use std::fmt;

/// Something that a property may object to.
pub enum Occurrence<'a> {
    /// A member sends a consensus message.
    Sent { from: Member, message: &'a ConsensusMessage },
    /// A block is on the wire.
    Shown { block: &'a Block },
    /// A member has finished a step and stands at a tip.
    Stepped { member: Member, tip: &'a Tip },
    /// A member reports a committed height.
    Committed { member: Member, committed: &'a CommittedHeight, store: &'a dyn Store },
    /// A member's process stopped by itself although its disk did nothing wrong.
    Halted { member: Member, message: &'a str },
    /// A member reports a fault of another.
    Blamed { by: Member, peer: Member, reason: &'static str },
    /// A member stores evidence of equivocation.
    Accused { by: Member, member: Member },
    /// What a member holds in memory and on disk for others.
    Loaded { member: Member, load: Load },
    /// All faults are over since `after_ms`. `settled` when the correct members have reached a common new height within the bound.
    Healed { settled: bool, after_ms: u64, report: &'a str },
    /// The end of a run: the stores of all members that follow the protocol, at rest.
    Ended { stores: &'a [(Member, &'a dyn Store)] },
}

/// Sizes of what a member keeps because others sent it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    /// Messages of future heights that wait in the engine.
    pub buffered_messages: usize,
    /// Transactions in the mempool.
    pub transactions: usize,
    /// Undecided batches on the disk.
    pub undecided_batches: usize,
    /// Entries of the consensus log.
    pub log_entries: usize,
    /// Rounds of the height in progress, which the log may grow with.
    pub rounds: u32,
}

/// One property: a name and the function that objects.
pub struct Property {
    pub name: &'static str,
    pub holds: fn(&Seen, &Occurrence<'_>) -> Result<(), String>,
}

/// All properties that the simulator checks by itself; a workload's model adds its own.
pub const PROPERTIES: &[Property] = &[
    Property { name: "agreement", holds: agreement::holds },
    Property { name: "validity", holds: validity::holds },
    Property { name: "certificate quorum", holds: certificate::holds },
    Property { name: "monotonic heights", holds: heights::holds },
    Property { name: "equal state roots", holds: agreement::roots_hold },
    Property { name: "nothing acknowledged is lost", holds: loss::holds },
    Property { name: "no double-signing", holds: signing::holds },
    Property { name: "locks are respected", holds: locks::holds },
    Property { name: "ledger invariants", holds: ledger::holds },
    Property { name: "liveness after healing", holds: convergence::holds },
    Property { name: "memory and queue bounds", holds: bounds::holds },
    Property { name: "no correct member halts", holds: halting::holds },
    Property { name: "no correct member is accused", holds: accusation::holds },
];

/// A property that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub property: &'static str,
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property, self.detail)
    }
}

/// Asks every property about an occurrence; the first objection counts.
pub fn check(seen: &Seen, occurrence: &Occurrence<'_>) -> Option<Violation> {
    PROPERTIES.iter().find_map(|property| {
        let detail = (property.holds)(seen, occurrence).err()?;
        Some(Violation { property: property.name, detail })
    })
}

/// `Ok` when it holds, otherwise the objection.
fn require(holds: bool, objection: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(objection()) }
}
