//! The folder of a test network.
//!
//! ```text
//! DIR/network.json        seed, chain id, nodes with their addresses
//! DIR/genesis.json
//! DIR/keys/               branch-<code>.key and <tag>.key; for tests only
//! DIR/certificates/       what scenario steps have saved
//! DIR/nodes/<code>/       node.toml, keys, data/, node.log, pid: all that one node reads and writes
//! ```

mod files;
mod ports;
pub mod seed;

use crate::error::TestnetError;
use crate::members::members;
use landsea_client::keys::Identity;
use landsea_types::ChainId;
use landsea_types::genesis::{Genesis, GenesisError, GenesisMember};
use seed::{GenesisChanges, Seed};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The seed of a network when none is named.
pub const DEFAULT_SEED: &str = "landsea";
/// Validators of a network when no number is named.
pub const DEFAULT_VALIDATORS: usize = 15;

/// How a network is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkOptions {
    /// How many validators, 4 to 64.
    pub validators: usize,
    /// What all keys follow from.
    pub seed: String,
    /// What differs from the default genesis.
    pub changes: GenesisChanges,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self { validators: DEFAULT_VALIDATORS, seed: DEFAULT_SEED.into(), changes: GenesisChanges::default() }
    }
}

/// Ports of one node.
const PORTS: usize = 4;

/// One node in `network.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeEntry {
    /// The member's code.
    pub code: String,
    /// The member's index.
    pub member: u8,
    /// `http://127.0.0.1:PORT`.
    pub rpc: String,
    /// `ws://127.0.0.1:PORT`.
    pub ws: String,
    /// Where `/ready` is answered; networks made by older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<SocketAddr>,
    /// Where `/metrics` is answered; networks made by older versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<SocketAddr>,
    /// Where peers connect.
    pub p2p: SocketAddr,
    /// The node's folder, relative to the network's.
    pub dir: PathBuf,
}

impl NodeEntry {
    /// Where clients connect.
    pub fn rpc_address(&self) -> Option<SocketAddr> {
        self.rpc.strip_prefix("http://")?.parse().ok()
    }
    fn at(info: &GenesisMember, [rpc, p2p, operator, metrics]: [SocketAddr; PORTS]) -> Self {
        Self {
            code: info.code.clone(),
            member: info.index.get(),
            rpc: format!("http://{rpc}"),
            ws: format!("ws://{rpc}"),
            operator: Some(operator),
            metrics: Some(metrics),
            p2p,
            dir: Path::new("nodes").join(&info.code),
        }
    }
}

/// `network.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct NetworkFile {
    seed: String,
    chain_id: ChainId,
    /// Relative to the folder.
    genesis: PathBuf,
    nodes: Vec<NodeEntry>,
}

/// A network's folder, read.
#[derive(Clone)]
pub struct Network {
    /// The folder, absolute.
    pub dir: PathBuf,
    /// The root of all keys.
    pub seed: Seed,
    /// The chain's genesis.
    pub genesis: Genesis,
    /// The nodes in member order.
    pub nodes: Vec<NodeEntry>,
}

impl Network {
    /// Whether the folder holds a network.
    pub fn exists(dir: &Path) -> bool {
        dir.join("network.json").exists()
    }

    /// Makes a new network in a folder.
    ///
    /// # Errors
    /// When the options do not give a sound genesis, the folder holds a network already, or it cannot be written.
    pub fn create(dir: &Path, options: &NetworkOptions) -> Result<Self, TestnetError> {
        if Self::exists(dir) {
            return Err(TestnetError::usage(format!("{} holds a network already", dir.display())));
        }
        if !(4..=landsea_types::bounds::MEMBERS_MAX).contains(&options.validators) {
            return Err(genesis_error(&GenesisError::MemberCount(options.validators)));
        }
        if dir.join("keys").exists() {
            let what = format!("{} holds a network that was never finished", dir.display());
            return Err(TestnetError::usage(what).next("Delete the folder, or name another one with --dir."));
        }
        let seed = Seed::new(&options.seed);
        let genesis = seed::genesis(&seed, &members(options.validators), &options.changes);
        genesis.check().map_err(|e| genesis_error(&e))?;
        std::fs::create_dir_all(dir).map_err(|e| TestnetError::file(dir, &e))?;
        let dir = dir.canonicalize().map_err(|e| TestnetError::file(dir, &e))?;
        let nodes = place(&genesis)?;
        let network = Self { dir, seed, genesis, nodes };
        files::write_new(&network)?;
        Ok(network)
    }

    /// Reads a network's folder.
    ///
    /// # Errors
    /// With the path of what is absent or defective.
    pub fn load(dir: &Path) -> Result<Self, TestnetError> {
        let path = dir.join("network.json");
        if !path.exists() {
            let what = format!("{} is not there", path.display());
            let next = format!("Make a network with `landsea testnet up --dir {}`.", dir.display());
            return Err(TestnetError::usage(what).next(next));
        }
        let defect = |path: &Path, problem: String| TestnetError::usage(format!("{}: {problem}", path.display()));
        let file: NetworkFile = serde_json::from_str(&files::read(&path)?)
            .map_err(|e| defect(&path, format!("not a network file: {e}")))?;
        let genesis_path = dir.join(&file.genesis);
        let genesis =
            Genesis::from_json(&files::read(&genesis_path)?).map_err(|e| defect(&genesis_path, e.to_string()))?;
        if genesis.chain_id() != file.chain_id {
            return Err(defect(&genesis_path, format!("is not the genesis of chain {}", file.chain_id.short())));
        }
        let dir = dir.canonicalize().map_err(|e| TestnetError::file(dir, &e))?;
        Ok(Self { dir, seed: Seed::new(&file.seed), genesis, nodes: file.nodes })
    }

