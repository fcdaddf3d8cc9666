//! The workload and the model directly over the chaincode's executor, with an in-memory state.

mod tampered;

use super::{Stats, Workload};
use crate::chain::Chain;
use crate::model::{Mismatch, Model};
use crate::rng::Rng;
use landsea_chaincode::context::{BlockContext, CheckEach};
use landsea_chaincode::invariants::{self, Decoded, WholeState};
use landsea_chaincode::{MemoryState, execute_block, genesis_writes};
use landsea_types::role::PledgeState;
use landsea_types::{Code, Height, Member, Outcome, Timestamp, Transaction};

/// Blocks between two checks of the invariants over two states, which decode everything.
const STEP_CHECKED_EVERY: u64 = 5;

/// One committed block.
struct Ran {
    height: Height,
    time: Timestamp,
    transactions: Vec<Transaction>,
    outcomes: Vec<Outcome>,
}

/// A ledger of one node without consensus, and its traffic.
struct Ledger {
    workload: Workload,
    model: Model,
    state: MemoryState,
    height: Height,
    time: Timestamp,
    rng: Rng,
    chain: Chain,
    /// Submissions that come into a later block.
    late: Vec<Transaction>,
    /// Everything that was submitted, in order.
    trace: blake3::Hasher,
}

impl Ledger {
    fn new(members: usize, seed: u64) -> Self {
        let chain = Chain::new(members, seed);
        let mut state = MemoryState::default();
        state.apply(&genesis_writes(&chain.genesis));
        Self {
            workload: Workload::new(&chain, seed),
            model: Model::new(&chain),
            state,
            height: Height::ZERO,
            time: chain.genesis.time,
            rng: Rng::new(seed ^ 0x6c65_6467_6572),
            late: Vec::new(),
            trace: blake3::Hasher::new(),
            chain,
        }
    }
    /// Some submissions, a few of which wait for a later block.
    fn gather(&mut self) -> Vec<Transaction> {
        let (height, time) = (self.height, self.time);
        let down = Member::new(self.rng.between(1, 2 * self.chain.members().len() as u64) as u8);
        let tips = |member: Member| (member != down).then_some((height, time));
        let mut now = std::mem::take(&mut self.late);
        for _ in 0..self.rng.between(1, 3) {
            for submission in self.workload.next(&tips) {
                assert_ne!(submission.through, down, "a member that is down takes nothing");
                self.trace.update(&submission.transaction.encode()).update(submission.label.as_bytes());
                let slow = self.workload.is_founded() && self.rng.chance(100);
                if slow { self.late.push(submission.transaction) } else { now.push(submission.transaction) }
            }
        }
        now
    }
    /// Executes and applies a block.
    fn block(&mut self) -> Ran {
        let transactions = self.gather();
        self.height = self.height.next();
        self.time = self.time.saturating_add(self.rng.between(100, 2_500));
        let context = BlockContext { chain: self.chain.id(), height: self.height, time: self.time };
        let bytes: Vec<Vec<u8>> = transactions.iter().map(Transaction::encode).collect();
        let wire = bytes.iter().map(Vec::as_slice).zip(&transactions);
        let executed = execute_block(&self.state, context, wire, &CheckEach);
        self.state.apply(&executed.writes);
        self.workload.on_committed(self.height, self.time, &transactions, &executed.outcomes);
        Ran { height: self.height, time: self.time, transactions, outcomes: executed.outcomes }
    }
    fn follow(&mut self, ran: &Ran) -> Result<(), Mismatch> {
        self.model.apply(ran.height, ran.time, &ran.transactions, &ran.outcomes)?;
        self.model.compare(&self.state)
    }
    /// Runs blocks under the model and every invariant.
    fn run(&mut self, blocks: u64) {
        let mut before = Decoded::of(&self.state).expect("the state decodes");
        for n in 1..=blocks {
            let ran = self.block();
            self.follow(&ran).unwrap_or_else(|mismatch| panic!("{mismatch}"));
            let outcomes = &ran.outcomes[..ran.transactions.len()];
            invariants::every_success_says_something(outcomes, ran.height).unwrap_or_else(|broken| panic!("{broken}"));
            invariants::check_all(&self.state)
                .map(drop)
                .unwrap_or_else(|broken| panic!("height {}: {broken}", ran.height));
            if n % STEP_CHECKED_EVERY == 0 {
                let after = Decoded::of(&self.state).expect("the state decodes");
                invariants::check_step(&before, &after).unwrap_or_else(|broken| panic!("{}: {broken}", ran.height));
                before = after;
            }
        }
    }
}

