//! Links between nodes that can be cut, stalled and slowed without any privilege: every pair of nodes talks through a small
//! TCP proxy in this process.
//!
//! The member with the lower index dials, so one proxy stands between it and the other's listening address. Its two directions are
//! controlled apart from each other: a one-way stall holds bytes back in one direction while the other one flows.

use crate::error::TestnetError;
use crate::network::Network;
use landsea_node::config::NodeConfig;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Bytes read in one go.
const CHUNK_BYTES: usize = 64 * 1024;
/// Chunks under way in one direction, at most.
const CHUNKS_MAX: usize = 64;

/// How one direction of a link behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// As the loopback does.
    #[default]
    Flows,
    /// Bytes wait until it flows again.
    Stalls,
    /// Bytes come later.
    Delays {
        /// By how much.
        by: Duration,
    },
}

/// How a link behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Behaviour {
    /// Connections are closed, and new ones at once.
    pub(crate) is_cut: bool,
    /// From the member with the lower index to the other.
    pub(crate) up: Way,
    /// From the member with the higher index to the other.
    pub(crate) down: Way,
}

struct Link {
    low: usize,
    high: usize,
    behaviour: watch::Sender<Behaviour>,
}

/// All links of a network.
pub(crate) struct Links {
    links: Vec<Link>,
}

impl Links {
    /// Puts a proxy between every two nodes and writes its address into the configuration of the node that dials.
    ///
    /// # Errors
    /// When a socket cannot be opened or a configuration cannot be read or written.
    pub(crate) async fn between(network: &Network) -> Result<Self, TestnetError> {
        let mut links = Vec::new();
        for low in 0..network.nodes.len() {
            let mut addresses = Vec::new();
            for high in low + 1..network.nodes.len() {
                let (link, address) = open(low, high, network.nodes[high].p2p).await?;
                links.push(link);
                addresses.push((network.nodes[high].code.clone(), address));
            }
            redirect(network, low, &addresses)?;
        }
        Ok(Self { links })
    }

    /// Sets the links of a member to others; `change` says how a link to member `other` behaves, seen from `member`.
    pub(crate) fn set(&self, member: usize, change: impl Fn(usize) -> Option<Seen>) {
        for link in self.links.iter().filter(|l| l.low == member || l.high == member) {
            let other = if link.low == member { link.high } else { link.low };
            if let Some(seen) = change(other) {
                link.behaviour.send_replace(seen.of_link(link.low == member));
            }
        }
    }

    /// Lets everything flow.
    pub(crate) fn heal(&self) {
        for link in &self.links {
            link.behaviour.send_replace(Behaviour::default());
        }
    }
}

/// How a link behaves, seen from one of its ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Closed.
    pub(crate) is_cut: bool,
    /// What this end sends.
    pub(crate) out: Way,
    /// What the other end sends.
    pub(crate) back: Way,
}

impl Seen {
    fn of_link(self, is_low: bool) -> Behaviour {
        let (up, down) = if is_low { (self.out, self.back) } else { (self.back, self.out) };
        Behaviour { is_cut: self.is_cut, up, down }
    }
}

/// A node dials whatever its configuration says; who answers is proved by keys, not by addresses.
fn redirect(network: &Network, node: usize, addresses: &[(String, SocketAddr)]) -> Result<(), TestnetError> {
    let path = network.node_dir(&network.nodes[node]).join("node.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| TestnetError::file(&path, &e))?;
    let defect = |e: String| TestnetError::local(format!("{}: {e}", path.display()));
    let mut config: NodeConfig = toml::from_str(&text).map_err(|e| defect(e.to_string()))?;
    for peer in &mut config.peers {
        if let Some((_, address)) = addresses.iter().find(|(code, _)| *code == peer.member) {
            peer.address = *address;
        }
    }
    let text = toml::to_string(&config).map_err(|e| defect(e.to_string()))?;
    std::fs::write(&path, text).map_err(|e| TestnetError::file(&path, &e))
}

async fn open(low: usize, high: usize, target: SocketAddr) -> Result<(Link, SocketAddr), TestnetError> {
    let failed = |e: std::io::Error| TestnetError::local(format!("a link between nodes cannot be opened: {e}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (behaviour, told) = watch::channel(Behaviour::default());
    tokio::spawn(serve(listener, target, told));
    Ok((Link { low, high, behaviour }, address))
}

/// Ends when the link's sender is dropped.
async fn serve(listener: TcpListener, target: SocketAddr, told: watch::Receiver<Behaviour>) {
    let mut gone = told.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A failed accept concerns that caller alone; it calls again.
                let Ok((caller, _)) = accepted else { continue };
                if !told.borrow().is_cut {
                    tokio::spawn(connect(caller, target, told.clone()));
                }
            }
            ended = gone.wait_for(|_| false) => if ended.is_err() { return },
        }
    }
}

