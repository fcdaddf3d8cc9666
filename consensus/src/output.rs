//! What the engine asks the replica to do. The outputs of one step are carried out in order.

use crate::message::ConsensusMessage;
use crate::timeouts::Timer;
use landsea_types::consensus::{CertificateError, CommitCertificate, Evidence};
use landsea_types::{BlockId, Height, Member};

/// One action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send to all other members. Everything the message depends on is durable.
    Send { message: ConsensusMessage },
    /// Build a block for this round and answer with [`Input::Propose`](crate::Input::Propose). Never asked twice for a round in which
    /// a value is on record.
    Build { height: Height, round: u32 },
    /// An accepted signed proposal, a polka or a quorum of precommits names this block: obtain, check and execute it, then answer
    /// with [`Input::Verdict`](crate::Input::Verdict). May repeat for a later round while no verdict was given.
    Need { height: Height, round: u32, block: BlockId },
    /// Send the header of this block to all members again: this node re-proposes or locks it and others may miss it.
    ShareBlock { height: Height, round: u32, block: BlockId },
    /// Start (or restart) the timer. The shell may let a propose timer end early when the proposer's link is down: safety never
    /// depends on timers.
    SetTimer { timer: Timer, after_ms: u64 },
    /// Stop the timer, if it runs.
    CancelTimer { timer: Timer },
    /// Stop all timers.
    CancelTimers,
    /// Decided. Commit the block with this certificate in one atomic synced batch, then send
    /// [`Input::StartHeight`](crate::Input::StartHeight) for the next height. The last output of its step; all timers are stopped.
    Decide { certificate: CommitCertificate },
    /// A member signed two different messages for one step. Persist, count, show.
    Evidence { evidence: Evidence },
    /// A peer delivered something that no correct member delivers.
    PeerFault { member: Member, reason: &'static str },
    /// A member signed a verified message of a height above the one in progress; sent once per member and height. For the next
    /// height it is the sign to start it now; for a higher one, or when this height is stuck, it is a hint to block sync from.
    Ahead { member: Member, height: Height },
    /// The certificate of [`Input::Certified`](crate::Input::Certified) does not hold; whoever sent it is at fault.
    CertificateRefused { height: Height, error: CertificateError },
}
