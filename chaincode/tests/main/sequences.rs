//! Random sequences over every operation of the ledger, from four scenes under usual and four under short terms, with every invariant
//! checked after every block.
//!
//! A step is a number that alone decides what happens in it, given the state: so a failing sequence shrinks to the fewest steps that
//! still fail, and what is printed plays again:
//!
//! ```text
//! LANDSEA_SEQUENCE="2: 9f3c01 77aa20" cargo test -p landsea-chaincode --test main -- the_given_sequence
//! ```
//!
//! `LANDSEA_SEQUENCES` asks for another number of sequences, `LANDSEA_SEED` for other ones.

mod dice;
mod draw;
mod metamorphic;
mod scene;

use crate::kit::*;
use dice::Dice;
use draw::{Draw, drawer};
use landsea_chaincode::invariants::Broken;
use landsea_types::operation::OPERATIONS;
use landsea_types::{Code, Outcome, Transaction};
use scene::{SCENES, scene};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

const SEQUENCES: u64 = 10_000;
const STEPS: u64 = 14;

/// Operations that others build on are drawn more often.
const FREQUENT: [&str; 10] = [
    "waybill.issue",
    "warehouse.issue",
    "pledge.create",
    "waybill.split",
    "warehouse.split",
    "pledge.declare_default",
    "hold.court_freeze",
    "cargo.report",
    "authenticity.attest",
    "goods.cell_count",
];

/// A scene and what happens on it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sequence {
    scene: usize,
    steps: Vec<u64>,
}

/// What happened in a sequence.
#[derive(Default)]
struct Tally {
    succeeded: BTreeMap<&'static str, u64>,
    codes: BTreeMap<Code, u64>,
    blocks: u64,
    transactions: u64,
}

impl Sequence {
    fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let scene = dice.below(2 * SCENES as u64) as usize;
        let n = STEPS / 2 + dice.below(STEPS);
        Self { scene, steps: (0..n).map(|_| dice.next() >> 40).collect() }
    }
    fn parse(text: &str) -> Self {
        let (scene, steps) = text.split_once(':').expect("a sequence is `scene: step step ...`");
        let step = |hex| u64::from_str_radix(hex, 16).expect("a step is a hexadecimal number");
        Self {
            scene: scene.trim().parse().expect("the scene is a number"),
            steps: steps.split_whitespace().map(step).collect(),
        }
    }
    /// Plays the sequence and answers what went wrong: an invariant, a panic, or an answer 1014.
    fn play(&self, tally: &mut Tally, talk: bool) -> Result<World, String> {
        let mut world = scene(self.scene);
        for step in &self.steps {
            let ran = catch_unwind(AssertUnwindSafe(|| play_step(&mut world, *step, tally, talk)));
            match ran {
                Ok(Ok(())) => {}
                Ok(Err(broken)) => return Err(broken.to_string()),
                Err(panic) => return Err(format!("a panic: {}", text_of(&panic))),
            }
        }
        Ok(world)
    }
    /// The shortest sequence found that fails too: steps are left out as long as something is still wrong.
    fn shrunk(&self, fails: impl Fn(&Sequence) -> bool) -> Self {
        let mut least = self.clone();
        let mut chunk = least.steps.len() / 2;
        while chunk > 0 {
            let mut at = 0;
            while at < least.steps.len() {
                let mut fewer = least.clone();
                fewer.steps.drain(at..(at + chunk).min(least.steps.len()));
                if fails(&fewer) { least = fewer } else { at += chunk }
            }
            chunk /= 2;
        }
        least
    }
}

impl std::fmt::Display for Sequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let steps: Vec<String> = self.steps.iter().map(|step| format!("{step:x}")).collect();
        write!(f, "{}: {}", self.scene, steps.join(" "))
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

/// Draws one or two transactions on the state before the block and runs them; now and then time passes.
fn play_step(world: &mut World, step: u64, tally: &mut Tally, talk: bool) -> Result<(), Broken> {
    let mut dice = Dice::new(step);
    if dice.chance(12) {
        let ms = dice.pick(&[HOUR, 20 * HOUR, 3 * DAY, 8 * DAY, 40 * DAY, 200 * DAY]);
        world.advance(ms);
    }
    let n = if dice.chance(15) { 2 } else { 1 };
    let txs = transactions(world, &mut dice, n);
    let outcomes = world.try_block(&txs)?;
    tally.blocks += 1;
    for (tx, outcome) in txs.iter().zip(&outcomes) {
        if talk {
            println!("  {step:x}: {} answered {} {:?}", tx.ops[0].name(), outcome.code, outcome.args);
        }
        note(tally, tx, outcome)?;
    }
    Ok(())
}

