//! Errors as people meet them: what was wrong, where, what to run next, and the exit code.

use landsea_client::builder::BuildError;
use landsea_client::keys::KeyError;
use landsea_client::paper::PaperError;
use landsea_client::resolve::ResolveError;
use landsea_client::rpc::RpcError;
use std::fmt;
use std::path::Path;

/// Exit codes; `docs/exit-codes.md` explains them. Certificate verdicts have their own.
pub(crate) mod exit {
    /// The ledger refused, or an expectation did not hold.
    pub(crate) const REFUSED: u8 = 1;
    /// The command line or an input file is wrong.
    pub(crate) const USAGE: u8 = 2;
    /// The node cannot be reached or does not answer in time.
    pub(crate) const UNREACHABLE: u8 = 3;
    /// Something on this computer failed.
    pub(crate) const LOCAL: u8 = 4;
    /// A node's certificate proves nothing about what was asked.
    pub(crate) const INVALID: u8 = 20;
    /// Ctrl-C before the end; the same command goes on.
    pub(crate) const INTERRUPTED: u8 = 130;
}

/// A failure that ends the command.
#[derive(Debug)]
pub(crate) struct CliError {
    /// The process's exit code.
    pub(crate) exit: u8,
    /// What was wrong and where.
    pub(crate) what: String,
    /// What to do next.
    pub(crate) next: Option<String>,
    /// Whether the node wants to know who asks.
    needs_key: bool,
}

impl CliError {
    /// A failure with one of the codes of [`exit`].
    pub(crate) fn new(exit: u8, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), next: None, needs_key: false }
    }

    /// The command line or an input file is wrong.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(exit::USAGE, what)
    }

    /// Something on this computer failed.
    pub(crate) fn local(what: impl Into<String>) -> Self {
        Self::new(exit::LOCAL, what)
    }

    /// The ledger refused, or does not know what was named.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::new(exit::REFUSED, what)
    }

    /// Says what to do next.
    #[must_use]
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Says in which file it is wrong.
    #[must_use]
    pub(crate) fn at(mut self, path: &Path) -> Self {
        self.what = format!("{}: {}", path.display(), self.what);
        self
    }

    /// The same, when nobody was named as the one who asks: then a question for parties only is a wrong command line.
    #[must_use]
    pub(crate) fn asked_by_nobody(self) -> Self {
        match self.needs_key {
            true => Self::usage("only a party may ask this, and no key is named")
                .next("Name the party's key with --key FILE; `landsea key new` makes one."),
            false => self,
        }
    }

    /// A file that could not be read or written.
    pub(crate) fn file(path: &Path, source: &std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::AlreadyExists => {
                Self::usage(format!("{}: {source}", path.display()))
            }
            _ => Self::local(format!("{}: {source}", path.display())),
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<RpcError> for CliError {
    fn from(error: RpcError) -> Self {
        let exit = match &error {
            RpcError::Refused { .. }
            | RpcError::Unauthenticated { .. }
            | RpcError::Forbidden { .. }
            | RpcError::Height { .. } => exit::REFUSED,
            RpcError::Busy { .. }
            | RpcError::QuotaExceeded { .. }
            | RpcError::WaitTimeout { .. }
            | RpcError::Unconfirmed { .. }
            | RpcError::Transport { .. } => exit::UNREACHABLE,
            RpcError::Tls { .. } | RpcError::OtherMember { .. } => exit::USAGE,
            RpcError::OtherAnswer { .. } => exit::INVALID,
            RpcError::Protocol { .. } => exit::LOCAL,
        };
        let needs_key = matches!(error, RpcError::Unauthenticated { .. });
        Self { needs_key, ..Self::new(exit, error.to_string()).next(error.next_step()) }
    }
}

impl From<KeyError> for CliError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Io { path, source } => Self::file(&path, &source),
            exists @ KeyError::Exists { .. } => {
                Self::usage(exists.to_string()).next("Name a new file, or move this one away if nothing needs it.")
            }
            other => Self::usage(other.to_string()),
        }
    }
}

impl From<PaperError> for CliError {
    fn from(error: PaperError) -> Self {
        Self::usage(error.to_string())
            .next("Correct the document file; `landsea fingerprint normalise FILE` shows how it is read.")
    }
}

impl From<BuildError> for CliError {
    fn from(error: BuildError) -> Self {
        Self::usage(error.to_string()).next("`landsea tx show FILE` shows what the draft holds.")
    }
}

impl From<ResolveError> for CliError {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Paper(e) => e.into(),
            ResolveError::Rpc(e) => e.into(),
            ResolveError::Unknown { .. } => Self::refused(error.to_string()),
        }
    }
}

impl From<landsea_testnet::TestnetError> for CliError {
    fn from(error: landsea_testnet::TestnetError) -> Self {
        Self { next: error.next, ..Self::new(error.exit, error.what) }
    }
}
