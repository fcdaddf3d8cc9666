//! Memory and CPU time of this process, from `/proc`; zero where the system does not tell. And what it made the disk sync.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Syncs of the sign mark.
static MARK_SYNCS: AtomicU64 = AtomicU64::new(0);

/// Counts a sync of the sign mark.
pub(crate) fn note_mark_sync() {
    MARK_SYNCS.fetch_add(1, Relaxed);
}

/// Waits for the disk since the process started: synced writes and flushes of the store, and sign marks.
pub fn syncs() -> u64 {
    landsea_storage::synced_writes() + MARK_SYNCS.load(Relaxed)
}

/// Resident memory, bytes.
pub fn memory_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|p| p.parse().ok()).unwrap_or(0);
    pages * 4096
}

/// CPU time used so far, user and system, milliseconds.
pub fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The command's name, in parentheses, may hold spaces.
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    // The kernel reports in hundredths of a second on every platform we run on.
    ticks * 10
}
