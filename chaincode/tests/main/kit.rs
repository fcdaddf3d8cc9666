//! The shared test kit: a world of 15 branches and a cast of firms on an in-memory state.
//!
//! Every block runs twice and must answer the same; after every block the invariants of [`landsea_chaincode::invariants`] are checked.

mod cast;
mod paper;
mod shortcuts;

pub use cast::{Actor, Setup, group, site};
pub use landsea_chaincode::MemoryState;
pub use paper::{Paper, key};
pub use shortcuts::*;

use landsea_chaincode::context::CheckEach;
use landsea_chaincode::invariants::{self, Broken, Decoded};
use landsea_chaincode::{BlockContext, Executed, SignatureOracle, execute_block, genesis_writes};
use landsea_types::crypto::SignatureCheck;
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::Genesis;
use landsea_types::role::{DocKind, Role};
use landsea_types::state::Write;
use landsea_types::ticket::{DeriveTicket, DeriveTicketBody};
use landsea_types::transaction::ConsentTerms;
use landsea_types::{
    AccountId, ChainId, Code, Consent, Height, Member, Operation, Outcome, SecretKey, Signature, Timestamp,
    Transaction, TxId,
};
use std::collections::BTreeMap;

pub const SECOND: u64 = 1_000;
pub const HOUR: u64 = 3_600 * SECOND;
pub const DAY: u64 = 24 * HOUR;

/// A block that ran.
#[derive(Clone, Debug)]
pub struct Ran {
    pub context: BlockContext,
    pub transactions: Vec<Transaction>,
    /// With the sweep's, if it did anything.
    pub outcomes: Vec<Outcome>,
}

/// A ledger with its firms, one block per submission.
#[derive(Clone)]
pub struct World {
    pub genesis: Genesis,
    pub chain: ChainId,
    pub state: MemoryState,
    /// Height and time of the last block.
    pub height: Height,
    pub time: Timestamp,
    /// The sweep's outcome of the last block.
    pub swept: Option<Outcome>,
    /// Firms by the tags of the scenarios, branches by their codes.
    pub cast: BTreeMap<String, Actor>,
    pub validators: BTreeMap<Member, SecretKey>,
    /// Checks the invariants after each block; a test that breaks state on purpose turns it off.
    pub checking: bool,
    /// Signs nothing, believes every signature but a forged one and runs each block once: for tests of very many blocks, which other
    /// tests run with the real thing.
    pub quick: bool,
    /// Keeps every block in [`World::log`].
    pub recording: bool,
    pub log: Vec<Ran>,
    /// Tells the keys of this world from those of others.
    pub key_seed: u8,
    /// The records after the last block, while nothing has been edited since.
    known: Option<Decoded>,
    next_nonce: u64,
    next_step_ms: u64,
}

impl World {
    /// The default cast with default parameters.
    pub fn new() -> Self {
        Self::with(Setup::default())
    }

    /// A world with changed parameters, groups or features.
    pub fn with(setup: Setup) -> Self {
        let mut world = Self::founded(&setup);
        world.onboard_cast(&setup);
        world
    }

    /// Branches only.
    pub fn founded(setup: &Setup) -> Self {
        let (genesis, validators, cast) = cast::found(setup);
        let mut state = MemoryState::default();
        state.apply(&genesis_writes(&genesis));
        Self {
            chain: genesis.chain_id(),
            state,
            height: Height::ZERO,
            time: genesis.time,
            swept: None,
            cast,
            validators,
            checking: true,
            quick: false,
            recording: setup.recording,
            log: Vec::new(),
            key_seed: setup.key_seed,
            known: None,
            next_nonce: 1,
            next_step_ms: SECOND,
            genesis,
        }
    }

    // ---- who

    /// A firm or branch of the cast.
    pub fn actor(&self, name: &str) -> &Actor {
        self.cast.get(name).unwrap_or_else(|| panic!("nobody in the cast is called {name}"))
    }
    /// Its account.
    pub fn account(&self, name: &str) -> AccountId {
        self.actor(name).account
    }
    /// The member that onboarded it.
    pub fn home(&self, name: &str) -> Member {
        self.actor(name).home
    }
    /// The member of a branch code.
    pub fn member(&self, code: &str) -> Member {
        self.genesis.member_by_code(code).expect("the code is in the member table").index
    }
    /// A number never used before.
    pub fn nonce(&mut self) -> u64 {
        self.next_nonce += 1;
        self.next_nonce
    }

    // ---- time

    /// The block time of the next block.
    pub fn next_time(&self) -> Timestamp {
        self.time.saturating_add(self.next_step_ms)
    }
    /// Makes the next block's time that much later than the last one's.
    pub fn advance(&mut self, ms: u64) {
        self.next_step_ms = ms;
    }
    /// Runs an empty block that much later and returns what the sweep did.
    pub fn pass(&mut self, ms: u64) -> Option<Outcome> {
        self.advance(ms);
        self.block(&[]);
        self.swept.clone()
    }

    // ---- signing