fn transactions(world: &mut World, dice: &mut Dice, n: usize) -> Vec<Transaction> {
    let mut txs = Vec::new();
    // An operation for which nothing fits is drawn again.
    for _ in 0..8 {
        let frequent = dice.chance(35).then(|| dice.pick(&FREQUENT));
        let info = match frequent {
            Some(name) => OPERATIONS.iter().find(|o| name == format!("{}.{}", o.module, o.operation)),
            None => OPERATIONS.get(dice.below(OPERATIONS.len() as u64) as usize),
        };
        let drawer = info.and_then(drawer).expect("every operation has a drawer");
        let mut draw = Draw { world, dice: Dice::new(dice.next()) };
        txs.extend(draw.transaction(drawer));
        if txs.len() == n {
            break;
        }
    }
    txs
}

fn note(tally: &mut Tally, tx: &Transaction, outcome: &Outcome) -> Result<(), Broken> {
    tally.transactions += 1;
    *tally.codes.entry(outcome.code).or_default() += 1;
    if outcome.code == Code::Ok {
        *tally.succeeded.entry(tx.ops[0].name()).or_default() += 1;
    }
    if outcome.code == Code::Internal {
        return Err(Broken::new("1014", format!("{} found its own state broken", tx.ops[0].name())));
    }
    Ok(())
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect("a number is asked for"))
}

#[test]
fn every_operation_has_a_drawer() {
    let without: Vec<_> = OPERATIONS.iter().filter(|info| drawer(info).is_none()).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn ten_thousand_sequences_keep_every_invariant() {
    let (sequences, first) = (number("LANDSEA_SEQUENCES", SEQUENCES), number("LANDSEA_SEED", 1));
    println!("{sequences} sequences from seed {first}");
    let mut tally = Tally::default();
    for seed in first..first + sequences {
        let sequence = Sequence::of(seed);
        if let Err(wrong) = sequence.play(&mut tally, false) {
            let least = sequence.shrunk(|fewer| fewer.play(&mut Tally::default(), false).is_err());
            println!("LANDSEA_SEQUENCE=\"{least}\"");
            let again = least.play(&mut Tally::default(), true).err();
            panic!("seed {seed}: {wrong}\nshrunk to \"{least}\": {again:?}");
        }
    }
    report(&tally);
    if sequences >= SEQUENCES {
        expect_everything(&tally);
    }
}

fn report(tally: &Tally) {
    println!("{} blocks, {} transactions", tally.blocks, tally.transactions);
    println!("{} codes: {:?}", tally.codes.len(), tally.codes);
    println!("{} operations succeeded: {:?}", tally.succeeded.len(), tally.succeeded);
}

fn expect_everything(tally: &Tally) {
    let name = |o: &landsea_types::operation::OperationInfo| format!("{}.{}", o.module, o.operation);
    let seldom =
        |o: &&landsea_types::operation::OperationInfo| tally.succeeded.get(name(o).as_str()).is_none_or(|n| *n < 5);
    let hardly: Vec<String> = OPERATIONS.iter().filter(seldom).map(name).collect();
    assert!(hardly.is_empty(), "hardly ever succeeded: {hardly:?}");
}

#[test]
fn the_given_sequence_keeps_every_invariant() {
    let Ok(text) = std::env::var("LANDSEA_SEQUENCE") else { return };
    let played = Sequence::parse(&text).play(&mut Tally::default(), true);
    assert_eq!(played.err(), None, "{text}");
}

#[test]
fn a_failing_sequence_shrinks_to_the_steps_that_fail() {
    let sequence = Sequence { scene: 0, steps: (0..20).collect() };
    let least = sequence.shrunk(|fewer| fewer.steps.contains(&4) && fewer.steps.contains(&17));
    assert_eq!(least.steps, vec![4, 17]);
    assert_eq!(Sequence::parse(&least.to_string()), least);
}
