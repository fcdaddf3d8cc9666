//! What the replica tells the engine, and what the engine writes durably.

use crate::guard::SignMark;
use crate::message::ConsensusMessage;
use crate::timeouts::Timer;
use landsea_types::consensus::CommitCertificate;
use landsea_types::{BlockId, Height, Member};

/// One event. The replica handles everything it has received before an expired timer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Starts the height after the last decided one, once that one is committed. The replica paces the chain by when it sends this.
    StartHeight {
        height: Height,
        /// The entries that [`Durable::wal_append`] stored for this height before a restart, in order; empty otherwise.
        wal: Vec<Vec<u8>>,
    },
    /// A message from an authenticated peer. `from` is who delivered it, which need not be who signed it.
    Message { from: Member, message: ConsensusMessage },
    /// The answer to [`Output::Build`](crate::Output::Build): the block this node proposes, held durably up to the next flush and
    /// executed. It needs no verdict.
    Propose { height: Height, round: u32, block: BlockId },
    /// The answer to [`Output::Need`](crate::Output::Need). `valid`: the header and all batches are held, checked and executed.
    /// Not valid: the bytes and the parent state prove it. A block that is too early or incomplete gets no verdict yet.
    Verdict { height: Height, round: u32, block: BlockId, valid: bool },
    /// Block sync: a certificate for the height after the last decided one. The replica holds the block and has checked and executed
    /// it; the engine checks the certificate.
    Certified { certificate: CommitCertificate },
    /// A timer has fired. Late or outdated timers do no harm; arming a late one again is the shell's business.
    Timer { timer: Timer },
}

/// The durable side of the engine. None of these can fail: an implementation that cannot do its work panics, which halts the
/// process, because an error would be resumed by the core as if nothing had happened.
pub trait Durable {
    /// Appends an entry of a height's log; `seq` counts from 0 without gaps. It need not be durable before [`Durable::flush`].
    fn wal_append(&mut self, height: Height, seq: u64, entry: &[u8]);
    /// Makes everything durable that was written before, log entries, blocks and batches alike.
    fn flush(&mut self);
    /// Replaces the sign mark beside the key and makes it durable before returning.
    fn advance_mark(&mut self, mark: SignMark);
}
