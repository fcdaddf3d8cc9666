//! Writing the files of a network.

use super::{Network, NodeEntry};
use crate::error::TestnetError;
use landsea_client::keys::{KeyFile, KeyKind, write_private};
use landsea_consensus::SignMark;
use landsea_node::config::{LimitsConfig, LogConfig, NodeConfig, PeerAddress};
use landsea_node::mark::MarkFile;
use std::path::Path;

pub(super) fn read(path: &Path) -> Result<String, TestnetError> {
    std::fs::read_to_string(path).map_err(|e| TestnetError::file(path, &e))
}

/// Writes everything of a new network; `network.json` last, because it says that the rest is there.
pub(super) fn write_new(network: &Network) -> Result<(), TestnetError> {
    write(&network.dir.join("genesis.json"), &network.genesis.to_json())?;
    write_branch_keys(network)?;
    for node in &network.nodes {
        write_node(network, node)?;
    }
    write_index(network)
}

/// Writes the files that name addresses.
pub(super) fn rewrite_addresses(network: &Network) -> Result<(), TestnetError> {
    for node in &network.nodes {
        write_config(network, node)?;
    }
    write_index(network)
}

fn write_index(network: &Network) -> Result<(), TestnetError> {
    let text = serde_json::to_string_pretty(&network.file()).expect("only string keys") + "\n";
    let beside = network.dir.join("network.json.new");
    write(&beside, &text)?;
    std::fs::rename(&beside, network.dir.join("network.json")).map_err(|e| TestnetError::file(&beside, &e))
}

fn write_branch_keys(network: &Network) -> Result<(), TestnetError> {
    let keys = network.dir.join("keys");
    std::fs::create_dir_all(&keys).map_err(|e| TestnetError::file(&keys, &e))?;
    for code in network.codes() {
        let identity = network.branch(&code).expect("every node belongs to a member");
        let mut file = KeyFile::from_secret(KeyKind::Ledger, identity.secret);
        file.account = Some(identity.account);
        file.create(&keys.join(format!("branch-{code}.key")))?;
    }
    Ok(())
}

fn write_node(network: &Network, node: &NodeEntry) -> Result<(), TestnetError> {
    let dir = network.node_dir(node);
    let data = dir.join("data");
    std::fs::create_dir_all(&data).map_err(|e| TestnetError::file(&data, &e))?;
    let key = |kind: KeyKind| KeyFile::from_secret(kind, network.seed.key(&format!("{kind} {}", node.code)));
    let validator = dir.join("validator.key");
    key(KeyKind::Validator).create(&validator)?;
    let mark = MarkFile::path_beside(&validator);
    MarkFile::create(&mark, SignMark::new_key()).map_err(|e| TestnetError::file(&mark, &e))?;
    key(KeyKind::Network).create(&dir.join("network.key"))?;
    let fingerprint = hex::encode(network.seed.fingerprint_key()) + "\n";
    write_private(&dir.join("fingerprint.key"), &fingerprint)?;
    write_config(network, node)
}

fn write_config(network: &Network, node: &NodeEntry) -> Result<(), TestnetError> {
    let config = NodeConfig {
        member: node.code.clone(),
        genesis: "../../genesis.json".into(),
        data_dir: "data".into(),
        validator_key: "validator.key".into(),
        network_key: "network.key".into(),
        fingerprint_key: "fingerprint.key".into(),
        p2p_listen: node.p2p,
        rpc_listen: node.rpc_address().expect("addresses are written by this crate"),
        operator_listen: node.operator,
        metrics_listen: node.metrics,
        rpc_names: Vec::new(),
        tls: None,
        peers: network.nodes.iter().filter(|peer| peer.code != node.code).map(peer).collect(),
        log: LogConfig::default(),
        limits: limits(),
    };
    let text = toml::to_string(&config).expect("a configuration is a plain table");
    write(&network.node_dir(node).join("node.toml"), &text)
}

/// All clients of a test network come from one address, and a load generator is a thousand of them.
fn limits() -> LimitsConfig {
    LimitsConfig {
        rpc_connections: 4_096,
        connections_per_address: 4_096,
        requests_per_minute: 60_000_000,
        submissions_per_minute: 60_000_000,
        derives_per_minute: 60_000_000,
        ..LimitsConfig::default()
    }
}

fn peer(node: &NodeEntry) -> PeerAddress {
    PeerAddress { member: node.code.clone(), address: node.p2p }
}

fn write(path: &Path, text: &str) -> Result<(), TestnetError> {
    std::fs::write(path, text).map_err(|e| TestnetError::file(path, &e))
}
