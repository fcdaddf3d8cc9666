//! The traffic of a run, and the model that follows it.

use super::Plan;
use crate::chain::Chain;
use crate::cluster::{Cluster, FreshHeight};
use crate::committed::Committed;
use crate::model::{Mismatch, Model};
use crate::properties::Violation;
use crate::workload::Workload;
use landsea_chaincode::invariants::{Broken, Decoded, check_step, every_success_says_something};
use landsea_types::{Code, Height, Member, Suite};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of the property that the model stands for.
const PROPERTY: &str = "the ledger does what the model does";

/// Workload and model of one run.
pub(super) struct Traffic {
    workload: Workload,
    model: Model,
    /// The records after the last height, where somebody stood just there.
    before: Option<(Height, Decoded)>,
}

impl Traffic {
    pub(super) fn new(chain: &Chain, plan: &Plan, suite: Arc<dyn Suite>) -> Self {
        Self { workload: Workload::signed_by(chain, plan.seed, suite), model: Model::new(chain), before: None }
    }

    /// Submits what the workload comes up with through members that run.
    pub(super) fn submit(&mut self, cluster: &mut Cluster) {
        let running = cluster.running().into_iter().filter(|m| cluster.is_at_work(*m));
        let tips: BTreeMap<Member, _> = running.map(|m| (m, cluster.tip(m))).collect();
        let submissions = self.workload.next(&|member| tips.get(&member).map(|tip| (tip.height, tip.time)));
        for submission in submissions {
            cluster.submit(submission.through, &submission.transaction);
        }
    }

    /// Tells workload and model what a height committed.
    ///
    /// # Errors
    /// When the ledger did something else than the model.
    pub(super) fn follow(&mut self, fresh: &FreshHeight, cluster: &Cluster) -> Result<(), Violation> {
        let FreshHeight { height, time, transactions, outcomes, .. } = fresh;
        self.workload.on_committed(*height, *time, transactions, outcomes);
        self.model.apply(*height, *time, transactions, outcomes).map_err(violation)?;
        every_success_says_something(outcomes, *height).map_err(broken)?;
        self.check_step(fresh, cluster).map_err(broken)
    }

    /// The invariants over two consecutive states: priorities, terminal states, versions.
    fn check_step(&mut self, fresh: &FreshHeight, cluster: &Cluster) -> Result<(), Broken> {
        let before = self.before.take();
        let member = fresh.member;
        if !cluster.is_at_work(member) || cluster.is_damaged(member) || cluster.tip(member).height != fresh.height {
            return Ok(());
        }
        let snapshot = cluster.store(member).reader().snapshot();
        let after = Decoded::of(&Committed(&*snapshot))?;
        if let Some((_, before)) = before.filter(|(height, _)| height.next() == fresh.height) {
            check_step(&before, &after)?;
        }
        self.before = Some((fresh.height, after));
        Ok(())
    }

    /// Compares the model with the committed state of a correct member that stands at its height.
    ///
    /// # Errors
    /// The first difference.
    pub(super) fn compare(&self, cluster: &Cluster) -> Result<(), Violation> {
        let at_height = |m: &Member| cluster.tip(*m).height == self.model.book.height;
        let Some(member) = cluster.correct().into_iter().find(at_height) else { return Ok(()) };
        let snapshot = cluster.store(member).reader().snapshot();
        self.model.compare(&Committed(&*snapshot)).map_err(violation)
    }

    /// Committed transactions by what they tried and whether they were applied.
    pub(super) fn labels(&self) -> BTreeMap<(&'static str, bool), u64> {
        let mut labels = BTreeMap::new();
        for (label, code, count) in self.workload.stats().iter() {
            *labels.entry((label, code == Code::Ok)).or_default() += count;
        }
        labels
    }
}

fn broken(broken: Broken) -> Violation {
    Violation { property: "ledger invariants", detail: broken.to_string() }
}

fn violation(mismatch: Mismatch) -> Violation {
    Violation { property: PROPERTY, detail: mismatch.to_string() }
}
