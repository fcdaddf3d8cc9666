//! Assignment and enforcement of pledges (section 7).

use super::liens::CUSTODIANS;
use super::stops::Row;
use super::word::Act;
use super::{Book, Lien, Sheet, Verdict, known, need};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{Assign, Cure, DeclareDefault, Realise};
use landsea_types::role::{DocState, PledgeState, Role};
use landsea_types::{Code, PledgeId};

impl Book {
    pub(super) fn declare_default(&mut self, act: &mut Act<'_>, op: &DeclareDefault) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        let lien = self.lien_at(act, &op.pledge, op.expect_ver)?;
        need(matches!(lien.state, PledgeState::Active | PledgeState::Matured), Code::PledgeState)?;
        lien.docs.iter().try_for_each(|doc| self.unheld(Row::Realise, doc))?;
        need(lien.pledgee == act.sender, Code::NotPledgee)?;
        act.named(EventName::DefaultDeclared);
        let now = self.now;
        self.change_lien(&op.pledge, |lien| {
            lien.state = PledgeState::Enforcing;
            lien.enforced = Some(now);
        });
        Ok(())
    }

    /// ACTIVE or MATURED again; a grace period that has passed meanwhile begins anew.
    pub(super) fn cure(&mut self, act: &mut Act<'_>, op: &Cure) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        let lien = self.lien_at(act, &op.pledge, op.expect_ver)?;
        need(lien.state == PledgeState::Enforcing, Code::PledgeState)?;
        need(lien.pledgee == act.sender, Code::NotPledgee)?;
        act.named(EventName::Cured);
        let (now, grace_ms) = (self.now, self.param(ParamKey::MaturedGraceMs));
        self.paused.remove(&op.pledge);
        self.change_lien(&op.pledge, |lien| {
            lien.enforced = None;
            lien.state = if now < lien.reg_until { PledgeState::Active } else { PledgeState::Matured };
            if lien.grace_until <= now {
                lien.grace_until = now.saturating_add(grace_ms);
            }
        });
        Ok(())
    }

    /// Another bank takes the pledgee's place; rank and term stay.
    pub(super) fn assign(&mut self, act: &mut Act<'_>, op: &Assign) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        let lien = self.lien_at(act, &op.pledge, op.expect_ver)?;
        need(known(self.firms.get(&op.to))?.roles.has(Role::Bank), Code::RoleNotPermitted)?;
        let enforcing = lien.state == PledgeState::Enforcing;
        need(lien.state.is_live() && (!enforcing || op.accept_enforcing), Code::PledgeState)?;
        lien.docs.iter().try_for_each(|doc| self.unheld(Row::Assign, doc))?;
        need(lien.pledgee == act.sender && op.to != lien.pledgee, Code::NotPledgee)?;
        need(op.to != lien.pledgor, Code::PledgorNotSoleHolder)?;
        let docs = self.docs_of(&lien);
        let apart = |keeper| self.are_apart(&keeper, &lien.pledgor) && self.are_apart(&keeper, &op.to);
        need(self.custodians(&docs).into_iter().all(apart), Code::CustodianNotIndependent)?;
        self.consents(act, &op.to, &[Role::Bank], Code::ConsentMissing)?;
        act.named(EventName::PledgeAssigned);
        let (from, to) = (lien.pledgee, op.to);
        self.change_lien(&op.pledge, |lien| {
            lien.assigned_by.push(from);
            lien.pledgee = to;
        });
        for id in &lien.docs {
            self.update(id, |doc| {
                let pending = doc.is_pending();
                match doc.surrendered.as_mut().filter(|_| pending) {
                    Some(before) if before.holder == from => before.holder = to,
                    Some(_) => {}
                    None => doc.holder = to,
                }
            });
        }
        Ok(())
    }

    /// The goods go to whoever takes them; the pledgor agrees, or a branch transmits an order, which the workload never does.
    pub(super) fn realise(&mut self, act: &mut Act<'_>, op: &Realise) -> Verdict {
        self.in_role(act, &[Role::Bank])?;
        let lien = self.lien_at(act, &op.pledge, op.expect_ver)?;
        let docs = self.docs_of(&lien);
        known(self.firms.get(&op.to))?;
        need(docs.iter().all(|doc| doc.state == DocState::Active), Code::DocumentState)?;
        need(lien.state == PledgeState::Enforcing, Code::PledgeState)?;
        docs.iter().try_for_each(|doc| self.lots_active(doc))?;
        lien.docs.iter().try_for_each(|doc| self.unheld(Row::Realise, doc))?;
        need(lien.pledgee == act.sender, Code::NotPledgee)?;
        need(self.is_active(&op.to), Code::PartySuspended)?;
        for custodian in self.custodians(&docs) {
            self.consents(act, &custodian, CUSTODIANS, Code::CustodianAckMissing)?;
        }
        self.consents(act, &lien.pledgor, &[], Code::ConsentMissing)?;
        let free_from = lien.enforced.unwrap_or_default().saturating_add(self.param(ParamKey::EnforceWaitMs));
        need(free_from <= self.now, Code::WaitingPeriod)?;
        act.named(EventName::Realised);
        for id in &lien.docs {
            self.give_back(&op.pledge, id);
            if let Some(doc) = self.docs.get_mut(id) {
                (doc.holder, doc.beneficiary) = (op.to, Some(op.to));
            }
        }
        self.change_lien(&op.pledge, |lien| lien.state = PledgeState::Realised);
        Ok(())
    }

    fn docs_of(&self, lien: &Lien) -> Vec<Sheet> {
        lien.docs.iter().filter_map(|id| self.docs.get(id).cloned()).collect()
    }
    fn change_lien(&mut self, id: &PledgeId, change: impl FnOnce(&mut Lien)) {
        if let Some(lien) = self.liens.get_mut(id) {
            change(lien);
            lien.ver += 1;
        }
    }
}
