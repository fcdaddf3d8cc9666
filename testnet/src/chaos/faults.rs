//! What the nemesis does to nodes, one function per kind of fault. Each undoes itself, also when the run ends early.

use super::nodes::{Nodes, Start, Waited, files_with, said};
use super::proxy::{Links, Seen, Way};
use super::rng::Rng;
use crate::error::TestnetError;
use crate::process::Running;
use crate::watch::ASK_AGAIN;
use landsea_types::Height;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a node may take to come up, to refuse, or to halt.
const OUTCOME_PATIENCE: Duration = Duration::from_secs(60);
/// How long one wait for a member that is behind lasts; it is repeated.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(30);
/// What a node on a full disk may still write, bytes.
const LEFT_ON_DISK_BYTES: u64 = 32 * 1024;
/// Bytes damaged in one file, at most.
const DAMAGED_BYTES_MAX: u64 = 16;

/// Where the library that skews clocks usually lies.
const FAKETIME: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];
/// Names the library where it lies elsewhere.
const FAKETIME_VARIABLE: &str = "LANDSEA_FAKETIME";
/// Clock offsets: within the drift that the ledger allows and beyond it.
const OFFSETS: [&str; 4] = ["+4s", "-4s", "+30s", "-30s"];

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `kill -9`, and started again.
    Kill,
    /// SIGSTOP, and SIGCONT.
    Freeze,
    /// Links to some or all others are closed.
    Cut,
    /// Links to some or all others stall in one direction.
    Stall,
    /// Links are slow; the member still takes part.
    Delay,
    /// The data folder is gone.
    Wipe,
    /// Bytes of a data file are damaged.
    Corrupt,
    /// No file may grow any more.
    FullDisk,
    /// The wall clock is off.
    SkewedClock,
    /// `kill -9` of all nodes at once.
    KillAll,
    /// SIGSTOP of all nodes at once.
    FreezeAll,
}

impl Kind {
    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Kill => "kill -9",
            Kind::Freeze => "SIGSTOP",
            Kind::Cut => "links cut",
            Kind::Stall => "links stalled one way",
            Kind::Delay => "links delayed",
            Kind::Wipe => "data folder wiped",
            Kind::Corrupt => "data file corrupted",
            Kind::FullDisk => "disk full",
            Kind::SkewedClock => "clock skewed",
            Kind::KillAll => "kill -9 of all",
            Kind::FreezeAll => "SIGSTOP of all",
        }
    }
    /// Whether it hits every member.
    pub(crate) fn hits_all(self) -> bool {
        matches!(self, Kind::KillAll | Kind::FreezeAll)
    }
    /// Whether the member counts as absent.
    pub(crate) fn takes_down(self) -> bool {
        self != Kind::Delay
    }
}

/// The library that skews clocks, where this machine has it.
pub(crate) fn faketime() -> Option<PathBuf> {
    let named = std::env::var_os(FAKETIME_VARIABLE).map(PathBuf::from);
    named.into_iter().chain(FAKETIME.iter().map(PathBuf::from)).find(|path| path.exists())
}

/// One fault at work.
#[derive(Clone)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    /// The member, unless all are hit.
    pub(crate) victim: usize,
    /// Members with faults of their own: their links are left alone.
    pub(crate) spared: BTreeSet<usize>,
    pub(crate) rng: Rng,
    pub(crate) nodes: Arc<Nodes>,
    pub(crate) links: Arc<Links>,
    pub(crate) ending: watch::Receiver<bool>,
}

type Done = Result<String, TestnetError>;
/// What came of a fault in a few words; an error is what a node must not do.
type Came = Result<String, String>;

impl Fault {
    /// Does it and undoes it; says in a few words what was done and what came of it.
    ///
    /// # Errors
    /// When this computer does not let it be done.
    pub(crate) async fn inject(&mut self) -> Done {
        match self.kind {
            Kind::Kill => self.kill().await,
            Kind::Freeze => self.freeze(&[self.victim]).await,
            Kind::Cut => self.cut().await,
            Kind::Stall => self.stall().await,
            Kind::Delay => self.delay().await,
            Kind::Wipe => self.wipe().await,
            Kind::Corrupt => self.corrupt().await,
            Kind::FullDisk => self.fill_disk().await,
            Kind::SkewedClock => self.skew_clock().await,
            Kind::KillAll => self.kill_all().await,
            Kind::FreezeAll => self.freeze(&self.all()).await,
        }
    }

