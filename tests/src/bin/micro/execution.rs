//! CPU time of execution per operation: blocks of one kind over a state of many documents in memory, signatures believed unseen.
//!
//! Firms and papers are those of the chaincode's test kit. Every block must answer as expected, so that what is timed is the operation
//! and not its refusal, or the other way round.

use super::shared::kit::{BelieveAll, Bill, Paper, Receipt, Setup, World, commit, doc_of, events, wire};
use super::{Figures, cpu, figure};
use landsea_chaincode::execute_block;
use landsea_types::event::EventName;
use landsea_types::fingerprint::field;
use landsea_types::genesis::templates::{EXPORT_RAIL_SEA_ID, built_in};
use landsea_types::ids::ascii;
use landsea_types::operation::cargo::{FlowReport, Report};
use landsea_types::operation::hold::{Dispute, WithdrawDispute};
use landsea_types::record::HoldTarget;
use landsea_types::role::{DocKind, FlowStep};
use landsea_types::{Code, DocId, HoldId, Operation, Outcome, PledgeId, ProofId, Transaction};

/// Bills on the ledger before anything is measured.
const DOCS: usize = 20_000;
/// Transactions in a measured block.
const BATCH: usize = 200;
/// Blocks measured of each operation; the least counts.
const ROUNDS: usize = 6;
/// Items that one operation uses up.
const SHARE: usize = BATCH * ROUNDS;
/// Hours that a reservation stands: longer than all blocks together.
const RESERVED_HOURS: u64 = 24;

const TRADERS: [&str; 6] = ["E1", "E2", "E3", "E4", "E5", "E6"];

/// What a declaration says of the goods.
const DECLARED: &[(u16, &[&str])] = &[
    (field::CONSIGNOR, &["E5"]),
    (field::CONTAINERS, &["XLHU2601019", "XLHU2601024", "XLHU2601030"]),
    (field::PACKAGES, &["9"]),
    (field::GROSS_WEIGHT, &["611", "612", "613"]),
    (field::HS, &["842952"]),
    (field::DESTINATION_COUNTRY, &["SG"]),
    (field::CONTRACT_NUMBER, &["BYZJSTR2026088"]),
    (field::INVOICE_NUMBER, &["BYINV26030201"]),
    (field::AMOUNT, &["USD41850000"]),
    (field::TRANSPORT_DOCUMENT, &["SHLTCKGSIN2026000417"]),
];

/// Sender, operation and those who consent to it.
type Act = (&'static str, Operation, Vec<&'static str>);

/// A transaction with its bytes, as blocks hold it.
pub(super) type Wired = (Vec<u8>, Transaction);

/// A bill on the ledger.
pub(super) struct Title {
    doc: DocId,
    holder: &'static str,
    paper: Paper,
}

/// Signs nothing: what is measured believes every signature.
pub(super) fn wired(world: &mut World, (sender, op, consents): Act) -> Wired {
    let tx = world.tx(sender, &[op], &consents);
    (tx.encode(), tx)
}

/// A carrier's note that nobody has anchored.
pub(super) fn anchor(world: &World, number: &str) -> Act {
    let paper = paper(number);
    ("R-CD", world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &paper), vec![])
}

/// A world with [`DOCS`] bills, and its blocks in its log.
pub(super) fn filled() -> (World, Vec<Title>) {
    let mut world = World::with(Setup { templates: built_in(), recording: true, ..Setup::default() });
    (world.quick, world.checking) = (true, false);
    let mut titles = Vec::new();
    for from in (0..DOCS).step_by(BATCH) {
        let bills: Vec<Bill> = (from..from + BATCH).map(|n| bill("bill", n)).collect();
        let acts: Vec<Act> = bills.iter().map(|bill| issue(&world, bill)).collect();
        let txs: Vec<Transaction> = acts.into_iter().map(|act| wired(&mut world, act).1).collect();
        let outcomes = world.block(&txs);
        titles.extend(bills.into_iter().zip(&outcomes).map(|(bill, outcome)| Title {
            doc: doc_of(outcome),
            holder: bill.first_holder,
            paper: bill.paper,
        }));
    }
    world.recording = false;
    (world, titles)
}

/// A paper of one container that no other paper names.
fn paper(number: &str) -> Paper {
    Paper::new(number, &[&format!("C:{number}")])
}

fn bill(series: &str, n: usize) -> Bill {
    let number = format!("{series} {n}");
    Bill { first_holder: TRADERS[n % TRADERS.len()], paper: paper(&number), ..Bill::new(&number, &[]) }
}

fn issue(world: &World, bill: &Bill) -> Act {
    (bill.issuer, world.issue_op(bill), vec![bill.first_holder])
}

/// CPU time of each operation over what [`filled`] made.
pub(super) fn operations(world: World, titles: &[Title]) -> Figures {
    let mut bench = Bench { world, figures: Vec::new() };
    let mut shares = titles.chunks(SHARE);
    let mut share = || shares.next().expect("there are more bills than operations use");
    bench.new_papers();
    bench.transfers(share());
    bench.reservations(share());
    bench.pledges(share());
    bench.disputes(share());
    bench.sights(share());
    bench.cases(share());
    bench.figures
}

struct Bench {
    world: World,
    figures: Figures,
}

