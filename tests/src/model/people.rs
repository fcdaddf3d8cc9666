//! Firms and their licences (section 3).

use super::book::Permit;
use super::word::Act;
use super::{Book, Firm, Verdict, known, need};
use landsea_types::event::EventName;
use landsea_types::operation::party::{GrantLicence, Onboard, Resume, Suspend};
use landsea_types::role::{DocKind, LicenceKind, PartyStatus, Role};
use landsea_types::{AccountId, Code};

impl Book {
    pub(super) fn onboard(&mut self, act: &mut Act<'_>, op: &Onboard) -> Verdict {
        self.in_role(act, &[Role::Branch])?;
        need(op.roles.is_valid() && !op.roles.has(Role::Branch), Code::RoleNotPermitted)?;
        need(!op.keys.is_empty(), Code::KeyNotValid)?;
        self.ticket(&op.ticket, &act.sender, DocKind::PARTY)?;
        let fingerprint = op.ticket.body.fp1;
        need(!self.registered.contains_key(&fingerprint), Code::DuplicateParty)?;
        let id = AccountId(act.named(EventName::PartyOnboarded).0);
        let firm = Firm {
            roles: op.roles,
            home: op.ticket.body.member,
            group: op.group,
            status: PartyStatus::Active,
            ver: 1,
            keys: op.keys.iter().map(|key| key.public_key).collect(),
            licences: Vec::new(),
        };
        self.registered.insert(fingerprint, id);
        self.firms.insert(id, firm);
        Ok(())
    }

    pub(super) fn suspend(&mut self, act: &mut Act<'_>, op: &Suspend) -> Verdict {
        let firm = self.managed(act, &op.party, op.expect_ver)?;
        need(firm.status == PartyStatus::Active, Code::PartySuspended)?;
        act.named(EventName::PartySuspended);
        self.change(&op.party, |firm| firm.status = PartyStatus::Suspended);
        Ok(())
    }

    pub(super) fn resume(&mut self, act: &mut Act<'_>, op: &Resume) -> Verdict {
        self.managed(act, &op.party, op.expect_ver)?;
        act.named(EventName::PartyResumed);
        self.change(&op.party, |firm| firm.status = PartyStatus::Active);
        Ok(())
    }

    pub(super) fn grant_licence(&mut self, act: &mut Act<'_>, op: &GrantLicence) -> Verdict {
        let firm = self.managed(act, &op.party, op.expect_ver)?;
        let role = match op.kind {
            LicenceKind::WarehouseSite => Role::Warehouse,
            LicenceKind::Supervision => Role::Supervisor,
            LicenceKind::IssuingSystem => return Err(Code::UnknownOperation),
        };
        need(firm.roles.has(role), Code::RoleNotPermitted)?;
        self.ticket(&op.ticket, &act.sender, DocKind::SITE)?;
        let permit = Permit { kind: op.kind, site: op.ticket.body.fp1, from: op.from, to: op.to };
        let taken = |firm: &Firm| {
            firm.licences.iter().any(|l| l.kind == permit.kind && l.site == permit.site && self.now < l.to)
        };
        need(!self.firms.values().any(taken), Code::DuplicateParty)?;
        need(op.from < op.to && self.now < op.to, Code::TermOutOfLimits)?;
        act.named(EventName::LicenceGranted);
        self.change(&op.party, |firm| firm.licences.push(permit));
        Ok(())
    }

    /// A firm of the sender's own territory, in the expected version.
    fn managed(&self, act: &Act<'_>, id: &AccountId, expect_ver: u32) -> Verdict<Firm> {
        self.in_role(act, &[Role::Branch])?;
        let firm = known(self.firms.get(id))?;
        let own = Some(firm.home) == self.home(&act.sender) && !firm.roles.has(Role::Branch);
        need(own, Code::RoleNotPermitted)?;
        self.at_version(act, expect_ver, firm.ver)?;
        Ok(firm.clone())
    }
    fn change(&mut self, id: &AccountId, change: impl FnOnce(&mut Firm)) {
        if let Some(firm) = self.firms.get_mut(id) {
            change(firm);
            firm.ver += 1;
        }
    }
}
