//! The queue of what is going to happen.

use landsea_node::replica::{Event, TimerId};
use landsea_p2p::Class;
use landsea_types::{Member, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One entry of the queue. `life` and `link` name the life of a node and the connection it belongs to; entries of earlier ones are dropped.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// A message arrives.
    Deliver { from: Member, to: Member, link: u64, class: Class, bytes: Arc<[u8]> },
    /// A timer fires, unless it was set anew or cancelled; `setting` tells.
    Timer { node: Member, life: u64, timer: TimerId, setting: u64 },
    /// Something that a node prepared for itself.
    Own { node: Member, life: u64, event: Event },
    /// Two members that are up get a connection.
    Connect { a: Member, b: Member },
    /// Both ends notice that a connection has ended.
    Disconnect { a: Member, b: Member, link: u64 },
    /// A Byzantine member gets its turn.
    Tick { node: Member },
}

impl Happening {
    /// The members whose processes must run for this.
    pub(super) fn concerns(&self) -> [Member; 2] {
        match self {
            Self::Deliver { to: node, .. }
            | Self::Timer { node, .. }
            | Self::Own { node, .. }
            | Self::Tick { node } => [*node; 2],
            Self::Connect { a, b } | Self::Disconnect { a, b, .. } => [*a, *b],
        }
    }
}

/// Entries by (time, number of arrival).
#[derive(Debug, Default)]
pub(super) struct Queue {
    entries: BTreeMap<(Timestamp, u64), Happening>,
    pushed: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at: Timestamp, happening: Happening) {
        self.pushed += 1;
        self.entries.insert((at, self.pushed), happening);
    }
    pub(super) fn pop(&mut self) -> Option<(Timestamp, Happening)> {
        self.entries.pop_first().map(|((at, _), happening)| (at, happening))
    }
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.entries.first_key_value().map(|((at, _), _)| *at)
    }
}
