//! Checking a batch: pure work that runs on the signature pool.

use landsea_chaincode::SignatureOracle;
use landsea_types::crypto::{SignatureCheck, Suite};
use landsea_types::ticket::DeriveTicket;
use landsea_types::{Batch, BatchId, ChainId, Height, Operation, PublicKey, Transaction};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A batch whose bytes, origin signature and sender signatures hold.
///
/// Signatures of consents and tickets may be bad: that is an outcome, so their answers are kept.
#[derive(Clone, Debug)]
pub struct CheckedBatch {
    pub id: BatchId,
    pub batch: Batch,
    /// The decoded transactions, in the batch's order.
    pub transactions: Vec<Transaction>,
    /// Answer for each consent and ticket signature.
    answers: BTreeMap<SignatureCheck, bool>,
    /// The last height at which any of its transactions can succeed.
    pub useful_until: Height,
}

/// What is wrong with a batch: a fault of the member that delivered it, which relays nothing that it has not checked.
pub type BatchFault = &'static str;

/// A batch whose bytes hold, and its signatures that are still to be checked.
pub(crate) struct OpenedBatch {
    batch: Batch,
    transactions: Vec<Transaction>,
    /// The origin's, those of the senders, one for each transaction, then those inside.
    checks: Vec<SignatureCheck>,
}

impl OpenedBatch {
    /// Decodes a batch.
    ///
    /// # Errors
    /// A fault of who delivered it.
    pub(crate) fn open(batch: Batch, chain: &ChainId, origin_key: &PublicKey) -> Result<Self, BatchFault> {
        batch.check_form(chain).map_err(|_| "batch with a bad size or chain")?;
        let decode = |bytes: &Vec<u8>| Transaction::decode(bytes, chain);
        let transactions: Result<Vec<Transaction>, _> = batch.body().transactions.iter().map(decode).collect();
        let transactions = transactions.map_err(|_| "batch with an undecodable transaction")?;
        let mut checks = vec![batch.check(origin_key)];
        checks.extend(transactions.iter().map(Transaction::check));
        checks.extend(transactions.iter().flat_map(|tx| inner_checks(tx, chain)));
        Ok(Self { batch, transactions, checks })
    }

    pub(crate) fn checks(&self) -> &[SignatureCheck] {
        &self.checks
    }

    /// The batch with an answer for each of [`Self::checks`].
    ///
    /// # Errors
    /// A bad signature of the origin or of a sender is a fault of who delivered the batch.
    pub(crate) fn close(self, answers: &[bool]) -> Result<Arc<CheckedBatch>, BatchFault> {
        let Self { batch, transactions, checks } = self;
        if answers.first() != Some(&true) {
            return Err("batch with a bad origin signature");
        }
        let inner_from = 1 + transactions.len();
        if !answers.iter().take(inner_from).all(|ok| *ok) {
            return Err("batch with a bad sender signature");
        }
        let answers = checks.into_iter().zip(answers.iter().copied()).skip(inner_from).collect();
        let useful_until = transactions.iter().map(|tx| tx.valid_until).max().unwrap_or(Height::ZERO);
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
        let opened = OpenedBatch::open(batch, chain, origin_key)?;
        let answers = suite.verify_many(opened.checks());
        opened.close(&answers)
    }

    /// Each transaction with its exact wire bytes.
    pub fn wire(&self) -> impl Iterator<Item = (&[u8], &Transaction)> {
        self.batch.body().transactions.iter().map(Vec::as_slice).zip(&self.transactions)
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
    batches: &'a [Arc<CheckedBatch>],
    suite: &'a dyn Suite,
    /// The batch that answered last: execution goes through them in order.
    last: Cell<usize>,
}

impl<'a> BatchAnswers<'a> {
    /// The answers of the batches of a block, in order.
    pub fn new(batches: &'a [Arc<CheckedBatch>], suite: &'a dyn Suite) -> Self {
        Self { batches, suite, last: Cell::new(0) }
    }
}

impl SignatureOracle for BatchAnswers<'_> {
    fn is_valid(&self, check: &SignatureCheck) -> bool {
        let places = (self.last.get()..self.batches.len()).chain(0..self.last.get());
        let known = places.into_iter().find_map(|place| Some((place, *self.batches[place].answers.get(check)?)));
        let Some((place, is_valid)) = known else { return self.suite.verify(check) };
        self.last.set(place);
        is_valid
    }
}
