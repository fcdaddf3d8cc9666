//! Random walks: firms do what they may and may not, the kit checks every invariant after every block.

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::Create;
use landsea_types::operation::waybill::{Amend, AnswerSurrender, Convert, NewVersion};
use landsea_types::role::{DocState, HoldKind};
use landsea_types::state::Table;
use landsea_types::{Code, DocId, Operation, Outcome, PledgeId, Transaction};
use std::collections::{BTreeMap, BTreeSet};

const BANKS: [&str; 3] = ["B1", "B2", "B3"];
const FIRMS: [&str; 3] = ["E1", "E5", "E6"];
const EVERYBODY: [&str; 8] = ["B1", "B2", "B3", "E1", "E5", "E6", "MTO", "COLD"];

/// A reproducible stream of numbers.
struct Dice(blake3::OutputReader);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(blake3::Hasher::new_derive_key("landsea/test-walk").update(&seed.to_le_bytes()).finalize_xof())
    }
    fn below(&mut self, n: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % n
    }
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

struct Walk {
    world: World,
    dice: Dice,
    bills: Vec<(DocId, Paper)>,
    /// How often each code was the answer.
    answers: BTreeMap<Code, usize>,
}

impl Walk {
    fn new(seed: u64, setup: Setup) -> Self {
        let world = World::with(setup);
        Self { world, dice: Dice::new(seed), bills: Vec::new(), answers: BTreeMap::new() }
    }

    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            match self.dice.below(20) {
                0 => self.pass(),
                1 => self.hold(),
                _ => self.block(),
            }
        }
    }

    fn pass(&mut self) {
        let ms = self.dice.pick(&[SECOND, HOUR, 20 * HOUR, 3 * DAY, 40 * DAY]);
        self.world.pass(ms);
    }

    fn hold(&mut self) {
        let Some((doc, _)) = self.any_doc() else { return };
        if !self.world.holds(&doc.0).is_empty() {
            self.world.lift_hold(&doc.0);
        } else if self.dice.chance(40) {
            let kind = self.dice.pick(HoldKind::ALL);
            self.world.place_hold(&doc.0, kind);
        }
    }

    /// One to three transactions on the state before the block: races included.
    fn block(&mut self) {
        let n = 1 + self.dice.below(3);
        let drawn: Vec<(Transaction, Paper)> = (0..n).filter_map(|_| self.draw()).collect();
        let txs: Vec<Transaction> = drawn.iter().map(|(tx, _)| tx.clone()).collect();
        let outcomes = self.world.block(&txs);
        for ((_, paper), outcome) in drawn.iter().zip(&outcomes) {
            self.learn(paper, outcome);
        }
    }

    fn learn(&mut self, paper: &Paper, outcome: &Outcome) {
        *self.answers.entry(outcome.code).or_default() += 1;
        let new = events(outcome, EventName::DocIssued).into_iter().map(|e| DocId(e.subject.0));
        let new: Vec<DocId> = new.collect();
        self.bills.extend(new.into_iter().map(|doc| (doc, paper.clone())));
        let replaced = events(outcome, EventName::Amended).into_iter().map(|e| DocId(e.related[0].0));
        let replaced: Vec<DocId> = replaced.collect();
        self.bills.extend(replaced.into_iter().map(|doc| (doc, paper.clone())));
    }

    fn any_doc(&mut self) -> Option<(DocId, Paper)> {
        // Mostly the younger ones, which are still alive.
        let recent = self.bills.len().min(6);
        (recent > 0).then(|| self.bills[self.bills.len() - 1 - self.dice.below(recent)].clone())
    }

    /// A transaction with the right consents, now and then without one, or by a stranger.
    fn draw(&mut self) -> Option<(Transaction, Paper)> {
        let (sender, op, mut consents, paper) = match self.dice.below(12) {
            0 | 1 => self.issue(),
            2 => self.store(),
            n => {
                let (doc, paper) = self.any_doc()?;
                self.act(n, &doc, paper)?
            }
        };
        if self.dice.chance(10) && !consents.is_empty() {
            consents.remove(self.dice.below(consents.len()));
        }
        let sender = if self.dice.chance(5) { self.dice.pick(&EVERYBODY).to_string() } else { sender };
        let names: Vec<&str> = consents.iter().map(String::as_str).filter(|c| *c != sender).collect();
        Some((self.world.tx(&sender, &[op], &names), paper))
    }

    /// Numbers and goods keys are few, so that duplicates happen.
    fn issue(&mut self) -> Drawn {
        let number = format!("BILL {}", self.dice.below(40));
        let keys = [format!("C:{}", self.dice.below(12)), format!("B:{}", self.dice.below(30))];
        let first_holder = self.dice.pick(&FIRMS);
        let bill = Bill { first_holder, ..Bill::new(&number, &[&keys[0], &keys[1]]) };
        ("MTO".into(), self.world.issue_op(&bill), vec![first_holder.into()], bill.paper)
    }

    fn store(&mut self) -> Drawn {
        let key = format!("B:{}", self.dice.below(30));
        let depositor = self.dice.pick(&FIRMS);
        let receipt = Receipt { depositor, ..Receipt::new(&format!("WR {}", self.dice.below(40)), &[&key]) };
        ("COLD".into(), self.world.receipt_op(&receipt), vec![depositor.into()], receipt.paper)
    }

    fn act(&mut self, n: usize, doc: &DocId, paper: Paper) -> Option<Drawn> {
        let bank: String = self.dice.pick(&BANKS).into();
        let owner = self.owner(doc);
        let keeper = if self.world.doc(doc).is_receipt() { "COLD" } else { "MTO" };
        let with_pledgee = |mut names: Vec<String>| {
            names.extend(self.claimants(doc));
            names
        };
        Some(match n {
            3 | 4 => (bank, self.world.reserve_op(doc, 20), vec![owner], paper),
            5 | 6 => {
                let days = 30 + self.dice.below(40) as u64;
                let until = self.world.next_time().saturating_add(days * DAY);
                let body = Create { reg_until: until, ..self.world.create_body(&bank, &owner, &[(*doc, &paper)]) };
                (bank, Operation::PledgeCreate(body), vec![owner, keeper.into()], paper)
            }
            7 => {
                let pledge = self.pledge_of(doc)?;
                let pledgee = self.world.name_of(&self.world.pledge(&pledge).pledgee).to_string();
                let extend = self.dice.chance(40);
                let op = if extend { self.world.extend_op(&pledge, 90) } else { self.world.release_op(&pledge) };
                (pledgee, op, vec![owner], paper)
            }
            8 => (bank, self.world.cancel_op(doc), vec![], paper),
            9 => {
                let to = FIRMS[(doc.0[0] % 3) as usize];
                (owner, self.world.transfer_op(doc, to), with_pledgee(vec![]), paper)
            }
            10 => match self.world.doc(doc).state {
                DocState::PendDelivery => (keeper.into(), self.answer(doc), vec![], paper),
                _ => (owner, self.world.surrender_op(doc), with_pledgee(vec![]), paper),
            },
            _ if doc.0[1].is_multiple_of(2) => {
                (keeper.into(), self.amend(doc, &paper), with_pledgee(vec![owner]), paper.rewritten("amended"))
            }
            _ => {
                let receipt = Paper { number: format!("WR of {}", paper.number), ..paper.clone() };
                let receipt = receipt.arrived_in(&["L:LOCAL"]);
                let consents = with_pledgee(vec!["MTO".into(), owner]);
                ("COLD".into(), self.convert(doc, &receipt), consents, receipt)
            }
        })
    }

    /// Who acts for a document.
    fn owner(&self, doc: &DocId) -> String {
        let record = self.world.doc(doc);
        let account = if record.enc.is_some() { record.beneficiary } else { Some(record.holder) };
        account.map_or("E1", |a| self.world.name_of(&a)).to_string()
    }
    /// Pledgee and reserving bank.
    fn claimants(&self, doc: &DocId) -> Vec<String> {
        let pledgee = self.world.encumbrance(&doc.0).map(|e| e.pledgee);
        let reserving = self.world.reservation(&doc.0).map(|r| r.bank);
        pledgee.into_iter().chain(reserving).map(|a| self.world.name_of(&a).to_string()).collect()
    }
    fn pledge_of(&self, doc: &DocId) -> Option<PledgeId> {
        self.world.doc(doc).enc
    }
    fn answer(&mut self, doc: &DocId) -> Operation {
        let accept = self.dice.chance(70);
        let expect_ver = self.world.ver(doc);
        Operation::WaybillAnswerSurrender(AnswerSurrender { doc: *doc, expect_ver, accept, version: None })
    }
    fn amend(&self, doc: &DocId, paper: &Paper) -> Operation {
        let amended = paper.rewritten(&format!("{} amended at {}", paper.content, self.world.height));
        let version = NewVersion {
            ticket: self.world.ticket("MTO", self.world.doc(doc).kind, &amended),
            content_root: commit("amended"),
            issue_date: 20_260_401,
            changed_fields: 1,
            control_agreement: commit("control agreement"),
            lots: lots_over(&amended),
        };
        Operation::WaybillAmend(Amend { doc: *doc, expect_ver: self.world.ver(doc), version })
    }
    fn convert(&self, doc: &DocId, paper: &Paper) -> Operation {
        let receipt = self.world.receipt_body("COLD", "site of COLD", paper);
        let expect_ver = self.world.ver(doc);
        Operation::WaybillConvert(Convert { doc: *doc, expect_ver, receipt, shortages: vec![], accept_shortage: false })
    }
}

