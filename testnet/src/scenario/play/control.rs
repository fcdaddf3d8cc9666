//! Things done to the network between steps.

use super::answer::Got;
use super::trouble::Trouble;
use super::world::World;
use crate::network::NodeEntry;
use crate::process::{self, Stop};
use crate::scenario::step::{Control, Port, Step, Wait};
use crate::watch::{ASK_AGAIN, status_of, wait_until_answering};
use landsea_client::random;
use landsea_client::rpc::{RpcError, now};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long a wait may last when the step does not say.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long a port may take to get rid of junk.
const JUNK_PATIENCE: Duration = Duration::from_secs(5);

impl World {
    /// Plays a control step.
    pub(crate) async fn control(&mut self, step: &Step, control: &Control, node: &str) -> Result<Got, Trouble> {
        match control {
            Control::Stop { nodes } => self.stop(nodes, Stop::Polite),
            Control::Kill { nodes } => self.stop(nodes, Stop::Hard),
            Control::Start { nodes } => self.start(nodes).await,
            Control::Wait { wait } => self.wait(step, wait, node).await,
            Control::SameRoot => self.same_root().await,
            Control::Junk { node, port, bytes } => self.junk(node, *port, *bytes).await,
        }
    }

    fn nodes(&self, codes: &[String]) -> Result<Vec<NodeEntry>, Trouble> {
        let mut all: Vec<NodeEntry> = codes.iter().map(|code| self.node(code)).collect::<Result<_, _>>()?;
        all.sort_by_key(|n| n.member);
        all.dedup();
        Ok(all)
    }

    /// Stand-ins may be stopped for absent members only while a quorum stays: a file that stops four of fifteen is not meant to halt a
    /// network of four.
    fn check_stand_ins(&self, codes: &[String], stopping: &[NodeEntry]) -> Result<(), Trouble> {
        let members = self.network.nodes.len();
        let absent: Vec<&str> = codes.iter().filter(|c| self.network.node(c).is_err()).map(String::as_str).collect();
        if absent.is_empty() || members - stopping.len() >= landsea_types::consensus::quorum(members) {
            return Ok(());
        }
        let what = format!("{} have no node of their own in a network of {members}", absent.join(", "));
        Err(Trouble::cannot(format!(
            "{what}; stopping their stand-ins would halt it: play this file with --validators 15"
        )))
    }

    fn stop(&mut self, codes: &[String], how: Stop) -> Result<Got, Trouble> {
        let nodes = self.nodes(codes)?;
        self.check_stand_ins(codes, &nodes)?;
        let stopped = process::stop_all(&self.network, &nodes.iter().collect::<Vec<_>>(), how);
        stopped.map_err(|e| Trouble::cannot(e.what))?;
        self.forget_nodes(&nodes);
        Ok(Got::word("DONE", Value::Null))
    }

    async fn start(&mut self, codes: &[String]) -> Result<Got, Trouble> {
        let nodes = self.nodes(codes)?;
        for node in &nodes {
            process::start(&self.binary, &self.network, node).map_err(|e| Trouble::cannot(e.what))?;
        }
        self.forget_nodes(&nodes);
        for node in &nodes {
            wait_until_answering(&self.network, node).await.map_err(|e| Trouble::cannot(e.what))?;
        }
        Ok(Got::word("DONE", Value::Null))
    }

    async fn wait(&mut self, step: &Step, wait: &Wait, node: &str) -> Result<Got, Trouble> {
        let entry = self.node(node)?;
        let first = status_of(&entry).await?;
        let until = match &wait.until {
            Some(when) => Some(self.when(when, first.block_time.max(now()))?),
            None => None,
        };
        let height = wait.heights.map(|n| first.height.saturating_add(n));
        let deadline = Instant::now() + step.timeout.map_or(PATIENCE, |t| Duration::from_millis(t.ms));
        loop {
            let status = status_of(&entry).await?;
            if until.is_none_or(|t| status.block_time >= t) && height.is_none_or(|h| status.height >= h) {
                self.saw(Some(status.height));
                return Ok(Got { height: Some(status.height), ..Got::word("DONE", json!(status)) });
            }
            if Instant::now() >= deadline {
                return Err(RpcError::WaitTimeout { detail: format!("still at height {}", status.height) }.into());
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    /// Brings all running nodes to one height and compares what they say of it.
    async fn same_root(&mut self) -> Result<Got, Trouble> {
        let nodes = self.running();
        for node in &nodes {
            let height = self.status(&node.code).await?.height;
            self.saw(Some(height));
        }
        let height = self.seen;
        let mut roots = Vec::new();
        for node in &nodes {
            self.catch_up(&node.code).await?;
            let header = self.client(None, &node.code)?.header(height).await?;
            roots.push((node.code.clone(), header.map(|h| (h.id(), h.state_root))));
        }
        let same = roots.windows(2).all(|pair| pair[0].1 == pair[1].1) && roots.iter().all(|(_, r)| r.is_some());
        let word = if same { "SAME" } else { "DIFFERENT" };
        let shown: Vec<Value> = roots.iter().map(|(code, r)| json!({"node": code, "root": r.map(|r| r.1)})).collect();
        let detail = Some(format!("{} nodes at height {height}", nodes.len()));
        Ok(Got { height: Some(height), detail, ..Got::word(word, Value::Array(shown)) })
    }

    /// Sends random bytes; the node must get rid of them and serve on.
    async fn junk(&mut self, code: &str, port: Port, bytes: usize) -> Result<Got, Trouble> {
        let entry = self.node(code)?;
        let address = match port {
            Port::Rpc => entry.rpc_address().ok_or_else(|| Trouble::cannot("the node has no RPC address"))?,
            Port::P2p => entry.p2p,
        };
        let problem = |e: std::io::Error| RpcError::Transport { url: address.to_string(), problem: e.to_string() };
        let mut stream = TcpStream::connect(address).await.map_err(problem)?;
        let junk: Vec<u8> = (0..bytes.div_ceil(32)).flat_map(|_| random::bytes32()).take(bytes).collect();
        // The node may hang up in the middle: that is what it should do.
        let _ = stream.write_all(&junk).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(JUNK_PATIENCE, stream.read_to_end(&mut answer)).await;
        let status = status_of(&entry).await?;
        Ok(Got { height: Some(status.height), ..Got::word("DONE", json!(status)) })
    }
}
