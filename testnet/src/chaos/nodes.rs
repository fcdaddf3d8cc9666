//! The nodes of a run: started, killed, frozen, and watched for ending by themselves.

use super::history::Recorder;
use crate::error::TestnetError;
use crate::network::{Network, NodeEntry};
use crate::process::{self, Running, Stop};
use crate::watch::{ASK_AGAIN, status_of};
use landsea_client::api::Status;
use landsea_types::Height;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::block_in_place;

/// How often the nodes are counted.
const COUNT_AGAIN: Duration = Duration::from_millis(200);
/// How long a node may take to answer how it is while faults are at work.
const STATUS_PATIENCE: Duration = Duration::from_secs(2);

/// How a node's process is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// As always.
    Plain,
    /// A write beyond a bounded file size fails instead of killing the process.
    WithoutSizeSignal,
    /// With another wall clock.
    Skewed {
        /// The library that lies about the time.
        library: PathBuf,
        /// How far off, in the words of that library, such as `+4s`.
        offset: String,
    },
}

/// All nodes of a run.
pub(crate) struct Nodes {
    pub(crate) network: Network,
    pub(crate) binary: PathBuf,
    recorder: Arc<Recorder>,
    /// Nodes that must run now.
    must_run: Mutex<BTreeSet<usize>>,
    surprises: Mutex<Vec<String>>,
}

