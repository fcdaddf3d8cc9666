//! Acknowledge before the commit is durable: a height is reported as committed and then lost with the power.

use super::Control;
use super::plans::disturbed;
use super::wrapped::open_writing;
use crate::cluster::Mutation;
use crate::simulation::disturb::Disturbance;
use landsea_storage::disk::{Disk as _, Durability};
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::Member;

pub(super) const CONTROL: Control = Control {
    name: "acknowledge before the commit is durable",
    caught_by: &["monotonic heights", "nothing acknowledged is lost"],
    tolerates: &[],
    within: 9,
    plan: |seed| disturbed(seed, 4, 10, &[Disturbance::Crash]),
    mutation: |_| Box::new(Unsynced),
};

struct Unsynced;

impl Mutation for Unsynced {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_writing(disk, |disk, changes, _| disk.write(changes, Durability::Buffered))
    }
}
