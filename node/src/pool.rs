//! The signature pool: threads that check batches away from the replica's thread.

use crate::checked::{BatchFault, CheckedBatch};
use crate::verified::Verified;
use landsea_types::consensus::ValidatorSet;
use landsea_types::crypto::{Ed25519, Suite};
use landsea_types::{Batch, ChainId, Member};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// Batches waiting to be checked, at most.
const QUEUE_MAX: usize = 256;
/// Batches that one peer delivered and that wait or are being checked, at most: none keeps the others' out.
const PER_PEER_MAX: usize = 16;

struct Job {
    batch: Batch,
    from: Option<Member>,
}

/// The answer to one job.
pub(crate) struct Answer {
    pub(crate) checked: Result<Arc<CheckedBatch>, BatchFault>,
    pub(crate) from: Option<Member>,
}

/// Unanswered jobs by the peer that delivered the batch.
#[derive(Default)]
struct Waiting(Mutex<BTreeMap<Member, usize>>);

impl Waiting {
    /// Counts a job in, unless the peer has too many. Own batches are not counted.
    fn admit(&self, from: Option<Member>) -> bool {
        let Some(from) = from else { return true };
        let mut counts = self.0.lock().expect("no holder of this lock panics");
        let count = counts.entry(from).or_default();
        let admitted = *count < PER_PEER_MAX;
        *count += usize::from(admitted);
        admitted
    }
    /// Counts an admitted job out.
    fn done(&self, from: Option<Member>) {
        let mut counts = self.0.lock().expect("no holder of this lock panics");
        if let Some(count) = from.and_then(|from| counts.get_mut(&from)) {
            *count = count.saturating_sub(1);
        }
    }
}

/// Checks batches against the origin's key. Threads end when the pool is dropped.
pub(crate) struct SignaturePool {
    jobs: SyncSender<Job>,
    waiting: Arc<Waiting>,
    rule: Rule,
}

/// What decides about a batch.
#[derive(Clone)]
struct Rule {
    chain: ChainId,
    validators: ValidatorSet,
    verified: Arc<Verified>,
}

impl SignaturePool {
    /// Starts `threads` threads that answer on `answers`.
    pub(crate) fn start(
        threads: usize,
        chain: ChainId,
        validators: ValidatorSet,
        verified: Arc<Verified>,
        answers: mpsc::UnboundedSender<Answer>,
    ) -> std::io::Result<Self> {
        let rule = Rule { chain, validators, verified };
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let queue = Arc::new(Mutex::new(queue));
        let waiting = Arc::new(Waiting::default());
        for index in 0..threads.max(1) {
            let (queue, answers, rule) = (Arc::clone(&queue), answers.clone(), rule.clone());
            let waiting = Arc::clone(&waiting);
            let work = move || run_jobs(&queue, &waiting, &rule, &answers);
            std::thread::Builder::new().name(format!("signatures-{index}")).spawn(work)?;
        }
        Ok(Self { jobs, waiting, rule })
    }

    /// Queues a batch. When the queue, or the peer's part of it, is full, a peer's batch is dropped (it is fetched when a block names it) and an own batch is
    /// checked on the spot.
    pub(crate) fn check(&self, batch: Batch, from: Option<Member>) -> Option<Answer> {
        if !self.waiting.admit(from) {
            return None;
        }
        match self.jobs.try_send(Job { batch, from }) {
            Ok(()) => None,
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) if job.from.is_none() => {
                Some(answer(job, &self.rule))
            }
            Err(_) => {
                self.waiting.done(from);
                None
            }
        }
    }
}

fn run_jobs(queue: &Mutex<Receiver<Job>>, waiting: &Waiting, rule: &Rule, answers: &mpsc::UnboundedSender<Answer>) {
    loop {
        let job = queue.lock().expect("no holder of this lock panics").recv();
        let Ok(job) = job else { return };
        let from = job.from;
        let answer = answer(job, rule);
        waiting.done(from);
        if answers.send(answer).is_err() {
            return;
        }
    }
}

fn answer(job: Job, rule: &Rule) -> Answer {
    let Job { batch, from } = job;
    // Only an own batch holds what clients submitted here.
    let suite: &dyn Suite = if from.is_none() { &*rule.verified } else { &Ed25519 };
    let checked = match rule.validators.get(batch.body.origin) {
        Some(seat) => CheckedBatch::check(batch, &rule.chain, &seat.public_key, suite),
        None => Err("batch of a stranger"),
    };
    Answer { checked, from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_floods_the_queue_keeps_nobody_else_out() {
        let waiting = Waiting::default();
        let (flooder, honest) = (Some(Member::new(2)), Some(Member::new(3)));
        let admitted = (0..QUEUE_MAX).filter(|_| waiting.admit(flooder)).count();
        assert_eq!(admitted, PER_PEER_MAX);
        assert!(waiting.admit(honest) && waiting.admit(None), "others and own batches get their place");
        waiting.done(flooder);
        assert!(waiting.admit(flooder), "an answered job makes room");
        assert!(!waiting.admit(flooder));
    }
}
