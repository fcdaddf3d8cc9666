//! Random walks over everything that happens to documents. The kit checks the ledger's invariants after every block; here
//! the endorsement chains and the balance of goods are checked besides.

use super::acts::{part, restated, whole};
use crate::kit::*;
use landsea_chaincode::view::chain_key;
use landsea_chaincode::waybill::fold;
use landsea_types::event::EventName;
use landsea_types::operation::waybill::{Amend, Convert, NewLot, NewVersion, Shortage};
use landsea_types::record::{ChainEntry, Doc, Lot};
use landsea_types::role::{DocState, InstructionKind, LotKind, LotStatus};
use landsea_types::state::{Family, Table};
use landsea_types::{Code, DocId, Hash, LotId, Operation, Outcome, PledgeId, Qty, Uom};
use std::collections::{BTreeMap, BTreeSet};

const STEPS: u32 = 400;
const FIRMS: [&str; 3] = ["E1", "E5", "E6"];
const EVERYBODY: [&str; 8] = ["E1", "E5", "E6", "MTO", "COLD", "B1", "B2", "SUP"];

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

struct Walk {
    world: World,
    rng: Rng,
    papers: BTreeMap<DocId, Paper>,
    pledges: Vec<PledgeId>,
    numbers: u64,
    /// Declared shortages of accepted conversions and the goods of voided documents, in thousandths.
    gone: u64,
    seen: BTreeMap<&'static str, u32>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let (papers, seen) = (BTreeMap::new(), BTreeMap::new());
        Self { world: World::new(), rng: Rng(seed), papers, pledges: Vec::new(), numbers: 0, gone: 0, seen }
    }
    fn number(&mut self) -> String {
        self.numbers += 1;
        format!("N-{}", self.numbers)
    }
    fn keys(&mut self, class: char, pool: u64) -> Vec<String> {
        let first = self.rng.below(pool);
        (first..=first + self.rng.below(2)).map(|n| format!("{class}:{}", n % pool)).collect()
    }
    fn doc(&mut self) -> Option<Doc> {
        let all: Vec<DocId> = self.papers.keys().copied().collect();
        if all.is_empty() { None } else { Some(self.world.doc(self.rng.pick(&all))) }
    }

    fn step(&mut self) {
        match self.rng.below(24) {
            0..=2 => self.issue(),
            3 => self.store(),
            4 => drop(self.world.pass(self.rng.below(20) * DAY + 1)),
            n => {
                let Some(doc) = self.doc() else { return };
                self.act(n, &doc);
            }
        }
    }

    fn issue(&mut self) {
        let (class, pool) = *self.rng.pick(&[('C', 8), ('V', 5)]);
        let keys = self.keys(class, pool);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let first_holder = *self.rng.pick(&FIRMS);
        let number = self.number();
        let bill = Bill { first_holder, ..Bill::new(&number, &keys) };
        let op = self.world.issue_op(&bill);
        self.submit("MTO", op, &bill.paper);
    }
    fn store(&mut self) {
        let keys = self.keys('B', 5);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let depositor = *self.rng.pick(&FIRMS);
        let number = self.number();
        let receipt = Receipt { depositor, ..Receipt::new(&number, &keys) };
        let op = self.world.receipt_op(&receipt);
        self.submit("COLD", op, &receipt.paper);
    }
    fn act(&mut self, n: u64, doc: &Doc) {
        let id = &doc.id;
        let acting = if doc.enc.is_some() { doc.beneficiary.unwrap_or(doc.holder) } else { doc.holder };
        let holder = self.world.name_of(&acting).to_string();
        let issuer = self.world.name_of(&doc.issuer).to_string();
        let to = *self.rng.pick(&FIRMS);
        let bank = *self.rng.pick(&["B1", "B2"]);
        // The paper of the document that the operation makes, if it makes one.
        let mut paper = self.papers[id].clone();
        let (by, op) = match n {
            5 => (holder, self.world.transfer_op(id, to)),
            6 => (holder, self.world.endorse_transfer_op(id, to)),
            7 => (holder, self.world.surrender_op(id)),
            8 => (holder, self.world.surrender_amend_op(id)),
            9 | 10 => (issuer, self.answer(doc, &mut paper)),
            11 => (issuer, self.amend(doc, &mut paper)),
            12 => ("COLD".into(), self.convert(doc, &mut paper)),
            13 => (bank.into(), self.world.reserve_op(id, 24)),
            14 => (bank.into(), self.world.create_op(bank, &holder, id, &paper)),
            16 | 17 => (issuer, self.split(doc, &mut paper)),
            18 | 19 => (issuer, self.merge(doc, &mut paper)),
            20 => ("MTO".into(), self.convert_out(doc, &mut paper)),
            21 => (holder, self.world.reject_op(id)),
            22 if self.rng.below(2) == 0 => (holder, self.world.instruct_op(id, InstructionKind::Stop)),
            22 => (holder, self.world.nominate_op(id, Some(to))),
            23 if self.rng.below(4) == 0 => ("cq".into(), self.world.void_op(id, true)),
            23 => (issuer, self.world.void_op(id, false)),
            _ if !self.pledges.is_empty() && self.rng.below(2) == 0 => {
                let pledge = *self.rng.pick(&self.pledges);
                let pledgee = self.world.pledge(&pledge).pledgee;
                (self.world.name_of(&pledgee).into(), self.world.release_op(&pledge))
            }
            _ => (issuer, self.world.deliver_op(id)),
        };
        let by = if self.rng.below(10) == 0 { (*self.rng.pick(&EVERYBODY)).to_string() } else { by };
        self.submit(&by, op, &paper);
        if n == 5 && self.rng.below(2) == 0 {
            let op = self.world.reject_op(id);
            self.submit(to, op, &paper);
        }
    }
    fn answer(&mut self, doc: &Doc, paper: &mut Paper) -> Operation {
        let accept = self.rng.below(2) == 0;
        let version = (accept && doc.state == DocState::PendAmend).then(|| self.version(doc, paper));
        self.world.answer_op(&doc.id, accept, version)
    }
    fn amend(&mut self, doc: &Doc, paper: &mut Paper) -> Operation {
        let version = self.version(doc, paper);
        Operation::WaybillAmend(Amend { doc: doc.id, expect_ver: doc.ver, version })
    }
    fn version(&mut self, doc: &Doc, paper: &mut Paper) -> NewVersion {
        *paper = paper.rewritten(&format!("amended {}", self.number()));
        let lots = self.world.lots(&doc.id);
        NewVersion { lots: lots.iter().map(restated).collect(), ..self.world.version("MTO", doc.kind, paper) }
    }
    fn convert(&mut self, doc: &Doc, paper: &mut Paper) -> Operation {
        let lots = self.world.lots(&doc.id);
        let number = self.number();
        *paper = Paper::new(&number, &[&format!("M:{number}")]);
        paper.keys.extend(lots.iter().flat_map(|lot| &lot.keys).filter(|key| matches!(key.class, b'V' | b'B' | b'M')));
        let total: u64 = lots.iter().map(|lot| lot.qty.get()).sum();
        let short = self.rng.below(1 + total * 40 / 10_000);
        let mut receipt = self.world.receipt_body("COLD", "site of COLD", paper);
        receipt.lots = vec![NewLot {
            kind: LotKind::Unit,
            uom: Uom::KGM,
            qty: Qty::new(total - short),
            packages: lots.iter().map(|lot| lot.packages).sum(),
            goods_class: *b"842952",
            keys: paper.keys.clone(),
        }];
        let shortages = vec![Shortage { uom: Uom::KGM, qty: Qty::new(short), packages: 0 }];
        let accept_shortage = self.rng.below(4) == 0;
        Operation::WaybillConvert(Convert { doc: doc.id, expect_ver: doc.ver, receipt, shortages, accept_shortage })
    }

    /// Into the first lot and the others; a single lot into halves, which fit into one container only.
    fn split(&mut self, doc: &Doc, paper: &mut Paper) -> Operation {
        *paper = Paper::new(&self.number(), &[]);
        let lots = self.world.lots(&doc.id);
        let children = match lots.as_slice() {
            [only] => {
                let kilograms = only.qty.get() / 2_000;
                let mut second = part(only, 0, only.packages - only.packages / 2);
                second.lot.qty = Qty::new(only.qty.get() - kilograms * 1_000);
                vec![vec![part(only, kilograms, only.packages / 2)], vec![second]]
            }
            lots => vec![vec![whole(&lots[0])], lots[1..].iter().map(whole).collect()],
        };
        let mut body = self.world.split_body(&doc.id, &paper.number, children);
        if doc.enc.is_some() && self.rng.below(3) == 0 {
            body.released = vec![0];
        }
        self.world.split_op(body)
    }
    /// With another document, mostly one that came from the same split.
    fn merge(&mut self, doc: &Doc, paper: &mut Paper) -> Operation {
        *paper = Paper::new(&self.number(), &[]);
        let all = self.papers.keys().map(|id| self.world.doc(id));
        let fits = |other: &Doc| other.id != doc.id && other.state == DocState::Active && other.kind == doc.kind;
        let others: Vec<Doc> = all.filter(|other| fits(other) && other.holder == doc.holder).collect();
        let mut siblings = others.iter().filter(|other| other.replaces == doc.replaces);
        let chosen = if self.rng.below(3) > 0 { siblings.next_back().or(others.last()) } else { others.first() };
        let other = chosen.map_or(doc.id, |other| other.id);
        self.world.merge_op(self.world.merge_body(&[doc.id, other], &paper.number))
    }
    fn convert_out(&mut self, doc: &Doc, paper: &mut Paper) -> Operation {
        let lots: Vec<NewLot> = self.world.lots(&doc.id).iter().map(restated).collect();
        *paper = super::acts::paper_over(&self.number(), &lots);
        Operation::WarehouseConvertOut(self.world.convert_out_body(&doc.id, &paper.number, lots))
    }

    /// Runs the operation with the consents of everybody, sometimes of everybody but one.
    fn submit(&mut self, by: &str, op: Operation, paper: &Paper) {
        let left_out = (self.rng.below(8) == 0).then(|| *self.rng.pick(&EVERYBODY));
        let consents: Vec<&str> = EVERYBODY.into_iter().filter(|name| *name != by && Some(*name) != left_out).collect();
        let name = op.name();
        let outcome = self.world.submit(by, op, &consents);
        if outcome.code == Code::Ok {
            *self.seen.entry(name).or_default() += 1;
            self.note(&outcome, paper);
        }
    }
    fn note(&mut self, outcome: &Outcome, paper: &Paper) {
        for told in &outcome.events {
            match told.name {
                EventName::DocIssued => drop(self.papers.insert(DocId(told.subject.0), paper.clone())),
                EventName::Amended => drop(self.papers.insert(DocId(told.related[0].0), paper.clone())),
                EventName::Converted => self.gone += told.args.iter().sum::<u64>(),
                EventName::Voided => {
                    let lots = told.related.iter().map(|lot| self.world.lot(&LotId(lot.0)));
                    self.gone += lots.map(|lot| lot.qty.get()).sum::<u64>();
                }
                EventName::Split => self.note_made(&told.related.clone(), |n| format!("{}/{n}", paper.number)),
                EventName::Merged => self.note_made(&[told.subject], |_| paper.number.clone()),
                EventName::PledgeActive => self.pledges.push(PledgeId(told.subject.0)),
                _ => {}
            }
        }
    }

    /// The papers of documents that a split or merger made: numbered as told, over the keys of their lots.
    fn note_made(&mut self, docs: &[Hash], number: impl Fn(usize) -> String) {
        for (n, doc) in docs.iter().map(|doc| DocId(doc.0)).enumerate() {
            let keys: BTreeSet<_> = self.world.lots(&doc).into_iter().flat_map(|lot| lot.paper_keys).collect();
            let paper = Paper { keys: keys.into_iter().collect(), ..Paper::new(&number(n), &[]) };
            self.papers.insert(doc, paper);
        }
    }

    fn check(&self) {
        let docs: Vec<Doc> = self.world.state.records(Family::Doc).into_values().collect();
        docs.iter().for_each(|doc| self.check_chain(doc));
        self.check_balance();
    }
    /// INV-T5: the root is the fold of the entries, which count from 1 without a gap.
    fn check_chain(&self, doc: &Doc) {
        let rows = self.world.state.view();
        let entry = |n| rows.get::<ChainEntry>(Table::Chain, &chain_key(&doc.id, n)).expect("an entry per number");
        let root = (1..=doc.chain_len).map(entry).fold(Hash::default(), |root, entry| fold(&root, &entry));
        assert_eq!(root, doc.chain_root, "chain of {:?}", doc.id);
        assert!(rows.row(Table::Chain, &chain_key(&doc.id, doc.chain_len + 1)).is_none());
    }
    /// INV-L5: what was first issued is active, delivered or declared short.
    fn check_balance(&self) {
        let lots: Vec<Lot> = self.world.state.records(Family::Lot).into_values().collect();
        let sum = |which: &dyn Fn(&Lot) -> bool| -> u64 {
            lots.iter().filter(|lot| which(lot)).map(|lot| lot.qty.get()).sum()
        };
        let minted = sum(&|lot| lot.parents.is_empty());
        let kept = sum(&|lot| matches!(lot.status, LotStatus::Active | LotStatus::Delivered));
        assert_eq!(minted, kept + self.gone, "goods came from or went nowhere");
    }
}

#[test]
fn random_walks_keep_every_invariant() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 1..=8 {
        println!("seed {seed}");
        let mut walk = Walk::new(seed);
        for _ in 0..STEPS {
            walk.step();
            walk.check();
        }
        walk.seen.iter().for_each(|(name, n)| *seen.entry(name).or_default() += n);
    }
    println!("{seen:?}");
    let every = [
        "waybill.issue",
        "waybill.transfer",
        "waybill.surrender_for_delivery",
        "waybill.surrender_for_amendment",
        "waybill.answer_surrender",
        "waybill.amend",
        "waybill.convert",
        "warehouse.issue",
        "warehouse.endorse_transfer",
        "warehouse.deliver_full",
        "waybill.split",
        "waybill.merge",
        "waybill.nominate",
        "waybill.reject_back",
        "waybill.instruct",
        "waybill.void",
        "warehouse.split",
        "warehouse.merge",
        "warehouse.convert_out",
        "warehouse.void",
        "pledge.reserve",
        "pledge.create",
        "pledge.release",
    ];
    for name in every {
        assert!(seen.get(name).is_some_and(|n| *n >= 3), "{name} hardly ever succeeded");
    }
}
