//! What the processes use: CPU, disk and memory from `/proc`, wire and syncs from the nodes' own metrics.

use crate::error::TestnetError;
use crate::network::{Network, NodeEntry};
use crate::process;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The kernel reports CPU time in hundredths of a second on every platform we run on.
const TICKS_PER_SECOND: f64 = 100.0;
/// Nanoseconds in a second.
const NS: f64 = 1e9;

/// What one process has used since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// CPU seconds in user mode and in the kernel.
    pub(crate) user: f64,
    pub(crate) system: f64,
    /// Bytes that it caused to be written to a disk.
    pub(crate) disk_written: u64,
    /// Resident memory now and at most, bytes.
    pub(crate) rss: u64,
    pub(crate) rss_max: u64,
}

impl Usage {
    /// CPU seconds, both kinds.
    pub(crate) fn cpu(&self) -> f64 {
        self.user + self.system
    }
}

/// What one node has counted since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counted {
    pub(crate) wire_out: f64,
    pub(crate) frames_out: f64,
    pub(crate) syncs: f64,
    /// Rounds that ended without a decision.
    pub(crate) rounds_failed: f64,
}

/// One node at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct NodeSample {
    pub(crate) code: String,
    pub(crate) usage: Usage,
    pub(crate) counted: Counted,
    /// Bytes of the files in its data folder.
    pub(crate) stored: u64,
}

/// All nodes and this process at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) at: Instant,
    pub(crate) nodes: Vec<NodeSample>,
    pub(crate) own: Usage,
}

/// Looks at everything.
///
/// # Errors
/// When a node's process is gone or does not answer.
pub(crate) async fn sample(network: &Network) -> Result<Sample, TestnetError> {
    let mut nodes = Vec::with_capacity(network.nodes.len());
    for node in &network.nodes {
        let stored = folder_bytes(&network.node_dir(node).join("data"));
        nodes.push(NodeSample {
            code: node.code.clone(),
            counted: scrape(node).await?,
            stored,
            ..NodeSample::default()
        });
    }
    // All CPU times at one moment, after the work of looking.
    for (node, sample) in network.nodes.iter().zip(&mut nodes) {
        sample.usage = usage_of_node(network, node)?;
    }
    Ok(Sample { at: Instant::now(), nodes, own: usage("self") })
}

fn usage_of_node(network: &Network, node: &NodeEntry) -> Result<Usage, TestnetError> {
    let dir = network.node_dir(node);
    let running = process::running(&dir).ok_or_else(|| {
        TestnetError::local(format!("node {} has ended by itself: {}", node.code, process::last_words(&dir)))
    })?;
    Ok(usage(&running.pid.to_string()))
}

/// What a process has used; zeros where the system does not tell.
fn usage(pid: &str) -> Usage {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let stat = read("stat");
    // The command's name, in parentheses, may hold spaces.
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut ticks = after.split_whitespace().skip(11).filter_map(|t| t.parse::<f64>().ok());
    let (user, system) = (ticks.next().unwrap_or_default(), ticks.next().unwrap_or_default());
    let (io, status) = (labelled(&read("io")), labelled(&read("status")));
    let kilobytes = |name: &str| status.get(name).copied().unwrap_or_default() * 1024;
    Usage {
        user: user / TICKS_PER_SECOND,
        system: system / TICKS_PER_SECOND,
        disk_written: io.get("write_bytes").copied().unwrap_or_default(),
        rss: kilobytes("VmRSS"),
        rss_max: kilobytes("VmHWM"),
    }
}

/// Lines `name: number ...`.
fn labelled(text: &str) -> BTreeMap<String, u64> {
    let line = |line: &str| {
        let (name, rest) = line.split_once(':')?;
        Some((name.to_owned(), rest.split_whitespace().next()?.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}

/// CPU seconds of this process.
pub(crate) fn own_cpu_seconds() -> f64 {
    clock_seconds(ClockId::ProcessCPUTime)
}

/// CPU seconds of this thread.
pub(crate) fn thread_cpu_seconds() -> f64 {
    clock_seconds(ClockId::ThreadCPUTime)
}

fn clock_seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / NS
}

fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let one = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
        Ok(meta) => meta.len(),
        // A file may be compacted away while it is looked at.
        Err(_) => 0,
    };
    entries.flatten().map(one).sum()
}

async fn scrape(node: &NodeEntry) -> Result<Counted, TestnetError> {
    let problem = |e: std::io::Error| TestnetError::unreachable(format!("metrics of node {}: {e}", node.code));
    let address = node.metrics.ok_or_else(|| {
        let what =
            format!("node {} has no listener for its metrics: the network was made by an older version", node.code);
        TestnetError::usage(what).next("Delete the network's folder, or name another one with --dir.")
    })?;
    let mut stream = TcpStream::connect(address).await.map_err(problem)?;
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(problem)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(problem)?;
    let value = |name: &str| {
        let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|number| number.trim().parse().ok()).unwrap_or_default()
    };
    Ok(Counted {
        wire_out: value("landsea_p2p_bytes_out"),
        frames_out: value("landsea_p2p_frames_out"),
        syncs: value("landsea_disk_syncs"),
        rounds_failed: value("landsea_rounds_failed_total"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_used_something() {
        let mut n = 0u64;
        let before = thread_cpu_seconds();
        while thread_cpu_seconds() - before < 0.03 {
            n = std::hint::black_box(n + 1);
        }
        let used = usage("self");
        assert!(used.cpu() > 0.0 && used.rss > 0 && used.rss_max >= used.rss, "{used:?}");
    }

    #[test]
    fn labelled_lines_read_as_numbers() {
        let read = labelled("VmHWM:\t  12 kB\nName:\tlandsea\nwrite_bytes: 4096\n");
        assert_eq!((read.get("VmHWM"), read.get("write_bytes"), read.get("Name")), (Some(&12), Some(&4096), None));
    }
}
