//! Random lives of two cells: the kit checks every invariant after every block, and the walk its own books of what came and went.

use super::acts::*;
use crate::goods::acts::*;
use crate::kit::*;
use landsea_types::record::Lot;
use landsea_types::role::{DocState, LotStatus};
use landsea_types::state::Family;
use landsea_types::{Code, DocId, LotId, Operation, Qty};
use std::collections::{BTreeMap, BTreeSet};

const CELLS: [&str; 2] = ["S:ZJ-A07", "S:ZJ-A08"];
const STEPS: usize = 150;

struct Walk {
    world: World,
    dice: blake3::OutputReader,
    /// Receipts issued so far, with their papers.
    docs: Vec<(DocId, Paper)>,
    issued: u64,
    answers: BTreeMap<Code, usize>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut world = world_with_cell();
        world.open_cell("BOND", "site of BOND", CELLS[1]);
        let mut hasher = blake3::Hasher::new_derive_key("landsea/test-cells");
        let dice = hasher.update(&seed.to_le_bytes()).finalize_xof();
        Self { world, dice, docs: Vec::new(), issued: 0, answers: BTreeMap::new() }
    }
    fn below(&mut self, n: u64) -> u64 {
        let mut bytes = [0; 8];
        self.dice.fill(&mut bytes);
        u64::from_le_bytes(bytes) % n
    }
    fn cell(&mut self) -> &'static str {
        CELLS[self.below(2) as usize]
    }
    /// Runs an operation with everybody's consent and notes the answer.
    fn send(&mut self, op: Operation) -> Code {
        let code = self.world.code("BOND", op, &["E6", "SUP", "B2"]);
        *self.answers.entry(code).or_default() += 1;
        code
    }
    /// A live receipt with one of its lots.
    fn any_lot(&mut self) -> Option<(DocId, Lot)> {
        let live = |world: &World, doc: &DocId| world.doc(doc).state == DocState::Active && !world.lots(doc).is_empty();
        let docs: Vec<DocId> = self.docs.iter().map(|(doc, _)| *doc).filter(|doc| live(&self.world, doc)).collect();
        let doc = *docs.get(self.below(docs.len().max(1) as u64) as usize)?;
        let lots = self.world.lots(&doc);
        let lot = lots[self.below(lots.len() as u64) as usize].clone();
        Some((doc, lot))
    }

    fn step(&mut self) {
        match self.below(12) {
            0..=2 => self.issue(),
            3 => self.count(),
            4..=6 => self.deliver_part(),
            7 => self.relocate(),
            8 => self.deliver(),
            9 => self.lose(),
            10 => self.pledge(),
            _ => self.block(),
        }
        self.check_books();
    }
    fn issue(&mut self) {
        let (number, kilograms) = (format!("W-{}", self.docs.len()), 1 + self.below(100));
        let batches = [format!("B:{number}/1"), format!("B:{number}/2")];
        let (first, second) = (self.cell(), self.cell());
        let keys = [[batches[0].as_str(), first], [batches[1].as_str(), second]];
        let op = bond_receipt(&self.world, &number, &[(kilograms, &keys[0]), (kilograms, &keys[1])]);
        let outcome = self.world.submit("BOND", Operation::WarehouseIssue(op), &["E6", "SUP"]);
        *self.answers.entry(outcome.code).or_default() += 1;
        if outcome.code == Code::Ok {
            let mut all: Vec<&str> = keys.concat();
            all.sort_unstable();
            all.dedup();
            self.docs.push((doc_of(&outcome), bond_paper(&number, &all)));
            self.issued += 2 * kilograms;
        }
    }
    fn count(&mut self) {
        let cell = self.cell();
        let stated = self.world.books(cell).1;
        // Mostly more than the receipts say, now and then less.
        let counted = (stated + self.below(300)).saturating_sub(self.below(100));
        let op = self.world.cell_count_op(cell, counted);
        assert_eq!(self.send(op), Code::Ok, "a count is always accepted");
    }
    fn deliver_part(&mut self) {
        let Some((doc, lot)) = self.any_lot() else { return };
        let kilograms = self.below(lot.qty.get() / KG + 2);
        let op = self.world.partial_op(&doc, vec![part(&lot.id, kilograms, 0, &[])]);
        self.send(op);
    }
    fn relocate(&mut self) {
        let Some((doc, lot)) = self.any_lot() else { return };
        let (from, to) = (self.cell(), self.cell());
        let op = self.world.relocate_op(&doc, vec![relocation(&lot.id, from, to)]);
        self.send(op);
    }
    fn deliver(&mut self) {
        let Some((doc, _)) = self.any_lot() else { return };
        let op = self.world.deliver_op(&doc);
        self.send(op);
    }
    fn lose(&mut self) {
        let Some((_, lot)) = self.any_lot() else { return };
        let op = self.world.loss_op(&lot.id);
        assert_eq!(self.send(op), Code::Ok, "a loss is a fact");
    }
    fn pledge(&mut self) {
        let Some((doc, _)) = self.any_lot() else { return };
        let mut paper = self.docs.iter().find(|(id, _)| *id == doc).expect("known").1.clone();
        // What has left since is struck off the paper.
        let keys: BTreeSet<_> = self.world.lots(&doc).into_iter().flat_map(|lot| lot.paper_keys).collect();
        paper.keys = keys.into_iter().collect();
        let op = self.world.create_op("B2", "E6", &doc, &paper);
        let code = self.world.code("B2", op, &["E6", "BOND", "SUP"]);
        *self.answers.entry(code).or_default() += 1;
    }
    fn block(&mut self) {
        for cell in CELLS {
            let is_blocked = self.below(4) == 0;
            let op = if is_blocked { self.world.cell_block_op(cell) } else { self.world.cell_unblock_op(cell) };
            let code = self.world.code("zj", op, &[]);
            *self.answers.entry(code).or_default() += 1;
        }
    }

    /// What was issued is there, was delivered or was lost; and the cells list exactly the lots that are there.
    fn check_books(&self) {
        let ids = self.world.state.leaves.keys().filter(|(family, _)| *family == Family::Lot).map(|(_, id)| LotId(*id));
        let lots: Vec<Lot> = ids.map(|id| self.world.lot(&id)).collect();
        let kept = lots.iter().filter(|lot| lot.status != LotStatus::Consumed).map(|lot| lot.qty);
        assert_eq!(Qty::sum(kept), Some(Qty::new(self.issued * KG)), "goods are neither made nor unmade");
        for cell in CELLS {
            let mine = |lot: &&Lot| lot.status == LotStatus::Active && lot.keys.contains(&key(cell));
            let sum = Qty::sum(lots.iter().filter(mine).map(|lot| lot.qty)).expect("few goods");
            let record = self.world.cell(cell);
            assert_eq!(record.receipts_sum, sum);
            assert!(lots.iter().filter(mine).all(|lot| lot.deficit == (sum > record.counted)), "short together");
        }
    }
}

#[test]
fn random_lives_of_cells_keep_their_books_and_meet_most_answers() {
    let mut answers: BTreeMap<Code, usize> = BTreeMap::new();
    for seed in 1..=8 {
        println!("seed {seed}");
        let mut walk = Walk::new(seed);
        (0..STEPS).for_each(|_| walk.step());
        for (code, n) in walk.answers {
            *answers.entry(code).or_default() += n;
        }
    }
    println!("{answers:?}");
    use Code::*;
    for code in [Ok, CellCapacity, Held, CellBlocked, NotConserved, UnknownObject, KeyDuplicated, AlreadyPledged] {
        assert!(answers.contains_key(&code), "{code} was never the answer");
    }
}
