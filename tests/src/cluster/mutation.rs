//! Where a deliberate violation can be put between a replica and its surroundings.

use landsea_node::replica::{Event, MarkKeeper};
use landsea_storage::{MemoryDisk, MemoryStore, OpenError, Store, StoreConfig};
use landsea_types::{Member, Suite, Timestamp};
use std::sync::Arc;

/// A wrapper around what a replica is given. The default of each function is production; the simulator's negative controls replace one.
pub trait Mutation {
    /// Opens the store that a member's replica works on.
    ///
    /// # Errors
    /// As [`MemoryStore::open`].
    fn open_store(&mut self, member: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        let _ = member;
        Ok(Box::new(MemoryStore::open(disk, StoreConfig::default())?))
    }
    /// The sign mark that a member's replica works with.
    fn marks(&mut self, member: Member, marks: Box<dyn MarkKeeper>) -> Box<dyn MarkKeeper> {
        let _ = member;
        marks
    }
    /// The suite with which a member signs and checks.
    fn suite(&mut self, member: Member, suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        let _ = member;
        suite
    }
    /// Looks at an event on its way to a replica and may change it; what it appends to `more` is handled right after.
    fn patch(&mut self, member: Member, now: Timestamp, event: &mut Event, more: &mut Vec<Event>) {
        let _ = (member, now, event, more);
    }
    /// A member's machine has lost power; what it kept outside its disk is as after its last write.
    fn on_crash(&mut self, member: Member) {
        let _ = member;
    }
}

/// Production.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMutation;

impl Mutation for NoMutation {}
