//! Pledges that pass to another bank, and those that are enforced.

use super::cast::{BANKS, TRADERS, Tag};
use super::trade::sealed;
use super::{Draft, Workload};
use crate::model::Lien;
use landsea_types::operation::pledge::{Assign, Cure, DeclareDefault, Realise};
use landsea_types::role::{PledgeState, RealiseMode};
use landsea_types::{Operation, PledgeId};

impl Workload {
    /// The pledgee assigns to another bank.
    pub(super) fn assign(&mut self) -> Option<Vec<Draft>> {
        let (bank, op, to) = self.assignment()?;
        Some(vec![self.draft(bank, op, &[to], "assign")])
    }
    /// The other bank knows nothing of it (1008).
    pub(super) fn assign_unasked(&mut self) -> Option<Vec<Draft>> {
        let (bank, op, _) = self.assignment()?;
        Some(vec![self.draft(bank, op, &[], "wrong: assign unasked")])
    }
    fn assignment(&mut self) -> Option<(Tag, Operation, Tag)> {
        let (id, lien) = self.some_lien(|lien| lien.state.is_live() && lien.assigned_by.len() < 8)?;
        let to = self.one_but(&BANKS, &lien.pledgee);
        let op = Assign {
            pledge: id,
            expect_ver: lien.ver,
            to: self.cast.actor(to).account,
            accept_enforcing: self.rng.chance(700),
            encumbered_claim: false,
        };
        Some((self.cast.tag_of(&lien.pledgee)?, Operation::PledgeAssign(op), to))
    }
    /// The pledgee says that the debt was not paid.
    pub(super) fn declare_default(&mut self) -> Option<Vec<Draft>> {
        let (id, lien) = self.some_lien(|l| matches!(l.state, PledgeState::Active | PledgeState::Matured))?;
        let op = DeclareDefault { pledge: id, expect_ver: lien.ver, notice: sealed("notice") };
        let bank = self.cast.tag_of(&lien.pledgee)?;
        Some(vec![self.draft(bank, Operation::PledgeDeclareDefault(op), &[], "declare a default")])
    }
    /// It was paid after all.
    pub(super) fn cure(&mut self) -> Option<Vec<Draft>> {
        let (id, lien) = self.some_lien(|lien| lien.state == PledgeState::Enforcing)?;
        let op = Cure { pledge: id, expect_ver: lien.ver };
        let bank = self.cast.tag_of(&lien.pledgee)?;
        Some(vec![self.draft(bank, Operation::PledgeCure(op), &[], "cure")])
    }
    /// The goods go to another firm; before the waiting period is over that answers 5102.
    pub(super) fn realise(&mut self) -> Option<Vec<Draft>> {
        let (id, lien) = self.some_lien(|lien| lien.state == PledgeState::Enforcing)?;
        let (bank, pledgor) = (self.cast.tag_of(&lien.pledgee)?, self.cast.tag_of(&lien.pledgor)?);
        let to = self.one_of(&TRADERS);
        let lots = lien.lots.iter().filter_map(|lot| self.book().lots.get(lot));
        let mut consents: Vec<Tag> = lots.filter_map(|goods| self.cast.tag_of(&goods.custodian)).collect();
        consents.push(pledgor);
        consents.sort_unstable();
        consents.dedup();
        let op = Realise {
            pledge: id,
            expect_ver: lien.ver,
            mode: RealiseMode::Agreed,
            to: self.cast.actor(to).account,
            order: None,
        };
        let waits = lien.enforced.is_some_and(|since| self.now.since(since) < 6_000);
        let label = if waits { "wrong: realise early" } else { "realise" };
        Some(vec![self.draft(bank, Operation::PledgeRealise(op), &consents, label)])
    }
    /// The beneficiary passes goods on that are being enforced (5008).
    pub(super) fn transfer_of_the_enforced(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| {
            let enforced = w.book().lien_of(id).is_some_and(|(_, lien)| lien.state == PledgeState::Enforcing);
            enforced && doc.is_waybill() && w.actor_of(id).is_some()
        })?;
        let actor = self.actor_of(&doc)?;
        let to = self.recipient(actor);
        let op = self.transfer_op(&doc, to)?;
        let consents = self.claimants(&doc);
        Some(vec![self.draft(actor, op, &consents, "wrong: transfer of the enforced")])
    }
    fn some_lien(&mut self, fits: impl Fn(&Lien) -> bool) -> Option<(PledgeId, Lien)> {
        let found: Vec<PledgeId> = self.book().liens.iter().filter(|(_, l)| fits(l)).map(|(id, _)| *id).collect();
        let id = *self.rng.pick(&found)?;
        Some((id, self.book().liens.get(&id)?.clone()))
    }
}
