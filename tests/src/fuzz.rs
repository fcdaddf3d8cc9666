//! Fuzzing of every decoder that sees foreign bytes: what peers send, what clients send, what files hold and what a disk gives back.
//!
//! A [`Target`] takes bytes and asserts what must hold of them; [`TARGETS`] is the table of all. A [`Runner`] feeds it the checked-in
//! corpus (`tests/corpus/<target>/`) and then mutations of it ([`mutate`]), from a seed, on one thread. The documentation for people is
//! `docs/fuzzing.md`.
//!
//! What a run looks for:
//!
//! - **No panic**, overflow included: the workspace's profile checks arithmetic. Where halting is the right answer to damage, the target
//!   names the message it must halt with ([`caught::halts`]).
//! - **Canonical encodings**: whatever decodes encodes to the same bytes, and JSON and TOML read back as what they were written from.
//! - **Bounded memory and work**: for an input of `n` bytes at most `fixed + per_byte * n` bytes are held at once, and at most a multiple
//!   of that is ever allocated ([`Bounds`]). Allocated bytes count work; no clock is read.
//! - **Meaning**: no mutated certificate is FREE, nothing is signed twice, damaged storage is noticed.
//!
//! There is no coverage feedback, because stable Rust offers none without a second build of everything. Instead every execution gives an
//! [`Answer`], a few words for what the input led to, and inputs with a new answer are kept and mutated further.

pub mod caught;
pub mod corpus;
pub mod fixture;
pub mod mutate;
pub mod runner;
pub mod samples;
pub mod targets;

pub use runner::{Failure, Runner};
pub use targets::TARGETS;

/// What an input led to, in a few words: the outcome, not the values in it.
pub type Answer = String;

/// Runs one input; panics when something does not hold that must.
pub type Check = Box<dyn FnMut(&[u8]) -> Answer>;

/// What the mutations of a target's inputs know about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Bytes, most often borsh: little-endian numbers, lengths before lists.
    Binary,
    /// JSON, TOML or hex.
    Text,
}

/// How much an input of `n` bytes may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes that any input may take.
    pub fixed: u64,
    /// Bytes held at once per byte of input.
    pub per_byte: u64,
    /// How many times the bytes held at once may be allocated in all: the work.
    pub work: u64,
}

impl Bounds {
    /// For a decoder alone. The borsh library reads a byte list in pieces of at most 1 MiB, whatever length was announced.
    pub const DECODER: Self = Self { fixed: (1 << 20) + (64 << 10), per_byte: 64, work: 4 };
    /// For a decoder behind which something is computed.
    pub const WORKER: Self = Self { fixed: 4 << 20, per_byte: 256, work: 16 };
    /// Where the work happens on other threads, in a database or in a process, so that this thread's allocations say nothing.
    pub const ELSEWHERE: Self = Self { fixed: 1 << 30, per_byte: 1 << 20, work: 1 << 10 };

    /// Bytes that may be held at once for an input of so many bytes.
    pub fn held(&self, bytes: usize) -> u64 {
        self.fixed + self.per_byte * bytes as u64
    }
    /// Bytes that may be allocated in all for an input of so many bytes.
    pub fn allocated(&self, bytes: usize) -> u64 {
        self.work.saturating_mul(self.held(bytes))
    }
}

/// One decoder with what must hold of it.
pub struct Target {
    /// Its name, which is that of its corpus folder.
    pub name: &'static str,
    /// What is decoded and what is checked.
    pub about: &'static str,
    pub syntax: Syntax,
    pub bounds: Bounds,
    /// Mutations in the short run of the test command.
    pub short: u64,
    /// Prepares the target.
    pub open: fn() -> Check,
}

/// A folder that goes with its owner, in memory where the system has such a place: most targets on files write thousands of them.
fn scratch() -> tempfile::TempDir {
    let in_memory = std::path::Path::new("/dev/shm");
    let made = tempfile::tempdir_in(in_memory).or_else(|_| tempfile::tempdir());
    made.expect("a temporary folder can be made")
}
