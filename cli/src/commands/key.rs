//! `key`: making and showing key files.

use super::Ended;
use crate::context::Context;
use crate::output;
use clap::{Subcommand, ValueEnum};
use landsea_client::keys::{KeyFile, KeyKind};
use landsea_types::AccountId;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Commands about key files.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a new key in a new file that only its owner may read
    New {
        /// The file to make
        file: PathBuf,
        /// What the key will sign
        #[arg(long, value_enum, default_value_t = KindArg::Ledger)]
        kind: KindArg,
    },
    /// Show kind, public key and account; never the secret
    Show {
        /// The key file
        file: PathBuf,
    },
    /// Print only the public key, for scripts
    ShowPublic {
        /// The key file
        file: PathBuf,
    },
    /// Store in the file whose key it is
    Bind {
        /// The key file
        file: PathBuf,
        /// The party's account
        party: AccountId,
        /// Index of the key in the party's record
        #[arg(long, default_value_t = 0)]
        index: u16,
    },
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KindArg {
    /// Transactions, consents and tokens of a party
    Ledger,
    /// Votes and tickets of a member's node
    Validator,
    /// The node's identity towards its peers
    Network,
}

impl From<KindArg> for KeyKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Ledger => KeyKind::Ledger,
            KindArg::Validator => KeyKind::Validator,
            KindArg::Network => KeyKind::Network,
        }
    }
}

/// Runs a key command.
pub(crate) fn run(context: &Context, command: &KeyCommand) -> Ended {
    match command {
        KeyCommand::New { file, kind } => {
            let key = KeyFile::generate((*kind).into());
            key.create(file)?;
            show(context, file, &key);
        }
        KeyCommand::Show { file } => show(context, file, &KeyFile::load(file)?),
        KeyCommand::ShowPublic { file } => output::line(KeyFile::load(file)?.public().to_string()),
        KeyCommand::Bind { file, party, index } => {
            let mut key = KeyFile::load(file)?;
            (key.account, key.index) = (Some(*party), *index);
            key.replace(file)?;
            show(context, file, &key);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(context: &Context, file: &Path, key: &KeyFile) {
    let value = json!({
        "file": file.display().to_string(), "key_kind": key.kind, "public_key": key.public(), "account": key.account,
        "index": key.index,
    });
    output::answer(&value, context.json(), &context.names());
}
