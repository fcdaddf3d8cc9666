//! The test double: forgets unflushed writes on a crash, and fails or damages the next write on command.
//!
//! A [`MemoryDisk`] outlives the stores opened on it, as a real disk outlives processes. Opening starts a session; a crash ends
//! it, and an ended session answers every call with a fault, as a dead process would answer nothing.

use super::{Change, Changes, Column, Disk, DiskRead, Durability, Row};
use crate::error::DiskFault;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// A stored value. Damage stands for a checksum that no longer matches: RocksDB reports it on read, never serves it.
#[derive(Clone, Debug)]
struct Cell {
    bytes: Arc<[u8]>,
    is_damaged: bool,
}

type Cells = BTreeMap<(Column, Vec<u8>), Cell>;

/// What the next write does instead of succeeding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sabotage {
    Fail,
    Corrupt,
}

#[derive(Debug, Default)]
struct Platter {
    /// What the running process sees.
    live: Arc<Cells>,
    /// What survives a crash.
    durable: Cells,
    /// Writes between the two, oldest first.
    unflushed: Vec<(Changes, bool)>,
    session: u64,
    has_failed: bool,
    sabotage: Option<Sabotage>,
    fails_next_flush: bool,
    is_full: bool,
    /// Writes and flushes until the power fails, and the unflushed writes that reach the platter then.
    power_fails_in: Option<(usize, usize)>,
    flushes: u64,
}

impl Platter {
    fn settle(&mut self, writes: usize) {
        for (changes, is_damaged) in self.unflushed.drain(..writes) {
            apply(&mut self.durable, &changes, is_damaged);
        }
    }
    fn lose_power(&mut self) {
        self.unflushed.clear();
        self.live = Arc::new(self.durable.clone());
        self.session += 1;
        self.has_failed = false;
        self.power_fails_in = None;
    }
    /// Whether what is written now is to be damaged; an error when it is to fail.
    fn is_to_be_damaged(&mut self, action: &str) -> Result<bool, DiskFault> {
        let sabotage = self.sabotage.take();
        if sabotage == Some(Sabotage::Fail) {
            self.has_failed = true;
            return Err(fault(action, "failed on command"));
        }
        Ok(sabotage == Some(Sabotage::Corrupt))
    }
    /// What stands in the way of a write or flush: the power fails, or no space is left.
    fn hindrance(&mut self, action: &str) -> Result<(), DiskFault> {
        if let Some((left, kept)) = self.power_fails_in {
            if left == 0 {
                let kept = kept.min(self.unflushed.len());
                self.settle(kept);
                self.lose_power();
                return Err(fault(action, "the power failed"));
            }
            self.power_fails_in = Some((left - 1, kept));
        }
        if self.is_full {
            self.has_failed = true;
            return Err(fault(action, "no space is left"));
        }
        Ok(())
    }
}

fn apply(cells: &mut Cells, changes: &Changes, is_damaged: bool) {
    for change in changes.iter() {
        match change {
            Change::Put { column, key, value } => {
                cells.insert((column, key.to_vec()), Cell { bytes: value.into(), is_damaged });
            }
            Change::Delete { column, key } => {
                cells.remove(&(column, key.to_vec()));
            }
            Change::DeleteRange { column, from, until } => remove_range(cells, column, from.to_vec(), until.to_vec()),
        }
    }
}

fn remove_range(cells: &mut Cells, column: Column, from: Vec<u8>, until: Vec<u8>) {
    if from < until {
        let doomed: Vec<_> = cells.range((column, from)..(column, until)).map(|(key, _)| key.clone()).collect();
        for key in doomed {
            cells.remove(&key);
        }
    }
}

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk(Arc<Mutex<Platter>>);

