//! The consensus engine of the ledger: Tendermint on Malachite's sans-IO core, with a write-ahead log, a double-sign guard and block sync.
//!
//! # Protocol
//!
//! A height runs in rounds. In round `r` the member `ValidatorSet::proposer(height, r)` signs a [`Proposal`] that names a block. A
//! member that holds the block, has checked and executed it ([`Input::Verdict`]) prevotes it, or nil when it is invalid, late, or the
//! member is locked on another block. A quorum of prevotes for one block is a **polka**: whoever sees it locks the block and
//! precommits it. A quorum of precommits decides ([`Output::Decide`]). Otherwise timers end the round and the next proposer tries,
//! offering the block of the highest polka that it knows again. The quorum is `floor(2n/3)+1` ([`quorum`]), 11 of 15.
//!
//! The [`Engine`] is synchronous: [`Engine::step`] takes one [`Input`] and returns every [`Output`] that may be acted on. It knows no
//! sockets, clocks, threads, headers or batches; the value that is agreed on is a block id. What is durable, what signs and what
//! verifies comes in through the traits of [`Host`].
//!
//! # Safety argument
//!
//! Two quorums share more members than can be faulty, so two blocks are decided at one height only if a correct member precommitted
//! against its lock or signed twice for one step. The first is excluded by the core. The second could happen after a crash, and is
//! excluded by this order in every step:
//!
//! 1. everything the core learned goes to the log ([`Durable::wal_append`]),
//! 2. before a message leaves, one [`Durable::flush`] covers the log (and the blocks and batches that the replica wrote before it),
//! 3. then the sign mark beside the key moves ([`Durable::advance_mark`]),
//! 4. only then the step returns the message.
//!
//! A restarted node replays the log and comes to the same votes; the guard returns recorded signatures for them and halts rather than
//! sign something else. A log that is behind the mark was wiped or rolled back: the node observes until the marked height is committed.
//!
//! # Departures from the core's own shell
//!
//! - A commit certificate from block sync decides in the engine, not in the core: the core would enter the certificate's round first,
//!   and could propose and vote there without a log entry that explains why (see docs/adr/0002).
//! - Messages of future heights are verified and then buffered here, bounded per peer; the core's own queue stays empty.
//! - A quorum of precommits for a block whose proposal was lost decides as soon as the replica has checked the block.
//! - The own proposal of the round is sent again with the rebroadcast of votes; the core repeats votes and certificates only.

#![forbid(unsafe_code)]

mod context;
mod convert;
mod engine;
mod guard;
mod input;
mod message;
mod output;
mod timeouts;
mod verify;
mod wal;

pub use engine::{Engine, EngineConfig, EngineError, EngineStatus, Host, Step};
pub use guard::{SignMark, SignStep, VoteSigner};
pub use input::{Durable, Input};
pub use message::{
    ConsensusMessage, MessageError, PolkaCertificate, RoundCertificate, RoundCertificateKind, RoundVote,
};
pub use output::Output;
pub use timeouts::{Pace, Timeouts, Timer, TimerKind};

#[cfg(doc)]
use landsea_types::consensus::{Proposal, quorum};
