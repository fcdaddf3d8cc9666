//! Counts by member over committed heights.

use super::super::auth::Caller;
use super::super::work::Work;
use super::super::{Context, errors, visibility};
use super::Answer;
use landsea_client::api::{MemberStatistics, Statistics, StatisticsRequest};
use landsea_storage::Snapshot;
use landsea_types::outcome::Outcome;
use landsea_types::{Code, Height, Member};
use std::collections::BTreeMap;

/// Heights counted in one answer, at most: each is a few reads.
const HEIGHTS_MAX: u64 = 5_000;
/// Parts of the range for which transactions are counted, at most.
const PARTS_MAX: u64 = 60;

/// Counts what the caller may hear of; who proposed and signed is public.
pub(in crate::rpc) fn statistics(
    context: &Context,
    caller: &Caller,
    request: StatisticsRequest,
    work: &Work,
) -> Answer<Statistics> {
    let StatisticsRequest { from, to } = request;
    let snapshot = context.snapshot();
    let tip = snapshot.tip().height;
    if from == Height::ZERO || from > to || to > tip {
        return Err(errors::height(format!("heights {from} to {to} are not a range within 1 to {tip}")));
    }
    let heights = to.since(from) + 1;
    if heights > HEIGHTS_MAX {
        return Err(errors::invalid_params(format!("{heights} heights; at most {HEIGHTS_MAX} are counted at once")));
    }
    work.pay(heights)?;
    let mut counts = Counts::new(context.genesis.members.iter().map(|m| m.index), heights);
    for past in 0..heights {
        work.go_on()?;
        counts.add(&*snapshot, caller, from.saturating_add(past), past);
    }
    let members = counts.members.into_values().collect();
    Ok(Statistics { from, to, members, codes: counts.codes.into_iter().collect(), pace: counts.pace })
}

struct Counts {
    members: BTreeMap<Member, MemberStatistics>,
    codes: BTreeMap<Code, u64>,
    pace: Vec<u64>,
    heights: u64,
}

impl Counts {
    fn new(members: impl Iterator<Item = Member>, heights: u64) -> Self {
        let none = |member| MemberStatistics { member, proposed: 0, signed: 0, events: BTreeMap::new() };
        let parts = usize::try_from(heights.min(PARTS_MAX)).expect("a small number");
        Self {
            members: members.map(|member| (member, none(member))).collect(),
            codes: BTreeMap::new(),
            pace: vec![0; parts],
            heights,
        }
    }

    /// Adds a height, which is so many above the first.
    fn add(&mut self, snapshot: &dyn Snapshot, caller: &Caller, height: Height, past: u64) {
        let Some(header) = snapshot.header_at(height) else { return };
        self.of(header.proposer, |m| m.proposed += 1);
        let certificate = snapshot.certificate(height);
        for (member, _) in certificate.iter().flat_map(|c| &c.signatures) {
            self.of(*member, |m| m.signed += 1);
        }
        let outcomes = snapshot.outcomes(height).unwrap_or_default();
        let transactions = usize::try_from(header.transactions).unwrap_or(usize::MAX);
        for outcome in outcomes.iter().take(transactions) {
            *self.codes.entry(outcome.code).or_default() += 1;
        }
        let parts = self.pace.len() as u64;
        let part = usize::try_from(past * parts / self.heights).expect("a small number");
        if let Some(count) = self.pace.get_mut(part) {
            *count += u64::from(header.transactions);
        }
        for outcome in &outcomes {
            self.add_events(snapshot, caller, outcome);
        }
    }

    fn add_events(&mut self, snapshot: &dyn Snapshot, caller: &Caller, outcome: &Outcome) {
        for event in outcome.events.iter().filter(|event| visibility::hears(&snapshot, caller, event)) {
            for member in &event.members {
                self.of(*member, |m| *m.events.entry(event.name).or_default() += 1);
            }
        }
    }

    fn of(&mut self, member: Member, change: impl FnOnce(&mut MemberStatistics)) {
        if let Some(counts) = self.members.get_mut(&member) {
            change(counts);
        }
    }
}
