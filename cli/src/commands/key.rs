//! `key`: making and showing key files.

use super::Ended;
use crate::context::Context;
use crate::error::CliError;
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
        #[arg(required_unless_present = "branch")]
        party: Option<AccountId>,
        /// Instead of an account: code of the member whose branch key this is, as the genesis names it
        #[arg(long, value_name = "CODE", conflicts_with = "party")]
        branch: Option<String>,
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
        KeyCommand::Bind { file, party, branch, index } => {
            let mut key = KeyFile::load(file)?;
            let account = match (party, branch) {
                (Some(party), _) => *party,
                (None, branch) => branch_account(context, branch.as_deref().unwrap_or_default(), &key)?,
            };
            (key.account, key.index) = (Some(account), *index);
            key.replace(file)?;
            show(context, file, &key);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The account that a genesis gives to a member's branch.
fn branch_account(context: &Context, code: &str, key: &KeyFile) -> Result<AccountId, CliError> {
    let missing = || CliError::usage("no genesis is named").next("Add --genesis FILE.");
    let genesis = context.genesis()?.ok_or_else(missing)?;
    let unknown = || CliError::usage(format!("the genesis has no member {code:?}"));
    let member = genesis.member_by_code(code).ok_or_else(unknown)?;
    if member.branch_key != key.public() {
        return Err(CliError::usage(format!("the genesis names another branch key for {code}")));
    }
    Ok(member.branch_account())
}

fn show(context: &Context, file: &Path, key: &KeyFile) {
    let value = json!({
        "file": file.display().to_string(), "key_kind": key.kind, "public_key": key.public(), "account": key.account,
        "index": key.index,
    });
    output::answer(&value, context.json(), &context.names());
}
