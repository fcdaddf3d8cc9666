//! Checking a batch: pure work that runs on the signature pool.

use landsea_chaincode::SignatureOracle;
use landsea_types::crypto::{SignatureCheck, Suite};
use landsea_types::ticket::DeriveTicket;
use landsea_types::{Batch, BatchId, ChainId, Height, Operation, PublicKey, Transaction};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A batch whose bytes, origin signature and sender signatures hold.
///
/// Signatures of consents and tickets may be bad: that is an outcome, so their answers are kept.
#[derive(Clone, Debug)]
pub struct CheckedBatch {
    pub id: BatchId,
    pub batch: Batch,
    /// Each transaction with its exact wire bytes.
    pub transactions: Vec<(Vec<u8>, Transaction)>,
    /// Answer for each consent and ticket signature, by [`SignatureCheck::id`].
    answers: BTreeMap<[u8; 32], bool>,
    /// The last height at which any of its transactions can succeed.
    pub useful_until: Height,
}

/// What the bytes of a batch prove about its origin.
pub type BatchFault = &'static str;

/// A batch whose bytes and origin signature hold, and the signatures in it that are still to be checked.
pub(crate) struct OpenedBatch {
    batch: Batch,
    transactions: Vec<(Vec<u8>, Transaction)>,
    /// Those of the senders, one for each transaction, then those inside.
    checks: Vec<SignatureCheck>,
}

impl OpenedBatch {
    /// Decodes a batch.
    ///
    /// # Errors
    /// A provable fault of the origin.
    pub(crate) fn open(
        batch: Batch,
        chain: &ChainId,
        origin_key: &PublicKey,
        suite: &dyn Suite,
    ) -> Result<Self, BatchFault> {
        batch.verify(chain, origin_key, suite).map_err(|_| "batch with a bad size, chain or origin signature")?;
        let mut transactions = Vec::with_capacity(batch.body.transactions.len());
        for bytes in &batch.body.transactions {
            let tx = Transaction::decode(bytes, chain).map_err(|_| "batch with an undecodable transaction")?;
            transactions.push((bytes.clone(), tx));
        }
        let mut checks: Vec<SignatureCheck> = transactions.iter().map(|(_, tx)| tx.check()).collect();
        checks.extend(transactions.iter().flat_map(|(_, tx)| inner_checks(tx, chain)));
        Ok(Self { batch, transactions, checks })
    }

    pub(crate) fn checks(&self) -> &[SignatureCheck] {
        &self.checks
    }

    /// The batch with an answer for each of [`Self::checks`].
    ///
    /// # Errors
    /// A bad sender signature is a fault of the origin.
    pub(crate) fn close(self, answers: &[bool]) -> Result<Arc<CheckedBatch>, BatchFault> {
        let Self { batch, transactions, checks } = self;
        let senders = transactions.len();
        if !answers.iter().take(senders).all(|ok| *ok) {
            return Err("batch with a bad sender signature");
        }
        let inner = checks.iter().zip(answers).skip(senders);
        let answers = inner.map(|(check, ok)| (check.id(), *ok)).collect();
        let useful_until = transactions.iter().map(|(_, tx)| tx.valid_until).max().unwrap_or(Height::ZERO);
        Ok(Arc::new(CheckedBatch { id: batch.id(), batch, transactions, answers, useful_until }))
    }
}

impl CheckedBatch {
    /// Decodes and checks everything that the bytes alone decide.
    ///
    /// # Errors
    /// A provable fault of the origin.
    pub fn check(
        batch: Batch,
        chain: &ChainId,
        origin_key: &PublicKey,
        suite: &dyn Suite,
    ) -> Result<Arc<Self>, BatchFault> {
        let opened = OpenedBatch::open(batch, chain, origin_key, suite)?;
        let answers = suite.verify_many(opened.checks());
        opened.close(&answers)
    }
}

/// Signatures inside a transaction: consents and tickets.
fn inner_checks(tx: &Transaction, chain: &ChainId) -> Vec<SignatureCheck> {
    let consents = tx.consents.iter().map(|c| c.check(chain));
    let tickets = tx.ops.iter().flat_map(tickets_of).map(|ticket| SignatureCheck {
        key: ticket.public_key,
        message: ticket.sign_bytes(),
        signature: ticket.signature,
    });
    consents.chain(tickets).collect()
}

/// The tickets that an operation carries.
fn tickets_of(op: &Operation) -> Vec<&DeriveTicket> {
    match op {
        Operation::PartyOnboard(op) => vec![&op.ticket],
        Operation::PartyGrantLicence(op) => vec![&op.ticket],
        Operation::WaybillAnchor(op) => vec![&op.ticket],
        Operation::WaybillIssue(op) => vec![&op.ticket],
        Operation::WaybillAmend(op) => vec![&op.version.ticket],
        Operation::WaybillAnswerSurrender(op) => op.version.iter().map(|v| &v.ticket).collect(),
        Operation::WaybillConvert(op) => vec![&op.receipt.ticket],
        Operation::WarehouseIssue(op) => vec![&op.receipt.ticket],
        Operation::PledgeCreate(op) => op.docs.iter().map(|d| &d.ticket).collect(),
        Operation::AuthenticityAttest(op) => vec![&op.ticket],
        _ => Vec::new(),
    }
}

/// Answers from the work already done for the batches of a block; anything else is checked on the spot.
pub struct BatchAnswers<'a> {
    pub batches: &'a [Arc<CheckedBatch>],
    pub suite: &'a dyn Suite,
}

impl SignatureOracle for BatchAnswers<'_> {
    fn is_valid(&self, check: &SignatureCheck) -> bool {
        let key = check.id();
        let known = self.batches.iter().find_map(|batch| batch.answers.get(&key).copied());
        known.unwrap_or_else(|| self.suite.verify(check))
    }
}
