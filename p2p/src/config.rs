//! What a network is started with, and why it may refuse to start.

use std::{collections::BTreeSet, fmt, io, net::SocketAddr};

use crate::limits::Limits;

/// A peer on the allow-list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerConfig {
    /// Index of the peer; unique, and different from the local one.
    pub member: u8,
    /// Ed25519 public key of the peer's network identity.
    pub public_key: [u8; 32],
    /// Where the peer listens.
    pub address: SocketAddr,
}

/// Everything a [`Network`](crate::Network) needs to start.
#[derive(Clone)]
pub struct NetworkConfig {
    /// Local index. The lower of two indexes dials. A reader without an index never dials: the
    /// peers that list it do.
    pub member: Option<u8>,
    /// Ed25519 secret key (seed) of the local network identity.
    pub secret_key: [u8; 32],
    /// Address to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The allow-list. Nobody else gets past the handshake.
    pub peers: Vec<PeerConfig>,
    /// Bounds and timings.
    pub limits: Limits,
}

impl fmt::Debug for NetworkConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NetworkConfig")
            .field("member", &self.member)
            .field("listen", &self.listen)
            .field("peers", &self.peers)
            .finish_non_exhaustive()
    }
}

/// Why a network did not start. All of them are local faults, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Two peers carry the same index.
    #[error("member {member} is listed twice")]
    DuplicatePeer {
        /// The repeated index.
        member: u8,
    },
    /// Two peers carry the same key.
    #[error("member {member} has the network key of another peer")]
    DuplicateKey {
        /// The second peer with that key.
        member: u8,
    },
    /// The allow-list names the local node.
    #[error("the allow-list names the local node as member {member}")]
    OwnPeer {
        /// The entry that is the local node.
        member: u8,
    },
    /// The bytes are not an Ed25519 public key.
    #[error("the network key of member {member} is not an Ed25519 public key")]
    BadKey {
        /// The peer with that key.
        member: u8,
    },
    /// The bounds contradict each other.
    #[error("limits contradict each other: {reason}")]
    Limits {
        /// The relation that does not hold.
        reason: &'static str,
    },
    /// The listening socket could not be opened.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system answered.
        source: io::Error,
    },
}

impl NetworkConfig {
    /// Checks everything that needs no cryptography and no socket.
    pub(crate) fn validate(&self) -> Result<(), StartError> {
        if let Some(reason) = self.limits.broken_relation() {
            return Err(StartError::Limits { reason });
        }
        let mut members = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for &PeerConfig { member, public_key, .. } in &self.peers {
            if Some(member) == self.member {
                return Err(StartError::OwnPeer { member });
            }
            if !members.insert(member) {
                return Err(StartError::DuplicatePeer { member });
            }
            if !keys.insert(public_key) {
                return Err(StartError::DuplicateKey { member });
            }
        }
        Ok(())
    }

    /// Whether the local node dials this peer; otherwise it waits to be dialled.
    pub(crate) fn dials(&self, peer: u8) -> bool {
        self.member.is_some_and(|own| own < peer)
    }
}