    fn all(&self) -> Vec<usize> {
        (0..self.nodes.count()).collect()
    }

    /// Members that are hit.
    fn hit(&self) -> Vec<usize> {
        if self.kind.hits_all() { self.all() } else { vec![self.victim] }
    }

    /// Puts the members hit back to how they are without a fault, wherever this one stood when it failed.
    ///
    /// # Errors
    /// When a node cannot be stopped or started.
    pub(crate) fn undo(&self) -> Result<(), TestnetError> {
        if matches!(self.kind, Kind::Cut | Kind::Stall | Kind::Delay) {
            self.links.set(self.victim, |_| Some(Seen::default()));
            return Ok(());
        }
        self.nodes.kill(&self.hit())?;
        if self.kind == Kind::Corrupt && self.nodes.data(self.victim).exists() {
            self.empty_folder()?;
        }
        self.hit().into_iter().try_for_each(|node| self.nodes.start(node))
    }

    /// Takes note of what a node must not do; gives the words either way.
    fn told(&self, came: Came) -> String {
        came.unwrap_or_else(|wrong| {
            self.nodes.surprise(format!("node {} {wrong}", self.nodes.code(self.victim)));
            wrong
        })
    }

    /// Lets time pass, less when the run ends.
    async fn lasts(&mut self, from_ms: u64, to_ms: u64) -> String {
        let time = self.rng.time(from_ms, to_ms);
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = self.ending.wait_for(|ending| *ending) => {}
        }
        format!("{:.1} s", time.as_secs_f64())
    }

    async fn kill(&mut self) -> Done {
        self.nodes.kill(&[self.victim])?;
        let time = self.lasts(100, 5_000).await;
        self.nodes.start(self.victim)?;
        Ok(format!("for {time}"))
    }

    async fn kill_all(&mut self) -> Done {
        self.nodes.kill(&self.all())?;
        let time = self.lasts(100, 1_500).await;
        for node in self.all() {
            self.nodes.start(node)?;
        }
        Ok(format!("for {time}"))
    }

    async fn freeze(&mut self, members: &[usize]) -> Done {
        let processes: Vec<Running> = members.iter().filter_map(|n| self.nodes.running(*n)).collect();
        processes.iter().for_each(|p| p.freeze());
        let time = self.lasts(300, 8_000).await;
        processes.iter().for_each(|p| p.thaw());
        Ok(format!("for {time}"))
    }

    /// The members at the other ends of the links that are hit: all that are well, or some of them.
    fn peers(&mut self) -> Vec<usize> {
        let mut others = self.all();
        others.retain(|n| *n != self.victim && !self.spared.contains(n));
        if self.rng.chance(50) {
            let kept = 1 + self.rng.index(others.len().max(1));
            self.rng.shuffle(&mut others);
            others.truncate(kept);
        }
        others
    }

    async fn with_links(&mut self, seen: Seen, longest_ms: u64) -> String {
        let peers = self.peers();
        self.links.set(self.victim, |other| peers.contains(&other).then_some(seen));
        let time = self.lasts(500, longest_ms).await;
        self.links.set(self.victim, |other| peers.contains(&other).then(Seen::default));
        let codes: Vec<&str> = peers.iter().map(|n| self.nodes.code(*n)).collect();
        format!("links to {} for {time}", codes.join(" "))
    }

    async fn cut(&mut self) -> Done {
        Ok(self.with_links(Seen { is_cut: true, ..Seen::default() }, 8_000).await)
    }

    async fn stall(&mut self) -> Done {
        let is_out = self.rng.chance(50);
        let (out, back) = if is_out { (Way::Stalls, Way::Flows) } else { (Way::Flows, Way::Stalls) };
        let what = self.with_links(Seen { is_cut: false, out, back }, 8_000).await;
        Ok(format!("{} on {what}", if is_out { "sending" } else { "receiving" }))
    }

    async fn delay(&mut self) -> Done {
        let by = self.rng.time(20, 400);
        let way = Way::Delays { by };
        let what = self.with_links(Seen { is_cut: false, out: way, back: way }, 6_000).await;
        Ok(format!("{} ms on {what}", by.as_millis()))
    }

    fn empty_folder(&self) -> Result<(), TestnetError> {
        let data = self.nodes.data(self.victim);
        std::fs::remove_dir_all(&data).map_err(|e| TestnetError::file(&data, &e))
    }

    async fn wipe(&mut self) -> Done {
        self.nodes.kill(&[self.victim])?;
        self.empty_folder()?;
        let time = self.lasts(0, 2_000).await;
        self.nodes.start(self.victim)?;
        Ok(format!("after {time}"))
    }

    /// A damaged store must be refused with the next command, or come up and prove itself; either way it is fetched anew afterwards.
    async fn corrupt(&mut self) -> Done {
        self.nodes.kill(&[self.victim])?;
        let what = self.damage()?;
        self.nodes.put_log_aside(self.victim)?;
        self.nodes.start_watched_by_caller(self.victim, &Start::Plain)?;
        let waited = self.nodes.wait_for(self.victim, Height::ZERO, OUTCOME_PATIENCE).await;
        let came = match waited {
            Waited::Reached => self.came_up().await?,
            Waited::Ended | Waited::TimeOver => self.refused(waited),
        };
        self.nodes.kill(&[self.victim])?;
        self.empty_folder()?;
        self.nodes.start(self.victim)?;
        Ok(format!("{what}: {came}"))
    }

    fn refused(&self, waited: Waited) -> String {
        self.told(refusal(waited, &self.nodes.log(self.victim)))
    }

    async fn came_up(&mut self) -> Done {
        self.lasts(2_000, 4_000).await;
        if self.nodes.running(self.victim).is_none() {
            return Ok(format!("came up, read the damage: {}", self.refused(Waited::Ended)));
        }
        self.nodes.kill(&[self.victim])?;
        let output = self.nodes.verify(self.victim).await?;
        if output.status.success() {
            return Ok("came up sound".into());
        }
        Ok(format!("came up; node verify finds it: {}", said(&output).lines().next().unwrap_or_default()))
    }

    fn damage(&mut self) -> Done {
        let files = files_with(&self.nodes.data(self.victim).join("rocksdb"), &["sst", "log"]);
        let files: Vec<_> = files.into_iter().filter(|(_, size)| *size > 0).collect();
        if files.is_empty() {
            return Err(TestnetError::local("the store has no file to damage"));
        }
        let (path, size) = &files[self.rng.index(files.len())];
        let count = 1 + self.rng.below(DAMAGED_BYTES_MAX);
        let at = self.rng.below(*size);
        flip(path, at, count).map_err(|e| TestnetError::file(path, &e))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(format!("{} bytes at {at} of {size} in {name}", count.min(size - at)))
    }

    /// The node must halt with its message and come back when there is space again.
    async fn fill_disk(&mut self) -> Done {
        let victim = self.victim;
        self.nodes.kill(&[victim])?;
        self.nodes.put_log_aside(victim)?;
        self.nodes.start_watched_by_caller(victim, &Start::WithoutSizeSignal)?;
        let came = match self.nodes.wait_for(victim, Height::ZERO, OUTCOME_PATIENCE).await {
            Waited::Reached => self.halt_on_full_disk().await?,
            other => {
                let log = self.nodes.log(self.victim);
                self.told(Err(format!("did not come up before its disk was full ({other:?}): {log}")))
            }
        };
        self.nodes.kill(&[victim])?;
        self.nodes.start(victim)?;
        Ok(came)
    }

    async fn halt_on_full_disk(&mut self) -> Done {
        let largest = files_with(&self.nodes.data(self.victim).join("rocksdb"), &["log"]).first().map_or(0, |f| f.1);
        let log_bytes = self.nodes.log(self.victim).len() as u64;
        let limit = largest.max(log_bytes) + LEFT_ON_DISK_BYTES;
        let process = self.nodes.running(self.victim).ok_or_else(|| TestnetError::local("the node is gone"))?;
        process.bound_files(Some(limit)).map_err(|e| TestnetError::local(format!("no size limit can be set: {e}")))?;
        let never = Height::new(u64::MAX);
        let mut ending = self.ending.clone();
        let waited = tokio::select! {
            waited = self.nodes.wait_for(self.victim, never, OUTCOME_PATIENCE) => waited,
            _ = ending.wait_for(|ending| *ending) => return Ok("the run ended before the disk was full".into()),
        };
        Ok(self.told(halt(waited, &self.nodes.log(self.victim), limit)))
    }

    async fn skew_clock(&mut self) -> Done {
        let library = faketime().ok_or_else(|| TestnetError::local("this machine has no libfaketime"))?;
        let offset = OFFSETS[self.rng.index(OFFSETS.len())].to_owned();
        self.nodes.kill(&[self.victim])?;
        let what = format!("by {offset}");
        self.nodes.start_watched_by_caller(self.victim, &Start::Skewed { library, offset })?;
        let time = self.lasts(3_000, 10_000).await;
        if self.nodes.running(self.victim).is_none() {
            let (code, log) = (self.nodes.code(self.victim), self.nodes.log(self.victim));
            let last: Vec<&str> = log.lines().rev().take(3).collect();
            self.nodes.surprise(format!("node {code} ended under a skewed clock: {}", last.join(" | ")));
        }
        self.nodes.kill(&[self.victim])?;
        self.nodes.start(self.victim)?;
        Ok(format!("{what} for {time}"))
    }

    /// Waits until the members hit are as far as the others were when the fault ended, and connected; whether that was before the
    /// run's end.
    pub(crate) async fn is_recovered(&mut self) -> bool {
        let hit = self.hit();
        let mut ending = self.ending.clone();
        let catch_up = async {
            let more = u64::from(self.kind.hits_all());
            let goal = self.nodes.highest(0..self.nodes.count()).await.saturating_add(more);
            for node in hit {
                while self.nodes.wait_for(node, goal, CATCH_UP_PATIENCE).await != Waited::Reached
                    || !self.nodes.is_connected(node).await
                {
                    tokio::time::sleep(ASK_AGAIN).await;
                }
            }
        };
        tokio::select! {
            () = catch_up => true,
            _ = ending.wait_for(|ending| *ending) => false,
        }
    }
}

