//! What is offered: kinds of work, mixes of them, and the jobs of a measurement.

use super::cast::{Cast, Firm, must_commit};
use super::drive::VALID_HEIGHTS;
use super::forge::{Bill, Forge, made};
use super::link::Link;
use crate::chaos::rng::Rng;
use crate::error::TestnetError;
use landsea_types::bounds::OPERATIONS_MAX;
use landsea_types::role::Role;
use landsea_types::{DocId, Fp, Height, Operation, PledgeId, Transaction};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Heights that a network is taken to commit in a second when validity is chosen before the clock starts.
const HEIGHTS_PER_SECOND: u64 = 40;
/// Heights for which preparing transactions are signed: their ids are used before they are sent, so none may be signed again.
const PREPARED_HEIGHTS: u64 = 900;
/// Preparing transactions that are signed and committed before more are.
const AT_A_TIME: usize = 2_000;
/// Bills about which status is asked.
const BILLS_ASKED_ABOUT: usize = 200;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// `waybill.anchor`: one signature, one ticket.
    Anchor,
    /// `warehouse.issue` with the depositor's consent.
    Issue,
    /// `pledge.create` with the consents of pledgor and custodian and the bank's ticket.
    Pledge,
    /// `pledge.release`.
    Release,
    /// A certificate "not pledged", verified by the client.
    Status,
    /// What prepares a measurement.
    Other,
}

impl Kind {
    /// The name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Anchor => "anchor",
            Kind::Issue => "issue",
            Kind::Pledge => "pledge",
            Kind::Release => "release",
            Kind::Status => "status",
            Kind::Other => "other",
        }
    }
}

/// Which kinds of work are offered, and in which shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// Notes are anchored.
    Anchor,
    /// Warehouse receipts are issued.
    Issue,
    /// Bills are pledged, each by one bank.
    Pledge,
    /// Each bill is pledged by several banks at once; exactly one may win.
    Race,
    /// Pledges are released.
    Release,
    /// Certificates are asked for and verified.
    Status,
    /// 70 % anchor, 10 % issue, 5 % pledge, 5 % release, 10 % status.
    Mixed,
}

impl Mix {
    /// All of them.
    pub const ALL: [Mix; 7] = [Mix::Anchor, Mix::Issue, Mix::Pledge, Mix::Race, Mix::Release, Mix::Status, Mix::Mixed];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Mix::Anchor => "anchor",
            Mix::Issue => "issue",
            Mix::Pledge => "pledge",
            Mix::Race => "race",
            Mix::Release => "release",
            Mix::Status => "status",
            Mix::Mixed => "mixed",
        }
    }

    /// Whether jobs need documents or pledges that are on the ledger before.
    pub(crate) fn needs_stock(self) -> bool {
        !matches!(self, Mix::Anchor | Mix::Issue)
    }

    /// Jobs a second that are made ready for a run as fast as it goes: more than any network of that many validators on one computer does,
    /// and not many more, for what is laid in for them is still being merged when the clock starts.
    pub(crate) fn ready_per_second(self, validators: usize) -> f64 {
        let of_four = match self {
            Mix::Status => return 6_000.0,
            Mix::Anchor | Mix::Issue => 6_000.0,
            Mix::Pledge | Mix::Race | Mix::Release | Mix::Mixed => 2_400.0,
        };
        of_four * 4.0 / validators.max(4) as f64
    }

    /// Out of a hundred jobs: how many of each kind.
    fn shares(self) -> &'static [(Kind, u64)] {
        match self {
            Mix::Anchor => &[(Kind::Anchor, 100)],
            Mix::Issue => &[(Kind::Issue, 100)],
            Mix::Pledge | Mix::Race => &[(Kind::Pledge, 100)],
            Mix::Release => &[(Kind::Release, 100)],
            Mix::Status => &[(Kind::Status, 100)],
            Mix::Mixed => {
                &[(Kind::Anchor, 70), (Kind::Issue, 10), (Kind::Pledge, 5), (Kind::Release, 5), (Kind::Status, 10)]
            }
        }
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mix {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = Mix::ALL.iter().map(|mix| mix.name()).collect();
        Mix::ALL.into_iter().find(|mix| mix.name() == text).ok_or_else(|| format!("one of {}", names.join(", ")))
    }
}

/// What is to be done.
pub(crate) enum Task {
    /// A transaction, and who signs it again when its validity no longer fits.
    Write { tx: Box<Transaction>, by: Arc<Firm> },
    /// Is the document with this fingerprint free?
    Ask { fp1: Fp },
}

/// A piece of work.
pub(crate) struct Job {
    pub(crate) kind: Kind,
    /// The race that it takes part in.
    pub(crate) group: u32,
    /// The node that it must go to; any when absent.
    pub(crate) node: Option<usize>,
    pub(crate) task: Task,
}

