//! A small independent model of the ledger.
//!
//! It is written from the ledger specification and shares no logic with the chaincode: plain maps of firms, documents, goods and
//! pledges. [`Model::apply`] predicts the code of every transaction of a block and compares it with the outcome; [`Model::compare`] holds
//! the committed state against its own records. The only thing it takes from an outcome is the ids of what was created.
//!
//! It knows the operations of the workload ([`crate::workload`]) and every refusal that those meet. It expects one code, never a set:
//! the order of checks (section 0 of the specification) leaves no choice. Signatures are not its business; whatever signs for the
//! workload signs well, and a consent is spoilt by its terms.
//!
//! # Invariants
//! - A lot is charged by at most one live pledge: asserted where a pledge begins and over all records in [`Model::compare`].
//! - A pledge ends by release, by delivery or after grace, and maturity alone changes no right.

mod book;
mod cases;
mod compare;
mod due;
mod enforce;
mod goods;
mod liens;
mod papers;
mod people;
mod stops;
mod stores;
mod surrender;
mod word;

pub use book::{Book, Booking, Case, Firm, Goods, Lien, Sheet, Stop};

use crate::chain::Chain;
use landsea_types::event::EventName;
use landsea_types::{Code, Height, Operation, Outcome, Timestamp, Transaction, TxId};
use std::collections::BTreeMap;
use word::Act;

/// Where ledger and model differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The height after which it was found.
    pub height: Height,
    /// The transaction or record concerned.
    pub about: String,
    pub expected: String,
    pub got: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { height, about, expected, got } = self;
        write!(f, "height {height}, {about}: the model expects {expected}, the ledger has {got}")
    }
}

impl std::error::Error for Mismatch {}

/// A refused act that must be in the attempt journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    pub height: Height,
    pub by: landsea_types::AccountId,
    pub code: Code,
}

/// The model after some height.
#[derive(Clone, Debug)]
pub struct Model {
    /// Everything that operations read and change.
    pub book: Book,
    /// Where each transaction id was used up.
    used: BTreeMap<TxId, (Height, u32)>,
    /// Expected entries of the attempt journal, in order.
    tried: Vec<Tried>,
}

impl Model {
    /// The model of a chain at height 0.
    pub fn new(chain: &Chain) -> Self {
        Self { book: Book::new(chain), used: BTreeMap::new(), tried: Vec::new() }
    }

    /// Follows a committed height: `outcomes` has one per transaction, and one more if the sweep had something to tell.
    ///
    /// Heights come in order, each once. The model goes on after a mismatch, as well as it can.
    ///
    /// # Errors
    /// The first code, event or transition that the model does not expect.
    pub fn apply(
        &mut self,
        height: Height,
        time: Timestamp,
        transactions: &[Transaction],
        outcomes: &[Outcome],
    ) -> Result<(), Mismatch> {
        self.book.height = height;
        self.book.now = time;
        let mut first = self.check_shape(transactions, outcomes);
        for ((tx, outcome), index) in transactions.iter().zip(outcomes).zip(0u32..) {
            let found = self.transaction(tx, outcome, index);
            first = first.and(found);
        }
        first.and(self.sweep(outcomes.get(transactions.len())))
    }

    fn check_shape(&self, transactions: &[Transaction], outcomes: &[Outcome]) -> Result<(), Mismatch> {
        let (given, answered) = (transactions.len(), outcomes.len());
        let paired = transactions.iter().zip(outcomes).all(|(tx, outcome)| tx.id() == outcome.tx);
        if paired && (answered == given || answered == given + 1) {
            return Ok(());
        }
        let got = format!("{answered} outcomes, paired: {paired}");
        Err(self.mismatch("the block", &format!("an outcome for each of {given} transactions"), &got))
    }

