//! Starts networks on loopback ports and waits for their events.

use std::{net::SocketAddr, time::Duration};

use landsea_p2p::{Class, EventReceiver, Limits, Network, NetworkConfig, NetworkEvent, PeerConfig, public_key_of};
use tokio::time::timeout;

/// How long a test waits before it calls something lost. Never a measure of success.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Node {
    pub(crate) member: u8,
    pub(crate) network: Network,
    pub(crate) events: EventReceiver,
}

impl Node {
    pub(crate) async fn start(config: NetworkConfig) -> Self {
        let member = config.member.expect("test nodes are members");
        let (network, events) = Network::start(config).await.expect("the network starts");
        Self { member, network, events }
    }

    pub(crate) async fn next(&mut self) -> NetworkEvent {
        let event = timeout(PATIENCE, self.events.recv()).await;
        event.expect("an event arrives in time").expect("the network runs")
    }

    pub(crate) async fn message(&mut self) -> (Class, Vec<u8>) {
        match self.next().await {
            NetworkEvent::Message { class, bytes, .. } => (class, bytes),
            other => panic!("expected a message, got {other:?}"),
        }
    }

    pub(crate) async fn expect_connected(&mut self, peer: u8) {
        assert_eq!(self.next().await, NetworkEvent::Connected { peer });
    }

    pub(crate) async fn expect_disconnected(&mut self, peer: u8) {
        assert_eq!(self.next().await, NetworkEvent::Disconnected { peer });
    }
}

pub(crate) fn secret(member: u8) -> [u8; 32] {
    [member + 1; 32]
}

/// An address for peers that dial and are never dialled.
pub(crate) fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

pub(crate) fn peer(member: u8, address: SocketAddr) -> PeerConfig {
    PeerConfig { member, public_key: public_key_of(secret(member)), address }
}

pub(crate) fn config(member: u8, peers_at: SocketAddr, peers: &[u8], limits: Limits) -> NetworkConfig {
    NetworkConfig {
        member: Some(member),
        secret_key: secret(member),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        peers: peers.iter().map(|other| peer(*other, peers_at)).collect(),
        limits,
    }
}

/// Starts members 0 and 1 and waits until both are connected.
pub(crate) async fn pair(limits: Limits) -> (Node, Node) {
    let mut high = Node::start(config(1, nowhere(), &[0], limits.clone())).await;
    let mut low = Node::start(config(0, high.network.local_address(), &[1], limits)).await;
    low.expect_connected(1).await;
    high.expect_connected(0).await;
    (low, high)
}

/// Starts members `0..count`, the highest first, because the lower ones dial.
pub(crate) async fn mesh(count: u8, limits: Limits) -> Vec<Node> {
    let mut nodes = Vec::<Node>::new();
    for member in (0..count).rev() {
        let mut config = config(member, nowhere(), &[], limits.clone());
        config.peers = (0..member).map(|lower| peer(lower, nowhere())).collect();
        let higher = nodes.iter().map(|node| peer(node.member, node.network.local_address()));
        config.peers.extend(higher);
        nodes.push(Node::start(config).await);
    }
    nodes.reverse();
    nodes
}

/// Waits until something visible from outside has happened.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never happened: {what}"));
}