async fn connect(caller: TcpStream, target: SocketAddr, told: watch::Receiver<Behaviour>) {
    let Ok(callee) = TcpStream::connect(target).await else { return };
    // Without it small messages would wait for each other; a socket that refuses the option is slower, not wrong.
    let _ = (caller.set_nodelay(true), callee.set_nodelay(true));
    let (from_caller, to_caller) = caller.into_split();
    let (from_callee, to_callee) = callee.into_split();
    let mut cut = told.clone();
    tokio::select! {
        () = pump(from_caller, to_callee, told.clone(), |b| b.up) => {}
        () = pump(from_callee, to_caller, told, |b| b.down) => {}
        _ = cut.wait_for(|b| b.is_cut) => {}
    }
}

/// Carries bytes one way until either side closes.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut told: watch::Receiver<Behaviour>,
    way: fn(&Behaviour) -> Way,
) {
    let (queue, mut queued) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS_MAX);
    let reader_told = told.clone();
    let read = async move {
        let mut buffer = vec![0; CHUNK_BYTES];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let by = match way(&reader_told.borrow()) {
                Way::Delays { by } => by,
                Way::Flows | Way::Stalls => Duration::ZERO,
            };
            if queue.send((Instant::now() + by, buffer[..count].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let write = async {
        while let Some((due, bytes)) = queued.recv().await {
            tokio::time::sleep_until(due).await;
            let flows = told.wait_for(|b| way(b) != Way::Stalls).await.is_ok();
            if !flows || to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let read_all = async {
        // The queue closes with the last byte read; what is in it is still written.
        read.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = read_all => {}
        () = write => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mut from, mut to) = stream.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from, &mut to).await });
            }
        });
        address
    }

    async fn ask(stream: &mut TcpStream) -> std::io::Result<[u8; 4]> {
        stream.write_all(b"ping").await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.map(|_| answer)
    }

    #[test]
    fn a_link_carries_delays_stalls_and_cuts() {
        crate::commands::block_on(async {
            let (link, address) = open(0, 1, echo().await).await.expect("a free port");
            let links = Links { links: vec![link] };
            let mut stream = TcpStream::connect(address).await.expect("the proxy listens");
            assert_eq!(ask(&mut stream).await.expect("an answer"), *b"ping");

            let by = Duration::from_millis(80);
            links.set(1, |_| Some(Seen { back: Way::Delays { by }, ..Seen::default() }));
            let asked = Instant::now();
            ask(&mut stream).await.expect("an answer");
            assert!(asked.elapsed() >= by, "what member 0 sends to member 1 comes later");

            links.set(0, |_| Some(Seen { back: Way::Stalls, ..Seen::default() }));
            stream.write_all(b"ping").await.expect("this direction flows");
            let mut answer = [0; 4];
            let waited = tokio::time::timeout(by, stream.read_exact(&mut answer)).await;
            assert!(waited.is_err(), "the other direction stalls");
            links.heal();
            stream.read_exact(&mut answer).await.expect("nothing is lost by a stall");

            links.set(0, |other| (other == 1).then_some(Seen { is_cut: true, ..Seen::default() }));
            assert!(ask(&mut stream).await.is_err());
            let mut again = TcpStream::connect(address).await.expect("the port is still there");
            assert!(ask(&mut again).await.is_err(), "a new connection is closed at once");
        });
    }
}
