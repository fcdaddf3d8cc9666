//! Which fault hits whom and when: a shuffled deck of all kinds, drawn again and again.
//!
//! Invariants:
//! - members that are down, frozen, cut off or not yet caught up are at most f, except while all are hit at once;
//! - all are hit only when every member is well, so no more than f disks are ever behind;
//! - who and when follow from the seed; how long a machine takes does not.

use super::faults::{Fault, Kind, faketime};
use super::guarded;
use super::history::Recorder;
use super::nodes::Nodes;
use super::proxy::Links;
use super::rng::Rng;
use crate::error::TestnetError;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Pause between the starts of two faults, milliseconds.
const PAUSE_MS: (u64, u64) = (200, 2_500);

/// How often each kind lies in the deck.
const DECK: [(Kind, usize); 11] = [
    (Kind::Kill, 3),
    (Kind::Freeze, 2),
    (Kind::Cut, 2),
    (Kind::Stall, 2),
    (Kind::Delay, 2),
    (Kind::Wipe, 1),
    (Kind::Corrupt, 1),
    (Kind::FullDisk, 1),
    (Kind::SkewedClock, 1),
    (Kind::KillAll, 1),
    (Kind::FreezeAll, 1),
];

/// What was done, for the report.
#[derive(Clone, Debug)]
pub(crate) struct Injected {
    pub(crate) kind: Kind,
    /// The member's code, or `members`.
    pub(crate) victim: String,
    /// Since the start of the run.
    pub(crate) from: Duration,
    /// When it was undone; `None` while it is at work.
    pub(crate) until: Option<Duration>,
    /// When the members hit were as far as the others again.
    pub(crate) recovered: Option<Duration>,
    /// What was done and what came of it.
    pub(crate) note: String,
}

/// All faults of a run so far.
#[derive(Default)]
pub(crate) struct FaultLog(Mutex<Vec<Injected>>);

impl FaultLog {
    pub(crate) fn list(&self) -> Vec<Injected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Faults at work now, in words.
    pub(crate) fn at_work(&self) -> String {
        let open = self.list().into_iter().filter(|f| f.until.is_none());
        open.map(|f| format!("{} {}", f.kind.name(), f.victim)).collect::<Vec<_>>().join(", ")
    }
    fn begin(&self, fault: Injected) -> usize {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.push(fault);
        list.len() - 1
    }
    fn change(&self, index: usize, change: impl FnOnce(&mut Injected)) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut list[index]);
    }
}

/// Draws faults until the run ends.
pub(crate) struct Nemesis {
    pub(crate) rng: Rng,
    pub(crate) nodes: Arc<Nodes>,
    pub(crate) links: Arc<Links>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) log: Arc<FaultLog>,
    pub(crate) ending: watch::Receiver<bool>,
}

/// Members with a fault at work, and those of them that count as absent.
#[derive(Default)]
struct Board {
    hit: BTreeSet<usize>,
    absent: BTreeSet<usize>,
}

/// The members freed by a fault that is over.
type Over = Vec<usize>;

/// Why the task of a fault has no panic to tell.
const CAUGHT: &str = "what may panic in a fault is caught there";

impl Nemesis {
    /// Runs until the run ends; every fault is undone then.
    pub(crate) async fn run(mut self) {
        let mut board = Board::default();
        let mut running: JoinSet<Over> = JoinSet::new();
        let mut deck = Vec::new();
        while !self.is_ending() {
            self.pause().await;
            let kind = self.draw(&mut deck);
            let Some(victims) = self.victims(kind, &mut board, &mut running).await else { break };
            let fault = self.fault(kind, victims[0], &board);
            board.hit.extend(&victims);
            if kind.takes_down() {
                board.absent.extend(&victims);
            }
            running.spawn(self.play(fault, victims));
        }
        while let Some(over) = running.join_next().await {
            over.expect(CAUGHT);
        }
    }

    fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    async fn pause(&mut self) {
        let time = self.rng.time(PAUSE_MS.0, PAUSE_MS.1);
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = self.ending.wait_for(|ending| *ending) => {}
        }
    }

    /// The next kind; a deck holds each as often as [`DECK`] says.
    fn draw(&mut self, deck: &mut Vec<Kind>) -> Kind {
        if deck.is_empty() {
            let possible = DECK.iter().filter(|(kind, _)| *kind != Kind::SkewedClock || faketime().is_some());
            deck.extend(possible.flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count)));
            self.rng.shuffle(deck);
        }
        deck.pop().expect("it was just filled")
    }

    /// Waits for members that may be hit; `None` when the run ends first.
    async fn victims(&mut self, kind: Kind, board: &mut Board, running: &mut JoinSet<Over>) -> Option<Vec<usize>> {
        let count = self.nodes.count();
        loop {
            if self.is_ending() {
                return None;
            }
            let is_room = !kind.takes_down() || board.absent.len() < self.nodes.most_absent();
            let well: Vec<usize> = (0..count).filter(|n| !board.hit.contains(n)).collect();
            match kind.hits_all() {
                true if well.len() == count => return Some(well),
                false if is_room && !well.is_empty() => return Some(vec![well[self.rng.index(well.len())]]),
                _ => {}
            }
            let over = running.join_next().await?;
            for member in over.expect(CAUGHT) {
                board.hit.remove(&member);
                board.absent.remove(&member);
            }
        }
    }

    fn fault(&mut self, kind: Kind, victim: usize, board: &Board) -> Fault {
        let rng = Rng::new(self.rng.number(), kind.name());
        let (nodes, links) = (self.nodes.clone(), self.links.clone());
        Fault { kind, victim, spared: board.hit.clone(), rng, nodes, links, ending: self.ending.clone() }
    }

    /// Does one fault, undoes it and waits for its members; gives them back whatever comes of it.
    pub(super) fn play(&self, fault: Fault, victims: Vec<usize>) -> impl Future<Output = Over> + use<> {
        let (recorder, log, nodes) = (self.recorder.clone(), self.log.clone(), self.nodes.clone());
        async move {
            let kind = fault.kind;
            let victim = if kind.hits_all() { "members".into() } else { nodes.code_or_number(fault.victim) };
            let from = recorder.now();
            let begun = Injected { kind, victim, from, until: None, recovered: None, note: String::new() };
            let index = log.begin(begun);
            let done = injected(fault.clone()).await;
            if let Err(error) = &done {
                nodes.surprise(format!("{} could not be done or undone: {error}", kind.name()));
                if let Err(error) = undone(fault.clone()).await {
                    nodes.surprise(format!("what {} left could not be put right: {error}", kind.name()));
                }
            }
            log.change(index, |f| {
                f.until = Some(recorder.now());
                f.note = done.unwrap_or_else(|error| error.to_string());
            });
            match recovered(fault).await {
                Ok(true) => log.change(index, |f| f.recovered = Some(recorder.now())),
                Ok(false) => {}
                Err(panic) => nodes.surprise(format!("the wait after {} failed: {panic}", kind.name())),
            }
            victims
        }
    }
}

/// Does a fault; a panic in it is a failure like any other.
async fn injected(mut fault: Fault) -> Result<String, TestnetError> {
    let done = guarded(async move { fault.inject().await }).await;
    done.unwrap_or_else(|panic| Err(TestnetError::local(panic)))
}

/// Puts right what a failed fault left.
async fn undone(fault: Fault) -> Result<(), TestnetError> {
    let done = guarded(async move { fault.undo() }).await;
    done.unwrap_or_else(|panic| Err(TestnetError::local(panic)))
}

async fn recovered(mut fault: Fault) -> Result<bool, String> {
    guarded(async move { fault.is_recovered().await }).await
}
