//! The RPC server: JSON-RPC 2.0 over HTTP and WebSocket, with `/health`, `/ready`, `/metrics` and `/openrpc.json` beside it.
//!
//! Everything is answered from snapshots of committed state; the replica's thread is only handed transactions. What a caller may
//! see depends on who asks: see [`visibility`].

mod auth;
mod certificates;
mod console;
mod derive;
mod errors;
mod explained;
mod http;
mod methods;
mod openrpc;
mod read;
mod submit;
mod subscribe;
mod visibility;

use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::replica::SubmittedTransaction;
use crate::shell::{RunError, Setup};
use crate::verified::Verified;
use derive::RateLimiter;
use jsonrpsee::server::middleware::rpc::RpcServiceBuilder;
use jsonrpsee::server::{BatchRequestConfig, PingConfig, ServerConfig, ServerHandle};
use landsea_p2p::Network;
use landsea_storage::{Reader, Snapshot};
use landsea_types::bounds::{SUBMIT_BATCH_BYTES_MAX, SUBMIT_BATCH_TRANSACTIONS_MAX};
use landsea_types::genesis::{Genesis, GenesisMember};
use landsea_types::{ChainId, SecretKey};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// Largest request body: a batch of transactions as hex, with room for quotes and the envelope.
const REQUEST_BYTES_MAX: u32 = 2 * SUBMIT_BATCH_BYTES_MAX as u32 + 4 * SUBMIT_BATCH_TRANSACTIONS_MAX as u32 + 4_096;
/// Largest answer: a block's ids or a page of events.
const RESPONSE_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Calls in one JSON-RPC batch.
const CALLS_PER_BATCH_MAX: u32 = 64;
/// Subscriptions of one connection.
const SUBSCRIPTIONS_MAX: u32 = 16;

/// What every method can reach.
pub(crate) struct Context {
    pub(crate) chain: ChainId,
    pub(crate) genesis: Genesis,
    pub(crate) member: GenesisMember,
    pub(crate) validator_key: SecretKey,
    pub(crate) fingerprint_key: [u8; 32],
    pub(crate) reader: Arc<dyn Reader>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) network: Network,
    pub(crate) submissions: mpsc::Sender<SubmittedTransaction>,
    pub(crate) verified: Arc<Verified>,
    pub(crate) derives: Mutex<RateLimiter>,
}

impl Context {
    pub(crate) fn snapshot(&self) -> Box<dyn Snapshot> {
        self.reader.snapshot()
    }
}

/// A WebSocket client that is gone without a word must not hold its connection for ever; a starved one gets its time.
fn pings() -> PingConfig {
    PingConfig::new().ping_interval(Duration::from_secs(30)).inactive_limit(Duration::from_secs(90)).max_failures(2)
}

/// A running server.
pub(crate) struct Server {
    handle: ServerHandle,
}

impl Server {
    pub(crate) async fn start(
        setup: Setup,
        reader: Arc<dyn Reader>,
        hub: Arc<Hub>,
        metrics: Arc<Metrics>,
        network: Network,
        submissions: mpsc::Sender<SubmittedTransaction>,
        verified: Arc<Verified>,
    ) -> Result<Self, RunError> {
        let address = setup.config.rpc_listen;
        let fail = |problem: String| RunError::Rpc { address, problem };
        let limits = setup.config.limits.clone();
        let context = Arc::new(Context {
            chain: setup.genesis.chain_id(),
            genesis: setup.genesis,
            member: setup.member,
            validator_key: setup.validator_key,
            fingerprint_key: setup.fingerprint_key,
            reader,
            hub,
            metrics,
            network,
            submissions,
            verified,
            derives: Mutex::new(RateLimiter::new(limits.derives_per_minute)),
        });
        let config = ServerConfig::builder()
            .max_connections(limits.rpc_connections)
            .max_request_body_size(REQUEST_BYTES_MAX)
            .max_response_body_size(RESPONSE_BYTES_MAX)
            .max_subscriptions_per_connection(SUBSCRIPTIONS_MAX)
            .set_batch_request_config(BatchRequestConfig::Limit(CALLS_PER_BATCH_MAX))
            .set_message_buffer_capacity(256)
            .enable_ws_ping(pings())
            .build();
        let edge = http::EdgeLayer::new(Arc::clone(&context));
        let server = jsonrpsee::server::Server::builder()
            .set_config(config)
            .set_http_middleware(tower::ServiceBuilder::new().layer(edge))
            .set_rpc_middleware(RpcServiceBuilder::new().layer_fn(explained::Explained::new))
            .build(address)
            .await
            .map_err(|e| fail(format!("{e}; is another node running on this port?")))?;
        let bound = server.local_addr().map_err(|e| fail(e.to_string()))?;
        let module = methods::module(context).map_err(|e| fail(e.to_string()))?;
        let handle = server.start(module);
        tracing::info!(address = %bound, "RPC server listens");
        Ok(Self { handle })
    }

    pub(crate) async fn stop(self) {
        if self.handle.stop().is_ok() {
            // Open connections end on their own; a client that holds one must not keep the node from stopping.
            let _ = tokio::time::timeout(Duration::from_secs(2), self.handle.stopped()).await;
        }
    }
}
