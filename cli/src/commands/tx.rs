//! `tx`: transactions with any operation, as files that pass between the parties.

use super::Ended;
use crate::commitments::Keeper;
use crate::context::Context;
use crate::error::CliError;
use crate::when::When;
use crate::{files, friendly, output, submit};
use clap::Subcommand;
use landsea_client::builder::{Draft, VALID_HEIGHTS};
use landsea_types::{AccountId, ChainId, Transaction};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Commands about transactions.
#[derive(Debug, Subcommand)]
pub(crate) enum TxCommand {
    /// Write a draft with one or more operations
    Build {
        /// Full name of an operation, such as `pledge.create`; repeat --op and --args in pairs
        #[arg(long = "op", value_name = "NAME", required = true)]
        ops: Vec<String>,
        /// JSON file with the operation's arguments; `"@FILE"` in it stands for the JSON of a file beside it
        #[arg(long = "args", value_name = "FILE", required = true)]
        args: Vec<PathBuf>,
        /// New private file for the texts and salts behind commitments, which --args writes as `{"text": "..."}`
        #[arg(long, value_name = "FILE")]
        keep: Option<PathBuf>,
        /// Account that will send it; the caller's when absent
        #[arg(long, value_name = "ID")]
        sender: Option<AccountId>,
        /// Heights for which the transaction stays valid
        #[arg(long, value_name = "HEIGHTS", default_value_t = VALID_HEIGHTS)]
        valid_for: u64,
        /// Where to write the draft
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Sign a consent to a draft's operations as the caller
    Consent {
        /// The draft
        draft: PathBuf,
        /// In which capacity, such as ENTERPRISE
        #[arg(long)]
        role: String,
        /// Only this operation of the draft, counted from 0
        #[arg(long, value_name = "N")]
        index: Option<usize>,
        /// Until when the consent may be used
        #[arg(long, value_name = "TIME", default_value = "+24h")]
        not_after: When,
        /// Where to write the consent
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Attach consents and sign as the sender
    Sign {
        /// The draft
        draft: PathBuf,
        /// Consent file; may be repeated
        #[arg(long = "consent", value_name = "FILE")]
        consents: Vec<PathBuf>,
        /// Where to write the signed transaction, as hex
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Submit a signed transaction and wait for its commit
    Submit {
        /// The signed transaction, as hex
        file: PathBuf,
        /// Return as soon as the node has queued it
        #[arg(long)]
        no_wait: bool,
    },
    /// Show a draft, a consent or a signed transaction
    Show {
        /// The file
        file: PathBuf,
    },
    /// Ask which code a signed transaction would get now
    Simulate {
        /// The signed transaction, as hex
        file: PathBuf,
    },
}

/// What a draft is made of.
struct Parts<'a> {
    ops: &'a [String],
    args: &'a [PathBuf],
    keep: Option<&'a Path>,
    sender: Option<AccountId>,
    valid_for: u64,
}

/// Runs a transaction command.
pub(crate) async fn run(context: &Context, command: &TxCommand) -> Ended {
    match command {
        TxCommand::Build { ops, args, keep, sender, valid_for, out } => {
            let parts = Parts { ops, args, keep: keep.as_deref(), sender: *sender, valid_for: *valid_for };
            build(context, &parts, out).await
        }
        TxCommand::Consent { draft, role, index, not_after, out } => {
            consent(context, draft, role, *index, *not_after, out).await
        }
        TxCommand::Sign { draft, consents, out } => sign(context, draft, consents, out),
        TxCommand::Submit { file, no_wait } => {
            let client = context.client()?;
            let transaction = read_signed(file, &context.chain_id(&client).await?)?;
            submit::send(context, &client, &transaction, *no_wait).await
        }
        TxCommand::Show { file } => show(context, file),
        TxCommand::Simulate { file } => {
            let client = context.client()?;
            let transaction = read_signed(file, &context.chain_id(&client).await?)?;
            submit::simulate(context, &client, &transaction).await
        }
    }
}

async fn build(context: &Context, parts: &Parts<'_>, out: &Path) -> Ended {
    let Parts { ops, args, keep, sender, valid_for } = *parts;
    if ops.len() != args.len() {
        return Err(CliError::usage(format!(
            "{} times --op but {} times --args; they come in pairs",
            ops.len(),
            args.len()
        )));
    }
    let sender = match sender {
        Some(account) => account,
        None => context.identity()?.account,
    };
    let client = context.client()?;
    let status = client.status().await?;
    let mut draft = Draft::new(context.chain_id(&client).await?, sender).valid_for(&status, valid_for);
    let keeper = Keeper::new(keep);
    for (name, path) in ops.iter().zip(args) {
        let value: Value = files::read_json(path, "JSON")?;
        let reading = friendly::Reading { folder: folder_of(path), now: status.block_time, keeper: &keeper };
        draft = draft.operation(reading.operation(name, value).map_err(|e| e.at(path))?);
    }
    keeper.store()?;
    files::write_json(out, &draft)?;
    output::answer(
        &json!({ "draft": out.display().to_string(), "valid_until": draft.valid_until }),
        context.json(),
        &context.names(),
    );
    Ok(ExitCode::SUCCESS)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

async fn consent(
    context: &Context,
    draft: &Path,
    role: &str,
    index: Option<usize>,
    not_after: When,
    out: &Path,
) -> Ended {
    let draft: Draft = read_draft(draft)?;
    check_chain(context, &draft)?;
    let identity = context.identity()?;
    let role = friendly::role(role).map_err(CliError::usage)?;
    let base = match not_after {
        When::At { time } => time,
        // Without a node the own clock is good enough: the term is generous and judged by block time.
        When::After { .. } | When::Before { .. } => match context.client() {
            Ok(client) => client.status().await?.block_time,
            Err(_) => landsea_client::rpc::now(),
        },
    };
    let wanted = index.map_or(0..draft.operations.len(), |n| n..n + 1);
    let request = |n| draft.consent_request(n, identity.account, role, not_after.resolve(base));
    let consents = wanted.map(|n| request(n).map(|r| r.sign(&identity))).collect::<Result<Vec<_>, _>>()?;
    files::write_json(out, &consents)?;
    output::answer(
        &json!({ "consent": out.display().to_string(), "operations": consents.len() }),
        context.json(),
        &context.names(),
    );
    Ok(ExitCode::SUCCESS)
}

fn sign(context: &Context, draft: &Path, consents: &[PathBuf], out: &Path) -> Ended {
    let mut draft: Draft = read_draft(draft)?;
    check_chain(context, &draft)?;
    for path in consents {
        submit::attach_file(&mut draft, path)?;
    }
    let transaction = draft.sign(&context.identity()?)?;
    files::write_text(out, &(hex::encode(transaction.encode()) + "\n"))?;
    let shown = json!({ "signed": out.display().to_string(), "id": transaction.id() });
    output::answer(&shown, context.json(), &context.names());
    Ok(ExitCode::SUCCESS)
}

fn read_draft(path: &Path) -> Result<Draft, CliError> {
    files::read_json(path, "a draft")
}

/// A key must not sign for another chain than the one whose genesis its owner knows.
fn check_chain(context: &Context, draft: &Draft) -> Result<(), CliError> {
    match context.genesis()? {
        Some(genesis) if genesis.chain_id() != draft.chain_id => {
            let what = format!("the draft is for chain {}, the genesis is of {}", draft.chain_id, genesis.chain_id());
            Err(CliError::usage(what))
        }
        _ => Ok(()),
    }
}

fn read_signed(path: &Path, chain: &ChainId) -> Result<Transaction, CliError> {
    let bytes = read_hex(path)?;
    Transaction::decode(&bytes, chain).map_err(|e| CliError::usage(format!("{}: {e}", path.display())))
}

fn read_hex(path: &Path) -> Result<Vec<u8>, CliError> {
    let text = files::read_text(path)?;
    let next = "`landsea tx sign` writes one.";
    hex::decode(text.trim())
        .map_err(|e| CliError::usage(format!("{}: not a signed transaction in hex: {e}", path.display())).next(next))
}

fn show(context: &Context, path: &Path) -> Ended {
    let text = files::read_text(path)?;
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) => shown_transaction(&read_hex(path)?, path)?,
    };
    output::answer(&value, context.json(), &context.names());
    Ok(ExitCode::SUCCESS)
}

fn shown_transaction(bytes: &[u8], path: &Path) -> Result<Value, CliError> {
    let transaction: Transaction =
        borsh::from_slice(bytes).map_err(|e| CliError::usage(format!("{}: not a transaction: {e}", path.display())))?;
    let holds = transaction.public_key.verify(&transaction.sign_bytes(), &transaction.signature);
    Ok(json!({ "id": transaction.id(), "bytes": bytes.len(), "signature_holds": holds, "transaction": transaction }))
}
