//! `query`: asking a node, as anybody or as the party named by `--key`.

mod goods;
mod strength;

use super::Ended;
use crate::context::Context;
use crate::error::CliError;
use crate::output;
use clap::{Args, Subcommand};
use landsea_client::api::{DocumentRequest, EventCursor, EventFilter, EventNotice, Status};
use landsea_client::paper::Paper;
use landsea_client::resolve;
use landsea_client::rpc::RpcClient;
use landsea_types::consensus::Validator;
use landsea_types::event::EventName;
use landsea_types::{AccountId, DocId, Fp, Hash, Height, OfferId, PledgeId, ProofId, TxId};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is asked, and what must back the answer.
#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    #[command(flatten)]
    strength: strength::StrengthArgs,
    #[command(subcommand)]
    command: QueryCommand,
}

/// Questions to a node.
#[derive(Debug, Subcommand)]
pub(crate) enum QueryCommand {
    /// A document by id, fingerprint or paper
    Document(DocumentArgs),
    /// A document's endorsement chain
    Chain {
        /// The document
        doc: DocId,
    },
    /// Documents that a party holds (the holder or a branch)
    Holder {
        /// The party; the caller when absent
        holder: Option<AccountId>,
        #[command(flatten)]
        page: Page<DocId>,
    },
    /// What a split made of a document (its own actors and branches)
    Children {
        /// The document
        doc: DocId,
    },
    /// Lots, cells, what lies on them, and where the goods are
    #[command(flatten)]
    Goods(goods::GoodsQuery),
    /// A pledge
    Pledge {
        /// The pledge
        pledge: PledgeId,
    },
    /// A bank's pledges (the bank or a branch)
    Pledges {
        /// The bank; the caller when absent
        bank: Option<AccountId>,
        #[command(flatten)]
        page: Page<PledgeId>,
    },
    /// A party by account, or by USCC or LEI (branches)
    Party {
        /// The account
        #[arg(required_unless_present = "code")]
        party: Option<AccountId>,
        /// USCC or LEI
        #[arg(long, conflicts_with = "party")]
        code: Option<String>,
    },
    /// An offered pledge
    Offer {
        /// The offer
        offer: OfferId,
    },
    /// Who may act for a party: all for the party and branches, for others what they may do themselves
    Delegations {
        /// The party; the caller when absent
        party: Option<AccountId>,
    },
    /// How far a piece of evidence is used, by its fingerprint
    UseMark {
        /// The fingerprint of the evidence, as in its ticket
        evidence: Fp,
    },
    /// A trade-authenticity case
    Proof {
        /// The case
        proof: ProofId,
    },
    /// A committed transaction with its outcome
    Transaction {
        /// The transaction
        id: TxId,
    },
    /// A block with its commit certificate
    Block {
        /// The height; the newest when absent
        height: Option<u64>,
    },
    /// A block's header
    Header {
        /// The height; the newest when absent
        height: Option<u64>,
    },
    /// Who decides at a height
    Validators {
        /// The height; the next one when absent
        height: Option<u64>,
    },
    /// The parameters in force
    Params,
    /// Where a transaction sent now would stand at the earliest
    Priority,
    /// How the node is
    Status,
    /// The attempt journal: entries for branches concerned, the count for others
    Attempts {
        #[command(flatten)]
        page: Page<u64>,
    },
    /// Evidence of equivocation (branches)
    Evidence,
    /// Follow events as they are committed
    Events(EventArgs),
}

/// How a document is named.
#[derive(Debug, Args)]
pub(crate) struct DocumentArgs {
    /// The document's id
    #[arg(required_unless_present_any = ["fingerprint", "paper"])]
    doc: Option<DocId>,
    /// Its fingerprint
    #[arg(long, value_name = "FP", conflicts_with = "doc")]
    fingerprint: Option<Fp>,
    /// The paper in hand as JSON; asked at the caller's own branch
    #[arg(long, value_name = "FILE", conflicts_with_all = ["doc", "fingerprint"])]
    paper: Option<PathBuf>,
}

/// Which part of a long list.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Page<T: Clone + Send + Sync + 'static + std::str::FromStr>
where
    T::Err: std::fmt::Display + Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Go on after this entry
    #[arg(long)]
    after: Option<T>,
    /// At most so many entries
    #[arg(long)]
    limit: Option<usize>,
}

/// Which events.
#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    /// Only events of this name, such as DoublePledgeAttempt; may be repeated
    #[arg(long = "name", value_name = "NAME", value_parser = event_name)]
    names: Vec<EventName>,
    /// Only events about this object; may be repeated
    #[arg(long = "subject", value_name = "ID")]
    subjects: Vec<Hash>,
    /// Only events that concern this member, by code or index; may be repeated
    #[arg(long = "member", value_name = "CODE")]
    members: Vec<String>,
    /// First height to report; the next one when absent
    #[arg(long, value_name = "HEIGHT")]
    from_height: Option<u64>,
    /// Go on after this event, named as in the output: HEIGHT/INDEX
    #[arg(long, value_name = "PLACE", value_parser = place, conflicts_with = "from_height")]
    after: Option<EventCursor>,
    /// End after so many events
    #[arg(long, value_name = "N")]
    count: Option<u64>,
}

