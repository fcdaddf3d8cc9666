//! The node's configuration file.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// `node.toml`. Relative paths are relative to the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// Code of the member whose node this is, such as `cq`.
    pub member: String,
    pub genesis: PathBuf,
    /// Database and nothing else; may be wiped, the node then fetches the chain again.
    pub data_dir: PathBuf,
    /// Key file that signs votes, batches and tickets. Its signing mark lies beside it as `<file>.mark`.
    pub validator_key: PathBuf,
    /// Key file that identifies the node to its peers.
    pub network_key: PathBuf,
    /// 64 hex digits: the key of fingerprints, shared by the branches out of band.
    pub fingerprint_key: PathBuf,
    pub p2p_listen: SocketAddr,
    /// Where clients connect: JSON-RPC, WebSocket, console.
    pub rpc_listen: SocketAddr,
    /// Where `/ready` is answered; nowhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_listen: Option<SocketAddr>,
    /// Where `/metrics` is answered; nowhere when absent. May be the operator's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_listen: Option<SocketAddr>,
    /// Names by which browsers reach a node that listens on a loopback address, behind a proxy of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rpc_names: Vec<String>,
    /// TLS for clients; without it they are served in clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsConfig>,
    /// Where the other members are reached.
    #[serde(default)]
    pub peers: Vec<PeerAddress>,
    #[serde(default)]
    pub log: LogConfig,
    #[serde(default)]
    pub limits: LimitsConfig,
}

/// Files in PEM. They are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The node's certificate and those between it and the root, in this order.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Whoever has no certificate under one of these is not served. Absent: everybody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerAddress {
    pub member: String,
    pub address: SocketAddr,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// A filter in the syntax of `tracing`, such as `info,landsea_node=debug`.
    pub filter: String,
    /// JSON lines instead of text.
    pub json: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info,arc_malachitebft=warn".into(), json: false }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Heights whose state stays provable; 0 keeps all.
    pub proof_versions_kept: u64,
    pub worker_threads: usize,
    pub signature_threads: usize,
    /// Connections of clients in all.
    pub rpc_connections: u32,
    /// Connections of one address, or of 64 bits of IPv6.
    pub connections_per_address: u32,
    /// Calls a party may make in a minute, at once or spread: the account behind a token, everybody else by address. 0 is no limit, here and below.
    pub requests_per_minute: u32,
    /// Transactions a party may submit in a minute.
    pub submissions_per_minute: u32,
    /// Derive tickets one account may ask for in a minute.
    pub derives_per_minute: u32,
    /// How long a connection may be silent before it has sent a request's head.
    pub head_timeout_ms: u64,
    /// How long a request's body may take.
    pub body_timeout_ms: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            proof_versions_kept: 10_000,
            worker_threads: 2,
            signature_threads: 1,
            rpc_connections: 512,
            connections_per_address: 128,
            requests_per_minute: 12_000,
            submissions_per_minute: 30_000,
            derives_per_minute: 600,
            head_timeout_ms: 30_000,
            body_timeout_ms: 30_000,
        }
    }
}

/// What is wrong with a configuration file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a valid node configuration: {problem}")]
    Parse { path: PathBuf, problem: String },
}

impl NodeConfig {
    /// Reads a file and makes its paths absolute.
    ///
    /// # Errors
    /// [`ConfigError`] with the path and, for a parse error, line and column.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
        let mut config: NodeConfig =
            toml::from_str(&text).map_err(|e| ConfigError::Parse { path: path.into(), problem: e.to_string() })?;
        let base = path.parent().unwrap_or(Path::new("."));
        for file in [
            &mut config.genesis,
            &mut config.data_dir,
            &mut config.validator_key,
            &mut config.network_key,
            &mut config.fingerprint_key,
        ] {
            *file = base.join(&*file);
        }
        if let Some(tls) = &mut config.tls {
            for file in [&mut tls.certificate, &mut tls.key].into_iter().chain(&mut tls.client_ca) {
                *file = base.join(&*file);
            }
        }
        Ok(config)
    }
}
