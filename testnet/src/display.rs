//! Tables for people.

use crate::network::Network;
use crate::watch::Seen;
use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

/// Why the standard output cannot be written, once that is so.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints a line. A closed pipe is no reason to fail; what else goes wrong is kept for [`output_failure`].
pub(crate) fn line(text: impl AsRef<str>) {
    match writeln!(std::io::stdout(), "{}", text.as_ref()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => drop(LOST.set(error.to_string())),
        _ => {}
    }
}

/// Why lines that this crate printed are lost, if they are: a full disk, but not a reader that has gone.
pub fn output_failure() -> Option<&'static str> {
    LOST.get().map(String::as_str)
}

/// Prints a remark beside the answer; there is nowhere to say that it could not be printed.
pub(crate) fn note(text: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
}

/// The state of every node as a table.
pub(crate) fn table(network: &Network, seen: &[Seen]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["MEMBER", "NAME", "HEIGHT", "ROUND", "STEP", "PEERS", "MEMORY", "RPC", "PID"]);
    for one in seen {
        table.add_row(row(network, one));
    }
    for column in [2, 3, 5, 6, 8] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

fn row(network: &Network, seen: &Seen) -> Vec<String> {
    let member = network.genesis.members.iter().find(|m| m.code == seen.node.code);
    let name = member.map(|m| m.name_zh.clone()).unwrap_or_default();
    let pid = seen.process.map(|p| p.pid.to_string()).unwrap_or_else(|| "-".into());
    let middle = match &seen.status {
        Some(status) => {
            let connected = status.peers.iter().filter(|p| p.connected).count();
            let step = if status.voting { status.step.clone() } else { format!("{} (observing)", status.step) };
            let memory = format!("{} MiB", status.memory_bytes / (1024 * 1024));
            let peers = format!("{connected}/{}", network.nodes.len().saturating_sub(1));
            [status.height.to_string(), status.round.to_string(), step, peers, memory]
        }
        None => {
            let word = if seen.process.is_some() { "no answer" } else { "stopped" };
            ["-".into(), "-".into(), word.into(), "-".into(), "-".into()]
        }
    };
    let [height, round, step, peers, memory] = middle;
    vec![seen.node.code.clone(), name, height, round, step, peers, memory, seen.node.rpc.clone(), pid]
}

/// The state of one node as JSON.
pub(crate) fn json_row(seen: &Seen) -> Value {
    json!({
        "code": seen.node.code,
        "member": seen.node.member,
        "rpc": seen.node.rpc,
        "running": seen.process.is_some(),
        "pid": seen.process.map(|p| p.pid),
        "status": seen.status,
    })
}

/// A table that is drawn again in place on a terminal, and line by line elsewhere.
pub(crate) struct LiveTable {
    terminal: bool,
    drawn: usize,
    last: String,
}

impl LiveTable {
    pub(crate) fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), drawn: 0, last: String::new() }
    }

    /// Draws the state of the network.
    pub(crate) fn draw(&mut self, network: &Network, seen: &[Seen]) {
        if self.terminal { self.redraw(&table(network, seen)) } else { self.say(seen) }
    }

    fn redraw(&mut self, text: &str) {
        let mut out = std::io::stdout();
        if self.drawn > 0 {
            let _ = write!(out, "\x1b[{}A", self.drawn);
        }
        for row in text.lines() {
            let _ = writeln!(out, "\x1b[2K{row}");
        }
        let _ = out.flush();
        self.drawn = text.lines().count();
    }

    /// Off a terminal one line says what has changed.
    fn say(&mut self, seen: &[Seen]) {
        let newest = seen.iter().filter_map(|s| s.status.as_ref()).map(|s| s.height).max().unwrap_or_default();
        let up = seen.iter().filter(|s| s.status.is_some()).count();
        let text = format!("height {newest}, {up} of {} nodes answer", seen.len());
        if text != self.last {
            line(&text);
            self.last = text;
        }
    }
}

/// Characters of a bar.
const BAR_WIDTH: u32 = 24;

/// A bar that is filled up to a share between 0 and 1.
pub(crate) fn bar(share: f64) -> String {
    let full = (0..BAR_WIDTH).filter(|n| f64::from(*n) < share.clamp(0.0, 1.0) * f64::from(BAR_WIDTH)).count();
    format!("[{}{}]", "#".repeat(full), ".".repeat(BAR_WIDTH as usize - full))
}

/// Draws a line over the one before it.
pub(crate) fn draw(text: &str) {
    let mut out = std::io::stdout();
    // A closed terminal is no reason to fail.
    let _ = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_with_its_share_and_no_further() {
        assert_eq!(bar(0.0), format!("[{}]", ".".repeat(24)));
        assert_eq!(bar(0.5), format!("[{}{}]", "#".repeat(12), ".".repeat(12)));
        assert_eq!(bar(3.0), format!("[{}]", "#".repeat(24)));
    }
}
