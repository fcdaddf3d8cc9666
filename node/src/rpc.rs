//! The RPC server: JSON-RPC 2.0 over HTTP and WebSocket with the console and `/openrpc.json` beside it, and on listeners of their own what
//! is for the operator (`/ready`) and for monitoring (`/metrics`).
//!
//! Everything is answered from snapshots of committed state; the replica's thread is only handed transactions. What a caller may
//! see depends on who asks: see [`visibility`]. The node fetches nothing: no method takes an address to call.

mod auth;
mod bounds;
mod certificates;
mod console;
mod derive;
mod errors;
mod explained;
mod http;
mod listen;
mod metered;
mod methods;
mod openrpc;
mod origin;
mod owed;
mod quota;
mod read;
mod submit;
mod subscribe;
mod tls;
mod visibility;
mod work;

use crate::config::NodeConfig;
use crate::hub::Hub;
use crate::metrics::Metrics;
use crate::replica::SubmittedTransaction;
use crate::shell::{RunError, Setup};
use crate::verified::Verified;
pub(crate) use bounds::BLOCKING_THREADS_MAX;
use hyper::service::service_fn;
use jsonrpsee::server::middleware::rpc::RpcServiceBuilder;
use jsonrpsee::server::{BatchRequestConfig, PingConfig, ServerConfig, ServerHandle, StopHandle, stop_channel};
use landsea_p2p::Network;
use landsea_storage::{Reader, Snapshot};
use landsea_types::genesis::{Genesis, GenesisMember};
use landsea_types::{ChainId, SecretKey};
use listen::{Listener, Room};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
pub(crate) use tls::Tls;
pub use tls::TlsError;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

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
    quotas: quota::Quotas,
    tokens: auth::Tokens,
    long_reads: work::LongReads,
    /// Connections of clients.
    room: Arc<Room>,
}

impl Context {
    pub(crate) fn snapshot(&self) -> Box<dyn Snapshot> {
        self.reader.snapshot()
    }
}

/// A running server.
pub(crate) struct Server {
    handle: ServerHandle,
    reloader: Option<JoinHandle<()>>,
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
        let config = setup.config;
        let tls = setup.tls;
        let refusals = metrics.quota_refusals.clone();
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
            quotas: quota::Quotas::new(&config.limits, refusals),
            room: Room::new(config.limits.rpc_connections, config.limits.connections_per_address),
            tokens: auth::Tokens::default(),
            long_reads: work::LongReads::default(),
        });
        let (stop, handle) = stop_channel();
        warn_of_open_doors(&config);
        serve_public(&config, &context, tls.clone(), &stop).await?;
        serve_pages(&config, &context, &stop).await?;
        let reloader = tls.map(|tls| tokio::spawn(tls.watch()));
        Ok(Self { handle, reloader })
    }

    pub(crate) async fn stop(self) {
        if let Some(reloader) = self.reloader {
            reloader.abort();
        }
        if self.handle.stop().is_ok() {
            // Open connections end on their own; a client that holds one must not keep the node from stopping.
            let _ = tokio::time::timeout(bounds::STOP_TIME, self.handle.stopped()).await;
        }
    }
}