impl Nodes {
    pub(crate) fn new(network: Network, binary: PathBuf, recorder: Arc<Recorder>) -> Self {
        Self { network, binary, recorder, must_run: Mutex::default(), surprises: Mutex::default() }
    }
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.network.nodes.len()
    }
    /// The member's code.
    pub(crate) fn code(&self, node: usize) -> &str {
        &self.entry(node).code
    }
    /// The member's code; its number where there is no such member.
    pub(crate) fn code_or_number(&self, node: usize) -> String {
        self.network.nodes.get(node).map_or_else(|| node.to_string(), |entry| entry.code.clone())
    }
    pub(crate) fn entry(&self, node: usize) -> &NodeEntry {
        &self.network.nodes[node]
    }
    /// The node's folder.
    pub(crate) fn dir(&self, node: usize) -> PathBuf {
        self.network.node_dir(self.entry(node))
    }
    /// The node's data folder.
    pub(crate) fn data(&self, node: usize) -> PathBuf {
        self.dir(node).join("data")
    }
    /// Its process, if it is there.
    pub(crate) fn running(&self, node: usize) -> Option<Running> {
        process::running(&self.dir(node))
    }

    fn must_run(&self, change: impl FnOnce(&mut BTreeSet<usize>)) {
        change(&mut self.must_run.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Starts a node whose end from now on would be a surprise.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn start(&self, node: usize) -> Result<(), TestnetError> {
        self.start_watched_by_caller(node, &Start::Plain)?;
        self.must_run(|set| set.extend([node]));
        Ok(())
    }

    /// Starts a node that may end by itself: the caller looks after it.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn start_watched_by_caller(&self, node: usize, how: &Start) -> Result<(), TestnetError> {
        if self.running(node).is_none() {
            process::launch(self.command(how), &self.network, self.entry(node))?;
        }
        Ok(())
    }

    fn command(&self, how: &Start) -> Command {
        match how {
            Start::Plain => Command::new(&self.binary),
            Start::WithoutSizeSignal => {
                // The shell ignores the signal and becomes the node: an ignored signal stays ignored, a pid stays the same.
                let mut command = Command::new("sh");
                command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(&self.binary);
                command
            }
            Start::Skewed { library, offset } => {
                let mut command = Command::new(&self.binary);
                command.env("LD_PRELOAD", library).env("FAKETIME", offset).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
                command
            }
        }
    }

    /// SIGKILL to some nodes at the same time; returns when they are gone.
    ///
    /// # Errors
    /// Names a node that does not end.
    pub(crate) fn kill(&self, nodes: &[usize]) -> Result<(), TestnetError> {
        self.stop(nodes, Stop::Hard)
    }

    /// Ends all nodes in order, frozen ones too.
    ///
    /// # Errors
    /// Names a node that does not end.
    pub(crate) fn end_all(&self) -> Result<(), TestnetError> {
        let all: Vec<usize> = (0..self.count()).collect();
        all.iter().filter_map(|n| self.running(*n)).for_each(Running::thaw);
        self.stop(&all, Stop::Polite)
    }

    fn stop(&self, nodes: &[usize], how: Stop) -> Result<(), TestnetError> {
        self.must_run(|set| set.retain(|n| !nodes.contains(n)));
        let entries: Vec<&NodeEntry> = nodes.iter().map(|n| self.entry(*n)).collect();
        block_in_place(|| process::stop_all(&self.network, &entries, how))
    }

    /// How a node is; `None` when it does not answer in time.
    pub(crate) async fn status(&self, node: usize) -> Option<Status> {
        tokio::time::timeout(STATUS_PATIENCE, status_of(self.entry(node))).await.ok()?.ok()
    }

    /// Whether a node is connected to all others, except as many as may be absent beside it.
    pub(crate) async fn is_connected(&self, node: usize) -> bool {
        let beside = self.most_absent().saturating_sub(1);
        let wanted = self.count().saturating_sub(1 + beside);
        let status = self.status(node).await;
        status.is_some_and(|s| s.peers.iter().filter(|p| p.connected).count() >= wanted)
    }

    /// How many members may be absent: f.
    pub(crate) fn most_absent(&self) -> usize {
        self.count().saturating_sub(1) / 3
    }

    /// The highest height that any of some nodes tells.
    pub(crate) async fn highest(&self, nodes: impl Iterator<Item = usize>) -> Height {
        let mut highest = Height::ZERO;
        for node in nodes {
            highest = highest.max(self.status(node).await.map_or(Height::ZERO, |s| s.height));
        }
        highest
    }

    /// Waits until a node answers with at least a height, or has ended, or the time is over.
    pub(crate) async fn wait_for(&self, node: usize, height: Height, patience: Duration) -> Waited {
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if self.running(node).is_none() {
                return Waited::Ended;
            }
            if self.status(node).await.is_some_and(|s| s.height >= height) {
                return Waited::Reached;
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
        Waited::TimeOver
    }

    /// Counts the nodes again and again. One that has ended by itself is a surprise; it is started again.
    pub(crate) async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(COUNT_AGAIN).await;
            for node in 0..self.count() {
                self.look_after(node);
            }
        }
    }

    fn look_after(&self, node: usize) {
        // Held while looking, so that a kill by the nemesis cannot come between.
        let must_run = self.must_run.lock().unwrap_or_else(PoisonError::into_inner);
        if !must_run.contains(&node) || self.running(node).is_some() {
            return;
        }
        let at = self.recorder.now().as_secs_f64();
        let words = process::last_words(&self.dir(node));
        let mut what = format!("node {} ended by itself at {at:.1} s: {words}", self.code(node));
        if let Err(error) = self.start_watched_by_caller(node, &Start::Plain) {
            what = format!("{what}; it could not be started again: {error}");
        }
        self.surprise(what);
    }

    /// Takes note of what must not happen.
    pub(crate) fn surprise(&self, what: String) {
        self.surprises.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
    /// Everything that must not happen and did.
    pub(crate) fn surprises(&self) -> Vec<String> {
        self.surprises.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `node verify` on the store of a stopped node.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) async fn verify(&self, node: usize) -> Result<Output, TestnetError> {
        let mut command = tokio::process::Command::new(&self.binary);
        command.args(["node", "verify", "--data"]).arg(self.data(node));
        command.arg("--genesis").arg(self.network.dir.join("genesis.json")).kill_on_drop(true);
        command.output().await.map_err(|e| TestnetError::file(&self.binary, &e))
    }

    /// Puts the node's log aside and returns where; the next start begins a new one.
    ///
    /// # Errors
    /// When the file cannot be renamed.
    pub(crate) fn put_log_aside(&self, node: usize) -> Result<(), TestnetError> {
        let log = process::log_path(&self.dir(node));
        let free = |n: &u32| !log.with_extension(format!("{n}.log")).exists();
        let number = (1..).find(free).expect("there are fewer files than numbers");
        std::fs::rename(&log, log.with_extension(format!("{number}.log"))).map_err(|e| TestnetError::file(&log, &e))
    }

    /// What the node has logged since its log was last put aside.
    pub(crate) fn log(&self, node: usize) -> String {
        let read = std::fs::read(process::log_path(&self.dir(node)));
        String::from_utf8_lossy(&read.unwrap_or_default()).into_owned()
    }
}

/// What came of waiting for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// It answers with the height.
    Reached,
    /// Its process is gone.
    Ended,
    /// Neither.
    TimeOver,
}

/// The text of a program's two outputs.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    format!("{} {}", text(&output.stdout), text(&output.stderr)).trim().to_owned()
}

/// Files below a folder with one of some endings, the larger first.
pub(crate) fn files_with(folder: &Path, endings: &[&str]) -> Vec<(PathBuf, u64)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let fits = |path: &PathBuf| path.extension().is_some_and(|e| endings.iter().any(|wanted| e == *wanted));
    let size = |path: PathBuf| std::fs::metadata(&path).map(|m| (path, m.len())).ok();
    let mut found: Vec<_> = entries.map(|e| e.path()).filter(fits).filter_map(size).collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}
