//! Deterministic refusals.

use landsea_types::event::Event;
use landsea_types::{AccountId, Code, Fp, Hash, Member};

/// The result of a check or an operation.
pub type Refused<T = ()> = Result<T, Box<Refusal>>;

/// Why an operation was refused. Nothing of the transaction is kept but its id and, for some codes, the attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    /// At most four numbers whose meaning the code fixes.
    pub args: Vec<u64>,
    /// Set for the codes that are journalled: 5001, 3001, 3002, 4001, 3102.
    pub attempt: Option<AttemptDraft>,
}

/// What the journal keeps of a refused act; the executor adds number, time and height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptDraft {
    pub by: AccountId,
    pub pledgor: Fp,
    pub target: Hash,
    pub consented: bool,
    pub existing_home: Member,
    pub attempt_home: Member,
    /// The alarm sent to both branches.
    pub alarm: Event,
}

impl Refusal {
    /// A refusal without arguments.
    pub fn new(code: Code) -> Box<Self> {
        Box::new(Self { code, args: Vec::new(), attempt: None })
    }
    /// A refusal with arguments.
    pub fn with_args(code: Code, args: &[u64]) -> Box<Self> {
        Box::new(Self { code, args: args.to_vec(), attempt: None })
    }
    /// A refusal that is journalled.
    pub fn with_attempt(code: Code, args: &[u64], attempt: AttemptDraft) -> Box<Self> {
        Box::new(Self { code, args: args.to_vec(), attempt: Some(attempt) })
    }
}

/// Refuses with a code unless the condition holds.
pub fn ensure(condition: bool, code: Code) -> Refused {
    if condition { Ok(()) } else { Err(Refusal::new(code)) }
}

/// Turns a failed checked computation into 1014: an invariant is broken inside this transaction only.
pub fn internal<T>(value: Option<T>) -> Refused<T> {
    value.ok_or_else(|| Refusal::new(Code::Internal))
}
