//! What happens to a replica.

use super::action::TimerId;
use crate::checked::{BatchFault, CheckedBatch};
use landsea_types::{Member, TxId};
use std::sync::Arc;

/// A transaction that passed check steps 1 and 2 at the RPC server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedTransaction {
    pub id: TxId,
    /// The exact wire bytes.
    pub bytes: Vec<u8>,
}

/// One event.
#[derive(Clone, Debug)]
pub enum Event {
    /// First event after [`Replica::new`](super::Replica::new).
    Started,
    /// A connection to a member is up.
    PeerConnected { peer: Member },
    /// It is gone.
    PeerDisconnected { peer: Member },
    /// A consensus message; the peer is authenticated, the bytes are not checked.
    ConsensusBytes { peer: Member, bytes: Vec<u8> },
    /// A block on the header class.
    BlockBytes { peer: Member, bytes: Vec<u8> },
    /// A batch on the batch class.
    BatchBytes { peer: Member, bytes: Vec<u8> },
    /// A request or answer on the fetch class.
    FetchBytes { peer: Member, bytes: Vec<u8> },
    /// Transactions from this member's clients.
    Submit { transactions: Vec<SubmittedTransaction> },
    /// The answer to [`Action::CheckBatch`](super::Action::CheckBatch).
    BatchChecked { checked: Result<Arc<CheckedBatch>, BatchFault>, from: Option<Member> },
    /// A timer has fired.
    Timer { timer: TimerId },
}
