//! `--strength`: whose word an answer is.

use super::QueryCommand;
use super::goods::GoodsQuery;
use crate::commands::{Ended, certificate};
use crate::context::Context;
use crate::error::CliError;
use clap::{Args, ValueEnum};
use landsea_client::duration::duration_ms;
use landsea_client::rpc::{RpcClient, Strength};
use landsea_types::certificate::Question;

/// What must back an answer.
#[derive(Debug, Args)]
pub(crate) struct StrengthArgs {
    /// What must back the answer
    #[arg(long, global = true, value_enum, default_value_t = StrengthArg::Local)]
    strength: StrengthArg,
    /// With `--strength confirmed`: a further node that must say the same, as CODE=URL or URL; may be repeated. With --dir, all its nodes.
    /// Of nodes named without a code, you must know yourself that different members run them: they say whose they are, and may lie
    #[arg(long = "witness", global = true, value_name = "[CODE=]URL")]
    witnesses: Vec<String>,
    /// With `--strength proven`: largest age of the certificate, such as 10m; an older one is STALE
    #[arg(long, global = true, value_name = "DURATION", value_parser = duration_ms, default_value = "1h")]
    max_age: u64,
}

/// See [`Strength`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StrengthArg {
    /// The word of the node asked
    Local,
    /// The same word of f+1 members' nodes
    Confirmed,
    /// A certificate, verified here; the exit code is the verdict (document --fingerprint, proof, goods-key)
    Proven,
}

impl From<StrengthArg> for Strength {
    fn from(arg: StrengthArg) -> Self {
        match arg {
            StrengthArg::Local => Self::Local,
            StrengthArg::Confirmed => Self::Confirmed,
            StrengthArg::Proven => Self::Proven,
        }
    }
}

/// Whom to ask, and how.
pub(super) enum Backing {
    Answers(RpcClient),
    Proof { client: RpcClient, max_age_ms: u64 },
}

impl StrengthArgs {
    /// The client that gives answers of this strength.
    ///
    /// # Errors
    /// When no node or genesis is named, or there are too few nodes to confirm anything.
    pub(super) fn client(&self, context: &Context) -> Result<Backing, CliError> {
        let client = context.client()?;
        match Strength::from(self.strength) {
            Strength::Local => Ok(Backing::Answers(client)),
            Strength::Proven => Ok(Backing::Proof { client, max_age_ms: self.max_age }),
            Strength::Confirmed => {
                let witnesses = context.witnesses(&client, &self.witnesses)?;
                Ok(Backing::Answers(client.with_witnesses(witnesses, &certificate::genesis(context)?)?))
            }
        }
    }
}

/// Answers with a certificate verified here.
pub(super) async fn prove(context: &Context, client: &RpcClient, max_age_ms: u64, command: &QueryCommand) -> Ended {
    let question = match command {
        QueryCommand::Document(args) => match args.fingerprint {
            Some(fp1) => Question::NotPledged { fp1 },
            None => {
                // Which fingerprint belongs to an id would be the node's word.
                return Err(CliError::usage("a proof is about a document's fingerprint")
                    .next("Name it with --fingerprint FP, or use `landsea certificate get --paper FILE`."));
            }
        },
        QueryCommand::Proof { proof } => Question::ProofLevel { proof: *proof },
        QueryCommand::Goods(GoodsQuery::GoodsKey { key }) => Question::GoodsKeys { keys: vec![*key] },
        _ => {
            return Err(CliError::usage("there is no certificate for this question")
                .next("Use --strength confirmed, or ask for a document, a proof or a goods-key."));
        }
    };
    certificate::proven(context, client, &question, max_age_ms).await
}
