//! What happens next: a weighted choice among acts that the known state allows.

use super::cast::{TRADERS, Tag};
use super::{Draft, Workload};
use crate::model::Sheet;
use landsea_types::{AccountId, DocId};

/// Tries to find an act that is possible.
const TRIES: usize = 12;

/// An act: makes drafts, or nothing where the known state does not allow it.
type Act = fn(&mut Workload) -> Option<Vec<Draft>>;

/// Acts with their weights.
const MENU: &[(u64, Act)] = &[(14, Workload::issue)];

impl Workload {
    /// The drafts of one act.
    pub(super) fn act(&mut self) -> Vec<Draft> {
        for _ in 0..TRIES {
            if let Some(drafts) = self.choose()(self) {
                return drafts;
            }
        }
        self.issue().unwrap_or_default()
    }
    fn choose(&mut self) -> Act {
        let total: u64 = MENU.iter().map(|(weight, _)| weight).sum();
        let mut at = self.rng.between(1, total);
        for (weight, act) in MENU {
            if at <= *weight {
                return *act;
            }
            at -= weight;
        }
        Workload::issue
    }

    /// One of some names.
    pub(super) fn one_of(&mut self, tags: &[Tag]) -> Tag {
        self.rng.pick(tags).copied().expect("the lists of the cast are not empty")
    }
    /// A trader other than an account.
    pub(super) fn trader_but(&mut self, account: &AccountId) -> Tag {
        let others: Vec<Tag> = TRADERS.into_iter().filter(|tag| self.cast.actor(tag).account != *account).collect();
        self.one_of(&others)
    }
    /// Some document that fits, mostly one with nothing under way.
    pub(super) fn some_doc(&mut self, fits: impl Fn(&Self, &DocId, &Sheet) -> bool) -> Option<DocId> {
        let busy = if self.rng.chance(900) { self.busy() } else { Default::default() };
        let docs = self.book().docs.iter().filter(|(id, _)| !busy.contains(id));
        let found: Vec<DocId> = docs.filter(|(id, doc)| fits(self, id, doc)).map(|(id, _)| *id).collect();
        self.rng.pick(&found).copied()
    }
}