impl Bench {
    fn new_papers(&mut self) {
        let numbers: Vec<usize> = (0..SHARE).collect();
        self.measure(Code::Ok, &numbers, |w, n| anchor(w, &format!("measured note {n}")));
        self.measure(Code::Ok, &numbers, |w, n| issue(w, &bill("measured bill", *n)));
        self.measure(Code::Ok, &numbers, |w, n| {
            let number = format!("measured receipt {n}");
            let paper = paper(&number).arrived_in(&["L:LOCAL"]);
            let receipt = Receipt { depositor: TRADERS[n % TRADERS.len()], paper, ..Receipt::new(&number, &[]) };
            (receipt.issuer, w.receipt_op(&receipt), vec![receipt.depositor])
        });
    }

    fn transfers(&mut self, titles: &[Title]) {
        self.measure(Code::Ok, titles, |w, t| (t.holder, w.transfer_op(&t.doc, "F1"), vec![]));
    }

    fn reservations(&mut self, titles: &[Title]) {
        self.measure(Code::Ok, titles, |w, t| ("B1", w.reserve_op(&t.doc, RESERVED_HOURS), vec![t.holder]));
    }

    /// Pledges, second pledges by another bank that are refused, and the release of the first.
    fn pledges(&mut self, titles: &[Title]) {
        let create = |w: &World, bank: &'static str, t: &Title| {
            (bank, w.create_op(bank, t.holder, &t.doc, &t.paper), vec![t.holder, "MTO"])
        };
        let created = self.measure(Code::Ok, titles, |w, t| create(w, "B1", t));
        self.measure(Code::AlreadyPledged, titles, |w, t| create(w, "B2", t));
        let pledges = made(&created, EventName::PledgeActive);
        self.measure(Code::Ok, &pledges, |w, id| ("B1", w.release_op(&PledgeId(*id)), vec![]));
    }

    fn disputes(&mut self, titles: &[Title]) {
        let placed = self.measure(Code::Ok, titles, |_, t| {
            let (interest, basis) = (commit("interest"), commit("basis"));
            let target = HoldTarget::Doc(t.doc);
            ("INS", Operation::HoldDispute(Dispute { target, interest, basis }), vec![])
        });
        let holds = made(&placed, EventName::HoldPlaced);
        self.measure(Code::Ok, &holds, |w, id| {
            let hold = HoldId(*id);
            let expect_ver = w.state.view().hold(&hold).expect("the dispute was placed").ver;
            ("INS", Operation::HoldWithdrawDispute(WithdrawDispute { hold, expect_ver }), vec![])
        });
    }

    fn sights(&mut self, titles: &[Title]) {
        self.measure(Code::Ok, titles, |w, t| {
            let report = FlowReport {
                lots: w.doc(&t.doc).lots,
                step: FlowStep::Departed,
                node: ascii::parse("CNTJC").expect("a node code"),
                at: w.next_time(),
                custody: None,
                seal: None,
                qty: None,
                condition: None,
                payload: commit("payload"),
            };
            ("MTO", Operation::CargoReport(Report { report }), vec![])
        });
    }

    fn cases(&mut self, titles: &[Title]) {
        let opened = self.measure(Code::Ok, titles, |w, t| (t.holder, w.open_op(&t.doc, EXPORT_RAIL_SEA_ID), vec![]));
        let proofs = made(&opened, EventName::ProofOpened);
        let numbered: Vec<(usize, [u8; 32])> = proofs.into_iter().enumerate().collect();
        self.measure(Code::Ok, &numbered, |w, (n, id)| {
            let copy = Paper::new(&format!("declaration {n}"), &[]);
            ("SW", w.attest_op("SW", &ProofId(*id), DocKind::DECLARATION, &copy, DECLARED), vec![])
        });
    }

    /// Runs one transaction per item in blocks of [`BATCH`] and keeps the least time.
    ///
    /// # Panics
    /// When a transaction answers another code.
    fn measure<T>(&mut self, code: Code, items: &[T], act: impl Fn(&World, &T) -> Act) -> Vec<Outcome> {
        let (mut least, mut name, mut outcomes) = (f64::INFINITY, "", Vec::new());
        for items in items.chunks_exact(BATCH) {
            let acts: Vec<Act> = items.iter().map(|item| act(&self.world, item)).collect();
            name = acts[0].1.name();
            let block: Vec<Wired> = acts.into_iter().map(|act| wired(&mut self.world, act)).collect();
            let context = self.world.next_context();
            let before = cpu();
            let executed = execute_block(&self.world.state, context, wire(&block), &BelieveAll);
            least = least.min(cpu() - before);
            self.world.state.apply(&executed.writes);
            (self.world.height, self.world.time) = (context.height, context.time);
            outcomes.extend(executed.outcomes.into_iter().take(BATCH));
        }
        let other = outcomes.iter().find(|outcome| outcome.code != code);
        assert!(other.is_none(), "{name} is to answer {code}: {other:?}");
        let how = if code == Code::Ok { String::new() } else { format!(", refused {}", code.number()) };
        self.figures.push(figure(format!("execute {name}{how}"), least * 1e6 / BATCH as f64));
        outcomes
    }
}

/// What each outcome made: the subject of its first event of a name.
fn made(outcomes: &[Outcome], name: EventName) -> Vec<[u8; 32]> {
    outcomes.iter().map(|outcome| events(outcome, name)[0].subject.0).collect()
}