/// What must succeed at least once over the seeds of a test.
const MUST_SUCCEED: &[&str] = &[
    "accept a delivery",
    "accept an amendment",
    "adopt",
    "amend",
    "anchor",
    "attest",
    "assign",
    "cancel a reservation",
    "convert",
    "convert with a shortage",
    "cure",
    "customs hold",
    "customs release",
    "declare a default",
    "deliver",
    "dispute",
    "endorse",
    "endorse a receipt",
    "extend",
    "file a case",
    "freeze",
    "issue",
    "issue a look-alike",
    "license",
    "lift",
    "onboard",
    "open a case",
    "pledge",
    "pledge two",
    "race for a pledge",
    "race for goods",
    "realise",
    "reject a surrender",
    "release",
    "renew",
    "reserve",
    "resume",
    "store",
    "surrender for amendment",
    "surrender for delivery",
    "suspend",
    "transfer",
    "withdraw a dispute",
];

/// What must be refused for its own reason at least once over the seeds of a test.
const MUST_FAIL: &[(&str, Code)] = &[
    ("race for a pledge", Code::AlreadyPledged),
    ("race for goods", Code::GoodsKeyOccupied),
    ("wrong: answer twice", Code::SurrenderAnswered),
    ("wrong: assign unasked", Code::ConsentMissing),
    ("wrong: case filed late", Code::FilingDeadline),
    ("wrong: lift by another branch", Code::NotEntitledToLift),
    ("wrong: pledge of the held", Code::Held),
    ("wrong: realise early", Code::WaitingPeriod),
    ("wrong: surrender of the held", Code::Held),
    ("wrong: transfer of the enforced", Code::PledgeState),
    ("wrong: transfer of the held", Code::Held),
    ("wrong: bill and receipt together", Code::CollateralSetInvalid),
    ("wrong: content twice", Code::DuplicateContent),
    ("wrong: epoch", Code::FingerprintEpochStale),
    ("wrong: expired", Code::TransactionExpired),
    ("wrong: firm twice", Code::DuplicateParty),
    ("wrong: foreign key", Code::KeyNotValid),
    ("wrong: goods lost", Code::NotConserved),
    ("wrong: goods twice", Code::GoodsKeyOccupied),
    ("wrong: keeper akin to the pledgor", Code::CustodianNotIndependent),
    ("wrong: key twice", Code::KeyDuplicated),
    ("wrong: kind of paper", Code::UnknownTemplate),
    ("wrong: late consent", Code::ConsentInvalid),
    ("wrong: look-alike unseen", Code::NearMatch),
    ("wrong: no consent", Code::ConsentMissing),
    ("wrong: no custodian", Code::CustodianAckMissing),
    ("wrong: no feature", Code::FeatureNotGranted),
    ("wrong: no licence", Code::LicenceMissing),
    ("wrong: no proof", Code::ProofLevelTooLow),
    ("wrong: note as collateral", Code::NotPledgeableHere),
    ("wrong: number twice", Code::DuplicateDocument),
    ("wrong: other paper", Code::TicketInvalid),
    ("wrong: pledge of another's document", Code::PledgorNotSoleHolder),
    ("wrong: pledge of the reserved", Code::ReservedByOther),
    ("wrong: receipt beside a bill", Code::GoodsKeyOccupied),
    ("wrong: release by a stranger", Code::NotPledgee),
    ("wrong: release of the ended", Code::PledgeState),
    ("wrong: renew without custodian", Code::CustodianAckMissing),
    ("wrong: replay", Code::AlreadyCommitted),
    ("wrong: reserve again", Code::ReservationLimit),
    ("wrong: reserve the pledged", Code::AlreadyPledged),
    ("wrong: reserved too long", Code::TermOutOfLimits),
    ("wrong: role", Code::RoleNotPermitted),
    ("wrong: second pledge", Code::AlreadyPledged),
    ("wrong: shared cell", Code::UnknownKindOrRules),
    ("wrong: shortage too large", Code::ShortageAboveTolerance),
    ("wrong: stale version", Code::StaleVersion),
    ("wrong: stolen consent", Code::ConsentInvalid),
    ("wrong: term too short", Code::TermOutOfLimits),
    ("wrong: ticket for another", Code::TicketInvalid),
    ("wrong: transfer by a stranger", Code::NotHolder),
    ("wrong: transfer of the ended", Code::DocumentState),
    ("wrong: transfer of the reserved", Code::ReservedByOther),
    ("wrong: transfer past the pledgee", Code::Encumbered),
    ("wrong: unknown document", Code::UnknownObject),
    ("wrong: waybill act on a receipt", Code::NotPledgeableHere),
];

