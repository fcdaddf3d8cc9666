//! Tickets, consents and transactions, signed by the workload's suite.

use super::cast::{Actor, Tag};
use super::paper::Paper;
use super::{Draft, VALID_FOR, Workload};
use landsea_types::role::{DocKind, Role};
use landsea_types::ticket::{DeriveTicket, DeriveTicketBody};
use landsea_types::{AccountId, Consent, Operation, Signature, Transaction};

/// How long tickets and consents last, milliseconds.
const WORD_LASTS_MS: u64 = 120_000;

/// The rule-set version and the epoch of the fingerprints.
const RULES: u16 = 1;
const EPOCH: u16 = 1;

impl Workload {
    /// A ticket for an applicant by its home branch.
    pub(super) fn ticket(&self, applicant: &Actor, kind: DocKind, paper: &Paper) -> DeriveTicket {
        let body = DeriveTicketBody {
            chain_id: self.chain_id(),
            member: applicant.home,
            applicant: applicant.account,
            kind,
            rules: RULES,
            fp1: paper.fp1,
            fp2: paper.fp2,
            near: paper.near,
            goods_keys: paper.keys.clone(),
            arrival_keys: if kind == DocKind::WHR { paper.arrival.clone() } else { Vec::new() },
            epoch: EPOCH,
            not_after: self.now.saturating_add(WORD_LASTS_MS),
        };
        self.sign_ticket(body)
    }
    /// Signs a ticket with the key of the member it names.
    pub(super) fn sign_ticket(&self, body: DeriveTicketBody) -> DeriveTicket {
        let key = self.validators.get(&body.member).expect("tickets name members of the chain");
        let unsigned = DeriveTicket { body, public_key: key.public(), signature: Signature([0; 64]) };
        let signature = self.suite.sign(key, &unsigned.sign_bytes());
        DeriveTicket { signature, ..unsigned }
    }
    /// A firm's consent, in its own role, to an operation of a sender.
    pub(super) fn consent(&mut self, party: Tag, sender: &AccountId, op: &Operation) -> Consent {
        let role = self.cast.actor(party).role;
        self.consent_as(party, role, sender, op)
    }
    /// A firm's consent in some role.
    pub(super) fn consent_as(&mut self, party: Tag, role: Role, sender: &AccountId, op: &Operation) -> Consent {
        let nonce = self.number();
        let actor = self.cast.actor(party);
        let unsigned = Consent {
            party: actor.account,
            key: 0,
            role,
            op_hash: op.hash(sender),
            not_after: self.now.saturating_add(WORD_LASTS_MS),
            nonce,
            public_key: actor.secret.public(),
            signature: Signature([0; 64]),
        };
        let signature = self.suite.sign(&actor.secret, &unsigned.sign_bytes(&self.chain_id()));
        Consent { signature, ..unsigned }
    }
    /// A signed transaction with ready-made consents.
    pub(super) fn sign(&mut self, sender: &Actor, ops: Vec<Operation>, consents: Vec<Consent>) -> Transaction {
        let nonce = self.number();
        let valid_until = self.book().height.saturating_add(VALID_FOR);
        let unsigned = Transaction {
            version: Transaction::VERSION,
            chain_id: self.chain_id(),
            sender: sender.account,
            represents: None,
            key: 0,
            public_key: sender.secret.public(),
            valid_until,
            nonce,
            ops,
            consents,
            signature: Signature([0; 64]),
        };
        self.sign_again(sender, unsigned)
    }
    /// Signs changed contents.
    pub(super) fn sign_again(&self, sender: &Actor, tx: Transaction) -> Transaction {
        let signature = self.suite.sign(&sender.secret, &tx.sign_bytes());
        Transaction { signature, ..tx }
    }
    /// One operation of a firm with the consents of others.
    pub(super) fn draft(&mut self, sender: Tag, op: Operation, consents: &[Tag], label: &'static str) -> Draft {
        let actor = self.cast.actor(sender).clone();
        let needed = consents.iter().filter(|party| **party != sender);
        let consents = needed.map(|party| self.consent(party, &actor.account, &op)).collect();
        let transaction = self.sign(&actor, vec![op], consents);
        Draft { home: actor.home, transaction, label, elsewhere: false }
    }
    fn chain_id(&self) -> landsea_types::ChainId {
        self.book().rules.chain
    }
}
