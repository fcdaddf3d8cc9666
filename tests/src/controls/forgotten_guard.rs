//! Forget the double-sign guard after a restart: the log of the height in progress is not read, the mark beside the key neither.

use super::Control;
use super::plans::{LOSSY, disturbed};
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::Mutation;
use crate::simulation::Plan;
use crate::simulation::disturb::Disturbance;
use landsea_consensus::SignMark;
use landsea_node::replica::MarkKeeper;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::{Height, Member};

pub(super) const CONTROL: Control = Control {
    name: "forget the double-sign guard at a restart",
    caught_by: &["no double-signing"],
    tolerates: &[],
    within: 3,
    plan: |seed| Plan { network: LOSSY, ..disturbed(seed, 4, 10, &[Disturbance::Kill]) },
    mutation: |_| Box::new(Forgetful),
};

struct Forgetful;

struct NoLog;

impl StoreChange for NoLog {
    fn wal_entries(&self, _: Height, _: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// Takes the key for a new one at every start.
struct FreshMark(Box<dyn MarkKeeper>);

impl MarkKeeper for FreshMark {
    fn load(&self) -> Option<SignMark> {
        Some(SignMark::new_key())
    }
    fn store(&mut self, mark: SignMark) {
        self.0.store(mark);
    }
}

impl Mutation for Forgetful {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, NoLog)
    }
    fn marks(&mut self, _: Member, marks: Box<dyn MarkKeeper>) -> Box<dyn MarkKeeper> {
        Box::new(FreshMark(marks))
    }
}