/// What a measurement offers.
pub(crate) struct Wanted {
    pub(crate) mix: Mix,
    pub(crate) count: usize,
    /// Jobs a second, for choosing validity.
    pub(crate) rate: f64,
    /// Banks that race for one bill.
    pub(crate) banks: usize,
    pub(crate) seed: u64,
}

/// Jobs before they are built: what exists on the ledger for them already.
pub(crate) struct Stock {
    kinds: Vec<Kind>,
    bills: Vec<Bill>,
    pledges: Vec<(PledgeId, Arc<Firm>)>,
    asked: Vec<Fp>,
}

impl Stock {
    /// Puts on the ledger what the jobs need: bills to be pledged, pledges to be released, bills to ask about.
    ///
    /// # Errors
    /// When the network does not take it.
    pub(crate) async fn lay_in(
        forge: &Forge,
        cast: &Cast,
        link: &mut Link,
        wanted: &Wanted,
    ) -> Result<Self, TestnetError> {
        let kinds = kinds(wanted);
        let count = |kind: Kind| kinds.iter().filter(|k| **k == kind).count();
        let racers = if wanted.mix == Mix::Race { wanted.banks } else { 1 };
        let (to_pledge, to_release) = (count(Kind::Pledge).div_ceil(racers), count(Kind::Release));
        let to_ask = if count(Kind::Status) > 0 { BILLS_ASKED_ABOUT } else { 0 };
        let mut bills = issue_bills(forge, cast, link, to_pledge + to_release + to_ask).await?;
        let asked = bills.split_off(to_pledge + to_release).iter().map(|bill| forge.fp1(bill.number)).collect();
        let pledged = bills.split_off(to_pledge);
        let pledges = pledge_bills(forge, cast, link, &pledged).await?;
        Ok(Self { kinds, bills, pledges, asked })
    }

    /// Builds and signs the jobs, in the order in which they will be offered.
    pub(crate) fn jobs(self, forge: &Forge, cast: &Cast, wanted: &Wanted, height: Height, nodes: usize) -> Vec<Job> {
        let racers = if wanted.mix == Mix::Race { wanted.banks } else { 1 };
        let (mut bills, mut pledges) = (self.bills.into_iter(), self.pledges.into_iter());
        let mut race: Option<Bill> = None;
        let mut jobs = Vec::with_capacity(self.kinds.len());
        for (index, kind) in self.kinds.into_iter().enumerate() {
            let valid_until = valid_until(height, index, wanted.rate);
            let number = index % racers;
            if kind == Kind::Pledge && number == 0 {
                race = bills.next();
            }
            let job = match (kind, race) {
                (Kind::Issue, _) => issue_job(forge, cast, index, valid_until),
                (Kind::Pledge, Some(bill)) => {
                    let mut job = pledge_job(forge, cast, &bill, index, valid_until);
                    job.group = u32::try_from(index / racers).unwrap_or(u32::MAX);
                    // Racers start from different nodes.
                    job.node = (racers > 1).then_some((index / racers + number) % nodes);
                    Some(job)
                }
                (Kind::Release, _) => {
                    pledges.next().map(|(pledge, bank)| release_job(forge, pledge, &bank, valid_until))
                }
                (Kind::Status, _) => Some(status_job(self.asked[index % self.asked.len()])),
                _ => Some(anchor_job(forge, cast, index, 1, valid_until)),
            };
            jobs.extend(job);
        }
        jobs
    }
}

fn valid_until(height: Height, index: usize, rate: f64) -> Height {
    let seconds = if rate > 0.0 { index as f64 / rate } else { 0.0 };
    height.saturating_add((seconds * HEIGHTS_PER_SECOND as f64) as u64 + VALID_HEIGHTS)
}

/// The kinds of all jobs, in an order that follows from the seed.
fn kinds(wanted: &Wanted) -> Vec<Kind> {
    let shares = wanted.mix.shares();
    let mut rng = Rng::new(wanted.seed, "bench mix");
    let one = |_| {
        let mut roll = rng.below(100);
        let hit = shares.iter().find(|(_, share)| {
            let is_it = roll < *share;
            roll = roll.saturating_sub(*share);
            is_it
        });
        hit.map_or(Kind::Anchor, |(kind, _)| *kind)
    };
    (0..wanted.count).map(one).collect()
}

fn write(kind: Kind, tx: Transaction, by: &Arc<Firm>) -> Job {
    Job { kind, group: 0, node: None, task: Task::Write { tx: Box::new(tx), by: Arc::clone(by) } }
}

fn nth(firms: &[Arc<Firm>], index: usize) -> &Arc<Firm> {
    &firms[index % firms.len()]
}