/// The cursor behind an event.
fn place(text: &str) -> Result<EventCursor, String> {
    let parts =
        text.split_once('/').and_then(|(height, index)| Some((height.parse().ok()?, index.parse::<u32>().ok()?)));
    let (height, index) = parts.ok_or("expected HEIGHT/INDEX, such as 120/3")?;
    Ok(EventCursor { height: Height::new(height), index: index.saturating_add(1) })
}

fn event_name(text: &str) -> Result<EventName, String> {
    EventName::from_name(text).ok_or_else(|| {
        let known: Vec<&str> = EventName::ALL.iter().map(|name| name.as_str()).collect();
        format!("unknown event; there are {}", known.join(" "))
    })
}

/// Runs a query.
pub(crate) async fn run(context: &Context, args: &QueryArgs) -> Ended {
    let command = &args.command;
    let client = match args.strength.client(context)? {
        strength::Backing::Answers(client) => client,
        strength::Backing::Proof { client, max_age_ms } => {
            return strength::prove(context, &client, max_age_ms, command).await;
        }
    };
    match command {
        QueryCommand::Document(args) => document(context, &client, args).await,
        QueryCommand::Chain { doc } => of_doc(context, &client, doc, &client.chain(doc).await?).await,
        QueryCommand::Holder { holder, page } => {
            let holder = caller_or(context, *holder)?;
            list(context, &client.documents_by_holder(&holder, page.after, page.limit).await?)
        }
        QueryCommand::Children { doc } => of_doc(context, &client, doc, &client.children(doc).await?).await,
        QueryCommand::Goods(query) => goods::run(context, &client, query).await,
        QueryCommand::Pledge { pledge } => found(context, client.pledge(pledge).await?, "pledge", pledge),
        QueryCommand::Pledges { bank, page } => {
            let bank = caller_or(context, *bank)?;
            list(context, &client.pledges_by_party(&bank, page.after, page.limit).await?)
        }
        QueryCommand::Party { party, code } => party_of(context, &client, *party, code.as_deref()).await,
        QueryCommand::Offer { offer } => found(context, client.offer(offer).await?, "offer", offer),
        QueryCommand::Delegations { party } => list(context, &client.delegations(&caller_or(context, *party)?).await?),
        QueryCommand::UseMark { evidence } => {
            found(context, client.use_mark(evidence).await?, "use of the evidence", evidence)
        }
        QueryCommand::Proof { proof } => found(context, client.proof(proof).await?, "case", proof),
        QueryCommand::Transaction { id } => transaction(context, &client, id).await,
        QueryCommand::Evidence => list(context, &client.evidence().await?),
        QueryCommand::Events(args) => events(context, &client, args).await,
        chain => of_chain(context, &client, chain).await,
    }
}

/// Questions about the chain itself.
async fn of_chain(context: &Context, client: &RpcClient, command: &QueryCommand) -> Ended {
    match command {
        QueryCommand::Block { height } => {
            let height = at(client, *height).await?;
            found(context, client.block(height).await?, "block at height", &height)
        }
        QueryCommand::Header { height } => {
            let height = at(client, *height).await?;
            found(context, client.header(height).await?, "header at height", &height)
        }
        QueryCommand::Validators { height } => {
            let height = match height {
                Some(height) => Height::new(*height),
                None => client.status().await?.height.next(),
            };
            validators(context, &client.validators(height).await?)
        }
        QueryCommand::Priority => show(context, &client.estimate_priority().await?),
        QueryCommand::Params => show(context, &client.params().await?),
        QueryCommand::Attempts { page } => show(context, &client.attempts(page.after, page.limit).await?),
        _ => status(context, &client.status().await?),
    }
}

async fn at(client: &RpcClient, height: Option<u64>) -> Result<Height, CliError> {
    match height {
        Some(height) => Ok(Height::new(height)),
        None => Ok(client.status().await?.height),
    }
}

fn caller_or(context: &Context, account: Option<AccountId>) -> Result<AccountId, CliError> {
    account.map_or_else(|| Ok(context.identity()?.account), Ok)
}

fn show(context: &Context, value: &impl Serialize) -> Ended {
    output::answer(value, context.json(), &context.names());
    Ok(ExitCode::SUCCESS)
}

/// Shows a list; one without entries is said to be empty, beside the answer.
fn list<T: Serialize>(context: &Context, entries: &[T]) -> Ended {
    if entries.is_empty() && !context.json() {
        output::note("there are none");
    }
    show(context, &entries)
}

/// Shows a list about a document: one without entries could also mean that there is no such document.
async fn of_doc<T: Serialize>(context: &Context, client: &RpcClient, doc: &DocId, entries: &[T]) -> Ended {
    if entries.is_empty() {
        let request = DocumentRequest { doc: Some(*doc), fingerprint: None };
        known(client.document(&request).await?.is_some(), "document", doc)?;
    }
    list(context, entries)
}

