//! Commit state and block in two batches: power that fails between them leaves a height half committed.

use super::Control;
use super::plans::disturbed;
use super::wrapped::open_writing;
use crate::cluster::Mutation;
use crate::simulation::Plan;
use crate::simulation::disturb::Disturbance;
use landsea_storage::disk::{Change, Changes, Column, Disk as _, Durability, MemorySession};
use landsea_storage::{DiskFault, MemoryDisk, OpenError, Store};
use landsea_types::Member;

pub(super) const CONTROL: Control = Control {
    name: "commit state and block in two batches",
    caught_by: &["no correct member halts", "equal state roots"],
    tolerates: &[],
    within: 9,
    plan: |seed| Plan { traffic_ms: (20, 100), ..disturbed(seed, 4, 20, &[Disturbance::CrashInWrite]) },
    mutation: |_| Box::new(TwoBatches),
};

struct TwoBatches;

/// State first, then the block that led to it and the tip.
fn write_in_two(disk: &MemorySession, changes: Changes, durability: Durability) -> Result<(), DiskFault> {
    let (mut state, mut rest) = (Changes::default(), Changes::default());
    for change in changes.iter() {
        let is_state = matches!(
            column_of(&change),
            Column::Leaves | Column::Rows | Column::Nodes | Column::Stale | Column::Changed
        );
        put(if is_state { &mut state } else { &mut rest }, change);
    }
    if !state.is_empty() {
        disk.write(state, durability)?;
    }
    disk.write(rest, durability)
}

fn column_of(change: &Change<'_>) -> Column {
    match change {
        Change::Put { column, .. } | Change::Delete { column, .. } | Change::DeleteRange { column, .. } => *column,
    }
}

fn put(changes: &mut Changes, change: Change<'_>) {
    match change {
        Change::Put { column, key, value } => changes.put(column, key, value),
        Change::Delete { column, key } => changes.delete(column, key),
        Change::DeleteRange { column, from, until } => changes.delete_range(column, from, until),
    }
}

impl Mutation for TwoBatches {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_writing(disk, write_in_two)
    }
}
