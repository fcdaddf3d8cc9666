//! Real node processes, found again by their pid files.
//!
//! A pid file holds the pid and the start time that the kernel counts for it. Only a process for which both are true is ever
//! signalled, so a recycled pid is never killed. Nodes run in their own process groups: a Ctrl-C at the terminal reaches this
//! process alone, which then stops them in order.

use crate::error::TestnetError;
use crate::network::{Network, NodeEntry};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit};
use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a node may take to end after a polite request.
const STOP_PATIENCE: Duration = Duration::from_secs(15);
/// How long the kernel may take to end a killed process.
const KILL_PATIENCE: Duration = Duration::from_secs(10);
/// Pause between two looks at a process.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A process that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its pid.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    started: u64,
}

impl Running {
    fn is_alive(self) -> bool {
        start_time(self.pid) == Some(self.started)
    }
    fn signal(self, signal: Signal) {
        let raw = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = raw.filter(|_| self.is_alive()) {
            // It may have ended since; then there is nothing left to signal.
            let _ = kill_process(pid, signal);
        }
    }
    /// Stops the process from running without ending it (SIGSTOP).
    pub(crate) fn freeze(self) {
        self.signal(Signal::STOP);
    }
    /// Lets a frozen process run on (SIGCONT).
    pub(crate) fn thaw(self) {
        self.signal(Signal::CONT);
    }
    /// Bounds the size of every file that the process writes from now on, in bytes; `None` lifts the bound.
    pub(crate) fn bound_files(self, bytes: Option<u64>) -> std::io::Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let pid = pid.filter(|_| self.is_alive()).ok_or(std::io::ErrorKind::NotFound)?;
        // A child has inherited the upper limit of this process.
        let maximum = getrlimit(Resource::Fsize).maximum;
        prlimit(Some(pid), Resource::Fsize, Rlimit { current: bytes, maximum })?;
        Ok(())
    }
    fn wait(self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        true
    }
}

/// How a node is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// SIGTERM, and SIGKILL when that is not enough.
    Polite,
    /// SIGKILL: a crash.
    Hard,
}

fn pid_path(node_dir: &Path) -> PathBuf {
    node_dir.join("pid")
}

/// The log of a node.
pub fn log_path(node_dir: &Path) -> PathBuf {
    node_dir.join("node.log")
}

/// The process of a node's folder, if it runs.
pub fn running(node_dir: &Path) -> Option<Running> {
    let text = std::fs::read_to_string(pid_path(node_dir)).ok()?;
    let (pid, started) = text.trim().split_once(' ')?;
    let found = Running { pid: pid.parse().ok()?, started: started.parse().ok()? };
    found.is_alive().then_some(found)
}

/// The kernel's start time of a live process; `None` when it is gone or a zombie.
fn start_time(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything; the state follows the last one.
    let (_, after) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let is_gone = matches!(fields.first(), Some(&"Z" | &"X"));
    fields.get(19).filter(|_| !is_gone)?.parse().ok()
}

/// Starts a node unless it runs already.
///
/// # Errors
/// When the program cannot be started or its files cannot be written.
pub fn start(binary: &Path, network: &Network, node: &NodeEntry) -> Result<Running, TestnetError> {
    if let Some(found) = running(&network.node_dir(node)) {
        return Ok(found);
    }
    launch(Command::new(binary), network, node)
}

/// Starts a node that does not run with a command to which `node run --config FILE` is appended.
///
/// # Errors
/// As [`start`].
pub(crate) fn launch(mut command: Command, network: &Network, node: &NodeEntry) -> Result<Running, TestnetError> {
    let dir = network.node_dir(node);
    let log_file = log_path(&dir);
    let open = OpenOptions::new().create(true).append(true).open(&log_file);
    let log = open.map_err(|e| TestnetError::file(&log_file, &e))?;
    let also = log.try_clone().map_err(|e| TestnetError::file(&log_file, &e))?;
    command.args(["node", "run", "--config"]).arg(dir.join("node.toml"));
    command.stdin(Stdio::null()).stdout(log).stderr(also).process_group(0);
    let mut child = command.spawn().map_err(|e| TestnetError::file(Path::new(command.get_program()), &e))?;
    let pid = child.id();
    // While this process lives it is the parent and must take note of the end.
    std::thread::spawn(move || child.wait());
    let Some(started) = start_time(pid) else {
        return Err(TestnetError::local(format!("node {} ended at once: {}", node.code, last_words(&dir))));
    };
    let path = pid_path(&dir);
    std::fs::write(&path, format!("{pid} {started}\n")).map_err(|e| TestnetError::file(&path, &e))?;
    Ok(Running { pid, started })
}

/// Stops nodes at the same time and waits until they are gone.
///
/// # Errors
/// Names a node that does not end.
pub fn stop_all(network: &Network, nodes: &[&NodeEntry], how: Stop) -> Result<(), TestnetError> {
    let found: Vec<_> = nodes.iter().filter_map(|n| Some((*n, running(&network.node_dir(n))?))).collect();
    let signal = if how == Stop::Hard { Signal::KILL } else { Signal::TERM };
    found.iter().for_each(|(_, process)| process.signal(signal));
    for (node, process) in found {
        if !process.wait(STOP_PATIENCE) {
            process.signal(Signal::KILL);
        }
        if !process.wait(KILL_PATIENCE) {
            return Err(TestnetError::local(format!("node {} (pid {}) does not end", node.code, process.pid)));
        }
        // The file means "started by us"; without it a stopped node is told from a crashed one.
        let _ = std::fs::remove_file(pid_path(&network.node_dir(node)));
    }
    Ok(())
}

/// The last lines of a node's log, for an error message.
pub fn last_words(node_dir: &Path) -> String {
    let path = log_path(node_dir);
    let text = std::fs::read(&path).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().filter(|l| !l.trim().is_empty()).take(3).collect();
    let last: Vec<&str> = lines.into_iter().rev().collect();
    format!("{}\n(log: {})", last.join("\n"), path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recycled_pid_is_not_taken_for_the_node() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let me = std::process::id();
        let started = start_time(me).expect("this process is alive");
        let note = |ticks: u64| std::fs::write(pid_path(folder.path()), format!("{me} {ticks}\n")).expect("writes");
        note(started);
        assert_eq!(running(folder.path()), Some(Running { pid: me, started }));
        note(started + 1);
        assert_eq!(running(folder.path()), None);
    }

    #[test]
    fn an_ended_child_is_gone_even_before_it_is_waited_for() {
        let mut child = Command::new("true").spawn().expect("a program that ends at once");
        let pid = child.id();
        let ended = Running { pid, started: start_time(pid).unwrap_or_default() };
        assert!(ended.wait(KILL_PATIENCE));
        child.wait().expect("it ended");
        assert_eq!(start_time(pid), None);
    }
}
