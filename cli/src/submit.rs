//! From an operation to a committed transaction: consents, signature, submission.

use crate::commands::Ended;
use crate::context::Context;
use crate::error::{CliError, exit};
use crate::{files, friendly, output};
use clap::Args;
use landsea_client::builder::{CONSENT_MS, Draft, VALID_HEIGHTS};
use landsea_client::keys::{KeyFile, KeyKind};
use landsea_client::rpc::RpcClient;
use landsea_types::operation::{OPERATIONS, Operation};
use landsea_types::transaction::Consent;
use landsea_types::{Code, Timestamp, Transaction};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a convenience command sends its operation.
#[derive(Clone, Debug, Args)]
pub(crate) struct SubmitArgs {
    /// Consent file made by another party with `landsea tx consent`; may be repeated
    #[arg(long = "consent", value_name = "FILE", help_heading = "Sending")]
    pub(crate) consents: Vec<PathBuf>,
    /// Sign a party's consent here, with its key file; may be repeated
    #[arg(long = "consent-key", value_name = "ROLE:FILE", help_heading = "Sending")]
    pub(crate) consent_keys: Vec<String>,
    /// Write the draft here for others to consent to, and send nothing
    #[arg(long, value_name = "FILE", help_heading = "Sending")]
    pub(crate) draft: Option<PathBuf>,
    /// Ask which code it would get, and send nothing
    #[arg(long, help_heading = "Sending")]
    pub(crate) simulate: bool,
    /// Return as soon as the node has queued it
    #[arg(long, help_heading = "Sending")]
    pub(crate) no_wait: bool,
    /// Heights for which the transaction stays valid
    #[arg(long, value_name = "HEIGHTS", default_value_t = VALID_HEIGHTS, help_heading = "Sending")]
    pub(crate) valid_for: u64,
    /// Object version to expect, instead of the present one
    #[arg(long, value_name = "VERSION", help_heading = "Sending")]
    pub(crate) expect_ver: Option<u32>,
    /// New private file for the texts and salts behind commitments
    #[arg(long, value_name = "FILE", help_heading = "Sending")]
    pub(crate) keep: Option<PathBuf>,
}

/// Sends one operation as the caller.
///
/// # Errors
/// When it cannot be built or sent; a refusal by the ledger is exit code 1 without an error.
pub(crate) async fn operation(context: &Context, client: &RpcClient, operation: Operation, args: &SubmitArgs) -> Ended {
    let identity = context.identity()?;
    let status = client.status().await?;
    let chain = context.chain_id(client).await?;
    let mut draft = Draft::new(chain, identity.account).operation(operation).valid_for(&status, args.valid_for);
    add_consents(&mut draft, args, status.block_time)?;
    if let Some(path) = &args.draft {
        files::write_json(path, &draft)?;
        output::line(format!("draft written to {}; the parties run `landsea tx consent {0}`", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let transaction = draft.sign(&identity)?;
    if args.simulate {
        simulate(context, client, &transaction).await
    } else {
        send(context, client, &transaction, args.no_wait).await
    }
}

fn add_consents(draft: &mut Draft, args: &SubmitArgs, now: Timestamp) -> Result<(), CliError> {
    for path in &args.consents {
        attach_file(draft, path)?;
    }
    for text in &args.consent_keys {
        let (role, path) = text.split_once(':').ok_or_else(|| {
            CliError::usage(format!("--consent-key {text:?}: expected ROLE:FILE, such as ENTERPRISE:e5.key"))
        })?;
        let role = friendly::role(role).map_err(|e| CliError::usage(format!("--consent-key: {e}")))?;
        let path = Path::new(path);
        let identity = KeyFile::load_kind(path, KeyKind::Ledger)?.identity(path, None)?;
        draft.consent_all(&identity, role, now.saturating_add(CONSENT_MS));
    }
    Ok(())
}

/// Attaches the consents of a file: one, or a list.
///
/// # Errors
/// When the file holds no consent, or one for something else.
pub(crate) fn attach_file(draft: &mut Draft, path: &Path) -> Result<(), CliError> {
    let value: serde_json::Value = files::read_json(path, "a consent file")?;
    let list = if value.is_array() { value } else { serde_json::Value::Array(vec![value]) };
    let consents: Vec<Consent> = serde_json::from_value(list)
        .map_err(|e| CliError::usage(format!("{}: not a consent file: {e}", path.display())))?;
    for consent in consents {
        draft.attach(consent).map_err(|e| CliError::usage(format!("{}: {e}", path.display())))?;
    }
    Ok(())
}

/// Submits a signed transaction and says what became of it.
///
/// # Errors
/// When the node refuses it before it is queued, or cannot be reached.
pub(crate) async fn send(context: &Context, client: &RpcClient, transaction: &Transaction, no_wait: bool) -> Ended {
    if no_wait {
        let submitted = client.submit(transaction).await?;
        output::answer(&submitted, context.json(), &context.names());
        return Ok(ExitCode::SUCCESS);
    }
    let view = client.submit_and_wait(transaction).await?;
    output::outcome(&view, context.json(), &context.names());
    if view.code == Code::ConsentMissing {
        say_who_consents(transaction.ops.get(usize::from(view.operation)));
    }
    Ok(code_exit(view.code))
}

/// Asks which code a transaction would get.
///
/// # Errors
/// As [`send`].
pub(crate) async fn simulate(context: &Context, client: &RpcClient, transaction: &Transaction) -> Ended {
    let simulated = client.simulate(transaction).await?;
    if context.json() {
        output::json_value(&simulated);
    } else {
        output::line(format!("would be {}", simulated.code));
        if simulated.code != Code::Ok {
            output::line(output::explain(simulated.code, &simulated.args, &context.names()));
        }
        output::events(&simulated.events);
    }
    if simulated.code == Code::ConsentMissing {
        transaction.ops.iter().for_each(|operation| say_who_consents(Some(operation)));
    }
    Ok(code_exit(simulated.code))
}

/// The ledger names a missing consent by number; people need to know whose it may be, and how it is given.
fn say_who_consents(operation: Option<&Operation>) {
    let Some(info) = operation.and_then(|op| OPERATIONS.iter().find(|info| info.number == op.number())) else { return };
    let whose = if info.consents.is_empty() { "whoever has a right in the object" } else { info.consents };
    output::note(&format!("{}.{} needs the consent of: {whose}", info.module, info.operation));
    output::note(
        "Write the draft (--draft FILE, or `landsea tx build`), let them run `landsea tx consent FILE --role ROLE --out CONSENT`, \
         and send it with --consent CONSENT.",
    );
}

fn code_exit(code: Code) -> ExitCode {
    if code == Code::Ok { ExitCode::SUCCESS } else { ExitCode::from(exit::REFUSED) }
}