/// `count` notes of one carrier in one transaction.
pub(crate) fn anchor_job(forge: &Forge, cast: &Cast, index: usize, count: usize, valid_until: Height) -> Job {
    let carrier = nth(&cast.carriers, index);
    let ops: Vec<Operation> = (0..count.min(OPERATIONS_MAX)).map(|_| forge.anchor(carrier)).collect();
    write(Kind::Anchor, forge.sign(carrier, ops, &[], valid_until), carrier)
}

fn issue_job(forge: &Forge, cast: &Cast, index: usize, valid_until: Height) -> Option<Job> {
    let (keeper, depositor) = (nth(&cast.warehouses, index), nth(&cast.exporters, index));
    let ops = vec![forge.receipt(keeper, depositor)];
    Some(write(Kind::Issue, forge.sign(keeper, ops, &[(depositor, Role::Enterprise)], valid_until), keeper))
}

fn pledge_job(forge: &Forge, cast: &Cast, bill: &Bill, index: usize, valid_until: Height) -> Job {
    let bank = nth(&cast.banks, index);
    let (holder, issuer) = (nth(&cast.exporters, bill.holder), nth(&cast.carriers, bill.issuer));
    let ops = vec![forge.pledge(bank, bill, holder)];
    let consents = [(&**holder, Role::Enterprise), (&**issuer, Role::Mto)];
    write(Kind::Pledge, forge.sign(bank, ops, &consents, valid_until), bank)
}

fn release_job(forge: &Forge, pledge: PledgeId, bank: &Arc<Firm>, valid_until: Height) -> Job {
    write(Kind::Release, forge.sign(bank, vec![forge.release(pledge)], &[], valid_until), bank)
}

fn status_job(fp1: Fp) -> Job {
    Job { kind: Kind::Status, group: 0, node: None, task: Task::Ask { fp1 } }
}

async fn issue_bills(forge: &Forge, cast: &Cast, link: &mut Link, count: usize) -> Result<Vec<Bill>, TestnetError> {
    let (mut bills, mut jobs) = (Vec::with_capacity(count), Vec::new());
    for index in 0..count {
        let valid_until = link.height().saturating_add(PREPARED_HEIGHTS);
        let (carrier, holder) = (nth(&cast.carriers, index), nth(&cast.exporters, index));
        let (number, op) = forge.bill(carrier, holder);
        let tx = forge.sign(carrier, vec![op], &[(holder, Role::Enterprise)], valid_until);
        let id = DocId(made("doc", &tx.id(), 0));
        bills.push(Bill { number, id, issuer: index, holder: index });
        jobs.push(write(Kind::Other, tx, carrier));
        if jobs.len() == AT_A_TIME {
            must_commit("bills", link, std::mem::take(&mut jobs)).await?;
        }
    }
    must_commit("bills", link, jobs).await?;
    Ok(bills)
}

async fn pledge_bills(
    forge: &Forge,
    cast: &Cast,
    link: &mut Link,
    bills: &[Bill],
) -> Result<Vec<(PledgeId, Arc<Firm>)>, TestnetError> {
    let (mut pledges, mut jobs) = (Vec::with_capacity(bills.len()), Vec::new());
    for (index, bill) in bills.iter().enumerate() {
        let valid_until = link.height().saturating_add(PREPARED_HEIGHTS);
        let job = pledge_job(forge, cast, bill, index, valid_until);
        if let Task::Write { tx, by } = &job.task {
            pledges.push((PledgeId(made("pledge", &tx.id(), 0)), Arc::clone(by)));
        }
        jobs.push(job);
        if jobs.len() == AT_A_TIME {
            must_commit("pledges", link, std::mem::take(&mut jobs)).await?;
        }
    }
    must_commit("pledges", link, jobs).await?;
    Ok(pledges)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(mix: Mix, count: usize) -> Wanted {
        Wanted { mix, count, rate: 100.0, banks: 3, seed: 5 }
    }

    #[test]
    fn a_mix_has_its_shares_and_a_seed_its_order() {
        let all = kinds(&wanted(Mix::Mixed, 10_000));
        let share = |kind: Kind| all.iter().filter(|k| **k == kind).count();
        assert!((6_800..7_200).contains(&share(Kind::Anchor)), "{}", share(Kind::Anchor));
        assert!((800..1_200).contains(&share(Kind::Status)), "{}", share(Kind::Status));
        assert_eq!(all, kinds(&wanted(Mix::Mixed, 10_000)));
        assert!(kinds(&wanted(Mix::Race, 50)).iter().all(|k| *k == Kind::Pledge));
    }

    #[test]
    fn a_mix_reads_back_from_its_name() {
        for mix in Mix::ALL {
            assert_eq!(mix.name().parse(), Ok(mix));
            assert_eq!(mix.shares().iter().map(|(_, share)| share).sum::<u64>(), 100);
        }
        assert!("pledges".parse::<Mix>().is_err());
    }
}
