//! Publish before the flush: votes and proposals leave before the log and the mark beside the key are on the disk.
//!
//! A crash then takes the memory of what was signed, and the member signs something else for the same step.

use super::Control;
use super::plans::{LOSSY, disturbed};
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::{Faults, Mutation};
use crate::simulation::Plan;
use crate::simulation::disturb::Disturbance;
use landsea_consensus::SignMark;
use landsea_node::replica::MarkKeeper;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::Member;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Neither log nor mark are durable.
pub(super) const BOTH: Control = Control {
    name: "publish before log and mark are flushed",
    caught_by: &["no double-signing"],
    tolerates: &[],
    within: 3,
    plan: crashes,
    mutation: |_| Box::new(Unflushed { marks: Some(Marks::default()) }),
};

/// The mark is durable and tells that the log is behind, so that members sign nothing; when all crash, nobody votes.
pub(super) const LOG_ONLY: Control = Control {
    name: "publish before the log is flushed",
    caught_by: &["liveness after healing"],
    tolerates: &[],
    within: 12,
    plan: blackouts,
    mutation: |_| Box::new(Unflushed { marks: None }),
};

fn crashes(seed: u64) -> Plan {
    let kinds = [Disturbance::Crash, Disturbance::CrashBetweenActions];
    Plan { network: LOSSY, ..disturbed(seed, 4, 10, &kinds) }
}

/// All lose power again and again, often in the middle of a height.
fn blackouts(seed: u64) -> Plan {
    let network = Faults { delay_ms: (20, 120), ..Faults::NONE };
    Plan { network, pause_ms: (100, 600), ..disturbed(seed, 4, 15, &[Disturbance::CrashAll]) }
}

/// Forgets to flush; what is written becomes durable with the next commit.
struct Unflushed {
    /// Marks that wait as well.
    marks: Option<Marks>,
}

/// The newest mark of each member, in memory.
#[derive(Clone, Default)]
struct Marks(Arc<Mutex<BTreeMap<Member, SignMark>>>);

impl Marks {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<Member, SignMark>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes the mark of a height when the next height has one.
struct LateMark {
    member: Member,
    file: Box<dyn MarkKeeper>,
    marks: Marks,
}

impl MarkKeeper for LateMark {
    fn load(&self) -> Option<SignMark> {
        self.marks.with(|marks| marks.get(&self.member).copied()).or_else(|| self.file.load())
    }
    fn store(&mut self, mark: SignMark) {
        let before = self.marks.with(|marks| marks.insert(self.member, mark));
        if let Some(before) = before.filter(|before| before.height < mark.height) {
            self.file.store(before);
        }
    }
}

struct NoFlush;

impl StoreChange for NoFlush {
    fn flush(&mut self, _: &mut dyn Store) {}
}

impl Mutation for Unflushed {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, NoFlush)
    }
    fn marks(&mut self, member: Member, file: Box<dyn MarkKeeper>) -> Box<dyn MarkKeeper> {
        match &self.marks {
            Some(marks) => Box::new(LateMark { member, file, marks: marks.clone() }),
            None => file,
        }
    }
    fn on_crash(&mut self, member: Member) {
        if let Some(marks) = &self.marks {
            marks.with(|marks| marks.remove(&member));
        }
    }
}