impl MemoryDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }
    /// Loses power: what was not flushed is forgotten and the running store is dead.
    pub fn crash(&self) {
        self.platter().lose_power();
    }
    /// Loses power after the first `writes` of the unflushed writes reached the platter by luck.
    pub fn crash_keeping(&self, writes: usize) {
        let mut platter = self.platter();
        let kept = writes.min(platter.unflushed.len());
        platter.settle(kept);
        platter.lose_power();
    }
    /// Makes the next write fail; the store is then unusable until the next open.
    pub fn fail_next_write(&self) {
        self.platter().sabotage = Some(Sabotage::Fail);
    }
    /// Makes the next flush or synced write fail.
    pub fn fail_next_flush(&self) {
        self.platter().fails_next_flush = true;
    }
    /// Damages every value of the next write; reading one is then a fault.
    pub fn corrupt_next_write(&self) {
        self.platter().sabotage = Some(Sabotage::Corrupt);
    }
    /// Loses power in the middle of whatever runs then: instead of the write or flush after the next `writes` of them. The oldest `kept` of
    /// the unflushed writes reach the platter.
    pub fn lose_power_in(&self, writes: usize, kept: usize) {
        self.platter().power_fails_in = Some((writes, kept));
    }
    /// Takes back what was arranged to fail later.
    pub fn disarm(&self) {
        let mut platter = self.platter();
        platter.power_fails_in = None;
        platter.sabotage = None;
        platter.fails_next_flush = false;
    }
    /// Fills the disk up, or makes space again: every write and flush of a full disk fails.
    pub fn set_full(&self, is_full: bool) {
        self.platter().is_full = is_full;
    }
    /// Damages one stored value, chosen by `choice` among those of a column; reading it is then a fault. Returns whether there was one.
    pub fn damage_value(&self, column: Column, choice: u64) -> bool {
        let platter = &mut *self.platter();
        let keys: Vec<_> = platter.durable.keys().filter(|(of, _)| *of == column).cloned().collect();
        let Some(key) = keys.get((choice % keys.len().max(1) as u64) as usize) else { return false };
        for cells in [&mut platter.durable, Arc::make_mut(&mut platter.live)] {
            if let Some(cell) = cells.get_mut(key) {
                cell.is_damaged = true;
            }
        }
        true
    }
    /// Replaces a stored value without anybody noticing, as a bug or an intruder would. Returns whether the key was there.
    pub fn overwrite_value(&self, column: Column, key: &[u8], value: &[u8]) -> bool {
        let platter = &mut *self.platter();
        let key = (column, key.to_vec());
        let mut was_there = false;
        for cells in [&mut platter.durable, Arc::make_mut(&mut platter.live)] {
            if let Some(cell) = cells.get_mut(&key) {
                cell.bytes = value.into();
                was_there = true;
            }
        }
        was_there
    }
    /// Number of writes that a crash would forget.
    pub fn unflushed_writes(&self) -> usize {
        self.platter().unflushed.len()
    }
    /// Number of flushes and synced writes so far.
    pub fn flushes(&self) -> u64 {
        self.platter().flushes
    }
    /// Number of rows in a column, as the running process sees it.
    pub fn rows(&self, column: Column) -> usize {
        self.platter().live.keys().filter(|(of, _)| *of == column).count()
    }
    /// Removes rows without anybody noticing, as a bug or an intruder would.
    pub fn remove_rows(&self, column: Column, is_chosen: impl Fn(&[u8]) -> bool) {
        let mut platter = self.platter();
        let stays = |(of, key): &(Column, Vec<u8>)| *of != column || !is_chosen(key);
        Arc::make_mut(&mut platter.live).retain(|key, _| stays(key));
        platter.durable.retain(|key, _| stays(key));
    }
    /// Starts a session; an earlier one ends without losing what it wrote, as when a process is killed and the machine stays up.
    pub fn open(&self) -> MemorySession {
        let mut platter = self.platter();
        platter.session += 1;
        platter.has_failed = false;
        MemorySession { disk: self.clone(), session: platter.session }
    }
    fn platter(&self) -> MutexGuard<'_, Platter> {
        // A test may have caught the panic of a halted store; the data is a plain value and stays usable.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// One process's use of a [`MemoryDisk`].
