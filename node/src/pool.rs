//! The signature pool: threads that check batches away from the replica's thread.

use crate::checked::{BatchFault, CheckedBatch, OpenedBatch};
use crate::verified::Verified;
use landsea_types::consensus::ValidatorSet;
use landsea_types::crypto::{Ed25519, SignatureCheck, Suite, all_hold};
use landsea_types::{Batch, ChainId, Member};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Batches waiting to be checked, at most.
const QUEUE_MAX: usize = 256;
/// Batches that one peer delivered and that wait or are being checked, at most: none keeps the others' out.
const PER_PEER_MAX: usize = 16;

/// Batches whose signatures are checked together, at most.
const JOBS_TOGETHER: usize = 32;
/// Transactions from which a check takes no more: their signatures cost hardly less in larger groups, and a block may wait for one of them.
const TRANSACTIONS_ENOUGH: usize = 512;
/// A check waits for others no longer than the last one took, and no longer than this.
const PATIENCE_MAX: Duration = Duration::from_millis(20);

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
                answer(vec![job], &self.rule).pop()
            }
            Err(_) => {
                self.waiting.done(from);
                None
            }
        }
    }
}

/// Where checks take long, batches wait for each other a little: a signature of a group of 600 costs half of one of 60. Where they take no
/// time, nothing waits.
fn run_jobs(queue: &Mutex<Receiver<Job>>, waiting: &Waiting, rule: &Rule, done: &mpsc::UnboundedSender<Answer>) {
    let mut patience = Duration::ZERO;
    loop {
        let jobs = next_jobs(&queue.lock().expect("no holder of this lock panics"), patience);
        if jobs.is_empty() {
            return;
        }
        let begun = Instant::now();
        let answers = answer(jobs, rule);
        patience = patience_after(begun.elapsed());
        for answer in answers {
            waiting.done(answer.from);
            if done.send(answer).is_err() {
                return;
            }
        }
    }
}

fn patience_after(last_check: Duration) -> Duration {
    last_check.min(PATIENCE_MAX)
}

/// Waits for a job and takes what waits behind it or comes within a time, up to a group that is large enough; nothing when there will be none.
/// An own batch, known signatures for the most part, waits for nobody.
fn next_jobs(queue: &Receiver<Job>, patience: Duration) -> Vec<Job> {
    let mut jobs: Vec<Job> = queue.recv().into_iter().collect();
    let until = Instant::now() + patience;
    let mut transactions = 0;
    while let Some(last) = jobs.last()
        && jobs.len() < JOBS_TOGETHER
    {
        transactions += last.batch.body().transactions.len();
        if transactions >= TRANSACTIONS_ENOUGH {
            break;
        }
        let has_own = jobs.iter().any(|job| job.from.is_none());
        let left = if has_own { Duration::ZERO } else { until.saturating_duration_since(Instant::now()) };
        let Ok(job) = queue.recv_timeout(left) else { break };
        jobs.push(job);
    }
    jobs
}

/// Checks the signatures of several batches together. Where one is bad, each batch is checked by itself, and pays for its own; one that its
/// origin has not signed pays for no more than that.
fn answer(jobs: Vec<Job>, rule: &Rule) -> Vec<Answer> {
    let opened: Vec<_> = jobs.into_iter().map(|Job { batch, from }| (open(batch, rule), from)).collect();
    let runs: Vec<&[SignatureCheck]> = opened
        .iter()
        .filter_map(|(opened, from)| opened.as_ref().ok().filter(|_| from.is_some()))
        .map(OpenedBatch::checks)
        .collect();
    let (hold, is_alone) = (all_hold(&runs), runs.len() == 1);
    let answer = |(opened, from): (Result<OpenedBatch, BatchFault>, Option<Member>)| {
        let checked = opened.and_then(|opened| {
            let checks = opened.checks();
            let answers = match from {
                Some(_) if hold || (!is_alone && all_hold(&[checks])) => vec![true; checks.len()],
                Some(_) if !checks.first().is_some_and(|origin| Ed25519.verify(origin)) => vec![false; checks.len()],
                Some(_) => Ed25519.verify_many(checks),
                // Only an own batch holds what clients submitted here.
                None => rule.verified.verify_many(checks),
            };
            opened.close(&answers)
        });
        Answer { checked, from }
    };
    opened.into_iter().map(answer).collect()
}

