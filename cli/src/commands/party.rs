//! `party`: what a branch does about firms, and what a party does about its own keys.

use super::Ended;
use super::fingerprint::no_code;
use crate::commitments::Keeper;
use crate::context::Context;
use crate::error::CliError;
use crate::submit::{self, SubmitArgs};
use crate::when::When;
use crate::{friendly, output};
use clap::{Args, Subcommand};
use landsea_client::paper::{party_request, site_request};
use landsea_client::resolve;
use landsea_client::rpc::RpcClient;
use landsea_types::operation::Operation;
use landsea_types::operation::party::{AddRole, GrantLicence, NewKey, Onboard, Resume, RotateKey, Suspend};
use landsea_types::role::{KeyPurpose, LicenceKind, Roles};
use landsea_types::{AccountId, Hash, Height, PublicKey};
use serde_json::json;
use std::process::ExitCode;

/// Commands about parties.
#[derive(Debug, Subcommand)]
pub(crate) enum PartyCommand {
    /// Register a firm (branch)
    Onboard(OnboardArgs),
    /// Add a role to a party (its branch)
    AddRole {
        /// The party
        party: AccountId,
        /// The role
        #[arg(value_parser = friendly::role)]
        role: landsea_types::role::Role,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Suspend a party (its branch)
    Suspend {
        /// The party
        party: AccountId,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Lift a suspension (its branch)
    Resume {
        /// The party
        party: AccountId,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Replace one of the caller's own keys from a height on
    RotateKey {
        /// Index of the key that ends
        #[arg(long, value_name = "N", default_value_t = 0)]
        old_key: u16,
        /// The new public key
        #[arg(long, value_name = "HEX")]
        new_key: PublicKey,
        /// What the new key signs: SIGN, ATTEST or DISCLOSE
        #[arg(long, default_value = "SIGN", value_parser = friendly::named::<KeyPurpose>)]
        purpose: KeyPurpose,
        /// First height at which the new key signs; ten heights ahead when absent
        #[arg(long, value_name = "HEIGHT")]
        from_height: Option<u64>,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Give a warehouse site, issuing system or supervision licence (its branch)
    GrantLicence {
        /// The party
        party: AccountId,
        /// WAREHOUSE_SITE, ISSUING_SYSTEM or SUPERVISION
        #[arg(long, default_value = "WAREHOUSE_SITE", value_parser = friendly::named::<LicenceKind>)]
        kind: LicenceKind,
        /// Licence number or national code of the site
        #[arg(long, value_name = "CODE")]
        site: String,
        /// When it begins
        #[arg(long, value_name = "TIME", default_value = "+0s")]
        from: When,
        /// When it ends
        #[arg(long, value_name = "TIME", default_value = "+5y")]
        to: When,
        #[command(flatten)]
        send: SubmitArgs,
    },
    /// Find a firm's account by its USCC or LEI (branch)
    Find {
        /// USCC or LEI
        code: String,
    },
}

/// Arguments of `party onboard`.
#[derive(Debug, Args)]
pub(crate) struct OnboardArgs {
    /// USCC or LEI of the firm; committed and fingerprinted, never written to the ledger
    #[arg(long)]
    code: String,
    /// Roles, separated by commas
    #[arg(long, value_delimiter = ',', required = true, value_parser = friendly::role)]
    roles: Vec<landsea_types::role::Role>,
    /// Public key that signs for the firm; may be repeated
    #[arg(long = "public-key", value_name = "HEX", required = true)]
    public_keys: Vec<PublicKey>,
    /// Independence group: 64 hex digits or a text to be committed
    #[arg(long)]
    group: Option<String>,
    /// The code may be shown by opening its commitment
    #[arg(long)]
    institution_public: bool,
    #[command(flatten)]
    send: SubmitArgs,
}

/// Runs a party command.
pub(crate) async fn run(context: &Context, command: &PartyCommand) -> Ended {
    let client = context.client()?;
    let (operation, send) = match command {
        PartyCommand::Find { code } => {
            let account = account_by_code(&client, code).await?;
            output::answer(&json!({ "account": account }), context.json(), &context.names());
            return Ok(ExitCode::SUCCESS);
        }
        PartyCommand::Onboard(args) => (onboard(&client, args).await?, &args.send),
        PartyCommand::AddRole { party, role, send } => {
            let expect_ver = version(&client, party, send).await?;
            (Operation::PartyAddRole(AddRole { party: *party, expect_ver, role: *role }), send)
        }
        PartyCommand::Suspend { party, send } => {
            let expect_ver = version(&client, party, send).await?;
            (Operation::PartySuspend(Suspend { party: *party, expect_ver }), send)
        }
        PartyCommand::Resume { party, send } => {
            let expect_ver = version(&client, party, send).await?;
            (Operation::PartyResume(Resume { party: *party, expect_ver }), send)
        }
        PartyCommand::RotateKey { old_key, new_key, purpose, from_height, send } => {
            let party = context.identity()?.account;
            let expect_ver = version(&client, &party, send).await?;
            let soon = client.status().await?.height.saturating_add(10);
            let from_height = from_height.map_or(soon, Height::new);
            let new_key = NewKey { public_key: *new_key, purpose: *purpose };
            (Operation::PartyRotateKey(RotateKey { party, expect_ver, old_key: *old_key, new_key, from_height }), send)
        }
        PartyCommand::GrantLicence { party, kind, site, from, to, send } => {
            let ticket = client.fingerprint_derive(&site_request(site).map_err(no_code)?).await?.ticket;
            let expect_ver = version(&client, party, send).await?;
            let now = client.status().await?.block_time;
            let (from, to) = (from.resolve(now), to.resolve(now));
            let body =
                GrantLicence { party: *party, expect_ver, kind: *kind, ticket, cells_root: Hash([0; 32]), from, to };
            (Operation::PartyGrantLicence(body), send)
        }
    };
    submit::operation(context, &client, operation, send).await
}

/// The account of a firm by its USCC or LEI.
///
/// # Errors
/// When the code is none, or the ledger knows no such firm.
pub(super) async fn account_by_code(client: &RpcClient, code: &str) -> Result<AccountId, CliError> {
    party_request(code).map_err(no_code)?;
    Ok(resolve::account_by_code(client, code).await?)
}

async fn onboard(client: &RpcClient, args: &OnboardArgs) -> Result<Operation, CliError> {
    let ticket = client.fingerprint_derive(&party_request(&args.code).map_err(no_code)?).await?.ticket;
    let keeper = Keeper::new(args.send.keep.as_deref());
    let kyc = keeper.commit("kyc", &args.code)?;
    let group = args.group.as_deref().map(|text| keeper.commit("group", text)).transpose()?;
    keeper.store()?;
    let key = |public_key: &PublicKey| NewKey { public_key: *public_key, purpose: KeyPurpose::Sign };
    Ok(Operation::PartyOnboard(Onboard {
        roles: Roles::of(&args.roles),
        kyc,
        ticket,
        institution_public: args.institution_public,
        keys: args.public_keys.iter().map(key).collect(),
        group,
    }))
}

async fn version(client: &RpcClient, party: &AccountId, send: &SubmitArgs) -> Result<u32, CliError> {
    if let Some(given) = send.expect_ver {
        return Ok(given);
    }
    let found = client.party(party).await?;
    Ok(found.ok_or_else(|| CliError::refused(format!("the ledger knows no party {party}")))?.public.ver)
}
