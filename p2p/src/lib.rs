//! Permissioned peer-to-peer transport over libp2p.
//!
//! Moves opaque messages between the members of a fixed allow-list and knows nothing of what they
//! mean. There is no discovery, no relaying and no gossip: every pair of peers has one TCP
//! connection, secured by Noise and split by Yamux into one long-lived stream per [`Class`] and
//! direction.
//!
//! # The protocol
//!
//! 1. **Dial.** Of two members the one with the lower index dials; it retries with exponential
//!    back-off for ever. Nobody else may open the connection, so there is never a pair to choose
//!    from, and a new incoming connection means that the old one is dead.
//! 2. **Admit.** Noise proves the Ed25519 key of the remote before anything else is read. A key
//!    that is not on the allow-list is disconnected and counted.
//! 3. **Open.** Both sides open four streams, each with a nine-byte preface: protocol, version,
//!    class. Then the consumer sees [`NetworkEvent::Connected`].
//! 4. **Talk.** Messages travel in frames of at most [`FRAME_BYTES_MAX`] bytes. Between two frames
//!    the writer serves the highest class that has something to say.
//! 5. **End.** A closed socket, junk, silence through several keep-alive periods, or a fault that
//!    the consumer reports. Then the consumer sees [`NetworkEvent::Disconnected`], and the dialler
//!    starts over; after a fault not before a ban that doubles each time.
//!
//! # What is promised
//!
//! - Messages of one class arrive in order, each at most once, while a connection lasts. Whatever a
//!   connection did not deliver is gone when it ends: the consumer sends again on `Connected`.
//! - Nothing here waits for a slow peer: [`Network::send`] queues or refuses. Nothing is lost to a
//!   slow consumer: its streams are not read until it catches up, each class on its own.
//! - Every queue, message, frame, handshake and window has a bound, all in one file.
//! - Only what an authenticated peer provably did is held against it. A socket that fails, even
//!   because its ciphertext was tampered with, is no fault of the peer.
//!
//! Faults follow one rule: what a peer does wrong costs that peer its connection; what goes wrong
//! in this process ends the network, and [`EventReceiver::recv`] returns `None`.

mod backoff;
mod class;
mod config;
mod counters;
mod events;
mod frame;
mod lanes;
mod limits;
mod link;
mod network;
mod outbox;
mod peer;
mod session;
mod status;
mod transport;
mod writer;

pub use class::{Class, PerClass};
pub use config::{NetworkConfig, PeerConfig, StartError};
pub use counters::Counters;
pub use events::{EventReceiver, NetworkEvent};
pub use frame::{ReadEnd, Received, read_message};
pub use limits::{FRAME_BYTES_MAX, Limits};
pub use network::Network;
pub use outbox::SendError;
pub use status::{PeerStatus, QueueStatus};
pub use transport::public_key_of;