    /// A ticket over a paper, signed by the applicant's home branch.
    pub fn ticket(&self, applicant: &str, kind: DocKind, paper: &Paper) -> DeriveTicket {
        let body = self.ticket_body(applicant, kind, paper);
        self.sign_ticket(body)
    }
    /// The unsigned body, for tests that spoil it.
    pub fn ticket_body(&self, applicant: &str, kind: DocKind, paper: &Paper) -> DeriveTicketBody {
        let actor = self.actor(applicant);
        DeriveTicketBody {
            chain_id: self.chain,
            member: actor.home,
            applicant: actor.account,
            kind,
            rules: 1,
            fp1: paper.fp1(),
            fp2: paper.fp2(),
            near: paper.near,
            goods_keys: paper.keys.clone(),
            arrival_keys: paper.arrival.clone(),
            epoch: 1,
            not_after: self.next_time().saturating_add(12 * HOUR),
        }
    }
    /// Signs a ticket with the validator key of the member it names.
    pub fn sign_ticket(&self, body: DeriveTicketBody) -> DeriveTicket {
        let key = &self.validators[&body.member];
        if self.quick {
            return DeriveTicket { body, public_key: key.public(), signature: UNSIGNED };
        }
        DeriveTicket::new(body, key)
    }

    /// A consent of a firm, in its first role, to `op` sent by `sender`.
    pub fn consent(&mut self, party: &str, sender: &str, op: &Operation) -> Consent {
        let role = self.actor(party).role;
        self.consent_as(party, role, sender, op)
    }
    /// A consent in a given role.
    pub fn consent_as(&mut self, party: &str, role: Role, sender: &str, op: &Operation) -> Consent {
        let terms = self.consent_terms(party, role, sender, op);
        self.sign_consent(party, terms)
    }
    /// The terms of a consent, for tests that spoil them.
    pub fn consent_terms(&mut self, party: &str, role: Role, sender: &str, op: &Operation) -> ConsentTerms {
        let nonce = self.nonce();
        let op_hash = op.hash(&self.account(sender));
        let actor = self.actor(party);
        let not_after = self.next_time().saturating_add(DAY);
        ConsentTerms { party: actor.account, key: actor.key, role, op_hash, not_after, nonce }
    }
    /// Signs the terms with the firm's current key.
    pub fn sign_consent(&self, party: &str, terms: ConsentTerms) -> Consent {
        let secret = &self.actor(party).secret;
        if self.quick {
            let ConsentTerms { party, key, role, op_hash, not_after, nonce } = terms;
            return Consent {
                party,
                key,
                role,
                op_hash,
                not_after,
                nonce,
                public_key: secret.public(),
                signature: UNSIGNED,
            };
        }
        Consent::new(terms, &self.chain, secret)
    }

    /// A signed transaction of one sender, with a consent to every operation from each name in `consents`.
    pub fn tx(&mut self, sender: &str, ops: &[Operation], consents: &[&str]) -> Transaction {
        let mut signed = Vec::new();
        for op in ops {
            for party in consents {
                signed.push(self.consent(party, sender, op));
            }
        }
        self.tx_with(sender, ops, signed)
    }
    /// A signed transaction with ready-made consents.
    pub fn tx_with(&mut self, sender: &str, ops: &[Operation], consents: Vec<Consent>) -> Transaction {
        let nonce = self.nonce();
        let actor = self.actor(sender);
        let unsigned = Transaction {
            version: Transaction::VERSION,
            chain_id: self.chain,
            sender: actor.account,
            represents: None,
            key: actor.key,
            public_key: actor.secret.public(),
            valid_until: self.height.saturating_add(100),
            nonce,
            ops: ops.to_vec(),
            consents,
            signature: UNSIGNED,
        };
        if self.quick { unsigned } else { unsigned.sign(&actor.secret) }
    }

    // ---- running

