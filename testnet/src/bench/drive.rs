//! The driver: offers jobs at their times and hears what becomes of them.
//!
//! Open loop: job `i` is due at `i / rate` whatever became of the earlier ones, and its latency counts from then, not from when a
//! slow node or this process got round to it. Jobs due by now go out together, at most [`TICK`] apart, one batch call to one node,
//! the nodes in turn. A busy node's answer puts a job back in line; it stays due when it was.
//!
//! One task owns all of it: calls to nodes are tasks beside it, outcomes come from [`Link`], a notice a block.

use super::link::{Heard, Link};
use super::meter::thread_cpu_seconds;
use super::tally::Tally;
use super::work::{Job, Kind, Task};
use crate::error::TestnetError;
use landsea_client::api::SubmitAnswer;
use landsea_client::rpc::{RpcClient, RpcError, now};
use landsea_types::bounds::{
    SUBMIT_BATCH_BYTES_MAX, SUBMIT_BATCH_TRANSACTIONS_MAX, TRANSACTION_BYTES_MAX, VALID_UNTIL_HEIGHTS_MAX,
};
use landsea_types::certificate::{Integrity, Question, Trust};
use landsea_types::genesis::Genesis;
use landsea_types::{Code, Fp, Height, Transaction, TxId};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Heights for which a transaction is signed before the clock starts, beyond those expected to pass until it is due.
pub(crate) const VALID_HEIGHTS: u64 = 500;
/// A transaction is signed again when it is valid for fewer heights.
const VALID_HEIGHTS_LEFT: u64 = 100;
/// Jobs due within this time go out together.
pub(crate) const TICK: Duration = Duration::from_millis(5);
/// Calls under way to one node, at most.
const CALLS_PER_NODE: usize = 16;
/// Jobs that one call takes before they are spread over all nodes.
const TOGETHER: usize = 64;
/// A transaction without an outcome for so long is sent again: a node may drop what it has taken.
const SEND_AGAIN: Duration = Duration::from_secs(30);
/// When nothing is settled for so long, the rest is given up.
const GIVE_UP: Duration = Duration::from_secs(60);
/// Pause before a busy node is tried again.
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// How often progress is told.
const TELL: Duration = Duration::from_millis(500);

/// When jobs are due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// So many a second.
    Open { rate: f64 },
    /// So many operations under way at any time; none is begun after `until`.
    Closed { outstanding: usize, until: Option<Duration> },
}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) passed: Duration,
    pub(crate) sent: usize,
    /// Operations committed.
    pub(crate) operations: u64,
}

/// A job on its way.
struct Tracked {
    kind: Kind,
    group: u32,
    node: Option<usize>,
    due: Instant,
    operations: u64,
    state: State,
}

enum State {
    Due(Task),
    /// Encoded, for sending it again.
    Sent {
        bytes: Vec<u8>,
        at: Instant,
    },
    Settled,
}

/// A call to be made.
#[derive(Default)]
struct Call {
    jobs: Vec<usize>,
    bytes: Vec<Vec<u8>>,
    size: usize,
}

impl Call {
    fn add(&mut self, job: usize, bytes: Vec<u8>) {
        self.size += bytes.len();
        self.jobs.push(job);
        self.bytes.push(bytes);
    }
}

/// A call that is over.
enum Returned {
    Submitted { node: usize, jobs: Vec<usize>, answers: Result<Vec<SubmitAnswer>, RpcError> },
    Asked { node: usize, job: usize, verdict: Result<(), String>, at: Instant, verify_seconds: f64 },
}

struct Driver<'a, I> {
    link: &'a mut Link,
    jobs: I,
    pace: Pace,
    genesis: Option<Arc<Genesis>>,
    next: Option<Job>,
    tracked: Vec<Tracked>,
    by_id: HashMap<TxId, usize>,
    waiting: VecDeque<usize>,
    under_way: Vec<usize>,
    turn: usize,
    open: usize,
    open_operations: u64,
    last_sent: Option<Instant>,
    blocked_until: Option<Instant>,
    calls: JoinSet<Returned>,
    races: BTreeMap<u32, Vec<Code>>,
    tally: Tally,
}

/// Offers all jobs and waits until each is settled.
///
/// # Errors
/// When the network can no longer be heard.
pub(crate) async fn run(
    link: &mut Link,
    jobs: impl Iterator<Item = Job>,
    pace: Pace,
    tell: &mut dyn FnMut(Progress),
) -> Result<Tally, TestnetError> {
    run_with(link, jobs, pace, None, tell).await
}