    /// The node of a member.
    ///
    /// # Errors
    /// Names the nodes that there are.
    pub fn node(&self, code: &str) -> Result<&NodeEntry, TestnetError> {
        self.nodes.iter().find(|n| n.code == code).ok_or_else(|| {
            let codes: Vec<&str> = self.nodes.iter().map(|n| n.code.as_str()).collect();
            TestnetError::usage(format!("no node {code:?}; the network has {}", codes.join(" ")))
        })
    }

    /// The codes of all members, in order.
    pub fn codes(&self) -> Vec<String> {
        self.nodes.iter().map(|n| n.code.clone()).collect()
    }

    /// A node's folder.
    pub fn node_dir(&self, node: &NodeEntry) -> PathBuf {
        self.dir.join(&node.dir)
    }

    /// Who acts for a branch.
    pub fn branch(&self, code: &str) -> Option<Identity> {
        let member = self.genesis.members.iter().find(|m| m.code == code)?;
        let secret = self.seed.key(&format!("branch {code}"));
        Some(Identity { account: member.branch_account(), key: 0, secret })
    }

    /// Gives new ports to every node and writes the files that name them. No node may be running.
    ///
    /// # Errors
    /// When there are too few free ports or a file cannot be written.
    pub fn move_to_free_ports(&mut self) -> Result<(), TestnetError> {
        self.nodes = place(&self.genesis)?;
        files::rewrite_addresses(self)
    }

    /// The first address of a node that is not running but on which somebody listens.
    pub fn taken_address(&self) -> Option<(String, SocketAddr)> {
        let addresses = |n: &NodeEntry| {
            [n.rpc_address(), n.operator, n.metrics, Some(n.p2p)].into_iter().flatten().collect::<Vec<_>>()
        };
        let stopped = self.nodes.iter().filter(|n| crate::process::running(&self.node_dir(n)).is_none());
        let mut all = stopped.flat_map(|n| addresses(n).into_iter().map(|a| (n.code.clone(), a)).collect::<Vec<_>>());
        all.find(|(_, address)| !ports::is_free(*address))
    }

    fn file(&self) -> NetworkFile {
        NetworkFile {
            seed: self.seed.text().into(),
            chain_id: self.genesis.chain_id(),
            genesis: "genesis.json".into(),
            nodes: self.nodes.clone(),
        }
    }
}

fn genesis_error(error: &GenesisError) -> TestnetError {
    TestnetError::usage(format!("no network can be made: {error}"))
}

fn place(genesis: &Genesis) -> Result<Vec<NodeEntry>, TestnetError> {
    let few = || TestnetError::local("too few free ports on 127.0.0.1 between 20000 and 31999");
    let ports = ports::pick(PORTS * genesis.members.len()).ok_or_else(few)?;
    let (ports, _) = ports.as_chunks::<PORTS>();
    Ok(genesis.members.iter().zip(ports).map(|(member, ports)| NodeEntry::at(member, *ports)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(validators: usize) -> NetworkOptions {
        NetworkOptions { validators, ..NetworkOptions::default() }
    }

    #[test]
    fn a_network_reads_back_as_it_was_made() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("net");
        let made = Network::create(&dir, &options(4)).expect("sound options");
        let read = Network::load(&dir).expect("just written");
        assert_eq!((made.genesis.clone(), made.nodes.clone()), (read.genesis, read.nodes));
        assert!(Network::create(&dir, &options(4)).is_err(), "an existing network must never be replaced");
        let config = landsea_node::config::NodeConfig::load(&made.node_dir(&made.nodes[2]).join("node.toml"));
        let config = config.expect("a sound configuration");
        assert_eq!((config.member.as_str(), config.peers.len()), ("gz", 3));
        assert_eq!(config.p2p_listen, made.nodes[2].p2p);
        assert_eq!((config.operator_listen, config.metrics_listen), (made.nodes[2].operator, made.nodes[2].metrics));
        assert!(config.operator_listen.is_some() && config.metrics_listen != config.operator_listen);
    }

    #[test]
    fn moving_to_other_ports_rewrites_every_configuration() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut network = Network::create(folder.path(), &options(4)).expect("sound options");
        let _held = std::net::TcpListener::bind(network.nodes[1].p2p).expect("it was free");
        assert_eq!(network.taken_address().map(|(code, _)| code).as_deref(), Some("gx"));
        network.move_to_free_ports().expect("there are others");
        assert_eq!(network.taken_address(), None);
        let path = network.node_dir(&network.nodes[0]).join("node.toml");
        let config = landsea_node::config::NodeConfig::load(&path).expect("a sound configuration");
        assert!(config.peers.iter().any(|p| p.member == "gx" && p.address == network.nodes[1].p2p));
    }

    #[test]
    fn a_network_has_at_least_four_validators() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = Network::create(folder.path(), &options(3)).err().expect("too few");
        assert!(error.what.contains("4 to"), "{error}");
        assert!(Network::load(folder.path()).is_err());
    }
}
