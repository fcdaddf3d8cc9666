//! Key files: one Ed25519 key each, as JSON that only its owner may read.
//!
//! Invariants:
//! - a key file is created with mode 0600 and never overwritten;
//! - a file that group or others may read is refused, because its key must be taken as known;
//! - the secret half is never printed, neither by `Debug` nor in an error.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use landsea_types::ids::parse_hex32;
use landsea_types::{AccountId, PublicKey, SecretKey};
use serde::{Deserialize, Serialize};

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Transactions, consents and tokens of a party or branch.
    Ledger,
    /// Votes, batches and tickets of a member's node.
    Validator,
    /// The node's identity towards its peers.
    Network,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyKind::Ledger => "ledger",
            KeyKind::Validator => "validator",
            KeyKind::Network => "network",
        })
    }
}

/// Why a key file cannot be written or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("key file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is already there; a key is never overwritten.
    #[error("{} exists already and is not overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read the file.
    #[error("key file {} may be read by others (mode {mode:04o}); run `chmod 600 {}`", path.display(), path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The content is not a key file.
    #[error("{} is not a key file: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without any part of the key.
        problem: String,
    },
    /// The key is meant for something else.
    #[error("key file {} holds a {found} key, a {wanted} key is needed", path.display())]
    WrongKind {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: KeyKind,
        /// What was asked for.
        wanted: KeyKind,
    },
    /// The file does not say whose key it is.
    #[error("key file {} names no account; name it with --account, or store it with `landsea key bind`", path.display())]
    NoAccount {
        /// The file.
        path: PathBuf,
    },
}

/// A key with its purpose and, once the party is onboarded, its account.
#[derive(Clone)]
pub struct KeyFile {
    /// What the key signs.
    pub kind: KeyKind,
    /// The key.
    pub secret: SecretKey,
    /// The party whose key it is, once known.
    pub account: Option<AccountId>,
    /// Index of the key in the party's record.
    pub index: u16,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile")
            .field("kind", &self.kind)
            .field("public_key", &self.secret.public())
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Who acts: an account with the key that signs for it.
#[derive(Clone)]
pub struct Identity {
    /// The party.
    pub account: AccountId,
    /// Index of the key in the party's record.
    pub key: u16,
    /// The key.
    pub secret: SecretKey,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("account", &self.account).field("key", &self.key).finish_non_exhaustive()
    }
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    kind: KeyKind,
    public_key: PublicKey,
    secret_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    #[serde(default, skip_serializing_if = "is_zero")]
    index: u16,
}

fn is_zero(index: &u16) -> bool {
    *index == 0
}

impl KeyFile {
    /// Makes a new key from the operating system's randomness.
    pub fn generate(kind: KeyKind) -> Self {
        Self::from_secret(kind, SecretKey::from_seed(crate::random::bytes32()))
    }

    /// Wraps a key that exists already, such as one derived from a test network's seed.
    pub fn from_secret(kind: KeyKind, secret: SecretKey) -> Self {
        Self { kind, secret, account: None, index: 0 }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        self.secret.public()
    }

    /// Writes a new file with mode 0600.
    ///
    /// # Errors
    /// [`KeyError::Exists`] when the file is there already; [`KeyError::Io`].
    pub fn create(&self, path: &Path) -> Result<(), KeyError> {
        write_private(path, &self.to_json())
    }