#[test]
fn traffic_over_many_seeds_keeps_every_invariant_and_the_model_and_meets_every_kind_of_answer() {
    let mut stats = Stats::default();
    let mut states = Vec::new();
    for (seed, members) in (1..=6).zip([4, 5, 7, 10, 15, 16]) {
        println!("seed {seed}, {members} members");
        let mut ledger = Ledger::new(members, seed);
        ledger.run(300);
        stats.add(ledger.workload.stats());
        states.extend(ledger.model.book.liens.values().map(|lien| lien.state));
    }
    println!("{} outcomes\n{stats}", stats.total());
    let never: Vec<_> = MUST_SUCCEED.iter().filter(|label| stats.of(label, Code::Ok) == 0).collect();
    assert!(never.is_empty(), "never succeeded: {never:?}");
    let missed: Vec<_> = MUST_FAIL.iter().filter(|(label, code)| stats.of(label, *code) == 0).collect();
    assert!(missed.is_empty(), "never refused: {missed:?}");
    use PledgeState::{Active, Enforcing, Lapsed, Matured, Realised, Released};
    for state in [Active, Matured, Lapsed, Released, Enforcing, Realised] {
        assert!(states.contains(&state), "no pledge is {state} at the end");
    }
    assert_eq!(stats.of_code(Code::Internal), 0, "an invariant broke inside a transaction");
}

#[test]
fn equal_seeds_make_equal_traffic_and_other_seeds_other_traffic() {
    let trace = |seed| {
        let mut ledger = Ledger::new(4, seed);
        (0..60).for_each(|_| drop(ledger.block()));
        ledger.trace.finalize()
    };
    assert_eq!(trace(11), trace(11));
    assert_ne!(trace(11), trace(12));
}

#[test]
fn founding_survives_lost_transactions() {
    let mut ledger = Ledger::new(4, 3);
    let first = ledger.gather();
    assert!(!first.is_empty(), "founding starts at once");
    drop(first);
    ledger.run(60);
    assert!(ledger.workload.is_founded(), "what was lost is sent again");
}

#[test]
fn nothing_is_submitted_while_no_member_takes_anything() {
    let mut workload = Workload::new(&Chain::new(4, 1), 1);
    assert!(workload.next(&|_| None).is_empty());
}

/// The state as the model's comparison reads it.
fn whole(state: &MemoryState) -> &dyn WholeState {
    state
}