/// As [`run`], with the genesis against which certificates are verified.
///
/// # Errors
/// As [`run`].
pub(crate) async fn run_with(
    link: &mut Link,
    mut jobs: impl Iterator<Item = Job>,
    pace: Pace,
    genesis: Option<Arc<Genesis>>,
    tell: &mut dyn FnMut(Progress),
) -> Result<Tally, TestnetError> {
    let nodes = link.nodes.len();
    let next = jobs.next();
    let driver = Driver {
        link,
        jobs,
        pace,
        genesis,
        next,
        tracked: Vec::new(),
        by_id: HashMap::new(),
        waiting: VecDeque::new(),
        under_way: vec![0; nodes],
        turn: 0,
        open: 0,
        open_operations: 0,
        last_sent: None,
        blocked_until: None,
        calls: JoinSet::new(),
        races: BTreeMap::new(),
        tally: Tally::starting(Instant::now()),
    };
    driver.drive(tell).await
}

impl<I: Iterator<Item = Job>> Driver<'_, I> {
    async fn drive(mut self, tell: &mut dyn FnMut(Progress)) -> Result<Tally, TestnetError> {
        let mut told = Instant::now();
        let mut moved = Instant::now();
        let mut settled = 0;
        while self.next.is_some() || self.open > 0 {
            self.take_due();
            self.send();
            if self.tracked.len() - self.open > settled {
                settled = self.tracked.len() - self.open;
                moved = Instant::now();
            }
            if self.open > 0 && moved.elapsed() > GIVE_UP {
                break;
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                self.send_again();
                tell(self.progress());
            }
            let wake = self.wake();
            tokio::select! {
                biased;
                heard = self.link.next() => self.on_heard(heard?),
                Some(over) = self.calls.join_next(), if !self.calls.is_empty() => {
                    self.on_returned(over.map_err(|e| TestnetError::local(format!("a call of the bench failed: {e}")))?);
                }
                () = tokio::time::sleep_until(wake.into()) => {}
            }
        }
        self.close();
        tell(self.progress());
        Ok(self.tally)
    }

    fn progress(&self) -> Progress {
        let passed = self.tally.began.elapsed();
        Progress { passed, sent: self.tracked.len() - self.waiting.len(), operations: self.tally.operations }
    }

    /// When there is something to do at the latest.
    fn wake(&self) -> Instant {
        let idle = Instant::now() + TELL;
        let blocked = self.blocked_until.filter(|_| !self.waiting.is_empty());
        let due = match self.pace {
            Pace::Open { rate } if self.next.is_some() => Some(self.due(rate).max(self.earliest_send())),
            _ => None,
        };
        [Some(idle), blocked, due].into_iter().flatten().min().unwrap_or(idle)
    }

    fn due(&self, rate: f64) -> Instant {
        self.tally.began + Duration::from_secs_f64(self.tracked.len() as f64 / rate)
    }

    fn earliest_send(&self) -> Instant {
        self.last_sent.map_or(self.tally.began, |at| at + TICK)
    }

    /// Takes what is due by now from the source.
    fn take_due(&mut self) {
        let now = Instant::now();
        while self.next.is_some() {
            let due = match self.pace {
                Pace::Open { rate } => self.due(rate),
                Pace::Closed { until, .. } if until.is_some_and(|u| self.tally.began + u <= now) => {
                    self.next = None;
                    return;
                }
                Pace::Closed { outstanding, .. } if self.open_operations >= outstanding as u64 => return,
                Pace::Closed { .. } => now,
            };
            if due > now {
                return;
            }
            let Some(job) = std::mem::replace(&mut self.next, self.jobs.next()) else { return };
            self.track(job, due);
        }
    }

    fn track(&mut self, job: Job, due: Instant) {
        let Job { kind, group, node, task } = job;
        let operations = match &task {
            Task::Write { tx, .. } => tx.ops.len() as u64,
            Task::Ask { .. } => 1,
        };
        self.waiting.push_back(self.tracked.len());
        self.tracked.push(Tracked { kind, group, node, due, operations, state: State::Due(task) });
        self.open += 1;
        self.open_operations += operations;
        self.tally.offered += 1;
    }

    // ---- sending

    fn send(&mut self) {
        let now = Instant::now();
        if self.waiting.is_empty() || self.blocked_until.is_some_and(|until| now < until) {
            return;
        }
        if matches!(self.pace, Pace::Open { .. }) && now < self.earliest_send() {
            return;
        }
        self.last_sent = Some(now);
        let nodes = self.under_way.len();
        let spread = self.waiting.len() > TOGETHER;
        let share = if spread { self.waiting.len().div_ceil(nodes) } else { self.waiting.len() };
        let share = share.min(SUBMIT_BATCH_TRANSACTIONS_MAX);
        let mut calls: BTreeMap<usize, Call> = BTreeMap::new();
        self.turn = (self.turn + 1) % nodes;
        let mut left = VecDeque::new();
        for job in std::mem::take(&mut self.waiting) {
            if let State::Due(Task::Ask { fp1 }) = self.tracked[job].state {
                self.ask(job, fp1, &mut left);
                continue;
            }
            let has_room =
                |call: &Call| call.jobs.len() < share && call.size + TRANSACTION_BYTES_MAX <= SUBMIT_BATCH_BYTES_MAX;
            let free = |n: &usize| self.under_way[*n] < CALLS_PER_NODE && calls.get(n).is_none_or(has_room);
            let place = match self.tracked[job].node {
                Some(pinned) => Some(pinned).filter(free),
                None => (0..nodes).map(|n| (self.turn + n) % nodes).find(free),
            };
            match place {
                Some(node) => calls.entry(node).or_default().add(job, self.bytes_of(job)),
                None => left.push_back(job),
            }
        }
        self.waiting = left;
        for (node, call) in calls {
            self.submit(node, call);
        }
    }

    /// The bytes of a transaction, signed again if its validity does not fit the height that is reached by now.
    fn bytes_of(&mut self, job: usize) -> Vec<u8> {
        let height = self.link.height();
        let tracked = &mut self.tracked[job];
        let encoded = match &mut tracked.state {
            State::Sent { bytes, at } => {
                *at = Instant::now();
                return bytes.clone();
            }
            State::Due(Task::Write { tx, by }) => {
                if !is_timely(tx, height) {
                    tx.valid_until = height.saturating_add(VALID_HEIGHTS);
                    **tx = tx.clone().sign(&by.identity.secret);
                    self.tally.signed_late += 1;
                }
                self.by_id.insert(tx.id(), job);
                tx.encode()
            }
            State::Due(Task::Ask { .. }) | State::Settled => return Vec::new(),
        };
        tracked.state = State::Sent { bytes: encoded.clone(), at: Instant::now() };
        encoded
    }

    /// Puts what was sent long ago back in line.
    fn send_again(&mut self) {
        let is_old = |job: &usize| match &self.tracked[*job].state {
            State::Sent { at, .. } => at.elapsed() > SEND_AGAIN,
            State::Due(_) | State::Settled => false,
        };
        let waiting: HashSet<usize> = self.waiting.iter().copied().collect();
        let old: Vec<usize> = self.by_id.values().copied().filter(is_old).filter(|j| !waiting.contains(j)).collect();
        self.tally.sent_again += old.len() as u64;
        self.waiting.extend(old);
    }

    fn submit(&mut self, node: usize, call: Call) {
        let Call { jobs, bytes, size } = call;
        self.under_way[node] += 1;
        self.tally.calls += 1;
        self.tally.bytes += size as u64;
        let client = Arc::clone(&self.link.nodes[node]);
        self.calls.spawn(async move {
            let answers = client.submit_batch(&bytes).await;
            Returned::Submitted { node, jobs, answers }
        });
    }

    fn ask(&mut self, job: usize, fp1: Fp, left: &mut VecDeque<usize>) {
        let nodes = self.under_way.len();
        let mut places = (0..nodes).map(|n| (job + n) % nodes);
        let Some(node) = places.find(|n| self.under_way[*n] < CALLS_PER_NODE) else { return left.push_back(job) };
        self.under_way[node] += 1;
        self.tally.calls += 1;
        let (client, genesis) = (Arc::clone(&self.link.nodes[node]), self.genesis.clone());
        self.calls.spawn(async move {
            let (verdict, verify_seconds) = certify(&client, fp1, genesis.as_deref()).await;
            Returned::Asked { node, job, verdict, at: Instant::now(), verify_seconds }
        });
    }

    // ---- hearing

    fn on_heard(&mut self, heard: Heard) {
        self.tally.heights += 1;
        let Heard { at, notice } = heard;
        let mut own = 0;
        for (id, code) in notice.outcomes {
            if let Some(job) = self.by_id.remove(&id) {
                own += 1;
                self.tally.committed += 1;
                self.settle(job, at, code);
            }
        }
        if own > 0 {
            self.tally.blocks.insert(notice.height, own);
        }
    }

    fn on_returned(&mut self, over: Returned) {
        match over {
            Returned::Submitted { node, jobs, answers } => {
                self.under_way[node] -= 1;
                match answers {
                    Ok(answers) => jobs.into_iter().zip(answers).for_each(|(job, a)| self.on_answer(job, a)),
                    Err(_) => {
                        self.tally.calls_lost += 1;
                        jobs.into_iter().for_each(|job| self.again(job));
                    }
                }
            }
            Returned::Asked { node, job, verdict, at, verify_seconds } => {
                self.under_way[node] -= 1;
                self.tally.verify_seconds += verify_seconds;
                match verdict {
                    Ok(()) => self.settle(job, at, Code::Ok),
                    Err(why) => {
                        *self.tally.failed.entry(why).or_default() += 1;
                        self.forget(job);
                    }
                }
            }
        }
    }

    fn on_answer(&mut self, job: usize, answer: SubmitAnswer) {
        match answer {
            SubmitAnswer::Accepted { .. } => {}
            // Another copy of the same bytes came through first: its outcome is told like any other.
            SubmitAnswer::Refused { code: Code::AlreadyCommitted, .. } => {}
            SubmitAnswer::Refused { code, .. } => {
                if !matches!(self.tracked[job].state, State::Settled) {
                    *self.tally.refused.entry(code).or_default() += 1;
                    self.forget(job);
                }
            }
            SubmitAnswer::Busy { .. } => {
                self.tally.busy += 1;
                self.again(job);
            }
        }
    }

    fn again(&mut self, job: usize) {
        if !matches!(self.tracked[job].state, State::Settled) {
            self.waiting.push_back(job);
            self.blocked_until = Some(Instant::now() + BUSY_PAUSE);
        }
    }

    fn settle(&mut self, job: usize, at: Instant, code: Code) {
        let (kind, group, racing) = (self.tracked[job].kind, self.tracked[job].group, self.tracked[job].node.is_some());
        let latency = at.saturating_duration_since(self.tracked[job].due);
        let operations = self.tracked[job].operations;
        self.tally.took(kind, latency);
        self.tally.ended = self.tally.ended.max(at);
        self.tally.first.get_or_insert(at);
        if kind == Kind::Pledge && racing {
            self.races.entry(group).or_default().push(code);
        }
        match code {
            Code::Ok => {
                self.tally.done += 1;
                self.tally.operations += operations;
            }
            Code::AlreadyPledged if kind == Kind::Pledge && racing => self.tally.lost_races += 1,
            other => *self.tally.refused.entry(other).or_default() += 1,
        }
        self.forget(job);
    }

    fn forget(&mut self, job: usize) {
        let tracked = &mut self.tracked[job];
        if !matches!(tracked.state, State::Settled) {
            tracked.state = State::Settled;
            self.open -= 1;
            self.open_operations -= tracked.operations;
        }
    }

    fn close(&mut self) {
        if let Pace::Open { rate } = self.pace {
            self.tally.span = Duration::from_secs_f64(self.tracked.len() as f64 / rate);
        }
        self.tally.unresolved = self.open as u64;
        for codes in std::mem::take(&mut self.races).into_values() {
            let won = codes.iter().filter(|code| **code == Code::Ok).count();
            let lost = codes.iter().filter(|code| **code == Code::AlreadyPledged).count();
            let is_sound = won == 1 && won + lost == codes.len();
            let count = if is_sound { &mut self.tally.races.sound } else { &mut self.tally.races.broken };
            *count += 1;
        }
    }
}

/// Whether a transaction can be committed in the heights to come and is not valid for too many of them.
fn is_timely(tx: &Transaction, height: Height) -> bool {
    let (until, height) = (tx.valid_until.get(), height.get());
    until >= height + VALID_HEIGHTS_LEFT && until <= height + VALID_UNTIL_HEIGHTS_MAX
}

/// Asks whether a document is free and verifies the answer with the genesis alone. Also answers the CPU time of verifying.
async fn certify(client: &RpcClient, fp1: Fp, genesis: Option<&Genesis>) -> (Result<(), String>, f64) {
    let certificate = match client.certificate(&Question::NotPledged { fp1 }).await {
        Ok(certificate) => certificate,
        Err(error) => return (Err(error.to_string()), 0.0),
    };
    let Some(genesis) = genesis else { return (Ok(()), 0.0) };
    let before = thread_cpu_seconds();
    let judged = now().max(certificate.header.time);
    let verified = certificate.verify(&Trust { genesis, pinned: None, now: judged, max_age_ms: None }, None);
    let seconds = thread_cpu_seconds() - before;
    match verified.integrity {
        Integrity::Valid { .. } => (Ok(()), seconds),
        Integrity::Invalid { reason } => (Err(reason), seconds),
    }
}
