//! What the replica's thread tells the rest of the process: status, committed heights, answers to waiters.

use crate::message::About;
use crate::replica::CommittedHeight;
use landsea_types::{Height, Member, TxId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{oneshot, watch};

/// Waiters for commits, at most.
const WAITERS_MAX: usize = 10_000;

/// The replica's state as RPC and metrics show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReplicaStatus {
    pub(crate) round: u32,
    pub(crate) step: String,
    pub(crate) voting: bool,
    pub(crate) connected: Vec<Member>,
    /// The heights that connected members seem to have committed.
    pub(crate) heights: Vec<(Member, Height)>,
    /// What connected members told of themselves.
    pub(crate) about: Arc<BTreeMap<Member, About>>,
    pub(crate) waiting_transactions: usize,
    /// Further transactions would be dropped.
    pub(crate) full: bool,
}

/// Shared between the replica's thread and the RPC server.
pub(crate) struct Hub {
    status: watch::Sender<ReplicaStatus>,
    height: watch::Sender<Height>,
    waiters: Mutex<BTreeMap<TxId, Vec<oneshot::Sender<()>>>>,
}

impl Hub {
    /// A hub over a chain committed up to `height`.
    pub(crate) fn new(height: Height) -> Self {
        Self {
            status: watch::Sender::new(ReplicaStatus::default()),
            height: watch::Sender::new(height),
            waiters: Mutex::new(BTreeMap::new()),
        }
    }
    /// The latest status.
    pub(crate) fn status(&self) -> ReplicaStatus {
        self.status.borrow().clone()
    }
    pub(crate) fn set_status(&self, status: ReplicaStatus) {
        self.status.send_if_modified(|old| {
            let changed = *old != status;
            *old = status;
            changed
        });
    }
    /// Follows the committed height.
    pub(crate) fn heights(&self) -> watch::Receiver<Height> {
        self.height.subscribe()
    }
    /// Resolves once the transaction is in a committed block; `None` when too many wait already.
    pub(crate) fn wait_for(&self, id: TxId) -> Option<oneshot::Receiver<()>> {
        let mut waiters = self.waiters.lock().expect("no holder of this lock panics");
        if waiters.len() >= WAITERS_MAX {
            waiters.retain(|_, list| {
                list.retain(|w| !w.is_closed());
                !list.is_empty()
            });
        }
        if waiters.len() >= WAITERS_MAX {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        waiters.entry(id).or_default().push(sender);
        Some(receiver)
    }
    pub(crate) fn on_committed(&self, committed: &CommittedHeight) {
        self.height.send_replace(committed.height);
        let mut waiters = self.waiters.lock().expect("no holder of this lock panics");
        for outcome in committed.outcomes.iter() {
            for waiter in waiters.remove(&outcome.tx).into_iter().flatten() {
                let _ = waiter.send(());
            }
        }
    }
}