fn open(batch: Batch, rule: &Rule) -> Result<OpenedBatch, BatchFault> {
    let seat = rule.validators.get(batch.body().origin).ok_or("batch of a stranger")?;
    OpenedBatch::open(batch, &rule.chain, &seat.public_key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::batch::BatchBody;
    use landsea_types::consensus::Validator;
    use landsea_types::operation::waybill::CloseAnchor;
    use landsea_types::{AccountId, DocId, Height, Operation, SecretKey, Signature, Transaction};

    const CHAIN: ChainId = ChainId([1; 32]);

    fn secret(name: &str) -> SecretKey {
        SecretKey::derive(&[7; 32], name)
    }

    /// A batch of four transactions; of a forged one the content was changed after it was signed.
    fn batch(sequence: u64, forged: Option<u64>) -> Batch {
        let transaction = |nonce: u64| {
            let key = secret("client");
            let close = CloseAnchor { doc: DocId([2; 32]), expect_ver: 1 };
            let draft = Transaction {
                version: Transaction::VERSION,
                chain_id: CHAIN,
                sender: AccountId([3; 32]),
                represents: None,
                key: 1,
                public_key: key.public(),
                valid_until: Height::new(9),
                nonce,
                ops: vec![Operation::WaybillCloseAnchor(close)],
                consents: vec![],
                signature: Signature([0; 64]),
            };
            let signed = draft.sign(&key);
            if forged == Some(nonce) { Transaction { valid_until: Height::new(8), ..signed } } else { signed }
        };
        let transactions = (0..4).map(|nonce| transaction(nonce).encode()).collect();
        let body = BatchBody { chain_id: CHAIN, origin: Member::new(1), sequence, transactions };
        Batch::new(body, &secret("validator"), &Ed25519)
    }

    fn rule() -> Rule {
        let seat = Validator { member: Member::new(1), public_key: secret("validator").public() };
        let validators = ValidatorSet::new(vec![seat]).expect("one seat is a set");
        Rule { chain: CHAIN, validators, verified: Arc::default() }
    }

    #[test]
    fn batches_checked_together_get_the_answers_that_each_would_get_alone() {
        let peer = Some(Member::new(2));
        for forged in [[None, None, None], [None, Some(2), None], [Some(0), Some(1), None]] {
            let jobs = (0..).zip(forged).map(|(n, forged)| Job { batch: batch(n, forged), from: peer });
            let mut jobs: Vec<Job> = jobs.collect();
            jobs.push(Job { batch: batch(7, None), from: None });
            jobs.push(Job { batch: batch(8, Some(3)), from: None });
            let alone = |job: &Job| answer(vec![Job { batch: job.batch.clone(), from: job.from }], &rule()).remove(0);
            let expected: Vec<_> = jobs.iter().map(|job| (alone(job).checked.map(|c| c.id), job.from)).collect();
            let together: Vec<_> =
                answer(jobs, &rule()).into_iter().map(|a| (a.checked.map(|c| c.id), a.from)).collect();
            assert_eq!(together, expected, "{forged:?}");
            let good: Vec<bool> = together.iter().map(|(checked, _)| checked.is_ok()).collect();
            let expected: Vec<bool> = forged.iter().map(Option::is_none).chain([true, false]).collect();
            assert_eq!(good, expected, "{forged:?}");
        }
    }

    #[test]
    fn a_batch_that_its_origin_has_not_signed_is_refused_alone_and_among_others() {
        let other = batch(1, None);
        for from in [Some(Member::new(2)), None] {
            let unsigned = || batch(2, None).with_signature(*other.signature());
            let company = || vec![batch(3, None), unsigned(), batch(4, None)];
            for (batches, expected) in [(vec![unsigned()], vec![false]), (company(), vec![true, false, true])] {
                let answers = answer(batches.into_iter().map(|batch| Job { batch, from }).collect(), &rule());
                let good: Vec<bool> = answers.iter().map(|a| a.checked.is_ok()).collect();
                assert_eq!(good, expected, "from {from:?}");
                let faults: Vec<_> = answers.into_iter().filter_map(|a| a.checked.err()).collect();
                assert_eq!(faults, ["batch with a bad origin signature"], "from {from:?}");
            }
        }
    }

    /// Of a key of small order any signature of this form holds under ZIP-215, and none under the strict rule. No validator has such a key;
    /// what matters is that no place judges batches by another rule than the others.
    #[test]
    fn every_place_judges_a_batch_by_one_rule() {
        let (mut key, mut signature) = ([0; 32], [0; 64]);
        (key[0], signature[0]) = (1, 1);
        let weak = landsea_types::PublicKey(key);
        let odd = batch(1, None).with_signature(Signature(signature));
        let set =
            ValidatorSet::new(vec![Validator { member: Member::new(1), public_key: weak }]).expect("one seat is a set");
        let rule = Rule { validators: set, ..rule() };
        assert_eq!(odd.verify(&CHAIN, &weak, &Ed25519), Ok(()), "as block sync asks");
        assert!(CheckedBatch::check(odd.clone(), &CHAIN, &weak, &Ed25519).is_ok(), "as replay and the simulator ask");
        for company in [0, 2] {
            let more = (0..company).map(|n| batch(5 + n, None).with_signature(Signature(signature)));
            let jobs = more.chain([odd.clone()]).map(|batch| Job { batch, from: Some(Member::new(2)) }).collect();
            assert!(answer(jobs, &rule).iter().all(|a| a.checked.is_ok()), "with {company} others");
        }
    }

    #[test]
    fn a_thread_takes_what_waits_up_to_a_bound_and_ends_with_the_queue() {
        let (jobs, queue) = sync_channel(QUEUE_MAX);
        let peer = Some(Member::new(2));
        for n in 0..JOBS_TOGETHER as u64 + 1 {
            jobs.send(Job { batch: batch(n, None), from: peer }).expect("the queue is open");
        }
        let ages = Duration::from_secs(600);
        assert_eq!(next_jobs(&queue, ages).len(), JOBS_TOGETHER, "with a full group it waits for no more");
        assert_eq!(next_jobs(&queue, Duration::ZERO).len(), 1);
        let transactions = vec![vec![]; TRANSACTIONS_ENOUGH];
        let body = BatchBody { transactions, ..batch(98, None).body().clone() };
        let large = Batch::new(body, &secret("validator"), &Ed25519);
        for batch in [batch(97, None), large, batch(99, None)] {
            jobs.send(Job { batch, from: peer }).expect("the queue is open");
        }
        assert_eq!(next_jobs(&queue, ages).len(), 2, "nor does it take more than is enough");
        jobs.send(Job { batch: batch(100, None), from: None }).expect("the queue is open");
        assert_eq!(next_jobs(&queue, ages).len(), 2, "an own batch waits for nobody");
        jobs.send(Job { batch: batch(101, None), from: peer }).expect("the queue is open");
        drop(jobs);
        assert_eq!(next_jobs(&queue, ages).len(), 1, "and none comes any more");
        assert!(next_jobs(&queue, ages).is_empty());
    }

    #[test]
    fn checks_wait_for_company_as_long_as_the_last_one_took_and_no_longer_than_the_bound() {
        assert_eq!(patience_after(Duration::from_micros(900)), Duration::from_micros(900));
        assert_eq!(patience_after(Duration::from_secs(3)), PATIENCE_MAX);
    }

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
