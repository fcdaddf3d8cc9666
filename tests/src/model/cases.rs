//! Authenticity cases (section 9), as far as codes and versions go: levels are not modelled.

use super::word::Act;
use super::{Book, Case, Verdict, known, need};
use landsea_types::event::EventName;
use landsea_types::operation::authenticity::{Attest, FieldTags, Open};
use landsea_types::record::FieldMatch;
use landsea_types::role::{DocKind, Role};
use landsea_types::{Code, ProofId};

const ATTESTERS: &[Role] = &[
    Role::Bank,
    Role::Rail,
    Role::Mto,
    Role::Ocean,
    Role::Forwarder,
    Role::Warehouse,
    Role::Supervisor,
    Role::Customs,
    Role::Tax,
    Role::Insurer,
];

impl Book {
    pub(super) fn open_case(&mut self, act: &mut Act<'_>, op: &Open) -> Verdict {
        self.in_role(act, &[Role::Enterprise, Role::Bank])?;
        let seen = known(self.docs.get(&op.doc))?.ver;
        self.settle(act, &op.doc);
        if let Some(bank) = &op.financing_bank {
            known(self.firms.get(bank).filter(|firm| firm.roles.has(Role::Bank)))?;
        }
        self.at_version(act, op.expect_ver, seen)?;
        let doc = known(self.docs.get(&op.doc))?;
        self.template_knows(op.template, doc.kind)?;
        need(!doc.state.is_terminal(), Code::DocumentState)?;
        let firm = self.firms.get(&act.sender).ok_or(Code::KeyNotValid)?;
        let own = doc.holder == act.sender || doc.beneficiary == Some(act.sender);
        let owner = if firm.roles.has(Role::Enterprise) && own {
            act.sender
        } else {
            need(firm.roles.has(Role::Bank), Code::NotHolder)?;
            self.actor(&op.doc).ok_or(Code::ConsentMissing)?
        };
        self.consents(act, &owner, &[], Code::ConsentMissing)?;
        let id = ProofId(act.named(EventName::ProofOpened).0);
        let case = Case { ver: 1, template: op.template, subject: op.doc, applicant: act.sender, owner };
        self.cases.insert(id, case);
        Ok(())
    }

    pub(super) fn attest(&mut self, act: &mut Act<'_>, op: &Attest) -> Verdict {
        self.in_role(act, ATTESTERS)?;
        let case = known(self.cases.get(&op.proof).cloned())?;
        self.at_version(act, op.expect_ver, case.ver)?;
        self.template_knows(case.template, op.doc_kind)?;
        self.ticket(&op.ticket, &act.sender, op.doc_kind)?;
        let doc = known(self.docs.get(&case.subject))?;
        need(op.doc_kind != doc.kind || op.ticket.body.fp1 == doc.fp1, Code::TicketInvalid)?;
        let apart = [case.applicant, case.owner].iter().all(|party| self.are_apart(&act.sender, party));
        need(apart, Code::AttesterNotIndependent)?;
        self.well_formed(case.template, &op.fields)?;
        need(self.now < op.until, Code::AttestationExpired)?;
        act.named(EventName::Attested);
        if let Some(case) = self.cases.get_mut(&op.proof) {
            case.ver += 1;
        }
        Ok(())
    }

    fn template_knows(&self, template: u16, kind: DocKind) -> Verdict {
        let known = self.rules.templates.get(&template).is_some_and(|t| t.docs.contains(&kind));
        need(known, Code::UnknownTemplate)
    }
    /// Fields and tags ascend; a field that compares as a whole has one tag (7002).
    fn well_formed(&self, template: u16, fields: &[FieldTags]) -> Verdict {
        let rules = self.rules.templates.get(&template).map(|t| t.fields.as_slice()).unwrap_or_default();
        let whole = |field| rules.iter().any(|rule| rule.field == field && rule.matching == FieldMatch::Eq);
        let tags_ok = |f: &FieldTags| {
            f.tags.is_sorted_by(|a, b| a < b) && if whole(f.field) { f.tags.len() == 1 } else { !f.tags.is_empty() }
        };
        let ascending = fields.is_sorted_by(|a, b| a.field < b.field);
        need(ascending && fields.iter().all(tags_ok), Code::FieldMismatch)
    }
}
