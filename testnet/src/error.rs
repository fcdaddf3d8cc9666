//! Failures that end a command: what was wrong, where, what to do next, and the exit code.

use landsea_client::keys::KeyError;
use landsea_client::rpc::RpcError;
use std::fmt;
use std::path::Path;

/// Exit codes of the commands.
pub mod exit {
    /// An expectation did not hold.
    pub const FAILED: u8 = 1;
    /// The command line or a file is wrong.
    pub const USAGE: u8 = 2;
    /// A node cannot be reached or does not answer in time.
    pub const UNREACHABLE: u8 = 3;
    /// Something on this computer failed.
    pub const LOCAL: u8 = 4;
}

/// A failure with its exit code.
#[derive(Debug)]
pub struct TestnetError {
    /// The process's exit code, one of [`exit`].
    pub exit: u8,
    /// What was wrong and where.
    pub what: String,
    /// What to do next.
    pub next: Option<String>,
}

impl TestnetError {
    /// The command line or a file is wrong.
    pub fn usage(what: impl Into<String>) -> Self {
        Self { exit: exit::USAGE, what: what.into(), next: None }
    }
    /// A node cannot be reached.
    pub fn unreachable(what: impl Into<String>) -> Self {
        Self { exit: exit::UNREACHABLE, what: what.into(), next: None }
    }
    /// Something on this computer failed.
    pub fn local(what: impl Into<String>) -> Self {
        Self { exit: exit::LOCAL, what: what.into(), next: None }
    }
    /// Says what to do next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
    /// A file or folder that could not be read or written.
    pub fn file(path: &Path, source: &std::io::Error) -> Self {
        let what = format!("{}: {source}", path.display());
        if source.kind() == std::io::ErrorKind::NotFound { Self::usage(what) } else { Self::local(what) }
    }
}

impl fmt::Display for TestnetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for TestnetError {}

impl From<KeyError> for TestnetError {
    fn from(error: KeyError) -> Self {
        Self::local(error.to_string())
    }
}

impl From<RpcError> for TestnetError {
    fn from(error: RpcError) -> Self {
        Self::unreachable(error.to_string()).next(error.next_step())
    }
}
