//! Acts that were said or signed badly.

use super::super::cast::{ATTESTERS, BANKS, CARRIERS, STORES, TRADERS, site_of};
use super::super::paper::Paper;
use super::super::{Draft, Workload};
use landsea_types::crypto::hash_of;
use landsea_types::role::DocKind;
use landsea_types::ticket::{ClassedKey, DeriveTicketBody};
use landsea_types::{Consent, DocId, Height, Operation, SecretKey, Timestamp};

impl Workload {
    /// A transfer of a version that is gone (1007).
    pub(super) fn stale_version(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_active(|w, id, doc| doc.is_waybill() && doc.ver > 1 && w.actor_of(id).is_some())?;
        let (ver, actor) = (self.sheet(&doc)?.ver, self.actor_of(&doc)?);
        let op = self.transfer_at(doc, ver - 1, actor);
        let consents = self.claimants(&doc);
        Some(vec![self.draft(actor, op, &consents, "wrong: stale version")])
    }
    /// A bill without its first holder's consent (1008).
    pub(super) fn missing_consent(&mut self) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'C')];
        let paper = self.fresh_paper(keys);
        let (carrier, holder) = (self.one_of(&CARRIERS), self.one_of(&TRADERS));
        let op = self.issue_op(carrier, holder, &paper);
        Some(vec![self.draft(carrier, op, &[], "wrong: no consent")])
    }
    /// A pledge without the custodian's acknowledgement (5004).
    pub(super) fn missing_custodian(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_collateral()?;
        let bank = self.one_of(&BANKS);
        let (op, mut consents) = self.create_op(bank, &[doc])?;
        consents.retain(|tag| !CARRIERS.contains(tag) && !STORES.contains(tag));
        Some(vec![self.draft(bank, op, &consents, "wrong: no custodian")])
    }
    /// A trader issues a bill (1005).
    pub(super) fn wrong_role(&mut self) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'C')];
        let paper = self.fresh_paper(keys);
        let (trader, holder) = (self.one_of(&TRADERS), self.one_of(&TRADERS));
        let op = self.issue_op(trader, holder, &paper);
        Some(vec![self.draft(trader, op, &[holder], "wrong: role")])
    }
    /// The identical bytes again, through another member (1002 if they get into a block at all).
    pub(super) fn replay(&mut self) -> Option<Vec<Draft>> {
        let transaction = self.rng.pick(&self.recent)?.clone();
        let home = self.book().home(&transaction.sender)?;
        Some(vec![Draft { home, transaction, label: "wrong: replay", elsewhere: true }])
    }
    /// A transaction whose time is over (1003 if it gets into a block at all).
    pub(super) fn expired(&mut self) -> Option<Vec<Draft>> {
        self.respelt(|w, tx| tx.valid_until = Height::new(w.book().height.get().saturating_sub(1)), "wrong: expired")
    }
    /// A signature by a key that the ledger does not know (2003 if it gets into a block at all).
    pub(super) fn foreign_key(&mut self) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'C')];
        let paper = self.fresh_paper(keys);
        let (carrier, holder) = (self.one_of(&CARRIERS), self.one_of(&TRADERS));
        let op = self.issue_op(carrier, holder, &paper);
        let mut impostor = self.cast.actor(carrier).clone();
        impostor.secret = SecretKey::derive(&[7; 32], "impostor");
        let consent = self.consent(holder, &impostor.account, &op);
        let transaction = self.sign(&impostor, vec![op], vec![consent]);
        Some(vec![Draft { home: impostor.home, transaction, label: "wrong: foreign key", elsewhere: false }])
    }
    /// A sound bill with a changed envelope.
    fn respelt(
        &mut self,
        change: impl Fn(&Self, &mut landsea_types::Transaction),
        label: &'static str,
    ) -> Option<Vec<Draft>> {
        let mut draft = self.issue()?.pop()?;
        let sender = self.cast.tag_of(&draft.transaction.sender)?;
        change(self, &mut draft.transaction);
        let transaction = self.sign_again(self.cast.actor(sender), draft.transaction);
        Some(vec![Draft { transaction, label, ..draft }])
    }

    /// A ticket made for another applicant (3003).
    pub(super) fn foreign_ticket(&mut self) -> Option<Vec<Draft>> {
        let (rail, mto) = (self.cast.actor("RAIL").account, self.cast.actor("MTO").clone());
        let stolen = move |body: &mut DeriveTicketBody| {
            body.applicant = rail;
            body.member = mto.home;
        };
        self.with_ticket(stolen, "wrong: ticket for another")
    }
    /// Fingerprints of another epoch (3009).
    pub(super) fn old_epoch(&mut self) -> Option<Vec<Draft>> {
        self.with_ticket(|body| body.epoch = 2, "wrong: epoch")
    }
    fn with_ticket(&mut self, change: impl Fn(&mut DeriveTicketBody), label: &'static str) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'C')];
        let paper = self.fresh_paper(keys);
        let holder = self.one_of(&TRADERS);
        let mut body = self.issue_body("MTO", holder, &paper);
        change(&mut body.ticket.body);
        body.ticket = self.sign_ticket(body.ticket.body.clone());
        Some(vec![self.draft("MTO", Operation::WaybillIssue(body), &[holder], label)])
    }
    /// A goods key of a class that is shared by capacity (3008).
    pub(super) fn shared_cell(&mut self) -> Option<Vec<Draft>> {
        let cell = |w: &mut Self, fresh: Paper| {
            let key = w.fresh_key(b'S').key;
            Paper { keys: vec![ClassedKey { class: b'S', key }], ..fresh }
        };
        self.issue_paper(cell, "wrong: shared cell")
    }
    /// The bank holds another paper than the one on the ledger (3003).
    pub(super) fn other_paper(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_collateral()?;
        let bank = self.one_of(&BANKS);
        let (mut body, consents) = self.create_body(bank, &[doc])?;
        let terms = body.docs.first_mut()?;
        terms.ticket.body.fp1 = self.fresh_paper(Vec::new()).fp1;
        terms.ticket = self.sign_ticket(terms.ticket.body.clone());
        Some(vec![self.draft(bank, Operation::PledgeCreate(body), &consents, "wrong: other paper")])
    }
    /// A pledge whose pledgor consented to another bank (1009).
    pub(super) fn stolen_consent(&mut self) -> Option<Vec<Draft>> {
        self.with_holders_consent(
            |w, op, bank, holder| {
                let account = w.cast.actor(bank).account;
                let other = w.one_but(&BANKS, &account);
                let rival = w.cast.actor(other).account;
                w.consent(holder, &rival, op)
            },
            "wrong: stolen consent",
        )
    }
    /// A consent that has ended (1009).
    pub(super) fn late_consent(&mut self) -> Option<Vec<Draft>> {
        self.with_holders_consent(
            |w, op, bank, holder| {
                let sender = w.cast.actor(bank).account;
                let consent = w.consent(holder, &sender, op);
                let late = Consent { not_after: Timestamp::new(w.now.get().saturating_sub(1)), ..consent };
                let signature = w.suite.sign(&w.cast.actor(holder).secret, &late.sign_bytes(&w.book().rules.chain));
                Consent { signature, ..late }
            },
            "wrong: late consent",
        )
    }
    fn with_holders_consent(
        &mut self,
        consent: impl Fn(&mut Self, &Operation, &'static str, &'static str) -> Consent,
        label: &'static str,
    ) -> Option<Vec<Draft>> {
        let doc = self.some_collateral()?;
        let (bank, holder) = (self.one_of(&BANKS), self.actor_of(&doc)?);
        let op = self.reserve_op(&doc)?;
        let given = consent(self, &op, bank, holder);
        let actor = self.cast.actor(bank).clone();
        let transaction = self.sign(&actor, vec![op], vec![given]);
        Some(vec![Draft { home: actor.home, transaction, label, elsewhere: false }])
    }

    /// Another branch onboards a firm that is known (2001).
    pub(super) fn firm_twice(&mut self) -> Option<Vec<Draft>> {
        let tag = self.one_of(&TRADERS);
        let op = self.onboarding(tag);
        let home = self.cast.actor(tag).home;
        Some(vec![self.by_branch(home, op, "wrong: firm twice")])
    }
    /// A document that does not exist (1012).
    pub(super) fn unknown_document(&mut self) -> Option<Vec<Draft>> {
        let doc = DocId(hash_of("corridor-nothing", &self.number()));
        let op = self.transfer_at(doc, 1, "E1");
        Some(vec![self.draft("E1", op, &[], "wrong: unknown document")])
    }
    /// A receipt at another keeper's site (2002).
    pub(super) fn no_licence(&mut self) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'P')];
        let paper = self.fresh_paper(keys);
        let depositor = self.one_of(&TRADERS);
        let Operation::WarehouseIssue(mut body) = self.store_op("COLD", depositor, &paper) else { return None };
        body.receipt.site = site_of("BOND");
        Some(vec![self.draft("COLD", Operation::WarehouseIssue(body), &[depositor], "wrong: no licence")])
    }
    /// A title by a forwarder (1011).
    pub(super) fn no_feature(&mut self) -> Option<Vec<Draft>> {
        let keys = vec![self.fresh_key(b'C')];
        let paper = self.fresh_paper(keys);
        let holder = self.one_of(&TRADERS);
        let op = self.issue_op("FF", holder, &paper);
        Some(vec![self.draft("FF", op, &[holder], "wrong: no feature")])
    }
    /// A proof level without a proof (5006).
    pub(super) fn no_proof(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_collateral()?;
        let bank = self.one_of(&BANKS);
        let (mut body, consents) = self.create_body(bank, &[doc])?;
        body.proof_min_level = 2;
        Some(vec![self.draft(bank, Operation::PledgeCreate(body), &consents, "wrong: no proof")])
    }
    /// An attestation of a kind of paper that the template does not know (7003).
    pub(super) fn unknown_paper_kind(&mut self) -> Option<Vec<Draft>> {
        let attester = self.one_of(&ATTESTERS);
        let proof = self.some_case()?;
        let op = self.attest_op(attester, &proof, DocKind::SITE)?;
        Some(vec![self.draft(attester, op, &[], "wrong: kind of paper")])
    }
}
