//! What a replica asks its shell to do.

use landsea_consensus::Timer;
use landsea_p2p::Class;
use landsea_types::outcome::Outcomes;
use landsea_types::{Batch, Header, Height, Member};
use std::sync::Arc;

/// Names one timer; setting a running one starts it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimerId {
    /// A timer of the engine.
    Consensus(Timer),
    /// Start the next height although nothing waits to be ordered.
    StartHeight,
    /// Seal the batch under construction.
    SealBatch,
    /// Ask again for missing blocks and batches.
    Fetch,
    /// See to it that the proposer knows why the height has started.
    RemindProposer,
    /// Look again at a block that came too early.
    EarlyBlock,
    /// Ask for the next committed height, or ask somebody else.
    BlockSync,
}

impl TimerId {
    /// Whether setting it while it runs keeps the earlier time: fetching and sealing are not put off by new reasons to do them.
    pub const fn keeps_earlier(self) -> bool {
        !matches!(self, Self::Consensus(_) | Self::StartHeight | Self::BlockSync | Self::RemindProposer)
    }
}

/// A height that was just committed, for RPC waiters, subscriptions and metrics.
#[derive(Clone, Debug)]
pub struct CommittedHeight {
    pub height: Height,
    pub round: u32,
    pub header: Header,
    pub outcomes: Outcomes,
}

/// One action. The actions of one step are performed in order.
#[derive(Clone, Debug)]
pub enum Action {
    /// Send to one member; dropping is allowed where [`Class`] allows it.
    Send { peer: Member, class: Class, bytes: Arc<[u8]> },
    /// Send to all other members.
    Broadcast { class: Class, bytes: Arc<[u8]> },
    /// Start (or restart) a timer.
    SetTimer { timer: TimerId, after_ms: u64 },
    /// Stop a timer, if it runs.
    CancelTimer { timer: TimerId },
    /// Stop all timers of the engine.
    CancelConsensusTimers,
    /// Run [`CheckedBatch::check`](crate::checked::CheckedBatch::check) on the pool and answer with `BatchChecked`. `from` delivered it;
    /// `None` for a batch read back from the own store.
    CheckBatch { batch: Batch, from: Option<Member> },
    /// Tell waiters, subscribers and metrics.
    Committed { committed: Arc<CommittedHeight> },
    /// The peer proved to be faulty: count it and disconnect.
    PeerFault { peer: Member, reason: &'static str },
    /// Evidence of equivocation was stored: count it.
    EvidenceStored { member: Member },
}
