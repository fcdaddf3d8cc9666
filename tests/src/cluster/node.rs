//! One member: its disk and sign mark, which outlive its process, and the process while it runs.

use crate::chain::Chain;
use landsea_chaincode::genesis_writes;
use landsea_consensus::{SignMark, Timeouts};
use landsea_node::replica::{MarkKeeper, Replica, ReplicaConfig, TimerId};
use landsea_storage::{MemoryDisk, MemoryStore, Store, StoreConfig};
use landsea_types::{Member, Timestamp};
use std::collections::BTreeMap;
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

    /// Opens the store and builds the replica; returns the number of this life.
    pub(super) fn start(&mut self, chain: &Chain) -> u64 {
        assert!(!self.is_up(), "member {} is up already", self.member);
        let config = ReplicaConfig {
            genesis: chain.genesis.clone(),
            member: self.member,
            validator_key: chain.validator_key(self.member),
            store: Box::new(self.open_store(chain)),
            marks: Box::new(self.mark.clone()),
            timeouts: Timeouts::default(),
            suite: std::sync::Arc::new(landsea_types::crypto::Ed25519),
        };
        let replica = Replica::new(config).expect("a mark lies beside the key");
        self.life = Life::Running { replica: Box::new(replica) };
        self.lives += 1;
        self.lives
    }

    fn open_store(&self, chain: &Chain) -> MemoryStore {
        let mut store = MemoryStore::open(&self.disk, StoreConfig::default()).expect("the disk is not damaged");
        let writes = genesis_writes(&chain.genesis);
        store.initialise(&writes, chain.id(), chain.genesis.time).expect("the disk belongs to this chain");
        store
    }

    /// Ends the process.
    pub(super) fn end(&mut self, life: Life) {
        self.life = life;
        self.lives += 1;
        self.timers.clear();
        self.crash_after = None;
    }
    pub(super) fn wipe(&mut self) {
        self.disk = MemoryDisk::new();
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
