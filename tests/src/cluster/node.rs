//! One member: its disk and sign mark, which outlive its process, and the process while it runs.

use super::Mutation;
use crate::byzantine::Behaviour;
use crate::chain::Chain;
use landsea_chaincode::genesis_writes;
use landsea_consensus::{SignMark, Timeouts};
use landsea_node::replica::{MarkKeeper, Replica, ReplicaConfig, TimerId};
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::{Member, Suite, Timestamp};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// A sign mark that survives its node, as the file beside the key does. Clones are the same mark.
#[derive(Clone, Debug)]
pub(super) struct MemoryMark(Arc<Mutex<SignMark>>);

impl MemoryMark {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(SignMark::new_key())))
    }
    pub(super) fn get(&self) -> SignMark {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MarkKeeper for MemoryMark {
    fn load(&self) -> Option<SignMark> {
        Some(self.get())
    }
    fn store(&mut self, mark: SignMark) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = mark;
    }
}

/// What stands behind a member's address.
pub(super) enum Life {
    Running { replica: Box<Replica> },
    Puppet,
    Down,
}

/// A timer that runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Armed {
    pub(super) at: Timestamp,
    pub(super) setting: u64,
}

/// One member of the cluster.
pub(super) struct Node {
    pub(super) member: Member,
    pub(super) disk: MemoryDisk,
    pub(super) mark: MemoryMark,
    pub(super) life: Life,
    /// Counts the starts; names the current life.
    pub(super) lives: u64,
    pub(super) timers: BTreeMap<TimerId, Armed>,
    settings: u64,
    /// How far its clock is from virtual time, milliseconds.
    pub(super) skew_ms: i64,
    /// Perform only that many actions of the next step, then lose power.
    pub(super) crash_after: Option<usize>,
    /// Until when the process stands still.
    pub(super) paused_until: Timestamp,
    /// Whether a power loss was arranged for a later write.
    pub(super) is_armed: bool,
    /// Whether the disk has no space left.
    pub(super) is_full: bool,
    /// Whether a value on the disk was damaged.
    pub(super) is_damaged: bool,
    /// Stands between the replica and the network.
    pub(super) behaviour: Option<Box<dyn Behaviour>>,
}

impl Node {
    pub(super) fn new(member: Member) -> Self {
        Self {
            member,
            disk: MemoryDisk::new(),
            mark: MemoryMark::new(),
            life: Life::Down,
            lives: 0,
            timers: BTreeMap::new(),
            settings: 0,
            skew_ms: 0,
            crash_after: None,
            paused_until: Timestamp::new(0),
            is_armed: false,
            is_full: false,
            is_damaged: false,
            behaviour: None,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.life, Life::Running { .. })
    }
    /// Whether the member is connected to others.
    pub(super) fn is_up(&self) -> bool {
        !matches!(self.life, Life::Down)
    }
    pub(super) fn replica(&self) -> &Replica {
        match &self.life {
            Life::Running { replica } => replica,
            _ => panic!("member {} does not run", self.member),
        }
    }

    /// Whether something was done to the disk that may stop the process.
    pub(super) fn expects_halt(&self) -> bool {
        self.is_armed || self.is_full || self.is_damaged
    }

    /// Opens the store and builds the replica; returns `false` when the disk does not allow it.
    pub(super) fn start(&mut self, chain: &Chain, suite: &Arc<dyn Suite>, mutation: &mut dyn Mutation) -> bool {
        assert!(!self.is_up(), "member {} is up already", self.member);
        let Some(store) = self.open_store(chain, mutation) else { return false };
        let config = ReplicaConfig {
            genesis: chain.genesis.clone(),
            member: self.member,
            validator_key: chain.validator_key(self.member),
            store,
            marks: mutation.marks(self.member, Box::new(self.mark.clone())),
            timeouts: Timeouts::default(),
            suite: mutation.suite(self.member, Arc::clone(suite)),
        };
        let replica = Replica::new(config).expect("a mark lies beside the key");
        self.life = Life::Running { replica: Box::new(replica) };
        self.lives += 1;
        true
    }

    /// A disk that nobody harmed must open.
    fn open_store(&self, chain: &Chain, mutation: &mut dyn Mutation) -> Option<Box<dyn Store>> {
        let open = || -> Result<Box<dyn Store>, OpenError> {
            let mut store = mutation.open_store(self.member, &self.disk)?;
            store.initialise(&genesis_writes(&chain.genesis), chain.id(), chain.genesis.time)?;
            Ok(store)
        };
        match catch_unwind(AssertUnwindSafe(open)) {
            Ok(Ok(store)) => Some(store),
            Ok(Err(error)) if !self.expects_halt() => panic!("member {} does not open its store: {error}", self.member),
            Err(panic) if !self.expects_halt() => std::panic::resume_unwind(panic),
            _ => None,
        }
    }

    /// Ends the process.
    pub(super) fn end(&mut self, life: Life) {
        self.life = life;
        self.lives += 1;
        self.timers.clear();
        self.crash_after = None;
        self.paused_until = Timestamp::new(0);
    }
    /// Whether a halt is the disk's fault: something was done to it, and the process stopped over a storage fault and nothing else.
    pub(super) fn is_excused(&self, message: &str) -> bool {
        self.expects_halt() && message.starts_with("storage fault")
    }
    pub(super) fn wipe(&mut self) {
        self.disk = MemoryDisk::new();
        (self.is_armed, self.is_full, self.is_damaged) = (false, false, false);
    }

    /// Sets a timer by the rule of the production shell; returns the setting's number, or `None` when the running one stays.
    pub(super) fn set_timer(&mut self, timer: TimerId, at: Timestamp) -> Option<u64> {
        let running = self.timers.get(&timer);
        if timer.keeps_earlier() && running.is_some_and(|armed| armed.at <= at) {
            return None;
        }
        self.settings += 1;
        self.timers.insert(timer, Armed { at, setting: self.settings });
        Some(self.settings)
    }
    /// Takes a timer that fires, if this setting still stands.
    pub(super) fn take_timer(&mut self, timer: TimerId, setting: u64) -> bool {
        let stands = self.timers.get(&timer).is_some_and(|armed| armed.setting == setting);
        if stands {
            self.timers.remove(&timer);
        }
        stands
    }

    pub(super) fn describe(&self) -> String {
        match &self.life {
            Life::Down => format!("member {}: down", self.member),
            Life::Puppet => format!("member {}: puppet", self.member),
            Life::Running { replica } => {
                let engine = replica.engine_status();
                format!(
                    "member {}: tip {}, height {} round {} {:?}, observing {}, waiting {}, timers {:?}, mark {:?}",
                    self.member,
                    replica.tip().height,
                    engine.height,
                    engine.round,
                    engine.step,
                    engine.observing,
                    replica.waiting_transactions(),
                    self.timers.keys().collect::<Vec<_>>(),
                    self.mark.get(),
                )
            }
        }
    }
}