/// The listener for clients: methods, WebSockets, the console.
async fn serve_public(
    config: &NodeConfig,
    context: &Arc<Context>,
    tls: Option<Arc<Tls>>,
    stop: &StopHandle,
) -> Result<(), RunError> {
    let (address, limits) = (config.rpc_listen, &config.limits);
    let fail = |problem: String| RunError::Rpc { address, problem };
    let methods = methods::module(Arc::clone(context)).map_err(|e| fail(e.to_string()))?;
    let socket = Listener::bind(address).await.map_err(fail)?;
    let bound = socket.local_addr().map_err(|e| fail(e.to_string()))?;
    let layers = {
        let context = Arc::clone(context);
        let metered = move |inner| metered::Metered::new(inner, Arc::clone(&context));
        RpcServiceBuilder::new().layer_fn(explained::Explained::new).layer_fn(metered)
    };
    let server = jsonrpsee::server::Server::builder().set_config(bounds_of_methods(limits.rpc_connections));
    let methods_of = server.set_rpc_middleware(layers).to_service_builder();
    let names = origin::Names::new(bound.ip(), &config.rpc_names);
    let body_time = Duration::from_millis(limits.body_timeout_ms);
    let edge = Arc::new(http::Edge { context: Arc::clone(context), names, body_time });
    let room = Arc::clone(&context.room);
    let head_time = Duration::from_millis(limits.head_timeout_ms);
    tracing::info!(address = %bound, tls = tls.is_some(), "RPC server listens");
    let listener = Listener { socket, room, tls, head_time, stop: stop.clone() };
    let stop = stop.clone();
    tokio::spawn(listener.run(move |peer| {
        let (edge, service) = (Arc::clone(&edge), methods_of.clone().build(methods.clone(), stop.clone()));
        service_fn(move |request| {
            let (edge, service, peer) = (Arc::clone(&edge), service.clone(), peer.clone());
            async move { Ok::<_, Infallible>(edge.answer(service, peer, request).await) }
        })
    }));
    Ok(())
}

/// The listeners for the operator and for monitoring; one where both have the same address.
async fn serve_pages(config: &NodeConfig, context: &Arc<Context>, stop: &StopHandle) -> Result<(), RunError> {
    let mut listeners: BTreeMap<SocketAddr, http::Pages> = BTreeMap::new();
    if let Some(address) = config.operator_listen {
        listeners.entry(address).or_default().ready = true;
    }
    if let Some(address) = config.metrics_listen {
        listeners.entry(address).or_default().metrics = true;
    }
    for (address, pages) in listeners {
        let socket = Listener::bind(address).await.map_err(|problem| RunError::Rpc { address, problem })?;
        let room = Room::new(bounds::OPERATOR_CONNECTIONS_MAX, bounds::OPERATOR_CONNECTIONS_MAX);
        let head_time = Duration::from_millis(config.limits.head_timeout_ms);
        tracing::info!(%address, ready = pages.ready, metrics = pages.metrics, "operator's pages are served");
        let names = Arc::new(origin::Names::new(address.ip(), &config.rpc_names));
        let context = Arc::clone(context);
        let listener = Listener { socket, room, tls: None, head_time, stop: stop.clone() };
        tokio::spawn(listener.run(move |_| {
            let (context, names) = (Arc::clone(&context), Arc::clone(&names));
            service_fn(move |request| std::future::ready(Ok::<_, Infallible>(pages.answer(&context, &names, &request))))
        }));
    }
    Ok(())
}

fn bounds_of_methods(connections: u32) -> ServerConfig {
    let pings = PingConfig::new().ping_interval(bounds::PING_EVERY).inactive_limit(bounds::PONG_TIME);
    ServerConfig::builder()
        .max_connections(connections)
        .max_request_body_size(bounds::REQUEST_BYTES_MAX)
        .max_response_body_size(bounds::RESPONSE_BYTES_MAX)
        .max_subscriptions_per_connection(bounds::SUBSCRIPTIONS_MAX)
        .set_batch_request_config(BatchRequestConfig::Limit(bounds::CALLS_PER_BATCH_MAX))
        .set_message_buffer_capacity(bounds::MESSAGES_WAITING_MAX)
        .enable_ws_ping(pings.max_failures(bounds::PONGS_MISSED_MAX))
        .build()
}

fn warn_of_open_doors(config: &NodeConfig) {
    if config.tls.is_none() && !config.rpc_listen.ip().is_loopback() {
        tracing::warn!(
            address = %config.rpc_listen,
            "clients outside this machine are served without encryption: add [tls], or listen on 127.0.0.1 behind a TLS proxy"
        );
    }
    for address in [config.operator_listen, config.metrics_listen].into_iter().flatten() {
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "the operator's pages are neither encrypted nor protected: let only the operator's network reach them");
        }
    }
}
