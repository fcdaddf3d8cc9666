//! The signature pool: threads that check batches away from the replica's thread.

use crate::checked::{BatchFault, CheckedBatch};
use landsea_types::consensus::ValidatorSet;
use landsea_types::{Batch, ChainId, Member};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// Batches waiting to be checked, at most.
const QUEUE_MAX: usize = 256;

struct Job {
    batch: Batch,
    from: Option<Member>,
}

/// The answer to one job.
pub(crate) struct Answer {
    pub(crate) checked: Result<Arc<CheckedBatch>, BatchFault>,
    pub(crate) from: Option<Member>,
}

/// Checks batches against the origin's key. Threads end when the pool is dropped.
pub(crate) struct SignaturePool {
    jobs: SyncSender<Job>,
    chain: ChainId,
    validators: ValidatorSet,
}

impl SignaturePool {
    /// Starts `threads` threads that answer on `answers`.
    pub(crate) fn start(
        threads: usize,
        chain: ChainId,
        validators: ValidatorSet,
        answers: mpsc::UnboundedSender<Answer>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let queue = Arc::new(Mutex::new(queue));
        for index in 0..threads.max(1) {
            let (queue, answers, validators) = (Arc::clone(&queue), answers.clone(), validators.clone());
            let work = move || run_jobs(&queue, chain, &validators, &answers);
            std::thread::Builder::new().name(format!("signatures-{index}")).spawn(work)?;
        }
        Ok(Self { jobs, chain, validators })
    }

    /// Queues a batch. When the queue is full, a peer's batch is dropped (it is fetched when a block names it) and an own batch is
    /// checked on the spot.
    pub(crate) fn check(&self, batch: Batch, from: Option<Member>) -> Option<Answer> {
        match self.jobs.try_send(Job { batch, from }) {
            Ok(()) => None,
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) if job.from.is_none() => {
                Some(answer(job, self.chain, &self.validators))
            }
            Err(_) => None,
        }
    }
}

fn run_jobs(
    queue: &Mutex<Receiver<Job>>,
    chain: ChainId,
    validators: &ValidatorSet,
    answers: &mpsc::UnboundedSender<Answer>,
) {
    loop {
        let job = queue.lock().expect("no holder of this lock panics").recv();
        let Ok(job) = job else { return };
        if answers.send(answer(job, chain, validators)).is_err() {
            return;
        }
    }
}

fn answer(job: Job, chain: ChainId, validators: &ValidatorSet) -> Answer {
    let Job { batch, from } = job;
    let checked = match validators.get(batch.body.origin) {
        Some(seat) => CheckedBatch::check(batch, &chain, &seat.public_key),
        None => Err("batch of a stranger"),
    };
    Answer { checked, from }
}