/// What came of the start of a node with a damaged store that did not come up.
fn refusal(waited: Waited, log: &str) -> Came {
    match waited {
        Waited::Ended if log.contains("landsea node verify --data") => Ok("refused with the next command".into()),
        Waited::Ended => Err(format!("with a damaged store ended without the next command: {log}")),
        _ => Err(format!("with a damaged store neither came up nor ended in {OUTCOME_PATIENCE:?}: {log}")),
    }
}

/// What came of a bound on the size of a node's files.
fn halt(waited: Waited, log: &str, limit: u64) -> Came {
    let has_message = log.contains("storage fault") && log.contains("Next:");
    match waited {
        Waited::Ended if has_message => Ok(format!("halted with its message at {limit} bytes per file")),
        Waited::Ended => Err(format!("ended on a full disk without its message: {log}")),
        _ => Err(format!("did not halt in {OUTCOME_PATIENCE:?} with no file over {limit} bytes: {log}")),
    }
}

/// Turns bits of `count` bytes from `at` on.
fn flip(path: &Path, at: u64, count: u64) -> std::io::Result<()> {
    let mut bytes = std::fs::read(path)?;
    let first = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    bytes.iter_mut().skip(first).take(count).for_each(|byte| *byte ^= 0x5a);
    std::fs::write(path, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_hangs_on_a_damaged_store_is_as_wrong_as_one_that_ends_without_the_next_command() {
        let next = "run `landsea node verify --data x`";
        assert!(refusal(Waited::Ended, next).is_ok());
        assert!(refusal(Waited::Ended, "thread 'main' panicked").is_err());
        let hangs = refusal(Waited::TimeOver, next).expect_err("it must come up or end");
        assert!(hangs.contains("neither came up nor ended"), "{hangs}");
    }

    #[test]
    fn a_node_that_does_not_halt_on_a_full_disk_is_wrong() {
        let message = "storage fault: no space. Next: make space";
        assert!(halt(Waited::Ended, message, 9).is_ok());
        assert!(halt(Waited::Ended, "", 9).is_err());
        assert!(halt(Waited::TimeOver, message, 9).is_err());
    }

    #[test]
    fn flipped_bytes_differ_and_the_others_do_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.sst");
        std::fs::write(&path, [7; 10]).expect("writes");
        flip(&path, 8, 16).expect("the file is there");
        let bytes = std::fs::read(&path).expect("reads");
        assert_eq!(bytes, [7, 7, 7, 7, 7, 7, 7, 7, 7 ^ 0x5a, 7 ^ 0x5a]);
        assert_eq!(files_with(folder.path(), &["sst"]), [(path, 10)]);
    }
}