    fn transaction(&mut self, tx: &Transaction, outcome: &Outcome, index: u32) -> Result<(), Mismatch> {
        let id = outcome.tx;
        let expected = match self.admit(tx, &id) {
            Err(code) => Judged { code, silent: Vec::new() },
            Ok(()) => self.operations(tx, outcome, index),
        };
        self.used.entry(id).or_insert((self.book.height, index));
        if is_journalled(expected.code) {
            self.tried.push(Tried { height: self.book.height, by: tx.sender, code: expected.code });
        }
        let about = || format!("{} ({}) by {}", names(tx), id.short(), self.book.name_of(&tx.sender));
        if expected.code != outcome.code {
            return Err(self.mismatch(&about(), &expected.code.to_string(), &outcome.code.to_string()));
        }
        match expected.silent.first() {
            Some(name) => Err(self.mismatch(&about(), &format!("the event {}", name.as_str()), "none")),
            None => Ok(()),
        }
    }

    /// Check step 2: key, replay, expiry.
    fn admit(&self, tx: &Transaction, id: &TxId) -> Result<(), Code> {
        let key = self.book.firms.get(&tx.sender).and_then(|firm| firm.keys.get(usize::from(tx.key)));
        need(key == Some(&tx.public_key), Code::KeyNotValid)?;
        need(!self.used.contains_key(id), Code::AlreadyCommitted)?;
        let latest = self.book.height.saturating_add(self.book.valid_until_max());
        need(self.book.height <= tx.valid_until && tx.valid_until <= latest, Code::TransactionExpired)
    }

    /// All operations apply or none does, what fell due on the way included.
    fn operations(&mut self, tx: &Transaction, outcome: &Outcome, index: u32) -> Judged {
        let before = (tx.ops.len() > 1 || self.book.is_due(tx)).then(|| self.book.clone());
        let hashes: Vec<_> = tx.ops.iter().map(|op| op.hash(&tx.sender)).collect();
        let mut act = Act::new(tx, outcome, index, &hashes);
        for (op, hash) in tx.ops.iter().zip(&hashes) {
            act.op_hash = *hash;
            if let Err(code) = self.book.operate(&mut act, op) {
                before.into_iter().for_each(|book| self.book = book);
                return Judged { code, silent: Vec::new() };
            }
        }
        self.book.spend(&act);
        act.check_told();
        Judged { code: Code::Ok, silent: act.silent }
    }

    /// What is due by itself happens at the end of the block, and is told.
    fn sweep(&mut self, outcome: Option<&Outcome>) -> Result<(), Mismatch> {
        let mut expected = self.book.sweep();
        let told = outcome.into_iter().flat_map(|o| &o.events).filter(|e| due::NAMES.contains(&e.name));
        let mut told: Vec<_> = told.map(|e| (e.name, e.subject)).collect();
        expected.sort();
        told.sort();
        // Several groups of parties may hear of one hold.
        expected.dedup();
        told.dedup();
        if expected == told {
            return Ok(());
        }
        Err(self.mismatch("the sweep", &format!("{expected:?}"), &format!("{told:?}")))
    }

    fn mismatch(&self, about: &str, expected: &str, got: &str) -> Mismatch {
        let (expected, got) = (expected.to_owned(), got.to_owned());
        Mismatch { height: self.book.height, about: about.to_owned(), expected, got }
    }
}

/// What a transaction should answer, and the events it should have told but did not.
struct Judged {
    code: Code,
    silent: Vec<EventName>,
}

/// The answer of a check.
type Verdict<T = ()> = Result<T, Code>;

fn need(holds: bool, code: Code) -> Verdict {
    if holds { Ok(()) } else { Err(code) }
}

fn known<T>(object: Option<T>) -> Verdict<T> {
    object.ok_or(Code::UnknownObject)
}

fn is_journalled(code: Code) -> bool {
    use Code::{AlreadyPledged, DuplicateContent, DuplicateDocument, GoodsKeyOccupied, NearMatch};
    matches!(code, AlreadyPledged | DuplicateDocument | DuplicateContent | GoodsKeyOccupied | NearMatch)
}

fn names(tx: &Transaction) -> String {
    tx.ops.iter().map(Operation::name).collect::<Vec<_>>().join(" + ")
}
