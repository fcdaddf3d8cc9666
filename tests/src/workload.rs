//! Random but plausible corridor traffic over what is known to be committed.
//!
//! First a cast of carriers, warehouses, banks and enterprises is founded at several branches; then they trade: bills are issued,
//! passed on, pledged, converted, delivered, and a share of what they try must fail. Terms are short, so that reservations expire and
//! pledges mature and lapse while a run lasts.
//!
//! The workload is deterministic: the seed, the calls of [`Workload::next`] with their tips, and what [`Workload::on_committed`] is
//! told fix every byte. It knows of the ledger only what its own [`Model`] follows; whether that model is right is for another
//! instance to check.

mod acts;
mod cast;
mod enforce;
mod lend;
mod paper;
mod sign;
mod stats;
mod stops;
mod stores;
mod trade;
mod wrong;

#[cfg(test)]
mod tests;

pub use stats::Stats;

use crate::chain::Chain;
use crate::model::{Book, Model};
use crate::rng::Rng;
use cast::Cast;
use landsea_types::crypto::{Ed25519, Suite};
use landsea_types::{DocId, Height, Member, Outcome, SecretKey, Timestamp, Transaction, TxId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Heights after which an unanswered founding transaction is sent again.
const RESEND_AFTER: u64 = 12;

/// Heights for which a document with an unanswered transaction is mostly left alone.
const BUSY_FOR: u64 = 6;

/// Heights that a transaction stays valid.
const VALID_FOR: u64 = 100;

/// A transaction and the member to hand it to.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The member whose node takes it.
    pub through: Member,
    pub transaction: Transaction,
    /// What it is meant to do, for statistics and messages; those that must fail start with `wrong`.
    pub label: &'static str,
}

/// A transaction not yet seen in a block.
#[derive(Clone, Debug)]
struct Waiting {
    label: &'static str,
    docs: Vec<DocId>,
    since: Height,
}

/// The traffic of one run.
pub struct Workload {
    chain: Chain,
    suite: Arc<dyn Suite>,
    validators: BTreeMap<Member, SecretKey>,
    rng: Rng,
    seed: u64,
    cast: Cast,
    known: Model,
    /// Block time as far as anybody told.
    now: Timestamp,
    counter: u64,
    waiting: BTreeMap<TxId, Waiting>,
    /// Lately committed transactions, for replays.
    recent: Vec<Transaction>,
    stats: Stats,
}

/// What an act makes: a transaction of somebody at home with a member.
struct Draft {
    home: Member,
    transaction: Transaction,
    label: &'static str,
    /// Hand it to another member than the home.
    elsewhere: bool,
}

impl Workload {
    /// The traffic of a chain that starts at height 0, with real signatures.
    pub fn new(chain: &Chain, seed: u64) -> Self {
        Self::signed_by(chain, seed, Arc::new(Ed25519))
    }

    /// The same traffic with the signatures of a suite.
    pub fn signed_by(chain: &Chain, seed: u64, suite: Arc<dyn Suite>) -> Self {
        Self {
            suite,
            validators: chain.members().into_iter().map(|m| (m, chain.validator_key(m))).collect(),
            rng: Rng::new(seed),
            seed,
            cast: Cast::of(chain),
            known: Model::new(chain),
            now: chain.genesis.time,
            counter: 0,
            waiting: BTreeMap::new(),
            recent: Vec::new(),
            stats: Stats::default(),
            chain: chain.clone(),
        }
    }

    /// The next submissions, given the tip of every member that can take one; `None` for the others.
    ///
    /// Empty while the cast waits for its accounts, or when no member takes anything.
    pub fn next(&mut self, tips: &dyn Fn(Member) -> Option<(Height, Timestamp)>) -> Vec<Submission> {
        let open: Vec<(Member, Timestamp)> =
            self.chain.members().into_iter().filter_map(|m| tips(m).map(|(_, time)| (m, time))).collect();
        let Some(latest) = open.iter().map(|(_, time)| *time).max() else { return Vec::new() };
        self.now = self.now.max(latest);
        let drafts = if self.cast.is_founded() { self.act() } else { self.found() };
        let members: Vec<Member> = open.into_iter().map(|(member, _)| member).collect();
        drafts.into_iter().map(|draft| self.hand_over(draft, &members)).collect()
    }

    /// Learns what a height committed. Heights come in order, each once, whichever member tells.
    pub fn on_committed(
        &mut self,
        height: Height,
        time: Timestamp,
        transactions: &[Transaction],
        outcomes: &[Outcome],
    ) {
        // A ledger that differs is found by the model that checks it; the traffic goes on as well as it can.
        let _ = self.known.apply(height, time, transactions, outcomes);
        self.now = self.now.max(time);
        for (tx, outcome) in transactions.iter().zip(outcomes) {
            let label = self.waiting.remove(&outcome.tx).map_or("seen before", |waiting| waiting.label);
            self.stats.count(label, outcome.code);
            self.recent.push(tx.clone());
        }
        let surplus = self.recent.len().saturating_sub(64);
        self.recent.drain(..surplus);
        let oldest = height.get().saturating_sub(2 * VALID_FOR);
        self.waiting.retain(|_, waiting| waiting.since.get() >= oldest);
        self.cast.learn(&self.known.book);
    }

    /// What happened to everything so far, by label and code.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }
    /// Whether the cast has its accounts and licences, so that trade goes on.
    pub fn is_founded(&self) -> bool {
        self.cast.is_founded()
    }

    fn book(&self) -> &Book {
        &self.known.book
    }
    /// Founding transactions that are due and were not sent lately.
    fn found(&mut self) -> Vec<Draft> {
        let height = self.book().height;
        let mut drafts = Vec::new();
        for step in self.cast.next_steps(height, RESEND_AFTER) {
            if let Some(draft) = self.founding(step) {
                self.cast.sent(step, height);
                drafts.push(draft);
            }
        }
        drafts
    }
    fn hand_over(&mut self, draft: Draft, open: &[Member]) -> Submission {
        let Draft { home, transaction, label, elsewhere } = draft;
        let at_home = open.contains(&home) && !elsewhere && !self.rng.chance(150);
        let others: Vec<Member> = open.iter().copied().filter(|m| *m != home || open.len() == 1).collect();
        let through = if at_home { home } else { *self.rng.pick(&others).unwrap_or(&home) };
        let docs = paper::documents(&transaction);
        let since = self.book().height;
        self.waiting.entry(transaction.id()).or_insert(Waiting { label, docs, since });
        Submission { through, transaction, label }
    }
    /// Documents with transactions still under way.
    fn busy(&self) -> BTreeSet<DocId> {
        let from = self.book().height.get().saturating_sub(BUSY_FOR);
        let young = self.waiting.values().filter(|waiting| waiting.since.get() >= from);
        young.flat_map(|waiting| waiting.docs.iter().copied()).collect()
    }
}
