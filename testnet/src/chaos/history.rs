//! What clients asked, when, and what they were told.

use landsea_types::{Code, Height, PledgeId, TxId};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where a transaction stands in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position {
    /// The block.
    pub(crate) height: Height,
    /// The place in the block.
    pub(crate) index: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.height, self.index)
    }
}

/// What a write asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// A bank pledges a document that it saw in a version.
    Pledge {
        /// The version.
        expect: u32,
    },
    /// The pledgee releases.
    Release {
        /// What it releases.
        pledge: PledgeId,
    },
}

/// How a write ended for its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Committed, with the outcome's code and numbers.
    Committed {
        /// Where.
        at: Position,
        /// The outcome.
        code: Code,
        /// The outcome's numbers; none when it was looked up later, as strangers see it.
        args: Vec<u64>,
    },
    /// Refused before it was queued anywhere: it has no effect, ever.
    NotTaken {
        /// The code's name, or `BUSY`.
        word: String,
    },
    /// No answer: it may have happened, or may happen until its validity ends.
    Unknown {
        /// What was heard last.
        why: String,
    },
}

/// One write of one client.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    /// Number of the client.
    pub(crate) client: usize,
    /// Nodes it was sent through, in order.
    pub(crate) nodes: Vec<usize>,
    /// Number of the document.
    pub(crate) doc: usize,
    /// The transaction.
    pub(crate) tx: TxId,
    /// Last height at which it may be committed.
    pub(crate) valid_until: Height,
    /// What it asks for.
    pub(crate) action: Action,
    /// Since the start of the run.
    pub(crate) invoked: Duration,
    /// Since the start of the run; when the client gave up, if it has no answer.
    pub(crate) ended: Duration,
    /// How it ended.
    pub(crate) answer: Answer,
}

/// The heights at which what a reader saw must have been the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatedHeight {
    /// A certificate proves it for one height.
    Exactly {
        /// That height.
        height: Height,
    },
    /// The node was at the first height before and at the second one after.
    Between {
        /// Before.
        low: Height,
        /// After.
        high: Height,
    },
}

/// What a reader was told about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The ledger does not know the document.
    Nothing,
    /// The document is there.
    Document {
        /// Its version, when the answer says it.
        version: Option<u32>,
        /// Where its live pledge was made.
        pledged: Option<Position>,
    },
}

/// One read of one client.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Number of the node asked.
    pub(crate) node: usize,
    /// Number of the document.
    pub(crate) doc: usize,
    /// What height the answer is about.
    pub(crate) stated: StatedHeight,
    /// What it says.
    pub(crate) seen: Seen,
    /// When it was asked, since the start of the run.
    pub(crate) asked: Duration,
}

/// Everything that clients did.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// Writes, in the order in which they were invoked.
    pub(crate) writes: Vec<Write>,
    /// Reads that were answered.
    pub(crate) reads: Vec<Read>,
    /// Reads to which no answer came.
    pub(crate) reads_unanswered: u64,
    /// Things that no client may ever see, such as a certificate that does not verify.
    pub(crate) scandals: Vec<String>,
}

/// Takes down what happens, with one clock for all clients.
pub(crate) struct Recorder {
    start: Instant,
    history: Mutex<History>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), history: Mutex::default() }
    }
    /// Time since the start of the run.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }
    /// Changes the history.
    pub(crate) fn note(&self, change: impl FnOnce(&mut History)) {
        change(&mut self.history.lock().unwrap_or_else(PoisonError::into_inner));
    }
    /// Takes note of a write before it is sent, so that it is known even if its client never hears of it; gives its number.
    pub(crate) fn begin(&self, write: Write) -> usize {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        history.writes.push(write);
        history.writes.len() - 1
    }
    /// A copy of everything so far.
    pub(crate) fn history(&self) -> History {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Writes answered from the ledger so far.
    pub(crate) fn acknowledged(&self) -> usize {
        let history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        history.writes.iter().filter(|w| w.is_acknowledged()).count()
    }
}

impl Write {
    /// Whether the ledger's own outcome was told.
    pub(crate) fn is_acknowledged(&self) -> bool {
        matches!(self.answer, Answer::Committed { .. })
    }
    /// The pledge that it makes if it is applied.
    pub(crate) fn makes(&self) -> Option<PledgeId> {
        matches!(self.action, Action::Pledge { .. }).then(|| pledge_of(&self.tx))
    }
    /// What to call it in a report.
    pub(crate) fn describe(&self) -> String {
        let what = match self.action {
            Action::Pledge { expect } => format!("pledge of document {} in version {expect}", self.doc),
            Action::Release { pledge } => format!("release of {pledge} on document {}", self.doc),
        };
        let (from, to) = (self.invoked.as_secs_f64(), self.ended.as_secs_f64());
        format!("{what} by client {} through nodes {:?} at {from:.3}..{to:.3} s ({})", self.client, self.nodes, self.tx)
    }
}

/// The id of the pledge that the first operation of a transaction makes.
pub(crate) fn pledge_of(tx: &TxId) -> PledgeId {
    PledgeId(landsea_types::ids::derive_id("pledge", tx, 0))
}
