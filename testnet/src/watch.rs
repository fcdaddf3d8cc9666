//! Asking nodes how they are.

use crate::error::TestnetError;
use crate::network::{Network, NodeEntry};
use crate::process::{Running, last_words, running};
use landsea_client::api::Status;
use landsea_client::rpc::{RpcClient, RpcError};
use landsea_types::Height;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a node may take to answer how it is.
const STATUS_PATIENCE: Duration = Duration::from_secs(5);
/// How long a network may take to start committing.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// Pause between two questions.
pub(crate) const ASK_AGAIN: Duration = Duration::from_millis(50);

/// What is known of one node.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) node: NodeEntry,
    pub(crate) process: Option<Running>,
    /// `None` when it does not answer.
    pub(crate) status: Option<Status>,
}

/// Asks one node.
pub(crate) async fn status_of(node: &NodeEntry) -> Result<Status, RpcError> {
    let client = RpcClient::new(&node.rpc)?;
    let late = || RpcError::Transport { url: node.rpc.clone(), problem: "no answer in time".into() };
    tokio::time::timeout(STATUS_PATIENCE, client.status()).await.map_err(|_| late())?
}

/// Asks every node that runs, all at once; in member order.
pub(crate) async fn look(network: &Network) -> Vec<Seen> {
    let mut asked = JoinSet::new();
    for node in network.nodes.clone() {
        let process = running(&network.node_dir(&node));
        asked.spawn(async move {
            let status = if process.is_some() { status_of(&node).await.ok() } else { None };
            Seen { node, process, status }
        });
    }
    let mut all = asked.join_all().await;
    all.sort_by_key(|seen| seen.node.member);
    all
}

/// Waits until every node answers and the network commits.
///
/// # Errors
/// When a node ends or the network does not commit in time.
pub(crate) async fn wait_until_committing(network: &Network, resumed: bool) -> Result<Height, TestnetError> {
    let deadline = Instant::now() + START_PATIENCE;
    let mut first = None;
    loop {
        let seen = look(network).await;
        check_alive(network, &seen)?;
        let heights: Vec<Height> = seen.iter().filter_map(|s| s.status.as_ref()).map(|s| s.height).collect();
        if heights.len() == seen.len() {
            let newest = heights.iter().copied().max().unwrap_or_default();
            let start = *first.get_or_insert(newest);
            let wanted = if resumed { start.next() } else { Height::new(1) };
            if newest >= wanted && heights.iter().all(|h| *h >= start.max(Height::new(1))) {
                return Ok(newest);
            }
        }
        if Instant::now() >= deadline {
            return Err(not_committing(network, &seen));
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

/// Waits until one node answers.
///
/// # Errors
/// When it ends or does not answer in time.
pub(crate) async fn wait_until_answering(network: &Network, node: &NodeEntry) -> Result<Status, TestnetError> {
    let deadline = Instant::now() + START_PATIENCE;
    loop {
        let error = match status_of(node).await {
            Ok(status) => return Ok(status),
            Err(error) => error,
        };
        let dir = network.node_dir(node);
        if running(&dir).is_none() {
            return Err(ended(network, node));
        }
        if Instant::now() >= deadline {
            return Err(error.into());
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

fn check_alive(network: &Network, seen: &[Seen]) -> Result<(), TestnetError> {
    match seen.iter().find(|s| s.process.is_none()) {
        Some(gone) => Err(ended(network, &gone.node)),
        None => Ok(()),
    }
}

fn ended(network: &Network, node: &NodeEntry) -> TestnetError {
    let words = last_words(&network.node_dir(node));
    TestnetError::local(format!("node {} has ended by itself. Its last words:\n{words}", node.code)).next(format!(
        "landsea testnet logs {} --dir {}",
        node.code,
        network.dir.display()
    ))
}

fn not_committing(network: &Network, seen: &[Seen]) -> TestnetError {
    let silent: Vec<&str> = seen.iter().filter(|s| s.status.is_none()).map(|s| s.node.code.as_str()).collect();
    let what = if silent.is_empty() { "no block".into() } else { format!("no answer from {}", silent.join(" ")) };
    TestnetError::unreachable(format!("the network does not commit after {} s: {what}", START_PATIENCE.as_secs()))
        .next(format!("landsea testnet status --dir {}", network.dir.display()))
}
