//! The bench's lines to the network: a client per node, and one ear for what is committed.

use crate::error::TestnetError;
use crate::network::Network;
use landsea_client::api::{OutcomesFilter, OutcomesNotice};
use landsea_client::rpc::{OutcomeStream, RpcClient};
use landsea_types::Height;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A committed height as the bench heard of it.
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) notice: OutcomesNotice,
}

/// The committed height, readable by whoever signs.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeightCell(Arc<AtomicU64>);

impl HeightCell {
    /// The last height heard of.
    pub(crate) fn get(&self) -> Height {
        Height::new(self.0.load(Relaxed))
    }
}

/// Clients of all nodes, and one subscription to outcomes.
pub(crate) struct Link {
    pub(crate) nodes: Vec<Arc<RpcClient>>,
    height: HeightCell,
    heard: mpsc::UnboundedReceiver<Heard>,
    listener: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Link {
    /// Connects to all nodes and listens at one of them.
    ///
    /// # Errors
    /// When a node cannot be reached.
    pub(crate) async fn open(network: &Network) -> Result<Self, TestnetError> {
        let clients = network.nodes.iter().map(|n| RpcClient::new(&n.rpc).map(Arc::new));
        let nodes: Vec<Arc<RpcClient>> = clients.collect::<Result<_, _>>()?;
        let first = nodes.first().expect("a network has at least four nodes");
        let start = first.status().await?.height;
        let stream = first.subscribe_outcomes(&OutcomesFilter { from_height: Some(start.next()) }).await?;
        let height = HeightCell(Arc::new(AtomicU64::new(start.get())));
        let (tell, heard) = mpsc::unbounded_channel();
        let listener = tokio::spawn(listen(stream, tell, height.clone()));
        Ok(Self { nodes, height, heard, listener })
    }

    /// The last height heard of.
    pub(crate) fn height(&self) -> Height {
        self.height.get()
    }

    /// A handle to the last height heard of.
    pub(crate) fn height_cell(&self) -> HeightCell {
        self.height.clone()
    }

    /// The next committed height.
    ///
    /// # Errors
    /// When the node ended the subscription.
    pub(crate) async fn next(&mut self) -> Result<Heard, TestnetError> {
        let gone = || TestnetError::unreachable("the node that tells the outcomes has ended its subscription");
        self.heard.recv().await.ok_or_else(gone)
    }
}

/// Takes the time of each notice before anything else has to wait for it.
async fn listen(mut stream: OutcomeStream, tell: mpsc::UnboundedSender<Heard>, height: HeightCell) {
    while let Ok(Some(notice)) = stream.next().await {
        let at = Instant::now();
        height.0.store(notice.height.get(), Relaxed);
        if tell.send(Heard { at, notice }).is_err() {
            return;
        }
    }
}