/// # Errors
/// When the ledger does not know what was named.
fn known(is_known: bool, what: &str, id: &impl std::fmt::Display) -> Result<(), CliError> {
    match is_known {
        true => Ok(()),
        false => Err(CliError::refused(format!("the ledger knows no {what} {id}"))),
    }
}

fn found<T: Serialize>(context: &Context, value: Option<T>, what: &str, id: &impl std::fmt::Display) -> Ended {
    match value {
        Some(value) => show(context, &value),
        None => Err(CliError::refused(format!("the ledger knows no {what} {id}"))),
    }
}

async fn document(context: &Context, client: &RpcClient, args: &DocumentArgs) -> Ended {
    if let Some(path) = &args.paper {
        return show(context, &resolve::document_by_paper(client, &Paper::load(path)?).await?.0);
    }
    let request = DocumentRequest { doc: args.doc, fingerprint: args.fingerprint };
    let named = args.doc.map(|doc| doc.to_string()).or(args.fingerprint.map(|fp| fp.to_string()));
    found(context, client.document(&request).await?, "document", &named.unwrap_or_default())
}

async fn party_of(context: &Context, client: &RpcClient, party: Option<AccountId>, code: Option<&str>) -> Ended {
    let party = match (party, code) {
        (Some(party), _) => party,
        (None, Some(code)) => super::party::account_by_code(client, code).await?,
        (None, None) => return Err(CliError::usage("name a party or --code CODE")),
    };
    found(context, client.party(&party).await?, "party", &party)
}

async fn transaction(context: &Context, client: &RpcClient, id: &TxId) -> Ended {
    let unknown = || {
        CliError::refused(format!("transaction {id} is not committed"))
            .next("It may still be queued, or its validity has passed; sending the same bytes again is safe.")
    };
    let view = client.transaction(id).await?.ok_or_else(unknown)?;
    output::outcome(&view, context.json(), &context.names());
    Ok(ExitCode::SUCCESS)
}

fn validators(context: &Context, list: &[Validator]) -> Ended {
    if context.json() {
        return show(context, &list);
    }
    let names = context.names();
    let mut table = output::table(&["member", "public key"]);
    for seat in list {
        table.add_row([names.member(seat.member), seat.public_key.to_string()]);
    }
    output::print_table(&table);
    Ok(ExitCode::SUCCESS)
}

fn status(context: &Context, status: &Status) -> Ended {
    if context.json() {
        return show(context, status);
    }
    let names = context.names();
    let connected = status.peers.iter().filter(|peer| peer.connected).count();
    let rows = [
        ("member", names.member(status.member)),
        ("chain", status.chain_id.to_string()),
        ("height", status.height.to_string()),
        ("block time", crate::when::text(status.block_time)),
        ("state root", status.state_root.to_string()),
        ("round", format!("{} {}", status.round, status.step)),
        ("voting", if status.voting { "yes".into() } else { "no, it observes".into() }),
        ("peers", format!("{connected} of {} connected", status.peers.len())),
        ("queue", format!("{} transactions", status.mempool_transactions)),
        ("memory", format!("{} MiB", status.memory_bytes / (1024 * 1024))),
        ("CPU time", format!("{} ms", status.cpu_ms)),
        ("version", status.version.clone()),
    ];
    let mut table = output::table(&[]);
    for (name, text) in rows {
        table.add_row([name.to_owned(), text]);
    }
    output::print_table(&table);
    let away: Vec<String> = status.peers.iter().filter(|p| !p.connected).map(|p| names.member(p.member)).collect();
    if !away.is_empty() {
        output::line(format!("not connected: {}", away.join(", ")));
    }
    Ok(ExitCode::SUCCESS)
}

async fn events(context: &Context, client: &RpcClient, args: &EventArgs) -> Ended {
    let names = context.names();
    let filter = EventFilter {
        names: args.names.clone(),
        subjects: args.subjects.clone(),
        members: args.members.iter().map(|member| names.find(member)).collect::<Result<_, _>>()?,
        from_height: args.from_height.map(Height::new),
        from: args.after,
    };
    let mut stream = client.subscribe_events(&filter).await?;
    let mut left = args.count.unwrap_or(u64::MAX);
    while left > 0 {
        let Some(notice) = stream.next().await? else {
            return Err(CliError::new(crate::error::exit::UNREACHABLE, "the node ended the subscription")
                .next("Subscribe again with --after and the place of the last event, such as 120/3."));
        };
        print_notice(context, &notice);
        left -= 1;
        if left > 0 && output::is_lost() {
            return Ok(ExitCode::from(crate::error::exit::LOCAL));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_notice(context: &Context, notice: &EventNotice) {
    if context.json() {
        return output::line(serde_json::to_string(notice).expect("only string keys"));
    }
    let EventNotice { height, index, event, .. } = notice;
    let args = crate::events::spelled(event);
    output::line(format!("{height}/{index}  {}  {}  {args}", event.name.as_str(), event.subject));
}
