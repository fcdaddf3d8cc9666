//! When what was submitted is committed where.

use crate::cluster::Cluster;
use landsea_types::consensus::quorum;
use landsea_types::{Code, Height, Member, Timestamp, TxId};
use std::collections::BTreeMap;

/// A transaction under way.
#[derive(Clone, Copy, Debug)]
struct Pending {
    id: TxId,
    submitted: Timestamp,
}

/// What was seen of a running cluster. All times are virtual milliseconds.
#[derive(Debug, Default)]
pub(super) struct Watch {
    pending: BTreeMap<Member, Vec<Pending>>,
    tips: BTreeMap<Member, Height>,
    /// When the first member started a height.
    started: BTreeMap<Height, Timestamp>,
    /// From submission at a member to its commit there.
    pub(super) latencies: BTreeMap<Member, Vec<u64>>,
    /// How many members have committed a height.
    commits: BTreeMap<Height, usize>,
    /// From the first start of a height to its commit at as many members as make a quorum of fifteen.
    pub(super) blocks: Vec<u64>,
    /// Transactions whose node went down before it committed them.
    pub(super) abandoned: u64,
    /// Transactions that were not applied.
    pub(super) refused: u64,
}

impl Watch {
    pub(super) fn submitted(&mut self, member: Member, id: TxId, now: Timestamp) {
        self.pending.entry(member).or_default().push(Pending { id, submitted: now });
    }

    /// The node is down, and its clients with it.
    pub(super) fn gone(&mut self, member: Member) {
        self.abandoned += self.pending.remove(&member).map_or(0, |pending| pending.len() as u64);
    }

    /// Transactions that are not committed yet where they were submitted.
    pub(super) fn open(&self) -> usize {
        self.pending.values().map(Vec::len).sum()
    }

    /// Looks at every member; called after each step.
    pub(super) fn look(&mut self, cluster: &mut Cluster) {
        for fresh in cluster.take_fresh() {
            self.refused += fresh.outcomes.iter().filter(|o| o.code != Code::Ok).count() as u64;
        }
        for member in cluster.running() {
            let tip = cluster.tip(member).height;
            let known = self.tips.insert(member, tip).unwrap_or(tip);
            if tip > known {
                self.committed(cluster, member, known, tip);
            }
            if cluster.engine(member).height == tip.next() {
                self.started.entry(tip.next()).or_insert(cluster.now());
            }
        }
    }

    fn committed(&mut self, cluster: &Cluster, member: Member, known: Height, tip: Height) {
        let now = cluster.now();
        for (height, started) in self.started.range(known.next()..=tip) {
            let commits = self.commits.entry(*height).or_default();
            *commits += 1;
            if *commits == quorum(cluster.members().len()) {
                self.blocks.push(now.since(*started));
            }
        }
        let is_held = |id: &TxId| cluster.seen().height_of(id).is_some_and(|height| height <= tip);
        let pending = std::mem::take(self.pending.entry(member).or_default());
        let (held, open): (Vec<_>, Vec<_>) = pending.into_iter().partition(|p| is_held(&p.id));
        self.pending.insert(member, open);
        self.latencies.entry(member).or_default().extend(held.iter().map(|p| now.since(p.submitted)));
    }
}