    /// Runs one operation in a block of its own.
    pub fn submit(&mut self, sender: &str, op: Operation, consents: &[&str]) -> Outcome {
        let tx = self.tx(sender, &[op], consents);
        self.run(&tx)
    }
    /// Runs one operation and returns its code.
    pub fn code(&mut self, sender: &str, op: Operation, consents: &[&str]) -> Code {
        self.submit(sender, op, consents).code
    }
    /// Runs one operation that must succeed.
    #[track_caller]
    pub fn ok(&mut self, sender: &str, op: Operation, consents: &[&str]) -> Outcome {
        let name = op.name();
        let outcome = self.submit(sender, op, consents);
        assert_eq!(outcome.code, Code::Ok, "{sender} {name} answered {} {:?}", outcome.code, outcome.args);
        outcome
    }
    /// Runs one operation with ready-made consents.
    pub fn submit_with(&mut self, sender: &str, op: Operation, consents: Vec<Consent>) -> Outcome {
        let tx = self.tx_with(sender, &[op], consents);
        self.run(&tx)
    }
    /// Runs a transaction in a block of its own.
    pub fn run(&mut self, tx: &Transaction) -> Outcome {
        self.block(std::slice::from_ref(tx)).swap_remove(0)
    }
    /// Runs a block and returns the outcome of each transaction; the sweep's is in `swept`.
    ///
    /// # Panics
    /// When an invariant does not hold.
    pub fn block(&mut self, txs: &[Transaction]) -> Vec<Outcome> {
        self.try_block(txs).unwrap_or_else(|broken| panic!("height {}: {broken}", self.height))
    }
    /// Runs a block and answers what it broke, if anything.
    ///
    /// # Errors
    /// The first invariant that does not hold after the block.
    pub fn try_block(&mut self, txs: &[Transaction]) -> Result<Vec<Outcome>, Broken> {
        let context = self.next_context();
        let executed = self.execute(context, txs);
        let before =
            if self.checking { Some(self.known.take().map_or_else(|| Decoded::of(&self.state), Ok)?) } else { None };
        let surplus = if self.checking { self.writes_of_refused(context, txs, &executed) } else { Vec::new() };
        self.state.apply(&executed.writes);
        if self.recording {
            let (transactions, outcomes) = (txs.to_vec(), executed.outcomes.clone());
            self.log.push(Ran { context, transactions, outcomes });
        }
        self.height = context.height;
        self.time = context.time;
        self.next_step_ms = SECOND;
        let mut outcomes = executed.outcomes;
        self.swept = if outcomes.len() > txs.len() { outcomes.pop() } else { None };
        if let Some(before) = before {
            invariants::refusals_leave_traces_only(&surplus.iter().collect::<Vec<_>>(), &outcomes)?;
            self.check_invariants(&before, &outcomes)?;
        }
        Ok(outcomes)
    }
    /// What a block would do, without doing it; asserts that a second run answers the same.
    pub fn execute(&self, context: BlockContext, txs: &[Transaction]) -> Executed {
        let decoded: Vec<(Vec<u8>, Transaction)> = txs.iter().map(|tx| self.over_the_wire(tx)).collect();
        if self.quick {
            return execute_block(&self.state, context, wire(&decoded), &BelieveAll);
        }
        let first = execute_block(&self.state, context, wire(&decoded), &CheckEach);
        let second = execute_block(&self.state, context, wire(&decoded), &CheckEach);
        assert_eq!(first, second, "a block answers the same on every node");
        first
    }
    /// Height and time of the next block.
    pub fn next_context(&self) -> BlockContext {
        BlockContext { chain: self.chain, height: self.height.next(), time: self.next_time() }
    }

    fn over_the_wire(&self, tx: &Transaction) -> (Vec<u8>, Transaction) {
        let bytes = tx.encode();
        let decoded = Transaction::decode(&bytes, &self.chain).expect("the kit builds well-formed transactions");
        (bytes, decoded)
    }

    /// What a block of refused transactions wrote beyond what the sweep did anyway; nothing where one of them succeeded.
    fn writes_of_refused(&self, context: BlockContext, txs: &[Transaction], ran: &Executed) -> Vec<Write> {
        if txs.is_empty() || ran.outcomes.iter().take(txs.len()).any(|o| o.code == Code::Ok) {
            return Vec::new();
        }
        let idle = execute_block(&self.state, context, [], &BelieveAll);
        ran.writes.iter().filter(|w| !idle.writes.contains(w)).cloned().collect()
    }

    /// The records as the last block left them; empty before the first block that was checked.
    pub fn known(&self) -> &Decoded {
        static NOTHING: std::sync::OnceLock<Decoded> = std::sync::OnceLock::new();
        self.known.as_ref().unwrap_or_else(|| NOTHING.get_or_init(Decoded::default))
    }

    fn check_invariants(&mut self, before: &Decoded, outcomes: &[Outcome]) -> Result<(), Broken> {
        let after = invariants::check_all(&self.state)?;
        invariants::check_step(before, &after)?;
        invariants::every_success_says_something(outcomes, self.height)?;
        self.known = Some(after);
        Ok(())
    }
    /// Forgets the decoded records, because the state changes outside a block.
    pub fn forget_records(&mut self) {
        self.known = None;
    }
}

/// The signature of whoever does not sign.
const UNSIGNED: Signature = Signature([0; 64]);

/// Believes every signature but one of [`FORGED`].
pub struct BelieveAll;

/// A signature that nobody believes.
pub const FORGED: Signature = Signature([1; 64]);

impl SignatureOracle for BelieveAll {
    fn is_valid(&self, check: &SignatureCheck) -> bool {
        check.signature != FORGED
    }
}

/// Transactions with their bytes, as a block is executed from them.
pub fn wire(transactions: &[(Vec<u8>, Transaction)]) -> impl Iterator<Item = (&[u8], &Transaction)> {
    transactions.iter().map(|(bytes, tx)| (bytes.as_slice(), tx))
}

/// The events of a name in an outcome.
pub fn events(outcome: &Outcome, name: EventName) -> Vec<&Event> {
    outcome.events.iter().filter(|e| e.name == name).collect()
}

/// The one event of a name in an outcome.
#[track_caller]
pub fn event(outcome: &Outcome, name: EventName) -> &Event {
    let found = events(outcome, name);
    assert_eq!(found.len(), 1, "events of {}: {:?}", name.as_str(), outcome.events);
    found[0]
}

/// Whether the outcome is the sweep's.
pub fn is_sweep(outcome: &Outcome) -> bool {
    outcome.tx == TxId::default()
}