type Drawn = (String, Operation, Vec<String>, Paper);

#[test]
fn random_walks_keep_every_invariant_and_meet_most_answers() {
    let mut met: BTreeMap<Code, usize> = BTreeMap::new();
    let mut pledges = BTreeSet::new();
    for seed in 0..12 {
        println!("seed {seed}");
        let mut walk = Walk::new(seed, Setup::default());
        walk.run(150);
        for (code, n) in &walk.answers {
            *met.entry(*code).or_default() += n;
        }
        let table = walk.world.state.table::<landsea_types::record::Pledge>(Table::Pledge);
        pledges.extend(table.values().map(|p| format!("{:?}", p.state)));
    }
    let wanted = [
        Code::Ok,
        Code::AlreadyPledged,
        Code::ReservedByOther,
        Code::ReservationLimit,
        Code::DuplicateDocument,
        Code::GoodsKeyOccupied,
        Code::Encumbered,
        Code::Held,
        Code::ConsentMissing,
        Code::StaleVersion,
    ];
    for code in wanted {
        assert!(met.contains_key(&code), "{code} never happened in {met:?}");
    }
    assert!(!met.contains_key(&Code::Internal), "an invariant broke: {met:?}");
    assert!(pledges.len() >= 4, "states met: {pledges:?}");
}

#[test]
fn longer_walks_under_short_terms_keep_every_invariant() {
    let parameters = vec![
        (ParamKey::SweepItemsMax, 3),
        (ParamKey::MaturedGraceMs, HOUR),
        (ParamKey::ReserveCooldownMs, HOUR),
        (ParamKey::Fp2MemoryMs, 5 * DAY),
    ];
    for seed in 50..53 {
        println!("seed {seed}");
        let mut walk = Walk::new(seed, Setup { parameters: parameters.clone(), ..Setup::default() });
        walk.run(400);
        assert!(!walk.answers.contains_key(&Code::Internal), "seed {seed}: {:?}", walk.answers);
    }
}
