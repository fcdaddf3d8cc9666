//! What happens next: a weighted choice among acts that the known state allows.

use super::cast::{TRADERS, Tag};
use super::{Draft, Workload};
use crate::model::Sheet;
use landsea_types::role::DocState;
use landsea_types::{AccountId, DocId};

/// Attempts to find an act that is possible.
const TRIES: usize = 12;

/// An act: makes drafts, or nothing where the known state does not allow it.
pub(super) type Act = fn(&mut Workload) -> Option<Vec<Draft>>;

/// Acts with their weights.
const MENU: &[(u64, Act)] = &[
    (14, Workload::issue),
    (3, Workload::anchor),
    (3, Workload::adopt),
    (4, Workload::endorse),
    (5, Workload::transfer),
    (7, Workload::surrender),
    (10, Workload::answer),
    (2, Workload::amend),
    (6, Workload::convert),
    (6, Workload::store),
    (4, Workload::endorse_receipt),
    (6, Workload::deliver),
    (8, Workload::reserve),
    (3, Workload::cancel),
    (14, Workload::pledge),
    (2, Workload::pledge_two),
    (4, Workload::extend),
    (5, Workload::release),
    (3, Workload::renew),
    (5, Workload::race_for_a_pledge),
    (3, Workload::race_for_goods),
    (2, Workload::open_case),
    (4, Workload::attest),
    (1, Workload::suspend),
    (3, Workload::resume),
    (4, Workload::dispute),
    (3, Workload::pursue_or_withdraw),
    (4, Workload::freeze),
    (4, Workload::lift),
    (3, Workload::customs_hold),
    (5, Workload::customs_release),
    (4, Workload::assign),
    (5, Workload::declare_default),
    (3, Workload::cure),
    (7, Workload::realise),
    (32, Workload::wrong),
];

impl Workload {
    /// The drafts of one act.
    pub(super) fn act(&mut self) -> Vec<Draft> {
        for _ in 0..TRIES {
            let act = self.choose(MENU);
            if let Some(drafts) = act(self) {
                return drafts;
            }
        }
        self.issue().unwrap_or_default()
    }
    /// One act of a menu by its weight.
    pub(super) fn choose(&mut self, menu: &[(u64, Act)]) -> Act {
        let total: u64 = menu.iter().map(|(weight, _)| weight).sum();
        let mut at = self.rng.between(1, total);
        for (weight, act) in menu {
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
    /// One of some names other than the firm of an account.
    pub(super) fn one_but(&mut self, tags: &[Tag], account: &AccountId) -> Tag {
        let others: Vec<Tag> = tags.iter().copied().filter(|tag| self.cast.actor(tag).account != *account).collect();
        self.one_of(&others)
    }
    /// A trader other than an account.
    pub(super) fn trader_but(&mut self, account: &AccountId) -> Tag {
        self.one_but(&TRADERS, account)
    }
    /// Some document that fits, mostly one with nothing under way.
    pub(super) fn some_doc(&mut self, fits: impl Fn(&Self, &DocId, &Sheet) -> bool) -> Option<DocId> {
        let busy = if self.rng.chance(900) { self.busy() } else { Default::default() };
        let docs = self.book().docs.iter().filter(|(id, _)| !busy.contains(id));
        let found: Vec<DocId> = docs.filter(|(id, doc)| fits(self, id, doc)).map(|(id, _)| *id).collect();
        self.rng.pick(&found).copied()
    }
    /// Some ACTIVE document that fits.
    pub(super) fn some_active(&mut self, fits: impl Fn(&Self, &DocId, &Sheet) -> bool) -> Option<DocId> {
        self.some_doc(|w, id, doc| doc.state == DocState::Active && fits(w, id, doc))
    }
    /// A document as known.
    pub(super) fn sheet(&self, id: &DocId) -> Option<Sheet> {
        self.book().docs.get(id).cloned()
    }
    /// The firm that acts for a document where a rule says "holder".
    pub(super) fn actor_of(&self, id: &DocId) -> Option<Tag> {
        self.cast.tag_of(&self.book().actor(id)?)
    }
    /// Pledgee and reserving bank of a document.
    pub(super) fn claimants(&self, id: &DocId) -> Vec<Tag> {
        let pledgee = self.book().lien_of(id).map(|(_, lien)| lien.pledgee);
        let reserving = self.book().booking_of(id).map(|booking| booking.bank);
        pledgee.into_iter().chain(reserving).filter_map(|bank| self.cast.tag_of(&bank)).collect()
    }
    /// Whether neither pledge nor reservation stands on a document.
    pub(super) fn is_free(&self, id: &DocId) -> bool {
        !self.book().charged_docs.contains_key(id) && self.book().booking_of(id).is_none()
    }
    /// The consents that an act on a document needs besides its own: those of banks with a claim, and some others.
    pub(super) fn with_claimants(&self, id: &DocId, others: &[Tag]) -> Vec<Tag> {
        let mut all = others.to_vec();
        all.extend(self.claimants(id));
        all
    }
}
