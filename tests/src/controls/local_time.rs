//! Take block time from the local clock: neither the proposer nor the voters hold it against the parent's.

use super::Control;
use super::plans::disturbed;
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::Mutation;
use crate::simulation::disturb::Disturbance;
use landsea_storage::{MemoryDisk, OpenError, Store, Tip};
use landsea_types::{Member, Timestamp};

pub(super) const CONTROL: Control = Control {
    name: "take block time from the local clock",
    caught_by: &["validity", "monotonic heights"],
    tolerates: &[],
    within: 3,
    plan: |seed| disturbed(seed, 4, 15, &[Disturbance::ClockSkew]),
    mutation: |_| Box::new(LocalTime),
};

struct LocalTime;

struct NoParentTime;

impl StoreChange for NoParentTime {
    fn tip(&self, tip: Tip) -> Tip {
        Tip { time: Timestamp::new(0), ..tip }
    }
}

impl Mutation for LocalTime {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, NoParentTime)
    }
}