    /// Replaces an existing file in one step, for storing the account.
    ///
    /// # Errors
    /// As [`KeyFile::create`], about the temporary file beside it.
    pub fn replace(&self, path: &Path) -> Result<(), KeyError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        self.create(&beside)?;
        std::fs::rename(&beside, path).map_err(|source| KeyError::Io { path: path.into(), source })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`KeyError::Exposed`] when others may read it; [`KeyError::Malformed`] when it is not a key file or its halves do not
    /// belong together; [`KeyError::Io`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io { path: path.into(), source };
        check_mode(path)?;
        let text = std::fs::read_to_string(path).map_err(io)?;
        Self::from_json(&text).map_err(|problem| KeyError::Malformed { path: path.into(), problem })
    }

    /// Reads a file that must hold a key of the given kind.
    ///
    /// # Errors
    /// As [`KeyFile::load`], and [`KeyError::WrongKind`].
    pub fn load_kind(path: &Path, wanted: KeyKind) -> Result<Self, KeyError> {
        let key = Self::load(path)?;
        if key.kind == wanted {
            return Ok(key);
        }
        Err(KeyError::WrongKind { path: path.into(), found: key.kind, wanted })
    }

    /// The identity that the file stands for; `account` overrides the one it names.
    ///
    /// # Errors
    /// [`KeyError::NoAccount`] when neither names one.
    pub fn identity(&self, path: &Path, account: Option<AccountId>) -> Result<Identity, KeyError> {
        let account = account.or(self.account).ok_or(KeyError::NoAccount { path: path.into() })?;
        Ok(Identity { account, key: self.index, secret: self.secret.clone() })
    }

    fn to_json(&self) -> String {
        let stored = Stored {
            kind: self.kind,
            public_key: self.public(),
            secret_key: hex::encode(self.secret.to_seed()),
            account: self.account,
            index: self.index,
        };
        serde_json::to_string_pretty(&stored).expect("a key file has only string keys") + "\n"
    }

    fn from_json(text: &str) -> Result<Self, String> {
        // The parser's own message could quote the secret, so only the place is passed on.
        let stored: Stored =
            serde_json::from_str(text).map_err(|e| format!("line {} column {}", e.line(), e.column()))?;
        let seed = parse_hex32(&stored.secret_key).map_err(|_| "secret_key is not 64 hex digits".to_owned())?;
        let secret = SecretKey::from_seed(seed);
        if secret.public() != stored.public_key {
            return Err("public_key does not belong to secret_key".into());
        }
        Ok(Self { kind: stored.kind, secret, account: stored.account, index: stored.index })
    }
}

/// Writes a new file with mode 0600: keys, salts, commitments.
///
/// # Errors
/// [`KeyError::Exists`] when the file is there already; [`KeyError::Io`].
pub fn write_private(path: &Path, text: &str) -> Result<(), KeyError> {
    let mut file = open_new(path)?;
    let io = |source| KeyError::Io { path: path.into(), source };
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
}

#[cfg(unix)]
fn open_new(path: &Path) -> Result<std::fs::File, KeyError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.into() },
        _ => KeyError::Io { path: path.into(), source },
    })
}

#[cfg(not(unix))]
fn open_new(path: &Path) -> Result<std::fs::File, KeyError> {
    std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.into() },
        _ => KeyError::Io { path: path.into(), source },
    })
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = std::fs::metadata(path).map_err(|source| KeyError::Io { path: path.into(), source })?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::Exposed { path: path.into(), mode }) }
}

#[cfg(not(unix))]
fn check_mode(_path: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("landsea-keys-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        folder
    }

    #[test]
    fn a_key_file_is_private_and_reads_back() {
        let folder = folder("roundtrip");
        let path = folder.join("bank.key");
        let mut key = KeyFile::generate(KeyKind::Ledger);
        key.create(&path).expect("a new file");
        assert!(matches!(key.create(&path), Err(KeyError::Exists { .. })));
        key.account = Some(AccountId([9; 32]));
        key.index = 2;
        key.replace(&path).expect("replaced");
        let read = KeyFile::load_kind(&path, KeyKind::Ledger).expect("reads back");
        assert_eq!((read.public(), read.account, read.index), (key.public(), key.account, 2));
        assert!(matches!(KeyFile::load_kind(&path, KeyKind::Validator), Err(KeyError::WrongKind { .. })));
        let _ = std::fs::remove_dir_all(folder);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder("exposed");
        let path = folder.join("bank.key");
        KeyFile::generate(KeyKind::Ledger).create(&path).expect("a new file");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("own file");
        assert!(matches!(KeyFile::load(&path), Err(KeyError::Exposed { mode: 0o644, .. })));
        let _ = std::fs::remove_dir_all(folder);
    }

    #[test]
    fn no_message_shows_the_secret() {
        let key = KeyFile::generate(KeyKind::Ledger);
        let secret = hex::encode(key.secret.to_seed());
        assert!(!format!("{key:?}").contains(&secret));
        let broken = key.to_json().replace("\"kind\"", "\"kinds\"");
        assert!(!KeyFile::from_json(&broken).expect_err("an unknown field").contains(&secret));
        let swapped = key.to_json().replace(&key.public().to_string(), &"0".repeat(64));
        let problem = KeyFile::from_json(&swapped).expect_err("another public key");
        assert!(problem.contains("does not belong") && !problem.contains(&secret));
    }
}