#[derive(Clone, Debug)]
pub struct MemorySession {
    disk: MemoryDisk,
    session: u64,
}

impl MemorySession {
    fn platter(&self, action: &str) -> Result<MutexGuard<'_, Platter>, DiskFault> {
        let platter = self.disk.platter();
        if platter.session != self.session {
            return Err(fault(action, "the process that opened the disk is gone"));
        }
        if platter.has_failed {
            return Err(fault(action, "an earlier write failed"));
        }
        Ok(platter)
    }
}

fn fault(action: &str, detail: &str) -> DiskFault {
    DiskFault { action: action.into(), place: "memory".into(), detail: detail.into() }
}

fn get(cells: &Cells, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
    cells.get(&(column, key.to_vec())).map(|cell| sound(column, cell)).transpose()
}

fn scan(cells: &Cells, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
    if from >= until {
        return Ok(Vec::new());
    }
    let range = cells.range((column, from.to_vec())..(column, until.to_vec()));
    range.take(limit).map(|((_, key), cell)| Ok((key.clone(), sound(column, cell)?))).collect()
}

fn sound(column: Column, cell: &Cell) -> Result<Vec<u8>, DiskFault> {
    if cell.is_damaged {
        return Err(fault(&format!("read of {}", column.name()), "the checksum does not match"));
    }
    Ok(cell.bytes.to_vec())
}

impl DiskRead for MemorySession {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
        get(&self.platter("read")?.live, column, key)
    }
    fn scan(&self, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
        scan(&self.platter("read")?.live, column, from, until, limit)
    }
    fn place(&self) -> String {
        "memory".into()
    }
}

impl Disk for MemorySession {
    type View = MemoryView;

    fn write(&self, changes: Changes, durability: Durability) -> Result<(), DiskFault> {
        let mut platter = self.platter("write")?;
        platter.hindrance("write")?;
        let is_damaged = platter.is_to_be_damaged("write")?;
        apply(Arc::make_mut(&mut platter.live), &changes, is_damaged);
        platter.unflushed.push((changes, is_damaged));
        drop(platter);
        if durability == Durability::Synced { self.flush() } else { Ok(()) }
    }

    fn load(&self, column: Column, rows: Vec<Row>) -> Result<(), DiskFault> {
        let mut platter = self.platter("load")?;
        platter.hindrance("load")?;
        let is_damaged = platter.is_to_be_damaged("load")?;
        let mut changes = Changes::default();
        rows.iter().for_each(|(key, value)| changes.put(column, key, value));
        apply(Arc::make_mut(&mut platter.live), &changes, is_damaged);
        apply(&mut platter.durable, &changes, is_damaged);
        Ok(())
    }

    fn flush(&self) -> Result<(), DiskFault> {
        let mut platter = self.platter("flush")?;
        platter.hindrance("flush")?;
        if std::mem::take(&mut platter.fails_next_flush) {
            platter.has_failed = true;
            return Err(fault("flush", "failed on command"));
        }
        let all = platter.unflushed.len();
        platter.settle(all);
        platter.flushes += 1;
        Ok(())
    }

    fn view(&self) -> Result<MemoryView, DiskFault> {
        Ok(MemoryView(self.platter("snapshot")?.live.clone()))
    }
}

/// A snapshot of a [`MemoryDisk`].
#[derive(Clone, Debug)]
pub struct MemoryView(Arc<Cells>);

impl DiskRead for MemoryView {
    fn get(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFault> {
        get(&self.0, column, key)
    }
    fn scan(&self, column: Column, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<Row>, DiskFault> {
        scan(&self.0, column, from, until, limit)
    }
    fn place(&self) -> String {
        "memory".into()
    }
}
